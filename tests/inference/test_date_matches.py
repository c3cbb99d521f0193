"""Figures moved through history: bands at their edges, and luck against a loop."""

import numpy as np
import pytest

from analysis.inference.date_matches import Band, luck_by_moving


def test_both_ends_of_a_printed_figure_belong_to_it():
    """5.8 is printed for anything from 5.75 to 5.85, whatever binary arithmetic makes of .0005."""
    band = Band(0.058 - 0.0005, 0.058 + 0.0005)
    assert band.holds(np.array([0.0575, 0.0585, 0.0574, 0.0586])).tolist() == [1, 1, 0, 0]
    assert band.outside(np.array([0.058, 0.0565, 0.0605])) == pytest.approx([0, 0.001, 0.002])


def test_ahead_is_above_zero_and_not_zero():
    """Level is not ahead, and no lead is too large."""
    ahead = Band(0.0, np.inf, open_below=True)
    assert ahead.holds(np.array([0.0, 1e-12, 9.0])).tolist() == [False, True, True]
    assert ahead.outside(np.array([-0.02, 0.5])).tolist() == [0.02, 0.0]


def test_luck_is_the_share_of_all_other_places():
    """Days 3 to 5 of 10 can be moved to 7 other places, of which 2 match; their own counts not."""
    seen = []

    def matches(move):
        seen.append(move)
        return move in (-3, 0, 4)

    luck = luck_by_moving(matches, first=3, last=5, observations=10)
    assert seen == [-3, -2, -1, 1, 2, 3, 4]
    assert (luck.share, luck.stretches) == (2 / 7, 7)


def test_a_history_without_another_place_is_refused():
    """Nothing to compare with is no luck of zero."""
    luck = luck_by_moving(lambda move: True, first=0, last=9, observations=10)
    assert "no other stretch" in luck.refusal.reason and np.isnan(luck.share)
