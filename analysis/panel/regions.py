"""Factors of other markets, in decimals: size, value, profitability and the market."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

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
