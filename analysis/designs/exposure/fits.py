"""The regressions of one exposure: its samples, its headline and what that is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.regressions import fewest_of, lags_of, missing_of, returns_beside
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import resolved
from analysis.results import Result, first_refusal

if TYPE_CHECKING:
    from analysis.designs.exposure import ExposureArguments


@dataclass(frozen=True)
class Compared(Result):
    """The headline slope and those it is compared with, None where not asked for.

    Attributes
    ----------
    headline : Slope
    other : Slope or None
        Controlling for the market where the headline does not, and the other way round.
    contrast : Slope or None
        On the driver with which the claim holds by construction.
    later : Slope or None
        Of returns one period later, which a person who saw the driver move could still earn.
    """

    headline: Slope
    other: Slope | None = None
    contrast: Slope | None = None
    later: Slope | None = None

    def asked(self) -> tuple[Slope | None, ...]:
        """What the arguments ask for; a refusal of one of them is a refusal of the finding."""
        return (self.headline, self.other, self.contrast)


def sample_for(
    dataset: Dataset,
    arguments: ExposureArguments,
    driver: str | None = None,
    lag: int | None = None,
) -> pd.DataFrame:
    """Small minus large, the driver and, where the claim asks, the market; in the claim's era.

    Parameters
    ----------
    dataset : Dataset
    arguments : ExposureArguments
    driver : str, optional
        Instead of the claim's own.
    lag : int, optional
        Periods by which the driver precedes the return, instead of the claim's own.
    """
    return returns_beside(
        dataset,
        arguments.leg,
        arguments.driver if driver is None else driver,
        arguments.era,
        market=arguments.market is not None,
        alignment=arguments.alignment,
        lag=arguments.lag if lag is None else lag,
    )


def fit_sample(sample: pd.DataFrame, driver: str, months: int, market: bool) -> Slope:
    """Slope of a sample by month, or by the quarter of a survey.

    Parameters
    ----------
    sample : DataFrame
        As :func:`sample_for` makes it.
    driver : str
        Its own name, not one that stands for several.
    months : int
        Of Newey-West lags.
    market : bool
    """
    lags, fewest = lags_of(driver, months), fewest_of(driver)
    return fit_slope(sample, lags=lags, market=market, fewest=fewest)


def compare(dataset: Dataset, arguments: ExposureArguments) -> Compared:
    """The headline and every slope that the arguments ask to compare it with."""
    contrast, both, market = arguments.contrast, arguments.market is not None, arguments.market
    # read before any refusal: what is registered does not hang on what a data set holds
    months, lag = arguments.hac_lags, arguments.lag
    lacking = first_refusal(
        missing_of(dataset, arguments.leg, arguments.driver, alignment=arguments.alignment),
        missing_of(dataset, arguments.leg, contrast),
    )
    if lacking is not None:
        return Compared.refused(lacking)

    def sample_of(driver: str, later: int = 0) -> pd.DataFrame:
        return sample_for(dataset, arguments, driver, lag + later)

    def fitted(chosen: pd.DataFrame, driver: str, controlled: bool = bool(market)) -> Slope:
        return fit_sample(chosen, resolved(dataset, driver), months, controlled)

    sample = sample_of(arguments.driver)
    return Compared(
        headline=fitted(sample, arguments.driver),
        other=fitted(sample, arguments.driver, not market) if both else None,
        contrast=fitted(sample_of(contrast), contrast) if contrast else None,
        later=fitted(sample_of(arguments.driver, later=1), arguments.driver),
    )
