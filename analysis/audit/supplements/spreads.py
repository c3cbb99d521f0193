"""Small minus large by SMB, by two funds that can be bought, or by a reader's own file."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.panel import Dataset, small_minus_large
from analysis.panel.fund_returns import monthly_returns
from analysis.panel.legs import EVERY_LEG, OWN, log_relative_return

#: Funds that an investor can hold: the first less the second.
FUNDS: dict[str, tuple[str, str]] = {"iwm_spy": ("IWM", "SPY"), "ijr_spy": ("IJR", "SPY")}

#: Leg of the central claims.
CENTRAL = "smb"

#: SMB over the months that the funds have, under a name of its own.
SAME_MONTHS = "smb, months of IWM"


def words_of(leg: str) -> str:
    """A leg for a reader."""
    return " less ".join(FUNDS[leg]) if leg in FUNDS else EVERY_LEG[leg].words


def fund_sides(dataset: Dataset, leg: str) -> pd.DataFrame:
    """Monthly returns of both funds of a leg, up to the panel's last month, without NaN.

    Returns
    -------
    DataFrame, columns ``small, large``, decimal; no rows where the closes are not at hand.
    """
    names = list(FUNDS[leg])
    if dataset.funds is None or not set(names) <= set(dataset.funds.columns):
        return pd.DataFrame(columns=["small", "large"], index=pd.PeriodIndex([], freq="M"))
    returns = monthly_returns(dataset.funds[names]).dropna().loc[: dataset.as_of]
    return returns.set_axis(["small", "large"], axis=1)


def spread(dataset: Dataset, leg: str) -> pd.Series:
    """Small minus large a month, decimal; no rows where the data do not hold the leg."""
    if leg in FUNDS:
        sides = fund_sides(dataset, leg)
        return (sides["small"] - sides["large"]).astype(float).rename(leg)
    if not set(EVERY_LEG[leg].columns()) <= set(dataset.monthly.columns):
        return pd.Series(dtype=float, index=dataset.monthly.index[:0], name=leg)
    return small_minus_large(dataset.monthly, leg)


def log_spread(dataset: Dataset, leg: str) -> pd.Series:
    """Log of small's growth over large's a month; no rows where the leg is not at hand."""
    if leg in FUNDS:
        sides = fund_sides(dataset, leg).astype(float)
        return (np.log1p(sides["small"]) - np.log1p(sides["large"])).rename(leg)
    found = spread(dataset, leg)
    return log_relative_return(dataset.monthly, leg) if len(found) else found


def investable(dataset: Dataset) -> list[str]:
    """The legs of funds, and the reader's own where there is one, that the data set holds."""
    return [leg for leg in (*FUNDS, OWN.name) if len(spread(dataset, leg))]
