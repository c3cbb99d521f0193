"""One month of the calendar against the others, and the means of all twelve, by era."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.calendar_month.month_words import name_of, plural_of
from analysis.panel.eras import in_era

MONTHS_A_YEAR = 12

#: Years that an era needs.
FEWEST_YEARS = 10

#: The eras shown: those of the grids, and the one in which the January effect was found.
ERA_WORDS = {
    "full": "all months",
    "to_1980": "to 1980",
    "from_1981": "from 1981",
    "from_1963_to_1979": "1963 to 1979, where it was found",
}

#: The eras whose means are drawn side by side.
COMPARED = ("to_1980", "from_1981")


def month_against_others(spread: pd.Series, month: int) -> pd.DataFrame:
    """A month of the calendar against the other months, by era.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal a month.
    month : int
        1 to 12.

    Returns
    -------
    DataFrame
        Of January: ``era, Januaries, January`` and ``other months`` (mean return of a month),
        ``difference, low, high`` (95% interval, unequal variances), ``p, January won, others won``
        (shares above zero) and ``January's share``: of the mean yearly return, where that is above
        zero.

    References
    ----------
    Keim, D. B. (1983), "Size-related anomalies and stock return seasonality", Journal of Financial
    Economics 12; Welch, B. L. (1938), Biometrika 29, for the interval.
    """
    name = name_of(month)
    rows = [
        (words, *_compared(part, month))
        for era, words in ERA_WORDS.items()
        if ((part := in_era(spread, era)).index.month == month).sum() >= FEWEST_YEARS
    ]
    columns = ["era", plural_of(month), name, "other months", "difference", "low", "high", "p"]
    columns += [f"{name} won", "others won", f"{name}'s share"]
    return pd.DataFrame(rows, columns=columns)


def means_by_month(spread: pd.Series) -> pd.DataFrame:
    """Mean return of each calendar month before and since 1981: ``month, era, mean, low, high``.

    The interval is 1.96 standard errors either way, decimal returns; an era of too few years has
    no rows.
    """
    rows = []
    for era in COMPARED:
        part = in_era(spread, era)
        grouped = part.groupby(part.index.month)
        sizes = grouped.size().reindex(range(1, MONTHS_A_YEAR + 1), fill_value=0)
        if sizes.min() < FEWEST_YEARS:
            continue
        means, errors = grouped.mean(), grouped.std(ddof=1) / np.sqrt(grouped.size())
        for month, mean in means.items():
            half_width = 1.96 * errors[month]
            rows.append((month, ERA_WORDS[era], mean, mean - half_width, mean + half_width))
    return pd.DataFrame(rows, columns=["month", "era", "mean", "low", "high"])


def _compared(part: pd.Series, month: int) -> tuple[Any, ...]:
    from scipy.stats import ttest_ind

    is_month = part.index.month == month
    own, others = part[is_month], part[~is_month]
    test = ttest_ind(own, others, equal_var=False)
    interval = test.confidence_interval(0.95)
    yearly = own.mean() + (MONTHS_A_YEAR - 1) * others.mean()
    return (
        *(len(own), own.mean(), others.mean(), own.mean() - others.mean()),
        *(float(interval.low), float(interval.high), float(test.pvalue)),
        *((own > 0).mean(), (others > 0).mean(), own.mean() / yearly if yearly > 0 else None),
    )
