"""How fast the heavy parts are, each against a peer timed in the same run.

Both sides are run once to warm up, then `repeats` times; the best time of each counts. A peer too
slow to run whole is timed on a part of the work and scaled, and its row says so.
"""

from __future__ import annotations

import itertools
import math
import time
import tracemalloc
from collections.abc import Callable, Mapping
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


@dataclass(frozen=True)
class Timing:
    """One comparison.

    Attributes
    ----------
    work : str
        What was done.
    peer : str
        Against what.
    seconds, peer_seconds : float
        Best of the repeats; the peer's scaled to the whole work.
    ratio : float
        How many times faster.
    wanted : float or None
        The ratio the project promises, where it does.
    peak_mb : float or None
        Highest memory taken during the work, in MB, measured in a run that is not timed.
    note : str
    """

    work: str
    peer: str
    seconds: float
    peer_seconds: float
    ratio: float
    wanted: float | None
    peak_mb: float | None
    note: str

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def run_bench(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    *,
    specifications: int = 1000,
    curve_draws: int = 10_000,
    null_draws: int = 5000,
    panels: int = 40,
    repeats: int = 3,
    seed: int = 0,
) -> list[Timing]:
    """Run every comparison.

    Raises
    ------
    InputError
        For a size below one.
    """
    sizes = (specifications, curve_draws, null_draws, panels, repeats)
    if min(sizes) < 1:
        raise InputError(f"sizes of a benchmark must be at least 1, got {min(sizes)}")
    return [
        *time_curve(dataset, claims, specifications, curve_draws, repeats, seed),
        time_null(dataset, null_draws, repeats, seed),
        time_jobs(dataset, claims, panels, seed),
    ]


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

    seconds, peak = _best(ours, repeats), _peak(ours)
    grid = lay_out(frames.outcomes, frames.events, chosen, frames.eras, MIN_EVENTS)
    drawn = spaced_episodes(grid.dates, grid.months, MIN_GAP, draws, np.random.default_rng(seed))
    if drawn.refusal is not None:
        raise InputError(f"the benchmark's dates cannot be drawn: {drawn.refusal.reason}")
    few_draws, few = min(draws, 500), chosen.iloc[:FEW_SPECIFICATIONS]
    by_draw = _best(
        lambda: _loop(frames, few, grid.dates, drawn.positions[: few_draws + 1], 1), repeats
    )
    by_draw *= draws / few_draws * len(chosen) / len(few)
    at_once = _best(
        lambda: _loop(frames, few, grid.dates, drawn.positions, len(drawn.positions)), repeats
    )
    at_once *= len(chosen) / len(few)
    exact, shifted = _circular_shifts(frames, chosen, grid.dates, draws, repeats, seed)
    work = f"specification curve, {len(chosen)} specifications × {draws} draws, joint medians"
    return [
        Timing(
            work,
            "NumPy loop: one specification, one draw at a time",
            seconds,
            by_draw,
            by_draw / seconds,
            20.0,
            peak,
            f"peer timed on {len(few)} specifications × {few_draws} draws and scaled",
        ),
        Timing(
            work,
            "NumPy loop: one specification at a time, its draws at once",
            seconds,
            at_once,
            at_once / seconds,
            None,
            peak,
            f"peer timed on {len(few)} specifications and scaled; it is handed its"
            " dates, and computes no p-values",
        ),
        Timing(
            f"the same under circular shifts, the verdict rules' own scheme: all {grid.months}"
            " shifts",
            f"NumPy loop: one specification at a time, {draws} random shifts at once",
            exact,
            shifted,
            shifted / exact,
            20.0,
            peak,
            "ours takes every shift once instead of drawing; peer timed and scaled as above",
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

    exact = _best(ours, repeats)
    looped = _best(lambda: _loop(frames, few, dates, positions, len(positions)), repeats)
    return exact, looped * len(chosen) / len(few)


def time_null(dataset: Dataset, draws: int, repeats: int, seed: int) -> Timing:
    """The null distribution of R² and t against one statsmodels regression a draw and horizon."""
    import statsmodels.api as sm

    spread = small_minus_large(dataset.monthly, "smb")
    gap = next(iter(gaps(dataset.monthly, dataset.valuation, "smb").values()))
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    horizons = [h for h in HORIZONS if len(gap) > 3 * h + 24]
    seconds = _best(lambda: null_r_squared(returns, gap, horizons, draws, seed), repeats)
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

    slow = _best(peer, repeats) * draws / few
    return Timing(
        f"null distribution of R² and t, {draws} draws × {len(horizons)} horizons",
        "statsmodels OLS with HAC errors, one draw and horizon at a time",
        seconds,
        slow,
        slow / seconds,
        50.0,
        peak,
        f"peer timed on {few} draws and scaled; its predictor is not simulated anew",
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
    return Timing(
        f"calibration, {panels} panels through all worlds and rules, two jobs",
        "the same in one job",
        times[0],
        times[1],
        times[1] / times[0],
        1.8,
        None,
        f"{times[1] / panels:.2f} seconds a panel in one job; needs two free cores",
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


def _best(work: Callable[[], object], repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _peak(work: Callable[[], object]) -> float:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def bench_table(timings: list[Timing]) -> pd.DataFrame:
    """The comparisons as a table."""
    return pd.DataFrame(
        {
            "work": [t.work for t in timings],
            "against": [t.peer for t in timings],
            "seconds": [t.seconds for t in timings],
            "peer's seconds": [t.peer_seconds for t in timings],
            "times faster": [t.ratio for t in timings],
            "promised": [t.wanted for t in timings],
            "peak MB": [t.peak_mb for t in timings],
            "note": [t.note for t in timings],
        }
    )
