"""Mean return differences a year, by the stationary bootstrap of their months."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.vectors import as_count, blocks_too_long
from analysis.results import Result

#: A sample shorter than this is refused: five blocks of a year.
FEWEST_MONTHS = 60

#: Resampled histories held at once.
ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Premium(Result):
    """Twelve times a mean monthly difference.

    Attributes
    ----------
    annual, low, high : float
        Decimal return a year and its 95% interval.
    error : float
        Bootstrap standard error, decimal a year.
    p_value : float
        Two-sided, of a mean of zero.
    n : int
        Months.
    blocks : float
        Months over the mean length of a block.
    first, last : str
        Months, ``YYYY-MM``.
    """

    annual: float
    low: float
    high: float
    error: float
    p_value: float
    n: int
    blocks: float
    first: str
    last: str

    @property
    def mde(self) -> float:
        """Difference a year found with 80% power at 5%, decimal."""
        return np.nan if self.refusal is not None else minimum_detectable(self.error)

    @property
    def more_needed(self) -> str:
        """Years that would find a difference of the size found with 80% power."""
        if self.refusal is not None:
            return ""
        years = self.n // 12
        if self.annual == 0:
            return "the difference is zero: no number of years would find it"
        needed = more_events_needed(
            self.annual, self.error * np.sqrt(self.n / 12), years, unit="years"
        )
        if needed.more == 0:
            return "none: a difference of the size found is detected with the years there are"
        return f"{needed} to detect a difference of the size found"

    def headline(self) -> dict[str, Any]:
        """The fields of an :class:`analysis.results.Finding` that a premium fills."""
        return {
            "estimate": self.annual,
            "unit": "decimal return a year",
            "ci_low": self.low,
            "ci_high": self.high,
            "p_value": self.p_value,
            "n": self.n,
            "effective_n": self.blocks,
            "mde": self.mde,
            "more_needed": self.more_needed,
            "sample_start": self.first,
            "sample_end": self.last,
        }


@dataclass(frozen=True)
class PublishedPremium(Result):
    """A premium over the whole sample, and since it was published.

    Attributes
    ----------
    whole, since : Premium
    """

    whole: Premium
    since: Premium


def published_premium(
    spread: pd.Series, published: str, *, block: float, draws: int, seed: int
) -> PublishedPremium:
    """The :func:`premium` of all months, and of those from `published`, ``YYYY-MM``, on."""
    whole, since = (
        premium(part, block=block, draws=draws, seed=seed)
        for part in (spread, spread.loc[published:])
    )
    if whole.refusal is not None:
        return PublishedPremium.refused(whole.refusal.reason)
    if since.refusal is not None:
        reason = f"since {published}, after publication: {since.refusal.reason}"
        return PublishedPremium.refused(reason)
    return PublishedPremium(whole, since)


def premium(spread: pd.Series, *, block: float, draws: int, seed: int) -> Premium:
    """Mean of one return difference by stationary bootstrap.

    The difference of two returns in the same months: resampling it resamples both in pairs.

    Parameters
    ----------
    spread : Series
        Monthly decimal difference; months without a value are left out.
    block : float
        Mean block length, months.
    draws, seed : int

    Returns
    -------
    Premium
        Refused with fewer than :data:`FEWEST_MONTHS` months, or when the difference is constant.

    References
    ----------
    Politis, D. N. and J. P. Romano (1994), "The stationary bootstrap", JASA 89.
    """
    return premia(spread.to_frame(0), block=block, draws=draws, seed=seed)[0]


def premia(
    spreads: pd.DataFrame, *, block: float, draws: int, seed: int
) -> dict[Hashable, Premium]:
    """The :func:`premium` of every column; columns with the same months share their draws."""
    found: dict[Hashable, Premium] = {}
    for months, names in _same_months(spreads).items():
        values = spreads.loc[list(months), names]
        moving = [name for name in names if len(values) and np.ptp(values[name].to_numpy()) > 0]
        if len(values) < FEWEST_MONTHS:
            short = Premium.refused(f"only {len(values)} months; {FEWEST_MONTHS} are needed")
            found |= dict.fromkeys(names, short)
            continue
        if (reason := blocks_too_long(block, len(values))) is not None:
            found |= dict.fromkeys(names, Premium.refused(reason))
            continue
        still = Premium.refused("the difference is the same in every month, nothing to test")
        found |= dict.fromkeys(names, still)
        if moving:
            found |= zip(moving, _premia(values[moving], block, draws, seed), strict=True)
    return {name: found[name] for name in spreads.columns}


def premium_table(
    samples: Mapping[str, pd.DataFrame], *, block: float, draws: int, seed: int
) -> pd.DataFrame:
    """The premium of every difference in every part of the sample.

    Parameters
    ----------
    samples : mapping of str to DataFrame, shape (months, differences)
        By era, monthly decimal differences by name.
    block, draws, seed
        As :func:`premium`.

    Returns
    -------
    DataFrame
        ``spread, era, annual, low, high, p, months, first, last``; what is refused is left out.
    """
    rows = [
        (name, era, one.annual, one.low, one.high, one.p_value, one.n, one.first, one.last)
        for era, spreads in samples.items()
        for name, one in premia(spreads, block=block, draws=draws, seed=seed).items()
        if one
    ]
    columns = ["spread", "era", "annual", "low", "high", "p", "months", "first", "last"]
    return pd.DataFrame(rows, columns=columns)


def centred_means(values: np.ndarray, block: float, draws: int, seed: int) -> np.ndarray:
    """Means of the columns less their own over resampled months: the null of a mean of zero.

    Parameters
    ----------
    values : ndarray, shape (months, columns)
        NaN outside a column's sample.
    block : float
        Mean block length, months.
    draws, seed : int

    Returns
    -------
    ndarray, shape (draws, columns)
        In the unit of `values`; the same months serve all columns of a draw.
    """
    present = np.isfinite(values)
    centred = np.where(present, values - np.nanmean(values, axis=0), 0.0)
    parts = [
        counts @ centred / np.maximum(counts @ present, 1.0)
        for counts in _resampled(len(values), block, as_count(draws, "draws", 2), seed)
    ]
    return np.concatenate(parts)


def two_sided_p(null: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Share of the centred draws at least as far from zero as each observed value.

    Parameters
    ----------
    null : ndarray, shape (draws, statistics)
    observed : ndarray, shape (statistics,)

    Returns
    -------
    ndarray, shape (statistics,), (1 + number as far) / (1 + draws).
    """
    slack = 1e-12 * np.abs(null).max(initial=0.0)
    as_far = (np.abs(null) >= np.abs(observed) - slack).sum(axis=0)
    return (1 + as_far) / (1 + len(null))


