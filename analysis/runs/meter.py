"""Seconds, processor seconds and memory of some work, with all processes it starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

from analysis.files import CODE

#: Seconds between two looks at the memory of the processes.
_TICK = 0.1

_MB = 1024**2


@dataclass(frozen=True)
class Spent:
    """What some work took.

    Attributes
    ----------
    seconds : float
        Of the clock.
    cpu_seconds : float
        Of this process and of all it started that ended meanwhile.
    peak_mb : float
        Highest resident memory of all processes started, together.
    worker_mb : float
        Highest resident memory of one of them.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    worker_mb: float


def spent_on(work: Callable[[], object]) -> Spent:
    """Do some work once, and measure it."""
    done = threading.Event()
    peaks = [0.0, 0.0]
    watch = threading.Thread(target=_watch, args=(done, peaks), daemon=True)
    before, began = _processor_seconds(), time.perf_counter()
    watch.start()
    try:
        work()
        seconds = time.perf_counter() - began
    finally:
        done.set()
        watch.join()
    return Spent(seconds, _processor_seconds() - before, *peaks)


def median_of(some: Sequence[Spent]) -> Spent:
    """Medians of several times, and the highest memory of all."""
    return Spent(
        statistics.median(one.seconds for one in some),
        statistics.median(one.cpu_seconds for one in some),
        max(one.peak_mb for one in some),
        max(one.worker_mb for one in some),
    )


def call(
    *words: str,
    environment: Mapping[str, str] | None = None,
    folder: str = "",
    alone: bool = False,
) -> None:
    """Run this interpreter with some arguments, silently.

    Parameters
    ----------
    *words : str
    environment : mapping, optional
        Changes to this process's own.
    folder : str
        Where it runs; here by default.
    alone : bool
        Leave the path of modules as `environment` has it; otherwise this package is on it.

    Raises
    ------
    RuntimeError
        With the last lines of what it said, when it fails.
    """
    paths = [str(CODE), *filter(None, [os.environ.get("PYTHONPATH")])]
    path = {} if alone else {"PYTHONPATH": os.pathsep.join(paths)}
    known = {**os.environ, **path, **(environment or {})}
    done = subprocess.run(
        [sys.executable, *words],
        env=known,
        cwd=folder or None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise RuntimeError(f"benchmark: {' '.join(words[:6])} ended with {done.returncode}: {said}")


def _processor_seconds() -> float:
    # not on Windows
    import resource

    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _watch(done: threading.Event, peaks: list[float]) -> None:
    own = psutil.Process()
    while True:
        held = [_resident(process) for process in own.children(recursive=True)]
        peaks[0] = max(peaks[0], sum(held))
        peaks[1] = max(peaks[1], *held, 0.0)
        if done.wait(_TICK):
            return


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / _MB
    except psutil.Error:
        return 0.0
