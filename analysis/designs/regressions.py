"""What the designs that regress small minus large on a driver share: samples, grids, words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.grids import Outcome, grid_table, rows_that_ran
from analysis.designs.registry import Specification
from analysis.inference.joint_slopes import JointSlopes, Pair, joint_slopes
from analysis.inference.slopes import FEWEST_MONTHS, Slope
from analysis.panel import EVERY_LEG, Dataset
from analysis.panel.drivers import (
    ALIGNMENTS,
    DRIVERS,
    by_release,
    driver_series,
    missing_driver,
    resolved,
)
from analysis.panel.eras import in_era
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.results import Finding, Refusal, first_refusal, p_words

#: Months to which the joint test gives one random sign.
BLOCK_MONTHS = 12

#: Random signs of the joint test.
JOINT_DRAWS = 4999

#: A survey by quarter needs ten years.
FEWEST_QUARTERS = 40

#: Months of a quarter.
QUARTER = 3

#: A result beyond chance, on its own.
LEVEL = 0.05

#: Columns of a table of regressions, after those of the axes.
ESTIMATES = ("slope", "low", "high", "p", "n")

#: A small-minus-large return: a leg of the panel, or one fund less another.
ReturnName = Annotated[
    Literal[(*EVERY_LEG, "iwm_spy")],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join((*EVERY_LEG, 'iwm_spy'))}"),
]

#: Claimed sign of a slope or difference.
Sign = Annotated[Literal[-1, 1], Field(description="claimed sign: -1 or 1")]

#: How a driver's level is placed in time.
Alignment = Annotated[
    Literal[ALIGNMENTS],  # type: ignore[valid-type]
    Field(
        description="own_month: the driver's move up to the end of the return's month;"
        " between_means: its month-end level taken half-way between two months' means"
    ),
]

#: Months, or quarters of a survey, by which the driver precedes the return.
Lag = Annotated[
    int, Field(ge=0, le=12, description="periods by which the driver precedes the return")
]


@dataclass(frozen=True)
class Case:
    """One specification of a grid.

    Attributes
    ----------
    axes : mapping of str to value
        Of the claim's grid.
    sample : DataFrame
        ``spread, driver`` and, where controlled for, ``market``, in the claim's own era; empty
        where the data set does not hold them.
    era : str
        Part of the sample the specification looks at.
    market : bool
        Whether it controls for the market.
    reason : str
        Why there is no sample; empty where there is one.
    """

    axes: Mapping[str, Any]
    sample: pd.DataFrame = field(repr=False)
    era: str
    market: bool
    reason: str = ""

    @property
    def seen(self) -> pd.DataFrame:
        """The sample in the case's own era."""
        return in_era(self.sample, self.era) if not self.reason else self.sample


def missing_of(
    dataset: Dataset, leg: str, *drivers: str | None, alignment: str = "own_month"
) -> Refusal | None:
    """Why a data set lacks a leg or a driver; None where it has them all."""
    lacking = (missing_driver(dataset, name, alignment) for name in drivers if name is not None)
    return first_refusal(missing_leg(dataset, leg), *lacking)


def cases_of(
    dataset: Dataset,
    specification: Specification[Any],
    sample: Callable[[Any], pd.DataFrame],
    refuse: Callable[[Any], Refusal | None] = lambda arguments: None,
) -> list[Case]:
    """Every specification of a grid, with its sample or the reason why there is none.

    Parameters
    ----------
    dataset : Dataset
    specification : Specification
        Of a design with the arguments ``leg, driver, era, market, alignment``.
    sample : callable
        Sample of some arguments in their era, called once where only era and market differ.
    refuse : callable
        A further reason to leave out some arguments, None where there is none.
    """
    arguments = specification.arguments
    own = {"era": arguments.era, "market": arguments.market}
    cases, samples = [], {}
    for axes in specification.combinations(*specification.grid):
        one = arguments.model_copy(update=axes)
        lacking = first_refusal(
            missing_of(dataset, one.leg, one.driver, alignment=one.alignment), refuse(one)
        )
        key = one.model_copy(update=own)
        if lacking is None and key not in samples:
            samples[key] = sample(key)
        held = pd.DataFrame() if lacking is not None else samples[key]
        reason = "" if lacking is None else lacking.reason
        cases.append(Case(axes, held, one.era, bool(one.market), reason))
    return cases


