"""A core with a sleeve: weights that drift, are reset, and pay for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.results import InputError


@dataclass(frozen=True)
class Mix:
    """A portfolio of core and sleeve.

    Attributes
    ----------
    returns : ndarray, shape (T,)
        Decimal a month, after costs.
    traded : ndarray, shape (T,)
        Bought plus sold at the end of each month, as a share of the portfolio.
    """

    returns: np.ndarray
    traded: np.ndarray


def rebalance(core: np.ndarray, sleeve: np.ndarray, weight: float, months: int, cost: float) -> Mix:
    """Hold core and sleeve, let the weights drift, and reset them every `months` months.

    Parameters
    ----------
    core, sleeve : ndarray, shape (T,)
        Decimal returns a month.
    weight : float
        Of the sleeve after each reset, 0 to 1.
    months : int
        Between resets; the first at the end of month `months`.
    cost : float
        Share of the amount traded, what is sold and what is bought alike.

    Returns
    -------
    Mix
        Costs are taken from the return of the month at whose end the weights are reset; building
        the portfolio is free, as it is for the core.

    Raises
    ------
    InputError
        For a weight outside 0 to 1, fewer than one month between resets, or a negative cost.
    """
    if not 0 <= weight <= 1 or months < 1 or cost < 0:
        raise InputError(f"mix: weight {weight}, {months} months, cost {cost}: not a portfolio")
    place = np.arange(len(core))
    start = place - place % months
    held_core, held_sleeve = (
        share * np.exp(total[1:] - total[start])
        for share, total in ((1.0 - weight, _log_total(core)), (weight, _log_total(sleeve)))
    )
    value = held_core + held_sleeve
    before = np.where(place == start, 1.0, np.concatenate([[1.0], value[:-1]]))
    reset = place % months == months - 1
    traded = np.where(reset, 2.0 * np.abs(held_sleeve / value - weight), 0.0)
    return Mix(returns=value / before * (1.0 - cost * traded) - 1.0, traded=traded)


def _log_total(returns: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.log1p(returns))])
