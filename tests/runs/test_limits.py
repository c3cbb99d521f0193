"""Limits: a notebook that never ends, stops, dies or eats memory is one line and leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from analysis import __main__ as command_line
from analysis.runs import execute as execution
from analysis.runs import limits as limiting
from analysis.runs.execute import NotebookError, execute
from analysis.runs.limits import Limits
from analysis.runs.sweep import sweep

pytestmark = [pytest.mark.notebooks, pytest.mark.slow]

SHORT = Limits(cell_seconds=2, notebook_seconds=300, memory_mb=2048)

#: Cells that go beyond a limit, the limits, and what is said.
CASES = {
    "never ends": ("while True: pass", SHORT, "it took longer than 2 seconds, the limit of a cell"),
    "waits": ("import time; time.sleep(900)", SHORT, "longer than 2 seconds"),
    "cannot be interrupted": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        SHORT,
        "longer than 2 seconds",
    ),
    "long in all": (
        "import time\nfor _ in range(900): time.sleep(1)",
        Limits(cell_seconds=300, notebook_seconds=15),
        "the notebook took longer than 15 seconds, its limit (--notebook-timeout)",
    ),
    "eats memory": (
        "held = []\nwhile True: held.append(bytearray(20_000_000))",
        Limits(memory_mb=600),
        "more than the limit of 600 MB (--memory)",
    ),
    "lets a child eat memory": (
        "import subprocess, sys\n"
        "code = 'held = bytearray(900_000_000); held[::4096] = b\"x\" * len(held[::4096]);'\n"
        "code += ' import time; time.sleep(900)'\n"
        "subprocess.run([sys.executable, '-c', code])",
        Limits(memory_mb=600),
        "more than the limit of 600 MB (--memory)",
    ),
    "prints without end": (
        "import time\nwhile True: print('x' * 100_000); time.sleep(0.005)",
        Limits(),
        "it printed more than 5,000,000 characters, the limit of a cell",
    ),
    "stops itself": (
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        SHORT,
        "longer than 2 seconds, the limit of a cell (--cell-timeout); its kernel was stopped",
    ),
    "is killed": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        Limits(),
        "its kernel was ended from outside (SIGKILL)",
    ),
    "ends the kernel": ("import os; os._exit(3)", Limits(), "its kernel died"),
}


def mine() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.mark.parametrize(("cell", "limits", "said"), CASES.values(), ids=list(CASES))
def test_a_limit_crossed_is_one_line_and_leaves_nothing(
    tiny_notebooks: Path, write_notebook, tmp_path: Path, monkeypatch, cell, limits, said
):
    """Notebook, cell and limit are named, nothing is written, and no process is left."""
    monkeypatch.setattr(limiting, "MOST_OUTPUT", 5_000_000)
    write_notebook(tiny_notebooks / "seasonality.ipynb", "fine = 1", cell)
    before = mine()
    started = time.monotonic()
    with pytest.raises(NotebookError) as caught:
        execute(["seasonality", "first_cut"], {}, tmp_path / "out", folder=tiny_notebooks,
                limits=limits)  # fmt: skip
    [line] = str(caught.value).splitlines()
    assert line.startswith(f"notebook seasonality, cell 3 ({cell.splitlines()[0]}): ")
    assert said in line
    assert time.monotonic() - started < 60
    assert not (tmp_path / "out").exists()
    assert mine() == before


def test_a_kernel_stopped_or_killed_from_outside(tiny_notebooks, write_notebook, tmp_path):
    """Whoever ends or stops it, the run ends with the cell that ran, given parameters or not."""
    for number, said in (
        (signal.SIGSTOP, "stopped from outside (SIGSTOP)"),
        (signal.SIGKILL, "ended from outside (SIGKILL)"),
    ):
        mark = tmp_path / f"running-{number}"
        write_notebook(
            tiny_notebooks / "seasonality.ipynb",
            f"import os, time\nopen({str(mark)!r}, 'w').write(str(os.getpid()))\ntime.sleep(900)",
        )

        def send(number=number, mark=mark):
            while not (mark.exists() and mark.read_text()):
                time.sleep(0.05)
            os.kill(int(mark.read_text()), number)

        threading.Thread(target=send, daemon=True).start()
        with pytest.raises(NotebookError, match=r"seasonality, cell 2 \(import os, time\)") as seen:
            execute(["seasonality"], {"horizon": 6}, tmp_path / "out", folder=tiny_notebooks,
                    limits=Limits(cell_seconds=3))  # fmt: skip
        assert said in str(seen.value)


def test_a_notebook_whose_time_is_over_before_its_kernel_is_there(tiny_notebooks, tmp_path):
    """The kernel ends as soon as it is there, and the line says which limit it was."""
    with pytest.raises(NotebookError, match="before its first cell: the notebook took longer"):
        execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks,
                limits=Limits(notebook_seconds=0.01))  # fmt: skip


def test_what_a_notebook_started_ends_with_it(tiny_notebooks, write_notebook, tmp_path):
    """A child in the background, and one that left the kernel's session, do not outlive the run."""
    mark = tmp_path / "children"
    write_notebook(
        tiny_notebooks / "seasonality.ipynb",
        "import subprocess\n"
        "one = subprocess.Popen(['sleep', '900'])\n"
        "two = subprocess.Popen(['sleep', '900'], start_new_session=True)\n"
        f"open({str(mark)!r}, 'w').write(f'{{one.pid}} {{two.pid}}')",
    )
    execute(["seasonality"], {}, tmp_path / "out", folder=tiny_notebooks)
    one, two = map(int, mark.read_text().split())
    for pid in (one, two):
        alive = psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        assert not alive, f"process {pid} is left"


