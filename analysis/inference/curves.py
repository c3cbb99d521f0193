"""The specification curve: every defensible choice at once, with joint p-values.

What does not depend on the outcomes' values, only on the months that have one, is laid out as a
:class:`CurvePlan`; it can be kept and used again where only the values change, as on simulated
panels.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.inference.joint_placements import (
    JointPlacements,
    episodes_in_strata,
    shifted_together,
    spaced_episodes,
)
from analysis.inference.specifications import Grid, lay_out
from analysis.inference.vectors import as_count
from analysis.results import InputError, Result, first_refusal

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SCHEMES = ("shift", "gap", "stratified")
CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, kw_only=True)
class SpecificationCurve(Result):
    """All specifications, and what other dates make of the whole of them.

    A win excess is a win rate less the base rate of the same outcome in the same era. All p-values
    are one-sided: other dates give at least as much. They are computed when they are asked for.

    Attributes
    ----------
    estimates : DataFrame, one row a specification
        The caller's choice columns, then `n_events`, `n_months`, `first`, `last`, `event_mean`,
        `base_mean`, `effect`, `win_rate`, `base_rate`, `win_excess` and `reason`; where `reason`
        is not empty there is no estimate and it says why.
    scheme : str
        How the dates were placed.
    specifications, missing : int
        Cells with an estimate, and without.
    episodes : int
        Separate episodes among all dates: the effective n of the whole curve.
    median_effect, median_win_rate, median_win_excess : float
        Over the cells with an estimate; outcome's unit, and shares.
    share_positive : float
        Of those cells: effect above zero.
    exact : bool
        True where every placement was enumerated.
    placements : int
        Placements compared, the observed one among them; those in which no specification has
        enough events are left out.
    null : str
        The hypothesis the p-values speak of.
    """

    estimates: pd.DataFrame = field(repr=False, compare=False)
    scheme: str
    specifications: int
    missing: int
    episodes: int
    median_effect: float
    median_win_rate: float
    median_win_excess: float
    share_positive: float
    exact: bool
    placements: int
    null: str = "outcomes do not depend on the events' dates, in any specification"
    _plan: CurvePlan = field(repr=False, compare=False)
    _deviations: np.ndarray = field(repr=False, compare=False)
    _wins: np.ndarray = field(repr=False, compare=False)

    @cached_property
    def null_median_effect(self) -> np.ndarray:
        """Median effect in each placement, shape (placements,); element 0 is the observed one."""
        return self._medians(self._deviations)

    @cached_property
    def null_median_win_excess(self) -> np.ndarray:
        """Median win excess in each placement, as `null_median_effect`."""
        return self._medians(self._wins)

    def _medians(self, values: np.ndarray) -> np.ndarray:
        return self._plan.medians(values) if self.refusal is None else np.empty(0)

    @property
    def p_median_effect(self) -> float:
        """Joint p-value of the median effect."""
        return _upper_tail(self.null_median_effect)

    @property
    def p_median_effect_two_sided(self) -> float:
        """Joint p-value of the median effect in either direction: twice the smaller tail.

        NaN where the curve is refused.
        """
        tails = _upper_tail(self.null_median_effect), _upper_tail(-self.null_median_effect)
        # Python's min would take 1 for the smaller of 1 and NaN
        return float(np.minimum(1.0, 2.0 * np.minimum(*tails)))

    @property
    def p_median_win_rate(self) -> float:
        """Joint p-value of the median win excess."""
        return _upper_tail(self.null_median_win_excess)

    @cached_property
    def table(self) -> pd.DataFrame:
        """`estimates` with each specification's own ``p_value`` before its reason."""
        if self.refusal is not None:
            return self.estimates
        own = np.full(len(self.estimates), np.nan)
        own[self._plan.grid.order] = _own_p_values(self._plan.means(self._deviations))
        columns = list(self.estimates.columns)
        return self.estimates.assign(p_value=own)[[*columns[:-1], "p_value", columns[-1]]]

    def null_band(self, wins: bool = False, level: float = 0.95) -> pd.DataFrame:
        """Between which values the middle placements put each specification.

        Parameters
        ----------
        wins : bool
            Of the win excess in place of the effect.
        level : float
            Share of the placements inside, half of the rest on either side.

        Returns
        -------
        DataFrame
            On the rows of `estimates`: ``null_low`` and ``null_high``; NaN without an estimate.
        """
        band = np.full((len(self.estimates), 2), np.nan)
        if self.refusal is None:
            means = self._plan.means(self._wins if wins else self._deviations)
            # placements in which a specification has too few events are infinite
            told = np.where(np.isfinite(means), means, np.nan)
            some = np.isfinite(told).any(axis=0)
            ends = [(1 - level) / 2, (1 + level) / 2]
            band[self._plan.grid.order[some]] = np.nanquantile(told[:, some], ends, axis=0).T
            band[self.estimates["reason"].ne("").to_numpy()] = np.nan
        return pd.DataFrame(band, self.estimates.index, ["null_low", "null_high"])

    def __str__(self) -> str:
        return (
            f"specification curve ({self.scheme}): median effect {self.median_effect:.4g},"
            f" joint p = {self.p_median_effect:.3g}; median win rate {self.median_win_rate:.0%},"
            f" {self.median_win_excess:+.1%} against the base rate,"
            f" joint p = {self.p_median_win_rate:.3g}; n = {self.specifications} specifications,"
            f" effective n = {self.episodes} episodes (null: {self.null})"
        )


