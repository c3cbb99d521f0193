"""Events of two kinds compared, with the kind given to others of them at random."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from analysis.results import Estimate, InputError

#: Relabellings that are enumerated; more are drawn.
MOST_LABELS = 20_000

#: Months within which events of two lists belong to one cycle.
CLUSTER_MONTHS = 12

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
    one, two = outcomes[marked], outcomes[~marked]
    if min(len(one), len(two)) < FEWEST:
        return KindDifference.refused(
            f"{len(one)} and {len(two)} events; {FEWEST} of each kind are needed"
        )
    observed = float(one.mean() - two.mean())
    sums = _sums(outcomes, len(one), draws, seed)
    means = sums / len(one) - (outcomes.sum() - sums) / len(two)
    variances = one.var(ddof=1) / len(one), two.var(ddof=1) / len(two)
    error = math.sqrt(sum(variances))
    if error < 1e-12:
        return KindDifference.refused("no two events of a kind differ in what followed them")
    freedom = error**4 / (variances[0] ** 2 / (len(one) - 1) + variances[1] ** 2 / (len(two) - 1))
    half = float(stats.t.ppf(0.975, freedom)) * error
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


def _sums(outcomes: NDArray[np.float64], count: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Sum of the outcomes of every choice of `count` events, or of some drawn with the first."""
    if math.comb(len(outcomes), count) <= MOST_LABELS:
        chosen = np.array(list(itertools.combinations(range(len(outcomes)), count)))
        return outcomes[chosen].sum(axis=1)
    order = np.random.default_rng(seed).random((draws, len(outcomes))).argsort(axis=1)
    return outcomes[order[:, :count]].sum(axis=1)


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
    ranks = np.random.default_rng(seed).random((draws, int(cycle[-1]) + 1))
    observed, drawn = [], []
    for when, outcomes, marked in parts:
        scores = ranks[:, cycle[np.searchsorted(months, when.asi8)]]
        # two events of one cycle in one list are told apart by their place
        scores = scores + 1e-9 * np.arange(len(when))
        chosen = scores.argsort(axis=1)[:, -int(marked.sum()) :]
        sums, total = outcomes[chosen].sum(axis=1), outcomes.sum()
        count, rest = int(marked.sum()), int((~marked).sum())
        drawn.append(sums / count - (total - sums) / rest)
        observed.append(outcomes[marked].mean() - outcomes[~marked].mean())
    null = np.stack(drawn, axis=1)
    spread = np.where(null.std(axis=0) > 0, null.std(axis=0), 1.0)
    reached = np.median(null / spread, axis=1) >= np.median(np.array(observed) / spread) - 1e-12
    return float((1 + reached.sum()) / (1 + draws))
