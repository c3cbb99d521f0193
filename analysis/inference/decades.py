"""Mean returns by decade."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.long_run import mean_standard_error

MONTHS = 12

#: Months of a decade that a row needs.
FEWEST_MONTHS = 24

#: Standard errors on either side of a mean that make 95%.
NORMAL_95 = 1.959964


def decade_table(spread: pd.Series, lags: int) -> pd.DataFrame:
    """Mean return by decade, and over all months.

    Parameters
    ----------
    spread : Series
        Decimal return a month, monthly PeriodIndex.
    lags : int
        Newey–West lags.

    Returns
    -------
    DataFrame
        ``decade, months, premium, low, high`` (annualised mean and 95% Newey–West interval),
        ``volatility`` (annualised), ``won`` (share of months above zero). The last row, all months,
        is the base rate of the others; a decade with fewer than :data:`FEWEST_MONTHS` is left out.
    """
    decades = spread.index.year // 10 * 10
    groups = [(f"{decade}s", spread[decades == decade]) for decade in np.unique(decades)]
    rows = []
    for name, part in [*groups, ("all", spread)]:
        if len(part) >= FEWEST_MONTHS:
            mean = MONTHS * float(part.mean())
            half_width = NORMAL_95 * MONTHS * mean_standard_error(part.to_numpy(), lags)[0]
            volatility, won = np.sqrt(MONTHS) * part.std(ddof=1), (part > 0).mean()
            rows.append(
                (name, len(part), mean, mean - half_width, mean + half_width, volatility, won)
            )
    columns = ["decade", "months", "premium", "low", "high", "volatility", "won"]
    return pd.DataFrame(rows, columns=columns)
