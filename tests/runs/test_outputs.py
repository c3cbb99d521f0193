"""What an executed notebook carries and how it is written."""

import json

import nbformat
import pytest

from analysis.runs import outputs
from analysis.runs.outputs import collect_verdicts, scrub, write_verdicts

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
