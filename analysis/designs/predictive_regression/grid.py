"""The whole grid of regressions, and one p-value for all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.arguments import each_basis
from analysis.designs.registry import Sampling, Specification
from analysis.inference.joint_histories import FEWEST_STARTS, JointTest, Window, joint_regressions
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.falling_rates import falling_rates
from analysis.panel.gaps import PAST, GapSample, gap_sample
from analysis.results import first_refusal

#: What a regression's sample is chosen by.
SAMPLE_AXES = ("leg", "predictor", "basis", "era", "sampling", "condition")

AXES = (*SAMPLE_AXES, "horizon")

GRID_ESTIMATES = ("slope", "R²", "R² null median", "R² null 95%", "p, bootstrap", "windows")

#: Separate windows that a regression needs.
FEWEST_WINDOWS = 4


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
    rows = [
        {**one, **(_row(joint, places[key], windows[key]) if not reason else {}), "reason": reason}
        for one, key, reason in zip(chosen, keys, reasons, strict=True)
    ]
    table = pd.DataFrame(rows, columns=[*AXES, *GRID_ESTIMATES, "reason"])
    return GridTest(table, None if joint.refusal is not None else joint.p_value)


def _pair_name(one: Mapping[str, Any]) -> str:
    basis = PAST if one["predictor"] == "past_return" else one["basis"]
    return f"{one['leg']}/{basis}"


def _starts(sample: GapSample, one: Mapping[str, Any], falling: pd.Series) -> np.ndarray:
    """Places of the months from which a window of the era runs to its end."""
    months, horizon = sample.gap.index, int(one["horizon"])
    kept = in_era(pd.Series(True, index=months), one["era"]).index
    if not len(kept):
        return np.empty(0, dtype=np.int64)
    allowed = months.isin(kept) & (months <= kept[-1] - horizon)
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
    span = int(starts[-1] - starts[0]) if len(starts) else 0
    fewest = FEWEST_STARTS // 3 if one["sampling"] == "june" else FEWEST_STARTS
    if len(starts) < fewest or span < (FEWEST_WINDOWS - 1) * horizon:
        return f"{len(starts)} windows of {horizon} months are too few for a regression"
    return ""


def _row(joint: JointTest, place: int, window: Window) -> dict[str, Any]:
    span = int(window.starts[-1] - window.starts[0]) + window.horizon
    null = joint.null_fits[:, place]
    numbers = (
        *(float(joint.slopes[place]), float(joint.fits[place])),
        *(float(np.median(null)), float(np.quantile(null, 0.95)), joint.p_of(place)),
        math.floor(span / window.horizon),
    )
    return dict(zip(GRID_ESTIMATES, numbers, strict=True))


def holding(rows: pd.DataFrame) -> Iterator[str]:
    """In words: how many regressions of the grid point the claimed way."""
    ran = rows[rows["reason"].eq("")]
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
