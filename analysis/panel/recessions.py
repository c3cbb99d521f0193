"""NBER's recessions as a monthly flag."""

from __future__ import annotations

import pandas as pd


def recession_flags(months: pd.PeriodIndex, cycles: pd.DataFrame) -> pd.Series:
    """1 from the month after a peak to the trough, else 0: FRED's convention for USREC.

    Parameters
    ----------
    months : PeriodIndex
        Monthly, without gaps.
    cycles : DataFrame
        ``peak`` and ``trough`` as monthly periods; a trough not yet seen leaves the recession open.

    Returns
    -------
    Series, shape (months,), named ``recession``
    """
    flags = pd.Series(0.0, index=months, name="recession")
    for peak, trough in zip(cycles["peak"], cycles["trough"], strict=True):
        if pd.notna(peak):
            flags.loc[peak + 1 : trough if pd.notna(trough) else None] = 1.0
    return flags
