"""What an event study found, in numbers and in a sentence."""

from __future__ import annotations

import math
from typing import Any

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.date_tests import DateTests
from analysis.designs.event_study.windows import Windows
from analysis.designs.event_study.wording import OTHER, event_words, return_words
from analysis.inference.curves import SpecificationCurve
from analysis.inference.power import (
    more_events_needed,
    power_of_event_study,
    power_of_proportion,
)
from analysis.inference.student_interval import student_interval
from analysis.results import Finding, first_refusal

_RETURN = "decimal return over the window"

MEASURES = {
    "median_win_rate": "share",
    "joint_shift_p": "p-value",
    "stratified_p": "p-value",
    "announced_excess": _RETURN,
    "win_rate": "share",
    "win_rate_high": "share",
    "base_rate": "share",
    "shift_p": "p-value",
    "early_win_rate": "share",
    "early_excess": _RETURN,
    "early_mean_low": _RETURN,
    "early_mean_high": _RETURN,
    "soft_win_rate": "share",
    "soft_excess": _RETURN,
    "soft_excess_high": _RETURN,
    "soft_shift_p": "p-value",
}


def finding_of(
    windows: Windows,
    tests: DateTests,
    joint: SpecificationCurve,
    arguments: EventStudyArguments,
) -> Finding:
    """The finding of one specification, with the joint test of the grid beside it."""
    together, by_rate = arguments.judged_by == "grid", arguments.statistic == "win_rate"
    refused = first_refusal(tests, joint if together else None)
    if refused is not None:
        return Finding.refused(refused)
    headline = _rate_headline if by_rate else _mean_headline
    measured = _joint_measures if together else _own_measures
    own_p = tests.shift.win_p_upper if by_rate else tests.shift.p_upper
    ran, said = joint.refusal is None, _sentence(windows, tests, arguments)
    return Finding(
        **headline(windows, tests, arguments),
        p_value=_joint_p(joint, arguments) if together else own_p,
        n=len(windows.chosen),
        effective_n=float(len(windows.chosen)),
        sample_start=str(windows.values.index[0]),
        sample_end=str(windows.values.index[-1] + arguments.horizon - 1 + arguments.start),
        finding=said[0].upper() + said[1:],
        sensitivity=_sensitivity(windows, joint, arguments) if ran else "",
        measures={"base_rate": tests.shift.base_rate, **measured(windows, tests, joint, arguments)},
        specifications=joint.specifications if ran else None,
        left_out=joint.missing if ran else None,
    )


def _mean_headline(
    windows: Windows, tests: DateTests, arguments: EventStudyArguments
) -> dict[str, Any]:
    """The mean after the events less that of all windows."""
    shift, words = tests.shift, return_words(arguments)
    interval = (shift.ci_low, shift.ci_high)
    if arguments.interval == "student":
        interval = student_interval(windows.outcomes - shift.base_mean)
    spread = float(windows.values.std())
    if shift.estimate == 0 or not spread > 0:
        mde, more = math.inf, f"no number of {words.counted} would detect an effect of nothing"
    else:
        power = power_of_event_study(shift)
        mde = power.mde if first_refusal(power) is None else math.inf
        events = len(windows.chosen)
        needed = more_events_needed(shift.estimate, spread, events, unit=words.counted)
        more = f"{needed} {words.goal}"
    return {
        "estimate": shift.estimate,
        "unit": f"decimal return over {arguments.horizon} months",
        "ci_low": interval[0],
        "ci_high": interval[1],
        "mde": mde,
        "more_needed": more,
        "null": f"{event_words(arguments).null} (circular shifts)",
    }


def _rate_headline(
    windows: Windows, tests: DateTests, arguments: EventStudyArguments
) -> dict[str, Any]:
    """The share of the events that were won."""
    words, base = event_words(arguments), tests.shift.base_rate
    mde, more = _detectable_rate(base, len(windows.chosen), arguments.claimed_rate)
    return {
        "estimate": tests.shift.win_rate,
        "unit": f"share of {words.short} won by {return_words(arguments).long}",
        "ci_low": tests.wins.ci_low,
        "ci_high": tests.wins.ci_high,
        "mde": mde,
        "more_needed": more,
        "null": f"{words.short} are won as often as any window, {base:.0%}",
    }


def _detectable_rate(base: float, events: int, claimed: float) -> tuple[float, str]:
    """Minimum detectable excess of a win rate, and the events that the claimed one would need."""
    if not 0 < base < 1:
        return math.inf, f"a base rate of {base:.0%} leaves nothing to tell apart"
    power = power_of_proportion(base, events)
    refused = first_refusal(power)
    if refused is not None:
        return math.inf, refused.reason
    excess = claimed - base
    if abs(excess) < 0.005:
        return power.mde, "the claimed rate is the base rate: no number of events tells them apart"
    needed = more_events_needed(excess, math.sqrt(base * (1.0 - base)), events)
    return power.mde, f"{needed} to tell {claimed:.0%} from the base rate"


