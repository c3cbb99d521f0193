"""Faults of a machine and its users: what exists is complete, and the next call finishes it."""

import json
import locale
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from analysis.files import PROJECT
from analysis.runs import sweep as sweeping
from analysis.runs.grid import grid, months_between
from analysis.runs.plan import Run
from analysis.runs.reuse import Shelf
from analysis.runs.sweep import sweep

V = {"as_of": ["1995-12", "2001-12", "2007-12", "2009-12"]}


def judged(number, run):
    """A record that says its month."""
    return number, [{"claim": "a", "as_of": run.parameters["as_of"], "estimate": 0.5}]


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_time_and_no_result(tmp_path, monkeypatch):
    """SIGKILL in the middle of a combination: the others and that one are there."""
    mark = tmp_path / "killed"

    def killed_once(number, run):
        if run.parameters["as_of"] == "2001-12" and not mark.exists():
            mark.write_text("")
            os.kill(os.getpid(), signal.SIGKILL)
        return number, [{"claim": "a", "as_of": run.parameters["as_of"]}]

    monkeypatch.setattr(sweeping, "_judge", killed_once)
    table = sweep("seasonality", V, tmp_path / "out", engine="designs", jobs=2)
    assert mark.exists()
    assert table["error"].isna().all() and list(table["as_of"]) == V["as_of"]


@pytest.mark.slow
def test_a_worker_that_is_killed_every_time_is_a_row(tmp_path, monkeypatch):
    """The sweep ends, the others are there, and the next call takes up what is left."""

    def killed(number, run):
        if run.parameters["as_of"] == "2001-12":
            time.sleep(0.5)
            os.kill(os.getpid(), signal.SIGKILL)
        return number, [{"claim": "a", "as_of": run.parameters["as_of"]}]

    monkeypatch.setattr(sweeping, "_judge", killed)
    table = sweep("seasonality", V, tmp_path / "out", engine="designs", jobs=2)
    assert "ended from outside" in table.set_index("as_of").loc["2001-12", "error"]
    monkeypatch.setattr(sweeping, "_judge", lambda n, r: (n, [{"claim": "a"}]))
    again = sweep("seasonality", V, tmp_path / "out", engine="designs", jobs=1)
    assert again["error"].isna().all() and len(again) == 4


