"""Returns over overlapping windows: horizon sums, their regressions, their standard errors.

Convention of every estimator here and to the right of here: `returns` and `predictor` stand on the
same months; the predictor of month t is known at the end of t and is set against the returns of
t+1 .. t+h. Horizon returns are sums, exact for log returns.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.inference.summaries import Summarised
from analysis.results import InputError, Refusal

Vector = NDArray[np.float64]

MINIMUM_WINDOWS = 2
MINIMUM_OBSERVATIONS = 10


@dataclass(frozen=True, kw_only=True)
class Slope(Summarised):
    """Slope of h-month returns on a predictor; `estimate` is the coefficient.

    Attributes
    ----------
    horizon : int
        Months summed on the left-hand side.
    standard_error, t_stat, r_squared : float
        R² is that of the least-squares line, overlap and all.
    """

    horizon: int
    standard_error: float
    t_stat: float
    r_squared: float

    @property
    def coefficient(self) -> float:
        """The slope, in returns over the horizon per unit of the predictor."""
        return self.estimate

    def _coefficients(self) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        p = math.nan if self.p_value is None else self.p_value
        return (self.estimate,), (self.standard_error,), (p,)


def values_of(values: ArrayLike | pd.Series, name: str) -> Vector:
    """`values` as a float vector, shape (n,), missing values at the ends dropped.

    Raises
    ------
    InputError
        Not numbers, not one-dimensional, values missing inside, or months that are not consecutive.
    """
    matrix = _matrix(values, name)
    if matrix.shape[1] != 1:
        raise InputError(f"{name}: expected one column, got {matrix.shape[1]}; pass a single one")
    return _trim(matrix, name)[:, 0]


def align(
    returns: ArrayLike | pd.Series, predictor: ArrayLike | pd.Series | pd.DataFrame
) -> tuple[Vector, NDArray[np.float64]]:
    """Returns, shape (n,), and predictors, shape (n, k), on the same consecutive months.

    Months missing at either end of either input are dropped from both.

    Raises
    ------
    InputError
        Different lengths or months, values missing inside, or months that are not consecutive.
    """
    left, right = _matrix(returns, "returns"), _matrix(predictor, "predictor")
    if len(left) != len(right):
        raise InputError(
            f"returns and predictor differ in length ({len(left)} and {len(right)});"
            " cut both to the same months"
        )
    indices = [x.index for x in (returns, predictor) if isinstance(x, pd.Series | pd.DataFrame)]
    if len(indices) == 2 and not indices[0].equals(indices[1]):
        raise InputError(
            "returns and predictor stand on different months; join them by month first"
        )
    if left.shape[1] != 1:
        raise InputError(f"returns: expected one column, got {left.shape[1]}; pass a single one")
    both = _trim(np.hstack([left, right]), "returns and predictor")
    return both[:, 0], both[:, 1:]


def check_horizon(horizon: int) -> int:
    """`horizon` if it is a whole number of months, at least 1; InputError otherwise."""
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 1:
        raise InputError(f"horizon: expected a whole number of months >= 1, got {horizon!r}")
    return int(horizon)


def unfit(returns: Vector, horizon: int, predictors: NDArray[np.float64]) -> Refusal | None:
    """Why these months cannot support a regression at `horizon`; None where they can.

    Compare the answer with None: a refusal is false in a condition.
    """
    n = len(returns)
    windows = effective_windows(n - 1, horizon)
    if windows < MINIMUM_WINDOWS or n - horizon < MINIMUM_OBSERVATIONS:
        return Refusal(
            f"{n} months hold {windows} separate {horizon}-month windows and"
            f" {max(n - horizon, 0)} overlapping ones; at least {MINIMUM_WINDOWS} and"
            f" {MINIMUM_OBSERVATIONS} are needed"
        )
    if constant(predictors[: n - horizon]).any():
        return Refusal("a predictor does not vary in the sample, so it has no slope")
    if constant(returns[1:]).any():
        return Refusal("the returns do not vary in the sample, so nothing can be explained")
    return None


def constant(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which columns do not vary beyond rounding: shape (k,), or one value for a vector."""
    scale = np.maximum(np.abs(values).max(axis=0), np.finfo(float).tiny)
    return np.atleast_1d(np.ptp(values, axis=0) <= 1e-12 * scale)


