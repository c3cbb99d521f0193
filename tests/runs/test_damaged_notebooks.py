"""Notebooks that are none, or that would not run what is asked for: named before or after a run."""

import functools
import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

from analysis import __main__ as command_line
from analysis.results import InputError
from analysis.runs import execute as execution
from analysis.runs.execute import NotebookError, execute
from analysis.runs.folders import claim_folder
from analysis.runs.notebooks import check_notebooks, refresh
from analysis.runs.outputs import read_notebook
from analysis.runs.sweep import sweep
from tests.conftest import PARAMETERS_CELL, VERDICT_CELL

pytestmark = pytest.mark.slow

DAMAGES = {
    "no JSON": lambda text: "not a notebook",
    "cut": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a list": lambda text: "[1, 2]",
    "another object": lambda text: '{"cells": []}',
    "cells that are none": lambda text: json.dumps(json.loads(text) | {"cells": [{"a": 1}]}),
    "cells that are no list": lambda text: json.dumps(json.loads(text) | {"cells": 3}),
    "no metadata": lambda text: json.dumps(
        {key: value for key, value in json.loads(text).items() if key != "metadata"}
    ),
    "a format of the future": lambda text: json.dumps(json.loads(text) | {"nbformat": 99}),
    "a format that is no number": lambda text: json.dumps(json.loads(text) | {"nbformat": "x"}),
    "deep": lambda text: "[" * 200_000,
}


@pytest.fixture
def no_kernel(monkeypatch):
    """Fails where a notebook is executed."""
    monkeypatch.setattr(execution, "_papermill", lambda *_: pytest.fail("a kernel was started"))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_a_damaged_notebook_is_one_line_before_anything_runs(
    tiny_notebooks, tmp_path, no_kernel, damage, capfd
):
    """By whatever reads it: the file, the remedy, nothing written, nothing said beside."""
    path = tiny_notebooks / "first_cut.ipynb"
    path.write_text(damage(path.read_text()))
    out = tmp_path / "out"
    for read in (
        lambda: read_notebook(path),
        lambda: execute(["valuation_gap", "first_cut"], {}, out, folder=tiny_notebooks),
        lambda: sweep("first_cut", {"horizon": [3, 6]}, out, folder=tiny_notebooks),
        lambda: refresh(folder=tiny_notebooks, ledger=tmp_path / "ledger.csv"),
        lambda: check_notebooks(tiny_notebooks, stale=False),
    ):
        with pytest.raises(InputError, match=r"^first_cut\.ipynb: ") as caught:
            read()
        [line] = str(caught.value).splitlines()
        assert "put the committed file back" in line
        assert len(line) < 300
    assert not out.exists()
    assert capfd.readouterr() == ("", "")


def test_a_notebook_that_is_a_pipe_or_no_text(tiny_notebooks, tmp_path, no_kernel):
    """Neither is waited for nor decoded with luck."""
    path = tiny_notebooks / "first_cut.ipynb"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match=r"first_cut\.ipynb: cannot be read \(no regular file\)"):
        execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks)
    path.unlink()
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match=r"first_cut\.ipynb: not UTF-8"):
        execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks)


@pytest.mark.notebooks
def test_another_damaged_notebook_does_not_matter(tiny_notebooks, tmp_path, monkeypatch, capsys):
    """Exit code 2 for the damaged one, 0 for its neighbour."""
    (tiny_notebooks / "first_cut.ipynb").write_text("{")
    monkeypatch.setattr(
        execution, "execute", functools.partial(execution.execute, folder=tiny_notebooks)
    )
    monkeypatch.chdir(tmp_path)
    for name, code in (("first_cut", 2), ("valuation_gap", 0)):
        monkeypatch.setattr(sys, "argv", ["smallcap", "run", name, "--out", name])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        assert (ended.value.code or 0) == code
        said = capsys.readouterr().err.splitlines()[0]
        assert said.startswith("smallcap: first_cut.ipynb: " if code else "valuation_gap: ")


def test_a_damaged_neighbour_in_the_output_folder(tiny_notebooks, tmp_path, no_kernel):
    """What would stand beside the new notebook is read before any work."""
    out = claim_folder(tmp_path / "out", "run")
    (out / "breadth.ipynb").write_text("{")
    with pytest.raises(InputError, match=r"breadth\.ipynb: no notebook"):
        execute(["first_cut"], {}, out, folder=tiny_notebooks)


