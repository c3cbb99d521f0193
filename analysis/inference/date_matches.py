"""How often a dated figure would have matched by luck: the same days, moved through history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.results import Result

#: What binary arithmetic may add to a distance that stands on the edge of a rounding.
_EDGE = 1e-9


@dataclass(frozen=True)
class Band:
    """Values that a printed figure admits.

    Attributes
    ----------
    low, high : float
        Ends, which belong to it; `high` may be infinite.
    open_below : bool
        Whether the value must lie above `low`, as in "ahead of".
    """

    low: float
    high: float
    open_below: bool = False

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which values are admitted."""
        above = values > self.low if self.open_below else values >= self.low - _EDGE
        return above & (values <= self.high + _EDGE)

    def outside(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of each value from the nearest one admitted; zero inside."""
        away = np.maximum(np.maximum(self.low - values, values - self.high), 0.0)
        return np.where(self.holds(values), 0.0, away)


@dataclass(frozen=True)
class Luck(Result):
    """Share of other stretches of the same history that match as well.

    Attributes
    ----------
    share : float
    stretches : int
        How many there are.
    """

    share: float
    stretches: int


def luck_by_moving(
    matches: Callable[[int], bool], first: int, last: int, observations: int
) -> Luck:
    """Move all days of a figure together through a history, and count where it would match.

    Parameters
    ----------
    matches : callable
        Whether any admissible pair of days matches when all are moved by so many observations.
    first, last : int
        Positions of the earliest and the latest observation the figure needs.
    observations : int
        Of the history.

    Returns
    -------
    Luck
        Refused where the history is no longer than the figure's own days.

    Notes
    -----
    The moved days keep the number of observations between them, and with it the freedom of dates
    the wording leaves: a figure that may be read on 250 days is matched more often by luck than
    one of a single day. Neighbouring stretches overlap, so the share is a description of the
    history and has no standard error of its own.
    """
    moves = [move for move in range(-first, observations - last) if move != 0]
    if not moves:
        return Luck.refused("the history holds no other stretch as long")
    return Luck(float(np.mean([matches(move) for move in moves])), len(moves))
