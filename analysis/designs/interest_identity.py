"""Whether a quoted burden and its quoted relief fit each other and the rates of the time.

If the burden is proportional to the rise of the rate, the total divided by the relief for one step
is the number of steps the rate rose. A note says neither when its figures were made nor when the
debt was taken up, so every admissible month and base period is tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from analysis.designs.arguments import Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.repricing import STEP, implied_gap
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, driver_level, missing_driver
from analysis.results import Finding, Result

_RATES = tuple(
    name
    for name, driver in DRIVERS.items()
    if driver.kind == "rate" and driver.measured == "change"
)

#: Fewer comparable stretches of history than this say nothing about luck.
FEWEST_STRETCHES = 60

MEASURES = {
    "implied_low": "decimal rate",
    "implied_high": "decimal rate",
    "observed_lowest": "decimal rate",
    "observed_highest": "decimal rate",
    "share_that_match": "share",
    "luck": "share",
}


class InterestIdentityArguments(Arguments):
    """The quoted total, the step of its relief, and the rises of the rate they may speak of."""

    driver: Annotated[
        Literal[_RATES],  # type: ignore[valid-type]
        Field(description=f"policy rate, one of {', '.join(_RATES)}"),
    ]
    first_month: Month = Field(description="first month the figures may have been made in")
    last_month: Month = Field(description="last month they may have been made in")
    base_end: Month = Field(description="last month in which debt was taken up at the old rates")
    base_shortest: int = Field(ge=12, le=240, description="months of the shortest base period")
    base_longest: int = Field(ge=12, le=240, description="months of the longest base period")
    step: float = Field(gt=0, le=0.05, description="cut that the relief belongs to, decimal rate")
    total: float = Field(gt=0, description="quoted burden, share of operating earnings")
    total_rounding: float = Field(
        ge=0, description="half of the last digit printed, share of operating earnings"
    )
    relief_rounding: float = Field(
        ge=0, description="half of the last digit printed, share of operating earnings"
    )


@dataclass(frozen=True)
class InterestIdentity(Study):
    """The finding, the quoted figures side by side, and every rise they may speak of.

    Attributes
    ----------
    per_step, about : float
        Quoted relief for each 25 basis points, and how far it may lie from its figure; shares of
        operating earnings.
    identities : DataFrame
        As :func:`quoted_identities` gives it.
    rises : DataFrame
        One row an admissible month: ``month, lowest, highest`` (rise of the rate over the mean of
        any admissible base period, decimal), ``matches`` (some of them fit the quoted figures);
        empty where the data do not reach.
    """

    per_step: float
    about: float
    identities: pd.DataFrame = field(repr=False)
    rises: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Rises(Result):
    """How far a rate stood above its mean of every admissible base period, month by month.

    Attributes
    ----------
    gaps : DataFrame, shape (months, base periods)
        Decimal rate by month; a column for the length of each base period, months.
    """

    gaps: pd.DataFrame


@design(arguments=InterestIdentityArguments, measures=MEASURES)
def interest_identity(
    dataset: Dataset, specification: Specification[InterestIdentityArguments], sampling: Sampling
) -> InterestIdentity:
    """Set the rise that two quoted figures imply against the rises they may speak of."""
    arguments = specification.arguments
    scale = STEP / arguments.step
    relief = specification.figure(f"relief per {1e4 * arguments.step:.0f} basis points") / 100
    facts = dataset.facts["interest_burden"]
    found = rises_of(dataset, arguments)
    low, high = implied_range(arguments, relief)
    return InterestIdentity(
        specification,
        finding=_finding(dataset, arguments, relief, found),
        grid=pd.DataFrame(columns=["reason"]),
        per_step=scale * relief,
        about=scale * arguments.relief_rounding,
        identities=quoted_identities(facts, arguments.total, scale * relief),
        rises=_by_month(found, low, high),
    )


def implied_range(arguments: InterestIdentityArguments, relief: float) -> tuple[float, float]:
    """Lowest and highest rise of the rate that the figures imply within their printed rounding."""
    total, half = arguments.total, arguments.total_rounding
    low = implied_gap(total - half, relief + arguments.relief_rounding, arguments.step)
    high = implied_gap(total + half, relief - arguments.relief_rounding, arguments.step)
    return low, high


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


def rises_of(dataset: Dataset, arguments: InterestIdentityArguments) -> Rises:
    """The rate of every admissible month less its mean over every admissible base period.

    Months later than the data are left out; refused where none is left, or where the data begin
    after the longest base period does.
    """
    lacking = missing_driver(dataset, arguments.driver)
    if lacking is not None:
        return Rises.refused(lacking)
    rate = driver_level(dataset.monthly, arguments.driver).dropna()
    first, last = (pd.Period(month, "M") for month in (arguments.first_month, arguments.last_month))
    end = pd.Period(arguments.base_end, "M")
    if rate.index[-1] < first:
        return Rises.refused(
            f"the figures were made in {first:%B %Y} or later, after the data seen"
        )
    if rate.index[0] > end - arguments.base_longest + 1:
        return Rises.refused(f"the data begin in {rate.index[0]:%B %Y}, inside a base period")
    months = pd.period_range(first, min(last, rate.index[-1]), freq="M")
    positions = rate.index.get_indexer(months)
    bases = _base_means(rate.to_numpy(), arguments)[rate.index.get_loc(end)]
    lengths = range(arguments.base_shortest, arguments.base_longest + 1)
    gaps = rate.to_numpy()[positions][:, None] - bases[None, :]
    return Rises(pd.DataFrame(gaps, index=months, columns=list(lengths)))


def share_by_luck(
    dataset: Dataset, arguments: InterestIdentityArguments, low: float, high: float
) -> float | None:
    """Share of earlier rises of the rate that would have fitted the figures as well.

    The base periods and months are moved back together, month by month, so that each stretch of
    history is tried as freely as the note's own; they end before the note's own rise begins. Only
    stretches in which the rate rose on the whole are comparable: nobody writes of a burden where it
    fell.

    Returns
    -------
    float or None
        None with fewer than :data:`FEWEST_STRETCHES` such stretches.
    """
    rate = driver_level(dataset.monthly, arguments.driver).dropna()
    first, last = (pd.Period(month, "M") for month in (arguments.first_month, arguments.last_month))
    end = pd.Period(arguments.base_end, "M")
    bases = _base_means(rate.to_numpy(), arguments)
    ahead = np.arange((first - end).n, (min(last, rate.index[-1]) - end).n + 1)
    latest = rate.index.get_loc(end)
    fits, rose = [], []
    for at in range(arguments.base_longest - 1, latest - int(ahead[-1]) + 1):
        gaps = rate.to_numpy()[at + ahead][:, None] - bases[at][None, :]
        rose.append(gaps.mean() > 0)
        fits.append(bool(((gaps >= low) & (gaps <= high)).any()))
    comparable = np.array(fits)[np.array(rose, dtype=bool)] if rose else np.empty(0)
    return float(comparable.mean()) if len(comparable) >= FEWEST_STRETCHES else None


def _base_means(
    rate: NDArray[np.float64], arguments: InterestIdentityArguments
) -> NDArray[np.float64]:
    """Mean of the rate over each admissible base period that ends in each month.

    Shape (months, base periods); NaN where the data begin later.
    """
    lengths = np.arange(arguments.base_shortest, arguments.base_longest + 1)
    total = np.concatenate([[0.0], np.cumsum(rate)])
    means = np.full((len(rate), len(lengths)), np.nan)
    for place, length in enumerate(lengths):
        means[length - 1 :, place] = (total[length:] - total[:-length]) / length
    return means


def _by_month(found: Rises, low: float, high: float) -> pd.DataFrame:
    columns = ["month", "lowest", "highest", "matches"]
    if not found:
        return pd.DataFrame(columns=columns)
    fits = ((found.gaps >= low) & (found.gaps <= high)).any(axis=1)
    rows = {
        "month": found.gaps.index.astype(str),
        "lowest": found.gaps.min(axis=1),
        "highest": found.gaps.max(axis=1),
        "matches": fits,
    }
    return pd.DataFrame(rows, columns=columns).reset_index(drop=True)


def _finding(
    dataset: Dataset, arguments: InterestIdentityArguments, relief: float, found: Rises
) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    low, high = implied_range(arguments, relief)
    luck = share_by_luck(dataset, arguments, low, high)
    if luck is None:
        return Finding.refused(
            f"fewer than {FEWEST_STRETCHES} earlier stretches in which the rate rose, so that luck"
            " cannot be told"
        )
    driver, total, step = DRIVERS[arguments.driver], arguments.total, arguments.step
    gaps, months = found.gaps.to_numpy(), found.gaps.index
    fits = (gaps >= low) & (gaps <= high)
    share, least, most = float(fits.mean()), float(gaps.min()), float(gaps.max())
    lengths = f"{arguments.base_shortest / 12:g} to {arguments.base_longest / 12:g} years"
    answer = "The two figures fit" if fits.any() else "The two figures do not fit"
    return Finding(
        estimate=implied_gap(total, relief, step),
        unit="decimal rate",
        null="none: two quoted figures against the rises they may speak of, not a sample",
        n=gaps.size,
        sample_start=str(pd.Period(arguments.base_end, "M") - arguments.base_longest + 1),
        sample_end=str(months[-1]),
        finding=(
            f"{answer} the rates of the time: {total:.0%} in all and {relief * 100:g} points for"
            f" each {1e4 * step:.0f} basis points, as far as they are rounded, ask for a rise of"
            f" {100 * low:.1f} to {100 * high:.1f} points, and from {months[0]:%B %Y} to"
            f" {months[-1]:%B %Y} {driver.subject} stood {100 * least:.1f} to"
            f" {100 * most:.1f} points above its mean of the {lengths} to"
            f" {pd.Period(arguments.base_end, 'M'):%B %Y}."
        ),
        sensitivity=(
            f"{share:.0%} of the {gaps.size:,} pairs of month and base period fit; of earlier"
            f" stretches in which the rate rose, {luck:.0%} would have fitted by luck. The relief"
            f" asks for repriced debt of {relief / step:.1f} times operating earnings if it counts"
            " once, as in the last year."
        ),
        measures={
            "implied_low": low,
            "implied_high": high,
            "observed_lowest": least,
            "observed_highest": most,
            "share_that_match": share,
            "luck": luck,
        },
        luck=luck,
    )
