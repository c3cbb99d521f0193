"""A forecast of small minus large from starting valuation, rebuilt with honest uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import (
    BasisName,
    EraName,
    LegName,
    PredictorName,
    Ticker,
    each_basis,
)
from analysis.designs.gap_windows import FEWEST_WINDOWS, begins_window, months_of
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.return_forecast.absolute import (
    NOMINAL,
    REAL,
    Bands,
    absolute_bands,
    absolute_table,
    excluded,
)
from analysis.designs.return_forecast.bank_line import (
    BankLines,
    Quoted,
    fit_bank_lines,
    score_forecasts,
)
from analysis.designs.return_forecast.projections import (
    band_table,
    implied_gaps,
    r_squared_by_horizon,
)
from analysis.designs.return_forecast.reconstruction import (
    VIEWS,
    Reconstruction,
    detectable,
    more_windows,
    reconstruct,
    spreads,
)
from analysis.inference.joint_histories import Window, joint_regressions
from analysis.panel import Dataset
from analysis.panel.gaps import PAST, GapSample, gap_sample, gap_samples
from analysis.results import Finding, first_refusal

AXES = ("leg", "predictor", "basis", "era", "horizon", "view")

ESTIMATES = ("projection", "low", "high", "chance of the claim", "R²", "R² null 95%")

RETURN = "decimal return a year"

#: Forecasts that a band could exclude: small, large and their difference.
FORECASTS = 3

#: Chance that a right forecast of the three is excluded, at most.
WRONGLY_EXCLUDED = 0.05

#: Random draws of a specification of the grid, at most.
GRID_DRAWS = 499

MEASURES = {
    "projection_p": "p-value",
    "projection": RETURN,
    "forecasts_excluded": "count",
    "r2_excess": "share",
    "band_low": RETURN,
    "band_high": RETURN,
    "r_squared": "share",
    "r_squared_null_median": "share",
    "r_squared_null_95": "share",
    "chance_of_claim": "probability",
}

ForwardPE = Annotated[float, Field(gt=0, description="starting forward P/E quoted with the claim")]


class ReturnForecastArguments(Arguments):
    """What is forecast from what, what was claimed, and whose published line is recovered."""

    leg: LegName
    predictor: PredictorName
    basis: BasisName
    horizon: Annotated[int, Field(ge=12, le=180, description="months forecast")]
    era: EraName
    view: Literal["ols", "bias_corrected", "no_predictability"]
    band: Annotated[float, Field(gt=0.5, lt=1, description="coverage of the predictive band")]
    claimed_gap: Annotated[
        float,
        Field(gt=0, lt=1, description="claimed small minus large, decimal return a year"),
    ]
    least_gap: Annotated[
        float,
        Field(gt=-1, lt=1, description="expected lead that a projection has to exceed, a year"),
    ]
    small_claimed: Annotated[float, Field(gt=-1, lt=1, description="forecast of small caps")]
    large_claimed: Annotated[float, Field(gt=-1, lt=1, description="forecast of large caps")]
    bank: str
    small_pe: ForwardPE
    large_pe: ForwardPE
    small_fund: Ticker
    large_fund: Ticker


@dataclass(frozen=True)
class ReturnForecast(Study):
    """The finding, the regression rebuilt, and the bank's own line.

    Attributes
    ----------
    samples : mapping of str to GapSample
        By basis.
    rebuilt : mapping of str to Reconstruction
        By basis.
    sides : mapping of (str, str) to Reconstruction
        Nominal returns of small and of large caps, by side and basis.
    quoted : Quoted
        The bank, and what it printed its forecasts from.
    dataset : Dataset
    sampling : Sampling
    """

    samples: Mapping[str, GapSample]
    rebuilt: Mapping[str, Reconstruction]
    sides: Bands
    quoted: Quoted
    dataset: Dataset
    sampling: Sampling

    @cached_property
    def by_horizon(self) -> pd.DataFrame:
        """R² beside its null by basis and horizon."""
        return r_squared_by_horizon(self.samples, self.sampling)

    @cached_property
    def bands(self) -> pd.DataFrame:
        """Predictive band under three views, by basis."""
        return band_table(self.rebuilt, self.specification.arguments.claimed_gap)

    @cached_property
    def implied(self) -> pd.DataFrame:
        """The gap that the claim would need, and how unusual it would be."""
        return implied_gaps(self.rebuilt, self.specification.arguments.claimed_gap)

    @cached_property
    def absolute(self) -> pd.DataFrame:
        """Bands of small caps' and of large caps' own return, nominal and real."""
        arguments = self.specification.arguments
        real = absolute_bands(
            self.dataset.monthly,
            self.samples,
            arguments.horizon,
            arguments.view,
            arguments.band,
            self.sampling,
            REAL,
        )
        claimed = {"small": arguments.small_claimed, "large": arguments.large_claimed}
        return absolute_table({NOMINAL: self.sides, REAL: real}, claimed)

    @cached_property
    def bank(self) -> BankLines:
        """The bank's own line for small and large caps, from its published pairs."""
        return fit_bank_lines(self.dataset.facts, self.quoted)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """How the bank's forecasts are doing so far; empty without fund prices."""
        return score_forecasts(self.bank.points, self.dataset.funds, self.quoted.funds)


