"""Long-run variance of a series, and the standard error of its mean."""

from __future__ import annotations

import numpy as np


def automatic_lags(n: int) -> int:
    """Bartlett lags for `n` observations: ⌊4 (n/100)^(2/9)⌋, at most n − 1.

    References
    ----------
    Newey, W. K. and K. D. West (1994), "Automatic lag selection in covariance matrix
    estimation", Review of Economic Studies 61, Table II(C).
    """
    return int(min(n - 1, np.floor(4 * (n / 100) ** (2 / 9))))


def long_run_variance(scores: np.ndarray, lags: int) -> np.ndarray:
    """Ω = Γ₀ + Σⱼ (1 − j/(q+1)) (Γⱼ + Γⱼ′) with q = `lags`, scores taken as having mean zero.

    Parameters
    ----------
    scores : ndarray, shape (..., T, k)
        Any leading axes are separate samples.
    lags : int
        q; 0 gives the plain second-moment matrix.

    Returns
    -------
    ndarray, shape (..., k, k)
        In squared units of `scores`.

    References
    ----------
    Newey, W. K. and K. D. West (1987), "A simple, positive semi-definite, heteroskedasticity and
    autocorrelation consistent covariance matrix", Econometrica 55, equation 5.
    """
    n = scores.shape[-2]
    turned = np.swapaxes(scores, -1, -2)
    omega = turned @ scores / n
    for lag in range(1, lags + 1):
        gamma = turned[..., lag:] @ scores[..., :-lag, :] / n
        omega = omega + (1 - lag / (lags + 1)) * (gamma + np.swapaxes(gamma, -1, -2))
    return omega


def mean_standard_error(values: np.ndarray, lags: int | None = None) -> tuple[float, float]:
    """Newey–West standard error of a mean, and how many independent observations it is worth.

    Parameters
    ----------
    values : ndarray, shape (T,)
        Without NaN.
    lags : int, optional
        Bartlett lags; :func:`automatic_lags` unless given. For overlapping h-month returns give
        at least h − 1.

    Returns
    -------
    standard_error : float
        √(Ω / (T − 1)), which is s/√T for no lags.
    effective_n : float
        T γ₀/Ω, between 1 and T.
    """
    n = len(values)
    deviations = values - values.mean()
    used = automatic_lags(n) if lags is None else min(lags, n - 1)
    omega = float(long_run_variance(deviations[:, None], used)[0, 0])
    variance = float(deviations @ deviations / n)
    effective = n if omega <= 0 else float(np.clip(n * variance / omega, 1, n))
    return float(np.sqrt(omega / (n - 1))), effective
