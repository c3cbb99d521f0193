"""Many slopes at once: correlations by hand, signs by brute force, the size."""

import itertools

import numpy as np
import pytest

from analysis.inference.joint_slopes import Pair, joint_slopes
from analysis.results import InputError

YEARS = np.arange(96) // 12


def noise(seed, columns=2, length=96):
    """Columns of noise."""
    return np.random.default_rng(seed).normal(size=(columns, length))


def test_the_median_is_that_of_the_correlations():
    """Three pairs of their own lengths; the control is out of both sides."""
    one, other, driver, control = noise(1, 4)
    pairs = [
        Pair(one, driver, YEARS),
        Pair(other[24:], driver[24:], YEARS[24:]),
        Pair(2 * one, driver, YEARS, control),
    ]
    fits = [np.polyfit(control, column, 1) for column in (one, driver)]
    left = [c - np.polyval(fit, control) for c, fit in zip((one, driver), fits, strict=True)]
    each = [
        np.corrcoef(one, driver)[0, 1],
        np.corrcoef(other[24:], driver[24:])[0, 1],
        np.corrcoef(*left)[0, 1],
    ]
    found = joint_slopes(pairs, 99, 1)
    assert found.median == pytest.approx(np.median(each))
    assert (found.specifications, found.blocks) == (3, 8)


def test_random_signs_are_every_pattern_of_signs():
    """With eight years there are 256 patterns; many draws come near their exact share."""
    one, other, driver = noise(5, 3)
    pairs = [Pair(one, driver, YEARS), Pair(other, driver, YEARS)]
    scores = []
    for outcome in (one, other):
        e, x = outcome - outcome.mean(), driver - driver.mean()
        products = e * x / np.sqrt((e @ e) * (x @ x))
        scores.append([products[year == YEARS].sum() for year in range(8)])
    table = np.array(scores)
    signs = np.array(list(itertools.product([-1, 1], repeat=8)))
    medians = np.median(table @ signs.T, axis=0)
    exact = np.mean(np.abs(medians) >= abs(np.median(table.sum(axis=1))) - 1e-12)
    assert joint_slopes(pairs, 40_000, 3).p_value == pytest.approx(exact, abs=0.01)


def test_all_pairs_get_the_same_signs():
    """A pair and its negative cancel in every draw, so the median never moves from zero."""
    outcome, driver = noise(6)
    pairs = [Pair(outcome, driver, YEARS), Pair(-outcome, driver, YEARS)]
    found = joint_slopes(pairs, 200, 1)
    assert found.median == pytest.approx(0) and found.p_value == 1.0


def test_either_direction_counts():
    """An effect and its opposite have the same p-value, the smallest the draws allow."""
    driver = noise(7, 1, 600)[0]
    outcome, months = driver + 0.1 * noise(8, 1, 600)[0], np.arange(600) // 12
    for sign in (-1, 1):
        found = joint_slopes([Pair(sign * outcome, driver, months)], 499, 1)
        assert found.p_value == 1 / 500 and np.sign(found.median) == sign


@pytest.mark.slow
def test_swings_in_the_state_do_not_make_an_effect():
    """Where outcomes swing twice as much in the state and have no effect, one in twenty rejects."""
    rejected = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        state = np.repeat(rng.random(50) < 0.2, 12).astype(float)
        outcome = rng.standard_t(5, 600) * (1.0 + state)
        pairs = [Pair(outcome + rng.normal(size=600), state, np.arange(600) // 12) for _ in "abc"]
        rejected.append(joint_slopes(pairs, 199, seed).p_value < 0.05)
    assert 0.02 < np.mean(rejected) < 0.085


def test_what_cannot_be_joined_has_a_reason():
    """No pair, hardly any time, and vectors of two lengths."""
    outcome, driver = noise(9)
    assert "no specification" in joint_slopes([], 9, 1).refusal.reason
    short = Pair(outcome[:60], driver[:60], YEARS[:60])
    assert joint_slopes([short], 9, 1).refusal.reason == (
        "only 5 blocks of time for the joint test; 6 are needed"
    )
    still = joint_slopes([Pair(outcome, np.ones(96), YEARS)], 9, 1)
    assert still.median == 0.0 and still.p_value == 1.0
    with pytest.raises(InputError, match="as many of each"):
        joint_slopes([Pair(outcome, driver[:90], YEARS)], 9, 1)
