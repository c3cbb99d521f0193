"""Whether funds led their benchmark as an outlook said, and how often they do from any day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.claims.outlooks import Outlook
from analysis.designs.grids import grid_table
from analysis.designs.outlook_studies import (
    OutlookStudy,
    Stated,
    by_day,
    call_row,
    call_table,
    conditions_of,
    kept_calls,
    last_day,
    last_passed,
    last_seen,
    signed_points,
    the_outlook,
    too_few,
    unresolved,
)
from analysis.designs.registry import Arguments, Sampling, Specification, design
from analysis.inference.lead_windows import outcome, pattern_of
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.gaps import bases_of
from analysis.panel.outlook_paths import Logs, first_positions, fund_paths, logs_of
from analysis.panel.reratings import (
    followed_gap,
    narrowing_luck,
    narrowings,
    no_readings,
    readings,
    readings_words,
)
from analysis.results import Finding, Refusal, month_words

MEASURES = {
    "smallest_lead": "decimal return",
    "largest_lead": "decimal return",
    "mean_lead": "decimal return",
    "luck": "share of earlier days",
    "smallest_narrowing": "log points of the valuation gap",
    "largest_narrowing": "log points of the valuation gap",
    "narrowing_luck": "share of earlier stretches",
}


class OutlookLeadArguments(Arguments):
    """How the money is moved, and what the note's condition can be held against."""

    stages: Annotated[int, Field(ge=1, le=24, description="equal monthly parts; 1 for at once")] = 1
    conditions: Annotated[list[Stated], Field(default_factory=list)]
    rerating: Annotated[
        Literal["june", "december", "both"] | None,
        Field(description="market values of the valuation gap read beside the lead"),
    ] = None


@design(arguments=OutlookLeadArguments, measures=MEASURES, axes=("stages",))
def outlook_lead(
    dataset: Dataset, specification: Specification[OutlookLeadArguments], sampling: Sampling
) -> OutlookStudy:
    """Follow each leg over the benchmark from every admissible first day to every horizon.

    Notes
    -----
    A leg leads by (P_end / P_first of the leg) / (P_end / P_first of the benchmark) − 1, with
    adjusted closes. In stages equal parts leave the benchmark a month of sessions apart. A
    re-rating is a narrower valuation gap in the last June before the last horizon's end than at the
    first day, on each basis that is registered.
    """
    outlook, arguments = the_outlook(specification), specification.arguments
    pairs = [f"{leg}/{outlook.benchmark}" for leg in outlook.legs]
    first = outlook.first
    paths = fund_paths(dataset, pairs, first.earliest, first.latest)
    conditions, watched = conditions_of(dataset, outlook, list(arguments.conditions))
    logs = logs_of(dataset, pairs)
    calls, history = _calls(dataset, logs, outlook, arguments.stages)
    grid = _grid(dataset, logs, outlook, specification)
    bases = () if arguments.rerating is None else bases_of(arguments.rerating)
    valuations = _valuations(dataset, outlook, bases)
    return OutlookStudy.of(
        dataset,
        specification,
        _finding(dataset, outlook, paths, calls, valuations, bases),
        last_seen(paths),
        _together(paths, watched),
        _with_alternatives(calls, grid, dataset, logs, outlook, specification),
        grid=grid,
        conditions=conditions,
        history=history,
        valuations=valuations,
    )


def _valuations(dataset: Dataset, outlook: Outlook, bases: Sequence[str]) -> pd.DataFrame:
    """The valuation gap at the latest first day and since; none where nothing is seen so far."""
    if not bases or last_day(dataset) < outlook.first.earliest:
        return no_readings()
    return readings(followed_gap(dataset), outlook.first.latest, outlook.until, bases)


def _together(*tables: pd.DataFrame) -> pd.DataFrame:
    kept = [table for table in tables if len(table)]
    return pd.concat(kept, ignore_index=True) if kept else tables[0]


def _key(outlook: Outlook, stages: int) -> str:
    """What tells a set of windows apart: the legs, the benchmark, the stages."""
    pairs = "+".join(outlook.legs)
    return f"{pairs}/{outlook.benchmark}" + (f" in {stages} stages" if stages > 1 else "")


def _calls(
    dataset: Dataset, logs: Logs, outlook: Outlook, stages: int
) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Each horizon that has passed from every first day, and all of them together at the end."""
    key = _key(outlook, stages)
    sets: list[tuple[int, ...]] = [(months,) for months in outlook.horizons]
    sets += [outlook.horizons] if len(outlook.horizons) > 1 else []
    if logs.refusal is not None:
        return kept_calls(dataset, key, outlook, [_named(months) for months in sets]), {}
    index, values = logs.index, logs.values.to_numpy()
    firsts = first_positions(index, outlook.first.earliest, outlook.first.latest)
    rows, history = [], {}
    for months in sets if len(firsts) else ():
        pattern = pattern_of(index, firsts, months)
        found = None if pattern is None else outcome(values, pattern, stages)
        if pattern is None or found is None or found.refusal is not None:
            continue
        name, end = _named(months), index[pattern.last.max()]
        rows.append(call_row(key, key, name, outlook, end, len(firsts), found))
        history[f"{key}|{key}|{name}"] = by_day(index, found.ahead)
    return call_table(rows), history


def _named(months: tuple[int, ...]) -> str:
    """Some horizons as the table of calls has them: 3+6."""
    return "+".join(map(str, months))


def _grid(
    dataset: Dataset,
    logs: Logs,
    outlook: Outlook,
    specification: Specification[OutlookLeadArguments],
) -> pd.DataFrame:
    """The last horizon that has passed, for each way of moving the money."""
    rows = []
    for chosen in specification.combinations("stages"):
        calls, _ = _calls(dataset, logs, outlook, chosen["stages"])
        single = calls[~calls["months"].str.contains("+", regex=False)]
        rows.append(last_passed(chosen, single, "smallest"))
    return grid_table(["stages"], ["months", "smallest", "luck"], rows)


def _with_alternatives(
    calls: pd.DataFrame,
    grid: pd.DataFrame,
    dataset: Dataset,
    logs: Logs,
    outlook: Outlook,
    specification: Specification[OutlookLeadArguments],
) -> pd.DataFrame:
    """The registered calls, then those of the grid's other ways."""
    registered = specification.arguments.stages
    others = [stages for stages in grid["stages"] if stages != registered]
    return _together(calls, *(_calls(dataset, logs, outlook, one)[0] for one in others))


