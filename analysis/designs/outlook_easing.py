"""How far the Fed's target fell in the year that a note said would bring more easing."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from analysis.claims.outlooks import Outlook
from analysis.designs.outlook_studies import (
    OutlookStudy,
    call_table,
    kept_calls,
    last_seen,
    the_outlook,
    unresolved,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.panel import Dataset
from analysis.panel.outlook_paths import month_behind, monthly_path
from analysis.panel.targets import upper_target
from analysis.results import Finding, month_words

SERIES = "target"

MEASURES = {"cuts_made": "cuts", "luck": "share of earlier years"}


class OutlookEasingArguments(Arguments):
    """The size of a cut, and how many were expected."""

    step: Annotated[float, Field(gt=0, le=0.05, description="one cut, decimal rate a year")]
    expected: Annotated[int, Field(ge=1, le=12, description="cuts the consensus expected")]


@design(arguments=OutlookEasingArguments, measures=MEASURES)
def outlook_easing(
    dataset: Dataset, specification: Specification[OutlookEasingArguments], sampling: Sampling
) -> OutlookStudy:
    """Count the steps by which the target fell since the month before the first day.

    Notes
    -----
    The base rate is the share of all earlier stretches of as many months, by month end, in which
    the target fell by at least the expected number of steps.
    """
    outlook, arguments = the_outlook(specification), specification.arguments
    paths = monthly_path(dataset, SERIES, outlook.first.earliest)
    calls = _calls(dataset, paths, outlook, arguments)
    finding = _finding(dataset, outlook, paths, calls, arguments)
    return OutlookStudy.of(dataset, specification, finding, last_seen(paths), paths, calls)


def steps_made(paths: pd.DataFrame, step: float) -> float:
    """Steps by which a path of the target fell from its first month to its last."""
    fall = float(paths["value"].iloc[0] - paths["value"].iloc[-1])
    return round(fall / step, 6)


def _calls(
    dataset: Dataset, paths: pd.DataFrame, outlook: Outlook, arguments: OutlookEasingArguments
) -> pd.DataFrame:
    key = f"{SERIES} lower by {arguments.expected} of {arguments.step:g}"
    target = upper_target(dataset)
    if target.refusal is not None:
        return kept_calls(dataset, key, outlook, [str(outlook.horizons[-1])])
    if paths.empty or last_seen(paths) < outlook.until:
        return call_table([])
    luck, count = base_rate(target.rates, outlook.first.earliest, outlook.horizons[-1], arguments)
    made = steps_made(paths, arguments.step)
    short = made - arguments.expected
    row = {
        "key": key,
        "call": f"{arguments.expected} cuts",
        "months": str(outlook.horizons[-1]),
        "earliest": outlook.first.earliest,
        "latest": outlook.first.latest,
        "end": pd.Timestamp(outlook.until),
        "starts": 1,
        "smallest": short,
        "mean": short,
        "largest": short,
        "won": "yes" if short >= 0 else "no",
        "base_rate": luck,
        "luck": luck,
        "windows": count,
    }
    return call_table([row])


def base_rate(
    rates: pd.Series, since: str, months: int, arguments: OutlookEasingArguments
) -> tuple[float, int]:
    """Share of earlier stretches with as many cuts, and their number.

    A stretch is over by the month before the first day.
    """
    earlier = rates.loc[: month_behind(since)]
    falls = (earlier.shift(months) - earlier).dropna() / arguments.step
    count = len(falls)
    share = float((falls.round(6) >= arguments.expected).mean()) if count else float("nan")
    return share, count


def _finding(
    dataset: Dataset,
    outlook: Outlook,
    paths: pd.DataFrame,
    calls: pd.DataFrame,
    arguments: OutlookEasingArguments,
) -> Finding:
    why = unresolved(dataset, outlook, paths, _standing(paths, arguments))
    if why is not None:
        return Finding.refused(why)
    if calls.empty:
        return Finding.refused("the target is not seen to the end of the year", "latest")
    made, luck = steps_made(paths, arguments.step), float(calls["luck"].iloc[0])
    return Finding(
        estimate=made,
        unit=f"cuts of {arguments.step * 10_000:g} basis points",
        null="none: the year's decisions are a fact of record",
        n=len(paths) - 1,
        mde=1.0,
        sample_start=f"{paths['day'].iloc[0]:%Y-%m}",
        sample_end=f"{paths['day'].iloc[-1]:%Y-%m}",
        finding=f"{_standing(paths, arguments)} As many came in {luck:.0%} of earlier years.",
        measures={"cuts_made": made, "luck": luck},
        luck=luck,
    )


def _standing(paths: pd.DataFrame, arguments: OutlookEasingArguments) -> str:
    if len(paths) < 2:
        return ""
    made = steps_made(paths, arguments.step)
    before, now = f"{paths['day'].iloc[0]:%Y-%m}", f"{paths['day'].iloc[-1]:%Y-%m}"
    return (
        f"From the end of {month_words(before)} to that of {month_words(now)} the target's upper"
        f" end fell by {made:g} of {arguments.expected} expected steps, to"
        f" {paths['value'].iloc[-1]:.2%}.".replace("by -", "by −")
    )
