"""Interest on debt that reprices: sums by hand, inverses that agree, bad structures by name."""

import itertools

import pytest

from analysis.inference.repricing import (
    even_ladder,
    final_hit,
    implied_gap,
    interest_burden,
    needed_floating_share,
    needed_repricing,
    repriced_within_a_year,
    summed_floating_share,
    summed_repricing,
)
from analysis.results import InputError


def test_a_burden_by_hand():
    """Debt of 4 times, a quarter floating, rates up 2 then 1 points, a third of the rest due."""
    burden = interest_burden(4, 0.25, [1 / 3, 1 / 3], [0.02, 0.01], 2)
    assert burden.yearly == pytest.approx([4 * (0.005 + 0.005), 4 * (0.0025 + 0.005 + 0.0025)])
    assert burden.repriced == pytest.approx([0.5, 0.75])
    assert burden.cumulative == pytest.approx([0.04, 0.08])
    assert (burden.last_year, burden.average) == pytest.approx((0.04, 0.04))


@pytest.mark.parametrize("ladder", [[0.5, 0.1], [0.0, 0.6], [0.2, 0.2, 0.2]])
def test_the_last_year_does_not_depend_on_the_order_of_maturities(ladder):
    """With a constant gap only what has matured by then counts: the registered formula."""
    burden = interest_burden(5, 0.4, ladder, [0.03] * 3, 3)
    assert burden.last_year == pytest.approx(final_hit(5, 0.03, 0.4, 0.6))
    assert burden.last_year == pytest.approx(5 * 0.03 * (0.4 + 0.6 * 0.6))


def test_repricing_and_its_inverse_agree():
    """The floating share that gives a repriced share gives it back, in one year and added up."""
    for floating, maturing in itertools.product((0.0, 0.3, 1.0), (0.0, 0.5, 0.9)):
        repriced = floating + (1 - floating) * maturing
        assert needed_floating_share(repriced, maturing) == pytest.approx(floating)
        total = summed_repricing(floating, maturing, 5)
        years = interest_burden(1, floating, even_ladder(maturing, 5), [1.0] * 5, 5)
        assert total == pytest.approx(years.repriced.sum())
        assert summed_floating_share(total, maturing, 5) == pytest.approx(floating)
    assert needed_floating_share(1.2, 0.5) is None
    assert needed_floating_share(0.2, 0.5) is None


def test_the_identity_of_the_two_quoted_figures():
    """32 over 2 are sixteen steps of a quarter point: four points, and eight times repriced."""
    assert implied_gap(0.32, 0.02) == pytest.approx(0.04)
    assert needed_repricing(0.32, 8, 0.04) == pytest.approx(1.0)
    with pytest.raises(InputError, match="hit_per_step"):
        implied_gap(0.32, 0)


def test_a_year_reprices_one_over_twice_the_duration():
    """Loans of two years' duration reprice a quarter a year, very short debt all of it."""
    assert repriced_within_a_year(2) == 0.25
    assert repriced_within_a_year(0.1) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"floating_share": 1.2}, "floating_share"),
        ({"maturities": [0.7, 0.7]}, "maturities add up"),
        ({"maturities": [-0.1]}, "maturities"),
        ({"rate_path": [0.01]}, "rate_path"),
        ({"horizon": 0}, "horizon"),
        ({"debt_to_earnings": float("nan")}, "debt_to_earnings"),
    ],
)
def test_an_impossible_debt_structure_is_refused_by_name(change, named):
    """Shares above one, negative maturities or too short a path cannot be priced."""
    good = {
        "debt_to_earnings": 4,
        "floating_share": 0.4,
        "maturities": [0.2, 0.2],
        "rate_path": [0.01, 0.01],
        "horizon": 2,
    }
    with pytest.raises(InputError, match=named):
        interest_burden(**(good | change))