@dataclass(frozen=True)
class CurvePlan(Result):
    """Specifications and placements of dates, for any outcomes of the same months.

    Attributes
    ----------
    grid : Grid
    scheme : str
    episodes : int
    exact : bool
    marks : tuple of sparse arrays, shape (placements, T)
        For each event set, a one in every month an event falls on.
    counts : ndarray, shape (placements, S)
        Events with an outcome; infinite where there are too few, so that they sort last. Columns
        run event set by event set.
    """

    grid: Grid
    scheme: str
    episodes: int
    exact: bool
    marks: tuple[Any, ...] = field(repr=False)
    counts: np.ndarray = field(repr=False)

    def test(self, outcomes: pd.DataFrame) -> SpecificationCurve:
        """Estimate every specification and test them jointly.

        Parameters
        ----------
        outcomes : DataFrame, shape (T, outcomes)
            The columns the plan was made from, missing in the same months.

        Raises
        ------
        InputError
            When the outcomes are missing in months that the plan has.
        """
        if self.refusal is not None:
            return SpecificationCurve.refused(self.refusal)
        grid = self.grid
        raw = outcomes[list(grid.names)].to_numpy(dtype=float)
        inside = grid.present > 0
        if len(raw) != grid.months or not np.isfinite(raw[inside]).all():
            raise InputError("outcomes: months are missing that the plan has; make another plan")
        months = np.maximum(grid.present.sum(axis=0), 1.0)
        bases, centred = [], []
        for values in (np.where(inside, raw, 0.0), np.where(inside, raw > 0, 0.0)):
            bases.append(values.sum(axis=0) / months)
            centred.append(np.where(inside, values - bases[-1], 0.0))
        effects, excess = (self.means(values, 1)[0] for values in centred)
        alive = np.isfinite(effects)
        estimates = self._estimates(effects, excess, *bases)
        return SpecificationCurve(
            estimates=estimates,
            scheme=self.scheme,
            specifications=int(alive.sum()),
            missing=len(grid.table) - int(alive.sum()),
            episodes=self.episodes,
            median_effect=float(np.median(effects[alive])),
            median_win_rate=float(estimates["win_rate"].median()),
            median_win_excess=float(np.median(excess[alive])),
            share_positive=float((effects[alive] > 0).mean()),
            exact=self.exact,
            placements=len(self.counts),
            _plan=self,
            _deviations=centred[0],
            _wins=centred[1],
        )

    def means(self, values: np.ndarray, placements: int | None = None) -> np.ndarray:
        """Mean of each specification's events in the first placements; infinite where too few.

        Parameters
        ----------
        values : ndarray, shape (T, cells)
            Zero where a cell has no outcome.
        placements : int, optional
            All of them unless given.
        """
        return self._means(self._blocks(values), slice(0, placements))

    def _blocks(self, values: np.ndarray) -> list[np.ndarray]:
        """The values that each event set's specifications read, shape (T, members)."""
        return [
            np.ascontiguousarray(values[:, self.grid.cell[members]])
            for _, members in self.grid.sets
        ]

    def _means(self, blocks: list[np.ndarray], rows: slice) -> np.ndarray:
        # as the sums are: a mixed division converts its numbers in small pieces
        counts = self.counts[rows].astype(float)
        means, left = np.empty(counts.shape), 0
        for marked, block in zip(self.marks, blocks, strict=True):
            part = slice(left, left + block.shape[1])
            np.divide(marked[rows] @ block, counts[:, part], out=means[:, part])
            left = part.stop
        np.copyto(means, np.inf, where=self._too_few[rows])
        return means

    def medians(self, values: np.ndarray) -> np.ndarray:
        """Median over specifications in each placement, of `values` as :meth:`means` takes them."""
        blocks, medians = self._blocks(values), np.empty(len(self.counts))
        step = max(1, CELLS_AT_ONCE // self.counts.shape[1])
        for start in range(0, len(medians), step):
            rows = slice(start, start + step)
            means, count = self._means(blocks, rows), self._estimated[rows]
            means.sort(axis=1)
            row = np.arange(len(means))
            medians[rows] = (means[row, (count - 1) // 2] + means[row, count // 2]) / 2.0
        return medians

    @cached_property
    def _too_few(self) -> np.ndarray:
        """Where a placement leaves a specification too few events, shape (placements, S)."""
        return np.isinf(self.counts)

    @cached_property
    def _estimated(self) -> np.ndarray:
        """Specifications with an estimate in each placement; every placement has one."""
        return self.counts.shape[1] - self._too_few.sum(axis=1)

    def _estimates(
        self,
        effects: np.ndarray,
        excess: np.ndarray,
        base_mean: np.ndarray,
        base_rate: np.ndarray,
    ) -> pd.DataFrame:
        """The grid's table with the observed estimates before the reasons."""
        grid, found = self.grid, dict[str, np.ndarray]()
        empty = ~grid.present.any(axis=0)
        for names, values, base in (
            (("event_mean", "base_mean", "effect"), effects, base_mean),
            (("win_rate", "base_rate", "win_excess"), excess, base_rate),
        ):
            own, mean = np.full(len(grid.table), np.nan), np.where(empty, np.nan, base)[grid.cell]
            own[grid.order] = np.where(np.isfinite(values), values, np.nan)
            found |= dict(zip(names, (own + mean, mean, own), strict=True))
        table = grid.table.drop(columns="reason").assign(**found)
        return table.assign(reason=grid.table["reason"])


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
) -> SpecificationCurve:
    """Estimate every specification and test them jointly against other dates.

    Parameters
    ----------
    outcomes : DataFrame, shape (T, outcomes)
        One column an outcome (a leg, a horizon and a start month): the return that would follow an
        event in each month; NaN where there is none. The index is what the dates are shifted
        round, so it should cover the months in which the date rules could have named an event, no
        more.
    events : DataFrame of bool, shape (T, event sets)
        One column a date rule with its link.
    specifications : DataFrame
        One row a specification; `outcome` and `events` name columns of the two frames, `era` (if
        there) a column of `eras`; every other column is a choice and is passed through.
    eras : DataFrame of bool, shape (T, eras), optional
        Months of each era. An event counts in an era when its own month lies there.
    scheme : {"shift", "gap", "stratified"}
        One circular shift for all specifications; episodes at random dates at
        least `min_gap` months apart; episodes at random dates with the same `strata`. See
        :mod:`analysis.inference.joint_placements`.
    strata : Series, shape (T,), optional
        State of each month, for ``"stratified"`` only.
    min_gap : int
        Months that separate one episode from the next.
    draws, seed : int
        Placements drawn. All T shifts are enumerated when `draws` allows it.
    min_events : int
        Fewest events with an outcome a specification needs, observed or drawn.

    Returns
    -------
    SpecificationCurve
        Refused where no specification has an estimate, or the dates cannot be moved.

    Raises
    ------
    InputError
        Frames on different indices, unknown names, event flags that are not boolean.

    Notes
    -----
    With observed and drawn placements c = 0 … C and statistic S, p = #{S(c) ≥ S(0)} / (C + 1). S is
    computed by the same rules for every placement, a cell with too few events left out included, so
    the shift test is exact when outcomes are stationary round the sample.

    References
    ----------
    Simonsohn, U., J. P. Simmons and L. D. Nelson (2020), "Specification curve analysis", Nature
    Human Behaviour 4.
    """
    plan = plan_curve(
        outcomes,
        events,
        specifications,
        eras=eras,
        scheme=scheme,
        strata=strata,
        min_gap=min_gap,
        draws=draws,
        seed=seed,
        min_events=min_events,
    )
    return plan.test(outcomes)


def plan_curve(
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
) -> CurvePlan:
    """Lay out a specification curve; parameters and errors as in :func:`specification_curve`.

    Of the outcomes only the months in which each has a value count. Refused where no specification
    has an estimate, or the dates cannot be moved.
    """
    for value, name in ((min_gap, "min_gap"), (draws, "draws"), (min_events, "min_events")):
        as_count(value, name, 1)
    if scheme not in SCHEMES:
        raise InputError(f"scheme: unknown {scheme!r}; one of {', '.join(SCHEMES)}")
    if (strata is not None) != (scheme == "stratified"):
        raise InputError("strata: needed by scheme 'stratified' and by no other")
    grid = lay_out(outcomes, events, specifications, eras, min_events)
    if not grid.dates.size or (grid.table["reason"] != "").all():
        return CurvePlan.refused("no specification has enough events with an outcome")
    drawn = _draw(grid, scheme, strata, min_gap, draws, np.random.default_rng(seed))
    refusal = first_refusal(drawn)
    if refusal is not None:
        return CurvePlan.refused(refusal)
    marks = [_marks(drawn.positions[:, columns], grid.months) for columns, _ in grid.sets]
    count = _counts(marks, grid)
    np.copyto(count, np.inf, where=count < min_events)
    defined = np.flatnonzero(np.isfinite(count).any(axis=1))
    if len(defined) < len(count):
        marks, count = [marked[defined] for marked in marks], count[defined]
    return CurvePlan(grid, scheme, drawn.episodes, drawn.exact, tuple(marks), count)


def _draw(
    grid: Grid,
    scheme: str,
    strata: pd.Series | None,
    min_gap: int,
    draws: int,
    rng: np.random.Generator,
) -> JointPlacements:
    if scheme == "shift":
        return shifted_together(grid.dates, grid.months, min_gap, draws, rng)
    if scheme == "gap":
        return spaced_episodes(grid.dates, grid.months, min_gap, draws, rng)
    labels = pd.Series(np.asarray(strata, dtype=object))
    if len(labels) != grid.months or labels.isna().any():
        raise InputError(f"strata: give one label for each of the {grid.months} months")
    return episodes_in_strata(grid.dates, pd.factorize(labels)[0], min_gap, draws, rng)


def _marks(months: np.ndarray, length: int) -> csr_array:
    """One row a placement, with a one in each of its event months (twice in one counts two)."""
    from scipy.sparse import csr_array

    pointers = np.arange(0, months.size + 1, months.shape[1])
    return csr_array((np.ones(months.size), months.ravel(), pointers), shape=(len(months), length))


def _counts(marks: list[csr_array], grid: Grid) -> np.ndarray:
    """Events with an outcome in each placement, shape (placements, S), event set by event set."""
    # legs, and often windows, have outcomes in the same months: count for each such kind once
    months, kind = np.unique(np.packbits(grid.present > 0, axis=0), axis=1, return_inverse=True)
    first = np.full(months.shape[1], -1)
    first[kind[::-1]] = np.arange(len(kind))[::-1]
    present, left = np.ascontiguousarray(grid.present[:, first]), 0
    counts = np.empty((marks[0].shape[0], len(grid.order)), dtype=np.float32)
    for marked, (_, members) in zip(marks, grid.sets, strict=True):
        counts[:, left : left + len(members)] = (marked @ present)[:, kind[grid.cell[members]]]
        left += len(members)
    return counts


def _own_p_values(effects: np.ndarray) -> np.ndarray:
    """Share of each column's finite values that reach the first one; NaN where that is not."""
    finite = np.isfinite(effects)
    first = np.where(finite[0], effects[0], np.nan)
    reached = (effects >= first - 1e-12 * np.abs(first)) & finite
    return np.where(finite[0], reached.sum(axis=0) / np.maximum(finite.sum(axis=0), 1), np.nan)


def _upper_tail(statistics: np.ndarray) -> float:
    """Share of the placements that reach the first one; equal up to rounding counts as equal."""
    if not len(statistics):
        return np.nan
    slack = 1e-12 * float(np.abs(statistics).max())
    return float((statistics >= statistics[0] - slack).mean())
