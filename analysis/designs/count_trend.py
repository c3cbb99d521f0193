"""Whether firms of one size have become fewer, against those of another, and less profitable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.designs.arguments import Month
from analysis.designs.registry import (
    Arguments,
    Sampling,
    Specification,
    Study,
    design,
    rows_that_ran,
)
from analysis.panel import Dataset
from analysis.results import Finding

#: Where the panel holds no number or profits of firms for a group, the union of fifths nearest to
#: it in capitalisation stands in.
NEAREST = {"lo30": "small", "hi30": "big", "small_half": "small", "big_half": "big"}

WORDS = {
    "lo30": "smallest 30%",
    "hi30": "largest 30%",
    "small": "two smallest fifths",
    "big": "two largest fifths",
    "lo20": "smallest fifth",
    "hi20": "largest fifth",
}

MEASURES = {
    "small_firms_change": "log change",
    "relative_change": "log change",
    "profitability_change": "decimal of book equity",
}


AXES = ("small", "start")


class CountTrendArguments(Arguments):
    """Which firms are counted, and from when."""

    small: Literal["lo30", "lo20", "small_half"]
    large: Literal["hi30", "hi20", "big_half"]
    start: Month


@dataclass(frozen=True)
class CountTrend(Study):
    """The finding, and the counts behind it.

    Attributes
    ----------
    firms : DataFrame
        Number of firms by group of size each July: ``july`` (year) and a column a group.
    """

    firms: pd.DataFrame


@design(arguments=CountTrendArguments, measures=MEASURES, axes=AXES)
def count_trend(
    dataset: Dataset, specification: Specification[CountTrendArguments], sampling: Sampling
) -> CountTrend:
    """Test whether small firms have become fewer, by more than large ones, and poorer."""
    grid = _grid(dataset.monthly, specification)
    return CountTrend(
        specification,
        finding=_finding(dataset, specification, grid),
        grid=grid,
        firms=firms_by_july(dataset.monthly),
    )


def _finding(
    dataset: Dataset, specification: Specification[CountTrendArguments], grid: pd.DataFrame
) -> Finding:
    arguments, monthly = specification.arguments, dataset.monthly
    start = pd.Period(arguments.start, "M")
    small, large = (_held(monthly, name, "firms") for name in (arguments.small, arguments.large))
    earning = _held(monthly, arguments.small, "op")
    if small is None or large is None or earning is None:
        return Finding.refused(
            "needs the latest data: number and profitability of firms by size", needs="latest"
        )
    if dataset.as_of <= start + 12:
        return Finding.refused(
            f"needs more than a year from {start}; the data seen end {dataset.as_of}"
        )
    change, other = (log_change(monthly[f"firms_{name}"], start) for name in (small, large))
    counts, profit = monthly[f"firms_{small}"].dropna(), monthly[f"op_{earning}"].dropna()
    before, now = value_near(profit, start), value_near(profit, dataset.as_of)
    ran = rows_that_ran(grid)
    return Finding(
        estimate=change,
        unit="log change of the number of small firms",
        n=int((firms_by_july(monthly)["july"] >= start.year).sum()),
        effective_n=1.0,
        null="the number of small firms has not changed",
        sample_start=str(start),
        sample_end=str(counts.index[-1]),
        finding=(
            f"Of the {WORDS[small]} by NYSE size there were {value_near(counts, start):,.0f}"
            f" listed in {start} and {counts.iloc[-1]:,.0f} in {counts.index[-1]}"
            f" ({np.expm1(change):+.0%}); of the {WORDS[large]} the number changed by"
            f" {np.expm1(other):+.0%}. Operating profits of the {WORDS[earning]} went from"
            f" {before:.1%} to {now:.1%} of book equity."
        ),
        sensitivity=f"{_all_groups(monthly, specification)}{_five_years(profit, start)}",
        measures={
            "small_firms_change": change,
            "relative_change": change - other,
            "profitability_change": now - before,
        },
        specifications=len(ran),
        left_out=len(grid) - len(ran),
    )


def _grid(monthly: pd.DataFrame, specification: Specification[CountTrendArguments]) -> pd.DataFrame:
    """Log change of the number of firms for every group and first month.

    Returns
    -------
    DataFrame
        ``small, start, change, reason``.
    """
    rows = []
    for chosen in specification.combinations(*AXES):
        held, first = _held(monthly, chosen["small"], "firms"), pd.Period(chosen["start"], "M")
        seen = held is not None and first < monthly.index[-1]
        change = log_change(monthly[f"firms_{held}"], first) if seen else np.nan
        reason = "" if seen else "no number of firms for this group and month"
        rows.append(chosen | {"change": change, "reason": reason})
    return pd.DataFrame(rows, columns=[*AXES, "change", "reason"])


def _held(monthly: pd.DataFrame, group: str, prefix: str) -> str | None:
    """The group, or the one nearest to it, of which the panel holds a series."""
    chosen = (name for name in (group, NEAREST.get(group)) if f"{prefix}_{name}" in monthly)
    return next(chosen, None)


def value_near(series: pd.Series, month: pd.Period) -> float:
    """Value of the month nearest to `month`, the earlier of two; no NaN inside."""
    known = series.dropna()
    away = np.abs(known.index.year * 12 + known.index.month - month.year * 12 - month.month)
    return float(known.iloc[int(away.argmin())])


def log_change(series: pd.Series, start: pd.Period) -> float:
    """Log of the last value over that of the month nearest to `start`."""
    return float(np.log(series.dropna().iloc[-1] / value_near(series, start)))


def firms_by_july(monthly: pd.DataFrame) -> pd.DataFrame:
    """Number of firms by group of size each July, after the yearly sort.

    Returns
    -------
    DataFrame
        ``july`` (year) and a column of counts for each group held; empty without any.
    """
    held = [name for name in WORDS if f"firms_{name}" in monthly.columns]
    julys = monthly[monthly.index.month == 7] if held else monthly.iloc[:0]
    counts = {WORDS[name]: julys[f"firms_{name}"].to_numpy() for name in held}
    return pd.DataFrame({"july": julys.index.year.to_numpy(), **counts}).dropna()


def _all_groups(monthly: pd.DataFrame, specification: Specification[CountTrendArguments]) -> str:
    """Change of every group held since each first month of the grid, in sentences."""
    words = []
    for start in specification.grid.get("start", ()):
        first = pd.Period(str(start), "M")
        changes = [
            f"{WORDS[name]} {np.expm1(log_change(monthly[f'firms_{name}'], first)):+.0%}"
            for name in WORDS
            if f"firms_{name}" in monthly.columns and first < monthly.index[-1]
        ]
        if changes:
            words.append(f"Number since {first}: {', '.join(changes)}. ")
    return "".join(words)


def _five_years(profit: pd.Series, start: pd.Period) -> str:
    early, late = profit.loc[start - 30 : start + 29].median(), profit.iloc[-60:].median()
    return (
        "Years of hardly any book equity rule single values of profitability; medians over five"
        f" years around the first and up to the last go from {early:.1%} to {late:.1%}."
    )
