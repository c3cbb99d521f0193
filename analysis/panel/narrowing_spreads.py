"""Months in which credit spreads stand below their value a year before."""

from __future__ import annotations

import pandas as pd

from analysis.panel.falling_rates import YEAR


def narrowing_spreads(monthly: pd.DataFrame) -> pd.Series:
    """Whether the yield of Baa less that of Aaa bonds stands below its value a year before.

    Parameters
    ----------
    monthly : DataFrame
        ``baa`` and ``aaa``, decimal rates a year, means of the month.

    Returns
    -------
    Series of bool
        Only months with a spread now and a year before; empty where the data hold none.
    """
    if not {"baa", "aaa"} <= set(monthly.columns):
        return pd.Series(dtype=bool, index=monthly.index[:0])
    spread = monthly["baa"] - monthly["aaa"]
    return ((spread - spread.shift(YEAR)).dropna() < 0).rename("narrowing_spreads")
