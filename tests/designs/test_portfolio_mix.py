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
from analysis.panel import Dataset, load_dataset
from analysis.panel.portfolios import PORTFOLIOS
from analysis.results import InputError

CLAIM = load_claims()["barbell"]
FEW = Sampling(draws=100, seed=20260101)


def study(dataset: Dataset, sampling: Sampling = FEW, **changes) -> PortfolioMix:
    """The claim's design with changed arguments."""
    return portfolio_mix(dataset, bind(CLAIM, changes), sampling)


def value_sleeve(dataset: Dataset, **changes) -> PortfolioMix:
    """Another sleeve than the claim's, and a grid that holds it."""
    bound = bind(CLAIM, {"sleeve": "s1v5", **changes})
    grid = {**bound.grid, "sleeve": ("s1v5", "me1_high_op")}
    return portfolio_mix(dataset, replace(bound, grid=grid), FEW)


def dataset_of(small: np.ndarray, core: np.ndarray, start: str = "1980-01") -> Dataset:
    """A data set in which every small portfolio and every core portfolio is the same."""
    columns = dict.fromkeys(PORTFOLIOS["s1"].columns, small)
    columns |= dict.fromkeys(PORTFOLIOS["me1_high_op"].columns, small)
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
    """A sleeve of value on the bundled data as of a month, which hold no profitability."""
    return value_sleeve(load_dataset("bundled", as_of))


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


def test_wild_values_after_as_of_change_nothing(wild_after):
    """Returns after the cut can be anything; the finding as of the cut stays the same."""
    before = earlier("2007-12").finding
    again = value_sleeve(wild_after("2007-12")).finding
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


@pytest.mark.slow
def test_each_argument_moves_the_finding():
    """A later era, another recent era, rarer resets and a higher cost each change their number."""
    dataset = load_dataset("bundled", "2007-12")
    usual = earlier("2007-12").finding
    since = value_sleeve(dataset, era="from_1992").finding
    assert since.sample_start == "1992-07"
    assert since.estimate == pytest.approx(usual.measures["recent_difference"])
    other = value_sleeve(dataset, recent_era="from_1981").finding
    assert "since January 1981 the difference is" in other.finding
    assert other.measures["recent_difference"] != usual.measures["recent_difference"]
    assert other.estimate == usual.estimate
    rare = value_sleeve(dataset, rebalance_months=60).finding.measures
    assert rare["turnover"] < usual.measures["turnover"]
    assert (
        value_sleeve(dataset, cost=0.01).finding.measures["mean_gain"] < usual.measures["mean_gain"]
    )


def test_without_a_recent_era_the_whole_one_decides():
    """Years before 1992 alone give a finding; nothing is said of the years since."""
    found = study(dataset_of(noise(1, 60), noise(2, 60))).finding
    assert found.refusal is None
    assert "recent_difference" not in found.measures
    assert "1992" not in found.finding


def test_without_profitability_there_is_no_test():
    """Value does not stand in for quality: the bundled data are refused, naming what is needed."""
    found = study(load_dataset("bundled", "2007-12"))
    assert found.finding.refusal.reason == "the data hold no smallest fifth, profitable"
    assert found.finding.refusal.needs == "latest"
    assert found.portfolios.empty and found.drawdowns.empty and found.weights.empty
    with pytest.raises(InputError, match=r"arguments\.sleeve"):
        study(dataset_of(noise(1), noise(2)), sleeve="gold")


def test_value_small_caps_do_not_move_the_verdict():
    """The sleeve is the profitable fifths: what value small caps earn is nothing to it."""
    dataset = dataset_of(0.015 + noise(1), 0.006 + noise(2))
    ruined = dataset.monthly.assign(s1v1=-0.01, s1v3=-0.01, s1v5=-0.01)
    assert study(replace(dataset, monthly=ruined)).finding.estimate == pytest.approx(
        study(dataset).finding.estimate
    )


def test_a_deep_drawdown_decides_nothing():
    """The Sharpe ratios decide alone; a sleeve that once halved is still supported by them."""
    finding = study(dataset_of(0.015 + noise(1), 0.006 + noise(2)), Sampling(200, 20260101)).finding
    deep = replace(finding, measures={**finding.measures, "drawdown_change": 0.5})
    assert decide(CLAIM, deep, data="latest", as_of="2010-01").verdict == "supported"


@pytest.mark.parametrize(
    ("mean", "low", "high"), [(0.03, 0.0, 0.05), (0.006, 0.05, 1.0)], ids=["pays", "like the core"]
)
def test_the_whole_grid_has_one_p(mean, low, high):
    """Small for a sleeve that pays in every mix, not for one that adds noise alone."""
    sleeve = mean + (noise(1) if mean > 0.02 else noise(2) + noise(3) / 20)
    dataset = dataset_of(sleeve, 0.006 + noise(2))
    bound = bind(CLAIM)
    grid = {**bound.grid, "core": ("s5",), "cost": (0.002,), "era": ("full",)}
    found = portfolio_mix(dataset, replace(bound, grid=grid), Sampling(200, 1))
    assert low <= found.finding.joint_p <= high
    assert portfolio_mix(dataset, replace(bound, grid={}), FEW).finding.joint_p is None


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
        replace(bind(CLAIM), grid={"core": ("market",)}),
        FEW,
    )
    assert bare.finding.sensitivity.startswith("No mix")
    assert bare.grid["sleeve"].tolist() == ["me1_high_op"]


def test_the_charts_say_what_they_show():
    """Weights and drawdowns carry words and no NaN, also where there is nothing."""
    from analysis.pages.charts import allocation as draw

    for shown in (earlier("2007-12"), study(dataset_of(noise(1, 30), noise(2, 30)))):
        for chart in (draw.weights(shown), draw.drawdowns(shown)):
            words = chart.to_dict()["description"]
            assert words and "nan" not in words.lower()
