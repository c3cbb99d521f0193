"""Panels that could have happened: with no effect at all, or with a planted one.

The months of the real panel are drawn in blocks that keep their place in the calendar year, all
columns together, so a simulated panel has the cross-section, the fat tails, the volatility clusters
and the Januaries of the real one, while nothing in it knows the dates of cuts, recessions or gaps,
which stay where they are. Each month's deviation from its calendar month's mean gets a random sign,
because a block carries whatever truth there is in the real data about what follows a gap: without
the signs the panels with no effect would not be without effect. The valuation gap is rebuilt as an
autoregression with the real persistence whose shocks come from the very months the returns come
from. With no effect the gap closes through book values and new members, each June; where prices
correct it, that is planted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.inference.persistence import autoregression, corrected_rho
from analysis.panel import BASES, LEGS, Dataset, book_gap, small_minus_large
from analysis.panel.gaps import PAST_GAP_MONTHS
from analysis.results import InputError

#: Mean length of a block in months: long enough for volatility clusters, short against a cycle.
BLOCK_MONTHS = 24

#: Months over which an effect planted after an event is spread.
EFFECT_MONTHS = 12

#: Standard deviations by which a gap that is made wide is wider than it would be.
WIDENING = 3.0

#: Largest persistence a simulated gap has: a unit root has no mean to return to.
LARGEST_RHO = 0.999

#: Columns that carry the small side of any leg: planted effects are added to these.
SMALL_COLUMNS = tuple(sorted({name for leg in LEGS.values() for name in leg.small}))

_LEVELS = (
    *("core_cpi", "cpi", "cape", "hourly_earnings", "broad_dollar"),
    *("vix", "realised_volatility", "top_share"),
)
_RATES = ("aaa", "baa", "bill_rate", "fed_funds", "gs10", "tb3ms", "target", "high_yield")
_STATES = ("recession", "lending_standards", "lending_standards_small")
_KEPT = ("bill", *_LEVELS, *_RATES, *_STATES)
_KEPT_PREFIXES = ("bm_", "op_", "firms_", "cap_", "gap_")

#: Returns of one side less another, which what all portfolios earn leaves alone.
_DIFFERENCES = ("smb", "hml", "rmw", "cma", "mom")

#: Small minus large, to which effects are planted.
PLANTED = "smb"


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
    shared_slope : float
        Monthly return of every stock portfolio per log point by which the gap exceeds its mean.
    half_life : float or None
        Half-life of the gap in months; None keeps the real persistence.
    through_returns : bool
        Whether prices close the gap, so that its return to the mean is a return of small over
        large; else books close it, each June. Only with `half_life`.
    gap_now : float or None
        Log points by which the gap exceeds its mean in the last month; None leaves it to chance.
    premium_from : Period or None
        First month of the second era; None leaves the mean of small minus large alone.
    premium_before, premium : float
        Mean small-minus-large return a month, decimal, before and from `premium_from` on.
    moves : Series or None
        Decimal return added to small by month; months it lacks get nothing.
    slope_in : Series of bool or None
        Months in which `slope` works; None for all of them.
    past_slope : float
        Monthly small-minus-large return per unit by which its sum over the past twelve months
        exceeds its mean.
    wide_before : tuple of Period
        Months before which the gap is made wide, through book values.
    shift, scale : mapping of str to float
        Decimal return a month added to a column; factor of its deviations from its mean.
    signs : bool
        Whether each month's deviation gets a random sign; without, blocks carry what is true in
        the real data.
    """

    after_events: float = 0.0
    events: tuple[pd.Period, ...] = ()
    slope: float = 0.0
    shared_slope: float = 0.0
    half_life: float | None = None
    through_returns: bool = False
    gap_now: float | None = None
    premium_from: pd.Period | None = None
    premium_before: float = 0.0
    premium: float = 0.0
    moves: pd.Series | None = None
    slope_in: pd.Series | None = None
    past_slope: float = 0.0
    wide_before: tuple[pd.Period, ...] = ()
    shift: Mapping[str, float] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)
    signs: bool = True