def effective_windows(n: int, horizon: int) -> int:
    """Windows of `horizon` months that fit side by side, without overlap, into `n` months."""
    return int(n) // check_horizon(horizon)


def horizon_sums(values: Vector, horizon: int) -> Vector:
    """Sums over t+1 .. t+h for t = 0 .. n-h-1: shape (n - h,) from shape (n,)."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    return total[horizon + 1 :] - total[1:-horizon]


def compound(
    returns: ArrayLike | pd.Series, horizon: int, *, log: bool = False
) -> Vector | pd.Series:
    """Forward return over `horizon` months: the value at t covers months t+1 .. t+h.

    Parameters
    ----------
    returns : Series or array, shape (n,)
        Decimal monthly returns without missing values; simple, or log with ``log=True``.
    horizon : int
        Months.
    log : bool
        True: log returns in, their sum out. False: simple returns in, compounded return out.

    Returns
    -------
    Series or array, shape (n - horizon,)
        A Series keeps the index of t. The last `horizon` months have no complete window and are
        left out.

    Raises
    ------
    InputError
        A horizon as long as the sample, a loss of 100% or more, or missing values.
    """
    horizon = check_horizon(horizon)
    vector = _matrix(returns, "returns")[:, 0]
    if not np.isfinite(vector).all():
        raise InputError("returns: values are missing; drop or fill them first")
    if horizon >= len(vector):
        raise InputError(f"horizon: {horizon} months do not fit into {len(vector)}; choose fewer")
    if not log and (vector <= -1).any():
        raise InputError("returns: a simple return of -100% or less cannot be compounded")
    sums = horizon_sums(vector if log else np.log1p(vector), horizon)
    out = sums if log else np.expm1(sums)
    return (
        pd.Series(out, index=returns.index[:-horizon], name=returns.name)
        if isinstance(returns, pd.Series)
        else out
    )


def long_run_variance(values: Vector, lags: int) -> float:
    """Bartlett-weighted long-run variance of `values` about their mean (Newey and West 1987)."""
    e = values - values.mean()
    covariances = [e[lag:] @ e[: len(e) - lag] for lag in range(min(lags, len(e) - 1) + 1)]
    weights = [1.0] + [2 * (1 - lag / (lags + 1)) for lag in range(1, len(covariances))]
    return float(np.dot(weights, covariances) / len(e))


def newey_west(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    lags: int | None = None,
) -> Slope:
    """Least squares with Newey–West errors, for display: they are too small at long horizons.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.
    lags : int or None
        Bartlett lags; `horizon` unless given.

    References
    ----------
    Newey and West (1987), "A Simple, Positive Semi-definite, Heteroskedasticity and
    Autocorrelation Consistent Covariance Matrix", Econometrica 55.
    """
    kernel = {"maxlags": horizon if lags is None else lags, "kernel": "bartlett"}
    return _hac(returns, predictor, horizon, "Newey–West", kernel)


def hansen_hodrick(
    returns: ArrayLike | pd.Series, predictor: ArrayLike | pd.Series, horizon: int
) -> Slope:
    """Least squares with Hansen–Hodrick errors, for display; refused where the variance is < 0.

    Parameters
    ----------
    returns : array or Series, shape (T,)
        Decimal returns a month.
    predictor : array or Series, shape (T,)
        Known at the end of each month, in its own unit.
    horizon : int
        Months summed over.

    References
    ----------
    Hansen and Hodrick (1980), "Forward Exchange Rates as Optimal Predictors of Future Spot
    Rates", Journal of Political Economy 88: equal weights on h - 1 autocovariances.
    """
    kernel = {"maxlags": check_horizon(horizon) - 1, "kernel": "uniform"}
    return _hac(returns, predictor, horizon, "Hansen–Hodrick", kernel)


def hodrick_1b(
    returns: ArrayLike | pd.Series, predictor: ArrayLike | pd.Series, horizon: int
) -> Slope:
    """Least-squares slope with Hodrick's (1992) standard error 1B, valid under no predictability.

    Under the null the error of the h-month return is a sum of h unpredictable months, so the
    covariance of x(t) with the months ahead equals that of one month with the past h values of x:
    w(t+1) = e(t+1) · Σᵢ x(t-i), i = 0 .. h-1. It cures overlap, not the bias of a persistent
    predictor; see :func:`analysis.inference.predictive.ivx` for that.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.

    References
    ----------
    Hodrick (1992), "Dividend Yields and Expected Stock Returns", Review of Financial Studies 5
    (standard errors 1B).
    """
    r, x, refusal = _pair(returns, predictor, horizon)
    if refusal is not None:
        return Slope.refused(refusal)
    slope, r_squared = _line(r, x, horizon)
    centred = x - x[: len(x) - horizon].mean()
    past = np.concatenate([[0.0], np.cumsum(centred)])
    sums = past[horizon:-1] - past[: -horizon - 1]
    w = (r - r[1:].mean())[horizon:] * sums
    error = math.sqrt(w @ w) / (centred[: len(x) - horizon] @ centred[: len(x) - horizon])
    return _slope("Hodrick 1B", slope, error, r_squared, len(r), horizon)


def _hac(returns: Any, predictor: Any, horizon: int, name: str, kernel: dict[str, Any]) -> Slope:
    r, x, refusal = _pair(returns, predictor, horizon)
    if refusal is not None:
        return Slope.refused(refusal)
    import statsmodels.api as sm

    design = sm.add_constant(x[: len(x) - horizon])
    fit = sm.OLS(horizon_sums(r, horizon), design).fit(cov_type="HAC", cov_kwds=kernel)
    variance = float(fit.cov_params()[1, 1])
    if not variance > 0:
        return Slope.refused(f"{name} at {horizon} months: the estimated variance is not positive")
    slope, error = float(fit.params[1]), math.sqrt(variance)
    return _slope(name, slope, error, float(fit.rsquared), len(r), horizon)


def _pair(returns: Any, predictor: Any, horizon: int) -> tuple[Vector, Vector, Refusal | None]:
    horizon = check_horizon(horizon)
    r, x = align(returns, predictor)
    if x.shape[1] != 1:
        raise InputError(f"predictor: expected one column, got {x.shape[1]}; pass a single one")
    return r, x[:, 0], unfit(r, horizon, x)


def _line(r: Vector, x: Vector, horizon: int) -> tuple[float, float]:
    y, z = horizon_sums(r, horizon), x[: len(x) - horizon]
    y, z = y - y.mean(), z - z.mean()
    slope = float(z @ y / (z @ z))
    return slope, float(slope * (z @ y) / (y @ y)) if y @ y > 0 else 0.0


def _slope(name: str, slope: float, error: float, r_squared: float, n: int, horizon: int) -> Slope:
    from scipy.special import ndtr

    if not error > 0:
        return Slope.refused(f"{name} at {horizon} months: the returns do not vary")
    t_stat = slope / error
    return Slope(
        name=f"{name}, horizon {horizon}",
        estimate=slope,
        unit="decimal return over the horizon per unit of the predictor",
        null="the predictor says nothing about returns",
        n=n - horizon,
        effective_n=effective_windows(n - 1, horizon),
        ci_low=slope - 1.959964 * error,
        ci_high=slope + 1.959964 * error,
        p_value=float(2 * ndtr(-abs(t_stat))),
        horizon=horizon,
        standard_error=error,
        t_stat=t_stat,
        r_squared=r_squared,
    )


def _matrix(values: ArrayLike | pd.Series | pd.DataFrame | Sequence[float], name: str) -> Any:
    try:
        matrix = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: expected numbers; convert the column first") from error
    if matrix.ndim not in (1, 2) or matrix.size == 0:
        raise InputError(f"{name}: expected a non-empty series, got shape {matrix.shape}")
    index = getattr(values, "index", None)
    if isinstance(index, pd.PeriodIndex) and (np.diff(index.asi8) != 1).any():
        raise InputError(f"{name}: the months are not consecutive; reindex to every month")
    return matrix.reshape(len(matrix), -1)


def _trim(matrix: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    complete = np.asarray(np.isfinite(matrix).all(axis=1))
    if not complete.any():
        raise InputError(f"{name}: no month has every value; check the columns")
    first, last = np.flatnonzero(complete)[[0, -1]]
    if not complete[first : last + 1].all():
        raise InputError(f"{name}: values are missing inside the sample; choose a gapless span")
    return matrix[first : last + 1]
