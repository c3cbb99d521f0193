"""How many rate cuts a year has brought, and how many its remaining meetings could bring."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import Day
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.panel.targets import upper_target
from analysis.results import Finding

MEASURES = {"cuts_made": "cuts", "cuts_possible": "cuts"}


class CutsInYearArguments(Arguments):
    """The year, the size of a cut, and the last days of the year's scheduled meetings."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    step: Annotated[float, Field(gt=0, le=0.05, description="one cut, decimal rate a year")]
    meetings: Annotated[list[Day], Field(min_length=1, description="last day of each meeting")]


@design(arguments=CutsInYearArguments, measures=MEASURES)
def cuts_in_year(
    dataset: Dataset, specification: Specification[CutsInYearArguments], sampling: Sampling
) -> Study:
    """Count the steps the target fell since the year began, and the meetings still to come."""
    return Study(specification, _finding(dataset, specification.arguments), pd.DataFrame())


def _finding(dataset: Dataset, arguments: CutsInYearArguments) -> Finding:
    target = upper_target(dataset)
    if target.refusal is not None:
        return Finding.refused(target.refusal)
    start = pd.Period(f"{arguments.year - 1}-12", "M")
    seen = target.rates.index[-1]
    made = 0.0
    if seen > start:
        fall = float(target.rates[start]) - float(target.rates[seen])
        made = round(fall / arguments.step, 6)
    meetings = pd.to_datetime(pd.Series(arguments.meetings))
    to_come = int((meetings > seen.end_time).sum())
    return Finding(
        estimate=made,
        unit=f"cuts of {arguments.step * 10_000:g} basis points",
        null="none: the year's decisions are a fact of record",
        n=len(meetings) - to_come,
        mde=1.0,
        more_needed=f"{to_come} meetings of {arguments.year} still to come",
        sample_start=str(min(start, seen)),
        sample_end=str(seen),
        finding=(
            f"By the end of {seen} the Fed had made {made:g} of the cuts; {to_come} of"
            f" {len(meetings)} meetings were still to come."
        ),
        measures={"cuts_made": made, "cuts_possible": made + to_come},
    )