NO_EFFECT = Effect()


class Simulator:
    """Makes panels from one template; what they share is worked out once.

    A panel is a data set of the template's shape, returns in decimals; facts, rates and recession
    months are the template's.

    Attributes
    ----------
    template : Dataset
    columns : list of str
        Returns that are drawn.
    patterns : ndarray of int, shape (months,)
        A code for each month that says which columns are filled in it.

    References
    ----------
    Politis, D. N. and J. P. Romano (1994), "The stationary bootstrap", JASA 89; blocks here begin
    in the calendar month they replace, which keeps the seasons.
    """

    def __init__(self, template: Dataset) -> None:
        self.template = template
        self.columns = _return_columns(template.monthly)
        self._returns = template.monthly[self.columns].to_numpy()
        self.patterns = patterns_of(template.monthly[self.columns])
        self._seasons = _season_means(
            self._returns, _seasons(template.monthly.index, self.patterns)
        )
        self._fits = {} if template.valuation is None else _fit_gaps(template)

    def draw(self, seed: int, effect: Effect = NO_EFFECT) -> Dataset:
        """One panel; the same months are drawn for one seed whatever is planted.

        Raises
        ------
        InputError
            For an effect on book values where the data have none.
        """
        template, monthly = self.template, self.template.monthly
        books = (effect.half_life, effect.gap_now, effect.wide_before or None, effect.slope_in)
        if not self._fits and any(one is not None for one in books):
            raise InputError(
                "a half-life, a wide or a last gap is planted in book values, which this data set"
                " lacks"
            )
        rng = np.random.default_rng(seed)
        source = draw_months(monthly.index, self.patterns, rng)
        signs = rng.choice([-1.0, 1.0], len(source)) if effect.signs else np.ones(len(source))
        drawn = self._seasons + signs[:, None] * (self._returns[source] - self._seasons)
        for name, factor in effect.scale.items():
            at = self.columns.index(name)
            mean = np.nanmean(self._returns[:, at])
            drawn[:, at] = mean + factor * (drawn[:, at] - mean)
        for name, amount in effect.shift.items():
            drawn[:, self.columns.index(name)] += amount
        added = _event_effect(monthly.index, effect)
        if effect.moves is not None:
            added += effect.moves.reindex(monthly.index).fillna(0.0).to_numpy()
        if effect.premium_from is not None:
            added += self._premium_shift(effect)
        valuation = template.valuation
        if self._fits:
            gaps, path, earned = _simulate_gaps(
                self._fits, monthly.index, source, signs, effect, rng
            )
            valuation = _june_table(gaps, valuation)
            added += earned
            stocks = [at for at, name in enumerate(self.columns) if name not in _DIFFERENCES]
            drawn[:, stocks] += effect.shared_slope * path[:, None]
        elif effect.slope:
            added += _past_gap_effect(drawn[:, self.columns.index(PLANTED)], effect.slope)
        if effect.past_slope:
            spread = drawn[:, self.columns.index(PLANTED)] + added
            added += _momentum(spread, effect.past_slope)
        small = [at for at, name in enumerate(self.columns) if name in SMALL_COLUMNS]
        drawn[:, small] += added[:, None]
        kept = [name for name in monthly.columns if name not in self.columns]
        simulated = pd.DataFrame(drawn, index=monthly.index, columns=self.columns)
        simulated = pd.concat([simulated, monthly[kept]], axis=1)[list(monthly.columns)]
        return replace(template, monthly=simulated, valuation=valuation)

    def _premium_shift(self, effect: Effect) -> np.ndarray:
        """What moves the mean small-minus-large return of both eras to the planted premiums.

        The shift is off the mean a drawn month has in expectation, not off the mean the drawn
        months happen to have, so that a simulated premium is as uncertain as a real one.
        """
        later = self.template.monthly.index >= effect.premium_from
        return np.where(later, effect.premium, effect.premium_before) - self._expected

    @cached_property
    def _expected(self) -> np.ndarray:
        """Mean small-minus-large return of a drawn month, over the months filled alike.

        The random signs leave each month at its season's mean.
        """
        mean = self._seasons[:, self.columns.index(PLANTED)]
        by_pattern = np.bincount(self.patterns, mean) / np.bincount(self.patterns)
        return by_pattern[self.patterns]