def returns_beside(
    dataset: Dataset,
    leg: str,
    driver: str,
    era: str,
    *,
    market: bool = False,
    alignment: str = "own_month",
    lag: int = 0,
) -> pd.DataFrame:
    """Small minus large beside a driver of the panel, in the periods that have both.

    Parameters
    ----------
    dataset : Dataset
    leg, driver : str
        Held by the data set.
    era : str
        Of the returns.
    market : bool
        Add the market in excess of the bill.
    alignment : str
        How the driver's level is placed in time.
    lag : int
        Months, or quarters of a survey, by which the driver precedes the return.

    Returns
    -------
    DataFrame, columns ``spread, driver`` and, if asked for, ``market``
        Decimals, without NaN. By month; of a survey, by the last month of the three from its
        release on.
    """
    name = resolved(dataset, driver)
    series = driver_series(dataset, name, alignment)
    if not DRIVERS[name].is_survey:
        return join_sample(dataset, leg, series.shift(lag), era, market=market)
    columns = {"spread": leg_returns(dataset, leg)}
    if market:
        columns["market"] = dataset.monthly["market_excess"]
    change = DRIVERS[name].measured == "survey change"
    sample = by_release(pd.DataFrame(columns).dropna(), series, change=change)
    return in_era(sample.assign(driver=sample["driver"].shift(lag)).dropna(), era)


def join_sample(
    dataset: Dataset, leg: str, driver: pd.Series, era: str, *, market: bool = False
) -> pd.DataFrame:
    """Small minus large beside a series, in the months that have both; as :func:`returns_beside`.

    Parameters
    ----------
    dataset : Dataset
    leg : str
        Small minus large, held by the data set.
    driver : Series by month
    era : str
    market : bool
        Add the market in excess of the bill.
    """
    columns = {"spread": leg_returns(dataset, leg)}
    if market:
        columns["market"] = dataset.monthly["market_excess"]
    return in_era(pd.DataFrame({**columns, "driver": driver}), era).dropna()


def fewest_of(driver: str) -> int:
    """Periods that a regression on a driver needs."""
    return FEWEST_QUARTERS if DRIVERS[driver].is_survey else FEWEST_MONTHS


def lags_of(driver: str, months: int) -> int:
    """Periods that so many months of Newey-West lags are for a driver."""
    return round(months / QUARTER) if DRIVERS[driver].is_survey else months


def regression_table(
    axes: Sequence[str],
    cases: Sequence[Case],
    fit: Callable[[Case], Slope],
    scale: float = 1.0,
) -> pd.DataFrame:
    """Slope of every specification of a grid.

    Parameters
    ----------
    axes : sequence of str
        Of the grid.
    cases : sequence of Case
    fit : callable
        Slope of one case that has a sample.
    scale : float
        What slopes and intervals are multiplied by.

    Returns
    -------
    DataFrame
        The axes, :data:`ESTIMATES`, and ``reason``, why a row has no slope.
    """
    rows: list[tuple[Mapping[str, Any], Outcome]] = []
    for case in cases:
        if case.reason:
            rows.append((case.axes, case.reason))
            continue
        found = fit(case)
        numbers = slope_numbers(found, scale)
        rows.append((case.axes, numbers if found.refusal is None else found.refusal))
    return grid_table(axes, ESTIMATES, rows)


def slope_numbers(found: Slope, scale: float = 1.0) -> tuple[float, ...]:
    """The :data:`ESTIMATES` of a slope; slope and interval times `scale`."""
    scaled = (scale * one for one in (found.slope, found.low, found.high))
    return *scaled, found.p_value, found.n


def joint_test(
    cases: Sequence[Case], grid: pd.DataFrame, seed: int, *, block: int = BLOCK_MONTHS
) -> JointSlopes:
    """Median correlation over every specification that was run, against random signs of years.

    Parameters
    ----------
    cases : sequence of Case
        With samples by month, or by the last month of a longer period.
    grid : DataFrame
        What :func:`regression_table` made of them; a row with a reason was not run.
    seed : int
    block : int
        Months to which one sign is given, a multiple of twelve.
    """
    ran = [case for case, reason in zip(cases, grid["reason"], strict=True) if not reason]
    pairs = [pair_of(case.seen, case.market, block) for case in ran]
    return joint_slopes(pairs, JOINT_DRAWS, seed)


