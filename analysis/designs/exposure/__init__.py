"""Whether small minus large moves with a driver: a rate, a spread, the dollar, breadth."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags, Month
from analysis.designs.exposure.fits import compare, fit_sample, sample_for
from analysis.designs.exposure.moves import by_era, by_share, rises_and_falls, slopes_in_words
from analysis.designs.exposure.sentences import finding_of
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import ReturnName, Sign, cases_of, joint_test, regression_table
from analysis.inference.shifted_correlations import MedianCorrelation
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS
from analysis.results import Finding, first_refusal

_MOVING = tuple(name for name, driver in DRIVERS.items() if driver.measured != "flag")

DriverName = Annotated[
    Literal[_MOVING],  # type: ignore[valid-type]
    Field(description=f"what moves, one of {', '.join(_MOVING)}"),
]

MEASURES = {
    "slope": "return a month per unit of the driver",
    "slope_p": "p-value",
    "slope_low": "return a month per unit of the driver",
    "slope_high": "return a month per unit of the driver",
    "slope_with_market": "return a month per unit of the driver",
    "slope_with_market_p": "p-value",
    "slope_recent": "return a month per unit of the driver",
    "portfolio_slope": "return a month per unit of the contrast",
    "portfolio_slope_p": "p-value",
    "next_month_slope": "return a month per unit of the driver",
}


class ExposureArguments(Arguments):
    """Which return is set against which driver, and what the slope is compared with."""

    leg: ReturnName
    driver: DriverName
    era: EraName
    hac_lags: HacLags
    sign: Sign
    market: bool | None = Field(
        None,
        description="the headline controls for the market; where given, both slopes are reported",
    )
    recent: Month | None = Field(None, description="first month of a slope on recent months alone")
    contrast: DriverName | None = Field(
        None, description="a driver with which the claim holds by construction; never joined"
    )
    after: int | None = Field(
        None, ge=1, le=12, description="months after the driver's, of a slope on later returns"
    )


@dataclass(frozen=True)
class Exposure(Study):
    """The finding, and the regressions behind it.

    Attributes
    ----------
    joint : MedianCorrelation
        Every specification of the grid at once.
    dataset : Dataset
    """

    joint: MedianCorrelation
    dataset: Dataset = field(repr=False)

    @cached_property
    def slopes(self) -> pd.DataFrame:
        """Every specification that was run: the axes in words, ``slope, p, months``."""
        return slopes_in_words(self.grid, DRIVERS[self.specification.arguments.driver].kind)

    @cached_property
    def by_era(self) -> pd.DataFrame:
        """Slope on each driver of the grid by era, with and without the market."""
        return by_era(self.dataset, self.specification)

    @cached_property
    def rises_and_falls(self) -> pd.DataFrame:
        """The same, with rises and falls of the driver apart."""
        return rises_and_falls(self.dataset, self.specification)

    @cached_property
    def by_share(self) -> pd.DataFrame:
        """Mean small minus large by the share of portfolios ahead of the market."""
        return by_share(self.dataset, self.specification)


@design(arguments=ExposureArguments, measures=MEASURES, axes=("leg", "driver", "market", "era"))
def exposure(
    dataset: Dataset, specification: Specification[ExposureArguments], sampling: Sampling
) -> Exposure:
    """Test whether small minus large moves with a driver in the claimed direction."""
    arguments, lags = specification.arguments, specification.arguments.hac_lags
    cases = cases_of(dataset, specification, lambda one: sample_for(dataset, one))
    grid = regression_table(
        list(specification.grid), cases, lambda sample, market: fit_sample(sample, lags, market)
    )
    joined = [case for case in cases if case.axes.get("driver") != arguments.contrast]
    joint = joint_test(joined, arguments.sign)
    compared = compare(dataset, arguments)
    refused = first_refusal(compared.refusal, *compared.asked())
    finding = (
        Finding.refused(refused)
        if refused is not None
        else finding_of(arguments, compared, cases, grid, joint)
    )
    return Exposure(specification, finding, grid, joint, dataset)
