"""Industries of the panel: their names, and what they return beyond the market."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.results import Refusal


def missing_industries(monthly: pd.DataFrame, industries: Sequence[str]) -> Refusal | None:
    """Why the panel gives no returns of some industries; None where it does."""
    if {f"ind_{name}" for name in industries} <= set(monthly.columns):
        return None
    return Refusal("the data hold no portfolios by industry")


def industry_lead(monthly: pd.DataFrame, industries: Sequence[str]) -> pd.Series:
    """Mean return of some industries less the market's, decimal a month; without NaN.

    Empty where the panel does not hold them.
    """
    if missing_industries(monthly, industries) is not None:
        return pd.Series(dtype=float, index=monthly.index[:0])
    own = monthly[[f"ind_{name}" for name in industries]].mean(axis=1, skipna=False)
    return (own - monthly["market"]).dropna()
