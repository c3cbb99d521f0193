"""Evidence on mean reversion of the gap and on what follows a wide one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.checks.valuation_gap.spells import (
    HISTORY_MONTHS,
    independent_episodes,
    share_wide,
    wide_spells,
)
from analysis.claims import Claim
from analysis.inference.null_r_squared import NullRSquared, null_r_squared
from analysis.inference.out_of_sample import OutOfSample, out_of_sample
from analysis.inference.overlap import effective_windows
from analysis.inference.persistence import HalfLife, half_life, rho_confidence
from analysis.inference.power import more_events_needed
from analysis.inference.predictive import InstrumentedSlopes, ivx
from analysis.results import Evidence, Refusal

#: Month of the first out-of-sample forecast, counted from the beginning of the gap.
FIRST_FORECAST = 240

#: Coverage of the half-life's interval.
HALF_LIFE_LEVEL = 0.90

#: Coverage of the interval that stands beside every estimate.
SHOWN_LEVEL = 0.95

#: Months over which the gap's persistence is measured. Book values are renewed each June only;
#: between Junes the gap moves with returns alone and looks more lasting than it is.
STEP = 12

#: Quantile of the null slopes whose distance from their mean is the arm of the 95% interval.
_UPPER, _LOWER = 0.975, 0.025


@dataclass(frozen=True)
class BasisTests:
    """Everything estimated on one basis of the gap.

    Attributes
    ----------
    gap : Series
        Log points by month.
    null : NullRSquared
        Observed regression at the horizon beside its null.
    wald : InstrumentedSlopes
        IVX at the horizon.
    forecasts : OutOfSample or Refusal
    half_life : HalfLife
    short_p : float
        One-sided p-value of a half-life of at most twelve months.
    spells : DataFrame
        Spells of a wide gap.
    episodes : list of Period
        Independent ones.
    share_wide : float
    """

    gap: pd.Series
    null: NullRSquared
    wald: InstrumentedSlopes
    forecasts: OutOfSample | Refusal
    half_life: HalfLife
    short_p: float
    spells: pd.DataFrame
    episodes: list[pd.Period]
    share_wide: float

    @property
    def slope(self) -> float:
        """Slope freed of its mean bias under the null, return over the horizon a log point."""
        return self.null.slope - float(self.null.slope_draws.mean())

    def slope_bound(self, quantile: float) -> float:
        """End of the bias-corrected slope's interval."""
        draws = self.null.slope_draws
        return self.slope + float(np.quantile(draws, quantile) - draws.mean())

    @property
    def longest_wide(self) -> int:
        """Longest unbroken wide spell in months."""
        return int(self.spells["months"].max()) if len(self.spells) else 0


def examine_basis(
    spread: pd.Series,
    gap: pd.Series,
    horizon: int,
    wide: float,
    draws: int,
    seed: int,
    null: NullRSquared | None = None,
) -> BasisTests | Refusal:
    """All tests of one basis, or the first reason why they cannot be run.

    `null` may be given where it is at hand for the same horizon, draws and seed.
    """
    if len(gap) < FIRST_FORECAST:
        return Refusal(f"the gap has {len(gap)} months; {FIRST_FORECAST} are needed")
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    if null is None:
        null = null_r_squared(returns, gap, horizon, draws, seed)
    wald = ivx(returns, gap, horizon)
    decay = half_life(gap, HALF_LIFE_LEVEL, STEP)
    for result in (null, wald, decay):
        if isinstance(result, Refusal):
            return result
    first = gap.index[FIRST_FORECAST - 1]
    spells = wide_spells(gap, wide)
    return BasisTests(
        gap=gap,
        null=null,
        wald=wald,
        forecasts=out_of_sample(returns, gap, horizon, first, expected_sign=1),
        half_life=decay,
        short_p=short_half_life_p(gap),
        spells=spells,
        episodes=independent_episodes(spells, horizon),
        share_wide=share_wide(gap, wide),
    )


def short_half_life_p(gap: pd.Series, months: int = 12) -> float:
    """Confidence that the half-life is at most `months`, from the median-unbiased simulation."""
    levels = np.linspace(0.001, 0.999, 999)
    persistence = rho_confidence(gap, levels, STEP)
    short = persistence <= 0.5 ** (1.0 / months)
    return float(levels[short].max()) if short.any() else float(levels[0])


