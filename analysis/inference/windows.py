"""Returns of windows that start at every month: the outcomes an event study draws from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.results import InputError


def forward_sums(returns: pd.Series, horizon: int, start: int = 1) -> pd.Series:
    """Sum of `horizon` monthly returns from `start` months after each month.

    Parameters
    ----------
    returns : Series, shape (months,)
        Decimal return a month, without NaN, monthly PeriodIndex without gaps.
    horizon : int
        Months summed, at least 1.
    start : {0, 1}
        0: the window begins in the month itself; 1: in the month after.

    Returns
    -------
    Series, decimal return over the window
        Indexed by the month the window belongs to; only complete windows.

    Raises
    ------
    InputError
        For NaN inside, a horizon below 1, or a start that is neither 0 nor 1.
    """
    if horizon < 1 or start not in (0, 1):
        raise InputError(
            f"window of {horizon} months from {start}: give horizon >= 1, start 0 or 1"
        )
    values = returns.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise InputError("returns hold missing or infinite values; drop them first")
    sums = np.concatenate([[0.0], np.cumsum(values)])
    complete = len(values) - horizon - start + 1
    if complete < 1:
        return pd.Series(dtype=float, index=returns.index[:0])
    first = np.arange(complete) + start
    return pd.Series(sums[first + horizon] - sums[first], index=returns.index[:complete])


def event_paths(
    returns: pd.Series, months: list[pd.Period], before: int, after: int
) -> pd.DataFrame:
    """Cumulative return around each event, zero at the end of the event's month.

    Parameters
    ----------
    returns : Series, shape (T,)
        Decimal return a month.
    months : list of Period
        Event months inside the sample.
    before, after : int
        Months shown on each side; a path that leaves the sample stops there.

    Returns
    -------
    DataFrame, columns ``event`` (Period), ``offset`` (months), ``cumulative`` (decimal sum).
    """
    positions = returns.index.get_indexer(pd.PeriodIndex(months, freq="M"))
    sums = np.concatenate([[0.0], np.cumsum(returns.to_numpy(dtype=float))])
    offsets = np.arange(-before, after + 1)
    ends = positions[:, None] + 1 + offsets
    inside = (ends >= 0) & (ends < len(sums))
    paths = sums[ends.clip(0, len(sums) - 1)] - sums[positions + 1][:, None]
    event, offset = np.nonzero(inside)
    return pd.DataFrame(
        {
            "event": [months[i] for i in event],
            "offset": offsets[offset],
            "cumulative": paths[inside],
        }
    )
