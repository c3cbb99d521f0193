"""Windows won: by hand, by counting, by simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.inference.horizon_wins import horizon_wins, windows_lost


def returns(score, horizon=240, length=1100, seed=1, deviation=0.03):
    """Independent months whose mean makes the given score over the horizon, exactly."""
    drawn = np.random.default_rng(seed).normal(0, deviation, length)
    drawn = (drawn - drawn.mean()) / drawn.std() * deviation
    months = pd.period_range("1926-07", periods=length, freq="M")
    return pd.Series(drawn + score * deviation / np.sqrt(horizon), months)


def test_the_share_is_the_normal_distribution_at_the_score():
    """Without lags: mean .03 x 2 / sqrt(240) a month gives a score of 2 less the mean's loss."""
    found = horizon_wins(returns(2.0), 240, 0, 0.95)
    kept = np.sqrt(1 - 1 / 1100)
    assert found.score == pytest.approx(2.0 * kept)
    assert found.estimate == pytest.approx(stats.norm.cdf(2.0 * kept))
    assert found.error == pytest.approx(np.sqrt(240 / 1100 + (2.0 * kept) ** 2 / 3300))
    assert found.months_needed == pytest.approx(240 * (stats.norm.ppf(0.95) / found.score) ** 2)
    assert found.p_value == pytest.approx(
        stats.norm.sf((found.score - stats.norm.ppf(0.95)) / found.error)
    )


def test_the_interval_and_the_words_by_hand():
    """With one lag, weighted a half, the variance is what a month and its neighbour share."""
    series = returns(1.0, length=480)
    less = series.to_numpy() - series.mean()
    variance = (less @ less + less[1:] @ less[:-1]) / 480 / (1 - 2 / 480)
    found = horizon_wins(series, 120, 1, 0.9)
    assert found.score == pytest.approx(np.sqrt(120) * series.mean() / np.sqrt(variance))
    assert found.error == pytest.approx(np.sqrt(120 / 480 + found.score**2 * 2 / (3 * 480)))
    ends = [found.score + side * 1.96 * found.error for side in (-1, 1)]
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple(stats.norm.cdf(ends)))
    assert (found.n, found.effective_n) == (480, 4) and found.level == 0.95
    assert (found.name, found.unit) == ("share of windows won, 120 months", "share of windows")
    assert found.null == "at most 90% of windows are won"


def test_implied_and_counted_shares_agree_where_windows_are_many():
    """Windows of a year in 5,000 years of independent months."""
    series = pd.Series(np.random.default_rng(3).normal(0.01, 0.04, 60000))
    lost, count = windows_lost(series, 12)
    assert lost / count == pytest.approx(1 - horizon_wins(series, 12, 0, 0.95).estimate, abs=0.01)


@pytest.mark.slow
def test_at_the_asked_share_support_comes_in_about_five_of_a_hundred():
    """400 histories with a true share of .95, of .50 and of .999."""
    draws = np.random.default_rng(5).standard_t(5, (400, 1100)) * 0.03 / np.sqrt(5 / 3)

    def rates(score):
        series = draws + score * 0.03 / np.sqrt(240)
        found = [horizon_wins(pd.Series(one), 240, 60, 0.95) for one in series]
        return (
            np.mean([one.p_value < 0.05 for one in found]),
            np.mean([one.ci_high < 0.95 for one in found]),
        )

    assert rates(stats.norm.ppf(0.95))[0] < 0.09 and rates(stats.norm.ppf(0.95))[1] < 0.06
    assert rates(0.0)[0] == 0 and rates(0.0)[1] > 0.85
    assert rates(stats.norm.ppf(0.999))[0] > 0.6


def test_reversal_within_the_lags_counts_for_the_claim():
    """Returns that take back part of what they gave have less variance over decades."""
    noise = np.random.default_rng(2).normal(0, 0.03, 1101)
    reverting = pd.Series(noise[1:] - 0.8 * noise[:-1] + 0.002)
    assert (
        horizon_wins(reverting, 240, 60, 0.95).score
        > 2 * horizon_wins(reverting, 240, 0, 0.95).score
    )


def test_windows_are_counted_from_every_start_or_from_some():
    """Five months: two of the windows of two months are lost; a start is the month before."""
    months = pd.period_range("2000-01", periods=5, freq="M")
    series = pd.Series([1.0, -2.0, 0.5, -0.25, 0.1], months)
    assert windows_lost(series, 2) == (3, 4)
    assert windows_lost(series, 2, pd.PeriodIndex(["2000-02"], freq="M")) == (0, 1)
    assert windows_lost(series, 2, pd.PeriodIndex(["1999-12"], freq="M")) == (1, 1)
    assert windows_lost(series, 5) == (1, 1) and windows_lost(series, 6) == (0, 0)
    assert windows_lost(pd.Series([0.5, -0.5, 0.5], months[:3]), 2) == (0, 2)


def test_no_premium_has_no_length_that_is_enough():
    assert horizon_wins(returns(-0.5), 240, 60, 0.95).months_needed == np.inf
    even = horizon_wins(pd.Series([0.25, -0.25] * 60), 12, 0, 0.95)
    assert (even.score, even.estimate, even.months_needed) == (0.0, 0.5, np.inf)


def test_twice_the_lags_and_ten_years_of_months_are_needed():
    assert horizon_wins(returns(1.0, length=120), 60, 60, 0.95).refusal is None
    assert horizon_wins(returns(1.0, length=124), 60, 62, 0.95).refusal is None
    short = horizon_wins(returns(1.0, length=123), 60, 62, 0.95).refusal.reason
    assert short == "only 123 months of returns; 124 are needed"
    none = horizon_wins(pd.Series(dtype=float), 60, 0, 0.95).refusal.reason
    assert none == "only 0 months of returns; 120 are needed"


@pytest.mark.parametrize(
    ("series", "said"),
    [
        (returns(1.0, length=119), "119 months"),
        (pd.Series(np.full(200, 0.01)), "constant"),
    ],
)
def test_too_little_is_refused(series, said):
    assert said in horizon_wins(series, 60, 0, 0.95).refusal.reason
