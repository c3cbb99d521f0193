"""What followed runs of wins: one length and horizon, and all of a grid at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.resampling import EventRandomization, event_randomization
from analysis.inference.windows import forward_sums
from analysis.inference.winning_runs import run_events, win_signs
from analysis.panel.eras import era_flags
from analysis.results import Result, first_refusal

#: A specification with fewer events than this is left out.
FEWEST_EVENTS = 3

#: Sessions between two points of a path that is drawn.
PATH_STEP = 6


@dataclass(frozen=True)
class ForwardReturns(Result):
    """What followed the runs of one length, over one horizon.

    Attributes
    ----------
    values : Series
        Small minus large summed over the sessions after each session, decimal.
    positions : ndarray of int
        Events with a complete window, as positions in `values`.
    shift : EventRandomization
        Against all circular shifts of the events.
    """

    values: pd.Series
    positions: np.ndarray
    shift: EventRandomization


def forward_returns(returns: pd.Series, run: int, horizon: int, gap: int) -> ForwardReturns:
    """Small minus large after runs of `run` winning sessions, against all circular shifts.

    Parameters
    ----------
    returns : Series
        Daily small minus large, decimal.
    run, horizon, gap : int
        Sessions: length that makes an event, window after it, and distance between events.
    """
    values = forward_sums(returns, horizon, 1)
    positions = run_events(win_signs(returns), run, gap)
    positions = positions[positions < len(values)]
    if len(positions) < FEWEST_EVENTS:
        return ForwardReturns.refused(
            f"{len(positions)} runs of {run} sessions with {horizon} sessions after them;"
            f" {FEWEST_EVENTS} are needed"
        )
    shift = event_randomization(values, positions, "shift", draws=len(values))
    if (refusal := first_refusal(shift)) is not None:
        return ForwardReturns.refused(refusal.reason)
    return ForwardReturns(values, positions, shift)


def without_each(followed: ForwardReturns) -> dict[str, dict[str, float]]:
    """What decides without each of the runs, by the day on which it reached its length."""
    values, found = followed.values, {}
    for place in followed.positions:
        kept = followed.positions[followed.positions != place]
        shift = event_randomization(values, kept, "shift", draws=len(values))
        p_value = np.nan if shift.p_value is None else float(shift.p_value)
        found[f"{values.index[place]:%Y-%m-%d}"] = {
            "forward_excess": shift.estimate,
            "forward_p": p_value,
        }
    return found


def run_curve(
    returns: pd.Series,
    grid: Mapping[str, tuple[Any, ...]],
    *,
    gap: int,
    draws: int,
    seed: int,
) -> SpecificationCurve:
    """Every length, horizon and era at once, against circular shifts of the calendar.

    Parameters
    ----------
    returns : Series
        Daily small minus large, decimal.
    grid : mapping of str to tuple
        ``run``, ``horizon_sessions``, ``era``.
    gap : int
        Sessions between events.
    draws, seed : int
    """
    signs, sessions = win_signs(returns), np.arange(len(returns))
    outcomes = {
        str(horizon): forward_sums(returns, horizon, 1).reindex(returns.index)
        for horizon in grid["horizon_sessions"]
    }
    events = {str(run): np.isin(sessions, run_events(signs, run, gap)) for run in grid["run"]}
    chosen = grid_rows(grid)
    return specification_curve(
        pd.DataFrame(outcomes),
        pd.DataFrame(events, index=returns.index),
        chosen.assign(
            outcome=chosen["horizon_sessions"].astype(str), events=chosen["run"].astype(str)
        ),
        eras=era_flags(returns.index, grid["era"]),
        min_gap=gap,
        draws=draws,
        seed=seed,
        min_events=FEWEST_EVENTS,
    )


def grid_rows(grid: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    """One row a specification of the grid: ``run, horizon_sessions, era``."""
    axes = ["run", "horizon_sessions", "era"]
    return pd.DataFrame(itertools.product(*(grid[axis] for axis in axes)), columns=axes)


def paths_after_runs(returns: pd.Series, run: int, horizon: int, gap: int) -> pd.DataFrame:
    """Small minus large added up after each counted run, from zero at its last session.

    Returns
    -------
    DataFrame
        ``event`` (day), ``sessions``, ``cumulative`` (decimal); runs with a whole window only.
    """
    reached = run_events(win_signs(returns), run, gap)
    reached = reached[reached < len(returns) - horizon]
    sums = np.concatenate([[0.0], np.cumsum(returns.to_numpy())])
    offsets = np.arange(0, horizon + 1, PATH_STEP)
    paths = sums[reached[:, None] + 1 + offsets] - sums[reached + 1][:, None]
    days = returns.index[reached].strftime("%Y-%m-%d")
    return pd.DataFrame(
        {
            "event": np.repeat(days, len(offsets)),
            "sessions": np.tile(offsets, len(reached)),
            "cumulative": paths.ravel(),
        }
    )
