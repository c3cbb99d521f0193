"""What a return difference earns beyond chosen factors, with its interval and the series left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.results import Estimate, InputError

#: Fewer months are refused.
FEWEST_MONTHS = 120


@dataclass(frozen=True, kw_only=True)
class FactorAlpha(Estimate):
    """Mean return a year that factors leave over.

    Attributes
    ----------
    error : float
        Standard error, decimal a year.
    raw : float
        Mean without factors, decimal a year.
    betas : tuple of float
        Loadings, in the order of the factors.
    left : Series
        Return a month less loadings times factors; its mean is the alpha a month.
    """

    error: float
    raw: float
    betas: tuple[float, ...]
    left: pd.Series


def factor_alpha(spread: pd.Series, factors: pd.DataFrame, lags: int) -> FactorAlpha:
    """Intercept of a regression on factors, twelve times the month's, with Newey–West errors.

    Parameters
    ----------
    spread : Series by month
        Decimal return difference.
    factors : DataFrame by month
        Decimal factor returns; months in which one is missing are left out.
    lags : int

    Raises
    ------
    InputError
        For a negative number of lags, or no factor.

    References
    ----------
    As :func:`analysis.inference.alphas.alpha_table`.
    """
    import statsmodels.api as sm

    if lags < 0 or factors.shape[1] == 0:
        raise InputError(f"lags: {lags}, factors: {factors.shape[1]}; give at least 0 and 1")
    joined = factors.assign(spread=spread).dropna()
    if len(joined) < FEWEST_MONTHS:
        return FactorAlpha.refused(f"only {len(joined)} months; {FEWEST_MONTHS} are needed")
    known = joined[list(factors.columns)].to_numpy(float)
    y = joined["spread"].to_numpy(float)
    fit = sm.OLS(y, sm.add_constant(known)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    low, high = fit.conf_int()[0]
    betas = np.asarray(fit.params[1:], dtype=float)
    return FactorAlpha(
        name="alpha",
        estimate=12.0 * float(fit.params[0]),
        unit="decimal return a year",
        null="the factors leave nothing over",
        ci_low=12.0 * float(low),
        ci_high=12.0 * float(high),
        p_value=float(fit.pvalues[0]),
        n=len(joined),
        effective_n=float(len(joined)),
        error=12.0 * float(fit.bse[0]),
        raw=12.0 * float(y.mean()),
        betas=tuple(float(one) for one in betas),
        left=pd.Series(y - known @ betas, index=joined.index),
    )
