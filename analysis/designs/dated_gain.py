"""What a fund gained between two days, held against the gain a note gives."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import Day, Month, Ticker, Tolerance
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.panel.fund_gains import fund_closes, gain
from analysis.results import Finding

#: A start that the data give: the day of the lowest close of a month.
LOW_CLOSE = "low_close"

MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

UNIT = "decimal return"

MEASURES = {
    "gain": UNIT,
    "total_gain": UNIT,
    **{f"{month}_gain": UNIT for month in MONTH_NAMES},
    "lead": UNIT,
    "record_excess": UNIT,
}

PAIRS = ["from", "to", "gain", "off", "near"]


class DatedGainArguments(Arguments):
    """The fund, the two days and the gain that is claimed; a fund beside it, or a record."""

    fund: Ticker
    start: Annotated[
        str,
        Field(
            pattern=rf"^({LOW_CLOSE}|\d{{4}}-\d{{2}}-\d{{2}})$",
            description="day, or low_close for the day of the lowest close of low_month",
        ),
    ]
    end: Day
    claimed: Annotated[float, Field(description="gain the note gives, decimal")]
    tolerance: Tolerance | None = None
    low_month: Month | None = None
    peer: Ticker | None = None
    record_month: Month | None = None

    @model_validator(mode="after")
    def _low_close_of_some_month(self) -> Self:
        if (self.start == LOW_CLOSE) != (self.low_month is not None):
            raise ValueError(f"low_month belongs to the start {LOW_CLOSE!r}: give both or neither")
        return self


@dataclass(frozen=True)
class DatedGain(Study):
    """The finding, and in `grid` the gain between the days of every specification.

    The grid's columns are the axes, ``from`` and ``to`` (days), ``gain`` and ``off``, the distance
    from the claimed gain (decimals), ``near`` (whether that is within the tolerance), ``reason``.

    Attributes
    ----------
    off : float
        The gain less the claimed one; NaN where refused.
    near : bool
        Whether it lies within the tolerance.
    """

    off: float = np.nan
    near: bool = False

    @property
    def pairs(self) -> pd.DataFrame:
        """Gains between the days of the grid: ``from, to, gain, as claimed``."""
        columns = ["from", "to", "gain", "as claimed"]
        return self.grid.rename(columns={"near": "as claimed"}).reindex(columns=columns)


@design(arguments=DatedGainArguments, measures=MEASURES, axes=("fund", "start", "end"))
def dated_gain(
    dataset: Dataset, specification: Specification[DatedGainArguments], sampling: Sampling
) -> DatedGain:
    """Look up what a fund gained between two days, dividends included."""
    arguments, axes = specification.arguments, specification.grid
    funds = [arguments.fund, *map(str, axes.get("fund", ()))]
    funds += [] if arguments.peer is None else [arguments.peer]
    held = fund_closes(dataset, funds, _last_day(arguments))
    if held.refusal is not None:
        grid = pd.DataFrame(columns=[*axes, *PAIRS, "reason"])
        refused = Finding.refused(held.refusal)
        return DatedGain(specification, refused, grid)
    grid = pd.DataFrame(_grid_rows(held.prices, specification), columns=[*axes, *PAIRS, "reason"])
    primary = _row(held.prices, arguments, arguments.fund, arguments.start, arguments.end)
    return DatedGain(
        specification,
        _finding(held.prices, specification, primary, grid),
        grid,
        off=primary["off"],
        near=primary["near"],
    )


def _finding(
    prices: pd.DataFrame,
    specification: Specification[DatedGainArguments],
    primary: dict[str, Any],
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    first, last = primary["from"], _last_day(arguments)
    words, beside = _words(prices, arguments, primary)
    return Finding(
        estimate=primary["gain"],
        unit=UNIT,
        null="none: the figure is a fact of record, held against the funds' closes",
        n=len(prices[arguments.fund].dropna().loc[first:last]),
        sample_start=first[:7],
        sample_end=last[:7],
        finding=words,
        sensitivity=_sensitivity(specification, primary, grid),
        measures={_name_of_gain(first, primary["to"]): primary["gain"], **beside},
    )


def _words(
    prices: pd.DataFrame, arguments: DatedGainArguments, primary: dict[str, Any]
) -> tuple[str, dict[str, float]]:
    """The finding in words, and the measures beside the gain."""
    fund, start, end, found = arguments.fund, primary["from"], primary["to"], primary["gain"]
    if arguments.record_month is not None:
        excess = record_excess(prices[fund].dropna(), pd.Period(arguments.record_month, "M"))
        words = (
            f"{fund} gained {found:.1%} in {end[:7]}; its highest close of"
            f" {arguments.record_month} lay {excess:+.1%} from the highest of all sessions before"
            f" that month, {'a record' if excess > 0 else 'no record'}."
        )
        return words, {"record_excess": excess}
    if arguments.peer is not None:
        other = gain(prices[arguments.peer], start, end)
        words = (
            f"From {start} to {end} {fund} gained {found:.1%} and {arguments.peer} {other:.1%}, a"
            f" lead of {found - other:+.1%}."
        )
        return words, {"lead": found - other}
    if arguments.start == LOW_CLOSE:
        return f"From its lowest close, {start}, to {end} {fund} gained {found:.1%}.", {}
    return f"{fund} gained {found:.1%} from {start} to {end}, dividends included.", {}


def record_excess(closes: pd.Series, month: pd.Period) -> float:
    """The highest close of a month over the highest of all sessions before it, less one."""
    months = closes.index.to_period("M")
    return float(closes[months == month].max() / closes[months < month].max() - 1.0)


def _sensitivity(
    specification: Specification[DatedGainArguments], primary: dict[str, Any], grid: pd.DataFrame
) -> str:
    arguments, axes = specification.arguments, set(specification.grid)
    ran = grid[grid["reason"] == ""]
    if not axes:
        return (
            "Adjusted closes put dividends back, a little over one percent a year, so a record in"
            " them is easier to reach than one in the fund's price."
        )
    if axes == {"fund"}:
        gains = {arguments.fund: primary["gain"]} | dict(zip(ran["fund"], ran["gain"], strict=True))
        return f"By fund: {', '.join(f'{fund} {value:.1%}' for fund, value in gains.items())}."
    if axes == {"end"}:
        around = [f"{end} {value:.1%}" for end, value in zip(ran["end"], ran["gain"], strict=True)]
        return f"By last day: {', '.join(around)}."
    within = "" if arguments.tolerance is None else f"{arguments.tolerance:.0%}"
    return (
        f"Over {len(ran)} pairs of days the gain runs from {ran['gain'].min():.1%} to"
        f" {ran['gain'].max():.1%}; {int(ran['near'].sum())} of them lie within {within} of the"
        " figure."
    )


def _grid_rows(
    prices: pd.DataFrame, specification: Specification[DatedGainArguments]
) -> Iterator[dict[str, Any]]:
    arguments, axes = specification.arguments, specification.grid
    own = {"fund": arguments.fund, "start": arguments.start, "end": arguments.end}
    for values in itertools.product(*(axes[name] for name in axes)):
        chosen = dict(zip(axes, values, strict=True))
        fund, start, end = (str((own | chosen)[name]) for name in own)
        if pd.Timestamp(end) > prices[fund].dropna().index[-1]:
            yield chosen | {"near": False, "reason": f"the closes of {fund} do not reach {end}"}
        else:
            yield chosen | _row(prices, arguments, fund, start, end) | {"reason": ""}


def _row(
    prices: pd.DataFrame, arguments: DatedGainArguments, fund: str, start: str, end: str
) -> dict[str, Any]:
    closes = prices[fund].dropna()
    first = str(closes.loc[arguments.low_month].idxmin().date()) if start == LOW_CLOSE else start
    found = gain(closes, first, end)
    off = found - arguments.claimed
    near = arguments.tolerance is not None and abs(off) <= arguments.tolerance
    return {"from": first, "to": end, "gain": found, "off": off, "near": near}


def _last_day(arguments: DatedGainArguments) -> str:
    """Last day a close is needed of."""
    if arguments.record_month is None:
        return arguments.end
    return str(pd.Period(arguments.record_month, "M").end_time.date())


def _name_of_gain(start: str, end: str) -> str:
    """What the criterion calls the gain: that of a whole month after it, of a year the total."""
    before, last = pd.Timestamp(start), pd.Timestamp(end)
    if not (before.is_month_end and last.is_month_end):
        return "gain"
    months = (last.to_period("M") - before.to_period("M")).n
    names = {1: f"{MONTH_NAMES[last.month - 1]}_gain", 12: "total_gain"}
    return names.get(months, "gain")
