"""Returns around dated news, each with its sign, against the same signs on other days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.inference.joint_histories import joint_median_p, upper_share
from analysis.results import InputError, Result

#: Fewer events are refused.
FEWEST = 8

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SignedDays:
    """One way to look at the events.

    Attributes
    ----------
    values : ndarray, shape (days,)
        Decimal return of the sessions that begin with each day.
    places : ndarray of int, shape (events,)
    signs : ndarray, shape (events,)
        1 where the claim expects a gain, −1 where a loss.
    """

    values: Array
    places: NDArray[np.int64]
    signs: Array


@dataclass(frozen=True)
class SignedReturns(Result):
    """Mean signed return of each way to look, and what random days would show.

    Attributes
    ----------
    means : ndarray, shape (ways,)
        Decimal, beyond the mean of all days.
    null_means : ndarray, shape (draws, ways)
    joint_p : float
        One-sided, of the median standardised mean over all ways.
    """

    means: Array
    null_means: Array
    joint_p: float

    def p_of(self, way: int) -> float:
        """One-sided p-value of one way to look."""
        return upper_share(self.null_means[:, way], float(self.means[way]))

    def error_of(self, way: int) -> float:
        """Standard deviation of the means on random days."""
        return float(self.null_means[:, way].std())


def signed_returns(ways: Sequence[SignedDays], draws: int, seed: int) -> SignedReturns:
    """Compare events with random days of the same calendar, all ways with the same days.

    Parameters
    ----------
    ways : sequence of SignedDays
        All on the same days.
    draws, seed : int

    Raises
    ------
    InputError
        For ways on different days, or an event outside them.

    References
    ----------
    MacKinlay, A. C. (1997), "Event Studies in Economics and Finance", Journal of Economic
    Literature 35; the null by random days in place of a normal one.
    """
    if not ways:
        return SignedReturns.refused("no way to look at the events has enough of them")
    days, most = len(ways[0].values), max(len(way.places) for way in ways)
    for way in ways:
        if len(way.values) != days or len(way.places) != len(way.signs):
            raise InputError("ways: give all the same days, and a sign for every event")
        if len(way.places) and (way.places.min() < 0 or way.places.max() >= days):
            raise InputError("an event lies outside the days")
    if most < FEWEST:
        return SignedReturns.refused(f"only {most} events; {FEWEST} are needed")
    picked = np.random.default_rng(seed).random((draws, days)).argpartition(most - 1)[:, :most]
    centred = [way.values - way.values.mean() for way in ways]
    means = np.array(
        [
            float((way.signs * one[way.places]).mean())
            for way, one in zip(ways, centred, strict=True)
        ]
    )
    null = np.stack(
        [
            (way.signs * one[picked[:, : len(way.places)]]).mean(axis=1)
            for way, one in zip(ways, centred, strict=True)
        ],
        axis=1,
    )
    return SignedReturns(means, null, joint_median_p(means, null))
