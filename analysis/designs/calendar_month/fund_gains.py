"""Gains of one fund in one month of the calendar, year by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.panel import Dataset
from analysis.results import Result

#: Sessions counted from the first of a month, or all of it.
Sessions = int | Literal["full_month"]


@dataclass(frozen=True)
class FundGains(Result):
    """Gains of a fund in the same month of several years, over some of its sessions.

    Attributes
    ----------
    table : DataFrame
        ``year, gain, month``: decimal gain over the first sessions, and over the whole month.
    """

    table: pd.DataFrame

    @property
    def stronger(self) -> int:
        """Years before the last whose gain over the first sessions was larger."""
        return int((self.table["gain"].iloc[:-1] > self.table["gain"].iloc[-1]).sum())


def fund_gains(
    dataset: Dataset, fund: str, last: pd.Period, sessions: Sessions, before: int
) -> FundGains:
    """Gain of a fund over the first sessions of a month, in that year and the ones before.

    Parameters
    ----------
    dataset : Dataset
    fund : str
        Its ticker.
    last : Period
        The last month; the same month of the years before is compared with it.
    sessions : int or "full_month"
    before : int
        Years before.
    """
    if dataset.funds is None or fund not in dataset.funds.columns:
        return FundGains.refused(f"needs the latest data: closes of {fund}", needs="latest")
    if dataset.as_of < last:
        day = last.to_timestamp(how="end")
        return FundGains.refused(
            f"needs closes to {day:%Y-%m-%d}; the data seen end {dataset.as_of}"
        )
    closes = dataset.funds[fund].dropna()
    by_month = closes.index.to_period("M")
    rows = []
    for year in range(last.year - before, last.year + 1):
        month = pd.Period(year=year, month=last.month, freq="M")
        earlier, inside = closes[by_month < month], closes[by_month == month]
        wanted = len(inside) if sessions == "full_month" else sessions
        if earlier.empty or not 0 < wanted <= len(inside):
            span = "sessions" if sessions == "full_month" else f"{sessions} sessions"
            return FundGains.refused(f"{fund} has no {span} in {month:%B %Y}")
        base = earlier.iloc[-1]
        rows.append((year, inside.iloc[wanted - 1] / base - 1.0, inside.iloc[-1] / base - 1.0))
    return FundGains(pd.DataFrame(rows, columns=["year", "gain", "month"]))
