"""Limits of a run: seconds a cell, seconds a notebook, memory of its kernel.

A watch beside each run ends the kernel, with all that it started, when it goes beyond one of them.
Memory is what the processes hold (resident), for numerical libraries reserve many times of that.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from dataclasses import dataclass
from typing import Any

import psutil

from analysis.runs.kernels import LocalKernel, kill_group

#: Seconds between two looks at a kernel, and at what it started.
_TICK = 0.1
_SCAN = 1.0

#: Characters one cell may print; the longest page of ours has a hundredth.
MOST_OUTPUT = 50_000_000

_MB = 1024**2


@dataclass(frozen=True)
class Limits:
    """What a notebook may take.

    Attributes
    ----------
    cell_seconds, notebook_seconds : float
        Of the clock, the kernel's start included in the notebook's.
    memory_mb : float
        Megabytes (of 1,048,576 bytes) that the kernel and all it started hold together. The
        chapters need 300.
    """

    cell_seconds: float = 900.0
    notebook_seconds: float = 3600.0
    memory_mb: float = 2048.0


class Watch:
    """Watches one run's kernel from its start to its end; to be used with ``with``.

    Attributes
    ----------
    beyond : str or None
        The limit that was crossed, in words, once the watch has ended the kernel for it.
    cell : int or None
        Index of the code cell that runs or ran last; None before the first.
    source : str
        Its source.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.beyond: str | None = None
        self.cell: int | None = None
        self.source = ""
        self._running: Any = None
        self._began = time.monotonic()
        self._cell_began: float | None = None
        self._scanned = 0.0
        self._kernel: psutil.Process | None = None
        self._popen: Any = None
        self._below: dict[int, psutil.Process] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="smallcap-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._end()

    def kernel_started(self, kernel: LocalKernel) -> None:
        """Take note of the kernel; called when its process is there."""
        self._popen = getattr(kernel.provisioner, "process", None)
        if self._popen is not None:
            with contextlib.suppress(psutil.Error):
                self._kernel = psutil.Process(self._popen.pid)
        if self.beyond is not None:
            # the notebook's time was over before there was a process to end
            self._end()

    def cell_started(self, cell: Any, cell_index: int, **_: Any) -> None:
        """Take note of a cell; called by the notebook client before it runs."""
        if cell.cell_type == "code" and cell.source.strip():
            self.cell, self.source, self._running = cell_index, cell.source, cell
            self._cell_began = time.monotonic()

    def cell_ended(self) -> None:
        """Take note that no cell runs."""
        self._cell_began = None
        self._scan()

    def death(self) -> str:
        """How the kernel's process ended, in words."""
        code = getattr(self._popen, "returncode", None)
        if code is None or code >= 0:
            return "its kernel died"
        with contextlib.suppress(ValueError):
            return f"its kernel was ended from outside ({signal.Signals(-code).name})"
        return f"its kernel was ended from outside (signal {-code})"

    def _look(self) -> None:
        while not self._done.wait(_TICK):
            self.beyond = self._crossed()
            if self.beyond is not None:
                self._end()
                return

    def _crossed(self) -> str | None:
        now, began = time.monotonic(), self._cell_began
        if now - self._scanned > _SCAN:
            self._scan()
        if began is not None and now - began > self.limits.cell_seconds:
            return (
                f"it took longer than {self.limits.cell_seconds:g} seconds, the limit of a cell"
                f" (--cell-timeout){self._stopped()}"
            )
        if now - self._began > self.limits.notebook_seconds:
            return (
                f"the notebook took longer than {self.limits.notebook_seconds:g} seconds, its limit"
                f" (--notebook-timeout){self._stopped()}"
            )
        if (held := self._memory()) > self.limits.memory_mb:
            return (
                f"its kernel held {held:,.0f} MB of memory, more than the limit of"
                f" {self.limits.memory_mb:,.0f} MB (--memory)"
            )
        if began is not None and self._printed() > MOST_OUTPUT:
            return f"it printed more than {MOST_OUTPUT:,} characters, the limit of a cell"
        return None

    def _processes(self) -> list[psutil.Process]:
        below = list(self._below.values())
        return below if self._kernel is None else [self._kernel, *below]

    def _memory(self) -> float:
        total = 0
        for process in self._processes():
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total / _MB

    def _printed(self) -> int:
        return sum(
            len(text)
            for output in list(self._running.outputs)
            for text in (output.get("text", ""), *output.get("data", {}).values())
            if isinstance(text, str)
        )

    def _stopped(self) -> str:
        with contextlib.suppress(psutil.Error):
            if self._kernel is not None and self._kernel.status() == psutil.STATUS_STOPPED:
                return "; its kernel was stopped from outside (SIGSTOP)"
        return ""

    def _scan(self) -> None:
        """What the kernel has started so far, remembered after it left the kernel's family."""
        self._scanned = time.monotonic()
        with contextlib.suppress(psutil.Error):
            if self._kernel is not None:
                below = self._kernel.children(recursive=True)
                self._below |= {process.pid: process for process in below}

    def _end(self) -> None:
        """Kill the kernel and everything it started that is still there."""
        self._scan()
        if self._popen is not None:
            kill_group(self._popen.pid)
        for process in self._processes():
            # a process that took over the number of one that ended is told apart by its start
            with contextlib.suppress(psutil.Error):
                process.kill()
