"""Tests that could decide whether a gap stays for longer than a given time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from analysis.audit.candidates.predictive_regression import less_favourable
from analysis.audit.rule_search import Candidate
from analysis.designs import Sampling, Specification
from analysis.inference.persistence import half_life, half_life_confidence
from analysis.panel.gaps import SAMPLINGS, GapSample
from analysis.panel.spells import wide_spells
from analysis.results import first_refusal

SampleTest = Callable[[GapSample, Specification[Any], Sampling], float]

#: Months of an unbroken wide spell that the first rule asked for.
FIRST_SPELL = 36


def _interval(step: int | None = None, frequency: str = "monthly") -> SampleTest:
    """Median-unbiased half-life, at most the registered months under the null."""

    def p_value(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        arguments, period = specification.arguments, SAMPLINGS[frequency]
        months = (step or arguments.step_months) // period
        taken = sample.sampled(frequency)[1]
        return half_life_confidence(taken, arguments.long_months / period, max(1, months))

    return p_value


def _lowest(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
    """The lower end of the half-life's interval above the registered months: yes or no."""
    arguments = specification.arguments
    found = half_life(sample.gap, arguments.level, arguments.step_months)
    if first_refusal(found) is not None:
        return math.nan
    return 0.0 if found.ci_low > arguments.long_months else 1.0


def _longest(sample: GapSample, specification: Specification[Any]) -> int:
    arguments = specification.arguments
    spells = wide_spells(sample.gap, arguments.wide_percentile, arguments.history_months)
    return int(spells["months"].max()) if len(spells) else 0


def _first_rule(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
    """Interval and spell together: yes or no."""
    low = _lowest(sample, specification, sampling)
    long = _longest(sample, specification) >= FIRST_SPELL
    return low if long or math.isnan(low) else 1.0


def _never(specification: Specification[Any]) -> bool:
    """The rule that was found wanting."""
    return False


CANDIDATES = (
    Candidate("half-life over a year, interval", less_favourable(_lowest)),
    Candidate("half-life over a year, p", less_favourable(_interval())),
    Candidate("half-life over a month, p", less_favourable(_interval(1))),
    Candidate("half-life from June to June, p", less_favourable(_interval(12, "june"))),
    Candidate("first registered rule", less_favourable(_first_rule), _never),
)
