"""Whether small minus large moves with a driver: a rate, a spread, the dollar, breadth."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.exposure.fits import compare, fit_sample, sample_for
from analysis.designs.exposure.moves import by_era, by_share, rises_and_falls, slopes_in_words
from analysis.designs.exposure.sentences import finding_of
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    Alignment,
    Case,
    Lag,
    ReturnName,
    Sign,
    cases_of,
    joint_test,
    regression_table,
)
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.slopes import Slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, resolved
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
    "slope_largest": "return a month per unit of the driver",
    "slope_with_market": "return a month per unit of the driver",
    "slope_with_market_p": "p-value",
    "portfolio_slope": "return a month per unit of the contrast",
    "portfolio_slope_p": "p-value",
    "later_slope": "return a month per unit of the driver",
    "later_slope_p": "p-value",
}


class ExposureArguments(Arguments):
    """Which return is set against which driver, how the two are placed in time, and what for."""

    leg: ReturnName
    driver: DriverName
    alignment: Alignment
    lag: Lag
    era: EraName
    hac_lags: HacLags
    sign: Sign | None = Field(description="claimed sign, -1 or 1; none where either will do")
    market: bool | None = Field(
        None,
        description="the headline controls for the market; where given, both slopes are reported",
    )
    contrast: DriverName | None = Field(
        None, description="a driver with which the claim holds by construction; never joined"
    )


@dataclass(frozen=True)
class Exposure(Study):
    """The finding, and the regressions behind it.

    Attributes
    ----------
    joint : JointSlopes
        Every specification of the grid at once.
    dataset : Dataset
    """

    joint: JointSlopes
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


@design(
    arguments=ExposureArguments,
    measures=MEASURES,
    axes=("leg", "driver", "alignment", "market", "era"),
)
def exposure(
    dataset: Dataset, specification: Specification[ExposureArguments], sampling: Sampling
) -> Exposure:
    """Test whether small minus large moves with a driver in the claimed direction."""
    arguments, sign = specification.arguments, specification.arguments.sign
    cases = cases_of(dataset, specification, lambda one: sample_for(dataset, one))
    grid = regression_table(
        list(specification.grid), cases, lambda case: _fitted(dataset, arguments, case)
    )
    joint = _joined(arguments, cases, grid, sampling.seed)
    compared = compare(dataset, arguments)
    refused = first_refusal(compared.refusal, *compared.asked())
    driver = DRIVERS[resolved(dataset, arguments.driver)]
    finding = (
        Finding.refused(refused)
        if refused is not None
        else finding_of(arguments, sign, driver, compared, cases, grid, joint)
    )
    return Exposure(specification, finding, grid, joint, dataset)


def _joined(
    arguments: ExposureArguments, cases: list[Case], grid: pd.DataFrame, seed: int
) -> JointSlopes:
    """The joint test, without a driver with which the claim holds by construction."""
    kept = [
        case.axes.get("driver") is None or case.axes["driver"] != arguments.contrast
        for case in cases
    ]
    chosen = [case for case, keep in zip(cases, kept, strict=True) if keep]
    return joint_test(chosen, grid.loc[kept], seed)


def _driver(dataset: Dataset, arguments: ExposureArguments, case: Case) -> str:
    return resolved(dataset, str(case.axes.get("driver", arguments.driver)))


def _fitted(dataset: Dataset, arguments: ExposureArguments, case: Case) -> Slope:
    driver = _driver(dataset, arguments, case)
    return fit_sample(case.seen, driver, arguments.hac_lags, case.market)
