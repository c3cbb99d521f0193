"""The allocation chapter: mixes and entries by hand, planted truths, nothing seen after as_of."""

import functools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.checks import allocation
from analysis.checks.allocation.assets import ASSETS, asset_returns
from analysis.checks.allocation.portfolio_mix import drawdowns, mix, sharpe
from analysis.checks.allocation.staged_entry import (
    average_exposure,
    entries,
    tail_gain_over_constant,
)
from analysis.checks.allocation.tables import (
    entry_grid,
    entry_words,
    sharpe_by_weight,
    sleeve_grid,
    sleeve_words,
)
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import Dataset, load_dataset, loading
from analysis.results import Evidence, InputError, Refusal

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.chapter == "allocation"}
QUICK = allocation.Parameters(draws=100)


def months(count: int, start: str) -> pd.PeriodIndex:
    """A calendar of months."""
    return pd.period_range(start, periods=count, freq="M", name="month")


def dataset_of(small: np.ndarray, core: np.ndarray, start: str = "1980-01") -> Dataset:
    """A data set in which every small portfolio and every core portfolio is the same."""
    columns = {name: small for name in ASSETS["s1"]} | {name: core for name in ASSETS["s5"]}
    monthly = pd.DataFrame(columns | {"bill": 0.001}, index=months(len(small), start))
    return Dataset(monthly, {}, "bundled", monthly.index[-1])


def judge(claim: str, dataset: Dataset, **parameters) -> str | None:
    """The verdict on one claim."""
    study = allocation.study(dataset, CLAIMS, allocation.Parameters(draws=200, **parameters))
    return decide(CLAIMS[claim], study.evidence[claim], data="bundled", as_of="2010-01").verdict


@functools.cache
def noise(seed: int, count: int = 480) -> np.ndarray:
    """Independent monthly returns without a mean."""
    drawn = np.random.default_rng(seed).normal(0.0, 0.04, count)
    return drawn - drawn.mean()


@functools.cache
def earlier(as_of: str) -> allocation.AllocationStudy:
    """The chapter on the bundled data as of a month."""
    return allocation.study(load_dataset("bundled", as_of), CLAIMS, QUICK)


def test_a_sleeve_that_pays_is_supported():
    """A sleeve with a high mean of its own, unlike the core, raises the Sharpe ratio."""
    assert judge("barbell", dataset_of(0.015 + noise(1), 0.006 + noise(2))) == "supported"


def test_a_sleeve_that_loses_is_contradicted():
    """A sleeve that loses every year lowers the Sharpe ratio beyond chance."""
    assert judge("barbell", dataset_of(-0.012 + noise(1), 0.008 + noise(2))) == "contradicted"


def test_a_sleeve_like_the_core_is_not_distinguishable():
    """A sleeve with the core's own returns and a little noise is neither better nor worse."""
    core = 0.006 + noise(2)
    small = core + noise(3) / 20
    assert judge("barbell", dataset_of(small, core)) == "not distinguishable"


def test_stages_are_supported_where_a_crash_follows_its_boom():
    """When only windows that begin with the crash are bad, staging misses it and less does not.

    A boom and a crash every fourteen months: a window that meets the crash later met the boom.
    Blocks must be long enough to keep the pattern in the resampled months.
    """
    cycle = np.tile([0.45, -0.30, *[0.0] * 12], 52)[:720]
    dataset = dataset_of(cycle + noise(4, 720) / 40, noise(5, 720), "1955-01")
    assert judge("staged-entry", dataset, block_months=120) == "supported"


def test_stages_are_uninformative_where_months_are_independent():
    """With independent months the tail rises only because less is held."""
    dataset = dataset_of(0.008 + noise(6, 720), noise(5, 720), "1955-01")
    assert judge("staged-entry", dataset) == "true but uninformative"


def test_stages_are_contradicted_where_falls_come_late():
    """In a market that always rises, waiting lowers every result, the tail included."""
    rising = 0.01 + np.abs(noise(7))
    assert judge("staged-entry", dataset_of(rising, noise(5))) == "contradicted"


def test_every_criterion_finds_its_measures():
    """The evidence holds every measure that a criterion names."""
    study = earlier("2007-12")
    assert set(study.evidence) == set(CLAIMS)
    for name, claim in CLAIMS.items():
        assert claim.criterion.measures() <= set(study.evidence[name].measures)


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_the_chapter_runs_as_of_earlier_months(as_of):
    """Earlier months give a finite result for both claims, none of it from later data."""
    for evidence in earlier(as_of).evidence.values():
        assert isinstance(evidence, Evidence)
        assert evidence.sample_end <= as_of
        assert all(math.isfinite(value) for value in evidence.measures.values())


