"""Whether a month began as the strongest of its name in years, on some day the wording admits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import DayRange, Month, Ticker
from analysis.designs.calendar_month.first_sessions import FirstSessions, first_sessions
from analysis.designs.calendar_month.month_means import means_by_month, month_against_others
from analysis.designs.calendar_month.month_words import plural_of
from analysis.designs.dated_values import (
    BANDS,
    BY_DATE,
    NO_TEST,
    DatedStudy,
    day_words,
    not_yet_made,
    percent,
    share_words,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.panel import Dataset, small_minus_large
from analysis.panel.holdings import holding_values
from analysis.results import Finding, number_word

MEASURES = {
    "matched": "whether it led on some admissible day",
    "matches": "count",
    "luck": "share",
    "nearest_error": "decimal return",
}

#: Small minus large whose months of the calendar are shown beside the claim.
SHOWN_LEG = "smb"


class CalendarMonthArguments(Arguments):
    """Which month is ranked, by which fund, up to which days, and against how many years."""

    fund: Ticker
    month: Month
    last: DayRange
    years: Annotated[int, Field(ge=1, le=100, description="years before it that are compared")]


@dataclass(frozen=True)
class CalendarMonth(DatedStudy):
    """The finding, and what the months of the calendar have brought.

    The grid has one row an admissible day, as :attr:`FirstSessions.admitted`, and ``reason``; by
    date the gain stands less the largest of the years before to the same session.

    Attributes
    ----------
    spread : Series
        Small minus large, decimal a month, all months.
    """

    spread: pd.Series

    @property
    def month(self) -> int:
        """Number of the month, 1 to 12."""
        return pd.Period(self.specification.arguments.month, "M").month

    @property
    def nearest(self) -> pd.DataFrame:
        """The admissible days, and the strongest year before to the same session of each."""
        if self.grid.empty:
            return pd.DataFrame({"no table": [self.refused]})
        shown = self.grid.drop(columns=["admitted", "matched", "reason"])
        return shown.assign(day=shown["day"].dt.strftime("%Y-%m-%d"))

    @property
    def gains(self) -> tuple[str, ...]:
        """Columns of `nearest` that are gains."""
        return () if self.grid.empty else ("gain", "strongest before")

    @cached_property
    def by_era(self) -> pd.DataFrame:
        """The month against the other months, by era."""
        return month_against_others(self.spread, self.month)

    @property
    def shares(self) -> tuple[str, ...]:
        """Columns of `by_era` that are returns or shares."""
        counts = ("era", plural_of(self.month), "p")
        return tuple(name for name in self.by_era if name not in counts)

    @cached_property
    def months(self) -> pd.DataFrame:
        """Mean of each calendar month before and since 1981."""
        return means_by_month(self.spread)


@design(arguments=CalendarMonthArguments, measures=MEASURES)
def calendar_month(
    dataset: Dataset, specification: Specification[CalendarMonthArguments], sampling: Sampling
) -> CalendarMonth:
    """Rank a month's beginning among those of its name, to every admissible session."""
    arguments = specification.arguments
    found = _first_sessions(dataset, arguments)
    label = f"{arguments.fund} less the strongest of {number_word(arguments.years)}"
    return CalendarMonth(
        specification,
        finding=_finding(arguments, found),
        grid=found.admitted.assign(reason="") if found else pd.DataFrame(columns=["reason"]),
        by_date=_by_date(found, label),
        bands=pd.DataFrame([(label, np.nan, 0.0, np.inf)], columns=BANDS),
        spread=small_minus_large(dataset.monthly, SHOWN_LEG).dropna(),
    )


def _first_sessions(dataset: Dataset, arguments: CalendarMonthArguments) -> FirstSessions:
    month, needed = pd.Period(arguments.month, "M"), arguments.last.latest
    if (early := not_yet_made(dataset, needed)) is not None:
        return FirstSessions.refused(early)
    held = holding_values(dataset, [arguments.fund], needed)
    if held.refusal is not None:
        return FirstSessions.refused(held.refusal)
    return first_sessions(held.values[arguments.fund], month, arguments.years, arguments.last)


def _finding(arguments: CalendarMonthArguments, found: FirstSessions) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    month, years, rows = pd.Period(arguments.month, "M"), arguments.years, found.admitted
    lead = rows["gain"] - rows["strongest before"]
    best, matches = rows.loc[lead.idxmax()], int(rows["matched"].sum())
    if matches:
        ranked = (
            f"more than in any of the {number_word(years)} {plural_of(month.month)} before; so it"
            f" stood on {matches} of {len(rows)} admissible days"
        )
    else:
        ranked = (
            f"less than the {percent(best['strongest before'])} of {best['of year']}, and on none"
            f" of {len(rows)} admissible days was it ahead of all {number_word(years)}"
            f" {plural_of(month.month)} before"
        )
    return Finding(
        estimate=float(best["gain"]),
        unit=f"decimal gain of {arguments.fund} by the admissible day nearest to the claim",
        n=years + 1,
        effective_n=float(years + 1),
        null=NO_TEST,
        sample_start=str(month - 12 * years),
        sample_end=str(month),
        finding=(
            f"By {day_words(best['day'])} {arguments.fund} had gained {percent(best['gain'])} since"
            f" the end of {month - 1:%B %Y}, {ranked}. By luck alone each of the"
            f" {number_word(years + 1)} had a chance of {share_words(found.luck)} to be the"
            " strongest on some such day."
        ),
        sensitivity=_by_day(rows),
        measures={
            "matched": matches > 0,
            "matches": matches,
            "luck": found.luck,
            "nearest_error": max(-float(lead.max()), 0.0),
        },
        luck=found.luck,
    )


def _by_day(rows: pd.DataFrame) -> str:
    """How many years were stronger, by admissible day."""
    said = [f"{row.day.day} {row.day:%B} {row.stronger}" for row in rows.itertuples()]
    return f"Stronger years by day: {', '.join(said)}."


def _by_date(found: FirstSessions, label: str) -> pd.DataFrame:
    if found.refusal is not None:
        return pd.DataFrame(columns=BY_DATE)
    table = found.table
    ahead = table["gain"] - table["strongest before"]
    return pd.DataFrame(
        {
            "figure": label,
            "reading": "",
            "day": table["day"],
            "low": ahead,
            "high": ahead,
            "admitted": table["admitted"],
            "matched": table["admitted"] & (table["stronger"] == 0),
        }
    )
