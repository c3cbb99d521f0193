"""The bank's regression rebuilt: R² against its null, bands, and what the claim would need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.inference.bands import Band, predictive_bands
from analysis.inference.null_r_squared import NullRSquared, null_r_squared
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

if TYPE_CHECKING:
    from analysis.checks.return_forecast.settings import Parameters

#: Standard normal quantiles: the arm of a 90% band, and 80% power.
_Z90, _Z20 = 1.6449, 0.8416

#: Windows looked ahead when asking how many would be enough.
MOST_WINDOWS = 1000


@dataclass(frozen=True)
class Reconstruction:
    """The regression of ten-year returns on the gap, on one basis.

    Attributes
    ----------
    gap : Series
        Log points by month; its last value is the forecast's starting point.
    null : NullRSquared
        Observed R² and slope beside their null.
    bands : dict of str to Band
        Predictive bands by view, annualised decimal returns.
    band_low, band_high : float
        Ends of the registered band in the bias-corrected view.
    """

    gap: pd.Series
    null: NullRSquared
    bands: Mapping[str, Band]
    band_low: float
    band_high: float

    @property
    def corrected(self) -> Band:
        """The bias-corrected view."""
        return self.bands["bias-corrected"]


def reconstruct(
    spread: pd.Series,
    gap: pd.Series,
    horizon: int,
    level: float,
    draws: int,
    seed: int,
    null: NullRSquared | None = None,
) -> Reconstruction | Refusal:
    """Rebuild the regression on one basis, or say why it cannot be done.

    `null` may be given where it is at hand for the same horizon, draws and seed.
    """
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    if null is None:
        null = null_r_squared(returns, gap, horizon, draws, seed)
    if isinstance(null, Refusal):
        return null
    now = float(gap.iloc[-1])
    bands = predictive_bands(
        returns, gap, horizon, now, level=level, draws=draws, seed=seed, null=null
    )
    if isinstance(bands, Refusal):
        return bands
    tail = (1.0 - level) / 2.0
    low, high = bands["bias-corrected"].quantile([tail, 1.0 - tail])
    return Reconstruction(gap, null, bands, float(low), float(high))


def projected_gap(
    rebuilt: Mapping[str, Reconstruction | Refusal], spread: pd.Series, parameters: Parameters
) -> Evidence | Refusal:
    """Claim bofa-9-vs-1: 9% a year for small caps against 1% for large over ten years.

    The less favourable basis counts: the smaller excess of R² and the outer ends of the bands.
    """
    refused = next((m for m in rebuilt.values() if isinstance(m, Refusal)), None)
    if refused is not None:
        return refused
    models = list(rebuilt.values())
    worst = min(models, key=lambda m: m.null.estimate - m.null.percentile_95)
    band = worst.corrected
    low, high = band.quantile([0.025, 0.975])
    windows = worst.null.effective_n
    years = parameters.horizon / 12
    chance = float((band.draws >= parameters.claimed_gap).mean())
    outside = "outside" if band.outside_sample else "inside"
    return Evidence(
        claim="bofa-9-vs-1",
        estimate=band.estimate,
        unit="decimal return a year, small minus large",
        ci_low=float(low),
        ci_high=float(high),
        p_value=max(m.null.p_value for m in models),
        n=worst.null.n,
        effective_n=windows,
        mde=float(_detectable(*_spreads(worst))),
        more_needed=_more_windows(worst, parameters),
        null="starting valuation says nothing about the next years; persistence and overlap stay",
        sample_start=str(worst.gap.index[0]),
        sample_end=str(worst.gap.index[-1]),
        finding=(
            f"Rebuilt on {int(windows)} separate {years:g}-year windows, the regression has an R²"
            f" of {worst.null.estimate:.2f} where no predictability gives {worst.null.median:.2f}"
            f" in the median and {worst.null.percentile_95:.2f} at the 95th percentile. From"
            f" today's gap, {band.predictor_z:+.1f} standard deviations from its mean and {outside}"
            f" the fitting sample, it projects {band.estimate:+.1%} a year after its bias"
            f" ({parameters.band:.0%} band {worst.band_low:+.1%} to {worst.band_high:+.1%}) and"
            f" gives the claimed {parameters.claimed_gap:.0%} a chance of {chance:.0%}."
        ),
        sensitivity=_views(rebuilt, parameters.claimed_gap),
        measures={
            "r2_excess": min(m.null.estimate - m.null.percentile_95 for m in models),
            "band_low": min(m.band_low for m in models),
            "band_high": max(m.band_high for m in models),
            "r_squared": worst.null.estimate,
            "r_squared_null_median": worst.null.median,
            "r_squared_null_95": worst.null.percentile_95,
            "chance_of_claim": chance,
        },
    )


def _spreads(model: Reconstruction) -> tuple[float, float]:
    """Standard deviations a year: of what one window leaves unexplained, and of the line."""
    years = model.null.horizon / 12
    away = model.corrected.current - float(model.gap.iloc[: -model.null.horizon].mean())
    slopes = model.null.slope_draws - model.null.slope_draws.mean()
    of_line = float(np.std(model.null.mean_draws + slopes * away)) / years
    return float(np.sqrt(max(np.var(model.corrected.draws) - of_line**2, 0.0))), of_line


def _detectable(of_window: float, of_line: float | np.ndarray) -> float | np.ndarray:
    """Projected gap whose 90% band leaves out zero in 80 of 100 samples.

    The band's arm is 1.645 standard deviations of window and line together; the projection itself
    moves with the line alone, and lies above its 20% quantile in 80 of 100 samples.
    """
    return _Z90 * np.sqrt(of_window**2 + of_line**2) + _Z20 * of_line


def _more_windows(model: Reconstruction, parameters: Parameters) -> str:
    """Windows until the claim would be detected: they shrink the error of the line alone."""
    of_window, of_line = _spreads(model)
    claimed, years = parameters.claimed_gap, parameters.horizon / 12
    windows = model.null.effective_n
    more = np.arange(MOST_WINDOWS)
    found = _detectable(of_window, of_line * np.sqrt(windows / (windows + more))) <= claimed
    if not found.any():
        return (
            f"no number of windows: what a single one leaves unexplained, {of_window:.1%} a year,"
            f" hides {claimed:.0%}"
        )
    if found[0]:
        return f"none: a projection of {claimed:.0%} a year would be told from zero already"
    return (
        f"{more[found][0]} more windows of {years:g} years before a projection of {claimed:.0%} a"
        " year would be told from zero"
    )


def implied_gaps(rebuilt: Mapping[str, Reconstruction | Refusal], claimed: float) -> pd.DataFrame:
    """The gap from which each view's line projects the claim, and how unusual it would be.

    Returns
    -------
    DataFrame
        Gaps in log points; distances in standard deviations of the fitting sample.
    """
    rows = []
    for basis, model in rebuilt.items():
        if isinstance(model, Refusal):
            continue
        mean, sd = float(model.gap.mean()), float(model.gap.std())
        for view, band in model.bands.items():
            slope = band.slope * 12.0 / band.horizon
            if view == "no predictability" or slope <= 0:
                continue
            needed = band.current + (claimed - band.estimate) / slope
            rows.append(
                {
                    "basis": basis,
                    "view": view,
                    "gap now": band.current,
                    "gap the claim needs": needed,
                    "standard deviations from the mean": (needed - mean) / sd,
                    "widest gap in the sample": float(model.gap.max()),
                }
            )
    return pd.DataFrame(rows)


def target_table(
    dataset: Dataset, predictors: Mapping[str, pd.Series], parameters: Parameters
) -> pd.DataFrame:
    """The same regression for absolute returns of small and large caps.

    Small caps are the three smallest size-value portfolios, large caps the three largest, both less
    the bill.
    """
    monthly, rows = dataset.monthly, []
    for side, prefix in (("small caps", "s1"), ("large caps", "s5")):
        columns = [f"{prefix}v{level}" for level in (1, 3, 5)]
        if not set(columns) <= set(monthly.columns):
            continue
        excess = (monthly[columns].mean(axis=1, skipna=False) - monthly["bill"]).dropna()
        for basis, gap in predictors.items():
            row = _target_row(excess, gap, parameters)
            if row is not None:
                rows.append({"target": f"{side} less the bill", "basis": basis, **row})
    return pd.DataFrame(rows)


def _target_row(excess: pd.Series, gap: pd.Series, parameters: Parameters) -> dict | None:
    months = excess.index.intersection(gap.index)
    if len(months) < 3 * parameters.horizon:
        return None
    null = null_r_squared(
        excess.loc[months], gap.loc[months], parameters.horizon, parameters.draws, parameters.seed
    )
    if isinstance(null, Refusal):
        return None
    return {
        "slope a year": null.slope * 12.0 / parameters.horizon,
        "R²": null.estimate,
        "R² null median": null.median,
        "R² null 95%": null.percentile_95,
        "p, R²": null.p_value,
        "windows": null.effective_n,
    }


def _views(rebuilt: Mapping[str, Reconstruction], claimed: float) -> str:
    parts = []
    for basis, model in rebuilt.items():
        for view, band in model.bands.items():
            chance = float((band.draws >= claimed).mean())
            parts.append(f"{basis} basis, {view}: {band.estimate:+.1%} a year, chance {chance:.0%}")
    return "; ".join(parts) + "."