def test_wild_values_after_as_of_change_nothing(monkeypatch):
    """Returns after the cut can be anything; the evidence as of the cut stays the same."""
    whole = load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["2008-01":] = 0.5
    before = earlier("2007-12")
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
    cut = load_dataset("bundled", "2007-12")
    again = allocation.study(cut, CLAIMS, QUICK)
    for name in CLAIMS:
        assert again.evidence[name].measures == before.evidence[name].measures


def test_too_few_months_are_refused():
    """Five years before 1992 hold neither a recent era nor enough windows."""
    study = allocation.study(dataset_of(noise(1, 60), noise(2, 60)), CLAIMS, QUICK)
    assert "July 1992" in study.evidence["barbell"].reason
    assert "side by side" in study.evidence["staged-entry"].reason
    assert study.ways.empty and study.quantiles.empty and study.entries.empty


def test_missing_portfolios_are_refused_by_name():
    """A sleeve the data do not hold is refused, naming it; an unknown one is an error."""
    dataset = dataset_of(noise(1), noise(2))
    study = allocation.study(
        dataset, CLAIMS, allocation.Parameters(draws=100, sleeve="me1_high_op", leg="lo30")
    )
    assert "profitable" in study.evidence["barbell"].reason
    assert "smallest 30%" in study.evidence["staged-entry"].reason
    assert study.portfolios.empty and study.drawdowns.empty and study.weights.empty
    with pytest.raises(InputError, match="one of market"):
        asset_returns(dataset.monthly, "gold")


def test_latest_columns_are_used_where_they_are():
    """Profitable small caps are the mean of the third to fifth groups by profitability."""
    monthly = pd.DataFrame(
        {"me1op3": [0.01], "me1op4": [0.02], "me1op5": [0.06], "bill": [0.0]},
        index=months(1, "2000-01"),
    )
    assert asset_returns(monthly, "me1_high_op")["me1_high_op"].iloc[0] == pytest.approx(0.03)
    assert isinstance(asset_returns(monthly, "s1"), Refusal)


def test_a_mix_by_hand():
    """Two months, half and half, reset at the end of the second at 1% of what is traded."""
    found = mix(np.array([0.0, 0.0]), np.array([0.10, 0.10]), 0.5, 2, 0.01)
    value = 0.5 + 0.5 * 1.21
    traded = 2 * (0.605 / value - 0.5)
    assert found.returns[0] == pytest.approx(0.05)
    assert found.returns[1] == pytest.approx(value / 1.05 * (1 - 0.01 * traded) - 1)
    assert found.turnover == pytest.approx(traded * 6)
    assert found.cost == pytest.approx(0.01 * traded * 6)


def test_a_mix_equals_a_loop():
    """A portfolio kept month by month in a loop has the same value."""
    core, sleeve, cost, weight, every = noise(1, 50), noise(2, 50), 0.003, 0.3, 7
    held = np.array([1 - weight, weight])
    values = []
    for month in range(50):
        held = held * (1 + np.array([core[month], sleeve[month]]))
        if (month + 1) % every == 0:
            target = held.sum() * np.array([1 - weight, weight])
            paid = cost * np.abs(target - held).sum()
            held = (held.sum() - paid) * np.array([1 - weight, weight])
        values.append(held.sum())
    found = mix(core, sleeve, weight, every, cost)
    np.testing.assert_allclose(np.cumprod(1 + found.returns), values)


@given(weight=st.sampled_from([0.0, 1.0]), every=st.integers(1, 30), cost=st.floats(0, 0.05))
@settings(derandomize=True, max_examples=15, deadline=None)
def test_a_mix_of_one_asset_is_that_asset(weight, every, cost):
    """Weights of 0 and 1 give core and sleeve themselves, without turnover."""
    found = mix(noise(1, 40), noise(2, 40), weight, every, cost)
    np.testing.assert_allclose(found.returns, noise(2, 40) if weight else noise(1, 40), atol=1e-12)
    assert found.turnover == pytest.approx(0.0, abs=1e-10)


def test_impossible_mixes_are_errors():
    """A weight above one is refused."""
    with pytest.raises(InputError, match="not a portfolio"):
        mix(noise(1), noise(2), 1.2, 12, 0.0)


def test_drawdown_and_sharpe_by_hand():
    """Up 10%, down half, up 10%: half is lost; the first month's loss counts from the start."""
    np.testing.assert_allclose(drawdowns([0.1, -0.5, 0.1]), [0.0, 0.5, 0.45])
    assert drawdowns([-0.2])[0] == pytest.approx(0.2)
    assert sharpe(np.array([0.01, 0.03]), np.zeros(2)) == pytest.approx(math.sqrt(12) * 2.0)


