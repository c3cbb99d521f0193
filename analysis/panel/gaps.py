"""How cheap small is against large: from book values where open, else from past returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.eras import in_era
from analysis.panel.legs import legs_of, small_minus_large
from analysis.results import InputError, Result

#: Months of the past relative return that stands in for the valuation gap where BE/ME is not open.
PAST_GAP_MONTHS = 60

#: Market value in June, and in the December before.
BASES = ("june", "december")

#: Months by which each basis' market values are older than the June it is listed under.
PRICED_BEFORE = {"june": 0, "december": 6}

#: All bases at once, the less favourable counting.
BOTH = "both"

#: In the place of a basis where past returns stand in for book values.
PAST = "past"

#: Months between two values of a predictor, by how it is sampled.
SAMPLINGS = {"monthly": 1, "june": 12}


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

    Parameters
    ----------
    monthly : DataFrame, shape (months, columns)
        The panel; decimal returns.
    valuation : DataFrame or None
        The gap by June, log points.
    leg : str
        A key of :data:`analysis.panel.EVERY_LEG`.

    Returns
    -------
    dict of str to Series
        ``{"june": ..., "december": ...}``, or ``{"past": ...}`` where no book-to-market is at
        hand; only months in which the leg has a return.
    """
    spread = small_minus_large(monthly, leg)
    if valuation is None or valuation.empty:
        return {PAST: past_gap(spread)}
    whole = {basis: book_gap(valuation, spread, basis) for basis in BASES}
    return {basis: gap.loc[spread.index[0] :] for basis, gap in whole.items()}


@dataclass(frozen=True)
class GapSample(Result):
    """Returns of a leg and the gap they are set against.

    Attributes
    ----------
    spread : Series
        Small minus large, decimal return a month, to the last month there is.
    gap : Series
        By month, known at its end; log points, or decimals where past returns stand in.
    """

    spread: pd.Series
    gap: pd.Series

    @property
    def returns(self) -> pd.Series:
        """The returns of the gap's months."""
        return self.spread.reindex(self.gap.index)

    def sampled(self, sampling: str) -> tuple[pd.Series, pd.Series]:
        """Returns and gap a period of :data:`SAMPLINGS`: every month, or every June.

        Of a year from July to June the returns are summed; years without twelve months are left
        out.
        """
        if SAMPLINGS[sampling] == 1:
            return self.returns, self.gap
        yearly = self.returns.rolling(SAMPLINGS[sampling]).sum().dropna()
        yearly = yearly[yearly.index.month == 6]
        years = yearly.index.asfreq("Y-JUN")
        return yearly.set_axis(years), self.gap.loc[yearly.index].set_axis(years)


def gap_samples(
    dataset: Dataset,
    leg: str,
    *,
    predictor: str = "gap",
    basis: str = BOTH,
    era: str = "full",
) -> dict[str, GapSample]:
    """A leg's returns with each gap that stands for its valuation.

    Parameters
    ----------
    dataset : Dataset
        Where it holds no valuation past returns stand in.
    leg : str
        A key of :data:`analysis.panel.LEGS`.
    predictor : {"gap", "past_return"}
        Book-to-market, or minus the leg's past return even where book-to-market is at hand.
    basis : {"both", "june", "december"}
    era : str
        A key of :data:`analysis.panel.eras.ERAS`.

    Returns
    -------
    dict of str to GapSample
        By basis; ``{"past": ...}`` where past returns are the predictor.

    Raises
    ------
    InputError
        For a leg the data set does not hold.
    """
    spread = small_minus_large(dataset.monthly, leg)
    if predictor == "past_return" or dataset.valuation is None or dataset.valuation.empty:
        found = {PAST: past_gap(spread)}
    else:
        found = {one: book_gap(dataset.valuation, spread, one) for one in bases_of(basis)}
    spread = in_era(spread, era)
    return {one: GapSample(spread, gap[gap.index.isin(spread.index)]) for one, gap in found.items()}


def gap_sample(dataset: Dataset, leg: str, predictor: str, basis: str, era: str) -> GapSample:
    """One of :func:`gap_samples`, refused where the data set does not hold it."""
    if leg not in legs_of(dataset.monthly):
        return GapSample.refused("the data set does not hold this leg")
    samples = gap_samples(dataset, leg, predictor=predictor, basis=basis, era=era)
    if predictor == "gap" and basis not in samples:
        return GapSample.refused("no book-to-market is at hand")
    return samples[PAST if predictor == "past_return" else basis]


def bases_of(basis: str) -> tuple[str, ...]:
    """The bases that one registered basis stands for."""
    return BASES if basis == BOTH else (basis,)
