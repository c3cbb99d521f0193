"""Whatever the surroundings: the same results, or one line, and nothing lost."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from analysis import __main__ as command_line
from analysis.files import PROJECT
from analysis.results import InputError
from analysis.runs import book, fresh_book, kernels
from analysis.runs import execute as execution
from analysis.runs.execute import execute
from analysis.runs.folders import filling
from analysis.runs.plan import NOTEBOOKS_FOLDER, in_book_order
from analysis.runs.sweep import sweep

COMMAND = [sys.executable, "-m", "analysis"]


def surroundings(**changes: str) -> dict[str, str]:
    """The environment of this process with changes; it finds the package from any folder."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    kept.pop("PYTHONUNBUFFERED", None)
    return kept | {"PYTHONPATH": str(PROJECT)} | changes


@pytest.mark.notebooks
@pytest.mark.slow
def test_results_do_not_depend_on_where_and_how(tmp_path):
    """Folder, home, locale, time zone, hash seed, optimised code, long TMPDIR: the same bytes."""
    long = tmp_path / ("temporary-" * 12)
    long.mkdir()
    runs = {
        "one": (tmp_path, surroundings(TZ="UTC", LC_ALL="C.UTF-8", PYTHONHASHSEED="0"), "1"),
        "two": (
            Path("/"),
            surroundings(
                TZ="Pacific/Kiritimati", LC_ALL="C", HOME="/nonexistent", PYTHONHASHSEED="1"
            ),
            "2",
        ),
        "three": (
            long,
            surroundings(
                TZ="America/St_Johns",
                LANG="tr_TR.UTF-8",
                HOME=str(long),
                PYTHONHASHSEED="4294967295",
                PYTHONOPTIMIZE="2",
                TMPDIR=str(long),
                JPY_SESSION_NAME="opened.ipynb",
            ),
            "32",
        ),
    }
    found = {}
    for name, (folder, environment, jobs) in runs.items():
        out = tmp_path / name
        done = subprocess.run(
            [*COMMAND, "run", "seasonality", "--as-of", "2007-12", "--out", out, "--jobs", jobs],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found[name] = (out / "verdicts.json").read_bytes(), (out / "seasonality.ipynb").read_bytes()
    assert found["two"] == found["one"]
    assert found["three"] == found["one"]
    assert json.loads(found["one"][0])
    assert os.listdir(long) == []


STREAMS = {
    "full": (">/dev/full", "standard output cannot be written (No space left on device)"),
    "closed": (">&-", "standard output is closed"),
    "closed with standard input": ("<&- >&-", "standard output is closed"),
}


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(("stream", "said"), STREAMS.values(), ids=list(STREAMS))
@pytest.mark.parametrize("verb", ["ledger", "ledger --json", "--help"])
def test_output_that_cannot_be_written(verb, stream, said, unbuffered):
    """One line on standard error and exit code 1, whatever was printed and how much."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -m analysis {verb} {stream}', sys.executable],
        env=surroundings(PYTHONUNBUFFERED=unbuffered),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"smallcap: {said}")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_errors_that_nobody_can_read(stream, unbuffered):
    """The exit code still says what happened, and nothing strays into standard output."""
    for verb, code in (("ledger --data old", 2), ("ledger --json", 0)):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" -m analysis {verb} {stream}', sys.executable],
            env=surroundings(PYTHONUNBUFFERED=unbuffered),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert done.returncode == code
        assert bool(done.stdout) is (code == 0)


def test_a_terminal_that_knows_only_ascii():
    """Minus signs and dashes come as escapes; the JSON stays JSON."""
    for verb in ("ledger", "ledger --json"):
        done = subprocess.run(
            [*COMMAND, *verb.split()], env=surroundings(PYTHONIOENCODING="ascii"),
            capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        text = done.stdout.decode("ascii")
        assert "first-cut-12m" in text
        if verb.endswith("json"):
            assert json.loads(text)


@pytest.mark.notebooks
def test_a_run_with_a_full_output_is_written(tiny_notebooks, tmp_path, monkeypatch, capsys):
    """The notebook and its verdicts are in the folder; only what was printed is lost."""
    import functools

    monkeypatch.setattr(
        execution, "execute", functools.partial(execution.execute, folder=tiny_notebooks)
    )
    monkeypatch.setattr(sys, "argv", ["smallcap", "run", "first_cut", "--out", str(tmp_path / "o")])
    with open("/dev/full", "w", buffering=1) as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            command_line.main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("smallcap: standard output cannot")
    assert json.loads((tmp_path / "o" / "verdicts.json").read_text())


@pytest.mark.slow
@pytest.mark.notebooks
def test_a_long_folder_for_temporary_files(tiny_notebooks, tmp_path, monkeypatch):
    """Sockets find a shorter place; private, and gone afterwards."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(kernels, "_FOLDERS", [])
    execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks)
    folder = Path(kernels.kernel_folder())
    assert len(os.fsencode(folder)) < 60
    assert folder.stat().st_mode & 0o777 == 0o700
    kernels.remove_folder()
    assert not folder.exists()
    assert os.listdir(long) == []


