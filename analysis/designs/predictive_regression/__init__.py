"""Whether a wide gap comes before years in which small caps do better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.predictive_regression.horizons import SAMPLE_AXES, horizon_table, run_grid
from analysis.designs.predictive_regression.regressions import (
    PredictiveRegressionArguments,
    Regression,
    examine,
)
from analysis.designs.registry import Sampling, Specification, Study, design
from analysis.inference.power import more_events_needed
from analysis.panel import Dataset
from analysis.panel.gaps import GapSample, gap_samples
from analysis.panel.spells import wide_spells
from analysis.results import Finding, first_refusal

#: Months of a spell that is shown.
SHOWN_SPELL = 12

#: Quantiles of the null slopes whose distances from their mean are the half-widths of the 95%
#: interval.
UPPER, LOWER = 0.975, 0.025

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
    "wide_episodes": "count",
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
            f"The gap is the log ratio of small to large book-to-market, on {number}: {bases}."
            " Between Junes it moves with returns."
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


@design(arguments=PredictiveRegressionArguments, measures=MEASURES, axes=(*SAMPLE_AXES, "horizon"))
def predictive_regression(
    dataset: Dataset,
    specification: Specification[PredictiveRegressionArguments],
    sampling: Sampling,
) -> PredictiveRegression:
    """Test whether the gap predicts a leg's return; the less favourable basis counts."""
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
    return PredictiveRegression(
        specification,
        finding=finding_of(regressions, arguments),
        grid=run_grid(dataset, specification, sampling),
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
    worst = max(by_basis, key=lambda one: one.null.p_t)
    n, windows = worst.null.n, worst.null.effective_n
    half_width = max(one.slope_bound(UPPER) - one.slope for one in by_basis)
    measures = _measures(by_basis, worst)
    more = (
        more_events_needed(
            worst.slope, half_width / 1.96 * np.sqrt(windows), int(windows), unit="windows"
        )
        if worst.slope
        else "no number of windows"
    )
    years = arguments.horizon / 12
    return Finding(
        estimate=worst.slope,
        unit=f"decimal return over {arguments.horizon} months a log point of gap, bias-corrected",
        ci_low=worst.slope_bound(LOWER),
        ci_high=worst.slope_bound(UPPER),
        p_value=measures["bootstrap_p"],
        n=n,
        effective_n=windows,
        # 2.80 standard errors are 1.43 times the half-width of a 95% interval
        mde=half_width * 2.80 / 1.96,
        more_needed=f"{more} of {years:g} years to detect a slope of the size found",
        null="the gap says nothing about later returns; persistence and overlap as they are",
        sample_start=str(worst.gap.index[0]),
        sample_end=str(worst.gap.index[-1]),
        finding=(
            f"A gap wider by a tenth came with {worst.null.slope / 10:+.1%} more over {years:g}"
            f" years, {worst.slope / 10:+.1%} after its bias. R² is {worst.null.estimate:.2f};"
            f" without any predictability its median is {worst.null.median:.2f} and its 95th"
            f" percentile {worst.null.percentile_95:.2f}. There were"
            f" {measures['wide_episodes']} independent wide gaps,"
            f" {measures['wide_episodes_complete']} of them with their {years:g} years behind them."
        ),
        sensitivity=_by_basis(regressions),
        measures=measures,
    )


def _measures(by_basis: list[Regression], worst: Regression) -> dict[str, float]:
    """Every measure on the basis less favourable to the claim."""
    return {
        "slope": min(one.null.slope for one in by_basis),
        "ivx_p": max(one.ivx_p for one in by_basis),
        "bootstrap_p": max(one.null.p_t for one in by_basis),
        "oos_r2": min(one.forecasts.estimate for one in by_basis),
        "clark_west": min(one.forecasts.clark_west for one in by_basis),
        "wide_episodes": min(len(one.episodes) for one in by_basis),
        "wide_episodes_complete": min(one.complete for one in by_basis),
        "slope_high": max(one.slope_bound(UPPER) for one in by_basis),
        "r_squared": worst.null.estimate,
        "r_squared_null_median": worst.null.median,
        "r_squared_null_95": worst.null.percentile_95,
    }


def _by_basis(regressions: Mapping[str, Regression]) -> str:
    parts = [
        f"{basis} basis: slope {one.null.slope:.2f}, IVX p {one.ivx_p:.2g}, bootstrap p"
        f" {one.null.p_t:.2g}, out-of-sample R² {one.forecasts.estimate:+.2f}"
        f" (Clark-West {one.forecasts.clark_west:.2f})"
        for basis, one in regressions.items()
    ]
    return "; ".join(parts) + "."
