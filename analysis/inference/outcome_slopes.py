"""What a gap says about later leads and falls, against histories where it says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.inference.joint_histories import (
    Array,
    Pairs,
    Window,
    drawn_histories,
    joint_median_p,
    unpredictable,
    upper_share,
)
from analysis.results import InputError, Result

OutcomeName = Literal["lead", "balance", "fall"]

#: Columns of the table by fifth.
FIFTH_COLUMNS = (
    *("fifth", "months", "lead", "led by more", "lagged by more"),
    *("skewness", "largest fall"),
)

#: Histories whose falls are followed together: so many fit the processor's cache.
ROWS_AT_ONCE = 16

#: Fewest windows on either side of a state.
FEWEST_IN_STATE = 24


@dataclass(frozen=True)
class OutcomeWindow(Window):
    """One regression of an outcome of the months after on a gap.

    Attributes
    ----------
    outcome : {"lead", "balance", "fall"}
        ``lead``: sum of the returns. ``balance``: 1 where it lies above `bound`, −1 where below
        −`bound`, else 0. ``fall``: largest fall of the running sum from its own peak.
    bound : float
    state : ndarray of bool, shape (starts,), or None
        Where given, the slope in the state less the slope outside it.
    """

    outcome: OutcomeName
    bound: float = 0.0
    state: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class OutcomeSlopes(Result):
    """The regressions of a grid and what they would be if the gap said nothing.

    Attributes
    ----------
    slopes, t_stats : ndarray, shape (windows,)
    null_slopes, null_t_stats : ndarray, shape (draws, windows)
    sign : int
        Claimed sign of every slope.
    joint_p : float
        One-sided, of the median standardised t over all regressions.
    """

    slopes: Array
    t_stats: Array
    null_slopes: Array
    null_t_stats: Array
    sign: int
    joint_p: float

    def p_of(self, window: int) -> float:
        """One-sided p-value of one regression, in the claimed direction."""
        null, found = self.null_t_stats[:, window], float(self.t_stats[window])
        return upper_share(self.sign * null, self.sign * found)

    def corrected(self, window: int) -> tuple[float, float, float]:
        """Slope less the null's mean slope, and its 95% interval from the null's quantiles."""
        null = self.null_slopes[:, window]
        slope = float(self.slopes[window] - null.mean())
        low, high = np.quantile(null - null.mean(), [0.025, 0.975])
        return slope, slope - float(high), slope - float(low)

    def error_of(self, window: int) -> float:
        """Standard deviation of the null's slopes."""
        return float(self.null_slopes[:, window].std())


def outcomes(
    returns: Array, starts: NDArray[np.int64], horizon: int, outcome: OutcomeName, bound: float
) -> Array:
    """Outcome of the `horizon` months after each start, shape (rows, starts).

    Parameters
    ----------
    returns : ndarray, shape (rows, months)
        Decimal small minus large.
    starts, horizon, outcome, bound
        As in :class:`OutcomeWindow`.
    """
    return _outcomes(_running(returns), starts, horizon, outcome, bound)


def _running(returns: Array) -> Array:
    """Sum of all returns before each month, shape (rows, months + 1)."""
    return np.concatenate([np.zeros((len(returns), 1)), np.cumsum(returns, axis=1)], axis=1)


