"""Panels that could have happened: with no effect at all, or with a planted one.

The months of the real panel are drawn in blocks that keep their place in the calendar year, all
columns together, so a simulated panel has the cross-section, the fat tails, the volatility clusters
and the Januaries of the real one, while nothing in it knows the dates of cuts, recessions or gaps,
which stay where they are. The valuation gap is rebuilt as an autoregression with the real
persistence whose shocks come from the very months the returns come from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.panel import BASES, LEGS, Dataset, book_gap, small_minus_large

#: Mean length of a block in months: long enough for volatility clusters, short against a cycle.
BLOCK_MONTHS = 24

#: Columns that carry the small side of any leg: planted effects are added to these.
SMALL_COLUMNS = tuple(sorted({name for leg in LEGS.values() for name in leg.small}))

_LEVELS = ("core_cpi", "cape")
_RATES = ("aaa", "baa", "bill_rate", "fed_funds", "gs10", "tb3ms", "target")
_STATES = ("recession", "lending_standards")
_KEPT = ("bill", *_LEVELS, *_RATES, *_STATES)
_KEPT_PREFIXES = ("bm_", "op_", "firms_", "gap_")

_LEG = "smb"


@dataclass(frozen=True)
class Effect:
    """What is planted; the default is no effect at all.

    Attributes
    ----------
    after_events : float
        Decimal return added to small over the twelve months after each of `events`.
    events : tuple of Period
        Months after which the return is added.
    slope : float
        Monthly small-minus-large return per log point by which the gap exceeds its mean.
    half_life : float or None
        Half-life of the gap in months; None keeps the real persistence.
    premium_from : Period or None
        First month whose mean small-minus-large return is set to `premium`.
    premium : float
        Decimal return a month.
    """

    after_events: float = 0.0
    events: tuple[pd.Period, ...] = ()
    slope: float = 0.0
    half_life: float | None = None
    premium_from: pd.Period | None = None
    premium: float = 0.0


NO_EFFECT = Effect()


def simulate_dataset(template: Dataset, seed: int, effect: Effect = NO_EFFECT) -> Dataset:
    """One simulated data set.

    Parameters
    ----------
    template : Dataset
        The real data; facts, rates and recession months are kept as they are.
    seed : int
    effect : Effect

    Returns
    -------
    Dataset
        Of the same shape; returns are decimals.

    References
    ----------
    Politis, D. N. and J. P. Romano (1994), "The stationary bootstrap", JASA 89; blocks here begin
    in the calendar month they replace, which keeps the seasons.
    """
    rng = np.random.default_rng(seed)
    monthly = template.monthly
    columns = _return_columns(monthly)
    source = draw_months(monthly[columns], rng)
    drawn = monthly[columns].to_numpy()[source]
    simulated = monthly.copy()
    simulated[columns] = drawn
    added = _event_effect(monthly.index, effect)
    valuation = template.valuation
    if valuation is not None:
        gaps, extra = _simulate_gaps(template, source, effect)
        valuation = _june_table(gaps, valuation)
        added = added + extra
    elif effect.slope or effect.half_life is not None:
        added = added + _past_gap_effect(simulated, effect)
    if effect.premium_from is not None:
        added = added + _premium_shift(simulated, effect)
    small = [name for name in SMALL_COLUMNS if name in simulated.columns]
    simulated[small] = simulated[small].add(added, axis=0)
    return replace(template, monthly=simulated, valuation=valuation)


def draw_months(returns: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Which real month stands in each simulated month.

    Blocks of geometric length with mean :data:`BLOCK_MONTHS`; a source month has the same calendar
    month as the month it replaces, and the same columns are filled in it.

    Parameters
    ----------
    returns : DataFrame, shape (months, columns)
        Monthly PeriodIndex without gaps.
    rng : numpy Generator

    Returns
    -------
    ndarray of int, shape (months,)
        Row numbers of `returns`.
    """
    filled = returns.notna().to_numpy()
    _, pattern = np.unique(filled, axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)
    calendar = returns.index.month.to_numpy()
    groups = pattern * 12 + calendar - 1
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=groups.max() + 1)
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    fresh = order[begins[groups] + (rng.random(len(groups)) * sizes[groups]).astype(int)]
    stop = rng.random(len(groups)) < 1.0 / BLOCK_MONTHS
    source = np.empty(len(groups), dtype=int)
    for t in range(len(groups)):
        follows = source[t - 1] + 1 if t else len(groups)
        keeps = not stop[t] and follows < len(groups) and pattern[follows] == pattern[t]
        source[t] = follows if keeps else fresh[t]
    return source


