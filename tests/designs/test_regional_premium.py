"""Other markets taken together: planted premia, shared months, and what the data lack."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.regional_premium import spread_of
from analysis.panel import Dataset

CLAIM = load_claims()["size-abroad"]
MONTHS = pd.period_range("1990-07", "2025-12", freq="M", name="month")


def made(europe=0.0, japan=0.0, asia=0.0) -> Dataset:
    """SMB of each region with a mean a year; Europe ends a year before the others."""
    rng = np.random.default_rng(2)
    monthly = pd.DataFrame({"smb": rng.normal(0, 0.03, len(MONTHS))}, MONTHS)
    for name, mean in (("europe", europe), ("japan", japan), ("asia_pacific", asia)):
        drawn = rng.normal(0, 0.02, len(MONTHS))
        monthly[f"smb_{name}"] = drawn - drawn.mean() + mean / 12
    monthly.loc["2025-01":, "smb_europe"] = np.nan
    monthly["smb_developed"] = monthly[["smb_europe", "smb_japan"]].mean(axis=1)
    return Dataset(monthly, {}, "latest", MONTHS[-1])


def study(dataset, **changes):
    return find_design("regional_premium")(dataset, bind(CLAIM, changes), Sampling(199, 1))


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ((0.04, 0.04, 0.04), "supported"),
        ((0.0, 0.0, 0.0), "not distinguishable"),
        ((-0.04, -0.04, -0.04), "contradicted"),
    ],
)
def test_the_regions_together_decide(means, expected):
    found = study(made(*means)).finding
    assert decide(CLAIM, found, data="latest", as_of="2026-04").verdict == expected


def test_a_month_counts_once_over_the_regions_that_have_it():
    """The mean of three, and of two once Europe's file ends."""
    dataset = made(0.01, 0.02, 0.03)
    pooled = spread_of(dataset, "pooled")
    row = dataset.monthly.loc["2025-06"]
    assert pooled["2025-06"] == pytest.approx((row["smb_japan"] + row["smb_asia_pacific"]) / 2)
    assert study(dataset).finding.n == len(MONTHS)
    assert study(dataset).finding.measures["regions_above_zero"] == 3


def test_every_region_is_shown():
    assert len(study(made(0.01, 0.02, 0.03)).regions) == 5


def test_without_other_regions_it_waits_for_the_latest_data():
    dataset = Dataset(made().monthly[["smb"]], {}, "bundled", MONTHS[-1])
    found = study(dataset)
    assert found.finding.refusal.needs == "latest" and found.regions.empty
