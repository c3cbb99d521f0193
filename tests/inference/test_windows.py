"""Returns of windows that start at every month."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.windows import event_paths, forward_sums
from analysis.results import InputError


def monthly(values):
    return pd.Series(values, index=pd.period_range("2000-01", periods=len(values), freq="M"))


def test_window_begins_in_the_month_or_the_month_after():
    """By hand: two-month windows over 1, 2, 4, 8."""
    returns = monthly([1.0, 2.0, 4.0, 8.0])
    assert list(forward_sums(returns, 2, start=0)) == [3.0, 6.0, 12.0]
    after = forward_sums(returns, 2, start=1)
    assert list(after) == [6.0, 12.0] and list(after.index) == list(returns.index[:2])
    assert list(forward_sums(returns, 4, start=0)) == [15.0]


@pytest.mark.parametrize(("horizon", "start"), [(1, 0), (6, 1), (12, 0), (36, 1)])
def test_brute_force_twin(horizon, start):
    """The cumulative sums give what a loop over the windows gives."""
    returns = monthly(np.random.default_rng(1).normal(size=80))
    fast = forward_sums(returns, horizon, start)
    slow = [
        returns.iloc[t + start : t + start + horizon].sum()
        for t in range(len(returns))
        if t + start + horizon <= len(returns)
    ]
    np.testing.assert_allclose(fast, slow, atol=1e-12)


def test_sample_shorter_than_the_window_gives_none():
    """No complete window, no outcome."""
    none = forward_sums(monthly([0.1, 0.2]), 3)
    assert none.empty and none.dtype == float and isinstance(none.index, pd.PeriodIndex)


def test_later_months_change_no_complete_window():
    """What comes after a window cannot move it."""
    returns = monthly([0.1] * 10)
    wild = returns.copy()
    wild.iloc[-1] = 99.0
    assert (forward_sums(returns, 3).iloc[:-1] == forward_sums(wild, 3).iloc[:-1]).all()


def test_bad_input_is_named():
    """NaN, an empty window, a strange start."""
    with pytest.raises(InputError, match="missing"):
        forward_sums(monthly([0.1, np.nan]), 1)
    with pytest.raises(InputError, match="horizon >= 1"):
        forward_sums(monthly([0.1, 0.1]), 0)


def test_path_is_zero_at_the_event_and_stops_at_the_sample_s_end():
    """One event in the second of four months, by hand."""
    returns = monthly([1.0, 2.0, 4.0, 8.0])
    paths = event_paths(returns, [pd.Period("2000-02", "M")], before=3, after=3)
    assert list(paths["offset"]) == [-2, -1, 0, 1, 2]
    assert list(paths["cumulative"]) == [-3.0, -2.0, 0.0, 4.0, 12.0]
    short = event_paths(returns, [pd.Period("2000-02", "M")], before=1, after=1)
    assert list(short["offset"]) == [-1, 0, 1]
