"""News with signs against random days: by hand, by size, and bad input."""

import numpy as np
import pytest

from analysis.inference.signed_days import SignedDays, _smallest, signed_returns
from analysis.results import InputError

PLACES = np.arange(0, 200, 10)
SIGNS = np.where(np.arange(20) % 2 == 0, 1.0, -1.0)


def way(effect=0.0, seed=1):
    values = np.random.default_rng(seed).normal(0, 0.005, 200)
    values[PLACES] += effect * SIGNS
    return SignedDays(values, PLACES, SIGNS)


def test_the_mean_is_signed_and_beyond_the_mean_of_all_days():
    one = way(0.003)
    found = signed_returns([one], 499, 1)
    centred = one.values - one.values.mean()
    assert found.means[0] == pytest.approx((SIGNS * centred[PLACES]).mean())


def test_events_that_all_point_one_way_are_held_against_the_drift():
    """Days that gain a hundred on average give nothing to events that gain as much."""
    values = np.tile([99.0, 101.0], 50)
    steady = SignedDays(values, np.arange(10), np.ones(10))
    found = signed_returns([steady], 200, 3)
    assert found.means[0] == 0.0  # five of each
    assert abs(found.null_means).max() <= 1.0
    gain = SignedDays(values, np.arange(1, 16, 2), np.ones(8))
    assert signed_returns([gain], 200, 3).means[0] == 1.0


def test_the_seed_decides_the_random_days():
    """The same seed the same days, another seed others."""
    one, strata = way(), np.repeat([1, 2], 100)
    for classes in (None, strata):
        first, again, other = (signed_returns([one], 50, n, classes) for n in (4, 4, 5))
        np.testing.assert_array_equal(first.null_means, again.null_means)
        assert not np.array_equal(first.null_means, other.null_means)


def test_a_planted_move_is_found_and_its_opposite_is_not():
    assert signed_returns([way(0.005)], 999, 1).p_of(0) < 0.01
    assert signed_returns([way(-0.005)], 999, 1).p_of(0) > 0.99


def test_without_a_move_five_in_a_hundred_are_found():
    found = [signed_returns([way(0.0, seed)], 199, 1).p_of(0) for seed in range(200)]
    assert np.mean(np.array(found) < 0.05) < 0.09


def test_ways_on_the_same_days_have_one_p_value():
    """The same way twice is one way; a second without a move weakens it."""
    alone = signed_returns([way(0.005)], 999, 1)
    twice = signed_returns([way(0.005), way(0.005)], 999, 1)
    assert twice.joint_p == alone.joint_p == alone.p_of(0)


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ([way(), SignedDays(np.zeros(5), PLACES[:0], SIGNS[:0])], "same days"),
        ([SignedDays(np.zeros(50), PLACES, SIGNS)], "outside"),
        ([SignedDays(np.zeros(190), PLACES, SIGNS)], "outside"),
        ([SignedDays(np.zeros(200), PLACES - 1, SIGNS)], "outside"),
        ([SignedDays(np.zeros(200), PLACES, SIGNS[:3])], "a sign for every event"),
    ],
)
def test_bad_input_is_one_error(ways, said):
    with pytest.raises(InputError, match=said):
        signed_returns(ways, 9, 1)


def test_too_few_events_are_refused():
    few = SignedDays(np.zeros(200), PLACES[:5], SIGNS[:5])
    assert "only 5 events" in signed_returns([few], 9, 1).refusal.reason
    eight = SignedDays(way().values, PLACES[:8], SIGNS[:8])
    assert signed_returns([eight], 9, 1).refusal is None
    assert "no way" in signed_returns([], 9, 1).refusal.reason


def test_days_of_its_own_class_are_what_an_event_is_set_against():
    """Wild days among quiet ones: drawn from all, the null is too narrow; from the wild, right."""
    rng = np.random.default_rng(5)
    wild = np.arange(1000) % 10 == 0
    values = rng.normal(0, np.where(wild, 0.03, 0.003))
    one = SignedDays(values, np.flatnonzero(wild)[::4], np.ones(25))
    within = signed_returns([one], 1999, 1, wild.astype(int))
    draws_of_25 = values[wild].std(ddof=1) / 5 * np.sqrt(1 - 25 / 100)
    assert within.error_of(0) == pytest.approx(draws_of_25, rel=0.06)
    assert signed_returns([one], 1999, 1).error_of(0) < 0.5 * draws_of_25
    centred = values[one.places] - values[wild].mean()
    assert within.means[0] == pytest.approx(centred.mean())


def test_events_in_any_order_keep_their_signs_within_their_classes():
    """Shuffled events give the same mean and, class by class, as many random days each."""
    strata = np.repeat([2001, 2002], 100)
    one, mixed = way(0.003), np.random.default_rng(2).permutation(20)
    shuffled = SignedDays(one.values, PLACES[mixed], SIGNS[mixed])
    sorted_mean = signed_returns([one], 99, 1, strata).means[0]
    assert signed_returns([shuffled], 99, 1, strata).means[0] == pytest.approx(sorted_mean)
    steps = SignedDays(np.where(strata == 2001, 0.0, 1.0), PLACES, np.ones(20))
    assert np.allclose(signed_returns([steps], 99, 1, strata).null_means, 0.0)
    with pytest.raises(InputError, match="strata: 3 days"):
        signed_returns([one], 99, 1, np.array([1, 1, 2]))


def test_random_days_come_in_the_order_of_their_numbers():
    """As a full sort gives them: the order of a partition differs from processor to processor."""
    numbers = np.random.default_rng(5).random((40, 300))
    for count in (1, 7, 300):
        by_sorting = numbers.argsort(axis=1)[:, :count]
        np.testing.assert_array_equal(_smallest(numbers, count), by_sorting)
