"""One gap and the returns after it: every test of the registered regression."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    LegName,
    PredictorName,
    SamplingName,
    WidePercentile,
)
from analysis.designs.registry import Arguments, Sampling, Specification
from analysis.inference.joint_histories import upper_share
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.null_r_squared import NullRSquared, slope_p_without
from analysis.inference.out_of_sample import OutOfSample, out_of_sample
from analysis.inference.predictive import InstrumentedSlopes, ivx
from analysis.panel.gaps import SAMPLINGS, GapSample
from analysis.panel.spells import episode_spans, independent_episodes, wide_spells
from analysis.results import Refusal, Result, first_refusal


class PredictiveRegressionArguments(Arguments):
    """Which returns are set against which gap, over how long, and when a gap is wide."""

    leg: LegName
    predictor: PredictorName
    basis: BasisName
    horizon: Annotated[int, Field(ge=1, le=120, description="months of return after a gap")]
    era: EraName
    sampling: SamplingName
    condition: Literal["none", "falling_rates"]
    wide_percentile: WidePercentile
    history_months: HistoryMonths
    first_forecast_months: Annotated[int, Field(ge=1, description="month of the first forecast")]


@dataclass(frozen=True)
class Regression(Result):
    """Everything estimated on one basis of the gap.

    Attributes
    ----------
    gap : Series
        By month; log points.
    null : NullRSquared
        Observed regression at the horizon beside its null.
    wald : InstrumentedSlopes
        IVX at the horizon.
    forecasts : OutOfSample
        May be refused by itself.
    spells : DataFrame
        Spells of a wide gap.
    episodes : tuple of Period
        Independent ones.
    complete : int
        Episodes whose following months have all passed: the others have no outcome yet.
    without : mapping of str to float
        One-sided p-value of the slope without the forecasts of each episode.
    """

    gap: pd.Series
    null: NullRSquared
    wald: InstrumentedSlopes
    forecasts: OutOfSample
    spells: pd.DataFrame
    episodes: tuple[pd.Period, ...]
    complete: int
    without: Mapping[str, float]

    @property
    def upper_p(self) -> float:
        """One-sided: share of histories without predictability whose slope reaches it."""
        return upper_share(self.null.slope_draws, self.null.slope)

    @property
    def standard_error(self) -> float:
        """Of the slope, from the histories without predictability."""
        return float(np.std(self.null.slope_draws))

    @property
    def spread(self) -> float:
        """Standard deviation of the gap, log points."""
        return float(self.gap.std())

    @property
    def ivx_p(self) -> float:
        """p-value of the IVX Wald test."""
        return math.nan if self.wald.p_value is None else self.wald.p_value

    @property
    def slope(self) -> float:
        """Slope less its mean bias under the null, return over the horizon a log point."""
        return self.null.slope - float(self.null.slope_draws.mean())

    def slope_bound(self, quantile: float) -> float:
        """End of the slope's interval: the slope that puts the observed one at 1 - `quantile`.

        The observed slope less the opposite quantile of the slopes without predictability, which
        are as far off, and as skewed, as it is (the basic bootstrap interval of Davison and
        Hinkley 1997, section 5.2).
        """
        return self.null.slope - float(np.quantile(self.null.slope_draws, 1 - quantile))


def examine(
    sample: GapSample,
    specification: Specification[PredictiveRegressionArguments],
    sampling: Sampling,
) -> Regression:
    """All tests of one basis, refused with the first reason why they cannot be run."""
    arguments, months = specification.arguments, len(sample.gap)
    refusal = condition_refused(arguments.condition)
    if refusal is not None:
        return Regression.refused(refusal.reason)
    if months < arguments.first_forecast_months:
        return Regression.refused(
            f"the gap has {months} months; {arguments.first_forecast_months} are needed"
        )
    period = SAMPLINGS[arguments.sampling]
    if arguments.horizon % period:
        return Regression.refused(f"{arguments.horizon} months are no whole number of years")
    returns, gap = sample.sampled(arguments.sampling)
    horizon = arguments.horizon // period
    others = [months // period for months in shown_horizons(specification) if months % period == 0]
    null = drawn_nulls(returns, gap, (horizon, *others), sampling.draws, sampling.seed)[horizon]
    wald = ivx(returns, gap, horizon)
    refusal = first_refusal(null, wald)
    if refusal is not None:
        return Regression.refused(refusal)
    first = gap.index[min(arguments.first_forecast_months // period, len(gap)) - 1]
    spells = wide_spells(sample.gap, arguments.wide_percentile, arguments.history_months)
    episodes = independent_episodes(spells, arguments.horizon)
    last = sample.spread.index[-1]
    return Regression(
        gap=sample.gap,
        null=null,
        wald=wald,
        forecasts=out_of_sample(returns, gap, horizon, first, expected_sign=1),
        spells=spells,
        episodes=tuple(episodes),
        complete=sum(month + arguments.horizon <= last for month in episodes),
        without=_without_each(returns, gap, horizon, spells, arguments.horizon, sampling),
    )


def _without_each(
    returns: pd.Series,
    gap: pd.Series,
    horizon: int,
    spells: pd.DataFrame,
    months: int,
    sampling: Sampling,
) -> dict[str, float]:
    """p-value without each separate wide gap, by its first and last month."""
    episodes = episode_spans(spells, months)
    # a year that ends in June stands for that June
    at = gap.index.asfreq("M")
    spans = [(int((at < first).sum()), int((at <= last).sum())) for first, last in episodes.items()]
    found = slope_p_without(returns, gap, horizon, spans, sampling.draws, sampling.seed)
    names = (f"{first} to {last}" for first, last in episodes.items())
    return dict(zip(names, found, strict=True))


def condition_refused(condition: str) -> Refusal | None:
    """Why a sample on a condition is not judged by itself; None without a condition."""
    if condition == "none":
        return None
    return Refusal(
        f"months of {condition} alone make no unbroken history to forecast from; the grid shows"
        " their regression"
    )


def shown_horizons(specification: Specification[PredictiveRegressionArguments]) -> tuple[int, ...]:
    """Months of every regression that is shown."""
    axes, arguments = specification.grid, specification.arguments
    return tuple(int(months) for months in axes.get("horizon", (arguments.horizon,)))
