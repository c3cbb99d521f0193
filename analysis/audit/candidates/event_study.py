"""Tests that could decide a claim on what followed some dates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.rule_search import Candidate
from analysis.designs import Sampling, Specification
from analysis.designs.event_study.joint_grid import joint_grid
from analysis.designs.event_study.windows import Windows, windows_of
from analysis.inference.rank_lead import rank_p_value
from analysis.inference.resampling import EventRandomization, event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, small_minus_large
from analysis.panel.eras import in_era
from analysis.panel.legs import legs_of
from analysis.panel.recessions import recession_ahead

#: Horizons whose windows are averaged, in months.
HORIZONS = (6, 12, 24)

#: Months within which a recession makes dates alike.
STATE_MONTHS = 12

#: Lags of the errors of a monthly regression.
LAGS = 6

#: The rule the claims had first: median win rate, joint p and p of the same state, all three.
FIRST_STATE_P = 0.10

#: The share that "tend to" was read as, where none is claimed.
MORE_OFTEN_THAN_NOT = 0.5

PanelTest = Callable[[Dataset, Specification[Any], Sampling], float]

WindowTest = Callable[[Windows, Specification[Any], Sampling], float]


class _Once:
    """A function of a panel and a specification that keeps its last result.

    Every candidate meets the same panel before the next is drawn.
    """

    def __init__(self, made: Callable[[Dataset, Specification[Any]], Any]) -> None:
        self._made = made
        self._kept: tuple[Any, Any, Any] = (None, None, None)

    def __call__(self, panel: Dataset, specification: Specification[Any]) -> Any:
        if self._kept[0] is not panel or self._kept[1] is not specification:
            self._kept = (panel, specification, self._made(panel, specification))
        return self._kept[2]


_windows = _Once(lambda panel, specification: windows_of(panel, specification.arguments))

_joint = _Once(lambda panel, specification: joint_grid(panel, specification).test)


def _on_windows(test: WindowTest) -> PanelTest:
    def p_value(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
        windows = _windows(panel, specification)
        if len(windows.chosen) < specification.arguments.fewest_events:
            return math.nan
        return test(windows, specification, sampling)

    return p_value


def _randomized(
    values: pd.Series, places: np.ndarray, scheme: str = "shift", **given: Any
) -> EventRandomization:
    """The events against other dates; of shifts, all of them."""
    return event_randomization(values, places, scheme, **{"draws": max(len(values), 1), **given})


def _shifted_p(values: pd.Series, places: np.ndarray) -> float:
    found = _randomized(values, places)
    return found.p_upper


def _mean(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    return _shifted_p(windows.values, windows.chosen)


def _mean_two_sided(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    """For the claimed direction: 1 where the estimate goes the other way."""
    found = _randomized(windows.values, windows.chosen)
    if found.p_value is None:
        return math.nan
    return found.p_value if found.estimate > 0 else 1.0


def _spaced(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    draws, seed = sampling.draws, sampling.seed
    found = _randomized(windows.values, windows.chosen, "gap", draws=draws, seed=seed)
    return found.p_upper


def _same_state(won: bool) -> PanelTest:
    def p_value(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
        windows = _windows(panel, specification)
        if len(windows.chosen) < specification.arguments.fewest_events:
            return math.nan
        ahead = recession_ahead(panel.monthly["recession"], STATE_MONTHS)
        near = ahead.reindex(windows.values.index).astype(bool)
        found = _randomized(
            windows.values,
            windows.chosen,
            "stratified",
            strata=near.map({True: "near", False: "far"}),
            draws=sampling.draws,
            seed=sampling.seed,
        )
        return found.win_p_upper if won else found.p_upper

    return p_value


def _win_rate(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    found = _randomized(windows.values, windows.chosen)
    return found.win_p_upper


def _win_rate_mid_p(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    found = _randomized(windows.values, windows.chosen)
    return found.win_mid_p_upper if found else math.nan


def _binomial_mid_p(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    from scipy.stats import binom

    won, base = int((windows.outcomes > 0).sum()), float((windows.values > 0).mean())
    events = len(windows.chosen)
    return float(binom.sf(won, events, base) + binom.pmf(won, events, base) / 2.0)


def _binomial(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    from scipy.stats import binomtest

    won, base = int((windows.outcomes > 0).sum()), float((windows.values > 0).mean())
    return float(binomtest(won, len(windows.chosen), base, "greater").pvalue)


def _rank_of_windows(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    return _shifted_p(windows.values.rank(), windows.chosen)


def _rank_of_months(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    arguments = specification.arguments
    return rank_p_value(
        windows.spread,
        windows.values.index,
        windows.chosen,
        arguments.horizon,
        arguments.start,
    )


def _months_won(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    return _of_months((windows.spread > 0).astype(float), windows, specification)


def _normal_scores(
    windows: Windows, specification: Specification[Any], sampling: Sampling
) -> float:
    from scipy.stats import norm

    shares = (windows.spread.rank() - 0.5) / len(windows.spread)
    scores = pd.Series(norm.ppf(shares), index=windows.spread.index)
    return _of_months(scores, windows, specification)


def _of_months(scores: pd.Series, windows: Windows, specification: Specification[Any]) -> float:
    """Scores of months in place of their returns, added up over each window."""
    arguments = specification.arguments
    sums = forward_sums(scores, arguments.horizon, arguments.start)
    return _shifted_p(sums.reindex(windows.values.index), windows.chosen)


def _student(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    from scipy.stats import ttest_1samp

    base = float(windows.values.mean())
    return float(ttest_1samp(windows.outcomes, base, alternative="greater").pvalue)


def _regression(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    import statsmodels.api as sm
    from scipy.stats import norm

    arguments, spread = specification.arguments, windows.spread
    inside = np.zeros(len(spread))
    for month in windows.values.index[windows.chosen]:
        first = spread.index.get_loc(month) + arguments.start
        inside[first : first + arguments.horizon] = 1.0
    design = sm.add_constant(inside)
    fit = sm.OLS(spread.to_numpy(), design).fit(cov_type="HAC", cov_kwds={"maxlags": LAGS})
    return float(norm.sf(fit.tvalues[1]))


def _horizons(windows: Windows, specification: Specification[Any], sampling: Sampling) -> float:
    arguments = specification.arguments
    every = [forward_sums(windows.spread, months, arguments.start) for months in HORIZONS]
    mean = sum(one / one.std() for one in every)
    return _on_kept(in_era(mean.dropna(), arguments.era), windows)


def _on_kept(values: pd.Series, windows: Windows) -> float:
    """The test where some events have no value: their windows are longer."""
    places = values.index.get_indexer(windows.values.index[windows.chosen])
    return _shifted_p(values, np.unique(places[places >= 0]))


def _legs(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
    arguments = specification.arguments
    windows = _windows(panel, specification)
    if len(windows.chosen) < arguments.fewest_events:
        return math.nan
    legs = {leg: small_minus_large(panel.monthly, leg) for leg in legs_of(panel.monthly)}
    scaled = pd.DataFrame({leg: returns / returns.std() for leg, returns in legs.items()})
    mean = scaled.mean(axis=1).reindex(windows.spread.index)
    sums = forward_sums(mean, arguments.horizon, arguments.start)
    return _shifted_p(sums.reindex(windows.values.index), windows.chosen)


def _grid_mean(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
    joint = _joint(panel, specification)
    return math.nan if joint.refusal is not None else joint.p_median_effect


def _grid_won(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
    joint = _joint(panel, specification)
    return math.nan if joint.refusal is not None else joint.p_median_win_rate


def _first_rule(share: bool) -> PanelTest:
    def says(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
        joint = _joint(panel, specification)
        state = _same_state(share)(panel, specification, sampling)
        if joint.refusal is not None or math.isnan(state):
            return math.nan
        p_value = joint.p_median_win_rate if share else joint.p_median_effect
        claimed = specification.arguments.claimed_rate or MORE_OFTEN_THAN_NOT
        holds = joint.median_win_rate >= claimed and p_value < 0.05 and state < FIRST_STATE_P
        return 0.0 if holds else 1.0

    return says


def _asks_a_lead(specification: Specification[Any]) -> bool:
    return specification.arguments.statistic != "win_rate"


def _asks_a_share(specification: Specification[Any]) -> bool:
    return specification.arguments.statistic == "win_rate"


def _never(specification: Specification[Any]) -> bool:
    """Other specifications than the registered one, or the rule that was found wanting."""
    return False


CANDIDATES = (
    Candidate("mean, circular shifts", _on_windows(_mean), _asks_a_lead),
    Candidate("mean, circular shifts, two-sided", _on_windows(_mean_two_sided), _asks_a_lead),
    Candidate("mean, spaced random dates", _on_windows(_spaced), _asks_a_lead),
    Candidate("mean, random dates of the same recession state", _same_state(False), _asks_a_lead),
    Candidate("mean, Student's t of the windows", _on_windows(_student), _asks_a_lead),
    Candidate("monthly regression, Newey–West", _on_windows(_regression), _asks_a_lead),
    Candidate("rank of the windows, circular shifts", _on_windows(_rank_of_windows), _asks_a_lead),
    Candidate("rank of the months, circular shifts", _on_windows(_rank_of_months), _asks_a_lead),
    Candidate("normal scores of the months, shifts", _on_windows(_normal_scores), _asks_a_lead),
    Candidate("months won, circular shifts", _on_windows(_months_won), _asks_a_lead),
    Candidate("share won, circular shifts", _on_windows(_win_rate), _asks_a_share),
    Candidate("share won, circular shifts, mid-p", _on_windows(_win_rate_mid_p), _asks_a_share),
    Candidate("share won, exact binomial", _on_windows(_binomial), _asks_a_share),
    Candidate("share won, binomial mid-p", _on_windows(_binomial_mid_p), _asks_a_share),
    Candidate("share won, dates of the same recession state", _same_state(True), _asks_a_share),
    Candidate("mean of 6, 12 and 24 months, circular shifts", _on_windows(_horizons), _never),
    Candidate("mean of all size legs, circular shifts", _legs, _never),
    Candidate("median mean of the grid, circular shifts", _grid_mean, _never),
    Candidate("median share won of the grid, circular shifts", _grid_won, _never),
    Candidate("first registered rule, on means", _first_rule(False), _never),
    Candidate("first registered rule, on shares won", _first_rule(True), _never),
)
