"""Moments of two series, sample by sample: the statistics that a paired bootstrap resamples."""

from __future__ import annotations

import numpy as np


def ratio_of_means(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mean of `first` over that of `second`, shapes (..., T) to (...).

    Parameters
    ----------
    first, second : array, shape (..., T)
        Decimal returns.
    """
    return first.mean(axis=-1) / second.mean(axis=-1)


def ratio_of_deviations(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Standard deviation of `first` over that of `second`, shapes (..., T) to (...).

    Parameters
    ----------
    first, second : array, shape (..., T)
        Decimal returns.
    """
    return first.std(axis=-1, ddof=1) / second.std(axis=-1, ddof=1)


def slope(returns: np.ndarray, driver: np.ndarray) -> np.ndarray:
    """OLS slope of `returns` on `driver` and a constant, shapes (..., T) to (...).

    The slope of a difference of two returns is the difference of their slopes.

    Parameters
    ----------
    returns : array, shape (..., T)
        Decimal returns.
    driver : array, shape (..., T)
        In its own unit.
    """
    away = driver - driver.mean(axis=-1, keepdims=True)
    return (returns * away).sum(axis=-1) / (away**2).sum(axis=-1)
