"""Means with honest intervals: before and after a date, and shown to be small.

Two one-sided tests give evidence that a mean is small; a mean merely undetected is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.inference.long_run import mean_standard_error
from analysis.inference.vectors import as_count, as_share, as_vector
from analysis.results import Estimate, InputError

FEWEST = 10


@dataclass(frozen=True, kw_only=True)
class Equivalence(Estimate):
    """Is the mean inside the margins? `p_value` is the larger of the two one-sided ones.

    The interval has coverage 1 − 2 alpha; it lies within the margins exactly when `equivalent`.

    Attributes
    ----------
    low, high : float
        The margins.
    equivalent : bool
        The mean is shown to lie between them.
    p_low, p_high : float
        Of "the mean is at most `low`" and "the mean is at least `high`".
    """

    low: float
    high: float
    equivalent: bool
    p_low: float
    p_high: float


@dataclass(frozen=True, kw_only=True)
class BeforeAfter(Estimate):
    """Mean after a known date less the mean before it.

    Attributes
    ----------
    before, after : Estimate
        The two means with their own intervals.
    """

    before: Estimate
    after: Estimate


def equivalence(
    values: pd.Series | np.ndarray,
    margin: float | tuple[float, float],
    alpha: float = 0.05,
    lags: int | None = None,
    method: str = "hac",
    draws: int = 2000,
    seed: int = 0,
) -> Equivalence:
    """Two one-sided tests that a mean lies within a margin around zero.

    Parameters
    ----------
    values : array_like, shape (T,)
        E.g. monthly decimal returns.
    margin : float or (float, float)
        Largest mean that counts as nothing, either way; or a lower and an upper bound.
    alpha : float
        Level of each one-sided test, below one half.
    lags : int, optional
        Bartlett lags for ``"hac"``; automatic unless given.
    method : {"hac", "bootstrap"}
        Standard error of the mean: Newey–West, or the stationary bootstrap.
    draws, seed : int
        Of the bootstrap.

    Raises
    ------
    InputError
        NaN, a constant series, or margins in the wrong order.

    References
    ----------
    Schuirmann, D. J. (1987), "A comparison of the two one-sided tests procedure and the power
    approach", Journal of Pharmacokinetics and Biopharmaceutics 15.
    """
    from scipy.stats import t

    vector = as_vector(values, "values")
    low, high = (-margin, margin) if isinstance(margin, int | float | np.number) else margin
    if not low < high:
        raise InputError("margin: give a positive number, or a lower and a higher bound")
    if as_share(alpha, "alpha") >= 0.5:
        raise InputError("alpha: must be below 0.5")
    if len(vector) < FEWEST:
        return Equivalence.refused(
            f"{len(vector)} observations; {FEWEST} are needed for an equivalence test"
        )
    if np.ptp(vector) == 0:
        raise InputError("values: constant, so the mean has no standard error")
    error, effective = _standard_error(vector, lags, method, draws, seed)
    mean, df = float(vector.mean()), len(vector) - 1
    p_low, p_high = float(t.sf((mean - low) / error, df)), float(t.cdf((mean - high) / error, df))
    reach = float(t.ppf(1 - alpha, df)) * error
    return Equivalence(
        name="equivalence, two one-sided tests",
        estimate=mean,
        unit="per period",
        null=f"the mean is at most {low:.4g} or at least {high:.4g}",
        n=len(vector),
        effective_n=effective,
        ci_low=mean - reach,
        ci_high=mean + reach,
        level=1 - 2 * alpha,
        p_value=max(p_low, p_high),
        low=float(low),
        high=float(high),
        equivalent=max(p_low, p_high) <= alpha,
        p_low=p_low,
        p_high=p_high,
    )


def mean_before_after(
    values: pd.Series | np.ndarray, split: object, lags: int | None = None, level: float = 0.95
) -> BeforeAfter:
    """Means on either side of a known date, and their difference, with HAC intervals.

    Parameters
    ----------
    values : array_like, shape (T,)
        E.g. monthly decimal returns.
    split : int or index label
        First observation after the date: an index label for a Series (need not be in the index),
        else a position.
    lags : int, optional
        Bartlett lags, automatic on each side unless given.
    level : float
        Coverage of the intervals.
    """
    vector = as_vector(values, "values")
    if isinstance(values, pd.Series):
        position = int(values.index.searchsorted(split))
    else:
        position = as_count(split, "split", 0)
    sides = vector[:position], vector[position:]
    if min(map(len, sides)) < FEWEST:
        return BeforeAfter.refused(
            f"{len(sides[0])} observations before the date and {len(sides[1])} after;"
            f" {FEWEST} are needed on each side"
        )
    if min(map(np.ptp, sides)) == 0:
        raise InputError("values: constant on one side of the date, so there is no standard error")
    before, after = (
        _mean(side, name, lags, level)
        for side, name in zip(sides, ("before", "after"), strict=True)
    )
    one, other = (mean_standard_error(side, lags)[0] for side in sides)
    return _difference(before, after, float(np.hypot(one, other)), level)


def _mean(side: np.ndarray, name: str, lags: int | None, level: float) -> Estimate:
    from scipy.stats import norm

    error, effective = mean_standard_error(side, lags)
    reach, centre = norm.ppf(0.5 + level / 2) * error, float(side.mean())
    return Estimate(
        name=f"mean {name}, Newey–West",
        estimate=centre,
        unit="per period",
        null="mean of zero",
        n=len(side),
        effective_n=effective,
        ci_low=centre - reach,
        ci_high=centre + reach,
        level=level,
        p_value=float(2 * norm.sf(abs(centre) / error)),
    )


def _difference(before: Estimate, after: Estimate, error: float, level: float) -> BeforeAfter:
    from scipy.stats import norm

    change, reach = after.estimate - before.estimate, norm.ppf(0.5 + level / 2) * error
    return BeforeAfter(
        name="mean after less mean before, Newey–West",
        estimate=change,
        unit="per period",
        null="equal means",
        n=before.n + after.n,
        effective_n=before.effective_n + after.effective_n,
        ci_low=change - reach,
        ci_high=change + reach,
        level=level,
        p_value=float(2 * norm.sf(abs(change) / error)),
        before=before,
        after=after,
    )


def _standard_error(
    vector: np.ndarray, lags: int | None, method: str, draws: int, seed: int
) -> tuple[float, float]:
    if method == "hac":
        return mean_standard_error(vector, lags)
    if method != "bootstrap":
        raise InputError(f"method: unknown {method!r}; one of hac, bootstrap")
    from analysis.inference.bootstrap import paired_stationary_bootstrap

    drawn = paired_stationary_bootstrap(
        vector, np.zeros_like(vector), draws=as_count(draws, "draws", 2), seed=seed
    )
    return drawn.standard_error, drawn.effective_n
