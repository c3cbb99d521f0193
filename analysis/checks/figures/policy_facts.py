"""What the Federal Reserve did, for claims that say what it did or would do."""

from __future__ import annotations

import pandas as pd

from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: Last days of the scheduled meetings of 2026 (Board of Governors, meeting calendar).
MEETINGS_2026 = (
    "2026-01-28",
    "2026-03-18",
    "2026-04-29",
    "2026-06-17",
    "2026-07-29",
    "2026-09-16",
    "2026-10-28",
    "2026-12-09",
)

#: Width of the target range since December 2008.
RANGE_WIDTH = 0.0025


def cut_of_late_2025(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim fed-75bp: the fall of the target and the range it reached.

    The panel holds the upper end of the target range; the lower end lies a quarter of a point
    below it, as it has since December 2008.
    """
    target = _target(dataset)
    if isinstance(target, Refusal):
        return target
    before = pd.Period(str(claim.primary["before"]), "M")
    after = pd.Period(str(claim.primary["after"]), "M")
    if not {before, after} <= set(target.index):
        return Refusal(f"this run does not see the target of {before} and {after}", needs="latest")
    claimed = {figure.name: float(figure.value) for figure in claim.figures}
    upper = float(target[after])
    fall = float(target[before]) - upper
    errors = (
        abs(fall - claimed["cut in late 2025"] / 10_000.0),
        abs(upper - claimed["upper end of the range"] / 100.0),
        abs(upper - RANGE_WIDTH - claimed["lower end of the range"] / 100.0),
    )
    return Evidence(
        claim=claim.id,
        estimate=fall,
        unit="decimal rate",
        null="none: the figure is a fact of record",
        n=len(target.loc[before:after]),
        sample_start=str(before),
        sample_end=str(after),
        finding=(
            f"From the end of {before} to the end of {after} the target's upper end fell"
            f" {fall * 10_000:.0f} basis points, to {upper:.2%}."
        ),
        sensitivity="The lower end is taken as a quarter of a point below the upper one.",
        measures={"largest_error": round(max(errors), 10)},
    )


def cuts_of_2026(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim cuts-2026: how many cuts were made in the year, and how many are still possible."""
    target = _target(dataset)
    if isinstance(target, Refusal):
        return target
    year, step = int(claim.primary["year"]), float(claim.primary["step"])
    start = pd.Period(f"{year - 1}-12", "M")
    seen = min(target.index[-1], dataset.as_of)
    made = 0.0
    if seen > start:
        made = round((float(target[start]) - float(target[seen])) / step, 6)
    ends = pd.to_datetime(pd.Series(MEETINGS_2026))
    to_come = int((ends > seen.end_time).sum())
    return Evidence(
        claim=claim.id,
        estimate=made,
        unit="cuts of 25 basis points",
        null="none: the year's decisions are a fact of record",
        n=len(MEETINGS_2026) - to_come,
        mde=1.0,
        more_needed=f"{to_come} meetings of {year} still to come",
        sample_start=str(min(start, seen)),
        sample_end=str(seen),
        finding=(
            f"By the end of {seen} the Fed had made {made:g} of the cuts; {to_come} of"
            f" {len(MEETINGS_2026)} meetings were still to come."
        ),
        measures={"cuts_made": made, "cuts_possible": made + to_come},
    )


def _target(dataset: Dataset) -> pd.Series | Refusal:
    if dataset.data != "latest" or "target" not in dataset.monthly:
        return Refusal(
            "needs the latest data: the upper end of the federal funds target", needs="latest"
        )
    target = dataset.monthly["target"].dropna()
    return target if len(target) else Refusal("no target is seen by this date", needs="latest")
