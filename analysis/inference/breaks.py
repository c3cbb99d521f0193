"""A break at an unknown date: the sup-Wald test and its limiting distribution."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, gamma, log

import numpy as np
import pandas as pd

from analysis.inference.long_run import automatic_lags, long_run_variance
from analysis.inference.vectors import as_count, as_vector
from analysis.results import Estimate, InputError

CELLS_AT_ONCE = 2_000_000
FEWEST_IN_A_REGIME = 5
# The tail formula is good to a few thousandths below this p; simulation takes over above it.
TAIL = 0.2


@dataclass(frozen=True, kw_only=True)
class SupWald(Estimate):
    """The largest Wald statistic over all break dates; `estimate` is the statistic.

    Attributes
    ----------
    position : int
        First observation after the likeliest break.
    label : str
        Its index label, or the position where there is no index.
    before, after : tuple of float, length k
        Coefficients on either side.
    critical_5, critical_1 : float
        Asymptotic critical values at 5% and 1%.
    statistics : ndarray, shape (candidates,)
        Wald statistic of every candidate date.
    positions : ndarray of int, shape (candidates,)
        The candidate dates.
    """

    p_value: float
    position: int
    label: str
    before: tuple[float, ...]
    after: tuple[float, ...]
    critical_5: float
    critical_1: float
    statistics: np.ndarray = field(repr=False, compare=False)
    positions: np.ndarray = field(repr=False, compare=False)


def sup_wald(
    y: pd.Series | np.ndarray,
    x: pd.DataFrame | np.ndarray | None = None,
    trim: float = 0.15,
    lags: int | None = 0,
) -> SupWald:
    """Test constant coefficients against one break at an unknown date.

    Parameters
    ----------
    y : array_like, shape (T,)
        Outcome.
    x : array_like, shape (T,) or (T, k), optional
        Regressors, all of whose coefficients may break; a constant unless given (add one yourself
        where it is wanted beside others).
    trim : float
        Share of the sample left out at either end, above 0 and below one half.
    lags : int or None
        Bartlett lags of a HAC covariance; 0 for the homoskedastic Wald statistic, None for
        automatic lags.

    Raises
    ------
    InputError
        NaN, a constant `y`, collinear regressors, or a trim outside (0, .5).

    Notes
    -----
    W(τ) = (b₂ − b₁)′ [V₁ + V₂]⁻¹ (b₂ − b₁) at every τ between trim·T and (1 − trim)·T.

    References
    ----------
    Andrews, D. W. K. (1993), "Tests for parameter instability and structural change with unknown
    change point", Econometrica 61, equation 4.6; (2003), corrigendum, Econometrica 71.
    """
    target = as_vector(y, "y")
    design = np.ones((len(target), 1)) if x is None else _as_design(x, len(target))
    if not isinstance(trim, float) or not 0 < trim < 0.5:
        raise InputError(f"trim: expected a share between 0 and 0.5, got {trim!r}")
    n, k = design.shape
    if np.ptp(target) == 0:
        raise InputError("y: constant, so there is nothing that could break")
    shortest = max(int(np.ceil(trim * n)), k + FEWEST_IN_A_REGIME)
    if 2 * shortest >= n:
        return SupWald.refused(f"{n} observations are too few for a break with {trim:.0%} trimming")
    if np.ptp(target[:shortest]) == 0 or np.ptp(target[-shortest:]) == 0:
        return SupWald.refused(
            f"the first or the last {shortest} observations are all the same, so the error on one"
            " side of a split is zero"
        )
    positions = np.arange(shortest, n - shortest + 1)
    used = automatic_lags(n) if lags is None else as_count(lags, "lags", 0)
    statistics, first, second = _wald(target, design, positions, used)
    best = int(statistics.argmax())
    position = int(positions[best])
    label = str(y.index[position]) if isinstance(y, pd.Series) else str(position)
    return SupWald(
        name=f"sup-Wald, likeliest break at {label}",
        estimate=float(statistics[best]),
        unit="Wald statistic",
        null=f"no break in {'the mean' if x is None else 'the coefficients'}",
        n=n,
        effective_n=n,
        p_value=sup_wald_p_value(float(statistics[best]), k, trim),
        position=position,
        label=label,
        before=tuple(first[best].tolist()),
        after=tuple(second[best].tolist()),
        critical_5=sup_wald_critical(0.05, k, trim),
        critical_1=sup_wald_critical(0.01, k, trim),
        statistics=statistics,
        positions=positions,
    )


def sup_wald_p_value(statistic: float, k: int = 1, trim: float = 0.15) -> float:
    """Asymptotic p-value of :func:`sup_wald` with `k` coefficients that may break.

    The tail formula below where it gives less than .2, else the share of 4,000 simulated paths of
    the limiting process (seed fixed) that reach the statistic.

    References
    ----------
    DeLong, D. M. (1981), "Crossing probabilities for a square root boundary by a Bessel process",
    Communications in Statistics A10; Estrella, A. (2003), "Critical values and p values of Bessel
    process distributions", Econometric Theory 19, equation 4.
    """
    tail = _tail(statistic, k, trim) if statistic > k else 1.0
    if tail < TAIL:
        return tail
    return float((_limit_paths(k, trim) >= statistic).mean())


def sup_wald_critical(level: float, k: int = 1, trim: float = 0.15) -> float:
    """Asymptotic critical value of :func:`sup_wald` at a `level` of at most .1."""
    from scipy.optimize import brentq

    if not 0 < level <= 0.1:
        raise InputError(f"level: expected at most 0.1, got {level!r}")
    return float(brentq(lambda c: _tail(c, k, trim) - level, k + 3.0, 200.0))


def _as_design(x: object, length: int) -> np.ndarray:
    design = np.asarray(x, dtype=float)
    design = design[:, None] if design.ndim == 1 else design
    if design.shape[0] != length or not np.isfinite(design).all():
        raise InputError(f"x: expected {length} rows without missing values")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise InputError("x: the regressors are collinear; drop one")
    return design


def _wald(
    y: np.ndarray, x: np.ndarray, positions: np.ndarray, lags: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Wald statistic and both coefficient vectors at every candidate position."""
    n, k = x.shape
    squares = np.cumsum(x[:, :, None] * x[:, None, :], axis=0)
    products = np.cumsum(x * y[:, None], axis=0)
    parts = []
    rows = max(1, CELLS_AT_ONCE // (n * k))
    for start in range(0, len(positions), rows):
        split = positions[start : start + rows]
        inverse_1 = np.linalg.pinv(squares[split - 1])
        inverse_2 = np.linalg.pinv(squares[-1] - squares[split - 1])
        first = (inverse_1 @ products[split - 1, :, None])[..., 0]
        second = (inverse_2 @ (products[-1] - products[split - 1])[..., None])[..., 0]
        early = np.arange(n) < split[:, None]
        residuals = y - np.where(early, first @ x.T, second @ x.T)
        if lags == 0:
            variance = (residuals**2).sum(axis=1)[:, None, None] / (n - 2 * k)
            covariance = variance * (inverse_1 + inverse_2)
        else:
            omega = long_run_variance(residuals[:, :, None] * x, lags)
            size = split[:, None, None]
            covariance = size * inverse_1 @ omega @ inverse_1
            covariance = covariance + (n - size) * inverse_2 @ omega @ inverse_2
        gap = second - first
        solved = np.linalg.solve(covariance, gap[..., None])[..., 0]
        parts.append(((gap * solved).sum(axis=1), first, second))
    statistics, before, after = (np.concatenate(piece) for piece in zip(*parts, strict=True))
    return statistics, before, after


def _tail(c: float, k: int, trim: float) -> float:
    """P(sup > c) ≈ (c/2)^{k/2} e^{−c/2} / Γ(k/2) · [(1 − k/c) log λ + 2/c], λ = ((1−π)/π)²."""
    spread = 2 * log((1 - trim) / trim)
    return (c / 2) ** (k / 2) * exp(-c / 2) / gamma(k / 2) * ((1 - k / c) * spread + 2 / c)


@lru_cache(maxsize=8)
def _limit_paths(k: int, trim: float, paths: int = 4000, steps: int = 1000) -> np.ndarray:
    """Suprema of |B(π) − πB(1)|²/(π(1 − π)) on a grid of `steps` points."""
    rng, share = np.random.default_rng(0), np.arange(1, steps + 1) / steps
    inside = (share >= trim) & (share <= 1 - trim)
    suprema = []
    for _ in range(8):
        walk = rng.normal(size=(paths // 8, k, steps)).cumsum(axis=2) / np.sqrt(steps)
        bridge = walk - share * walk[:, :, -1:]
        ratio = (bridge**2).sum(axis=1)[:, inside] / (share * (1 - share))[inside]
        suprema.append(ratio.max(axis=1))
    return np.concatenate(suprema)