def _outcomes(
    sums: Array, starts: NDArray[np.int64], horizon: int, outcome: OutcomeName, bound: float
) -> Array:
    """As :func:`outcomes`, from the running sums of the returns."""
    if outcome == "fall":
        fall = np.zeros((len(sums), len(starts)))
        for first in range(0, len(sums), ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            _largest_fall(sums[rows], starts, horizon, fall[rows])
        return fall
    lead: Array = _after(sums, starts, horizon + 1) - _after(sums, starts, 1)
    if outcome == "lead":
        return lead
    return (lead > bound).astype(float) - (lead < -bound).astype(float)


def _largest_fall(sums: Array, starts: NDArray[np.int64], horizon: int, fall: Array) -> None:
    """Largest fall below the highest sum since each start, into `fall`, which holds zeros."""
    peak, below = _after(sums, starts, 1).copy(), np.empty_like(fall)
    for month in range(2, horizon + 2):
        level = _after(sums, starts, month)
        np.maximum(peak, level, out=peak)
        np.subtract(peak, level, out=below)
        np.maximum(fall, below, out=fall)


def _after(sums: Array, starts: NDArray[np.int64], months: int) -> Array:
    """The sums so many months after the starts; of consecutive starts without a copy."""
    if len(starts) and (np.diff(starts) == 1).all():
        return sums[:, int(starts[0]) + months : int(starts[-1]) + months + 1]
    found: Array = sums[:, starts + months]
    return found


def outcome_slopes(
    pairs: Pairs, windows: Sequence[OutcomeWindow], sign: int, draws: int, seed: int
) -> OutcomeSlopes:
    """Every regression of a grid, beside the same regressions where the gap says nothing.

    Parameters
    ----------
    pairs : mapping of str to (Series, Series)
        Decimal returns and gap of the same months, without gaps.
    windows : sequence of OutcomeWindow
    sign : {-1, 1}
        Claimed sign.
    draws, seed : int
        Histories as in :func:`analysis.inference.joint_histories.joint_regressions`; states stay
        where they are.

    Raises
    ------
    InputError
        For a window that runs past its pair's end, or a state of another length than its starts.
    """
    if not windows:
        return OutcomeSlopes.refused("no regression of the grid has enough months")
    for one in windows:
        if int(one.starts[-1]) + one.horizon >= len(pairs[one.pair][0]):
            raise InputError(f"a window of {one.horizon} months runs past the end of {one.pair!r}")
        if one.state is not None and len(one.state) != len(one.starts):
            raise InputError("a state needs one value a start")
    observed = {name: (r.to_numpy(float)[None], x.to_numpy(float)[None]) for name, (r, x) in
                pairs.items()}  # fmt: skip
    slopes, t_stats = (part[0] for part in _fits(observed, windows))
    parts = [_fits(one, windows) for one in _histories(pairs, draws, seed)]
    null_slopes, null_t = (np.concatenate(each) for each in zip(*parts, strict=True))
    joint = joint_median_p(sign * t_stats, sign * null_t)
    return OutcomeSlopes(slopes, t_stats, null_slopes, null_t, sign, joint)


def _histories(pairs: Pairs, draws: int, seed: int) -> Iterator[dict[str, tuple[Array, Array]]]:
    """Drawn histories whose returns have the observed means."""
    means = {name: float(r.mean()) for name, (r, _) in pairs.items()}
    for chunk in drawn_histories(pairs, draws, seed, unpredictable(pairs)):
        yield {name: (r + means[name], x) for name, (r, x) in chunk.items()}


def _fits(
    histories: Mapping[str, tuple[Array, Array]], windows: Sequence[OutcomeWindow]
) -> tuple[Array, Array]:
    """Slope and naive t of every window, shape (rows, windows)."""
    slopes, t_stats = [], []
    sums = {name: _running(returns) for name, (returns, _) in histories.items()}
    for one in windows:
        y = _outcomes(sums[one.pair], one.starts, one.horizon, one.outcome, one.bound)
        x = _after(histories[one.pair][1], one.starts, 0)
        if one.state is None:
            slope, variance = _line(x, y)
        else:
            (inside, first), (outside, second) = (
                _line(x[:, kept], y[:, kept]) for kept in (one.state, ~one.state)
            )
            slope, variance = inside - outside, first + second
        slopes.append(slope)
        t_stats.append(slope / np.sqrt(np.maximum(variance, 1e-300)))
    return np.stack(slopes, axis=1), np.stack(t_stats, axis=1)


def _line(x: Array, y: Array) -> tuple[Array, Array]:
    """Slope and its naive variance, by row."""
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    xx, xy, yy = (np.einsum("ij,ij->i", a, b) for a, b in ((x, x), (x, y), (y, y)))
    slope = xy / np.maximum(xx, 1e-300)
    rest = np.maximum(yy - slope * xy, 0.0) / (x.shape[1] - 2)
    return slope, rest / np.maximum(xx, 1e-300)


def by_fifth(
    returns: pd.Series, place: pd.Series, horizon: int, bound: float, fall_months: int
) -> pd.DataFrame:
    """What followed months by the fifth their gap fell into, as known then.

    Parameters
    ----------
    returns : Series by month
        Decimal small minus large.
    place : Series by month
        Share of the months so far whose gap was no wider, 0 to 1.
    horizon : int
        Months of a lead.
    bound : float
        Lead or lag that counts as large.
    fall_months : int
        Months within which the largest fall is looked for.

    Returns
    -------
    DataFrame
        ``fifth`` (1 the narrowest), ``months``, ``lead`` (mean), ``led by more``, ``lagged by
        more`` (shares), ``skewness`` of the lead, ``largest fall`` (mean, decimal).
    """
    values = returns.to_numpy(float)[None]
    kept = np.flatnonzero(returns.index.isin(place.index))
    kept = kept[kept + max(horizon, fall_months) < len(returns)]
    if not len(kept):
        return pd.DataFrame(columns=list(FIFTH_COLUMNS))
    lead = outcomes(values, kept, horizon, "lead", 0.0)[0]
    fall = outcomes(values, kept, fall_months, "fall", 0.0)[0]
    share = place.reindex(returns.index).to_numpy(float)[kept]
    frame = pd.DataFrame({"fifth": np.ceil(share * 5).clip(1, 5).astype(int), "lead": lead})
    frame = frame.assign(over=lead > bound, under=lead < -bound, fall=fall)
    grouped = frame.groupby("fifth")
    table = pd.DataFrame(
        {
            "months": grouped.size(),
            "lead": grouped["lead"].mean(),
            "led by more": grouped["over"].mean(),
            "lagged by more": grouped["under"].mean(),
            "skewness": grouped["lead"].skew(),
            "largest fall": grouped["fall"].mean(),
        }
    )
    return table.reset_index()[list(FIFTH_COLUMNS)]
