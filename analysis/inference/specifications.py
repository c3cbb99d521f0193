"""The grid behind a specification curve: its cells, their samples, and why some are empty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.results import InputError

WHOLE = "whole sample"


@dataclass(frozen=True)
class Grid:
    """Specifications as arrays: all of them but the outcomes' values.

    Attributes
    ----------
    months : int
        Length T of the calendar.
    dates : ndarray of int, shape (K,)
        Months in which any event set used has an event.
    sets : list of (ndarray of int, ndarray of int)
        For each event set: columns of `dates` it uses, and rows of `table` that use it.
    table : DataFrame
        Choices, ``n_events, n_months, first, last``, and ``reason``: why a cell has no estimate.
    names : tuple of str
        Outcome of each cell.
    cell : ndarray of int, shape (S,)
        Cell, an outcome in an era, that each specification reads.
    present : ndarray of 0 and 1, shape (T, cells)
        Whether a cell has an outcome in a month.
    """

    months: int
    dates: np.ndarray
    sets: list[tuple[np.ndarray, np.ndarray]]
    table: pd.DataFrame = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    cell: np.ndarray = field(repr=False)
    present: np.ndarray = field(repr=False)

    @property
    def order(self) -> np.ndarray:
        """Rows of `table` that have any event, event set by event set."""
        return np.concatenate([members for _, members in self.sets])


def lay_out(
    outcomes: pd.DataFrame,
    events: pd.DataFrame,
    specifications: pd.DataFrame,
    eras: pd.DataFrame | None,
    min_events: int,
) -> Grid:
    """Turn frames into a :class:`Grid`.

    Parameters are those of :func:`analysis.inference.curves.specification_curve`.

    Raises
    ------
    InputError
        Frames on different indices, unknown names, infinite outcomes, flags that are not boolean.
    """
    era_names = _check(outcomes, events, specifications, eras)
    keys = pd.MultiIndex.from_arrays([specifications["outcome"], era_names])
    cell, unique = keys.factorize()
    raw = outcomes[[outcome for outcome, _ in unique]].to_numpy(dtype=float)
    if np.isinf(raw).any():
        raise InputError("outcomes: holds infinite values; give NaN where there is no outcome")
    months_of = {era: _months_of(eras, era, len(outcomes)) for era in {era for _, era in unique}}
    inside = np.column_stack([months_of[era] for _, era in unique])
    present = (np.isfinite(raw) & inside).astype(float)
    event_code, event_names = pd.factorize(specifications["events"])
    flags = events[list(event_names)].to_numpy()
    dates = np.flatnonzero(flags.any(axis=1))
    sets = [
        (np.flatnonzero(flags[dates, code]), np.flatnonzero(event_code == code))
        for code in range(len(event_names))
        if flags[:, code].any()
    ]
    count = np.zeros(len(specifications), dtype=int)
    for columns, members in sets:
        count[members] = present[dates[columns]].sum(axis=0)[cell[members]]
    table = _samples(specifications, outcomes.index, present, cell, count)
    explain = _Explainer(outcomes, events, eras, min_events)
    # as arrays of objects: a column of texts makes every one anew when it is walked through
    named = (column.to_numpy(object) for column in (table["outcome"], table["events"], era_names))
    rows = zip(*named, count, strict=True)
    table["reason"] = ["" if n >= min_events else explain(o, e, era, n) for o, e, era, n in rows]
    names = tuple(outcome for outcome, _ in unique)
    return Grid(len(outcomes), dates, sets, table, names, cell, present)


def _check(
    outcomes: pd.DataFrame,
    events: pd.DataFrame,
    specifications: pd.DataFrame,
    eras: pd.DataFrame | None,
) -> pd.Series:
    """Refuse frames that do not fit together; the era of every specification."""
    for name, frame in (("events", events), ("eras", eras)):
        if frame is None:
            continue
        if not frame.index.equals(outcomes.index):
            raise InputError(f"{name}: has another index than outcomes; align them")
        if not all(pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes):
            raise InputError(f"{name}: expected boolean flags, one a month")
    if len(specifications) == 0 or not {"outcome", "events"} <= set(specifications.columns):
        raise InputError("specifications: need rows, and the columns 'outcome' and 'events'")
    chosen = specifications.get("era", pd.Series(WHOLE, index=specifications.index))
    known_eras = [WHOLE, *([] if eras is None else eras.columns)]
    for column, names, known in (
        ("outcome", specifications["outcome"], outcomes.columns),
        ("events", specifications["events"], events.columns),
        ("era", chosen, known_eras),
    ):
        unknown = [name for name in names.unique() if name not in known]
        if unknown:
            raise InputError(f"specifications: unknown {column} {unknown[0]!r}")
    return chosen


def _months_of(eras: pd.DataFrame | None, era: str, months: int) -> np.ndarray:
    if eras is None or era not in eras.columns:
        return np.ones(months, dtype=bool)
    return eras[era].to_numpy()


def _samples(
    specifications: pd.DataFrame,
    index: pd.Index,
    present: np.ndarray,
    cell: np.ndarray,
    count: np.ndarray,
) -> pd.DataFrame:
    """Choices with the events and the months of each specification beside them."""
    months = present.sum(axis=0).astype(int)
    first, last = present.argmax(axis=0), len(present) - 1 - present[::-1].argmax(axis=0)
    edges = {
        name: np.where(months > 0, _names_of(index, edge), "")[cell]
        for name, edge in (("first", first), ("last", last))
    }
    table = specifications.reset_index(drop=True)
    return table.assign(n_events=count, n_months=months[cell], **edges)


def _names_of(index: pd.Index, places: np.ndarray) -> np.ndarray:
    """Months as text; many cells begin and end in few."""
    unique, which = np.unique(places, return_inverse=True)
    names: np.ndarray = np.asarray(index[unique].astype(str), dtype=object)[which]
    return names


class _Explainer:
    """Why a cell has no estimate, in one sentence; counts each pair of columns once."""

    def __init__(
        self,
        outcomes: pd.DataFrame,
        events: pd.DataFrame,
        eras: pd.DataFrame | None,
        fewest: int,
    ) -> None:
        names = [WHOLE, *([] if eras is None else eras.columns)]
        inside = np.column_stack([_months_of(eras, era, len(outcomes)) for era in names])
        there = np.isfinite(outcomes.to_numpy(dtype=float))
        flags = events.to_numpy(dtype=bool)
        self._fewest = fewest
        self._columns = [{n: k for k, n in enumerate(x)} for x in (outcomes, events, names)]
        self._index, self._there = outcomes.index, there
        self._present = there.T.astype(int) @ inside
        self._flagged = flags.T.astype(int) @ inside

    def __call__(self, outcome: str, events: str, era: str, count: int) -> str:
        o, e, a = (
            names[name] for names, name in zip(self._columns, (outcome, events, era), strict=True)
        )
        if not self._present[o, 0]:
            return f"the data hold no values of {outcome}"
        if not self._flagged[e, 0]:
            return f"{events} names no event"
        start, end = _span(self._index, self._there[:, o])
        if not self._present[o, a]:
            return f"{outcome} runs from {start} to {end}, outside the era {era}"
        if not self._flagged[e, a]:
            return f"no events of {events} in the era {era}"
        return (
            f"only {count} of {self._flagged[e, a]} events have an outcome, {self._fewest} are"
            f" needed ({outcome} starts {start})"
        )


def _span(index: pd.Index, present: np.ndarray) -> tuple[str, str]:
    months = np.flatnonzero(present)
    return (str(index[months[0]]), str(index[months[-1]])) if len(months) else ("", "")
