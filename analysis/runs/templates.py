"""Notebooks made from data: a chapter's whole notebook, and the sections its cells leave out.

A claim that no cell of its chapter's notebook judges gets a section before the closing ones: the
claim, what its design shows of a study by ``data/sections.yml``, and the verdict. So a claim of a
known design is one entry in a file of claims, and a chapter one entry in ``data/chapters.yml``.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import nbformat
from pydantic import Field, ValidationError

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.files import CODE, PROJECT, digest, load_yaml
from analysis.pages.markup import plain
from analysis.pages.parameters import parameters_cell
from analysis.results import InputError, nearest
from analysis.runs.outputs import read_notebook, scrub
from analysis.texts import OneLine

SECTIONS_FILE = CODE / "data" / "sections.yml"

#: Tags of cells: shown without their source, and not shown at all.
_SHOWN, _HIDDEN = "remove-input", "remove-cell"

#: The heading that the closing sections begin with.
CLOSING = "## Sensitivity and power"

_JUDGED = re.compile(r"""chapter\.verdict\(\s*["']([a-z0-9-]+)["']""")


class Section(OneLine):
    """What a design's section shows.

    Attributes
    ----------
    charts : str or None
        Module of :mod:`analysis.pages.charts` that the cells call ``draw``.
    cells : tuple of str
    """

    charts: str | None = Field(None, pattern="^[a-z][a-z0-9_]*$")
    cells: tuple[str, ...] = ()


def load_sections(path: Path = SECTIONS_FILE) -> dict[str, Section]:
    """The sections by design.

    Raises
    ------
    InputError
        Naming file, design and field.
    """
    sections = {}
    for design, entry in load_yaml(path).items():
        try:
            sections[design] = Section.model_validate(entry)
        except ValidationError as error:
            said = error.errors()[0]
            where = ".".join(map(str, said["loc"])) or "the whole entry"
            raise InputError(f"{path.name}: design {design!r}, field {where}: {said['msg']}") from (
                error
            )
    return sections


def chapter_notebook(name: str) -> nbformat.NotebookNode:
    """A chapter's notebook as its entry and its claims make it, without outputs.

    Raises
    ------
    InputError
        For an unknown chapter.
    """
    known = load_chapters()
    if name not in known:
        raise InputError(f"unknown chapter {name!r}{nearest(name, known)}")
    entry = known[name]
    cells = [
        _markdown(f"# {plain(entry.title)}"),
        _code("from analysis.pages.chapter import open_chapter", _HIDDEN),
        _code(parameters_cell(name), "parameters", _HIDDEN),
        _code(f'chapter = open_chapter("{name}", globals())', "hide-input"),
        _code("chapter.answer()", _SHOWN),
        *_closing(),
    ]
    made = nbformat.v4.new_notebook(cells=_numbered(cells, name))
    return completed(scrub(made), name)


def source_notebook(path: Path, project: Path = PROJECT) -> nbformat.NotebookNode:
    """What runs under a notebook's name: the file with all its sections, or its chapter's template.

    Parameters
    ----------
    path : Path
        The notebook; its name is its chapter's.
    project : Path
        The audit whose claims it is held against.

    Raises
    ------
    InputError
        For a damaged notebook, and a name that is neither a file's nor a chapter's.
    """
    path = Path(path)
    if path.exists():
        return completed(read_notebook(path), path.stem, project)
    return chapter_notebook(path.stem)


def completed(
    notebook: nbformat.NotebookNode, name: str, project: Path = PROJECT
) -> nbformat.NotebookNode:
    """A notebook with a section for every claim of its chapter that its cells do not judge.

    Parameters
    ----------
    notebook : notebook
        Not changed.
    name : str
        Its chapter; a notebook of no chapter is given back as it is.
    project : Path
        The audit whose claims count.
    """
    judged = {
        claim
        for cell in notebook.cells
        if cell.cell_type == "code"
        for claim in _JUDGED.findall(cell.source)
    }
    registry = project / "data" / "chapters.yml"
    entry = load_chapters(registry).get(name) if registry.is_file() else None
    if entry is None or not any("open_chapter" in cell.source for cell in notebook.cells):
        return notebook
    claims = load_claims(project / "data" / "claims").values()
    left = [one for one in claims if one.chapter == name and one.id not in judged]
    if not left:
        return notebook
    whole = copy.deepcopy(notebook)
    sections = load_sections()
    end = _end(whole.cells)
    for claim in left:
        made = _section(claim, sections.get(claim.design or "", Section()))
        whole.cells[end:end] = made
        end += len(made)
    return whole


def _closing() -> list[nbformat.NotebookNode]:
    """What every chapter ends with."""
    return [
        _markdown(CLOSING),
        _code("chapter.sensitivity()", _SHOWN),
        _markdown("## What would change our mind"),
        _code("chapter.change_of_mind()", _SHOWN),
        _markdown("## Sources"),
        _code("chapter.sources()", _SHOWN),
        _code("chapter.sample()", _SHOWN),
    ]


def _end(cells: list[nbformat.NotebookNode]) -> int:
    """Where a chapter's claims end and its closing sections begin."""
    found = (place for place, cell in enumerate(cells) if cell.source.startswith(CLOSING))
    return next(found, len(cells))


def _section(claim: Claim, section: Section) -> list[nbformat.NotebookNode]:
    study = [f'study = chapter.study("{claim.id}")']
    if section.charts is not None:
        study.insert(0, f"from analysis.pages.charts import {section.charts} as draw")
    shown = list(section.cells) if claim.design is not None else []
    if shown:
        shown[0] = "\n".join([*study, shown[0]])
    cells = [
        _markdown(f"## {plain(claim.text.rstrip('.'))}"),
        _code(f'chapter.claim("{claim.id}")', _SHOWN),
        *(_code(source, _SHOWN) for source in shown),
        _code(f'chapter.verdict("{claim.id}")', _SHOWN),
    ]
    return _numbered(cells, claim.id)


def _numbered(cells: list[nbformat.NotebookNode], name: str) -> list[nbformat.NotebookNode]:
    """The same cells with ids that are the same every time."""
    for number, cell in enumerate(cells):
        cell["id"] = digest([name, number])
    return cells


def _markdown(source: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def _code(source: str, *tags: str) -> nbformat.NotebookNode:
    metadata: dict[str, Any] = {"tags": list(tags)}
    return nbformat.v4.new_code_cell(source, metadata=metadata)
