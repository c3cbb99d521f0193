"""The paired stationary bootstrap of two series that share their months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.inference.vectors import as_count, as_share, as_vector, blocks_too_long
from analysis.results import Estimate, InputError

FEWEST = 24
CELLS_AT_ONCE = 2_000_000

Statistic = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, kw_only=True)
class PairedBootstrap(Estimate):
    """A statistic of two series under resampled blocks of months.

    The interval is symmetric, estimate ± a quantile of ``|draw − estimate|``, so it leaves out
    `null_value` exactly when the p-value says so.

    Attributes
    ----------
    standard_error : float
        Standard deviation of the draws.
    block_length : float
        Mean block length in months.
    draws : ndarray, shape (draws,)
        The resampled statistic.
    """

    p_value: float
    standard_error: float
    block_length: float
    draws: np.ndarray = field(repr=False, compare=False)


def paired_stationary_bootstrap(
    first: pd.Series | np.ndarray,
    second: pd.Series | np.ndarray,
    statistic: Statistic | None = None,
    *,
    null_value: float = 0.0,
    block_length: float | None = None,
    draws: int = 2000,
    level: float = 0.95,
    seed: int = 0,
    name: str = "difference of means",
    unit: str = "per period",
) -> PairedBootstrap:
    """Bootstrap a statistic of two series, resampling the same months of both.

    Parameters
    ----------
    first, second : array_like, shape (T,)
        Aligned series, e.g. monthly decimal returns.
    statistic : callable, optional
        Takes two arrays of shape (draws, T) and returns shape (draws,); the difference of the means
        unless given.
    null_value : float
        Value of the statistic under the null.
    block_length : float, optional
        Mean block length; unless given, the automatic choice of arch for the difference series, or
        the longest of those for first, second and difference when `statistic` is given.
    draws, level, seed
        Bootstrap draws, coverage, and seed of the draws.
    name, unit : str
        For print.

    Raises
    ------
    InputError
        NaN, different lengths or indices, two identical series.

    References
    ----------
    Politis, D. N. and J. P. Romano (1994), "The stationary bootstrap", JASA 89. Patton, A.,
    D. N. Politis and H. White (2009), "Correction to automatic block-length selection",
    Econometric Reviews 28.
    """
    from arch.bootstrap import StationaryBootstrap

    one, two = paired_vectors(first, second)
    as_count(draws, "draws", 2)
    as_share(level, "level")
    if len(one) < FEWEST:
        return PairedBootstrap.refused(
            f"{len(one)} observations; {FEWEST} are needed for a bootstrap"
        )
    if block_length and (reason := blocks_too_long(block_length, len(one))) is not None:
        return PairedBootstrap.refused(reason)
    length = block_length or min(_automatic(one, two, statistic is not None), len(one) / 3)
    measure = statistic or _difference_of_means
    observed = float(measure(one[None, :], two[None, :])[0])
    sampler = StationaryBootstrap(length, one, seed=np.random.default_rng(seed))
    drawn = np.empty(draws)
    rows = max(1, CELLS_AT_ONCE // len(one))
    for start in range(0, draws, rows):
        stop = min(start + rows, draws)
        months = np.stack([sampler.update_indices() for _ in range(start, stop)])
        drawn[start:stop] = measure(one[months], two[months])
    away = np.abs(drawn - observed)
    reach = float(np.quantile(away, level))
    slack = 1e-12 * max(abs(observed), float(away.max()))
    reached = away >= abs(observed - null_value) - slack
    return PairedBootstrap(
        name=f"{name}, paired stationary bootstrap",
        estimate=observed,
        unit=unit,
        null=f"{name} equal to {null_value:.4g}",
        n=len(one),
        effective_n=len(one) / length,
        ci_low=observed - reach,
        ci_high=observed + reach,
        level=level,
        p_value=float((1 + reached.sum()) / (1 + draws)),
        standard_error=float(drawn.std(ddof=1)),
        block_length=float(length),
        draws=drawn,
    )


def paired_vectors(first: object, second: object) -> tuple[np.ndarray, np.ndarray]:
    """Two series as arrays of the same length that are not the same.

    Raises
    ------
    InputError
        NaN, different lengths or indices, two identical series.
    """
    one, two = as_vector(first, "first"), as_vector(second, "second")
    indices = [given.index for given in (first, second) if isinstance(given, pd.Series)]
    if len(one) != len(two) or (len(indices) == 2 and not indices[0].equals(indices[1])):
        raise InputError("first and second: cover different months; align them")
    if len(one) and np.ptp(one - two) == 0:
        raise InputError("first and second: their difference is constant, nothing to compare")
    return one, two


def _difference_of_means(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return (one - two).mean(axis=1)


def _automatic(one: np.ndarray, two: np.ndarray, all_three: bool) -> float:
    from arch.bootstrap import optimal_block_length

    series = [one - two, *([s for s in (one, two) if np.ptp(s) > 0] if all_three else [])]
    lengths = [float(optimal_block_length(s)["stationary"].iloc[0]) for s in series]
    return float(np.clip(max(lengths), 1.0, len(one) / 2))
