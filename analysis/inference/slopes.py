"""Slope of a return on what moved in the same period, with Newey-West errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.inference.long_run import long_run_variance
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.results import InputError, Refusal, Result

#: A regression on fewer months is refused.
FEWEST_MONTHS = 60


@dataclass(frozen=True)
class Slope(Result):
    """One coefficient.

    Attributes
    ----------
    slope : float
        Return per unit of the driver.
    error : float
        Newey-West standard error.
    low, high : float
        95% interval.
    p_value : float
        Two-sided, of a slope of zero.
    n : int
    first, last : str
        First and last period used.
    """

    slope: float
    error: float
    low: float
    high: float
    p_value: float
    n: int
    first: str
    last: str

    @property
    def mde(self) -> float:
        """Slope found with 80% power at 5%."""
        return np.nan if self.refusal is not None else minimum_detectable(self.error)

    def more_needed(self, periods_per_year: int = 12) -> str:
        """Years that would find a slope of this size with 80% power, in words."""
        years = self.n / periods_per_year
        if self.slope == 0:
            return ""
        needed = more_events_needed(self.slope, self.error * np.sqrt(years), int(years))
        if needed.more == 0:
            return "none: a slope of the size found is detected with the years there are"
        return f"{needed.more} more years to detect a slope of the size found"


@dataclass(frozen=True)
class TwoSlopes(Result):
    """Separate slopes for rises and for falls.

    Attributes
    ----------
    rises, falls : Slope
        Return per unit of change, where the driver rose and where it fell.
    p_equal : float
        Two-sided p-value of equal slopes.
    """

    rises: Slope
    falls: Slope
    p_equal: float


def fit_slope(
    frame: pd.DataFrame,
    *,
    lags: int,
    market: bool = False,
    fewest: int = FEWEST_MONTHS,
    small_sample: bool = True,
) -> Slope:
    """OLS of ``spread`` on a constant, ``driver`` and, if wanted, ``market``.

    Parameters
    ----------
    frame : DataFrame, shape (T, 2 or 3)
        ``spread, driver`` and, where controlled for, ``market``; without NaN.
    lags : int
        Bartlett lags of the errors.
    market : bool
        Control for the market.
    fewest : int
        Fewer rows are refused.
    small_sample : bool
        Intervals and p-values from Student's t with T less the number of coefficients k, and a
        covariance times T/(T−k); from the normal distribution, without that factor, otherwise.

    Raises
    ------
    InputError
        If `frame` has missing values.

    References
    ----------
    Newey, W. K. and West, K. D. (1987), Econometrica 55.
    """
    refused = _too_little(frame, fewest)
    if refused is not None:
        return Slope.refused(refused.reason)
    columns = ["driver", "market"] if market else ["driver"]
    return _slope(_fit(frame, frame[columns].to_numpy(), lags, small_sample), 1, frame)


def fit_rises_and_falls(
    frame: pd.DataFrame, *, lags: int, market: bool = False, fewest: int = FEWEST_MONTHS
) -> TwoSlopes:
    """As :func:`fit_slope` with max(driver, 0) and min(driver, 0) as two regressors."""
    refused = _too_little(frame, fewest)
    if refused is not None:
        return TwoSlopes.refused(refused.reason)
    change = frame["driver"].to_numpy()
    parts = [change.clip(min=0), change.clip(max=0)]
    if min(np.count_nonzero(part) for part in parts) < 2:
        return TwoSlopes.refused(
            "the driver moved one way only, so rises and falls cannot be compared"
        )
    if market:
        parts.append(frame["market"].to_numpy())
    fit = _fit(frame, np.column_stack(parts), lags, small_sample=True)
    ours = fit.covariance[1:3, 1:3]
    error = np.sqrt(ours[0, 0] + ours[1, 1] - 2.0 * ours[0, 1])
    equal = _two_sided((fit.params[1] - fit.params[2]) / error, fit.freedom)
    return TwoSlopes(_slope(fit, 1, frame), _slope(fit, 2, frame), equal)


def _too_little(frame: pd.DataFrame, fewest: int) -> Refusal | None:
    if frame.isna().to_numpy().any():
        raise InputError("frame: missing values; drop those rows first")
    if len(frame) < fewest:
        return Refusal(f"only {len(frame)} observations; {fewest} are needed")
    if np.ptp(frame["driver"].to_numpy()) == 0:
        return Refusal("the driver never moves in this sample")
    return None


@dataclass(frozen=True)
class _Fit:
    """Coefficients, their covariance and the degrees of freedom, None for the normal."""

    params: np.ndarray
    covariance: np.ndarray
    freedom: int | None


def _fit(frame: pd.DataFrame, regressors: np.ndarray, lags: int, small_sample: bool) -> _Fit:
    """OLS with V = c · (X′X)⁻¹ T·Ω (X′X)⁻¹, Ω the long-run variance of the scores x·e.

    c = T/(T−k) for a small sample, 1 otherwise.
    """
    design = np.column_stack([np.ones(len(frame)), regressors])
    spread = frame["spread"].to_numpy()
    bread = np.linalg.inv(design.T @ design)
    params = bread @ (design.T @ spread)
    n, k = design.shape
    meat = n * long_run_variance(design * (spread - design @ params)[:, None], lags)
    covariance = bread @ meat @ bread
    if not small_sample:
        return _Fit(params, covariance, None)
    return _Fit(params, n / (n - k) * covariance, n - k)


def _slope(fit: _Fit, at: int, frame: pd.DataFrame) -> Slope:
    slope, error = float(fit.params[at]), float(np.sqrt(fit.covariance[at, at]))
    quantile = ndtri(0.975) if fit.freedom is None else stdtrit(fit.freedom, 0.975)
    half_width = float(quantile) * error
    return Slope(
        slope=slope,
        error=error,
        low=slope - half_width,
        high=slope + half_width,
        p_value=_two_sided(slope / error, fit.freedom),
        n=len(frame),
        first=str(frame.index[0]),
        last=str(frame.index[-1]),
    )


def _two_sided(ratio: float, freedom: int | None) -> float:
    tail = ndtr(-abs(ratio)) if freedom is None else stdtr(freedom, -abs(ratio))
    return float(2.0 * tail)
