"""How many runs of wins there were, how many a chain makes, and each of them by day."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.runs_of_signs import fit_chain, run_probability, runs_of_signs
from analysis.inference.windows import forward_sums
from analysis.inference.winning_runs import expected_starts, run_events, win_signs
from analysis.results import Result, first_refusal

SESSIONS_A_YEAR = 252

#: Sessions a chain is fitted to before it may predict.
WARM_UP = SESSIONS_A_YEAR

#: Probabilities of staying for which the arithmetic is shown: a coin, and what trends would give.
SHOWN_CHAINS = (0.5, 0.55, 0.6)


@dataclass(frozen=True)
class LongestRun(Result):
    """The longest run of sessions one fund won against another.

    Attributes
    ----------
    sessions : int
    """

    sessions: int


def longest_run(closes: pd.DataFrame, month: pd.Period) -> LongestRun:
    """Longest run of sessions, with at least one in `month`, in which the first fund won.

    Parameters
    ----------
    closes : DataFrame, shape (days, 2)
        Adjusted closes; a session counts where both funds have one.
    month : Period
    """
    gained = closes.dropna().pct_change().iloc[1:]
    inside = gained.index.to_period("M") == month
    if not inside.any():
        return LongestRun.refused(f"no sessions of both funds in {month}")
    runs = runs_of_signs(win_signs(gained.iloc[:, 0] - gained.iloc[:, 1]))
    of_session = np.repeat(np.arange(len(runs.lengths)), runs.lengths)
    touching = np.unique(of_session[inside])
    won = touching[runs.signs[touching] > 0]
    return LongestRun(int(runs.lengths[won].max()) if len(won) else 0)


def runs_by_decade(returns: pd.Series, run: int) -> pd.DataFrame:
    """Runs of at least `run` winning sessions by decade, and the chain's expectation.

    Returns
    -------
    DataFrame
        ``decade, sessions, runs, expected`` from the first session a chain can speak for; the last
        row is the sum. Empty where the sample is no longer than the warm-up.
    """
    columns = ["decade", "sessions", "runs", "expected"]
    if len(returns) <= WARM_UP:
        return pd.DataFrame(columns=columns)
    signs, days = win_signs(returns), returns.index[WARM_UP:]
    expected = pd.Series(expected_starts(signs, run, WARM_UP), index=days)
    starts = run_events(signs, run) - run + 1
    began = pd.Series(0, index=days)
    began.iloc[starts[starts >= WARM_UP] - WARM_UP] = 1
    decade = days.year // 10 * 10
    parts = [(f"{name}s", decade == name) for name in np.unique(decade)]
    rows = [
        (words, int(part.sum()), int(began[part].sum()), float(expected[part].sum()))
        for words, part in [*parts, ("all", np.full(len(days), True))]
    ]
    return pd.DataFrame(rows, columns=columns)


def runs_by_day(returns: pd.Series, run: int, horizon: int, gap: int) -> pd.DataFrame:
    """Every run, whether it counts, the chain fitted before it, and what followed.

    Returns
    -------
    DataFrame
        ``reached`` (day), ``counted`` (yes, or why not), ``p stay`` and ``a decade`` of the chain
        fitted to the sessions before the run, ``followed`` (None without a complete window).
    """
    signs = win_signs(returns)
    counted = set(run_events(signs, run, gap).tolist())
    values = forward_sums(returns, horizon, 1)
    rows = []
    for position in run_events(signs, run):
        stay, a_decade = _chain_before(signs[: position - run + 1], run)
        known = position < len(values)
        near = "yes" if position in counted else f"within {gap} sessions of one before"
        rows.append(
            {
                "reached": str(returns.index[position].date()),
                "counted": near if known else "window not complete",
                "p stay": stay,
                "a decade": a_decade,
                "followed": float(values.iloc[position]) if known else None,
            }
        )
    return pd.DataFrame(rows, columns=["reached", "counted", "p stay", "a decade", "followed"])


def run_arithmetic(lengths: Iterable[int]) -> pd.DataFrame:
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


def _chain_before(signs: np.ndarray, run: int) -> tuple[float | None, float | None]:
    """Probability of staying ahead and runs a decade, of a chain fitted to some sessions."""
    if len(signs) <= WARM_UP:
        return None, None
    chain = fit_chain(signs)
    if first_refusal(chain) is not None:
        return None, None
    made = run_probability(
        run, SESSIONS_A_YEAR, chain.p_stay_up, chain.p_stay_down, steps_per_year=SESSIONS_A_YEAR
    )
    return chain.p_stay_up, made.per_decade
