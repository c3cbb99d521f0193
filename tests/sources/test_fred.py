"""Tests of the reader of FRED's CSV."""

import numpy as np
import pandas as pd
import pytest

from analysis.results import InputError
from analysis.sources.fred import read_fred


def test_values_by_hand():
    """Both names of the date column and both marks of a missing value are read."""
    new = read_fred(
        b"observation_date,X\n2020-01-01,1.5\n2020-02-01,\n", series="X", blanks=["2020-02"]
    )
    old = read_fred(b"DATE,X\r\n2020-01-01,1.5\r\n2020-02-01,.\r\n", series="X", blanks=["2020-02"])
    pd.testing.assert_frame_equal(new, old)
    np.testing.assert_array_equal(new["X"], [1.5, np.nan])
    assert new.index.equals(pd.PeriodIndex(["2020-01", "2020-02"], freq="M"))


def test_frequencies():
    """Quarters become a quarterly index, days stay days."""
    text = b"DATE,X\n1990-04-01,54.4\n1990-07-01,46.7\n"
    assert list(read_fred(text, series="X", frequency="quarterly").index.astype(str)) == [
        "1990Q2",
        "1990Q3",
    ]
    text = b"DATE,X\n2008-12-31,1\n2009-01-01,1.25\n"
    assert read_fred(text, series="X", frequency="daily").index[-1] == pd.Timestamp("2009-01-01")


@pytest.mark.parametrize(
    ("text", "frequency", "complaint"),
    [
        ("DATE,Y\n2020-01-01,1", "monthly", "opens with 'DATE,Y'"),
        ("date,X\n2020-01-01,1", "monthly", "opens with"),
        ("DATE,X", "monthly", "no rows"),
        ("DATE,X\n2020-01-01,1\n2020-03-01,1", "monthly", "between 2020-01 and 2020-03"),
        ("DATE,X\n2020-01-01,\n2020-02-01,.", "monthly", "no value for 2 of 2 dates"),
        (
            "DATE,X\n" + "".join(f"20{y}-01-01,{y if y < 15 else ''}\n" for y in range(10, 20)),
            "yearly",
            "no value for 5 of 10 dates",
        ),
        ("DATE,X\n2020-01-01,1\n2020-01-01,1", "monthly", "twice"),
        ("DATE,X\n2020-02-01,1\n2020-01-01,1", "monthly", "out of order"),
        ("DATE,X\n2020-01-02,1", "monthly", "does not open a month"),
        ("DATE,X\n2020-02-01,1", "quarterly", "does not open a quarter"),
        ("DATE,X\n2020-01-01,1\n2020-01-03,1", "daily", "leaves out"),
        ("DATE,X\n2020-01-01,1\n2020-02-30,1", "monthly", "for a date"),
        ("DATE,X\n2020-01-01,one", "monthly", "no number"),
        ("DATE,X\n2020-01-01,1,2", "monthly", "commas for the points"),
        ("DATE,X\n2020-01-01", "monthly", "no number|1 numbers"),
        ("DATE,X\n2020-01-01,1\n2020-02-01,1.", "monthly", "cut short"),
        ("<html>Access denied</html>", "monthly", "web page"),
    ],
)
def test_refusals(text, frequency, complaint):
    """What is not the series as FRED serves it is refused by the name of its file."""
    with pytest.raises(InputError, match=complaint) as caught:
        read_fred(text.encode(), series="X", frequency=frequency, name="fred/X.csv")
    assert "fred/X.csv" in str(caught.value)


def test_a_blank_nobody_listed_is_missing_and_told():
    """A shutdown's month without prices is NaN, and the date stands in what the reader is told."""
    frame = read_fred(b"DATE,X\n2020-01-01,1\n2020-02-01,.\n2020-03-01,2\n", series="X")
    assert frame["X"].isna().tolist() == [False, True, False]
    assert frame.attrs["blank"] == ("2020-02-01",)
    listed = read_fred(b"DATE,X\n2020-01-01,1\n2020-02-01,.\n", series="X", blanks=["2020-02"])
    assert listed.attrs["blank"] == ()
