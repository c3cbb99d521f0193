"""Tests of the size premium: around a date, near zero, at an unknown break, in two regimes."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.inference.breaks import SupWald, sup_wald
from analysis.inference.long_run import mean_standard_error
from analysis.inference.means import equivalence, mean_before_after
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.results import Estimate, Refusal

MONTHS = 12

#: Five years on either side of a date: fewer say nothing about a mean with six HAC lags.
FEWEST_MONTHS = 60

#: Calendar years that two means, two variances and two probabilities need.
FEWEST_YEARS = 30

UNKNOWN = "unknown_break"

_GRID_COLUMNS = (
    *("leg", "date", "split", "before", "before p"),
    *("since", "low", "high", "margin", "p equivalence"),
)


@dataclass(frozen=True)
class Premium:
    """Small minus large before and since a month, per year.

    Attributes
    ----------
    split : Period
        First month of the later sample.
    before, after : Estimate
        Annualised mean with its Newey–West interval and two-sided p-value of zero.
    error_after : float
        Standard error of the annualised later mean.
    margin : float
        Largest annual mean that counts as nothing.
    p_equivalence : float
        The larger of two one-sided p-values that the later mean lies outside the margin.
    """

    split: pd.Period
    before: Estimate
    after: Estimate
    error_after: float
    margin: float
    p_equivalence: float


@dataclass(frozen=True)
class Regimes:
    """Two regimes of the calendar year's small-minus-large return.

    Attributes
    ----------
    table : DataFrame
        ``regime, mean a year, standard deviation, years it lasts``, the higher mean first.
    path : DataFrame
        ``year, high``: smoothed probability of the regime with the higher mean.
    """

    table: pd.DataFrame
    path: pd.DataFrame


def premium_around(
    spread: pd.Series, split: pd.Period, margin: float, lags: int
) -> Premium | Refusal:
    """Annualised premium before and since `split`, and its equivalence to zero since then.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal a month, monthly PeriodIndex.
    split : Period
        First month that counts as later.
    margin : float
        Annual decimal return either side of zero.
    lags : int
        Newey–West lags.

    References
    ----------
    Banz, R. W. (1981), Journal of Financial Economics 9, for the date of publication; Schuirmann,
    D. J. (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, for the two one-sided tests.
    """
    earlier, later = spread[spread.index < split], spread[spread.index >= split]
    if min(len(earlier), len(later)) < FEWEST_MONTHS:
        return Refusal(
            f"{len(earlier)} months before {split} and {len(later)} since;"
            f" {FEWEST_MONTHS} are needed on each side"
        )
    sides = mean_before_after(spread, split, lags=lags)
    near = equivalence(later, margin / MONTHS, lags=lags)
    if isinstance(sides, Refusal) or isinstance(near, Refusal):
        return sides if isinstance(sides, Refusal) else near
    return Premium(
        split=split,
        before=_annual(sides.before),
        after=_annual(sides.after),
        error_after=MONTHS * mean_standard_error(later.to_numpy(), lags)[0],
        margin=margin,
        p_equivalence=float(near.p_value),
    )


def years_to_show(premium: Premium) -> float:
    """Years in all at which a premium of exactly zero is shown to be within the margin.

    Notes
    -----
    With a true mean of zero both one-sided 5% tests reject with probability 80% when margin / s.e.
    reaches z(.95) + z(.90); the variance of a mean falls with the number of years.

    References
    ----------
    Chow, S.-C., J. Shao and H. Wang (2008), Sample Size Calculations in Clinical Research, 3.1.3.
    """
    from scipy.stats import norm

    needed = (norm.ppf(0.95) + norm.ppf(0.90)) * premium.error_after / premium.margin
    return float(premium.after.n / MONTHS * needed**2)


def unknown_break(spread: pd.Series, lags: int) -> SupWald | Refusal:
    """The likeliest month of a break in the mean, and whether there was one at all."""
    known = spread.dropna()
    if len(known) < 2 * FEWEST_MONTHS:
        return Refusal(f"{len(known)} months; {2 * FEWEST_MONTHS} are needed to look for a break")
    return sup_wald(known, lags=lags)


def premium_grid(
    dataset: Dataset, grid: Mapping[str, tuple], lags: int, breaks: Mapping[str, SupWald | Refusal]
) -> pd.DataFrame:
    """The premium of every leg around every date and its equivalence at every margin.

    Parameters
    ----------
    dataset : Dataset
    grid : mapping
        ``leg``, ``published`` and ``margin`` of the claim.
    lags : int
    breaks : mapping of leg to SupWald or Refusal
        Where "unknown_break" splits each leg.

    Returns
    -------
    DataFrame
        ``leg, date`` (as in the grid), ``split, before, before p, since, low, high, margin,
        p equivalence``; legs and dates without enough months are left out.
    """
    rows = []
    for leg, date in itertools.product(breaks, grid["published"]):
        found = breaks[leg]
        if date == UNKNOWN and isinstance(found, Refusal):
            continue
        split = pd.Period(found.label if date == UNKNOWN else str(date), "M")
        spread = small_minus_large(dataset.monthly, leg).dropna()
        for margin in grid["margin"]:
            at = premium_around(spread, split, float(margin), lags)
            if isinstance(at, Premium):
                rows.append(
                    {
                        "leg": leg,
                        "date": str(date),
                        "split": str(split),
                        "before": at.before.estimate,
                        "before p": at.before.p_value,
                        "since": at.after.estimate,
                        "low": at.after.ci_low,
                        "high": at.after.ci_high,
                        "margin": float(margin),
                        "p equivalence": at.p_equivalence,
                    }
                )
    return pd.DataFrame(rows, columns=list(_GRID_COLUMNS))


def breaks_of(dataset: Dataset, legs: tuple[str, ...], lags: int) -> dict[str, SupWald | Refusal]:
    """The unknown break of every leg the data set has columns for."""
    open_legs = [leg for leg in legs if leg in legs_of(dataset.monthly)]
    return {leg: unknown_break(small_minus_large(dataset.monthly, leg), lags) for leg in open_legs}


def switching_regimes(spread: pd.Series) -> Regimes | Refusal:
    """Two Markov regimes, each with its own mean and variance, in calendar-year sums.

    Parameters
    ----------
    spread : Series
        Small minus large, decimal a month; incomplete calendar years are left out.

    References
    ----------
    Hamilton, J. D. (1989), Econometrica 57; Kim, C.-J. (1994), Journal of Econometrics 60, for
    the smoothed probabilities.
    """
    yearly = spread.groupby(spread.index.year).agg(["sum", "size"])
    sums = yearly.loc[yearly["size"] == MONTHS, "sum"]
    if len(sums) < FEWEST_YEARS:
        return Refusal(f"{len(sums)} full years; {FEWEST_YEARS} are needed to fit two regimes")
    fit = _fit_regimes(sums.to_numpy())
    if fit is None:
        return Refusal("the likelihood of the switching model has no maximum that could be found")
    stay = np.array([fit.params[0], 1.0 - fit.params[1]])
    means, deviations = fit.params[2:4], np.sqrt(fit.params[4:6])
    order = np.argsort(-means)
    table = pd.DataFrame(
        {
            "regime": ["higher mean", "lower mean"],
            "mean a year": means[order],
            "standard deviation": deviations[order],
            "years it lasts": 1.0 / (1.0 - stay[order]),
        }
    )
    high = fit.smoothed_marginal_probabilities[:, order[0]]
    return Regimes(table, pd.DataFrame({"year": sums.index.to_numpy(), "high": high}))


def _fit_regimes(sums: np.ndarray):
    """The fitted switching model in statsmodels' order of parameters, or None without a maximum."""
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = MarkovRegression(sums, k_regimes=2, switching_variance=True).fit(
                disp=False, maxiter=300
            )
        except np.linalg.LinAlgError:
            return None
    sound = np.isfinite(fit.params).all() and (fit.params[4:6] > 0).all()
    inside = (fit.params[:2] > 0).all() and (fit.params[:2] < 1).all()
    return fit if sound and inside and fit.mle_retvals["converged"] else None


def _annual(monthly: Estimate) -> Estimate:
    return replace(
        monthly,
        estimate=MONTHS * monthly.estimate,
        ci_low=MONTHS * monthly.ci_low,
        ci_high=MONTHS * monthly.ci_high,
        unit="decimal return a year",
    )
