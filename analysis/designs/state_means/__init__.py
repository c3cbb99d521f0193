"""Whether small minus large differs in a state, a recession or a month of falling rates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    Alignment,
    Case,
    Lag,
    ReturnName,
    Sign,
    cases_of,
    joint_test,
    missing_of,
    regression_table,
)
from analysis.designs.state_means.samples import (
    announced_sample,
    fit_sample,
    no_cuts,
    sample_for,
    without_spells,
)
from analysis.designs.state_means.sentences import in_cut_months, in_recessions
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.slopes import Slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, resolved
from analysis.panel.events import recession_phases
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.results import Finding, first_refusal

#: Level at which it is asked whether one spell carries a difference.
LEVEL = 0.05

_STATES = tuple(name for name, driver in DRIVERS.items() if driver.kind in ("rate", "state"))

MEASURES = {
    "recession_mean": "decimal return a year",
    "difference": "decimal return a year",
    "difference_p": "p-value",
    "difference_low": "decimal return a year",
    "difference_high": "decimal return a year",
    "cut_excess": "decimal return a year",
    "cut_excess_p": "p-value",
    "cut_excess_low": "decimal return a year",
    "cut_excess_high": "decimal return a year",
    "cut_excess_with_market": "decimal return a year",
    "cut_win_rate": "share",
    "base_rate": "share",
}


class StateMeansArguments(Arguments):
    """Which months are compared with all others, and how."""

    leg: ReturnName
    driver: Annotated[
        Literal[_STATES],  # type: ignore[valid-type]
        Field(description=f"what the state is made of, one of {', '.join(_STATES)}"),
    ]
    alignment: Alignment
    lag: Lag
    era: EraName
    hac_lags: HacLags
    sign: Sign
    phase: Literal["whole", "first_half", "second_half"] | None = Field(
        None, description="part of a recession"
    )
    fall: float | None = Field(
        None,
        gt=0,
        le=0.05,
        description="fall of a market rate that makes a cut month, decimal; of the target any does",
    )
    market: bool | None = Field(
        None,
        description="the headline controls for the market; where given, both are reported",
    )

    @model_validator(mode="after")
    def _a_recession_has_a_phase_and_a_rate_a_fall(self) -> Self:
        wanted = ("phase", "fall") if self.driver == "recession" else ("fall", "phase")
        given, other = (getattr(self, name) for name in wanted)
        if given is None or other is not None:
            raise ValueError(f"driver {self.driver} needs {wanted[0]} and takes no {wanted[1]}")
        return self


@dataclass(frozen=True)
class StateMeans(Study):
    """The finding, and what its chapters show beside it.

    Attributes
    ----------
    joint : JointSlopes
        Every specification of the grid at once.
    dataset : Dataset
    """

    joint: JointSlopes
    dataset: Dataset = field(repr=False)

    @cached_property
    def phases(self) -> pd.DataFrame:
        """Mean small minus large by phase of the business cycle, as :func:`phase_table` has it."""
        leg = self.specification.arguments.leg
        if missing_leg(self.dataset, leg) is not None:
            return pd.DataFrame(columns=["phase", "months", "mean a year", "share won"])
        return phase_table(self.dataset.facts["nber_cycles"], leg_returns(self.dataset, leg))


@design(
    arguments=StateMeansArguments,
    measures=MEASURES,
    axes=("leg", "driver", "phase", "fall", "market", "era"),
    episodes=("recession_mean", "difference", "difference_p", "cut_excess", "cut_excess_p"),
)
def state_means(
    dataset: Dataset, specification: Specification[StateMeansArguments], sampling: Sampling
) -> StateMeans:
    """Test whether small minus large has another mean in a state than outside it."""
    arguments = specification.arguments
    cases = cases_of(
        dataset,
        specification,
        lambda one: sample_for(dataset, one),
        lambda one: no_cuts(dataset, one, arguments.fall),
    )

    def fitted(case: Case) -> Slope:
        return fit_sample(case.seen, arguments, case.market)

    grid = regression_table(list(specification.grid), cases, fitted, scale=12.0)
    joint = joint_test(cases, grid, sampling.seed)
    finding = _finding(dataset, specification, grid, joint)
    return StateMeans(specification, finding, grid, joint, dataset)


def phase_table(cycles: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    """Mean small-minus-large return by phase of the business cycle.

    Parameters
    ----------
    cycles : DataFrame
        The table ``nber_cycles``.
    spread : Series by month
        Decimal return.

    Returns
    -------
    DataFrame
        ``phase``, ``months``, ``mean a year`` (twelve times the monthly mean), ``share won``.
    """
    grouped = spread.groupby(recession_phases(cycles, spread.index), observed=True)
    return (
        pd.DataFrame(
            {
                "months": grouped.size(),
                "mean a year": 12.0 * grouped.mean(),
                "share won": grouped.apply(lambda returns: (returns > 0).mean()),
            }
        )
        .rename_axis("phase")
        .reset_index()
    )


def _finding(
    dataset: Dataset,
    specification: Specification[StateMeansArguments],
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    arguments = specification.arguments
    lacking = first_refusal(
        missing_of(dataset, arguments.leg, arguments.driver, alignment=arguments.alignment),
        no_cuts(dataset, arguments, arguments.fall),
    )
    if lacking is not None:
        return Finding.refused(lacking)
    market = bool(arguments.market)
    sample = sample_for(dataset, arguments)
    slope = fit_sample(sample, arguments, market)
    other = None if arguments.market is None else fit_sample(sample, arguments, not market)
    refused = first_refusal(slope, other)
    if refused is not None:
        return Finding.refused(refused)
    # what does not hold with all spells is carried by none
    episodes = _without_each(sample, arguments) if slope.p_value < LEVEL else {}
    if arguments.phase is not None:
        announced = announced_sample(dataset, arguments) if arguments.phase == "whole" else None
        known = None if announced is None else fit_sample(announced, arguments, False)
        found = in_recessions(arguments, sample, slope, known, grid, joint)
        return replace(found, without_one=episodes)
    later = fit_sample(sample_for(dataset, arguments, later=1), arguments, market)
    driver = DRIVERS[resolved(dataset, arguments.driver)]
    found = in_cut_months(arguments, driver, sample, (slope, other, later), grid, joint)
    return replace(found, without_one=episodes)


def _without_each(
    sample: pd.DataFrame, arguments: StateMeansArguments
) -> dict[str, dict[str, float]]:
    """What decides without each spell of the state; NaN where too few months of it are left."""
    found = {}
    for spell, rest in without_spells(sample).items():
        slope = fit_sample(rest, arguments, bool(arguments.market))
        mean, p_value = 12.0 * slope.slope, slope.p_value
        if arguments.phase is None:
            found[spell] = {"cut_excess": mean, "cut_excess_p": p_value}
        else:
            inside = 12.0 * float(rest["spread"][rest["driver"] == 1].mean())
            found[spell] = {"recession_mean": inside, "difference": mean, "difference_p": p_value}
    return found
