"""Factors of other markets, in decimals: size, value, profitability and the market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.results import InputError
from analysis.sources.french import to_decimal

#: Region of the panel and its file. The developed markets hold the other three.
REGIONS: dict[str, str] = {
    "developed": "french/Developed_ex_US_5_Factors",
    "europe": "french/Europe_3_Factors",
    "japan": "french/Japan_5_Factors",
    "asia_pacific": "french/Asia_Pacific_ex_Japan_3_Factors",
}

WORDS = {
    "developed": "developed markets without the US",
    "europe": "Europe",
    "japan": "Japan",
    "asia_pacific": "Asia Pacific without Japan",
}

#: Regions whose firms a region holds too.
HOLDS: dict[str, tuple[str, ...]] = {"developed": ("europe", "japan", "asia_pacific")}

#: French's names and the panel's.
FACTORS = {"Mkt-RF": "market_excess", "SMB": "smb", "HML": "hml", "RMW": "rmw"}


def region_factors(tables: Mapping[str, pd.DataFrame], region: str) -> pd.DataFrame:
    """Factors of one region in dollars, as far as its file has them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The region's file as its reader gives it.
    region : str
        A key of :data:`REGIONS`.

    Returns
    -------
    DataFrame
        ``market_excess_REGION, smb_REGION, hml_REGION`` and, of five factors, ``rmw_REGION``:
        decimal return a month.
    """
    known = to_decimal(tables["monthly"])
    held = {theirs: f"{ours}_{region}" for theirs, ours in FACTORS.items() if theirs in known}
    return known[list(held)].rename(columns=held)


def pooled_smb(dataset: Dataset, regions: Sequence[str]) -> pd.Series:
    """SMB of some regions, the mean of each month over those that have it.

    A month's shocks are shared, so months and not regions are what a test may count.

    Parameters
    ----------
    dataset : Dataset
    regions : sequence of str
        Keys of :data:`REGIONS`. Their files may be of different vintages only where they share no
        firm, since one firm's history would else enter as two vintages tell it.

    Returns
    -------
    Series, decimal a month; no rows where a region is not at hand.

    Raises
    ------
    InputError
        For regions that share firms and come from files of different vintages.
    """
    vintages = {one: dataset.vintages.get(REGIONS[one], "") for one in regions}
    for whole, part in ((a, b) for a in regions for b in HOLDS.get(a, ()) if b in regions):
        if vintages[whole] != vintages[part]:
            raise InputError(
                f"{REGIONS[whole]}, of vintage {vintages[whole]}, and {REGIONS[part]}, of vintage"
                f" {vintages[part]}, share firms and cannot be pooled; leave one out, or pull both"
                " again for files of one vintage"
            )
    names = [f"smb_{one}" for one in regions]
    if not set(names) <= set(dataset.monthly.columns):
        return pd.Series(dtype=float, index=dataset.monthly.index[:0])
    return dataset.monthly[names].dropna(how="all").mean(axis=1)
