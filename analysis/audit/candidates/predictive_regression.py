"""Tests that could decide whether a wide gap comes before a lead of small caps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.audit.rule_search import Candidate
from analysis.designs import Sampling, Specification
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.null_r_squared import NullRSquared
from analysis.inference.out_of_sample import out_of_sample
from analysis.inference.predictive import amihud_hurvich, ivx
from analysis.panel import Dataset
from analysis.panel.gaps import GapSample, gap_samples
from analysis.panel.spells import independent_episodes, wide_spells
from analysis.results import first_refusal

#: Episodes that the first rule asked for.
FIRST_EPISODES = 3

SampleTest = Callable[[GapSample, Specification[Any], Sampling], float]


@dataclass
class _Kept:
    """The gaps of the last panel: every candidate asks for the same."""

    panel: Dataset | None = None
    arguments: Any = None
    samples: tuple[GapSample, ...] = ()


_KEPT = _Kept()


def samples_of(panel: Dataset, specification: Specification[Any]) -> tuple[GapSample, ...]:
    """The gap on every registered basis, with the leg's returns."""
    arguments = specification.arguments
    if _KEPT.panel is not panel or _KEPT.arguments is not arguments:
        found = gap_samples(panel, arguments.leg, basis=arguments.basis, era=arguments.era)
        _KEPT.panel, _KEPT.arguments, _KEPT.samples = panel, arguments, tuple(found.values())
    return _KEPT.samples


def null_of(
    sample: GapSample, horizon: int, specification: Specification[Any], sampling: Sampling
) -> NullRSquared:
    """The regression beside its null, drawn once for all candidates."""
    draws, seed = sampling.draws, sampling.seed
    return drawn_nulls(sample.returns, sample.gap, (horizon,), draws, seed)[horizon]


def upper_tail(draws: np.ndarray, observed: float) -> float:
    """Share of draws that reach the observed value."""
    return float((1 + np.sum(draws >= observed)) / (1 + len(draws)))


def less_favourable(test: SampleTest) -> Callable[[Dataset, Specification[Any], Sampling], float]:
    """The higher p-value of two bases."""

    def p_value(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
        return max(test(one, specification, sampling) for one in samples_of(panel, specification))

    return p_value


def bootstrap_t(horizon: int | None = None, sides: int = 1) -> SampleTest:
    """The naive t against its null, the claimed direction alone or both."""

    def p_value(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        null = null_of(sample, horizon or specification.arguments.horizon, specification, sampling)
        if first_refusal(null) is not None:
            return math.nan
        return min(1.0, sides * upper_tail(null.t_draws, null.t_stat))

    return p_value


def bootstrap_slope(
    sample: GapSample, specification: Specification[Any], sampling: Sampling
) -> float:
    """The slope against its null."""
    null = null_of(sample, specification.arguments.horizon, specification, sampling)
    return math.nan if first_refusal(null) else upper_tail(null.slope_draws, null.slope)


def bootstrap_fit(
    sample: GapSample, specification: Specification[Any], sampling: Sampling
) -> float:
    """R² against its null, for the claimed direction."""
    null = null_of(sample, specification.arguments.horizon, specification, sampling)
    if first_refusal(null) is not None or null.p_value is None:
        return math.nan
    return null.p_value if null.slope > 0 else 1.0


def instrumented(horizon: int | None = None, sides: int = 1) -> SampleTest:
    """IVX, the claimed direction alone or both."""

    def p_value(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        found = ivx(sample.returns, sample.gap, horizon or specification.arguments.horizon)
        if first_refusal(found) is not None or found.p_value is None:
            return math.nan
        return sides * found.p_value / 2 if found.estimate > 0 else 1.0

    return p_value


def reduced_bias(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
    """Amihud–Hurvich, one month."""
    from scipy.stats import norm

    found = amihud_hurvich(sample.returns, sample.gap)
    return math.nan if first_refusal(found) else float(norm.sf(found.t_stat))


def clark_west(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
    """Forecasts against the expanding mean."""
    arguments = specification.arguments
    first = sample.gap.index[arguments.first_forecast_months - 1]
    found = out_of_sample(sample.returns, sample.gap, arguments.horizon, first, expected_sign=1)
    if first_refusal(found) is not None or found.p_value is None:
        return math.nan
    return float(found.p_value)


def _first_rule(asks_episodes: bool) -> SampleTest:
    """Slope, both tests, forecasts and episodes together: yes or no."""

    def says(sample: GapSample, specification: Specification[Any], sampling: Sampling) -> float:
        arguments = specification.arguments
        first = sample.gap.index[arguments.first_forecast_months - 1]
        forecasts = out_of_sample(
            sample.returns, sample.gap, arguments.horizon, first, expected_sign=1
        )
        null = null_of(sample, arguments.horizon, specification, sampling)
        if first_refusal(forecasts, null) is not None:
            return math.nan
        spells = wide_spells(sample.gap, arguments.wide_percentile, arguments.history_months)
        episodes = len(independent_episodes(spells, arguments.horizon))
        holds = (
            null.slope > 0
            and instrumented(sides=2)(sample, specification, sampling) < 0.05
            and null.p_t < 0.05
            and forecasts.estimate > 0
            and forecasts.clark_west > 1.645
            and (episodes >= FIRST_EPISODES or not asks_episodes)
        )
        return 0.0 if holds else 1.0

    return says


def _never(specification: Specification[Any]) -> bool:
    """Another horizon than the registered one, or the rule that was found wanting."""
    return False


CANDIDATES = (
    Candidate("IVX", less_favourable(instrumented())),
    Candidate("IVX, two-sided", less_favourable(instrumented(sides=2))),
    Candidate("null bootstrap, t", less_favourable(bootstrap_t())),
    Candidate("null bootstrap, t, two-sided", less_favourable(bootstrap_t(sides=2))),
    Candidate("null bootstrap, slope", less_favourable(bootstrap_slope)),
    Candidate("null bootstrap, R²", less_favourable(bootstrap_fit)),
    Candidate("Clark–West", less_favourable(clark_west)),
    Candidate("IVX, one month", less_favourable(instrumented(1)), _never),
    Candidate("Amihud–Hurvich, one month", less_favourable(reduced_bias), _never),
    Candidate("first registered rule", less_favourable(_first_rule(True)), _never),
    Candidate("first registered rule, any episodes", less_favourable(_first_rule(False)), _never),
)
