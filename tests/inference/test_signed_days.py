"""News with signs against random days: by hand, by size, and bad input."""

import numpy as np
import pytest

from analysis.inference.signed_days import SignedDays, signed_returns
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
        ([SignedDays(np.zeros(200), PLACES, SIGNS[:3])], "a sign for every event"),
    ],
)
def test_bad_input_is_one_error(ways, said):
    with pytest.raises(InputError, match=said):
        signed_returns(ways, 9, 1)


def test_too_few_events_are_refused():
    few = SignedDays(np.zeros(200), PLACES[:5], SIGNS[:5])
    assert "only 5 events" in signed_returns([few], 9, 1).refusal.reason
    assert "no way" in signed_returns([], 9, 1).refusal.reason
