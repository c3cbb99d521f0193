"""Kernels forked from one warmed process: the same outputs, and none that outlives its parent."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from analysis.runs import kernels
from analysis.runs.execute import NotebookError, run_all
from analysis.runs.forks import Warmed, can_fork
from analysis.runs.kernels import warming
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux only"),
]

LOOK = """import os, sys, random
import numpy as np
known = "statsmodels.api" in sys.modules
print(known, os.getpgid(0) == os.getpid(), os.environ["OMP_NUM_THREADS"])"""
DRAW = "import numpy as np; print(np.random.random())"


def texts(runs, jobs=2):
    """What each run's notebook is as text, by label."""
    return {
        str(run): outcome if isinstance(outcome, NotebookError) else nbformat.writes(outcome)
        for run, outcome in run_all(runs, jobs=jobs)
    }


def committed(name, **parameters):
    return Run(name, NOTEBOOKS_FOLDER / f"{name}.ipynb", parameters)


def test_forked_and_plain_kernels_give_the_same_notebooks(monkeypatch):
    """Two chapters, one at an earlier month, one job or two, forked or not: the same text."""
    runs = [committed("seasonality", as_of="2007-12"), committed("allocation")]
    forked = texts(runs, jobs=1)
    assert texts(runs, jobs=2) == forked
    monkeypatch.setattr(kernels, "can_fork", lambda: False)
    assert texts(runs, jobs=2) == forked


def test_a_forked_kernel_has_the_imports_and_a_session_of_its_own(tmp_path, write_notebook):
    """One notebook gets an interpreter of its own; of two, both know what was imported."""
    runs = [Run(name, write_notebook(tmp_path / f"{name}.ipynb", LOOK)) for name in "ab"]
    assert all("True True 1" in text for text in texts(runs, jobs=1).values())
    assert "False True 1" in texts(runs[:1])["a"]


def test_a_notebook_that_is_done_leaves_nothing_running(tmp_path, write_notebook):
    """What a cell started ends with its kernel, whether that was forked or not."""
    cell = """import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(900)"])
print("child", child.pid)"""
    runs = [Run(name, write_notebook(tmp_path / f"{name}.ipynb", cell)) for name in "ab"]
    for some in (runs, runs[:1]):
        for text in texts(some).values():
            pid = int(re.search(r"child (\d+)", text)[1])
            gone = not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
            assert gone


def test_no_two_kernels_draw_the_same(tmp_path, write_notebook):
    """What the imports left as state of random numbers is not what notebooks begin with."""
    runs = [Run(name, write_notebook(tmp_path / f"{name}.ipynb", DRAW)) for name in "abc"]
    drawn = {text.partition('"text": [')[2].split()[0] for text in texts(runs, jobs=1).values()}
    assert len(drawn) == 3


def test_without_the_warmed_process_plain_kernels_do_the_work(tmp_path, write_notebook):
    """It is gone before the first fork: nobody waits, and the notebooks run."""
    with warming(2) as warmed:
        os.kill(warmed.pid, signal.SIGKILL)
        assert warmed.fork(["-f", "nowhere"], str(tmp_path)) is None


def test_a_kernel_that_ends_says_how(tmp_path):
    """Its exit code is what subprocess would give, and its end is waited for."""
    with Warmed({}) as warmed:
        process = warmed.fork(["-f", str(tmp_path / "connection.json")], str(tmp_path))
        assert process is not None and process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)
        process.kill()
        assert process.wait(30) == -signal.SIGKILL == process.poll()


PARENT = """import sys
from pathlib import Path
from analysis.runs.execute import run_all
from analysis.runs.plan import Run
for _ in run_all([Run(name, Path(name)) for name in sys.argv[1:]], jobs=2):
    pass
"""


@pytest.mark.parametrize("whom", ["parent", "warmed process"])
def test_a_process_killed_leaves_no_kernel(tmp_path: Path, write_notebook, whom):
    """After kill -9 of the parent nothing is left; after that of the warmed one the run ends."""
    mark = tmp_path / "pid"
    cell = f"import os, time\nopen({str(mark)!r} + str(os.getpid()), 'w').close()\ntime.sleep(900)"
    paths = [write_notebook(tmp_path / f"{name}.ipynb", cell) for name in "ab"]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *map(str, paths)], stderr=subprocess.PIPE
    )
    try:
        check_ends(parent, tmp_path, whom)
    finally:
        for one in psutil.Process(parent.pid).children(recursive=True):
            one.kill()
        parent.kill()
        parent.communicate(timeout=30)


def check_ends(parent: subprocess.Popen, tmp_path: Path, whom: str) -> None:
    """Kill one of the two when two kernels are there, and see what is left."""
    end = time.monotonic() + 120
    while len(list(tmp_path.glob("pid*"))) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    below = psutil.Process(parent.pid).children(recursive=True)
    [warmed] = [one for one in below if "analysis.runs.warmed" in one.cmdline()
                and one.ppid() == parent.pid]  # fmt: skip
    forked = warmed.children(recursive=True)
    assert forked and len(below) >= 3
    (parent if whom == "parent" else warmed).kill()
    ended = below if whom == "parent" else forked
    _, left = psutil.wait_procs(ended, timeout=20)
    assert not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
