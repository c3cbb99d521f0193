"""Core and sleeve: planted truths, the grid, and nothing seen after as_of."""

import functools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.portfolio_mix import PortfolioMix, portfolio_mix
from analysis.inference.drawdowns import drawdowns
from analysis.inference.sharpe import annual_sharpe
from analysis.panel import Dataset, load_dataset, loading
from analysis.panel.portfolios import PORTFOLIOS
from analysis.results import InputError

CLAIM = load_claims()["barbell"]
FEW = Sampling(draws=100, seed=20260101)


def study(dataset: Dataset, sampling: Sampling = FEW, **changes) -> PortfolioMix:
    """The claim's design with changed arguments."""
    return portfolio_mix(dataset, bind(CLAIM, changes), sampling)


def dataset_of(small: np.ndarray, core: np.ndarray, start: str = "1980-01") -> Dataset:
    """A data set in which every small portfolio and every core portfolio is the same."""
    columns = dict.fromkeys(PORTFOLIOS["s1"].columns, small)
    columns |= dict.fromkeys(PORTFOLIOS["s5"].columns, core)
    months = pd.period_range(start, periods=len(small), freq="M", name="month")
    monthly = pd.DataFrame(columns | {"bill": 0.001}, index=months)
    return Dataset(monthly, {}, "bundled", monthly.index[-1])


@functools.cache
def noise(seed: int, count: int = 480) -> np.ndarray:
    """Independent monthly returns without a mean."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.04, count)
    return drawn - drawn.mean()


@functools.cache
def earlier(as_of: str) -> PortfolioMix:
    """The registered specification on the bundled data as of a month."""
    return study(load_dataset("bundled", as_of))


@pytest.mark.parametrize(
    ("small", "core", "expected"),
    [
        (0.015 + noise(1), 0.006 + noise(2), "supported"),
        (-0.012 + noise(1), 0.008 + noise(2), "contradicted"),
        (0.006 + noise(2) + noise(3) / 20, 0.006 + noise(2), "not distinguishable"),
    ],
    ids=["a sleeve that pays", "a sleeve that loses", "a sleeve like the core"],
)
def test_a_planted_sleeve_gets_the_verdict_it_deserves(small, core, expected):
    """Better, worse, and the core's own returns with a little noise."""
    found = study(dataset_of(small, core), Sampling(200, 20260101)).finding
    assert decide(CLAIM, found, data="bundled", as_of="2010-01").verdict == expected


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
    wild.loc["2008-01":] = 0.5
    before = earlier("2007-12").finding
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
    again = study(load_dataset("bundled", "2007-12")).finding
    assert (again.measures, str(again)) == (before.measures, str(before))


def test_the_finding_is_what_a_reader_would_compute():
    """Sharpe ratios, drawdowns and turnover again, from the months of the mix alone."""
    found = earlier("2007-12")
    held, measures = found.held, found.finding.measures
    excess = {name: (held[name] - held["bill"]).to_numpy() for name in ("core", "mix")}
    assert measures["sharpe_difference"] == pytest.approx(
        annual_sharpe(excess["mix"]) - annual_sharpe(excess["core"])
    )
    late = held.loc["1992-07":]
    assert measures["recent_difference"] == pytest.approx(
        annual_sharpe((late["mix"] - late["bill"]).to_numpy())
        - annual_sharpe((late["core"] - late["bill"]).to_numpy())
    )
    assert measures["drawdown_change"] == pytest.approx(
        drawdowns(held["mix"]).max() - drawdowns(held["core"]).max()
    )
    years = len(held) / 12
    assert measures["turnover"] == pytest.approx(held["traded"].sum() / years)
    assert measures["cost_a_year"] == pytest.approx(0.002 * measures["turnover"])


