"""Events of two kinds compared, with the kind given to others of them at random."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.inference.placements import all_subsets
from analysis.inference.vectors import row_medians
from analysis.results import Estimate, InputError

#: Relabellings that are enumerated; more are drawn.
MOST_LABELS = 20_000

#: Months within which events of two lists belong to one cycle.
CLUSTER_MONTHS = 12

#: Comparisons kept, so that a grid run at another month repeats only those that moved.
COMPARISONS_KEPT = 1024

#: Fewest events of each kind.
FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class KindDifference(Estimate):
    """Mean outcome of the marked events less that of the others.

    `p_value` is one-sided, of the marked ones doing no better; the interval is Welch's.

    Attributes
    ----------
    marked_mean, other_mean : float
    marked, others : int
    error : float
        Welch's standard error.
    """

    marked_mean: float
    other_mean: float
    marked: int
    others: int
    error: float


def kind_difference(
    outcomes: NDArray[np.float64], marked: NDArray[np.bool_], draws: int, seed: int
) -> KindDifference:
    """Compare events of two kinds by giving the mark to others of them at random.

    Parameters
    ----------
    outcomes : ndarray, shape (events,)
        Decimal return after each event.
    marked : ndarray of bool, shape (events,)
    draws, seed : int
        Only where there are too many relabellings to enumerate.

    Raises
    ------
    InputError
        For vectors of different lengths.

    References
    ----------
    Fisher, R. A. (1935), The Design of Experiments; Welch, B. L. (1947), Biometrika 34.
    """
    if len(outcomes) != len(marked):
        raise InputError("outcomes and marks: give as many of each")
    return _kind_difference(_Events(outcomes, marked), draws, seed)


class _Events:
    """Outcomes and marks, equal where their values are: what a repeated comparison is kept by."""

    def __init__(self, outcomes: NDArray[np.float64], marked: NDArray[np.bool_]) -> None:
        self.outcomes, self.marked = outcomes, marked
        self._content = np.asarray(outcomes, dtype=float).tobytes(), marked.tobytes()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Events) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)


@lru_cache(maxsize=COMPARISONS_KEPT)
def _kind_difference(events: _Events, draws: int, seed: int) -> KindDifference:
    outcomes, marked = events.outcomes, events.marked
    one, two = outcomes[marked], outcomes[~marked]
    if min(len(one), len(two)) < FEWEST:
        return KindDifference.refused(
            f"{len(one)} and {len(two)} events; {FEWEST} of each kind are needed"
        )
    observed = float(one.mean() - two.mean())
    sums = _sums(outcomes, marked, draws, seed)
    means = sums / len(one) - (outcomes.sum() - sums) / len(two)
    variances = one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)
    error = math.sqrt(sum(variances))
    if error < 1e-12:
        return KindDifference.refused("no two events of a kind differ in what followed them")
    freedom = error**4 / (variances[0] ** 2 / (len(one) - 1) + variances[1] ** 2 / (len(two) - 1))
    half = float(special.stdtrit(freedom, 0.975)) * error
    return KindDifference(
        name="marked events less the others",
        estimate=observed,
        unit="decimal return",
        null="the mark says nothing: any of the events could have had it",
        ci_low=observed - half,
        ci_high=observed + half,
        p_value=float((means >= observed - 1e-12).mean()),
        n=len(outcomes),
        effective_n=float(len(outcomes)),
        marked_mean=float(one.mean()),
        other_mean=float(two.mean()),
        marked=len(one),
        others=len(two),
        error=error,
    )


def _sums(
    outcomes: NDArray[np.float64], marked: NDArray[np.bool_], draws: int, seed: int
) -> NDArray[np.float64]:
    """Sum of the outcomes of every choice of as many events, or of the marked and of some drawn."""
    count = int(marked.sum())
    if math.comb(len(outcomes), count) <= MOST_LABELS:
        return outcomes[_choices(len(outcomes), count)].sum(axis=1)
    order = np.random.default_rng(seed).random((draws, len(outcomes))).argsort(axis=1)
    return np.append(outcomes[marked].sum(), outcomes[order[:, :count]].sum(axis=1))


@lru_cache(maxsize=16)
def _choices(events: int, count: int) -> NDArray[np.intp]:
    return all_subsets(events, count)


def joint_kind_p(
    parts: Sequence[tuple[pd.PeriodIndex, NDArray[np.float64], NDArray[np.bool_]]],
    draws: int,
    seed: int,
) -> float | None:
    """One-sided p-value of several lists of the same cycles at once.

    Events of all lists that lie within a year of each other are one cycle. Every draw ranks the
    cycles at random; in each list as many events as were marked, of the highest cycles, take the
    mark. The statistic is the median over lists of the difference in its own deviations.

    Parameters
    ----------
    parts : sequence of (PeriodIndex, ndarray, ndarray of bool)
        Months, outcomes and marks of each list, all with both kinds.
    draws, seed : int
    """
    if not parts:
        return None
    months = np.unique(np.concatenate([part[0].asi8 for part in parts]))
    cycle = np.concatenate([[0], np.cumsum(np.diff(months) > CLUSTER_MONTHS)])
    cycles = int(cycle[-1]) + 1
    observed, drawn = [], []
    for when, outcomes, marked in parts:
        places = tuple(cycle[np.searchsorted(months, when.asi8)].tolist())
        drawn.append(_drawn(_Events(outcomes, marked), places, cycles, draws, seed))
        observed.append(outcomes[marked].mean() - outcomes[~marked].mean())
    null = np.stack(drawn, axis=1)
    spread = null.std(axis=0)
    spread[spread == 0] = 1.0
    reached = row_medians(null / spread) >= np.median(np.array(observed) / spread) - 1e-12
    return float((1 + reached.sum()) / (1 + draws))


@lru_cache(maxsize=4)
def _ranks(cycles: int, draws: int, seed: int) -> NDArray[np.float32]:
    """A random rank of every cycle in every draw, whole numbers, shape (draws, cycles)."""
    drawn = np.random.default_rng(seed).random((draws, cycles))
    return drawn.argsort(axis=1).argsort(axis=1).astype(np.float32)


@lru_cache(maxsize=COMPARISONS_KEPT)
def _drawn(
    events: _Events, places: tuple[int, ...], cycles: int, draws: int, seed: int
) -> NDArray[np.float64]:
    """The difference of one list in every draw, shape (draws,); a later month changes few lists."""
    outcomes, marked = events.outcomes, events.marked
    # two events of one cycle in one list are told apart by their place
    part = np.arange(len(places), dtype=np.float32) / np.float32(len(places))
    scores = _ranks(cycles, draws, seed)[:, places] + part
    count, rest = int(marked.sum()), int((~marked).sum())
    lowest = np.sort(scores, axis=1)[:, -count, None]
    sums, total = (scores >= lowest) @ outcomes, outcomes.sum()
    return sums / count - (total - sums) / rest