def draw_months(
    index: pd.PeriodIndex, patterns: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Which real month stands in each simulated month.

    Blocks of geometric length with mean :data:`BLOCK_MONTHS`; a source month has the same calendar
    month as the month it replaces, and the same columns are filled in it.

    Parameters
    ----------
    index : PeriodIndex, shape (months,)
        Monthly, without gaps.
    patterns : ndarray of int, shape (months,)
    rng : numpy Generator

    Returns
    -------
    ndarray of int, shape (months,)
        Row numbers.
    """
    groups = _seasons(index, patterns)
    order = np.argsort(groups, kind="stable")
    sizes = np.bincount(groups, minlength=groups.max() + 1)
    begins = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    fresh = order[begins[groups] + (rng.random(len(groups)) * sizes[groups]).astype(int)]
    stop = rng.random(len(groups)) < 1.0 / BLOCK_MONTHS
    source, follows = fresh.tolist(), len(groups)
    stops, codes = stop.tolist(), patterns.tolist()
    for t in range(len(source)):
        if not stops[t] and follows < len(source) and codes[follows] == codes[t]:
            source[t] = follows
        follows = source[t] + 1
    return np.array(source)


def _seasons(index: pd.PeriodIndex, patterns: np.ndarray) -> np.ndarray:
    """A code for each month: its calendar month among the months filled alike."""
    return patterns * 12 + index.month.to_numpy() - 1


def _season_means(returns: np.ndarray, seasons: np.ndarray) -> np.ndarray:
    """Mean of each column over the months of the same season; shape (months, columns)."""
    filled = np.isfinite(returns)
    sums = np.zeros((seasons.max() + 1, returns.shape[1]))
    counts = np.zeros_like(sums)
    np.add.at(sums, seasons, np.where(filled, returns, 0.0))
    np.add.at(counts, seasons, filled)
    return (sums / np.maximum(counts, 1.0))[seasons]


def patterns_of(returns: pd.DataFrame) -> np.ndarray:
    """A code for each month that says which columns are filled in it; shape (months,)."""
    _, pattern = np.unique(returns.notna().to_numpy(), axis=0, return_inverse=True)
    return pattern.reshape(-1)


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
        window = slice(max(first, 0), max(first + EFFECT_MONTHS, 0))
        added[window] += effect.after_events / EFFECT_MONTHS
    return added


@dataclass(frozen=True)
class _Fit:
    """The real gap of one basis as an autoregression.

    Its mean, its persistence corrected for small-sample bias, and its shocks, one a month of the
    panel.
    """

    mean: float
    rho: float
    shocks: np.ndarray


def _fit_gaps(template: Dataset) -> dict[str, _Fit]:
    spread = small_minus_large(template.monthly, PLANTED)
    fits = {}
    for basis in BASES:
        real = book_gap(template.valuation, spread, basis)
        _, estimate, _ = autoregression(real)
        rho = min(corrected_rho(estimate, len(real)), LARGEST_RHO)
        x = (real - real.mean()).to_numpy()
        shocks = pd.Series(x[1:] - rho * x[:-1], index=real.index[1:])
        shocks = (shocks - shocks.mean()).reindex(template.monthly.index).fillna(0.0)
        fits[basis] = _Fit(float(real.mean()), rho, shocks.to_numpy())
    return fits


def _simulate_gaps(
    fits: dict[str, _Fit],
    index: pd.PeriodIndex,
    source: np.ndarray,
    signs: np.ndarray,
    effect: Effect,
    rng: np.random.Generator,
) -> tuple[dict[str, pd.Series], np.ndarray, np.ndarray]:
    """Monthly gaps on both bases, their mean deviation before each month, and what that earns."""
    start = rng.standard_normal()
    gaps, before, added = {}, np.zeros(len(index)), np.zeros(len(index))
    for basis, fit in fits.items():
        path, rho = _autoregression(fit, signs * fit.shocks[source], effect, start)
        path = path + _widened(index, effect, float(path.std()))
        slope = effect.slope * _months_of(effect.slope_in, index)
        slope = slope + (1.0 - rho if effect.through_returns else 0.0)
        added[1:] += slope[1:] * path[:-1] / len(fits)
        before[1:] += path[:-1] / len(fits)
        gaps[basis] = pd.Series(path + fit.mean, index=index)
    return gaps, before, added


def _autoregression(
    fit: _Fit, drawn: np.ndarray, effect: Effect, start: float
) -> tuple[np.ndarray, float]:
    """Deviations of the gap from its mean, with the drawn months' shocks, and their persistence.

    A planted last value c above the one reached is added as c ρ^(T−t), which is the path a Gaussian
    autoregression takes given its end.
    """
    from scipy.signal import lfilter

    rho = fit.rho if effect.half_life is None else 0.5 ** (1.0 / effect.half_life)
    drawn[0] = start * drawn.std() / np.sqrt(1.0 - rho**2)
    path = lfilter([1.0], [1.0, -rho], drawn)
    if effect.gap_now is not None:
        path = path + (effect.gap_now - path[-1]) * rho ** np.arange(len(path))[::-1]
    return path, rho


def _months_of(flags: pd.Series | None, index: pd.PeriodIndex) -> np.ndarray:
    """1 in the months of a state at whose beginning it was known, 0 in others; all without one."""
    if flags is None:
        return np.ones(len(index))
    return flags.reindex(index, fill_value=False).shift(1, fill_value=False).to_numpy(dtype=float)


def _widened(index: pd.PeriodIndex, effect: Effect, deviation: float) -> np.ndarray:
    """What makes the gap wide before some months: it widens for a year and narrows for another."""
    from scipy.signal import windows

    bump = WIDENING * deviation * windows.triang(2 * EFFECT_MONTHS + 1)
    added = np.zeros(len(index))
    for month in effect.wide_before:
        first = (month - index[0]).n - 1 - EFFECT_MONTHS
        inside = np.arange(max(first, 0), min(first + len(bump), len(index)))
        added[inside] = np.maximum(added[inside], bump[inside - first])
    return added


def _momentum(spread: np.ndarray, slope: float) -> np.ndarray:
    """Return added month by month where small has led, or lagged, over the past twelve months."""
    made, added, mean = spread.copy(), np.zeros(len(spread)), np.nanmean(spread) * EFFECT_MONTHS
    total = made[:EFFECT_MONTHS].sum()
    for t in range(EFFECT_MONTHS, len(spread)):
        added[t] = slope * (total - mean)
        made[t] += added[t]
        total += made[t] - made[t - EFFECT_MONTHS]
    return added


def _june_table(gaps: dict[str, pd.Series], valuation: pd.DataFrame) -> pd.DataFrame:
    """The yearly table as it would have been computed from the simulated gaps."""
    table = valuation.copy()
    for basis, gap in gaps.items():
        values = gap.reindex(table.index)
        table[f"gap_{basis}"] = values.where(table[f"gap_{basis}"].notna())
        if f"percentile_{basis}" in table.columns:
            table[f"percentile_{basis}"] = table[f"gap_{basis}"].expanding().rank(pct=True)
    return table


def _past_gap_effect(spread: np.ndarray, slope: float) -> np.ndarray:
    """Return added month by month where the gap is minus the past sixty months' return."""
    spread = spread.copy()
    added = np.zeros(len(spread))
    window = PAST_GAP_MONTHS
    mean = spread.mean() * window
    total = spread[:window].sum()
    for t in range(window, len(spread)):
        added[t] = slope * (mean - total)
        spread[t] += added[t]
        total += spread[t] - spread[t - window]
    return added
