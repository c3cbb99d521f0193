"""Windows that begin at a gap's months: where they may begin, and what a test of them says."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inference.joint_histories import FEWEST_STARTS, Window
from analysis.inference.power import minimum_detectable
from analysis.panel.eras import in_era

#: Windows without a month in common that a regression needs.
FEWEST_WINDOWS = 4


class WindowTest(Protocol):
    """Estimates of many windows, by their places, beside histories in which there is nothing."""

    def p_of(self, window: int) -> float:
        """One-sided p-value of one window."""

    def corrected(self, window: int) -> tuple[float, float, float]:
        """Estimate less its bias, and the 95% interval."""

    def error_of(self, window: int) -> float:
        """Standard error of the estimate."""


def months_of(months: pd.PeriodIndex, era: str) -> pd.PeriodIndex:
    """Those of some months that lie in an era."""
    return pd.PeriodIndex(in_era(pd.Series(True, index=months), era).index)


def begins_window(months: pd.PeriodIndex, era: str, horizon: int) -> NDArray[np.bool_]:
    """Whether a window of `horizon` months from each month on lies in an era, its end too.

    Parameters
    ----------
    months : PeriodIndex, shape (months,)
        Of the gap.
    era : str
    horizon : int
        Months after the one at which the window begins.
    """
    kept = months_of(months, era)
    if not len(kept):
        return np.zeros(len(months), dtype=bool)
    return np.asarray(months.isin(kept) & (months <= kept[-1] - horizon))


def too_few(starts: NDArray[np.int64], horizon: int, fewest: int = FEWEST_STARTS) -> str:
    """Why windows from so few months, or all close together, are not tested; empty where they are.

    Parameters
    ----------
    starts : ndarray of int
        Places of the months the windows begin at, ascending.
    horizon : int
        Months of a window.
    fewest : int
        Starts that are needed.
    """
    span = int(starts[-1] - starts[0]) if len(starts) else 0
    if len(starts) < fewest or span < (FEWEST_WINDOWS - 1) * horizon:
        return f"{len(starts)} windows of {horizon} months are too few"
    return ""


def window_numbers(found: WindowTest, place: int, window: Window) -> tuple[float, ...]:
    """Estimate, its interval, p-value and separate windows, as the table of a grid has them."""
    return *found.corrected(place), found.p_of(place), window.separate


def window_headline(
    found: WindowTest, place: int, window: Window, months: pd.PeriodIndex
) -> dict[str, Any]:
    """The fields of an :class:`analysis.results.Finding` that the test of one window fills.

    Parameters
    ----------
    found : WindowTest
    place : int
        Of the window in the test.
    window : Window
    months : PeriodIndex
        Of the gap.
    """
    estimate, low, high = found.corrected(place)
    return {
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "p_value": found.p_of(place),
        "n": len(window.starts),
        "effective_n": float(window.separate),
        "mde": minimum_detectable(found.error_of(place)),
        "more_needed": (
            "more decades of history: few separate stretches of this length have passed"
        ),
        "sample_start": str(months[window.starts[0]]),
        "sample_end": str(months[window.starts[-1] + window.horizon]),
    }
