"""Tests that could decide whether a regression on valuation supports a projected lead."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.audit.candidates.predictive_regression import (
    bootstrap_fit,
    bootstrap_slope,
    bootstrap_t,
    instrumented,
    less_favourable,
    null_of,
    upper_tail,
)
from analysis.audit.rule_search import Candidate
from analysis.designs import Sampling, Specification
from analysis.designs.return_forecast.reconstruction import reconstruct
from analysis.panel.gaps import GapSample
from analysis.results import first_refusal

SampleTest = Callable[[GapSample, Specification[Any], Sampling], float]


def _projected(share: float, whole: bool = False) -> SampleTest:
    """The projection against a share of the claim: of the line alone, or of one decade."""

    def p_value(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        arguments = specification.arguments
        null = null_of(sample, arguments.horizon, specification, sampling)
        if first_refusal(null) is not None:
            return math.nan
        asked = share * arguments.claimed_gap
        if whole:
            model = reconstruct(sample, arguments.horizon, arguments.view, arguments.band, sampling)
            return float(np.mean(model.band.draws <= asked)) if not model.refusal else math.nan
        h = arguments.horizon
        drawn = null.slope_draws - null.slope_draws.mean()
        mean = float(sample.gap.iloc[:-h].mean())
        away = float(sample.gap.iloc[-1]) - mean
        middle = sample.returns.mean() * h + (null.slope - null.slope_draws.mean()) * away
        return upper_tail(null.mean_draws + drawn * away, middle - asked * h / 12)

    return p_value


def _above_the_mean(test: SampleTest) -> SampleTest:
    """Predictability, and a gap that is wider than usual."""

    def p_value(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        found = test(sample, specification, sampling)
        wide = sample.gap.iloc[-1] > sample.gap.mean()
        return found if wide or math.isnan(found) else 1.0

    return p_value


def _first_rule(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
    """R² above its null and a band above zero: yes or no."""
    arguments = specification.arguments
    model = reconstruct(sample, arguments.horizon, arguments.view, arguments.band, sampling)
    if model.refusal is not None:
        return math.nan
    return 0.0 if model.excess > 0 and model.band_low > 0 else 1.0


def _never(specification: Specification[Any]) -> bool:
    """Predictability alone, whatever today's gap is worth, or the rule that was found wanting."""
    return False


CANDIDATES = (
    Candidate("projection above half the claim", less_favourable(_projected(0.5))),
    Candidate("one decade above half the claim", less_favourable(_projected(0.5, True))),
    Candidate("one decade above nothing", less_favourable(_projected(0.0, True))),
    Candidate("projection above nothing", less_favourable(_projected(0.0))),
    Candidate("null bootstrap, t", less_favourable(bootstrap_t()), _never),
    Candidate("null bootstrap, slope", less_favourable(bootstrap_slope), _never),
    Candidate("null bootstrap, R²", less_favourable(bootstrap_fit), _never),
    Candidate("IVX", less_favourable(instrumented()), _never),
    Candidate(
        "null bootstrap, t, wide gap", less_favourable(_above_the_mean(bootstrap_t())), _never
    ),
    Candidate("IVX, wide gap", less_favourable(_above_the_mean(instrumented())), _never),
    Candidate("first registered rule", less_favourable(_first_rule), _never),
)
