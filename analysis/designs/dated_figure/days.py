"""Which pairs of days a sentence admits, as positions in a history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import DayRange
from analysis.designs.dated_figure.quoted import Positions
from analysis.designs.registry import Arguments
from analysis.panel.fund_gains import STALE_DAYS


class YearsBefore(Arguments):
    """A first day that lies whole years before the last."""

    years_before: Annotated[int, Field(ge=1, le=50)]


@dataclass(frozen=True)
class Stretches:
    """Pairs of positions in a history: every admissible first day with every later last one."""

    first: Positions
    last: Positions

    def __len__(self) -> int:
        return len(self.first)


NONE = Stretches(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def positions_within(index: pd.DatetimeIndex, days: DayRange) -> Positions:
    """Positions of the sessions that some days admit; of a single day the last one up to it."""
    earliest, latest = pd.Timestamp(days.earliest), pd.Timestamp(days.latest)
    if earliest == latest:
        return _on_or_before(index, latest)
    return np.flatnonzero((index >= earliest) & (index <= latest))


def admissible(index: pd.DatetimeIndex, first: DayRange | YearsBefore, last: DayRange) -> Stretches:
    """Every pair of days that the wording admits."""
    return _pairs(index, first, positions_within(index, last))


def around(
    index: pd.DatetimeIndex, first: DayRange | YearsBefore, last: DayRange, sessions: int
) -> Stretches:
    """The same with both ranges widened by some sessions on either side."""
    lasts = _widened(index, positions_within(index, last), sessions)
    if isinstance(first, YearsBefore):
        return _pairs(index, first, lasts)
    firsts = _widened(index, positions_within(index, first), sessions)
    return _crossed(firsts, lasts)


def firsts_of(index: pd.DatetimeIndex, first: DayRange | YearsBefore, last: int) -> Positions:
    """Positions of the first days that belong to one last day."""
    if isinstance(first, YearsBefore):
        return _on_or_before(index, index[last] - pd.DateOffset(years=first.years_before))
    found = positions_within(index, first)
    return found[found < last]


def _pairs(index: pd.DatetimeIndex, first: DayRange | YearsBefore, lasts: Positions) -> Stretches:
    if not isinstance(first, YearsBefore):
        return _crossed(positions_within(index, first), lasts)
    chosen = list(_years_apart(index, first, lasts))
    pairs = np.array(chosen, dtype=np.int64).reshape(-1, 2)
    return Stretches(pairs[:, 0], pairs[:, 1])


def _years_apart(
    index: pd.DatetimeIndex, first: YearsBefore, lasts: Positions
) -> Iterator[tuple[int, int]]:
    for last in lasts:
        for start in firsts_of(index, first, int(last)):
            yield int(start), int(last)


def _crossed(firsts: Positions, lasts: Positions) -> Stretches:
    first, last = (side.ravel() for side in np.meshgrid(firsts, lasts, indexing="ij"))
    later = last > first
    return Stretches(first[later], last[later])


def _widened(index: pd.DatetimeIndex, found: Positions, sessions: int) -> Positions:
    if not len(found):
        return found
    return np.arange(
        max(int(found[0]) - sessions, 0), min(int(found[-1]) + sessions + 1, len(index))
    )


def _on_or_before(index: pd.DatetimeIndex, day: pd.Timestamp) -> Positions:
    """Position of the last session up to a day; none where it is older than a week."""
    at = int(index.searchsorted(day, side="right")) - 1
    if at < 0 or (day - index[at]).days > STALE_DAYS:
        return np.empty(0, dtype=np.int64)
    return np.array([at], dtype=np.int64)
