"""How much the market swung within a month, by its daily returns."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Trading days of a year.
DAYS = 252

#: Days without which a month gives no volatility.
FEWEST_DAYS = 15


def realised_volatility(market: pd.Series) -> pd.Series:
    """Root of the mean squared daily return of each month, as a decimal a year.

    Parameters
    ----------
    market : Series by trading day
        Decimal return.

    Returns
    -------
    Series by month named ``realised_volatility``; NaN in months of fewer than fifteen days.
    """
    grouped = (market.dropna() ** 2).groupby(market.dropna().index.to_period("M"))
    yearly = np.sqrt(DAYS * grouped.mean())
    enough = yearly.where(grouped.size() >= FEWEST_DAYS)
    return enough.rename("realised_volatility").rename_axis("month")
