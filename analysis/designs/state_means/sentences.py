"""What a comparison of a state with all other months says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.designs.regressions import (
    LEVEL,
    first_upper,
    holds,
    joint_words,
    points,
    slope_finding,
    table_words,
)
from analysis.inference.joint_slopes import JointSlopes
from analysis.inference.power import more_events_needed
from analysis.inference.slopes import Slope
from analysis.panel.drivers import Driver
from analysis.results import Finding, p_words

if TYPE_CHECKING:
    from analysis.designs.state_means import StateMeansArguments

MONTHS_A_YEAR = 12.0

MONTHS_OF = {
    "whole": "recessions",
    "first_half": "first halves of recessions",
    "second_half": "second halves of recessions",
}


def in_recessions(
    arguments: StateMeansArguments,
    sample: pd.DataFrame,
    slope: Slope,
    announced: Slope | None,
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    """The finding on recessions, from a slope that was not refused.

    Parameters
    ----------
    arguments, sample, slope
        Of the registered specification.
    announced : Slope or None
        Of months known to be in recession.
    grid, joint
        Of every registered specification.
    """
    inside, spells = sample["driver"] == 1, _spells(sample["driver"])
    mean = MONTHS_A_YEAR * sample["spread"][inside].mean()
    difference, where = MONTHS_A_YEAR * slope.slope, MONTHS_OF[str(arguments.phase)]
    usable, in_time = _in_time(
        slope, announced, arguments.sign, "From the month after each announcement of a recession"
    )
    found = slope_finding(
        slope,
        scale=MONTHS_A_YEAR,
        unit="decimal return a year",
        null="small minus large has the same mean inside and outside recessions",
        finding=(
            f"{_answer(slope, where)}: in {int(inside.sum())} months of {spells} recessions small"
            f" less large came to {points(mean)} points a year, {_difference(slope)}."
        ),
        sensitivity=_grid_words(arguments, grid, joint),
        measures={
            "recession_mean": mean,
            "difference": difference,
            "difference_p": slope.p_value,
            "difference_low": MONTHS_A_YEAR * slope.low,
            "difference_high": MONTHS_A_YEAR * slope.high,
        },
        joint=joint,
        usable_in_time=usable,
        in_time=in_time,
    )
    # recessions are what there is more or less of
    error = MONTHS_A_YEAR * slope.error * np.sqrt(spells)
    more = more_events_needed(difference, error, spells, unit="recessions")
    return replace(found, effective_n=float(spells), more_needed=str(more))


def in_cut_months(
    arguments: StateMeansArguments,
    driver: Driver,
    sample: pd.DataFrame,
    slopes: tuple[Slope, Slope | None, Slope],
    grid: pd.DataFrame,
    joint: JointSlopes,
) -> Finding:
    """The finding on cuts, from slopes none of which was refused but perhaps the last.

    Parameters
    ----------
    arguments, sample
        Of the registered specification.
    driver : Driver
        The rate the data hold, where the argument stands for several.
    slopes : tuple
        The headline; with, or without, the market; and one month later.
    grid, joint
        Of every registered specification.
    """
    slope, other, later = slopes
    cuts = sample["driver"] == 1
    won, base = float((sample["spread"][cuts] > 0).mean()), float((sample["spread"] > 0).mean())
    fell = "fell" if driver.decided else f"fell by at least {1e4 * (arguments.fall or 0.0):.0f}"
    when = f"in months in which {driver.subject} {fell}{'' if driver.decided else ' basis points'}"
    text = (
        f"{_answer(slope, when)}: in {int(cuts.sum())} such months small less large came to"
        f" {_difference(slope)}. Small won {won:.0%} of them, base rate {base:.0%}."
    )
    measures = {
        "cut_excess": MONTHS_A_YEAR * slope.slope,
        "cut_excess_p": slope.p_value,
        "cut_excess_low": MONTHS_A_YEAR * slope.low,
        "cut_excess_high": MONTHS_A_YEAR * slope.high,
        "cut_win_rate": won,
        "base_rate": base,
    }
    if other is not None:
        words = "Without controlling" if arguments.market else "Controlling"
        text += f" {words} for the market it came to {_difference(other)}."
        controlled = slope if arguments.market else other
        measures["cut_excess_with_market"] = MONTHS_A_YEAR * controlled.slope
    usable, in_time = _in_time(slope, later, arguments.sign, "In the month after a cut")
    return slope_finding(
        slope,
        scale=MONTHS_A_YEAR,
        unit="decimal return a year",
        null="small minus large has the same mean in cut months and in others",
        finding=text,
        sensitivity=_grid_words(arguments, grid, joint),
        measures=measures,
        joint=joint,
        usable_in_time=usable,
        in_time=in_time,
    )


def _answer(slope: Slope, where: str) -> str:
    where = where if where.startswith("in ") else f"in {where}"
    if slope.p_value >= LEVEL:
        return (
            "As far as these data can tell, small caps did no better or worse against large"
            f" {where} than at other times"
        )
    return f"Small caps did {'better' if slope.slope > 0 else 'worse'} against large {where}"


def _difference(slope: Slope) -> str:
    low, high = (points(MONTHS_A_YEAR * end) for end in (slope.low, slope.high))
    more = "more" if slope.slope >= 0 else "less"
    size = points(abs(MONTHS_A_YEAR * slope.slope))
    return (
        f"{size} points a year {more} than in other months (95% interval of the difference {low}"
        f" to {high}, p {p_words(slope.p_value)})"
    )


def _in_time(
    slope: Slope, later: Slope | None, sign: int | None, when: str
) -> tuple[bool | None, str]:
    """Whether the difference still holds once it could be known, and what was found then."""
    if not later:
        return None, ""
    words = f"{when} small less large came to {_difference(later)}."
    return (holds(later, sign) if holds(slope, sign) else None), words


def _grid_words(arguments: StateMeansArguments, grid: pd.DataFrame, joint: JointSlopes) -> str:
    if grid.empty:
        return ""
    words = first_upper(table_words(grid, arguments.sign))
    return " ".join(filter(None, (words, joint_words(joint))))


def _spells(state: pd.Series) -> int:
    """Runs of consecutive months of the state."""
    return int(((state == 1) & (state.shift(fill_value=0) != 1)).sum())
