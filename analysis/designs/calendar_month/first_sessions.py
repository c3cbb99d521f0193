"""Gains of one fund over the first sessions of a calendar month, year by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.designs.arguments import DayRange
from analysis.results import Result

#: One row a session of the month asked about.
COLUMNS = ["day", "session", "gain", "strongest before", "of year", "stronger", "admitted"]


@dataclass(frozen=True)
class FirstSessions(Result):
    """A month's gains to each session, against the same sessions of the years before.

    Attributes
    ----------
    table : DataFrame
        :data:`COLUMNS`: the day and its number in the month, the gain since the month before and
        the largest of the years before to the same session (decimals) with its year, how many of
        them were larger, and whether the day is admissible; sessions that every year has.
    gains : DataFrame, shape (sessions, years)
        Gain to each session by year, the month asked about last.
    """

    table: pd.DataFrame
    gains: pd.DataFrame

    @property
    def admitted(self) -> pd.DataFrame:
        """Rows of the admissible days, with ``matched``: no year before was stronger."""
        rows = self.table[self.table["admitted"]]
        return rows.assign(matched=rows["stronger"] == 0).reset_index(drop=True)

    @property
    def luck(self) -> float:
        """Share of the years whose month was the strongest of all on some admissible session.

        Were every year as likely as any other to be the strongest, this is the chance of the last
        one: one over their number for a single session, more where the wording leaves several.
        """
        chosen = self.gains[self.table["admitted"].to_numpy()]
        return chosen.idxmax(axis=1).nunique() / len(chosen.columns)


def first_sessions(
    closes: pd.Series, month: pd.Period, years: int, days: DayRange
) -> FirstSessions:
    """Compare a month, session by session, with the same month of the years before.

    Parameters
    ----------
    closes : Series
        Adjusted closes by trading day, without NaN.
    month : Period
    years : int
        Years before that are compared.
    days : DayRange
        Admissible days of the month.
    """
    by_month = closes.index.to_period("M")
    paths: dict[int, np.ndarray] = {}
    for year in range(month.year - years, month.year + 1):
        one = pd.Period(year=year, month=month.month, freq="M")
        before, inside = closes[by_month < one], closes[by_month == one]
        if before.empty or inside.empty:
            return FirstSessions.refused(f"no closes in or before {one:%B %Y}")
        paths[year] = (inside / before.iloc[-1] - 1.0).to_numpy()
    own_days = closes.index[by_month == month]
    sessions = min(len(path) for path in paths.values())
    gains = pd.DataFrame({year: path[:sessions] for year, path in paths.items()})
    earlier, own = gains.iloc[:, :-1], gains.iloc[:, -1]
    day = own_days[:sessions]
    table = pd.DataFrame(
        {
            "day": day,
            "session": np.arange(1, sessions + 1),
            "gain": own,
            "strongest before": earlier.max(axis=1),
            "of year": earlier.idxmax(axis=1),
            "stronger": earlier.gt(own, axis=0).sum(axis=1),
            "admitted": (day >= pd.Timestamp(days.earliest)) & (day <= pd.Timestamp(days.latest)),
        }
    )
    if not table["admitted"].any():
        return FirstSessions.refused(f"no session from {days.earliest} to {days.latest}")
    return FirstSessions(table, gains)
