"""What was found of a dated figure, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.dated_figure.days import around
from analysis.designs.dated_figure.quoted import Lead, Positions, name_of
from analysis.designs.dated_figure.readings import History, nearest_first
from analysis.designs.dated_values import day_words, percent, share_words
from analysis.inference.date_matches import Luck
from analysis.panel.portfolios import PORTFOLIOS

if TYPE_CHECKING:
    from analysis.designs.dated_figure import DatedFigureArguments

#: Sessions before and after the admissible days in which the origin of a figure is looked for.
NEARBY = 10


def sentence(
    arguments: DatedFigureArguments, best: pd.Series, matches: int, pairs: int, luck: Luck
) -> str:
    """Whether some admissible day gives the figure, what the nearest gives, and the luck of it."""
    found = f"{_values(arguments, best)} {_stretch(arguments, best)}{_record(arguments, best)}"
    if matches:
        give = "gives" if matches == 1 else "give"
        said = f"{found}, as the note says."
        if pairs > 1:
            said += f" In all, {matches:,} of {pairs:,} admissible pairs of days {give} the figure."
    elif pairs > 1:
        said = f"None of {pairs:,} admissible pairs of days gives the figure: at best {found}."
    else:
        said = f"{found}, which is not what the note says."
    return (
        f"{said[0].upper()}{said[1:]} Of {luck.stretches:,} other stretches as long,"
        f" {share_words(luck.share)} would have matched."
    )


def beside(arguments: DatedFigureArguments, history: History, table: pd.DataFrame) -> str:
    """The range of the figures over the admissible days, and other days that would give them."""
    said = []
    if len(table) > 1:
        spans = [
            f"{reading} {_ranges(arguments, rows)}".strip()
            for reading, rows in table.groupby("reading", sort=False)
        ]
        said = [f"Over all admissible days: {'; '.join(spans)}."]
    if not table["matched"].any():
        said.append(_origin(arguments, history))
    return " ".join(said)


def _values(arguments: DatedFigureArguments, row: pd.Series) -> str:
    lead: Lead = "ratio" if "ratio" in row["reading"] else arguments.leads[0]
    said = [one.says(float(row[one.label]), lead) for one in arguments.figures]
    reading = f" ({row['reading']})" if row["reading"] else ""
    return " and ".join(said) + reading


def _record(arguments: DatedFigureArguments, row: pd.Series) -> str:
    if arguments.record is None:
        return ""
    excess, until = float(row["record"]), day_words(arguments.record.days.latest)
    return (
        f", and the highest close of {name_of(arguments.record.of)} in the month to {until} lay"
        f" {percent(abs(excess))} {'above' if excess > 0 else 'below'} every earlier one"
    )


def _stretch(arguments: DatedFigureArguments, row: pd.Series) -> str:
    if arguments.figures[0].of in PORTFOLIOS:
        return f"from the end of {row['from']:%B %Y} to the end of {row['to']:%B %Y}"
    return f"from the close of {day_words(row['from'])} to that of {day_words(row['to'])}"


def _ranges(arguments: DatedFigureArguments, rows: pd.DataFrame) -> str:
    spans = ((one.label, rows[one.label].min(), rows[one.label].max()) for one in arguments.figures)
    return ", ".join(
        f"{label} {percent(low)}" if low == high else f"{label} {percent(low)} to {percent(high)}"
        for label, low, high in spans
    )


def _origin(arguments: DatedFigureArguments, history: History) -> str:
    """The nearest other days that give the figure, looked for around the admissible ones."""
    table = history.table(around(history.index, arguments.first, arguments.last, NEARBY))
    given = table[table["matched"]]
    if given.empty:
        unit = "months" if arguments.figures[0].of in PORTFOLIOS else "sessions"
        return f"Nor does any pair of days up to {NEARBY} {unit} before or after them."
    stretches = history.stretches
    moved = _moved(history.index, given["from"], stretches.first)
    moved = moved + _moved(history.index, given["to"], stretches.last)
    row = nearest_first(given[moved == moved.min()]).iloc[0]
    return f"It would hold {_stretch(arguments, row)}, which the wording does not admit."


def _moved(index: pd.DatetimeIndex, days: pd.Series, admitted: Positions) -> Positions:
    """How many sessions each day lies before or after the admissible ones."""
    at = index.get_indexer(pd.DatetimeIndex(days))
    return np.maximum(np.maximum(admitted.min() - at, at - admitted.max()), 0)
