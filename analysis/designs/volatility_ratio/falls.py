"""Falls from a peak: of small caps, of large caps, and of small over large."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.drawdowns import deepest_fall, falls_from_peak, growth_of

#: Months that a fall is read over at least.
FEWEST_MONTHS = 24


def fall_table(sides: pd.DataFrame) -> pd.DataFrame:
    """Growth, volatility and the deepest fall of small, of large, and of small over large.

    Parameters
    ----------
    sides : DataFrame, shape (months, 2)
        ``small`` and ``large``, decimal a month.

    Returns
    -------
    DataFrame
        ``series, a year`` (geometric), ``volatility, worst fall, from, to, regained`` (month in
        which the old peak was reached again, or "not yet"); empty with less than two years.
    """
    columns = ["series", "a year", "volatility", "worst fall", "from", "to", "regained"]
    if len(sides) < FEWEST_MONTHS:
        return pd.DataFrame(columns=columns)
    rows = [(name, *_growth(path), *_worst(path)) for name, path in _wealth(sides).items()]
    return pd.DataFrame(rows, columns=columns)


def fall_paths(sides: pd.DataFrame) -> pd.DataFrame:
    """Distance from the highest value so far: ``small, large, small over large``, 0 to −1."""
    return pd.DataFrame({name: falls_from_peak(path) for name, path in _wealth(sides).items()})


def _wealth(sides: pd.DataFrame) -> dict[str, pd.Series]:
    small, large = growth_of(sides["small"]), growth_of(sides["large"])
    return {"small": small, "large": large, "small over large": small / large}


def _growth(wealth: pd.Series) -> tuple[float, float]:
    returns = wealth.pct_change().dropna()
    growth = float(wealth.iloc[-1] ** (12 / len(returns)) - 1.0)
    return growth, float(np.sqrt(12) * returns.std(ddof=1))


def _worst(wealth: pd.Series) -> tuple[float, str, str, str]:
    fall = deepest_fall(wealth)
    regained = "not yet" if fall.regained is None else str(fall.regained)
    return fall.depth, str(fall.peak), str(fall.bottom), regained
