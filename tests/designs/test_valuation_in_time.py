"""Claims on valuations at earlier dates: nothing later is seen, every refusal has its reason."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import loading

DESIGNS = (
    *("predictive_regression", "mean_reversion", "valuation_rank", "return_decomposition"),
    "return_forecast",
)
CLAIMS = [claim for claim in load_claims().values() if claim.design in DESIGNS]
FEW = Sampling(draws=200, seed=20260101)


def study_of(claim, as_of):
    design = find_design(claim.design)
    return design(loading.load_dataset("bundled", as_of), bind(claim), FEW)


@pytest.fixture(scope="module")
def early():
    """Every study of the bundled data as of 1995-12."""
    return {claim.id: study_of(claim, "1995-12") for claim in CLAIMS}


def expect_nothing_later(claim, study, as_of):
    """All measures, or a reason, from samples that end in time."""
    found = study.finding
    if found.refusal is not None:
        assert found.refusal.needs == "latest"
        return
    assert found.sample_end <= as_of
    assert claim.criterion.measures() <= set(found.measures)
    assert not any(math.isnan(value) for value in found.measures.values())
    assert decide(claim, found, data="bundled", as_of=as_of).verdict


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_1995_and_2007_run_and_see_nothing_later(claim, early):
    """On the bundled data as of 1995-12 and of 2007-12."""
    expect_nothing_later(claim, early[claim.id], "1995-12")
    expect_nothing_later(claim, study_of(claim, "2007-12"), "2007-12")


@pytest.mark.slow
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_wild_values_after_the_date_change_nothing(claim, early, monkeypatch):
    """Returns and gaps gone mad after 1995 leave every result of 1995-12 as it was."""
    whole = loading.load_dataset("bundled")
    wild, mad = whole.monthly.copy(), whole.valuation.copy()
    wild.loc["1996-01":] = 10.0
    mad.loc["1996-01":] = -7.0
    changed = replace(whole, monthly=wild, valuation=mad)
    monkeypatch.setattr(loading, "_load_bundled", lambda: changed)
    before, after = early[claim.id], study_of(claim, "1995-12")
    assert str(after.finding) == str(before.finding)
    assert after.finding.measures == before.finding.measures
    pd.testing.assert_frame_equal(after.grid, before.grid)
    for table in ("gaps", "horizons", "spells", "targets", "implied", "bands"):
        if hasattr(before, table):
            pd.testing.assert_frame_equal(getattr(after, table), getattr(before, table))