def test_each_argument_moves_the_finding():
    """A later era, another recent era, rarer resets and a higher cost each change their number."""
    dataset = load_dataset("bundled", "2007-12")
    usual = earlier("2007-12").finding
    since = study(dataset, era="from_1992").finding
    assert since.sample_start == "1992-07"
    assert since.estimate == pytest.approx(usual.measures["recent_difference"])
    other = study(dataset, recent_era="from_1981").finding
    assert "since January 1981 the difference is" in other.finding
    assert other.measures["recent_difference"] != usual.measures["recent_difference"]
    assert other.estimate == usual.estimate
    rare = study(dataset, rebalance_months=60).finding.measures
    assert rare["turnover"] < usual.measures["turnover"]
    assert study(dataset, cost=0.01).finding.measures["mean_gain"] < usual.measures["mean_gain"]


def test_too_few_months_are_refused():
    """Five years before 1992 hold no recent era."""
    found = study(dataset_of(noise(1, 60), noise(2, 60))).finding
    assert found.refusal.reason == (
        "only 0 months since July 1992; 24 are needed for the difference in that era"
    )


def test_missing_portfolios_are_refused_by_name():
    """A sleeve the data do not hold is refused, naming it; an unknown one is an error."""
    dataset = dataset_of(noise(1), noise(2))
    found = study(dataset, sleeve="me1_high_op")
    assert found.finding.refusal.reason == "the data hold no smallest fifth, profitable"
    assert found.portfolios.empty and found.drawdowns.empty and found.weights.empty
    with pytest.raises(InputError, match=r"arguments\.sleeve"):
        study(dataset, sleeve="gold")


def test_the_grid_holds_the_primary_specification():
    """The row of the registered specification says what the finding says; others say why not."""
    found = earlier("2007-12")
    row = found.grid.query(
        "core == 's5' and sleeve == 's1v5' and sleeve_weight == 0.2 and cost == 0.002"
        " and era == 'full'"
    )
    for name in ("sharpe_difference", "drawdown_change"):
        assert row[name].item() == pytest.approx(found.finding.measures[name])
    assert row["months"].item() == found.finding.n
    assert len(found.grid) == math.prod(len(values) for values in CLAIM.grid.values())
    left = found.grid[found.grid["reason"] != ""]
    assert set(left["sleeve"]) == {"me1_high_op"}
    assert (found.finding.specifications, found.finding.left_out) == (len(found.ran), len(left))


def test_weight_zero_changes_nothing():
    """Without a sleeve the Sharpe difference is nought in every era."""
    table = study(dataset_of(noise(1), noise(2))).weights
    assert table[table["weight"] == 0.0]["difference"].abs().max() < 1e-12
    assert set(table["era"]) == set(CLAIM.grid["era"])


def test_core_sleeve_and_mix_stand_side_by_side():
    """Only the mix trades; its cost in basis points is the share times the turnover."""
    table = earlier("2007-12").portfolios.set_index("portfolio")
    assert table["turnover"].tolist()[:2] == [0.0, 0.0]
    assert table["cost, basis points"].iloc[2] == pytest.approx(20 * table["turnover"].iloc[2])
    assert table.index[2] == "80% core, 20% sleeve"


def test_an_empty_grid_says_so():
    """Without a single mix the sentence says that, and does not divide by nothing."""
    found = study(dataset_of(noise(1), noise(2)), core="market")
    assert found.finding.refusal is not None
    bare = portfolio_mix(
        dataset_of(noise(1), noise(2)),
        replace(bind(CLAIM), grid={"sleeve": ("me1_high_op",)}),
        FEW,
    )
    assert bare.finding.sensitivity.startswith("No mix")
    assert bare.grid["core"].tolist() == ["s5"]


def test_the_charts_say_what_they_show():
    """Weights and drawdowns carry words and no NaN, also where there is nothing."""
    from analysis.pages.charts import allocation as draw

    for shown in (earlier("2007-12"), study(dataset_of(noise(1, 30), noise(2, 30)))):
        for chart in (draw.weights(shown), draw.drawdowns(shown)):
            words = chart.to_dict()["description"]
            assert words and "nan" not in words.lower()
