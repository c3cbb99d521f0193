"""The regressions of one exposure: its samples, its headline and what that is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.regressions import join_sample, missing_of
from analysis.inference.slopes import FEWEST_MONTHS, Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, driver_series
from analysis.results import Result

if TYPE_CHECKING:
    from analysis.designs.exposure import ExposureArguments

#: A survey by quarter needs ten years.
FEWEST_QUARTERS = 40


@dataclass(frozen=True)
class Compared(Result):
    """The headline slope and those it is compared with, None where not asked for.

    Attributes
    ----------
    headline : Slope
    other : Slope or None
        Controlling for the market where the headline does not, and the other way round.
    recent : Slope or None
        From a later month on.
    contrast : Slope or None
        On the driver with which the claim holds by construction.
    later : Slope or None
        Of returns some months after the driver.
    aligned : Slope or None
        Where the driver's series is dated a month late: on its move of the month itself.
    """

    headline: Slope
    other: Slope | None = None
    recent: Slope | None = None
    contrast: Slope | None = None
    later: Slope | None = None
    aligned: Slope | None = None

    def asked(self) -> tuple[Slope | None, ...]:
        """What the arguments ask for; a refusal of one of them is a refusal of the finding."""
        return (self.headline, self.other, self.recent, self.contrast, self.later)


def sample_for(
    dataset: Dataset, arguments: ExposureArguments, driver: str | None = None, earlier: int = 0
) -> pd.DataFrame:
    """Small minus large, the driver and, where the claim asks, the market; in the claim's era.

    Parameters
    ----------
    dataset : Dataset
    arguments : ExposureArguments
    driver : str, optional
        Instead of the claim's own.
    earlier : int
        Months by which the driver's series is moved to earlier dates.
    """
    name = arguments.driver if driver is None else driver
    return join_sample(
        dataset,
        arguments.leg,
        driver_series(dataset, name).shift(-earlier),
        arguments.era,
        market=arguments.market is not None,
        quarterly=DRIVERS[name].measured == "quarterly survey",
    )


def fit_sample(sample: pd.DataFrame, lags: int, market: bool) -> Slope:
    """Slope of a sample by month or by quarter."""
    fewest = FEWEST_MONTHS if sample.index.freqstr == "M" else FEWEST_QUARTERS
    return fit_slope(sample, lags=lags, market=market, fewest=fewest)


def compare(dataset: Dataset, arguments: ExposureArguments) -> Compared:
    """The headline and every slope that the arguments ask to compare it with."""
    recent, after, contrast = arguments.recent, arguments.after, arguments.contrast
    lags, both, market = arguments.hac_lags, arguments.market is not None, bool(arguments.market)
    lacking = missing_of(dataset, arguments.leg, arguments.driver, contrast)
    if lacking is not None:
        return Compared.refused(lacking)
    sample = sample_for(dataset, arguments)

    def fitted(chosen: pd.DataFrame, controlled: bool = market) -> Slope:
        return fit_sample(chosen, lags, controlled)

    return Compared(
        headline=fitted(sample),
        other=fitted(sample, not market) if both else None,
        recent=fitted(sample.loc[recent:]) if recent else None,
        contrast=fitted(sample_for(dataset, arguments, contrast)) if contrast else None,
        later=fitted(_moved(sample, after)) if after else None,
        aligned=(
            fitted(sample_for(dataset, arguments, earlier=1))
            if DRIVERS[arguments.driver].dated_late
            else None
        ),
    )


def _moved(sample: pd.DataFrame, months: int) -> pd.DataFrame:
    """Returns of some months later set against the driver."""
    return sample.assign(spread=sample["spread"].shift(-months)).dropna()
