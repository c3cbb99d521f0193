"""Events against random dates: is what followed them more than any dates would show?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.inference.placements import Placements, circular_shifts, spaced, within_strata
from analysis.inference.vectors import as_count, as_positions, as_vector
from analysis.results import Estimate, InputError, Result, first_refusal

SCHEMES = ("shift", "gap", "stratified")
FEWEST_EVENTS = 2
QUANTILES = (0.025, 0.05, 0.5, 0.95, 0.975)
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class EventRandomization(Estimate):
    """What followed the events, against what follows random dates.

    `estimate` is the mean outcome after the events less `base_mean`, in the outcome's unit.
    `p_value` and `win_p_value` are two-sided: twice the smaller tail, at most 1. The interval
    inverts the randomisation: it holds the effects that would make the observed mean an ordinary
    one among the random dates' means.

    Attributes
    ----------
    scheme : str
        ``"shift"``, ``"gap"`` or ``"stratified"``.
    event_mean, base_mean : float
        Mean outcome after the events and over every month; under ``"stratified"`` the months of
        each stratum count as much as its events do.
    win_rate, base_rate : float
        Share of outcomes above zero, over the same months.
    p_upper, win_p_upper : float
        One-sided: random dates do at least as well.
    win_p_value : float
        Two-sided, for the win rate.
    exact : bool
        True where every placement was enumerated.
    placements : int
        Arrangements compared.
    null_quantiles : dict of float to float
        Quantiles of the random dates' mean outcome.
    null_means, null_win_rates : ndarray, shape (placements,)
        The null distributions, in the outcome's unit and as shares.
    """

    scheme: str
    event_mean: float
    base_mean: float
    win_rate: float
    base_rate: float
    p_upper: float
    win_p_upper: float
    win_p_value: float
    exact: bool
    placements: int
    null_quantiles: dict[float, float]
    null_means: np.ndarray = field(repr=False, compare=False)
    null_win_rates: np.ndarray = field(repr=False, compare=False)

    @property
    def win_mid_p_upper(self) -> float:
        """One-sided, for the win rate: random dates win more often, or as often in half the cases.

        A share of a few events takes few values, so that counting every tie leaves a test far
        below its level.

        References
        ----------
        Lancaster, H. O. (1961), "Significance tests in discrete distributions", JASA 56.
        """
        as_often = np.isclose(self.null_win_rates, self.win_rate)
        more = (self.null_win_rates > self.win_rate) & ~as_often
        return float(more.mean() + as_often.mean() / 2.0)


@dataclass(frozen=True)
class LeaveOneOut(Result):
    """The event mean and win rate with each event left out in turn.

    Attributes
    ----------
    positions : ndarray of int, shape (events,)
        The event left out.
    means, win_rates : ndarray, shape (events,)
        Of the events that remain, in the outcome's unit and as shares.
    most_influential : int
        Position of the event whose absence moves the mean most.
    """

    positions: np.ndarray
    means: np.ndarray
    win_rates: np.ndarray
    most_influential: int

    def __str__(self) -> str:
        return (
            f"leaving one event out, the mean runs from {self.means.min():.4g} to"
            f" {self.means.max():.4g}, the win rate from {self.win_rates.min():.0%} to"
            f" {self.win_rates.max():.0%}"
        )


def event_randomization(
    values: pd.Series | np.ndarray,
    events: object,
    scheme: str = "shift",
    strata: pd.Series | np.ndarray | None = None,
    min_gap: int | None = None,
    draws: int = 10_000,
    seed: int = 0,
    unit: str = "decimal return",
) -> EventRandomization:
    """Compare outcomes after events with outcomes after random dates.

    Parameters
    ----------
    values : array_like, shape (T,)
        Outcome that would follow an event in each candidate month, e.g. the 12-month
        small-minus-large return; no NaN.
    events : array_like of int or bool
        Positions of the events, or one flag a month.
    scheme : {"shift", "gap", "stratified"}
        All circular shifts of the event dates (keeps the spacing); random dates at least
        `min_gap` months apart, all placements equally likely; random dates within each stratum,
        as many as there are events in it, whatever their spacing.
    strata : array_like, shape (T,), optional
        Stratum of each month, e.g. the recession state; for ``"stratified"`` only.
    min_gap : int, optional
        Months between events, for ``"gap"`` only; the smallest observed gap unless given.
    draws : int
        Arrangements to draw. When there are no more than that, all are enumerated instead.
    seed : int
        Of the random draws.
    unit : str
        Of `values`, for print.

    Returns
    -------
    EventRandomization
        Refused with fewer than two events, no other month to choose, or an empty stratum.

    Raises
    ------
    InputError
        NaN in `values`, events outside them or twice, events closer than `min_gap`, or arguments
        that belong to another scheme.

    Notes
    -----
    With B random draws p = (1 + #{null ≥ observed}) / (1 + B); with all A placements, of which
    the observed one is one, p = #{null ≥ observed} / A.

    References
    ----------
    Phipson, B. and G. K. Smyth (2010), "Permutation p-values should never be zero", Statistical
    Applications in Genetics and Molecular Biology 9(1), equation 2.
    """
    vector = as_vector(values, "values")
    index = values.index if isinstance(values, pd.Series) else None
    positions = as_positions(events, len(vector), index)
    as_count(draws, "draws", 1)
    _check_scheme(scheme, strata, min_gap)
    if len(positions) < FEWEST_EVENTS:
        return EventRandomization.refused(
            f"only {len(positions)} events in the sample; {FEWEST_EVENTS} are needed"
        )
    if len(positions) == len(vector):
        return EventRandomization.refused(
            "every month is an event, so there is no other date to compare with"
        )
    drawn = _arrange(positions, vector, scheme, strata, min_gap, draws, np.random.default_rng(seed))
    if (refusal := first_refusal(drawn)) is not None:
        return EventRandomization.refused(refusal)
    return _compare(vector, positions, drawn, scheme, unit)


def leave_one_out(values: pd.Series | np.ndarray, events: object) -> LeaveOneOut:
    """Event mean and win rate with each event left out in turn.

    Errors as in :func:`event_randomization`.

    Parameters
    ----------
    values : array_like, shape (T,)
        Outcome that would follow an event in each candidate month; no NaN.
    events : array_like of int or bool, shape (events,) or (T,)
        Positions of the events, or one flag a month.
    """
    vector = as_vector(values, "values")
    index = values.index if isinstance(values, pd.Series) else None
    positions = as_positions(events, len(vector), index)
    if len(positions) < FEWEST_EVENTS:
        return LeaveOneOut.refused(
            f"only {len(positions)} events in the sample; {FEWEST_EVENTS} are needed"
        )
    outcomes, rest = vector[positions], len(positions) - 1
    means = (outcomes.sum() - outcomes) / rest
    wins = outcomes > 0
    rates = (wins.sum() - wins) / rest
    moved = np.abs(means - outcomes.mean())
    return LeaveOneOut(positions, means, rates, int(positions[moved.argmax()]))


def _check_scheme(scheme: str, strata: object, min_gap: int | None) -> None:
    if scheme not in SCHEMES:
        raise InputError(f"scheme: unknown {scheme!r}; one of {', '.join(SCHEMES)}")
    if (strata is not None) != (scheme == "stratified"):
        raise InputError("strata: needed by scheme 'stratified' and by no other")
    if min_gap is not None and scheme != "gap":
        raise InputError("min_gap: belongs to scheme 'gap' only")


def _arrange(
    positions: np.ndarray,
    vector: np.ndarray,
    scheme: str,
    strata: object,
    min_gap: int | None,
    draws: int,
    rng: np.random.Generator,
) -> Placements:
    if scheme == "shift":
        return circular_shifts(positions, len(vector), draws, rng)
    if scheme == "stratified":
        return _stratify(positions, strata, len(vector), draws, rng)
    smallest = int(np.diff(positions).min())
    gap = smallest if min_gap is None else as_count(min_gap, "min_gap", 1)
    if gap > smallest:
        raise InputError(
            f"min_gap: two events are {smallest} months apart; give at most {smallest}"
        )
    return spaced(len(positions), len(vector), gap, draws, rng)


def _stratify(
    positions: np.ndarray, strata: object, length: int, draws: int, rng: np.random.Generator
) -> Placements:
    labels = pd.Series(np.asarray(strata, dtype=object))
    if len(labels) != length:
        raise InputError(f"strata: expected {length} labels, one a month, got {len(labels)}")
    if labels.isna().any():
        raise InputError("strata: holds missing labels; give every month a stratum")
    declared = getattr(getattr(strata, "cat", strata), "categories", None)
    empty = [] if declared is None else [c for c in declared if not (labels == c).any()]
    codes, names = pd.factorize(labels)
    if empty or len(names) < 2:
        which = f"stratum {empty[0]!r} is empty" if empty else f"every month is {names[0]!r}"
        return Placements.refused(f"{which}, so the dates cannot be stratified")
    used = np.unique(codes[positions])
    months = [np.flatnonzero(codes == code) for code in used]
    counts = [int((codes[positions] == code).sum()) for code in used]
    for code, pool, count in zip(used, months, counts, strict=True):
        if len(pool) == count:
            return Placements.refused(
                f"stratum {names[code]!r} has no month without an event to compare with"
            )
    return within_strata(counts, months, draws, rng)


def _compare(
    vector: np.ndarray, positions: np.ndarray, drawn: Placements, scheme: str, unit: str
) -> EventRandomization:
    means, rates = _outcomes(vector, drawn.positions)
    observed, won = vector[positions].mean(), (vector[positions] > 0).mean()
    p_upper, p_two = _tails(means, observed, drawn.exact)
    win_upper, win_two = _tails(rates, won, drawn.exact)
    weights = drawn.weights(len(vector))
    base, base_rate = weights @ vector, weights @ (vector > 0)
    quantiles = np.quantile(means, QUANTILES)
    return EventRandomization(
        name=f"events against random dates ({scheme})",
        estimate=float(observed - base),
        unit=unit,
        null="the outcome does not depend on the events' dates",
        n=len(vector),
        effective_n=len(positions),
        ci_low=float(observed - quantiles[-1]),
        ci_high=float(observed - quantiles[0]),
        p_value=p_two,
        scheme=scheme,
        event_mean=float(observed),
        base_mean=float(base),
        win_rate=float(won),
        base_rate=float(base_rate),
        p_upper=p_upper,
        win_p_upper=win_upper,
        win_p_value=win_two,
        exact=drawn.exact,
        placements=len(means),
        null_quantiles=dict(zip(QUANTILES, quantiles.tolist(), strict=True)),
        null_means=means,
        null_win_rates=rates,
    )


def _outcomes(vector: np.ndarray, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and win rate of every placement, in chunks that bound the memory."""
    rows = max(1, CELLS_AT_ONCE // positions.shape[1])
    means, rates = np.empty(len(positions)), np.empty(len(positions))
    for start in range(0, len(positions), rows):
        part = slice(start, start + rows)
        outcomes = vector[positions[part]]
        means[part] = outcomes.mean(axis=1)
        rates[part] = (outcomes > 0).mean(axis=1)
    return means, rates


def _tails(null: np.ndarray, observed: float, exact: bool) -> tuple[float, float]:
    """Upper one-sided and two-sided p; equal up to rounding counts as equal."""
    slack = 1e-12 * float(np.abs(null).max())
    extra = 0 if exact else 1
    upper = ((null >= observed - slack).sum() + extra) / (len(null) + extra)
    lower = ((null <= observed + slack).sum() + extra) / (len(null) + extra)
    return float(upper), float(min(1.0, 2 * min(upper, lower)))
