"""The months of a state, small minus large beside them, and the difference of means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.regressions import join_sample
from analysis.inference.resampling import event_randomization
from analysis.inference.shifted_correlations import Pair, residual
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import driver_series, fall_months
from analysis.panel.events import FIRST_HALF, SECOND_HALF, recession_phases
from analysis.results import Refusal, first_refusal

if TYPE_CHECKING:
    from analysis.designs.state_means import StateMeansArguments

#: Months of recession a comparison needs.
FEWEST_IN_RECESSION = 12

#: Months with a cut, and without one, it needs.
FEWEST_CUTS = 10

PHASES = {"first_half": FIRST_HALF, "second_half": SECOND_HALF}


def state_of(dataset: Dataset, arguments: StateMeansArguments) -> pd.Series:
    """1 in a month of the state, 0 in others, NaN where unknown."""
    series = driver_series(dataset, arguments.driver)
    if arguments.fall is not None:
        return fall_months(series, arguments.fall)
    if arguments.phase in PHASES:
        phases = recession_phases(dataset.facts["nber_cycles"], series.index)
        return (phases == PHASES[arguments.phase]).astype(float)
    return series


def sample_for(dataset: Dataset, arguments: StateMeansArguments, earlier: int = 0) -> pd.DataFrame:
    """Small minus large beside the state, which is moved `earlier` months back in time."""
    state = state_of(dataset, arguments).shift(-earlier)
    market = arguments.market is not None
    return join_sample(dataset, arguments.leg, state, arguments.era, market=market)


def _too_few(sample: pd.DataFrame, recession: bool) -> Refusal | None:
    inside = int(sample["driver"].sum())
    if recession and inside < FEWEST_IN_RECESSION:
        return Refusal(
            f"only {inside} recession months in the sample; {FEWEST_IN_RECESSION} are needed"
        )
    if not recession and min(inside, len(sample) - inside) < FEWEST_CUTS:
        return Refusal(
            f"{inside} of {len(sample)} months had a cut; at least {FEWEST_CUTS} with and"
            f" {FEWEST_CUTS} without are needed"
        )
    return None


def fit_sample(
    sample: pd.DataFrame, arguments: StateMeansArguments, market: bool, seed: int
) -> Slope:
    """Coefficient of the state, a month, with the p-value of the registered test."""
    lags, by_shift = arguments.hac_lags, arguments.test == "shift"
    refused = _too_few(sample, arguments.driver == "recession")
    if refused is not None:
        return Slope.refused(refused.reason)
    slope = fit_slope(sample, lags=lags, market=market, small_sample=not by_shift)
    if not by_shift or not slope:
        return slope
    control = sample["market"].to_numpy() if market else None
    everywhere = np.ones(len(sample), dtype=bool)
    state, spread = sample["driver"].to_numpy(), sample["spread"].to_numpy()
    left = residual(Pair(spread, state, everywhere, control)) if market else spread
    shift = event_randomization(left, np.flatnonzero(state), draws=len(sample), seed=seed)
    refused = first_refusal(shift)
    if refused is not None:
        return Slope.refused(refused.reason)
    return replace(slope, p_value=shift.p_value)
