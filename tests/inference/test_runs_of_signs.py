from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.runs_of_signs import (
    fit_chain,
    run_probability,
    runs_of_signs,
)
from analysis.results import InputError

CHANCE = settings(derandomize=True, max_examples=25, deadline=None)
SIGNS = st.lists(st.sampled_from([-1, 1]), min_size=1, max_size=60)


def longest(path, state):
    best = current = 0
    for k, sign in enumerate(path):
        current = current + 1 if k and path[k - 1] == sign else 1
        if state == "either" or sign == (1 if state == "up" else -1):
            best = max(best, current)
    return best


def long_runs(path, length, state):
    runs = runs_of_signs(path)
    counted = {"up": runs.signs > 0, "down": runs.signs < 0, "either": runs.signs != 0}[state]
    return int((counted & (runs.lengths >= length)).sum())


def test_runs_by_hand():
    """+ + − + + + has runs of 2, 1 and 3."""
    runs = runs_of_signs([1, 1, -1, 1, 1, 1])
    assert runs.lengths.tolist() == [2, 1, 3]
    assert runs.signs.tolist() == [1, -1, 1]
    assert runs.starts.tolist() == [0, 2, 3]


@CHANCE
@given(SIGNS)
def test_runs_rebuild_the_series(signs):
    """Repeating each sign by its length gives the series back; turned signs have the same runs."""
    runs = runs_of_signs(signs)
    assert np.repeat(runs.signs, runs.lengths).tolist() == signs
    assert runs_of_signs(-np.array(signs)).lengths.tolist() == runs.lengths.tolist()
    assert runs.lengths.max() == longest(signs, "either")


@pytest.mark.parametrize(
    ("length", "n", "state", "probability", "tolerance"),
    [
        (5, 10, "up", 112 / 1024, 1e-12),
        (2, 10, "up", 1 - 144 / 1024, 1e-12),
        (7, 100, "up", 0.3175, 5e-5),
        (2, 2, "either", 0.5, 1e-12),
    ],
)
def test_known_coin_runs(length, n, state, probability, tolerance):
    """Fair coin: Fibonacci counts for ten tosses, .3175 for seven heads in a hundred.

    Feller (1968), chapter XIII.7, gives the recursion behind them.
    """
    result = run_probability(length, n, 0.5, state=state)
    assert result.probability == pytest.approx(probability, abs=tolerance)


@pytest.mark.parametrize("state", ["up", "down", "either"])
@pytest.mark.parametrize("length", [1, 2, 3, 8])
def test_probability_is_the_sum_over_all_paths(length, state):
    """Probability and expected count equal the sums over all 256 paths of eight steps."""
    up, down = 0.7, 0.4
    share = (1 - down) / (2 - up - down)
    probability = expected = 0.0
    for path in product([1, -1], repeat=8):
        weight = share if path[0] == 1 else 1 - share
        for before, after in pairwise(path):
            stay = up if before == 1 else down
            weight *= stay if before == after else 1 - stay
        probability += weight * (longest(path, state) >= length)
        expected += weight * long_runs(path, length, state)
    result = run_probability(length, 8, up, down, state)
    assert result.probability == pytest.approx(probability)
    assert result.expected == pytest.approx(expected)


@pytest.mark.parametrize("state", ["up", "either"])
def test_simulation_agrees(state):
    """Simulated paths give the exact probability and count within four errors."""
    exact = run_probability(6, 60, 0.65, 0.5, state)
    hits, count = simulated(6, 60, 0.65, 0.5, state, draws=20_000, seed=1)
    error = np.sqrt(hits * (1 - hits) / 20_000)
    assert hits == pytest.approx(exact.probability, abs=4 * error)
    assert count == pytest.approx(exact.expected, rel=0.05)


def simulated(length, n, up, down, state, draws, seed):
    """Share of simulated chains with such a run, and the mean number of runs."""
    rng = np.random.default_rng(seed)
    share_up = (1 - down) / (2 - up - down)
    is_up = rng.random(draws) < share_up
    current = np.ones(draws, dtype=int)
    longest, count = np.zeros(draws, dtype=int), np.zeros(draws)
    for step in range(n):
        if step:
            stays = rng.random(draws) < np.where(is_up, up, down)
            current = np.where(stays, current + 1, 1)
            is_up = is_up == stays
        wanted = {"up": is_up, "down": ~is_up, "either": np.ones_like(is_up)}[state]
        longest = np.where(wanted, np.maximum(longest, current), longest)
        count += wanted & (current == length)
    return (longest >= length).mean(), count.mean()


def test_rate_per_decade_is_the_growth_of_the_expected_count():
    """Ten more years of months add the decade's rate to the expected number."""
    short, long = run_probability(11, 240, 0.6, 0.5), run_probability(11, 360, 0.6, 0.5)
    assert long.expected - short.expected == pytest.approx(short.per_decade)


def test_states_mirror_each_other():
    """Up runs of a chain are the down runs of its mirror image."""
    one = run_probability(5, 40, 0.7, 0.3, "up")
    two = run_probability(5, 40, 0.3, 0.7, "down")
    assert one.probability == pytest.approx(two.probability)
    assert one.expected == pytest.approx(two.expected)


def test_a_run_longer_than_the_sample_cannot_be():
    """Twelve wins in eleven steps have probability and count of zero."""
    result = run_probability(12, 11, 0.9)
    assert (result.probability, result.expected) == (0.0, 0.0)


def test_chain_by_hand():
    """+ + − + + − − leaves + four times and stays twice, leaves − twice and stays once."""
    chain = fit_chain([1, 1, -1, 1, 1, -1, -1])
    assert (chain.p_stay_up, chain.steps_up) == (0.5, 4)
    assert (chain.p_stay_down, chain.steps_down) == (0.5, 2)
    assert chain.share_up == 0.5


def test_chain_recovers_what_was_simulated():
    """A long simulated path returns its own probabilities within .02."""
    rng = np.random.default_rng(0)
    path = [1]
    for draw in rng.random(20_000):
        path.append(path[-1] if draw < (0.8 if path[-1] == 1 else 0.6) else -path[-1])
    chain = fit_chain(path)
    assert chain.p_stay_up == pytest.approx(0.8, abs=0.02)
    assert chain.p_stay_down == pytest.approx(0.6, abs=0.02)
    assert chain.share_up == pytest.approx(2 / 3, abs=0.03)


def test_bad_input_is_named_and_one_sided_series_are_refused():
    """Zeros, NaN, an unknown state and impossible probabilities raise; no change is refused."""
    for call, named in [
        (lambda: runs_of_signs([1, 0, -1]), "signs"),
        (lambda: runs_of_signs([]), "signs"),
        (lambda: fit_chain([1, np.nan]), "signs"),
        (lambda: run_probability(3, 10, 1.0), "p_stay_up"),
        (lambda: run_probability(3, 10, 0.5, state="sideways"), "state"),
        (lambda: run_probability(0, 10, 0.5), "length"),
        (lambda: run_probability(3, 0, 0.5), "n"),
    ]:
        with pytest.raises(InputError, match=named):
            call()
    assert not fit_chain([1, 1, 1])
    assert not fit_chain([1, 1, -1][:2])
