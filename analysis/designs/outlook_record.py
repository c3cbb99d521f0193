"""An outlook that only figures published later can settle: recorded as they come."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import pandas as pd
from pydantic import Field

from analysis.claims.outlooks import RESOLVED, Outlook, Recorded
from analysis.designs.outlook_studies import OutlookStudy, last_day, the_outlook
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.panel import Dataset
from analysis.results import Finding, Refusal, month_words
from analysis.sources.outlooks import empty_outlooks

MEASURES = {"lead_a_year": "percent a year", "small_a_year": "percent a year"}

RECORDED = ["published", "what", "period", "figure", "status", "source"]


class OutlookRecordArguments(Arguments):
    """What the recorded figures that settle it are called."""

    small: Annotated[str, Field(min_length=5, description="figure of small caps")]
    large: Annotated[str, Field(min_length=5, description="figure of large caps")]
    periods: Annotated[int, Field(ge=1, description="realised figures of each that settle it")]


class RecordedOutlook(OutlookStudy):
    """The state and the figures recorded so far."""

    @property
    def recorded(self) -> pd.DataFrame:
        """The figures published up to the last day seen, or one sentence."""
        outlook = the_outlook(self.specification)
        rows = [
            (
                month_words(one.published), one.what, one.period, f"{one.value:g} {one.unit}",
                one.status, urlsplit(one.source).hostname,
            )
            for one in seen_facts(outlook, self.seen)
        ]  # fmt: skip
        if not rows:
            return pd.DataFrame({"no table": ["No figure had been published by this month."]})
        return pd.DataFrame(rows, columns=RECORDED)


@design(arguments=OutlookRecordArguments, measures=MEASURES)
def outlook_record(
    dataset: Dataset, specification: Specification[OutlookRecordArguments], sampling: Sampling
) -> RecordedOutlook:
    """Hold the realised growth of small caps against that of large caps, once published."""
    outlook, arguments = the_outlook(specification), specification.arguments
    seen = last_day(dataset)
    finding = _finding(outlook, arguments, seen)
    paths, calls = empty_outlooks("paths"), empty_outlooks("calls")
    return RecordedOutlook.of(dataset, specification, finding, seen, paths, calls)


def seen_facts(outlook: Outlook, seen: str) -> list[Recorded]:
    """The recorded figures that were published by a day, the oldest first."""
    known = [one for one in outlook.facts if one.published <= seen[: len(one.published)]]
    return sorted(known, key=lambda one: one.published)


def _finding(outlook: Outlook, arguments: OutlookRecordArguments, seen: str) -> Finding:
    known, periods = seen_facts(outlook, seen), arguments.periods
    realised = {
        name: [one.value for one in known if one.status == "realised" and one.what == name]
        for name in (arguments.small, arguments.large)
    }
    said = (
        f"{len(known)} published figures are recorded,"
        f" {sum(one.status == 'realised' for one in known)} of them realised."
    )
    state = outlook.state(seen)
    if state != RESOLVED:
        return Finding.refused(Refusal(f"{state}. {said}", until=outlook.open_until(seen)))
    if any(len(values) < periods for values in realised.values()):
        return Finding.refused(
            f"its time has passed, but the realised growth of {periods} periods is not"
            f" recorded for both sides. {said}"
        )
    small, large = (sum(values) / len(values) for values in realised.values())
    return Finding(
        estimate=small - large,
        unit="percentage points a year",
        null="none: published growth is a matter of record",
        n=periods,
        effective_n=1.0,
        mde=abs(small - large),
        sample_start=outlook.first.earliest[:7],
        sample_end=outlook.until[:7],
        finding=(
            f"Earnings of small caps grew {small:.2g}% a year and those of large caps {large:.2g}%."
        ),
        measures={"lead_a_year": small - large, "small_a_year": small},
    )
