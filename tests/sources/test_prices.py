"""Tests of the reader of a user's own exports."""

import numpy as np
import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.prices import read_prices


def test_values_by_hand():
    """Two days typed by hand come out as they stand."""
    frame = read_prices(b"Date,Close\n2001-09-10,100.5\n2001-09-17,95.0\n")
    np.testing.assert_array_equal(frame["Close"], [100.5, 95.0])
    assert frame.index[1] == pd.Timestamp("2001-09-17")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("Day,Close\n2020-01-02,1", "opens with 'Day,Close'"),
        ("Date,Close\n2020-01-02,100\n2020-01-03,50", "unadjusted split"),
        ("Date,Close\n2020-01-02,100\n2020-01-03,200", "unadjusted split"),
        ("Date,Close\n2020-01-02,100\n2020-01-03,0", "not positive"),
        ("Date,Close\n2020-01-02,100\n2020-01-03,-1", "not positive"),
        ("Date,Close\n2020-01-02,100\n2020-02-14,101", "leaves out"),
        ("Date,Close\n2020-01-03,100\n2020-01-02,101\n2020-01-06,101", "out of order"),
        ("Date,Close\n2020-01-02,100\n2020-01-02,101", "twice"),
        ("Date,Close\n02/01/2020,100", "for a date"),
        ("Date,Close\n2020-01-02,", "no number"),
        ("Date,Close\n2020-01-02,100", "cut short"),
        ("Date,Close\n2020-01-02 00:00:00-05:00,100\n", "a time behind its dates"),
        ("Date,Close\n2020-01-03,100\n2020-01-02,101\n", "newest day first"),
        ("Price,Close,High\nTicker,IWM,IWM\nDate,,\n2020-01-02,1,1\n", "two header lines"),
        ('"Date","Price","Open","Vol."\n"01/02/2020","1","1","1K"\n', "keep the date and the"),
    ],
)
def test_refusals(rows, complaint):
    """An export that is not adjusted closes by trading day is refused by the name of its file."""
    with pytest.raises(InputError, match=complaint) as caught:
        read_prices(rows.encode(), name="prices/SPY.csv")
    assert "prices/SPY.csv" in str(caught.value)
    assert "export one fund's daily adjusted closes" in str(caught.value)
    assert "publisher" not in str(caught.value)
