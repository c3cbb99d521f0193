"""How far large caps got ahead of small ones over some years, held against a claimed lead."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Day
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.windows import window_growth
from analysis.panel import LEGS, Dataset, legs_of, sides_of
from analysis.panel.funds import FUND_PAIRS, PAIRS, gains_between, missing_series, pair_words
from analysis.results import Finding, Result

#: Pairs whose lead over every such stretch is shown: the nearest to funds that the data hold.
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
class Lead(Result):
    """Gains of large and small caps over the same time, decimals.

    Attributes
    ----------
    large, small : float
    """

    large: float
    small: float

    @property
    def difference(self) -> float:
        """Gain of large less that of small."""
        return self.large - self.small

    @property
    def ratio(self) -> float:
        """Final wealth of large over that of small, less one."""
        return (1.0 + self.large) / (1.0 + self.small) - 1.0


@dataclass(frozen=True)
class CumulativeLead(Study):
    """The finding, and the lead over every stretch as long.

    The grid has ``pair, end, difference, ratio`` (both readings of the lead) and ``reason``.

    Attributes
    ----------
    dataset : Dataset
    """

    dataset: Dataset

    @property
    def months(self) -> int:
        """Length of the stretch."""
        return _months(self.specification.arguments)

    @cached_property
    def shown(self) -> str:
        """The leg whose leads are shown."""
        return next(leg for leg in SHOWN if leg in legs_of(self.dataset.monthly))

    @cached_property
    def leads(self) -> pd.DataFrame:
        """Lead of large over small by last month: ``difference`` and ``ratio``, decimals."""
        return leads_over(sides_of(self.dataset.monthly, self.shown), self.months)

    @property
    def lead_words(self) -> str:
        """Which portfolios `leads` sets against each other."""
        return LEGS[self.shown].words

    @property
    def base_rate(self) -> str:
        """How often large led small over as long, in one sentence."""
        years = _years(self.months)
        if self.leads.empty:
            return f"There are no {years} of both portfolios yet."
        claimed = self.specification.arguments.claimed
        ahead = (self.leads["difference"] > 0).mean()
        far = {name: (self.leads[name] >= claimed).mean() for name in self.leads}
        return (
            f"Large ended ahead ({self.lead_words}) in {ahead:.0%} of {len(self.leads)} overlapping"
            f" windows of {years}, and ahead by {claimed:.0%} or more in {far['difference']:.1%} of"
            f" them by the difference of gains, in {far['ratio']:.1%} by the ratio of final wealth."
        )


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
    grown = window_growth(sides[["small", "large"]], months)
    return pd.DataFrame(
        {
            "difference": grown["large"] - grown["small"],
            "ratio": grown["large"] / grown["small"] - 1.0,
        }
    )


def lead_between(dataset: Dataset, pair: str, start: pd.Timestamp, end: pd.Timestamp) -> Lead:
    """Lead of large over small between two days, or two month ends where portfolios are paired.

    Refused where the data do not reach both.
    """
    if pair in FUND_PAIRS:
        small, large = FUND_PAIRS[pair]
        if lacking := missing_series(dataset, funds=(large, small)):
            return Lead.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
        found = gains_between(pd.DataFrame(dataset.funds)[[large, small]], start, end)
        if found.refusal is not None:
            return Lead.refused(found.refusal.reason)
        return Lead(large=float(found.by_fund[large]), small=float(found.by_fund[small]))
    if lacking := missing_series(dataset, LEGS[pair].columns()):
        return Lead.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    first, last = start.to_period("M"), end.to_period("M")
    sides = sides_of(dataset.monthly, pair).loc[first + 1 : last]
    if len(sides) < (last - first).n:
        return Lead.refused(f"no returns of {LEGS[pair].words} from {first + 1} to {last}")
    gains = (1.0 + sides).prod() - 1.0
    return Lead(large=float(gains["large"]), small=float(gains["small"]))


def _finding(
    dataset: Dataset, specification: Specification[CumulativeLeadArguments], grid: pd.DataFrame
) -> Finding:
    arguments = specification.arguments
    months, claimed = _months(arguments), arguments.claimed
    end = min(pd.Timestamp(arguments.end), dataset.as_of.to_timestamp(how="end")).normalize()
    start = _before(end, months)
    lead = lead_between(dataset, arguments.pair, start, end)
    if lead.refusal is not None:
        return Finding.refused(lead.refusal.reason, lead.refusal.needs)
    nearer = min((lead.difference, lead.ratio), key=lambda reading: abs(reading - claimed))
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
            f"In the {_years(months)} to {end:%Y-%m-%d} {large} gained {lead.large:+.0%} and"
            f" {small} {lead.small:+.0%}: {lead.difference:.0%} more of the starting sum, or"
            f" {lead.ratio:.0%} more final wealth."
        ),
        sensitivity=_sensitivity(arguments.pair, grid),
        measures={
            "nearest_error": abs(nearer - claimed),
            "difference_reading": lead.difference,
            "ratio_reading": lead.ratio,
        },
    )


def _grid(dataset: Dataset, specification: Specification[CumulativeLeadArguments]) -> pd.DataFrame:
    """Both readings of the lead for every pair and last day."""
    axes, months = specification.grid, _months(specification.arguments)
    rows, seen = [], dataset.as_of.to_timestamp(how="end")
    unseen = Lead.refused(f"this run sees nothing after {dataset.as_of}")
    for pair, end in itertools.product(axes.get("pair", ()), axes.get("end", ())):
        day = pd.Timestamp(str(end))
        lead = lead_between(dataset, str(pair), _before(day, months), day)
        lead = lead if day <= seen else unseen
        reason = "" if lead.refusal is None else lead.refusal.reason
        rows.append((pair, end, lead.difference, lead.ratio, reason))
    return pd.DataFrame(rows, columns=["pair", "end", "difference", "ratio", "reason"])


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
