"""How far large caps got ahead of small ones over some years, held against a claimed lead."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Day
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.windows import window_growth
from analysis.panel import LEGS, Dataset, legs_of, sides_of
from analysis.panel.pairs import PAIRS, PairGains, pair_gains, pair_words
from analysis.results import Finding

#: Portfolios whose leads are shown: the first held, nearest to funds of small and large caps.
SHOWN = ("d2d5_hi10", "s3_s5")

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

MEASURES = {
    "nearest_error": "decimal return",
    "difference_reading": "decimal return",
    "ratio_reading": "decimal return",
}


class CumulativeLeadArguments(Arguments):
    """Small and large caps, the days between which they are compared, and the claimed lead."""

    pair: Annotated[
        Literal[PAIRS],  # type: ignore[valid-type]
        Field(description=f"small and large, one of {', '.join(PAIRS)}"),
    ]
    start: Day
    end: Day
    claimed: Annotated[float, Field(description="lead the note gives, decimal")]


@dataclass(frozen=True)
class CumulativeLead(Study):
    """The finding, and the lead over every stretch as long.

    The grid has ``pair, end, difference, ratio`` (both readings of the lead) and ``reason``.
    """

    dataset: Dataset = field(repr=False)

    @cached_property
    def leads(self) -> pd.DataFrame:
        """Lead of large over small by last month: ``difference`` and ``ratio``, decimals."""
        months = _months(self.specification.arguments)
        return leads_over(sides_of(self.dataset.monthly, self._shown), months)

    @property
    def lead_words(self) -> str:
        """Which portfolios `leads` sets against each other."""
        return LEGS[self._shown].words

    @property
    def base_rate(self) -> str:
        """How often large led small over as long, in one sentence."""
        arguments = self.specification.arguments
        years, claimed = _years(_months(arguments)), arguments.claimed
        if self.leads.empty:
            return f"There are no {years} of both portfolios yet."
        ahead = (self.leads["difference"] > 0).mean()
        far = {name: (self.leads[name] >= claimed).mean() for name in self.leads}
        return (
            f"Large ended ahead ({self.lead_words}) in {ahead:.0%} of {len(self.leads)} overlapping"
            f" windows of {years}, and ahead by {claimed:.0%} or more in {far['difference']:.1%} of"
            f" them by the difference of gains, in {far['ratio']:.1%} by the ratio of final wealth."
        )

    @property
    def _shown(self) -> str:
        return next(leg for leg in SHOWN if leg in legs_of(self.dataset.monthly))


@design(arguments=CumulativeLeadArguments, measures=MEASURES, axes=("pair", "end"))
def cumulative_lead(
    dataset: Dataset, specification: Specification[CumulativeLeadArguments], sampling: Sampling
) -> CumulativeLead:
    """Read a claimed lead as a difference of gains and as a ratio of final wealth."""
    grid = _grid(dataset, specification)
    return CumulativeLead(specification, _finding(dataset, specification, grid), grid, dataset)


def leads_over(sides: pd.DataFrame, months: int) -> pd.DataFrame:
    """The lead of large over small in every window of so many months, under both readings.

    Parameters
    ----------
    sides : DataFrame, shape (months, 2)
        ``small`` and ``large``, decimal return a month.
    months : int

    Returns
    -------
    DataFrame, indexed by the last month
        ``difference`` (gain of large less that of small) and ``ratio`` (final wealth of large over
        that of small, less one), decimals.
    """
    grown = window_growth(sides, months)
    small, large = grown["small"], grown["large"]
    return pd.DataFrame({"difference": large - small, "ratio": large / small - 1.0})


def _finding(
    dataset: Dataset, specification: Specification[CumulativeLeadArguments], grid: pd.DataFrame
) -> Finding:
    arguments = specification.arguments
    months, claimed = _months(arguments), arguments.claimed
    end = min(pd.Timestamp(arguments.end), dataset.as_of.to_timestamp(how="end")).normalize()
    start = _before(end, months)
    found = _complete_gains(dataset, arguments.pair, start, end)
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    nearer = min((found.lead, found.ratio), key=lambda reading: abs(reading - claimed))
    small, large = pair_words(arguments.pair)
    return Finding(
        estimate=nearer,
        unit=f"lead over {_years(months)}, decimal, the reading nearer to the claim",
        n=1,
        effective_n=1.0,
        null=f"the lead was {claimed:.0%}",
        sample_start=str(start.to_period("M")),
        sample_end=str(end.to_period("M")),
        finding=(
            f"In the {_years(months)} to {end:%Y-%m-%d} {large} gained {found.large:+.0%} and"
            f" {small} {found.small:+.0%}: {found.lead:.0%} more of the starting sum, or"
            f" {found.ratio:.0%} more final wealth."
        ),
        sensitivity=_sensitivity(arguments.pair, grid),
        measures={
            "nearest_error": abs(nearer - claimed),
            "difference_reading": found.lead,
            "ratio_reading": found.ratio,
        },
    )


def _grid(dataset: Dataset, specification: Specification[CumulativeLeadArguments]) -> pd.DataFrame:
    """Both readings of the lead for every pair and last day."""
    axes, months = specification.grid, _months(specification.arguments)
    rows = []
    for pair, end in itertools.product(axes.get("pair", ()), axes.get("end", ())):
        day = pd.Timestamp(str(end))
        found = _complete_gains(dataset, str(pair), _before(day, months), day)
        reason = "" if found.refusal is None else found.refusal.reason
        rows.append((pair, end, found.lead, found.ratio, reason))
    return pd.DataFrame(rows, columns=["pair", "end", "difference", "ratio", "reason"])


def _complete_gains(
    dataset: Dataset, pair: str, start: pd.Timestamp, end: pd.Timestamp
) -> PairGains:
    if end > dataset.as_of.to_timestamp(how="end"):
        return PairGains.refused(f"needs {end:%Y-%m-%d}; the data seen end {dataset.as_of}")
    found = pair_gains(dataset, pair, start, end)
    if found.refusal is None and found.last < str(end.to_period("M")):
        return PairGains.refused(f"the returns end {found.last}, before {end:%Y-%m-%d}")
    return found


def _sensitivity(pair: str, grid: pd.DataFrame) -> str:
    """The pair itself by last day, and of every other the newest that was run."""
    ran = grid[grid["reason"] == ""]
    words = [
        f"to {row.end} {row.difference:.0%} and {row.ratio:.0%}"
        for row in ran[ran["pair"] == pair].itertuples()
    ]
    for other, rows in ran[ran["pair"] != pair].groupby("pair", sort=False):
        (small, large), last = pair_words(str(other)), rows.iloc[-1]
        words.append(
            f"{large} against {small} to {last['end']} {last['difference']:.0%} and"
            f" {last['ratio']:.0%}"
        )
    return "; ".join(words)


def _months(arguments: CumulativeLeadArguments) -> int:
    first, last = (pd.Period(day, "M") for day in (arguments.start, arguments.end))
    return (last - first).n


def _before(end: pd.Timestamp, months: int) -> pd.Timestamp:
    return end - pd.DateOffset(months=months)


def _years(months: int) -> str:
    """Months in words, as years where they are whole ones."""
    years = months / 12
    if years not in range(1, len(NUMBERS)):
        return f"{months} months"
    return f"{NUMBERS[int(years)]} year{'s' * (years > 1)}"
