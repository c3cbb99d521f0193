"""Gains by the middle of January: planted truths."""

import pandas as pd
import pytest

from analysis.checks.seasonality.january_evidence import gains_by_session, january_gains
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import Dataset

GAINS = load_claims()["jan-58-12"]


@pytest.mark.parametrize(("gain", "expected"), [(0.058, "supported"), (0.08, "contradicted")])
def test_planted_gains_get_their_verdict(gain, expected):
    """The claimed gains by 16 January, and gains two points off."""
    index = pd.bdate_range("2015-12-01", "2026-04-30", name="day")
    funds = pd.DataFrame({"IWM": 1.0, "SPY": 1.0}, index=index)
    day = pd.Timestamp("2026-01-05")
    funds.loc[day:, "IWM"], funds.loc[day:, "SPY"] = 1 + gain, 1.012
    funds.loc["2026-01-19":] = 9.0
    month = pd.Period("2026-04", "M")
    monthly = pd.DataFrame({"smb": 0.0}, index=pd.period_range("1927-01", month, freq="M"))
    dataset = Dataset(monthly, {}, "latest", month, funds=funds)
    found = january_gains(GAINS, gains_by_session(dataset, GAINS))
    assert found.measures["small_error"] == pytest.approx(abs(gain - 0.058), abs=1e-9)
    assert found.measures["large_error"] == pytest.approx(0.0, abs=1e-9)
    assert decide(GAINS, found, data="latest", as_of="2026-04").verdict == expected
