"""How much of a gap closes over a horizon, against gaps that go nowhere by the same shocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inference.joint_histories import Window, joint_median_p, upper_share
from analysis.results import InputError, Result

#: Months of shocks drawn together, so that the yearly renewal of book values keeps its place.
BLOCK = 12

#: Random walks made at once.
ROWS = 200

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Closing(Result):
    """Share of each gap closed over its horizon, and what random walks would show.

    Attributes
    ----------
    shares : ndarray, shape (windows,)
        Minus the slope of the later change of the gap on the gap: 0 where nothing closes, 1 where
        all of a distance from the mean is gone at the horizon's end.
    null_shares : ndarray, shape (draws, windows)
        Of random walks with the same shocks; above 0 on average, because a short random walk seems
        to return to its own mean.
    joint_p : float
        One-sided: share of random walks whose median standardised share reaches the observed one.
    """

    shares: Array
    null_shares: Array
    joint_p: float

    def p_of(self, window: int) -> float:
        """One-sided p-value of one window: how often a random walk closes as much."""
        return upper_share(self.null_shares[:, window], float(self.shares[window]))

    def corrected(self, window: int) -> tuple[float, float, float]:
        """Share closed beyond what random walks seem to close, and its 95% interval.

        One less what is left of a gap over what is left of a random walk: the bias shrinks with
        what is left, as that of an autoregression does.
        """
        null = self._beyond(window, self.null_shares[:, window])
        share = float(self._beyond(window, self.shares[window]))
        low, high = np.quantile(null, [0.025, 0.975])
        return share, share - float(high), share - float(low)

    def error_of(self, window: int) -> float:
        """Standard deviation of a random walk's share, corrected alike."""
        return float(self._beyond(window, self.null_shares[:, window]).std())

    def _beyond(self, window: int, shares: Any) -> Any:
        return 1.0 - (1.0 - shares) / (1.0 - self.null_shares[:, window].mean())


def closing(
    gaps: Mapping[str, pd.Series], windows: Sequence[Window], draws: int, seed: int
) -> Closing:
    """Share of a gap that closes over a horizon, for all windows of a grid at once.

    Parameters
    ----------
    gaps : mapping of str to Series
        By month, log points, without NaN.
    windows : sequence of Window
        Which gap, the places of the months from which it is followed, and for how many months.
    draws, seed : int
        Random walks. Each adds up blocks of twelve months of the observed, centred shocks, every
        block with a random sign; all gaps take the same months.

    Raises
    ------
    InputError
        For a gap with missing values, or a window that runs past its gap's end.

    References
    ----------
    Fama and French (1988), "Permanent and Temporary Components of Stock Prices", Journal of
    Political Economy 96: the regression of long changes; its null by simulation.
    """
    if not windows:
        return Closing.refused("no window of the grid has enough months")
    for name, gap in gaps.items():
        if not np.isfinite(gap.to_numpy(float)).all():
            raise InputError(f"gap {name!r} holds missing or infinite values; drop them first")
    for one in windows:
        if int(one.starts[-1]) + one.horizon >= len(gaps[one.pair]):
            raise InputError(f"a window of {one.horizon} months runs past the end of {one.pair!r}")
    observed = {name: gap.to_numpy(float)[None] for name, gap in gaps.items()}
    null = [_shares(walks, windows) for walks in _random_walks(gaps, draws, seed)]
    shares, nulls = _shares(observed, windows)[0], np.concatenate(null)
    return Closing(shares, nulls, joint_median_p(shares, nulls))


def _random_walks(
    gaps: Mapping[str, pd.Series], draws: int, seed: int
) -> Iterator[dict[str, Array]]:
    shocks = pd.DataFrame({name: gap.diff() for name, gap in gaps.items()}).dropna()
    if len(shocks) < BLOCK:
        raise InputError(f"the gaps share {len(shocks)} months; {BLOCK} are needed")
    centred = (shocks - shocks.mean()).to_numpy(float)
    rng, longest = np.random.default_rng(seed), max(map(len, gaps.values()))
    blocks = -(-longest // BLOCK)
    for begin in range(0, draws, ROWS):
        size = min(ROWS, draws - begin)
        places = rng.integers(0, len(centred), (size, blocks, 1)) + np.arange(BLOCK)
        signs = rng.choice([-1.0, 1.0], (size, blocks, 1))
        places = places % len(centred)
        yield {
            name: np.cumsum(
                (centred[places, column] * signs).reshape(size, -1)[:, -len(gap) :], axis=1
            )
            for column, (name, gap) in enumerate(gaps.items())
        }


def _shares(paths: Mapping[str, Array], windows: Sequence[Window]) -> Array:
    """Minus the slope of the change over the horizon on the gap, shape (rows, windows)."""
    columns = []
    for one in windows:
        gap = paths[one.pair]
        before = gap[:, one.starts]
        change = gap[:, one.starts + one.horizon] - before
        before = before - before.mean(axis=1, keepdims=True)
        columns.append(-(before * change).sum(axis=1) / (before**2).sum(axis=1))
    return np.stack(columns, axis=1)
