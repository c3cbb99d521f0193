"""Gaps that close against gaps that go nowhere: by hand, by regression, by simulation."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.closing import Closing, closing
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


def test_a_share_is_corrected_by_what_random_walks_of_its_own_window_seem_to_close():
    """Walks of the first window close nothing on average, those of the second a fifth: 1 − 0.6/0.8
    is a quarter, and 0, 0.2 and 0.4 become −0.25, 0 and 0.25."""
    found = Closing(np.array([0.4, 0.4]), np.array([[0.1, 0.4], [0.0, 0.2], [-0.1, 0.0]]), 0.5)
    assert found.corrected(0) == pytest.approx((0.4, 0.4 - 0.095, 0.4 + 0.095))
    assert found.corrected(1) == pytest.approx((0.25, 0.25 - 0.2375, 0.25 + 0.2375))
    assert found.error_of(0) == pytest.approx(0.1 * np.sqrt(2 / 3))
    assert found.error_of(1) == pytest.approx(0.25 * np.sqrt(2 / 3))
    assert found.p_of(0) == 1 / 4 and found.p_of(1) == 2 / 4


def test_random_walks_twin():
    """Month by month: blocks of twelve shocks that begin anew at the end, each with its sign, and
    a shorter gap as the end of a longer one's months."""
    gaps = {"a": gap_of(0.9, 40) + 0.1 * np.arange(40), "b": gap_of(0.8, 30, 2)}
    gaps["b"].index = gaps["a"].index[-30:]
    windows = [Window("a", np.arange(20), 6), Window("b", np.arange(2, 25), 5)]
    found = closing(gaps, windows, 203, 7)
    changes = {name: gap.diff()[gaps["b"].index[1:]].to_numpy() for name, gap in gaps.items()}
    rng, expected = np.random.default_rng(7), []
    for size in (200, 3):
        firsts, signs = rng.integers(0, 29, (size, 4)), rng.choice([-1.0, 1.0], (size, 4))
        for row in range(size):
            shares = []
            for one in windows:
                shock, length = changes[one.pair], len(gaps[one.pair])
                walk, total = [], 0.0
                for month in range(48 - length, 48):
                    block, place = divmod(month, 12)
                    at = (firsts[row, block] + place) % 29
                    total += signs[row, block] * (shock[at] - shock.mean())
                    walk.append(total)
                before, after = (np.array(walk)[one.starts + k] for k in (0, one.horizon))
                shares.append(-np.polyfit(before, after - before, 1)[0])
            expected.append(shares)
    assert found.null_shares == pytest.approx(np.array(expected))


def test_the_joint_p_of_one_window_is_its_own():
    found = closed(gap_of(0.97), draws=100)
    assert 0 < found.joint_p == found.p_of(0) < 1


def test_the_shortest_gap_has_twelve_shocks():
    assert closed(gap_of(0.9, 13), 3, 20).null_shares.shape == (20, 1)


@pytest.mark.parametrize(
    ("gap", "windows", "said"),
    [
        (gap_of(0.9).where(lambda x: x.index.year != 1950), [(np.arange(90), 12)], "missing"),
        (gap_of(0.9), [(np.arange(890), 12)], "past the end"),
        (gap_of(0.9), [(np.arange(889), 12)], "12 months runs past the end of 'a'"),
        (gap_of(0.9, 8), [(np.arange(2), 3)], "12 are needed"),
    ],
)
def test_bad_input_is_one_error(gap, windows, said):
    with pytest.raises(InputError, match=said):
        closing({"a": gap}, [Window("a", *one) for one in windows], 10, 1)


def test_no_window_is_a_refusal():
    assert "no window" in closing({}, [], 10, 1).refusal.reason
