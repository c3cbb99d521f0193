"""What the parts of the benchmark share: sizes, units, and how two sides become a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from analysis.audit.benchmarks import Timing, times_faster
from analysis.runs.meter import Spent

SHARE, TIMES, RATIO = "of the peer's time", "times faster", "dearest over cheapest"


@dataclass(frozen=True)
class Sizes:
    """How much of everything is timed.

    Attributes
    ----------
    repeats : int
        Times each side is run.
    books : int
        Times a book is made from nothing, and by the peer: they take longest.
    swept : str
        Chapter of the sweep that papermill is held against.
    months, few : int
        Months of that sweep, and those the peer is timed on.
    spans : tuple of int
        Months of the sweeps whose cost a month has to stay flat, and `flat`, their chapter.
    shared : tuple of str
        Notebooks run in one job and in two; all of them where it is empty.
    specifications, curve_draws, null_draws, panels : int
        As in :mod:`analysis.audit.benchmarks`.
    """

    repeats: int = 3
    books: int = 2
    swept: str = "first_cut"
    months: int = 100
    few: int = 3
    spans: tuple[int, ...] = (10, 50, 500)
    flat: str = "first_cut"
    shared: tuple[str, ...] = ()
    specifications: int = 1000
    curve_draws: int = 10_000
    null_draws: int = 5000
    panels: int = 40


def share_of(
    row: str, work: str, peer: str, ours: Spent, theirs: Spent, wanted: float, **more: Any
) -> Timing:
    """The share of the peer's time that some work took."""
    return replace(
        faster_than(row, work, peer, ours, theirs, wanted, **more),
        value=ours.seconds / theirs.seconds,
        unit=SHARE,
        at_most=True,
    )


def faster_than(
    row: str, work: str, peer: str, ours: Spent, theirs: Spent, wanted: float, **more: Any
) -> Timing:
    """How many times faster than the peer some work was."""
    return times_faster(
        row,
        work,
        peer,
        ours.seconds,
        theirs.seconds,
        wanted,
        cpu_seconds=ours.cpu_seconds,
        peer_cpu_seconds=theirs.cpu_seconds,
        peak_mb=ours.peak_mb,
        **more,
    )


def one_thread() -> dict[str, str]:
    """One thread for linear algebra on the peers' side too, as our kernels have."""
    return dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
