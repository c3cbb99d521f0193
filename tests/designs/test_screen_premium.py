"""A screen on profitability: weights by hand, planted screens, the months since publication."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.screen_premium import best_month_words, screened, weights_at_hand
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIM = load_claims()["quality-screen"]
FEW = Sampling(100, 1)


def study(dataset, **changes):
    return find_design("screen_premium")(dataset, bind(CLAIM, changes), FEW)


def verdict(found):
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def made(screen: float) -> Dataset:
    """Fifteen portfolios by size and profit; `screen` is added to the three profitable fifths."""
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    rng = np.random.default_rng(7)
    market = rng.normal(0.006, 0.045, len(months))
    columns = {
        f"me{size}op{place}": market + screen * (place >= 3) + rng.normal(0, 0.004, len(months))
        for size in (1, 2, 3)
        for place in range(1, 6)
    }
    monthly = pd.DataFrame(columns, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1])


def with_caps(dataset: Dataset) -> Dataset:
    """The two least profitable portfolios weigh ten, the others one."""
    caps = {f"cap_me{s}op{p}": 1.0 + 9.0 * (p < 3) for s in (1, 2, 3) for p in range(1, 6)}
    return replace(dataset, monthly=dataset.monthly.assign(**caps))


@pytest.mark.parametrize(
    ("screen", "expected"),
    [(0.003, "supported"), (0.0, "not distinguishable"), (-0.003, "contradicted")],
)
def test_a_planted_screen_gets_its_verdict(screen, expected):
    """Profitable firms that lead, do not lead, and fall behind in every era."""
    found = study(made(screen))
    assert verdict(found) == expected
    for measure in CLAIM.criterion.measures():
        assert np.isfinite(found.finding.measures[measure]), measure
    assert found.finding.mde > 0
    assert found.finding.more_needed


def test_the_screen_weights_by_capitalisation_where_it_is_at_hand():
    """Three of five portfolios by hand: weights 1 to 5, returns 1 to 5 per cent."""
    months = pd.period_range("2000-01", periods=2, freq="M")
    returns = {f"me1op{i}": [i / 100, np.nan if i == 2 else 0.0] for i in range(1, 6)}
    monthly = pd.DataFrame(returns, index=months)
    assert weights_at_hand(monthly, 1, "capitalisation") == "equal"
    assert screened(monthly, 1, (3, 5), "equal").tolist() == pytest.approx([0.04 - 0.03])
    assert screened(monthly, 1, (3, 5), "capitalisation").empty
    caps = monthly.assign(**{f"cap_me1op{i}": float(i) for i in range(1, 6)})
    assert weights_at_hand(caps, 1, "capitalisation") == "capitalisation"
    assert weights_at_hand(caps, 1, "equal") == "equal"
    weighted = screened(caps, 1, (3, 5), "capitalisation")
    assert weighted.tolist() == pytest.approx([50 / 12 / 100 - 55 / 15 / 100])
    assert screened(caps, 1, (2, 3), "equal").tolist() == pytest.approx([0.025 - 0.03])


def test_the_screen_says_which_weights_it_used():
    """The finding names the weights, and capitalisation changes the number."""
    equal, weighted = (study(d).finding for d in (made(0.003), with_caps(made(0.003))))
    assert "equally, since the panel holds no capitalisation" in equal.finding
    assert "by capitalisation" in weighted.finding
    assert equal.estimate == pytest.approx(12 * 0.003 * 2 / 5, abs=0.002)
    assert weighted.estimate == pytest.approx(12 * 0.003 * 20 / 23, abs=0.002)


def test_equal_weights_are_used_where_they_are_asked_for():
    """Capitalisations at hand do not overrule the arguments."""
    chosen = study(with_caps(made(0.003)), weights="equal")
    assert chosen.finding.estimate == study(made(0.003)).finding.estimate
    assert chosen.finding.finding.endswith("The portfolios are weighted equally.")


def test_the_best_month_is_told_apart():
    """Three months of 1, 2 and 9 per cent: without the last they make 18 per cent a year."""
    months = pd.period_range("2020-11", periods=3, freq="M")
    words = best_month_words(pd.Series([0.01, 0.02, 0.09], index=months))
    assert "2021-01, gives +9.0%" in words
    assert "+18.0% a year" in words


def test_the_recent_difference_begins_with_the_month_of_publication():
    """What the screen earned since July 2013 is the mean of those months, and decides nothing."""
    dataset = made(0.003)
    monthly = dataset.monthly.copy()
    monthly.loc["2013-07":, ["me1op3", "me1op4", "me1op5"]] -= 0.006
    found = study(replace(dataset, monthly=monthly))
    fifths = monthly.loc["2013-07":, [f"me1op{i}" for i in range(1, 6)]].mean(axis=0)
    by_hand = 12 * (fifths[-3:].mean() - fifths.mean())
    assert found.finding.measures["difference_recent"] == pytest.approx(by_hand)
    assert found.finding.measures["difference"] > 0 > by_hand
    assert verdict(found) == "supported"
    assert "From 2013-07 on the best month" in found.finding.sensitivity


def test_another_size_and_screen_reach_the_finding():
    """The arguments choose the portfolios, and the sentence says which."""
    dataset = made(0.0)
    monthly = dataset.monthly.copy()
    monthly["me3op5"] += 0.004
    found = study(replace(dataset, monthly=monthly), size_quintile=3, op_from=5).finding
    assert found.estimate == pytest.approx(12 * 0.004 * 4 / 5, abs=0.003)
    assert found.finding.startswith("Profitable mid-sized caps returned")
    assert found.null == "profitable mid-sized firms return what all mid-sized firms return"


def test_the_fifths_sum_to_nothing():
    """Equally weighted, the five differences from the whole cancel."""
    fifths = study(made(0.003)).fifths
    whole = fifths[fifths["era"] == "full"]
    assert whole["fifth"].tolist() == [1, 2, 3, 4, 5]
    assert whole["annual"].sum() == pytest.approx(0.0, abs=1e-12)


def test_a_grid_row_without_capitalisations_has_its_reason():
    """Half of the grid asks for weights the panel lacks."""
    grid = study(made(0.0)).grid
    assert len(grid) == 54
    lacking = grid["weights"] == "capitalisation"
    assert set(grid.loc[lacking, "reason"]) == {"only 0 months; 60 are needed"}
    assert set(grid.loc[~lacking, "reason"]) == {""}


def test_a_screen_that_lets_all_through_is_refused():
    """The whole against the whole is no test."""
    for changes in ({"op_from": 1}, {"op_from": 5, "op_to": 4}):
        with pytest.raises(InputError, match="is no part of the five fifths"):
            bind(CLAIM, changes)


def test_the_bundled_data_ask_for_the_latest():
    """What the bundled data lack is named."""
    found = study(load_dataset("bundled"))
    assert found.finding.refusal.needs == "latest"
    assert found.finding.refusal.reason.startswith("needs the latest data: ")
    assert found.fifths.empty
    assert found.spread.empty
