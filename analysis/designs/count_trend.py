"""Whether firms of one size have become fewer, and by more than those of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Month
from analysis.designs.grids import Outcome, grid_table, rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable
from analysis.inference.vectors import row_medians
from analysis.panel import Dataset
from analysis.results import Finding, p_words

#: Where the panel holds no number of firms for a group, the union of fifths nearest to
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
    "largest_change": "log change",
    "smallest_change": "log change",
    "largest_relative_change": "log change",
}

AXES = ("small", "large")

#: Fewer yearly changes than this have too few patterns of signs.
FEWEST_YEARS = 6


class CountTrendArguments(Arguments):
    """Which firms are counted, and from which months on."""

    small: Literal["lo30", "lo20", "small_half"]
    large: Literal["hi30", "hi20", "big_half"]
    starts: Annotated[
        list[Month],
        Field(min_length=1, description="first months the wording admits, YYYY-MM"),
    ]


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
    """Test whether small firms are fewer from every admissible month, by more than large ones."""
    grid = _grid(dataset.monthly, specification)
    return CountTrend(
        specification,
        finding=_finding(dataset, specification, sampling, grid),
        grid=grid,
        firms=firms_by_july(dataset.monthly),
    )


def _finding(
    dataset: Dataset,
    specification: Specification[CountTrendArguments],
    sampling: Sampling,
    grid: pd.DataFrame,
) -> Finding:
    arguments, monthly = specification.arguments, dataset.monthly
    starts = [pd.Period(start, "M") for start in arguments.starts]
    small, large = (_held(monthly, name) for name in (arguments.small, arguments.large))
    if small is None or large is None:
        return Finding.refused("needs the latest data: number of firms by size", needs="latest")
    latest = max(starts)
    if dataset.as_of <= latest + 12:
        return Finding.refused(
            f"needs more than a year from {latest}; the data seen end {dataset.as_of}"
        )
    counts, others = (monthly[f"firms_{name}"].dropna() for name in (small, large))
    changes = [log_change(counts, start) for start in starts]
    relative = [one - log_change(others, start) for one, start in zip(changes, starts, strict=True)]
    weakest = int(np.argmax(changes))
    yearly = yearly_changes(counts, starts[weakest])
    error = float(np.sqrt((yearly**2).sum()))
    since = ", ".join(
        f"{np.expm1(one):+.0%} since {start.strftime('%B %Y')}"
        f" (large: {np.expm1(one - other):+.0%})"
        for one, other, start in zip(changes, relative, starts, strict=True)
    )
    ran, joint = rows_that_ran(grid), _joint_p(monthly, sampling, grid)
    every = "" if joint is None else f" All of them at once have p {p_words(joint)}."
    return Finding(
        estimate=changes[weakest],
        unit="log change of the number of small firms",
        n=len(yearly),
        effective_n=float(len(yearly)),
        mde=minimum_detectable(error) if error > 0 else None,
        null="the number of small firms has not changed",
        sample_start=str(starts[weakest]),
        sample_end=str(counts.index[-1]),
        finding=(
            f"The number of listed firms in the {WORDS[small]} by NYSE size, {counts.iloc[-1]:,.0f}"
            f" in {counts.index[-1].strftime('%B %Y')}, changed by {since}. Why firms left, and"
            " whether the rest are worse firms, these counts cannot say."
        ),
        sensitivity=(
            f"In {int((ran['change'] < 0).sum())} of {len(ran)} groups and first months there are"
            f" fewer small firms.{every}"
            if len(ran)
            else ""
        ),
        measures={
            "largest_change": max(changes),
            "smallest_change": min(changes),
            "largest_relative_change": max(relative),
        },
        joint_p=joint,
    )


def _grid(monthly: pd.DataFrame, specification: Specification[CountTrendArguments]) -> pd.DataFrame:
    """Log change of the number of firms for every group and admissible first month.

    Returns
    -------
    DataFrame
        ``small, large, start, change, relative, reason``.
    """
    rows: list[tuple[dict[str, Any], Outcome]] = []
    for chosen in specification.combinations(*AXES):
        small, large = (_held(monthly, chosen[axis]) for axis in AXES)
        for start in specification.arguments.starts:
            first, row = pd.Period(start, "M"), chosen | {"start": start}
            if small is None or large is None or first >= monthly.index[-1]:
                rows.append((row, "no number of firms for this group and month"))
                continue
            change = log_change(monthly[f"firms_{small}"], first)
            other = log_change(monthly[f"firms_{large}"], first)
            rows.append((row, (change, change - other)))
    return grid_table([*AXES, "start"], ["change", "relative"], rows)


def _joint_p(
    monthly: pd.DataFrame,
    sampling: Sampling,
    grid: pd.DataFrame,
) -> float | None:
    """One-sided p-value of "no fewer" over all groups and first months at once.

    The statistic is the median over rows of the change in its own standard errors; under the null a
    year's change was as likely to be of the other sign, and a year has one sign in all rows. None
    with few years or no row.
    """
    rows = []
    for row in rows_that_ran(grid).itertuples():
        held = _held(monthly, str(row.small))
        if held is not None:
            changes = yearly_changes(monthly[f"firms_{held}"].dropna(), pd.Period(row.start, "M"))
            rows.append(changes / max(float(np.sqrt((changes**2).sum())), 1e-12))
    if not rows:
        return None
    scores = pd.concat(rows, axis=1, sort=True).fillna(0.0).to_numpy()
    if len(scores) < FEWEST_YEARS:
        return None
    signs = np.random.default_rng(sampling.seed).choice([-1.0, 1.0], (sampling.draws, len(scores)))
    drawn, observed = row_medians(signs @ scores), np.median(scores.sum(axis=0))
    return float((1 + (drawn <= observed + 1e-12).sum()) / (1 + sampling.draws))


def yearly_changes(counts: pd.Series, start: pd.Period) -> pd.Series:
    """Log change from each July to the next since the July nearest to `start`, by year."""
    julys = counts[counts.index.month == 7]
    logs = pd.Series(np.log(julys.to_numpy(float)), index=julys.index.year)
    changes = logs.diff().dropna()
    return changes[changes.index > start.year]


def _held(monthly: pd.DataFrame, group: str) -> str | None:
    """The group, or the one nearest to it, whose firms the panel counts."""
    chosen = (name for name in (group, NEAREST.get(group)) if f"firms_{name}" in monthly)
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
