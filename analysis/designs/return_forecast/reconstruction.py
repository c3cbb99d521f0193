"""The regression rebuilt on one gap: R² beside its null, bands, and what windows could show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.designs.registry import Sampling
from analysis.inference.bands import Band, predictive_bands
from analysis.inference.joint_histories import upper_share
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.null_r_squared import NullRSquared
from analysis.inference.power import minimum_detectable
from analysis.panel.gaps import GapSample
from analysis.results import Refusal, Result, first_refusal

#: Registered views of the slope: their names among the bands, and in a sentence.
VIEWS = {
    "ols": ("ols", "by least squares"),
    "bias_corrected": ("bias-corrected", "after its bias"),
    "no_predictability": ("no predictability", "without predictability"),
}

#: Windows looked ahead when asking how many would be enough.
MOST_WINDOWS = 1000


@dataclass(frozen=True)
class Reconstruction(Result):
    """The regression of later returns on the gap, on one basis.

    Attributes
    ----------
    gap : Series
        Log points by month; its last value is the forecast's starting point.
    null : NullRSquared
        Observed R² and slope beside their null.
    bands : mapping of str to Band
        Predictive bands by view, annualised decimal returns.
    view : str
        A key of :data:`VIEWS`: the one that is judged.
    level : float
        Coverage of the band.
    """

    gap: pd.Series
    null: NullRSquared
    bands: Mapping[str, Band]
    view: str
    level: float

    @property
    def band(self) -> Band:
        """The band of the view that is judged."""
        return self.bands[VIEWS[self.view][0]]

    @property
    def band_low(self) -> float:
        """Lower end of the band at its level."""
        return float(self.band.quantile((1.0 - self.level) / 2.0))

    @property
    def band_high(self) -> float:
        """Upper end of the band at its level."""
        return float(self.band.quantile(1.0 - (1.0 - self.level) / 2.0))

    @property
    def p_value(self) -> float:
        """Share of the samples without predictability whose R² reaches the observed one."""
        return math.nan if self.null.p_value is None else self.null.p_value

    def projection_p(self, least: float) -> float:
        """One-sided p-value of an expected return of at most `least` a year.

        The line's own error alone: that of the mean and of the slope, without what one window
        leaves unexplained.
        """
        null, band = self.null, self.band
        away = band.current - float(self.gap.iloc[: -null.horizon].mean())
        slopes = null.slope_draws - null.slope_draws.mean() if band.slope else 0.0
        errors = null.mean_draws + slopes * away
        return upper_share(errors, (band.estimate - least) * null.horizon / 12.0)

    @property
    def excess(self) -> float:
        """R² less the 95th percentile of what no predictability gives."""
        return self.null.estimate - self.null.percentile_95


def reconstruct(
    sample: GapSample,
    horizon: int,
    view: str,
    level: float,
    sampling: Sampling,
    others: Iterable[int] = (),
) -> Reconstruction:
    """Rebuild the regression on one basis, refused where it cannot be done.

    Parameters
    ----------
    sample : GapSample
    horizon : int
        Months forecast.
    view : str
        A key of :data:`VIEWS`.
    level : float
        Coverage of the band.
    sampling : Sampling
    others : iterable of int
        Horizons that are asked for later, for one bootstrap of all.
    """
    returns, gap = sample.returns, sample.gap
    refusal = first_refusal(sample, None if len(gap) else Refusal("no month has a gap"))
    if refusal is not None:
        return Reconstruction.refused(refusal.reason)
    null = drawn_nulls(returns, gap, (horizon, *others), sampling.draws, sampling.seed)[horizon]
    refusal = first_refusal(null)
    if refusal is not None:
        return Reconstruction.refused(refusal)
    bands = predictive_bands(
        returns,
        gap,
        horizon,
        float(gap.iloc[-1]),
        level=level,
        draws=sampling.draws,
        seed=sampling.seed,
        null=null,
    )
    refusal = first_refusal(*bands.values())
    if refusal is not None:
        return Reconstruction.refused(refusal)
    return Reconstruction(gap, null, bands, view, level)


def detectable(of_window: float, of_line: Any) -> Any:
    """2.80 standard errors of the forecast: of what a window leaves unexplained and of the line.

    Parameters
    ----------
    of_window : float
        Standard deviation a year of what one window leaves unexplained.
    of_line : float or array
        Standard deviation a year of the line.

    Returns
    -------
    float or array, decimal return a year
    """
    return minimum_detectable(1.0) * np.sqrt(of_window**2 + of_line**2)


def spreads(model: Reconstruction) -> tuple[float, float]:
    """Standard deviations a year: of what one window leaves unexplained, and of the line."""
    years = model.null.horizon / 12
    away = model.band.current - float(model.gap.iloc[: -model.null.horizon].mean())
    slopes = model.null.slope_draws - model.null.slope_draws.mean()
    of_line = float(np.std(model.null.mean_draws + slopes * away)) / years
    return float(np.sqrt(max(float(np.var(model.band.draws)) - of_line**2, 0.0))), of_line


def more_windows(model: Reconstruction, claimed: float) -> str:
    """Windows until the claim would be detected: they shrink the error of the line alone."""
    of_window, of_line = spreads(model)
    windows, years = model.null.effective_n, model.null.horizon / 12
    more = np.arange(MOST_WINDOWS)
    found = detectable(of_window, of_line * np.sqrt(windows / (windows + more))) <= claimed
    if not np.any(found):
        return (
            f"no number of windows: what a single one leaves unexplained, {of_window:.1%} a year,"
            f" hides {claimed:.0%}"
        )
    fewest = int(np.argmax(found))
    if fewest == 0:
        return f"none: {claimed:.0%} a year is more than 2.80 standard errors of the forecast"
    return (
        f"{fewest} more windows of {years:g} years before {claimed:.0%} a year is 2.80 standard"
        " errors of the forecast"
    )
