"""Whether a run of sessions won by small caps marks a lasting change of leadership."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.runs_of_signs.forward_returns import (
    forward_returns,
    grid_rows,
    paths_after_runs,
    run_curve,
    without_each,
)
from analysis.designs.runs_of_signs.run_counts import (
    WARM_UP,
    LongestRun,
    longest_run,
    run_arithmetic,
    runs_by_day,
    runs_by_decade,
)
from analysis.inference.curves import SpecificationCurve
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.results import Finding, first_refusal, p_words

#: Daily small minus large: its column, and how a sentence calls it.
LEGS = {"smb_daily": ("smb", "SMB")}

DAYS_A_DECADE = 3652.5

#: Level at which it is said whether a lead that could be known in time holds.
LEVEL = 0.05

MEASURES = {
    "streak_sessions": "sessions",
    "forward_excess": "decimal return over the window",
    "forward_p": "p-value",
    "forward_excess_high": "decimal return over the window",
    "win_rate": "share",
    "base_rate": "share",
    "runs_seen": "count",
    "runs_expected": "count",
}


class RunsOfSignsArguments(Arguments):
    """Which run was seen, and what runs of which length are followed for how long."""

    leg: Literal["smb_daily"]
    run: Annotated[
        int, Field(ge=2, le=30, description="winning sessions in a row that make an event")
    ]
    horizon_sessions: Annotated[
        int, Field(ge=5, le=1260, description="sessions of the window after an event")
    ]
    gap_sessions: Annotated[
        int, Field(ge=1, le=1260, description="an event so near to the one before is left out")
    ]
    era: EraName
    fund: str
    peer: str
    run_month: Month
    claimed_lead: Annotated[
        float, Field(gt=0, lt=1, description="lead over the window that counts as leadership")
    ]


@dataclass(frozen=True)
class RunsOfSigns(Study):
    """The finding, and the runs behind it.

    Attributes
    ----------
    returns : Series
        Daily small minus large, decimal; empty without daily data.
    """

    returns: pd.Series

    @property
    def arithmetic(self) -> pd.DataFrame:
        """Runs a decade that chains of given stickiness make by themselves."""
        specification = self.specification
        return run_arithmetic(specification.grid.get("run", (specification.arguments.run,)))

    @cached_property
    def decades(self) -> pd.DataFrame:
        """Runs by decade, seen and expected; empty without daily data."""
        return runs_by_decade(self.returns, self.specification.arguments.run)

    @cached_property
    def events(self) -> pd.DataFrame:
        """Every run of the chosen length; empty without daily data."""
        arguments = self.specification.arguments
        if self.returns.empty:
            return pd.DataFrame()
        return runs_by_day(
            self.returns, arguments.run, arguments.horizon_sessions, arguments.gap_sessions
        )

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Small minus large after each counted run; empty without daily data."""
        arguments = self.specification.arguments
        if self.returns.empty:
            return pd.DataFrame()
        return paths_after_runs(
            self.returns, arguments.run, arguments.horizon_sessions, arguments.gap_sessions
        )

    @property
    def decade_table(self) -> pd.DataFrame:
        """`decades`, or why there are none."""
        return self.decades if len(self.decades) else _words("daily returns")

    @property
    def event_table(self) -> pd.DataFrame:
        """`events` with returns as text, or why there are none."""
        if self.events.empty:
            return _words("daily returns with runs of this length")
        words = [f"{value:+.1%}" if pd.notna(value) else "" for value in self.events["followed"]]
        return self.events.assign(followed=words)


@design(
    arguments=RunsOfSignsArguments,
    measures=MEASURES,
    axes=("run", "horizon_sessions", "era"),
    episodes=("forward_excess", "forward_p"),
)
def runs_of_signs(
    dataset: Dataset, specification: Specification[RunsOfSignsArguments], sampling: Sampling
) -> RunsOfSigns:
    """Test how long a run of winning sessions was, and what followed such runs."""
    arguments = specification.arguments
    column, words = LEGS[arguments.leg]
    daily = pd.Series(dtype=float) if dataset.daily is None else dataset.daily[column].dropna()
    axes = _axes(specification)
    if not axes:
        curve = SpecificationCurve.refused("no grid is registered")
    elif daily.empty:
        curve = SpecificationCurve.refused(f"needs the latest data: daily {words}", needs="latest")
    else:
        gap = arguments.gap_sessions
        curve = run_curve(daily, axes, gap=gap, draws=sampling.draws, seed=sampling.seed)
    returns = in_era(daily, arguments.era) if len(daily) else daily
    return RunsOfSigns(
        specification,
        finding=_finding(dataset, specification, returns, curve),
        grid=_grid(axes, curve),
        returns=returns,
    )


def _axes(specification: Specification[RunsOfSignsArguments]) -> dict[str, tuple[Any, ...]]:
    """The registered alternatives; an axis without any has the primary value alone."""
    arguments, grid = specification.arguments, specification.grid
    if not grid:
        return {}
    return {
        "run": grid.get("run", (arguments.run,)),
        "horizon_sessions": grid.get("horizon_sessions", (arguments.horizon_sessions,)),
        "era": grid.get("era", (arguments.era,)),
    }


