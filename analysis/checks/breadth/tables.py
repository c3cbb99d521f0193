"""Tables of the breadth chapter: months by breadth, dispersion over time, shares by year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.checks.breadth.grids import joined
from analysis.checks.breadth.measures import (
    FUND_PAIRS,
    breadth_series,
    industry_columns,
    leg_returns,
    share_ahead,
    size_value_columns,
)
from analysis.panel import Dataset
from analysis.panel.fund_returns import month_ends
from analysis.results import Refusal

#: Months over which the chart of dispersion is smoothed.
SMOOTHING = 12

_COUNTS = {"industries": "industries", "size_value_portfolios": "size and value portfolios"}


def months_by_breadth(dataset: Dataset, leg: str) -> pd.DataFrame:
    """Mean small minus large in the months of each share of portfolios ahead.

    Returns
    -------
    DataFrame
        ``counted, share, mean, months``; `share` 0 to 1, `mean` a decimal return a month.
    """
    parts = []
    for breadth, counted in _COUNTS.items():
        frame = joined(leg_returns(dataset, leg), breadth_series(dataset, breadth))
        if isinstance(frame, Refusal) or frame.empty:
            continue
        grouped = frame.groupby(frame["driver"].round(4))["spread"].agg(["mean", "size"])
        named = grouped.rename_axis("share").rename(columns={"size": "months"}).reset_index()
        parts.append(named.assign(counted=counted))
    columns = ["counted", "share", "mean", "months"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def dispersion_paths(both: pd.DataFrame | Refusal) -> pd.DataFrame:
    """Twelve-month mean of dispersion among small and among large, at the end of each half-year.

    Returns
    -------
    DataFrame
        ``month`` (first day of it), ``size``, ``dispersion`` (decimal a month).
    """
    columns = ["month", "size", "dispersion"]
    if isinstance(both, Refusal):
        return pd.DataFrame(columns=columns)
    smooth = both.rolling(SMOOTHING).mean().dropna()
    halves = smooth[smooth.index.month % 6 == 0].rename_axis("month")
    long = halves.reset_index().melt("month", var_name="size", value_name="dispersion")
    return long.assign(month=long["month"].dt.to_timestamp())[columns]


def yearly_shares(monthly: pd.DataFrame) -> pd.DataFrame:
    """Share of portfolios whose return of a calendar year exceeds the market's.

    Returns
    -------
    DataFrame
        ``year, portfolios, share``; whole years only.
    """
    parts = []
    for names, counted in (
        (industry_columns(monthly), _COUNTS["industries"]),
        (size_value_columns(monthly), _COUNTS["size_value_portfolios"]),
    ):
        if names:
            yearly = yearly_returns(monthly[[*names, "market"]])
            share = share_ahead(yearly[names], yearly["market"])
            parts.append(
                pd.DataFrame(
                    {"year": share.index, "portfolios": counted, "share": share.to_numpy()}
                )
            )
    columns = ["year", "portfolios", "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def yearly_returns(monthly: pd.DataFrame) -> pd.DataFrame:
    """Compounded return of every calendar year with twelve months, NaN where one is missing."""
    logs = np.log1p(monthly).groupby(monthly.index.year)
    whole = logs.count() == 12
    return np.expm1(logs.sum().where(whole)).dropna(how="all")


def index_lead(dataset: Dataset, year: int) -> float | None:
    """Log of SPY's gross return over RSP's in a calendar year; None where closes are missing.

    The equally weighted fund stands in for the plain mean of the members.
    """
    equal, index = FUND_PAIRS["rsp_spy"]
    if dataset.funds is None or not {equal, index} <= set(dataset.funds.columns):
        return None
    ends = [pd.Period(f"{year - 1}-12", "M"), pd.Period(f"{year}-12", "M")]
    closes = month_ends(dataset.funds[[equal, index]]).reindex(ends)
    if closes.isna().to_numpy().any():
        return None
    gains = np.log(closes).diff().iloc[-1]
    return float(gains[index] - gains[equal])
