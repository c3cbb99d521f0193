"""The whole grid of regressions, and one p-value for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.arguments import each_basis
from analysis.designs.gap_windows import begins_window, too_few
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.registry import Sampling, Specification
from analysis.inference.joint_histories import FEWEST_STARTS, JointTest, Window, joint_regressions
from analysis.panel import Dataset
from analysis.panel.falling_rates import falling_rates
from analysis.panel.gaps import PAST, GapSample, gap_sample
from analysis.results import first_refusal

#: What a regression's sample is chosen by.
SAMPLE_AXES = ("leg", "predictor", "basis", "era", "sampling", "condition")

AXES = (*SAMPLE_AXES, "horizon")

GRID_ESTIMATES = ("slope", "R²", "R² null median", "R² null 95%", "p, bootstrap", "windows")


@dataclass(frozen=True)
class GridTest:
    """Every regression of a grid.

    Attributes
    ----------
    rows : DataFrame
        One row a registered specification: the axes, :data:`GRID_ESTIMATES`, and ``reason``.
    joint_p : float or None
        One-sided p-value of all of them at once; None where none could be run.
    """

    rows: pd.DataFrame
    joint_p: float | None


def run_grid(dataset: Dataset, specification: Specification[Any], sampling: Sampling) -> GridTest:
    """Every regression of the grid, all beside the same histories without predictability.

    An era, a yearly sample and a condition choose the months at which a window starts; the gap and
    its persistence are those of the whole sample.
    """
    chosen = [
        {**one, "horizon": horizon}
        for one in each_basis(specification.combinations(*SAMPLE_AXES))
        for horizon in specification.grid.get("horizon", (specification.arguments.horizon,))
    ]
    pairs: dict[str, GapSample] = {}
    windows: dict[tuple[Any, ...], Window] = {}
    falling, reasons, keys = falling_rates(dataset.monthly), [], []
    for one in chosen:
        name = _pair_name(one)
        if name not in pairs:
            pairs[name] = gap_sample(dataset, one["leg"], one["predictor"], one["basis"], "full")
        refusal = first_refusal(pairs[name])
        key = (name, *(one[axis] for axis in ("era", "sampling", "condition", "horizon")))
        keys.append(key)
        if refusal is not None:
            reasons.append(refusal.reason)
            continue
        starts = _starts(pairs[name], one, falling)
        reason = _too_few(starts, one)
        reasons.append(reason)
        if not reason:
            windows[key] = Window(name, starts, int(one["horizon"]))
    used = {window.pair for window in windows.values()}
    joint = joint_regressions(
        {name: (pairs[name].returns, pairs[name].gap) for name in pairs if name in used},
        list(windows.values()),
        sampling.draws,
        sampling.seed,
    )
    places = {key: place for place, key in enumerate(windows)}
    outcomes = (
        reason or _numbers(joint, places[key], windows[key])
        for key, reason in zip(keys, reasons, strict=True)
    )
    table = grid_table(AXES, GRID_ESTIMATES, zip(chosen, outcomes, strict=True))
    return GridTest(table, None if joint.refusal is not None else joint.p_value)


def _pair_name(one: Mapping[str, Any]) -> str:
    basis = PAST if one["predictor"] == "past_return" else one["basis"]
    return f"{one['leg']}/{basis}"


def _starts(sample: GapSample, one: Mapping[str, Any], falling: pd.Series) -> np.ndarray:
    """Places of the months from which a window of the era runs to its end."""
    months = sample.gap.index
    allowed = begins_window(months, one["era"], int(one["horizon"]))
    if one["sampling"] == "june":
        allowed &= months.month == 6
    if one["condition"] == "falling_rates":
        allowed &= months.isin(falling.index[falling])
    return np.flatnonzero(allowed)


def _too_few(starts: np.ndarray, one: Mapping[str, Any]) -> str:
    """Why a regression cannot be run; empty where it can."""
    horizon = int(one["horizon"])
    if one["sampling"] == "june" and horizon % 12:
        return f"{horizon} months are no whole number of years"
    fewest = FEWEST_STARTS // 3 if one["sampling"] == "june" else FEWEST_STARTS
    short = too_few(starts, horizon, fewest)
    return f"{short} for a regression" if short else ""


def _numbers(joint: JointTest, place: int, window: Window) -> tuple[float, ...]:
    null = joint.null_fits[:, place]
    return (
        *(float(joint.slopes[place]), float(joint.fits[place])),
        *(float(np.median(null)), float(np.quantile(null, 0.95)), joint.p_of(place)),
        window.separate,
    )


def holding(rows: pd.DataFrame) -> Iterator[str]:
    """In words: how many regressions of the grid point the claimed way."""
    ran = rows_that_ran(rows)
    if len(ran):
        positive, below = int((ran["slope"] > 0).sum()), int((ran["p, bootstrap"] < 0.05).sum())
        yield (
            f"Of {len(ran)} regressions of the grid {positive} have a positive slope and {below} a"
            " p-value below 5%."
        )
        falling = ran[ran["condition"].eq("falling_rates")]
        if len(falling):
            middle = float(falling["p, bootstrap"].median())
            yield f"With falling rates as well ({len(falling)}) the median p-value is {middle:.2f}."
