"""The example of library use: executed, and still saying what it says."""

import nbformat
import pytest

from analysis.files import CODE

EXAMPLE = CODE / "examples" / "library_use.ipynb"


def said(notebook):
    """The text of every output, cell by cell."""
    return [
        output.get("text") or output.get("data", {}).get("text/plain", output.output_type)
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]


@pytest.mark.notebooks
@pytest.mark.slow
def test_the_example_runs_and_says_the_same(monkeypatch, tmp_path):
    """In a fresh kernel and another folder; jupyter execute --inplace stores it anew."""
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(CODE))
    stored = nbformat.read(EXAMPLE, as_version=4)
    fresh = nbformat.read(EXAMPLE, as_version=4)
    NotebookClient(fresh, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert said(fresh) == said(stored)
    assert len(said(stored)) >= 5
