"""Whether two funds' claimed gains are met between any two dates that a sentence admits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Month, Ticker, Tolerance
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.panel.fund_gains import fund_closes, gains_over_months
from analysis.results import Finding

MEASURES = {"pairs_matching": "count"}

PAIRS = ["from", "to", "small", "large", "apart"]


class MatchingDatesArguments(Arguments):
    """Two funds, the gains claimed of them, and the month ends the sentence may mean."""

    small: Ticker
    large: Ticker
    claimed_small: Annotated[float, Field(description="gain the note gives, decimal")]
    claimed_large: Annotated[float, Field(description="gain the note gives, decimal")]
    start_from: Month
    start_to: Month
    end_from: Month
    tolerance: Tolerance


@dataclass(frozen=True)
class MatchingDates(Study):
    """The finding, and the gains behind it.

    Attributes
    ----------
    pairs : DataFrame
        ``from, to`` (month ends, YYYY-MM), ``small, large`` (gains, decimals) and ``apart``, the
        larger distance of the two from what is claimed; empty where refused.
    """

    pairs: pd.DataFrame


@design(arguments=MatchingDatesArguments, measures=MEASURES, axes=("tolerance",))
def matching_dates(
    dataset: Dataset, specification: Specification[MatchingDatesArguments], sampling: Sampling
) -> MatchingDates:
    """Count the pairs of month ends between which both funds gained what is claimed."""
    arguments = specification.arguments
    funds = [arguments.small, arguments.large]
    held = fund_closes(dataset, funds, str(_month(arguments.end_from).end_time.date()))
    if held.refusal is not None:
        refused = Finding.refused(held.refusal)
        grid = pd.DataFrame(columns=["tolerance", "pairs", "reason"])
        return MatchingDates(specification, refused, grid, pd.DataFrame(columns=PAIRS))
    pairs = _pairs(dataset, arguments, held.prices)
    rows = [(float(t), _matching(pairs, float(t)), "") for t in specification.grid["tolerance"]]
    grid = pd.DataFrame(rows, columns=["tolerance", "pairs", "reason"])
    finding = _finding(held.prices[arguments.small], arguments, pairs, grid)
    return MatchingDates(specification, finding, grid, pairs)


def _pairs(
    dataset: Dataset, arguments: MatchingDatesArguments, prices: pd.DataFrame
) -> pd.DataFrame:
    starts = _month(arguments.start_from), _month(arguments.start_to)
    ends = _month(arguments.end_from), dataset.as_of
    gains = gains_over_months(prices, starts, ends).set_axis(PAIRS[:4], axis=1)
    claimed = pd.Series({"small": arguments.claimed_small, "large": arguments.claimed_large})
    return gains.assign(apart=(gains[["small", "large"]] - claimed).abs().max(axis=1))


def _finding(
    closes: pd.Series, arguments: MatchingDatesArguments, pairs: pd.DataFrame, grid: pd.DataFrame
) -> Finding:
    best = pairs.loc[pairs["apart"].idxmin()]
    first, last = str(pairs["from"].min()), str(pairs["to"].max())
    matching = _matching(pairs, arguments.tolerance)
    others = dict(zip(grid["tolerance"], grid["pairs"], strict=True))
    counts = {arguments.tolerance: matching} | others
    return Finding(
        estimate=float(best["small"]),
        unit="decimal return",
        null="none: the figure is a fact of record, held against the funds' closes",
        n=len(closes.dropna().loc[first:last]),
        sample_start=first,
        sample_end=last,
        finding=(
            f"{matching} of {len(pairs)} pairs of month ends give both gains. Nearest come"
            f" {best['from']} to {best['to']}: {arguments.small} {best['small']:+.0%},"
            f" {arguments.large} {best['large']:+.0%}, dividends included."
        ),
        sensitivity="; ".join(f"within {t:.0%}: {n} pairs" for t, n in counts.items()) + ".",
        measures={"pairs_matching": matching},
    )


def _matching(pairs: pd.DataFrame, tolerance: float) -> int:
    return int((pairs["apart"] <= tolerance).sum())


def _month(text: str) -> pd.Period:
    return pd.Period(text, "M")
