"""The kernel every notebook runs in: this interpreter, one thread, nothing of the user's settings.

Whatever kernels, start-up scripts or history a machine has, a notebook sees the interpreter that
executes it. Sockets are files in a temporary folder, so that kernels started side by side cannot
take each other's port.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4
from weakref import WeakSet

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from analysis.results import InputError
from analysis.runs.forks import Warmed, can_fork, kill_all

KERNEL_NAME = "python3"
_OPTIONS = (
    "--HistoryManager.enabled=False",
    # a kernel that is told to end says so as an error otherwise
    "--IPKernelApp.log_level=CRITICAL",
)
#: Notebooks of a run from which on the imports are paid once.
FEWEST_FORKED = 2
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: Set where lines are counted: a kernel then has to write its count before it ends.
_COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
_STARTED: WeakSet[LocalKernel] = WeakSet()
_FOLDERS: list[str] = []
_LOCK = threading.Lock()

#: Bytes of a socket's path: Linux takes 107, macOS 103.
LONGEST_SOCKET = 100
_PREFIX = "smallcap-"
_LONGEST_NAME = len("/smallcap-12345678/123456789012.json-ipc-5")


class LocalKernel(AsyncKernelManager):
    """An IPython kernel of the running interpreter."""

    #: Called with the kernel when its process is there.
    when_started: ClassVar[Callable[[LocalKernel], None] | None] = None

    #: What it is forked from; None starts an interpreter.
    warmed: ClassVar[Warmed | None] = None

    @default("transport")
    def _files_not_ports(self) -> str:
        return "tcp" if os.name == "nt" else "ipc"

    @default("connection_file")
    def _own_connection_file(self) -> str:
        return str(Path(kernel_folder()) / f"{uuid4().hex[:12]}.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        """This interpreter, without history, with one thread for linear algebra."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *_OPTIONS],
            display_name="Python 3",
            language="python",
            env=_environment(),
        )

    async def start_kernel(self, **keywords: Any) -> None:  # type: ignore[override]
        """Start the kernel, remembered for :func:`kill_kernels`."""
        with _LOCK:
            _STARTED.add(self)
        await super().start_kernel(**keywords)
        if self.when_started is not None:
            self.when_started(self)  # type: ignore[call-arg]

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:  # type: ignore[override]
        """End the kernel and what it started, at once.

        A kernel that is asked to end may wait seconds for a stream that its own end has closed.
        """
        process = getattr(self.provisioner, "process", None)
        measured = any(name in os.environ for name in _COVERAGE)
        if process is not None and not measured:
            kill_group(process.pid)
        await super().shutdown_kernel(now=now or not measured, restart=restart)

    async def _async_launch_kernel(self, kernel_cmd: list[str], **keywords: Any) -> None:
        provisioner: Any = self.provisioner
        forked = None
        if self.warmed is not None:
            arguments = ["-f", self.connection_file, *_OPTIONS]
            forked = self.warmed.fork(arguments, str(keywords["cwd"]))
        if forked is None:
            await super()._async_launch_kernel(kernel_cmd, **keywords)
            return
        provisioner.process, provisioner.pid, provisioner.pgid = forked, forked.pid, forked.pid
        self._reconcile_connection_info(provisioner.connection_info)


def kernel_class(
    when_started: Callable[[LocalKernel], None], warmed: Warmed | None = None
) -> type[LocalKernel]:
    """A kernel that tells somebody when its process is there, forked where that is possible."""
    return type(
        "ToldKernel",
        (LocalKernel,),
        {"when_started": staticmethod(when_started), "warmed": warmed},
    )


def warming(notebooks: int) -> contextlib.AbstractContextManager[Warmed | None]:
    """What kernels are forked from; nothing for one notebook, which imports only what it needs."""
    if notebooks < FEWEST_FORKED or not can_fork():
        return contextlib.nullcontext()
    return Warmed(_environment())


def _environment() -> dict[str, str]:
    """What a kernel has beside the variables of this process."""
    from analysis.pages.charts.renderer import OPENED

    return {
        **dict.fromkeys(_THREADS, "1"),
        "IPYTHONDIR": kernel_folder(),
        # the chart library reads its own docstrings
        "PYTHONOPTIMIZE": "",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        # whoever types a verb in an open notebook gets what every run gives
        OPENED: "",
    }


def kernel_folder() -> str:
    """Private folder of this process for connection files, sockets and kernel settings.

    In the folder of temporary files, or in another where its path leaves no room for a socket's.

    Raises
    ------
    InputError
        Where no folder is short enough.
    """
    with _LOCK:
        if not _FOLDERS:
            _FOLDERS.append(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_place()))
            atexit.register(shutil.rmtree, _FOLDERS[0], ignore_errors=True)
        return _FOLDERS[0]


def _short_place() -> str:
    own = tempfile.gettempdir()
    for place in (own, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp"):
        room = LONGEST_SOCKET - len(os.fsencode(place)) - _LONGEST_NAME
        if os.path.isabs(place) and room >= 0 and os.access(place, os.W_OK | os.X_OK):
            return place
    if os.name == "nt":
        return own
    raise InputError(
        f"TMPDIR={own} is too long for the kernels' sockets and no shorter folder can be written;"
        f" name one of at most {LONGEST_SOCKET - _LONGEST_NAME} characters"
    )


def remove_folder() -> None:
    """Remove the folder of connection files at once, where no exit handler will."""
    for folder in _FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)


def kill_kernels() -> None:
    """End every kernel this process has started with all that it started, as after Ctrl-C."""
    # whoever holds the lock may be what a signal interrupted
    held = _LOCK.acquire(timeout=0.5)
    kernels = list(_STARTED)
    if held:
        _LOCK.release()
    kill_all()
    for kernel in kernels:
        process = getattr(kernel.provisioner, "process", None)
        if process is not None:
            kill_group(process.pid)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)


def kill_group(pid: int) -> None:
    """Kill a kernel's process group: the kernel leads one, which its children join."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
