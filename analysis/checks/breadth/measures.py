"""What breadth, dispersion and sector leads are measured by, month by month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.panel import Dataset, small_minus_large
from analysis.panel.fund_returns import monthly_returns
from analysis.results import Refusal
from analysis.sources.bundled import DICTIONARY

#: Industries the claim names, as the nearest of French's twelve.
CLAIMED_INDUSTRIES = ("money", "manuf", "enrgy")

#: French's industries as a reader knows them.
INDUSTRY_WORDS: dict[str, str] = {
    series.column.removeprefix("ind_"): series.meaning.removeprefix("industry: ")
    for series in DICTIONARY
    if series.column.startswith("ind_")
}

#: Legs and breadths that come from the closes of two funds: the first less the second.
FUND_PAIRS: dict[str, tuple[str, str]] = {"iwm_spy": ("IWM", "SPY"), "rsp_spy": ("RSP", "SPY")}

#: Ways to count breadth, as a reader knows them.
BREADTH_WORDS = {
    "industries": "twelve industries",
    "size_value_portfolios": "size and value portfolios",
    "rsp_spy": "equal less capital weights (RSP less SPY)",
}

_SORTS = {
    "value": ("v1", "v3", "v5"),
    "momentum": ("m1", "m3", "m5"),
    "value_and_momentum": ("v1", "v3", "v5", "m1", "m3", "m5"),
}


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


def breadth_series(dataset: Dataset, breadth: str) -> pd.Series | Refusal:
    """Breadth of each month: a share (0 to 1), or for funds a decimal return.

    Parameters
    ----------
    dataset : Dataset
    breadth : {"industries", "size_value_portfolios", "rsp_spy"}
    """
    if breadth in FUND_PAIRS:
        return fund_spread(dataset, breadth)
    columns = {"industries": industry_columns, "size_value_portfolios": size_value_columns}
    chosen = columns[breadth](dataset.monthly)
    if not chosen:
        return Refusal(f"the {dataset.data} data hold no {BREADTH_WORDS[breadth]}")
    return share_ahead(dataset.monthly[chosen], dataset.monthly["market"])


def leg_returns(dataset: Dataset, leg: str) -> pd.Series | Refusal:
    """Small minus large by one leg of the panel or by a pair of funds, decimal a month."""
    if leg in FUND_PAIRS:
        return fund_spread(dataset, leg)
    return small_minus_large(dataset.monthly, leg)


def fund_spread(dataset: Dataset, pair: str) -> pd.Series | Refusal:
    """Monthly return of the first fund of a pair less the second's, decimal."""
    tickers = list(FUND_PAIRS[pair])
    if dataset.funds is None or not set(tickers) <= set(dataset.funds.columns):
        needs = "latest" if dataset.data == "bundled" else None
        return Refusal(f"needs closes of {' and '.join(tickers)}", needs=needs)
    returns = monthly_returns(dataset.funds[tickers]).dropna()
    return returns[tickers[0]] - returns[tickers[1]]


def dispersion(monthly: pd.DataFrame, size: str, portfolios: str) -> pd.Series | Refusal:
    """Standard deviation across the portfolios of one size, month by month.

    Parameters
    ----------
    monthly : DataFrame
    size : str
        ``"s1"`` smallest to ``"s5"`` largest fifth.
    portfolios : {"value", "momentum", "value_and_momentum"}

    Returns
    -------
    Series, decimal return a month (divisor: portfolios less one), or Refusal without the columns.
    """
    names = [f"{size}{group}" for group in _SORTS[portfolios]]
    if not set(names) <= set(monthly.columns):
        return Refusal(f"the data hold no portfolios of {size} by {portfolios.replace('_', ' ')}")
    return monthly[names].std(axis=1, ddof=1, skipna=False).dropna()


def industry_lead(monthly: pd.DataFrame, industries: Sequence[str]) -> pd.Series | Refusal:
    """Mean return of some industries less the market's, decimal a month."""
    names = [f"ind_{name}" for name in industries]
    if not set(names) <= set(monthly.columns):
        return Refusal("the data hold no portfolios by industry")
    return (monthly[names].mean(axis=1, skipna=False) - monthly["market"]).dropna()
