"""Months in which short rates stand below their value a year before."""

from __future__ import annotations

import pandas as pd

#: Months over which a rate has to have fallen.
YEAR = 12


def falling_rates(monthly: pd.DataFrame) -> pd.Series:
    """Whether the short rate stands below its value twelve months before.

    The funds rate where the data have it; else the one-month bill. The bill return of a month is
    known when the month begins, so it is the rate at the end of the month before.

    Parameters
    ----------
    monthly : DataFrame
        ``fed_funds`` (rate a year, mean of the month) or ``bill`` (decimal return a month).

    Returns
    -------
    Series of bool
        Only months with a rate now and a year before; empty where the data hold neither.
    """
    column = short_rate_column(monthly)
    if column is None:
        return pd.Series(dtype=bool)
    rate = monthly[column]
    if column == "bill":
        rate = rate.shift(-1)
    change = (rate - rate.shift(YEAR)).dropna()
    return (change < 0).rename("falling_rates")


def short_rate_column(monthly: pd.DataFrame) -> str | None:
    """Column of the short rate: the funds rate where the data have it, else the bill, else None."""
    if "fed_funds" in monthly.columns and monthly["fed_funds"].notna().any():
        return "fed_funds"
    return "bill" if "bill" in monthly.columns else None
