"""Spells of a wide gap, seen as they came."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel.spells import (
    independent_episodes,
    real_time_percentile,
    share_wide,
    wide_spells,
)


def gap_of(values) -> pd.Series:
    return pd.Series(values, pd.period_range("1940-01", periods=len(values), freq="M"))


def test_real_time_percentiles_need_their_history_and_see_nothing_after():
    """The share of months so far that are no wider, from the 120th month on."""
    gap = gap_of(np.r_[np.arange(120.0), 60.0, 500.0])
    ranks = real_time_percentile(gap, 120)
    assert ranks.index[0] == gap.index[119]
    assert ranks.tolist() == pytest.approx([1.0, 62 / 121, 1.0])
    later = gap.copy()
    later.iloc[121] = -9.0
    assert real_time_percentile(later, 120).iloc[:2].tolist() == ranks.iloc[:2].tolist()
    assert len(real_time_percentile(gap, 60)) == 63


def test_spells_and_independent_episodes_by_hand():
    """Unbroken runs above the percentile; a start within sixty months of the last is the same."""
    values = np.zeros(320)
    wide = [(130, 3), (140, 2), (190, 4), (191 + 60, 1)]
    for start, length in wide:
        values[start : start + length] = 1.0 + start
    gap = gap_of(values + np.linspace(0, -0.5, 320))
    spells = wide_spells(gap, 0.8, 120)
    assert spells["months"].tolist() == [3, 2, 4, 1]
    assert spells["first"].tolist() == [gap.index[start] for start, _ in wide]
    episodes = independent_episodes(spells, 60)
    assert episodes == [gap.index[130], gap.index[251]]
    assert independent_episodes(spells, 59) == [gap.index[i] for i in (130, 190, 251)]
    assert share_wide(gap, 0.8, 120) == pytest.approx(10 / 201)


def test_without_history_there_are_no_spells_and_no_share():
    """A gap shorter than its history was never wide, and the share is unknown, not nought."""
    gap = gap_of(np.arange(50.0))
    assert wide_spells(gap, 0.8, 120).empty
    assert np.isnan(share_wide(gap, 0.8, 120))


def test_a_gap_at_the_percentile_itself_is_not_wide():
    """Wider than four of five months so far is the 80th percentile, and not above it."""
    months = pd.period_range("2000-01", periods=7, freq="M")
    gap = pd.Series([1.0, 2.0, 3.0, 5.0, 4.0, 4.5, 6.0], months)
    assert real_time_percentile(gap, 5).iloc[0] == 0.8
    spells = wide_spells(gap, 0.8, 5)
    assert [str(first) for first in spells["first"]] == ["2000-06"]
    assert spells["months"].tolist() == [2]
    assert share_wide(gap, 0.8, 5) == 2 / 3
