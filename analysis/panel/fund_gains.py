"""Gains of funds between two days, from their adjusted closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.fund_returns import month_ends
from analysis.results import Result

#: A close older than this does not stand for a day: the series ends or has a hole.
STALE_DAYS = 7


@dataclass(frozen=True)
class Closes(Result):
    """Adjusted closes of some funds, by day; refused where a fund or a day is not held."""

    prices: pd.DataFrame


@dataclass(frozen=True)
class Gains(Result):
    """Gains of some funds between the same two days, decimal, by fund."""

    by_fund: pd.Series


def fund_closes(dataset: Dataset, funds: Sequence[str], end: str) -> Closes:
    """Adjusted closes that reach `end`, or why there are none.

    Parameters
    ----------
    dataset : Dataset
    funds : sequence of str
        Tickers; one given twice counts once.
    end : str
        Last day needed, YYYY-MM-DD.
    """
    wanted = list(dict.fromkeys(funds))
    if dataset.data != "latest" or dataset.funds is None:
        return Closes.refused(
            f"needs the latest data: adjusted closes of {', '.join(wanted)}", needs="latest"
        )
    missing = [fund for fund in wanted if fund not in dataset.funds.columns]
    if missing:
        return Closes.refused(
            f"the snapshot holds no closes of {', '.join(missing)}", needs="latest"
        )
    if dataset.as_of.end_time < pd.Timestamp(end):
        return Closes.refused(f"this run sees nothing after {dataset.as_of}; the claim needs {end}")
    prices = dataset.funds[wanted]
    short = [fund for fund in wanted if _is_stale(prices[fund].dropna(), pd.Timestamp(end))]
    if short:
        return Closes.refused(f"the closes of {', '.join(short)} do not reach {end}", "latest")
    return Closes(prices)


def gain(closes: pd.Series, start: str, end: str) -> float:
    """Gain from the last close on or before `start` to the last on or before `end`, decimal.

    >>> days = pd.to_datetime(["2024-01-02", "2024-01-05"])
    >>> gain(pd.Series([100.0, 110.0], index=days), "2024-01-03", "2024-01-07")
    0.1
    """
    known = closes.dropna()
    return round(float(known.loc[:end].iloc[-1] / known.loc[:start].iloc[-1] - 1.0), 12)


def gains_between(prices: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> Gains:
    """Gains between the last days on or before two, on which every fund has a close.

    Refused where no such day lies within a week before either.
    """
    common = prices.dropna()
    ends = []
    for day in (start, end):
        if _is_stale(common, day.normalize()):
            funds = " and ".join(prices.columns)
            return Gains.refused(f"no close of {funds} in the week before {day:%Y-%m-%d}")
        ends.append(common.loc[:day].iloc[-1])
    return Gains(ends[1] / ends[0] - 1.0)


def gains_over_months(
    prices: pd.DataFrame,
    starts: tuple[pd.Period, pd.Period],
    ends: tuple[pd.Period, pd.Period],
) -> pd.DataFrame:
    """Gains between every month end of one window and every month end of another.

    Parameters
    ----------
    prices : DataFrame, shape (days, funds)
    starts, ends : pair of Period
        First and last month of each window.

    Returns
    -------
    DataFrame
        ``from, to`` (YYYY-MM), then the gain of each fund, decimal.
    """
    monthly = month_ends(prices.dropna())
    first, last = monthly.loc[slice(*starts)], monthly.loc[slice(*ends)]
    gains = last.to_numpy()[None, :, :] / first.to_numpy()[:, None, :] - 1.0
    pairs = pd.MultiIndex.from_product(
        [first.index.astype(str), last.index.astype(str)], names=["from", "to"]
    )
    found = gains.reshape(-1, len(prices.columns))
    return pd.DataFrame(found, index=pairs, columns=prices.columns).reset_index()


def _is_stale(known: pd.Series | pd.DataFrame, end: pd.Timestamp) -> bool:
    seen = known.loc[:end]
    return seen.empty or (end - seen.index[-1]).days > STALE_DAYS
