"""Whether a quoted burden and its quoted relief fit each other and the rates of the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import combinations
from analysis.inference.repricing import STEP, implied_gap
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, driver_level, missing_driver
from analysis.results import Finding, Result

_RATES = tuple(name for name, driver in DRIVERS.items() if driver.kind == "rate")

MEASURES = {"observed_gap": "decimal rate", "implied_gap": "decimal rate"}


class InterestIdentityArguments(Arguments):
    """The quoted total, the step of its relief, and the rate that debt had to absorb."""

    driver: Annotated[
        Literal[_RATES],  # type: ignore[valid-type]
        Field(description=f"policy rate, one of {', '.join(_RATES)}"),
    ]
    note_month: Month
    base_start: Month
    base_end: Month
    step: float = Field(gt=0, le=0.05, description="cut that the relief belongs to, decimal rate")
    total: float = Field(gt=0, description="quoted burden, share of operating earnings")
    about: float = Field(
        ge=0, description="how far the relief may lie from the figure, share of operating earnings"
    )


@dataclass(frozen=True)
class InterestIdentity(Study):
    """The finding, and the quoted figures side by side.

    Attributes
    ----------
    per_step, about : float
        Quoted relief for each 25 basis points, and how far it may lie from its figure; shares of
        operating earnings.
    identities : DataFrame
        As :func:`quoted_identities` gives it.
    """

    per_step: float
    about: float
    identities: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class ObservedGap(Result):
    """How far a rate stood above its mean of a base period.

    Attributes
    ----------
    gap : float
        Decimal rate.
    month : str
        The month it stood there.
    n : int
        Months of the base period.
    """

    gap: float
    month: str
    n: int


@design(arguments=InterestIdentityArguments, measures=MEASURES, axes=("base_start",))
def interest_identity(
    dataset: Dataset, specification: Specification[InterestIdentityArguments], sampling: Sampling
) -> InterestIdentity:
    """Set the reset gap that two quoted figures imply against the rise of the policy rate."""
    arguments = specification.arguments
    scale = STEP / arguments.step
    relief = specification.figure(f"relief per {1e4 * arguments.step:.0f} basis points") / 100
    grid = _grid(dataset, specification)
    facts = dataset.facts["interest_burden"]
    return InterestIdentity(
        specification,
        finding=_finding(arguments, relief, observed_gap(dataset, arguments), grid),
        grid=grid,
        per_step=scale * relief,
        about=scale * arguments.about,
        identities=quoted_identities(facts, arguments.total, scale * relief),
    )


def quoted_identities(facts: pd.DataFrame, total: float, per_step: float) -> pd.DataFrame:
    """Quoted totals and reliefs side by side, with the reset gap each pair implies.

    Parameters
    ----------
    facts : DataFrame
        The table ``interest_burden``.
    total, per_step : float
        The note's pair, as shares of operating earnings: in all, and for each 25 basis points.

    Returns
    -------
    DataFrame
        ``figures, total, per 25bp`` (shares of operating earnings), ``implied gap`` (decimal rate),
        ``debt that must reprice`` (times operating earnings).
    """
    quoted = {"the note": (total, per_step)}
    values = facts.set_index("metric")["value_low"]
    if {"interest_hit_no_cuts", "interest_hit_100bp_cuts"} <= set(values.index):
        before, after = values["interest_hit_no_cuts"], values["interest_hit_100bp_cuts"]
        quoted["the bank, August 2025"] = (before / 100, (before - after) / 100 * STEP / 0.01)
    rows = [
        (name, hit, relief, implied_gap(hit, relief), relief / STEP)
        for name, (hit, relief) in quoted.items()
    ]
    columns = ["figures", "total", "per 25bp", "implied gap", "debt that must reprice"]
    return pd.DataFrame(rows, columns=columns)


def observed_gap(dataset: Dataset, arguments: InterestIdentityArguments) -> ObservedGap:
    """The rate of the note's month, or the last one known, less its mean over the base period."""
    start, end, now = arguments.base_start, arguments.base_end, pd.Period(arguments.note_month, "M")
    lacking = missing_driver(dataset, arguments.driver)
    if lacking is not None:
        return ObservedGap.refused(lacking)
    rate = driver_level(dataset.monthly, arguments.driver).dropna()
    if rate.index[-1] <= pd.Period(end, "M"):
        return ObservedGap.refused(
            f"the rise the debt absorbed began after {end}, later than the data seen"
        )
    base, month = rate.loc[start:end], min(now, rate.index[-1])
    return ObservedGap(float(rate.loc[month] - base.mean()), str(month), len(base))


def _finding(
    arguments: InterestIdentityArguments, relief: float, observed: ObservedGap, grid: pd.DataFrame
) -> Finding:
    driver, total, step = DRIVERS[arguments.driver], arguments.total, arguments.step
    if observed.refusal is not None:
        return Finding.refused(observed.refusal)
    implied = implied_gap(total, relief, step)
    return Finding(
        estimate=observed.gap,
        unit="decimal rate",
        null="none: two quoted figures against one observed change, not a sample",
        n=observed.n,
        sample_start=arguments.base_start,
        sample_end=observed.month,
        finding=(
            f"{total:.0%} in all and {relief * 100:.0f} points for each {1e4 * step:.0f} basis"
            f" points imply a reset gap of {implied * 100:.2f} points; in {observed.month}"
            f" {driver.subject} stood {observed.gap * 100:.2f} points above its mean of"
            f" {arguments.base_start} to {arguments.base_end}."
        ),
        sensitivity=(
            f"{_other_bases(grid)}The relief asks for repriced debt of {relief / step:.1f} times"
            " operating earnings if it counts once, as in the last year."
        ),
        measures={"observed_gap": observed.gap, "implied_gap": implied},
        specifications=int(grid["reason"].eq("").sum()),
        left_out=int(grid["reason"].ne("").sum()),
    )


def _other_bases(grid: pd.DataFrame) -> str:
    known = 100 * grid.loc[grid["reason"] == "", "observed_gap"]
    if known.empty:
        return ""
    return (
        f"With other base periods the observed gap runs from {known.min():.2f} to"
        f" {known.max():.2f} points. "
    )


def _grid(
    dataset: Dataset, specification: Specification[InterestIdentityArguments]
) -> pd.DataFrame:
    """Observed gap, a decimal rate, for every base period."""
    rows = []
    for axes in combinations(specification.grid):
        one = observed_gap(dataset, specification.arguments.model_copy(update=axes))
        reason = "" if one.refusal is None else one.refusal.reason
        rows.append({**axes, "observed_gap": one.gap, "reason": reason})
    return pd.DataFrame(rows, columns=[*specification.grid, "observed_gap", "reason"])
