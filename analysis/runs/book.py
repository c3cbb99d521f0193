"""Stage the book's parts in a temporary folder, build it, and put the result in place at once."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import yaml

from analysis.claims.chapters import load_chapters
from analysis.claims.documents import SHARED_CRITERIA
from analysis.claims.history import HISTORY_FILE
from analysis.files import CODE, PROJECT, load_yaml, write_whole
from analysis.pages.site import CITATION_FILE
from analysis.results import InputError
from analysis.runs.folders import check_folder, filling
from analysis.runs.kept_pages import KeptPages, Work
from analysis.runs.outputs import held_notebook
from analysis.runs.pdf import find_chromium, write_pdfs

ROOT = PROJECT

BOOK = "book"

_LOG_LINES = 40


def build_book(
    notebooks: Path,
    ledger: Path | None,
    out: Path,
    *,
    root: Path = ROOT,
    address: str = "",
    pdf: bool = False,
    state: str | None = None,
    jobs: int = 1,
    kept: KeptPages | None = None,
    waiting: Waiting | None = None,
) -> Path:
    """Build the static book; an earlier one stays in place until the new one is whole.

    Parameters
    ----------
    notebooks : Path
        Folder of executed notebooks, ``<chapter>.ipynb``, for every notebook of the contents.
    ledger : Path or None
        The ledger to publish, with the ``history.csv`` beside it; None takes ``data/ledger.csv``
        of `root` where there is one.
    out : Path
        Folder that will hold ``index.html``.
    root : Path
        Project folder with ``_config.yml``, ``_toc.yml``, ``book/`` and ``data/claims``.
    address : str
        Where the site will be published; empty keeps every address in it relative.
    pdf : bool
        Print every page and the whole book as well, by a Chromium on the machine.

    state : str, optional
        Hash of all that the book is made from, kept beside it.
    jobs : int
        Processes that read and write pages; their number changes none of them.
    kept : KeptPages, optional
        Pages of the build before; those that would say the same are not written again.
    waiting : Waiting, optional
        A process to build in that was started before; by default one is started here.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    InputError
        When a page or notebook of the contents is missing, a notebook was not executed or carries
        an error, `out` holds what this program did not make or cannot be written, or a PDF is
        wanted and no Chromium is there.
    RuntimeError
        When the build fails, with the last lines of its log.
    """
    check_folder(out, BOOK)
    browser = find_chromium() if pdf else ""
    with tempfile.TemporaryDirectory(prefix="smallcap-book-") as name:
        stage = Path(name) / "stage"
        stage_book(notebooks, ledger, stage, root=root)
        set_address(stage / "_config.yml", address)
        again = nullcontext(Work(stage, Path(name) / "built")) if kept is None else kept.work(stage)
        ready = nullcontext(waiting) if waiting is not None else Waiting()
        with ready as process, again as work, filling(out, BOOK, keep=False, state=state) as fresh:
            built = _build(work.sources, work.built, jobs, process)
            # Sphinx's note on its configuration, which holds the folder it worked in
            left = shutil.ignore_patterns(".buildinfo")
            shutil.copytree(built, fresh, ignore=left, dirs_exist_ok=True)
            if pdf:
                write_pdfs(fresh, contents(root / "_toc.yml"), browser)
    return Path(out)


def stage_book(
    notebooks: Path,
    ledger: Path | None,
    stage: Path,
    *,
    root: Path = ROOT,
    executed: bool = True,
) -> None:
    """Copy all that the book is built from, and nothing else, into the folder `stage`.

    Notebooks that were not run to their end are refused where they have to be `executed`.
    """
    stage.mkdir(parents=True)
    toc = complete_toc(root)
    _copy(root / "_config.yml", stage / "_config.yml")
    write_whole(stage / "_toc.yml", yaml.safe_dump(toc, sort_keys=False, allow_unicode=True))
    _copy(root / "book", stage / "book")
    if not (stage / "book" / "_static").exists():
        _copy(CODE / "book" / "_static", stage / "book" / "_static")
    _copy(root / "data" / "claims", stage / "data" / "claims")
    for optional in (f"data/{SHARED_CRITERIA}", "data/derived", CITATION_FILE):
        if (root / optional).exists():
            _copy(root / optional, stage / optional)
    source = ledger if ledger is not None else root / "data" / "ledger.csv"
    if ledger is not None or source.is_file():
        _copy(source, stage / "data" / "ledger.csv")
    history = source.with_name(HISTORY_FILE.name)
    if history.is_file():
        _copy(history, stage / "data" / HISTORY_FILE.name)
    for page in pages_of(toc):
        if page.startswith("notebooks/"):
            path = notebooks / f"{page.removeprefix('notebooks/')}.ipynb"
            if executed:
                _refuse_unfinished(path)
            _copy(path, stage / f"{page}.ipynb")


def set_address(config: Path, address: str) -> None:
    """Say in a staged configuration where the site will be published; nothing without an address.

    Raises
    ------
    InputError
        For what is no address of a site, and a configuration without the line for it.
    """
    if not address:
        return
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", address):
        raise InputError(f"{address!r} is no address of a site, such as https://example.org/book/")
    whole = f"{address.rstrip('/')}/"
    text, found = re.subn(
        r"^(\s+baseurl:).*$",
        lambda match: f"{match[1]} {json.dumps(whole)}",
        config.read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
    if not found:
        raise InputError(f"{config.name} has no line 'baseurl:' under 'html:'; put it back")
    write_whole(config, text)


def complete_toc(root: Path) -> dict[str, Any]:
    """The contents of a project, with every chapter it leaves out added to its part.

    A part that the contents lack stands at their end. ``data/chapters.yml`` says what chapters
    there are and in which part each stands; where there is none, nothing is added.
    """
    toc = load_yaml(root / "_toc.yml")
    listed = set(pages_of(toc))
    registry = root / "data" / "chapters.yml"
    for name, entry in load_chapters(registry).items() if registry.is_file() else ():
        page = f"notebooks/{name}"
        if page in listed:
            continue
        parts = toc.setdefault("parts", [])
        part = next((one for one in parts if one.get("caption") == entry.part), None)
        if part is None:
            part = {"caption": entry.part, "chapters": []}
            parts.append(part)
        part["chapters"].append({"file": page})
    return toc


def contents(toc: Path) -> list[str]:
    """Every page that a ``_toc.yml`` names, root first, without endings."""
    return pages_of(load_yaml(toc))


def pages_of(toc: Mapping[str, Any]) -> list[str]:
    """Every page that contents name, root first, without endings."""
    found: list[str] = []

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                visit(item)
        elif isinstance(node, dict):
            found.extend(node[key] for key in ("root", "file") if key in node)
            for key in ("parts", "chapters", "sections"):
                visit(node.get(key))

    visit(dict(toc))
    return found


#: jupyter-book has no option for the number of Sphinx's processes; here it comes with what is to
#: be built, in the line that the process waits for after its imports.
_JUPYTER_BOOK = """
import json, sys
from functools import partial
import smallcap
import jupyter_book.sphinx as building
from jupyter_book.cli.main import main
import analysis.pages.directives, analysis.pages.publishing, myst_nb.sphinx_ext, sphinx_book_theme
# what pages need in whichever process reads or writes them
import altair, scipy.stats, statsmodels.regression.linear_model
asked = json.loads(sys.stdin.readline() or "null")
if asked:
    jobs, *sys.argv[1:] = asked
    building.build_sphinx = partial(building.build_sphinx, jobs=jobs)
    main()
