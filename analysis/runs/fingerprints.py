"""What decides a notebook's outputs, in one fingerprint: stale is what another one would make."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from analysis.claims import Claim, load_claims
from analysis.claims.chapters import ChapterEntry, load_chapters
from analysis.designs import design_names, find_design
from analysis.files import (
    CODE,
    PROJECT,
    checksum,
    digest,
    digest_code,
    digest_code_of,
    digest_file,
    imported_names,
    parse_code,
    reached_files,
)
from analysis.results import InputError
from analysis.runs.templates import source_notebook

#: Data that a run on the bundled data reads, by the module that reads them: they count where it is
#: within reach. Claims and chapters count entry by entry.
READ_BY = {
    "analysis/sources/facts.py": "data/facts/*.csv",
    "analysis/sources/public.py": "data/public/*.csv",
    "analysis/sources/derived.py": "data/derived/valuation_gap.csv",
    "analysis/sources/outlooks.py": "data/derived/outlook_*.csv",
    "analysis/sources/supplements.py": "data/derived/supplement_*.csv",
    "analysis/audit/report.py": "data/derived/calibration.csv",
    "analysis/audit/rule_search.py": "data/derived/rule_search.csv",
    "analysis/audit/worlds.py": "data/audit.yml",
}

#: What a run on the latest data reads besides.
READ_BY_LATEST = {"analysis/sources/catalog.py": "data/sources.yml"}

#: What settles verdicts among all claims. A notebook reads it and does not grow stale by it: its
#: cards are made anew when verdicts are settled, and each is held against the ledger.
SETTLED_BY = ("data/ledger.csv", "data/derived/labels.csv")

#: Of a claim, what no notebook shows and no test reads.
_UNSEEN = {"file", "formerly"}

#: Of a chapter, what its notebook reads.
_READ_OF_CHAPTER = {"earliest", "draws", "parameters", "own", "judges"}


@dataclass(frozen=True)
class Inputs:
    """What a notebook is made from, beside its cells.

    Attributes
    ----------
    modules : tuple of str
        Imported by its cells, and the designs of its claims; all they reach counts.
    shown : tuple of Claim
        Claims it shows: their words count.
    judged : tuple of Claim
        Claims it judges, or holds its own against, without showing them: only their tests count.
    files : tuple of Path
        Of data.
    """

    modules: tuple[str, ...]
    shown: tuple[Claim, ...]
    judged: tuple[Claim, ...]
    files: tuple[Path, ...]


def fingerprint(path: Path, project: Path = PROJECT, data: str = "bundled") -> str:
    """SHA-256 of all that decides a notebook's outputs.

    Its cells, with the sections that a run adds; the code that the modules its cells import can
    reach, and the designs of its chapter's claims; these claims as the page shows them, with the
    tests of those they are held against; the chapter's parameters; the data files that this code
    reads.

    Parameters
    ----------
    path : Path
        The notebook; its outputs and metadata do not count.
    project : Path
        The folder that holds ``data`` and may hold ``analysis``.
    data : {"bundled", "latest"}
        What the run reads.

    Returns
    -------
    str
        64 hex digits.

    Raises
    ------
    InputError
        For a cell that is not Python.
    """
    inputs = inputs_of(path, project, data)
    parts = {
        "cells": _cells(path, project),
        "code": digest_code(inputs.modules, _code_of(project)),
        "claims": [digest(one.model_dump(mode="json", exclude=_UNSEEN)) for one in inputs.shown],
        "other claims": [one.criterion_hash for one in inputs.judged],
        "chapter": _digest_chapter(path.stem, project),
        "data": {_place(file, project): digest_file(file) for file in inputs.files},
    }
    return checksum(json.dumps(parts, sort_keys=True).encode())


def named_parts(path: Path, project: Path = PROJECT, data: str = "bundled") -> dict[str, str]:
    """What :func:`fingerprint` is made of, each part with the name a person knows it by.

    Returns
    -------
    dict of str to str
        Digests of the cells, of every module within reach, of every claim, of the chapter's
        parameters and of every data file.
    """
    inputs = inputs_of(path, project, data)
    parts = {"its cells": checksum(json.dumps(_cells(path, project)).encode())}
    parts |= {
        file.relative_to(_code_of(project)).as_posix(): digest_code_of(file)
        for file in reached_files(inputs.modules, _code_of(project))
    }
    parts |= {
        f"claim {one.id}": digest(one.model_dump(mode="json", exclude=_UNSEEN))
        for one in inputs.shown
    }
    parts |= {f"the test of {one.id}": one.criterion_hash for one in inputs.judged}
    parts["the chapter's parameters"] = _digest_chapter(path.stem, project)
    return parts | {_place(file, project): digest_file(file) for file in inputs.files}


def _cells(path: Path, project: Path) -> list[list[str]]:
    return [[cell.cell_type, cell.source] for cell in source_notebook(path, project).cells]


def inputs_of(path: Path, project: Path = PROJECT, data: str = "bundled") -> Inputs:
    """What a notebook is made from; parameters as :func:`fingerprint`."""
    notebook = source_notebook(path, project)
    claims = load_claims(project / "data" / "claims")
    shown, judged = _claims_behind(path.stem, load_chapters(_chapters_file(project)), claims)
    designs = sorted({str(one.design) for one in (*shown, *judged) if one.design})
    modules = (*_imported(path, notebook), *(f"analysis.designs.{name}" for name in designs))
    code = _code_of(project)
    reached = {file.relative_to(code).as_posix() for file in reached_files(modules, code)}
    readers = READ_BY if data == "bundled" else READ_BY | READ_BY_LATEST
    patterns = [pattern for module, pattern in readers.items() if module in reached]
    files = [file for pattern in patterns for file in _matching(pattern, project, code)]
    return Inputs(modules, tuple(shown), tuple(judged), tuple(files))


def _code_of(project: Path) -> Path:
    """The folder of the package a project runs on: its own, or the one that is running."""
    return project if (project / "analysis").is_dir() else CODE


def _matching(pattern: str, project: Path, code: Path) -> list[Path]:
    """Files of the project, or, where it has none, those that belong to the code."""
    return sorted(project.glob(pattern)) or sorted(code.glob(pattern))


def _place(file: Path, project: Path) -> str:
    home = project if file.is_relative_to(project) else CODE
    return file.relative_to(home).as_posix()


def _chapters_file(project: Path) -> Path:
    return project / "data" / "chapters.yml"


def _digest_chapter(name: str, project: Path) -> str:
    entry = load_chapters(_chapters_file(project)).get(name)
    return digest({} if entry is None else entry.model_dump(mode="json", include=_READ_OF_CHAPTER))


def _claims_behind(
    chapter: str, chapters: Mapping[str, ChapterEntry], claims: Mapping[str, Claim]
) -> tuple[list[Claim], list[Claim]]:
    """The claims a chapter shows, and those it judges or holds them against without showing."""
    entry = chapters.get(chapter)
    if entry is not None and entry.judges == "rules":
        return [], list(claims.values())
    targets = itertools.chain(*(entry.parameters.values() if entry is not None else ()))
    named = {target.partition(".")[0] for target in targets}
    own = [one for one in claims.values() if one.chapter == chapter or one.id in named]
    compared = {one.design for one in own if one.design and _asks_for_peers(one.design)}
    peers = [one for one in claims.values() if one.design in compared and one not in own]
    return own, peers


def _asks_for_peers(design: str) -> bool:
    return design in design_names() and find_design(design).asks_for_peers


def _imported(path: Path, notebook: nbformat.NotebookNode) -> list[str]:
    """Dotted names of all that a notebook's cells import."""
    names: list[str] = []
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            names += imported_names(parse_code(cell.source))
        except SyntaxError as error:
            raise InputError(f"{path.name}: cell {number} is not Python ({error.msg})") from error
    return names
