"""Sweeps against papermill, against themselves, and on many simulated workers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat
import pandas as pd

from analysis.audit.benchmarks import Timing
from analysis.files import write_whole
from analysis.runs.comparisons import RATIO, TIMES, Sizes, faster_than, one_thread
from analysis.runs.direct import judge_directly
from analysis.runs.execute import check_jobs
from analysis.runs.meter import call, median_of, spent_on
from analysis.runs.plan import NOTEBOOKS_FOLDER
from analysis.runs.scheduler_load import (
    ASSUMED_MESSAGE_SECONDS,
    measured_message_seconds,
    simulate_load,
)
from analysis.runs.templates import source_notebook

#: Workers and tasks of the simulated clusters.
WORKERS, TASKS = (1, 10, 100, 1000), 100_000

LAST_MONTH = "2016-12"

#: Months over which those of a sweep are spread.
SPAN = 504


_ONE_TASK = (
    "from analysis.runs.direct import judge_directly; judge_directly('{}', {{'as_of': '{}'}})"
)


def time_sweep(sizes: Sizes, scratch: Path) -> list[Timing]:
    """Designs over many months against papermill over a few."""
    months = months_apart(sizes.months)
    few = months[:: max(1, len(months) // sizes.few)][: sizes.few]
    ours = spent_on(partial(_sweep_designs, sizes.swept, months, scratch / "designs"))
    peer = median_of([spent_on(partial(_papermill, sizes.swept, one, scratch)) for one in few])
    whole = replace(
        peer, seconds=peer.seconds * len(months), cpu_seconds=peer.cpu_seconds * len(months)
    )
    return [
        faster_than(
            "sweep", f"{sizes.swept} at {len(months)} months, --engine designs",
            "papermill, one month after another", ours, whole, 100.0,
            note=f"peer timed on {len(few)} months, one by one, and scaled",
        )
    ]  # fmt: skip


def time_dates(sizes: Sizes, scratch: Path) -> list[Timing]:
    """Cost of a month in sweeps of few and of many, beside what a sweep costs in itself.

    In seconds of the processor: by the clock, the start of a sweep swings by more than a fifth of
    what ten months take.
    """
    # a month for each job, so that all processes are there
    first = check_jobs(None)

    def taken(number: int) -> float:
        """Seconds of a sweep; of several runs the median, for a short one is mostly its start."""
        months = months_apart(number + first)
        runs = (
            spent_on(partial(_sweep_designs, sizes.flat, months, scratch / f"{number}-{run}"))
            for run in range(sizes.repeats if number < max(sizes.spans) else 1)
        )
        return median_of(list(runs)).cpu_seconds

    start = taken(0)
    each = {number: (taken(number) - start) / number for number in sizes.spans}
    seen = {number: cost for number, cost in each.items() if cost > 0}
    if len(seen) < 2:
        raise RuntimeError("sweeps of different lengths took the same time; ask for longer ones")
    told = ", ".join(
        f"{1000 * cost:.0f} ms at {number}" if cost > 0 else f"too little to see at {number}"
        for number, cost in each.items()
    )
    return [
        Timing(
            row="dates",
            work=f"{sizes.flat} at {min(each)} to {max(each)} months more than {first}",
            peer="itself", value=max(seen.values()) / min(seen.values()), unit=RATIO,
            wanted=1.2, at_most=True, seconds=each[max(each)], peer_seconds=seen[min(seen)],
            note=f"seconds are a month's, of the processor; {told}",
        )
    ]  # fmt: skip


def time_scheduler(sizes: Sizes, scratch: Path) -> list[Timing]:
    """A sweep on many workers, simulated with tasks recorded now; see :mod:`scheduler_load`."""
    months = months_apart(sizes.few + 1)
    run = partial(judge_directly, sizes.swept)
    # the first call of a process pays for its imports and data
    start = spent_on(partial(call, "-c", _ONE_TASK.format(sizes.swept, months[0]))).seconds
    run({"as_of": months[0]})
    tasks = [spent_on(partial(run, {"as_of": month})).seconds for month in months[1:]]
    size = len(json.dumps(run({"as_of": months[-1]})).encode())
    measured = measured_message_seconds()
    message = ASSUMED_MESSAGE_SECONDS if measured is None else measured
    how = "assumed, for Dask is not installed" if measured is None else "measured"
    return [
        Timing(
            row=f"cluster of {load.workers}",
            work=f"{load.tasks:,} tasks of {sizes.swept} on {load.workers} workers, simulated",
            peer="one worker, without a scheduler", value=load.speedup, unit=TIMES,
            seconds=load.seconds, peer_seconds=load.seconds * load.speedup,
            note=(
                f"scheduler busy {load.scheduler_busy:.0%}, workers {load.workers_busy:.0%};"
                f" {load.bytes_a_second / 1e6:.2f} MB of results a second; recorded:"
                f" {sum(tasks) / len(tasks):.3f} s and {size / 1000:.0f} kB a task,"
                f" {1e6 * message:.0f} µs of the scheduler ({how}), {start:.1f} s to start a worker"
            ),
        )
        for load in (
            simulate_load(
                tasks, workers, TASKS, message_seconds=message, start_seconds=start,
                result_bytes=size,
            )
            for workers in WORKERS
        )
    ]  # fmt: skip


def months_apart(number: int) -> list[str]:
    """So many months up to the last, spread evenly over the same span, the newest last.

    A later month sees more and costs more: sweeps of few and of many are to hold the same mixture.
    """
    last = pd.Period(LAST_MONTH, "M")
    length = max(SPAN, number)
    return [str(last - length * back // number) for back in range(number - 1, -1, -1)]


def _sweep_designs(name: str, months: Sequence[str], out: Path) -> None:
    call(
        *("-m", "analysis", "sweep", name, "--as-of", ",".join(months)),
        *("--engine", "designs", "--out", str(out)),
    )


def _papermill(name: str, month: str, scratch: Path) -> None:
    given = scratch / f"{name}.ipynb"
    write_whole(given, nbformat.writes(source_notebook(NOTEBOOKS_FOLDER / f"{name}.ipynb")))
    call(
        *("-c", "from papermill.cli import papermill; papermill()", str(given)),
        *(str(scratch / f"{month}.ipynb"), "-p", "as_of", month, "-k", "python3"),
        *("--no-progress-bar", "--cwd", str(scratch)),
        environment=one_thread(),
    )
