"""Notebooks made from data: a section for each claim a notebook leaves out, and whole chapters."""

import importlib
import re

import nbformat
import pytest

from analysis.claims import load_claims
from analysis.claims.chapters import chapter_names
from analysis.designs import design_names
from analysis.results import InputError
from analysis.runs.plan import NOTEBOOKS_FOLDER
from analysis.runs.templates import (
    CLOSING,
    chapter_notebook,
    completed,
    load_sections,
    source_notebook,
)


def sources(notebook):
    """The text of every cell."""
    return [cell.source for cell in notebook.cells]


def test_a_notebook_that_judges_every_claim_is_left_as_it_is():
    """The book's own chapters write their sections themselves."""
    for name in chapter_names():
        notebook = nbformat.read(NOTEBOOKS_FOLDER / f"{name}.ipynb", as_version=4)
        assert completed(notebook, name) is notebook, name


def test_a_claim_that_no_cell_judges_gets_a_section_before_the_closing_ones():
    """Claim, what its design shows, verdict; the notebook that was given is not changed."""
    notebook = nbformat.read(NOTEBOOKS_FOLDER / "quality_value.ipynb", as_version=4)
    notebook.cells = [c for c in notebook.cells if 'chapter.verdict("value-tilt")' not in c.source]
    before = sources(notebook)
    whole, end = sources(completed(notebook, "quality_value")), before.index(CLOSING)
    added = whole[end : end + len(whole) - len(before)]
    assert whole[:end] + whole[end + len(added) :] == before
    assert sources(notebook) == before
    assert added[0] == "## " + load_claims()["value-tilt"].text.rstrip(".")
    assert added[1] == 'chapter.claim("value-tilt")'
    assert added[2].endswith("draw.running_lead(study, chapter.dataset)")
    assert added[-1] == 'chapter.verdict("value-tilt")'
    again = completed(completed(notebook, "quality_value"), "quality_value")
    assert [cell.id for cell in again.cells] == [
        cell.id for cell in completed(notebook, "quality_value").cells
    ]


def test_a_chapter_without_a_notebook_has_a_whole_one(tmp_path):
    """Title, parameters cell with its tag, every claim judged once."""
    notebook = source_notebook(tmp_path / "quality_value.ipynb")
    nbformat.validate(notebook)
    text = "\n".join(sources(notebook))
    claims = [one.id for one in load_claims().values() if one.chapter == "quality_value"]
    assert re.findall(r'chapter\.verdict\("(.*?)"\)', text) == claims
    assert text.startswith("# Quality and value")
    assert sum("parameters" in c.metadata.get("tags", ()) for c in notebook.cells) == 1
    with pytest.raises(InputError, match="unknown chapter 'quality_valu'; did you mean"):
        chapter_notebook("quality_valu")


def test_every_section_names_charts_and_designs_that_are_there():
    """A chart that was renamed shows here, not on somebody's page."""
    drawn = []
    for design, section in load_sections().items():
        assert design in design_names()
        module = section.charts and importlib.import_module(
            f"analysis.pages.charts.{section.charts}"
        )
        for cell in section.cells:
            compile(cell, design, "eval")
            for name in re.findall(r"draw\.(\w+)", cell):
                assert callable(getattr(module, name)), f"{design}: {name}"
                drawn.append(name)
    assert drawn


@pytest.mark.parametrize(
    ("entry", "said"),
    [("a:\n  cell: [x]\n", "design 'a', field cell"), ("a:\n  charts: A-b\n", "field charts")],
)
def test_a_malformed_section_is_refused_by_field(tmp_path, entry, said):
    """Naming file, design and field."""
    path = tmp_path / "sections.yml"
    path.write_text(entry)
    with pytest.raises(InputError, match=rf"sections\.yml: .*{said}"):
        load_sections(path)
