"""The process that kernels are forked from: it has imported what chapters need, and waits.

Run as a module by :mod:`analysis.runs.forks`. It starts no thread and opens no connection before a
fork; a kernel is in its own session from its first moment. When whoever started it is gone,
however it ended, this process ends its kernels and itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import sys
from importlib import import_module
from typing import Any

#: Slow to import, and used by most chapters, some of them inside functions.
HEAVY = (
    "pandas",
    "scipy.stats",
    "statsmodels.api",
    "arch.bootstrap",
    "arch.unitroot",
    "linearmodels",
    "altair",
    "analysis.pages.chapter",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
)

READY = "ready"

#: Of Linux's prctl: the signal a process gets when its parent ends.
_PR_SET_PDEATHSIG = 1


def main(replies: int) -> None:
    """Import, say so, and serve; in a forked process, be a kernel until told to end."""
    _warm()
    with contextlib.suppress(OSError):
        # who asked may be gone by now
        _tell(replies, {READY: os.getpid()})
    arguments = _serve(replies)
    if arguments is not None:
        _be_kernel(arguments)


def _warm() -> None:
    for name in HEAVY:
        import_module(name)
    from analysis.claims import load_claims
    from analysis.designs import design_names, find_design
    from analysis.designs.registry import bind_all
    from analysis.designs.series import series_read
    from analysis.panel import load_dataset

    with contextlib.suppress(Exception):
        # what is wrong with a claim or the data is said by whoever plans the run
        claims = load_claims()
        bind_all(claims)
        for claim in claims.values():
            series_read(claim, "bundled")
        for name in design_names():
            find_design(name).fingerprint()
        load_dataset()
    # what is there stays shared between the processes
    gc.collect()
    gc.freeze()


def _serve(replies: int) -> list[str] | None:
    """Fork for every request; give a kernel's arguments in the child, None where all is over."""
    woken, waker = os.pipe()
    for end in (woken, waker):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    running: set[int] = set()
    asked = b""
    try:
        while True:
            ready, _, _ = select.select([0, woken], [], [])
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4096)
                for pid, code in _ended():
                    running.discard(pid)
                    _tell(replies, {"ended": pid, "code": code})
            if 0 in ready:
                read = os.read(0, 65536)
                if not read:
                    break
                *lines, asked = (asked + read).split(b"\n")
                for line in lines:
                    request = json.loads(line)
                    pid = _fork(request, (replies, woken, waker))
                    if pid == 0:
                        running.clear()
                        return list(request["arguments"])
                    running.add(pid)
                    _tell(replies, {"started": request["number"], "pid": pid})
    except BrokenPipeError:
        pass
    for pid in running:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    return None


def _ended() -> list[tuple[int, int]]:
    """Kernels that ended since the last look, with exit codes as :mod:`subprocess` gives them."""
    found = []
    with contextlib.suppress(ChildProcessError):
        while (reaped := os.waitpid(-1, os.WNOHANG))[0]:
            found.append((reaped[0], os.waitstatus_to_exitcode(reaped[1])))
    return found


def _fork(request: dict[str, Any], mine: tuple[int, ...]) -> int:
    """Fork; the child is set apart from this process before its number is told to anybody."""
    apart, told = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        os.close(told)
        os.read(apart, 1)
        os.close(apart)
        return pid
    _end_with(parent)
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.chdir(request["folder"])
    for descriptor in (*mine, nothing, apart):
        os.close(descriptor)
    os.write(told, b".")
    os.close(told)
    return 0


def _end_with(parent: int) -> None:
    """Have this process killed when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        # it ended in between
        os._exit(1)


def _be_kernel(arguments: list[str]) -> None:
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    # two kernels must not draw what one state, inherited by both, would give them
    np.random.seed()  # noqa: NPY002
    sys.argv = ["ipykernel_launcher", *arguments]
    IPKernelApp.launch_instance(argv=[*arguments, f"--IPKernelApp.parent_handle={os.getppid()}"])


def _tell(replies: int, message: dict[str, Any]) -> None:
    os.write(replies, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
