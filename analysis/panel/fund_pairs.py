"""Small less large, and equal less capital weights, by the closes of two funds."""

from __future__ import annotations

import pandas as pd

from analysis.panel.dataset import Dataset
from analysis.panel.fund_returns import monthly_returns
from analysis.panel.legs import legs_of, small_minus_large
from analysis.results import Refusal

#: The first fund less the second.
FUND_PAIRS: dict[str, tuple[str, str]] = {
    "iwm_spy": ("IWM", "SPY"),
    "iwm_ivv": ("IWM", "IVV"),
    "rsp_spy": ("RSP", "SPY"),
}


def missing_pair(dataset: Dataset, pair: str) -> Refusal | None:
    """Why a data set gives no monthly returns of a pair of funds; None where it does."""
    funds = FUND_PAIRS[pair]
    if dataset.funds is not None and set(funds) <= set(dataset.funds.columns):
        return None
    needs = "latest" if dataset.data == "bundled" else None
    return Refusal(f"needs closes of {' and '.join(funds)}", needs=needs)


def pair_spread(dataset: Dataset, pair: str) -> pd.Series:
    """Monthly return of the first fund of a pair less the second's, decimal; NaN left out.

    Up to the panel's last month, though closes may go on. Empty where the data set does not hold
    both.
    """
    first, second = FUND_PAIRS[pair]
    if dataset.funds is None or missing_pair(dataset, pair) is not None:
        return pd.Series(dtype=float, index=pd.PeriodIndex([], freq="M"), name=pair)
    returns = monthly_returns(dataset.funds[[first, second]]).dropna()
    return (returns[first] - returns[second]).rename(pair).loc[: dataset.as_of]


def missing_leg(dataset: Dataset, leg: str) -> Refusal | None:
    """Why a data set has no return of a leg, or a pair of funds; None where it has one."""
    if leg in FUND_PAIRS:
        return missing_pair(dataset, leg)
    if leg in legs_of(dataset.monthly):
        return None
    needs = "latest" if dataset.data == "bundled" else None
    return Refusal(f"the {dataset.data} data hold no leg {leg}", needs=needs)


def leg_returns(dataset: Dataset, leg: str) -> pd.Series:
    """Small minus large by one leg of the panel or by a pair of funds, decimal a month.

    Parameters
    ----------
    dataset : Dataset
    leg : str
        A key of :data:`analysis.panel.LEGS` or of :data:`FUND_PAIRS`.
    """
    if leg in FUND_PAIRS:
        return pair_spread(dataset, leg)
    monthly = dataset.monthly
    return dataset.once(("leg", leg), lambda: small_minus_large(monthly, leg))
