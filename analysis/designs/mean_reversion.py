"""How long the valuation gap lasts: its half-life, and its stays among the widest it has been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    LegName,
    SamplingName,
    WidePercentile,
    each_basis,
)
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.joint_persistence import joint_half_life_p
from analysis.inference.overlap import effective_windows
from analysis.inference.persistence import (
    HalfLife,
    half_life,
    half_life_confidence,
    unit_root_battery,
)
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.gaps import PAST, SAMPLINGS, GapSample, gap_sample, gap_samples
from analysis.panel.spells import share_wide, wide_spells
from analysis.results import Finding, Result, first_refusal

#: Fewest months of a gap whose half-life is judged.
FEWEST_MONTHS = 240

#: Coverage of the interval that stands beside the estimate.
SHOWN_LEVEL = 0.95

#: Standard errors of a minimum detectable effect, and of the half-width of a 90% interval.
DETECTABLE, HALF_WIDTH = 2.80, 1.645

#: What the grid varies.
AXES = ("leg", "basis", "era", "sampling")

ESTIMATES = ("half-life", "low", "high", "longest wide spell")

MEASURES = {
    "half_life_low": "months",
    "half_life_high": "months",
    "short_p": "p-value",
    "longest_wide_months": "months",
}

#: Shares that have a name.
FRACTIONS = {50: "half", 25: "quarter", 20: "fifth", 10: "tenth"}


class MeanReversionArguments(Arguments):
    """Whose gap, how its half-life is measured, and what is wide and long."""

    leg: LegName
    basis: BasisName
    era: EraName
    sampling: SamplingName
    level: Annotated[float, Field(gt=0, lt=1, description="coverage of the half-life's interval")]
    # book values are renewed each June only; between Junes the gap moves with returns alone and
    # looks more lasting than it is
    step_months: Annotated[int, Field(ge=1, description="months persistence is measured over")]
    wide_percentile: WidePercentile
    history_months: HistoryMonths
    long_months: Annotated[int, Field(ge=1, description="months of a half-life that is long")]


@dataclass(frozen=True)
class Lasting(Result):
    """How long one gap lasts.

    Attributes
    ----------
    gap : Series
        By month; log points.
    half_life, shown : HalfLife
        In months, at the registered level and at :data:`SHOWN_LEVEL`.
    short_p : float
        One-sided p-value of a half-life of at most the months called long.
    longest_wide : int
        Longest unbroken spell of a wide gap, months.
    still_wide : int
        Months the gap has been wide up to the last one; 0 where it is not.
    share_wide : float
        Share of the months with enough history that were wide.
    """

    gap: pd.Series
    half_life: HalfLife
    shown: HalfLife
    short_p: float
    longest_wide: int
    still_wide: int
    share_wide: float


@dataclass(frozen=True)
class MeanReversion(Study):
    """The finding, and how long each gap lasts.

    Attributes
    ----------
    samples : mapping of str to GapSample
        By basis.
    lasting : mapping of str to Lasting
        By basis.
    """

    samples: Mapping[str, GapSample]
    lasting: Mapping[str, Lasting]

    @cached_property
    def unit_roots(self) -> pd.DataFrame:
        """The battery of unit-root tests by basis, each with its own null."""
        rows = []
        for basis, sample in self.samples.items():
            for test in unit_root_battery(sample.gap):
                refusal = first_refusal(test)
                found = (
                    {"test": "refused", "null": refusal.reason}
                    if refusal is not None
                    else {
                        "test": test.name,
                        "statistic": test.statistic,
                        "p": test.p_value,
                        "null": test.null,
                    }
                )
                rows.append({"basis": basis, **found})
        return pd.DataFrame(rows)


@design(arguments=MeanReversionArguments, measures=MEASURES, axes=AXES)
def mean_reversion(
    dataset: Dataset, specification: Specification[MeanReversionArguments], sampling: Sampling
) -> MeanReversion:
    """Test whether the gap lasts longer than a given time; the less favourable basis counts.

    The past five years' return, which stands in for the gap elsewhere, is no measure here: a sum
    of sixty months that moves on by one lasts years whatever returns do.
    """
    arguments = specification.arguments
    samples = gap_samples(
        dataset,
        arguments.leg,
        basis=arguments.basis,
        era=arguments.era,
    )
    lasting = {
        basis: (
            Lasting.refused("no book-to-market is at hand")
            if basis == PAST
            else examine(sample, arguments, arguments.sampling)
        )
        for basis, sample in samples.items()
    }
    finding, grid = finding_of(lasting, arguments), _grid(dataset, specification)
    if finding.refusal is None:
        joint = _joint_p(dataset, specification, grid, sampling)
        said = " ".join([finding.sensitivity, *_holding(grid, arguments)])
        finding = replace(finding, joint_p=joint, sensitivity=said)
    return MeanReversion(
        specification,
        finding=finding,
        grid=grid,
        samples=samples,
        lasting=lasting,
    )


def examine(sample: GapSample, arguments: MeanReversionArguments, frequency: str) -> Lasting:
    """Half-life and wide spells of one gap, or why they cannot be had."""
    gap, period = sample.gap, SAMPLINGS[frequency]
    if sample.refusal is not None:
        return Lasting.refused(sample.refusal.reason)
    if len(gap) < FEWEST_MONTHS:
        return Lasting.refused(f"the gap has {len(gap)} months; {FEWEST_MONTHS} are needed")
    taken, step = sample.sampled(frequency)[1], max(1, arguments.step_months // period)
    decay, shown = (half_life(taken, level, step) for level in (arguments.level, SHOWN_LEVEL))
    refusal = first_refusal(decay, shown)
    if refusal is not None:
        return Lasting.refused(refusal)
    spells = wide_spells(gap, arguments.wide_percentile, arguments.history_months)
    return Lasting(
        gap=gap,
        half_life=_in_months(decay, period),
        shown=_in_months(shown, period),
        short_p=half_life_confidence(taken, arguments.long_months / period, step),
        longest_wide=int(spells["months"].max()) if len(spells) else 0,
        still_wide=_still_wide(spells, gap.index[-1]),
        share_wide=share_wide(gap, arguments.wide_percentile, arguments.history_months),
    )


def _still_wide(spells: pd.DataFrame, last: pd.Period) -> int:
    """Months of the spell that reaches the last month; 0 without one."""
    if spells.empty or spells["last"].iloc[-1] != last:
        return 0
    return int(spells["months"].iloc[-1])


def _in_months(decay: HalfLife, period: int) -> HalfLife:
    """A half-life in months where it was measured in longer periods."""
    names = ("estimate", "ci_low", "ci_high", "half_life_ols")
    return replace(decay, **{name: period * getattr(decay, name) for name in names})


def finding_of(lasting: Mapping[str, Lasting], arguments: MeanReversionArguments) -> Finding:
    """The finding from every basis; the shorter half-life counts, the spells are shown."""
    by_basis = list(lasting.values())
    refusal = first_refusal(*by_basis)
    if refusal is not None:
        return Finding.refused(refusal)
    least = min(by_basis, key=lambda one: one.half_life.ci_low)
    decay, longest = least.half_life, min(one.longest_wide for one in by_basis)
    history = len(least.gap) - arguments.history_months + 1
    months = decay.n * SAMPLINGS[arguments.sampling]
    return Finding(
        estimate=decay.estimate,
        unit="months",
        ci_low=least.shown.ci_low,
        ci_high=least.shown.ci_high,
        p_value=max(one.short_p for one in by_basis),
        n=decay.n,
        effective_n=float(effective_windows(months, max(1, int(min(decay.ci_low, months))))),
        mde=_detectable(decay),
        more_needed="more decades of history: the interval narrows with the number of half-lives",
        null=f"the gap halves within {arguments.long_months} months",
        sample_start=str(least.gap.index[0]),
        sample_end=str(least.gap.index[-1]),
        finding=(
            f"Half of a gap is gone after {_months(decay.estimate)} ({decay.level:.0%} interval"
            f" {_months(decay.ci_low)} to {_months(decay.ci_high)}). Its longest unbroken stay in"
            f" the widest {_fraction(arguments.wide_percentile)} lasted {longest} months"
            f"{_open(least, longest)}, and it spent {least.share_wide:.0%} of {history} months"
            " there."
        ),
        sensitivity=_by_basis(lasting),
        measures={
            "half_life_low": min(one.half_life.ci_low for one in by_basis),
            "half_life_high": max(one.half_life.ci_high for one in by_basis),
            "short_p": max(one.short_p for one in by_basis),
            "longest_wide_months": longest,
        },
    )


def _open(least: Lasting, longest: int) -> str:
    return " and goes on" if least.still_wide == longest > 0 else ""


def _by_basis(lasting: Mapping[str, Lasting]) -> str:
    parts = [
        f"{basis} basis: {_months(one.half_life.estimate)}, longest wide spell"
        f" {one.longest_wide} months"
        for basis, one in lasting.items()
    ]
    return "; ".join(parts) + "."


def _detectable(decay: HalfLife) -> float:
    """Minimum detectable effect, from the lower half-width of the interval."""
    if not np.isfinite(decay.estimate):
        return float("inf")
    return (decay.estimate - decay.ci_low) * DETECTABLE / HALF_WIDTH


def _grid(dataset: Dataset, specification: Specification[MeanReversionArguments]) -> pd.DataFrame:
    """Half-life and longest wide spell of every gap of the grid."""
    rows = []
    for chosen in each_basis(specification.combinations(*AXES)):
        sample = gap_sample(dataset, chosen["leg"], "gap", chosen["basis"], chosen["era"])
        one = examine(sample, specification.arguments, chosen["sampling"])
        rows.append((chosen, _numbers(one) if one.refusal is None else one.refusal))
    return grid_table(AXES, ESTIMATES, rows)


def _joint_p(
    dataset: Dataset,
    specification: Specification[MeanReversionArguments],
    grid: pd.DataFrame,
    sampling: Sampling,
) -> float | None:
    """p-value of all gaps of the grid at once, each halving within the months called long."""
    arguments, gaps, parts = specification.arguments, {}, []
    for row in rows_that_ran(grid).to_dict("records"):
        name = f"{row['leg']}/{row['basis']}"
        if name not in gaps:
            gaps[name] = gap_sample(dataset, row["leg"], "gap", row["basis"], "full").gap
        months = gaps[name].index
        kept = months.isin(in_era(gaps[name], row["era"]).index)
        if row["sampling"] == "june":
            kept &= months.month == 6
        parts.append((name, np.flatnonzero(kept)))
    if not parts:
        return None
    step = max(arguments.step_months, *(SAMPLINGS[one] for one in grid["sampling"].unique()))
    return joint_half_life_p(
        gaps, parts, float(arguments.long_months), step, sampling.draws, sampling.seed
    )


def _holding(grid: pd.DataFrame, arguments: MeanReversionArguments) -> list[str]:
    """In words: in how much of the grid the whole interval is longer than what is called long."""
    ran = rows_that_ran(grid)
    if ran.empty:
        return []
    longer = int((ran["low"] > arguments.long_months).sum())
    return [
        f"In {longer} of {len(ran)} specifications of the grid the whole interval lies above"
        f" {arguments.long_months} months."
    ]


def _numbers(one: Lasting) -> tuple[float, ...]:
    decay = one.half_life
    return decay.estimate, decay.ci_low, decay.ci_high, one.longest_wide


def _fraction(percentile: float) -> str:
    """What lies above a percentile: "fifth" above the 80th, a number where it has no name."""
    percent = round(100 * (1 - percentile))
    return FRACTIONS.get(percent, f"{percent}%")


def _months(value: float) -> str:
    return "without limit" if np.isinf(value) else f"{value:.0f} months"