def test_no_short_folder_at_all(tmp_path, monkeypatch):
    """One line that says how long it may be."""
    long = tmp_path / ("x" * 120)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(kernels, "_FOLDERS", [])
    monkeypatch.setattr(kernels.os, "access", lambda place, _: str(place) == str(long))
    with pytest.raises(InputError, match=r"is too long for the kernels' sockets.*at most 5[0-9] "):
        kernels.kernel_folder()


def test_kernels_started_at_once_share_one_folder(monkeypatch):
    """Two threads that ask for it at the same moment get the same."""
    import threading

    monkeypatch.setattr(kernels, "_FOLDERS", [])
    got: list[str] = []
    gate = threading.Barrier(32)

    def ask():
        gate.wait()
        got.append(kernels.kernel_folder())

    threads = [threading.Thread(target=ask) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 32 and len(set(got)) == 1
    kernels.remove_folder()


@pytest.mark.notebooks
@pytest.mark.slow
def test_more_jobs_than_cores(tiny_notebooks, tmp_path):
    """Twelve kernels at once, of 32 that would be allowed, all answer."""
    horizons = list(range(1, 13))
    table = sweep("first_cut", {"horizon": horizons}, tmp_path / "out", jobs=32,
                  folder=tiny_notebooks)  # fmt: skip
    assert table["error"].isna().all()
    assert list(table["estimate"]) == [number / 100 for number in horizons]


@pytest.fixture
def built(monkeypatch, tmp_path):
    """The verb ``book`` with the committed notebooks in place of a run, and a page for a build."""

    def copied(runs, out, **_):
        out.mkdir(parents=True)
        paths = in_book_order(NOTEBOOKS_FOLDER)
        return [Path(shutil.copy(path, out)) for path in paths]

    def pages(stage, place, jobs, waiting):
        (place / "html").mkdir(parents=True)
        (place / "html" / "index.html").write_text("new")
        (place / "html" / "large.js").write_bytes(b"x" * 300_000)
        return place / "html"

    monkeypatch.setattr(fresh_book, "execute_planned", copied)
    for module in (book, fresh_book):
        monkeypatch.setattr(module, "Waiting", nullcontext)
    monkeypatch.setattr(fresh_book, "warming", lambda _: nullcontext())
    monkeypatch.setattr(book, "_build", pages)
    with filling(tmp_path / "site", book.BOOK, keep=False) as fresh:
        (fresh / "index.html").write_text("old")
    return tmp_path / "site"


def build(monkeypatch, capsys, out):
    """Exit code and what is said of a build into a folder."""
    monkeypatch.setattr(sys, "argv", ["smallcap", "book", "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return ended.value.code or 0, capsys.readouterr().err.splitlines()


FULL = "No space left on device; free some space and run it again; nothing was replaced"


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of 200 kB, where the system lets a test have one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.slow
def test_a_disk_full_of_the_new_book(built, small_disk, monkeypatch, capsys):
    """One line, and the earlier site stands there whole; a site that fits is then written."""
    site = small_disk / "site"
    shutil.copytree(built, site)
    code, said = build(monkeypatch, capsys, site)
    assert code == 1
    [line] = said
    assert line.startswith("smallcap: ") and "large.js" in line and line.endswith(FULL[23:])
    assert (site / "index.html").read_text() == "old"
    assert sorted(path.name for path in small_disk.iterdir()) == ["site"]


def test_a_disk_full_of_temporary_files(built, small_disk, monkeypatch, capsys):
    """Before anything is built: one line, the earlier site and an empty folder stay."""
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    code, said = build(monkeypatch, capsys, built)
    assert code == 1
    [line] = said
    assert line.startswith("smallcap: ") and line.endswith(FULL)
    assert (built / "index.html").read_text() == "old"
    assert list(small_disk.iterdir()) == []


def test_a_build_that_ends_for_lack_of_space(built, monkeypatch, capsys):
    """What the builder logs on forty lines is one."""
    monkeypatch.undo()

    class Full:
        def build(self, arguments, jobs):
            return 1, "reading\n" * 50 + "OSError: " + os.strerror(28)

    with pytest.raises(OSError, match="No space left on device"):
        book._build(built, built / "html", 1, Full())


@pytest.mark.slow
def test_a_copy_that_fails_is_one_line(built, monkeypatch, capsys):
    """Of a whole folder that cannot be copied the first file is named."""
    faults = [("a", "b", "[Errno 28] No space left on device: 'b'"), ("c", "d", "[Errno 28]")]

    def fail(*_, **__):
        raise shutil.Error(faults)

    monkeypatch.setattr(book.shutil, "copytree", fail)
    code, said = build(monkeypatch, capsys, built)
    assert code == 1
    assert said == ["smallcap: [Errno 28] No space left on device: 'b'" + FULL[23:]]
    assert (built / "index.html").read_text() == "old"
