"""The joint test of a specification curve on many sets of outcomes that stand on one calendar.

:func:`analysis.inference.curves.specification_curve` lays its grid out anew for every call. Where
only the outcomes change and their gaps do not, as on simulated panels, the calendars, the cells and
their event counts are the same each time: they are laid out once here and used again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.calendars import turned
from analysis.inference.grids import Grid, lay_out
from analysis.results import InputError, Refusal


@dataclass(frozen=True)
class TurnedMedians:
    """What the joint shift test of a specification curve says, without the curve's table.

    Attributes
    ----------
    specifications, missing : int
        Cells with an estimate, and without.
    median_effect, median_win_rate, median_win_excess, share_positive : float
        Over the cells with an estimate.
    table : DataFrame, one row a specification
        As :class:`analysis.inference.curves.SpecificationCurve` has it, without p-values.
    """

    specifications: int
    missing: int
    median_effect: float
    median_win_rate: float
    median_win_excess: float
    share_positive: float
    table: pd.DataFrame = field(repr=False, compare=False)
    _order: np.ndarray = field(repr=False, compare=False)
    _effects: Callable[[], np.ndarray] = field(repr=False, compare=False)
    _excess: Callable[[], np.ndarray] = field(repr=False, compare=False)

    @cached_property
    def p_median_effect(self) -> float:
        """Joint one-sided p-value of the median effect, over all turns of the calendar."""
        return _upper_tail(_medians(self._effects()))

    @cached_property
    def p_median_win_rate(self) -> float:
        """Joint one-sided p-value of the median win excess."""
        return _upper_tail(_medians(self._excess()))

    @cached_property
    def curve(self) -> pd.DataFrame:
        """`table` with each specification's own one-sided ``p_value`` before its reason."""
        effects = self._effects()
        finite = np.isfinite(effects)
        first = np.where(finite[0], effects[0], 0.0)
        bar = first - 1e-12 * np.abs(first)
        reached = ((effects >= bar) & finite).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)
        own = np.full(len(self.table), np.nan)
        own[self._order] = np.where(finite[0], reached, np.nan)
        place = self.table.columns.get_loc("reason")
        table = self.table.copy()
        table.insert(place, "p_value", own)
        return table


