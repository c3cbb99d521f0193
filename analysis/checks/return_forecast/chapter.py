"""The ten-year forecast: 9% a year for small caps against 1% for large, with honest uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.return_forecast.bank_line import BankLine, fit_bank_lines, score_forecasts
from analysis.checks.return_forecast.evidence import (
    Reconstruction,
    implied_gaps,
    projected_gap,
    reconstruct,
    target_table,
)
from analysis.checks.return_forecast.settings import Parameters
from analysis.claims import Claim
from analysis.inference.null_r_squared import null_r_squared
from analysis.panel import Dataset, gaps, small_minus_large
from analysis.results import Evidence, Refusal

#: Horizons of the figure that sets R² beside its null, in months.
HORIZONS = (1, 12, 24, 36, 60, 84, 120)


@dataclass(frozen=True)
class ReturnForecastStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    reconstructions : dict of str to Reconstruction or Refusal
        The regression rebuilt, by basis of the gap.
    by_horizon : DataFrame
        ``basis, months, R², null median, null 95%``.
    bands : DataFrame
        Predictive band under three views, by basis.
    implied : DataFrame
        The gap that 8 points a year would need, and how unusual it would be.
    targets : DataFrame
        The same regression for small, large and relative returns.
    bank : dict of str to BankLine or Refusal
        The bank's own line for small and large caps, recovered from its published pairs.
    bank_points : DataFrame
        The pairs and what the line gives at each.
    scores : DataFrame
        How the bank's forecasts are doing so far; empty without fund prices.
    """

    evidence: Mapping[str, Evidence | Refusal]
    reconstructions: Mapping[str, Reconstruction | Refusal]
    by_horizon: pd.DataFrame
    bands: pd.DataFrame
    implied: pd.DataFrame
    targets: pd.DataFrame
    bank: Mapping[str, BankLine | Refusal]
    bank_points: pd.DataFrame
    bank_answers: pd.DataFrame
    scores: pd.DataFrame


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> ReturnForecastStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
    parameters : Parameters
    """
    spread = small_minus_large(dataset.monthly, parameters.leg)
    predictors = gaps(dataset.monthly, dataset.valuation, parameters.leg)
    rebuilt = {
        basis: reconstruct(
            spread,
            gap,
            parameters.horizon,
            parameters.band,
            parameters.draws,
            parameters.seed,
        )
        for basis, gap in predictors.items()
    }
    bank = fit_bank_lines(dataset.facts)
    return ReturnForecastStudy(
        evidence={"bofa-9-vs-1": projected_gap(rebuilt, spread, parameters)},
        reconstructions=rebuilt,
        by_horizon=_by_horizon(spread, predictors, parameters),
        bands=_bands(rebuilt, parameters.claimed_gap),
        implied=implied_gaps(rebuilt, parameters.claimed_gap),
        targets=target_table(dataset, predictors, parameters),
        bank=bank.lines,
        bank_points=bank.points,
        bank_answers=bank.answers,
        scores=score_forecasts(bank.points, dataset.funds),
    )


def _by_horizon(
    spread: pd.Series, predictors: Mapping[str, pd.Series], parameters: Parameters
) -> pd.DataFrame:
    rows = []
    for basis, gap in predictors.items():
        returns = spread.loc[gap.index[0] : gap.index[-1]]
        usable = [h for h in HORIZONS if len(gap) > 3 * h + 24]
        nulls = null_r_squared(returns, gap, usable, parameters.draws, parameters.seed)
        for months, null in ({} if isinstance(nulls, Refusal) else nulls).items():
            if isinstance(null, Refusal):
                continue
            rows.append(
                {
                    "basis": basis,
                    "months": months,
                    "R²": null.estimate,
                    "null median": null.median,
                    "null 95%": null.percentile_95,
                    "p": null.p_value,
                    "windows": null.effective_n,
                }
            )
    return pd.DataFrame(rows)


def _bands(rebuilt: Mapping[str, Reconstruction | Refusal], claimed: float) -> pd.DataFrame:
    rows = []
    for basis, model in rebuilt.items():
        if isinstance(model, Refusal):
            continue
        for view, band in model.bands.items():
            low, middle, high = band.quantile([0.05, 0.5, 0.95])
            rows.append(
                {
                    "basis": basis,
                    "view": view,
                    "5%": low,
                    "median": middle,
                    "95%": high,
                    "share at or above the claim": float((band.draws >= claimed).mean()),
                }
            )
    return pd.DataFrame(rows)
