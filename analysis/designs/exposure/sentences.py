"""What an exposure says: its finding and how the grid bears on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.exposure.fits import Compared
from analysis.designs.regressions import (
    Case,
    first_upper,
    joint_words,
    p_words,
    slope_finding,
    table_words,
)
from analysis.inference.shifted_correlations import MedianCorrelation
from analysis.inference.slopes import Slope
from analysis.panel.drivers import DRIVERS, Driver
from analysis.results import Finding

if TYPE_CHECKING:
    from analysis.designs.exposure import ExposureArguments


def finding_of(
    arguments: ExposureArguments,
    compared: Compared,
    cases: list[Case],
    grid: pd.DataFrame,
    joint: MedianCorrelation,
) -> Finding:
    """The finding, from slopes none of which was refused."""
    driver, slope = DRIVERS[arguments.driver], compared.headline
    period = "quarter" if driver.measured == "quarterly survey" else "month"
    return slope_finding(
        slope,
        unit=f"{period}ly return per {driver.unit}",
        periods=4 if period == "quarter" else 12,
        null=_null(driver),
        finding="".join(
            [
                _headline(arguments, compared, driver, period),
                _by_construction(arguments, compared, driver),
                _timing(compared, driver),
            ]
        ),
        sensitivity=_sensitivity(arguments, compared, cases, grid, joint),
        measures=_measures(arguments, compared),
        grid=grid,
    )


def _null(driver: Driver) -> str:
    if driver.is_change:
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
    }
    if compared.other is not None:
        controlled = slope if arguments.market else compared.other
        found |= {
            "slope_with_market": controlled.slope,
            "slope_with_market_p": controlled.p_value,
        }
    if compared.recent is not None:
        found["slope_recent"] = compared.recent.slope
    if compared.contrast is not None:
        found |= {
            "portfolio_slope": compared.contrast.slope,
            "portfolio_slope_p": compared.contrast.p_value,
        }
    if compared.later is not None:
        found["next_month_slope"] = compared.later.slope
    return found


def _headline(arguments: ExposureArguments, compared: Compared, driver: Driver, period: str) -> str:
    """The headline, then the same controlling for the market and in recent months."""
    effect = _effect(compared.headline, driver)
    if driver.is_change:
        text = (
            f"In a {period} in which {driver.subject} rose by {driver.step_words}, small less large"
            f" came to {effect[0]} against a {period} without a change (p {effect[1]})"
        )
    else:
        text = (
            f"With {driver.subject} {driver.step_words}, small less large returned {effect[0]} in"
            f" the {period} (p {effect[1]})"
        )
    beside = []
    if compared.other is not None:
        words = "without the market" if arguments.market else "beside the market"
        beside.append((words, compared.other))
    if compared.recent is not None:
        beside.append((f"since {str(arguments.recent)[:4]}", compared.recent))
    more = [
        f"{words} to {effect} (p {p})"
        for words, (effect, p) in ((words, _effect(slope, driver)) for words, slope in beside)
    ]
    return f"{text}; {', and '.join(more)}." if more else f"{text}."


def _by_construction(arguments: ExposureArguments, compared: Compared, driver: Driver) -> str:
    if compared.contrast is None or arguments.contrast is None:
        return ""
    contrast = DRIVERS[arguments.contrast]
    effect, p = _effect(compared.contrast, driver)
    return (
        f" Counted over the {contrast.words}, which hold small caps by construction, it was"
        f" {effect} (p {p})."
    )


def _timing(compared: Compared, driver: Driver) -> str:
    if not compared.aligned:
        return ""
    effect, p = _effect(compared.aligned, driver)
    return (
        f" {driver.dated_late}; against the change over the month itself it came to {effect}"
        f" (p {p})."
    )


def _sensitivity(
    arguments: ExposureArguments,
    compared: Compared,
    cases: list[Case],
    grid: pd.DataFrame,
    joint: MedianCorrelation,
) -> str:
    driver, sign = DRIVERS[arguments.driver], arguments.sign
    if not cases:
        return ""
    if driver.kind == "breadth" and "driver" in grid:
        parts = sorted((DRIVERS[str(name)].words, part) for name, part in grid.groupby("driver"))
        texts = [f"Breadth over {words}: {_or_none(part, sign)}" for words, part in parts]
    else:
        held = grid[[not case.reason for case in cases]]
        texts = [first_upper(table_words(held, sign))]
    texts.append(joint_words(joint))
    if compared.later is not None:
        effect, p = _effect(compared.later, driver)
        texts.append(
            f"The link is within the month: against small less large of {_after(arguments.after)},"
            f" the same step gives {effect} (p {p})."
        )
    return " ".join(filter(None, texts))


def _or_none(table: pd.DataFrame, sign: int) -> str:
    return table_words(table, sign) or (
        "no specification of the grid has its series and enough months."
    )


def _after(months: int | None) -> str:
    return "the month after" if months == 1 else f"{months} months after"


def _effect(slope: Slope, driver: Driver) -> tuple[str, str]:
    """Return for the driver's step, and the p-value, in words."""
    return f"{driver.step * slope.slope:+.2%}", p_words(slope.p_value)
