"""Whether a month was the strongest of its name in years, and what a strong one says."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal, cast

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, LegName, Month
from analysis.designs.calendar_month.following_months import (
    after_strongest,
    rest_on_month,
    years_from,
)
from analysis.designs.calendar_month.fund_gains import FundGains, Sessions, fund_gains
from analysis.designs.calendar_month.month_means import means_by_month, month_against_others
from analysis.designs.calendar_month.month_words import (
    following,
    following_words,
    name_of,
    plural_of,
)
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.robust_slope import RobustSlope
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.eras import in_era
from analysis.results import Finding, number_word

MEASURES = {
    "stronger_januaries": "count",
    "slope": "return over the following eleven months per unit of the month's",
    "slope_p": "p-value",
}

_ESTIMATES = ["stronger", "years", "slope", "low", "high", "p"]


class CalendarMonthArguments(Arguments):
    """Which month is ranked, by which fund, and whose following months are looked at."""

    fund: str
    month: Month
    sessions: Annotated[int, Field(ge=1, le=23)] | Literal["full_month"]
    years: Annotated[int, Field(ge=1, le=100, description="years before it that are compared")]
    leg: LegName
    era: EraName


@dataclass(frozen=True)
class CalendarMonth(Study):
    """The finding, and what the months of the calendar have brought.

    Attributes
    ----------
    spread : Series
        Small minus large, decimal a month, all months.
    years : DataFrame, by year
        ``month`` and ``rest`` (returns of the month and of the eleven after it), ``strongest``.
    fit : RobustSlope
        The rest of the year on the month.
    fund : DataFrame
        ``year, gain, month``: the fund's gains; empty without its closes.
    """

    spread: pd.Series
    years: pd.DataFrame
    fit: RobustSlope
    fund: pd.DataFrame

    @property
    def month(self) -> int:
        """Number of the month, 1 to 12."""
        return pd.Period(self.specification.arguments.month, "M").month

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

    @property
    def fits(self) -> pd.DataFrame:
        """The rest of the year on the month, for every leg and era the data hold."""
        return _fits(self.grid)

    @property
    def strongest(self) -> pd.DataFrame:
        """The rest of the year after the strongest of so many months, against all years."""
        return after_strongest(self.years, self.month, self.specification.arguments.years)


@design(arguments=CalendarMonthArguments, measures=MEASURES, axes=("sessions", "leg", "era"))
def calendar_month(
    dataset: Dataset, specification: Specification[CalendarMonthArguments], sampling: Sampling
) -> CalendarMonth:
    """Rank a month among those of its name, and test whether a strong one says anything."""
    arguments, month = specification.arguments, pd.Period(specification.arguments.month, "M")
    spread = small_minus_large(dataset.monthly, arguments.leg).dropna()
    years = years_from(in_era(spread, arguments.era), month.month, arguments.years)
    gains = fund_gains(dataset, arguments.fund, month, arguments.sessions, arguments.years)
    fit, grid = rest_on_month(years), _grid(dataset, specification)
    return CalendarMonth(
        specification,
        finding=_finding(specification, gains, years, fit, grid),
        grid=grid,
        spread=spread,
        years=years,
        fit=fit,
        fund=gains.table if gains else pd.DataFrame(columns=["year", "gain", "month"]),
    )


def _finding(
    specification: Specification[CalendarMonthArguments],
    gains: FundGains,
    years: pd.DataFrame,
    fit: RobustSlope,
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    for part in (gains, fit):
        if part.refusal is not None:
            return Finding.refused(part.refusal)
    month, latest, before = pd.Period(arguments.month, "M"), gains.table.iloc[-1], arguments.years
    name, last = name_of(month.month), pd.Period(f"{years.index[-1]}-{month.month:02d}", "M") + 11
    ranked = (
        f"{gains.stronger} of the {before} {plural_of(month.month)} before {month.year} were"
        f" stronger over {_span(arguments.sessions)} ({arguments.fund} {latest['gain']:+.1%});"
        f" one in {before + 1} is the strongest of {before + 1} anyway."
    )
    told = (
        f"A {name} stronger by one point came before a {following_words(month.month)} stronger by"
        f" {fit.estimate:+.2f} points (p = {fit.p_value:.2f}, {fit.n} years)."
    )
    return Finding(
        estimate=fit.estimate,
        unit=f"return over {following(month.month)} per unit of {name}'s",
        ci_low=fit.ci_low,
        ci_high=fit.ci_high,
        p_value=fit.p_value,
        n=fit.n,
        effective_n=float(fit.n),
        mde=minimum_detectable(fit.standard_error),
        more_needed=_more_years(fit),
        null=f"{name} says nothing about the {following_words(month.month)}",
        sample_start=f"{years.index[0]}-{month.month:02d}",
        sample_end=str(last),
        finding=f"{ranked} {told}{_after(years, month.month, before)}",
        sensitivity=" ".join(
            [*_other_spans(grid, arguments.sessions, before), *_other_fits(_fits(grid))]
        ),
        measures={
            "stronger_januaries": gains.stronger,
            "slope": fit.estimate,
            "slope_p": float(fit.p_value or 0.0),
        },
        specifications=int(grid["reason"].eq("").sum()),
        left_out=int(grid["reason"].ne("").sum()),
    )


def _grid(dataset: Dataset, specification: Specification[CalendarMonthArguments]) -> pd.DataFrame:
    """Rank and slope for every number of sessions, leg and era.

    `stronger` (years whose month was stronger) depends on the sessions alone, and is missing
    without the fund's closes; the slope depends on leg and era alone.
    """
    arguments, grid = specification.arguments, specification.grid
    month = pd.Period(arguments.month, "M")
    if not grid:
        return pd.DataFrame(columns=["sessions", "leg", "era", *_ESTIMATES, "reason"])
    spans = cast("tuple[Sessions, ...]", grid.get("sessions", (arguments.sessions,)))
    stronger = {span: _stronger(dataset, arguments, span) for span in spans}
    rows = []
    for leg, era in itertools.product(
        grid.get("leg", (arguments.leg,)), grid.get("era", (arguments.era,))
    ):
        fitted = _fitted(dataset, str(leg), str(era), month.month, arguments.years)
        rows += [
            {"sessions": span, "leg": leg, "era": era, "stronger": stronger[span]} | fitted
            for span in spans
        ]
    return pd.DataFrame(rows, columns=["sessions", "leg", "era", *_ESTIMATES, "reason"])


def _stronger(dataset: Dataset, arguments: CalendarMonthArguments, sessions: Sessions) -> float:
    month = pd.Period(arguments.month, "M")
    gains = fund_gains(dataset, arguments.fund, month, sessions, arguments.years)
    return float(gains.stronger) if gains else np.nan


def _fitted(
    dataset: Dataset, leg: str, era: str, month: int, before: int
) -> dict[str, float | str]:
    if leg not in legs_of(dataset.monthly):
        return {"reason": f"the {dataset.data} data hold no leg {leg}"}
    spread = in_era(small_minus_large(dataset.monthly, leg).dropna(), era)
    fit = rest_on_month(years_from(spread, month, before))
    if fit.refusal is not None:
        return {"reason": fit.refusal.reason}
    return {
        "years": fit.n,
        "slope": fit.estimate,
        "low": fit.ci_low,
        "high": fit.ci_high,
        "p": float(fit.p_value or 0.0),
        "reason": "",
    }


def _fits(grid: pd.DataFrame) -> pd.DataFrame:
    """The rows of a grid that have a slope, each leg and era once."""
    known = grid[grid["reason"] == ""].drop_duplicates(["leg", "era"])
    columns = ["leg", "era", "years", "slope", "low", "high", "p"]
    return known[columns].astype({"years": int}).reset_index(drop=True)


def _span(sessions: Sessions) -> str:
    return "the whole month" if sessions == "full_month" else f"the first {sessions} sessions"


def _after(years: pd.DataFrame, month: int, before: int) -> str:
    table = after_strongest(years, month, before)
    if len(table) < 2:
        return ""
    best, every = table.iloc[0], table.iloc[1]
    return (
        f" After the {best['number']:.0f} {plural_of(month)} that were the strongest of"
        f" {number_word(before + 1)} small won the {following_words(month)}"
        f" {best['small won']:.0%} of the time (base rate of all years {every['small won']:.0%})."
    )


def _other_spans(grid: pd.DataFrame, sessions: Sessions, before: int) -> list[str]:
    """How many months were stronger over the other numbers of sessions of the grid."""
    others = grid[grid["sessions"] != sessions].dropna(subset="stronger")
    counted = others.drop_duplicates("sessions")
    return [
        f"Over {_span(span)} {stronger:.0f} of the {before} were stronger."
        for span, stronger in zip(counted["sessions"], counted["stronger"], strict=True)
    ]


def _other_fits(fits: pd.DataFrame) -> list[str]:
    if fits.empty:
        return []
    return [
        f"Over {len(fits)} legs and eras the slope runs from {fits['slope'].min():+.2f} to"
        f" {fits['slope'].max():+.2f}, its p-value from {fits['p'].min():.2f} to"
        f" {fits['p'].max():.2f}."
    ]


def _more_years(fit: RobustSlope) -> str:
    if abs(fit.estimate) < 1e-9:
        return "no slope was found: no number of years detects one of this size"
    needed = more_events_needed(fit.estimate, fit.standard_error * np.sqrt(fit.n), fit.n)
    return f"{needed.more} more years to detect a slope of the size found"
