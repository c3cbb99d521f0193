"""Adjusted closes of funds up to a day, or why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.results import Result

#: A value older than this does not stand for a day: the series ends or has a hole.
STALE_DAYS = 7


@dataclass(frozen=True)
class Closes(Result):
    """Adjusted closes of some funds, by day; refused where a fund or a day is not held."""

    prices: pd.DataFrame


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
    short = [fund for fund in wanted if is_stale(prices[fund].dropna(), pd.Timestamp(end))]
    if short:
        return Closes.refused(f"the closes of {', '.join(short)} do not reach {end}", "latest")
    return Closes(prices)


def is_stale(known: pd.Series | pd.DataFrame, end: pd.Timestamp) -> bool:
    """Whether the last value up to a day is too old to stand for it."""
    seen = known.loc[:end]
    return seen.empty or (end - seen.index[-1]).days > STALE_DAYS
