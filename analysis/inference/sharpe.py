"""The difference of two Sharpe ratios by a studentised block bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.bootstrap import paired_vectors
from analysis.inference.vectors import as_count, as_share, blocks_too_long
from analysis.results import Estimate, InputError

FEWEST = 60
CELLS_AT_ONCE = 2_000_000
MONTHS_A_YEAR = 12


@dataclass(frozen=True, kw_only=True)
class SharpeDifference(Estimate):
    """First Sharpe ratio less the second, per period (not annualised).

    Attributes
    ----------
    first, second : float
        The two Sharpe ratios.
    standard_error : float
        HAC standard error of the difference.
    block_length : int
        Of the bootstrap.
    """

    p_value: float
    first: float
    second: float
    standard_error: float
    block_length: int


def sharpe_difference(
    first: pd.Series | np.ndarray,
    second: pd.Series | np.ndarray,
    *,
    block_length: int | None = None,
    draws: int = 4999,
    level: float = 0.95,
    seed: int = 0,
) -> SharpeDifference:
    """Test equal Sharpe ratios of two series of excess returns.

    Parameters
    ----------
    first, second : array_like, shape (T,)
        Aligned decimal returns in excess of cash.
    block_length : int, optional
        Of the circular blocks; arch's automatic choice for the influence series of the difference
        unless given.
    draws, level, seed
        Bootstrap draws, coverage, and seed of the draws.

    Raises
    ------
    InputError
        NaN, different lengths or indices, a constant series.

    Notes
    -----
    With v = (μ₁, μ₂, γ₁, γ₂), γ the uncentred second moments, Δ̂ = f(v̂) has standard error
    √(∇f′ Ψ̂ ∇f / T); Ψ̂ is a Parzen HAC estimate with automatic bandwidth. In the bootstrap world
    Ψ̂* is formed from the sums of its blocks. ``p = (1 + #{|Δ̂* − Δ̂|/s* ≥ |Δ̂|/s}) / (1 + B)``;
    the interval is Δ̂ ± the quantile of ``|Δ̂* − Δ̂|/s*`` times s.

    References
    ----------
    Ledoit, O. and M. Wolf (2008), "Robust performance hypothesis testing with the Sharpe ratio",
    Journal of Empirical Finance 15, sections 3.1 and 3.2, equations 4 to 9.
    """
    one, two = paired_vectors(first, second)
    as_count(draws, "draws", 2)
    as_share(level, "level")
    if len(one) < FEWEST:
        return SharpeDifference.refused(
            f"{len(one)} observations; {FEWEST} are needed to compare Sharpe ratios"
        )
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        raise InputError("first and second: a constant series has no Sharpe ratio")
    if _proportional(one, two):
        return SharpeDifference.refused(
            "each series is a multiple of the other: their Sharpe ratios are equal by construction"
        )
    if block_length is not None:
        as_count(block_length, "block_length", 1)
        if (reason := blocks_too_long(block_length, len(one))) is not None:
            return SharpeDifference.refused(reason)
    moments = np.column_stack([one, two, one**2, two**2])
    means = moments.mean(axis=0)
    ratios = _ratios(means)
    delta = float(ratios[0] - ratios[1])
    influence = (moments - means) @ _gradient(means)
    error = _standard_error(influence)
    length = _block_length(influence, block_length)
    studentised = _bootstrap(moments, delta, length, draws, np.random.default_rng(seed))
    reach = float(np.quantile(studentised, level)) * error
    reached = (studentised >= abs(delta) / error * (1 - 1e-12)).sum()
    return SharpeDifference(
        name="Sharpe difference, studentised block bootstrap",
        estimate=delta,
        unit="Sharpe ratio per period",
        null="equal Sharpe ratios",
        n=len(one),
        effective_n=len(one) / length,
        ci_low=delta - reach,
        ci_high=delta + reach,
        level=level,
        p_value=float((1 + reached) / (1 + draws)),
        first=float(ratios[0]),
        second=float(ratios[1]),
        standard_error=error,
        block_length=length,
    )


def _proportional(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether one series is a positive multiple of the other, to rounding."""
    multiple = float(one @ two) / float(one @ one)
    left = two - multiple * one
    return multiple > 0 and float(left @ left) <= 1e-20 * float(two @ two)


def annual_sharpe(excess: np.ndarray) -> float:
    """Sharpe ratio a year of monthly decimal returns in excess of cash, √12 · mean / deviation.

    The divisor of the variance is T, as in :func:`sharpe_difference`.

    Parameters
    ----------
    excess : array, shape (..., T)
        Decimal returns a month in excess of cash.
    """
    return float(np.sqrt(MONTHS_A_YEAR) * excess.mean() / excess.std())


def sharpe_influence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """What each month adds to the difference of two Sharpe ratios, to first order; mean zero.

    Parameters
    ----------
    first, second : ndarray, shape (T,)
        Aligned decimal returns in excess of cash.
    """
    moments = np.column_stack([first, second, first**2, second**2])
    means = moments.mean(axis=0)
    return (moments - means) @ _gradient(means)


def _ratios(means: np.ndarray) -> np.ndarray:
    """Sharpe ratios from (..., 4) moments; shape (..., 2)."""
    return means[..., :2] / np.sqrt(means[..., 2:] - means[..., :2] ** 2)


def _gradient(means: np.ndarray) -> np.ndarray:
    """∇f = (γ₁/σ₁³, −γ₂/σ₂³, −μ₁/(2σ₁³), μ₂/(2σ₂³)) for (..., 4) moments (equation 5)."""
    mu, second = means[..., :2], means[..., 2:]
    cubed = (second - mu**2) ** 1.5
    sign = np.array([1.0, -1.0])
    return np.concatenate([sign * second / cubed, -sign * mu / (2 * cubed)], axis=-1)


def _standard_error(influence: np.ndarray) -> float:
    """HAC standard error, with the degrees-of-freedom factor T/(T − 4)."""
    from arch.covariance.kernel import Parzen

    n = len(influence)
    variance = float(np.squeeze(Parzen(influence[:, None], force_int=True).cov.long_run))
    return float(np.sqrt(variance / (n - 4)))


def _block_length(influence: np.ndarray, given: int | None) -> int:
    if given is not None:
        return given
    from arch.bootstrap import optimal_block_length

    best = float(optimal_block_length(influence)["circular"].iloc[0])
    return int(np.clip(np.ceil(best), 1, len(influence) // 4))


def _bootstrap(
    moments: np.ndarray, delta: float, length: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """|Δ̂* − Δ̂| / s* of every draw, from the sums of circular blocks; shape (draws,)."""
    n = len(moments)
    blocks = n // length
    wrapped = np.vstack([np.zeros((1, 4)), np.cumsum(np.vstack([moments, moments[:length]]), 0)])
    sums = wrapped[length : length + n] - wrapped[:n]
    result = np.empty(draws)
    rows = max(1, CELLS_AT_ONCE // (4 * blocks))
    for start in range(0, draws, rows):
        stop = min(start + rows, draws)
        drawn = sums[rng.integers(n, size=(stop - start, blocks))]
        means = drawn.mean(axis=1) / length
        zeta = (drawn - length * means[:, None, :]) / np.sqrt(length)
        scores = np.einsum("dbm,dm->db", zeta, _gradient(means))
        error = np.sqrt((scores**2).mean(axis=1) / n)
        ratios = _ratios(means)
        result[start:stop] = np.abs(ratios[:, 0] - ratios[:, 1] - delta) / error
    return result
