"""What followed by fifth of the gap: large leads and lags, and how far small caps themselves fell.

Shown beside the claims on asymmetry and on a margin of safety, whose registered tests are on leads
and on falls against large caps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.return_forecast.absolute import SIDES, side_returns
from analysis.inference.outcome_slopes import by_fifth, outcomes
from analysis.panel import Dataset
from analysis.panel.gaps import BASES, gap_samples
from analysis.panel.spells import real_time_percentile

#: Months before a percentile is taken seriously, of a lead, and in which a fall is looked for.
HISTORY, LEAD, FALL = 120, 12, 36

COLUMNS = [
    *("basis", "fifth", "last", "months", "lead", "skewness", "led_10", "lagged_10", "led_20"),
    *("lagged_20", "relative_fall", "small_fall", "large_fall"),
]


def gap_fifths(dataset: Dataset) -> pd.DataFrame:
    """Leads over a year and the largest falls within three, by fifth of the gap as known then.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: ``fifth`` 1 the narrowest gap; ``led_20`` the share of months after which
        small was ahead by more than 20 points; ``small_fall`` and ``large_fall`` the mean largest
        loss from a peak of small and of large caps themselves, ``relative_fall`` of small against
        large; decimals. The sides are the smallest and the largest fifth by size.
    """
    samples = gap_samples(dataset, "smb")
    sides = {side: side_returns(dataset.monthly, side) for side in SIDES}
    if not set(BASES) <= set(samples) or any(one.empty for one in sides.values()):
        return pd.DataFrame(columns=COLUMNS)
    rows: list[dict[str, Any]] = []
    for basis, sample in samples.items():
        rows += _rows(basis, sample.returns, real_time_percentile(sample.gap, HISTORY), sides)
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(
    basis: str, returns: pd.Series, place: pd.Series, sides: dict[str, pd.Series]
) -> Iterator[dict[str, Any]]:
    ten, twenty = (by_fifth(returns, place, LEAD, bound, FALL) for bound in (0.1, 0.2))
    falls = {side: losses_by_fifth(one, place) for side, one in sides.items()}
    for near, far in zip(ten.to_dict("records"), twenty.to_dict("records"), strict=True):
        fifth = near["fifth"]
        yield {
            "basis": basis,
            "fifth": fifth,
            "last": str(returns.index[-1]),
            **{name: near[name] for name in ("months", "lead", "skewness")},
            "led_10": near["led by more"],
            "lagged_10": near["lagged by more"],
            "led_20": far["led by more"],
            "lagged_20": far["lagged by more"],
            "relative_fall": near["largest fall"],
            "small_fall": falls["small"].get(fifth, np.nan),
            "large_fall": falls["large"].get(fifth, np.nan),
        }


def losses_by_fifth(returns: pd.Series, place: pd.Series) -> pd.Series:
    """Mean largest loss from a peak within :data:`FALL` months, by fifth of the gap.

    Parameters
    ----------
    returns : Series by month, decimal
    place : Series by month
        Share of the months so far whose gap was no wider, 0 to 1.

    Returns
    -------
    Series by fifth, decimal from 0 to 1; the start of a window counts as a peak.
    """
    kept = np.flatnonzero(returns.index.isin(place.index))
    kept = kept[kept + FALL < len(returns)]
    if not len(kept):
        return pd.Series(dtype=float)
    logs = np.log1p(returns.to_numpy(float))[None]
    lost = 1.0 - np.exp(-outcomes(logs, kept, FALL, "fall", 0.0)[0])
    share = place.reindex(returns.index).to_numpy(float)[kept]
    return pd.Series(lost).groupby(np.ceil(share * 5).clip(1, 5).astype(int)).mean()
