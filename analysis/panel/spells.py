"""Wide gaps as a person could have seen them: real-time percentiles, spells and episodes."""

from __future__ import annotations

import pandas as pd


def real_time_percentile(gap: pd.Series, history: int) -> pd.Series:
    """Share of the months so far, this one included, whose gap is no wider.

    Parameters
    ----------
    gap : Series
        Log points, without NaN.
    history : int
        Months before a percentile is taken seriously.

    Returns
    -------
    Series, between 0 and 1, from month number `history` on.
    """
    return gap.expanding(history).rank(method="max", pct=True).dropna()


def wide_spells(gap: pd.Series, percentile: float, history: int) -> pd.DataFrame:
    """Unbroken spells with the gap above its own real-time percentile.

    Returns
    -------
    DataFrame
        ``first``, ``last`` (Period) and ``months``, in order.
    """
    wide = real_time_percentile(gap, history) > percentile
    group = (wide != wide.shift()).cumsum()[wide]
    spells = [(part.index[0], part.index[-1], len(part)) for _, part in group.groupby(group)]
    return pd.DataFrame(spells, columns=["first", "last", "months"])


def independent_episodes(spells: pd.DataFrame, months: int) -> list[pd.Period]:
    """Beginnings of spells, leaving out those within `months` of the one counted before."""
    counted: list[pd.Period] = []
    for first in spells["first"]:
        if not counted or (first - counted[-1]).n > months:
            counted.append(first)
    return counted


def episode_spans(spells: pd.DataFrame, months: int) -> dict[pd.Period, pd.Period]:
    """Independent episodes by their first month, each with the last month of its last spell."""
    firsts = independent_episodes(spells, months)
    ends = [*firsts[1:], None][: len(firsts)]
    return {
        first: spells.loc[
            (spells["first"] >= first) & (True if end is None else spells["first"] < end), "last"
        ].max()
        for first, end in zip(firsts, ends, strict=True)
    }


def share_wide(gap: pd.Series, percentile: float, history: int) -> float:
    """Share of months with the gap above its own real-time percentile; NaN without history."""
    return float((real_time_percentile(gap, history) > percentile).mean())
