"""Dispersion across portfolios: planted scatter, sums by hand, and nothing seen after as_of."""

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
from analysis.panel import Dataset

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


def cut(dataset: Dataset, month: str) -> Dataset:
    """The same data up to a month."""
    end = pd.Period(month, "M")
    return replace(dataset, monthly=dataset.monthly.loc[:end], as_of=end)


@pytest.mark.parametrize("small", [0.03, 0.025, 0.02])
def test_planted_dispersion_is_found_and_gives_no_verdict(small):
    """Wider, alike and narrower among small portfolios are context: the note speaks of stocks."""
    found = study(scattered(small, 0.025), Sampling(200, 1)).finding
    judged = decide(CLAIM, found, data="bundled", as_of="1983-04")
    assert judged.verdict == "untestable openly" and judged.evidence == found
    assert found.estimate == pytest.approx(small / 0.025, rel=0.05)
    assert (found.p_value < 0.05) is (small != 0.025)


def test_the_whole_grid_has_one_joint_p():
    """Small in every specification where scatter differs, and not where it does not."""
    wider = study(scattered(0.03, 0.025), Sampling(400, 1)).finding
    alike = study(scattered(0.025, 0.025), Sampling(400, 1)).finding
    assert wider.joint_p < 0.05 < alike.joint_p
    assert wider.specifications == 6


@pytest.mark.parametrize("as_of", ["1962-12", "1975-12"])
def test_earlier_months_see_nothing_later(as_of):
    """Every measure is finite, none of it from later data, whatever came after."""
    whole, end = scattered(0.03, 0.025), pd.Period(as_of, "M")
    wild = whole.monthly.copy()
    wild.loc[end + 1 :] = np.random.default_rng(0).normal(size=wild.loc[end + 1 :].shape)
    before = study(cut(whole, as_of)).finding
    again = study(cut(replace(whole, monthly=wild), as_of)).finding
    assert (again.measures, str(again)) == (before.measures, str(before))
    assert before.sample_end <= as_of
    assert all(math.isfinite(value) for value in before.measures.values())


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
    dataset = scattered(0.03, 0.025)
    small, large = (
        dataset.monthly[[f"{size}{group}" for group in GROUPS]].std(axis=1).mean()
        for size in ("s1", "s5")
    )
    found = study(dataset).finding
    assert found.estimate == pytest.approx(small / large)
    assert "the six small portfolios" in found.finding
    assert "the three small portfolios" in study(dataset, portfolios="value").finding.finding


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
    found = study(scattered(0.03, 0.025))
    row = found.grid.query("portfolios == 'value_and_momentum' and era == 'full'")
    assert row["ratio"].item() == pytest.approx(found.finding.estimate)
    assert row["p"].item() == found.finding.p_value
    assert set(found.ratios["portfolios"]) == {"value", "momentum", "value and momentum"}
    assert not found.ratios.isna().any(axis=None) and "reason" not in found.ratios
    assert found.finding.specifications == len(found.ratios)


def test_an_era_is_the_grids_row_of_that_era():
    """With another era the finding is that of the grid's row."""
    dataset = scattered(0.03, 0.025, 500)
    found = study(dataset, era="from_1981").finding
    row = study(dataset).grid.query("portfolios == 'value_and_momentum' and era == 'from_1981'")
    assert found.sample_start == "1981-01"
    assert row["ratio"].item() == pytest.approx(found.estimate)


def test_the_scatter_is_a_twelve_month_mean():
    """June's point is the mean of the twelve months to June, for small and for large."""
    found = study(scattered(0.03, 0.025))
    small = found.scatter.query("size == 'small'").set_index("month")["dispersion"]
    assert small["1970-06-01"] == pytest.approx(
        found.dispersions["small"]["1969-07":"1970-06"].mean()
    )
    assert set(small.index.month) == {6, 12}
