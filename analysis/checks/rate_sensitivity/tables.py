"""Tables of the rates chapter: slopes by era, and rises against falls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pandas as pd

from analysis.checks.rate_drivers import (
    WORDS,
    missing_columns,
    monthly_change,
    returns_of,
    sample_of,
)
from analysis.checks.rate_regressions import Slope, fit_rises_and_falls, fit_slope
from analysis.panel import Dataset

#: Drivers shown by era and the era that bounds each: rates were pegged before the 1950s.
SHOWN = {
    "bill_rate": "from_1954",
    "fed_funds": "from_1954",
    "gs10": "from_1954",
    "baa_aaa": "full",
}

_ERA_WORDS = {"to_1980": "to 1980", "from_1981": "since 1981"}


def era_slopes(dataset: Dataset, leg: str, lags: int) -> pd.DataFrame:
    """Slope of small minus large on each driver, by era, with and without the market.

    Returns
    -------
    DataFrame
        ``driver, era, beside the market`` (yes or no), ``slope, low, high`` (return for a rise of
        one percentage point, decimal), ``p``, ``months``. Rows without enough months are left out.
    """
    rows = []
    for driver, era, market, frame in _samples(dataset, leg):
        fit = fit_slope(frame, lags=lags, market=market)
        if isinstance(fit, Slope):
            slopes = _percent(fit.slope, fit.low, fit.high)
            rows.append((driver, era, _yes(market), *slopes, fit.p_value, fit.n))
    columns = ["driver", "era", "beside the market", "slope", "low", "high", "p", "months"]
    return pd.DataFrame(rows, columns=columns)


def rises_and_falls(dataset: Dataset, leg: str, lags: int) -> pd.DataFrame:
    """Slope on rises and slope on falls of each driver, by era, with and without the market.

    Returns
    -------
    DataFrame
        ``driver, era, beside the market, rises`` (return when the driver rises by one point),
        ``falls`` (return when it falls by one point: minus the slope), both decimal, with
        ``rises_low`` and so on, ``p equal`` (of one slope for both), ``months``.
    """
    rows = []
    for driver, era, market, frame in _samples(dataset, leg):
        fit = fit_rises_and_falls(frame, lags=lags, market=market)
        if not fit:
            continue
        up, down = fit.rises, fit.falls
        rises = _percent(up.slope, up.low, up.high)
        falls = _percent(-down.slope, -down.high, -down.low)
        rows.append((driver, era, _yes(market), *rises, *falls, fit.p_equal, up.n))
    columns = ["driver", "era", "beside the market", "rises", "rises_low", "rises_high"]
    columns += ["falls", "falls_low", "falls_high", "p equal", "months"]
    return pd.DataFrame(rows, columns=columns)


def _samples(dataset: Dataset, leg: str) -> Iterator[tuple[str, str, bool, pd.DataFrame]]:
    returns = returns_of(dataset, leg)
    for driver, whole in SHOWN.items():
        if missing_columns(dataset.monthly, driver):
            continue
        change = monthly_change(dataset.monthly, driver)
        for era, market in itertools.product(("all", *_ERA_WORDS), (False, True)):
            frame = sample_of(returns, change, whole if era == "all" else era, whole)
            yield WORDS[driver], _ERA_WORDS.get(era, "all months"), market, frame


def _percent(*slopes: float) -> tuple[float, ...]:
    """From return per unit of rate to return per percentage point."""
    return tuple(slope / 100 for slope in slopes)


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
