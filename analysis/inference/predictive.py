"""Slopes of returns on persistent predictors, with tests that hold their size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.inference.overlap import (
    Vector,
    align,
    check_horizon,
    effective_windows,
    unfit,
)
from analysis.inference.persistence import autoregression, corrected_rho, kendall_bias
from analysis.inference.summaries import Summarised
from analysis.results import Estimate, InputError

INSTRUMENT_EXPONENT = 0.95


@dataclass(frozen=True, kw_only=True)
class InstrumentedSlopes(Summarised):
    """IVX slopes; `estimate` is the first of them, `p_value` that of the joint Wald test.

    Attributes
    ----------
    horizon : int
        Months summed.
    wald : float
        Joint Wald statistic, chi-squared with one degree of freedom a predictor.
    coefficients, standard_errors, p_values : tuple of float
        One a predictor, in decimal return per month per unit of the predictor.
    rho : tuple of float
        Autoregressive coefficient of each predictor, without intercept.
    innovation_correlation : tuple of float
        Correlation of each predictor's innovations with those of returns.
    """

    horizon: int
    wald: float
    coefficients: tuple[float, ...]
    standard_errors: tuple[float, ...]
    p_values: tuple[float, ...]
    rho: tuple[float, ...]
    innovation_correlation: tuple[float, ...]

    @property
    def coefficient(self) -> float:
        """The first slope."""
        return self.estimate

    def _coefficients(self) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        return self.coefficients, self.standard_errors, self.p_values


@dataclass(frozen=True, kw_only=True)
class ReducedBiasSlope(Estimate):
    """Amihud–Hurvich slope of one-month returns; `estimate` is the bias-corrected coefficient.

    Attributes
    ----------
    t_stat, standard_error : float
        Of the corrected coefficient.
    coefficient_ols : float
        Uncorrected slope.
    rho, rho_corrected : float
        Least-squares persistence, and the corrected one, which may exceed 1: the method assumes
        a stationary predictor, and IVX is the test to trust then.
    delta : float
        Coefficient on the predictor's innovation, σuv/σv².
    innovation_correlation : float
        Correlation of the two innovations.
    """

    t_stat: float
    standard_error: float
    coefficient_ols: float
    rho: float
    rho_corrected: float
    delta: float
    innovation_correlation: float

    @property
    def coefficient(self) -> float:
        """The bias-corrected slope."""
        return self.estimate


def ivx(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series | pd.DataFrame,
    horizon: int = 1,
) -> InstrumentedSlopes:
    """Predictive slopes with the self-generated instrument, valid from stationarity to a unit root.

    The instrument z(t) = Rz z(t-1) + Δx(t), Rz = 1 - 1/n^0.95, is less persistent than the
    predictor, so the Wald statistic is chi-squared however persistent the predictor is. At longer
    horizons the h-month return is set against the h-month sum of the predictor: the slope stays
    one of monthly returns.

    Parameters
    ----------
    returns : Series or array, shape (n,)
        Decimal monthly (log) returns.
    predictor : Series, DataFrame or array, shape (n,) or (n, k)
        Known at the end of the same month; at month t it predicts t+1 onwards.
    horizon : int
        Months summed.

    Raises
    ------
    InputError
        Different months, missing values inside, or a horizon that is not a positive integer.

    References
    ----------
    Kostakis, Magdalinos and Stamatogiannis (2015), "Robust Econometric Inference for Stock Return
    Predictability", Review of Financial Studies 28: the IVX estimator and Wald statistic with
    long-run covariances by a Bartlett window of ⌊n^⅓⌋ lags, the correction of the covariance for
    the estimated intercept, and the long-horizon version.
    """
    horizon = check_horizon(horizon)
    r, x = align(returns, predictor)
    refusal = unfit(r, horizon, x)
    if refusal is not None:
        return InstrumentedSlopes.refused(refusal)
    before, after = x[:-1], x[1:]
    rho = np.einsum("ij,ij->j", before, after) / np.einsum("ij,ij->j", before, before)
    innovations = after - rho * before
    errors = _residuals(r[1:], before)
    variance = float(errors @ errors / len(errors))
    if not variance > 1e-24 * max(float(r @ r), 1.0):
        return InstrumentedSlopes.refused(
            "the predictors fit the returns exactly, so no test is possible"
        )
    solved = _instrumented(r[1:], x, horizon, variance, _fully_modified(errors, innovations))
    if solved is None:
        return InstrumentedSlopes.refused(
            "the predictors cannot be told apart: their instruments are collinear"
        )
    slopes, covariance = solved
    correlation = np.corrcoef(np.column_stack([errors, innovations]), rowvar=False)[0, 1:]
    return _instrumented_slopes(slopes, covariance, len(r), horizon, rho, correlation)


def amihud_hurvich(
    returns: ArrayLike | pd.Series, predictor: ArrayLike | pd.Series
) -> ReducedBiasSlope:
    """One-month slope, its bias by a persistent predictor corrected by an augmented regression.

    Returns are regressed on the predictor and on its innovation at the corrected persistence. The
    variance of the slope is δ² var(ρc) plus that of the augmented regression.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.

    References
    ----------
    Amihud and Hurvich (2004), "Predictive Regressions: A Reduced-Bias Estimation Method", Journal
    of Financial and Quantitative Analysis 39.
    """
    r, x = align(returns, predictor)
    if x.shape[1] != 1:
        raise InputError(f"predictor: expected one column, got {x.shape[1]}; pass a single one")
    refusal = unfit(r, 1, x)
    if refusal is not None:
        return ReducedBiasSlope.refused(refusal)
    y, before, n = r[1:], x[:-1, 0], len(r) - 1
    _, rho, noise = autoregression(x[:, 0])
    spread = float(np.sum((before - before.mean()) ** 2))
    rho_corrected = corrected_rho(rho, n)
    innovation = x[1:, 0] - rho_corrected * before
    innovation = innovation - innovation.mean()
    design = np.column_stack([np.ones(n), before, innovation])
    if np.linalg.matrix_rank(design) < 3:
        return ReducedBiasSlope.refused("the predictor has no innovations of its own")
    (_, slope, delta), covariance = _least_squares(y, design)
    rho_variance = (1 + 3 / n + 9 / n**2) ** 2 * (noise @ noise / (n - 2)) / spread
    error = math.sqrt(delta**2 * rho_variance + covariance[1, 1])
    slope_ols = float((before - before.mean()) @ y / spread)
    correlation = float(np.corrcoef(_residuals(y, before[:, None]), noise)[0, 1])
    return _reduced(slope, error, slope_ols, rho, rho_corrected, delta, correlation, n)


def stambaugh_bias(rho: float, n: int, delta: float) -> float:
    """Bias of a least-squares predictive slope: that of the persistence times δ = σuv/σv².

    Parameters
    ----------
    rho : float
        Persistence of the predictor, −1 to 1.
    n : int
        Observations.
    delta : float
        Covariance of the two errors over the variance of the predictor's.

    References
    ----------
    Stambaugh (1999), "Predictive Regressions", Journal of Financial Economics 54.
    """
    return delta * kendall_bias(rho, n)


def _fully_modified(errors: Vector, innovations: NDArray[np.float64]) -> float:
    """Long-run variance of returns' errors given the innovations: σ² - Ωεu Ωuu⁻¹ Ωεu'."""
    n = len(errors)
    lags = math.floor(n ** (1 / 3) + 1e-9)
    omega_uu = innovations.T @ innovations / n
    omega_eu = innovations.T @ errors / n
    for lag in range(1, lags + 1):
        weight = (1 - lag / (lags + 1)) / n
        auto = innovations[lag:].T @ innovations[:-lag]
        omega_uu = omega_uu + weight * (auto + auto.T)
        omega_eu = omega_eu + weight * (innovations[lag:].T @ errors[:-lag])
    return float(errors @ errors / n - omega_eu @ np.linalg.pinv(omega_uu) @ omega_eu)


def _instrumented(
    y: Vector, x: NDArray[np.float64], horizon: int, variance: float, modified: float
) -> tuple[Vector, NDArray[np.float64]] | None:
    """Slopes and their covariance from the instruments; None where these are collinear."""
    from scipy.signal import lfilter

    n = len(y)
    root = 1 - n**-INSTRUMENT_EXPONENT
    z = np.zeros((n, x.shape[1]))
    z[1:] = lfilter([1.0], [1.0, -root], np.diff(x, axis=0)[: n - 1], axis=0)
    y_sums, x_sums, z_sums = (_window_sums(v, horizon) for v in (y[:, None], x[:-1], z))
    start = z[: len(y_sums)]
    cross = (x_sums - x_sums.mean(axis=0)).T @ start
    scale = np.sqrt(np.outer((x_sums**2).sum(axis=0), (start**2).sum(axis=0)))
    if np.linalg.matrix_rank(cross / np.where(scale > 0, scale, 1.0), tol=1e-10) < len(cross):
        return None
    inverse = np.linalg.inv(cross)
    slopes = ((y_sums - y_sums.mean(axis=0)).T @ start @ inverse)[0]
    mean = z_sums.mean(axis=0)
    middle = z_sums.T @ z_sums * variance - len(z_sums) * np.outer(mean, mean) * modified
    return slopes, inverse.T @ middle @ inverse


def _instrumented_slopes(
    slopes: Vector,
    covariance: NDArray[np.float64],
    n: int,
    horizon: int,
    rho: Vector,
    correlation: Vector,
) -> InstrumentedSlopes:
    from scipy.special import chdtrc

    if (np.linalg.eigvalsh(covariance / np.abs(covariance).max()) <= 0).any():
        return InstrumentedSlopes.refused(
            f"IVX at {horizon} months: the estimated covariance is not positive"
        )
    errors = np.sqrt(np.diag(covariance))
    wald = float(slopes @ np.linalg.solve(covariance, slopes))
    return InstrumentedSlopes(
        name=f"IVX, horizon {horizon}",
        estimate=float(slopes[0]),
        unit="decimal return a month per unit of the predictor",
        null="the predictors say nothing about returns"
        if len(slopes) > 1
        else "the predictor says nothing about returns",
        n=n - horizon,
        effective_n=effective_windows(n - 1, horizon),
        ci_low=float(slopes[0] - 1.959964 * errors[0]),
        ci_high=float(slopes[0] + 1.959964 * errors[0]),
        p_value=float(chdtrc(len(slopes), wald)),
        horizon=horizon,
        wald=wald,
        coefficients=tuple(map(float, slopes)),
        standard_errors=tuple(map(float, errors)),
        p_values=tuple(map(float, chdtrc(1, (slopes / errors) ** 2))),
        rho=tuple(map(float, rho)),
        innovation_correlation=tuple(map(float, correlation)),
    )


def _reduced(
    slope: float,
    error: float,
    slope_ols: float,
    rho: float,
    rho_corrected: float,
    delta: float,
    correlation: float,
    n: int,
) -> ReducedBiasSlope:
    from scipy.special import ndtr

    # an exact fit leaves an error of rounding, not of zero
    if not error > 1e-12 * abs(slope):
        return ReducedBiasSlope.refused(
            "the predictor fits the returns exactly, so no test is possible"
        )
    return ReducedBiasSlope(
        name="Amihud–Hurvich, horizon 1",
        estimate=float(slope),
        unit="decimal return a month per unit of the predictor",
        null="the predictor says nothing about returns",
        n=n,
        effective_n=n,
        ci_low=float(slope - 1.959964 * error),
        ci_high=float(slope + 1.959964 * error),
        p_value=float(2 * ndtr(-abs(slope / error))),
        t_stat=float(slope / error),
        standard_error=error,
        coefficient_ols=slope_ols,
        rho=rho,
        rho_corrected=rho_corrected,
        delta=float(delta),
        innovation_correlation=correlation,
    )


def _window_sums(values: NDArray[np.float64], horizon: int) -> NDArray[np.float64]:
    """Sums over rows t .. t+h-1, shape (n - h + 1, k)."""
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return total[horizon:] - total[:-horizon]


def _residuals(y: Vector, x: NDArray[np.float64]) -> Vector:
    design = np.column_stack([np.ones(len(y)), x])
    return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]


def _least_squares(y: Vector, design: NDArray[np.float64]) -> tuple[Vector, NDArray[np.float64]]:
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y
    residuals = y - design @ coefficients
    return coefficients, inverse * (residuals @ residuals / (len(y) - design.shape[1]))
