"""Signals: whoever asks the program to end, it ends with all that it started."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import Any


class Stopped(BaseException):
    """A signal asked the program to end; no library takes it for an error of its own."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stop(number: int, _: Any) -> None:
    """Raise :class:`Stopped` for a signal, and pass over those that follow."""
    # a second signal must not interrupt the cleaning up after the first
    for name in SIGNALS:
        signal.signal(name, signal.SIG_IGN)
    raise Stopped(number)


#: What ends a program from outside: Ctrl-C, a polite kill, a closed terminal.
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def end_everything() -> None:
    """End every process this one started, and remove what it kept outside its folders."""
    kernels = sys.modules.get("analysis.runs.kernels")
    if kernels is not None:
        kernels.kill_kernels()
        kernels.remove_folder()
    children = sys.modules.get("multiprocessing")
    for child in children.active_children() if children is not None else ():
        child.kill()
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    with suppress(OSError, ValueError):
        sys.stderr.flush()
