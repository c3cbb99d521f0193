"""What an outlook gained, and what the same outlook would have gained from any earlier day.

A *pattern* is every first day an outlook admits with the last day its horizon gives; slid back
through history as a whole it says what luck would have done, with all the dependence there is
between first days, horizons and funds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.results import Result

Positions = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Sessions in a month, between the stages of an entry.
STAGE_SESSIONS = 21

#: Lower end, middle and upper end of a fan.
FAN = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Pattern:
    """First and last positions of an outlook's windows, cell by cell."""

    first: Positions
    last: Positions

    @property
    def origin(self) -> int:
        """Position of the first of the first days."""
        return int(self.first.min())

    @property
    def span(self) -> int:
        """Sessions from there to the last of the last days."""
        return int(self.last.max()) - self.origin

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, kw_only=True)
class Outcome(Result):
    """How an outlook came out over a pattern, beside every earlier day.

    Attributes
    ----------
    smallest, mean, largest : float
        Lead over the cells and columns, decimal.
    base_rate : float
        Share of the earlier days from which every cell would have been ahead.
    luck : float
        Share of them from which the smallest lead would have been at least as large.
    deviation : float
        Standard deviation of the mean lead over the earlier days, decimal.
    windows : int
        Earlier days whose pattern was over by the first of the first days.
    ahead : ndarray of bool, shape (windows,)
        From which earlier positions every cell would have been ahead.
    """

    smallest: float
    mean: float
    largest: float
    base_rate: float
    luck: float
    deviation: float
    windows: int
    ahead: NDArray[np.bool_]

    @property
    def won(self) -> str:
        """``yes`` where every cell is ahead, ``no`` where none is, else ``undecided``."""
        return "yes" if self.smallest > 0 else "no" if self.largest <= 0 else "undecided"


def pattern_of(index: pd.DatetimeIndex, firsts: Positions, months: Sequence[int]) -> Pattern | None:
    """Windows of some lengths from some first days; None where one is not over.

    A window of m months ends at the last close up to the same day m months later.
    """
    first, last = [], []
    for start in firsts:
        for length in months:
            due = index[start] + pd.DateOffset(months=length)
            if index[-1] < due:
                return None
            first.append(int(start))
            last.append(int(index.searchsorted(due, side="right")) - 1)
    if not first:
        return None
    return Pattern(np.array(first, dtype=np.int64), np.array(last, dtype=np.int64))


def leads(values: Floats, first: Positions, last: Positions, stages: int = 1) -> Floats:
    """Lead over windows, decimal: of the last value over the first, or over a staged entry's.

    Parameters
    ----------
    values : ndarray, shape (sessions, columns)
        Log of what is held over what it is held against.
    first, last : ndarray of int
        Of any one shape.
    stages : int
        Equal parts moved from the benchmark, a month of sessions apart, beginning on the first
        day; 1 for all at once. A part whose day lies after the window's end is never moved.

    Returns
    -------
    ndarray, the shape of `first` and one column for each of `values`
    """
    total = np.zeros((*np.shape(first), values.shape[1]))
    for part in range(stages):
        entered = np.minimum(first + part * STAGE_SESSIONS, last)
        total += np.expm1(values[last] - values[entered])
    return np.asarray(total / stages)


def outcome(values: Floats, pattern: Pattern, stages: int = 1) -> Outcome:
    """How a pattern came out, and how it would have from every earlier day.

    Only days whose whole pattern was over by the first of the first days are compared: nothing
    that happened after the note says what luck would have done.
    """
    found = leads(values, pattern.first, pattern.last, stages)
    earlier = earlier_leads(values, pattern, stages)
    if not len(earlier):
        return Outcome.refused("no earlier day has as long a time behind it")
    flat = earlier.reshape(len(earlier), -1)
    least, smallest = flat.min(axis=1), float(found.min())
    return Outcome(
        smallest=smallest,
        mean=float(found.mean()),
        largest=float(found.max()),
        base_rate=float((least > 0).mean()),
        luck=float((least >= smallest).mean()),
        deviation=float(flat.mean(axis=1).std(ddof=1)) if len(flat) > 1 else np.nan,
        windows=len(flat),
        ahead=least > 0,
    )


def earlier_leads(values: Floats, pattern: Pattern, stages: int = 1) -> Floats:
    """The pattern's leads from every earlier day, shape (windows, cells, columns)."""
    starts = np.arange(max(pattern.origin - pattern.span + 1, 0))[:, None]
    return leads(
        values, starts + pattern.first - pattern.origin, starts + pattern.last - pattern.origin,
        stages,
    )  # fmt: skip


def path_with_fan(values: Floats, origin: int, sessions: Positions) -> pd.DataFrame:
    """Lead since a first day, beside the leads after as many sessions from all earlier days.

    Parameters
    ----------
    values : ndarray, shape (sessions,)
        Log of what is held over what it is held against.
    origin : int
        Position of the first day.
    sessions : ndarray of int
        Sessions after it at which the path is wanted; those beyond the end are left out.

    Returns
    -------
    DataFrame
        ``session, value, low, middle, high, windows``: the lead, its 10th, 50th and 90th
        percentile over the earlier days, decimal (NaN without any), and their number.
    """
    rows = []
    for after in sessions[origin + sessions < len(values)]:
        value = float(np.expm1(values[origin + after] - values[origin]))
        count = max(origin - int(after) + 1, 0)
        earlier = np.expm1(values[after : after + count] - values[:count])
        fan = np.quantile(earlier, FAN) if count else np.full(len(FAN), np.nan)
        rows.append((int(after), value, *fan, count))
    return pd.DataFrame(rows, columns=["session", "value", "low", "middle", "high", "windows"])
