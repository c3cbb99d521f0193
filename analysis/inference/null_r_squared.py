"""R² of overlapping regressions beside what it would be without any predictability."""

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
    unfit,
)
from analysis.inference.persistence import rho_confidence
from analysis.inference.summaries import Summarised
from analysis.results import InputError

CHUNK_VALUES = 60_000
STRATA = 32

#: Heads of a summary: the drawn slopes stand in the place of the normal distribution.
NULL_HEADS = ("coef", "null mean", "null s.d.", "p, two-sided", "[0.025", "0.975]")


@dataclass(frozen=True, kw_only=True)
class NullRSquared(Summarised):
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

    def _coefficients(self) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
        return (self.slope,), (float(self.slope_draws.std()),), (self.p_slope,)

    def _shown(self) -> pd.DataFrame:
        """The slope beside those drawn under the null, which are neither centred nor normal.

        The interval holds the slopes that, added to the draws, make the observed one usual, so that
        it leaves out zero where the p-value is below 5%.
        """
        draws = self.slope_draws
        low, high = np.quantile(draws, [0.025, 0.975])
        cells = [self.slope, draws.mean(), draws.std(), self.p_slope]
        cells += [self.slope - high, self.slope - low]
        return pd.DataFrame([cells], index=self.params.index, columns=list(NULL_HEADS))


def null_r_squared(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizons: int | Sequence[int],
    draws: int = 5000,
    seed: int = 0,
) -> Any:
    """Distribution of R², slope and t of overlapping regressions when nothing is predictable.

    Returns are their mean plus noise, the predictor is autoregressive with a persistence corrected
    for its bias; months of both innovations are drawn together, with replacement, so the
    correlation that biases the slope and the fat tails stay. One persistence for all draws would
    treat an estimate as the truth and reject too often, so the draws spread over its confidence
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
    NullRSquared, or a dict of horizon to NullRSquared for a sequence of horizons

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
    asked: Any = [horizons] if single else horizons
    wanted = [check_horizon(h) for h in asked]
    _check_draws(draws)
    r, x = aligned_pair(returns, predictor)
    refusals = {h: unfit(r, h, x[:, None]) for h in wanted}
    fit = [h for h in wanted if refusals[h] is None]
    results = {h: NullRSquared.refused(why) for h, why in refusals.items() if why is not None}
    if fit:
        observed = _regressions((r - r.mean())[None], (x - x[0])[None], fit)
        chunks = [_regressions(u, v, fit) for u, v in _simulate(r, x, draws, seed)]
        simulated = np.concatenate(chunks, axis=2)
        rho = float(rho_confidence(x, 0.5))
        moments = rho, float(np.corrcoef(r[1:], _shocks(x, rho))[0, 1])
        for i, h in enumerate(fit):
            results[h] = _null_result(h, len(r), observed[i, :, 0], simulated[i], moments)
    return results[wanted[0]] if single else results


def slope_p_without(
    returns: ArrayLike | pd.Series,
    predictor: ArrayLike | pd.Series,
    horizon: int,
    spans: Sequence[tuple[int, int]],
    draws: int = 5000,
    seed: int = 0,
) -> list[float]:
    """One-sided p-value of the slope when the forecasts of some months are left out.

    The same months are left out of the data and of every history without predictability, which
    are those of :func:`null_r_squared`.

    Parameters
    ----------
    returns, predictor, horizon, draws, seed
        As :func:`null_r_squared`.
    spans : sequence of (int, int)
        Position of the first month left out, and of the first one after.

    Returns
    -------
    list of float
        One a span: the share of histories whose slope reaches the observed one, which is one of
        them; NaN where fewer than three forecasts are left.
    """
    h = check_horizon(horizon)
    _check_draws(draws)
    r, x = aligned_pair(returns, predictor)
    if unfit(r, h, x[:, None]) is not None:
        return [math.nan] * len(spans)
    observed = _slopes_without((r - r.mean())[None], (x - x[0])[None], h, spans)[:, 0]
    chunks = [_slopes_without(u, v, h, spans) for u, v in _simulate(r, x, draws, seed)]
    simulated = np.concatenate(chunks, axis=1)
    reached = (simulated >= observed[:, None] - 1e-12).sum(axis=1)
    shares = (1 + reached) / (1 + simulated.shape[1])
    return [math.nan if math.isnan(o) else float(p) for o, p in zip(observed, shares, strict=True)]


def _slopes_without(
    returns: NDArray[np.float64],
    predictor: NDArray[np.float64],
    h: int,
    spans: Sequence[tuple[int, int]],
) -> NDArray[np.float64]:
    """Slope of every row without the months of each span: shape (spans, rows)."""
    c = np.cumsum(returns, axis=1)
    m = returns.shape[1] - h
    x, y = predictor[:, :m], c[:, h:] - c[:, :m]

    def sums(part: slice) -> tuple[Vector, Vector, Vector, Vector]:
        a, b = x[:, part], y[:, part]
        return a.sum(axis=1), b.sum(axis=1), _dot(a, a), _dot(a, b)

    whole, out = sums(slice(0, m)), np.full((len(spans), len(x)), np.nan)
    for row, (first, after) in enumerate(spans):
        first, after = min(first, m), min(after, m)
        left = m - (after - first)
        if left < 3:
            continue
        parts = zip(whole, sums(slice(first, after)), strict=True)
        sum_x, sum_y, xx, xy = (every - inside for every, inside in parts)
        out[row] = (xy - sum_x * sum_y / left) / (xx - sum_x**2 / left)
    return out


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
    Σᵢ Σₗ ``ρ^|i-l|`` over i < j, l < k.
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
        size = min(rows, draws - int(start))
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


def aligned_pair(returns: Any, predictor: Any) -> tuple[Vector, Vector]:
    """Two series on the periods that both of them have.

    Parameters
    ----------
    returns : array or Series, shape (n,)
        Decimal returns.
    predictor : array or Series, shape (n,)
        In its own unit.

    Raises
    ------
    InputError
        For more than one predictor, and as :func:`analysis.inference.vectors.align`.
    """
    r, x = align(returns, predictor)
    if x.shape[1] != 1:
        raise InputError(f"predictor: expected one column, got {x.shape[1]}; pass a single one")
    return r, x[:, 0]


def _check_draws(draws: int) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise InputError(f"draws: expected a positive whole number, got {draws!r}")