@pytest.mark.notebooks
def test_a_damaged_notebook_of_a_sweep_is_run_again(tiny_notebooks, tmp_path):
    """A stopped sweep goes on, whatever it left."""
    first = sweep("first_cut", {"horizon": [3]}, tmp_path / "out", folder=tiny_notebooks)
    [path] = (tmp_path / "out").glob("*.ipynb")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    again = sweep("first_cut", {"horizon": [3]}, tmp_path / "out", folder=tiny_notebooks)
    assert again.equals(first)
    assert path.read_bytes() == whole


def tagged(path: Path, *tags: list[str]) -> Path:
    """A notebook whose first cells set the parameters and carry these tags."""
    cells = [nbformat.v4.new_code_cell(PARAMETERS_CELL, metadata={"tags": tag}) for tag in tags]
    nbformat.write(
        nbformat.v4.new_notebook(cells=[*cells, nbformat.v4.new_code_cell(VERDICT_CELL)]), path
    )
    return path


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ([[]], "no cells are tagged 'parameters'"),
        ([["Parameters"]], "no cells are tagged 'parameters'"),
        ([["parameters"], ["parameters"]], "2 cells are tagged 'parameters'"),
    ],
)
def test_one_cell_is_tagged(tiny_notebooks, tmp_path, no_kernel, tags, said):
    """Without the tag papermill's values come first and are overwritten; with two, half are."""
    tagged(tiny_notebooks / "first_cut.ipynb", *tags)
    with pytest.raises(InputError, match=rf"first_cut\.ipynb: {said}"):
        execute(["first_cut"], {"as_of": "2007-12"}, tmp_path / "out", folder=tiny_notebooks)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (PARAMETERS_CELL.replace("newest", "2007-12"), "sets as_of to '2007-12', not to 'newest'"),
        (PARAMETERS_CELL.replace("bundled", "latest"), "sets data to 'latest', not to 'bundled'"),
        (PARAMETERS_CELL + "\nas_of = '1999-12'", "sets as_of to '1999-12'"),
        ("horizon: int = 12", "does not set as_of"),
        ("as_of = input()", "holds more than names and plain values"),
        ("as_of: str = ", "holds more than names and plain values"),
    ],
)
def test_the_parameters_cell_sets_the_defaults(tiny_notebooks, tmp_path, no_kernel, cell, said):
    """A notebook that sees another month by itself would be named after the newest."""
    path = tiny_notebooks / "first_cut.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = cell
    nbformat.write(notebook, path)
    with pytest.raises(InputError, match=rf"first_cut\.ipynb: its parameters cell {said}"):
        execute(["first_cut"], {}, tmp_path / "out", folder=tiny_notebooks)


@pytest.mark.notebooks
@pytest.mark.parametrize(
    ("given", "set_again", "said"),
    [
        ({"as_of": "2007-12"}, "as_of = '1999-12'", "as_of 2007-12 was asked for and a-claim was"),
        ({"data": "bundled"}, "data = 'latest'", "data bundled was asked for and a-claim was"),
    ],
)
def test_what_was_judged_is_what_was_asked_for(
    tiny_notebooks, write_notebook, tmp_path, given, set_again, said
):
    """A cell that sets the month again is found right after the run; nothing is written."""
    write_notebook(tiny_notebooks / "first_cut.ipynb", set_again, VERDICT_CELL)
    with pytest.raises(NotebookError, match=said):
        execute(["first_cut"], given, tmp_path / "out", folder=tiny_notebooks)
    assert not (tmp_path / "out").exists()
    table = sweep("first_cut", {"horizon": [3], **{k: [v] for k, v in given.items()}},
                  tmp_path / "sweep", folder=tiny_notebooks)  # fmt: skip
    assert said in table["error"].iloc[0]


def test_a_stored_run_with_parameters_is_no_committed_notebook(tmp_path):
    """A dated run stored over the committed notebook is refused by the guard."""
    path = tagged(tmp_path / "first_cut.ipynb", ["parameters"], ["injected-parameters"])
    notebook = nbformat.read(path, as_version=4)
    for number, cell in enumerate(notebook.cells, 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", text="fine\n")]
    nbformat.write(notebook, path)
    problems = check_notebooks(tmp_path)
    assert any("was stored from a run with parameters" in line for line in problems)
    assert not any("run with parameters" in p for p in check_notebooks(tmp_path, stale=False))
