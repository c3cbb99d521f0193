"""What the allocation chapter holds: groups of the panel's portfolios under one name."""

from __future__ import annotations

import pandas as pd

from analysis.results import InputError, Refusal

#: Columns averaged with equal weights. The profitable small fifth is the mean of the smallest
#: fifth's third to fifth groups by operating profitability.
ASSETS: dict[str, tuple[str, ...]] = {
    "market": ("market",),
    "s5": ("s5v1", "s5v3", "s5v5"),
    "s3": ("s3v1", "s3v3", "s3v5"),
    "s1": ("s1v1", "s1v3", "s1v5"),
    "s1v3": ("s1v3",),
    "s1v5": ("s1v5",),
    "lo30": ("lo30",),
    "me1_high_op": ("me1op3", "me1op4", "me1op5"),
}

ASSET_WORDS = {
    "market": "the market",
    "s5": "largest fifth",
    "s3": "middle fifth",
    "s1": "smallest fifth",
    "s1v3": "smallest fifth, middle BE/ME",
    "s1v5": "smallest fifth, highest BE/ME",
    "lo30": "smallest 30%",
    "me1_high_op": "smallest fifth, profitable",
}


def asset_returns(monthly: pd.DataFrame, *names: str) -> pd.DataFrame | Refusal:
    """Returns of some assets and of the bill, in months that have all of them.

    Parameters
    ----------
    monthly : DataFrame
        The panel.
    names : str
        Keys of :data:`ASSETS`.

    Returns
    -------
    DataFrame, columns `names` and ``bill``, decimal a month; Refusal where the panel lacks a
    column.

    Raises
    ------
    InputError
        For an unknown asset.
    """
    unknown = [name for name in names if name not in ASSETS]
    if unknown:
        raise InputError(f"unknown asset {unknown[0]!r}; one of {', '.join(ASSETS)}")
    missing = [name for name in names if not set(ASSETS[name]) <= set(monthly.columns)]
    if missing:
        return Refusal(f"the data hold no {ASSET_WORDS[missing[0]]}")
    columns = {name: monthly[list(ASSETS[name])].mean(axis=1, skipna=False) for name in names}
    return pd.DataFrame(columns | {"bill": monthly["bill"]}).dropna()
