"""What an executed notebook carries: its verdicts, and nothing of the machine that ran it."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbformat.reader import reads

from analysis.files import digest, load_text, write_whole
from analysis.pages.cards import VERDICT_MIME
from analysis.results import InputError

Record = dict[str, Any]

#: Order of the keys of the committed notebooks' metadata, and all that is kept of it.
_KEPT_METADATA = ("kernelspec", "language_info", "smallcap")
_INJECTED = "injected-parameters"
_PARAMETERS = "parameters"

#: Bytes of a notebook; ours have one or two million.
LARGEST_NOTEBOOK = 200_000_000

#: Parsed notebooks by device, inode, time and size of their files, and the most that are held.
_HELD: dict[tuple[int, ...], nbformat.NotebookNode] = {}
_MOST_HELD = 32


def scrub(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove times, paths, versions and random ids from an executed notebook, in place."""
    metadata = notebook.metadata
    metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata["language_info"] = {"name": "python", "file_extension": ".py"}
    for key in [key for key in metadata if key not in _KEPT_METADATA]:
        del metadata[key]
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if is_injected(cell):
            cell["id"] = _INJECTED
    return notebook


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook of format 4, checked against its schema.

    Raises
    ------
    InputError
        In one line that names the file: no JSON, cut short, no notebook, unreadable.
    """
    path = Path(path)
    remedy = "put the committed file back, or run it again"
    text = load_text(path, remedy, LARGEST_NOTEBOOK)
    try:
        notebook = nbformat.convert(_known(reads(text)), 4)
        nbformat.validate(notebook)
    # a file that is no notebook fails in as many ways as there are files
    except Exception as error:
        said = " ".join(str(error).split())[:100] or type(error).__name__
        raise InputError(f"{path.name}: no notebook ({said}); {remedy}") from error
    return notebook


def held_notebook(path: Path) -> nbformat.NotebookNode:
    """As :func:`read_notebook`, but parsed once while the file is the same; not to be changed.

    A file that was moved, as a finished folder is, is the same one; one written again is not.
    """
    try:
        seen = os.stat(path)
    except OSError:
        return read_notebook(path)
    state = (seen.st_dev, seen.st_ino, seen.st_mtime_ns, seen.st_size)
    held = _HELD.get(state)
    if held is None:
        if len(_HELD) >= _MOST_HELD:
            _HELD.clear()
        held = _HELD[state] = read_notebook(path)
    return held


def _known(raw: Any) -> Any:
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int):
        raise ValueError("it does not say which format of notebook it is")
    return raw


def is_parameters(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is the one whose values papermill replaces."""
    return cell.cell_type == "code" and _PARAMETERS in cell.metadata.get("tags", ())


def is_injected(cell: nbformat.NotebookNode) -> bool:
    """Whether papermill put the cell there."""
    return _INJECTED in cell.metadata.get("tags", ())


def verdicts_of(notebook: nbformat.NotebookNode) -> list[Record]:
    """The verdict records in the outputs of one executed notebook, in page order."""
    return [
        dict(output["data"][VERDICT_MIME])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if VERDICT_MIME in output.get("data", {})
    ]


def collect_verdicts(paths: Iterable[Path]) -> list[Record]:
    """The verdict records of executed notebooks, in the order of `paths`."""
    return [copy.deepcopy(one) for path in paths for one in verdicts_of(held_notebook(path))]


def digest_outputs(notebook: nbformat.NotebookNode) -> str:
    """A digest of all that a notebook's cells put out: texts, tables, charts' data, cards.

    It is the same before a notebook is written and after it is read.
    """
    stored = nbformat.reads(nbformat.writes(notebook), as_version=4)
    return digest([cell.outputs for cell in stored.cells if cell.cell_type == "code"])


def write_notebook(path: Path, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook in one step and give its path."""
    nbformat.validate(notebook)
    return write_whole(path, nbformat.writes(notebook) + "\n")


def write_verdicts(path: Path, records: Iterable[Record]) -> Path:
    """Write verdict records as a JSON list and give the file's path."""
    text = json.dumps(list(records), indent=1, ensure_ascii=False, allow_nan=False)
    return write_whole(path, text + "\n")
