"""Kernels forked from one process that has paid for the imports, where the platform allows it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from weakref import WeakSet

import psutil

from analysis.runs.warmed import READY

#: Seconds the imports may take on a slow machine, and one fork.
_WARM_SECONDS, _FORK_SECONDS = 120.0, 30.0
_LAST_SECONDS = 5.0

_OPEN: WeakSet[Warmed] = WeakSet()


def can_fork() -> bool:
    """Whether kernels may be forked: on Linux; macOS's own libraries do not survive a fork."""
    return sys.platform.startswith("linux") and hasattr(os, "fork")


class ForkedProcess:
    """A forked kernel, with the part of :class:`subprocess.Popen` that a kernel's manager uses.

    Attributes
    ----------
    pid : int
        Of the kernel, which leads a process group of this number.
    returncode : int or None
        As :class:`subprocess.Popen` has it: negative for a signal.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._over = threading.Event()

    def ended(self, code: int) -> None:
        """Take note of the exit code; the first one counts."""
        if self.returncode is None:
            self.returncode = code
        self._over.set()

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end.

        Raises
        ------
        subprocess.TimeoutExpired
            When it does not come in time.
        """
        if not self._over.wait(timeout):
            raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Signal the kernel alone; one that has just ended is told soon."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Warmed:
    """The process that kernels are forked from; to be used with ``with``."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._lock = threading.Condition()
        self._ready = self._closed = False
        self._numbers = 0
        self._begun: dict[int, int] = {}
        self._processes: dict[int, ForkedProcess] = {}
        #: Exit codes of kernels that ended before their start was told.
        self._early: dict[int, int] = {}

    def __enter__(self) -> Warmed:
        told, replies = os.pipe()
        # -P: the folder of the caller must not shadow a module
        command = [sys.executable, "-P", "-m", "analysis.runs.warmed", str(replies)]
        try:
            self._server = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                pass_fds=(replies,),
                env={**os.environ, **self._environment},
                start_new_session=True,
            )
        except BaseException:
            os.close(told)
            raise
        finally:
            os.close(replies)
        _OPEN.add(self)
        self._reader = threading.Thread(target=self._read, args=(told,), daemon=True)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._server.pid

    def wait(self) -> bool:
        """Wait for its imports; whether kernels can be forked from it."""
        with self._lock:
            return self._until_ready()

    def close(self) -> None:
        """End the process, which ends every kernel it forked."""
        with contextlib.suppress(OSError, ValueError):
            if self._server.stdin is not None:
                self._server.stdin.close()
        try:
            self._server.wait(_LAST_SECONDS if self._ready else 0)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        for process in list(self._processes.values()):
            if process.returncode is None:
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
        self._reader.join(_LAST_SECONDS)

    def kill(self) -> None:
        """End the process and everything below it at once, from whatever thread or signal."""
        with contextlib.suppress(psutil.Error):
            server = psutil.Process(self.pid)
            below = server.children(recursive=True)
            # with it goes every kernel, also one it forked since they were counted
            for process in (server, *below):
                with contextlib.suppress(psutil.Error):
                    process.kill()

    def fork(self, arguments: Sequence[str], folder: str) -> ForkedProcess | None:
        """A kernel in a folder, or None where the process is gone and a plain one has to do.

        While the process still imports, a kernel waits for it: importing the same beside it would
        take longer.
        """
        with self._lock:
            if not self._until_ready():
                return None
            self._numbers += 1
            number = self._numbers
            request = {"number": number, "arguments": list(arguments), "folder": folder}
            if not self._ask(request):
                return None
            self._lock.wait_for(lambda: number in self._begun or self._closed, _FORK_SECONDS)
            pid = self._begun.pop(number, None)
            if pid is None:
                return None
            process = self._processes[pid] = ForkedProcess(pid)
            if pid in self._early:
                process.ended(self._early.pop(pid))
            elif self._closed:
                self._lost(process)
            return process

    def _until_ready(self) -> bool:
        self._lock.wait_for(lambda: self._ready or self._closed, _WARM_SECONDS)
        return self._ready and not self._closed

    def _ask(self, request: Mapping[str, object]) -> bool:
        try:
            assert self._server.stdin is not None
            self._server.stdin.write(json.dumps(request).encode() + b"\n")
            self._server.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def _read(self, told: int) -> None:
        """Take note of what the process says, until it has ended."""
        with os.fdopen(told, "rb") as stream:
            for line in stream:
                self._heard(json.loads(line))
        with self._lock:
            self._closed = True
            for process in self._processes.values():
                if process.returncode is None:
                    self._lost(process)
            self._lock.notify_all()

    def _heard(self, message: Mapping[str, int]) -> None:
        with self._lock:
            if READY in message:
                self._ready = True
            elif "started" in message:
                self._begun[message["started"]] = message["pid"]
            elif message["ended"] in self._processes:
                self._processes[message["ended"]].ended(message["code"])
            else:
                self._early[message["ended"]] = message["code"]
            self._lock.notify_all()

    @staticmethod
    def _lost(process: ForkedProcess) -> None:
        """Without the process that would tell of its end, a kernel is ended at once."""
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.ended(-signal.SIGKILL)


def kill_all() -> None:
    """End at once every process that kernels are forked from, with what they forked."""
    for warmed in list(_OPEN):
        warmed.kill()
