"""Tables of the size-premium chapter: decades and ten-year leads."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.drawdowns import growth_of
from analysis.inference.long_run import mean_standard_error
from analysis.panel import LEGS

MONTHS = 12

#: Months of a decade that a row needs.
FEWEST_MONTHS = 24

#: Months of the windows that the ten-year lead is measured over.
TEN_YEARS = 120

_REACH = 1.959964


def sides_of(monthly: pd.DataFrame, leg: str) -> pd.DataFrame:
    """Returns of the two sides of a leg, ``small`` and ``large``, decimal a month, without NaN."""
    chosen = LEGS[leg]
    sides = {
        "small": monthly[list(chosen.small)].mean(axis=1, skipna=False),
        "large": monthly[list(chosen.large)].mean(axis=1, skipna=False),
    }
    return pd.DataFrame(sides).dropna()


def decade_table(spread: pd.Series, lags: int) -> pd.DataFrame:
    """Small minus large by decade, and over all months.

    Returns
    -------
    DataFrame
        ``decade, months, premium, low, high`` (annualised mean and 95% Newey–West interval),
        ``volatility`` (annualised), ``won`` (share of months above zero). The last row, all months,
        is the base rate of the others.
    """
    decades = spread.index.year // 10 * 10
    groups = [(f"{decade}s", spread[decades == decade]) for decade in np.unique(decades)]
    rows = [
        (name, len(part), *_mean_a_year(part, lags), _volatility(part), float((part > 0).mean()))
        for name, part in [*groups, ("all", spread)]
        if len(part) >= FEWEST_MONTHS
    ]
    columns = ["decade", "months", "premium", "low", "high", "volatility", "won"]
    return pd.DataFrame(rows, columns=columns)


def ten_year_leads(sides: pd.DataFrame) -> pd.DataFrame:
    """The lead of large over small in every ten years, under both readings.

    Returns
    -------
    DataFrame, indexed by the last month
        ``difference`` (cumulative gain of large less that of small) and ``ratio`` (final wealth of
        large over that of small, less one), decimals.
    """
    wealth = pd.DataFrame({side: growth_of(sides[side]) for side in ("small", "large")})
    grown = (wealth / wealth.shift(TEN_YEARS)).dropna()
    return pd.DataFrame(
        {
            "difference": grown["large"] - grown["small"],
            "ratio": grown["large"] / grown["small"] - 1.0,
        }
    )


def _mean_a_year(values: pd.Series, lags: int) -> tuple[float, float, float]:
    error = MONTHS * mean_standard_error(values.to_numpy(), lags)[0]
    mean = MONTHS * float(values.mean())
    return mean, mean - _REACH * error, mean + _REACH * error


def _volatility(returns: pd.Series) -> float:
    return float(np.sqrt(MONTHS) * returns.std(ddof=1))
