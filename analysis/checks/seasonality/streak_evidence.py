"""Evidence for the claim that eleven winning sessions mark a lasting change of leadership."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.checks.seasonality.streak_runs import (
    WARM_UP,
    Followed,
    longest_run,
    runs_by_decade,
    what_followed,
)
from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve
from analysis.inference.power import more_events_needed, power_of_event_study
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

DAYS_A_DECADE = 3652.5


def lasting_streak(
    dataset: Dataset,
    claim: Claim,
    run: int,
    horizon: int,
    curve: SpecificationCurve | Refusal,
) -> Evidence | Refusal:
    """Claim streak-11: how long the run was, and what followed such runs.

    Parameters
    ----------
    dataset : Dataset
    claim : Claim
    run, horizon : int
        Sessions that make an event, and of the window after it.
    curve : SpecificationCurve or Refusal
        The claim's grid.
    """
    streak = streak_sessions(dataset, claim)
    if isinstance(streak, Refusal):
        return streak
    returns = dataset.daily["smb"].dropna()
    followed = what_followed(returns, run, horizon)
    if isinstance(followed, Refusal):
        return followed
    return _evidence(claim, streak, returns, run, horizon, followed, curve)


def streak_sessions(dataset: Dataset, claim: Claim) -> int | Refusal:
    """The run of the month the note was written in, by the two funds."""
    tickers = (str(claim.primary["fund"]), str(claim.primary["peer"]))
    held = () if dataset.funds is None else dataset.funds.columns
    lacking = [f"closes of {name}" for name in tickers if name not in held]
    lacking += ["daily SMB"] if dataset.daily is None else []
    if lacking:
        return Refusal(f"needs the latest data: {', '.join(lacking)}", needs="latest")
    month = pd.Period(str(claim.primary["run_month"]), "M")
    if dataset.as_of < month:
        return Refusal(f"needs the sessions of {month}; the data seen end {dataset.as_of}")
    return longest_run(dataset.funds[tickers[0]], dataset.funds[tickers[1]], month)


def student_interval(outcomes: np.ndarray) -> tuple[float, float]:
    """95% Student interval of a mean of independent events."""
    from scipy.stats import t

    half = t.ppf(0.975, len(outcomes) - 1) * outcomes.std(ddof=1) / np.sqrt(len(outcomes))
    return float(outcomes.mean() - half), float(outcomes.mean() + half)


def _evidence(
    claim: Claim,
    streak: int,
    returns: pd.Series,
    run: int,
    horizon: int,
    followed: Followed,
    curve: SpecificationCurve | Refusal,
) -> Evidence:
    shift, events = followed.shift, len(followed.positions)
    outcomes = followed.values.to_numpy()[followed.positions]
    low, high = student_interval(outcomes - shift.base_mean)
    power = power_of_event_study(shift)
    needed = more_events_needed(shift.estimate, float(outcomes.std(ddof=1)), events)
    made = runs_by_decade(returns, run).iloc[-1]
    decades = (returns.index[-1] - returns.index[WARM_UP]).days / DAYS_A_DECADE
    return Evidence(
        claim="streak-11",
        estimate=shift.estimate,
        unit=f"decimal return over {horizon} sessions",
        ci_low=low,
        ci_high=high,
        p_value=shift.p_upper,
        n=events,
        effective_n=float(events),
        mde=float("inf") if isinstance(power, Refusal) else power.mde,
        more_needed=f"{needed} to detect an effect of the size found",
        null="what follows such runs follows any session (circular shifts)",
        sample_start=str(returns.index[0].to_period("M")),
        sample_end=str(returns.index[-1].to_period("M")),
        finding=(
            f"{claim.primary['fund']} beat {claim.primary['peer']} in {streak} sessions running."
            f" SMB has made {made['runs']} runs of {run} or more, {made['runs'] / decades:.1f} a"
            f" decade; a chain fitted to the days before expects {made['expected'] / decades:.1f}."
            f" In the {horizon} sessions after {events} of them small led {shift.win_rate:.0%} of"
            f" the time (base rate {shift.base_rate:.0%}), by {shift.estimate:+.1%} against all"
            f" windows (p = {shift.p_upper:.2f})."
        ),
        sensitivity=_curve_words(curve),
        measures={
            "streak_sessions": streak,
            "forward_excess": shift.estimate,
            "forward_p": shift.p_upper,
            "forward_excess_high": high,
            "win_rate": shift.win_rate,
            "base_rate": shift.base_rate,
            "runs_seen": int(made["runs"]),
            "runs_expected": float(made["expected"]),
        },
    )


def _curve_words(curve: SpecificationCurve | Refusal) -> str:
    if isinstance(curve, Refusal):
        return ""
    return (
        f"Over {curve.specifications} lengths, horizons and eras ({curve.missing} left out with a"
        f" reason) the median effect is {curve.median_effect:+.1%}, joint p ="
        f" {curve.p_median_effect:.2f}; {curve.share_positive:.0%} of the effects are above zero."
    )