def test_a_sweep_goes_on_beyond_the_combination_that_does_not_end(
    tiny_notebooks, write_notebook, tmp_path
):
    """It is a row with the limit that was crossed."""
    write_notebook(
        tiny_notebooks / "first_cut.ipynb", "import time\nif horizon == 6: time.sleep(900)"
    )
    table = sweep("first_cut", {"horizon": [6, 3]}, tmp_path / "out", folder=tiny_notebooks,
                  limits=SHORT)  # fmt: skip
    [error] = table["error"].dropna()
    assert "(horizon=6), cell 2 (import time): it took longer than 2 seconds" in error


@pytest.mark.parametrize(
    "options",
    ["--cell-timeout 2", "--notebook-timeout 6", "--memory 300"],
)
def test_the_command_line_ends_with_one(
    tiny_notebooks, write_notebook, tmp_path, monkeypatch, capsys, options
):
    """Exit code 1 and one line on ``run``; the other verbs know the options too."""
    import functools

    cell = "held = [bytearray(8_000_000) for _ in range(50)]\nwhile True: pass"
    write_notebook(tiny_notebooks / "seasonality.ipynb", cell)
    monkeypatch.setattr(
        execution, "execute", functools.partial(execution.execute, folder=tiny_notebooks)
    )
    monkeypatch.chdir(tmp_path)
    call = ["smallcap", "run", "seasonality", "--out", "out", *options.split()]
    monkeypatch.setattr(sys, "argv", call)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("smallcap: notebook seasonality, cell 2 (held = ")
    assert options.split()[0] in line
    assert not (tmp_path / "out").exists()


def test_the_verbs_that_run_notebooks_take_the_limits():
    """The defaults on the command line are those of the package."""
    for verb in ("run", "book", "sweep", "notebooks"):
        done = subprocess.run(
            [sys.executable, "-m", "analysis", verb, "--help"],
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        for option in ("--cell-timeout", "--notebook-timeout", "--memory"):
            assert option in done.stdout, (verb, option)
    own = Limits()
    assert own == Limits(
        command_line.CELL_SECONDS, command_line.NOTEBOOK_SECONDS, command_line.MEMORY_MB
    )


def test_a_chapter_stays_far_below_the_limits(tmp_path):
    """A real chapter runs with a third of the memory that it may hold."""
    paths = execute(["seasonality"], {}, tmp_path / "out", limits=Limits(memory_mb=700))
    assert json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert [path.name for path in paths] == ["seasonality.ipynb"]
