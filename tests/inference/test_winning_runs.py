"""Events that runs of wins make, and how many a chain expects."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.runs_of_signs import fit_chain, run_probability
from analysis.inference.winning_runs import expected_starts, run_events, win_signs
from analysis.results import InputError


def test_a_run_is_reached_at_its_last_needed_step():
    """+ + + − 0 + + + +: runs of three are reached at positions 2 and 7; a tie is no win."""
    signs = win_signs(pd.Series([1.0, 1, 1, -1, 0, 1, 1, 1, 1]))
    assert signs.tolist() == [1, 1, 1, -1, -1, 1, 1, 1, 1]
    assert run_events(signs, 3).tolist() == [2, 7]
    assert run_events(signs, 4).tolist() == [8]


def test_events_keep_their_distance_from_the_one_counted_before():
    """Wins at 2, 7, 12 and 14: with a gap of five, 7 is too near to 2, and 14 to 12."""
    signs = np.full(15, -1)
    signs[[2, 7, 12, 14]] = 1
    assert run_events(signs, 1, 5).tolist() == [2, 12]
    assert run_events(signs, 1, 4).tolist() == [2, 7, 12]
    assert run_events(signs, 1).tolist() == [2, 7, 12, 14]
    with pytest.raises(InputError, match="length"):
        run_events(signs, 0)


def test_the_rate_is_that_of_a_chain_fitted_to_the_steps_before():
    """One by one, and whatever comes after a step changes nothing of it."""
    signs = np.random.default_rng(2).choice([-1, 1], 700, p=[0.45, 0.55])
    expected = expected_starts(signs, 5, 250)
    assert len(expected) == 450
    for position in (250, 500, 699):
        chain = fit_chain(signs[:position])
        each = run_probability(5, 10, chain.p_stay_up, chain.p_stay_down, steps_per_year=1)
        assert expected[position - 250] == pytest.approx(each.per_decade / 10)
    wild = signs.copy()
    wild[500:] = 1
    assert np.array_equal(expected_starts(wild, 5, 250)[:251], expected[:251])
    assert len(expected_starts(signs[:200], 5, 250)) == 0
