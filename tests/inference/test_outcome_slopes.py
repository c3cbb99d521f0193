"""Leads, balances and falls after a gap: by hand, by regression, by simulation."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.joint_histories import drawn_histories, joint_median_p, unpredictable
from analysis.inference.outcome_slopes import (
    FIFTH_COLUMNS,
    OutcomeSlopes,
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


@pytest.mark.parametrize("outcome", ["lead", "balance", "fall"])
@pytest.mark.parametrize("starts", [[], [2], [0, 1, 2, 3], [0, 0, 2], [3, 1], [1, 3, 5], [0, 2, 5]])
def test_each_start_has_its_own_outcome_in_whatever_order(starts, outcome):
    """As one start at a time: none, consecutive ones, the same one twice, out of order."""
    returns = np.random.default_rng(8).normal(0, 0.05, (20, 12))
    found = outcomes(returns, np.array(starts, dtype=int), 4, outcome, 0.01)
    alone = [outcomes(returns, np.array([one]), 4, outcome, 0.01) for one in starts]
    assert found.shape == (20, len(starts))
    assert np.array_equal(found, np.hstack(alone) if alone else np.empty((20, 0)))


def test_a_fall_agrees_with_a_loop():
    rng = np.random.default_rng(1)
    returns = rng.normal(0, 0.03, (40, 80))
    starts = np.arange(60)
    found = outcomes(returns, starts, 12, "fall", 0.0)
    for row, start in ((0, 3), (1, 40), (16, 8), (39, 59)):
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


@pytest.mark.slow
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


def test_what_is_told_of_a_regression_by_hand():
    """Squares of 0 to 100 as the null: mean 3350, quantiles 6.5 and 9506.5, a claim that falls."""
    null = (np.arange(101.0) ** 2)[:, None]
    found = OutcomeSlopes(np.array([4000.0]), np.array([8.5]), null, null, -1, 0.5)
    assert found.corrected(0) == pytest.approx((650, 650 - 6156.5, 650 + 3343.5))
    assert found.error_of(0) == pytest.approx(np.sqrt((null**2).mean() - 3350**2))
    assert found.p_of(0) == pytest.approx(4 / 102)  # 0, 1 and 4 are as small, and itself


def least_squares(x, y):
    """Slope and naive t of one line, by the textbook."""
    design = np.column_stack([np.ones(len(x)), x])
    (_, slope), [rest] = np.linalg.lstsq(design, y, rcond=None)[:2]
    error = np.sqrt(rest / (len(x) - 2) * np.linalg.inv(design.T @ design)[1, 1])
    return slope, slope / error


def after(returns, starts, horizon, outcome, bound):
    """The outcome of each start, month by month."""
    found = []
    for start in starts:
        path = np.cumsum(np.append(0.0, returns[start + 1 : start + horizon + 1]))
        if outcome == "fall":
            found.append(max(path[: at + 1].max() - path[at] for at in range(len(path))))
        else:
            found.append(float(path[-1] > bound) - float(path[-1] < -bound))
    return np.array(found)


def test_slopes_t_and_their_null_agree_with_a_loop_over_histories():
    """Small gaps and returns with means of their own; balances and falls of two gaps at once."""
    one, other = pair(0.0, 150, 3), pair(0.0, 120, 4)
    pairs = {
        "a": (one[0] * 0.3 + 0.004, one[1] * 0.1 + 2.0),
        "b": (other[0] * 0.3 - 0.006, other[1] * 0.1 - 3.0),
    }
    asked = [("a", 6, "balance", 0.02), ("b", 4, "fall", 0.0), ("a", 12, "fall", 0.0)]
    windows = [
        OutcomeWindow(name, np.arange(len(pairs[name][0]) - h), h, outcome, bound)
        for name, h, outcome, bound in asked
    ]
    found = outcome_slopes(pairs, windows, -1, 40, 7)
    lines = [
        least_squares(pairs[w.pair][1].to_numpy()[w.starts],
                      after(pairs[w.pair][0].to_numpy(), w.starts, w.horizon, w.outcome, w.bound))
        for w in windows
    ]  # fmt: skip
    np.testing.assert_allclose(np.column_stack([found.slopes, found.t_stats]), lines, rtol=1e-8)
    row = 0
    for made in drawn_histories(pairs, 40, 7, unpredictable(pairs)):
        for at in range(len(made["a"][0])):
            for column, w in enumerate(windows):
                returns = made[w.pair][0][at] + pairs[w.pair][0].mean()
                y = after(returns, w.starts, w.horizon, w.outcome, w.bound)
                twin = least_squares(made[w.pair][1][at][w.starts], y)
                drawn = found.null_slopes[row, column], found.null_t_stats[row, column]
                assert drawn == pytest.approx(twin, rel=1e-6)
            row += 1
    assert row == 40
    assert found.joint_p == joint_median_p(-found.t_stats, -found.null_t_stats)


def test_a_balance_at_its_bound_is_even():
    """A quarter is not more than a quarter, on either side."""
    quarter = np.array([[0.0, 0.25, -0.25]])
    assert outcomes(quarter, np.array([0, 1]), 1, "balance", 0.25).tolist() == [[0.0, 0.0]]
    assert outcomes(quarter, np.array([0, 1]), 1, "balance", 0.2).tolist() == [[1.0, -1.0]]


def test_a_window_may_end_with_the_sample_and_no_later():
    """The last month that twelve others follow is the last start; later ones are named."""
    data = pair()
    window = OutcomeWindow("a", np.arange(888), 12, "lead")
    assert outcome_slopes({"a": data}, [window], 1, 9, 1).slopes.shape == (1,)
    late = OutcomeWindow("a", np.array([*range(800), 888]), 12, "lead")
    with pytest.raises(InputError, match="12 months runs past the end of 'a'"):
        outcome_slopes({"a": data}, [late], 1, 9, 1)


def test_by_fifth_at_every_edge():
    """Places on the border of a fifth, leads at the bound, the last months, a later beginning."""
    months = pd.period_range("2000-01", periods=10, freq="M")
    returns = pd.Series([9.0, 9.0, 9.0, 0.25, -0.25, 0.0, 0.0, 1.0, -1.0, 0.0], months)
    place = pd.Series([0.0, 0.2, 0.2, 0.4, 0.4, 0.4, 1.0, 1.0], months[2:])
    table = by_fifth(returns, place, 1, 0.25, 1)
    assert list(table.columns) == list(FIFTH_COLUMNS)
    assert table["fifth"].dtype == int
    assert table["fifth"].tolist() == [1, 2, 5] and table["months"].tolist() == [3, 3, 1]
    # after the first fifth .25, −.25 and 0 come; after the second 0, 1 and −1; after the last 0
    assert table["lead"].tolist() == pytest.approx([0.0, 0.0, 0.0])
    assert table["led by more"].tolist() == pytest.approx([0.0, 1 / 3, 0.0])
    assert table["lagged by more"].tolist() == pytest.approx([0.0, 1 / 3, 0.0])
    assert table["largest fall"].tolist() == pytest.approx([0.25 / 3, 1 / 3, 0.0])
    spiked = by_fifth(pd.Series([0.0, 0.0, 0.0, 1.0, 0.0], months[:5]), place[:0], 1, 0.25, 1)
    assert list(spiked.columns) == list(FIFTH_COLUMNS) and spiked.empty
    early = pd.Series(0.1, months[:3])
    spiked = by_fifth(pd.Series([0.0, 0.0, 0.0, 1.0, 0.0], months[:5]), early, 1, 0.25, 1)
    assert spiked["skewness"].tolist() == pytest.approx([np.sqrt(3)])  # of 0, 0 and 1


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
