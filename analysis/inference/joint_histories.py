"""Histories of several gaps and returns drawn together, for one test of a whole grid.

Legs, bases and predictors of a grid share their months: what is drawn for one is drawn for all, so
the null distribution of a statistic of all of them knows how alike they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inference.persistence import rho_confidence
from analysis.inference.vectors import row_medians
from analysis.results import Result

#: Values of one array of a chunk, for the processor's cache.
CHUNK_VALUES = 60_000

#: Persistences a simulation is spread over, at most.
STRATA = 32

#: Fewest windows' starts of one regression.
FEWEST_STARTS = 36

Pairs = Mapping[str, tuple[pd.Series, pd.Series]]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """One regression of a grid: whose returns, from which months, over how many.

    Attributes
    ----------
    pair : str
        Name of returns and gap.
    starts : ndarray of int
        Places of the gap's months in the pair; the return is that of the `horizon` months after.
    horizon : int
    """

    pair: str
    starts: NDArray[np.int64]
    horizon: int

    @property
    def separate(self) -> int:
        """Windows without a month in common."""
        return (int(self.starts[-1] - self.starts[0]) + self.horizon) // self.horizon


@dataclass(frozen=True)
class JointTest(Result):
    """A grid's regressions and what they would be without any predictability.

    Attributes
    ----------
    slopes, t_stats, fits : ndarray, shape (windows,)
        Observed slope, naive t and R².
    null_t_stats, null_fits : ndarray, shape (draws, windows)
    p_value : float
        One-sided: share of histories whose median standardised t reaches the observed one.
    """

    slopes: Array
    t_stats: Array
    fits: Array
    null_t_stats: Array
    null_fits: Array
    p_value: float

    def p_of(self, window: int) -> float:
        """One-sided p-value of one regression."""
        return upper_share(self.null_t_stats[:, window], float(self.t_stats[window]))


def upper_share(draws: Array, observed: float) -> float:
    """Share of draws, the observed value among them, that reach it."""
    return float((1 + np.sum(draws >= observed - 1e-12)) / (1 + len(draws)))


def joint_median_p(observed: Array, drawn: Array) -> float:
    """p-value of the median of standardised statistics.

    Parameters
    ----------
    observed : ndarray, shape (statistics,)
    drawn : ndarray, shape (draws, statistics)
        Under the null, all statistics of a row from one history.
    """
    middle, spread = drawn.mean(axis=0), drawn.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    medians = row_medians((drawn - middle) / spread)
    return upper_share(medians, float(np.median((observed - middle) / spread)))


def joint_regressions(pairs: Pairs, windows: Sequence[Window], draws: int, seed: int) -> JointTest:
    """Every regression of a grid, beside the same regressions of histories without effect.

    Returns are their mean plus noise, every gap is autoregressive with a persistence from its
    confidence distribution; months of all innovations are drawn together.

    Parameters
    ----------
    pairs : mapping of str to (Series, Series)
        Decimal returns and gap of the same months, without gaps.
    windows : sequence of Window
    draws, seed : int

    References
    ----------
    As :func:`analysis.inference.null_r_squared.null_r_squared`; the median over specifications as
    in Simonsohn, Simmons and Nelson (2020), "Specification Curve Analysis", Nature Human Behaviour.
    """
    if not windows:
        return JointTest.refused("no regression of the grid has enough months")
    observed = {name: (r.to_numpy(float)[None], x.to_numpy(float)[None]) for name, (r, x) in
                pairs.items()}  # fmt: skip
    slopes, t_stats, fits = (row[0] for row in _lines(observed, windows))
    parts = [
        _lines(chunk, windows)[1:]
        for chunk in drawn_histories(pairs, draws, seed, unpredictable(pairs))
    ]
    null_t = np.concatenate([part[0] for part in parts])
    null_fits = np.concatenate([part[1] for part in parts])
    return JointTest(slopes, t_stats, fits, null_t, null_fits, joint_median_p(t_stats, null_t))


def drawn_histories(
    pairs: Pairs, draws: int, seed: int, persistence: Callable[[str, Array], Array]
) -> Iterator[dict[str, tuple[Array, Array]]]:
    """Returns and gap of every pair, shape (rows, months of the pair), in chunks.

    Parameters
    ----------
    pairs, draws, seed
        As :func:`joint_regressions`.
    persistence : callable
        From a pair's name and the places of the chunks between 0 and 1 to a persistence each.
    """
    from scipy.signal import lfilter

    rng = np.random.default_rng(seed)
    months = {name: r.index for name, (r, _) in pairs.items()}
    calendar = reduce(lambda one, other: one.union(other), months.values())
    shared = reduce(lambda one, other: one.intersection(other), (m[1:] for m in months.values()))
    rows = max(1, min(CHUNK_VALUES // len(calendar), -(-draws // STRATA)))
    begins = np.arange(0, draws, rows)
    levels = (np.arange(len(begins)) + 0.5) / len(begins)
    rhos = {name: persistence(name, levels) for name in pairs}
    for chunk, begin in enumerate(begins):
        size = min(rows, draws - int(begin))
        picked = rng.integers(0, len(shared), (size, len(calendar)))
        starts = rng.standard_normal(size)
        made = {}
        for name, (r, x) in pairs.items():
            rho, source = float(rhos[name][chunk]), months[name].get_indexer(shared)
            places = picked[:, calendar.get_indexer(months[name])]
            returns, gap = r.to_numpy(float), x.to_numpy(float)
            noise, shocks = returns[source], gap[source] - rho * gap[source - 1]
            noise, shocks = noise - noise.mean(), shocks - shocks.mean()
            driven = shocks[places]
            driven[:, 0] = starts * (shocks.std() / np.sqrt(1 - rho**2) if rho < 1 else 0.0)
            made[name] = noise[places], lfilter([1.0], [1.0, -rho], driven, axis=1)
        yield made


def unpredictable(pairs: Pairs) -> Callable[[str, Array], Array]:
    """Persistence of each pair's gap from its confidence distribution, for :func:`drawn_histories`.

    Parameters
    ----------
    pairs
        As :func:`joint_regressions`.
    """

    def persistence(name: str, levels: Array) -> Array:
        return np.asarray(rho_confidence(pairs[name][1], levels), dtype=float)

    return persistence


def _lines(
    histories: Mapping[str, tuple[Array, Array]], windows: Sequence[Window]
) -> tuple[Array, Array, Array]:
    """Slope, naive t and R² of every window, shape (rows, windows)."""
    sums = {
        name: np.concatenate([np.zeros((len(r), 1)), np.cumsum(r, axis=1)], axis=1)
        for name, (r, _) in histories.items()
    }
    columns: list[Any] = []
    for one in windows:
        total, gap = sums[one.pair], histories[one.pair][1]
        y = total[:, one.starts + one.horizon + 1] - total[:, one.starts + 1]
        x = gap[:, one.starts]
        y, x = y - y.mean(axis=1, keepdims=True), x - x.mean(axis=1, keepdims=True)
        xx, yy, xy = (np.einsum("ij,ij->i", a, b) for a, b in ((x, x), (y, y), (x, y)))
        fit = np.clip(xy**2 / np.maximum(xx * yy, 1e-300), 0.0, 1.0 - 1e-15)
        t = np.sign(xy) * np.sqrt((len(one.starts) - 2) * fit / (1 - fit))
        columns.append((xy / np.maximum(xx, 1e-300), t, fit))
    slopes, t_stats, fits = (np.stack(each, axis=1) for each in zip(*columns, strict=True))
    return slopes, t_stats, fits
