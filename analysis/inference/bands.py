"""What to expect from here: predictive bands under three views of the slope."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.inference.null_r_squared import NullRSquared, aligned_pair, null_r_squared
from analysis.inference.overlap import (
    Vector,
    check_horizon,
    effective_windows,
    horizon_sums,
)
from analysis.results import Estimate, InputError, first_refusal

#: Views of the slope a forecast is made under.
VIEWS = ("ols", "bias-corrected", "no predictability")


@dataclass(frozen=True, kw_only=True)
class Band(Estimate):
    """Predictive distribution of the annualised return under one view of the slope.

    Attributes
    ----------
    view : str
        ``"ols"``, ``"bias-corrected"`` or ``"no predictability"``.
    horizon : int
        Months.
    slope : float
        Of the horizon return, in return over the horizon per unit of the predictor.
    current, predictor_z : float
        The predictor the forecast is made from; its distance from the mean of the fitting sample
        in standard deviations.
    outside_sample : bool
        True where `current` lies outside everything the fitting sample has seen.
    draws : array
        Annualised returns.
    """

    view: str
    horizon: int
    slope: float
    current: float
    predictor_z: float
    outside_sample: bool
    draws: Vector = field(repr=False, compare=False)

    def quantile(self, q: float | Sequence[float]) -> Any:
        """Quantiles of the annualised return."""
        return np.quantile(self.draws, q)

    def probability(self, at_least: float) -> float:
        """Probability the band gives to an annualised return of `at_least` or more."""
        return float(np.mean(self.draws >= at_least))


def predictive_bands(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    current: float,
    *,
    level: float = 0.90,
    draws: int = 5000,
    seed: int = 0,
    null: NullRSquared | None = None,
) -> dict[str, Band]:
    """Annualised return to expect from `current`, under three views of the slope.

    The views: the least-squares slope; that slope less its mean under no predictability; zero.
    Each draw adds a whole window's residual about its own line (a block as long as the horizon,
    as uncertain in scale as the few separate windows make it, as in Student's t) and the error of
    the estimated mean and slope, from samples simulated without predictability.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.
    current : float
        Predictor to forecast from.
    level : float
        Coverage of the interval.
    draws, seed : int
        Of the simulation and of the residuals.
    null : NullRSquared, optional
        What :func:`null_r_squared` gives for the same sample, horizon, draws and seed.

    Returns
    -------
    dict of str to Band
        By view, one of :data:`VIEWS`; all are refused where the sample is too short.

    Raises
    ------
    InputError
        As :func:`null_r_squared`; also a predictor or level that is not a usable number.

    References
    ----------
    Stambaugh (1999), "Predictive Regressions", Journal of Financial Economics 54, on the bias.
    """
    if not math.isfinite(current):
        raise InputError(f"current: expected a number, got {current!r}")
    if not 0 < level < 1:
        raise InputError(f"level: expected a number between 0 and 1, got {level!r}")
    horizon = check_horizon(horizon)
    if null is None:
        null = null_r_squared(returns, predictor, horizon, draws, seed)
    if (refusal := first_refusal(null)) is not None:
        return {view: Band.refused(refusal) for view in VIEWS}
    r, x = aligned_pair(returns, predictor)
    if (null.horizon, null.n) != (horizon, len(r) - horizon):
        raise InputError("null: belongs to another horizon or sample; leave it out")
    windows = effective_windows(len(r) - 1, horizon)
    if windows < 3:
        reason = f"{windows} separate {horizon}-month windows cannot fit a line with a band"
        return {view: Band.refused(reason) for view in VIEWS}
    bias = float(null.slope_draws.mean())
    slopes = dict(zip(VIEWS, (null.slope, null.slope - bias, 0.0), strict=True))
    drawn = null.slope_draws - bias
    return {
        view: _band(view, slope, drawn if slope else 0.0 * drawn, null, r, x, current, seed, level)
        for view, slope in slopes.items()
    }


def _band(
    view: str,
    slope: float,
    wobble: Vector,
    null: NullRSquared,
    r: Vector,
    x: Vector,
    current: float,
    seed: int,
    level: float,
) -> Band:
    h = null.horizon
    y, seen = horizon_sums(r, h), x[: len(x) - h]
    gap = current - seen.mean()
    residuals = y - y.mean() - slope * (seen - seen.mean())
    fitted = 1 if view == "no predictability" else 2
    rng = np.random.default_rng([seed, 1])
    pick = rng.integers(0, len(y), len(wobble))
    widen = np.sqrt(null.effective_n / rng.chisquare(null.effective_n - fitted, len(wobble)))
    errors = widen * residuals[pick] + null.mean_draws + wobble * gap
    annualised = (y.mean() + slope * gap + errors) * 12 / h
    low, high = np.quantile(annualised, [(1 - level) / 2, (1 + level) / 2])
    return Band(
        name=f"{h}-month return, {view}",
        estimate=float((y.mean() + slope * gap) * 12 / h),
        unit="decimal return per year",
        null="none: a predictive band",
        n=len(y),
        effective_n=null.effective_n,
        ci_low=float(low),
        ci_high=float(high),
        level=level,
        view=view,
        horizon=h,
        slope=slope,
        current=float(current),
        predictor_z=float(gap / seen.std(ddof=1)),
        outside_sample=bool(current < seen.min() or current > seen.max()),
        draws=annualised,
    )
