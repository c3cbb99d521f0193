from itertools import combinations
from math import comb

import numpy as np
import pytest

from analysis.inference.placements import circular_shifts, random_subsets, spaced, within_strata


def test_shifts_by_hand():
    """Events 0 and 3 in four months have four shifts, the observed one first."""
    drawn = circular_shifts(np.array([0, 3]), 4, 10, np.random.default_rng(0))
    assert drawn.exact
    assert drawn.positions.tolist() == [[0, 3], [1, 0], [2, 1], [3, 2]]


def test_spaced_arrangements_are_all_sets_that_keep_the_gap():
    """The bijection lists exactly the sets a brute-force filter finds."""
    drawn = spaced(3, 12, 4, 10_000, np.random.default_rng(0))
    wanted = [c for c in combinations(range(12), 3) if min(np.diff(c)) >= 4]
    assert drawn.exact
    assert sorted(map(tuple, drawn.positions.tolist())) == sorted(wanted)


def test_random_spaced_arrangements_are_uniform():
    """Drawn placements keep the gap and all 20 possible ones come equally often."""
    drawn = spaced(3, 12, 4, 19, np.random.default_rng(0))
    assert not drawn.exact
    many = 4 * 10_000
    rng = np.random.default_rng(1)
    subsets = random_subsets(6, 3, many, rng)
    _, counts = np.unique(subsets, axis=0, return_counts=True)
    assert len(counts) == comb(6, 3)
    expected = many / comb(6, 3)
    assert ((counts - expected) ** 2 / expected).sum() < 43.8  # chi-square, 19 df, 0.1%
    assert (np.diff(drawn.positions, axis=1) >= 4).all()


def test_strata_keep_their_counts_and_weights():
    """Each stratum keeps its number of events and the base weights follow the events."""
    months = [np.array([0, 2, 4]), np.array([1, 3, 5, 7])]
    drawn = within_strata([2, 1], months, 1000, np.random.default_rng(0))
    assert drawn.exact and len(drawn.positions) == 3 * 4
    assert (np.isin(drawn.positions, months[0]).sum(axis=1) == 2).all()
    assert drawn.weights(8).tolist() == pytest.approx(
        [2 / 9, 1 / 12, 2 / 9, 1 / 12, 2 / 9, 1 / 12, 0, 1 / 12]
    )
