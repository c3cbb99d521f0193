"""The months of a state, small minus large beside them, and the difference of means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.designs.regressions import join_sample
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, cut_months, driver_series, resolved
from analysis.panel.events import FIRST_HALF, SECOND_HALF, recession_known, recession_phases
from analysis.results import Refusal

if TYPE_CHECKING:
    from analysis.designs.state_means import StateMeansArguments

#: Months of recession a comparison needs.
FEWEST_IN_RECESSION = 12

#: Months with a cut, and without one, it needs.
FEWEST_CUTS = 10

PHASES = {"first_half": FIRST_HALF, "second_half": SECOND_HALF}


def state_of(dataset: Dataset, arguments: StateMeansArguments) -> pd.Series:
    """1 in a month of the state, 0 in others, NaN where unknown."""
    if arguments.fall is not None:
        return cut_months(dataset, arguments.driver, arguments.fall)
    series = driver_series(dataset, arguments.driver, arguments.alignment)
    if arguments.phase in PHASES:
        nber, months = dataset.facts["nber_cycles"], series.index
        key = "recession phases", months[0], len(months)
        phases = dataset.once(key, lambda: recession_phases(nber, months))
        return (phases == PHASES[arguments.phase]).astype(float)
    return series


def no_cuts(
    dataset: Dataset, arguments: StateMeansArguments, registered: float | None
) -> Refusal | None:
    """Why months of a cut cannot be told by some arguments; None where they can.

    Parameters
    ----------
    dataset : Dataset
    arguments : StateMeansArguments
    registered : float or None
        The claim's own fall: of a rate that moves by decision every fall counts, so other falls
        would name the same months twice.
    """
    if arguments.fall is None:
        return None
    driver, basis_points = DRIVERS[resolved(dataset, arguments.driver)], 1e4 * arguments.fall
    if driver.timing == "mean of the month":
        return Refusal(
            f"the {driver.words} is a mean of the month, which spreads a cut over two months"
        )
    if driver.decided and arguments.fall != registered:
        return Refusal(f"every fall of the {driver.words} is a cut, whatever the step")
    if not driver.decided and arguments.fall <= driver.rounding:
        return Refusal(
            f"a fall of {basis_points:.0f} basis points lies within the rounding of the"
            f" {driver.words}, {1e4 * driver.rounding:.0f} basis points"
        )
    return None


def sample_for(dataset: Dataset, arguments: StateMeansArguments, later: int = 0) -> pd.DataFrame:
    """Small minus large beside the state, which precedes it by the lag and `later` months."""
    state = state_of(dataset, arguments).shift(arguments.lag + later)
    market = arguments.market is not None
    return join_sample(dataset, arguments.leg, state, arguments.era, market=market)


def without_spells(sample: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The sample without each unbroken spell of its state, by the spell's first and last month."""
    inside = sample["driver"] == 1
    group = (inside != inside.shift(fill_value=False)).cumsum()[inside]
    return {
        f"{spell.index[0]} to {spell.index[-1]}": sample.drop(spell.index)
        for _, spell in group.groupby(group)
    }


def announced_sample(dataset: Dataset, arguments: StateMeansArguments) -> pd.DataFrame | None:
    """Small minus large beside recessions as known, from the month after each announcement on.

    None where no announcement is on record.
    """
    nber = dataset.facts["nber_cycles"]
    announced = pd.concat([nber["peak_announced"], nber["trough_announced"]]).dropna()
    if announced.empty:
        return None
    months = dataset.monthly.index
    known = recession_known(nber, months[months >= announced.min()]).astype(float)
    return join_sample(dataset, arguments.leg, known.shift(1), arguments.era)


def fit_sample(sample: pd.DataFrame, arguments: StateMeansArguments, market: bool) -> Slope:
    """Coefficient of the state, a month."""
    inside, recession = int(sample["driver"].sum()), arguments.fall is None
    if recession and inside < FEWEST_IN_RECESSION:
        return Slope.refused(
            f"only {inside} recession months in the sample; {FEWEST_IN_RECESSION} are needed"
        )
    if not recession and min(inside, len(sample) - inside) < FEWEST_CUTS:
        return Slope.refused(
            f"{inside} of {len(sample)} months had a cut; at least {FEWEST_CUTS} with and"
            f" {FEWEST_CUTS} without are needed"
        )
    return fit_slope(sample, lags=arguments.hac_lags, market=market)
