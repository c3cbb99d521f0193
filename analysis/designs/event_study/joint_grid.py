"""Every specification of an event study's grid, and their joint test under circular shifts."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.windows import event_months, wide_before
from analysis.designs.registry import Specification
from analysis.inference.curves import CurvePlan, SpecificationCurve, plan_curve
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset
from analysis.panel.eras import era_flags
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.panel.recessions import recession_within

#: Months without an event that separate one episode from the next.
EPISODE_GAP = 12

AXES = ("leg", "horizon", "start", "date_rule", "link", "era")


@dataclass(frozen=True)
class GridFrames:
    """What a joint test is made from.

    Attributes
    ----------
    outcomes : DataFrame, one row a month
        Window returns, one column a leg, horizon and start; NaN where incomplete.
    events, eras : DataFrame of bool, one row a month
        First cuts or troughs by date rule and link; months of each era.
    choices : mapping of str to tuple
        Alternatives of every axis.
    key : hashable
        Equal where all but the returns is equal, the months with an outcome included.
    """

    outcomes: pd.DataFrame = field(compare=False, repr=False)
    events: pd.DataFrame = field(compare=False, repr=False)
    eras: pd.DataFrame = field(compare=False, repr=False)
    choices: Mapping[str, tuple[Any, ...]] = field(compare=False, repr=False)
    key: Hashable = field(repr=False)

    @property
    def specifications(self) -> pd.DataFrame:
        """One row a specification of the legs at hand: axes, then names of two columns.

        ``outcome`` and ``events`` name columns of the two frames.
        """
        return _combinations(*self._shape)[0].copy(deep=False)

    @property
    def not_at_hand(self) -> pd.DataFrame:
        """Axes of the specifications of other legs, and ``reason``."""
        return _combinations(*self._shape)[1].copy(deep=False)

    @property
    def _shape(self) -> tuple[tuple[tuple[Any, ...], ...], tuple[str, ...]]:
        return tuple(self.choices[axis] for axis in AXES), tuple(self.outcomes.columns)


@dataclass(frozen=True)
class JointGrid:
    """All specifications of a grid.

    Attributes
    ----------
    test : SpecificationCurve
        Of the specifications that are judged together; may be refused.
    rows : DataFrame
        A row for every registered specification, those the data lack included: the axes, the
        estimates, and ``reason``, empty where it was run.
    """

    test: SpecificationCurve
    rows: pd.DataFrame


def joint_grid(dataset: Dataset, specification: Specification[EventStudyArguments]) -> JointGrid:
    """Run the grid; specifications dated by `known_from` are shown and not judged with the rest.

    All circular shifts are taken, so nothing is drawn. What does not depend on the returns is laid
    out once for all panels of one shape.
    """
    if not specification.grid:
        return JointGrid(
            SpecificationCurve.refused("the claim registers no grid"), pd.DataFrame({"reason": []})
        )
    arguments = specification.arguments
    frames = grid_frames(dataset, specification)
    tests, tables = [], [frames.not_at_hand]
    for of_later in (False, True) if arguments.known_from is not None else (False,):
        layout = _Layout(frames, arguments.known_from, of_later, arguments.fewest_events)
        plan = _plan(layout)
        if plan.refusal is None:
            tests.append(plan.test(frames.outcomes))
            tables.append(tests[-1].estimates)
        else:
            tests.append(SpecificationCurve.refused(plan.refusal.reason))
            tables.append(layout.rows.assign(reason=plan.refusal.reason))
    rows = pd.concat([table for table in tables if len(table)], ignore_index=True)
    return JointGrid(tests[0], rows.drop(columns=["outcome", "events"], errors="ignore"))


def grid_frames(dataset: Dataset, specification: Specification[EventStudyArguments]) -> GridFrames:
    """Outcomes, events, eras and specifications of a claim's whole grid."""
    choices, arguments = _choices(specification), specification.arguments
    outcomes = _outcomes(dataset, choices)
    if arguments.sample_start is None:
        outcomes = outcomes.dropna(how="all")
    else:
        outcomes = outcomes.loc[arguments.sample_start :]
    events = _event_flags(dataset, choices, arguments, outcomes.index)
    eras = era_flags(outcomes.index, choices["era"])
    there = np.isfinite(outcomes.to_numpy())
    key = (
        (len(outcomes), *outcomes.index[:1], *outcomes.columns),
        tuple((axis, *values) for axis, values in choices.items()),
        np.packbits(there).tobytes(),
        np.packbits(events.to_numpy()).tobytes(),
    )
    return GridFrames(outcomes, events, eras, choices, key)


