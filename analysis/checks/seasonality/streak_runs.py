"""Runs of sessions that small won: events, what followed, and how many a chain would make."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.resampling import EventRandomization, event_randomization
from analysis.inference.runs_of_signs import Chain, fit_chain, run_probability, runs_of_signs
from analysis.inference.windows import forward_sums
from analysis.results import Refusal

SESSIONS_A_YEAR = 252

#: Sessions a chain is fitted to before it may predict.
WARM_UP = SESSIONS_A_YEAR

#: A specification with fewer events than this is left out.
FEWEST_EVENTS = 3

#: Probabilities of staying for which the arithmetic is shown: a coin, and what trends would give.
SHOWN_CHAINS = (0.5, 0.55, 0.6)

ERA_BREAK = pd.Timestamp("1981-01-01")


@dataclass(frozen=True)
class Followed:
    """What followed the runs of one length, over one horizon.

    Attributes
    ----------
    values : Series
        Small minus large summed over the sessions after each session.
    positions : ndarray of int
        Events with a complete window, as positions in `values`.
    shift : EventRandomization
        Against all circular shifts of the events.
    """

    values: pd.Series
    positions: np.ndarray
    shift: EventRandomization


def signs_of(returns: pd.Series) -> np.ndarray:
    """+1 where small won the session, −1 where it did not (a tie is no win)."""
    return np.where(returns.to_numpy() > 0, 1, -1)


def reach_positions(returns: pd.Series, run: int) -> np.ndarray:
    """Positions of the sessions on which a winning run reaches `run` sessions."""
    runs = runs_of_signs(signs_of(returns))
    long = (runs.signs > 0) & (runs.lengths >= run)
    return runs.starts[long] + run - 1


def thinned(positions: np.ndarray, gap: int) -> np.ndarray:
    """`positions` without those within `gap` of the one counted before."""
    kept: list[int] = []
    for position in positions:
        if not kept or position - kept[-1] > gap:
            kept.append(int(position))
    return np.array(kept, dtype=int)


def longest_run(small: pd.Series, large: pd.Series, month: pd.Period) -> int | Refusal:
    """Longest run of sessions, with at least one in `month`, in which small beat large.

    Parameters
    ----------
    small, large : Series
        Adjusted closes by day; a session counts where both have a close.
    month : Period
    """
    closes = pd.DataFrame({"small": small, "large": large}).dropna()
    gained = closes.pct_change().iloc[1:]
    inside = gained.index.to_period("M") == month
    if not inside.any():
        return Refusal(f"no sessions of both funds in {month}")
    runs = runs_of_signs(signs_of(gained["small"] - gained["large"]))
    of_session = np.repeat(np.arange(len(runs.lengths)), runs.lengths)
    touching = np.unique(of_session[inside])
    won = touching[runs.signs[touching] > 0]
    return int(runs.lengths[won].max()) if len(won) else 0


def what_followed(
    returns: pd.Series, run: int, horizon: int, gap: int = SESSIONS_A_YEAR
) -> Followed | Refusal:
    """Small minus large after runs of `run` winning sessions, against all circular shifts.

    Parameters
    ----------
    returns : Series
        Daily small minus large, decimal.
    run, horizon, gap : int
        Sessions: length that makes an event, window after it, and distance between events.
    """
    values = forward_sums(returns, horizon, 1)
    positions = thinned(reach_positions(returns, run), gap)
    positions = positions[positions < len(values)]
    if len(positions) < FEWEST_EVENTS:
        return Refusal(
            f"{len(positions)} runs of {run} sessions with {horizon} sessions after them;"
            f" {FEWEST_EVENTS} are needed"
        )
    shift = event_randomization(values, positions, "shift", draws=len(values))
    return shift if isinstance(shift, Refusal) else Followed(values, positions, shift)


def streak_curve(
    returns: pd.Series, grid: Mapping[str, tuple], draws: int, seed: int
) -> SpecificationCurve | Refusal:
    """Every length, horizon and era at once, against shifted calendars."""
    outcomes = pd.DataFrame(
        {
            str(horizon): forward_sums(returns, horizon, 1).reindex(returns.index)
            for horizon in grid["horizon_sessions"]
        }
    )
    events, sessions = {}, np.arange(len(returns))
    for run in grid["run"]:
        reached = thinned(reach_positions(returns, run), SESSIONS_A_YEAR)
        events[str(run)] = np.isin(sessions, reached)
    later = returns.index >= ERA_BREAK
    eras = {"full": np.full(len(returns), True), "to_1980": ~later, "from_1981": later}
    rows = [
        {"run": run, "horizon": horizon, "era": era, "outcome": str(horizon), "events": str(run)}
        for run, horizon, era in itertools.product(
            grid["run"], grid["horizon_sessions"], grid["era"]
        )
    ]
    return specification_curve(
        outcomes,
        pd.DataFrame(events, index=returns.index),
        pd.DataFrame(rows),
        eras=pd.DataFrame(eras, index=returns.index),
        min_gap=SESSIONS_A_YEAR,
        draws=draws,
        seed=seed,
        min_events=FEWEST_EVENTS,
    )


def expected_starts(returns: pd.Series, run: int) -> pd.Series:
    """Runs of at least `run` wins that a chain fitted to the sessions before expects to begin.

    Returns
    -------
    Series, shape (sessions − WARM_UP,)
        Expected number of such runs beginning on each session: the stationary share of lost
        sessions, times the probability of turning, times that of staying `run` − 1 times.

    References
    ----------
    Anderson and Goodman (1957), equation 2.8, for the chain; see
    :func:`analysis.inference.runs_of_signs.run_probability` for the rate.
    """
    up = signs_of(returns) > 0
    counts = {}
    for name, before, after in (("uu", 1, 1), ("ud", 1, 0), ("du", 0, 1), ("dd", 0, 0)):
        steps = (up[:-1] == before) & (up[1:] == after)
        # a transition into session t is known only after it, so t sees those up to t − 1
        counts[name] = np.concatenate([[0, 0], np.cumsum(steps)])[: len(up)]
    seen = {name: values[WARM_UP:] for name, values in counts.items()}
    stay_up = seen["uu"] / np.maximum(1, seen["uu"] + seen["ud"])
    stay_down = seen["dd"] / np.maximum(1, seen["dd"] + seen["du"])
    share_up = (1 - stay_down) / np.maximum(1e-12, 2 - stay_up - stay_down)
    rate = share_up * (1 - stay_up) * stay_up ** (run - 1)
    return pd.Series(rate, index=returns.index[WARM_UP:])


def runs_by_decade(returns: pd.Series, run: int) -> pd.DataFrame:
    """Runs of at least `run` winning sessions by decade, beside the chain's expectation.

    Returns
    -------
    DataFrame
        ``decade, sessions, runs, expected`` from the first session a chain can speak for; the last
        row is the sum.
    """
    columns = ["decade", "sessions", "runs", "expected"]
    if len(returns) <= WARM_UP:
        return pd.DataFrame(columns=columns)
    expected = expected_starts(returns, run)
    starts = reach_positions(returns, run) - run + 1
    began = pd.Series(0, index=expected.index)
    began.iloc[starts[starts >= WARM_UP] - WARM_UP] = 1
    decade = expected.index.year // 10 * 10
    parts = [(f"{name}s", decade == name) for name in np.unique(decade)]
    rows = [
        (words, int(part.sum()), int(began[part].sum()), float(expected[part].sum()))
        for words, part in [*parts, ("all", np.full(len(expected), True))]
    ]
    return pd.DataFrame(rows, columns=columns)


def event_rows(returns: pd.Series, run: int, horizon: int) -> pd.DataFrame:
    """Every run, whether it counts, the chain fitted before it, and what followed.

    Returns
    -------
    DataFrame
        ``reached`` (day), ``counted`` (yes, or why not), ``p stay`` and ``a decade`` of the chain
        fitted to the sessions before the run, ``followed`` (None without a complete window).
    """
    reached = reach_positions(returns, run)
    counted = set(thinned(reached, SESSIONS_A_YEAR).tolist())
    values, signs = forward_sums(returns, horizon, 1), signs_of(returns)
    rows = []
    for position in reached:
        before = signs[: position - run + 1]
        chain = fit_chain(before) if len(before) > WARM_UP else None
        known = position < len(values)
        near = "yes" if position in counted else "within a year of one before"
        rows.append(
            {
                "reached": str(returns.index[position].date()),
                "counted": near if known else "window not complete",
                "p stay": chain.p_stay_up if isinstance(chain, Chain) else None,
                "a decade": _a_decade(chain, run) if isinstance(chain, Chain) else None,
                "followed": float(values.iloc[position]) if known else None,
            }
        )
    return pd.DataFrame(rows, columns=["reached", "counted", "p stay", "a decade", "followed"])


def run_arithmetic(lengths: tuple[int, ...]) -> pd.DataFrame:
    """How many winning runs a decade of sessions makes by itself, for chains of given stickiness.

    Returns
    -------
    DataFrame
        ``p stay, run, a decade, chance in a decade``; both states are equally sticky, so that
        small wins half of the sessions.
    """
    rows = []
    sessions = 10 * SESSIONS_A_YEAR
    for stay, run in itertools.product(SHOWN_CHAINS, lengths):
        made = run_probability(run, sessions, stay, stay, steps_per_year=SESSIONS_A_YEAR)
        rows.append((stay, run, made.per_decade, made.probability))
    return pd.DataFrame(rows, columns=["p stay", "run", "a decade", "chance in a decade"])


def _a_decade(chain: Chain, run: int) -> float:
    made = run_probability(
        run, SESSIONS_A_YEAR, chain.p_stay_up, chain.p_stay_down, steps_per_year=SESSIONS_A_YEAR
    )
    return made.per_decade
