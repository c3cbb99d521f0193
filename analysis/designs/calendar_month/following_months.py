"""A month of the calendar, and the eleven months that follow it."""

from __future__ import annotations

import pandas as pd

from analysis.designs.calendar_month.month_means import FEWEST_YEARS, MONTHS_A_YEAR
from analysis.designs.calendar_month.month_words import name_of
from analysis.inference.robust_slope import RobustSlope, robust_slope
from analysis.results import number_word


def years_from(spread: pd.Series, month: int, before: int) -> pd.DataFrame:
    """A month and the sum of the eleven after it, of every whole year that begins with it.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal a month.
    month : int
        1 to 12.
    before : int
        Years among which a month is called the strongest, besides its own.

    Returns
    -------
    DataFrame, indexed by the year the month lies in
        ``month``, ``rest`` (decimal returns) and ``strongest``: whether that month of none of the
        years before was stronger (False without so many years before).
    """
    year = pd.Index((spread.index - (month - 1)).year, name="year")
    whole = spread.groupby(year).transform("size") == MONTHS_A_YEAR
    is_month = spread.index.month == month
    own, rest = (spread[whole & chosen] for chosen in (is_month, ~is_month))
    frame = pd.DataFrame(
        {
            "month": own.groupby(year[whole & is_month]).sum(),
            "rest": rest.groupby(year[whole & ~is_month]).sum(),
        }
    )
    best = frame["month"].rolling(before + 1).max()
    return frame.assign(strongest=frame["month"] >= best)


def rest_on_month(years: pd.DataFrame) -> RobustSlope:
    """Does a strong month come before a strong rest of its year? Refused with too few years."""
    if len(years) < FEWEST_YEARS:
        return RobustSlope.refused(f"{len(years)} full years; {FEWEST_YEARS} are needed")
    return robust_slope(years["rest"].to_numpy(), years["month"].to_numpy())


def after_strongest(years: pd.DataFrame, month: int, before: int) -> pd.DataFrame:
    """The rest of the year after the strongest month of so many years, against all years.

    Returns
    -------
    DataFrame
        ``years, number, share of all, mean rest, small won``; only years with enough before them.
    """
    judged = years.iloc[before:]
    strongest = f"strongest {name_of(month)} of {number_word(before + 1)}"
    rows = [
        (words, len(part), len(part) / len(judged), part["rest"].mean(), (part["rest"] > 0).mean())
        for words, part in ((strongest, judged[judged["strongest"]]), ("all", judged))
        if len(part)
    ]
    return pd.DataFrame(rows, columns=["years", "number", "share of all", "mean rest", "small won"])
