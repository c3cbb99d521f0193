"""Many slopes at once: is their median correlation more than random signs would give?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.inference.vectors import as_count, row_medians
from analysis.results import InputError, Result

#: Fewer blocks than this have too few patterns of signs.
FEWEST_BLOCKS = 6


@dataclass(frozen=True)
class Pair:
    """One specification: an outcome and the driver it is set against, period by period.

    Attributes
    ----------
    outcome, driver : ndarray, shape (T,)
        Without NaN.
    blocks : ndarray of int, shape (T,)
        Block of calendar time of each period, from zero; the same number is the same time in
        every pair.
    control : ndarray, shape (T,), or None
        What is controlled for besides the mean.
    """

    outcome: NDArray[np.float64]
    driver: NDArray[np.float64]
    blocks: NDArray[np.int64]
    control: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class JointSlopes(Result):
    """All specifications of a claim at once.

    Attributes
    ----------
    median : float
        Median over specifications of the correlation of driver and outcome.
    p_value : float
        Two-sided: share of random signs whose median lies at least as far from zero.
    specifications, blocks : int
        What the test joins.
    """

    median: float
    p_value: float
    specifications: int
    blocks: int


def joint_slopes(pairs: Sequence[Pair], draws: int, seed: int) -> JointSlopes:
    """Median correlation of many pairs against random signs of whole blocks of time.

    Under the null that no outcome moves with its driver, a block of residuals was as likely to come
    out with the other sign. Every draw gives each block of time one sign, the same for all pairs,
    so that outcomes which share their months, their swings and their quiet years go on sharing
    them; the drivers stay where they are.

    Parameters
    ----------
    pairs : sequence of Pair
        Of any lengths; a driver that explains nothing beyond the control has a correlation of zero.
    draws, seed : int
        Random signs, and their seed.

    Raises
    ------
    InputError
        For a pair whose vectors have different lengths.

    Notes
    -----
    With e the outcome's and x the driver's residual on a constant and the control, a pair's
    correlation is Σ_b s_b c_b for c_b = Σ_{t in b} e_t x_t / √(Σe² Σx²), s_b = 1 observed and ±1
    drawn: the wild cluster bootstrap of the score with the null imposed.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4, on the joint test. Cameron, A. C., J. B. Gelbach and D. L. Miller (2008),
    "Bootstrap-based improvements for inference with clustered errors", Review of Economics and
    Statistics 90, on random signs of clusters; signs keep that returns swing more in some
    states of the driver, which shifts of dates do not.
    """
    as_count(draws, "draws", 1)
    if not pairs:
        return JointSlopes.refused("no specification of the grid could be run")
    used = np.unique(np.concatenate([pair.blocks for pair in pairs]))
    if len(used) < FEWEST_BLOCKS:
        return JointSlopes.refused(
            f"only {len(used)} blocks of time for the joint test; {FEWEST_BLOCKS} are needed"
        )
    scores = np.zeros((len(pairs), len(used)))
    for row, pair in zip(scores, pairs, strict=True):
        np.add.at(row, np.searchsorted(used, pair.blocks), _products(pair))
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (len(used), draws))
    drawn, observed = row_medians((scores @ signs).T), float(np.median(scores.sum(axis=1)))
    reached = np.abs(drawn) >= abs(observed) - 1e-12
    return JointSlopes(
        median=observed,
        p_value=float((1 + reached.sum()) / (1 + draws)),
        specifications=len(pairs),
        blocks=len(used),
    )


def _products(pair: Pair) -> NDArray[np.float64]:
    """What each period adds to the correlation of a pair, shape (T,)."""
    if not len(pair.outcome) == len(pair.driver) == len(pair.blocks):
        raise InputError("a pair's outcome, driver and blocks: give as many of each")
    columns = [np.ones(len(pair.driver))] + ([] if pair.control is None else [pair.control])
    both = np.column_stack([pair.outcome, pair.driver])
    design = np.column_stack(columns)
    left = both - design @ np.linalg.lstsq(design, both, rcond=None)[0]
    size = np.sqrt((left**2).sum(axis=0).prod())
    scale = np.sqrt((both**2).sum(axis=0).prod())
    if size <= 1e-12 * max(scale, 1e-300):
        return np.zeros(len(left))
    return left.prod(axis=1) / size
