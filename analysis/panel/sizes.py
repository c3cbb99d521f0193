"""Portfolios by size: French's tables under the panel's names, in decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.sources.french import to_decimal

FIFTHS = (1, 2, 3, 4, 5)

SIZE_NAMES = {
    "Lo 30": "lo30",
    "Med 40": "mid40",
    "Hi 30": "hi30",
    "Lo 20": "lo20",
    "Hi 20": "hi20",
    "Lo 10": "dec1",
    **{f"Dec {place}": f"dec{place}" for place in range(2, 10)},
    "Hi 10": "dec10",
}

_SECOND_TO_FIFTH = ["Dec 2", "Dec 3", "Dec 4", "Dec 5"]


def size_returns(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Value-weighted returns by size, three groups, fifths' ends and tenths, and tenths 2 to 5.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``Portfolios_Formed_on_ME`` as its reader gives it.

    Returns
    -------
    DataFrame, shape (months, 16)
        Decimal return a month: ``lo30, mid40, hi30, lo20, hi20, dec1 … dec10`` as published, and
        ``d2d5``, the tenths 2 to 5 weighted by capitalisation, the nearest to the Russell 2000.
    """
    returns = to_decimal(tables["vw_monthly"])
    middle = weighted_mean(returns[_SECOND_TO_FIFTH], capitalisation(tables)[_SECOND_TO_FIFTH])
    return returns.rename(columns=SIZE_NAMES)[list(SIZE_NAMES.values())].assign(d2d5=middle)


def size_counts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Number of firms in the three groups by size at the start of the month.

    Parameters
    ----------
    tables
        As in :func:`size_returns`.

    Returns
    -------
    DataFrame, shape (months, 3)
        ``firms_lo30, firms_mid40, firms_hi30``.
    """
    names = {old: new for old, new in SIZE_NAMES.items() if new in ("lo30", "mid40", "hi30")}
    return tables["firms"][list(names)].rename(columns=names).add_prefix("firms_")


def half_returns(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Returns of the smaller and the larger half by NYSE's median, weighted by capitalisation.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``6_Portfolios_2x3`` as its reader gives it: three portfolios by BE/ME for each half.

    Returns
    -------
    DataFrame, shape (months, 2)
        ``small_half``, ``big_half``: decimal return a month. Unlike SMB's legs, whose three value
        groups count alike.
    """
    returns, weights = to_decimal(tables["vw_monthly"]), capitalisation(tables)
    return weighted_means(returns, weights, {"small_half": range(3), "big_half": range(3, 6)})


def sorted_returns(tables: Mapping[str, pd.DataFrame], names: Sequence[str]) -> pd.DataFrame:
    """Value-weighted returns of a sort of portfolios, decimal a month, under other names."""
    return to_decimal(tables["vw_monthly"]).set_axis(list(names), axis=1)


def sort_names(size: str, other: str) -> list[str]:
    """Names of the 25 portfolios in French's order, such as ``s1v1 … s5v5``."""
    return [f"{size}{row}{other}{column}" for row in FIFTHS for column in FIFTHS]


def capitalisation(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Capitalisation of each portfolio at the start of the month, million dollars.

    Number of firms times average size. French lists beside a month's return the firms and the
    size the return starts from: the decile portfolios, so weighted, give back his larger groups,
    and those weighted with the row before do not, in July above all.
    """
    return tables["firms"] * tables["size"]


def weighted_mean(values: pd.DataFrame, weights: pd.DataFrame) -> pd.Series:
    """Mean of the columns by weight, row by row; a portfolio without firms counts for nothing.

    Parameters
    ----------
    values, weights : DataFrame, same shape and labels

    Returns
    -------
    Series, NaN where no column has both a value and a positive weight.
    """
    known = weights.where(values.notna() & (weights > 0))
    return (values * known).sum(axis=1, min_count=1) / known.sum(axis=1, min_count=1)


def weighted_means(
    values: pd.DataFrame, weights: pd.DataFrame, groups: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """:func:`weighted_mean` of groups of columns, given by the columns' places."""
    return pd.DataFrame(
        {
            name: weighted_mean(values.iloc[:, list(places)], weights.iloc[:, list(places)])
            for name, places in groups.items()
        }
    )


def top_share(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Share of the largest tenth by NYSE size in the value of all firms, start of the month.

    Parameters
    ----------
    tables
        As in :func:`size_returns`.

    Returns
    -------
    DataFrame, shape (months, 1)
        ``top_share``, 0 to 1: number of firms times average size, tenth by tenth. How many firms
        the largest tenth holds is set by the New York exchange's own.
    """
    tenths = [name for name, ours in SIZE_NAMES.items() if ours.startswith("dec")]
    value = capitalisation(tables)[tenths]
    return (value["Hi 10"] / value.sum(axis=1, min_count=len(tenths))).to_frame("top_share")
