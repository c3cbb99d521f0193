"""Stage the book's parts in a temporary folder, build it, and put the result in place at once."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from analysis.claims.documents import SHARED_CRITERIA
from analysis.files import PROJECT, load_yaml
from analysis.results import InputError
from analysis.runs.folders import check_folder, filling
from analysis.runs.outputs import read_notebook

ROOT = PROJECT

BOOK = "book"

_LOG_LINES = 40


def build_book(
    notebooks: Path,
    ledger: Path | None,
    out: Path,
    *,
    root: Path = ROOT,
    state: str | None = None,
) -> Path:
    """Build the static book; an earlier one stays in place until the new one is whole.

    Parameters
    ----------
    notebooks : Path
        Folder of executed notebooks, ``<chapter>.ipynb``, for every notebook of the contents.
    ledger : Path or None
        The ledger to publish; None takes ``data/ledger.csv`` of `root` where there is one.
    out : Path
        Folder that will hold ``index.html``.
    root : Path
        Project folder with ``_config.yml``, ``_toc.yml``, ``book/`` and ``data/claims``.

    state : str, optional
        Hash of all that the book is made from, kept beside it.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    InputError
        When a page or notebook of the contents is missing, a notebook was not executed or carries
        an error, or `out` holds what this program did not make or cannot be written.
    RuntimeError
        When the build fails, with the last lines of its log.
    """
    check_folder(out, BOOK)
    with tempfile.TemporaryDirectory(prefix="smallcap-book-") as name:
        stage = Path(name) / "stage"
        stage_book(notebooks, ledger, stage, root=root)
        built = _build(stage, Path(name) / "built")
        with filling(out, BOOK, keep=False, state=state) as fresh:
            shutil.copytree(built, fresh, dirs_exist_ok=True)
    return Path(out)


def stage_book(notebooks: Path, ledger: Path | None, stage: Path, *, root: Path = ROOT) -> None:
    """Copy all that the book is built from, and nothing else, into the folder `stage`."""
    stage.mkdir(parents=True)
    for name in ("_config.yml", "_toc.yml"):
        _copy(root / name, stage / name)
    _copy(root / "book", stage / "book")
    _copy(root / "data" / "claims", stage / "data" / "claims")
    for optional in (SHARED_CRITERIA, "derived"):
        if (root / "data" / optional).exists():
            _copy(root / "data" / optional, stage / "data" / optional)
    source = ledger if ledger is not None else root / "data" / "ledger.csv"
    if ledger is not None or source.is_file():
        _copy(source, stage / "data" / "ledger.csv")
    for page in contents(root / "_toc.yml"):
        if page.startswith("notebooks/"):
            path = notebooks / f"{page.removeprefix('notebooks/')}.ipynb"
            _refuse_unfinished(path)
            _copy(path, stage / f"{page}.ipynb")


def contents(toc: Path) -> list[str]:
    """Every page that a ``_toc.yml`` names, root first, without endings."""
    found: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            found.extend(node[key] for key in ("root", "file") if key in node)
            for key in ("parts", "chapters", "sections"):
                visit(node.get(key))

    visit(load_yaml(toc))
    return found


def _build(stage: Path, built: Path) -> Path:
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build"]
    command += [str(stage), "--path-output", str(built), "-W", "--keep-going", "--all"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONOPTIMIZE": ""}
    done = subprocess.run(
        command, capture_output=True, encoding="utf-8", errors="replace", env=environment
    )
    html = built / "_build" / "html"
    if done.returncode or not (html / "index.html").is_file():
        log = done.stdout + done.stderr
        full = os.strerror(errno.ENOSPC)
        if full in log:
            raise OSError(errno.ENOSPC, full, tempfile.gettempdir())
        raise RuntimeError(f"the book could not be built:\n{_tail(log)}")
    return html


def _tail(log: str) -> str:
    """The warnings and errors of a log where it has any, else its end."""
    lines = log.strip().splitlines()
    telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
    return "\n".join((telling or lines)[-_LOG_LINES:])


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise InputError(f"the book needs {source}, which is not there")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _refuse_unfinished(path: Path) -> None:
    """jupyter-book would publish a stripped or failed notebook without a word."""
    if not path.is_file():
        raise InputError(f"the contents name {path.name}, but {path.parent} has no such notebook")
    for number, cell in enumerate(read_notebook(path).cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.get("execution_count") is None:
            raise InputError(f"{path.name}: cell {number} was never executed; run it first")
        if any(output.output_type == "error" for output in cell.outputs):
            raise InputError(f"{path.name}: cell {number} ended in an error; run it again")
