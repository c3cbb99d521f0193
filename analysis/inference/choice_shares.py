"""Which choice moves an estimate most: its spread over a grid, divided among the choices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.results import InputError, Result

#: Names of what no single choice explains.
JOINTLY, OVERLAP = "combinations of choices", "choices that come together"


@dataclass(frozen=True, kw_only=True)
class ChoiceShares(Result):
    """The variance of the estimates of a grid, divided among its choices.

    Attributes
    ----------
    shares : Series, one entry a choice
        Share of the total sum of squares that is lost when the choice is taken out of the model of
        all main effects, largest first; 0 to 1.
    overlap : float
        Share that main effects explain and no single one of them alone: zero on a full grid; it can
        be negative where choices hide each other.
    jointly : float
        Share no main effect explains: it takes combinations of choices.
    n : int
        Specifications with an estimate.
    spread : float
        Largest less smallest estimate, in the estimates' unit.
    """

    shares: pd.Series = field(repr=False)
    overlap: float
    jointly: float
    n: int
    spread: float

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
        return (
            f"spread of {self.n} estimates: {parts}; {JOINTLY} {self.jointly:.0%},"
            f" {OVERLAP} {self.overlap:.0%}"
        )


def choice_shares(choices: pd.DataFrame, estimates: pd.Series) -> ChoiceShares:
    """Divide the spread of estimates among the choices that led to them.

    A regression of the estimates on a dummy for every alternative of every choice, main effects
    alone; each choice's share is its sum of squares beyond all the others (type II of Yates), as a
    part of the total.

    Parameters
    ----------
    choices : DataFrame, shape (specifications, choices)
        The alternative taken; any hashable values. Choices that do not vary are left out.
    estimates : Series, shape (specifications,)
        On the same index, finite.

    Raises
    ------
    InputError
        For another index, or an estimate that is not finite.

    References
    ----------
    Yates, F. (1934), "The analysis of multiple classifications with unequal numbers in the
    different classes", Journal of the American Statistical Association 29. Simonsohn, U., J. P.
    Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature Human Behaviour 4.
    """
    if not choices.index.equals(estimates.index):
        raise InputError("choices and estimates have different rows; give both on one index")
    values = estimates.to_numpy(dtype=float)
    if not np.isfinite(values).all():
        raise InputError("an estimate is not finite; leave out the specifications without one")
    varied = [name for name in choices if len(choices[name].unique()) > 1]
    total = float(((values - values.mean()) ** 2).sum()) if len(values) else 0.0
    if not varied or np.isclose(total, 0.0, atol=1e-24):
        return ChoiceShares.refused("the estimates of the grid do not differ by any choice")
    dummies = {
        name: pd.get_dummies(choices[name].astype(str), drop_first=True, dtype=float)
        for name in varied
    }
    left = _unexplained(values, dummies)
    beyond = {
        name: _unexplained(values, {k: one for k, one in dummies.items() if k != name}) - left
        for name in varied
    }
    shares = pd.Series(beyond, dtype=float).clip(lower=0.0) / total
    jointly = left / total
    return ChoiceShares(
        shares=shares.sort_values(ascending=False, kind="stable"),
        overlap=1.0 - jointly - float(shares.sum()),
        jointly=jointly,
        n=len(values),
        spread=float(values.max() - values.min()),
    )


def _unexplained(values: np.ndarray, dummies: dict[str, pd.DataFrame]) -> float:
    """Residual sum of squares of a regression on a constant and some dummies."""
    from statsmodels.regression.linear_model import OLS

    columns = [np.ones((len(values), 1)), *(one.to_numpy() for one in dummies.values())]
    return float(OLS(values, np.hstack(columns)).fit().ssr)
