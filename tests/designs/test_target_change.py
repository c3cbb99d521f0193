"""The fall of the target and the range it reached."""

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.target_change import target_change
from analysis.panel import Dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "target_change"]


def latest(before, after, as_of="2026-04"):
    """A target held at one rate to November 2025 and at another from December."""
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    target = pd.Series(before, index=months).where(months < pd.Period("2025-12", "M"), after)
    monthly = pd.DataFrame({"market": 0.0, "target": target}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])


@pytest.mark.parametrize(
    ("before", "after", "error", "verdict"),
    [
        (0.045, 0.0375, 0.0, "supported"),
        (0.045, 0.04, 0.0025, "contradicted"),
        (0.04, 0.0375, 0.005, "contradicted"),
    ],
)
def test_a_planted_cut_gets_its_verdict(before, after, error, verdict):
    """Three quarter points to 3.75%; two of them; one of them, yet to the claimed range."""
    found = target_change(latest(before, after), bind(CLAIM), Sampling(1, 1)).finding
    assert found.measures["largest_error"] == pytest.approx(error, abs=1e-9)
    assert decide(CLAIM, found, data="latest", as_of="2026-04").verdict == verdict


def test_months_that_are_not_seen_are_refused():
    """A run that ends in October 2025 does not see December."""
    dataset = latest(0.045, 0.0375, as_of="2025-10")
    found = target_change(dataset, bind(CLAIM), Sampling(1, 1)).finding
    assert "does not see the target of 2025-08 and 2025-12" in found.refusal.reason
