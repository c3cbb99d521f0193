"""Runs of wins and losses: how long a streak a two-state chain produces by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.inference.vectors import as_count, as_share, as_vector
from analysis.results import InputError, Result

State = Literal["up", "down", "either"]
STATES = ("up", "down", "either")


@dataclass(frozen=True)
class Runs:
    """Maximal runs of one sign.

    Attributes
    ----------
    signs : ndarray of int, shape (runs,)
        +1 or −1.
    lengths, starts : ndarray of int, shape (runs,)
        Steps in the run, and position of its first step.
    """

    signs: np.ndarray
    lengths: np.ndarray
    starts: np.ndarray

    def __str__(self) -> str:
        return f"{len(self.lengths)} runs; the longest has {self.lengths.max()} steps"


@dataclass(frozen=True)
class Chain(Result):
    """Two-state Markov chain fitted by maximum likelihood.

    Attributes
    ----------
    p_stay_up, p_stay_down : float
        Probability that the next step has the same sign.
    steps_up, steps_down : int
        Transitions observed out of each state.
    """

    p_stay_up: float
    p_stay_down: float
    steps_up: int
    steps_down: int

    @property
    def share_up(self) -> float:
        """Stationary probability of the up state."""
        return _share_up(self.p_stay_up, self.p_stay_down)

    def __str__(self) -> str:
        return (
            f"chain: stays up with probability {self.p_stay_up:.3g} (n = {self.steps_up}), stays"
            f" down with probability {self.p_stay_down:.3g} (n = {self.steps_down})"
        )


@dataclass(frozen=True)
class RunProbability:
    """How often a chain in its stationary state makes a long run.

    Attributes
    ----------
    length, n : int
        Shortest run that counts, and steps in the sample.
    state : str
        Sign of the run: ``"up"``, ``"down"`` or ``"either"``.
    probability : float
        Of at least one such run in `n` steps.
    expected : float
        Expected number of maximal runs that long in `n` steps.
    per_decade : float
        Long-run number of such runs beginning in ten years.
    """

    length: int
    n: int
    state: str
    probability: float
    expected: float
    per_decade: float

    def __str__(self) -> str:
        return (
            f"a run of {self.length} or more ({self.state}) in {self.n} steps: probability"
            f" {self.probability:.3g}, {self.expected:.3g} expected, {self.per_decade:.3g} a decade"
        )


def runs_of_signs(signs: pd.Series | np.ndarray) -> Runs:
    """Maximal runs of a series of +1 and −1, shape (T,).

    Raises
    ------
    InputError
        Any other value, NaN, or an empty series.
    """
    vector = _as_signs(signs)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(vector)) + 1])
    lengths = np.diff(np.append(starts, len(vector)))
    return Runs(vector[starts].astype(int), lengths, starts)


def fit_chain(signs: pd.Series | np.ndarray) -> Chain:
    """Fit a two-state Markov chain to a series of +1 and −1, shape (T,).

    Each probability of staying is the share of transitions out of that state that stay. Refused
    where a state is never followed by anything, or the series never changes its sign.

    Parameters
    ----------
    signs : array or Series, shape (T,)
        +1 and −1.

    References
    ----------
    Anderson, T. W. and L. A. Goodman (1957), "Statistical inference about Markov chains", Annals
    of Mathematical Statistics 28, equation 2.8.
    """
    vector = _as_signs(signs)
    before, stayed = vector[:-1] > 0, vector[1:] == vector[:-1]
    steps_up, steps_down = int(before.sum()), int((~before).sum())
    if not steps_up or not steps_down or stayed.all():
        return Chain.refused(
            "the series never leaves one of its two states, so no chain can be fitted"
        )
    return Chain(float(stayed[before].mean()), float(stayed[~before].mean()), steps_up, steps_down)


def run_probability(
    length: int,
    n: int,
    p_stay_up: float,
    p_stay_down: float | None = None,
    state: State = "up",
    steps_per_year: int = 12,
) -> RunProbability:
    """Exact probability of a run of at least `length` in `n` steps of a stationary chain.

    Parameters
    ----------
    length, n : int
        Shortest run that counts, and steps.
    p_stay_up, p_stay_down : float
        Probabilities of staying, in (0, 1); `p_stay_down` is 1 − `p_stay_up` unless given, which
        makes the steps independent.
    state : {"up", "down", "either"}
        Sign of the run.
    steps_per_year : int
        For `per_decade`.

    Notes
    -----
    The transfer matrix follows the length of the current run; runs of `length` are absorbing.
    A maximal run begins at step t > 1 with probability π_other (1 − p_other) and reaches `length`
    with probability p^(length − 1).

    References
    ----------
    Fu, J. C. and M. V. Koutras (1994), "Distribution theory of runs: a Markov chain approach",
    JASA 89.
    """
    up, down = _chain_of(p_stay_up, p_stay_down)
    as_count(length, "length", 1)
    as_count(n, "n", 1)
    _check_state(state)
    start, matrix = _transfer(length, up, down, state)
    absorbed = float((start @ np.linalg.matrix_power(matrix, n - 1))[-1])
    share = _share_up(up, down)
    change = share * (1 - up)
    at_start = {"up": share * up ** (length - 1), "down": (1 - share) * down ** (length - 1)}
    later = {"up": change * up ** (length - 1), "down": change * down ** (length - 1)}
    counted = ("up", "down") if state == "either" else (state,)
    rate = sum(later[s] for s in counted)
    expected = sum(at_start[s] for s in counted) + (n - length) * rate if n >= length else 0.0
    return RunProbability(
        length, n, state, absorbed, float(expected), float(rate * 10 * steps_per_year)
    )


def _as_signs(signs: object) -> np.ndarray:
    vector = as_vector(signs, "signs")
    if len(vector) == 0 or not np.isin(vector, (-1.0, 1.0)).all():
        raise InputError("signs: expected +1 and -1 only; code wins and losses that way")
    return vector


def _chain_of(p_stay_up: float, p_stay_down: float | None) -> tuple[float, float]:
    up = as_share(p_stay_up, "p_stay_up")
    return up, 1 - up if p_stay_down is None else as_share(p_stay_down, "p_stay_down")


def _check_state(state: str) -> None:
    if state not in STATES:
        raise InputError(f"state: unknown {state!r}; one of {', '.join(STATES)}")


def _share_up(up: float, down: float) -> float:
    return (1 - down) / (2 - up - down)


def _transfer(length: int, up: float, down: float, state: str) -> tuple[np.ndarray, np.ndarray]:
    """First-step distribution and transition matrix over (sign, run so far) and "absorbed".

    A sign that does not count needs one state only; a counted one needs `length` − 1.
    """
    share = _share_up(up, down)
    sizes = {s: length - 1 if state in (s, "either") else 1 for s in ("up", "down")}
    last = sizes["up"] + sizes["down"]
    offset, stay = {"up": 0, "down": sizes["up"]}, {"up": up, "down": down}
    entry = {s: offset[s] if sizes[s] else last for s in ("up", "down")}
    start, matrix = np.zeros(last + 1), np.zeros((last + 1, last + 1))
    start[entry["up"]] += share
    start[entry["down"]] += 1 - share
    matrix[last, last] = 1
    for sign, other in (("up", "down"), ("down", "up")):
        counted = state in (sign, "either")
        for run in range(sizes[sign]):
            here = offset[sign] + run
            onward = last if run == sizes[sign] - 1 else here + 1
            matrix[here, onward if counted else here] += stay[sign]
            matrix[here, entry[other]] += 1 - stay[sign]
    return start, matrix
