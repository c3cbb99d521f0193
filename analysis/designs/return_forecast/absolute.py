"""The two forecasts by themselves: small caps' return and large caps', in bands of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.registry import Sampling
from analysis.designs.return_forecast.reconstruction import Reconstruction, reconstruct
from analysis.panel.gaps import GapSample
from analysis.results import first_refusal

#: Equal weights of three value groups: of the smallest and of the largest fifth by size.
SIDES: Mapping[str, tuple[str, ...]] = {
    "small": ("s1v1", "s1v3", "s1v5"),
    "large": ("s5v1", "s5v3", "s5v5"),
}

#: Consumer prices, the broadest there are.
PRICES = ("cpi", "core_cpi")

NOMINAL, REAL = "nominal", "real"

Bands = Mapping[tuple[str, str], Reconstruction]


def absolute_bands(
    monthly: pd.DataFrame,
    samples: Mapping[str, GapSample],
    horizon: int,
    view: str,
    level: float,
    sampling: Sampling,
    kind: str = NOMINAL,
) -> dict[tuple[str, str], Reconstruction]:
    """Regression of each side's own return on the gap, by side and basis.

    Parameters
    ----------
    monthly : DataFrame
    samples : mapping of str to GapSample
        By basis.
    horizon, view, level, sampling
        As :func:`analysis.designs.return_forecast.reconstruction.reconstruct`.
    kind : {"nominal", "real"}
        Real returns are less the growth of consumer prices.

    Returns
    -------
    dict of (side, basis) to Reconstruction
        Without the sides the data do not hold.
    """
    found = {}
    for side in SIDES:
        returns = side_returns(monthly, side, kind)
        for basis, sample in samples.items():
            if len(returns) and sample.refusal is None:
                gap = sample.gap[sample.gap.index.isin(returns.index)]
                one = GapSample(returns, gap)
                found[side, basis] = reconstruct(one, horizon, view, level, sampling)
    return found


def side_returns(monthly: pd.DataFrame, side: str, kind: str = NOMINAL) -> pd.Series:
    """Return of one side a month, decimal; empty where the data do not hold it."""
    columns = list(SIDES[side])
    if not set(columns) <= set(monthly.columns):
        return pd.Series(dtype=float)
    returns = monthly[columns].mean(axis=1, skipna=False)
    if kind == REAL:
        prices = [name for name in PRICES if name in monthly.columns]
        if not prices:
            return pd.Series(dtype=float)
        returns = returns - inflation(monthly[prices[0]])
    return returns.dropna()


def inflation(prices: pd.Series) -> pd.Series:
    """Log growth of a price index a month; over a month never published, its share of the gap.

    The index of October 2025 was not collected.
    """
    return np.log(prices).interpolate(limit_area="inside").diff()


def excluded(bands: Bands, side: str, claimed: float, level: float) -> bool:
    """Whether a side's forecast lies outside its band, on the same side of it on every basis."""
    ends = [
        (float(one.band.quantile((1.0 - level) / 2.0)), float(one.band.quantile((1.0 + level) / 2)))
        for (name, _), one in bands.items()
        if name == side and first_refusal(one) is None
    ]
    if not ends:
        return False
    return all(claimed > high for _, high in ends) or all(claimed < low for low, _ in ends)


def absolute_table(bands: Mapping[str, Bands], claimed: Mapping[str, float]) -> pd.DataFrame:
    """Band of each side, nominal and real, beside what was forecast.

    Returns
    -------
    DataFrame
        Decimals a year, one row a kind, side and basis; the forecasts are nominal, so in real terms
        only the band is given.
    """
    rows: list[dict[str, Any]] = []
    for kind, found in bands.items():
        for (side, basis), one in found.items():
            if first_refusal(one) is not None:
                continue
            low, middle, high = one.band.quantile([0.05, 0.5, 0.95])
            at_most = 1.0 - one.band.probability(claimed[side])
            rows.append(
                {
                    "return": f"{side} caps, {kind}",
                    "basis": basis,
                    "5%": low,
                    "median": middle,
                    "95%": high,
                    "forecast": claimed[side] if kind == NOMINAL else np.nan,
                    "chance of less": at_most if kind == NOMINAL else np.nan,
                }
            )
    columns = ["return", "basis", "5%", "median", "95%", "forecast", "chance of less"]
    return pd.DataFrame(rows, columns=columns)
