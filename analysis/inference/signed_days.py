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
        Decimal, beyond the mean of all days, or of those of the event's stratum.
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


def signed_returns(
    ways: Sequence[SignedDays],
    draws: int,
    seed: int,
    strata: NDArray[np.int64] | None = None,
) -> SignedReturns:
    """Compare events with random days of the same calendar, all ways with the same days.

    Parameters
    ----------
    ways : sequence of SignedDays
        All on the same days.
    draws, seed : int
    strata : ndarray of int, shape (days,), optional
        Class of each day, such as its calendar year. Each event is then set against random days of
        its own class, and every return is taken beyond the mean of its class. Each way then has
        random days of its own.

    Raises
    ------
    InputError
        For ways on different days, an event outside them, or strata of another length.

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
    if strata is not None and len(strata) != days:
        raise InputError(f"strata: {len(strata)} days, and the ways have {days}")
    if most < FEWEST:
        return SignedReturns.refused(f"only {most} events; {FEWEST} are needed")
    rng = np.random.default_rng(seed)
    if strata is None:
        drawn = _smallest(rng.random((draws, days)), most)
        picked = [drawn[:, : len(way.places)] for way in ways]
        centred = [way.values - way.values.mean() for way in ways]
    else:
        order = [np.argsort(strata[way.places], kind="stable") for way in ways]
        ways = [
            SignedDays(way.values, way.places[by], way.signs[by])
            for way, by in zip(ways, order, strict=True)
        ]
        picked = [_within(strata, way.places, draws, rng) for way in ways]
        centred = [way.values - _means_by(strata, way.values) for way in ways]
    means = np.array(
        [
            float((way.signs * one[way.places]).mean())
            for way, one in zip(ways, centred, strict=True)
        ]
    )
    null = np.stack(
        [
            (way.signs * one[places]).mean(axis=1)
            for way, one, places in zip(ways, centred, picked, strict=True)
        ],
        axis=1,
    )
    return SignedReturns(means, null, joint_median_p(means, null))


def _means_by(strata: NDArray[np.int64], values: Array) -> Array:
    """Mean of each day's class, by day."""
    classes = np.unique(strata, return_inverse=True)[1]
    means: Array = np.bincount(classes, values) / np.bincount(classes)
    return means[classes]


def _within(
    strata: NDArray[np.int64], places: NDArray[np.int64], draws: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Random days, none twice in a draw, of the classes of sorted events, in their order."""
    parts = []
    for one, count in zip(*np.unique(strata[places], return_counts=True), strict=True):
        members = np.flatnonzero(strata == one)
        parts.append(members[_smallest(rng.random((draws, len(members))), count)])
    return np.concatenate(parts, axis=1)


def _smallest(values: Array, count: int) -> NDArray[np.int64]:
    """Columns of the smallest values of each row, in their order.

    A partition alone finds the same columns everywhere, but leaves them in an order of the
    processor's own, and each column meets the sign of its place.
    """
    found = values.argpartition(count - 1, axis=1)[:, :count]
    order = np.take_along_axis(values, found, axis=1).argsort(axis=1)
    columns: NDArray[np.int64] = np.take_along_axis(found, order, axis=1)
    return columns
