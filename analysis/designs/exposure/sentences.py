"""What an exposure says: its finding and how the grid bears on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.exposure.fits import Compared
from analysis.designs.regressions import (
    LEVEL,
    Case,
    against_large,
    first_upper,
    holds,
    joint_words,
    points,
    slope_finding,
    table_words,
)
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.slopes import Slope
from analysis.panel.drivers import DRIVERS, Driver
from analysis.results import Finding, p_words

if TYPE_CHECKING:
    from analysis.designs.exposure import ExposureArguments


def finding_of(
    arguments: ExposureArguments,
    sign: int | None,
    driver: Driver,
    compared: Compared,
    cases: list[Case],
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    """The finding, from slopes none of which was refused.

    Parameters
    ----------
    arguments : ExposureArguments
    sign : int or None
        The claimed one.
    driver : Driver
        The one the data hold, where the argument stands for several.
    compared, cases, grid, joint
        Of the registered specification and of its grid.
    """
    slope = compared.headline
    usable, in_time = later_words(driver, slope, compared.later, sign)
    return slope_finding(
        slope,
        unit=f"{period_of(driver)}ly return per {driver.unit}",
        periods=4 if driver.is_survey else 12,
        null=_null(driver),
        finding=f"{headline_words(driver, slope)}{_beside(arguments, compared, driver)}",
        sensitivity=_sensitivity(sign, driver, cases, grid, joint),
        measures=_measures(arguments, compared),
        joint=joint,
        usable_in_time=usable,
        in_time=in_time,
    )


def period_of(driver: Driver) -> str:
    """What a return is of: a month, or the quarter of a survey."""
    return "quarter" if driver.is_survey else "month"


def headline_words(driver: Driver, slope: Slope) -> str:
    """What was found, in everyday words: the answer, then what a move of the driver came with."""
    period, when = period_of(driver), _when(driver)
    if slope.p_value >= LEVEL:
        answer = (
            f"As far as these data can tell, small caps did no better or worse than large {when}"
        )
    elif slope.slope < 0:
        answer = f"Small caps did worse than large caps {when}"
    else:
        answer = f"Small caps did better than large caps {when}"
    return f"{answer}: in {_such(driver, period)} they {effect_words(driver, slope)}."


def effect_words(driver: Driver, slope: Slope) -> str:
    """What small caps gained or lost with the driver's step, with interval and p-value."""
    low, high = points(driver.step * slope.low), points(driver.step * slope.high)
    return (
        f"{against_large(driver.step * slope.slope)} (95% interval {low} to {high},"
        f" p {p_words(slope.p_value)})"
    )


def later_words(
    driver: Driver, slope: Slope, later: Slope | None, sign: int | None
) -> tuple[bool | None, str]:
    """Whether the effect still holds one period later, and what was found there.

    None where the claim has no sign or does not hold in the driver's own period.
    """
    if not later:
        return None, ""
    period = period_of(driver)
    words = (
        f"Who acts only once {'the survey' if driver.is_survey else 'the move'} is known meets the"
        f" {period} after: there small caps {effect_words(driver, later)}."
    )
    if not holds(slope, sign):
        return None, words
    return holds(later, sign), words


def _when(driver: Driver) -> str:
    """The occasion a claim speaks of, at the end of a sentence."""
    return f"when {driver.subject} {'rose' if _rises(driver) else 'was higher'}"


def _such(driver: Driver, period: str) -> str:
    """A period in which the driver made its step."""
    if _rises(driver):
        return f"a {period} in which {driver.subject} rose by {driver.step_words}"
    if driver.is_survey:
        return f"the three months from a survey in which it was {driver.step_words}"
    return f"a {period} in which it was {driver.step_words}"


def _rises(driver: Driver) -> bool:
    return driver.is_change or driver.measured == "survey change"


def _null(driver: Driver) -> str:
    if _rises(driver):
        return f"small minus large does not move with {driver.subject}"
    what = f"the share of {driver.counted} ahead" if driver.counted else driver.subject
    return f"small minus large has the same mean whatever {what}"


def _measures(arguments: ExposureArguments, compared: Compared) -> dict[str, float]:
    slope = compared.headline
    found = {
        "slope": slope.slope,
        "slope_p": slope.p_value,
        "slope_low": slope.low,
        "slope_high": slope.high,
        "slope_largest": max(abs(slope.low), abs(slope.high)),
    }
    if compared.other is not None:
        controlled = slope if arguments.market else compared.other
        found |= {
            "slope_with_market": controlled.slope,
            "slope_with_market_p": controlled.p_value,
        }
    if compared.contrast is not None:
        found |= {
            "portfolio_slope": compared.contrast.slope,
            "portfolio_slope_p": compared.contrast.p_value,
        }
    if compared.later:
        found |= {"later_slope": compared.later.slope, "later_slope_p": compared.later.p_value}
    return found


def _beside(arguments: ExposureArguments, compared: Compared, driver: Driver) -> str:
    """The same with or without the market, and where it holds by construction."""
    text = ""
    if compared.other is not None:
        words = "Without controlling" if arguments.market else "Controlling"
        text += f" {words} for the market, they {effect_words(driver, compared.other)}."
    if compared.contrast is not None and arguments.contrast is not None:
        contrast = DRIVERS[arguments.contrast]
        text += (
            f" Counted over the {contrast.words}, which hold small caps by construction, they"
            f" {effect_words(driver, compared.contrast)}."
        )
    return text


def _sensitivity(
    sign: int | None,
    driver: Driver,
    cases: list[Case],
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> str:
    if not cases:
        return ""
    if driver.kind == "breadth" and "driver" in grid:
        parts = sorted((DRIVERS[str(name)].words, part) for name, part in grid.groupby("driver"))
        texts = [f"Breadth over {words}: {_or_none(part, sign)}" for words, part in parts]
    else:
        texts = [first_upper(table_words(grid, sign))]
    return " ".join(filter(None, [*texts, joint_words(joint)]))


def _or_none(table: pd.DataFrame, sign: int | None) -> str:
    return table_words(table, sign) or (
        "no specification of the grid has its series and enough months."
    )
