import numpy as np

from analysis.inference.joint_placements import (
    episodes_in_strata,
    shifted_together,
    spaced_episodes,
)
from analysis.results import first_refusal

DATES = np.array([10, 13, 40, 70, 72])


def test_one_turn_for_all_dates():
    """Every row moves all dates by the same number of months, and the first row is observed."""
    drawn = shifted_together(DATES, 100, 6, 1000, np.random.default_rng(0))
    assert drawn.exact and drawn.episodes == 3
    assert drawn.positions.shape == (100, 5)
    assert (drawn.positions == (DATES + np.arange(100)[:, None]) % 100).all()


def test_scattered_episodes_keep_their_inside_and_their_distance():
    """Offsets within an episode stay, and episodes are at least the gap apart, in any order."""
    drawn = spaced_episodes(DATES, 100, 6, 500, np.random.default_rng(0))
    moved = drawn.positions
    assert moved[0].tolist() == DATES.tolist()
    assert (moved[:, 1] - moved[:, 0] == 3).all() and (moved[:, 4] - moved[:, 3] == 2).all()
    assert moved.min() >= 0 and moved.max() < 100
    ordered = np.sort(moved, axis=1)
    episode_gaps = np.sort(np.diff(ordered, axis=1), axis=1)[:, 2:]
    assert episode_gaps.min() >= 6
    assert len(np.unique(np.argsort(moved[:, [0, 2, 3]], axis=1), axis=0)) == 6


def test_scattered_arrangements_are_uniform():
    """Two single dates at least 3 apart in 6 months: six placements, two orders, all alike."""
    drawn = spaced_episodes(np.array([0, 3]), 6, 3, 24_000, np.random.default_rng(1))
    rows, counts = np.unique(drawn.positions[1:], axis=0, return_counts=True)
    assert len(rows) == 12
    assert ((counts - 2000) ** 2 / 2000).sum() < 31.3  # chi-square, 11 df, 0.1%


def test_restaged_dates_keep_their_states():
    """Every date of every draw meets the state the observed date had."""
    states = (np.arange(100) % 20 < 8).astype(int)
    drawn = episodes_in_strata(DATES, states, 6, 500, np.random.default_rng(0))
    moved = drawn.positions
    assert (states[moved] == states[DATES]).all()
    assert (moved[:, 1] - moved[:, 0] == 3).all()
    assert len(np.unique(moved[:, 2])) == (states == states[40]).sum()


def test_dates_that_cannot_move_are_refused():
    """A full sample, a single state and a unique pattern of states each give a reason."""
    rng = np.random.default_rng(0)
    unique = np.zeros(10, dtype=int)
    unique[4] = 1
    refusals = [
        spaced_episodes(np.array([0, 5]), 6, 5, 10, rng),
        episodes_in_strata(np.array([2]), np.zeros(10, dtype=int), 3, 10, rng),
        episodes_in_strata(np.array([4]), unique, 3, 10, rng),
    ]
    assert all(first_refusal(r) is not None for r in refusals)
