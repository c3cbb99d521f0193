from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference import resampling
from analysis.inference.resampling import event_randomization, leave_one_out
from analysis.results import InputError

CHANCE = settings(derandomize=True, max_examples=20, deadline=None)
SEEDS = st.integers(0, 10_000)


def sample(seed, length=120, count=6):
    rng = np.random.default_rng(seed)
    events = np.sort(rng.choice(length, count, replace=False))
    return rng.normal(0.01, 0.1, length), events, (rng.random(length) < 0.4).astype(int)


def schemes(strata):
    return [
        {"scheme": "shift"},
        {"scheme": "gap", "draws": 300},
        {"scheme": "stratified", "strata": strata, "draws": 300},
    ]


def test_the_lady_tasting_tea():
    """Fisher (1935): all four cups right out of eight has probability 1/70."""
    cups = np.array([1.0] * 4 + [-1.0] * 4)
    result = event_randomization(cups, [0, 1, 2, 3], "gap", min_gap=1)
    assert result.exact and result.placements == 70
    assert result.p_upper == pytest.approx(1 / 70)
    assert result.win_p_upper == pytest.approx(1 / 70)
    assert result.p_value == pytest.approx(2 / 70)


def test_shift_by_hand():
    """Four months 1, 2, 3, −4 and events 1 and 2: the best of four shifts, so p is 1/4."""
    result = event_randomization([1.0, 2.0, 3.0, -4.0], [1, 2])
    assert sorted(result.null_means) == [-1.5, -0.5, 1.5, 2.5]
    assert result.p_upper == 0.25 and result.p_value == 0.5
    assert result.estimate == pytest.approx(2.0) and result.base_mean == pytest.approx(0.5)
    assert result.win_rate == 1.0 and result.base_rate == 0.75
    assert result.win_p_upper == 0.5
    # the shifts win 1, .5, .5 and 1: none wins more, half win as often
    assert (result.win_p_value, result.win_mid_p_upper) == (1.0, 0.25)
    assert (result.event_mean, result.n, result.effective_n) == (2.5, 4, 2)
    # a tenth of the way, and a fortieth, between the ordered means −1.5, −.5, 1.5 and 2.5
    quantiles = {0.025: -1.425, 0.05: -1.35, 0.5: 0.5, 0.95: 2.35, 0.975: 2.425}
    assert result.null_quantiles == pytest.approx(quantiles)
    assert (result.ci_low, result.ci_high) == pytest.approx((2.5 - 2.425, 2.5 + 1.425))
    assert result.exact and result.placements == 4


@pytest.mark.parametrize("scheme", ["shift", "gap", "stratified"])
def test_enumeration_is_what_a_loop_over_all_placements_finds(scheme):
    """Exact p-values equal those of plain Python over every placement."""
    values, _, _ = sample(3, length=14)
    strata = np.array([0, 1] * 7)
    events = [1, 4, 8]
    if scheme == "shift":
        sets = [[(e + move) % 14 for e in events] for move in range(14)]
    elif scheme == "gap":
        sets = [c for c in combinations(range(14), 3) if min(np.diff(c)) >= 3]
    else:
        sets = [c for c in combinations(range(14), 3) if sum(m % 2 for m in c) == 1]
    means = [np.mean([values[m] for m in chosen]) for chosen in sets]
    wins = [np.mean([values[m] > 0 for m in chosen]) for chosen in sets]
    observed, won = np.mean(values[events]), np.mean(values[events] > 0)
    result = event_randomization(
        values, events, scheme, strata=strata if scheme == "stratified" else None
    )
    assert result.exact and result.placements == len(sets)
    assert result.p_upper == pytest.approx(np.mean([m >= observed - 1e-12 for m in means]))
    assert result.win_p_upper == pytest.approx(np.mean([w >= won - 1e-12 for w in wins]))
    assert np.sort(result.null_means) == pytest.approx(np.sort(means))


@pytest.mark.parametrize("scheme", ["gap", "stratified"])
def test_random_draws_approach_the_enumeration(scheme):
    """Monte Carlo p-values and base means agree with the exact ones."""
    values, _, _ = sample(5, length=30)
    strata = (np.arange(30) % 3 == 0).astype(int) if scheme == "stratified" else None
    exact = event_randomization(values, [2, 9, 15], scheme, strata=strata, draws=10_000)
    drawn = event_randomization(values, [2, 9, 15], scheme, strata=strata, draws=700, seed=1)
    assert exact.exact and not drawn.exact
    assert drawn.p_upper == pytest.approx(exact.p_upper, abs=0.06)
    assert drawn.base_mean == exact.base_mean


