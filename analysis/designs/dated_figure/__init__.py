"""Whether a dated figure is met on some day its wording admits, and how often it is by luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import DayRange
from analysis.designs.dated_figure.days import YearsBefore, admissible, positions_within
from analysis.designs.dated_figure.quoted import Holding, Lead, Quoted, Record
from analysis.designs.dated_figure.readings import KEYS, History, history_of, nearest_first
from analysis.designs.dated_figure.sentences import beside, sentence
from analysis.designs.dated_figure.values_by_date import values_by_date
from analysis.designs.dated_values import (
    BANDS,
    BY_DATE,
    NO_TEST,
    DatedStudy,
    day_words,
    not_yet_made,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.inference.date_matches import Luck
from analysis.panel import Dataset
from analysis.panel.holdings import holding_values
from analysis.results import Finding, first_refusal

#: Rows of the table on the page.
_SHOWN = 12

MEASURES = {
    "matched": "whether some admissible pair of days gives the figure",
    "matches": "count",
    "luck": "share",
    "nearest_error": "decimal return",
}


class DatedFigureArguments(Arguments):
    """The days the wording admits, the figures claimed together, and how they may be read."""

    first: DayRange | YearsBefore
    last: DayRange
    figures: Annotated[list[Quoted], Field(min_length=1)]
    leads: Annotated[list[Lead], Field(min_length=1, default_factory=lambda: ["difference"])]
    dividends: Annotated[
        dict[Holding, Annotated[float, Field(ge=0, lt=0.2)]],
        Field(default_factory=dict, description="dividends a year, decimal, by holding"),
    ]
    record: Record | None = None

    @model_validator(mode="after")
    def _dividends_of_every_holding(self) -> Self:
        named = {name for one in self.figures for name in (one.of, one.against) if name}
        if self.dividends and set(self.dividends) != named:
            raise ValueError(f"dividends belong to all holdings or to none: {sorted(named)}")
        return self


@dataclass(frozen=True)
class DatedFigure(DatedStudy):
    """The finding, and what the figures were on every day.

    The grid has one row a pair of admissible days and reading: ``from, to, reading``, the figures,
    ``outside, off, matched`` as :meth:`History.table`, and ``reason``.
    """

    @property
    def nearest(self) -> pd.DataFrame:
        """The admissible pairs of days that match, or come nearest, and what they give."""
        if self.grid.empty:
            return pd.DataFrame({"no table": [self.refused]})
        shown = nearest_first(self.grid).head(_SHOWN).drop(columns=["outside", "off", "reason"])
        days = {name: shown[name].dt.strftime("%Y-%m-%d") for name in ("from", "to")}
        shown = shown.assign(**days).rename(columns={"matched": "as claimed"})
        if not shown["reading"].any():
            shown = shown.drop(columns="reading")
        return shown.reset_index(drop=True)

    @property
    def gains(self) -> tuple[str, ...]:
        """Columns of `nearest` that are gains."""
        return tuple(name for name in self.nearest if name in {*self.bands["figure"], "record"})


@design(arguments=DatedFigureArguments, measures=MEASURES)
def dated_figure(
    dataset: Dataset, specification: Specification[DatedFigureArguments], sampling: Sampling
) -> DatedFigure:
    """Hold a figure against every pair of days that its wording admits."""
    arguments = specification.arguments
    history = _history(dataset, arguments)
    bands = pd.DataFrame(
        [(one.label, one.claimed, one.band.low, one.band.high) for one in arguments.figures],
        columns=BANDS,
    )
    luck = history.luck() if history else Luck.refused("no history")
    if (refusal := first_refusal(history, luck)) is not None:
        return DatedFigure(
            specification,
            Finding.refused(refusal),
            grid=pd.DataFrame(columns=[*KEYS, "reason"]),
            by_date=pd.DataFrame(columns=BY_DATE),
            bands=bands,
        )
    table = history.table(history.stretches)
    return DatedFigure(
        specification,
        _finding(arguments, history, table, luck),
        grid=table.assign(reason=""),
        by_date=values_by_date(history, arguments.first, table),
        bands=bands,
    )


def _history(dataset: Dataset, arguments: DatedFigureArguments) -> History:
    """The holdings on every day, with the pairs the wording admits; refused without them."""
    record = arguments.record
    names = [name for one in arguments.figures for name in (one.of, one.against) if name]
    needed = arguments.last.latest
    if record is not None:
        names, needed = [*names, record.of], max(needed, record.days.latest)
    if (early := not_yet_made(dataset, needed)) is not None:
        return History.refused(early)
    held = holding_values(dataset, names, needed)
    if held.refusal is not None:
        return History.refused(held.refusal)
    index = held.values.index
    stretches = admissible(index, arguments.first, arguments.last)
    within = None if record is None else positions_within(index, record.days)
    if not len(stretches) or (within is not None and not within.any()):
        return History.refused(
            f"no two sessions of {' and '.join(dict.fromkeys(names))} on the days the wording"
            f" admits, up to {day_words(needed)}"
        )
    return history_of(
        held.values,
        stretches,
        arguments.figures,
        arguments.leads,
        arguments.dividends,
        record,
        within,
    )


def _finding(
    arguments: DatedFigureArguments, history: History, table: pd.DataFrame, luck: Luck
) -> Finding:
    best = nearest_first(table).iloc[0]
    matched = table[table["matched"]]
    matches = len(matched.drop_duplicates(["from", "to"]))
    pairs, index = len(history.stretches), history.index
    head = arguments.figures[0]
    return Finding(
        estimate=float(best[head.label]),
        unit=f"decimal gain of {head.label} on the admissible days nearest to the figure",
        n=pairs,
        effective_n=1.0,
        null=NO_TEST,
        sample_start=f"{index[history.stretches.first.min()]:%Y-%m}",
        sample_end=f"{index[history.stretches.last.max()]:%Y-%m}",
        finding=sentence(arguments, best, matches, pairs, luck),
        sensitivity=beside(arguments, history, table),
        measures={
            "matched": matches > 0,
            "matches": matches,
            "luck": luck.share,
            "nearest_error": float(best["off"]),
        },
        luck=luck.share,
    )
