"""What a return difference earns beyond the factors it loads on."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from analysis.results import InputError

#: Factor models; one whose columns the data do not hold is left out.
MODELS: dict[str, tuple[str, ...]] = {
    "market": ("market_excess",),
    "three factors": ("market_excess", "smb", "hml"),
    "three factors and momentum": ("market_excess", "smb", "hml", "mom"),
    "five factors": ("market_excess", "smb", "hml", "rmw", "cma"),
}

#: A regression on fewer months is left out.
FEWEST_MONTHS = 60


def alpha_table(spreads: Mapping[str, pd.Series], factors: pd.DataFrame, lags: int) -> pd.DataFrame:
    """Alphas of every return difference under every model the data allow.

    Parameters
    ----------
    spreads : mapping of str to Series
        Monthly decimal differences of two portfolios: the bill drops out.
    factors : DataFrame
        Monthly decimal factor returns by the names of :data:`MODELS`; other columns are not read.
    lags : int
        Bartlett lags of the errors.

    Returns
    -------
    DataFrame
        ``difference, model, alpha, low, high, p, market beta, months``; alpha and its 95% interval
        are twelve times the monthly intercept, decimal.

    Raises
    ------
    InputError
        For a negative number of lags.

    References
    ----------
    Jensen, M. C. (1968), Journal of Finance 23. Fama, E. F. and French, K. R. (1993), Journal of
    Financial Economics 33; (2015), Journal of Financial Economics 116. Carhart, M. M. (1997),
    Journal of Finance 52. Newey, W. K. and West, K. D. (1987), Econometrica 55.
    """
    if lags < 0:
        raise InputError(f"lags: {lags} is negative; give the months of the errors' memory")
    rows = []
    for name, spread in spreads.items():
        for model, names in MODELS.items():
            if set(names) <= set(factors.columns):
                rows += _fit(name, model, spread, factors[list(names)], lags)
    columns = ["difference", "model", "alpha", "low", "high", "p", "market beta", "months"]
    return pd.DataFrame(rows, columns=columns)


def _fit(
    name: str, model: str, spread: pd.Series, factors: pd.DataFrame, lags: int
) -> list[dict[str, object]]:
    import statsmodels.api as sm

    joined = factors.assign(spread=spread).dropna()
    if len(joined) < FEWEST_MONTHS:
        return []
    design = sm.add_constant(joined[list(factors.columns)].to_numpy())
    fit = sm.OLS(joined["spread"].to_numpy(), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    low, high = fit.conf_int()[0]
    return [
        {
            "difference": name,
            "model": model,
            "alpha": 12.0 * float(fit.params[0]),
            "low": 12.0 * float(low),
            "high": 12.0 * float(high),
            "p": float(fit.pvalues[0]),
            "market beta": float(fit.params[1]),
            "months": len(joined),
        }
    ]
