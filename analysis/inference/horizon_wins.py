"""How often one holding ends ahead of another after so many years, from mean and variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.inference.overlap import check_horizon, long_run_variance, values_of
from analysis.results import Estimate

#: Fewest months of returns.
FEWEST_MONTHS = 120


@dataclass(frozen=True, kw_only=True)
class HorizonWins(Estimate):
    """Share of windows of a length in which the first holding ends ahead.

    Attributes
    ----------
    score, error : float
        Mean log relative return over the window in its own standard deviations, and the standard
        error of that; the share is the normal distribution at the score.
    months_needed : float
        Length of a window that the share asked for would take; infinite where the mean is not
        above zero.
    """

    score: float
    error: float
    months_needed: float


def horizon_wins(relative: pd.Series, horizon: int, lags: int, share: float) -> HorizonWins:
    """Share of windows won, from the mean and the long-run variance of log relative returns.

    Windows of decades hardly repeat in a century, so counting them says little. A sum of many
    months is close to normal; its mean and variance grow with the months.

    Parameters
    ----------
    relative : Series
        Log return a month of one holding less that of the other.
    horizon : int
        Months of a window.
    lags : int
        Bartlett lags of the long-run variance, months; slow reversal within them counts.
    share : float
        Share whose length of window is asked for.

    Notes
    -----
    The score is √h·m/ω. Its variance is h/T for the mean and score²·(L + 1)/(3T) for ω, which a
    Bartlett window of L lags knows with 3T/(2(L + 1)) degrees of freedom (Priestley 1981, 6.2).
    """
    months, fewest = check_horizon(horizon), max(FEWEST_MONTHS, 2 * lags)
    values = values_of(relative, "relative") if len(relative) else np.empty(0)
    count = len(values)
    if count < fewest:
        return HorizonWins.refused(f"only {count} months of returns; {fewest} are needed")
    mean, deviation = float(values.mean()), long_run_deviation(values, lags)
    if np.ptp(values) < 1e-12:
        return HorizonWins.refused("the two holdings never differ by more or less than a constant")
    score = np.sqrt(months) * mean / deviation
    error = float(np.sqrt(months / count + score**2 * (lags + 1) / (3 * count)))
    wanted = float(ndtri(share))
    needed = (wanted * deviation / mean) ** 2 if mean > 0 else float("inf")
    low, high = (float(ndtr(score + side * 1.96 * error)) for side in (-1, 1))
    return HorizonWins(
        name=f"share of windows won, {months} months",
        estimate=float(ndtr(score)),
        unit="share of windows",
        null=f"at most {share:.0%} of windows are won",
        ci_low=low,
        ci_high=high,
        p_value=float(ndtr((wanted - score) / error)),
        n=count,
        effective_n=count / months,
        score=float(score),
        error=error,
        months_needed=needed,
    )


def long_run_deviation(values: NDArray[np.float64], lags: int) -> float:
    """Long-run standard deviation a month, the loss from taking off the mean made good.

    A Bartlett window of L lags about the sample's own mean falls short by (L + 1)/T.
    """
    kept = 1.0 - (lags + 1) / len(values)
    return float(np.sqrt(long_run_variance(values, lags) / kept))


def windows_lost(relative: pd.Series, horizon: int, starts: Any = None) -> tuple[int, int]:
    """Windows of a length that the first holding lost, and all of them.

    Parameters
    ----------
    relative : Series by month
        Log return of one holding less that of the other.
    horizon : int
    starts : Index, optional
        Months at whose end a window may begin; every one, and the start of the data, by default.
    """
    sums = np.concatenate([[0.0], np.cumsum(relative.to_numpy(float))])
    won = sums[horizon:] - sums[:-horizon] if len(sums) > horizon else np.empty(0)
    if starts is not None:
        begins = relative.index[: len(won)] - 1
        won = won[begins.isin(starts)]
    return int((won < 0).sum()), len(won)