@design(arguments=ReturnForecastArguments, measures=MEASURES, axes=AXES)
def return_forecast(
    dataset: Dataset, specification: Specification[ReturnForecastArguments], sampling: Sampling
) -> ReturnForecast:
    """Rebuild a bank's regression, and hold its two forecasts and their difference to their bands.

    On two bases the less favourable counts; a forecast is excluded only where both exclude it.
    """
    arguments = specification.arguments
    samples = gap_samples(
        dataset,
        arguments.leg,
        predictor=arguments.predictor,
        basis=arguments.basis,
        era=arguments.era,
    )
    others = tuple(int(months) for months in specification.grid.get("horizon", ()))
    rebuilt = {
        basis: reconstruct(
            sample, arguments.horizon, arguments.view, arguments.band, sampling, others
        )
        for basis, sample in samples.items()
    }
    sides = absolute_bands(
        dataset.monthly, samples, arguments.horizon, arguments.view, arguments.band, sampling
    )
    finding = finding_of(rebuilt, sides, arguments)
    if finding.refusal is None:
        finding = replace(finding, joint_p=_joint_p(dataset, specification, sampling))
    return ReturnForecast(
        specification,
        finding=finding,
        grid=_grid(dataset, specification, sampling),
        samples=samples,
        rebuilt=rebuilt,
        sides=sides,
        quoted=Quoted(
            arguments.bank,
            {"small": arguments.small_pe, "large": arguments.large_pe},
            {"small": arguments.small_fund, "large": arguments.large_fund},
        ),
        dataset=dataset,
        sampling=sampling,
    )


def finding_of(
    rebuilt: Mapping[str, Reconstruction], sides: Bands, arguments: ReturnForecastArguments
) -> Finding:
    """The finding from every basis; the less favourable one counts."""
    refusal = first_refusal(*rebuilt.values())
    if refusal is not None:
        return Finding.refused(refusal)
    models, claimed = list(rebuilt.values()), arguments.claimed_gap
    least = arguments.least_gap
    worst = max(models, key=lambda model: model.projection_p(least))
    null, band = worst.null, worst.band
    low, high = band.quantile([0.025, 0.975])
    years, windows = arguments.horizon / 12, null.effective_n
    chance = band.probability(claimed)
    outside = "outside" if band.outside_sample else "inside"
    return Finding(
        estimate=band.estimate,
        unit="decimal return a year, small minus large",
        ci_low=float(low),
        ci_high=float(high),
        p_value=worst.projection_p(least),
        n=null.n,
        effective_n=windows,
        mde=float(detectable(*spreads(worst))),
        more_needed=more_windows(worst, claimed),
        null=f"the expected lead is at most {least:.0%} a year",
        sample_start=str(worst.gap.index[0]),
        sample_end=str(worst.gap.index[-1]),
        finding=(
            f"From the last month's gap the rebuilt regression projects that small caps earn"
            f" {band.estimate:+.1%} a year more than large caps over {years:g} years"
            f" {VIEWS[arguments.view][1]}, against the claimed {claimed:.0%}"
            f" ({arguments.band:.0%} band {worst.band_low:+.1%} to {worst.band_high:+.1%}, chance"
            f" of as much {chance:.0%}). {_said_of(sides, arguments)}It rests on {int(windows)}"
            f" separate windows; its R² is {null.estimate:.2f}, and without predictability"
            f" {null.median:.2f} in the median and {null.percentile_95:.2f} at the 95th"
            f" percentile. The gap lies {band.predictor_z:+.1f} standard deviations from its mean,"
            f" {outside} the fitting sample."
        ),
        sensitivity=_views(rebuilt, claimed),
        measures={
            "projection_p": worst.projection_p(least),
            "projection": min(model.band.estimate for model in models),
            "forecasts_excluded": forecasts_excluded(rebuilt, sides, arguments),
            "r2_excess": min(model.excess for model in models),
            "band_low": min(model.band_low for model in models),
            "band_high": max(model.band_high for model in models),
            "r_squared": null.estimate,
            "r_squared_null_median": null.median,
            "r_squared_null_95": null.percentile_95,
            "chance_of_claim": chance,
        },
    )


