"""Events of two kinds: by hand, by enumeration, and lists of the same cycles."""

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis.inference.linked_windows import joint_kind_p, kind_difference
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
