"""Everything a check may see, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Dataset:
    """Everything a check may see.

    Attributes
    ----------
    monthly : DataFrame
        Monthly PeriodIndex without gaps; decimals.
    facts : mapping of str to DataFrame
    data : str
        ``"bundled"`` or ``"latest"``.
    as_of : Period
        Last month of `monthly`.
    daily, funds, valuation : DataFrame or None
    snapshot : str or None
        Name of the snapshot and vintages, for the page.
    left_out : tuple of str
        Easing cycles that lie after `as_of` and are not seen.
    """

    monthly: pd.DataFrame
    facts: Mapping[str, pd.DataFrame]
    data: str
    as_of: pd.Period
    daily: pd.DataFrame | None = None
    funds: pd.DataFrame | None = None
    valuation: pd.DataFrame | None = None
    snapshot: str | None = None
    left_out: tuple[str, ...] = ()