def _return_columns(monthly: pd.DataFrame) -> list[str]:
    return [
        name
        for name in monthly.columns
        if name not in _KEPT and not name.startswith(_KEPT_PREFIXES)
    ]


def _event_effect(index: pd.PeriodIndex, effect: Effect) -> np.ndarray:
    added = np.zeros(len(index))
    for month in effect.events:
        first = (month - index[0]).n + 1
        added[max(first, 0) : max(first + 12, 0)] += effect.after_events / 12.0
    return added


def _simulate_gaps(
    template: Dataset, source: np.ndarray, effect: Effect
) -> tuple[dict[str, pd.Series], np.ndarray]:
    """Monthly gaps on both bases, and what the planted slope adds to each month's return."""
    index = template.monthly.index
    spread = small_minus_large(template.monthly, _LEG)
    gaps, added = {}, np.zeros(len(index))
    for basis in BASES:
        real = book_gap(template.valuation, spread, basis)
        gaps[basis] = _autoregression(real, index, source, effect)
        centred = gaps[basis] - real.mean()
        added += effect.slope * centred.shift(1).fillna(0.0).to_numpy() / len(BASES)
    return gaps, added


def _autoregression(
    real: pd.Series, index: pd.PeriodIndex, source: np.ndarray, effect: Effect
) -> pd.Series:
    """Gap with the real (bias-corrected) or the planted persistence and the drawn months' shocks.

    ρ is ordinary least squares with Kendall's correction, ρ + (1 + 3ρ)/T, at most .999.
    """
    x = (real - real.mean()).to_numpy()
    ols = float(x[1:] @ x[:-1] / (x[:-1] @ x[:-1]))
    rho = min(ols + (1.0 + 3.0 * ols) / len(x), 0.999)
    shocks = pd.Series(x[1:] - rho * x[:-1], index=real.index[1:]).reindex(index)
    shocks = (shocks - shocks.mean()).fillna(0.0).to_numpy()[source]
    if effect.half_life is not None:
        planted = 0.5 ** (1.0 / effect.half_life)
        # the same spread of the gap at another persistence
        shocks = shocks * np.sqrt((1.0 - planted**2) / (1.0 - rho**2))
        rho = planted
    from scipy.signal import lfilter, lfiltic

    start = lfiltic([1.0], [1.0, -rho], y=[shocks.std() / np.sqrt(1.0 - rho**2) * np.sign(x[0])])
    path, _ = lfilter([1.0], [1.0, -rho], shocks, zi=start)
    return pd.Series(path + real.mean(), index=index)


def _june_table(gaps: dict[str, pd.Series], valuation: pd.DataFrame) -> pd.DataFrame:
    """The yearly table as it would have been computed from the simulated gaps."""
    table = valuation.copy()
    for basis, gap in gaps.items():
        values = gap.reindex(table.index)
        table[f"gap_{basis}"] = values.where(table[f"gap_{basis}"].notna())
        if f"percentile_{basis}" in table.columns:
            table[f"percentile_{basis}"] = table[f"gap_{basis}"].expanding().rank(pct=True)
    return table


def _past_gap_effect(simulated: pd.DataFrame, effect: Effect) -> np.ndarray:
    """Return added month by month where the gap is minus the past sixty months' return."""
    spread = simulated[_LEG].to_numpy().copy()
    added = np.zeros(len(spread))
    window = 60
    mean = spread.mean() * window
    total = spread[:window].sum()
    for t in range(window, len(spread)):
        added[t] = effect.slope * (mean - total)
        spread[t] += added[t]
        total += spread[t] - spread[t - window]
    return added


def _premium_shift(simulated: pd.DataFrame, effect: Effect) -> np.ndarray:
    """What moves the mean small-minus-large return from a month on to the planted premium."""
    later = simulated.index >= effect.premium_from
    mean = simulated.loc[later, _LEG].mean()
    return np.where(later, effect.premium - mean, 0.0)
