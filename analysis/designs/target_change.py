"""How far the Federal Reserve's target fell between two months, and the range it reached."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.panel.targets import upper_target
from analysis.results import Finding

Rate = Annotated[float, Field(ge=-0.05, le=0.25, description="rate a year, decimal")]

BASIS_POINTS = 10_000

MEASURES = {"largest_error": "decimal rate"}


class TargetChangeArguments(Arguments):
    """Two month ends, and the fall and the range that are claimed."""

    before: Month
    after: Month
    fall: Rate
    lower_end: Rate
    upper_end: Rate
    #: Of the target range, since December 2008.
    range_width: Rate


@design(arguments=TargetChangeArguments, measures=MEASURES)
def target_change(
    dataset: Dataset, specification: Specification[TargetChangeArguments], sampling: Sampling
) -> Study:
    """Look up the fall of the target and the range it reached.

    The panel holds the upper end of the target range; the lower end lies a range's width below it.
    """
    return Study(specification, _finding(dataset, specification.arguments), pd.DataFrame())


def _finding(dataset: Dataset, arguments: TargetChangeArguments) -> Finding:
    target = upper_target(dataset)
    if target.refusal is not None:
        return Finding.refused(target.refusal)
    before, after = pd.Period(arguments.before, "M"), pd.Period(arguments.after, "M")
    if not {before, after} <= set(target.rates.index):
        return Finding.refused(
            f"this run does not see the target of {before} and {after}", "latest"
        )
    upper = float(target.rates[after])
    fall = float(target.rates[before]) - upper
    errors = (
        abs(fall - arguments.fall),
        abs(upper - arguments.upper_end),
        abs(upper - arguments.range_width - arguments.lower_end),
    )
    return Finding(
        estimate=fall,
        unit="decimal rate",
        null="none: the figure is a fact of record",
        n=len(target.rates.loc[before:after]),
        sample_start=str(before),
        sample_end=str(after),
        finding=(
            f"From the end of {before} to the end of {after} the target's upper end fell"
            f" {fall * BASIS_POINTS:.0f} basis points, to {upper:.2%}."
        ),
        sensitivity=(
            f"The lower end is taken as {_words(arguments.range_width)} below the upper one."
        ),
        measures={"largest_error": round(max(errors), 10)},
    )


def _words(width: float) -> str:
    return "a quarter of a point" if width == 0.0025 else f"{width * BASIS_POINTS:g} basis points"
