"""Whether what follows a wide gap or a concentrated market differs: its lead, balance or fall."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    Horizon,
    LegName,
    WidePercentile,
)
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import Sign
from analysis.inference.joint_histories import FEWEST_STARTS
from analysis.inference.outcome_slopes import (
    FEWEST_IN_STATE,
    FIFTH_COLUMNS,
    OutcomeSlopes,
    OutcomeWindow,
    by_fifth,
    outcome_slopes,
)
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.eras import in_era
from analysis.panel.falling_rates import falling_rates
from analysis.panel.gaps import GapSample, bases_of, gap_sample
from analysis.panel.narrowing_spreads import narrowing_spreads
from analysis.panel.spells import independent_episodes, real_time_percentile
from analysis.results import Finding, first_refusal, p_words

#: Separate windows that a regression needs.
FEWEST_WINDOWS = 4

#: Lead or lag of the table, and months of its largest fall.
SHOWN_BOUND, SHOWN_FALL = 0.10, 36

AXES = ("leg", "basis", "horizon", "given", "bound", "era")

ESTIMATES = ("slope", "low", "high", "p", "windows")

MEASURES = {
    "slope": "outcome per log point",
    "slope_p": "p-value",
    "slope_low": "outcome per log point",
    "slope_high": "outcome per log point",
    "percentile_now": "share",
    "episodes": "count",
}

OUTCOMES = {
    "lead": "small minus large",
    "balance": "the share of large leads less that of large lags",
    "fall": "the largest fall of small against large",
}

PREDICTORS = {
    "gap": "the valuation gap",
    "concentration": "the share of the largest tenth of firms in the market's value",
}

GIVEN = {
    "falling_rates": "falling rates",
    "narrowing_spreads": "narrowing spreads",
    "both": "falling rates and narrowing spreads",
}


class OutcomeSlopeArguments(Arguments):
    """What is followed by which outcome, and in which state."""

    leg: LegName
    predictor: Literal["gap", "concentration"] = Field(description="what is wide or high")
    basis: BasisName | None = Field(None, description="of the gap")
    outcome: Literal["lead", "balance", "fall"] = Field(description="what follows, and is judged")
    bound: Annotated[
        float, Field(ge=0, lt=1, description="lead or lag beyond which a balance counts, decimal")
    ]
    horizon: Horizon
    given: Literal["none", "falling_rates", "narrowing_spreads", "both"] = Field(
        description="state in which the slope is compared with that outside it"
    )
    era: EraName
    sign: Sign
    wide_percentile: WidePercentile
    history_months: HistoryMonths

    @model_validator(mode="after")
    def _a_basis_belongs_to_a_gap(self) -> Self:
        if (self.predictor == "gap") == (self.basis is None):
            raise ValueError("a gap needs a basis, and nothing else takes one")
        if (self.outcome == "balance") != (self.bound > 0):
            raise ValueError("a balance needs a bound above zero, and nothing else takes one")
        return self


@dataclass(frozen=True)
class OutcomeSlope(Study):
    """The finding, and what followed by fifth and by episode.

    Attributes
    ----------
    samples : mapping of str to GapSample
        By basis, or under the predictor's name.
    state : Series of bool or None
        Months in the state that the claim asks for.
    """

    samples: Mapping[str, GapSample] = field(repr=False)
    state: pd.Series | None = field(repr=False)

    @cached_property
    def fifths(self) -> pd.DataFrame:
        """What followed, by the fifth of the gap as known then; a column ``basis`` before."""
        arguments, parts = self.specification.arguments, []
        for basis, sample in self.samples.items():
            if sample.refusal is None:
                place = real_time_percentile(sample.gap, arguments.history_months)
                bound = arguments.bound or SHOWN_BOUND
                table = by_fifth(sample.returns, place, arguments.horizon, bound, SHOWN_FALL)
                parts.append(table.assign(basis=basis))
        columns = ["basis", *FIFTH_COLUMNS]
        return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)

    @cached_property
    def episodes(self) -> pd.DataFrame:
        """Separate times in which the gap was wide and the state held, with what followed."""
        rows = []
        for basis, sample in self.samples.items():
            if sample.refusal is None:
                rows += _episodes(sample, basis, self.specification.arguments, self.state)
        return pd.DataFrame(rows, columns=["basis", "from", "months", "lead"])


@design(arguments=OutcomeSlopeArguments, measures=MEASURES, axes=AXES)
def outcome_slope(
    dataset: Dataset, specification: Specification[OutcomeSlopeArguments], sampling: Sampling
) -> OutcomeSlope:
    """Test whether an outcome goes with a predictor; of two bases the less favourable counts."""
    arguments = specification.arguments
    states = _states(dataset)
    plan = _Plan(dataset, arguments, states)
    own = [plan.add({**_own(arguments), "basis": basis}) for basis in _bases(arguments.basis)]
    chosen = []
    for one in specification.combinations(*AXES):
        for basis in _bases(one["basis"]):
            chosen.append({**one, "basis": basis})
    places = [plan.add(one) for one in chosen]
    found = outcome_slopes(
        plan.pairs(), plan.windows, arguments.sign, sampling.draws, sampling.seed
    )
    rows = [_row(one, place, found, plan) for one, place in zip(chosen, places, strict=True)]
    grid = pd.DataFrame(rows, columns=[*AXES, *ESTIMATES, "reason"])
    samples = {
        str(basis or arguments.predictor): plan.sample(arguments.leg, basis)
        for basis in _bases(arguments.basis)
    }
    state = states.get(arguments.given)
    finding = _finding(own, found, plan, arguments, samples, state, bool(chosen))
    return OutcomeSlope(specification, finding, grid, samples, state)


def _own(arguments: OutcomeSlopeArguments) -> dict[str, Any]:
    return {
        "leg": arguments.leg,
        "horizon": arguments.horizon,
        "given": arguments.given,
        "bound": arguments.bound,
        "era": arguments.era,
    }


def _bases(basis: str | None) -> tuple[str | None, ...]:
    return (None,) if basis is None else bases_of(basis)


def _states(dataset: Dataset) -> dict[str, pd.Series]:
    """Months of each state that may be asked for."""
    rates, spreads = falling_rates(dataset.monthly), narrowing_spreads(dataset.monthly)
    both = pd.concat([rates, spreads], axis=1, join="inner").all(axis=1)
    return {"falling_rates": rates, "narrowing_spreads": spreads, "both": both}


def concentration_sample(dataset: Dataset, leg: str) -> GapSample:
    """A leg beside the log share of the largest tenth in the market, known at the month's end.

    The share of a month is that of its start, so it is known at the end of the month before.
    """
    if "top_share" not in dataset.monthly or dataset.monthly["top_share"].isna().all():
        return GapSample.refused("needs the latest data: firms by tenth of size", needs="latest")
    spread = small_minus_large(dataset.monthly, leg)
    share = np.log(dataset.monthly["top_share"]).shift(-1).dropna()
    return GapSample(spread, share[share.index.isin(spread.index)])


class _Plan:
    """The regressions of a claim and its grid, each with its place or the reason it has none."""

    def __init__(
        self,
        dataset: Dataset,
        arguments: OutcomeSlopeArguments,
        states: Mapping[str, pd.Series],
    ) -> None:
        self.dataset, self.arguments, self.states = dataset, arguments, states
        self.windows: list[OutcomeWindow] = []
        self.reasons: list[str] = []
        self._samples: dict[str, GapSample] = {}

    def sample(self, leg: str, basis: str | None) -> GapSample:
        """Returns and predictor of one leg and basis over all months."""
        name = f"{leg}/{basis}"
        if name not in self._samples:
            self._samples[name] = self._made(leg, basis)
        return self._samples[name]

    def _made(self, leg: str, basis: str | None) -> GapSample:
        if leg not in legs_of(self.dataset.monthly):
            return GapSample.refused("the data set does not hold this leg")
        if basis is None:
            return concentration_sample(self.dataset, leg)
        return gap_sample(self.dataset, leg, "gap", basis, "full")

    def pairs(self) -> dict[str, tuple[pd.Series, pd.Series]]:
        """Returns and predictor of every pair that some regression needs."""
        used = {window.pair for window in self.windows}
        return {name: (self._samples[name].returns, self._samples[name].gap) for name in used}

    def add(self, one: Mapping[str, Any]) -> int | str:
        """Place of a regression, or why it cannot be run."""
        sample = self.sample(one["leg"], one["basis"])
        if sample.refusal is not None:
            return sample.refusal.reason
        months, horizon = sample.gap.index, int(one["horizon"])
        kept = in_era(pd.Series(True, index=months), one["era"]).index
        if not len(kept):
            return "no month of this era is at hand"
        allowed = months.isin(kept) & (months <= kept[-1] - horizon)
        state = self.states.get(one["given"])
        if state is not None:
            allowed &= months.isin(state.index)
        starts = np.flatnonzero(allowed)
        span = int(starts[-1] - starts[0]) if len(starts) else 0
        if len(starts) < FEWEST_STARTS or span < (FEWEST_WINDOWS - 1) * horizon:
            return f"{len(starts)} windows of {horizon} months are too few"
        inside = None
        if state is not None:
            inside = state.reindex(months[starts]).to_numpy(dtype=bool)
            if min(inside.sum(), (~inside).sum()) < FEWEST_IN_STATE:
                return f"only {int(inside.sum())} windows begin in this state"
        pair, arguments = f"{one['leg']}/{one['basis']}", self.arguments
        bound = float(one["bound"])
        self.windows.append(OutcomeWindow(pair, starts, horizon, arguments.outcome, bound, inside))
        return len(self.windows) - 1


def _row(
    one: dict[str, Any], place: int | str, found: OutcomeSlopes, plan: _Plan
) -> dict[str, Any]:
    if isinstance(place, str):
        return {**one, "reason": place}
    numbers = (*found.corrected(place), found.p_of(place), _separate(plan.windows[place]))
    return {**one, **dict(zip(ESTIMATES, numbers, strict=True)), "reason": ""}


def _separate(window: OutcomeWindow) -> int:
    span = int(window.starts[-1] - window.starts[0]) + window.horizon
    return math.floor(span / window.horizon)


def _finding(
    own: list[int | str],
    found: OutcomeSlopes,
    plan: _Plan,
    arguments: OutcomeSlopeArguments,
    samples: Mapping[str, GapSample],
    state: pd.Series | None,
    has_grid: bool,
) -> Finding:
    lacking = [place for place in own if isinstance(place, str)]
    if lacking:
        refusal = first_refusal(*samples.values())
        return Finding.refused(lacking[0], needs=None if refusal is None else refusal.needs)
    places = dict(zip(samples, (int(place) for place in own), strict=True))
    worst = max(places, key=lambda name: found.p_of(places[name]))
    place, sample = places[worst], samples[worst]
    window = plan.windows[place]
    slope, low, high = found.corrected(place)
    if not found.error_of(place) > 0:
        return Finding.refused("what followed was the same after every month")
    step = float(sample.gap.std())
    met = [len(_episodes(one, name, arguments, state)) for name, one in samples.items()]
    now = float(real_time_percentile(sample.gap, 1).iloc[-1])
    return Finding(
        estimate=slope,
        unit=f"outcome over {arguments.horizon} months a log point, bias-corrected",
        ci_low=low,
        ci_high=high,
        p_value=found.p_of(place),
        n=len(window.starts),
        effective_n=float(_separate(window)),
        mde=minimum_detectable(found.error_of(place)),
        more_needed="more decades of history: few separate stretches of this length have passed",
        null=f"{PREDICTORS[arguments.predictor]} says nothing about what follows",
        sample_start=str(sample.gap.index[window.starts[0]]),
        sample_end=str(sample.gap.index[window.starts[-1] + window.horizon]),
        finding=_words(arguments, step, (slope, low, high), found.p_of(place), now),
        sensitivity="; ".join(
            f"{name}: {100 * step * found.corrected(one)[0]:+.1f} points, p"
            f" {p_words(found.p_of(one))}"
            for name, one in places.items()
        )
        + ".",
        measures={
            "slope": slope,
            "slope_p": found.p_of(place),
            "slope_low": min(found.corrected(one)[1] for one in places.values()),
            "slope_high": max(found.corrected(one)[2] for one in places.values()),
            "percentile_now": now,
            "episodes": min(met),
        },
        joint_p=found.joint_p if has_grid else None,
    )


def _words(
    arguments: OutcomeSlopeArguments,
    step: float,
    slopes: tuple[float, float, float],
    p_value: float,
    now: float,
) -> str:
    slope, low, high = (100 * step * one for one in slopes)
    more = "" if arguments.given == "none" else f" more with {GIVEN[arguments.given]} than without"
    return (
        f"When {PREDICTORS[arguments.predictor]} was one standard deviation wider than usual,"
        f" {OUTCOMES[arguments.outcome]} over the next {arguments.horizon} months was {slope:+.1f}"
        f" points{more or ' higher'} (95% interval {low:+.1f} to {high:+.1f}, p"
        f" {p_words(p_value)}). At the end of the sample {now:.0%} of all months had been no wider."
    )


def _episodes(
    sample: GapSample, basis: str, arguments: OutcomeSlopeArguments, state: pd.Series | None
) -> list[dict[str, Any]]:
    """Separate times in which the predictor was wide by what was known and the state held."""
    place = real_time_percentile(sample.gap, arguments.history_months)
    wide = place > arguments.wide_percentile
    if state is not None:
        wide &= state.reindex(wide.index, fill_value=False).astype(bool)
    group = (wide != wide.shift()).cumsum()[wide]
    spells = pd.DataFrame(
        [(part.index[0], len(part)) for _, part in group.groupby(group)],
        columns=["first", "months"],
    )
    rows = []
    for first in independent_episodes(spells, arguments.horizon):
        after = sample.spread.loc[first + 1 : first + arguments.horizon]
        lead = float(after.sum()) if len(after) == arguments.horizon else float("nan")
        months = int(spells.loc[spells["first"] == first, "months"].iloc[0])
        rows.append({"basis": basis, "from": str(first), "months": months, "lead": lead})
    return rows
