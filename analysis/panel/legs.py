"""Small minus large: the same bet with different legs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.panel.portfolios import PORTFOLIOS
from analysis.results import InputError


@dataclass(frozen=True)
class Leg:
    """One way to measure small minus large.

    Attributes
    ----------
    name : str
    words : str
        For axis titles and tables.
    small, large : tuple of str
        Columns averaged with equal weights; an empty `large` means `small` is a spread already.
    """

    name: str
    words: str
    small: tuple[str, ...]
    large: tuple[str, ...]

    def columns(self) -> tuple[str, ...]:
        """All columns the leg needs."""
        return (*self.small, *self.large)


_S1, _S3, _S5 = (PORTFOLIOS[fifth].columns for fifth in ("s1", "s3", "s5"))

LEGS: dict[str, Leg] = {
    leg.name: leg
    for leg in (
        Leg("smb", "SMB", ("smb",), ()),
        Leg("s1_s5", "smallest less largest fifth, mean of three value groups", _S1, _S5),
        Leg("s1v3_s5v3", "smallest less largest fifth, middle value group", ("s1v3",), ("s5v3",)),
        Leg("s3_s5", "middle less largest fifth, mean of three value groups", _S3, _S5),
        Leg("s1_market", "smallest fifth less the market", _S1, ("market",)),
        Leg(
            "halves",
            "small half less big half, capitalisation weights",
            ("small_half",),
            ("big_half",),
        ),
        Leg("lo30_hi30", "smallest 30% less largest 30%", ("lo30",), ("hi30",)),
        Leg("lo20_hi20", "Lo20 less Hi20", ("lo20",), ("hi20",)),
        Leg("d1_d10", "decile 1 less decile 10", ("dec1",), ("dec10",)),
        Leg("d2d5_hi10", "deciles 2 to 5 less the largest", ("d2d5",), ("dec10",)),
        Leg("lo30_market", "smallest 30% less the market", ("lo30",), ("market",)),
    )
}


#: A reader's own small minus large, which a data set holds where a run was given a file of returns.
OWN = Leg("own", "your own returns", ("own",), ())

#: Every leg by name: the project's own and the reader's.
EVERY_LEG: dict[str, Leg] = {**LEGS, OWN.name: OWN}


def legs_of(monthly: pd.DataFrame) -> tuple[str, ...]:
    """Names of the legs that `monthly` has the columns for.

    Parameters
    ----------
    monthly : DataFrame, shape (months, columns)
        The panel.
    """
    return _legs_among(tuple(monthly.columns))


@lru_cache(maxsize=64)
def _legs_among(columns: tuple[str, ...]) -> tuple[str, ...]:
    held = frozenset(columns)
    return tuple(name for name, leg in EVERY_LEG.items() if held.issuperset(leg.columns()))


def small_minus_large(monthly: pd.DataFrame, leg: str) -> pd.Series:
    """Monthly return of small less large.

    Parameters
    ----------
    monthly : DataFrame, shape (months, columns)
        The panel.
    leg : str
        A key of :data:`EVERY_LEG`.

    Returns
    -------
    Series, decimal return a month, without NaN at its ends.

    Raises
    ------
    InputError
        For an unknown leg, or one this data set has no columns for.
    """
    if leg not in EVERY_LEG:
        raise InputError(f"unknown leg {leg!r}; one of {', '.join(EVERY_LEG)}")
    chosen = EVERY_LEG[leg]
    missing = [name for name in chosen.columns() if name not in monthly.columns]
    if missing and leg == OWN.name:
        raise InputError("leg 'own' needs returns of yours; give --leg FILE.csv:SMALL-LARGE")
    if missing:
        open_legs = ", ".join(legs_of(monthly))
        raise InputError(
            f"leg {leg!r} needs {', '.join(missing)}, which this data set does not hold"
            f" up to {monthly.index[-1]};"
            f" use one of {open_legs}, or the latest data"
        )
    spread = monthly[list(chosen.small)].mean(axis=1, skipna=False)
    if chosen.large:
        spread = spread - monthly[list(chosen.large)].mean(axis=1, skipna=False)
    first, last = spread.first_valid_index(), spread.last_valid_index()
    return spread.loc[first:last].rename(leg)


def log_relative_return(monthly: pd.DataFrame, leg: str) -> pd.Series:
    """Log of small's growth over large's, month by month: its sum says who ended with more.

    A small-minus-large return of high variance can be positive on average while small ends with
    less; a sum of logs cannot. Of a leg that is a spread already it is the log of one plus it.

    Parameters
    ----------
    monthly, leg
        As :func:`small_minus_large`.

    Returns
    -------
    Series, log return a month, without NaN at its ends.
    """
    spread = small_minus_large(monthly, leg)
    chosen = EVERY_LEG[leg]
    if not chosen.large:
        return np.log1p(spread)
    small, large = (
        monthly[list(side)].mean(axis=1, skipna=False).reindex(spread.index)
        for side in (chosen.small, chosen.large)
    )
    return (np.log1p(small) - np.log1p(large)).rename(leg)
