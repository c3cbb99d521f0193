"""Small minus large inside and outside recessions, by month and by phase."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.resampling import event_randomization
from analysis.panel import Dataset, small_minus_large
from analysis.panel.events import recession_phases
from analysis.results import Evidence, Refusal, first_refusal


def in_recessions(dataset: Dataset, claim: Claim, leg: str, seed: int) -> Evidence | Refusal:
    """Whether a recession hurts small caps more."""
    spread = small_minus_large(dataset.monthly, leg)
    flags = dataset.monthly["recession"].reindex(spread.index)
    months = int(flags.sum())
    if months < 12:
        return Refusal(f"only {months} recession months in the sample; 12 are needed")
    lags = int(claim.arguments["hac_lags"])
    slope, low, high, error = _indicator(spread, flags, lags)
    shift = event_randomization(
        spread, np.flatnonzero(flags), "shift", draws=len(spread), seed=seed
    )
    refused = first_refusal(shift)
    if refused is not None:
        return refused
    mean = 12.0 * spread[flags == 1].mean()
    spells = int(((flags.diff() == 1) | ((flags == 1) & (flags.index == flags.index[0]))).sum())
    more = more_events_needed(slope, error * np.sqrt(spells), spells, unit="recessions")
    return Evidence(
        claim=claim.id,
        estimate=slope,
        unit="decimal return a year",
        ci_low=low,
        ci_high=high,
        p_value=shift.p_value,
        n=len(spread),
        effective_n=float(spells),
        mde=minimum_detectable(error),
        more_needed=str(more),
        null="small minus large has the same mean inside and outside recessions",
        sample_start=str(spread.index[0]),
        sample_end=str(spread.index[-1]),
        finding=(
            f"In {months} recession months ({spells} recessions) small minus large ran at"
            f" {mean:+.1%} a year, {slope:+.1%} against all other months."
        ),
        measures={
            "recession_mean": mean,
            "difference": slope,
            "difference_low": low,
            "shift_p": shift.p_value,
        },
    )


def _indicator(spread: pd.Series, flags: pd.Series, lags: int) -> tuple[float, float, float, float]:
    """Annualised coefficient of the recession indicator, its 95% interval and standard error."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(flags)), flags.to_numpy()])
    fit = OLS(spread.to_numpy(), design).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    low, high = fit.conf_int()[1]
    return 12 * fit.params[1], 12 * low, 12 * high, 12 * fit.bse[1]


def phase_table(cycles: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    """Mean small-minus-large return by recession phase.

    Returns
    -------
    DataFrame
        ``phase``, ``months``, ``mean a year`` (twelve times the monthly mean), ``share won``.
    """
    phases = recession_phases(cycles, spread.index)
    grouped = spread.groupby(phases, observed=True)
    return (
        pd.DataFrame(
            {
                "months": grouped.size(),
                "mean a year": 12.0 * grouped.mean(),
                "share won": grouped.apply(lambda r: (r > 0).mean()),
            }
        )
        .rename_axis("phase")
        .reset_index()
    )
