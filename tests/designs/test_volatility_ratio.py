"""Volatility and market beta: planted truths, falls by hand, and nothing seen after as_of."""

import functools
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.volatility_ratio import VolatilityRatio, volatility_ratio
from analysis.designs.volatility_ratio.falls import fall_table
from analysis.panel import Dataset, load_dataset

CLAIM = load_claims()["higher-volatility"]
FEW = Sampling(draws=100, seed=20260101)


def study(dataset: Dataset, sampling: Sampling = FEW, **changes) -> VolatilityRatio:
    """The claim's design with changed arguments."""
    return volatility_ratio(dataset, bind(CLAIM, changes), sampling)


def months(first: str, count: int) -> pd.PeriodIndex:
    """A calendar of months."""
    return pd.period_range(first, periods=count, freq="M", name="month")


def risky(scale: float, count: int = 600) -> Dataset:
    """A market, large caps that follow it, small caps that follow it `scale` times as hard."""
    rng = np.random.default_rng(2)
    market = rng.normal(0, 0.04, count)
    own = rng.normal(0, 0.01, (2, count))
    values = {f"s1v{value}": scale * market + own[0] for value in (1, 3, 5)}
    values |= {f"s5v{value}": market + own[1] for value in (1, 3, 5)}
    monthly = pd.DataFrame(values | {"market_excess": market}, index=months("1950-01", count))
    return Dataset(monthly, {}, "latest", monthly.index[-1])


@functools.cache
def earlier(as_of: str) -> VolatilityRatio:
    """The registered specification on the bundled data as of a month."""
    return study(load_dataset("bundled", as_of))


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(1.5, "supported"), (0.6, "contradicted"), (1.0, "not distinguishable")],
)
def test_planted_volatility_gets_its_verdict(scale, expected):
    """Wilder, calmer and equally wild small caps."""
    found = study(risky(scale), Sampling(200, 1)).finding
    assert decide(CLAIM, found, data="latest", as_of="2000-01").verdict == expected
    assert found.measures["beta_difference"] == pytest.approx(scale - 1, abs=0.05)
    told = found.more_needed == "none: the months there are tell the ratio from one"
    assert told == (expected != "not distinguishable")
    assert told or "more years to tell" in found.more_needed


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_earlier_months_give_a_finite_result(as_of):
    """Every measure of the criterion is there and finite, none of it from later data."""
    found = earlier(as_of).finding
    assert found.sample_end <= as_of
    assert all(math.isfinite(value) for value in found.measures.values())
    assert CLAIM.criterion.measures() <= set(found.measures)


def test_the_future_changes_nothing(wild_after):
    """Wild values after the date leave the finding as it was."""
    before = earlier("1995-12").finding
    again = study(wild_after("1995-12")).finding
    assert (again.measures, str(again)) == (before.measures, str(before))


def test_too_few_months_are_refused():
    """Nine years hold too few blocks of a year; so does an era of the grid."""
    found = study(risky(1.5, 108))
    assert found.finding.refusal.reason == "108 months of both portfolios; 120 are needed"
    assert found.ran.empty and not found.falls.empty


def test_the_grid_holds_the_primary_specification():
    """The registered pair's row says what the finding says; others say why they were left out."""
    found = earlier("2007-12")
    row = found.grid.query("small == 's1' and large == 's5' and era == 'full'")
    assert row["ratio"].item() == pytest.approx(found.finding.estimate)
    assert row["beta difference"].item() == pytest.approx(found.finding.measures["beta_difference"])
    left = found.grid[found.grid["reason"] != ""]
    assert set(left[["small", "large"]].to_numpy().ravel()) >= {"lo30", "small_half", "hi30"}
    assert (found.finding.specifications, found.finding.left_out) == (len(found.ran), len(left))


@pytest.mark.parametrize(("scale", "found"), [(1.5, True), (0.6, True), (1.0, False)])
def test_all_pairs_and_eras_are_tested_at_once(scale, found):
    """Either side is found where it is planted; equally wild small caps are not."""
    joint = study(risky(scale), Sampling(400, 1)).finding.joint_p
    assert (joint < 0.01) if found else (joint > 0.1)


@pytest.mark.slow
def test_without_an_effect_the_joint_p_is_small_one_time_in_twenty():
    """Of 200 histories of equal volatility, the joint p lies below 5% in about ten."""
    low = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        returns = rng.standard_t(5, (2, 360)) * 0.03
        shared = {"market_excess": returns.mean(axis=0)}
        values = {
            f"s{size}v{value}": returns[k] for k, size in enumerate((1, 5)) for value in (1, 3, 5)
        }
        monthly = pd.DataFrame(values | shared, index=months("1960-01", 360))
        made = Dataset(monthly, {}, "latest", monthly.index[-1])
        low += study(made, Sampling(100, seed)).finding.joint_p < 0.05
    assert 3 <= low <= 20


def test_an_era_is_the_grids_row_of_that_era():
    """With another era the finding is that of the grid's row, and so are the falls."""
    found = study(load_dataset("bundled", "2007-12"), era="from_1981")
    row = earlier("2007-12").grid.query("small == 's1' and large == 's5' and era == 'from_1981'")
    assert found.finding.sample_start == "1981-01"
    assert row["ratio"].item() == pytest.approx(found.finding.estimate)
    assert str(found.fall_paths.index[0]) == "1980-12"


def test_falls_by_hand():
    """Small halves in the fourth month and regains it in the seventh; large never does."""
    index = months("2000-01", 24)
    sides = pd.DataFrame({"small": 0.0, "large": 0.0}, index=index)
    sides.iloc[[3, 6], 0] = -0.5, 1.0
    sides.iloc[5, 1] = -0.1
    table = fall_table(sides).set_index("series")
    assert table.loc["small", "worst fall"] == -0.5
    assert table.loc["small", ["from", "to", "regained"]].tolist() == [
        "1999-12",
        "2000-04",
        "2000-07",
    ]
    assert table.loc["small", "a year"] == pytest.approx(0.0)
    assert table.loc["large", "regained"] == "not yet"
    assert table.loc["large", "a year"] == pytest.approx(0.9**0.5 - 1)
    assert table.loc["large", "volatility"] == pytest.approx(
        np.sqrt(12) * sides["large"].std(ddof=1)
    )
    assert fall_table(sides.iloc[:23]).empty


def test_the_paths_reach_the_worst_falls():
    """The lowest point of each path is the table's worst fall."""
    found = earlier("2007-12")
    worst = found.falls.set_index("series")["worst fall"]
    for name in ("small", "large", "small over large"):
        assert found.fall_paths[name].min() == pytest.approx(worst[name])


def test_the_chart_says_what_it_shows():
    """Falls carry words and no NaN; where there are too few months a sentence stands."""
    from analysis.pages.charts import size_premium as draw

    words = draw.falls(earlier("2007-12")).to_dict()["description"]
    assert words and "nan" not in words.lower()
    assert str(draw.falls(earlier("1931-06"))).startswith("There are too few months")
