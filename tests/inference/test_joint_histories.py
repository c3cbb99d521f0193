"""One p-value of a whole grid: planted effects found, noise at its nominal rate."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.joint_histories import (
    Window,
    drawn_histories,
    joint_median_p,
    joint_regressions,
    upper_share,
)
from analysis.inference.joint_persistence import joint_half_life_p
from analysis.inference.null_r_squared import null_r_squared

MONTHS = 480


def pair(slope=0.0, rho=0.97, seed=3, tied=-0.5):
    """Returns and a gap that shares their shocks and moves them by `slope` a month later."""
    rng = np.random.default_rng(seed)
    noise, own = rng.normal(0, 0.01, MONTHS), rng.normal(0, 0.03, MONTHS)
    gap, returns = np.zeros(MONTHS), np.zeros(MONTHS)
    for t in range(1, MONTHS):
        returns[t] = slope * gap[t - 1] + noise[t]
        gap[t] = rho * gap[t - 1] + own[t] + tied * noise[t]
    index = pd.period_range("1950-01", periods=MONTHS, freq="M")
    return pd.Series(returns, index), pd.Series(gap, index)


def every(name, horizon):
    return Window(name, np.arange(MONTHS - horizon), horizon)


def test_slope_and_t_are_those_of_one_regression():
    """Overlapping windows by least squares, as in the bootstrap of a single one."""
    returns, gap = pair(0.02)
    found = joint_regressions({"a": (returns, gap)}, [every("a", 12)], 99, 1)
    one = null_r_squared(returns, gap, 12, draws=99, seed=1)
    assert found.slopes[0] == pytest.approx(one.slope)
    # the first month is no start of a window of the joint test's sum either
    assert found.fits[0] == pytest.approx(one.estimate)
    assert found.t_stats[0] == pytest.approx(one.t_stat)


def test_its_null_is_that_of_the_single_bootstrap():
    """Bias and spread of t agree with the test of one regression."""
    returns, gap = pair(tied=-2.5)
    found = joint_regressions({"a": (returns, gap)}, [every("a", 24)], 1500, 1)
    one = null_r_squared(returns, gap, 24, draws=1500, seed=1)
    assert found.null_t_stats.mean() == pytest.approx(one.t_draws.mean(), abs=0.5)
    assert found.null_t_stats.std() == pytest.approx(one.t_draws.std(), rel=0.1)


@pytest.mark.parametrize(("slope", "low", "high"), [(0.05, 0, 0.02), (-0.05, 0.98, 1)])
def test_a_planted_effect_moves_the_whole_grid(slope, low, high):
    """Small where wide gaps pay, near one where they cost."""
    pairs = {"a": pair(slope, seed=4), "b": pair(slope, seed=5)}
    windows = [every(name, horizon) for name in pairs for horizon in (1, 12, 36)]
    assert low <= joint_regressions(pairs, windows, 199, 2).p_value <= high


def test_twice_the_same_regression_is_no_more_evidence():
    """Copies are drawn with their original, so the joint p is that of the one."""
    one = pair(0.01)
    alone = joint_regressions({"a": one}, [every("a", 12)], 199, 2)
    copies = {name: one for name in "abc"}
    three = joint_regressions(copies, [every(name, 12) for name in copies], 199, 2)
    assert three.p_value == pytest.approx(alone.p_value, abs=0.02)


def test_months_are_drawn_for_all_pairs_at_once():
    """What two pairs share in the data they share in every history, whatever months each has."""
    returns, gap = pair()
    later = (returns.iloc[60:], gap.iloc[60:])
    fixed = lambda name, levels: np.full(len(levels), 0.9)  # noqa: E731
    chunks = list(drawn_histories({"a": (returns, gap), "b": later}, 20, 1, fixed))
    assert sum(len(made["a"][0]) for made in chunks) == 20
    for made in chunks:
        long, short = made["a"][0], made["b"][0]
        assert short.shape[1] == MONTHS - 60
        assert long[:, 60:] == pytest.approx(short)


def test_a_median_is_held_against_medians():
    """Standardised by column; the observed one counts as a draw."""
    drawn = np.array([[0.0, 10.0], [1.0, 20.0], [2.0, 30.0], [3.0, 40.0]])
    assert joint_median_p(np.array([9.0, 90.0]), drawn) == pytest.approx(1 / 5)
    assert joint_median_p(np.array([-9.0, -90.0]), drawn) == 1.0
    assert upper_share(np.array([1.0, 2.0, 3.0]), 2.0) == pytest.approx(3 / 4)


def test_no_window_at_all_is_refused():
    """A grid without a regression has no joint p-value."""
    assert "no regression" in joint_regressions({}, [], 99, 1).refusal.reason


def test_lasting_gaps_are_told_from_gaps_that_halve_in_a_year():
    """A half-life of seven years against twelve months; one of twelve months is inside."""
    parts = [("a", np.arange(MONTHS)), ("a", np.arange(5, MONTHS, 12))]
    p_values = [
        joint_half_life_p({"a": pair(rho=rho)[1]}, parts, 12.0, 12, 199, 3)
        for rho in (0.99, 0.5 ** (1 / 12), 0.7)
    ]
    assert p_values[0] < 0.02
    assert 0.05 < p_values[1] < 0.95
    assert p_values[2] > 0.9
