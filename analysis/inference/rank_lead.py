"""Whether the months after some dates rank higher than others, and by how much they would lead.

A mean over a dozen windows hangs on its largest ones. Ranks do not, and months have far more of
them than windows have: the months of the sample are ranked by their return, and the mean rank of
the months after the dates is held against all circular shifts of the dates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.inference.vectors import as_positions
from analysis.results import Estimate, InputError, Result

FEWEST_DATES = 2

#: Halvings of the interval in which an end is sought: a 250,000th of its width is left.
HALVINGS = 18

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class RankLead(Estimate):
    """The lead of the months after some dates over other months, by ranks.

    `estimate` is the smallest lead over the window that, taken off, makes the months after the
    dates rank no higher than others (Hodges and Lehmann). The interval holds every lead that, taken
    off, leaves ranks that are ordinary among the shifted dates. `p_value` is one-sided: shifted
    dates rank at least as high.

    Attributes
    ----------
    p_two_sided : float
        Twice the smaller tail, at most 1.
    mean_rank : float
        Mean rank of the months after the dates, as a share of all months; one half by chance.
    placements : int
        Shifts compared.
    """

    p_two_sided: float
    mean_rank: float
    placements: int

    @property
    def standard_error(self) -> float:
        """That of a normal estimate with an interval as wide, in the unit of the lead."""
        from scipy.stats import norm

        return (self.ci_high - self.ci_low) / (2.0 * float(norm.ppf((1.0 + self.level) / 2.0)))


def rank_lead(
    returns: pd.Series, index: pd.PeriodIndex, dates: object, horizon: int, start: int = 1
) -> RankLead:
    """Rank the months in the windows after some dates against all months of the sample.

    Parameters
    ----------
    returns : Series
        Decimal return a month, without NaN, by consecutive months.
    index : PeriodIndex
        Consecutive months a date may fall on; each with a complete window in `returns`.
    dates : array_like of int
        Positions in `index`.
    horizon : int
        Months in a window.
    start : {0, 1}
        The window begins in the month of the date, or in the month after.

    Returns
    -------
    RankLead
        Refused with fewer than two dates, where every month is one, or where all months return
        the same.

    Notes
    -----
    Under a lead of d the returns less d / horizon in each window month are those of a sample
    without one. Months in two windows have it taken off twice.

    References
    ----------
    Hodges, J. L. and E. L. Lehmann (1963), "Estimates of location based on rank tests", Annals of
    Mathematical Statistics 34.
    """
    test = _shifts(returns, index, dates, horizon, start)
    if test.refusal is not None:
        return RankLead.refused(test.refusal)
    positions = test.positions
    upper, lower = test.tails(0.0)
    # a lead that puts all window months below, or above, all others: beyond it no rank changes
    width = 1.01 * horizon * float(np.ptp(returns.to_numpy()))
    tail = (1.0 - LEVEL) / 2.0
    return RankLead(
        name="rank of the months after the dates, circular shifts",
        estimate=_crossing(lambda lead: test.excess(lead) > 0, -width, width),
        unit="decimal return over the window",
        null="the months after the dates rank like any others",
        n=len(positions),
        effective_n=float(len(positions)),
        ci_low=_crossing(lambda lead: test.tails(lead)[0] <= tail, -width, width),
        ci_high=_crossing(lambda lead: test.tails(lead)[1] > tail, -width, width),
        level=LEVEL,
        p_value=upper,
        p_two_sided=min(1.0, 2.0 * min(upper, lower)),
        mean_rank=test.mean_rank(0.0),
        placements=len(index),
    )


def rank_p_value(
    returns: pd.Series, index: pd.PeriodIndex, dates: object, horizon: int, start: int = 1
) -> float:
    """The one-sided p-value of :func:`rank_lead` alone; NaN where that is refused."""
    test = _shifts(returns, index, dates, horizon, start)
    return math.nan if test.refusal is not None else test.tails(0.0)[0]


def _shifts(
    returns: pd.Series, index: pd.PeriodIndex, dates: object, horizon: int, start: int
) -> _Shifts:
    positions = as_positions(dates, len(index), index)
    if len(positions) < FEWEST_DATES:
        return _Shifts.refused(f"only {len(positions)} dates; {FEWEST_DATES} are needed")
    if len(positions) == len(index):
        return _Shifts.refused("every month is a date, so there is no other to compare with")
    offset = (index[0] - returns.index[0]).n + start
    if offset < 0 or offset + len(index) - 1 + horizon > len(returns):
        raise InputError("index: a month has no complete window in the returns")
    if np.ptp(returns.to_numpy()) == 0:
        return _Shifts.refused("the returns do not vary, so no month ranks above another")
    return _Shifts(returns.to_numpy(dtype=float), positions, len(index), offset, horizon)


@dataclass(frozen=True)
class _Shifts(Result):
    """Mean ranks under all circular shifts, after a lead was taken off."""

    returns: np.ndarray
    positions: np.ndarray
    length: int
    offset: int
    horizon: int

    @cached_property
    def windows(self) -> np.ndarray:
        """How many windows each month lies in."""
        counts = np.zeros(len(self.returns))
        for position in self.positions:
            counts[position + self.offset :][: self.horizon] += 1
        return counts

    def placements(self, lead: float) -> np.ndarray:
        """Mean rank in the windows of every shift, as a share; element 0 is the observed one."""
        if lead not in self._placed:
            ranks = _average_ranks(self.returns - lead / self.horizon * self.windows)
            sums = np.concatenate([[0.0], np.cumsum((ranks - 0.5) / len(ranks))])
            first, last = self.offset, self.offset + self.length
            means = (sums[first + self.horizon : last + self.horizon] - sums[first:last]) / (
                self.horizon
            )
            # twice round, so that the months after each date are a slice for all shifts at once
            round_twice = np.concatenate([means, means])
            moved = sum(round_twice[place : place + self.length] for place in self.positions)
            # there are dates, so the sum is no bare zero
            self._placed[lead] = moved / len(self.positions)  # type: ignore[assignment]
        return self._placed[lead]

    @cached_property
    def _placed(self) -> dict[float, np.ndarray]:
        """Placements by lead: both ends and the estimate are sought in the same halves at first."""
        return {}

    def mean_rank(self, lead: float) -> float:
        return float(self.placements(lead)[0])

    def excess(self, lead: float) -> float:
        found = self.placements(lead)
        return float(found[0] - found.mean())

    def tails(self, lead: float) -> tuple[float, float]:
        """Share of the shifts that rank at least as high, and at most as high."""
        found = self.placements(lead)
        return float((found >= found[0] - 1e-12).mean()), float((found <= found[0] + 1e-12).mean())


def _average_ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from one up, equal values at their mean rank; without NaN."""
    ordered = np.sort(values)
    below, upto = ordered.searchsorted(values), ordered.searchsorted(values, side="right")
    ranks: np.ndarray = (below + upto + 1) / 2.0
    return ranks


def _crossing(below: Callable[[float], bool], low: float, high: float) -> float:
    """Where a condition that holds for small leads ceases to hold; infinite where it does not."""
    if not below(low):
        return -math.inf
    if below(high):
        return math.inf
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if below(middle) else (low, middle)
    return float((low + high) / 2.0)
