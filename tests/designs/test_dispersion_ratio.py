"""Dispersion across portfolios: planted truths, sums by hand, and nothing seen after as_of."""

import functools
import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.dispersion_ratio import DispersionRatio, dispersion_ratio, dispersions
from analysis.panel import Dataset, load_dataset, loading

CLAIM = load_claims()["dispersion-wide"]
FEW = Sampling(draws=100, seed=20260101)
GROUPS = [f"{kind}{place}" for kind, place in itertools.product("vm", (1, 3, 5))]


def study(dataset: Dataset, sampling: Sampling = FEW, **changes) -> DispersionRatio:
    """The claim's design with changed arguments."""
    return dispersion_ratio(dataset, bind(CLAIM, changes), sampling)


def scattered(small: float, large: float, count: int = 400) -> Dataset:
    """Portfolios of the smallest and largest fifth that scatter by so much around the market."""
    rng = np.random.default_rng(3)
    market = rng.normal(0.008, 0.04, count)
    columns = {
        f"{size}{group}": market + rng.normal(0, spread, count)
        for size, spread in (("s1", small), ("s5", large))
        for group in GROUPS
    }
    index = pd.period_range("1950-01", periods=count, freq="M", name="month")
    monthly = pd.DataFrame(columns, index=index)
    return Dataset(monthly, {}, "bundled", monthly.index[-1])


@functools.cache
def earlier(as_of: str) -> DispersionRatio:
    """The registered specification on the bundled data as of a month."""
    return study(load_dataset("bundled", as_of))


@pytest.mark.parametrize(
    ("small", "expected"),
    [(0.03, "supported"), (0.025, "not distinguishable"), (0.02, "contradicted")],
)
def test_planted_dispersion_gets_its_verdict(small, expected):
    """Wider, alike and narrower among small portfolios."""
    found = study(scattered(small, 0.025), Sampling(200, 1)).finding
    assert decide(CLAIM, found, data="bundled", as_of="1983-04").verdict == expected
    assert found.estimate == pytest.approx(small / 0.025, rel=0.05)


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_earlier_months_give_a_finite_result(as_of):
    """Every measure of the criterion is there and finite, none of it from later data."""
    found = earlier(as_of).finding
    assert found.sample_end <= as_of
    assert all(math.isfinite(value) for value in found.measures.values())
    assert CLAIM.criterion.measures() <= set(found.measures)


def test_wild_values_after_as_of_change_nothing(monkeypatch):
    """Returns after the cut can be anything; the finding as of the cut stays the same."""
    whole = load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["1996-01":] = np.random.default_rng(0).normal(size=wild.loc["1996-01":].shape)
    before = earlier("1995-12").finding
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
    again = study(load_dataset("bundled", "1995-12")).finding
    assert (again.measures, str(again)) == (before.measures, str(before))


def test_dispersion_by_hand():
    """Three returns of 0, 1 and 2% are one point apart with the divisor number less one."""
    values = {"s1v1": [0.0], "s1v3": [0.01], "s1v5": [0.02]}
    values |= {"s5v1": [0.0], "s5v3": [0.03], "s5v5": [0.06]}
    monthly = pd.DataFrame(values, index=pd.period_range("2000-01", periods=1, freq="M"))
    both = dispersions(monthly, "s1", "s5", "value")
    assert both.iloc[0].tolist() == pytest.approx([0.01, 0.03])
    assert dispersions(monthly, "s1", "s3", "value").empty


def test_the_finding_is_what_a_reader_would_compute():
    """Mean over mean, from the six columns of each fifth."""
    monthly = load_dataset("bundled", "2007-12").monthly
    small, large = (
        monthly[[f"{size}{group}" for group in GROUPS]].dropna().std(axis=1).mean()
        for size in ("s1", "s5")
    )
    found = earlier("2007-12")
    assert found.finding.estimate == pytest.approx(small / large)
    assert "the six small portfolios" in found.finding.finding
    three = study(load_dataset("bundled", "2007-12"), portfolios="value").finding
    assert "the three small portfolios" in three.finding


def test_few_months_and_missing_portfolios_are_refused():
    """Four years are refused, and so are sorts the data do not hold, which are named."""
    assert study(scattered(0.03, 0.02, 48)).finding.refusal.reason == (
        "only 48 months; 60 are needed"
    )
    whole = scattered(0.03, 0.02)
    kept = [name for name in whole.monthly if "m" not in name]
    values = replace(whole, monthly=whole.monthly[kept])
    found = study(values)
    assert found.finding.refusal.reason == (
        "the data hold no portfolios of s1 by value and momentum"
    )
    assert found.ratios["portfolios"].unique().tolist() == ["value"]
    assert found.scatter.empty


def test_the_grid_holds_the_primary_specification():
    """The registered row says what the finding says; the table reads in words."""
    found = earlier("2007-12")
    row = found.grid.query("portfolios == 'value_and_momentum' and era == 'full'")
    assert row["ratio"].item() == pytest.approx(found.finding.estimate)
    assert row["p"].item() == found.finding.p_value
    assert set(found.ratios["portfolios"]) == {"value", "momentum", "value and momentum"}
    assert not found.ratios.isna().any(axis=None) and "reason" not in found.ratios
    assert found.finding.specifications == len(found.ratios)


def test_an_era_is_the_grids_row_of_that_era():
    """With another era the finding is that of the grid's row."""
    found = study(load_dataset("bundled", "2007-12"), era="from_1981").finding
    row = earlier("2007-12").grid.query("portfolios == 'value_and_momentum' and era == 'from_1981'")
    assert found.sample_start == "1981-01"
    assert row["ratio"].item() == pytest.approx(found.estimate)


def test_the_scatter_is_a_twelve_month_mean():
    """June's point is the mean of the twelve months to June, for small and for large."""
    found = earlier("2007-12")
    small = found.scatter.query("size == 'small'").set_index("month")["dispersion"]
    assert small["1990-06-01"] == pytest.approx(
        found.dispersions["small"]["1989-07":"1990-06"].mean()
    )
    assert set(small.index.month) == {6, 12}
