"""Parts of the sample."""

import pandas as pd
import pytest

from analysis.panel.eras import ERAS, era_flags, era_words, in_era
from analysis.results import InputError


def test_eras_in_words():
    """Open at the end, open at the beginning, and all months; no two read alike."""
    assert era_words("from_1992") == "since July 1992"
    assert era_words("to_1980") == "up to December 1980"
    assert era_words("full") == "whole sample"
    assert len({era_words(era) for era in ERAS}) == len(ERAS)


def test_eras_of_months_and_of_days_end_where_they_say():
    """December 1980 is the last month, and its last day the last day, to 1980."""
    months = pd.Series(1.0, index=pd.period_range("1979-12", "1981-02", freq="M"))
    assert str(in_era(months, "to_1980").index[-1]) == "1980-12"
    assert str(in_era(months, "from_1963_to_1979").index[-1]) == "1979-12"
    days = pd.Series(1.0, index=pd.date_range("1980-12-30", "1981-01-02"))
    assert [len(in_era(days, era)) for era in ("to_1980", "from_1981", "full")] == [2, 2, 4]
    flags = era_flags(days.index, ("to_1980", "from_1981"))
    assert flags["to_1980"].tolist() == [True, True, False, False]
    assert (flags["to_1980"] != flags["from_1981"]).all()


def test_an_unknown_era_is_an_error():
    """A misspelt era is refused, naming the nearest."""
    with pytest.raises(InputError, match="from_1981"):
        in_era(pd.Series(1.0, index=pd.period_range("2000-01", periods=3, freq="M")), "from_1891")
