"""Leads, balances and falls after a gap: by hand, by regression, by simulation."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.outcome_slopes import (
    OutcomeWindow,
    by_fifth,
    outcome_slopes,
    outcomes,
)
from analysis.results import InputError

ROWS = np.array([[0.0, 0.05, 0.10, -0.20, 0.02, -0.01]])


def test_the_three_outcomes_by_hand():
    """After the first month: +.05, +.10, −.20 sum to −.05 and fall by .20 from their peak."""
    starts = np.array([0])
    assert outcomes(ROWS, starts, 3, "lead", 0.0)[0, 0] == pytest.approx(-0.05)
    assert outcomes(ROWS, starts, 2, "balance", 0.1)[0, 0] == 1
    assert outcomes(ROWS, starts, 3, "balance", 0.1)[0, 0] == 0
    assert outcomes(ROWS, np.array([2]), 1, "balance", 0.1)[0, 0] == -1
    assert outcomes(ROWS, starts, 3, "fall", 0.0)[0, 0] == pytest.approx(0.20)
    assert outcomes(ROWS, starts, 2, "fall", 0.0)[0, 0] == 0.0


def test_a_fall_agrees_with_a_loop():
    rng = np.random.default_rng(1)
    returns = rng.normal(0, 0.03, (2, 80))
    starts = np.arange(60)
    found = outcomes(returns, starts, 12, "fall", 0.0)
    for row, start in ((0, 3), (1, 40)):
        path = np.concatenate([[0.0], np.cumsum(returns[row, start + 1 : start + 13])])
        worst = max(path[: at + 1].max() - path[at] for at in range(13))
        assert found[row, start] == pytest.approx(worst)


def pair(effect=0.0, length=900, seed=1, rho=0.97):
    """Returns that follow a lasting gap by `effect`, and the gap."""
    rng = np.random.default_rng(seed)
    shocks, noise = rng.normal(0, 0.04, length), rng.normal(0, 0.03, length)
    gap = np.zeros(length)
    for t in range(1, length):
        gap[t] = rho * gap[t - 1] + shocks[t] - 0.5 * noise[t]
    returns = noise + effect * np.concatenate([[0.0], gap[:-1]])
    months = pd.period_range("1930-01", periods=length, freq="M")
    return pd.Series(returns, months), pd.Series(gap, months)


def slopes(data, outcome="lead", sign=1, horizon=12, state=None, bound=0.0, draws=300):
    starts = np.arange(len(data[0]) - horizon - 1)
    window = OutcomeWindow("a", starts, horizon, outcome, bound, state)
    return outcome_slopes({"a": data}, [window], sign, draws, 1)


def test_the_slope_is_that_of_least_squares():
    data = pair(0.02)
    found = slopes(data)
    sums = data[0].rolling(12).sum().shift(-12).dropna().to_numpy()[:-1]
    line = np.polyfit(data[1].to_numpy()[: len(sums)], sums, 1)
    assert found.slopes[0] == pytest.approx(line[0])


@pytest.mark.parametrize(("outcome", "bound"), [("lead", 0.0), ("balance", 0.1)])
def test_a_gap_that_pays_is_found_and_one_that_costs_is_not(outcome, bound):
    assert slopes(pair(0.05), outcome, bound=bound).p_of(0) < 0.05
    assert slopes(pair(-0.05), outcome, bound=bound).p_of(0) > 0.9
    assert slopes(pair(-0.05), outcome, bound=bound).corrected(0)[2] < 0


def test_falls_are_smaller_after_wide_gaps_that_pay():
    assert slopes(pair(0.05), "fall", sign=-1, horizon=36).p_of(0) < 0.05


def test_where_nothing_is_planted_five_in_a_hundred_are_found():
    """Persistent gaps whose shocks go against returns, which bias the plain slope upwards."""
    found = [slopes(pair(0.0, 480, seed), draws=199).p_of(0) for seed in range(100)]
    assert np.mean(np.array(found) < 0.05) < 0.11


def test_a_state_compares_the_slope_in_it_with_that_outside():
    """The gap pays only in the state; without the planted state nothing is found."""
    returns, gap = pair(0.0)
    state = np.arange(900) // 60 % 2 == 0
    follows = np.concatenate([[0.0], (gap.to_numpy() * state)[:-1]])
    data = (returns + 0.08 * follows, gap)
    inside = state[: 900 - 13]
    found = slopes(data, state=inside)
    assert found.p_of(0) < 0.05 and found.slopes[0] > 0
    assert slopes(pair(0.05), state=inside).p_of(0) > 0.05


def test_by_fifth_places_what_followed():
    """Ten months in two fifths: means, shares and falls by hand."""
    months = pd.period_range("2000-01", periods=12, freq="M")
    returns = pd.Series([0, 0.2, -0.2, 0.2, -0.2, 0.2, -0.2, 0.2, -0.2, 0.2, -0.2, 0.0], months)
    place = pd.Series([0.1, 0.9] * 5, months[:10])
    table = by_fifth(returns, place, 1, 0.1, 1).set_index("fifth")
    assert table.loc[1, "lead"] == pytest.approx(0.2) and table.loc[1, "led by more"] == 1
    assert table.loc[5, "lagged by more"] == 1
    assert table.loc[5, "largest fall"] == pytest.approx(0.2)
    assert table["months"].sum() == 10
    assert by_fifth(returns, place, 24, 0.1, 1).empty


@pytest.mark.parametrize(
    ("starts", "state", "said"),
    [
        (np.arange(899), None, "past the end"),
        (np.arange(800), np.zeros(3, bool), "one value a start"),
    ],
)
def test_bad_input_is_one_error(starts, state, said):
    with pytest.raises(InputError, match=said):
        outcome_slopes({"a": pair()}, [OutcomeWindow("a", starts, 12, "lead", 0.0, state)], 1, 9, 1)


def test_no_window_is_a_refusal():
    assert "no regression" in outcome_slopes({}, [], 1, 9, 1).refusal.reason
