"""NBER's recessions as a monthly flag."""

from __future__ import annotations

import pandas as pd

from analysis.panel.dataset import Dataset


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


def recession_ahead(recession: pd.Series, months: int) -> pd.Series:
    """Whether an NBER recession month falls in t to t + `months`.

    Months after the end of the data count as no recession.

    Parameters
    ----------
    recession : Series of 0 and 1
        As :func:`recession_flags` gives it.
    months : int
        0 or more.

    Returns
    -------
    Series of bool, same index.
    """
    ahead = recession[::-1].rolling(months + 1, min_periods=1).max()[::-1]
    return ahead.astype(bool)


def recession_within(dataset: Dataset, months: int) -> pd.Series:
    """:func:`recession_ahead` of a data set's own recessions, by month."""
    recession = dataset.monthly["recession"]
    return dataset.once(("recession ahead", months), lambda: recession_ahead(recession, months))
