"""Where a June's gap stands: ratios, percentiles and wider Junes, as the criteria have them."""

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

SIZE, RANK = (load_claims()[name] for name in ("gap-book-sales-lower", "widest-since-1999"))
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
        ([1.9, 1.8, 1.4, 1.3], [1.0, 1.1, 1.2, 1.5], "true but uninformative"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.24], "contradicted"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.3], "not distinguishable"),
    ],
)
def test_far_cheaper_is_a_ratio_of_a_quarter_on_both_bases(june, december, expected):
    """Lower and higher ratio, the lower percentile, and the distance of the two log gaps."""
    found = ranked(books(np.log(june), np.log(december)), SIZE)
    assert verdict(found, SIZE) == expected
    last = (june[-1], december[-1])
    assert found.measures["ratio_lowest"] == pytest.approx(min(last))
    assert found.measures["ratio_highest"] == pytest.approx(max(last))
    shares = [np.mean(np.array(v) <= v[-1]) for v in (june, december)]
    assert found.measures["percentile_lowest"] == pytest.approx(min(shares))
    assert found.mde == pytest.approx(abs(math.log(last[0] / last[1])))


@pytest.mark.parametrize(
    ("june", "december", "expected", "counts"),
    [
        ({}, {}, "supported", (0, 0)),
        ({2010: 9.0}, {}, "not distinguishable", (1, 0)),
        ({2010: 9.0, 2011: 9.0}, {2024: 9.0}, "contradicted", (2, 1)),
        ({1999: 9.0, 2026: 9.0}, {1999: 9.0}, "supported", (0, 0)),
    ],
)
def test_only_junes_from_2000_to_2024_are_counted(june, december, expected, counts):
    """Wider Junes on the two bases; those of 1999 and after June 2025 do not count."""
    bases = []
    for wider in (june, december):
        gap = dict.fromkeys(range(1990, 2027), 0.1) | {2025: 1.0} | wider
        bases.append([gap[year] for year in sorted(gap)])
    found = ranked(books(*bases, first=1990), RANK)
    assert verdict(found, RANK) == expected
    measures = found.measures
    assert (measures["years_wider_most"], measures["years_wider_least"]) == counts
    assert (found.n, found.sample_end) == (25, "2025-06")


def test_an_earlier_last_june_takes_the_claimed_one_s_place():
    """As of 2010 the question is asked of June 2010, before 2001 it is refused."""
    years = np.linspace(0, 1, 21)
    found = ranked(books(years, years, first=1990), RANK)
    assert (found.n, found.sample_end) == (10, "2010-06")
    early = ranked(books(years[:11], years[:11], first=1990), RANK)
    assert "counts from 2000-06" in early.refusal.reason


def test_one_basis_is_judged_by_itself():
    """Its ratio alone, and no distance between bases."""
    data = books(np.log([1.0, 1.1, 1.4, 1.6]), np.log([1.2, 1.3, 1.2, 1.5]))
    found = ranked(data, SIZE, basis="december")
    assert found.measures["ratio_lowest"] == found.measures["ratio_highest"] == pytest.approx(1.5)
    assert found.mde == 0
    assert "June basis" not in found.finding


def test_the_grid_takes_each_pair_of_groups_it_can():
    """Halves from their own book-to-market, fifths nearest to Lo30 and Hi30, none for a decile."""
    rising = np.linspace(1.0, 2.0, 36)
    data = books([0.5] * 4, [0.4] * 4, bm_small_half_june=rising, bm_small_half_december=rising)
    data = replace(data, monthly=data.monthly.assign(bm_big_half_june=1.0, bm_big_half_december=1))
    study = valuation_rank(data, bind(SIZE), NONE)
    row = study.grid.set_index(["basis", "small", "large"]).loc
    assert row["june", "lo30", "hi30"]["ratio"] == pytest.approx(np.exp(0.5))
    halves = row["december", "small_half", "big_half"]
    assert (halves["ratio"], halves["percentile"]) == (pytest.approx(2.0), 1.0)
    assert "no book-to-market" in row["june", "lo30", "dec10"]["reason"]


def test_book_values_are_refused_where_they_are_missing():
    """The bundled data, and no June at all, each say why."""
    data = books([0.5] * 4, [0.4] * 4)
    for claim in (SIZE, RANK):
        assert ranked(replace(data, data="bundled"), claim).refusal.needs == "latest"
        assert ranked(replace(data, valuation=None), claim).refusal.needs == "latest"
        empty = replace(data, valuation=data.valuation.iloc[:0])
        assert "no June" in ranked(empty, claim).refusal.reason
