"""The grid behind a specification curve: its cells, their samples, and why some are empty."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.results import InputError

WHOLE = "whole sample"


@dataclass(frozen=True)
class Grid:
    """Specifications as arrays.

    Attributes
    ----------
    months : int
        Length T of the calendar.
    dates : ndarray of int, shape (K,)
        Months in which any event set used has an event.
    sets : list of (ndarray of int, ndarray of int)
        For each event set: columns of `dates` it uses, and rows of `table` that use it.
    table : DataFrame
        Choices, sample, observed estimates and the reason of every empty cell.
    cell : ndarray of int, shape (S,)
        Column of the three arrays below each specification reads.
    deviations, wins, present : ndarray, shape (T, cells)
        Outcome and win less their means over the cell's months (0 elsewhere), and 1 in them.
    """

    months: int
    dates: np.ndarray
    sets: list[tuple[np.ndarray, np.ndarray]]
    table: pd.DataFrame = field(repr=False)
    cell: np.ndarray = field(repr=False)
    deviations: np.ndarray = field(repr=False)
    wins: np.ndarray = field(repr=False)
    present: np.ndarray = field(repr=False)

    @property
    def order(self) -> np.ndarray:
        """Rows of `table` that have any event, event set by event set."""
        return np.concatenate([members for _, members in self.sets])

    def block(self, members: np.ndarray, months: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Deviations, wins and presence of some specifications side by side, shape (T, 3 S)."""
        cells = self.cell[members]
        arrays = (self.deviations, self.wins, self.present)
        return np.hstack([np.take(array[months], cells, axis=1) for array in arrays])


def lay_out(
    outcomes: pd.DataFrame,
    events: pd.DataFrame,
    specifications: pd.DataFrame,
    eras: pd.DataFrame | None,
    min_events: int,
) -> Grid:
    """Turn frames into a :class:`Grid`; parameters as in
    :func:`analysis.inference.curves.specification_curve`.

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
    inside = np.column_stack([_months_of(eras, era, len(outcomes)) for _, era in unique])
    present = np.isfinite(raw) & inside
    won = np.where(present, raw > 0, 0.0)
    count = np.maximum(present.sum(axis=0), 1)
    filled = np.where(present, raw, 0.0)
    base_mean, base_rate = filled.sum(axis=0) / count, won.sum(axis=0) / count
    event_code, event_names = pd.factorize(specifications["events"])
    flags = events[list(event_names)].to_numpy()
    dates = np.flatnonzero(flags.any(axis=1))
    sets = [
        (np.flatnonzero(flags[dates, code]), np.flatnonzero(event_code == code))
        for code in range(len(event_names))
        if flags[:, code].any()
    ]
    deviations = np.where(present, filled - base_mean, 0.0)
    wins = np.where(present, won - base_rate, 0.0)
    grid = Grid(
        len(outcomes), dates, sets, specifications, cell, deviations, wins, present.astype(float)
    )
    table = _observe(grid, outcomes.index, base_mean, base_rate, min_events)
    names = zip(table["outcome"], table["events"], era_names, table["n_events"], strict=True)
    explain = _Explainer(outcomes, events, eras, min_events)
    table["reason"] = ["" if n >= min_events else explain(o, e, era, n) for o, e, era, n in names]
    table.loc[table["reason"] != "", ["event_mean", "effect", "win_rate", "win_excess"]] = np.nan
    return Grid(grid.months, dates, sets, table, cell, deviations, wins, grid.present)


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
    named = eras is not None and era in eras.columns
    return eras[era].to_numpy() if named else np.ones(months, dtype=bool)


def _observe(
    grid: Grid, index: pd.Index, base_mean: np.ndarray, base_rate: np.ndarray, fewest: int
) -> pd.DataFrame:
    """Choices with the observed estimates beside them."""
    table, cell = grid.table.reset_index(drop=True).copy(), grid.cell
    sums = np.zeros((3, len(table)))
    for columns, members in grid.sets:
        sums[:, members] = grid.block(members, grid.dates[columns]).sum(axis=0).reshape(3, -1)
    months = grid.present.sum(axis=0).astype(int)
    first = grid.present.argmax(axis=0)
    last = grid.months - 1 - grid.present[::-1].argmax(axis=0)
    count = np.where(sums[2] > 0, sums[2], np.nan)
    table["n_events"] = sums[2].astype(int)
    table["n_months"] = months[cell]
    table["first"], table["last"] = (
        np.where(months > 0, index[edge].astype(str), "")[cell] for edge in (first, last)
    )
    table["event_mean"] = sums[0] / count + base_mean[cell]
    table["base_mean"] = np.where(months[cell] > 0, base_mean[cell], np.nan)
    table["effect"] = sums[0] / count
    table["win_rate"] = sums[1] / count + base_rate[cell]
    table["base_rate"] = np.where(months[cell] > 0, base_rate[cell], np.nan)
    table["win_excess"] = sums[1] / count
    return table


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
        self._spans = [_span(outcomes.index, column) for column in there.T]
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
        start, end = self._spans[o]
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
