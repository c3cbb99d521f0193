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


def test_too_many_shifts_are_drawn_and_as_many_as_are_allowed_are_all():
    """As many draws as months are every shift; one fewer is drawn, each month about as often."""
    events, rng = np.array([0, 3]), np.random.default_rng(0)
    assert circular_shifts(events, 40, 40, rng).exact
    drawn = circular_shifts(events, 4000, 3999, rng)
    assert not drawn.exact and drawn.positions.shape == (3999, 2)
    gaps = (drawn.positions[:, 1] - drawn.positions[:, 0]) % 4000
    assert (gaps == 3).all() and drawn.positions.max() > 3900
    assert 2200 < len(np.unique(drawn.positions[:, 0])) < 2800  # 63% of the months, with repeats


def test_every_month_counts_alike_without_strata():
    """One part in as many as there are months."""
    drawn = circular_shifts(np.array([0]), 4, 10, np.random.default_rng(0))
    assert drawn.weights(4).tolist() == [0.25] * 4


def test_as_many_sets_as_draws_are_listed():
    """Twenty sets of three in twelve months, four apart; sixty of two and one in two strata."""
    rng = np.random.default_rng(0)
    assert spaced(3, 12, 4, 20, rng).exact and len(spaced(3, 12, 4, 19, rng).positions) == 19
    months = [np.arange(5), np.arange(5, 11)]
    assert within_strata([2, 1], months, 60, rng).exact


def test_too_many_sets_are_drawn_stratum_by_stratum():
    """Each row holds so many months of each stratum, and each month comes about as often."""
    months = [np.arange(0, 10), np.arange(10, 30)]
    drawn = within_strata([2, 1], months, 4000, np.random.default_rng(3))
    assert drawn.exact  # 45 times 20 sets
    drawn = within_strata([2, 1], months, 899, np.random.default_rng(3))
    assert drawn.exact is False and drawn.positions.shape == (899, 3)
    assert (drawn.positions[:, 0] < drawn.positions[:, 1]).all()
    assert drawn.positions[:, 1].max() < 10 <= drawn.positions[:, 2].min()
    counts = np.bincount(drawn.positions.ravel(), minlength=30)
    assert counts[:10].min() > 130 and counts[10:].min() > 20
    assert drawn.weights(30).tolist() == pytest.approx([2 / 30] * 10 + [1 / 60] * 20)