def test_entries_by_hand():
    """Two stages over two months with bills at 1%: each half follows its own path."""
    found = entries(np.array([0.10, 0.20]), np.array([0.01, 0.01]), 2, 2)
    assert found.lump[0] == pytest.approx(1.1 * 1.2 - 1)
    assert found.staged[0] == pytest.approx(0.5 * 1.1 * 1.2 + 0.5 * 1.01 * 1.2 - 1)
    first, second = 0.75 * 0.10 + 0.25 * 0.01, 0.75 * 0.20 + 0.25 * 0.01
    assert found.constant[0] == pytest.approx((1 + first) * (1 + second) - 1)


@pytest.mark.parametrize(("stages", "horizon"), [(6, 12), (3, 24), (12, 12)])
def test_entries_equal_a_loop(stages, horizon):
    """Money moved month by month in a loop ends where the formula says, sample by sample."""
    small, bill = np.stack([noise(1, 60), noise(2, 60)]), np.full((2, 60), 0.002)
    found = entries(small, bill, stages, horizon)
    exposures = []
    for sample in range(2):
        for start in range(60 - horizon + 1):
            stocks, cash = 0.0, 1.0
            parts = [1.0 / stages] * stages
            for month in range(horizon):
                if month < stages:
                    moved = parts[month] * (1.002**month)
                    stocks, cash = stocks + moved, cash - moved
                stocks, cash = stocks * (1 + small[sample, start + month]), cash * 1.002
                exposures.append(min(month + 1, stages) / stages)
            assert found.staged[sample, start] == pytest.approx(stocks + cash - 1)
    assert average_exposure(stages, horizon) == pytest.approx(np.mean(exposures))
    assert found.lump.shape == (2, 60 - horizon + 1)


def test_one_stage_is_the_lump_sum():
    """A single stage is all at once, and so is its constant mix."""
    found = entries(noise(1), np.full(480, 0.001), 1, 12)
    np.testing.assert_allclose(found.staged, found.lump, atol=1e-12)
    np.testing.assert_allclose(found.constant, found.lump, atol=1e-12)


def test_stages_must_fit_the_window():
    """More stages than months are an error that names the remedy."""
    with pytest.raises(InputError, match="use fewer stages"):
        allocation.study(
            dataset_of(noise(1), noise(2)), CLAIMS, allocation.Parameters(stages=13, draws=100)
        )


def test_the_tail_statistic_is_a_difference_of_quantiles():
    """For one sample the statistic is the quantile of staging less that of the constant mix."""
    bill = np.full(480, 0.001)
    found = entries(noise(1), bill, 6, 12)
    by_hand = np.quantile(found.staged, 0.05) - np.quantile(found.constant, 0.05)
    assert tail_gain_over_constant(noise(1)[None], bill[None], 6, 12, 0.05)[0] == pytest.approx(
        by_hand
    )


def test_the_grids_hold_the_primary_specification():
    """The row of the registered specification says what the evidence says."""
    study, dataset = earlier("2007-12"), load_dataset("bundled", "2007-12")
    mixes = sleeve_grid(dataset, CLAIMS["barbell"], 12).query(
        "core == 's5' and sleeve == 's1v5' and weight == 0.2 and cost == 0.002 and era == 'full'"
    )
    measures = study.evidence["barbell"].measures
    assert mixes["sharpe_difference"].item() == pytest.approx(measures["sharpe_difference"])
    assert mixes["drawdown_change"].item() == pytest.approx(measures["drawdown_change"])
    ways = entry_grid(dataset, CLAIMS["staged-entry"]).query(
        "leg == 's1' and stages == 6 and horizon == 12 and tail == 0.05 and era == 'full'"
    )
    measures = study.evidence["staged-entry"].measures
    for name in ("mean_difference", "tail_gain", "tail_gain_over_constant"):
        assert ways[name].item() == pytest.approx(measures[name])


def test_weight_zero_changes_nothing():
    """Without a sleeve the Sharpe difference is nought in every era."""
    table = sharpe_by_weight(dataset_of(noise(1), noise(2)), CLAIMS["barbell"], QUICK)
    assert table[table["weight"] == 0.0]["difference"].abs().max() < 1e-12
    assert set(table["era"]) == {"full", "from_1981", "from_1992"}


def test_empty_grids_say_so():
    """Without a single specification the sentence says that, and does not divide by nothing."""
    dataset = dataset_of(noise(1, 20), noise(2, 20))
    assert sleeve_words(sleeve_grid(dataset, CLAIMS["barbell"], 12), CLAIMS["barbell"]).startswith(
        "No mix"
    )
    claim = CLAIMS["staged-entry"]
    assert entry_words(entry_grid(dataset, claim), claim).startswith("No entry")