def _same_months(frame: pd.DataFrame) -> dict[tuple[pd.Period, ...], list[Hashable]]:
    """Columns that have a value in the same months, which one set of draws can serve."""
    groups: dict[tuple[pd.Period, ...], list[Hashable]] = {}
    for name in frame.columns:
        groups.setdefault(tuple(frame[name].dropna().index), []).append(name)
    return groups


def _premia(values: pd.DataFrame, block: float, draws: int, seed: int) -> Iterator[Premium]:
    """Symmetric intervals, mean ± a quantile of |draw|: they leave out zero when the p-value does.

    One premium a column, all from the same draws.
    """
    means = values.mean().to_numpy()
    null = centred_means(values.to_numpy(dtype=float), block, draws, seed)
    half_widths = np.quantile(np.abs(null), 0.95, axis=0)
    errors, p_values = null.std(axis=0, ddof=1), two_sided_p(null, means)
    for mean, half, error, p_value in zip(means, half_widths, errors, p_values, strict=True):
        yield Premium(
            annual=12.0 * float(mean),
            low=12.0 * float(mean - half),
            high=12.0 * float(mean + half),
            error=12.0 * float(error),
            p_value=float(p_value),
            n=len(values),
            blocks=len(values) / float(block),
            first=str(values.index[0]),
            last=str(values.index[-1]),
        )


def _resampled(length: int, block: float, draws: int, seed: int) -> Iterator[np.ndarray]:
    """How often each month stands in each resampled calendar, in chunks of draws."""
    from arch.bootstrap import StationaryBootstrap

    sampler = StationaryBootstrap(float(block), np.zeros(length), seed=np.random.default_rng(seed))
    for start in range(0, draws, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, draws - start)
        months = np.stack([sampler.update_indices() for _ in range(rows)])
        cells = (months + length * np.arange(rows)[:, None]).ravel()
        yield np.bincount(cells, minlength=rows * length).reshape(rows, length).astype(float)
