"""What the data could have seen: power, minimum detectable effects, and events still needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd

from analysis.inference.long_run import mean_standard_error
from analysis.inference.resampling import EventRandomization
from analysis.inference.vectors import as_count, as_share, as_vector
from analysis.results import InputError, Result, first_refusal

FEWEST = 10
FEWEST_DRAWS = 100


@dataclass(frozen=True)
class Power(Result):
    """Smallest effect a two-sided test would find, and its power against a given effect.

    Attributes
    ----------
    mde : float
        Minimum detectable effect: found with probability `target`. An effect on a win rate is a
        difference from the base rate.
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


def power_of_proportion(
    base_rate: float,
    n: int,
    rate: float | None = None,
    alpha: float = 0.05,
    target: float = 0.8,
) -> Power:
    """Power of the exact binomial test of a win rate against a base rate.

    Parameters
    ----------
    base_rate : float
        Win rate under the null.
    n : int
        Independent events.
    rate : float, optional
        True win rate to give the power against; `effect` of the result is `rate` − `base_rate`.
    alpha, target : float
        Level (at most alpha/2 in each tail) and wanted power.

    Returns
    -------
    Power
        `mde` is the smallest excess above the base rate found with the wanted power; refused where
        not even a win rate of 1 is found.
    """
    from scipy.optimize import brentq

    base_rate, n = as_share(base_rate, "base_rate"), as_count(n, "n", 0)
    as_share(target, "target")
    if rate is not None and not 0 <= rate <= 1:
        raise InputError(f"rate: expected a probability, got {rate!r}")
    low, high = _critical_wins(base_rate, n, as_share(alpha, "alpha"))
    if high > n:
        return Power.refused(
            f"with {n} events not even winning every time differs from {base_rate:.0%}"
        )
    highest = brentq(lambda p: _rejects(p, n, low, high) - target, base_rate, 1.0)
    power = None if rate is None else _rejects(rate, n, low, high)
    effect = None if rate is None else rate - base_rate
    return Power(highest - base_rate, "probability", n, n, alpha, target, effect, power)


def power_of_event_study(
    null_means: np.ndarray | EventRandomization,
    effect: float | None = None,
    alpha: float = 0.05,
    target: float = 0.8,
    events: int | None = None,
    unit: str = "decimal return",
) -> Power:
    """Power of a randomisation test when every event adds the same effect.

    Parameters
    ----------
    null_means : ndarray, shape (placements,), or EventRandomization
        Mean outcome after random dates.
    effect : float, optional
        Effect to give the power against.
    alpha, target : float
        Two-sided level (alpha/2 in each tail) and wanted power.
    events : int, optional
        Number of events, needed with an array.
    unit : str
        Of the means, for print; an EventRandomization brings its own.

    Notes
    -----
    The observed mean is taken as a draw from the null distribution plus the effect; the test
    rejects outside the null's alpha/2 and 1 − alpha/2 quantiles. So MDE = q(1 − alpha/2) −
    q(1 − target).
    """
    if isinstance(null_means, EventRandomization):
        if (refusal := first_refusal(null_means)) is not None:
            return Power.refused(refusal)
        unit, events = null_means.unit, int(null_means.effective_n)
        null_means = null_means.null_means
    means = as_vector(null_means, "null_means")
    if events is None:
        raise InputError("events: give the number of events beside an array of null means")
    as_share(alpha, "alpha")
    as_share(target, "target")
    if len(means) < FEWEST_DRAWS:
        return Power.refused(
            f"{len(means)} random placements; {FEWEST_DRAWS} are needed for the power"
        )
    low, high = np.quantile(means, [alpha / 2, 1 - alpha / 2])
    mde = float(high - np.quantile(means, 1 - target))
    power = None
    if effect is not None:
        moved = means + effect
        power = float(((moved > high) | (moved < low)).mean())
    return Power(mde, unit, events, events, alpha, target, effect, power)


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
    """The years of :func:`more_years_needed` in words; empty where there is no effect."""
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


def _critical_wins(base_rate: float, n: int, alpha: float) -> tuple[int, int]:
    """Reject at no more than the first number of wins, or at no fewer than the second."""
    from scipy.stats import binom

    wins = np.arange(n + 2)
    low = int((binom.cdf(wins, n, base_rate) <= alpha / 2).cumprod().sum()) - 1
    high = int(wins[binom.sf(wins - 1, n, base_rate) <= alpha / 2][0])
    return low, high


def _rejects(rate: float, n: int, low: int, high: int) -> float:
    from scipy.stats import binom

    return float(binom.cdf(low, n, rate) + binom.sf(high - 1, n, rate))