@dataclass(frozen=True)
class _Layout:
    """Specifications that are judged together: those of the later dates, or all others."""

    frames: GridFrames
    later: str | None
    of_later: bool
    fewest: int

    @property
    def rows(self) -> pd.DataFrame:
        every = self.frames.specifications
        chosen = every["date_rule"].eq(self.later) == self.of_later
        return every[chosen].reset_index(drop=True)


@lru_cache(maxsize=6)
def _plan(layout: _Layout) -> CurvePlan:
    frames, rows = layout.frames, layout.rows
    if rows.empty:
        return CurvePlan.refused("the data hold no leg of the grid")
    if frames.outcomes.empty:
        return CurvePlan.refused("no month of the sample has passed")
    return plan_curve(
        frames.outcomes,
        frames.events,
        rows,
        eras=frames.eras,
        min_gap=EPISODE_GAP,
        draws=len(frames.outcomes),
        min_events=layout.fewest,
    )


@lru_cache(maxsize=16)
def _combinations(
    choices: tuple[tuple[Any, ...], ...], outcomes: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Specifications of the legs at hand, and those of legs that the data lack with that reason.

    The same at every month at which the data hold the same legs.
    """
    held, lacking, known = [], [], set(outcomes)
    for chosen in itertools.product(*choices):
        leg, horizon, start, rule, link, _ = chosen
        outcome = f"{leg}/{horizon}/{start}"
        if outcome in known:
            held.append((*chosen, outcome, f"{rule}/{link}"))
        else:
            lacking.append((*chosen, f"the data hold no months of {leg}"))
    return (
        pd.DataFrame(held, columns=[*AXES, "outcome", "events"]),
        pd.DataFrame(lacking, columns=[*AXES, "reason"]),
    )


def _choices(specification: Specification[EventStudyArguments]) -> dict[str, tuple[Any, ...]]:
    """The alternatives of every axis; an argument that does not vary keeps its own value."""
    arguments = specification.arguments
    return {axis: specification.grid.get(axis, (getattr(arguments, axis),)) for axis in AXES}


def _outcomes(dataset: Dataset, choices: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    """Window returns of every leg at hand, horizon and start, shape (months, columns)."""
    calendar, columns = dataset.monthly.index, {}
    for leg in choices["leg"]:
        if missing_leg(dataset, leg) is None:
            spread = leg_returns(dataset, leg)
            for horizon, start in itertools.product(choices["horizon"], choices["start"]):
                sums = forward_sums(spread, horizon, start)
                columns[f"{leg}/{horizon}/{start}"] = _placed(sums, calendar)
    return pd.DataFrame(columns, index=calendar)


def _placed(sums: pd.Series, calendar: pd.PeriodIndex) -> np.ndarray:
    """The sums on the calendar they run inside, NaN where there are none."""
    placed = np.full(len(calendar), np.nan)
    if len(sums):
        first = (sums.index[0] - calendar[0]).n
        placed[first : first + len(sums)] = sums.to_numpy()
    return placed


def _event_flags(
    dataset: Dataset,
    choices: Mapping[str, tuple[Any, ...]],
    arguments: EventStudyArguments,
    calendar: pd.PeriodIndex,
) -> pd.DataFrame:
    """Events of every date rule and link, one column ``rule/link`` each."""
    dated = {rule: calendar.isin(event_months(dataset, rule)) for rule in choices["date_rule"]}
    wide, flags = wide_before(dataset, arguments), {}
    for link in choices["link"]:
        counted = np.ones(len(calendar), dtype=bool)
        if link != "all":
            ahead = recession_within(dataset, link).reindex(calendar)
            counted = ahead.to_numpy(dtype=bool) == (arguments.followed_by == "recession")
        if wide is not None:
            counted = counted & wide.reindex(calendar).to_numpy(dtype=bool)
        for rule, named in dated.items():
            flags[f"{rule}/{link}"] = named & counted
    return pd.DataFrame(flags, index=calendar)
