"""The headings of a chapter: one title, and no level left out on the way down."""

import itertools
import re

import nbformat
import pytest

from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names


@pytest.mark.parametrize("name", notebook_names())
def test_headings_go_down_one_level_at_a_time(name):
    """A reader's table of contents, and Sphinx, take no heading of a level that is skipped."""
    notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    levels = [len(hashes) for text in texts for hashes in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