@pytest.mark.parametrize("scheme", ["gap", "stratified"])
def test_drawn_placements_count_the_observed_one_and_follow_the_seed(scheme):
    """(1 + those at least as large) / (1 + draws), on either side; another seed, other dates."""
    values, events, strata = sample(2)
    given = {"strata": strata} if scheme == "stratified" else {}
    found = event_randomization(values, events, scheme, draws=200, seed=3, **given)
    assert not found.exact and found.placements == len(found.null_means) == 200
    upper = (1 + (found.null_means >= found.event_mean).sum()) / 201
    lower = (1 + (found.null_means <= found.event_mean).sum()) / 201
    assert found.p_upper == pytest.approx(upper)
    assert found.p_value == pytest.approx(min(1.0, 2 * min(upper, lower)))
    again = event_randomization(values, events, scheme, draws=200, seed=3, **given)
    other = event_randomization(values, events, scheme, draws=200, seed=4, **given)
    np.testing.assert_array_equal(found.null_means, again.null_means)
    assert not np.array_equal(found.null_means, other.null_means)


def test_pieces_of_the_placements_give_the_whole(monkeypatch):
    """However few fit into memory at once."""
    values, events, _ = sample(4)
    whole = event_randomization(values, events, "gap", draws=101)
    monkeypatch.setattr(resampling, "CELLS_AT_ONCE", 60)
    pieces = event_randomization(values, events, "gap", draws=101)
    np.testing.assert_array_equal(pieces.null_means, whole.null_means)
    np.testing.assert_array_equal(pieces.null_win_rates, whole.null_win_rates)
    monkeypatch.setattr(resampling, "CELLS_AT_ONCE", 1)
    one = event_randomization(values, events, "gap", draws=101)
    np.testing.assert_array_equal(one.null_means, whole.null_means)


def test_the_smallest_gap_is_that_of_the_events_unless_given():
    """Five months apart: placements of two dates at least as far, or as asked."""
    values = np.arange(12.0)
    assert event_randomization(values, [0, 5], "gap").placements == 7 * 8 // 2
    assert event_randomization(values, [0, 5], "gap", min_gap=5).placements == 7 * 8 // 2
    assert event_randomization(values, [0, 5], "gap", min_gap=1).placements == 12 * 11 // 2
    with pytest.raises(InputError, match="5 months apart; give at most 5"):
        event_randomization(values, [0, 5], "gap", min_gap=6)
    with pytest.raises(InputError, match="min_gap"):
        event_randomization(values, [0, 5], "gap", min_gap=0)


def test_flags_and_positions_are_the_same_events():
    """One flag a month, on the index of the values."""
    values, events, _ = sample(6)
    months = pd.period_range("2000-01", periods=120, freq="M")
    series = pd.Series(values, months)
    flags = pd.Series(np.isin(np.arange(120), events), months)
    assert event_randomization(series, flags) == event_randomization(values, events)
    assert (
        leave_one_out(series, flags).means.tolist() == leave_one_out(values, events).means.tolist()
    )
    moved = flags.set_axis(months + 1)
    for call in (event_randomization, leave_one_out):
        with pytest.raises(InputError, match="another index"):
            call(series, moved)


def test_stratified_base_is_the_mean_of_random_dates():
    """Under stratification the base mean is the null's mean, not that of all months."""
    values, events, strata = sample(8, length=20, count=3)
    values = values + strata
    result = event_randomization(values, events, "stratified", strata=strata)
    assert result.base_mean == pytest.approx(result.null_means.mean())
    assert abs(result.base_mean - values.mean()) > 0.01
    assert result.base_rate == pytest.approx(result.null_win_rates.mean())


