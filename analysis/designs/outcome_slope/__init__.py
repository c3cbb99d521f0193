"""Whether what follows a wide gap or a concentrated market differs: its lead, balance or fall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.designs.gap_windows import window_numbers
from analysis.designs.grids import grid_table
from analysis.designs.outcome_slope.arguments import OutcomeSlopeArguments
from analysis.designs.outcome_slope.findings import episodes_of, finding_of
from analysis.designs.outcome_slope.plan import Plan, bases_or_none, states_of
from analysis.designs.registry import Sampling, Specification, Study, design
from analysis.inference.outcome_slopes import (
    FIFTH_COLUMNS,
    by_fifth,
    outcome_slopes,
)
from analysis.panel import Dataset
from analysis.panel.gaps import GapSample
from analysis.panel.spells import real_time_percentile

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
                rows += episodes_of(sample, basis, self.specification.arguments, self.state)
        return pd.DataFrame(rows, columns=["basis", "from", "months", "lead"])


@design(arguments=OutcomeSlopeArguments, measures=MEASURES, axes=AXES)
def outcome_slope(
    dataset: Dataset, specification: Specification[OutcomeSlopeArguments], sampling: Sampling
) -> OutcomeSlope:
    """Test whether an outcome goes with a predictor; of two bases the less favourable counts."""
    arguments = specification.arguments
    states = states_of(dataset)
    plan = Plan(dataset, arguments, states)
    own = [
        plan.add({**_own(arguments), "basis": basis}) for basis in bases_or_none(arguments.basis)
    ]
    chosen = []
    for one in specification.combinations(*AXES):
        for basis in bases_or_none(one["basis"]):
            chosen.append({**one, "basis": basis})
    places = [plan.add(one) for one in chosen]
    found = outcome_slopes(
        plan.pairs(), plan.windows, arguments.sign, sampling.draws, sampling.seed
    )
    outcomes = (
        place if isinstance(place, str) else window_numbers(found, place, plan.windows[place])
        for place in places
    )
    grid = grid_table(AXES, ESTIMATES, zip(chosen, outcomes, strict=True))
    samples = {
        str(basis or arguments.predictor): plan.sample(arguments.leg, basis)
        for basis in bases_or_none(arguments.basis)
    }
    state = states.get(arguments.given)
    finding = finding_of(own, found, plan, arguments, samples, state, bool(chosen))
    return OutcomeSlope(specification, finding, grid, samples, state)


def _own(arguments: OutcomeSlopeArguments) -> dict[str, Any]:
    return {
        "leg": arguments.leg,
        "horizon": arguments.horizon,
        "given": arguments.given,
        "bound": arguments.bound,
        "era": arguments.era,
    }
