"""An exposure by era, by rises and falls, and by share: tables for the page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.exposure.fits import sample_for
from analysis.designs.grids import rows_that_ran
from analysis.designs.regressions import missing_of
from analysis.inference.slopes import fit_rises_and_falls, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, resolved
from analysis.panel.eras import in_era

if TYPE_CHECKING:
    from analysis.designs.exposure import ExposureArguments
    from analysis.designs.registry import Specification

#: Columns of the table of rises and falls that hold returns.
_EFFECTS = tuple(f"{side}{end}" for side in ("rises", "falls") for end in ("", "_low", "_high"))

_CHOICES = ["driver", "step", "era", "controlling for the market"]


def slopes_in_words(grid: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The specifications of a grid that have a slope, with the driver's column named after it.

    Parameters
    ----------
    grid : DataFrame
        As :func:`analysis.designs.regressions.regression_table` makes it.
    kind : str
        Of the driver: the column's name.
    """
    known = rows_that_ran(grid).drop(columns=["low", "high"])
    if "driver" in known:
        known = known.assign(driver=[DRIVERS[name].words for name in known["driver"]])
    return known.rename(columns={"driver": kind, "n": "months"})


def by_era(dataset: Dataset, specification: Specification[ExposureArguments]) -> pd.DataFrame:
    """Slope on each driver that is a change, by era, with and without the market.

    Returns
    -------
    DataFrame
        ``driver, step`` (the move, in words)``, era, controlling for the market`` (yes or no),
        ``slope, low, high`` (decimal return in a month of such a rise), ``p``, ``months``. Rows
        without enough months are left out.
    """
    rows, lags = [], specification.arguments.hac_lags
    for choices, step, sample, market in _samples(dataset, specification):
        fit = fit_slope(sample, lags=lags, market=market)
        if fit:
            effects = (step * fit.slope, step * fit.low, step * fit.high)
            rows.append((*choices, *effects, fit.p_value, fit.n))
    return pd.DataFrame(rows, columns=[*_CHOICES, "slope", "low", "high", "p", "months"])


def rises_and_falls(
    dataset: Dataset, specification: Specification[ExposureArguments]
) -> pd.DataFrame:
    """Slope on rises and slope on falls of each driver, by era, with and without the market.

    Returns
    -------
    DataFrame
        As :func:`by_era`, with ``rises`` (return when the driver rises by the step), ``falls``
        (return when it falls by it: minus the slope), both decimal, with ``rises_low`` and so on,
        and ``p equal`` (of one slope for both) in place of slope and p.
    """
    rows, lags = [], specification.arguments.hac_lags
    for choices, step, sample, market in _samples(dataset, specification):
        fit = fit_rises_and_falls(sample, lags=lags, market=market)
        if fit:
            up, down = fit.rises, fit.falls
            rises = (step * up.slope, step * up.low, step * up.high)
            falls = (-step * down.slope, -step * down.high, -step * down.low)
            rows.append((*choices, *rises, *falls, fit.p_equal, up.n))
    return pd.DataFrame(rows, columns=[*_CHOICES, *_EFFECTS, "p equal", "months"])


def by_share(dataset: Dataset, specification: Specification[ExposureArguments]) -> pd.DataFrame:
    """Mean small minus large in the months of each share of portfolios ahead of the market.

    Returns
    -------
    DataFrame
        ``counted, share, mean, months``; `share` 0 to 1, `mean` a decimal return a month. Empty
        for drivers that are no share.
    """
    arguments, parts = specification.arguments, []
    for name in filter(None, (arguments.driver, arguments.contrast)):
        if not DRIVERS[name].counted or missing_of(dataset, arguments.leg, name) is not None:
            continue
        sample = sample_for(dataset, arguments, name)
        grouped = sample.groupby(sample["driver"].round(4))["spread"].agg(["mean", "size"])
        named = grouped.rename_axis("share").rename(columns={"size": "months"}).reset_index()
        parts.append(named.assign(counted=DRIVERS[name].counted))
    columns = ["counted", "share", "mean", "months"]
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True)[columns] if known else pd.DataFrame(columns=columns)


def _samples(
    dataset: Dataset, specification: Specification[ExposureArguments]
) -> Iterator[tuple[tuple[str, str, str, str], float, pd.DataFrame, bool]]:
    """Driver, step, era and market in words, the step, the sample, whether the market is in."""
    arguments, grid = specification.arguments, specification.grid
    controls = (False,) if arguments.market is None else (False, True)
    eras = [era for era in map(str, grid.get("era", ())) if era != arguments.era]
    for name in map(str, grid.get("driver", (arguments.driver,))):
        driver = DRIVERS[resolved(dataset, name)]
        lacking = missing_of(dataset, arguments.leg, name, alignment=arguments.alignment)
        if lacking is not None or not driver.is_change:
            continue
        whole = sample_for(dataset, arguments, name)
        for era, market in itertools.product([arguments.era, *eras], controls):
            words = "all months" if era == arguments.era else _since(era)
            choices = (driver.words, driver.step_words, words, "yes" if market else "no")
            yield choices, driver.step, in_era(whole, era), market


def _since(era: str) -> str:
    return era.replace("from_", "since ").replace("to_", "to ")