@dataclass(frozen=True)
class TurnedPlan:
    """A laid-out grid with every shift of its calendar.

    Attributes
    ----------
    grid : Grid
    names : tuple of str
        Outcome of each cell.
    marks : tuple of sparse arrays, shape (shifts, T)
        For each event set, a one in every month an event falls on.
    counts : ndarray, shape (shifts, S)
        Events with an outcome; infinite where there are too few, so that they sort last.
    """

    grid: Grid
    names: tuple[str, ...]
    marks: tuple[Any, ...] = field(repr=False)
    counts: np.ndarray = field(repr=False)

    def test(self, outcomes: pd.DataFrame) -> TurnedMedians:
        """The joint test on other outcomes.

        Parameters
        ----------
        outcomes : DataFrame, shape (T, outcomes)
            The columns the plan was made from, missing in the same months.

        Raises
        ------
        InputError
            When the outcomes have values in other months than the plan's.
        """
        grid = self.grid
        raw = outcomes[list(self.names)].to_numpy(dtype=float)
        inside = grid.present > 0
        if len(raw) != grid.months or np.isnan(raw[inside]).any():
            raise InputError("outcomes: months are missing that the plan has; make another plan")
        won = np.where(inside, raw > 0, 0.0)
        filled = np.where(inside, raw, 0.0)
        months = np.maximum(grid.present.sum(axis=0), 1.0)
        base_rate = won.sum(axis=0) / months
        deviations = np.where(inside, filled - filled.sum(axis=0) / months, 0.0)
        wins = np.where(inside, won - base_rate, 0.0)
        effects, excess = self._turn(deviations, 1)[0], self._turn(wins, 1)[0]
        alive = np.isfinite(effects)
        rates = excess + base_rate[grid.cell[grid.order]]
        table = self._table(effects, excess, filled.sum(axis=0) / months, base_rate)
        return TurnedMedians(
            specifications=int(alive.sum()),
            missing=len(grid.table) - int(alive.sum()),
            median_effect=float(np.median(effects[alive])),
            median_win_rate=float(np.median(rates[alive])),
            median_win_excess=float(np.median(excess[alive])),
            share_positive=float((effects[alive] > 0).mean()),
            table=table,
            _order=grid.order,
            _effects=partial(self._turn, deviations),
            _excess=partial(self._turn, wins),
        )

    def _table(
        self,
        effects: np.ndarray,
        excess: np.ndarray,
        base_mean: np.ndarray,
        base_rate: np.ndarray,
    ) -> pd.DataFrame:
        """The grid's table with the estimates of these outcomes in the place of the plan's."""
        table, cell = self.grid.table.copy(), self.grid.cell
        for name, values in (("effect", effects), ("win_excess", excess)):
            own = np.full(len(table), np.nan)
            own[self.grid.order] = np.where(np.isfinite(values), values, np.nan)
            table[name] = own
        there = self.grid.present.any(axis=0)
        table["base_mean"] = np.where(there, base_mean, np.nan)[cell]
        table["base_rate"] = np.where(there, base_rate, np.nan)[cell]
        table["event_mean"] = table["effect"] + table["base_mean"]
        table["win_rate"] = table["win_excess"] + table["base_rate"]
        return table

    def _turn(self, values: np.ndarray, turns: int | None = None) -> np.ndarray:
        """Mean of each specification's events on the first turns; infinite where too few."""
        counts = self.counts[:turns]
        means, left = np.empty(counts.shape), 0
        for marked, (_, members) in zip(self.marks, self.grid.sets, strict=True):
            part = slice(left, left + len(members))
            block = np.ascontiguousarray(values[:, self.grid.cell[members]])
            np.divide(marked[:turns] @ block, counts[:, part], out=means[:, part])
            left += len(members)
        means[np.isinf(counts)] = np.inf
        return means


def plan_turns(
    outcomes: pd.DataFrame,
    events: pd.DataFrame,
    specifications: pd.DataFrame,
    *,
    eras: pd.DataFrame | None = None,
    min_gap: int = 12,
    min_events: int = 3,
) -> TurnedPlan | Refusal:
    """Lay out a specification curve under all circular shifts.

    Parameters and errors as in :func:`analysis.inference.curves.specification_curve`; `outcomes`
    may be those of any panel with the same missing months.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4.
    """
    from scipy.sparse import csr_array

    grid = lay_out(outcomes, events, specifications, eras, min_events)
    if not grid.dates.size or (grid.table["reason"] != "").all():
        return Refusal("no specification has enough events with an outcome")
    length = grid.months
    positions = turned(grid.dates, length, min_gap, length, np.random.default_rng(0)).positions
    marks, counts = [], []
    for columns, members in grid.sets:
        months = positions[:, columns]
        pointers = np.arange(0, months.size + 1, months.shape[1])
        marked = csr_array((np.ones(months.size), months.ravel(), pointers), (length, length))
        marks.append(marked)
        counts.append(marked @ grid.present[:, grid.cell[members]])
    count = np.hstack(counts)
    count[count < min_events] = np.inf
    defined = np.isfinite(count).any(axis=1)
    if not defined.all():
        marks = [marked[np.flatnonzero(defined)] for marked in marks]
    cells = dict(zip(grid.cell, specifications["outcome"], strict=True))
    names = tuple(cells[cell] for cell in range(grid.present.shape[1]))
    return TurnedPlan(grid, names, tuple(marks), count[defined])


def _medians(values: np.ndarray) -> np.ndarray:
    """Median of the finite values of each row."""
    ordered = np.sort(values, axis=1)
    count, row = np.isfinite(ordered).sum(axis=1), np.arange(len(ordered))
    return (ordered[row, (count - 1) // 2] + ordered[row, count // 2]) / 2.0


def _upper_tail(statistics: np.ndarray) -> float:
    """Share of the calendars that reach the first one; equal up to rounding counts as equal."""
    slack = 1e-12 * float(np.abs(statistics).max())
    return float((statistics >= statistics[0] - slack).mean())
