"""What an executed notebook carries: its verdicts, and nothing of the machine that ran it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat

from analysis.pages.chapter import VERDICT_MIME

Record = dict[str, Any]

#: Order of the keys of the committed notebooks' metadata, and all that is kept of it.
_KEPT_METADATA = ("kernelspec", "language_info", "smallcap")
_INJECTED = "injected-parameters"


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
        if _INJECTED in cell.metadata.get("tags", ()):
            cell["id"] = _INJECTED
    return notebook


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
    return [
        record for path in paths for record in verdicts_of(nbformat.read(Path(path), as_version=4))
    ]


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` in one step: a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def write_notebook(path: Path, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook in one step and give its path."""
    nbformat.validate(notebook)
    write_atomically(path, nbformat.writes(notebook) + "\n")
    return path


def write_verdicts(path: Path, records: Iterable[Record]) -> Path:
    """Write verdict records as a JSON list and give the file's path."""
    text = json.dumps(list(records), indent=1, ensure_ascii=False, allow_nan=False)
    write_atomically(path, text + "\n")
    return path
