"""A mean return a year before and since a month, and whether the later one is near zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from analysis.inference.long_run import mean_standard_error
from analysis.inference.means import equivalence, mean_before_after
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
    error_after : float
        Standard error of the annualised later mean.
    margin : float
        Largest annual mean that counts as nothing.
    p_equivalence : float
        The larger of two one-sided p-values that the later mean lies outside the margin.
    """

    split: pd.Period | None
    before: Estimate
    after: Estimate
    error_after: float
    margin: float
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
    return PremiumAround(
        split=split,
        before=_annual(sides.before),
        after=_annual(sides.after),
        error_after=MONTHS * mean_standard_error(later.to_numpy(), lags)[0],
        margin=margin,
        p_equivalence=max(near.p_low, near.p_high),
    )


def years_to_show(found: PremiumAround) -> float:
    """Years in all at which a mean of exactly zero is shown to be within the margin.

    Notes
    -----
    With a true mean of zero both one-sided 5% tests reject with probability 80% when margin / s.e.
    reaches z(.95) + z(.90); the variance of a mean falls with the number of years.

    References
    ----------
    Chow, S.-C., J. Shao and H. Wang (2008), Sample Size Calculations in Clinical Research, 3.1.3.
    """
    from scipy.stats import norm

    needed = (norm.ppf(0.95) + norm.ppf(0.90)) * found.error_after / found.margin
    return float(found.after.n / MONTHS * needed**2)


def _annual(monthly: Estimate) -> Estimate:
    return replace(
        monthly,
        estimate=MONTHS * monthly.estimate,
        ci_low=MONTHS * monthly.ci_low,
        ci_high=MONTHS * monthly.ci_high,
        unit="decimal return a year",
    )
