"""How fast the program is, each comparison with its peer in the same run.

Whole programs are timed as a user starts them: a process of their own, imports included. Each side
runs several times and the median counts; a peer too slow to run whole is timed on a part of the
work and scaled, and its row says so.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from analysis.audit import benchmarks as estimators
from analysis.audit.benchmarks import Timing
from analysis.claims import load_claims
from analysis.panel import load_dataset
from analysis.results import InputError, nearest
from analysis.runs.book_timings import time_book, time_jobs
from analysis.runs.comparisons import Sizes, share_of
from analysis.runs.execute import check_jobs
from analysis.runs.meter import Spent, call, median_of, spent_on
from analysis.runs.sweep_timings import time_dates, time_scheduler, time_sweep


def bench(
    only: Sequence[str] = (), sizes: Sizes | None = None, told: Callable[[str], None] | None = None
) -> list[Timing]:
    """Run the comparisons.

    Parameters
    ----------
    only : sequence of str
        Names of :data:`PARTS`; by default all but those of :data:`ASKED_FOR`.
    sizes : Sizes, optional
    told : callable, optional
        Given the name of each part before it begins.

    Raises
    ------
    InputError
        Before anything is run: an unknown part, a size below one, a sweep shorter than what its
        peer is timed on.
    RuntimeError
        When a side fails.
    """
    sizes = sizes or Sizes()
    for name in only:
        if name not in PARTS:
            raise InputError(f"unknown part of the benchmark {name!r}{nearest(name, PARTS)}")
    numbers = (
        sizes.repeats,
        sizes.books,
        sizes.months,
        sizes.few,
        *sizes.spans,
        sizes.specifications,
    )
    if min(*numbers, sizes.curve_draws, sizes.null_draws, sizes.panels) < 1:
        raise InputError("sizes of a benchmark must be at least 1")
    if sizes.few > sizes.months:
        raise InputError(f"the sweep of the benchmark needs at least {sizes.few} months")
    timings = []
    for name in only or [name for name in PARTS if name not in ASKED_FOR]:
        if told is not None:
            told(name)
        with tempfile.TemporaryDirectory(prefix="smallcap-bench-") as scratch:
            timings += PARTS[name](sizes, Path(scratch))
    return timings


def _verbs(sizes: Sizes, scratch: Path) -> list[Timing]:
    """What users wait for without a run."""
    repeats = max(5, sizes.repeats)

    def timed(*words: str) -> Spent:
        call(*words)
        return median_of([spent_on(partial(call, *words)) for _ in range(repeats)])

    pandas = timed("-c", "import pandas")
    return [
        share_of(
            verb.strip("-"), f"smallcap {verb}", 'python -c "import pandas"',
            timed("-m", "analysis", verb), pandas, wanted, repeats=repeats, note=note,
        )
        for verb, wanted, note in (
            ("--help", 0.5, ""),
            ("ledger", 1.0, "into a file; the ledger was found whole before"),
        )
    ]  # fmt: skip


def _curve(sizes: Sizes, scratch: Path) -> list[Timing]:
    return estimators.time_curve(
        load_dataset(), load_claims(), sizes.specifications, sizes.curve_draws, sizes.repeats, 0
    )


def _null(sizes: Sizes, scratch: Path) -> list[Timing]:
    return [estimators.time_null(load_dataset(), sizes.null_draws, sizes.repeats, 0)]


def _panels(sizes: Sizes, scratch: Path) -> list[Timing]:
    return [estimators.time_jobs(load_dataset(), load_claims(), sizes.panels, 0)]


Part = Callable[[Sizes, Path], list[Timing]]

#: Parts of the benchmark, by the names that ``--only`` takes.
PARTS: dict[str, Part] = {
    "book": time_book,
    "jobs": time_jobs,
    "sweep": time_sweep,
    "dates": time_dates,
    "curve": _curve,
    "null": _null,
    "verbs": _verbs,
    "scheduler": time_scheduler,
    "panels": _panels,
}

#: Parts that are run only where they are named.
ASKED_FOR = ("panels",)


def machine() -> dict[str, object]:
    """What the benchmark ran on: processor, cores, system, interpreter, load when it began."""
    import platform

    return {
        "processor": _processor(),
        "cores": check_jobs(None),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    with_names = Path("/proc/cpuinfo")
    if sys.platform.startswith("linux") and with_names.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", with_names.read_text(), re.MULTILINE)
        if found:
            return found[1].strip()
    import platform

    return platform.processor() or "unknown"
