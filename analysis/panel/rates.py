"""Rates, spreads, prices and lending standards by month, in decimals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.results import InputError

#: FRED's series that need no more than a change of unit from per cent a year.
RATES = {
    "FEDFUNDS": "fed_funds",
    "GS10": "gs10",
    "TB3MS": "tb3ms",
    "AAA": "aaa",
    "BAA": "baa",
}

#: Surveys of loan officers, by quarter.
SURVEYS = {"DRTSCILM": "lending_standards", "DRTSCIS": "lending_standards_small"}

LEVEL = "CPIAUCSL"
EARNINGS = "AHETPI"
VIX = "VIXCLS"
HIGH_YIELD = "BAMLH0A0HYM2"
TARGETS = ("DFEDTAR", "DFEDTARU")

#: The broad dollar by day, and the index it replaced, a mean of the month.
DOLLARS = ("DTWEXBGS", "TWEXBMTH")

#: FRED's series the panel needs.
SERIES = (*RATES, LEVEL, EARNINGS, VIX, HIGH_YIELD, *SURVEYS, *TARGETS, *DOLLARS)


def published_rates(dataset: Dataset) -> pd.DataFrame:
    """Rates and prices of a data set as far as it has them, beyond the last month of returns."""
    return dataset.monthly if dataset.rates is None else dataset.rates


def monthly_rates(series: Mapping[str, pd.Series]) -> pd.DataFrame:
    """FRED's series under the panel's names.

    Parameters
    ----------
    series : mapping of str to Series
        Those of :data:`SERIES` that are at hand, as their reader gives them: per cent, by month,
        quarter or day. The column of one that is not is left out.

    Returns
    -------
    DataFrame, shape (months, up to 13)
        ``fed_funds, gs10, tb3ms, aaa, baa`` (decimal rate a year, mean of the month), ``cpi``
        (index level, NaN in a month no prices were collected), ``hourly_earnings`` (dollars),
        ``vix`` and ``high_yield`` (decimal a year, the month's last value), ``target`` (decimal
        rate a year at the end of the month), ``lending_standards`` and
        ``lending_standards_small`` (net share of banks, −1 to 1), ``broad_dollar`` (index level,
        mean of the month, :func:`spliced_dollar`).
    """
    columns = {ours: series[theirs] / 100.0 for theirs, ours in RATES.items() if theirs in series}
    if LEVEL in series:
        columns["cpi"] = series[LEVEL]
    if EARNINGS in series:
        columns["hourly_earnings"] = series[EARNINGS]
    if VIX in series:
        columns["vix"] = month_end_close(series[VIX]) / 100.0
    if HIGH_YIELD in series:
        columns["high_yield"] = month_end_close(series[HIGH_YIELD]) / 100.0
    if set(TARGETS) <= set(series):
        columns["target"] = month_end_target(*(series[name] for name in TARGETS)) / 100.0
    if set(DOLLARS) <= set(series):
        columns["broad_dollar"] = spliced_dollar(*(series[name] for name in DOLLARS))
    if not columns:
        return pd.DataFrame(index=pd.PeriodIndex([], freq="M", name="month"))
    months = pd.period_range(
        min(column.index[0] for column in columns.values()),
        max(column.index[-1] for column in columns.values()),
        freq="M",
        name="month",
    )
    for theirs, ours in SURVEYS.items():
        if theirs in series:
            columns[ours] = published_survey(series[theirs], months) / 100.0
    return pd.DataFrame(columns).reindex(months)


def month_end_target(single: pd.Series, upper: pd.Series) -> pd.Series:
    """The target for the federal funds rate as announced by the end of each month.

    Parameters
    ----------
    single : Series
        DFEDTAR, by day, to the last day of the single target.
    upper : Series
        DFEDTARU, upper end of the range, by day. Its changes are dated when they take effect, the
        day after the announcement, so each value is moved back by a day; DFEDTAR's are dated when
        they are announced.

    Returns
    -------
    Series by month, in the units given; a month is left out until its last day is known.
    """
    announced = upper.set_axis(upper.index - pd.Timedelta(days=1))
    days = pd.concat([single, announced[announced.index > single.index[-1]]])
    last = days[days.index.is_month_end]
    return last.set_axis(last.index.to_period("M").rename("month"))


def month_end_close(days: pd.Series) -> pd.Series:
    """Last value of each month that is over, by month.

    Parameters
    ----------
    days : Series by day
        A month counts as over when the days go on beyond it, or reach its last three.
    """
    known = days.dropna()
    last = known.groupby(known.index.to_period("M")).last().rename_axis("month")
    end = known.index[-1]
    return last if end.days_in_month - end.day < 3 else last.iloc[:-1]


def spliced_dollar(newer: pd.Series, older: pd.Series) -> pd.Series:
    """One dollar of the broad index of today and, before it, of the index it replaced.

    Both are taken as means of the month, so that nothing changes in kind where they meet. The older
    one is scaled to the newer in the first month both have, which joins their growth rates: the
    two have different bases, and the newer one's moves whenever weights are revised.

    Parameters
    ----------
    newer : Series
        DTWEXBGS, by day.
    older : Series
        TWEXBMTH, by month.

    Returns
    -------
    Series by month, index level; a month that ends after the newer one's last day is left out.

    Raises
    ------
    InputError
        Where no month has both.
    """
    days = newer.dropna()
    means = days.groupby(days.index.to_period("M")).mean()
    ends = means.index.to_timestamp(how="end").normalize()
    # a month ends on a Saturday or Sunday two days after its last day with a rate
    means = means[ends - pd.Timedelta(days=3) <= days.index[-1]]
    both = means.index.intersection(older.dropna().index)
    if both.empty:
        raise InputError(
            f"DTWEXBGS.csv begins in its row of {days.index[0].date()} and TWEXBMTH.csv, the index"
            f" before it, ends in that of {older.dropna().index[-1]}: they share no month, so their"
            " growth rates cannot be joined; pull both files again"
        )
    scaled = older.dropna() * (means[both[0]] / older[both[0]])
    joined = pd.concat([scaled[scaled.index < both[0]], means[means.index >= both[0]]])
    return joined.rename_axis("month")


def published_survey(survey: pd.Series, months: pd.PeriodIndex) -> pd.Series:
    """A quarterly survey as it was known at the end of each month.

    The Senior Loan Officer Survey of a quarter asks in its first month and is published by the end
    of the second; it stands there until the next one does, three months at most.

    Parameters
    ----------
    survey : Series
        By quarter.
    months : PeriodIndex

    Returns
    -------
    Series by month, NaN before the first survey and when one is overdue.
    """
    known = survey.set_axis(survey.index.asfreq("M", "start") + 1).rename_axis("month")
    return known.reindex(months).ffill(limit=2)
