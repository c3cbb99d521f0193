"""Many correlations with one driver's calendar at once, against every circular shift of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.results import Result


@dataclass(frozen=True)
class Pair:
    """One outcome and one driver on the calendar all pairs share.

    Attributes
    ----------
    outcome, driver : ndarray, shape (T,)
        Without NaN.
    inside : ndarray of bool, shape (T,)
        The era whose correlation is taken.
    control : ndarray, shape (T,), or None
        What the outcome is controlled for besides its mean.
    """

    outcome: np.ndarray
    driver: np.ndarray
    inside: np.ndarray
    control: np.ndarray | None = None


@dataclass(frozen=True)
class MedianCorrelation(Result):
    """All specifications of a claim at once, under circular shifts of the driver.

    Attributes
    ----------
    median : float
        Median over specifications of the correlation of driver and outcome.
    p_value : float
        Share of the shifts whose median lies at least as far to the claimed side.
    specifications, months : int
        What the test joins, on one calendar.
    """

    median: float
    p_value: float
    specifications: int
    months: int


def median_correlation(pairs: Sequence[Pair], sign: int, fewest: int) -> MedianCorrelation:
    """Median correlation of many pairs against circular shifts of all drivers together.

    Each outcome is replaced by its residual on a constant and the control inside its era; the
    drivers' calendar is then shifted by every number of months, all pairs by the same.

    Parameters
    ----------
    pairs : sequence of Pair
        All of one length T.
    sign : {-1, 1}
        Claimed sign of the correlation.
    fewest : int
        Pairs with fewer months in their era, or a driver that never moves there, are left out.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4, on the joint test; its shuffles are replaced by circular shifts, which keep
    the drivers' persistence.
    """
    usable = [
        pair
        for pair in pairs
        if pair.inside.sum() >= fewest and np.ptp(pair.driver[pair.inside]) > 0
    ]
    if not usable:
        return MedianCorrelation.refused("no era of the grid is long enough for the joint test")
    rows = [shift_correlations(residual(pair), pair.driver, pair.inside) for pair in usable]
    medians = sign * np.median(np.array(rows), axis=0)
    return MedianCorrelation(
        median=float(sign * medians[0]),
        p_value=float(np.mean(medians >= medians[0] - 1e-12)),
        specifications=len(usable),
        months=len(usable[0].driver),
    )


def residual(pair: Pair) -> np.ndarray:
    """Outcome less what a constant and the control explain inside the era; zero outside."""
    inside = pair.inside
    columns = [np.ones(len(inside))] + ([] if pair.control is None else [pair.control])
    design = np.column_stack(columns)[inside]
    outcome = pair.outcome[inside]
    left = np.zeros(len(inside))
    left[inside] = outcome - design @ np.linalg.lstsq(design, outcome, rcond=None)[0]
    return left


def shift_correlations(left: np.ndarray, driver: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Correlation of a residual with `driver` shifted by 0, 1, … months, inside an era.

    Parameters
    ----------
    left : ndarray, shape (T,)
        Sums to zero inside the era, zero outside.
    driver : ndarray, shape (T,)
    inside : ndarray of bool, shape (T,)

    Returns
    -------
    ndarray, shape (T,)
        Zero where the shifted driver does not move inside the era.

    Notes
    -----
    The correlations at all shifts come from one Fourier transform each.
    """
    weights, count = inside.astype(float), inside.sum()
    products, sums, squares = (
        _correlate(weight, shifted)
        for weight, shifted in ((left, driver), (weights, driver), (weights, driver**2))
    )
    spread = np.sqrt(np.maximum(squares - sums**2 / count, 0.0) * (left @ left))
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, products / safe, 0.0)


def _correlate(weight: np.ndarray, shifted: np.ndarray) -> np.ndarray:
    """Σ_t weight_t · shifted_{t−s} for every shift s, by the convolution theorem."""
    length = len(weight)
    return np.fft.irfft(np.fft.rfft(weight) * np.conj(np.fft.rfft(shifted)), length)
