"""What pre-commit does: notebooks without paths and times, and code in its style."""

import re
import shlex

import nbformat
import pytest
import typer
import yaml

from analysis.__main__ import app
from analysis.files import CODE
from analysis.results import InputError
from analysis.runs.notebooks import scrub_notebooks

HOOKS = [
    hook
    for repo in yaml.safe_load((CODE / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    for hook in repo["hooks"]
]


def dirty(path, write_notebook):
    """A notebook as papermill leaves it: an output, paths and times in its metadata."""
    notebook = nbformat.read(write_notebook(path, "1"), as_version=4)
    notebook.metadata["papermill"] = {"output_path": "/home/me/out.ipynb"}
    cell = notebook.cells[-1]
    cell.metadata["papermill"] = {"start_time": "2026-01-02T03:04:05"}
    cell.metadata["execution"] = {"iopub.execute_input": "2026-01-02T03:04:05"}
    cell.execution_count = 2
    cell.outputs = [nbformat.v4.new_output("stream", text="kept")]
    nbformat.write(notebook, path)
    return path


def test_paths_and_times_go_and_outputs_stay(tmp_path, write_notebook):
    """Only what held any is written, and a second time nothing is."""
    path = dirty(tmp_path / "first_cut.ipynb", write_notebook)
    assert scrub_notebooks(tmp_path) == [path]
    text = path.read_text(encoding="utf-8")
    assert "/home/me" not in text and "2026-01-02" not in text
    [output] = nbformat.read(path, as_version=4).cells[-1].outputs
    assert output.text == "kept"
    assert scrub_notebooks(tmp_path) == []


def test_nothing_is_written_where_one_is_damaged(tmp_path, write_notebook):
    """The whole folder is read before the first is written."""
    path = dirty(tmp_path / "first_cut.ipynb", write_notebook)
    before = path.read_text(encoding="utf-8")
    (tmp_path / "valuation_gap.ipynb").write_text("{}")
    with pytest.raises(InputError, match=r"valuation_gap\.ipynb: no notebook"):
        scrub_notebooks(tmp_path)
    assert path.read_text(encoding="utf-8") == before


def test_the_committed_notebooks_hold_none():
    """The hook has nothing to do on what is committed."""
    before = {path: path.read_bytes() for path in (CODE / "notebooks").glob("*.ipynb")}
    assert scrub_notebooks(CODE / "notebooks") == []
    assert before == {path: path.read_bytes() for path in (CODE / "notebooks").glob("*.ipynb")}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_a_command_of_the_projects_own_environment(hook):
    """Nothing is fetched: a verb with its options, or a tool of the extra test."""
    assert hook["language"] == "system"
    program, verb, *options = shlex.split(hook["entry"])
    if program == ".venv/bin/smallcap":
        command = typer.main.get_command(app).commands[verb]
        assert set(options) <= {name for one in command.params for name in one.opts}
        assert re.search(hook["files"], "notebooks/first_cut.ipynb")
        assert not re.search(hook["files"], "examples/library_use.ipynb")
    else:
        assert program == ".venv/bin/ruff" and verb in ("check", "format")
