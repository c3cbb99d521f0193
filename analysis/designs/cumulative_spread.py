"""What small caps have gained or lost against large ones since a month, by several readings."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import HacLags, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.long_run import mean_standard_error
from analysis.inference.power import minimum_detectable
from analysis.inference.windows import window_growth
from analysis.panel import LEGS, Dataset, sides_of
from analysis.panel.pairs import (
    PAIRS,
    SPREADS,
    PairGains,
    lacking_series,
    pair_gains,
    pair_words,
)
from analysis.results import Finding

#: A lag is read over at least a year.
FEWEST_MONTHS = 12

Reading = Annotated[
    Literal[SPREADS],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join(SPREADS)}"),
]

MEASURES = {
    "highest_cumulative": "decimal return",
    "lowest_cumulative": "decimal return",
    "base_rate_behind": "share",
    **{f"{name}_cumulative": "decimal return" for name in SPREADS},
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
class CumulativeSpread(Study):
    """The finding; the grid has ``leg, start, cumulative, last`` (month) and ``reason``."""


@design(arguments=CumulativeSpreadArguments, measures=MEASURES, axes=("leg", "start"))
def cumulative_spread(
    dataset: Dataset, specification: Specification[CumulativeSpreadArguments], sampling: Sampling
) -> CumulativeSpread:
    """Ask whether every reading of small less large has the same sign since a month."""
    grid = _grid(dataset, specification)
    return CumulativeSpread(specification, _finding(dataset, specification, grid), grid)


def spread_since(dataset: Dataset, name: str, start: pd.Period) -> PairGains:
    """Gains of small and large from the beginning of `start`; refused within a year of it."""
    if (dataset.as_of - start).n + 1 < FEWEST_MONTHS:
        return PairGains.refused(
            f"needs a year of returns from {start}; the data seen end {dataset.as_of}"
        )
    before = start.to_timestamp() - pd.Timedelta(days=1)
    found = pair_gains(dataset, name, before, dataset.as_of.to_timestamp(how="end"))
    if found.refusal is None and (pd.Period(found.last, "M") - start).n + 1 < FEWEST_MONTHS:
        return PairGains.refused(f"needs a year of {name} from {start}")
    return found


def share_behind(sides: pd.DataFrame, months: int) -> float:
    """Share of all windows of so many months in which small grew less than large."""
    grown = window_growth(sides, months)
    return float((grown["small"] < grown["large"]).mean())


def _finding(
    dataset: Dataset, specification: Specification[CumulativeSpreadArguments], grid: pd.DataFrame
) -> Finding:
    arguments = specification.arguments
    names, start = arguments.readings, pd.Period(arguments.start, "M")
    if lacking := lacking_series(dataset, [*names, arguments.leg]):
        return Finding.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    readings = {name: spread_since(dataset, name, start) for name in [*names, arguments.leg]}
    for reading in readings.values():
        if reading.refusal is not None:
            return Finding.refused(reading.refusal)
    sides = sides_of(dataset.monthly, arguments.leg)
    gap = (sides["small"] - sides["large"]).loc[start:]
    behind = share_behind(sides, len(gap))
    first, *others = (_phrase(name, readings[name]) for name in names)
    values = {name: -readings[name].lead for name in names}
    small, large = pair_words(arguments.leg)
    error = mean_standard_error(gap.to_numpy(), arguments.hac_lags)[0]
    return Finding(
        estimate=-readings[arguments.leg].lead,
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


def _phrase(name: str, reading: PairGains) -> str:
    value = f"{-reading.lead:+.1%} (to {reading.last})"
    if name not in PAIRS:
        return f"{LEGS[name].words} compounded to {value}"
    small, large = pair_words(name)
    if name not in LEGS:
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
        rows.append((leg, start, -found.lead, found.last, reason))
    return pd.DataFrame(rows, columns=["leg", "start", "cumulative", "last", "reason"])
