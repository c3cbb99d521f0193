"""One tidy frame, cut at one month."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import LEGS, build_panel, load_dataset, newest_month
from analysis.results import InputError


def test_panel_is_monthly_without_gaps_and_in_decimals():
    """The index has every month once, and no return is in per cent."""
    panel = build_panel()
    assert isinstance(panel.index, pd.PeriodIndex) and panel.index.freqstr == "M"
    assert len(panel) == (panel.index[-1] - panel.index[0]).n + 1
    returns = panel.drop(columns=["core_cpi", "cpi", "hourly_earnings", "broad_dollar"])
    assert returns.abs().max().max() < 2.0
    assert panel.loc["1987-10", "market"] == pytest.approx(-0.226, abs=0.002)


def test_market_is_excess_plus_bill():
    """Total return is the excess return plus the bill, month by month."""
    panel = build_panel()
    np.testing.assert_allclose(panel["market"], panel["market_excess"] + panel["bill"])


def test_recession_follows_the_usrec_convention():
    """The month of the peak is 0, the next is 1, the trough is 1, the next is 0."""
    flags = build_panel()["recession"]
    assert list(flags.loc["2007-12":"2008-01"]) == [0.0, 1.0]
    assert list(flags.loc["2009-06":"2009-07"]) == [1.0, 0.0]


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_cut_panel_equals_the_start_of_the_whole_returns(as_of):
    """A panel cut at a month is the whole panel's returns up to that month, bit for bit."""
    whole, cut = build_panel(), build_panel(as_of=as_of)
    assert str(cut.index[-1]) == as_of
    columns = [c for c in cut.columns if c != "recession"]
    pd.testing.assert_frame_equal(cut[columns], whole.loc[:as_of, columns])


def test_a_recession_nobody_had_announced_is_not_seen():
    """In mid-2008 the peak of December 2007 had not been announced: no recession month yet."""
    assert build_panel(as_of="2008-06")["recession"].loc["2008-01":].sum() == 0
    assert build_panel(as_of="2008-12")["recession"].loc["2008-01":"2008-06"].sum() == 6


@pytest.mark.parametrize(
    ("as_of", "word"),
    [
        ("2031-01", "after the last month"),
        ("1926-08", "before"),
        ("2007-13", "not a month"),
        ("2007", "not a month"),
        ("07-2007", "not a month"),
        ("", "not a month"),
        ("2007-12-31", "not a month"),
    ],
)
def test_bad_month_is_refused_with_a_remedy(as_of, word):
    """Out of range or malformed: one sentence that names the month."""
    with pytest.raises(InputError, match=word) as caught:
        load_dataset("bundled", as_of)
    assert as_of in str(caught.value)


def test_unknown_data_set_is_refused():
    """Only two data sets exist."""
    with pytest.raises(InputError, match="unknown data set 'newest'"):
        load_dataset("newest")


def test_facts_are_cut_too():
    """No fact dated after the month is seen."""
    seen = load_dataset("bundled", "1995-12").facts["easing_cycles"]
    whole = load_dataset("bundled").facts["easing_cycles"]
    assert 0 < len(seen) < len(whole)


def test_newest_month_is_the_last_with_returns():
    """The bundled data end in November 2018."""
    assert str(newest_month()) == "2018-11"
    assert set(LEGS) >= {"smb", "s1_s5"}
