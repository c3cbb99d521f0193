"""Whether small minus large moves with two drivers, both of which have to show it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.exposure import DriverName, Exposure, ExposureArguments, exposure
from analysis.designs.grids import grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import LEVEL, Alignment, Lag, ReturnName, Sign
from analysis.panel import Dataset
from analysis.results import Finding, first_refusal

MEASURES = {
    "drivers_as_claimed": "count",
    "drivers_against": "count",
    "p_highest": "p-value",
}

AXES = ("leg", "driver", "second", "alignment", "market", "era")


class BothExposuresArguments(Arguments):
    """Which return is set against which two drivers, as :class:`ExposureArguments` has it."""

    leg: ReturnName
    driver: DriverName
    second: DriverName = Field(description="the other driver, which has to show it as well")
    alignment: Alignment
    lag: Lag
    era: EraName
    hac_lags: HacLags
    sign: Sign
    market: bool = Field(description="the headlines control for the market")


@dataclass(frozen=True)
class BothExposures(Study):
    """The finding on both, and each driver's own study.

    Attributes
    ----------
    first, second : Exposure
        Also where the other driver is missing; `grid` holds a row for each pair of specifications.
    """

    first: Exposure
    second: Exposure

    @property
    def single(self) -> pd.DataFrame:
        """Every specification of either driver alone, drivers in words."""
        tables = [self.first.slopes, self.second.slopes]
        known = [table for table in tables if len(table)]
        return pd.concat(known, ignore_index=True) if known else tables[0]


@design(arguments=BothExposuresArguments, measures=MEASURES, axes=AXES)
def both_exposures(
    dataset: Dataset, specification: Specification[BothExposuresArguments], sampling: Sampling
) -> BothExposures:
    """Test whether small minus large moves with each of two drivers in the claimed direction.

    Notes
    -----
    Both null hypotheses have to fall, so the p-value is the higher of the two, without a correction
    (Berger 1982, Technometrics 24, intersection-union tests). Either of two slopes on the other
    side speaks against the claim, so each has to reach half the level there.
    """
    first = exposure(dataset, _one_of(specification, "driver"), sampling)
    second = exposure(dataset, _one_of(specification, "second"), sampling)
    assert isinstance(first, Exposure) and isinstance(second, Exposure)
    grid = _grid(specification, first, second)
    refused = first_refusal(first.finding, second.finding)
    finding = (
        _finding(specification.arguments.sign, first, second)
        if refused is None
        else Finding.refused(refused)
    )
    return BothExposures(specification, finding, grid, first, second)


def _one_of(
    specification: Specification[BothExposuresArguments], which: str
) -> Specification[ExposureArguments]:
    """The specification of one driver alone; how it is placed in time is varied for the first."""
    arguments = specification.arguments
    first = which == "driver"
    one = ExposureArguments(
        leg=arguments.leg,
        driver=arguments.driver if first else arguments.second,
        alignment=arguments.alignment if first else "own_month",
        lag=arguments.lag,
        era=arguments.era,
        hac_lags=arguments.hac_lags,
        sign=arguments.sign,
        market=arguments.market,
    )
    grid: dict[str, tuple[Any, ...]] = {}
    if specification.grid:
        grid["driver"] = specification.grid.get(which, (one.driver,))
        shared = ("leg", "market", "era", *(("alignment",) if first else ()))
        grid |= {axis: specification.grid[axis] for axis in shared if axis in specification.grid}
    return Specification(specification.claim, one, grid)


def _grid(
    specification: Specification[BothExposuresArguments], first: Exposure, second: Exposure
) -> pd.DataFrame:
    """Slopes and p-values of every pair of specifications.

    Returns
    -------
    DataFrame
        The axes, ``slope, p, second_slope, second_p, p_highest, n`` (the fewer of both) and
        ``reason``.
    """
    rows = []
    for axes in specification.combinations(*specification.grid):
        one, other = _row(first, axes, "driver"), _row(second, axes, "second")
        numbers = (
            *(one["slope"], one["p"], other["slope"], other["p"]),
            *(max(one["p"], other["p"]), min(one["n"], other["n"])),
        )
        rows.append((axes, one["reason"] or other["reason"] or numbers))
    columns = ["slope", "p", "second_slope", "second_p", "p_highest", "n"]
    return grid_table(list(specification.grid), columns, rows)


def _row(study: Exposure, axes: dict[str, Any], which: str) -> dict[str, Any]:
    """The row of one driver's own grid that has the values of some axes."""
    arguments = study.specification.arguments
    wanted = {**axes, "driver": axes.get(which, arguments.driver)}
    own = list(study.specification.grid)
    same = (study.grid[own] == [wanted[axis] for axis in own]).all(axis=1)
    return dict(study.grid[same].iloc[0])


def _finding(sign: int, first: Exposure, second: Exposure) -> Finding:
    parts = (first, second)
    findings = [part.finding for part in parts]
    towards = [sign * float(one.estimate or 0.0) > 0 for one in findings]
    against = [
        sign * float(one.estimate or 0.0) < 0 and float(one.measures["slope_p"]) < LEVEL / 2
        for one in findings
    ]
    highest = max(float(one.measures["slope_p"]) for one in findings)
    # the driver that decides: the higher p where both point the claimed way
    weaker = (
        max(findings, key=lambda one: float(one.measures["slope_p"]))
        if all(towards)
        else min(findings, key=lambda one: _towards(one, sign))
    )
    usable = [one.usable_in_time for one in findings]
    joint = [one.joint_p for one in findings]
    return replace(
        weaker,
        null="small minus large does not move with at least one of the two",
        finding=f"{_answer(towards, highest)} {' '.join(one.finding for one in findings)}",
        sensitivity=" ".join(one.sensitivity for one in findings),
        measures={
            "drivers_as_claimed": float(sum(towards)),
            "drivers_against": float(sum(against)),
            "p_highest": highest,
        },
        specifications=None,
        left_out=None,
        joint_p=None if None in joint else max(one for one in joint if one is not None),
        usable_in_time=None if None in usable else all(usable),
        in_time=" ".join(one.in_time for one in findings),
    )


def _towards(finding: Finding, sign: int) -> float:
    """How far a slope lies to the claimed side, in its own standard errors: MDE is 2.80 of them."""
    return sign * float(finding.estimate or 0.0) / float(finding.mde or 1.0)


def _answer(towards: list[bool], highest: float) -> str:
    if all(towards) and highest < LEVEL:
        return "Both have to show it, and both do."
    if any(towards):
        return "Both have to show it, and they do not."
    return "Both have to show it, and neither does."
