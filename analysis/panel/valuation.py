"""Small and large firms valued: book-to-market and returns of the same portfolios and vintage."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.gaps import BASES
from analysis.panel.sizes import capitalisation, weighted_mean, weighted_means
from analysis.sources.french import to_decimal

#: Fifths by size in each group. The claims name Lo30 and Hi30, for which French publishes no BE/ME;
#: ``small`` and ``big`` are the unions of fifths whose capitalisation is nearest to theirs (mean
#: absolute log ratio over all months), a rule written down before any gap was computed. Lo30 lies
#: between ``lo20`` and ``small``, Hi30 between ``hi20`` and ``big``, so the two pairs bracket it.
GROUPS: Mapping[str, tuple[int, ...]] = {
    "small": (1, 2),
    "big": (4, 5),
    "lo20": (1,),
    "hi20": (5,),
}


#: The group nearest in capitalisation to one for which French publishes no BE/ME.
NEAREST: Mapping[str, str] = {"lo30": "small", "hi30": "big"}


def characteristics(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Book-to-market, profitability and number of firms of small and of large firms.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``25_Portfolios_5x5`` as its reader gives it.

    Returns
    -------
    DataFrame, shape (months, 16)
        ``bm_GROUP_june`` and ``bm_GROUP_december`` (ratio), ``op_GROUP`` (ratio) and
        ``firms_GROUP`` (count) for each of :data:`GROUPS`, known at the end of the month.

    Notes
    -----
    Each ratio is Σ ME·x / Σ ME over the group's portfolios, ME being number of firms times average
    size. French lists beside July's return the portfolios formed at the end of June, so each row
    moves to the end of the month before; June's value is that of the portfolios just formed. From
    one June to the next book and market value stay those of the formation and only the weights
    move. Operating profitability is over book equity: in a few years, 2019 above all, firms of
    hardly any book equity rule the mean of the smallest, so compare medians over time.

    References
    ----------
    Fama and French (1993), Journal of Financial Economics 33; Pontiff and Schall (1998), Journal
    of Financial Economics 49, on the aggregate book-to-market ratio.
    """
    weights = capitalisation(tables)
    columns: dict[str, pd.Series] = {}
    for group in GROUPS:
        chosen = _places(group)
        for name, table in _ratios(group).items():
            columns[name] = weighted_mean(tables[table].iloc[:, chosen], weights.iloc[:, chosen])
        columns[f"firms_{group}"] = tables["firms"].iloc[:, chosen].sum(axis=1)
    return _at_month_end(pd.DataFrame(columns))


def group_returns(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Returns of the very firms whose book-to-market :func:`characteristics` gives.

    Parameters
    ----------
    tables
        As in :func:`characteristics`.

    Returns
    -------
    DataFrame, shape (months, 4)
        ``vw_GROUP`` for each of :data:`GROUPS`: decimal return a month, weighted by capitalisation.
    """
    returns, weights = to_decimal(tables["vw_monthly"]), capitalisation(tables)
    return weighted_means(returns, weights, {f"vw_{group}": _places(group) for group in GROUPS})


def half_characteristics(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Book-to-market of the two halves by size, as :func:`characteristics`.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``6_Portfolios_2x3`` as its reader gives it.

    Returns
    -------
    DataFrame, shape (months, 4)
        ``bm_small_half_june`` and so on: its own vintage, never set against another file's.
    """
    weights = capitalisation(tables)
    columns = {
        f"bm_{half}_half_{basis}": weighted_mean(
            tables[f"beme_{basis}"].iloc[:, chosen], weights.iloc[:, chosen]
        )
        for half, chosen in (("small", slice(0, 3)), ("big", slice(3, 6)))
        for basis in BASES
    }
    return _at_month_end(pd.DataFrame(columns))


def derive_valuation(book: pd.DataFrame, small: str = "small", big: str = "big") -> pd.DataFrame:
    """The valuation gap of each June and its place among the Junes up to it.

    Parameters
    ----------
    book : DataFrame
        Monthly, with the columns ``bm_SMALL_BASIS`` and ``bm_BIG_BASIS`` of
        :func:`characteristics`; the panel's monthly frame will do.
    small, big : str
        Groups set against each other.

    Returns
    -------
    DataFrame, shape (junes, 4)
        Indexed by June (monthly Period named ``june``): ``gap_june``, ``gap_december``, log BE/ME
        of small minus that of large; ``percentile_june``, ``percentile_december``, the share of
        the Junes up to that one whose gap is no wider, 0 to 1.
    """
    gaps = pd.DataFrame(
        {
            f"gap_{basis}": np.log(book[f"bm_{small}_{basis}"] / book[f"bm_{big}_{basis}"])
            for basis in BASES
        }
    )
    junes = gaps[gaps.index.month == 6].dropna().rename_axis("june")
    places = {f"percentile_{basis}": share_no_higher(junes[f"gap_{basis}"]) for basis in BASES}
    return junes.assign(**places)


def june_gaps(dataset: Dataset, small: str, large: str) -> pd.DataFrame:
    """The gap between two groups each June, or between those nearest to them.

    Parameters
    ----------
    dataset : Dataset
    small, large : str
        Keys of :data:`GROUPS` or :data:`NEAREST`, ``small_half`` or ``big_half``.

    Returns
    -------
    DataFrame
        As :func:`derive_valuation`, every June with a gap on all bases; empty where the data set
        holds no book-to-market of these groups.
    """
    groups = NEAREST.get(small, small), NEAREST.get(large, large)
    if groups == ("small", "big"):
        table = dataset.valuation
    else:
        needed = {f"bm_{group}_{basis}" for group in groups for basis in BASES}
        held = needed <= set(dataset.monthly.columns)
        table = derive_valuation(dataset.monthly, *groups) if held else None
    return pd.DataFrame() if table is None else table.dropna()


def relative_return(monthly: pd.DataFrame, small: str, large: str) -> pd.Series:
    """Return of one group over that of another: the very firms whose book-to-market is compared.

    Parameters
    ----------
    monthly : DataFrame
        The panel.
    small, large : str
        Keys of :data:`GROUPS` or :data:`NEAREST`.

    Returns
    -------
    Series, decimal a month
        (1 + small) / (1 + large) − 1, so that minus its log is the move of the log gap; empty
        where the panel does not hold both.
    """
    columns = [f"vw_{NEAREST.get(group, group)}" for group in (small, large)]
    if not set(columns) <= set(monthly.columns):
        return pd.Series(dtype=float, index=monthly.index[:0])
    first, second = (1.0 + monthly[name] for name in columns)
    return (first / second - 1.0).dropna()


def share_no_higher(values: pd.Series) -> pd.Series:
    """Share of the values up to and with each one that are no higher, 0 to 1."""
    return values.expanding().rank(method="max", pct=True)


def _ratios(group: str) -> dict[str, str]:
    return {**{f"bm_{group}_{basis}": f"beme_{basis}" for basis in BASES}, f"op_{group}": "op"}


def _places(group: str) -> list[int]:
    """Columns of a group: French lists the five portfolios of the smallest fifth first."""
    return [at for fifth in GROUPS[group] for at in range(5 * fifth - 5, 5 * fifth)]


def _at_month_end(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.set_axis(rows.index - 1)
