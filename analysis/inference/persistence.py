"""How long a gap lasts: first-order autoregressions, their bias, half-lives and unit-root tests."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.inference.overlap import Vector, constant, values_of
from analysis.results import Estimate, InputError, Refusal

MINIMUM_MONTHS = 20
QUANTILE_DRAWS = 2000
QUANTILE_SEED = 1993


@dataclass(frozen=True, kw_only=True)
class HalfLife(Estimate):
    """Half-life of a shock in months; `estimate` is the median-unbiased one, `ci_high` may be inf.

    Attributes
    ----------
    half_life_ols : float
        Half-life of the least-squares autoregression, too short on average.
    rho_ols, rho : float
        Least-squares and median-unbiased persistence.
    rho_low, rho_high : float
        Interval of the persistence at `level`; 1 where a unit root cannot be told apart.
    """

    half_life_ols: float
    rho_ols: float
    rho: float
    rho_low: float
    rho_high: float


@dataclass(frozen=True, kw_only=True)
class UnitRootTest(Estimate):
    """One test of the battery; `estimate` is its statistic.

    Attributes
    ----------
    critical_value : float
        At 5%.
    lags : int
        Lags used.
    """

    critical_value: float
    lags: int

    @property
    def statistic(self) -> float:
        """The test statistic."""
        return self.estimate


@dataclass(frozen=True, kw_only=True)
class VarianceRatio(Estimate):
    """Variance of q-period changes over q times that of one-period changes; 1 for a random walk.

    Attributes
    ----------
    horizon : int
        q.
    z_stat : float
        Robust to heteroskedasticity.
    """

    horizon: int
    z_stat: float


def kendall_bias(rho: float, n: int) -> float:
    """Bias −(1 + 3ρ)/n of least-squares persistence with an intercept, to order 1/n.

    Parameters
    ----------
    rho : float
        First-order autocorrelation, −1 to 1.
    n : int
        Observations.

    References
    ----------
    Kendall (1954), "Note on Bias in the Estimation of Autocorrelation", Biometrika 41.
    """
    return -(1 + 3 * rho) / n


def corrected_rho(rho: float, n: int) -> float:
    """Persistence after the second-order correction ρ + (1 + 3ρ)/n + 3(1 + 3ρ)/n².

    References
    ----------
    Amihud and Hurvich (2004), "Predictive Regressions: A Reduced-Bias Estimation Method",
    Journal of Financial and Quantitative Analysis 39.
    """
    return rho - kendall_bias(rho, n) * (1 + 3 / n)


def autoregression(series: ArrayLike | pd.Series, step: int = 1) -> tuple[float, float, Vector]:
    """Intercept, slope and residuals, shape (n - step,), of x(t) on x(t-step)."""
    x = values_of(series, "series")
    before, after = x[:-step], x[step:]
    centred = before - before.mean()
    rho = float(centred @ after / (centred @ centred))
    intercept = float(after.mean() - rho * before.mean())
    return intercept, rho, after - intercept - rho * before


def half_life(series: ArrayLike | pd.Series, level: float = 0.90, step: int = 1) -> HalfLife:
    """Half-life of deviations, from a median-unbiased first-order autoregression.

    Parameters
    ----------
    series : Series or array, shape (n,)
        Any unit, one value a month.
    level : float
        Coverage of the interval.
    step : int
        Months over which the persistence is measured: x(t) on x(t-step), every month, and the
        step-th root. Twelve for a series that is renewed once a year, whose monthly changes in
        between say nothing about the renewal.

    Returns
    -------
    HalfLife
        `p_value` is one-sided: how often a unit root gives a persistence this low.

    Raises
    ------
    InputError
        Values missing inside, or a level outside 0 to 1.

    References
    ----------
    Andrews (1993), "Exactly Median-Unbiased Estimation of First Order Autoregressive/Unit Root
    Models", Econometrica 61: the estimate is the persistence whose median
    least-squares estimate is the observed one; the ends of the interval use the other quantiles.
    """
    if not 0 < level < 1:
        raise InputError(f"level: expected a number between 0 and 1, got {level!r}")
    x = values_of(series, "series")
    refusal = _unfit(x, step)
    if refusal is not None:
        return HalfLife.refused(refusal)
    slope = autoregression(x, step)[1]
    if step == 1 and slope < 0:
        return HalfLife.refused(
            f"the autocorrelation is negative ({slope:.2f}): deviations turn over from month to"
            " month and do not fade by halves"
        )
    rho_ols = slope if step == 1 else max(slope, 0.0) ** (1.0 / step)
    grid, sorted_estimates = ols_distribution(len(x), step=step)
    low, rho, high = (
        _invert(grid, np.quantile(sorted_estimates, q, axis=1), slope)
        for q in ((1 + level) / 2, 0.5, (1 - level) / 2)
    )
    months = _months(rho)
    return HalfLife(
        name="half-life, median-unbiased AR(1)" + (f", over {step} months" if step > 1 else ""),
        estimate=months,
        unit="months",
        null="a unit root: deviations never fade (one-sided)",
        n=len(x) - step,
        effective_n=len(x) / max(months, 1.0),
        ci_low=_months(low),
        ci_high=_months(high),
        level=level,
        p_value=float((1 + np.sum(sorted_estimates[-1] <= slope)) / (1 + QUANTILE_DRAWS)),
        half_life_ols=_months(rho_ols),
        rho_ols=rho_ols,
        rho=rho,
        rho_low=low,
        rho_high=high,
    )


def rho_confidence(
    series: ArrayLike | pd.Series, probabilities: ArrayLike, step: int = 1
) -> Vector:
    """Quantiles of the confidence distribution of the persistence: .5 gives the unbiased median.

    The persistence at probability p is that of which a share 1 - p of samples gives a
    least-squares estimate as low as the observed one; what is left over sits at a unit root. `step`
    as in :func:`half_life`.

    References
    ----------
    Andrews (1993), Econometrica 61: the ends of his intervals, for every level at once.
    """
    from scipy.special import ndtri

    x = values_of(series, "series")
    grid, estimates = ols_distribution(len(x), step=step)
    rho_ols = autoregression(x, step)[1]
    above = np.array([len(row) - np.searchsorted(row, rho_ols, "right") for row in estimates])
    below = np.maximum.accumulate((above + 0.5) / (estimates.shape[1] + 1))
    # nearly straight in normal quantiles, so a coarse grid keeps the tails
    return np.interp(ndtri(np.asarray(probabilities, dtype=float)), ndtri(below), grid)


def half_life_confidence(series: ArrayLike | pd.Series, months: float, step: int = 1) -> float:
    """Confidence that the half-life is at most `months`: a one-sided p-value of that null.

    Parameters
    ----------
    series : Series or array, shape (n,)
        Any unit, one value a period.
    months : float
        Half-life under the null, in periods of the series.
    step : int
        As in :func:`half_life`.

    Returns
    -------
    float
        On a grid of thousandths, at least .001.

    References
    ----------
    Andrews (1993), Econometrica 61, through :func:`rho_confidence`.
    """
    levels = np.linspace(0.001, 0.999, 999)
    short = rho_confidence(series, levels, step) <= 0.5 ** (1.0 / months)
    return float(levels[short].max()) if short.any() else float(levels[0])


@lru_cache(maxsize=32)
def ols_distribution(
    n: int, draws: int = QUANTILE_DRAWS, seed: int = QUANTILE_SEED, step: int = 1
) -> tuple[Vector, NDArray[np.float64]]:
    """Sorted least-squares slopes on `step` months before, for each persistence of a grid.

    Series of `n` months with Gaussian errors and a stationary start, the same draws for every
    persistence; simulated once for each length and kept.

    Returns
    -------
    grid : array, shape (g,)
        Persistences, ascending to 1, densest near 1 where the quantiles bend.
    estimates : array, shape (g, draws)
        Ascending in each row.
    """
    distance = np.r_[0, np.geomspace(0.25, n / 4, 20) / n, np.linspace(0.3, 1.98, 12)]
    grid = 1 - distance[::-1]
    if step > 1:
        # an even power cannot tell a negative persistence from a positive one
        grid = grid[grid >= 0]
    rng = np.random.default_rng(seed)
    rows = max(1, 250_000 // n)
    chunks = []
    for start in range(0, draws, rows):
        errors = rng.standard_normal((min(rows, draws - start), n))
        chunks.append(_estimates(grid, errors, step))
    estimates = np.sort(np.concatenate(chunks, axis=1), axis=1)
    estimates.flags.writeable = grid.flags.writeable = False
    return grid, estimates


def unit_root_battery(series: ArrayLike | pd.Series, horizon: int = 12) -> tuple[UnitRootTest, ...]:
    """Six tests of mean reversion, each with its own null in words; a test that fails refuses.

    Parameters
    ----------
    series : Series or array, shape (n,)
        Any unit, one value a month.
    horizon : int
        Months of the variance ratio.

    References
    ----------
    As implemented by ``arch.unitroot``: Dickey and Fuller (1979); Elliott, Rothenberg and Stock
    (1996); Phillips and Perron (1988); Kwiatkowski et al. (1992); Zivot and Andrews (1992);
    Lo and MacKinlay (1988).
    """
    from arch import unitroot

    x = values_of(series, "series")
    refusal = _unfit(x)
    root, walk = "a unit root: deviations never fade", "a random walk"
    tests: list[tuple[str, Callable[..., Any], str, dict[str, Any]]] = [
        ("ADF", unitroot.ADF, root, {}),
        ("DF-GLS", unitroot.DFGLS, root, {}),
        ("Phillips–Perron", unitroot.PhillipsPerron, root, {}),
        ("KPSS", unitroot.KPSS, "the series is stationary around a mean", {}),
        ("Zivot–Andrews", unitroot.ZivotAndrews, root + ", without a break", {}),
        (f"variance ratio, {horizon} months", unitroot.VarianceRatio, walk, {"lags": horizon}),
    ]
    return tuple(
        UnitRootTest.refused(f"{name}: {refusal.reason}")
        if refusal is not None
        else _run(name, test, null, x, options)
        for name, test, null, options in tests
    )


def variance_ratio(returns: ArrayLike | pd.Series, horizon: int) -> VarianceRatio:
    """Lo–MacKinlay variance ratio of returns summed over `horizon` periods.

    Overlapping and unbiased, with a heteroskedasticity-robust statistic.

    Parameters
    ----------
    returns : Series or array, shape (n,)
        Decimal (log) returns of any one frequency.
    horizon : int
        Periods, at least 2.

    References
    ----------
    Lo and MacKinlay (1988), "Stock Market Prices Do Not Follow Random Walks", Review of
    Financial Studies 1.
    """
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer) or horizon < 2:
        raise InputError(f"horizon: expected a whole number of periods >= 2, got {horizon!r}")
    r = values_of(returns, "returns")
    if len(r) < max(MINIMUM_MONTHS, 2 * horizon):
        return VarianceRatio.refused(
            f"{len(r)} periods are too few for a variance ratio over {horizon}"
        )
    if constant(r).any():
        return VarianceRatio.refused("the returns do not vary, so a variance ratio says nothing")
    from arch.unitroot import VarianceRatio as Test

    test = Test(np.r_[0.0, np.cumsum(r)], lags=int(horizon))
    ratio, z = float(test.vr), float(test.stat)
    error = abs((ratio - 1) / z) if z else math.inf
    return VarianceRatio(
        name=f"variance ratio, {horizon} periods",
        estimate=ratio,
        unit="ratio",
        null="a random walk (ratio 1)",
        n=len(r),
        effective_n=len(r) // horizon,
        ci_low=ratio - 1.959964 * error,
        ci_high=ratio + 1.959964 * error,
        p_value=float(test.pvalue),
        horizon=int(horizon),
        z_stat=z,
    )


def _run(
    name: str, test: Callable[..., Any], null: str, x: Vector, options: dict[str, Any]
) -> UnitRootTest:
    try:
        with warnings.catch_warnings():
            # arch announces, on every call, a lag rule it changed years ago
            warnings.simplefilter("ignore", DeprecationWarning)
            done = test(x, **options)
            done.stat  # noqa: B018  computed on first access
        statistic, p_value = float(done.stat), float(done.pvalue)
        critical, lags = float(done.critical_values["5%"]), int(done.lags)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, RuntimeError) as error:
        return UnitRootTest.refused(f"{name}: {' '.join(str(error).split())}")
    if not math.isfinite(statistic):
        return UnitRootTest.refused(f"{name}: the statistic is not a finite number")
    return UnitRootTest(
        name=name,
        estimate=statistic,
        unit="(statistic)",
        null=null,
        n=len(x),
        effective_n=len(x),
        p_value=p_value,
        critical_value=critical,
        lags=lags,
    )


def _unfit(x: Vector, step: int = 1) -> Refusal | None:
    least = MINIMUM_MONTHS + 2 * (step - 1)
    if len(x) < least:
        return Refusal(f"{len(x)} months are too few; at least {least} are needed")
    if constant(x).any():
        return Refusal("the series does not vary, so its persistence is undefined")
    return None


def _estimates(grid: Vector, errors: NDArray[np.float64], step: int = 1) -> NDArray[np.float64]:
    """Least-squares slopes on `step` months before, shape (persistences, rows of `errors`).

    The start is stationary, and 0 at a unit root. All series of all persistences go through time
    together: a month of them fits the processor's cache, a filter of each would run through memory.
    """
    rho = grid[:, None]
    start = np.array([1 / math.sqrt(1 - one**2) if one < 1 else 0.0 for one in grid])[:, None]
    months = np.ascontiguousarray(errors.T)
    x, product = start * months[0], np.empty((len(grid), len(errors)))
    # the values of the last `step` months, and sums over all months
    last = [x]
    sums, squares, cross = x.copy(), x * x, np.zeros_like(x)
    first_sums = sums.copy()
    for month in range(1, len(months)):
        x = rho * x
        x += months[month]
        sums += x
        squares += np.multiply(x, x, out=product)
        if month < step:
            first_sums = sums.copy()
        else:
            cross += np.multiply(x, last.pop(0), out=product)
        last.append(x)
    before, before_squares = sums.copy(), squares.copy()
    for x in last:
        before -= x
        before_squares -= x * x
    count = len(months) - step
    centred = cross - before * (sums - first_sums) / count
    slopes: NDArray[np.float64] = centred / (before_squares - before**2 / count)
    return slopes


def _invert(grid: Vector, quantiles: Vector, observed: float) -> float:
    """Persistence whose quantile is `observed`; 1 above the largest, the grid's end below."""
    return float(np.interp(observed, np.maximum.accumulate(quantiles), grid))


def _months(rho: float) -> float:
    """Months until half of a deviation is left; 0 where it is gone (ρ ≤ 0), inf at a unit root."""
    if rho >= 1:
        return math.inf
    return math.log(0.5) / math.log(rho) if rho > 0 else 0.0
