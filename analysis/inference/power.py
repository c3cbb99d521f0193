"""What the data could have seen: power, minimum detectable effects, and events still needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from analysis.inference.long_run import mean_standard_error
from analysis.inference.vectors import as_count, as_share, as_vector
from analysis.results import InputError, Result

FEWEST = 10


@dataclass(frozen=True)
class Power(Result):
    """Smallest effect a two-sided test would find, and its power against a given effect.

    Attributes
    ----------
    mde : float
        Minimum detectable effect: found with probability `target`.
    unit : str
        Of `mde` and `effect`.
    n : int
        Observations or events.
    effective_n : float
        Independent observations they are worth.
    alpha, target : float
        Two-sided level, and wanted power.
    effect, power : float or None
        A given effect and the probability to find it.
    standard_error : float or None
        Of the estimate, where the test has one.
    """

    mde: float
    unit: str
    n: int
    effective_n: float
    alpha: float
    target: float
    effect: float | None = None
    power: float | None = None
    standard_error: float | None = None

    def __str__(self) -> str:
        line = (
            f"minimum detectable effect {self.mde:.4g} {self.unit} ({self.target:.0%} power,"
            f" two-sided {self.alpha:.0%}); n = {self.n}, effective n = {self.effective_n:.4g}"
        )
        if self.power is None:
            return line
        return f"{line}; power against {self.effect:.4g}: {self.power:.0%}"


@dataclass(frozen=True)
class EventsNeeded:
    """Events that would detect an effect.

    Attributes
    ----------
    total, more : int
        Needed in all, and beyond those there are.
    n : int
        Events there are.
    unit : str
        ``"events"``, ``"years"`` and so on.
    """

    total: int
    more: int
    n: int
    unit: str = "events"

    def __str__(self) -> str:
        if self.more == 0:
            return f"the {self.n} {self.unit} there are would suffice ({self.total} needed)"
        return f"{self.more} more {self.unit} ({self.total} in all)"


def power_of_mean(
    values: pd.Series | np.ndarray,
    effect: float | None = None,
    lags: int | None = None,
    alpha: float = 0.05,
    target: float = 0.8,
    unit: str = "per period",
) -> Power:
    """Power of a two-sided z-test of a mean with its Newey–West standard error.

    Parameters
    ----------
    values : array_like, shape (T,)
        The series whose variability the test will meet.
    effect : float, optional
        True mean to give the power against.
    lags : int, optional
        Bartlett lags; at least h − 1 for overlapping h-period returns. Automatic unless given.
    alpha, target : float
        Level and wanted power.
    unit : str
        Of `values`, for print.

    Notes
    -----
    MDE = (z₁₋α/₂ + z_target) · s.e., which leaves out the negligible rejections on the wrong side.

    References
    ----------
    Bloom, H. S. (1995), "Minimum detectable effects", Evaluation Review 19.
    """
    vector = as_vector(values, "values")
    if len(vector) < FEWEST:
        return Power.refused(f"{len(vector)} observations; {FEWEST} are needed to judge the power")
    if np.ptp(vector) == 0:
        raise InputError("values: constant, so the mean has no standard error")
    error, effective = mean_standard_error(vector, lags)
    power = None if effect is None else normal_power(effect, error, alpha)
    mde = _multiple(alpha, target) * error
    return Power(mde, unit, len(vector), effective, alpha, target, effect, power, error)


def normal_power(effect: float, standard_error: float, alpha: float = 0.05) -> float:
    """Probability that a two-sided z-test rejects when the true effect is `effect`."""
    from scipy.stats import norm

    if not standard_error > 0:
        raise InputError(f"standard_error: must be above zero, got {standard_error!r}")
    bar, shift = norm.ppf(1 - as_share(alpha, "alpha") / 2), effect / standard_error
    return float(norm.sf(bar - shift) + norm.cdf(-bar - shift))


def more_events_needed(
    effect: float,
    sd: float,
    n: int,
    alpha: float = 0.05,
    target: float = 0.8,
    unit: str = "events",
) -> EventsNeeded:
    """Events that would detect `effect` when one event's outcome has standard deviation `sd`.

    Parameters
    ----------
    effect, sd : float
        In the same unit; the sign of `effect` does not matter.
    n : int
        Independent events there are.
    alpha, target : float
        Two-sided level and wanted power.
    unit : str
        What is counted, for print.

    Notes
    -----
    total = ⌈((z₁₋α/₂ + z_target) · sd / effect)²⌉.
    """
    if effect == 0 or not np.isfinite(effect):
        raise InputError(f"effect: no number of events detects an effect of {effect!r}")
    if not sd > 0 or not np.isfinite(sd):
        raise InputError(f"sd: must be above zero and finite, got {sd!r}")
    as_count(n, "n", 0)
    total = ceil((_multiple(alpha, target) * sd / effect) ** 2)
    return EventsNeeded(total, max(0, total - n), n, unit)


def more_years_needed(effect: float, standard_error: float, months: int) -> EventsNeeded:
    """Years that would detect `effect`, whose standard error falls with their square root.

    Parameters
    ----------
    effect, standard_error : float
        In the same unit; the error is that of the months there are.
    months : int
    """
    years = months / 12
    return more_events_needed(effect, standard_error * np.sqrt(years), int(years), unit="years")


def years_to_detect(
    effect: float, standard_error: float, months: int, what: str = "a difference of the size found"
) -> str:
    """The years of :func:`more_years_needed` in words; empty where there is no effect.

    Parameters
    ----------
    effect : float
        Size that is to be seen, in the unit of the error.
    standard_error : float
        Of the estimate, from `months`.
    months : int
        Length of the sample.
    what : str
        What the effect is called in the sentence.
    """
    if effect == 0:
        return ""
    return f"{more_years_needed(effect, standard_error, months)} to detect {what}"


def minimum_detectable(standard_error: float, alpha: float = 0.05, target: float = 0.8) -> float:
    """Minimum detectable effect of a two-sided z-test: (z₁₋α/₂ + z_target) · s.e., 2.80 s.e.

    Parameters
    ----------
    standard_error : float
        Of the estimate; the result has its unit.
    alpha, target : float
        Two-sided level and wanted power.

    References
    ----------
    Bloom, H. S. (1995), "Minimum detectable effects", Evaluation Review 19.
    """
    if not standard_error > 0 or not np.isfinite(standard_error):
        raise InputError(f"standard_error: must be above zero and finite, got {standard_error!r}")
    return _multiple(alpha, target) * float(standard_error)


def _multiple(alpha: float, target: float) -> float:
    """z₁₋α/₂ + z_target: 2.80 at 5% and 80%."""
    from scipy.stats import norm

    as_share(alpha, "alpha")
    return float(norm.ppf(1 - alpha / 2) + norm.ppf(as_share(target, "target")))
