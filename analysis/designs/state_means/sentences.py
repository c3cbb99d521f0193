"""What a comparison of a state with all other months says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.regressions import (
    Case,
    first_upper,
    joint_test,
    joint_words,
    p_words,
    slope_finding,
    table_words,
)
from analysis.inference.power import more_events_needed
from analysis.inference.slopes import Slope
from analysis.panel.drivers import DRIVERS
from analysis.results import Finding

if TYPE_CHECKING:
    from analysis.designs.state_means import StateMeansArguments

MONTHS_OF = {
    "whole": "recession months",
    "first_half": "months of first halves of recessions",
    "second_half": "months of second halves of recessions",
}


def in_recessions(
    arguments: StateMeansArguments,
    sample: pd.DataFrame,
    slope: Slope,
    sensitivity: str,
    grid: pd.DataFrame,
) -> Finding:
    inside, spells = sample["driver"] == 1, _spells(sample["driver"])
    mean, difference = 12.0 * sample["spread"][inside].mean(), 12.0 * slope.slope
    found = slope_finding(
        slope,
        scale=12.0,
        unit="decimal return a year",
        null="small minus large has the same mean inside and outside recessions",
        finding=(
            f"In {int(inside.sum())} {MONTHS_OF[str(arguments.phase)]} ({spells} recessions) small"
            f" minus large ran at {mean:+.1%} a year, {difference:+.1%} against all other months."
        ),
        sensitivity=sensitivity,
        measures={
            "recession_mean": mean,
            "difference": difference,
            "difference_low": 12.0 * slope.low,
            "shift_p": slope.p_value,
        },
        grid=grid,
    )
    if arguments.test == "regression":
        return found
    # the shifts move whole recessions, so recessions are what there is more or less of
    more = more_events_needed(
        difference, 12.0 * slope.error * np.sqrt(spells), spells, unit="recessions"
    )
    return replace(found, effective_n=float(spells), more_needed=str(more))


def in_cut_months(
    arguments: StateMeansArguments,
    sample: pd.DataFrame,
    slopes: tuple[Slope, Slope | None, Slope | None],
    sensitivity: str,
    grid: pd.DataFrame,
) -> Finding:
    slope, other, aligned = slopes
    driver, cuts = DRIVERS[arguments.driver], sample["driver"] == 1
    won, base = float((sample["spread"][cuts] > 0).mean()), float((sample["spread"] > 0).mean())
    text = (
        f"In {int(cuts.sum())} months in which {driver.subject} fell by at least"
        f" {1e4 * (arguments.fall or 0.0):.0f} basis points, small less large ran at"
        f" {12 * slope.slope:+.1%} a year against all other months (p {p_words(slope.p_value)});"
        f" small won {won:.0%} of them, base rate {base:.0%}."
    )
    measures = {
        "cut_excess": 12 * slope.slope,
        "cut_excess_p": slope.p_value,
        "cut_excess_low": 12 * slope.low,
        "cut_excess_high": 12 * slope.high,
        "cut_win_rate": won,
        "base_rate": base,
    }
    if other is not None:
        words = "Without" if arguments.market else "Beside"
        text += f" {words} the market the difference was {12 * other.slope:+.1%} a year."
        measures["cut_excess_with_market"] = 12 * (slope if arguments.market else other).slope
    if aligned:
        text += (
            f" {driver.dated_late}; against the change over the month itself the difference was"
            f" {12 * aligned.slope:+.1%} a year (p {p_words(aligned.p_value)})."
        )
    return slope_finding(
        slope,
        scale=12.0,
        unit="decimal return a year",
        null="small minus large has the same mean in cut months and in others",
        finding=text,
        sensitivity=sensitivity,
        measures=measures,
        grid=grid,
    )


def grid_words(arguments: StateMeansArguments, cases: list[Case], grid: pd.DataFrame) -> str:
    if arguments.sign is None or not cases:
        return ""
    held = grid[[not case.reason for case in cases]]
    words = first_upper(table_words(held, arguments.sign))
    return " ".join(filter(None, (words, joint_words(joint_test(cases, arguments.sign)))))


def _spells(state: pd.Series) -> int:
    """Runs of consecutive months of the state."""
    return int(((state == 1) & (state.shift(fill_value=0) != 1)).sum())
