"""Correlations at every circular shift: a loop's numbers, a median by hand, and controls."""

import numpy as np
import pytest

from analysis.inference.shifted_correlations import (
    Pair,
    median_correlation,
    residual,
    shift_correlations,
)

EVERYWHERE = np.ones(40, dtype=bool)
LATER = np.arange(40) >= 15


def noise(seed, columns=2):
    """Columns of noise, forty months long."""
    return np.random.default_rng(seed).normal(size=(columns, 40))


def test_shifted_correlations_agree_with_a_loop():
    """The Fourier transform gives what shifting the driver month by month gives."""
    outcome, driver = noise(7)
    left = residual(Pair(outcome, driver, LATER))
    loop = [np.corrcoef(outcome[LATER], np.roll(driver, s)[LATER])[0, 1] for s in range(40)]
    np.testing.assert_allclose(shift_correlations(left, driver, LATER), loop, atol=1e-12)


def test_a_driver_that_stands_still_in_the_era_has_no_correlation():
    """Where every shifted value is the same, the correlation is zero and not NaN."""
    outcome = noise(8)[0]
    left = residual(Pair(outcome, np.ones(40), EVERYWHERE))
    assert not shift_correlations(left, np.ones(40), EVERYWHERE).any()


def test_the_residual_is_what_a_regression_leaves():
    """Inside the era a constant and the control are out of the outcome; outside it is zero."""
    outcome, driver, control = noise(9, 3)
    left = residual(Pair(outcome, driver, LATER, control))
    assert not left[~LATER].any()
    assert left.sum() == pytest.approx(0) and left @ control == pytest.approx(0)
    slope, constant = np.polyfit(control[LATER], outcome[LATER], 1)
    np.testing.assert_allclose(left[LATER], outcome[LATER] - constant - slope * control[LATER])


def test_the_median_over_pairs_agrees_with_a_loop():
    """All pairs are shifted together; the p-value counts shifts at least as far to one side."""
    outcome, driver, other = noise(5, 3)
    pairs = [Pair(outcome, driver, EVERYWHERE), Pair(other, driver, LATER)]
    pairs.append(Pair(2 * outcome, -driver, ~LATER))
    medians = []
    for shift in range(40):
        each = [
            np.corrcoef(pair.outcome[pair.inside], np.roll(pair.driver, shift)[pair.inside])[0, 1]
            for pair in pairs
        ]
        medians.append(np.median(each))
    for sign in (-1, 1):
        found = median_correlation(pairs, sign, fewest=10)
        far = np.mean([sign * median >= sign * medians[0] - 1e-12 for median in medians])
        assert (found.median, found.p_value) == pytest.approx((medians[0], far))
        assert (found.specifications, found.months) == (3, 40)


def test_short_eras_and_still_drivers_are_left_out():
    """What cannot be correlated is not counted; with nothing left there is a reason."""
    outcome, driver = noise(6)
    kept, short = Pair(outcome, driver, EVERYWHERE), Pair(outcome, driver, LATER)
    assert median_correlation([kept, short], 1, fewest=30).specifications == 1
    still = Pair(outcome, np.ones(40), EVERYWHERE)
    assert "long enough" in median_correlation([short, still], 1, fewest=30).refusal.reason