def test_two_sweeps_into_one_folder_at_once(tmp_path, monkeypatch):
    """Both give the whole table, and so does what they leave."""
    monkeypatch.setattr(
        sweeping, "_call_designs", lambda runs, *_: ((r, judged(0, r)[1]) for r in runs)
    )
    tables, gate = [], threading.Barrier(2)

    def run():
        gate.wait()
        tables.append(sweep("seasonality", V, tmp_path / "out", engine="designs", jobs=1))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tables) == 2 and tables[0].equals(tables[1])
    rows = json.loads((tmp_path / "out" / "sweep.json").read_text())
    assert [row["as_of"] for row in rows] == V["as_of"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.slow
def test_a_sweep_killed_goes_on_where_it_was(tmp_path):
    """kill -9 of the parent: no process is left, its files are whole, the next call ends it."""
    out = tmp_path / "out"
    words = [sys.executable, "-m", "analysis", "sweep", "seasonality", "--engine", "designs"]
    words += ["--from", "1990-12", "--to", "2009-12", "--jobs", "2", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    began = subprocess.Popen(words, env=environment, start_new_session=True,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    end = time.monotonic() + 120
    while len(list(out.glob("seasonality-*.json"))) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    began.kill()
    began.wait()
    kept = {path: path.read_bytes() for path in out.glob("seasonality-*.json")}
    assert kept and all(json.loads(text)["records"] for text in kept.values())
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads((out / "sweep.json").read_text())
    assert len({row["as_of"] for row in rows}) == 20
    assert all(path.read_bytes() == text for path, text in kept.items())
    end = time.monotonic() + 30
    while _of_session(began.pid) and time.monotonic() < end:
        time.sleep(0.2)
    assert _of_session(began.pid) == []


def _of_session(session: int) -> list[int]:
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and os.getsid(process.pid) == session:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.mark.parametrize("days", [-4000, 4000])
def test_a_clock_that_was_set_back_or_forth_decides_nothing(
    tmp_path, tiny_notebooks, days, monkeypatch
):
    """Entries from the future or from long ago are used: hashes decide, no time does."""
    import nbformat

    shelf = Shelf(tmp_path / "shelf")
    run = Run("first_cut", tiny_notebooks / "first_cut.ipynb", {"horizon": 6}, "first_cut")
    assert shelf.take(run) is None
    shelf.keep(run, nbformat.v4.new_notebook())
    moved = time.time() + 86400 * days
    for path in (tmp_path / "shelf").rglob("*"):
        os.utime(path, (moved, moved))
    other = Shelf(tmp_path / "shelf")
    assert other.take(run) is not None
    assert other.verify() == (0, 0)
    assert other.prune() == 0
    assert len(other.lines(each=True)) == 2


def test_a_decimal_comma_changes_no_file(tmp_path):
    """Where the process speaks German numbers, the table still has points."""
    names = ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "tr_TR.UTF-8")
    before = locale.setlocale(locale.LC_ALL)
    for name in names:
        try:
            locale.setlocale(locale.LC_ALL, name)
            break
        except locale.Error:
            continue
    else:
        pytest.skip("this machine has no locale with a decimal comma")
    try:
        assert locale.localeconv()["decimal_point"] == ","
        sweeping._write([{"claim": "a", "estimate": 0.5, "error": None}], tmp_path)
    finally:
        locale.setlocale(locale.LC_ALL, before)
    assert (tmp_path / "sweep.csv").read_text() == "claim,estimate,error\na,0.5,\n"
    assert json.loads((tmp_path / "sweep.json").read_text())[0]["estimate"] == 0.5


BAD = {
    "no cells": (["--as-of", ""], "empty value"),
    "a million cells": (
        ["--from", "1940-01", "--to", "2017-12", "--every", "1", "-p",
         "seed=" + ",".join(map(str, range(1, 1100)))],
        "are more than 10,000",
    ),
    "from after to": (["--from", "2001-12", "--to", "1995-12"], "is after --to"),
    "a step of zero": (["--from", "1995-12", "--to", "2001-12", "--every", "0"], "at least one"),
    "an unknown scheme": (
        ["--as-of", "1995-12", "--engine", "designs", "--scheduler", "http://host:8786"],
        "write it as tcp://HOST:PORT",
    ),
    "no job": (["--as-of", "1995-12", "--jobs", "0"], "jobs must be at least 1"),
    "jobs below none": (["--as-of", "1995-12", "--jobs=-2"], "jobs must be a whole number"),
    "a month outside all data": (["--as-of", "2150-01"], "after the last month"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=list(BAD))
def test_bad_input_is_one_line_before_anything_starts(words, said, tmp_path, monkeypatch, capsys):
    """Exit code 2, nothing written, nothing run."""
    from analysis import __main__ as command_line

    for name in ("run_all", "_call_designs", "judge_on_cluster"):
        monkeypatch.setattr(sweeping, name, lambda *_, **__: pytest.fail("it was run"))
    call = ["smallcap", "sweep", "seasonality", "--out", str(tmp_path / "out"), *words]
    monkeypatch.setattr(sys, "argv", call)
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("smallcap: ") and said in line
    assert list(Path(tmp_path).iterdir()) == []


def test_a_grid_is_counted_before_it_is_laid_out():
    """A million million combinations are refused at once."""
    from analysis.results import InputError

    many = list(range(10_000))
    with pytest.raises(InputError, match="1,000,000,000,000 combinations"):
        grid({"a": many, "b": many, "c": many})
    assert months_between("1995-12", None, None, None) == ["1995-12"]
