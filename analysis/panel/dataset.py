"""Everything a check may see, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
        Name of the snapshot; None for data that are in none.
    vintages : mapping of str to str
        Id of each of French's files in ``data/sources.yml`` and the month (``YYYYMM``) of the CRSP
        database behind it; empty for the bundled data.
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
    vintages: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
