"""What many workers would make of a sweep: a simulation with recorded times of its tasks.

One scheduler hands out tasks and takes results back, one message after another; each worker loads
code and data once and then does one task at a time. Nothing here runs a cluster.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.results import InputError


@dataclass(frozen=True)
class Load:
    """A simulated sweep.

    Attributes
    ----------
    workers, tasks : int
    seconds : float
        From the first message to the last result.
    scheduler_busy, workers_busy : float
        Shares of that time.
    speedup : float
        Times faster than one worker without a scheduler.
    bytes_a_second : float
        Of results that come back.
    """

    workers: int
    tasks: int
    seconds: float
    scheduler_busy: float
    workers_busy: float
    speedup: float
    bytes_a_second: float


def simulate_load(
    task_seconds: Sequence[float],
    workers: int,
    tasks: int,
    *,
    message_seconds: float,
    start_seconds: float = 0.0,
    result_bytes: float = 0.0,
    seed: int = 0,
) -> Load:
    """Simulate a sweep on many workers.

    Parameters
    ----------
    task_seconds : sequence of float
        Recorded seconds of single tasks; drawn from with replacement.
    workers, tasks : int
    message_seconds : float
        The scheduler's own time for one task, handing it out and taking its result together.
    start_seconds : float
        What a worker needs before its first task, imports and data.
    result_bytes : float
        Of one task's result.
    seed : int

    Raises
    ------
    InputError
        For no recorded times, a time that is not above zero, or counts below one.

    Notes
    -----
    A queue with one server in front of `workers` servers. A worker that ends a task waits for the
    scheduler to serve it; with tasks of mean t and messages of m seconds the scheduler is busy all
    the time from about t / m workers on, and more of them gain nothing.
    """
    times = np.asarray(task_seconds, dtype=float)
    if not len(times) or not np.isfinite(times).all() or not (times > 0).all():
        raise InputError("recorded seconds of tasks: give at least one, all above zero")
    if min(workers, tasks) < 1 or min(message_seconds, start_seconds, result_bytes) < 0:
        raise InputError("a simulated cluster needs a worker and a task, and no negative time")
    drawn = np.random.default_rng(seed).choice(times, tasks)
    asking = [start_seconds] * min(workers, tasks)
    heapq.heapify(asking)
    free = ended = 0.0
    for seconds in drawn:
        # whoever asks first is served first; the result travels with the next question
        free = max(free, heapq.heappop(asking)) + message_seconds
        ended = max(ended, free + seconds)
        heapq.heappush(asking, free + seconds)
    work = float(drawn.sum())
    return Load(
        workers=workers,
        tasks=tasks,
        seconds=ended,
        scheduler_busy=tasks * message_seconds / ended,
        workers_busy=work / (workers * ended),
        speedup=(work + start_seconds) / ended,
        bytes_a_second=tasks * result_bytes / ended,
    )


#: What Dask's own documentation gives for one task, where Dask is not there to be measured.
ASSUMED_MESSAGE_SECONDS = 0.001


def measured_message_seconds(tasks: int = 2000) -> float | None:
    """Seconds a Dask scheduler takes for one task that does nothing; None without Dask.

    Measured on a scheduler and one worker in this process, so that it includes their own side of
    every message: an upper bound.
    """
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        return None
    import time

    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        client.gather(client.map(_nothing, range(100), pure=False))
        began = time.perf_counter()
        client.gather(client.map(_nothing, range(tasks), pure=False))
        return (time.perf_counter() - began) / tasks


def _nothing(number: int) -> int:
    return number