def test_the_size_is_nominal():
    """With no effect the one-sided shift test rejects about one time in twenty."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        values = np.convolve(rng.normal(size=171), np.ones(12), "valid")
        hits += event_randomization(values, [10, 40, 75, 120]).p_upper <= 0.05
    assert 8 <= hits <= 34  # binomial(400, .05), 99.9%


@CHANCE
@given(SEEDS, st.floats(0.01, 100))
def test_scale_changes_no_p_value(seed, scale):
    """A change of unit scales the effect and leaves every p-value."""
    values, events, strata = sample(seed)
    for options in schemes(strata):
        one = event_randomization(values, events, **options)
        two = event_randomization(values * scale, events, **options)
        assert two.estimate == pytest.approx(one.estimate * scale)
        assert (two.p_value, two.p_upper, two.win_p_upper) == (
            one.p_value,
            one.p_upper,
            one.win_p_upper,
        )


@CHANCE
@given(SEEDS)
def test_sign_and_order(seed):
    """Turning the sign keeps the two-sided p; the order of the events does not matter."""
    values, events, strata = sample(seed)
    for options in schemes(strata):
        one = event_randomization(values, events, **options)
        mirrored = event_randomization(-values, events[::-1], **options)
        assert mirrored.p_value == one.p_value
        assert mirrored.estimate == pytest.approx(-one.estimate)
        assert (mirrored.ci_low, mirrored.ci_high) == pytest.approx((-one.ci_high, -one.ci_low))


def test_the_smallest_units_change_no_p_value():
    """Equal up to rounding is judged by the size of the outcomes."""
    values, events, _ = sample(5)
    one, two = event_randomization(values, events), event_randomization(values * 1e-12, events)
    assert (one.p_value, one.p_upper) == (two.p_value, two.p_upper)


def test_nothing_gained_is_not_won():
    """Outcomes of zero are no wins, after events and after other dates."""
    found = event_randomization([0.0, 0.0, -1.0, 1.0, 0.0, 0.0], [0, 3])
    assert (found.win_rate, found.base_rate) == (0.5, 1 / 6)
    # the six shifts of months 0 and 3 meet the gain twice
    assert sorted(found.null_win_rates) == [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]


def test_where_every_date_wins_or_none_does_the_p_value_is_one():
    """Equal rates are as large and as small, and twice the smaller tail is capped."""
    found = event_randomization([1.0, 2.0, 3.0, 4.0], [0, 1])
    assert (found.win_p_upper, found.win_p_value) == (1.0, 1.0)
    none = event_randomization([-1.0, -2.0, -3.0, -4.0], [0, 1])
    assert (none.win_p_upper, none.win_p_value) == (1.0, 1.0)


def test_what_is_asked_is_told_and_few_draws_are_enough():
    """Scheme and unit stand in the result; one draw is a draw, of the seed zero unless given."""
    values, events, _ = sample(7)
    found = event_randomization(values, events, "gap", draws=1, unit="points")
    assert (found.scheme, found.unit, found.placements) == ("gap", "points", 1)
    assert found.name == "events against random dates (gap)"
    first, other = (event_randomization(values, events, draws=25, seed=n) for n in (0, 1))
    default = event_randomization(values, events, draws=25)
    assert not first.exact
    np.testing.assert_array_equal(first.null_means, default.null_means)
    assert not np.array_equal(first.null_means, other.null_means)


def test_leave_one_out_by_hand():
    """Outcomes 1, −2, 6: the means without each are 2, 3.5 and −.5."""
    result = leave_one_out([1.0, -2.0, 6.0, 0.0], [0, 1, 2])
    assert result.means.tolist() == [2.0, 3.5, -0.5]
    assert result.win_rates.tolist() == [0.5, 1.0, 0.5]
    assert result.most_influential == 2
    assert str(result) == (
        "leaving one event out, the mean runs from -0.5 to 3.5, the win rate from 50% to 100%"
    )
    assert leave_one_out([0.0, 1.0, 6.0, -2.0], [0, 1, 2, 3]).most_influential == 2
    pair = leave_one_out([1.0, 2.0, 5.0], [0, 2])
    assert pair.means.tolist() == [5.0, 1.0] and pair.positions.tolist() == [0, 2]
    # no gain is no win
    assert leave_one_out([0.0, 0.0, 5.0], [0, 1]).win_rates.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"scheme": "random"}, "scheme"),
        ({"scheme": "stratified"}, "strata"),
        ({"strata": [0] * 120}, "strata"),
        ({"min_gap": 3}, "min_gap"),
        ({"scheme": "gap", "min_gap": 60}, "min_gap"),
        ({"draws": 0}, "draws"),
        ({"scheme": "stratified", "strata": [0, 1]}, "strata"),
        ({"scheme": "stratified", "strata": [0, None] * 60}, "strata"),
    ],
)
def test_bad_options_are_named(options, named):
    """Options that do not fit raise an error that names them."""
    values, events, _ = sample(0)
    with pytest.raises(InputError, match=named):
        event_randomization(values, events, **options)


def test_bad_data_are_named():
    """NaN inside and events outside raise; nothing is dropped in silence."""
    with pytest.raises(InputError, match="values"):
        event_randomization([1.0, np.nan, 2.0], [0, 2])
    with pytest.raises(InputError, match="events"):
        event_randomization([1.0, 3.0, 2.0], [0, 3])


def test_data_that_cannot_answer_are_refused():
    """One event, nothing but events, and an empty or used-up stratum give a reason."""
    values, events, _ = sample(0, length=12, count=3)
    used_up = np.isin(np.arange(12), events).astype(int)
    declared = pd.Series(pd.Categorical(["a", "b"] * 6, categories=["a", "b", "c"]))
    refusals = {
        "only 1 events in the sample; 2 are needed": event_randomization(values, [3]),
        "every month is an event": event_randomization(values, list(range(12))),
        "every month is 0.0, so": event_randomization(
            values, events, "stratified", strata=np.zeros(12)
        ),
        "stratum 1 has no month without an event": event_randomization(
            values, events, "stratified", strata=used_up
        ),
        "stratum 'c' is empty": event_randomization(values, events, "stratified", strata=declared),
        "stratum 'c' is empty, so": event_randomization(
            values, events, "stratified", strata=declared.array
        ),
        "only 1 events": leave_one_out(values, [3]),
    }
    for words, found in refusals.items():
        assert words in found.refusal.reason
    assert event_randomization(values, [3, 4]).refusal is None
    assert event_randomization(values, list(range(11))).refusal is None


def test_result_speaks():
    """The printed line has effect, interval, n, events and null."""
    values, events, _ = sample(0)
    line = str(event_randomization(values, events))
    assert "interval" in line and "n = 120, effective n = 6" in line and "null:" in line