def pair_of(sample: pd.DataFrame, market: bool, block: int = BLOCK_MONTHS) -> Pair:
    """A sample as :func:`.joint_slopes.joint_slopes` takes it.

    Parameters
    ----------
    sample : DataFrame by month
        ``spread, driver, market``, decimals.
    market : bool
        Whether to control for the market.
    block : int
        Months to which one sign is given, a multiple of twelve.
    """
    return Pair(
        sample["spread"].to_numpy(),
        sample["driver"].to_numpy(),
        sample.index.year.to_numpy() * 12 // block,
        sample["market"].to_numpy() if market else None,
    )


def joint_words(joint: JointSlopes) -> str:
    """The joint test in one sentence."""
    if joint.refusal is not None:
        return f"No joint test: {joint.refusal.reason}."
    median = f"{joint.median:+.2f}".replace("-", "−")
    return (
        f"Over all {joint.specifications} specifications the median correlation is {median}, joint"
        f" p {p_words(joint.p_value)} by random signs of whole years."
    )


def table_words(table: pd.DataFrame, sign: int | None) -> str:
    """How many specifications point the claimed way, and how many of them beyond chance.

    Parameters
    ----------
    table : DataFrame
        As :func:`regression_table` makes it.
    sign : {-1, 1} or None
        Claimed sign; where there is none, the share above zero is given.
    """
    known = rows_that_ran(table)
    if known.empty:
        return ""
    towards = (sign or 1) * known["slope"] > 0
    beyond = (known["p"] < 0.05) & (towards if sign else True)
    where = "point the claimed way" if sign else "lie above zero"
    text = (
        f"of {len(known)} specifications ({len(table) - len(known)} left out with a reason)"
        f" {towards.mean():.0%} {where}, {beyond.mean():.0%} with p below 5%"
        f"{'' if sign else ' on either side'}"
    )
    if "market" in known:
        controlled = known["market"].astype(bool)
        text += (
            f"; controlling for the market it is {_share(towards, controlled)}"
            f" and {_share(beyond, controlled)}"
        )
    return f"{text}."


def holds(slope: Slope, sign: int | None) -> bool:
    """Whether a slope has the claimed sign, and a p-value below :data:`LEVEL`."""
    return sign is not None and sign * slope.slope > 0 and slope.p_value < LEVEL


def against_large(effect: float) -> str:
    """A decimal return of small less large in words: what small caps gained or lost."""
    size = f"{100 * abs(effect):.2g}"
    if effect < 0:
        return f"lost {size} points to large caps"
    return f"gained {size} points on large caps"


def points(value: float) -> str:
    """A decimal return as percentage points with a sign: 0.12, −0.06."""
    return f"{100 * value:.2g}".replace("-", "−")


def first_upper(text: str) -> str:
    """A sentence with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"


def slope_finding(
    slope: Slope,
    *,
    unit: str,
    null: str,
    finding: str,
    sensitivity: str,
    measures: Mapping[str, float | bool],
    scale: float = 1.0,
    periods: int = 12,
    joint: JointSlopes | None = None,
    usable_in_time: bool | None = None,
    in_time: str = "",
) -> Finding:
    """A finding whose headline is one slope.

    Parameters
    ----------
    slope : Slope
    unit, null, finding, sensitivity, measures
        As in :class:`analysis.results.Finding`.
    scale : float
        What the slope is multiplied by to have that unit.
    periods : int
        Observations a year.
    joint : JointSlopes, optional
        Of the whole grid.
    usable_in_time, in_time
        As in :class:`analysis.results.Finding`.
    """
    return Finding(
        estimate=scale * slope.slope,
        unit=unit,
        ci_low=scale * slope.low,
        ci_high=scale * slope.high,
        p_value=slope.p_value,
        n=slope.n,
        effective_n=float(slope.n),
        mde=scale * slope.mde,
        more_needed=slope.more_needed(periods),
        null=null,
        sample_start=slope.first,
        sample_end=slope.last,
        finding=finding,
        sensitivity=sensitivity,
        measures=measures,
        joint_p=None if joint is None or joint.refusal is not None else joint.p_value,
        usable_in_time=usable_in_time,
        in_time=in_time,
    )


def _share(flags: pd.Series, chosen: pd.Series) -> str:
    return f"{flags[chosen].mean():.0%}" if chosen.any() else "none"
