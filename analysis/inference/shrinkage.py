"""Empirical Bayes: how much of the spread of many standardised estimates is noise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.results import InputError, Result

#: Fewer estimates are refused.
FEWEST = 5


@dataclass(frozen=True)
class Shrinkage(Result):
    """A normal prior for standardised estimates, and each estimate drawn towards its mean.

    Attributes
    ----------
    mean : float
        Of the prior, in standard errors.
    spread : float
        Standard deviation τ of the prior by marginal likelihood, in standard errors.
    spread_low, spread_high : float
        95% interval of τ (Q-profile, exact for standard errors of one).
    moment_spread : float
        τ by DerSimonian and Laird.
    noise_share : float
        Share of the spread's variance that is noise, 1 / (1 + τ²).
    p_value : float
        Of Cochran's Q: that all true values are the same.
    n : int
    shrunk, deviation : ndarray, shape (n,)
        Posterior mean, and its standard deviation with that of the prior's mean.
    """

    mean: float
    spread: float
    spread_low: float
    spread_high: float
    moment_spread: float
    noise_share: float
    p_value: float
    n: int
    shrunk: NDArray[np.float64] = field(repr=False)
    deviation: NDArray[np.float64] = field(repr=False)


def shrink(scores: ArrayLike) -> Shrinkage:
    """Fit a normal prior to estimates over their standard errors.

    Parameters
    ----------
    scores : array, shape (n,)
        z = estimate over standard error, each with an error of one.

    Raises
    ------
    InputError
        For a score that is missing or infinite.

    Notes
    -----
    z ~ N(θ, 1), θ ~ N(μ, τ²). With errors of one the marginal likelihood is largest at the mean of
    z and τ² = max(0, mean of (z − μ)² − 1); the posterior mean is μ + (1 − B)(z − μ) with
    B = 1 / (1 + τ²). The scores are taken as independent; those of claims tested on the same
    returns are not, and then the interval of τ is too narrow.

    References
    ----------
    Efron, B. and C. Morris (1975), "Data Analysis Using Stein's Estimator and Its Generalizations",
    JASA 70. DerSimonian, R. and N. Laird (1986), "Meta-analysis in Clinical Trials", Controlled
    Clinical Trials 7. Viechtbauer, W. (2007), "Confidence Intervals for the Amount of Heterogeneity
    in Meta-analysis", Statistics in Medicine 26.
    """
    z = np.asarray(scores, dtype=float)
    if not np.isfinite(z).all():
        raise InputError("scores: every standardised estimate must be a finite number")
    count = len(z)
    if count < FEWEST:
        return Shrinkage.refused(f"only {count} standardised estimates; {FEWEST} are needed")
    from scipy.stats import chi2
    from statsmodels.stats.meta_analysis import combine_effects

    mean = float(z.mean())
    q = float(((z - mean) ** 2).sum())
    variance = max(0.0, q / count - 1.0)
    low, high = (max(0.0, q / float(chi2.ppf(level, count - 1)) - 1.0) for level in (0.975, 0.025))
    noise = 1.0 / (1.0 + variance)
    moments = float(combine_effects(z, np.ones(count), method_re="dl").tau2)
    return Shrinkage(
        mean=mean,
        spread=float(np.sqrt(variance)),
        spread_low=float(np.sqrt(low)),
        spread_high=float(np.sqrt(high)),
        moment_spread=float(np.sqrt(max(0.0, moments))),
        noise_share=noise,
        p_value=float(chi2.sf(q, count - 1)),
        n=count,
        shrunk=mean + (1.0 - noise) * (z - mean),
        deviation=np.full(count, np.sqrt(1.0 - noise + noise / count)),
    )
