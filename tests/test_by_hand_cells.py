"""The headline numbers of the chapters, computed by hand in cells that a reader sees."""

import ast

import nbformat
import pytest

from analysis.claims import load_claims
from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names

NAMES = notebook_names()
MOST_LINES = 10

#: Chapters whose numbers are counts and quotients: there is nothing to regress.
ARITHMETIC = ("calibration", "figures", "outlooks")
HIDDEN = {"hide-input", "hide-cell", "remove-input", "remove-cell", "hide-output", "remove-output"}


def _by_hand(name: str) -> list[nbformat.NotebookNode]:
    notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if "by-hand" in cell.metadata.get("tags", ())]


def _compared(name: str) -> set[str]:
    """Claims whose number a notebook computes by hand; a table's number where it has no claim."""
    calls = [node for cell in _by_hand(name) for node in ast.walk(ast.parse(cell.source))]
    return {
        ast.literal_eval(call.args[0]) if call.func.attr == "equals" else ""
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("equals", "same")
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_computes_its_headline_by_hand(name):
    """Each core claim, else one claim or table, in visible cells of a few lines of statsmodels."""
    core = {key for key, one in load_claims().items() if (one.chapter, one.kind) == (name, "core")}
    assert _compared(name) >= core and _compared(name)
    cells = _by_hand(name)
    for cell in cells:
        assert not HIDDEN & set(cell.metadata.tags), cell.id
        assert len(cell.source.splitlines()) <= MOST_LINES, cell.id
    source = "\n".join(cell.source for cell in cells)
    assert name in ARITHMETIC or ('cov_type="HAC"' in source and ".summary(slim=True)" in source)
    assert not core or "chapter.call(" in source
