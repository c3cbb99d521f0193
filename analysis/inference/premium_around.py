"""A mean return a year before and since a month: how far it fell, and whether it is near zero."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pandas as pd

from analysis.inference.long_run import mean_standard_error
from analysis.inference.means import BeforeAfter, equivalence, mean_before_after
from analysis.results import Estimate, Result, first_refusal

MONTHS = 12

#: Five years on either side of a date: fewer say nothing about a mean with six HAC lags.
FEWEST_MONTHS = 60


@dataclass(frozen=True)
class PremiumAround(Result):
    """Mean return before and since a month, per year.

    Attributes
    ----------
    split : Period or None
        First month of the later sample; None where there is none.
    before, after : Estimate
        Annualised mean with its Newey–West interval and two-sided p-value of zero.
    fall : Estimate
        Earlier less later mean, annualised, with its 95% interval and the one-sided p-value of "the
        later mean is at least the earlier one".
    error_before, error_after, error_fall : float
        Standard errors of the annualised means and of their difference.
    margin : float
        Largest annual mean that counts as nothing.
    p_below : float
        One-sided p-value that the later mean is at least the margin.
    p_equivalence : float
        The larger of two one-sided p-values that the later mean lies outside the margin.
    """

    split: pd.Period | None
    before: Estimate
    after: Estimate
    fall: Estimate
    error_before: float
    error_after: float
    error_fall: float
    margin: float
    p_below: float
    p_equivalence: float


def premium_around(spread: pd.Series, split: pd.Period, margin: float, lags: int) -> PremiumAround:
    """Annualised mean before and since `split`, and its equivalence to zero since then.

    Parameters
    ----------
    spread : Series
        Decimal return a month, monthly PeriodIndex.
    split : Period
        First month that counts as later.
    margin : float
        Annual decimal return either side of zero.
    lags : int
        Newey–West lags.

    References
    ----------
    Schuirmann, D. J. (1987), "A comparison of the two one-sided tests procedure and the power
    approach", Journal of Pharmacokinetics and Biopharmaceutics 15.
    """
    earlier, later = spread[spread.index < split], spread[spread.index >= split]
    if min(len(earlier), len(later)) < FEWEST_MONTHS:
        return PremiumAround.refused(
            f"{len(earlier)} months before {split} and {len(later)} since;"
            f" {FEWEST_MONTHS} are needed on each side"
        )
    sides = mean_before_after(spread, split, lags=lags)
    near = equivalence(later, margin / MONTHS, lags=lags)
    refusal = first_refusal(sides, near)
    if refusal is not None:
        return PremiumAround.refused(refusal)
    errors = [MONTHS * mean_standard_error(one.to_numpy(), lags)[0] for one in (earlier, later)]
    return PremiumAround(
        split=split,
        before=_annual(sides.before),
        after=_annual(sides.after),
        fall=_fall(sides),
        error_before=errors[0],
        error_after=errors[1],
        error_fall=math.hypot(*errors),
        margin=margin,
        p_below=near.p_high,
        p_equivalence=max(near.p_low, near.p_high),
    )


def years_to_see(found: PremiumAround) -> float:
    """Later years after which a premium of nothing is told from the margin with 80% power.

    Notes
    -----
    A one-sided 5% test has 80% power when the margin is z(.95) + z(.80) standard errors of the
    later mean, whose variance falls as years are added.
    """
    from scipy.stats import norm

    errors = (norm.ppf(0.95) + norm.ppf(0.80)) * found.error_after / found.margin
    return float(found.after.n / MONTHS * errors**2)


def _fall(sides: BeforeAfter) -> Estimate:
    """Earlier less later mean a year, with the one-sided p-value that nothing fell."""
    half = 0.5 * float(sides.p_value or 0.0)
    return Estimate(
        name="earlier less later mean, Newey–West",
        estimate=-MONTHS * sides.estimate,
        unit="decimal return a year",
        null="the later mean is at least the earlier one",
        n=sides.n,
        effective_n=sides.effective_n,
        ci_low=-MONTHS * sides.ci_high,
        ci_high=-MONTHS * sides.ci_low,
        p_value=half if sides.estimate < 0 else 1.0 - half,
    )


def _annual(monthly: Estimate) -> Estimate:
    return replace(
        monthly,
        estimate=MONTHS * monthly.estimate,
        ci_low=MONTHS * monthly.ci_low,
        ci_high=MONTHS * monthly.ci_high,
        unit="decimal return a year",
    )
