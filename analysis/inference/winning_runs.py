"""Runs of wins: where they reach a length, and how many a chain fitted before them expects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.runs_of_signs import runs_of_signs
from analysis.inference.vectors import as_count


def win_signs(returns: pd.Series | np.ndarray) -> np.ndarray:
    """+1 where a return is above zero, −1 where it is not (a tie is no win); shape (T,).

    Parameters
    ----------
    returns : array or Series, shape (T,)
        Decimal returns.
    """
    return np.where(np.asarray(returns) > 0, 1, -1)


def run_events(signs: np.ndarray, length: int, gap: int = 0) -> np.ndarray:
    """Steps on which a run of wins reaches a length.

    Parameters
    ----------
    signs : ndarray of int, shape (T,)
        +1 and −1.
    length : int
        Steps in a row.
    gap : int
        An event within so many steps of the one counted before is left out.

    Returns
    -------
    ndarray of int, shape (events,)
        Positions, in order.
    """
    as_count(length, "length", 1)
    as_count(gap, "gap", 0)
    runs = runs_of_signs(signs)
    long = (runs.signs > 0) & (runs.lengths >= length)
    kept: list[int] = []
    for position in runs.starts[long] + length - 1:
        if not kept or position - kept[-1] > gap:
            kept.append(int(position))
    return np.array(kept, dtype=int)


def expected_starts(signs: np.ndarray, length: int, warm_up: int) -> np.ndarray:
    """Runs of wins that a two-state chain fitted to the steps before expects to begin.

    Parameters
    ----------
    signs : ndarray of int, shape (T,)
        +1 and −1.
    length : int
        Steps in a row, at least.
    warm_up : int
        Steps a chain is fitted to before it may predict.

    Returns
    -------
    ndarray, shape (max(0, T − warm_up),)
        Expected number of such runs beginning on each step: the stationary share of lost steps,
        times the probability of changing sides, times that of staying `length` − 1 times.

    References
    ----------
    Anderson, T. W. and L. A. Goodman (1957), Annals of Mathematical Statistics 28, equation 2.8,
    for the chain; :func:`analysis.inference.runs_of_signs.run_probability` for the rate.
    """
    up = np.asarray(signs) > 0
    counts = {}
    for name, before, after in (("uu", 1, 1), ("ud", 1, 0), ("du", 0, 1), ("dd", 0, 0)):
        steps = (up[:-1] == before) & (up[1:] == after)
        # a transition into step t is known only after it, so t sees those up to t − 1
        counts[name] = np.concatenate([[0, 0], np.cumsum(steps)])[: len(up)][warm_up:]
    stay_up = counts["uu"] / np.maximum(1, counts["uu"] + counts["ud"])
    stay_down = counts["dd"] / np.maximum(1, counts["dd"] + counts["du"])
    share_up = (1 - stay_down) / np.maximum(1e-12, 2 - stay_up - stay_down)
    return share_up * (1 - stay_up) * stay_up ** (length - 1)
