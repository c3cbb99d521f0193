"""How cheap small is against large: from book values where open, else from past returns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.panel.legs import small_minus_large
from analysis.results import InputError

#: Months of the past relative return that stands in for the valuation gap where BE/ME is not open.
PAST_GAP_MONTHS = 60

BASES = ("june", "december")


def past_gap(spread: pd.Series, months: int = PAST_GAP_MONTHS) -> pd.Series:
    """Minus the past relative return: the stand-in for the valuation gap.

    High after small has lagged. Known at the end of each month; the first ``months - 1`` months
    are left out.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal return a month.
    months : int
        Length of the window.

    Returns
    -------
    Series
        Minus the sum of the window's returns, in decimals.

    References
    ----------
    De Bondt and Thaler (1985) use past five-year returns as a value measure; Asness, Moskowitz and
    Pedersen (2013) do so for assets without book values.
    """
    return -spread.rolling(months).sum().dropna().rename("gap_past")


def book_gap(valuation: pd.DataFrame, spread: pd.Series, basis: str) -> pd.Series:
    """The log book-to-market gap, month by month.

    In June it is the gap of the newly formed portfolios; until the next June it moves by minus the
    log of one plus the small-minus-large return, so that its shocks meet the returns they come
    from, and it is known at the end of the month.

    Parameters
    ----------
    valuation : DataFrame
        Indexed by June (monthly Period), columns ``gap_june`` and ``gap_december`` in log points.
    spread : Series
        Small minus large, decimal return a month.
    basis : {"june", "december"}
        Which market value the book value of the year before is set against.

    Returns
    -------
    Series, log points, from the first June with a return after it.

    Raises
    ------
    InputError
        For an unknown basis.
    """
    if basis not in BASES:
        raise InputError(f"unknown basis {basis!r}; one of {', '.join(BASES)}")
    junes = valuation[f"gap_{basis}"].dropna()
    moves = -np.log1p(spread)
    months = pd.period_range(junes.index[0], spread.index[-1], freq="M")
    anchor = junes.reindex(months).ffill()
    since_june = moves.reindex(months)
    since_june[months.month == 6] = 0.0
    formation_year = np.where(months.month >= 6, months.year, months.year - 1)
    gap = anchor + since_june.groupby(formation_year).cumsum()
    stale = formation_year > junes.index[-1].year
    return gap[~stale].dropna().rename(f"gap_{basis}")


def gaps(monthly: pd.DataFrame, valuation: pd.DataFrame | None, leg: str) -> dict[str, pd.Series]:
    """Every predictor the data set allows: both bases of book-to-market, else the past gap.

    Returns
    -------
    dict of str to Series
        ``{"june": ..., "december": ...}``, or ``{"past": ...}`` where no book-to-market is at
        hand; only months in which the leg has a return.
    """
    spread = small_minus_large(monthly, leg)
    if valuation is None or valuation.empty:
        return {"past": past_gap(spread)}
    whole = {basis: book_gap(valuation, spread, basis) for basis in BASES}
    return {basis: gap.loc[spread.index[0] :] for basis, gap in whole.items()}
