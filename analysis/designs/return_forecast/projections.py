"""What each view of the slope projects, what it would need, and R² at other horizons."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.designs.registry import Sampling
from analysis.designs.return_forecast.reconstruction import Reconstruction
from analysis.inference.null_cache import drawn_nulls
from analysis.panel.gaps import GapSample
from analysis.results import first_refusal

#: Horizons at which R² stands beside its null, in months.
HORIZONS = (1, 12, 24, 36, 60, 84, 120)


def r_squared_by_horizon(samples: Mapping[str, GapSample], sampling: Sampling) -> pd.DataFrame:
    """R² of the regression beside its null, by basis and horizon."""
    rows = []
    for basis, sample in samples.items():
        usable = [h for h in HORIZONS if len(sample.gap) > 3 * h + 24]
        nulls = drawn_nulls(sample.returns, sample.gap, usable, sampling.draws, sampling.seed)
        for months, null in nulls.items():
            if first_refusal(null) is None:
                numbers = {
                    "R²": null.estimate,
                    "null median": null.median,
                    "null 95%": null.percentile_95,
                    "p": null.p_value,
                    "windows": null.effective_n,
                }
                rows.append({"basis": basis, "months": months, **numbers})
    return pd.DataFrame(rows)


def band_table(rebuilt: Mapping[str, Reconstruction], claimed: float) -> pd.DataFrame:
    """Predictive band under each view of the slope, by basis."""
    rows = []
    for basis, model in rebuilt.items():
        for view, band in model.bands.items():
            low, middle, high = band.quantile([0.05, 0.5, 0.95])
            rows.append(
                {
                    "basis": basis,
                    "view": view,
                    "5%": low,
                    "median": middle,
                    "95%": high,
                    "share at or above the claim": band.probability(claimed),
                }
            )
    return pd.DataFrame(rows)


def implied_gaps(rebuilt: Mapping[str, Reconstruction], claimed: float) -> pd.DataFrame:
    """The gap from which each view's line projects the claim, and how unusual it would be.

    Returns
    -------
    DataFrame
        Gaps in log points; distances in standard deviations of the fitting sample.
    """
    rows = []
    for basis, model in rebuilt.items():
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
