"""Entering in stages, at once, or with less: results of every window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.results import InputError


@dataclass(frozen=True)
class Entries:
    """Result of each window, decimal return over it; each of shape (..., windows).

    Attributes
    ----------
    staged : ndarray
        Equal parts at the start of each of the first months; what waits earns the bill.
    lump : ndarray
        All at the start.
    constant : ndarray
        The staged entry's average exposure throughout, the rest in bills, reset monthly.
    """

    staged: np.ndarray
    lump: np.ndarray
    constant: np.ndarray


def average_exposure(stages: int, horizon: int) -> float:
    """Mean share invested over the window: 1 − (stages − 1) / (2 · horizon).

    Parameters
    ----------
    stages : int
        Months over which the holding is entered.
    horizon : int
        Months of the window.

    Raises
    ------
    InputError
        For more stages than months.
    """
    if not 1 <= stages <= horizon:
        raise InputError(f"{stages} stages do not fit into {horizon} months; use fewer stages")
    return 1.0 - (stages - 1) / (2.0 * horizon)


def enter(small: np.ndarray, bill: np.ndarray, stages: int, horizon: int) -> Entries:
    """All windows of `horizon` months, one starting every month.

    Parameters
    ----------
    small, bill : ndarray, shape (..., T)
        Decimal returns a month; leading axes are separate samples.
    stages, horizon : int

    Returns
    -------
    Entries, T − horizon + 1 windows each.

    Raises
    ------
    InputError
        For more stages than months.

    Notes
    -----
    With S and B the growth of small caps and of bills, stage k of n, k = 0 … n−1, grows by
    B(t+k)/B(t) · S(t+h)/S(t+k); the sum over stages is S(t+h)/B(t) · Σ B(t+k)/S(t+k) / n.
    """
    exposure = average_exposure(stages, horizon)
    grown, cash = _log_growth(small), _log_growth(bill)
    held = _log_growth(exposure * small + (1.0 - exposure) * bill)
    windows = grown.shape[-1] - horizon
    ratio = np.exp(cash - grown)
    parts = sum(ratio[..., k : k + windows] for k in range(stages)) / stages
    end, start = grown[..., horizon:], slice(0, windows)
    return Entries(
        staged=np.exp(end - cash[..., start]) * parts - 1.0,
        lump=np.expm1(end - grown[..., start]),
        constant=np.expm1(held[..., horizon:] - held[..., start]),
    )


def tail_gain_over_constant(
    small: np.ndarray, bill: np.ndarray, stages: int, horizon: int, tail: float
) -> np.ndarray:
    """Lower quantile of the staged entry less that of the constant mix; shape (...).

    Parameters
    ----------
    small, bill : array, shape (..., T)
        Decimal returns a month of small caps and of bills.
    stages : int
        Months over which the holding is entered.
    horizon : int
        Months of the window.
    tail : float
        Share of windows below the quantile, between 0 and 1.
    """
    found = enter(small, bill, stages, horizon)
    staged, constant = (
        np.quantile(results, tail, axis=-1) for results in (found.staged, found.constant)
    )
    return staged - constant


def _log_growth(returns: np.ndarray) -> np.ndarray:
    logs = np.cumsum(np.log1p(returns), axis=-1)
    return np.concatenate([np.zeros_like(logs[..., :1]), logs], axis=-1)
