"""Falls from the highest value so far: how deep, from when, and until when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Fall:
    """The deepest fall of a series of wealth.

    Attributes
    ----------
    depth : float
        Lowest value over the peak before it, less one: 0 to −1.
    peak, bottom : Period
    regained : Period or None
        First month from the bottom on in which the old peak was reached; None where it was not.
    """

    depth: float
    peak: pd.Period
    bottom: pd.Period
    regained: pd.Period | None


def growth_of(returns: pd.Series) -> pd.Series:
    """Growth of one dollar, one in the month before the first; empty without returns.

    Parameters
    ----------
    returns : Series, shape (T,)
        Decimal returns a month, by monthly PeriodIndex.
    """
    first = pd.Series(1.0, index=returns.index[:1] - 1)
    return pd.concat([first, (1.0 + returns).cumprod()])


def drawdowns(returns: ArrayLike) -> np.ndarray:
    """Share lost since the highest value so far, 0 to 1; shape (T,). The start counts as a high."""
    value = np.concatenate([[1.0], np.cumprod(1.0 + np.asarray(returns, dtype=float))])
    return -_below_peak(value)[1:]


def falls_from_peak(wealth: pd.Series) -> pd.Series:
    """Wealth over its highest value so far, less one: 0 at a peak.

    Parameters
    ----------
    wealth : Series, shape (T,)
        Growth of one dollar, by month.
    """
    return pd.Series(_below_peak(wealth.to_numpy()), index=wealth.index)


def deepest_fall(wealth: pd.Series) -> Fall:
    """The deepest fall of a series of wealth that has at least one month.

    Parameters
    ----------
    wealth : Series, shape (T,)
        Growth of one dollar, by month.
    """
    falls = falls_from_peak(wealth)
    bottom = falls.idxmin()
    peak = wealth.loc[:bottom].idxmax()
    after = wealth.loc[bottom:]
    again = after.index[after >= wealth[peak]]
    return Fall(float(falls.min()), peak, bottom, again[0] if len(again) else None)


def _below_peak(wealth: np.ndarray) -> np.ndarray:
    return wealth / np.maximum.accumulate(wealth) - 1.0
