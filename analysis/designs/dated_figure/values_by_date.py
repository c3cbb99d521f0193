"""A figure by its last day, on the admissible days and those around them, for the chart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.arguments import DayRange
from analysis.designs.dated_figure.days import YearsBefore, firsts_of
from analysis.designs.dated_figure.quoted import Positions
from analysis.designs.dated_figure.readings import History
from analysis.designs.dated_values import BY_DATE

#: Sessions drawn after the last admissible day, and before the first where first days move too.
_AFTER, _BEFORE = 10, 126

#: Days drawn, about; those that match are all drawn.
_DRAWN = 300


def values_by_date(
    history: History, first: DayRange | YearsBefore, table: pd.DataFrame
) -> pd.DataFrame:
    """The figures by last day.

    Parameters
    ----------
    history : History
    first : DayRange or YearsBefore
        The admissible first days.
    table : DataFrame
        The figures on the admissible pairs, as :meth:`History.table`.

    Returns
    -------
    DataFrame
        :data:`BY_DATE`: ``low`` and ``high`` over the admissible first days (decimals), whether the
        last day is ``admitted``, and whether all figures are ``matched`` on it by that reading.
    """
    admitted = np.unique(history.stretches.last)
    matched = table[table["matched"]]
    held = {(row.reading, row.to) for row in matched.itertuples()}
    days = _drawn(history, first, admitted, {day for _, day in held})
    return pd.DataFrame(_rows(history, first, days, set(admitted), held), columns=BY_DATE)


def _drawn(
    history: History, first: DayRange | YearsBefore, admitted: Positions, matched: set[Any]
) -> list[int]:
    begins = int(history.stretches.first.min()) + 1
    if isinstance(first, YearsBefore):
        begins = max(int(admitted[0]) - _BEFORE, 1)
    ends = min(int(admitted[-1]) + _AFTER, len(history.index) - 1)
    step = max((ends - begins) // _DRAWN, 1)
    kept = {*range(begins, ends + 1, step), int(admitted[0]), int(admitted[-1])}
    kept |= {int(at) for at in history.index.get_indexer(pd.DatetimeIndex(sorted(matched)))}
    return sorted(kept)


def _rows(
    history: History,
    first: DayRange | YearsBefore,
    days: list[int],
    admitted: set[int],
    held: set[tuple[str, Any]],
) -> Iterator[tuple[Any, ...]]:
    for last in days:
        firsts = firsts_of(history.index, first, last)
        if not len(firsts):
            continue
        for reading in history.readings:
            matched = (reading.words, history.index[last]) in held
            for one in history.figures:
                values = one.values(reading.logs, reading.lead, firsts, np.full(len(firsts), last))
                yield (
                    *(one.label, reading.words, history.index[last]),
                    *(float(values.min()), float(values.max()), last in admitted, matched),
                )
