"""Events of two kinds: by hand, by enumeration, and lists of the same cycles."""

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis.inference.linked_windows import _Events, joint_kind_p, kind_difference
from analysis.results import InputError

OUTCOMES = np.array([0.30, 0.20, 0.10, -0.05, -0.10, 0.00])
MARKED = np.array([True, True, True, False, False, False])


def test_the_difference_and_its_share_of_all_relabellings():
    """The three best are marked: one of twenty choices does as well."""
    found = kind_difference(OUTCOMES, MARKED, 99, 1)
    assert found.estimate == pytest.approx(0.25)
    assert found.p_value == pytest.approx(1 / 20)
    by_hand = [
        OUTCOMES[list(one)].mean() - np.delete(OUTCOMES, one).mean()
        for one in itertools.combinations(range(6), 3)
    ]
    assert found.p_value == np.mean(np.array(by_hand) >= 0.25 - 1e-12)
    assert kind_difference(OUTCOMES, ~MARKED, 99, 1).p_value == 1.0


def test_the_interval_is_welchs():
    """The same as scipy's test of unequal variances."""
    from scipy import stats

    result = stats.ttest_ind(OUTCOMES[MARKED], OUTCOMES[~MARKED], equal_var=False)
    low, high = result.confidence_interval()
    found = kind_difference(OUTCOMES, MARKED, 99, 1)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high))


def test_too_many_choices_are_drawn_and_agree():
    """Thirty events: drawn shares come near the normal's."""
    values = np.random.default_rng(1).normal(0, 1, 30)
    marked = np.arange(30) < 15
    p = kind_difference(values, marked, 4000, 1).p_value
    assert p == pytest.approx(kind_difference(values, marked, 4000, 2).p_value, abs=0.03)


def test_a_drawn_p_value_counts_the_marks_that_are_there():
    """One draw at a time, the observed choice among them; the best of thirty are one in a hundred
    where none of 99 draws is as good."""
    values = np.random.default_rng(3).normal(0, 1, 30)
    marked = np.arange(30) % 3 == 0
    rng, reached = np.random.default_rng(5), 1
    observed = values[marked].mean() - values[~marked].mean()
    for order in rng.random((400, 30)).argsort(axis=1):
        drawn, rest = values[order[:10]], values[order[10:]]
        reached += drawn.mean() - rest.mean() >= observed
    assert kind_difference(values, marked, 400, 5).p_value == pytest.approx(reached / 401)
    best = values >= np.sort(values)[15]
    assert kind_difference(values, best, 99, 1).p_value == pytest.approx(1 / 100)


def test_what_is_told_of_a_comparison_by_hand():
    """Means of .2 and −.05, variances of .01 and .0025, three events each."""
    found = kind_difference(OUTCOMES, MARKED, 99, 1)
    assert (found.marked_mean, found.other_mean) == pytest.approx((0.2, -0.05))
    assert found.error == pytest.approx(np.sqrt(0.0125 / 3))
    assert (found.marked, found.others, found.n, found.effective_n) == (3, 3, 6, 6)
    uneven = kind_difference(OUTCOMES, np.arange(6) < 2, 99, 1)
    assert (uneven.marked, uneven.others) == (2, 4) and uneven.p_value == pytest.approx(1 / 15)


def test_of_random_marks_five_in_a_hundred_reach_it():
    rng = np.random.default_rng(2)
    found = [
        kind_difference(rng.normal(0, 0.1, 13), rng.permutation(np.arange(13) < 8), 99, 1).p_value
        for _ in range(300)
    ]
    assert np.mean(np.array(found) < 0.05) < 0.08


def test_lists_of_the_same_cycles_are_judged_together():
    """The same list twice, one a few months later, has about the p of one; noise has none."""
    months = pd.PeriodIndex([f"{1960 + 4 * at}-01" for at in range(6)], freq="M")
    alone = joint_kind_p([(months, OUTCOMES, MARKED)], 4000, 1)
    both = joint_kind_p([(months, OUTCOMES, MARKED), (months + 5, OUTCOMES, MARKED)], 4000, 1)
    assert alone == pytest.approx(0.05, abs=0.02)
    assert both == pytest.approx(alone, abs=0.02)
    assert joint_kind_p([(months, OUTCOMES, ~MARKED)], 999, 1) > 0.9
    assert joint_kind_p([], 99, 1) is None


