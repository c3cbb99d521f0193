"""The specification curve: every defensible choice at once, with joint p-values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.inference.calendars import Calendars, restaged, scattered, turned
from analysis.inference.grids import Grid, lay_out
from analysis.inference.vectors import as_count, as_share
from analysis.results import InputError, Refusal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SCHEMES = ("shift", "gap", "stratified")
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class SpecificationCurve:
    """All specifications, and what random calendars make of the whole of them.

    A win excess is a win rate less the base rate of the same outcome in the same era. All p-values
    are one-sided: random calendars give at least as much.

    Attributes
    ----------
    table : DataFrame, one row a specification
        The caller's choice columns, then `n_events`, `n_months`, `first`, `last`, `event_mean`,
        `base_mean`, `effect`, `win_rate`, `base_rate`, `win_excess`, `p_value` and `reason`;
        where `reason` is not empty there is no estimate and it says why.
    scheme : str
        How the calendars were drawn.
    specifications, missing : int
        Cells with an estimate, and without.
    episodes : int
        Separate episodes among all dates: the effective n of the whole curve.
    median_effect, median_win_rate, median_win_excess : float
        Over the cells with an estimate; outcome's unit, and shares.
    share_positive, share_significant : float
        Of those cells: effect above zero; own p-value at most `alpha`.
    p_median_effect, p_median_win_rate, p_share_significant : float
        Joint p-values; the second is of the median win excess.
    alpha : float
        Level of `share_significant`.
    exact : bool
        True where every arrangement was enumerated.
    arrangements, undefined : int
        Calendars compared (the observed one among them), and calendars left out because no
        specification had enough events in them.
    null_median_effect, null_median_win_excess, null_share_significant : ndarray
        The joint null distributions, shape (arrangements,); element 0 is the observed value.
    null : str
        The hypothesis the p-values speak of.
    """

    table: pd.DataFrame = field(repr=False, compare=False)
    scheme: str
    specifications: int
    missing: int
    episodes: int
    median_effect: float
    median_win_rate: float
    median_win_excess: float
    share_positive: float
    share_significant: float
    p_median_effect: float
    p_median_win_rate: float
    p_share_significant: float
    alpha: float
    exact: bool
    arrangements: int
    undefined: int
    null_median_effect: np.ndarray = field(repr=False, compare=False)
    null_median_win_excess: np.ndarray = field(repr=False, compare=False)
    null_share_significant: np.ndarray = field(repr=False, compare=False)
    null: str = "outcomes do not depend on the events' dates, in any specification"

    def __str__(self) -> str:
        return (
            f"specification curve ({self.scheme}): median effect {self.median_effect:.4g},"
            f" joint p = {self.p_median_effect:.3g}; median win rate {self.median_win_rate:.0%},"
            f" {self.median_win_excess:+.1%} against the base rate,"
            f" joint p = {self.p_median_win_rate:.3g}; n = {self.specifications} specifications,"
            f" effective n = {self.episodes} episodes (null: {self.null})"
        )


def specification_curve(
    outcomes: pd.DataFrame,
    events: pd.DataFrame,
    specifications: pd.DataFrame,
    *,
    eras: pd.DataFrame | None = None,
    scheme: str = "shift",
    strata: pd.Series | None = None,
    min_gap: int = 12,
    draws: int = 10_000,
    seed: int = 0,
    min_events: int = 3,
    alpha: float = 0.05,
) -> SpecificationCurve | Refusal:
    """Estimate every specification and test them jointly against random calendars.

    Parameters
    ----------
    outcomes : DataFrame, shape (T, outcomes)
        One column an outcome (a leg, a horizon and a start month): the return that would follow an
        event in each month; NaN where there is none. The index is the calendar that is turned, so
        it should cover the months in which the date rules could have named an event, no more.
    events : DataFrame of bool, shape (T, event sets)
        One column a date rule with its link.
    specifications : DataFrame
        One row a specification; `outcome` and `events` name columns of the two frames, `era` (if
        there) a column of `eras`; every other column is a choice and is passed through.
    eras : DataFrame of bool, shape (T, eras), optional
        Months of each era. An event counts in an era when its own month lies there.
    scheme : {"shift", "gap", "stratified"}
        One circular shift of the calendar for all specifications; episodes at random dates at
        least `min_gap` months apart; episodes at random dates with the same `strata`. See
        :mod:`analysis.inference.calendars`.
    strata : Series, shape (T,), optional
        State of each month, for ``"stratified"`` only.
    min_gap : int
        Months that separate one episode from the next.
    draws, seed : int
        Calendars drawn. All T shifts are enumerated when `draws` allows it.
    min_events : int
        Fewest events with an outcome a specification needs, observed or drawn.
    alpha : float
        Level at which a single specification counts as significant.

    Returns
    -------
    SpecificationCurve or Refusal
        Refused where no specification has an estimate, or the dates cannot be moved.

    Raises
    ------
    InputError
        Frames on different indices, unknown names, event flags that are not boolean.

    Notes
    -----
    With observed and drawn calendars c = 0 … C and statistic S, p = #{S(c) ≥ S(0)} / (C + 1). S is
    computed by the same rules for every calendar, a cell with too few events left out included, so
    the shift test is exact when outcomes are stationary around the calendar.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4.
    """
    as_share(alpha, "alpha")
    for value, name in ((min_gap, "min_gap"), (draws, "draws"), (min_events, "min_events")):
        as_count(value, name, 1)
    if scheme not in SCHEMES:
        raise InputError(f"scheme: unknown {scheme!r}; one of {', '.join(SCHEMES)}")
    if (strata is not None) != (scheme == "stratified"):
        raise InputError("strata: needed by scheme 'stratified' and by no other")
    grid = lay_out(outcomes, events, specifications, eras, min_events)
    if not grid.dates.size or (grid.table["reason"] != "").all():
        return Refusal("no specification has enough events with an outcome")
    calendars = _draw(grid, scheme, strata, min_gap, draws, np.random.default_rng(seed))
    if isinstance(calendars, Refusal):
        return calendars
    effects, excess = _evaluate(grid, calendars, min_events)
    return _summarise(grid, calendars, effects, excess, scheme, alpha)


def _draw(
    grid: Grid,
    scheme: str,
    strata: pd.Series | None,
    min_gap: int,
    draws: int,
    rng: np.random.Generator,
) -> Calendars | Refusal:
    if scheme == "shift":
        return turned(grid.dates, grid.months, min_gap, draws, rng)
    if scheme == "gap":
        return scattered(grid.dates, grid.months, min_gap, draws, rng)
    labels = pd.Series(np.asarray(strata, dtype=object))
    if len(labels) != grid.months or labels.isna().any():
        raise InputError(f"strata: give one label for each of the {grid.months} months")
    return restaged(grid.dates, pd.factorize(labels)[0], min_gap, draws, rng)


def _evaluate(grid: Grid, calendars: Calendars, fewest: int) -> tuple[np.ndarray, np.ndarray]:
    """Effect and win excess of every calendar and specification, shape (calendars, S).

    Columns run event set by event set. All specifications that share an event set are summed in
    one sparse product: a row of the sparse matrix marks one calendar's event months.
    """
    shape = (len(calendars.positions), len(grid.order))
    effects, excess = np.full(shape, np.nan), np.full(shape, np.nan)
    left = 0
    for columns, members in grid.sets:
        block, width = grid.block(members), len(members)
        rows = max(1, CELLS_AT_ONCE // max(block.shape[1], len(columns)))
        for start in range(0, shape[0], rows):
            sums = _marks(calendars.positions[start : start + rows, columns], grid.months) @ block
            count = sums[:, 2 * width :]
            count[count < fewest] = np.nan
            part = (slice(start, start + len(sums)), slice(left, left + width))
            np.divide(sums[:, :width], count, out=effects[part])
            np.divide(sums[:, width : 2 * width], count, out=excess[part])
        left += width
    return effects, excess


def _marks(months: np.ndarray, length: int) -> csr_array:
    """One row a calendar, with a one in each of its event months (twice in one counts two)."""
    from scipy.sparse import csr_array

    pointers = np.arange(0, months.size + 1, months.shape[1])
    return csr_array((np.ones(months.size), months.ravel(), pointers), shape=(len(months), length))


def _summarise(
    grid: Grid,
    calendars: Calendars,
    effects: np.ndarray,
    excess: np.ndarray,
    scheme: str,
    alpha: float,
) -> SpecificationCurve:
    table = grid.table.copy()
    p_values, significant = _single_tests(effects, alpha)
    own = np.full(len(table), np.nan)
    own[grid.order] = p_values
    table.insert(table.columns.get_loc("reason"), "p_value", own)
    alive = (table["reason"] == "").to_numpy()
    defined = np.isfinite(effects).any(axis=1)
    medians, win_medians = _median_rows(effects[defined]), _median_rows(excess[defined])
    shares = significant[defined] / np.isfinite(effects[defined]).sum(axis=1)
    return SpecificationCurve(
        table=table,
        scheme=scheme,
        specifications=int(alive.sum()),
        missing=int((~alive).sum()),
        episodes=calendars.episodes,
        median_effect=float(medians[0]),
        median_win_rate=float(table.loc[alive, "win_rate"].median()),
        median_win_excess=float(win_medians[0]),
        share_positive=float((table.loc[alive, "effect"] > 0).mean()),
        share_significant=float(shares[0]),
        p_median_effect=_upper_tail(medians),
        p_median_win_rate=_upper_tail(win_medians),
        p_share_significant=_upper_tail(shares),
        alpha=alpha,
        exact=calendars.exact,
        arrangements=int(defined.sum()),
        undefined=int((~defined).sum()),
        null_median_effect=medians,
        null_median_win_excess=win_medians,
        null_share_significant=shares,
    )


def _single_tests(effects: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Each specification's own p-value, and how many are significant in each calendar.

    A value is significant when at most ⌊alpha C⌋ of the specification's C defined values reach it,
    that is when it exceeds the (⌊alpha C⌋ + 1)-th largest.
    """
    calendars, width = effects.shape
    p_values, significant = np.full(width, np.nan), np.zeros(calendars)
    step = max(1, CELLS_AT_ONCE // calendars)
    for start in range(0, width, step):
        part = np.ascontiguousarray(effects[:, start : start + step].T)
        ordered = np.sort(part, axis=1)
        count = np.isfinite(part).sum(axis=1)
        place = np.maximum(count - np.floor(alpha * count).astype(int) - 1, 0)
        bar = ordered[np.arange(len(part)), place]
        significant += (part > bar[:, None]).sum(axis=0)
        seen = np.isfinite(part[:, 0])
        reached = (part >= part[:, :1] - 1e-12 * np.abs(part[:, :1])).sum(axis=1)
        p_values[start : start + step][seen] = reached[seen] / count[seen]
    return p_values, significant


def _median_rows(values: np.ndarray) -> np.ndarray:
    """Median of each row without its NaNs; every row has at least one number."""
    medians = np.empty(len(values))
    step = max(1, CELLS_AT_ONCE // values.shape[1])
    for start in range(0, len(values), step):
        ordered = np.sort(values[start : start + step], axis=1)
        count = np.isfinite(ordered).sum(axis=1)
        row = np.arange(len(ordered))
        medians[start : start + step] = (
            ordered[row, (count - 1) // 2] + ordered[row, count // 2]
        ) / 2
    return medians


def _upper_tail(statistics: np.ndarray) -> float:
    """Share of the calendars that reach the first one; equal up to rounding counts as equal."""
    slack = 1e-12 * float(np.abs(statistics).max())
    return float((statistics >= statistics[0] - slack).mean())
