"""Many panels in batches, on one process or on several; what they give does not depend on it."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

Task = TypeVar("Task")
Found = TypeVar("Found")


def in_batches(
    work: Callable[[Task, range], Found], task: Task, panels: int, size: int, jobs: int
) -> Iterator[tuple[range, Found]]:
    """What some work finds on every batch of panels, in their order.

    Parameters
    ----------
    work : callable
        Function of a module, from the task and the numbers of a batch's panels.
    task : object
        What does not change from panel to panel; handed to each process once.
    panels, size : int
        Panels in all, and in a batch.
    jobs : int
        Processes; one thread each.
    """
    batches = [range(first, min(first + size, panels)) for first in range(0, panels, size)]
    if jobs == 1:
        yield from ((batch, work(task, batch)) for batch in batches)
        return
    from joblib import Parallel, delayed, parallel_config

    packed = pickle.dumps((work, task))
    with parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        pool = Parallel(return_as="generator")
        found = pool(delayed(_run_packed)(packed, batch) for batch in batches)
        yield from zip(batches, found, strict=True)


def _run_packed(packed: bytes, batch: range) -> Any:
    work, task = _unpacked(packed)
    return work(task, batch)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> tuple[Callable[[Any, range], Any], Any]:
    return pickle.loads(packed)
