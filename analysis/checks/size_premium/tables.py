"""Tables of the size-premium chapter: decades."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.long_run import mean_standard_error

MONTHS = 12

#: Months of a decade that a row needs.
FEWEST_MONTHS = 24


_REACH = 1.959964


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


def _mean_a_year(values: pd.Series, lags: int) -> tuple[float, float, float]:
    error = MONTHS * mean_standard_error(values.to_numpy(), lags)[0]
    mean = MONTHS * float(values.mean())
    return mean, mean - _REACH * error, mean + _REACH * error


def _volatility(returns: pd.Series) -> float:
    return float(np.sqrt(MONTHS) * returns.std(ddof=1))
