"""What an event study found, in numbers and in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from analysis.designs.event_study.arguments import EventStudyArguments
from analysis.designs.event_study.date_tests import DateTests, without_each
from analysis.designs.event_study.windows import Windows
from analysis.designs.event_study.wording import AS_KNOWN, event_words
from analysis.inference.curves import SpecificationCurve
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.results import Finding, p_words

_RETURN = "decimal return over the window"

MEASURES = {
    "lead": _RETURN,
    "lead_low": _RETURN,
    "lead_high": _RETURN,
    "lead_p": "p-value",
    "mean_excess": _RETURN,
    "win_rate": "share",
    "win_rate_low": "share",
    "win_rate_high": "share",
    "win_rate_p": "p-value",
    "base_rate": "share",
}

#: What may decide, and is given without each event too.
EPISODES = ("lead_p", "win_rate", "win_rate_p")

#: What is said of first cuts where the window begins after them.
KNOWN_BEFORE = "The cut is known before the window begins."

#: Level at which it is said whether a lead that could be known in time holds.
LEVEL = 0.05


@dataclass(frozen=True)
class Sample:
    """The windows of one choice of events, and their tests."""

    arguments: EventStudyArguments
    windows: Windows
    tests: DateTests

    @property
    def by_rate(self) -> bool:
        """Whether the share won is judged, and not the lead."""
        return self.arguments.statistic == "win_rate"

    @property
    def claimed(self) -> float:
        """The claimed share won, or the claimed lead as a decimal return over the window."""
        arguments = self.arguments
        return float((arguments.claimed_rate if self.by_rate else arguments.claimed_lead) or 0)

    @property
    def events(self) -> int:
        """Events that count."""
        return len(self.windows.chosen)

    @property
    def p_value(self) -> float:
        """One-sided p-value of what is judged."""
        tests = self.tests
        return tests.shift.win_mid_p_upper if self.by_rate else float(tests.lead.p_value or 0)

    @property
    def said(self) -> str:
        """What was found, in words, for the end of a sentence."""
        tests = self.tests
        if self.by_rate:
            low, high = tests.wins.ci_low, tests.wins.ci_high
            return (
                f"small caps beat large caps {tests.shift.win_rate:.0%} of the time (95% interval"
                f" {low:.0%} to {high:.0%})"
            )
        lead = tests.lead
        return (
            f"the lead over other months was {_points(lead.estimate)} points (95% interval"
            f" {_points(lead.ci_low)} to {_points(lead.ci_high)})"
        )


def finding_of(sample: Sample, known: Sample, joint: SpecificationCurve) -> Finding:
    """The finding of one specification.

    Parameters
    ----------
    sample : Sample
        The events that count.
    known : Sample
        Those a person could know when the window began; the same where they all could be.
    joint : SpecificationCurve
        The joint test of the grid; may be refused.
    """
    tests, windows, arguments = sample.tests, sample.windows, sample.arguments
    # read before any refusal: what is registered does not hang on how many events there are
    claimed, headline = sample.claimed, _rate_headline if sample.by_rate else _lead_headline
    if tests.refusal is not None:
        return Finding.refused(tests.refusal)
    ran = joint.refusal is None
    return Finding(
        **headline(sample, claimed),
        p_value=sample.p_value,
        n=sample.events,
        effective_n=float(sample.events),
        sample_start=str(windows.values.index[0]),
        sample_end=str(windows.values.index[-1] + arguments.horizon - 1 + arguments.start),
        finding=_sentence(sample),
        sensitivity=_sensitivity(sample, joint) if ran else "",
        measures=_measures(tests),
        specifications=joint.specifications if ran else None,
        left_out=joint.missing if ran else None,
        joint_p=_joint_p(sample, joint) if ran else None,
        usable_in_time=_usable(known),
        in_time=_in_time(sample, known),
        without_one=without_each(windows, arguments),
    )


def _measures(tests: DateTests) -> dict[str, float]:
    lead, shift, wins = tests.lead, tests.shift, tests.wins
    return {
        "lead": lead.estimate,
        "lead_low": lead.ci_low,
        "lead_high": lead.ci_high,
        "lead_p": float(lead.p_value or 0),
        "mean_excess": shift.estimate,
        "win_rate": shift.win_rate,
        "win_rate_low": wins.ci_low,
        "win_rate_high": wins.ci_high,
        "win_rate_p": shift.win_mid_p_upper,
        "base_rate": shift.base_rate,
    }


def _lead_headline(sample: Sample, claimed: float) -> dict[str, Any]:
    """The lead of the months after the events over other months."""
    lead, arguments, events = sample.tests.lead, sample.arguments, sample.events
    error = lead.standard_error
    if not (error > 0 and math.isfinite(error)):
        mde, more = math.inf, "too few other dates to say how many events a lead would need"
    else:
        mde = minimum_detectable(error)
        needed = more_events_needed(claimed, error * math.sqrt(events), events)
        more = f"{needed} to detect a lead of {_points(claimed)} points"
    return {
        "estimate": lead.estimate,
        "unit": f"decimal return over {arguments.horizon} months",
        "ci_low": lead.ci_low,
        "ci_high": lead.ci_high,
        "mde": mde,
        "more_needed": more,
        "null": (
            f"the months after {event_words(arguments).many} rank like any others (one-sided;"
            " ranks, circular shifts)"
        ),
    }


def _rate_headline(sample: Sample, claimed: float) -> dict[str, Any]:
    """The share of the events that small caps won."""
    tests, many = sample.tests, event_words(sample.arguments).many
    base, events = tests.shift.base_rate, sample.events
    mde, more = _detectable_rate(base, events, claimed)
    return {
        "estimate": tests.shift.win_rate,
        "unit": f"share of {many} won by small caps",
        "ci_low": tests.wins.ci_low,
        "ci_high": tests.wins.ci_high,
        "mde": mde,
        "more_needed": more,
        "null": (
            f"{many} are won as often as any window, {base:.0%} (one-sided; circular shifts, mid-p)"
        ),
    }


def _detectable_rate(base: float, events: int, claimed: float) -> tuple[float, str]:
    """Minimum detectable excess of a share won, and the events the claimed share would need."""
    if not 0 < base < 1:
        return math.inf, f"a base rate of {base:.0%} leaves nothing to tell apart"
    deviation = math.sqrt(base * (1.0 - base))
    mde = minimum_detectable(deviation / math.sqrt(events))
    if abs(claimed - base) < 0.005:
        return mde, "the claimed share is the base rate: no number of events tells them apart"
    needed = more_events_needed(claimed - base, deviation, events)
    return mde, f"{needed} to tell {claimed:.0%} from the base rate"


def _sentence(sample: Sample) -> str:
    """The answer to the claim."""
    tests, horizon, events = sample.tests, sample.arguments.horizon, sample.events
    won = int((sample.windows.outcomes > 0).sum())
    wins = tests.wins
    interval = f" (95% interval {wins.ci_low:.0%} to {wins.ci_high:.0%})" if sample.by_rate else ""
    first = (
        f"In the {horizon} months after {events} {event_words(sample.arguments).many} small caps"
        f" beat large caps {won} times, {tests.shift.win_rate:.0%} of the time{interval}; over any"
        f" {horizon} months they do so {tests.shift.base_rate:.0%} of the time."
    )
    return first if sample.by_rate else f"{first} {sample.said[0].upper()}{sample.said[1:]}."


def _usable(known: Sample) -> bool | None:
    """Whether the lead holds on what a person could know; None where that cannot be tested."""
    if known.tests.refusal is not None or known.arguments.start == 0:
        return None
    return known.p_value < LEVEL


def _in_time(sample: Sample, known: Sample) -> str:
    words, kind = event_words(sample.arguments).known, sample.arguments.events
    if not words:
        return "" if sample.arguments.start == 0 else KNOWN_BEFORE
    if known.tests.refusal is not None:
        return f"{words} {AS_KNOWN[kind]}, nothing can be said: {known.tests.refusal.reason}."
    return f"{words} {known.events} {AS_KNOWN[kind]} {known.said}, p = {p_words(known.p_value)}."


def _joint_p(sample: Sample, joint: SpecificationCurve) -> float:
    """Joint p-value of the grid's median of what is judged."""
    return joint.p_median_win_rate if sample.by_rate else joint.p_median_effect


def _sensitivity(sample: Sample, joint: SpecificationCurve) -> str:
    """What the grid says, and which events have no complete window."""
    together = f"together they have p = {p_words(_joint_p(sample, joint))}"
    head = f"Over {joint.specifications:,} other dates, portfolios, horizons and eras the median"
    if sample.by_rate:
        words = (
            f"{head} share won is {joint.median_win_rate:.0%},"
            f" {_points(joint.median_win_excess)} points from the base rate; {together}."
        )
    else:
        words = (
            f"{head} of the mean lead over all windows is {_points(joint.median_effect)} points,"
            f" {joint.share_positive:.0%} of them are above zero, and {together}."
        )
    if sample.arguments.events == "first_cuts" and sample.windows.incomplete:
        months = ", ".join(sample.windows.incomplete)
        words += f" Left out, their window not complete: {months}."
    return words


def _points(value: float) -> str:
    """Per cent points with two digits and a minus sign; an open end of an interval as such."""
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    return f"{100 * value:.2g}".replace("-", "−")
