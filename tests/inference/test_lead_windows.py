"""Leads over an outlook's windows and from every earlier day: by hand, by loop, by chance."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.lead_windows import (
    Pattern,
    earlier_leads,
    leads,
    outcome,
    path_with_fan,
    pattern_of,
)

DAYS = pd.bdate_range("2020-01-01", periods=600)


def walk(columns=1, seed=3, drift=0.0):
    """Log ratios that wander, one column a pair."""
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(drift, 0.01, (len(DAYS), columns)), axis=0)


def test_a_window_ends_at_the_last_close_up_to_the_same_day_and_not_before_it_is_over():
    """A month after Friday 3 January 2020 is Monday 3 February; two after it a Tuesday."""
    index = pd.bdate_range("2020-01-01", "2020-02-03")
    start = np.array([index.get_loc("2020-01-03")])
    found = pattern_of(index, start, [1])
    assert index[found.last[0]] == pd.Timestamp("2020-02-03")
    assert pattern_of(index[:-1], start, [1]) is None
    assert pattern_of(index, start, [1, 2]) is None
    newyear = np.array([index.get_loc("2020-01-01")])
    assert index[pattern_of(index, newyear, [1]).last[0]] == pd.Timestamp("2020-01-31")


def test_leads_at_once_and_in_stages_by_hand():
    """A ratio that doubles after a month: all at once gains 1, half entered then gains 0."""
    values = np.zeros((60, 1))
    values[21:] = np.log(2.0)
    one, end = np.array([0]), np.array([59])
    assert leads(values, one, end)[0, 0] == pytest.approx(1.0)
    assert leads(values, one, end, stages=2)[0, 0] == pytest.approx(0.5)
    assert leads(values, one, np.array([10]), stages=2)[0, 0] == 0.0


def test_the_earlier_days_by_plain_loops():
    """Three first days, two horizons, two pairs: the pattern slid back cell by cell."""
    values = walk(2)
    pattern = pattern_of(DAYS, np.array([400, 401, 403]), [1, 3])
    found = outcome(values, pattern, stages=2)
    least = []
    for start in range(400 - pattern.span + 1):
        moved = np.roll(values, 400 - start, axis=0)
        cells = [
            np.mean([
                np.expm1(moved[last, pair] - moved[min(first + part * 21, last), pair])
                for part in range(2)
            ])
            for first, last in zip(pattern.first, pattern.last, strict=True)
            for pair in range(2)
        ]  # fmt: skip
        least.append(min(cells))
    assert found.windows == len(least)
    assert found.base_rate == pytest.approx(np.mean(np.array(least) > 0))
    assert found.luck == pytest.approx(np.mean(np.array(least) >= found.smallest))
    assert (found.ahead == (np.array(least) > 0)).all()


def test_no_earlier_window_reaches_past_the_first_day():
    """What comes after the note moves its own leads and nothing of the base rate."""
    values = walk(1)
    pattern = Pattern(np.array([300]), np.array([360]))
    before = outcome(values, pattern)
    values[301:] += 5.0
    after = outcome(values, pattern)
    assert (after.base_rate, after.windows) == (before.base_rate, before.windows)
    assert after.smallest > before.smallest and after.luck == 0.0
    assert earlier_leads(values, pattern).shape == (241, 1, 1)


def test_luck_is_uniform_where_nothing_is_known():
    """On random walks the share of earlier days that did as well averages one half."""
    shares = [
        outcome(walk(1, seed), Pattern(np.array([560]), np.array([580]))).luck
        for seed in range(300)
    ]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.05)
    assert np.mean(np.array(shares) < 0.1) == pytest.approx(0.1, abs=0.05)


def test_an_equal_lead_is_as_good():
    """Where every window gains the same, every earlier day did as well."""
    steady = np.arange(len(DAYS))[:, None] * 2.0**-10
    found = outcome(steady, Pattern(np.array([512]), np.array([528])))
    assert found.luck == found.base_rate == 1.0


def test_won_lost_and_undecided():
    """By the smallest and the largest lead."""
    rising, pattern = walk(1, drift=0.0), Pattern(np.array([300, 310]), np.array([320, 330]))
    rising[300:] = rising[300] + np.arange(300)[:, None] * 0.01
    assert outcome(rising, pattern).won == "yes"
    assert outcome(np.hstack([rising, -rising]), pattern).won == "undecided"
    assert outcome(-rising, pattern).won == "no"


def test_without_an_earlier_day_the_outcome_is_refused():
    """A history as short as the window has no base rate."""
    found = outcome(walk(1), Pattern(np.array([10]), np.array([60])))
    assert found.refusal is not None and np.isnan(found.luck)


def test_the_path_and_its_fan_by_hand():
    """Percentiles over the earlier days; sessions beyond the end are left out."""
    values = walk(1)[:, 0]
    table = path_with_fan(values, 590, np.array([0, 5, 20]))
    assert list(table["session"]) == [0, 5]
    row = table.iloc[1]
    earlier = [np.expm1(values[s + 5] - values[s]) for s in range(586)]
    assert row["value"] == pytest.approx(np.expm1(values[595] - values[590]))
    assert row["windows"] == 586
    assert [row["low"], row["middle"], row["high"]] == pytest.approx(
        list(np.quantile(earlier, [0.1, 0.5, 0.9]))
    )
