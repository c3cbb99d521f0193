"""Entering in stages: planted truths, the grid, and nothing seen after as_of."""

import functools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.staged_entry import StagedEntry, staged_entry
from analysis.panel import Dataset, load_dataset
from analysis.panel.portfolios import PORTFOLIOS
from analysis.results import InputError

CLAIM = load_claims()["staged-entry"]
FEW = Sampling(draws=100, seed=20260101)


def study(dataset: Dataset, sampling: Sampling = FEW, **changes) -> StagedEntry:
    """The claim's design with changed arguments."""
    return staged_entry(dataset, bind(CLAIM, changes), sampling)


def dataset_of(small: np.ndarray, start: str = "1955-01") -> Dataset:
    """A data set in which every portfolio of the smallest fifth is the same."""
    months = pd.period_range(start, periods=len(small), freq="M", name="month")
    columns = dict.fromkeys(PORTFOLIOS["s1"].columns, small)
    monthly = pd.DataFrame(columns | {"bill": 0.001}, index=months)
    return Dataset(monthly, {}, "bundled", monthly.index[-1])


def verdict(dataset: Dataset, **changes) -> str | None:
    """The verdict on the claim from 200 draws."""
    found = study(dataset, Sampling(200, 20260101), **changes).finding
    return decide(CLAIM, found, data="bundled", as_of="2015-01").verdict


@functools.cache
def noise(seed: int, count: int = 480) -> np.ndarray:
    """Independent monthly returns without a mean."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.04, count)
    return drawn - drawn.mean()


@functools.cache
def earlier(as_of: str) -> StagedEntry:
    """The registered specification on the bundled data as of a month."""
    return study(load_dataset("bundled", as_of))


def test_stages_are_supported_where_a_crash_follows_its_boom():
    """When only windows that begin with the crash are bad, staging misses it and less does not.

    A boom and a crash every fourteen months: a window that meets the crash later met the boom.
    Blocks must be long enough to keep the pattern in the resampled months.
    """
    cycle = np.tile([0.45, -0.30, *[0.0] * 12], 52)[:720]
    assert verdict(dataset_of(cycle + noise(4, 720) / 40), block_months=120) == "supported"


def test_stages_are_uninformative_where_months_are_independent():
    """With independent months the tail rises only because less is held."""
    assert verdict(dataset_of(0.008 + noise(6, 720))) == "true but uninformative"


def test_stages_are_contradicted_where_falls_come_late():
    """In a market that always rises, waiting lowers every result, the tail included."""
    assert verdict(dataset_of(0.01 + np.abs(noise(7)))) == "contradicted"


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_earlier_months_give_a_finite_result(as_of):
    """Every measure of the criterion is there and finite, none of it from later data."""
    found = earlier(as_of).finding
    assert found.sample_end <= as_of
    assert all(math.isfinite(value) for value in found.measures.values())
    assert CLAIM.criterion.measures() <= set(found.measures)


def test_wild_values_after_as_of_change_nothing(wild_after):
    """Returns after the cut can be anything; the finding as of the cut stays the same."""
    before = earlier("2007-12").finding
    again = study(wild_after("2007-12")).finding
    assert (again.measures, str(again)) == (before.measures, str(before))


def test_too_few_months_are_refused():
    """Five years hold too few windows side by side, for the claim and for its grid."""
    found = study(dataset_of(noise(1, 60)))
    assert found.finding.refusal.reason == (
        "only 60 months; 10 windows of 12 months side by side are needed for a tail"
    )
    assert found.ways.empty and found.quantiles.empty and found.ran.empty
    assert "side by side" in found.grid.set_index("leg").loc["s1", "reason"].iloc[0]


def test_a_missing_portfolio_is_refused_by_name():
    """Small caps the data do not hold are refused, naming them."""
    found = study(dataset_of(noise(1)), leg="lo30").finding
    assert found.refusal.reason == "the data hold no smallest 30%"


def test_stages_must_fit_the_window():
    """More stages than months are an error that names claim and remedy."""
    with pytest.raises(InputError, match=r"'staged-entry'.*13 stages do not fit.*use fewer stages"):
        bind(CLAIM, {"stages": 13})
    short = replace(bind(CLAIM), grid={"stages": (6, 13)})
    grid = staged_entry(dataset_of(noise(1)), short, FEW).grid
    assert grid["reason"].tolist() == ["", "13 stages do not fit into 12 months"]


def test_the_grid_holds_the_primary_specification():
    """The row of the registered specification says what the finding says; others say why not."""
    found = earlier("2007-12")
    row = found.grid.query(
        "leg == 's1' and stages == 6 and horizon == 12 and tail == 0.05 and era == 'full'"
    )
    for name in ("mean_difference", "tail_gain", "tail_gain_over_constant"):
        assert row[name].item() == pytest.approx(found.finding.measures[name])
    assert row["windows"].item() == found.finding.n
    left = found.grid[found.grid["reason"] != ""]
    assert set(left["leg"]) == {"lo30"}
    assert (found.finding.specifications, found.finding.left_out) == (len(found.ran), len(left))


def test_an_era_is_the_grids_row_of_that_era():
    """With another era the finding is that of the grid's row."""
    dataset = load_dataset("bundled", "2007-12")
    since = study(dataset, era="from_1981").finding
    row = earlier("2007-12").grid.query(
        "leg == 's1' and stages == 6 and horizon == 12 and tail == 0.05 and era == 'from_1981'"
    )
    assert since.sample_start == "1981-01"
    assert row["tail_gain_over_constant"].item() == pytest.approx(since.estimate)


def test_the_ways_say_what_the_finding_says():
    """The table of the three ways holds the finding's tails, means and shares."""
    found = earlier("2007-12")
    ways, measures = found.ways.set_index("entry"), found.finding.measures
    gain = ways.loc["in stages"] - ways.loc["lump sum"]
    assert gain["mean"] == pytest.approx(measures["mean_difference"])
    assert gain["lower tail"] == pytest.approx(measures["tail_gain"])
    assert ways.loc["in stages", "ahead of lump sum"] == measures["share_ahead"]
    assert ways.loc["less throughout", "ahead of lump sum"] == measures["base_rate"]
    held = ways["exposure"]
    assert held["in stages"] == held["less throughout"] == pytest.approx(1 - 5 / 24)
    low = found.quantiles.query("percentile == 5 and entry == 'in stages'")["difference"].item()
    assert low == pytest.approx(measures["tail_gain"])


def test_an_empty_grid_says_so():
    """Without a single entry the sentence says that, and does not divide by nothing."""
    bare = replace(bind(CLAIM), grid={"leg": ("lo30",)})
    found = staged_entry(dataset_of(noise(1)), bare, FEW).finding
    assert found.sensitivity.startswith("No entry")


def test_the_chart_says_what_it_shows():
    """Quantiles carry words and no NaN; where there is nothing, nothing is drawn."""
    from analysis.pages.charts import allocation as draw

    words = draw.quantiles(earlier("2007-12")).to_dict()["description"]
    assert words and "nan" not in words.lower()
    assert draw.quantiles(study(dataset_of(noise(1, 60)))) is None