def _joint_p(joint: SpecificationCurve, arguments: EventStudyArguments) -> float:
    """Joint p-value of the grid's median of the statistic."""
    by_rate = arguments.statistic == "win_rate"
    return joint.p_median_win_rate if by_rate else joint.p_median_effect


def _joint_measures(
    windows: Windows, tests: DateTests, joint: SpecificationCurve, arguments: EventStudyArguments
) -> dict[str, float]:
    """What a criterion on the joint test of the grid may name."""
    measures = {
        "median_win_rate": joint.median_win_rate,
        "joint_shift_p": _joint_p(joint, arguments),
        "win_rate_high": tests.wins.ci_high,
    }
    if tests.stratified is not None:
        by_rate = arguments.statistic == "win_rate"
        drawn = tests.stratified
        measures["stratified_p"] = drawn.win_p_upper if by_rate else drawn.p_upper
        measures["win_rate"] = tests.shift.win_rate
    if tests.known is not None:
        measures["announced_excess"] = tests.known.estimate
    return measures


def _own_measures(
    windows: Windows,
    tests: DateTests,
    joint: SpecificationCurve,
    arguments: EventStudyArguments,
) -> dict[str, float]:
    """What a criterion on the specification's own test may name."""
    shift = tests.shift
    if arguments.followed_by == "no_recession":
        return {
            "soft_win_rate": shift.win_rate,
            "soft_excess": shift.estimate,
            "soft_shift_p": shift.p_upper,
            "soft_excess_high": student_interval(windows.outcomes - shift.base_mean)[1],
        }
    low, high = student_interval(windows.outcomes)
    return {
        "early_win_rate": shift.win_rate,
        "early_excess": shift.estimate,
        "shift_p": shift.p_upper,
        "early_mean_low": low,
        "early_mean_high": high,
    }


def _sentence(windows: Windows, tests: DateTests, arguments: EventStudyArguments) -> str:
    """The answer to the claim, without a capital."""
    shift, events, many = tests.shift, len(windows.chosen), event_words(arguments).many
    won, horizon = return_words(arguments).won, arguments.horizon
    if arguments.statistic == "win_rate":
        near = tests.stratified
        around = f", of windows around recessions {near.base_rate:.0%}" if near is not None else ""
        return (
            f"{won} after {shift.win_rate:.0%} of {events} {many} (exact 95% interval"
            f" {tests.wins.ci_low:.0%} to {tests.wins.ci_high:.0%}); the base rate of all windows"
            f" is {shift.base_rate:.0%}{around}."
        )
    after = f"after {events} {many} {won} {shift.win_rate:.0%} of the time"
    base = f"(base rate {shift.base_rate:.0%})"
    mean, excess = f"{shift.event_mean:+.1%}", f"{shift.estimate:+.1%}"
    if tests.known is not None:
        return (
            f"{after} {base}, by {excess} more than in all windows; from the"
            f" {len(windows.known)} announcements on it was {tests.known.estimate:+.1%}."
        )
    if arguments.judged_by == "grid":
        return (
            f"{after} over {horizon} months; any month of the era gives {shift.base_rate:.0%}."
            f" The mean lead was {mean}, {excess} against all windows."
        )
    compared = f"{base}, by {mean} on average, {excess} against all windows"
    if arguments.followed_by == "any":
        return (
            f"Over the {horizon} months {after} {compared}; a share {shift.p_upper:.3f} of the"
            " shifted calendars does as well."
        )
    others, beside = windows.values.to_numpy()[windows.others], ""
    if len(others):
        beside = f" After cuts {OTHER[arguments.followed_by]} the mean was {others.mean():+.1%}."
    return f"{after} {compared}.{beside}"


def _sensitivity(
    windows: Windows, joint: SpecificationCurve, arguments: EventStudyArguments
) -> str:
    """What the grid says, and which events have no complete window."""
    counted = (
        f"Over {joint.specifications} specifications ({joint.missing} left out with a reason) the"
        f" median win rate is {joint.median_win_rate:.0%}, {joint.median_win_excess:+.1%} against"
        " the base rate,"
    )
    if arguments.judged_by == "primary":
        return (
            f"{counted} the median excess {joint.median_effect:+.1%} (joint p"
            f" {joint.p_median_effect:.3f})."
        )
    words = (
        f"{counted} and the median effect {joint.median_effect:+.1%};"
        f" {joint.share_positive:.0%} of the effects are above zero."
    )
    if arguments.events == "first_cuts" and arguments.followed_by == "any" and windows.incomplete:
        words += f" Left out, their window not complete: {', '.join(windows.incomplete)}."
    return words
