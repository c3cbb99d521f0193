"""Forecasts with coefficients a person could have had, against the expanding mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.inference.null_r_squared import aligned_pair
from analysis.inference.overlap import (
    Vector,
    check_horizon,
    effective_windows,
    horizon_sums,
    long_run_variance,
    unfit,
)
from analysis.results import Estimate, InputError

MINIMUM_PAIRS = 10


@dataclass(frozen=True, kw_only=True)
class OutOfSample(Estimate):
    """Forecasts made month by month; `estimate` is R² against the expanding mean.

    Attributes
    ----------
    horizon : int
        Months forecast.
    clark_west : float
        Clark–West statistic, standard normal; `p_value` is its upper tail.
    r_squared_restricted, clark_west_restricted : float
        With the Campbell–Thompson restriction: a slope of the wrong sign counts as zero.
    restricted_share : float
        Share of forecasts the restriction changed.
    origins : array of int, shape (n,)
        Position of the month each forecast was made in, in the sample without missing ends.
    targets, forecasts, restricted, benchmark : array, shape (n,)
        Realised horizon returns; the forecasts, with and without restriction; the expanding mean.
    """

    horizon: int
    clark_west: float
    r_squared_restricted: float
    clark_west_restricted: float
    restricted_share: float
    origins: NDArray[np.int64] = field(repr=False, compare=False)
    targets: Vector = field(repr=False, compare=False)
    forecasts: Vector = field(repr=False, compare=False)
    restricted: Vector = field(repr=False, compare=False)
    benchmark: Vector = field(repr=False, compare=False)

    @property
    def r_squared(self) -> float:
        """R² against the expanding mean, without restriction."""
        return self.estimate


def out_of_sample(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    first_forecast: Any,
    *,
    expected_sign: int,
) -> OutOfSample:
    """Forecasts with coefficients a person could have had, against the expanding mean.

    The forecast made at the end of month t uses the pairs (x(s), return over s+1 .. s+h) with
    s + h <= t only; the benchmark is the mean of the same returns.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.
    first_forecast : int or label
        Month of the first forecast: a label of the index of `returns`, or for arrays a position.
    expected_sign : {1, -1}
        Sign the theory gives the slope, for the Campbell–Thompson restriction.

    Raises
    ------
    InputError
        Different months, values missing inside, a sign other than 1 and -1, or a first forecast
        outside the sample.

    References
    ----------
    Campbell and Thompson (2008), "Predicting Excess Stock Returns Out of Sample", Review of
    Financial Studies 21; Clark and West (2007), "Approximately Normal Tests for Equal Predictive
    Accuracy in Nested Models", Journal of Econometrics 138, with Bartlett weights over `horizon`
    lags for the overlap.
    """
    horizon = check_horizon(horizon)
    if expected_sign not in (1, -1):
        raise InputError(f"expected_sign: expected 1 or -1, got {expected_sign!r}")
    r, x = aligned_pair(returns, predictor)
    first = _position(returns, predictor, first_forecast, len(r))
    refusal = unfit(r, horizon, x[:, None])
    if refusal is not None:
        return OutOfSample.refused(refusal)
    if first - horizon + 1 < MINIMUM_PAIRS or first + horizon >= len(r):
        return OutOfSample.refused(
            f"the first forecast has {max(first - horizon + 1, 0)} complete {horizon}-month returns"
            f" before it and {max(len(r) - first - horizon, 0)} after it; at least {MINIMUM_PAIRS}"
            " and 1 are needed"
        )
    y = horizon_sums(r, horizon)
    origins = np.arange(first, len(y))
    mean, slope, gap = _expanding(y, x, origins - horizon + 1, origins)
    kept = np.where(np.sign(slope) == expected_sign, slope, 0.0)
    return _scored(y[origins], mean, mean + slope * gap, mean + kept * gap, origins, horizon)


def _expanding(
    y: Vector, x: Vector, pairs: NDArray[np.int64], origins: NDArray[np.int64]
) -> tuple[Vector, Vector, Vector]:
    """Mean of the first `pairs` y, their slope on x, and x at the origin less its mean.

    Sums are taken about the first pair, which every forecast knows, to keep digits.
    """
    a, b = x - x[0], y - y[0]
    seen = a[: len(y)]
    sum_x, sum_y, sum_xx, sum_xy = (
        np.cumsum(v)[pairs - 1] for v in (seen, b, seen * seen, seen * b)
    )
    spread = sum_xx - sum_x**2 / pairs
    flat = spread <= 1e-12 * np.maximum(sum_xx, np.finfo(float).tiny)
    slope = np.where(flat, 0.0, (sum_xy - sum_x * sum_y / pairs) / np.where(flat, 1.0, spread))
    return y[0] + sum_y / pairs, slope, a[origins] - sum_x / pairs


def _scored(
    targets: Vector,
    benchmark: Vector,
    forecasts: Vector,
    restricted: Vector,
    origins: NDArray[np.int64],
    horizon: int,
) -> OutOfSample:
    from scipy.special import ndtr

    base = float(np.sum((targets - benchmark) ** 2))
    free, bound = (1 - float(np.sum((targets - f) ** 2)) / base for f in (forecasts, restricted))
    clark_west = _clark_west(targets, benchmark, forecasts, horizon)
    return OutOfSample(
        name=f"out-of-sample R², horizon {horizon}",
        estimate=free,
        unit="",
        null="the expanding mean forecasts as well (Clark–West, one-sided)",
        n=len(targets),
        effective_n=effective_windows(len(targets) + horizon - 1, horizon),
        p_value=float(ndtr(-clark_west)),
        horizon=horizon,
        clark_west=clark_west,
        r_squared_restricted=bound,
        clark_west_restricted=_clark_west(targets, benchmark, restricted, horizon),
        restricted_share=float(np.mean(restricted != forecasts)),
        origins=origins,
        targets=targets,
        forecasts=forecasts,
        restricted=restricted,
        benchmark=benchmark,
    )


def _clark_west(y: Vector, benchmark: Vector, forecasts: Vector, horizon: int) -> float:
    """Adjusted loss difference over its standard error; 0 where the forecasts never differ."""
    gain = (y - benchmark) ** 2 - (y - forecasts) ** 2 + (benchmark - forecasts) ** 2
    variance = long_run_variance(gain, horizon if horizon > 1 else 0)
    return float(gain.mean() / math.sqrt(variance / len(gain))) if variance > 0 else 0.0


def _position(returns: Any, predictor: Any, first_forecast: Any, n: int) -> int:
    """Position of the first forecast in the sample without its missing ends."""
    series = returns if isinstance(returns, pd.Series) else predictor
    if isinstance(series, pd.Series):
        complete = np.isfinite(
            np.column_stack([np.asarray(v, float) for v in (returns, predictor)])
        )
        index = series.index[np.flatnonzero(complete.all(axis=1))]
        try:
            found = index.get_loc(first_forecast)
        except (KeyError, ValueError, TypeError):
            found = None
        if isinstance(found, int | np.integer):
            return int(found)
        raise InputError(
            f"first_forecast: {first_forecast!r} is not one month of the sample"
            f" {index[0]} to {index[-1]}; choose one of them"
        )
    if not isinstance(first_forecast, int | np.integer) or not 0 <= first_forecast < n:
        raise InputError(f"first_forecast: expected a position from 0 to {n - 1}")
    return int(first_forecast)
