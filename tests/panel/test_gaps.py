"""How cheap small is against large."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import book_gap, gaps, past_gap
from analysis.results import InputError


def spread_of(values, start="2000-01"):
    return pd.Series(values, index=pd.period_range(start, periods=len(values), freq="M"))


def junes(**values):
    index = pd.PeriodIndex(["2000-06", "2001-06"], freq="M")
    return pd.DataFrame(values, index=index)


def test_past_gap_is_minus_the_window_s_return():
    """High after small has lagged, and known at the end of the month."""
    gap = past_gap(spread_of([0.10, -0.05, 0.02]), months=2)
    assert list(gap.index.astype(str)) == ["2000-02", "2000-03"]
    assert list(gap) == pytest.approx([-0.05, 0.03])


def test_past_gap_does_not_see_later_months():
    """A wild later month changes nothing before it."""
    before = past_gap(spread_of([0.10, -0.05, 0.02]), months=2)
    after = past_gap(spread_of([0.10, -0.05, 9.99]), months=2)
    assert before.iloc[0] == after.iloc[0]


def test_book_gap_starts_anew_each_june_and_moves_with_returns():
    """June carries the new gap; July widens it when small lags; the next June forgets the path."""
    spread = spread_of([0.0] * 6 + [-0.10] + [0.0] * 10 + [0.5])
    gap = book_gap(junes(gap_june=[0.8, 0.3], gap_december=[1.0, 1.0]), spread, "june")
    assert gap["2000-06"] == pytest.approx(0.8)
    assert gap["2000-07"] == pytest.approx(0.8 - np.log(0.9))
    assert gap["2001-05"] == gap["2000-07"]
    assert gap["2001-06"] == pytest.approx(0.3)


def test_book_gap_stops_where_the_next_june_is_missing():
    """A gap more than a year old is not carried on."""
    spread = spread_of([0.0] * 36)
    gap = book_gap(junes(gap_june=[0.8, 0.3], gap_december=[1.0, 1.0]), spread, "december")
    assert str(gap.index[-1]) == "2002-05"


def test_unknown_basis_is_refused():
    """Only the bases French publishes."""
    with pytest.raises(InputError, match="unknown basis 'march'"):
        book_gap(junes(gap_june=[1, 1], gap_december=[1, 1]), spread_of([0.0] * 30), "march")


def test_without_book_values_the_past_return_stands_in():
    """The data set decides which predictors there are."""
    monthly = pd.DataFrame({"smb": spread_of([0.01] * 70)})
    assert list(gaps(monthly, None, "smb")) == ["past"]
    both = gaps(monthly, junes(gap_june=[0.8, 0.3], gap_december=[1.0, 1.0]), "smb")
    assert list(both) == ["june", "december"]
