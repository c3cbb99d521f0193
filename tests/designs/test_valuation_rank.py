"""Where the last June's gap stands: ratios and percentiles, as the criterion has them."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.valuation_rank import valuation_rank
from analysis.panel import Dataset

[SIZE] = [claim for claim in load_claims().values() if claim.design == "valuation_rank"]
NONE = Sampling(draws=1, seed=1)


def verdict(finding, claim) -> str | None:
    return decide(claim, finding, data="latest", as_of="2026-04").verdict


def books(june, december, first=2000, **monthly) -> Dataset:
    """Latest data of which only the Junes' gaps, and monthly columns, are given."""
    index = pd.PeriodIndex([f"{first + i}-06" for i in range(len(june))], freq="M", name="june")
    valuation = pd.DataFrame({"gap_june": june, "gap_december": december}, index=index)
    span = pd.period_range(f"{first}-07", index[-1], freq="M", name="month")
    return Dataset(pd.DataFrame(monthly, index=span), {}, "latest", index[-1], valuation=valuation)


def ranked(dataset, claim, **changes):
    return valuation_rank(dataset, bind(claim, changes), NONE).finding


@pytest.mark.parametrize(
    ("june", "december", "expected"),
    [
        ([1.0, 1.1, 1.4, 1.6], [1.2, 1.3, 1.2, 1.5], "supported"),
        ([1.9, 1.8, 1.4, 1.3], [1.3, 1.3, 1.2, 1.5], "true but uninformative"),
        ([1.9, 1.3, 1.1, 1.4, 1.3], [1.3, 1.25, 1.2, 1.2, 1.5], "supported"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.24], "contradicted"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.3], "not distinguishable"),
    ],
)
def test_far_cheaper_is_a_ratio_of_a_quarter_on_both_bases(june, december, expected):
    """Lower and higher ratio, lower percentile, and the share of Junes before as far cheaper."""
    found = ranked(books(np.log(june), np.log(december)), SIZE)
    assert verdict(found, SIZE) == expected
    last = (june[-1], december[-1])
    assert found.measures["ratio_lowest"] == pytest.approx(min(last))
    assert found.measures["ratio_highest"] == pytest.approx(max(last))
    shares = [np.mean(np.array(v) <= v[-1]) for v in (june, december)]
    assert found.measures["percentile_lowest"] == pytest.approx(min(shares))
    far = np.exp(np.log([june[:-1], december[:-1]])) >= 1.25
    assert found.luck == found.measures["luck"] == pytest.approx(far.all(axis=0).mean())
    error = abs(math.log(last[0] / last[1])) / 2
    assert found.mde == pytest.approx(2.8016 * error * math.sqrt(last[0] * last[1]), rel=1e-3)


def test_the_grid_s_p_value_is_the_rank_of_its_median():
    """The share of Junes whose median gap over the grid was as wide as that of the last."""
    data = books([0.1, 0.5, 0.2, 0.4], [0.3, 0.5, 0.4, 0.6])
    assert ranked(data, SIZE).joint_p == pytest.approx(2 / 4)


def test_one_basis_is_judged_by_itself():
    """Its ratio alone, and no distance between bases."""
    data = books(np.log([1.0, 1.1, 1.4, 1.6]), np.log([1.2, 1.3, 1.2, 1.5]))
    found = ranked(data, SIZE, basis="december")
    assert found.measures["ratio_lowest"] == found.measures["ratio_highest"] == pytest.approx(1.5)
    assert found.mde is None
    assert "June basis" not in found.finding


def test_the_grid_takes_each_pair_of_groups_it_can():
    """Halves from their own book-to-market, two fifths from the gaps, none of a single fifth."""
    rising = np.linspace(1.0, 2.0, 36)
    data = books([0.5] * 4, [0.4] * 4, bm_small_half_june=rising, bm_small_half_december=rising)
    data = replace(data, monthly=data.monthly.assign(bm_big_half_june=1.0, bm_big_half_december=1))
    study = valuation_rank(data, bind(SIZE), NONE)
    row = study.grid.set_index(["basis", "small", "large"]).loc
    assert row["june", "small", "big"]["ratio"] == pytest.approx(np.exp(0.5))
    halves = row["december", "small_half", "big_half"]
    assert (halves["ratio"], halves["percentile"]) == (pytest.approx(2.0), 1.0)
    assert "no book-to-market" in row["june", "lo20", "hi20"]["reason"]


def test_book_values_are_refused_where_they_are_missing():
    """The bundled data, and no June at all, each say why."""
    data = books([0.5] * 4, [0.4] * 4)
    assert ranked(replace(data, data="bundled"), SIZE).refusal.needs == "latest"
    assert ranked(replace(data, valuation=None), SIZE).refusal.needs == "latest"
    empty = replace(data, valuation=data.valuation.iloc[:0])
    assert "no June" in ranked(empty, SIZE).refusal.reason
