"""Returns of funds from adjusted closes by day."""

from __future__ import annotations

import pandas as pd

from analysis.results import InputError

#: A month is over when closes reach so many days before its end: a long weekend and a holiday.
LAST_DAYS = 4


def month_ends(closes: pd.DataFrame) -> pd.DataFrame:
    """Last close of each month that is over.

    Parameters
    ----------
    closes : DataFrame, shape (days, funds)
        Adjusted closes, dollars; NaN before a fund begins.

    Returns
    -------
    DataFrame by monthly period, without gaps; NaN in a month without a price.

    Raises
    ------
    InputError
        For a close that is not above zero.
    """
    if (closes <= 0).to_numpy().any():
        raise InputError("closes: a price is not above zero; correct the price file")
    last = closes.groupby(closes.index.to_period("M")).last()
    if len(last) and closes.index[-1].days_in_month - closes.index[-1].day > LAST_DAYS:
        last = last.iloc[:-1]
    if last.empty:
        return last.rename_axis("month")
    return last.reindex(pd.period_range(last.index[0], last.index[-1], freq="M", name="month"))


def monthly_returns(closes: pd.DataFrame) -> pd.DataFrame:
    """Decimal return a month from month-end closes; NaN where either end is missing."""
    return month_ends(closes).pct_change(fill_method=None)


def annualised(closes: pd.DataFrame, start: pd.Period, end: pd.Period) -> pd.Series:
    """Return a year from the end of month `start` to the end of month `end`, by fund.

    Notes
    -----
    (P_end / P_start)^(12 / months) − 1.
    """
    ends = month_ends(closes).reindex([start, end])
    months = end.ordinal - start.ordinal
    return (ends.loc[end] / ends.loc[start]) ** (12.0 / months) - 1.0
