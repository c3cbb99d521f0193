"""Win rates: the exact binomial interval and the test against a base rate."""

from __future__ import annotations

from analysis.inference.vectors import as_count, as_share
from analysis.results import Estimate, InputError


def binomial_interval(wins: int, n: int, base_rate: float = 0.5, level: float = 0.95) -> Estimate:
    """Exact binomial (Clopper–Pearson) interval of a win rate and its test against a base rate.

    Parameters
    ----------
    wins, n : int
        Successes and trials.
    base_rate : float
        Win rate under the null, strictly between 0 and 1.
    level : float
        Coverage.

    Raises
    ------
    InputError
        More wins than trials, or a rate or level outside (0, 1).

    References
    ----------
    Clopper, C. J. and E. S. Pearson (1934), "The use of confidence or fiducial limits illustrated
    in the case of the binomial", Biometrika 26.
    """
    from scipy.stats import binomtest

    wins, n = as_count(wins, "wins", 0), as_count(n, "n", 0)
    if wins > n:
        raise InputError(f"wins: {wins} of only {n} trials; give wins out of n")
    base_rate, level = as_share(base_rate, "base_rate"), as_share(level, "level")
    if n == 0:
        return Estimate.refused("no event, so no win rate")
    test = binomtest(wins, n, base_rate)
    interval = test.proportion_ci(level, method="exact")
    return Estimate(
        name="win rate, exact binomial",
        estimate=wins / n,
        unit="probability",
        null=f"win rate equal to the base rate {base_rate:.3g}",
        n=n,
        effective_n=n,
        ci_low=float(interval.low),
        ci_high=float(interval.high),
        level=level,
        p_value=float(test.pvalue),
    )