def after_wide_gaps(
    tests: Mapping[str, BasisTests | Refusal], spread: pd.Series, horizon: int
) -> Evidence | Refusal:
    """Claim gap-precedes-outperf: wide gaps come before years of small-cap outperformance.

    The less favourable basis counts for every measure.
    """
    refused = next((t for t in tests.values() if isinstance(t, Refusal)), None)
    if refused is not None:
        return refused
    unscored = next((t.forecasts for t in tests.values() if isinstance(t.forecasts, Refusal)), None)
    if unscored is not None:
        return unscored
    by_basis = list(tests.values())
    worst = max(by_basis, key=lambda test: test.null.p_t)
    n, windows = worst.null.n, worst.null.effective_n
    arm = max(test.slope_bound(_UPPER) - test.slope for test in by_basis)
    measures = {
        "slope": min(test.null.slope for test in by_basis),
        "ivx_p": max(test.wald.p_value for test in by_basis),
        "bootstrap_p": max(test.null.p_t for test in by_basis),
        "oos_r2": min(test.forecasts.estimate for test in by_basis),
        "clark_west": min(test.forecasts.clark_west for test in by_basis),
        "wide_episodes": min(len(test.episodes) for test in by_basis),
        "wide_episodes_complete": min(_complete(test, spread, horizon) for test in by_basis),
        "slope_high": max(test.slope_bound(_UPPER) for test in by_basis),
        "r_squared": worst.null.estimate,
        "r_squared_null_median": worst.null.median,
        "r_squared_null_95": worst.null.percentile_95,
    }
    # 2.80 standard errors are 1.43 times the arm of a 95% interval
    detectable = arm * 2.80 / 1.96
    more = (
        more_events_needed(worst.slope, arm / 1.96 * np.sqrt(windows), int(windows), unit="windows")
        if worst.slope
        else "no number of windows"
    )
    years = horizon / 12
    return Evidence(
        claim="gap-precedes-outperf",
        estimate=worst.slope,
        unit=f"decimal return over {horizon} months a log point of gap, bias-corrected",
        ci_low=worst.slope_bound(_LOWER),
        ci_high=worst.slope_bound(_UPPER),
        p_value=measures["bootstrap_p"],
        n=n,
        effective_n=windows,
        mde=detectable,
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
        sensitivity=_by_basis(tests),
        measures=measures,
    )


def stays_cheap(tests: Mapping[str, BasisTests | Refusal], claim: Claim) -> Evidence | Refusal:
    """Claim cheap-stays-cheap: small caps can look cheap for a long time."""
    refused = next((t for t in tests.values() if isinstance(t, Refusal)), None)
    if refused is not None:
        return refused
    by_basis = list(tests.values())
    least = min(by_basis, key=lambda test: test.half_life.ci_low)
    decay, shown = least.half_life, half_life(least.gap, SHOWN_LEVEL, STEP)
    long = int(claim.primary["long_months"])
    longest = min(test.longest_wide for test in by_basis)
    history = len(least.gap) - HISTORY_MONTHS + 1
    return Evidence(
        claim="cheap-stays-cheap",
        estimate=decay.estimate,
        unit="months",
        ci_low=shown.ci_low,
        ci_high=shown.ci_high,
        p_value=max(test.short_p for test in by_basis),
        n=decay.n,
        effective_n=float(effective_windows(decay.n, max(1, int(min(decay.ci_low, decay.n))))),
        mde=_detectable_life(decay),
        more_needed="more decades of history: the interval narrows with the number of half-lives",
        null=f"the gap halves within {long} months",
        sample_start=str(least.gap.index[0]),
        sample_end=str(least.gap.index[-1]),
        finding=(
            f"The gap's half-life is {_months(decay.estimate)} ({decay.level:.0%} interval"
            f" {_months(decay.ci_low)} to {_months(decay.ci_high)}); its longest unbroken stay in"
            f" the widest fifth lasted {longest} months, and it spent {least.share_wide:.0%} of"
            f" {history} months there."
        ),
        sensitivity=_lives_by_basis(tests),
        measures={
            "half_life_low": min(test.half_life.ci_low for test in by_basis),
            "half_life_high": max(test.half_life.ci_high for test in by_basis),
            "longest_wide_months": longest,
        },
    )


def _complete(test: BasisTests, spread: pd.Series, horizon: int) -> int:
    """Episodes whose following months have all passed: the others have no outcome yet."""
    return sum(month + horizon <= spread.index[-1] for month in test.episodes)


def _detectable_life(decay: HalfLife) -> float:
    """2.80 standard errors; the lower arm of a 90% interval is 1.645 of them."""
    if not np.isfinite(decay.estimate):
        return float("inf")
    return (decay.estimate - decay.ci_low) * 2.80 / 1.645


def _by_basis(tests: Mapping[str, BasisTests]) -> str:
    parts = [
        f"{basis} basis: slope {test.null.slope:.2f}, IVX p {test.wald.p_value:.2g}, bootstrap p"
        f" {test.null.p_t:.2g}, out-of-sample R² {test.forecasts.estimate:+.2f}"
        f" (Clark-West {test.forecasts.clark_west:.2f})"
        for basis, test in tests.items()
    ]
    return "; ".join(parts) + "."


def _lives_by_basis(tests: Mapping[str, BasisTests]) -> str:
    parts = [
        f"{basis} basis: {_months(t.half_life.estimate)}, longest wide spell"
        f" {t.longest_wide} months"
        for basis, t in tests.items()
    ]
    return "; ".join(parts) + "."


def _months(value: float) -> str:
    return "without limit" if np.isinf(value) else f"{value:.0f} months"