def _finding(
    dataset: Dataset,
    outlook: Outlook,
    paths: pd.DataFrame,
    calls: pd.DataFrame,
    valuations: pd.DataFrame,
    bases: Sequence[str],
) -> Finding:
    said = f"{_standing(paths, calls)} {readings_words(valuations)}".strip()
    why = unresolved(dataset, outlook, paths, said)
    if why is not None:
        return Finding.refused(why)
    if (short := too_few(calls)) is not None:
        return short
    rerated, measures, sentence = _rerated(dataset, outlook, bases)
    if rerated is not None:
        return Finding.refused(rerated)
    decisive, last = calls.iloc[-1], calls.iloc[-1]["end"]
    return Finding(
        estimate=float(decisive["mean"]),
        unit="decimal return, mean lead over the first days and horizons",
        null="the day of the note is like any earlier day",
        p_value=float(decisive["luck"]),
        n=int(decisive["starts"]),
        effective_n=1.0,
        mde=minimum_detectable(float(decisive["deviation"])),
        more_needed="one outlook is one draw; more notes are needed, not more days",
        sample_start=outlook.first.earliest[:7],
        sample_end=f"{last:%Y-%m}",
        finding=f"{_sentence(outlook, decisive)} {sentence}".strip(),
        sensitivity=_by_horizon(calls),
        measures={
            "smallest_lead": float(decisive["smallest"]),
            "largest_lead": float(decisive["largest"]),
            "mean_lead": float(decisive["mean"]),
            "luck": float(decisive["luck"]),
            **measures,
        },
        luck=float(decisive["luck"]),
    )


def _rerated(
    dataset: Dataset, outlook: Outlook, bases: Sequence[str]
) -> tuple[Refusal | None, dict[str, float], str]:
    """Why there is no second reading, its measures, and its sentence; nothing where none is due."""
    if not bases:
        return None, {}, ""
    since, until = outlook.first.latest, outlook.until
    valuation = followed_gap(dataset)
    moved = narrowings(valuation, since, until, bases)
    if moved.empty or valuation is None:
        return Refusal("the valuation gap is not at hand to the last June", "latest"), {}, ""
    luck, count = narrowing_luck(valuation, since, until, bases)
    measures = {
        "smallest_narrowing": float(moved.min()),
        "largest_narrowing": float(moved.max()),
    }
    parts = [
        f"{signed_points(np.expm1(-moved[basis]))}% by {basis.capitalize()} market values"
        for basis in bases
    ]
    sentence = f"Small caps' book-to-market against large caps' changed by {' and '.join(parts)}"
    if np.isnan(luck):
        return None, measures, f"{sentence}."
    often = f"{luck:.0%} of {count} earlier stretches as long were at least as favourable"
    return None, measures | {"narrowing_luck": luck}, f"{sentence}; {often}."


def _sentence(outlook: Outlook, row: Any) -> str:
    said = {
        "yes": "ahead of {} at every horizon",
        "no": "behind {} at every horizon",
        "undecided": "ahead of {} at some horizons or first days and behind it at others",
    }[row["won"]]
    legs = " and ".join(outlook.legs)
    since = month_words(outlook.first.earliest)
    end = month_words(f"{row['end']:%Y-%m-%d}")
    return (
        f"From {since} to {end} {legs} was {said.format(outlook.benchmark)}, by"
        f" {signed_points(row['mean'])} points in the mean; the same outlook would have come out at"
        f" least as well from {row['luck']:.0%} of all earlier days."
    )


def _by_horizon(calls: pd.DataFrame) -> str:
    parts = [
        f"{row['months'].replace('+', ' and ')} month{'s' * (row['months'] != '1')}"
        f" {signed_points(row['mean'])} points"
        for row in calls.to_dict("records")
    ]
    return f"Lead by horizon: {', '.join(parts)}."


def _standing(paths: pd.DataFrame, calls: pd.DataFrame) -> str:
    """How it stands by the last day seen, in one sentence."""
    if paths.empty:
        return ""
    last = paths.loc[paths.groupby(["series", "first"])["session"].idxmax()]
    parts = [
        f"{row['series'].replace('/', ' over ')} {signed_points(row['value'])} points"
        f" from {month_words(row['first'])}"
        for row in last.to_dict("records")
    ]
    seen = month_words(f"{last['day'].max():%Y-%m-%d}")
    tail = f" {_by_horizon(calls)}" if len(calls) else ""
    return f"By {seen}: {', '.join(parts)}.{tail}"
