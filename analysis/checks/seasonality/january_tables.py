"""January by era, and what a January says about the rest of its year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.results import Refusal

JANUARY, MONTHS = 1, 12

#: Januaries that an era, or a regression, needs.
FEWEST_YEARS = 10

#: The eras shown: the claims' own, and the one in which the January effect was found.
ERAS = {
    "full": ("all months", None, None),
    "to_1980": ("to 1980", None, "1980-12"),
    "from_1981": ("from 1981", "1981-01", None),
    "keim": ("1963 to 1979, where it was found", "1963-01", "1979-12"),
}

#: Januaries among which one is called the strongest: the year's own and the ten before.
OF_ELEVEN = 11


@dataclass(frozen=True)
class RestOfYear:
    """OLS of small minus large, February to December, on the same year's January.

    Attributes
    ----------
    slope, low, high : float
        Coefficient and 95% interval, errors robust to unequal variance.
    error, p_value : float
        Standard error and two-sided p-value.
    intercept : float
    n : int
        Full years.
    """

    slope: float
    low: float
    high: float
    error: float
    p_value: float
    intercept: float
    n: int


def era_of(spread: pd.Series, era: str) -> pd.Series:
    """The months of one of :data:`ERAS`."""
    _, first, last = ERAS[era]
    return spread.loc[first:last]


def january_table(spread: pd.Series) -> pd.DataFrame:
    """January against the other months, by era.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal a month.

    Returns
    -------
    DataFrame
        ``era, Januaries, January`` and ``other months`` (mean return of a month), ``difference,
        low, high`` (95% interval, unequal variances), ``p, January won, others won`` (shares above
        zero) and ``January's share``: of the mean yearly return, where that is above zero.

    References
    ----------
    Keim, D. B. (1983), "Size-related anomalies and stock return seasonality", Journal of Financial
    Economics 12; Welch, B. L. (1938), Biometrika 29, for the interval.
    """
    rows = [_era_row(words, era_of(spread, era)) for era, (words, *_) in ERAS.items()]
    columns = ["era", "Januaries", "January", "other months", "difference", "low", "high", "p"]
    columns += ["January won", "others won", "January's share"]
    return pd.DataFrame([row for row in rows if row], columns=columns)


def month_means(spread: pd.Series) -> pd.DataFrame:
    """Mean return of each calendar month before and since 1981: ``month, era, mean, low, high``."""
    rows = []
    for era in ("to_1980", "from_1981"):
        part = era_of(spread, era)
        grouped = part.groupby(part.index.month)
        if grouped.size().reindex(range(1, MONTHS + 1), fill_value=0).min() < FEWEST_YEARS:
            continue
        means, errors = grouped.mean(), grouped.std(ddof=1) / np.sqrt(grouped.size())
        for month in means.index:
            reach = 1.96 * errors[month]
            rows.append(
                (month, ERAS[era][0], means[month], means[month] - reach, means[month] + reach)
            )
    return pd.DataFrame(rows, columns=["month", "era", "mean", "low", "high"])


def years_of(spread: pd.Series) -> pd.DataFrame:
    """January and the sum of February to December of every full year.

    Returns
    -------
    DataFrame, indexed by year
        ``january``, ``rest`` (decimal returns) and ``strongest``: whether no January of the ten
        years before was stronger (False without ten years before).
    """
    full = spread.groupby(spread.index.year).transform("size") == MONTHS
    kept = spread[full]
    is_january = kept.index.month == JANUARY
    january = kept[is_january].groupby(kept[is_january].index.year).sum()
    rest = kept[~is_january].groupby(kept[~is_january].index.year).sum()
    best = january.rolling(OF_ELEVEN).max()
    frame = pd.DataFrame({"january": january, "rest": rest, "strongest": january >= best})
    return frame.rename_axis("year")


def rest_of_year(years: pd.DataFrame) -> RestOfYear | Refusal:
    """Does a strong January come before a strong rest of the year?

    Parameters
    ----------
    years : DataFrame
        ``january`` and ``rest`` by year, as :func:`years_of` gives them.

    References
    ----------
    MacKinnon, J. G. and H. White (1985), Journal of Econometrics 29, HC1.
    """
    import statsmodels.api as sm

    if len(years) < FEWEST_YEARS:
        return Refusal(f"{len(years)} full years; {FEWEST_YEARS} are needed")
    design = sm.add_constant(years["january"].to_numpy())
    fit = sm.OLS(years["rest"].to_numpy(), design).fit(cov_type="HC1", use_t=True)
    low, high = fit.conf_int()[1]
    return RestOfYear(
        slope=float(fit.params[1]),
        low=float(low),
        high=float(high),
        error=float(fit.bse[1]),
        p_value=float(fit.pvalues[1]),
        intercept=float(fit.params[0]),
        n=len(years),
    )


def after_strongest(years: pd.DataFrame) -> pd.DataFrame:
    """The rest of the year after the strongest January of eleven, against all years.

    Returns
    -------
    DataFrame
        ``years, number, share of all, mean rest, small won``; only years with ten before them.
    """
    judged = years.iloc[OF_ELEVEN - 1 :]
    rows = [
        (words, len(part), len(part) / len(judged), part["rest"].mean(), (part["rest"] > 0).mean())
        for words, part in (
            ("strongest January of eleven", judged[judged["strongest"]]),
            ("all", judged),
        )
        if len(part)
    ]
    return pd.DataFrame(rows, columns=["years", "number", "share of all", "mean rest", "small won"])


def _era_row(words: str, part: pd.Series) -> tuple | None:
    from scipy.stats import ttest_ind

    is_january = part.index.month == JANUARY
    januaries, others = part[is_january], part[~is_january]
    if len(januaries) < FEWEST_YEARS:
        return None
    test = ttest_ind(januaries, others, equal_var=False)
    interval = test.confidence_interval(0.95)
    yearly = januaries.mean() + 11 * others.mean()
    share = januaries.mean() / yearly if yearly > 0 else None
    return (
        *(words, len(januaries), januaries.mean(), others.mean()),
        *(januaries.mean() - others.mean(), float(interval.low), float(interval.high)),
        *(float(test.pvalue), (januaries > 0).mean(), (others > 0).mean(), share),
    )
