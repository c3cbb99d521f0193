"""Processes that call designs: they end with whoever started them, however that ended."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TypeVar

from analysis.runs.plan import Run

#: Seconds between two looks at the parent.
_TICK = 1.0

Outcome = TypeVar("Outcome")


def in_worker(parent: int, judge: Callable[[int, Run], Outcome], number: int, run: Run) -> Outcome:
    """Call `judge`, in a process that ends when `parent`, which started it, is gone.

    A pool's processes wait for work for minutes after a parent that was killed.
    """
    if os.getpid() != parent:
        _watch(parent)
    outcome = judge(number, run)
    _freeze()
    return outcome


@cache
def _watch(parent: int) -> None:
    """Once a process."""
    threading.Thread(target=_end_with, args=(parent,), name="smallcap-orphan", daemon=True).start()


@cache
def _freeze() -> None:
    """Once a process: what the first call imported and read is not looked through again.

    A library collects garbage at each call, which is slow while all modules and data are looked at.
    """
    gc.collect()
    gc.freeze()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_TICK)
    os._exit(1)
