"""The command line: what it prints, and how it ends."""

import functools
import json
import subprocess
import sys

import pytest

from analysis import __main__ as command_line
from analysis.claims import completeness, ledger
from analysis.runs import execute as execution
from analysis.runs import ledger_listing, ledger_verb
from analysis.runs.folders import claim_folder


def smallcap(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Exit code of a call in this process."""
    monkeypatch.setattr(sys, "argv", ["smallcap", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return ended.value.code or 0


@pytest.fixture
def here(tiny_notebooks, tmp_path, monkeypatch):
    """The command line on the tiny notebooks, in an empty folder."""
    monkeypatch.setattr(
        execution, "execute", functools.partial(execution.execute, folder=tiny_notebooks)
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.notebooks
def test_run_writes_notebooks_and_verdicts_and_says_so(here, monkeypatch, capsys):
    """A run with text parameters leaves its files and prints each verdict."""
    assert smallcap(monkeypatch, "run", "first_cut", "-p", "horizon=6", "--out", "out") == 0
    said = capsys.readouterr()
    assert "a-claim: supported. so" in said.out
    assert "first_cut: 4 cells run" in said.err
    [verdict] = json.loads((here / "out" / "verdicts.json").read_text())
    assert verdict["estimate"] == 0.06


@pytest.mark.notebooks
def test_a_failing_notebook_ends_with_one_and_keeps_the_earlier_run(here, monkeypatch, capsys):
    """Exit code 1, one line with notebook and cell, earlier verdicts untouched."""
    claim_folder(here / "out", "run")
    (here / "out" / "verdicts.json").write_text("earlier")
    assert smallcap(monkeypatch, "run", "breadth", "--out", "out") == 1
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "smallcap: notebook breadth, cell 3 (half = 1 / 0): ZeroDivisionError: division by zero"
    ]
    assert (here / "out" / "verdicts.json").read_text() == "earlier"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run first_cot", "did you mean 'first_cut'"),
        ("run first_cut -p horizn=6", "did you mean 'horizon'"),
        ("run first_cut -p horizon=six", "horizon='six'"),
        ("run first_cut -p horizon=6.5", "horizon='6.5'"),
        ("run first_cut -p horizon", "not key=value"),
        ("run first_cut -p seed=1 -p seed=2", "given twice"),
        ("run first_cut --as-of 2007-12 -p as_of=2008-12", "given twice"),
        ("run first_cut --as-of 2007", "as_of='2007'"),
        ("run first_cut --as-of 2007-13", "as_of='2007-13'"),
        ("run first_cut --as-of 20071231", "as_of='20071231'"),
        ("run first_cut --as-of 2150-01", "after the last month"),
        ("run first_cut --as-of 1850-01", "before 1931-06"),
        ("run first_cut --data newest", "data='newest'"),
        ("run first_cut --leg nowhere.csv:small-large", "nowhere.csv: no such file"),
        ("run first_cut --leg own.csv:small-large:close", "write FILE.csv:SMALL-LARGE"),
        ("run first_cut --leg smb -p leg=smb", "given twice"),
        ("page first_cot", "did you mean 'first_cut'"),
        ("page first_cut --run nowhere", "holds no first_cut.ipynb"),
        ("certificate --run nowhere", "give --verify FILE"),
        ("certificate --verify nowhere.yml", "nowhere.yml"),
        ("run first_cut --jobs 0", "jobs must be at least 1, got 0"),
        ("book --jobs -1", "jobs must be a whole number"),
        ("sweep first_cut --as-of 2007-12 --jobs two", "jobs must be a whole number"),
        ("sweep first_cut --as-of 2007-12:1999-12:12", "as_of"),
        ("sweep first_cot --as-of 2007-12", "unknown notebook"),
        ("ledger --data old", "unknown data set 'old'"),
        ("notebooks", "one of --check, --refresh and --scrub"),
        ("notebooks --check --refresh", "one of --check, --refresh and --scrub"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(here, monkeypatch, capsys, arguments, said):
    """Nothing runs, nothing is written, and the line names what was wrong."""
    before = sorted(here.iterdir())
    assert smallcap(monkeypatch, *arguments.split()) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    [line] = streams.err.splitlines()
    assert line.startswith("smallcap: ")
    assert said in line
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("arguments", ["", "rum", "run", "cache mend"])
def test_a_call_that_is_no_call_shows_the_usage(here, monkeypatch, capsys, arguments):
    """No verb, an unknown verb, a missing name and a bad option end with exit code 2."""
    assert smallcap(monkeypatch, *arguments.split()) == 2
    said = capsys.readouterr()
    assert "Usage" in said.out + said.err


@pytest.fixture
def stored(monkeypatch, tmp_path):
    """A ledger with one row that prints."""
    row = dict.fromkeys(ledger.COLUMNS) | {
        "claim": "a-claim",
        "data": "bundled",
        "verdict": "supported",
        "estimate": 0.05,
        "finding": "<b>not markup</b> [red]nor style[/red]",
    }
    import pandas as pd

    table = ledger._typed(pd.DataFrame([row]))
    path = ledger.write_ledger(table, tmp_path / "ledger.csv")
    read = functools.partial(ledger.read_ledger, path)
    monkeypatch.setattr(ledger, "read_ledger", lambda *_: read())
    monkeypatch.setattr(completeness, "check_whole", lambda table, claims: None)
    listed = functools.partial(ledger_listing.listed_ledger, path)
    monkeypatch.setattr(ledger_listing, "listed_ledger", listed)
    return path


@pytest.mark.parametrize("arguments", ["ledger", "ledger --json", "ledger --check"])
@pytest.mark.parametrize("cut", [1, 40, 20_000])
def test_a_ledger_that_was_cut_is_refused(monkeypatch, capsys, tmp_path, arguments, cut):
    """Before anything is printed or run: exit code 2, one line, the file and the remedy."""
    lines = ledger.LEDGER_FILE.read_text(encoding="utf-8")
    path = tmp_path / "ledger.csv"
    path.write_text(
        lines.rpartition("\n")[0].rpartition("\n")[0] + "\n" if cut == 1 else lines[:-cut]
    )
    read = functools.partial(ledger.read_ledger, path)
    monkeypatch.setattr(ledger, "read_ledger", lambda *_: read())
    listed = functools.partial(ledger_listing.listed_ledger, path)
    monkeypatch.setattr(ledger_listing, "listed_ledger", listed)
    monkeypatch.setattr(ledger_verb, "_fresh_verdicts", lambda *_: pytest.fail("it was run"))
    assert smallcap(monkeypatch, *arguments.split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    [line] = said.err.splitlines()
    assert line.startswith("smallcap: ledger.csv") and "put the committed file back" in line


def test_the_ledger_prints_as_a_table_and_as_json(stored, monkeypatch, capsys):
    """Both show the verdict; the JSON is a list of objects with every column."""
    assert smallcap(monkeypatch, "ledger") == 0
    assert "supported" in capsys.readouterr().out
    assert smallcap(monkeypatch, "ledger", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert set(row) == set(ledger.COLUMNS)
    assert (row["claim"], row["estimate"]) == ("a-claim", 0.05)


def test_the_ledger_check_fails_when_a_fresh_run_disagrees(stored, monkeypatch, capsys):
    """Every difference is a line, and the exit code is 1; agreement ends with 0."""
    monkeypatch.setattr(ledger_verb, "_fresh_verdicts", lambda data, jobs: [])
    same = ledger.read_ledger()
    monkeypatch.setattr(ledger, "update_ledger", lambda table, records: same)
    monkeypatch.setattr(ledger, "check_stored", lambda table: [])
    assert smallcap(monkeypatch, "ledger", "--check") == 0
    changed = same.assign(verdict="contradicted")
    monkeypatch.setattr(ledger, "update_ledger", lambda table, records: changed)
    capsys.readouterr()
    assert smallcap(monkeypatch, "ledger", "--check") == 1
    assert "a-claim (bundled): verdict is 'contradicted'" in capsys.readouterr().err


def test_a_check_of_verdicts_passes_over_numbers_and_names_what_flipped(
    stored, monkeypatch, capsys
):
    """Another estimate is no change of a verdict; an outlook that resolves is one."""
    monkeypatch.setattr(ledger_verb, "_fresh_verdicts", lambda data, jobs: [])
    moved = ledger.read_ledger().assign(estimate=0.07)
    monkeypatch.setattr(ledger, "update_ledger", lambda table, records: moved)
    assert smallcap(monkeypatch, "ledger", "--check", "--verdicts") == 0
    flipped = moved.assign(verdict=None)
    monkeypatch.setattr(ledger, "update_ledger", lambda table, records: flipped)
    capsys.readouterr()
    assert smallcap(monkeypatch, "ledger", "--check", "--verdicts") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line == "smallcap: a-claim (bundled): supported before, no verdict now (method)"
    assert smallcap(monkeypatch, "ledger", "--verdicts") == 2


def test_the_installed_command_answers_fast_and_without_the_heavy_libraries():
    """Help needs no pandas: it comes from a process that never imports it."""
    code = (
        "import sys; sys.argv = ['smallcap', '--help']\n"
        "from analysis.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('heavy' if {'pandas', 'nbformat', 'pydantic'} & set(sys.modules) else 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "light"