def test_a_comparison_is_kept_by_its_values():
    """Made again of equal ones it is the same; other marks or outcomes are another."""
    found = kind_difference(OUTCOMES, MARKED, 99, 1)
    assert kind_difference(OUTCOMES.copy(), MARKED.copy(), 99, 1) is found
    assert _Events(OUTCOMES, MARKED) == _Events(OUTCOMES.copy(), MARKED.copy())
    assert _Events(OUTCOMES, MARKED) != _Events(OUTCOMES, ~MARKED)
    assert _Events(OUTCOMES, MARKED) != _Events(OUTCOMES + 1, MARKED)


def test_a_list_within_one_cycle_counts_in_its_own_unit():
    """Its difference is −3 in every draw and 0 as observed; one of two events in two cycles moves
    by two deviations at most, which do not make up for three."""
    one = pd.PeriodIndex(["1970-03", "1970-05", "1970-06"], freq="M")
    two = pd.PeriodIndex(["1970-04", "1980-01"], freq="M")
    still = (one, np.array([4.0, 2.0, 0.0]), np.array([False, True, False]))
    moving = (two, np.array([0.0, 1.0]), np.array([True, False]))
    assert joint_kind_p([still, moving], 200, 1) == pytest.approx(1 / 201)


def test_the_joint_p_of_several_lists_twin():
    """One draw and one list at a time: of the highest cycles as many events as were marked, of two
    in one cycle the later first; a list within one cycle has the same difference in every draw."""
    lists = [
        (["1960-01", "1963-01", "1970-01", "1975-01", "1980-01"], [0.2, -0.1, 0.3, 0.1, -0.2], 3),
        (["1961-01", "1970-02", "1970-09", "1981-02"], [0.3, 0.1, -0.2, 0.05], 1),
        (["1970-03", "1970-05", "1970-06"], [0.5, 0.25, 0.0], 1),
        (["1960-01", "1964-02", "1971-02", "1979-12"], [0.1, 0.4, -0.3, 0.2], 2),
    ]
    # twelve months after January 1960 is one cycle with it; thirteen after 1963 and 1980 is not
    cycles = [[0, 1, 3, 4, 5], [0, 3, 3, 6], [3, 3, 3], [0, 2, 3, 5]]
    parts, observed = [], []
    for months, values, count in lists:
        marked = np.arange(len(values)) < count
        parts.append((pd.PeriodIndex(months, freq="M"), np.array(values), marked))
        observed.append(np.mean(values[:count]) - np.mean(values[count:]))
    null = []
    for drawn in np.random.default_rng(9).random((300, 7)):
        row = []
        for (_, values, count), cycle in zip(lists, cycles, strict=True):
            highest = sorted(range(len(values)), key=lambda at: (drawn[cycle[at]], at))[-count:]
            rest = [value for at, value in enumerate(values) if at not in highest]
            row.append(np.mean([values[at] for at in highest]) - np.mean(rest))
        null.append(row)
    spread = np.array(null).std(axis=0)
    assert spread[2] == 0
    spread[2] = 1.0
    medians = np.median(np.array(null) / spread, axis=1)
    reached = np.sum(medians >= np.median(np.array(observed) / spread) - 1e-12)
    assert 0 < reached < 300
    assert joint_kind_p(parts, 300, 9) == pytest.approx((1 + reached) / 301)


@pytest.mark.parametrize(
    ("outcomes", "marked", "said"),
    [
        (OUTCOMES, np.arange(6) < 1, "1 and 5 events"),
        (np.full(6, 0.1), MARKED, "differ"),
    ],
)
def test_too_little_is_refused(outcomes, marked, said):
    assert said in kind_difference(outcomes, marked, 99, 1).refusal.reason


def test_marks_of_another_length_are_an_error():
    with pytest.raises(InputError, match="as many"):
        kind_difference(OUTCOMES, MARKED[:4], 99, 1)