def forecasts_excluded(
    rebuilt: Mapping[str, Reconstruction], sides: Bands, arguments: ReturnForecastArguments
) -> int:
    """How many of the bank's forecasts, small, large and their difference, lie outside their bands.

    The bands are as wide as three forecasts at once need.
    """
    level = 1.0 - WRONGLY_EXCLUDED / FORECASTS
    lead = {("difference", basis): one for basis, one in rebuilt.items()}
    return (
        int(excluded(sides, "small", arguments.small_claimed, level))
        + int(excluded(sides, "large", arguments.large_claimed, level))
        + int(excluded(lead, "difference", arguments.claimed_gap, level))
    )


def _said_of(sides: Bands, arguments: ReturnForecastArguments) -> str:
    """Each forecast beside the bands of its own return, in words; empty without returns."""
    said = []
    for side, claimed in (("small", arguments.small_claimed), ("large", arguments.large_claimed)):
        models = [
            one for (name, _), one in sides.items() if name == side and first_refusal(one) is None
        ]
        if models:
            low = min(one.band_low for one in models)
            high = max(one.band_high for one in models)
            said.append(f"{side} caps {low:+.1%} to {high:+.1%} (forecast {claimed:.0%})")
    return f"Bands of the returns themselves: {'; '.join(said)}. " if said else ""


def _views(rebuilt: Mapping[str, Reconstruction], claimed: float) -> str:
    parts = [
        f"{basis} prices, {'least squares' if view == 'ols' else view}:"
        f" {band.estimate:+.1%} a year, chance {band.probability(claimed):.0%}"
        for basis, model in rebuilt.items()
        for view, band in model.bands.items()
    ]
    return "; ".join(parts) + "."


def _joint_p(
    dataset: Dataset, specification: Specification[ReturnForecastArguments], sampling: Sampling
) -> float | None:
    """One-sided p-value of every regression of the grid at once; the views share one."""
    pairs, windows = {}, []
    for chosen in each_basis(specification.combinations(*AXES[:5])):
        name = (
            f"{chosen['leg']}/{PAST if chosen['predictor'] == 'past_return' else chosen['basis']}"
        )
        if name not in pairs:
            whole = gap_sample(dataset, chosen["leg"], chosen["predictor"], chosen["basis"], "full")
            if whole.refusal is None and len(whole.gap):
                pairs[name] = (whole.returns, whole.gap)
        if name not in pairs:
            continue
        months, horizon = pairs[name][1].index, int(chosen["horizon"])
        if len(months_of(months, chosen["era"])) >= (FEWEST_WINDOWS - 1) * horizon:
            starts = np.flatnonzero(begins_window(months, chosen["era"], horizon))
            windows.append(Window(name, starts, horizon))
    used = {window.pair for window in windows}
    found = joint_regressions(
        {name: pair for name, pair in pairs.items() if name in used},
        windows,
        sampling.draws,
        sampling.seed,
    )
    return None if found.refusal is not None else found.p_value


def _grid(
    dataset: Dataset, specification: Specification[ReturnForecastArguments], sampling: Sampling
) -> pd.DataFrame:
    """Projection, band and R² of every specification of the grid."""
    arguments, rows = specification.arguments, []
    drawn = Sampling(min(sampling.draws, GRID_DRAWS), sampling.seed)
    others = tuple(int(months) for months in specification.grid.get("horizon", ()))
    models: dict[tuple[Any, ...], Reconstruction] = {}
    for chosen in each_basis(specification.combinations(*AXES)):
        key = tuple(chosen[axis] for axis in AXES[:5])
        if chosen["predictor"] == "past_return":
            key = (*key[:2], PAST, *key[3:])
        if key not in models:
            sample = gap_sample(dataset, *(chosen[axis] for axis in AXES[:4]))
            models[key] = reconstruct(
                sample, chosen["horizon"], chosen["view"], arguments.band, drawn, others
            )
        model = replace(models[key], view=chosen["view"])
        rows.append((chosen, _outcome(model, arguments.claimed_gap)))
    return grid_table(AXES, ESTIMATES, rows)


def _outcome(model: Reconstruction, claimed: float) -> Outcome:
    if model.refusal is not None:
        return model.refusal
    band, null = model.band, model.null
    ends = band.estimate, model.band_low, model.band_high
    return *ends, band.probability(claimed), null.estimate, null.percentile_95
