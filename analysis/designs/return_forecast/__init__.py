"""A forecast of small minus large from starting valuation, rebuilt with honest uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

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
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.return_forecast.bank_line import (
    BankLines,
    Quoted,
    fit_bank_lines,
    score_forecasts,
)
from analysis.designs.return_forecast.projections import (
    absolute_returns,
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
from analysis.panel import Dataset
from analysis.panel.gaps import GapSample, gap_sample, gap_samples
from analysis.results import Finding, first_refusal

AXES = ("leg", "predictor", "basis", "era", "horizon", "view")

ESTIMATES = ("projection", "low", "high", "chance of the claim", "R²", "R² null 95%")

RETURN = "decimal return a year"

MEASURES = {
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
    quoted : Quoted
        The bank, and what it printed its forecasts from.
    dataset : Dataset
    sampling : Sampling
    """

    samples: Mapping[str, GapSample]
    rebuilt: Mapping[str, Reconstruction]
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
    def targets(self) -> pd.DataFrame:
        """The same regression for absolute returns."""
        horizon = self.specification.arguments.horizon
        return absolute_returns(self.dataset.monthly, self.samples, horizon, self.sampling)

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
    """Rebuild a bank's regression; the smaller excess of R² and the outer ends of bands count."""
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
    return ReturnForecast(
        specification,
        finding=finding_of(rebuilt, arguments),
        grid=_grid(dataset, specification, sampling),
        samples=samples,
        rebuilt=rebuilt,
        quoted=Quoted(
            arguments.bank,
            {"small": arguments.small_pe, "large": arguments.large_pe},
            {"small": arguments.small_fund, "large": arguments.large_fund},
        ),
        dataset=dataset,
        sampling=sampling,
    )


def finding_of(
    rebuilt: Mapping[str, Reconstruction], arguments: ReturnForecastArguments
) -> Finding:
    """The finding from every basis; the less favourable one counts."""
    refusal = first_refusal(*rebuilt.values())
    if refusal is not None:
        return Finding.refused(refusal)
    models, claimed = list(rebuilt.values()), arguments.claimed_gap
    worst = min(models, key=lambda model: model.excess)
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
        p_value=max(model.p_value for model in models),
        n=null.n,
        effective_n=windows,
        mde=float(detectable(*spreads(worst))),
        more_needed=more_windows(worst, claimed),
        null="starting valuation says nothing about the next years; persistence and overlap stay",
        sample_start=str(worst.gap.index[0]),
        sample_end=str(worst.gap.index[-1]),
        finding=(
            f"Rebuilt on {int(windows)} separate {years:g}-year windows, the regression has an R²"
            f" of {null.estimate:.2f} where no predictability gives {null.median:.2f}"
            f" in the median and {null.percentile_95:.2f} at the 95th percentile. From"
            f" today's gap, {band.predictor_z:+.1f} standard deviations from its mean and {outside}"
            f" the fitting sample, it projects {band.estimate:+.1%} a year"
            f" {VIEWS[arguments.view][1]}"
            f" ({arguments.band:.0%} band {worst.band_low:+.1%} to {worst.band_high:+.1%}) and"
            f" gives the claimed {claimed:.0%} a chance of {chance:.0%}."
        ),
        sensitivity=_views(rebuilt, claimed),
        measures={
            "r2_excess": min(model.excess for model in models),
            "band_low": min(model.band_low for model in models),
            "band_high": max(model.band_high for model in models),
            "r_squared": null.estimate,
            "r_squared_null_median": null.median,
            "r_squared_null_95": null.percentile_95,
            "chance_of_claim": chance,
        },
    )


def _views(rebuilt: Mapping[str, Reconstruction], claimed: float) -> str:
    parts = [
        f"{basis} basis, {view}: {band.estimate:+.1%} a year,"
        f" chance {band.probability(claimed):.0%}"
        for basis, model in rebuilt.items()
        for view, band in model.bands.items()
    ]
    return "; ".join(parts) + "."


def _grid(
    dataset: Dataset, specification: Specification[ReturnForecastArguments], sampling: Sampling
) -> pd.DataFrame:
    """Projection, band and R² of every specification of the grid."""
    arguments, rows = specification.arguments, []
    others = tuple(int(months) for months in specification.grid.get("horizon", ()))
    for chosen in each_basis(specification.combinations(*AXES)):
        sample = gap_sample(dataset, *(chosen[axis] for axis in AXES[:4]))
        model = reconstruct(
            sample, chosen["horizon"], chosen["view"], arguments.band, sampling, others
        )
        refusal = first_refusal(model)
        if refusal is not None:
            rows.append({**chosen, "reason": refusal.reason})
            continue
        numbers = (
            *(model.band.estimate, model.band_low, model.band_high),
            *(model.band.probability(arguments.claimed_gap),),
            *(model.null.estimate, model.null.percentile_95),
        )
        rows.append({**chosen, **dict(zip(ESTIMATES, numbers, strict=True)), "reason": ""})
    return pd.DataFrame(rows, columns=[*AXES, *ESTIMATES, "reason"])
