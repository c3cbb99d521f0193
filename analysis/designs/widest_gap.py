"""Whether the valuation gap of some admissible month was the widest in years, on every basis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import BasisName, Month
from analysis.designs.dated_values import (
    BANDS,
    BY_DATE,
    NO_TEST,
    DatedStudy,
    not_yet_made,
    share_words,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.inference.date_matches import Luck, luck_by_moving
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.gaps import bases_of, book_gap
from analysis.panel.valuation import june_gaps, relative_return
from analysis.results import Finding, Result, first_refusal

MEASURES = {
    "widest_on_all": "count",
    "widest_on_any": "count",
    "luck": "share",
    "nearest_error": "log points",
}

_BASES = {"june": "market value of June", "december": "market value of December"}


class Groups(Arguments):
    """Small and large firms whose book-to-market is compared."""

    small: Literal["lo30", "lo20"]
    large: Literal["hi30", "hi20"]

    @property
    def words(self) -> str:
        """As axes have it."""
        return f"{self.small} and {self.large}".capitalize()


class WidestGapArguments(Arguments):
    """Which gaps are looked at, in which months, and from which month on they are ranked."""

    basis: BasisName
    groups: Annotated[list[Groups], Field(min_length=1)]
    earliest: Month
    latest: Month
    since: Month

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.since < self.earliest <= self.latest:
            raise ValueError("since lies before earliest, and earliest not after latest")
        return self


@dataclass(frozen=True)
class WidestGap(DatedStudy):
    """The finding, and the gaps behind it.

    The grid has one row a reading and admissible month: ``reading, month, gap`` (log points),
    ``widest before`` and ``in`` (the widest since the first month counted, and its month),
    ``wider`` (months of that time with a wider gap), ``widest`` and ``reason``.
    """

    @property
    def nearest(self) -> pd.DataFrame:
        """The grid as the page shows it: gaps as the ratio of small to large book-to-market."""
        if self.grid.empty:
            return pd.DataFrame({"no table": [self.refused]})
        ratios = {name: np.exp(self.grid[name]) for name in ("gap", "widest before")}
        return self.grid.assign(**ratios).drop(columns="reason")


@dataclass(frozen=True)
class _Gaps(Result):
    """Gaps by month, one column a reading, and the positions that are ranked and counted from."""

    table: pd.DataFrame
    admitted: np.ndarray
    since: int


@design(arguments=WidestGapArguments, measures=MEASURES)
def widest_gap(
    dataset: Dataset, specification: Specification[WidestGapArguments], sampling: Sampling
) -> WidestGap:
    """Rank the gap of every admissible month among all months since a year, by every reading."""
    gaps = _gaps(dataset, specification.arguments)
    luck = luck_of(gaps.table, gaps.admitted, gaps.since) if gaps else Luck.refused("no gaps")
    if (refusal := first_refusal(gaps, luck)) is not None:
        return WidestGap(
            specification,
            Finding.refused(refusal),
            grid=pd.DataFrame(columns=["reason"]),
            by_date=pd.DataFrame(columns=BY_DATE),
            bands=pd.DataFrame(columns=BANDS),
        )
    grid = ranks(gaps.table, gaps.admitted, gaps.since)
    return WidestGap(
        specification,
        _finding(gaps, grid, luck),
        grid=grid.assign(reason=""),
        by_date=_by_date(gaps, grid),
        bands=_bands(gaps),
    )


def ranks(table: pd.DataFrame, admitted: np.ndarray, since: int) -> pd.DataFrame:
    """The gap of each admissible month against every month from `since` up to the one before.

    Parameters
    ----------
    table : DataFrame, shape (months, readings)
        Gaps in log points, without NaN.
    admitted : array of int
        Positions of the admissible months.
    since : int
        Position of the first month counted.
    """
    rows = []
    for reading in table:
        for at in admitted:
            gap, before = table[reading].iloc[at], table[reading].iloc[since:at]
            wider = int((before > gap).sum())
            widest = before.idxmax()
            rows.append((reading, table.index[at], gap, before.max(), widest, wider, wider == 0))
    columns = ["reading", "month", "gap", "widest before", "in", "wider", "widest"]
    return pd.DataFrame(rows, columns=columns)


def luck_of(table: pd.DataFrame, admitted: np.ndarray, since: int) -> Luck:
    """How often some month of as many in a row was the widest of as long a time by every reading.

    Parameters
    ----------
    table, admitted, since
        As :func:`ranks`; the first month counted moves along.
    """
    values = table.to_numpy()

    def somewhere(move: int) -> bool:
        before = values[since + move : admitted[0] + move]
        highest = before.max(axis=0)
        for at in admitted + move:
            if (values[at] >= highest).all():
                return True
            highest = np.maximum(highest, values[at])
        return False

    return luck_by_moving(somewhere, since, int(admitted[-1]), len(values))


def _gaps(dataset: Dataset, arguments: WidestGapArguments) -> _Gaps:
    latest = pd.Period(arguments.latest, "M")
    early = not_yet_made(dataset, str(latest.end_time.date()))
    if early is not None:
        return _Gaps.refused(early)
    columns = {}
    for groups in arguments.groups:
        junes = june_gaps(dataset, groups.small, groups.large)
        moves = relative_return(dataset.monthly, groups.small, groups.large)
        if dataset.data != "latest" or junes.empty or moves.empty:
            return _Gaps.refused(
                "needs the latest data: book-to-market and returns by size from the publisher's"
                " files",
                needs="latest",
            )
        for basis in bases_of(arguments.basis):
            columns[f"{groups.words}, {_BASES[basis]}"] = book_gap(junes, moves, basis)
    table = pd.DataFrame(columns).dropna()
    first, since = (pd.Period(month, "M") for month in (arguments.earliest, arguments.since))
    if table.empty or table.index[-1] < latest or table.index[0] > since:
        return _Gaps.refused(f"the gaps do not reach from {since:%B %Y} to {latest:%B %Y}")
    admitted = np.flatnonzero((table.index >= first) & (table.index <= latest))
    return _Gaps(table, admitted, int(table.index.get_loc(since)))


def _finding(gaps: _Gaps, grid: pd.DataFrame, luck: Luck) -> Finding:
    by_month = grid.groupby("month")["widest"]
    on_all, on_any = int(by_month.all().sum()), int(by_month.any().sum())
    grid = grid.assign(lead=grid["gap"] - grid["widest before"])
    # the month in which the least favourable reading comes nearest
    month = grid.groupby("month")["lead"].min().idxmax()
    rows = grid[grid["month"] == month]
    readings, since = len(rows), gaps.table.index[gaps.since]
    error = float(rows["lead"].std(ddof=1) / np.sqrt(readings)) if readings > 1 else 0.0
    widest = rows[rows["widest"]]
    least = rows.loc[rows["lead"].idxmin()]
    beaten = (
        ""
        if least["widest"]
        else (
            f"; by the least favourable, {least['wider']} months were wider, the widest in"
            f" {least['in']:%B %Y}"
        )
    )
    return Finding(
        estimate=float(rows["lead"].mean()),
        unit="log points above the widest gap before, mean of the readings",
        mde=minimum_detectable(error) if error > 0 else None,
        more_needed="one agreed measure of the gap, not more years",
        null=NO_TEST,
        n=len(gaps.admitted),
        effective_n=1.0,
        sample_start=str(since),
        sample_end=str(gaps.table.index[gaps.admitted[-1]]),
        finding=(
            f"In {month:%B %Y} the gap was the widest since {since:%B %Y} by {len(widest)} of"
            f" {readings} readings{beaten}. Of {luck.stretches:,} other stretches as long,"
            f" {share_words(luck.share)} ended with one that was the widest by every reading."
        ),
        sensitivity=_by_month(grid),
        measures={
            "widest_on_all": on_all,
            "widest_on_any": on_any,
            "luck": luck.share,
            "nearest_error": max(-float(least["lead"]), 0.0),
        },
        luck=luck.share,
    )


def _by_month(grid: pd.DataFrame) -> str:
    """By how many readings each admissible month was the widest."""
    counts = grid.groupby("month")["widest"].agg(["sum", "size"])
    said = [f"{month:%B %Y} {row['sum']} of {row['size']}" for month, row in counts.iterrows()]
    return f"Readings by which it was the widest: {', '.join(said)}."


def _by_date(gaps: _Gaps, grid: pd.DataFrame) -> pd.DataFrame:
    held = set(grid.loc[grid["widest"], ["reading", "month"]].itertuples(index=False, name=None))
    admitted = set(gaps.table.index[gaps.admitted])
    parts = []
    for reading in gaps.table:
        ratio = np.exp(gaps.table[reading].iloc[gaps.since :])
        months = ratio.index
        parts.append(
            pd.DataFrame(
                {
                    "figure": reading,
                    "reading": "",
                    "day": months.to_timestamp(how="end").normalize(),
                    "low": ratio.to_numpy(),
                    "high": ratio.to_numpy(),
                    "admitted": [month in admitted for month in months],
                    "matched": [(reading, month) in held for month in months],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _bands(gaps: _Gaps) -> pd.DataFrame:
    """The widest gap before the admissible months, by reading."""
    before = gaps.table.iloc[gaps.since : gaps.admitted[0]]
    rows = [(name, np.nan, float(np.exp(before[name].max())), np.inf) for name in before]
    return pd.DataFrame(rows, columns=BANDS)
