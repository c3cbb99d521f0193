"""What a forecast is worth: R² against its null distribution, out of sample, and as a band."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.inference.overlap import (
    Vector,
    align,
    check_horizon,
    effective_windows,
    horizon_sums,
    long_run_variance,
    unfit,
)
from analysis.inference.persistence import rho_confidence
from analysis.results import Estimate, InputError, Refusal

MINIMUM_PAIRS = 10
CHUNK_VALUES = 60_000
STRATA = 32


@dataclass(frozen=True, kw_only=True)
class NullRSquared(Estimate):
    """Observed R² beside its distribution without predictability; `p_value` is that of R².

    Attributes
    ----------
    horizon : int
        Months summed.
    slope, t_stat : float
        Observed least-squares slope and its naive t (overlap ignored).
    median, percentile_95 : float
        Of R² under the null.
    p_slope, p_t : float
        Two-sided (twice the smaller tail) of the slope and of the naive t, against their null
        distributions, which carry the bias of a persistent predictor.
    rho : float
        Median-unbiased persistence, the centre of those the simulated predictors have; at most 1.
    innovation_correlation : float
        Of returns with the predictor's innovations.
    r_squared_draws, slope_draws, t_draws, mean_draws : array, shape (draws,)
        Under the null; `mean_draws` are means of the horizon returns about their true mean.
    """

    horizon: int
    slope: float
    t_stat: float
    median: float
    percentile_95: float
    p_slope: float
    p_t: float
    rho: float
    innovation_correlation: float
    r_squared_draws: Vector = field(repr=False, compare=False)
    slope_draws: Vector = field(repr=False, compare=False)
    t_draws: Vector = field(repr=False, compare=False)
    mean_draws: Vector = field(repr=False, compare=False)

    @property
    def r_squared(self) -> float:
        """The observed R²."""
        return self.estimate


@dataclass(frozen=True, kw_only=True)
class OutOfSample(Estimate):
    """Forecasts made month by month; `estimate` is R² against the expanding mean.

    Attributes
    ----------
    horizon : int
        Months forecast.
    clark_west : float
        Clark–West statistic, standard normal; `p_value` is its upper tail.
    r_squared_restricted, clark_west_restricted : float
        With the Campbell–Thompson restriction: a slope of the wrong sign counts as zero.
    restricted_share : float
        Share of forecasts the restriction changed.
    origins : array of int, shape (n,)
        Position of the month each forecast was made in, in the sample without missing ends.
    targets, forecasts, restricted, benchmark : array, shape (n,)
        Realised horizon returns; the forecasts, with and without restriction; the expanding mean.
    """

    horizon: int
    clark_west: float
    r_squared_restricted: float
    clark_west_restricted: float
    restricted_share: float
    origins: NDArray[np.int64] = field(repr=False, compare=False)
    targets: Vector = field(repr=False, compare=False)
    forecasts: Vector = field(repr=False, compare=False)
    restricted: Vector = field(repr=False, compare=False)
    benchmark: Vector = field(repr=False, compare=False)

    @property
    def r_squared(self) -> float:
        """R² against the expanding mean, without restriction."""
        return self.estimate


@dataclass(frozen=True, kw_only=True)
class Band(Estimate):
    """Predictive distribution of the annualised return under one view of the slope.

    Attributes
    ----------
    view : str
        ``"ols"``, ``"bias-corrected"`` or ``"no predictability"``.
    horizon : int
        Months.
    slope : float
        Of the horizon return, in return over the horizon per unit of the predictor.
    current, predictor_z : float
        The predictor the forecast is made from; its distance from the mean of the fitting sample
        in standard deviations.
    outside_sample : bool
        True where `current` lies outside everything the fitting sample has seen.
    draws : array
        Annualised returns.
    """

    view: str
    horizon: int
    slope: float
    current: float
    predictor_z: float
    outside_sample: bool
    draws: Vector = field(repr=False, compare=False)

    def quantile(self, q: float | Sequence[float]) -> Any:
        """Quantiles of the annualised return."""
        return np.quantile(self.draws, q)

    def probability(self, at_least: float) -> float:
        """Probability the band gives to an annualised return of `at_least` or more."""
        return float(np.mean(self.draws >= at_least))


def null_r_squared(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizons: int | Sequence[int],
    draws: int = 5000,
    seed: int = 0,
) -> Any:
    """Distribution of R², slope and t of overlapping regressions when nothing is predictable.

    Returns are their mean plus noise, the predictor is autoregressive with a persistence freed of
    its bias; months of both innovations are drawn together, with replacement, so the correlation
    that biases the slope and the fat tails stay. One persistence for all draws would treat an
    estimate as the truth and reject too often, so the draws spread over its confidence
    distribution.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizons : int or sequence of int
        Months summed.
    draws : int
        Simulated samples, each as long as the real one.
    seed : int
        Of ``numpy.random.default_rng``.

    Returns
    -------
    NullRSquared or Refusal, or a dict of horizon to either for a sequence of horizons

    Raises
    ------
    InputError
        Different months, values missing inside, a horizon or number of draws that is not a
        positive integer.

    References
    ----------
    Nelson and Kim (1993), "Predictable Stock Returns: The Role of Small Sample Bias", Journal of
    Finance 48; Stambaugh (1999), Journal of Financial Economics 54; Boudoukh, Richardson and
    Whitelaw (2008), "The Myth of Long-Horizon Predictability", Review of Financial Studies 21;
    persistence as in Andrews (1993), Econometrica 61.
    """
    single = isinstance(horizons, int | np.integer)
    wanted = [check_horizon(h) for h in ([horizons] if single else horizons)]
    _check_draws(draws)
    r, x = _single(returns, predictor)
    refusals = {h: unfit(r, h, x[:, None]) for h in wanted}
    fit = [h for h in wanted if refusals[h] is None]
    results: dict[int, Any] = dict(refusals)
    if fit:
        observed = _regressions((r - r.mean())[None], (x - x[0])[None], fit)
        chunks = [_regressions(u, v, fit) for u, v in _simulate(r, x, draws, seed)]
        simulated = np.concatenate(chunks, axis=2)
        rho = float(rho_confidence(x, 0.5))
        moments = rho, float(np.corrcoef(r[1:], _shocks(x, rho))[0, 1])
        for i, h in enumerate(fit):
            results[h] = _null_result(h, len(r), observed[i, :, 0], simulated[i], moments)
    return results[wanted[0]] if single else results


def out_of_sample(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    first_forecast: Any,
    *,
    expected_sign: int,
) -> OutOfSample | Refusal:
    """Forecasts with coefficients a person could have had, against the expanding mean.

    The forecast made at the end of month t uses the pairs (x(s), return over s+1 .. s+h) with
    s + h <= t only; the benchmark is the mean of the same returns.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.
    first_forecast : int or label
        Month of the first forecast: a label of the index of `returns`, or for arrays a position.
    expected_sign : {1, -1}
        Sign the theory gives the slope, for the Campbell–Thompson restriction.

    Raises
    ------
    InputError
        Different months, values missing inside, a sign other than 1 and -1, or a first forecast
        outside the sample.

    References
    ----------
    Campbell and Thompson (2008), "Predicting Excess Stock Returns Out of Sample", Review of
    Financial Studies 21; Clark and West (2007), "Approximately Normal Tests for Equal Predictive
    Accuracy in Nested Models", Journal of Econometrics 138, with Bartlett weights over `horizon`
    lags for the overlap.
    """
    horizon = check_horizon(horizon)
    if expected_sign not in (1, -1):
        raise InputError(f"expected_sign: expected 1 or -1, got {expected_sign!r}")
    r, x = _single(returns, predictor)
    first = _position(returns, predictor, first_forecast, len(r))
    refusal = unfit(r, horizon, x[:, None])
    if refusal is not None:
        return refusal
    if first - horizon + 1 < MINIMUM_PAIRS or first + horizon >= len(r):
        return Refusal(
            f"the first forecast has {max(first - horizon + 1, 0)} complete {horizon}-month returns"
            f" before it and {max(len(r) - first - horizon, 0)} after it; at least {MINIMUM_PAIRS}"
            " and 1 are needed"
        )
    y = horizon_sums(r, horizon)
    origins = np.arange(first, len(y))
    mean, slope, gap = _expanding(y, x, origins - horizon + 1, origins)
    kept = np.where(np.sign(slope) == expected_sign, slope, 0.0)
    return _scored(y[origins], mean, mean + slope * gap, mean + kept * gap, origins, horizon)


def predictive_bands(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    current: float,
    *,
    level: float = 0.90,
    draws: int = 5000,
    seed: int = 0,
    null: NullRSquared | None = None,
) -> dict[str, Band] | Refusal:
    """Annualised return to expect from `current`, under three views of the slope.

    The views: the least-squares slope; that slope less its mean under no predictability; zero.
    Each draw adds a whole window's residual about its own line (a block as long as the horizon,
    as uncertain in scale as the few separate windows make it, as in Student's t) and the error of
    the estimated mean and slope, from samples simulated without predictability.

    Parameters
    ----------
    returns, predictor : Series or array, shape (n,)
        Decimal monthly (log) returns; predictor known at the end of the same month.
    horizon : int
        Months.
    current : float
        Predictor to forecast from.
    level : float
        Coverage of the interval.
    draws, seed : int
        Of the simulation and of the residuals.
    null : NullRSquared, optional
        What :func:`null_r_squared` gives for the same sample, horizon, draws and seed.

    Returns
    -------
    dict of str to Band, or Refusal
        Keys ``"ols"``, ``"bias-corrected"``, ``"no predictability"``.

    Raises
    ------
    InputError
        As :func:`null_r_squared`; also a predictor or level that is not a usable number.

    References
    ----------
    Stambaugh (1999), "Predictive Regressions", Journal of Financial Economics 54, on the bias.
    """
    if not math.isfinite(current):
        raise InputError(f"current: expected a number, got {current!r}")
    if not 0 < level < 1:
        raise InputError(f"level: expected a number between 0 and 1, got {level!r}")
    horizon = check_horizon(horizon)
    if null is None:
        null = null_r_squared(returns, predictor, horizon, draws, seed)
    if isinstance(null, Refusal):
        return null
    r, x = _single(returns, predictor)
    if (null.horizon, null.n) != (horizon, len(r) - horizon):
        raise InputError("null: belongs to another horizon or sample; leave it out")
    windows = effective_windows(len(r) - 1, horizon)
    if windows < 3:
        return Refusal(f"{windows} separate {horizon}-month windows cannot fit a line with a band")
    bias = float(null.slope_draws.mean())
    slopes = {"ols": null.slope, "bias-corrected": null.slope - bias, "no predictability": 0.0}
    drawn = null.slope_draws - bias
    return {
        view: _band(view, slope, drawn if slope else 0.0 * drawn, null, r, x, current, seed, level)
        for view, slope in slopes.items()
    }


def boudoukh_correlation(rho: float, first: int, second: int) -> float:
    """Correlation of the slopes at two horizons when nothing is predictable.

    Parameters
    ----------
    rho : float
        Persistence of the predictor over one period, above -1 and at most 1.
    first, second : int
        Horizons in periods.

    References
    ----------
    Boudoukh, Richardson and Whitelaw (2008), "The Myth of Long-Horizon Predictability", Review
    of Financial Studies 21: the covariance of the slopes at j and k is proportional to
    Σᵢ Σₗ ρ^|i-l| over i < j, l < k.
    """
    if not -1 < rho <= 1:
        raise InputError(f"rho: expected a persistence above -1 and at most 1, got {rho!r}")
    j, k = check_horizon(first), check_horizon(second)
    powers = float(rho) ** np.abs(np.subtract.outer(np.arange(max(j, k)), np.arange(max(j, k))))
    joint, own_j, own_k = (powers[:a, :b].sum() for a, b in ((j, k), (j, j), (k, k)))
    return float(joint / math.sqrt(own_j * own_k))


def _simulate(
    r: Vector, x: Vector, draws: int, seed: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Returns and predictor, shape (rows, n), in chunks that fit a processor's cache.

    Each chunk has its own persistence, spread evenly over the confidence distribution. The
    predictor starts from its stationary spread; at a unit root, where only differences matter,
    from zero.
    """
    from scipy.signal import lfilter

    n, rng = len(r), np.random.default_rng(seed)
    rows = max(1, min(CHUNK_VALUES // n, math.ceil(draws / STRATA)))
    starts = np.arange(0, draws, rows)
    noise = r[1:] - r[1:].mean()
    for start, rho in zip(
        starts, rho_confidence(x, (np.arange(len(starts)) + 0.5) / len(starts)), strict=True
    ):
        shocks = _shocks(x, rho)
        size = min(rows, draws - start)
        pick = rng.integers(0, len(noise), (size, n))
        driven = shocks[pick]
        scale = shocks.std() / math.sqrt(1 - rho**2) if rho < 1 else 0.0
        driven[:, 0] = scale * rng.standard_normal(size)
        yield noise[pick], lfilter([1.0], [1.0, -rho], driven, axis=1)


def _shocks(x: Vector, rho: float) -> Vector:
    shocks = x[1:] - rho * x[:-1]
    return shocks - shocks.mean()


def _regressions(
    returns: NDArray[np.float64], predictor: NDArray[np.float64], horizons: Sequence[int]
) -> NDArray[np.float64]:
    """R², slope, naive t and mean of y for every row: shape (horizons, 4, rows).

    With C the running sum of returns, y(t) = C(t+h) - C(t); every sum the line needs is one of
    C, C², x, x² and xC over a prefix, plus two inner products a horizon.
    """
    rows, n = returns.shape
    c, x = np.cumsum(returns, axis=1), predictor
    out = np.empty((len(horizons), 4, rows))
    totals = [v.sum(axis=1) for v in (c, x)]
    products = [_dot(*pair) for pair in ((c, c), (x, x), (x, c))]
    for i, h in enumerate(horizons):
        m = n - h
        tail, head = slice(m, n), slice(0, h)
        sum_x = totals[1] - x[:, tail].sum(axis=1)
        sum_c = totals[0] - c[:, tail].sum(axis=1)
        sum_y = totals[0] - c[:, head].sum(axis=1) - sum_c
        sum_cc = products[0] - _dot(c[:, tail], c[:, tail])
        sum_dd = products[0] - _dot(c[:, head], c[:, head])
        sum_xc = products[2] - _dot(x[:, tail], c[:, tail])
        xx = products[1] - _dot(x[:, tail], x[:, tail]) - sum_x**2 / m
        yy = sum_dd + sum_cc - 2 * _dot(c[:, :m], c[:, h:]) - sum_y**2 / m
        xy = _dot(x[:, :m], c[:, h:]) - sum_xc - sum_x * sum_y / m
        fit = np.clip(xy**2 / (xx * yy), 0.0, 1.0 - 1e-15)
        out[i] = fit, xy / xx, np.sign(xy) * np.sqrt((m - 2) * fit / (1 - fit)), sum_y / m
    return out


def _dot(left: NDArray[np.float64], right: NDArray[np.float64]) -> Vector:
    return np.einsum("ij,ij->i", left, right)


def _null_result(
    horizon: int,
    n: int,
    observed: Vector,
    simulated: NDArray[np.float64],
    moments: tuple[float, float],
) -> NullRSquared:
    fit, slopes, ts, means = simulated
    return NullRSquared(
        name=f"R² of overlapping returns, horizon {horizon}",
        estimate=float(observed[0]),
        unit="",
        null="the predictor says nothing about returns",
        n=n - horizon,
        effective_n=effective_windows(n - 1, horizon),
        p_value=float((1 + np.sum(fit >= observed[0])) / (1 + len(fit))),
        horizon=horizon,
        slope=float(observed[1]),
        t_stat=float(observed[2]),
        median=float(np.median(fit)),
        percentile_95=float(np.quantile(fit, 0.95)),
        p_slope=_two_sided(slopes, observed[1]),
        p_t=_two_sided(ts, observed[2]),
        rho=moments[0],
        innovation_correlation=moments[1],
        r_squared_draws=fit,
        slope_draws=slopes,
        t_draws=ts,
        mean_draws=means,
    )


def _two_sided(draws: Vector, observed: float) -> float:
    tail = min(np.sum(draws >= observed), np.sum(draws <= observed))
    return float(min(1.0, 2 * (1 + tail) / (1 + len(draws))))


def _expanding(
    y: Vector, x: Vector, pairs: NDArray[np.int64], origins: NDArray[np.int64]
) -> tuple[Vector, Vector, Vector]:
    """Mean of the first `pairs` y, their slope on x, and x at the origin less its mean.

    Sums are taken about the first pair, which every forecast knows, to keep digits.
    """
    a, b = x - x[0], y - y[0]
    seen = a[: len(y)]
    sum_x, sum_y, sum_xx, sum_xy = (
        np.cumsum(v)[pairs - 1] for v in (seen, b, seen * seen, seen * b)
    )
    spread = sum_xx - sum_x**2 / pairs
    flat = spread <= 1e-12 * np.maximum(sum_xx, np.finfo(float).tiny)
    slope = np.where(flat, 0.0, (sum_xy - sum_x * sum_y / pairs) / np.where(flat, 1.0, spread))
    return y[0] + sum_y / pairs, slope, a[origins] - sum_x / pairs


def _scored(
    targets: Vector,
    benchmark: Vector,
    forecasts: Vector,
    restricted: Vector,
    origins: NDArray[np.int64],
    horizon: int,
) -> OutOfSample:
    from scipy.special import ndtr

    base = float(np.sum((targets - benchmark) ** 2))
    free, bound = (1 - float(np.sum((targets - f) ** 2)) / base for f in (forecasts, restricted))
    clark_west = _clark_west(targets, benchmark, forecasts, horizon)
    return OutOfSample(
        name=f"out-of-sample R², horizon {horizon}",
        estimate=free,
        unit="",
        null="the expanding mean forecasts as well (Clark–West, one-sided)",
        n=len(targets),
        effective_n=effective_windows(len(targets) + horizon - 1, horizon),
        p_value=float(ndtr(-clark_west)),
        horizon=horizon,
        clark_west=clark_west,
        r_squared_restricted=bound,
        clark_west_restricted=_clark_west(targets, benchmark, restricted, horizon),
        restricted_share=float(np.mean(restricted != forecasts)),
        origins=origins,
        targets=targets,
        forecasts=forecasts,
        restricted=restricted,
        benchmark=benchmark,
    )


def _clark_west(y: Vector, benchmark: Vector, forecasts: Vector, horizon: int) -> float:
    """Adjusted loss difference over its standard error; 0 where the forecasts never differ."""
    gain = (y - benchmark) ** 2 - (y - forecasts) ** 2 + (benchmark - forecasts) ** 2
    variance = long_run_variance(gain, horizon if horizon > 1 else 0)
    return float(gain.mean() / math.sqrt(variance / len(gain))) if variance > 0 else 0.0


def _band(
    view: str,
    slope: float,
    wobble: Vector,
    null: NullRSquared,
    r: Vector,
    x: Vector,
    current: float,
    seed: int,
    level: float,
) -> Band:
    h = null.horizon
    y, seen = horizon_sums(r, h), x[: len(x) - h]
    gap = current - seen.mean()
    residuals = y - y.mean() - slope * (seen - seen.mean())
    fitted = 1 if view == "no predictability" else 2
    rng = np.random.default_rng([seed, 1])
    pick = rng.integers(0, len(y), len(wobble))
    widen = np.sqrt(null.effective_n / rng.chisquare(null.effective_n - fitted, len(wobble)))
    errors = widen * residuals[pick] + null.mean_draws + wobble * gap
    annualised = (y.mean() + slope * gap + errors) * 12 / h
    low, high = np.quantile(annualised, [(1 - level) / 2, (1 + level) / 2])
    return Band(
        name=f"{h}-month return, {view}",
        estimate=float((y.mean() + slope * gap) * 12 / h),
        unit="decimal return per year",
        null="none: a predictive band",
        n=len(y),
        effective_n=null.effective_n,
        ci_low=float(low),
        ci_high=float(high),
        level=level,
        view=view,
        horizon=h,
        slope=slope,
        current=float(current),
        predictor_z=float(gap / seen.std(ddof=1)),
        outside_sample=bool(current < seen.min() or current > seen.max()),
        draws=annualised,
    )


def _single(returns: Any, predictor: Any) -> tuple[Vector, Vector]:
    r, x = align(returns, predictor)
    if x.shape[1] != 1:
        raise InputError(f"predictor: expected one column, got {x.shape[1]}; pass a single one")
    return r, x[:, 0]


def _position(returns: Any, predictor: Any, first_forecast: Any, n: int) -> int:
    """Position of the first forecast in the sample without its missing ends."""
    series = returns if isinstance(returns, pd.Series) else predictor
    if isinstance(series, pd.Series):
        complete = np.isfinite(
            np.column_stack([np.asarray(v, float) for v in (returns, predictor)])
        )
        index = series.index[np.flatnonzero(complete.all(axis=1))]
        try:
            found = index.get_loc(first_forecast)
        except (KeyError, ValueError, TypeError):
            found = None
        if isinstance(found, int | np.integer):
            return int(found)
        raise InputError(
            f"first_forecast: {first_forecast!r} is not one month of the sample"
            f" {index[0]} to {index[-1]}; choose one of them"
        )
    if not isinstance(first_forecast, int | np.integer) or not 0 <= first_forecast < n:
        raise InputError(f"first_forecast: expected a position from 0 to {n - 1}")
    return int(first_forecast)


def _check_draws(draws: int) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise InputError(f"draws: expected a positive whole number, got {draws!r}")
