"""Gaps that close against gaps that go nowhere: by hand, by regression, by simulation."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.closing import closing
from analysis.inference.joint_histories import Window
from analysis.results import InputError


def gap_of(rho, length=900, seed=1):
    """An autoregression of persistence `rho`, by month."""
    noise, gap = np.random.default_rng(seed).normal(0, 0.03, length), np.zeros(length)
    for t in range(1, length):
        gap[t] = rho * gap[t - 1] + noise[t]
    return pd.Series(gap, pd.period_range("1930-01", periods=length, freq="M"))


def closed(gap, horizon=60, draws=300):
    starts = np.arange(len(gap) - horizon)
    return closing({"a": gap}, [Window("a", starts, horizon)], draws, 1)


def test_the_share_is_minus_the_slope_of_the_change_on_the_gap():
    """A gap that halves every twelve months without noise loses half in twelve and all but a
    quarter in 24; the slope is that of numpy's line."""
    gap = pd.Series(0.5 ** (np.arange(120) / 12), pd.period_range("1990-01", periods=120, freq="M"))
    windows = [Window("a", np.arange(90), months) for months in (12, 24)]
    assert closing({"a": gap}, windows, 50, 1).shares == pytest.approx([0.5, 0.75])
    noisy = gap_of(0.97)
    line = np.polyfit(noisy[:-60], noisy.to_numpy()[60:] - noisy.to_numpy()[:-60], 1)
    assert closed(noisy).shares[0] == pytest.approx(-line[0])


def test_a_gap_that_reverts_is_told_from_one_that_goes_nowhere():
    """Half-life of twelve months against a random walk; the corrected share is near the truth."""
    quick, walk = closed(gap_of(0.5 ** (1 / 12))), closed(gap_of(1.0))
    assert quick.p_of(0) < 0.05 < walk.p_of(0)
    _, low, high = quick.corrected(0)
    assert low < 1 - 0.5**5 < high
    assert walk.corrected(0)[1] < 0 < walk.corrected(0)[2]
    assert quick.corrected(0)[0] > 0.7 > walk.corrected(0)[2]


@pytest.mark.slow
def test_of_random_walks_five_in_a_hundred_seem_to_close():
    """Size of the test over 120 walks with fat tails, nominal 5%."""
    wrong = [closed(gap_of(1.0, 480, seed), 36, 200).p_of(0) < 0.05 for seed in range(120)]
    assert np.mean(wrong) < 0.10


def test_the_null_is_centred_shocks_with_random_signs():
    """A gap that only drifts has constant shocks: nothing is left of them, and no share is NaN
    where noise is."""
    drifting = gap_of(1.0) + np.arange(900)
    assert np.isfinite(closed(drifting).null_shares).all()
    assert abs(closed(drifting).null_shares.mean() - closed(gap_of(1.0)).null_shares.mean()) < 0.05


def test_gaps_of_one_grid_share_their_months():
    """The same gap twice has the same null twice, and the joint p of one."""
    gap = gap_of(0.98)
    starts = np.arange(800)
    both = closing({"a": gap, "b": gap}, [Window(x, starts, 60) for x in "ab"], 200, 1)
    alone = closing({"a": gap}, [Window("a", starts, 60)], 200, 1)
    assert both.null_shares[:, 0] == pytest.approx(both.null_shares[:, 1])
    assert both.joint_p == alone.joint_p


@pytest.mark.parametrize(
    ("gap", "windows", "said"),
    [
        (gap_of(0.9).where(lambda x: x.index.year != 1950), [(np.arange(90), 12)], "missing"),
        (gap_of(0.9), [(np.arange(890), 12)], "past the end"),
        (gap_of(0.9, 8), [(np.arange(2), 3)], "12 are needed"),
    ],
)
def test_bad_input_is_one_error(gap, windows, said):
    with pytest.raises(InputError, match=said):
        closing({"a": gap}, [Window("a", *one) for one in windows], 10, 1)


def test_no_window_is_a_refusal():
    assert "no window" in closing({}, [], 10, 1).refusal.reason
