"""What is left of small minus large with multiples standing still."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.return_decomposition import rest_of_return, return_decomposition
from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.panel import Dataset

CLAIM = load_claims()["no-eps-needed"]
FEW = Sampling(draws=200, seed=20260101)


def decomposed(dataset, **changes):
    return return_decomposition(dataset, replace(bind(CLAIM, changes), grid={}), FEW).finding


def verdict(finding) -> str | None:
    return decide(CLAIM, finding, data="latest", as_of="2026-04").verdict


def still(rest, seed=2):
    """Thirty years in which small returns what the gap gives and `rest` a year beside it."""
    rng = np.random.default_rng(seed)
    gap = np.r_[0.0, rng.normal(0, 0.1, 30).cumsum()]
    yearly = rest + rng.normal(0, 0.02, 30) - np.diff(gap)
    small = np.expm1(np.repeat(yearly / 12, 12))
    junes = pd.PeriodIndex([f"{1980 + i}-06" for i in range(31)], freq="M", name="june")
    valuation = pd.DataFrame({"gap_june": gap, "gap_december": gap + 0.2}, index=junes)
    months = pd.period_range("1980-07", junes[-1], freq="M", name="month")
    monthly = pd.DataFrame({"vw_small": small, "vw_big": 0.0}, index=months)
    return Dataset(monthly, {}, "latest", junes[-1], valuation=valuation), yearly, gap


@pytest.mark.parametrize(
    ("rest", "expected"),
    [(0.03, "supported"), (-0.03, "contradicted"), (0.0, "not distinguishable")],
)
def test_what_is_left_with_multiples_standing_still_is_found(rest, expected):
    """The planted rest decides, whatever the multiples did."""
    data, yearly, gap = still(rest)
    found = decomposed(data)
    assert verdict(found) == expected
    by_hand = yearly + np.diff(gap)
    assert rest_of_return(data, "two_fifths")["june"].to_numpy() == pytest.approx(by_hand)
    assert found.measures["rest_mean"] == pytest.approx(by_hand.mean())
    assert (found.n, found.sample_start, found.sample_end) == (30, "1980-07", "2010-06")


def test_the_p_value_is_that_of_the_lower_basis():
    """On two bases that differ the lower mean, its own p-value, and the outer ends are given."""
    data, _, _ = still(0.01)
    table = data.valuation.assign(gap_december=data.valuation["gap_december"] * 1.5)
    data = replace(data, valuation=table)
    found = decomposed(data)
    rests = rest_of_return(data, "two_fifths")
    lower = rests[rests.mean().idxmin()]
    alone = paired_stationary_bootstrap(
        lower.to_numpy(), np.zeros(30), block_length=5.0, draws=FEW.draws, seed=FEW.seed
    )
    assert found.estimate == pytest.approx(lower.mean())
    assert found.p_value == alone.p_value
    assert (found.ci_low, found.ci_high) == (alone.ci_low, alone.ci_high)
    assert found.mde == pytest.approx(2.8016 * alone.standard_error, rel=1e-3)
    assert found.measures["rest_low"] <= alone.ci_low
    assert found.measures["rest_high"] >= alone.ci_high


def test_the_registered_block_is_the_bootstrap_s():
    """Longer blocks, another interval: years that hang together are drawn together."""
    data, _, _ = still(0.01)
    assert decomposed(data).ci_low != decomposed(data, block_years=1).ci_low


def test_the_grid_splits_all_groups_and_eras_it_can():
    """Thirty years after 1980 are one era; other groups need their own firms' book values."""
    data, yearly, gap = still(0.03)
    grid = return_decomposition(data, bind(CLAIM), FEW).grid
    row = grid.set_index(["groups", "basis", "era"]).loc
    assert row["two_fifths", "june", "full"]["rest"] == pytest.approx(
        (yearly + np.diff(gap)).mean()
    )
    assert row["two_fifths", "june", "from_1981"]["years"] == 30
    assert "only 0 years" in row["two_fifths", "june", "to_1980"]["reason"]
    assert "no book-to-market" in row["outer_fifths", "june", "full"]["reason"]


def test_book_values_are_refused_where_they_are_missing():
    """The bundled data, missing returns and too few years each say why."""
    data, _, _ = still(0.01)
    for other in (
        replace(data, data="bundled"),
        replace(data, monthly=data.monthly[["vw_small"]]),
        replace(data, valuation=None),
    ):
        assert decomposed(other).refusal.needs == "latest"
    short = replace(data, monthly=data.monthly.iloc[: 12 * 19])
    assert "19 years" in decomposed(short).refusal.reason


@pytest.mark.parametrize(("rest", "low", "high"), [(0.03, 0, 0.05), (-0.03, 0, 0.05), (0, 0.05, 1)])
def test_the_grid_has_one_p_value_of_either_sign(rest, low, high):
    """Two-sided, of all groups, bases and eras at once."""
    data, _, _ = still(rest)
    found = return_decomposition(data, bind(CLAIM), FEW).finding
    assert low < found.joint_p <= high
    assert decomposed(data).joint_p is None
