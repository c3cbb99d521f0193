"""How fast the heavy parts are, each against a peer timed in the same run.

Both sides are run once to warm up, then `repeats` times; the median of each counts. A peer too
slow to run whole is timed on a part of the work and scaled, and its row says so.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.audit.panels import BATCH, run_panels
from analysis.claims import Claim
from analysis.designs import bind
from analysis.designs.event_study import event_study
from analysis.designs.event_study.joint_grid import GridFrames, grid_frames
from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.joint_placements import spaced_episodes
from analysis.inference.null_r_squared import null_r_squared
from analysis.inference.overlap import horizon_sums
from analysis.inference.specifications import lay_out
from analysis.panel import Dataset, gaps, small_minus_large
from analysis.results import InputError

#: Horizons of the null distribution, in months.
HORIZONS = (1, 12, 36, 60, 120)

#: Months that separate episodes, and fewest events of a specification, in the curve.
MIN_GAP, MIN_EVENTS = 12, 3

#: Specifications a slow peer is timed on.
FEW_SPECIFICATIONS = 20


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One comparison.

    Attributes
    ----------
    row : str
        Its name, by which it is asked for.
    work, peer : str
        What was done, and against what.
    value : float
        What is judged, in `unit`: times faster than the peer, a share of the peer's time, MB, ...
    unit : str
    wanted : float or None
        What the project promises, where it does.
    at_most : bool
        Whether `value` has to stay below it; otherwise it has to get there.
    seconds, peer_seconds : float or None
        Of the clock, median of the repeats; the peer's scaled to the whole work.
    cpu_seconds, peer_cpu_seconds : float or None
        Of all processes together, where it was measured.
    peak_mb : float or None
        Highest memory taken during the work, in MB, measured in a run that is not timed or beside
        it.
    repeats : int
    note : str
    """

    row: str
    work: str
    peer: str
    value: float
    unit: str
    wanted: float | None = None
    at_most: bool = False
    seconds: float | None = None
    peer_seconds: float | None = None
    cpu_seconds: float | None = None
    peer_cpu_seconds: float | None = None
    peak_mb: float | None = None
    repeats: int = 1
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the promise is kept; None where there is none."""
        if self.wanted is None:
            return None
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self) | {"reached": self.reached}


def times_faster(
    row: str,
    work: str,
    peer: str,
    seconds: float,
    peer_seconds: float,
    wanted: float | None = None,
    **more: Any,
) -> Timing:
    """How many times faster than the peer some work was done."""
    return Timing(
        row=row,
        work=work,
        peer=peer,
        value=peer_seconds / seconds,
        unit="times faster",
        wanted=wanted,
        seconds=seconds,
        peer_seconds=peer_seconds,
        **more,
    )


def time_curve(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    specifications: int,
    draws: int,
    repeats: int,
    seed: int,
) -> list[Timing]:
    """The specification curve against loops that take one specification at a time."""
    frames, chosen = _largest_grid(dataset, claims, specifications)

    def ours() -> None:
        curve = specification_curve(
            frames.outcomes, frames.events, chosen, eras=frames.eras, scheme="gap",
            min_gap=MIN_GAP, draws=draws, seed=seed, min_events=MIN_EVENTS,
        )  # fmt: skip
        _joint_p_values(curve)

    seconds, peak = _median(ours, repeats), _peak(ours)
    grid = lay_out(frames.outcomes, frames.events, chosen, frames.eras, MIN_EVENTS)
    drawn = spaced_episodes(grid.dates, grid.months, MIN_GAP, draws, np.random.default_rng(seed))
    if drawn.refusal is not None:
        raise InputError(f"the benchmark's dates cannot be drawn: {drawn.refusal.reason}")
    few_draws, few = min(draws, 500), chosen.iloc[:FEW_SPECIFICATIONS]
    by_draw = _median(
        lambda: _loop(frames, few, grid.dates, drawn.positions[: few_draws + 1], 1), repeats
    )
    by_draw *= draws / few_draws * len(chosen) / len(few)
    at_once = _median(
        lambda: _loop(frames, few, grid.dates, drawn.positions, len(drawn.positions)), repeats
    )
    at_once *= len(chosen) / len(few)
    exact, shifted = _circular_shifts(frames, chosen, grid.dates, draws, repeats, seed)
    work = f"specification curve, {len(chosen)} specifications × {draws} draws, joint medians"
    few_words = f"peer timed on {len(few)} specifications"
    return [
        times_faster(
            "curve",
            work,
            "NumPy loop: one specification at a time, its draws at once",
            seconds,
            at_once,
            10.0,
            peak_mb=peak,
            repeats=repeats,
            note=f"{few_words} and scaled; it is handed its dates, and computes no p-values",
        ),
        times_faster(
            "curve by draw",
            work,
            "NumPy loop: one specification, one draw at a time",
            seconds,
            by_draw,
            20.0,
            peak_mb=peak,
            repeats=repeats,
            note=f"{few_words} × {few_draws} draws and scaled",
        ),
        times_faster(
            "curve, exact",
            f"the same under circular shifts, the verdict rules' own scheme: all {grid.months}"
            " shifts",
            f"NumPy loop: one specification at a time, {draws} random shifts at once",
            exact,
            shifted,
            20.0,
            peak_mb=peak,
            repeats=repeats,
            note="ours takes every shift once instead of drawing; peer timed and scaled as above",
        ),
    ]


def _joint_p_values(curve: SpecificationCurve) -> tuple[float, float]:
    """Both joint p-values, which a curve computes when they are asked for."""
    if curve.refusal is not None:
        raise InputError(f"the benchmark's dates cannot be drawn: {curve.refusal.reason}")
    return curve.p_median_effect, curve.p_median_win_rate


def _circular_shifts(
    frames: GridFrames,
    chosen: pd.DataFrame,
    dates: np.ndarray,
    draws: int,
    repeats: int,
    seed: int,
) -> tuple[float, float]:
    """Seconds of the exact curve over all shifts, and of a loop over specifications that draws."""
    months, few = len(frames.outcomes), chosen.iloc[:FEW_SPECIFICATIONS]
    offsets = np.random.default_rng(seed).integers(0, months, draws)
    positions = np.vstack([dates, (dates + offsets[:, None]) % months])

    def ours() -> None:
        curve = specification_curve(
            frames.outcomes, frames.events, chosen, eras=frames.eras,
            min_gap=MIN_GAP, draws=max(draws, months), seed=seed, min_events=MIN_EVENTS,
        )  # fmt: skip
        _joint_p_values(curve)

    exact = _median(ours, repeats)
    looped = _median(lambda: _loop(frames, few, dates, positions, len(positions)), repeats)
    return exact, looped * len(chosen) / len(few)


def time_null(dataset: Dataset, draws: int, repeats: int, seed: int) -> Timing:
    """The null distribution of R² and t against one statsmodels regression a draw and horizon."""
    import statsmodels.api as sm

    spread = small_minus_large(dataset.monthly, "smb")
    gap = next(iter(gaps(dataset.monthly, dataset.valuation, "smb").values()))
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    horizons = [h for h in HORIZONS if len(gap) > 3 * h + 24]
    seconds = _median(lambda: null_r_squared(returns, gap, horizons, draws, seed), repeats)
    peak = _peak(lambda: null_r_squared(returns, gap, horizons, draws, seed))
    few = min(draws, 10)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(returns), (few, len(returns)))
    x = gap.to_numpy()

    def peer() -> None:
        for pick, horizon in itertools.product(picks, horizons):
            y = horizon_sums(returns.to_numpy()[pick], horizon)
            design = sm.add_constant(x[: len(y)])
            fit = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": horizon})
            fit.rsquared, fit.tvalues  # noqa: B018  computed on first access

    slow = _median(peer, repeats) * draws / few
    return times_faster(
        "null",
        f"null distribution of R² and t, {draws} draws × {len(horizons)} horizons",
        "statsmodels OLS with HAC errors, one draw and horizon at a time",
        seconds,
        slow,
        50.0,
        peak_mb=peak,
        repeats=repeats,
        note=f"peer timed on {few} draws and scaled; its predictor is not simulated anew",
    )


def time_jobs(dataset: Dataset, claims: Mapping[str, Claim], panels: int, seed: int) -> Timing:
    """Calibration panels on one process against two."""
    # both workers get a batch, so that both have what is simulated once for each process
    run_panels(dataset, claims, 1, jobs=1, seed=seed)
    run_panels(dataset, claims, 2 * BATCH, jobs=2, seed=seed)
    times = []
    for jobs in (2, 1):
        start = time.perf_counter()
        run_panels(dataset, claims, panels, jobs=jobs, seed=seed)
        times.append(time.perf_counter() - start)
    return times_faster(
        "panels",
        f"calibration, {panels} panels through all worlds and rules, two jobs",
        "the same in one job",
        times[0],
        times[1],
        1.8,
        note=f"{times[1] / panels:.2f} seconds a panel in one job; needs two free cores",
    )


def _largest_grid(
    dataset: Dataset, claims: Mapping[str, Claim], specifications: int
) -> tuple[GridFrames, pd.DataFrame]:
    """The first specifications with an estimate of the largest grid, repeated where too few."""
    studies = [bind(claim) for claim in claims.values() if claim.design == event_study.name]
    largest = max(studies, key=lambda one: math.prod(len(axis) for axis in one.grid.values()))
    frames = grid_frames(dataset, largest)
    every = frames.specifications
    grid = lay_out(frames.outcomes, frames.events, every, frames.eras, MIN_EVENTS)
    alive = np.flatnonzero((grid.table["reason"] == "").to_numpy())
    if not len(alive):
        raise InputError("the data hold too few first cuts for the benchmark's grid")
    return frames, every.iloc[np.resize(alive, specifications)].reset_index(drop=True)


def _loop(
    frames: GridFrames,
    chosen: pd.DataFrame,
    dates: np.ndarray,
    placements: np.ndarray,
    together: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Medians of effect and win excess by placement of the dates, `together` of them at a time."""
    effects, excess = (np.full((len(chosen), len(placements)), np.nan) for _ in range(2))
    for at, row in enumerate(chosen.itertuples()):
        inside = frames.eras[row.era].to_numpy()
        values = np.where(inside, frames.outcomes[row.outcome].to_numpy(), np.nan)
        seen = values[np.isfinite(values)]
        columns = np.flatnonzero(frames.events[row.events].to_numpy()[dates])
        for first in range(0, len(placements), together):
            part = slice(first, first + together)
            drawn = values[placements[part][:, columns]]
            present = np.isfinite(drawn)
            number = present.sum(axis=1)
            number = np.where(number < MIN_EVENTS, np.nan, number)
            total = np.where(present, drawn, 0.0).sum(axis=1)
            effects[at, part] = total / number - seen.mean()
            excess[at, part] = (drawn > 0).sum(axis=1) / number - (seen > 0).mean()
    filled = np.isfinite(effects).any(axis=0)
    return np.nanmedian(effects[:, filled], axis=0), np.nanmedian(excess[:, filled], axis=0)


def _median(work: Callable[[], object], repeats: int) -> float:
    """Median seconds of the repeats, after one that is not timed."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def bench_table(timings: Sequence[Timing]) -> pd.DataFrame:
    """The comparisons as a table."""
    return pd.DataFrame(
        {
            "row": [one.row for one in timings],
            "work": [one.work for one in timings],
            "against": [one.peer for one in timings],
            "value": [one.value for one in timings],
            "unit": [one.unit for one in timings],
            "promised": [one.wanted for one in timings],
            "reached": [{True: "yes", False: "no", None: ""}[one.reached] for one in timings],
            "seconds": [one.seconds for one in timings],
            "peer's seconds": [one.peer_seconds for one in timings],
            "peak MB": [one.peak_mb for one in timings],
            "note": [one.note for one in timings],
        }
    )
