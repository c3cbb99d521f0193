"""What an executed notebook carries and how it is written."""

import json

import nbformat
import pytest

from analysis.files import write_whole
from analysis.results import InputError
from analysis.runs import outputs
from analysis.runs.outputs import (
    collect_verdicts,
    held_notebook,
    scrub,
    write_notebook,
    write_verdicts,
)

V4 = nbformat.v4


def _with_verdict(claim: str) -> nbformat.NotebookNode:
    output = V4.new_output("display_data", {outputs.VERDICT_MIME: {"claim": claim}})
    return V4.new_notebook(cells=[V4.new_code_cell("x", outputs=[output], execution_count=1)])


def test_scrub_removes_times_paths_and_versions_and_keeps_tags():
    """Only kernel, language and the project's own metadata stay; papermill's cell id is fixed."""
    cell = V4.new_code_cell("a = 1", id="random-id")
    cell.metadata |= {"tags": ["injected-parameters"], "papermill": {"start_time": "t"}}
    timed = V4.new_code_cell("a", metadata={"execution": {"iopub.status.busy": "t"}, "tags": []})
    notebook = V4.new_notebook(cells=[cell, timed])
    notebook.metadata |= {"papermill": {"input_path": "/p"}, "smallcap": {"fingerprint": "f"}}
    scrubbed = scrub(notebook)
    assert set(scrubbed.metadata) == {"kernelspec", "language_info", "smallcap"}
    assert [dict(c.metadata) for c in scrubbed.cells] == [{"tags": ["injected-parameters"]}, {}]
    assert scrubbed.cells[0].id == "injected-parameters"


def test_verdicts_are_collected_in_the_order_of_the_pages(tmp_path):
    """Every output with the verdict's type counts, others do not."""
    paths = []
    for claim in ("b", "a"):
        paths.append(tmp_path / f"{claim}.ipynb")
        nbformat.write(_with_verdict(claim), paths[-1])
    assert [record["claim"] for record in collect_verdicts(paths)] == ["b", "a"]


def test_verdicts_file_is_strict_json(tmp_path):
    """A NaN has no place in JSON; what can be written can be read by any reader."""
    path = write_verdicts(tmp_path / "verdicts.json", [{"claim": "é", "estimate": None}])
    assert json.loads(path.read_text(encoding="utf-8")) == [{"claim": "é", "estimate": None}]
    with pytest.raises(ValueError, match="JSON"):
        write_verdicts(path, [{"estimate": float("nan")}])


def test_a_held_notebook_is_parsed_once_while_its_file_is_the_same(tmp_path):
    """Moved with its folder it is the same; written again, of the same size too, it is another."""
    folder = tmp_path / "fresh"
    path = write_notebook(folder / "one.ipynb", V4.new_notebook(cells=[V4.new_code_cell("x = 1")]))
    held = held_notebook(path)
    moved = folder.rename(tmp_path / "out") / "one.ipynb"
    assert held_notebook(moved) is held
    text = moved.read_text()
    write_whole(moved, text.replace("x = 1", "x = 2"))
    assert held_notebook(moved).cells[0].source == "x = 2"
    with pytest.raises(InputError, match=r"one\.ipynb"):
        held_notebook(path)


def test_what_is_done_with_verdicts_does_not_reach_what_is_held(tmp_path):
    """A record that is settled, or a list in it that grows, is whoever asked's own."""
    record = {"claim": "c", "measures": [["m", 1.0]]}
    output = V4.new_output("display_data", {outputs.VERDICT_MIME: record})
    cell = V4.new_code_cell("x", outputs=[output], execution_count=1)
    path = write_notebook(tmp_path / "one.ipynb", V4.new_notebook(cells=[cell]))
    [given] = collect_verdicts([path])
    given["measures"].append("more")
    assert collect_verdicts([path]) == [record]
