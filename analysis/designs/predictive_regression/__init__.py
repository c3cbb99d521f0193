"""Whether a wide gap comes before years in which small caps do better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.predictive_regression.grid import SAMPLE_AXES, holding, run_grid
from analysis.designs.predictive_regression.horizons import horizon_table
from analysis.designs.predictive_regression.regressions import (
    PredictiveRegressionArguments,
    Regression,
    examine,
)
from analysis.designs.registry import Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.panel import Dataset
from analysis.panel.gaps import GapSample, gap_samples
from analysis.panel.spells import wide_spells
from analysis.results import Finding, first_refusal

#: Months of a spell that is shown.
SHOWN_SPELL = 12

#: Quantiles of the null slopes whose distances from their mean are the half-widths of the 95%
#: interval.
UPPER, LOWER = 0.975, 0.025

#: Clark-West statistic above which forecasts made at the time beat the mean.
CLARK_WEST = 1.645

#: What book value is set against on each basis.
MARKET_VALUES = {
    "june": "market value in June",
    "december": "market value in the December before",
}

MEASURES = {
    "slope": "decimal return over the horizon a log point",
    "slope_high": "decimal return over the horizon a log point",
    "ivx_p": "p-value",
    "bootstrap_p": "p-value",
    "oos_r2": "share",
    "clark_west": "t-statistic",
    "wide_episodes_complete": "count",
    "r_squared": "share",
    "r_squared_null_median": "share",
    "r_squared_null_95": "share",
}


@dataclass(frozen=True)
class PredictiveRegression(Study):
    """The finding, and the regressions behind it.

    Attributes
    ----------
    samples : mapping of str to GapSample
        Returns and gap by basis.
    regressions : mapping of str to Regression
        By basis.
    sampling : Sampling
    """

    samples: Mapping[str, GapSample]
    regressions: Mapping[str, Regression]
    sampling: Sampling

    @property
    def gaps(self) -> pd.DataFrame:
        """One column a basis, log points by month."""
        return pd.DataFrame({basis: sample.gap for basis, sample in self.samples.items()})

    @property
    def predictor(self) -> str:
        """In words: what the gap is measured with."""
        if "past" in self.samples:
            return (
                "No book values are at hand in this run, so the gap is minus the relative return of"
                " the past sixty months: wide after small caps have lagged."
            )
        bases = ", and ".join(MARKET_VALUES[basis] for basis in self.samples)
        number = "two bases" if len(self.samples) > 1 else "one basis"
        return (
            "The gap says how much more book value a dollar buys in small caps than in large, as a"
            f" log ratio, on {number}: {bases}. Between Junes it moves with returns."
        )

    @cached_property
    def horizons(self) -> pd.DataFrame:
        """Regressions at every horizon of the grid: usual tests, honest tests, R² and its null.

        One row a basis and horizon; slopes in decimal return over the horizon a log point.
        """
        return horizon_table(self.samples, self.specification, self.sampling)

    @cached_property
    def spells(self) -> pd.DataFrame:
        """Spells of a year or more with the gap above its own real-time percentile, by basis."""
        arguments = self.specification.arguments
        parts = [
            wide_spells(sample.gap, arguments.wide_percentile, arguments.history_months)
            .query(f"months >= {SHOWN_SPELL}")
            .assign(basis=basis)
            for basis, sample in self.samples.items()
        ]
        table = pd.concat(parts, ignore_index=True)
        return table.astype({"first": str, "last": str})[["basis", "first", "last", "months"]]


@design(
    arguments=PredictiveRegressionArguments,
    measures=MEASURES,
    axes=(*SAMPLE_AXES, "horizon"),
    episodes=("bootstrap_p",),
)
def predictive_regression(
    dataset: Dataset,
    specification: Specification[PredictiveRegressionArguments],
    sampling: Sampling,
) -> PredictiveRegression:
    """Test whether the gap predicts a leg's return; the less favourable basis counts.

    One test decides; the other tests, the episodes and the grid are shown.
    """
    arguments = specification.arguments
    samples = gap_samples(
        dataset,
        arguments.leg,
        predictor=arguments.predictor,
        basis=arguments.basis,
        era=arguments.era,
    )
    regressions = {
        basis: examine(sample, specification, sampling) for basis, sample in samples.items()
    }
    grid, finding = run_grid(dataset, specification, sampling), finding_of(regressions, arguments)
    if finding.refusal is None:
        said = " ".join([finding.sensitivity, *holding(grid.rows)])
        finding = replace(finding, joint_p=grid.joint_p, sensitivity=said)
    return PredictiveRegression(
        specification,
        finding=finding,
        grid=grid.rows,
        samples=samples,
        regressions=regressions,
        sampling=sampling,
    )


def finding_of(
    regressions: Mapping[str, Regression], arguments: PredictiveRegressionArguments
) -> Finding:
    """The finding from every basis; of each measure the less favourable one counts."""
    by_basis = list(regressions.values())
    refusal = first_refusal(*by_basis, *(one.forecasts for one in by_basis))
    if refusal is not None:
        return Finding.refused(refusal)
    worst = max(by_basis, key=lambda one: one.upper_p)
    n, windows = worst.null.n, worst.null.effective_n
    measures, error = _measures(by_basis, worst), max(one.standard_error for one in by_basis)
    more = (
        more_events_needed(worst.slope, error * np.sqrt(windows), int(windows), unit="windows")
        if worst.slope
        else "no number of windows"
    )
    years, usable = arguments.horizon / 12, _in_time(measures)
    return Finding(
        estimate=worst.slope,
        unit=(
            f"decimal return over {arguments.horizon} months when the logarithm of the gap rises"
            " by one, bias-corrected"
        ),
        ci_low=worst.slope_bound(LOWER),
        ci_high=worst.slope_bound(UPPER),
        p_value=measures["bootstrap_p"],
        n=n,
        effective_n=windows,
        mde=minimum_detectable(error),
        more_needed=f"{more} of {years:g} years to detect a slope of the size found",
        null="the gap says nothing about later returns; persistence and overlap as they are",
        sample_start=str(worst.gap.index[0]),
        sample_end=str(worst.gap.index[-1]),
        finding=(
            f"When the gap was one standard deviation wider than usual, small caps"
            f" {_ahead(worst.null.slope * worst.spread)} over the next {years:g} years,"
            f" {worst.slope * worst.spread:+.1%} after correction for bias. R² is"
            f" {worst.null.estimate:.2f}; without any predictability its median is"
            f" {worst.null.median:.2f} and its 95th percentile {worst.null.percentile_95:.2f}."
            f" {_episodes(measures['wide_episodes_complete'], years)}"
        ),
        sensitivity=_by_basis(regressions),
        measures=measures,
        without_one=_without_each(regressions),
        usable_in_time=usable,
        in_time=(
            "Forecasts made each month from what was known then did"
            f" {'better' if usable else 'no better'} than the past mean"
            f" (R² {measures['oos_r2']:+.2f}, Clark–West {measures['clark_west']:.2f})."
        ),
    )


def _without_each(regressions: Mapping[str, Regression]) -> dict[str, dict[str, float]]:
    """The p-value that decides without each separate wide gap of each basis."""
    found = {}
    for basis, one in regressions.items():
        others = [other.upper_p for name, other in regressions.items() if name != basis]
        for episode, p_value in one.without.items():
            # of two bases the higher counts; one that cannot be judged fails
            highest = p_value if math.isnan(p_value) else max(p_value, *others, 0.0)
            found[f"{episode} ({basis} basis)"] = {"bootstrap_p": highest}
    return found


def _in_time(measures: Mapping[str, float]) -> bool:
    """Whether forecasts with what was known at the time beat the past mean on every basis."""
    return bool(measures["oos_r2"] > 0 and measures["clark_west"] > CLARK_WEST)


def _ahead(lead: float) -> str:
    """A return in words, whichever side leads."""
    if lead >= 0:
        return f"beat large caps by {100 * lead:.1f} points"
    return f"fell behind large caps by {-100 * lead:.1f} points"


def _episodes(complete: float, years: float) -> str:
    """The wide gaps whose outcome is known; the others are not counted."""
    if complete == 0:
        return f"No separate wide gap has its next {years:g} years behind it."
    verb, noun = ("has", "gap") if complete == 1 else ("have", "gaps")
    owner = "its" if complete == 1 else "their"
    return (
        f"{complete:.0f} separate wide {noun} {verb} {owner} next {years:g} years behind"
        f" {'it' if complete == 1 else 'them'}."
    )


def _measures(by_basis: list[Regression], worst: Regression) -> dict[str, float]:
    """Every measure on the basis less favourable to the claim."""
    return {
        "slope": min(one.null.slope for one in by_basis),
        "ivx_p": max(one.ivx_p for one in by_basis),
        "bootstrap_p": max(one.upper_p for one in by_basis),
        "oos_r2": min(one.forecasts.estimate for one in by_basis),
        "clark_west": min(one.forecasts.clark_west for one in by_basis),
        "wide_episodes_complete": min(one.complete for one in by_basis),
        "slope_high": max(one.slope_bound(UPPER) for one in by_basis),
        "r_squared": worst.null.estimate,
        "r_squared_null_median": worst.null.median,
        "r_squared_null_95": worst.null.percentile_95,
    }


def _by_basis(regressions: Mapping[str, Regression]) -> str:
    parts = [
        f"{basis} basis: slope {one.null.slope:.2f}, IVX p {one.ivx_p:.2g}, bootstrap p"
        f" {one.upper_p:.2g}, out-of-sample R² {one.forecasts.estimate:+.2f}"
        f" (Clark-West {one.forecasts.clark_west:.2f})"
        for basis, one in regressions.items()
    ]
    return "; ".join(parts) + "."
