"""Cuts made in a year, and those its remaining meetings could still bring."""

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.cuts_in_year import cuts_in_year
from analysis.panel import Dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "cuts_in_year"]


@pytest.mark.parametrize(
    ("as_of", "last", "made", "possible", "verdict"),
    [
        ("2025-11", 0.04, 0, 8, "not distinguishable"),
        ("2026-04", 0.0375, 0, 5, "not distinguishable"),
        ("2026-09", 0.0350, 1, 3, "not distinguishable"),
        ("2026-10", 0.0375, 0, 1, "contradicted"),
        ("2026-10", 0.0300, 3, 4, "supported"),
    ],
)
def test_planted_cuts_get_their_verdict(as_of, last, made, possible, verdict):
    """Steps made since December, and meetings that end after the month seen."""
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    target = pd.Series(0.0375, index=months)
    target.iloc[-1] = last
    monthly = pd.DataFrame({"market": 0.0, "target": target}, index=months)
    dataset = Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])
    found = cuts_in_year(dataset, bind(CLAIM), Sampling(1, 1)).finding
    assert found.measures == {"cuts_made": made, "cuts_possible": possible}
    assert decide(CLAIM, found, data="latest", as_of=as_of).verdict == verdict