"""


class Waiting:
    """jupyter-book in a process that imports while there is nothing to build yet; use ``with``."""

    def __enter__(self) -> Waiting:
        environment = {**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONOPTIMIZE": ""}
        self._over = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", _JUPYTER_BOOK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
        return self

    def __exit__(self, *_: object) -> None:
        if not self._over:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def build(self, arguments: Sequence[str], jobs: int) -> tuple[int, str]:
        """Build once; the exit code and what was said."""
        told, warned = self._process.communicate(f"{json.dumps([jobs, *arguments])}\n")
        self._over = True
        return self._process.returncode, told + warned


def _build(stage: Path, built: Path, jobs: int, waiting: Waiting) -> Path:
    arguments = ["build", str(stage), "--path-output", str(built), "-W", "--keep-going"]
    arguments += [] if built.is_dir() else ["--all"]
    code, log = waiting.build(arguments, jobs)
    html = built / "_build" / "html"
    if code or not (html / "index.html").is_file():
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
    for number, cell in enumerate(held_notebook(path).cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if cell.get("execution_count") is None:
            raise InputError(f"{path.name}: cell {number} was never executed; run it first")
        if any(output.output_type == "error" for output in cell.outputs):
            raise InputError(f"{path.name}: cell {number} ended in an error; run it again")
