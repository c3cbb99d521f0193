"""Two Markov regimes of a yearly return, each with its own mean and variance."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.results import Result

MONTHS = 12

#: Calendar years that two means, two variances and two probabilities need.
FEWEST_YEARS = 30


@dataclass(frozen=True)
class Regimes(Result):
    """Two regimes of the calendar year's return.

    Attributes
    ----------
    table : DataFrame
        ``regime, mean a year, standard deviation, years it lasts``, the higher mean first.
    path : DataFrame
        ``year, high``: smoothed probability of the regime with the higher mean.
    """

    table: pd.DataFrame
    path: pd.DataFrame


def switching_regimes(spread: pd.Series) -> Regimes:
    """Two Markov regimes, each with its own mean and variance, in calendar-year sums.

    Parameters
    ----------
    spread : Series
        Decimal return a month; incomplete calendar years are left out.

    References
    ----------
    Hamilton, J. D. (1989), Econometrica 57; Kim, C.-J. (1994), Journal of Econometrics 60, for
    the smoothed probabilities.
    """
    yearly = spread.groupby(spread.index.year).agg(["sum", "size"])
    sums = yearly.loc[yearly["size"] == MONTHS, "sum"]
    if len(sums) < FEWEST_YEARS:
        return Regimes.refused(
            f"{len(sums)} full years; {FEWEST_YEARS} are needed to fit two regimes"
        )
    fit = _fit(sums.to_numpy())
    if fit is None:
        return Regimes.refused(
            "the likelihood of the switching model has no maximum that could be found"
        )
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


def _fit(sums: np.ndarray) -> Any:
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
