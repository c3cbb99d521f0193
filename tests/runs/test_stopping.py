"""A signal ends everything the program started, at once, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def _children(pid: int) -> list[int]:
    """Every process below one, by what the kernel says of each."""
    parents: dict[int, list[int]] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                state = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if state[0] != "Z":
            parents.setdefault(int(state[1]), []).append(int(name))
    found, todo = [], [pid]
    while todo:
        below = parents.get(todo.pop(), [])
        found += below
        todo += below
    return found


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to see processes")
@pytest.mark.parametrize("names", [["first_cut"], ["first_cut", "breadth"]])
@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
def test_a_signal_ends_a_run_with_its_kernels(tmp_path, number, names):
    """Exit code 128 and the signal's number, no kernel, no temporary folder, no half a run."""
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    command = [sys.executable, "-m", "analysis", "run", *names, "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    end = time.monotonic() + 180
    # of several notebooks, the process they are forked from and a kernel below it
    while len(below := _children(process.pid)) < len(names) and time.monotonic() < end:
        time.sleep(0.05)
    assert len(below) >= len(names), "no kernel was started"
    process.send_signal(number)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == CODES[number], said
    assert b"Traceback" not in said
    end = time.monotonic() + 5
    while any(os.path.exists(f"/proc/{pid}") for pid in below) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [pid for pid in below if _is_running(pid)]
    assert os.listdir(tmp_path / "tmp") == []
    assert not (tmp_path / "out").exists()


def _is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
