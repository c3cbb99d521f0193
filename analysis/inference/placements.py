"""Placements of dates: where the events could have fallen had their dates not mattered.

Each function returns integer positions, one row a placement, and whether the rows are all the
placements there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb, prod

import numpy as np

from analysis.results import Result


@dataclass(frozen=True)
class Placements(Result):
    """Event positions under the null.

    Attributes
    ----------
    positions : ndarray of int, shape (rows, events)
        One placement a row.
    exact : bool
        True where the rows are every placement once, the observed one among them.
    pools : tuple of (ndarray of int, int)
        Months of each stratum and how many events it gets; empty where every month counts alike.
    """

    positions: np.ndarray
    exact: bool
    pools: tuple[tuple[np.ndarray, int], ...] = ()

    def weights(self, length: int) -> np.ndarray:
        """Weight of each of `length` months in the base rate; sums to 1."""
        if not self.pools:
            return np.full(length, 1 / length)
        total = sum(count for _, count in self.pools)
        weights = np.zeros(length)
        for months, count in self.pools:
            weights[months] = count / (total * len(months))
        return weights


def circular_shifts(
    events: np.ndarray, length: int, draws: int, rng: np.random.Generator
) -> Placements:
    """All events moved by the same number of months, round a sample of `length` months.

    There are only `length` shifts: all of them, beginning with the observed one, when `draws`
    allows it; else `draws` random ones.
    """
    exact = length <= draws
    shifts = np.arange(length) if exact else rng.integers(length, size=draws)
    return Placements((events[None, :] + shifts[:, None]) % length, exact)


def spaced(
    count: int, length: int, min_gap: int, draws: int, rng: np.random.Generator
) -> Placements:
    """`count` dates at least `min_gap` months apart, every such set equally likely.

    Stars and bars: subtracting (g − 1) i from the i-th sorted date maps the placements one to
    one onto the `count`-subsets of M = T − (k − 1)(g − 1) months, so M must reach k.

    References
    ----------
    Feller, W. (1968), An Introduction to Probability Theory and Its Applications, volume 1,
    chapter II.5.
    """
    room = length - (count - 1) * (min_gap - 1)
    exact = comb(room, count) <= draws
    chosen = all_subsets(room, count) if exact else random_subsets(room, count, draws, rng)
    return Placements(chosen + (min_gap - 1) * np.arange(count), exact)


def within_strata(
    counts: list[int], months: list[np.ndarray], draws: int, rng: np.random.Generator
) -> Placements:
    """`counts[s]` dates out of `months[s]`, independently for every stratum s.

    Columns run stratum by stratum.
    """
    pools = tuple(zip(months, counts, strict=True))
    exact = prod(comb(len(m), k) for m, k in pools) <= draws
    if not exact:
        parts = [m[random_subsets(len(m), k, draws, rng)] for m, k in pools]
        return Placements(np.concatenate(parts, axis=1), False, pools)
    parts = [m[all_subsets(len(m), k)] for m, k in pools]
    rows = np.array(list(product(*(range(len(part)) for part in parts))), dtype=np.int64)
    chosen = [part[rows[:, column]] for column, part in enumerate(parts)]
    return Placements(np.concatenate(chosen, axis=1), True, pools)


def all_subsets(size: int, count: int) -> np.ndarray:
    """Every sorted `count`-subset of ``range(size)``; shape (C(size, count), count)."""
    subsets = np.array(list(combinations(range(size), count)), dtype=np.int64)
    return subsets.reshape(comb(size, count), count)


def random_subsets(size: int, count: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """`draws` uniform `count`-subsets of ``range(size)``, each row sorted; shape (draws, count).

    Floyd's algorithm, one step an element and all draws at once.

    References
    ----------
    Bentley, J. and R. W. Floyd (1987), "A sample of brilliance", Communications of the ACM 30.
    """
    chosen = np.empty((draws, count), dtype=np.int64)
    for step, top in enumerate(range(size - count, size)):
        pick = rng.integers(top + 1, size=draws)
        taken = (chosen[:, :step] == pick[:, None]).any(axis=1)
        chosen[:, step] = np.where(taken, top, pick)
    return np.sort(chosen, axis=1)
