"""The line of one variable on another, with errors robust to unequal variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.results import Estimate


@dataclass(frozen=True, kw_only=True)
class RobustSlope(Estimate):
    """OLS slope of one variable on another.

    Attributes
    ----------
    intercept : float
        In the outcome's unit.
    standard_error : float
        Of the slope, robust to unequal variance.
    """

    intercept: float
    standard_error: float


def robust_slope(
    outcome: np.ndarray, predictor: np.ndarray, *, name: str = "OLS, HC1 errors", unit: str = ""
) -> RobustSlope:
    """OLS of `outcome` on a constant and `predictor`, with HC1 errors.

    Parameters
    ----------
    outcome, predictor : ndarray, shape (n,)
        Without NaN, n above two.
    name, unit : str
        Of the result, for print.

    Returns
    -------
    RobustSlope
        The 95% interval and the two-sided p-value are from Student's t with n − 2 degrees.

    References
    ----------
    MacKinnon, J. G. and H. White (1985), Journal of Econometrics 29, HC1.
    """
    import statsmodels.api as sm

    fit = sm.OLS(outcome, sm.add_constant(predictor)).fit(cov_type="HC1", use_t=True)
    low, high = fit.conf_int()[1]
    return RobustSlope(
        name=name,
        estimate=float(fit.params[1]),
        unit=unit,
        null="the slope is zero",
        n=len(outcome),
        effective_n=float(len(outcome)),
        ci_low=float(low),
        ci_high=float(high),
        p_value=float(fit.pvalues[1]),
        intercept=float(fit.params[0]),
        standard_error=float(fit.bse[1]),
    )
