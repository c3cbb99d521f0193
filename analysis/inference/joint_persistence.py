"""How lasting several gaps are, against gaps that halve within a given time, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inference.joint_histories import Array, drawn_histories, joint_median_p

#: A series of a grid: name of the gap, and its months' places.
Part = tuple[str, NDArray[np.int64]]


def joint_half_life_p(
    gaps: Mapping[str, pd.Series],
    parts: Sequence[Part],
    months: float,
    step: int,
    draws: int,
    seed: int,
) -> float:
    """p-value of the median persistence of a grid when every gap halves within `months`.

    Parameters
    ----------
    gaps : mapping of str to Series
        By month, without holes.
    parts : sequence of (str, ndarray of int)
        Series of the grid: whose gap, and the places of its months; neighbours that lie `step`
        months apart are compared.
    months : float
        Half-life under the null.
    step : int
        Months between the two values of the autoregression.
    draws, seed : int

    Returns
    -------
    float
        One-sided: small where the gaps last longer.
    """
    pairs = {name: (gap * 0.0, gap) for name, gap in gaps.items()}
    observed = {name: gap.to_numpy(float)[None] for name, gap in gaps.items()}
    rho = 0.5 ** (1.0 / months)
    histories = drawn_histories(pairs, draws, seed, lambda _, levels: np.full(len(levels), rho))
    drawn = [
        _persistence({name: gap for name, (_, gap) in chunk.items()}, parts, step)
        for chunk in histories
    ]
    return joint_median_p(_persistence(observed, parts, step)[0], np.concatenate(drawn))


def _persistence(gaps: Mapping[str, Array], parts: Sequence[Part], step: int) -> Array:
    """Slope of the gap on itself `step` months before, shape (rows, parts)."""
    columns = []
    for name, places in parts:
        later = places[np.isin(places - step, places)]
        after, before = gaps[name][:, later], gaps[name][:, later - step]
        after = after - after.mean(axis=1, keepdims=True)
        before = before - before.mean(axis=1, keepdims=True)
        columns.append((after * before).sum(axis=1) / (before**2).sum(axis=1))
    return np.stack(columns, axis=1)
