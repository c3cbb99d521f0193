"""How cheap small is against large."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import Dataset, book_gap, gaps, past_gap
from analysis.panel.gaps import gap_sample, gap_samples
from analysis.panel.valuation import relative_return
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


def dataset(values, start="1995-01", **columns) -> Dataset:
    spread = spread_of(values, start)
    valuation = junes(gap_june=[0.8, 0.3], gap_december=[1.0, 1.0])
    monthly = pd.DataFrame({"smb": spread, **columns})
    return Dataset(monthly, {}, "bundled", spread.index[-1], valuation=valuation)


def test_a_sample_is_of_one_basis_predictor_and_era():
    """Both bases or one, past returns where asked for, and only the months of the era."""
    data = dataset([0.01] * 90)
    assert list(gap_samples(data, "smb")) == ["june", "december"]
    assert list(gap_samples(data, "smb", basis="june")) == ["june"]
    [past] = gap_samples(data, "smb", predictor="past_return").values()
    assert past.gap.iloc[-1] == pytest.approx(-0.6)
    whole = gap_sample(data, "smb", "gap", "june", "full")
    assert whole.returns.index.equals(whole.gap.index)
    assert len(gap_sample(data, "smb", "gap", "june", "to_1980").gap) == 0
    early = dataset([0.01] * 400, "1970-01")
    cut = gap_sample(early, "smb", "past_return", "june", "from_1981")
    assert str(cut.gap.index[0]) == str(cut.spread.index[0]) == "1981-01"


def test_a_sample_the_data_cannot_give_says_why():
    """A leg that is not held, and a basis without book values."""
    data = dataset([0.01] * 90)
    assert "leg" in gap_sample(data, "halves", "gap", "june", "full").refusal.reason
    bare = Dataset(data.monthly, {}, "bundled", data.as_of)
    assert "book-to-market" in gap_sample(bare, "smb", "gap", "june", "full").refusal.reason
    assert gap_sample(bare, "smb", "past_return", "june", "full")


def test_by_junes_returns_are_those_of_the_year_before():
    """One value a year: the gap of June, and the return from July to June."""
    data = dataset(np.arange(90) / 1e4, "1996-01")
    sample = gap_sample(data, "smb", "gap", "june", "full")
    returns, gap = sample.sampled("june")
    assert gap.tolist() == pytest.approx([0.3])
    year = data.monthly["smb"].loc["2000-07":"2001-06"]
    assert returns.tolist() == pytest.approx([year.sum()])
    monthly, same = sample.sampled("monthly")
    assert same is sample.gap
    assert len(monthly) == len(sample.gap)


def test_a_relative_return_moves_the_log_gap_by_both_logs():
    """Small halves and large gains a half: the gap of their book-to-market widens by log three."""
    months = pd.period_range("2000-07", periods=2, freq="M", name="month")
    monthly = pd.DataFrame({"vw_small": [-0.5, None], "vw_big": [0.5, 0.1]}, index=months)
    found = relative_return(monthly, "lo30", "hi30")
    assert found.index.tolist() == [months[0]]
    assert -np.log1p(found.iloc[0]) == pytest.approx(np.log(3))
    assert relative_return(monthly, "lo20", "hi20").empty
