"""Joint placements of dates: every date rule's events moved together.

Date rules name the same episodes a few months apart. Moving each rule on its own would destroy
that likeness and make the median over specifications look steadier than it is, so all rules move
as one: by a circular shift, or whole *episodes* (chains of dates less than `min_gap`
months apart, over all rules) put elsewhere with their inner spacing kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.inference.placements import circular_shifts, random_subsets
from analysis.results import Result


@dataclass(frozen=True)
class JointPlacements(Result):
    """Where every date of the union of all rules falls, under the null.

    Attributes
    ----------
    positions : ndarray of int, shape (1 + draws, dates)
        Row 0 is the observed one; the columns keep the dates' order.
    exact : bool
        True where the rows are every placement once.
    episodes : int
        Episodes among the dates.
    """

    positions: np.ndarray
    exact: bool
    episodes: int


def shifted_together(
    dates: np.ndarray, length: int, min_gap: int, draws: int, rng: np.random.Generator
) -> JointPlacements:
    """The same circular shift for every date; all `length` shifts when `draws` allows it."""
    drawn = circular_shifts(dates, length, draws, rng)
    rows = drawn.positions if drawn.exact else np.vstack([dates, drawn.positions])
    return JointPlacements(rows, drawn.exact, len(_episode_starts(dates, min_gap)))


def spaced_episodes(
    dates: np.ndarray, length: int, min_gap: int, draws: int, rng: np.random.Generator
) -> JointPlacements:
    """Episodes in random order at random dates, at least `min_gap` months between them.

    Uniform over all such placements for each order, by stars and bars: the months the episodes
    and the gaps take up are removed, a subset of the rest is drawn, and they are put back.
    """
    starts = _episode_starts(dates, min_gap)
    count = len(starts)
    spans = _spans(dates, starts)
    room = length - int(spans.sum()) - (count - 1) * (min_gap - 1)
    if room <= count:
        return JointPlacements.refused(
            f"{count} episodes at least {min_gap} months apart leave no room for other dates"
            f" in {length} months"
        )
    order = rng.permuted(np.tile(np.arange(count), (draws, 1)), axis=1)
    taken = np.cumsum(spans[order] + min_gap - 1, axis=1) - (spans[order] + min_gap - 1)
    anchors = np.empty((draws, count), dtype=np.int64)
    np.put_along_axis(anchors, order, random_subsets(room, count, draws, rng) + taken, axis=1)
    return JointPlacements(_place(dates, starts, anchors), False, count)


def episodes_in_strata(
    dates: np.ndarray, states: np.ndarray, min_gap: int, draws: int, rng: np.random.Generator
) -> JointPlacements:
    """Episodes put where each of their dates meets the state it had.

    Parameters
    ----------
    dates : ndarray of int, shape (dates,)
    states : ndarray of int, shape (T,)
        Code of each month's stratum.
    min_gap : int
        Months that separate episodes.

    Notes
    -----
    Every rule thus keeps its number of events in each state. Episodes with the same pattern of
    offsets and states get different anchor months; episodes with different patterns are drawn
    independently and may overlap. For one rule with events at least `min_gap` apart this is the
    stratified scheme of :func:`analysis.inference.resampling.event_randomization`.
    """
    if len(np.unique(states)) < 2:
        return JointPlacements.refused(
            "every month is in the same stratum, so the dates cannot be stratified"
        )
    starts = _episode_starts(dates, min_gap)
    patterns: dict[tuple[Any, ...], list[int]] = {}
    for episode, members in enumerate(np.split(dates, starts[1:])):
        offsets = members - members[0]
        key = (tuple(offsets.tolist()), tuple(states[members].tolist()))
        patterns.setdefault(key, []).append(episode)
    anchors = np.empty((draws, len(starts)), dtype=np.int64)
    free = False
    for (offsets, wanted), episodes in patterns.items():
        months = _matches(states, np.array(offsets), np.array(wanted))
        free = free or len(months) > len(episodes)
        chosen = random_subsets(len(months), len(episodes), draws, rng)
        anchors[:, episodes] = months[rng.permuted(chosen, axis=1)]
    if not free:
        return JointPlacements.refused("no other month has the states the events had")
    return JointPlacements(_place(dates, starts, anchors), False, len(starts))


def _episode_starts(dates: np.ndarray, min_gap: int) -> np.ndarray:
    return np.concatenate([[0], np.flatnonzero(np.diff(dates) >= min_gap) + 1])


def _spans(dates: np.ndarray, starts: np.ndarray) -> np.ndarray:
    ends = np.append(starts[1:], len(dates)) - 1
    return dates[ends] - dates[starts]


def _matches(states: np.ndarray, offsets: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """First months of all stretches in which the offsets meet the wanted states."""
    months = np.arange(len(states) - offsets[-1])
    return months[(states[months[:, None] + offsets] == wanted).all(axis=1)]


def _place(dates: np.ndarray, starts: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Observed dates in row 0, then every draw's dates from its anchors."""
    episode = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(dates))))
    offsets = dates - dates[starts][episode]
    return np.vstack([dates, anchors[:, episode] + offsets])
