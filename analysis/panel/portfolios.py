"""Portfolios of the panel by short names: one column, or the plain mean of some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.results import InputError, Refusal, nearest


@dataclass(frozen=True)
class Portfolio:
    """Columns of the panel held with equal weights.

    Attributes
    ----------
    words : str
        For sentences and tables.
    columns : tuple of str
    """

    words: str
    columns: tuple[str, ...]


#: A fifth by size is the mean of its three value groups. The profitable small fifth is the mean of
#: the smallest fifth's third to fifth groups by operating profitability.
PORTFOLIOS: dict[str, Portfolio] = {
    "market": Portfolio("the market", ("market",)),
    "s5": Portfolio("largest fifth", ("s5v1", "s5v3", "s5v5")),
    "s3": Portfolio("middle fifth", ("s3v1", "s3v3", "s3v5")),
    "s1": Portfolio("smallest fifth", ("s1v1", "s1v3", "s1v5")),
    "s5v3": Portfolio("largest fifth, middle BE/ME", ("s5v3",)),
    "s1v3": Portfolio("smallest fifth, middle BE/ME", ("s1v3",)),
    "s1v5": Portfolio("smallest fifth, highest BE/ME", ("s1v5",)),
    "hi30": Portfolio("largest 30%", ("hi30",)),
    "lo30": Portfolio("smallest 30%", ("lo30",)),
    "big_half": Portfolio("larger half", ("big_half",)),
    "small_half": Portfolio("smaller half", ("small_half",)),
    "d2d5": Portfolio("deciles 2 to 5 by size", ("d2d5",)),
    "dec10": Portfolio("largest tenth", ("dec10",)),
    "me1_high_op": Portfolio("smallest fifth, profitable", ("me1op3", "me1op4", "me1op5")),
    "me1_top_op": Portfolio("smallest fifth, most profitable", ("me1op5",)),
}


def missing_portfolio(monthly: pd.DataFrame, *names: str) -> Refusal | None:
    """Why the first portfolio that the panel lacks cannot be had; None where it holds all.

    Raises
    ------
    InputError
        For an unknown portfolio.
    """
    for name in names:
        if not set(_columns(name)) <= set(monthly.columns):
            needs = "latest" if name.startswith("me") else None
            return Refusal(f"the data hold no {PORTFOLIOS[name].words}", needs=needs)
    return None


def portfolio_returns(
    monthly: pd.DataFrame, portfolios: Mapping[str, str], *others: str
) -> pd.DataFrame:
    """Returns of some portfolios in the months that have all of them.

    Parameters
    ----------
    monthly : DataFrame
        The panel.
    portfolios : mapping of str to str
        Name of a column of the result -> key of :data:`PORTFOLIOS`.
    others : str
        Columns of the panel that are wanted in the same months.

    Returns
    -------
    DataFrame, shape (months, portfolios and others)
        Decimal a month, without NaN; without months where the panel lacks a portfolio.

    Raises
    ------
    InputError
        For an unknown portfolio.
    """
    if missing_portfolio(monthly, *portfolios.values()) is not None:
        return pd.DataFrame(columns=[*portfolios, *others], index=monthly.index[:0], dtype=float)
    means = {
        role: monthly[list(_columns(name))].mean(axis=1, skipna=False)
        for role, name in portfolios.items()
    }
    return pd.DataFrame(means | {name: monthly[name] for name in others}).dropna()


def _columns(name: str) -> tuple[str, ...]:
    if name not in PORTFOLIOS:
        raise InputError(f"unknown portfolio {name!r}{nearest(name, PORTFOLIOS)}")
    return PORTFOLIOS[name].columns