def _grid(axes: dict[str, tuple[Any, ...]], curve: SpecificationCurve) -> pd.DataFrame:
    """Every length, horizon and era with its effect, or why it was not run."""
    refusal = first_refusal(curve)
    if refusal is None:
        return curve.table.drop(columns=["outcome", "events"], errors="ignore")
    if not axes:
        return pd.DataFrame(columns=["reason"])
    return grid_rows(axes).assign(effect=np.nan, reason=refusal.reason)


def _finding(
    dataset: Dataset,
    specification: Specification[RunsOfSignsArguments],
    returns: pd.Series,
    curve: SpecificationCurve,
) -> Finding:
    arguments = specification.arguments
    run, horizon = arguments.run, arguments.horizon_sessions
    streak = _streak(dataset, arguments)
    if streak.refusal is not None:
        return Finding.refused(streak.refusal)
    followed = forward_returns(returns, run, horizon, arguments.gap_sessions)
    if followed.refusal is not None:
        return Finding.refused(followed.refusal.reason)
    shift, events = followed.shift, len(followed.positions)
    error, claimed = float(shift.null_means.std()), arguments.claimed_lead
    needed = more_events_needed(claimed, error * math.sqrt(events), events)
    made = runs_by_decade(returns, run).iloc[-1]
    p_value = float(shift.p_value or 0)
    return Finding(
        estimate=shift.estimate,
        unit=f"decimal return over {horizon} sessions",
        ci_low=shift.ci_low,
        ci_high=shift.ci_high,
        p_value=p_value,
        n=events,
        effective_n=float(events),
        mde=minimum_detectable(error),
        more_needed=f"{needed} to detect a lead of {100 * claimed:.2g} points",
        null="what follows such runs follows any session (circular shifts, two-sided)",
        sample_start=str(returns.index[0].to_period("M")),
        sample_end=str(returns.index[-1].to_period("M")),
        finding=(
            f"{arguments.fund} beat {arguments.peer} in {streak.sessions} sessions running."
            f" {_counts(returns, made, arguments)}"
            f" In the {horizon} sessions after {events} of them small led {shift.win_rate:.0%} of"
            f" the time (base rate {shift.base_rate:.0%}), by {shift.estimate:+.1%} against all"
            f" windows (p = {p_words(p_value)})."
        ),
        sensitivity=_curve_words(curve),
        measures={
            "streak_sessions": streak.sessions,
            "forward_excess": shift.estimate,
            "forward_p": p_value,
            "forward_excess_high": shift.ci_high,
            "win_rate": shift.win_rate,
            "base_rate": shift.base_rate,
            "runs_seen": int(made["runs"]),
            "runs_expected": float(made["expected"]),
        },
        specifications=None if first_refusal(curve) is not None else curve.specifications,
        left_out=None if first_refusal(curve) is not None else curve.missing,
        joint_p=_joint_p(curve),
        usable_in_time=shift.estimate > 0 and p_value < LEVEL,
        in_time="A run is known at the close of its last session, before the window begins.",
        without_one=without_each(followed),
    )


def _joint_p(curve: SpecificationCurve) -> float | None:
    """Of every length, horizon and era, in either direction; None where the grid was not run."""
    return None if curve.refusal is not None else curve.p_median_effect_two_sided


def _streak(dataset: Dataset, arguments: RunsOfSignsArguments) -> LongestRun:
    """The run of the month the note was written in, by the two funds."""
    tickers = [arguments.fund, arguments.peer]
    held = () if dataset.funds is None else dataset.funds.columns
    lacking = [f"closes of {name}" for name in tickers if name not in held]
    lacking += [f"daily {LEGS[arguments.leg][1]}"] if dataset.daily is None else []
    if lacking or dataset.funds is None:
        return LongestRun.refused(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    month = pd.Period(arguments.run_month, "M")
    if dataset.as_of < month:
        return LongestRun.refused(
            f"needs the sessions of {month}; the data seen end {dataset.as_of}"
        )
    return longest_run(dataset.funds[tickers], month)


def _counts(returns: pd.Series, made: pd.Series, arguments: RunsOfSignsArguments) -> str:
    decades = (returns.index[-1] - returns.index[WARM_UP]).days / DAYS_A_DECADE
    return (
        f"{LEGS[arguments.leg][1]} has made {made['runs']} runs of {arguments.run} or more,"
        f" {made['runs'] / decades:.1f} a decade; a chain fitted to the days before expects"
        f" {made['expected'] / decades:.1f}."
    )


def _curve_words(curve: SpecificationCurve) -> str:
    if first_refusal(curve) is not None:
        return ""
    return (
        f"Over {curve.specifications} lengths, horizons and eras ({curve.missing} left out with a"
        f" reason) the median effect is {curve.median_effect:+.1%}, joint p ="
        f" {p_words(curve.p_median_effect_two_sided)}; {curve.share_positive:.0%} of the effects"
        " are above zero."
    )


def _words(what: str) -> pd.DataFrame:
    """One cell that says what a table would need."""
    return pd.DataFrame({"no table": [f"needs {what}"]})
