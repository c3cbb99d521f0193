"""Breadth: the share of portfolios that are ahead of the market in a month."""

from __future__ import annotations

import pandas as pd


def industry_columns(monthly: pd.DataFrame) -> list[str]:
    """Columns of the industry portfolios, in the order of the panel."""
    return [name for name in monthly.columns if name.startswith("ind_")]


def size_value_columns(monthly: pd.DataFrame) -> list[str]:
    """Columns of the size and value portfolios the panel holds, 9 or 25 of them."""
    return [f"s{s}v{v}" for s in range(1, 6) for v in range(1, 6) if f"s{s}v{v}" in monthly]


def share_ahead(returns: pd.DataFrame, market: pd.Series) -> pd.Series:
    """Share of portfolios whose return exceeds the market's.

    Parameters
    ----------
    returns : DataFrame, shape (periods, portfolios)
    market : Series, shape (periods,)

    Returns
    -------
    Series, 0 to 1, only periods in which every portfolio and the market have a return.
    """
    known = returns.notna().all(axis=1) & market.notna()
    return returns[known].gt(market[known], axis=0).mean(axis=1)
