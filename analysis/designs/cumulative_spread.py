"""What small caps have gained or lost against large ones since a month, by several readings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import HacLags, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.long_run import mean_standard_error
from analysis.inference.power import minimum_detectable
from analysis.inference.windows import window_growth
from analysis.panel import LEGS, Dataset, sides_of
from analysis.panel.funds import FUND_PAIRS, PAIRS, gains_between, missing_series, pair_words
from analysis.results import Finding, Result

#: A lag is read over at least a year.
FEWEST_MONTHS = 12

#: Small minus large: a leg of portfolios, or two funds.
READINGS = (*LEGS, *FUND_PAIRS)

Reading = Annotated[
    Literal[READINGS],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join(READINGS)}"),
]

MEASURES = {
    "highest_cumulative": "decimal return",
    "lowest_cumulative": "decimal return",
    "base_rate_behind": "share",
    **{f"{name}_cumulative": "decimal return" for name in READINGS},
}


class CumulativeSpreadArguments(Arguments):
    """The headline leg, all legs it is read by, and the first month."""

    leg: Reading
    readings: Annotated[list[Reading], Field(min_length=1)]
    start: Month
    hac_lags: HacLags

    @model_validator(mode="after")
    def _headline_has_two_portfolios(self) -> Self:
        if self.leg not in LEGS or not LEGS[self.leg].large:
            raise ValueError(f"leg {self.leg!r} is no pair of portfolios, which the headline needs")
        return self


@dataclass(frozen=True)
class Spread(Result):
    """Cumulative return of small less that of large.

    Attributes
    ----------
    cumulative : float
        Decimal; of a leg without a large side the compounded return.
    last : str
        Last month, YYYY-MM.
    """

    cumulative: float
    last: str


@dataclass(frozen=True)
class CumulativeSpread(Study):
    """The finding; the grid has ``leg, start, cumulative, last`` (month) and ``reason``."""


@design(arguments=CumulativeSpreadArguments, measures=MEASURES, axes=("leg", "start"))
def cumulative_spread(
    dataset: Dataset, specification: Specification[CumulativeSpreadArguments], sampling: Sampling
) -> CumulativeSpread:
    """Ask whether every reading of small less large has the same sign since a month."""
    grid = _grid(dataset, specification)
    return CumulativeSpread(specification, _finding(dataset, specification, grid), grid)


def spread_since(dataset: Dataset, reading: str, start: pd.Period) -> Spread:
    """Cumulative return of small less that of large from the beginning of `start`.

    Refused where the data hold less than a year of it.
    """
    if lacking := _lacking(dataset, [reading]):
        return Spread.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    if (dataset.as_of - start).n + 1 < FEWEST_MONTHS:
        return Spread.refused(
            f"needs a year of returns from {start}; the data seen end {dataset.as_of}"
        )
    if reading in FUND_PAIRS:
        return _of_funds(dataset, reading, start)
    if LEGS[reading].large:
        sides = sides_of(dataset.monthly, reading).loc[start:]
        grown = (1.0 + sides).prod()
        cumulative, months = float(grown["small"] - grown["large"]), sides.index
    else:
        [column] = LEGS[reading].small
        factor = dataset.monthly[column].loc[start:].dropna()
        cumulative, months = float((1.0 + factor).prod() - 1.0), factor.index
    if len(months) < FEWEST_MONTHS:
        return Spread.refused(f"needs a year of {LEGS[reading].words} from {start}")
    return Spread(cumulative, str(months[-1]))


def share_behind(sides: pd.DataFrame, months: int) -> float:
    """Share of all windows of so many months in which small grew less than large."""
    grown = window_growth(sides, months)
    return float((grown["small"] < grown["large"]).mean())


def _of_funds(dataset: Dataset, pair: str, start: pd.Period) -> Spread:
    small, large = FUND_PAIRS[pair]
    before = start.to_timestamp() - pd.Timedelta(days=1)
    prices = pd.DataFrame(dataset.funds)[[large, small]]
    found = gains_between(prices, before, dataset.as_of.to_timestamp(how="end"))
    if found.refusal is not None:
        return Spread.refused(found.refusal.reason)
    return Spread(float(found.by_fund[small] - found.by_fund[large]), str(dataset.as_of))


def _finding(
    dataset: Dataset, specification: Specification[CumulativeSpreadArguments], grid: pd.DataFrame
) -> Finding:
    arguments = specification.arguments
    names, start = arguments.readings, pd.Period(arguments.start, "M")
    if lacking := _lacking(dataset, [*names, arguments.leg]):
        return Finding.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    readings = {name: spread_since(dataset, name, start) for name in [*names, arguments.leg]}
    for reading in readings.values():
        if reading.refusal is not None:
            return Finding.refused(reading.refusal.reason, reading.refusal.needs)
    sides = sides_of(dataset.monthly, arguments.leg)
    gap = (sides["small"] - sides["large"]).loc[start:]
    behind = share_behind(sides, len(gap))
    first, *others = (_phrase(name, readings[name]) for name in names)
    values = {name: readings[name].cumulative for name in names}
    small, large = pair_words(arguments.leg)
    error = mean_standard_error(gap.to_numpy(), arguments.hac_lags)[0]
    return Finding(
        estimate=readings[arguments.leg].cumulative,
        unit=f"cumulative return of {small} less that of {large}, {len(gap)} months",
        n=len(gap),
        effective_n=1.0,
        mde=minimum_detectable(error) * len(gap),
        more_needed="one stretch of years is one event; its sign is a fact and not an estimate",
        null="small and large have grown alike since then",
        sample_start=str(start),
        sample_end=str(dataset.as_of),
        finding=(
            f"From {start} {first}; {', '.join(others)}. Since {sides.index[0]}, {behind:.0%} of"
            f" all windows of {len(gap)} months ended with small behind."
        ),
        sensitivity=_sensitivity(arguments, grid),
        measures={
            "highest_cumulative": max(values.values()),
            "lowest_cumulative": min(values.values()),
            **{f"{name}_cumulative": value for name, value in values.items()},
            "base_rate_behind": behind,
        },
    )


def _phrase(name: str, reading: Spread) -> str:
    value = f"{reading.cumulative:+.1%} (to {reading.last})"
    if name not in PAIRS:
        return f"{LEGS[name].words} compounded to {value}"
    small, large = pair_words(name)
    if name in FUND_PAIRS:
        return f"the fund {small}'s less {large}'s {value}"
    return f"{small}'s gain less {large}'s was {value}"


def _sensitivity(arguments: CumulativeSpreadArguments, grid: pd.DataFrame) -> str:
    """How far the registered readings reach from every other month."""
    ran = grid[(grid["reason"] == "") & grid["leg"].isin(arguments.readings)]
    return "; ".join(
        f"from {start} the readings run from {rows.min():+.1%} to {rows.max():+.1%}"
        for start, rows in ran.groupby("start", sort=False)["cumulative"]
        if start != arguments.start and len(rows) == len(arguments.readings)
    )


def _grid(
    dataset: Dataset, specification: Specification[CumulativeSpreadArguments]
) -> pd.DataFrame:
    axes = specification.grid
    rows = []
    for leg, start in itertools.product(axes.get("leg", ()), axes.get("start", ())):
        found = spread_since(dataset, str(leg), pd.Period(str(start), "M"))
        reason = "" if found.refusal is None else found.refusal.reason
        value = found.cumulative if found.refusal is None else np.nan
        rows.append((leg, start, value, found.last, reason))
    return pd.DataFrame(rows, columns=["leg", "start", "cumulative", "last", "reason"])


def _lacking(dataset: Dataset, readings: Sequence[str]) -> list[str]:
    """Series the readings need and the data set does not hold, each once."""
    columns = [c for name in readings if name in LEGS for c in LEGS[name].columns()]
    funds = [fund for name in readings if name in FUND_PAIRS for fund in FUND_PAIRS[name]]
    return list(dict.fromkeys(missing_series(dataset, columns, funds)))
