"""Pages of a book as they were built, kept beside the executed notebooks for the next build.

Kept is all that Sphinx left: sources, what it read of them, pages. The next build of the same
folder works there and writes the pages whose own inputs changed (:mod:`analysis.pages.unchanged`).
Where anything changed that no single page answers for, or a kept file is damaged, it starts anew.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from analysis.files import CODE, PROJECT, checksum, digest_tree, write_whole

#: Of what is kept; another one is never read.
FORMAT = 1

#: Books whose pages are kept.
MOST_BOOKS = 4

_WHOLE = "whole.json"

#: Sources that only the pages answer for which were made of them.
_OF_PAGES = ("notebooks/", "book/", "data/ledger.csv", "data/history.csv", "data/rows/")


class Work(NamedTuple):
    """Folders of a build: of its sources, and of all that Sphinx writes."""

    sources: Path
    built: Path


@dataclass(frozen=True)
class KeptSite:
    """The kept pages of one book: where, how many bytes, when last used."""

    folder: Path
    size: int
    used: datetime

    def remove(self) -> None:
        """Take it away; the next build starts anew."""
        shutil.rmtree(self.folder, ignore_errors=True)


def kept_sites(folder: Path) -> list[KeptSite]:
    """All books whose pages are kept whole."""
    return [
        KeptSite(
            mark.parent,
            sum(path.stat().st_size for path in mark.parent.rglob("*") if path.is_file()),
            datetime.fromtimestamp(mark.stat().st_mtime),
        )
        for mark in sorted(folder.glob(f"*/{_WHOLE}"))
    ]


class KeptPages:
    """What is kept of the book in one folder.

    Parameters
    ----------
    folder : Path
        Of all that is kept.
    out : Path
        Of the built book, which names what is kept of it.
    force : bool
        Keep, but use nothing that was kept before.
    """

    def __init__(self, folder: Path, out: Path, *, force: bool = False) -> None:
        name = checksum(f"{Path(out).resolve()}\0{PROJECT}\0{CODE}".encode())[:16]
        self.folder = folder / name
        self._force = force

    @contextlib.contextmanager
    def work(self, stage: Path) -> Iterator[Work]:
        """Folders to build in; what is built there stays when the block ends without an error.

        Parameters
        ----------
        stage : Path
            The sources of this build. Where another build of the same book is at work, or nothing
            can be kept, they are built where they lie.
        """
        import filelock

        with contextlib.ExitStack() as stack:
            kept = True
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                stack.enter_context(filelock.FileLock(f"{self.folder}.lock", timeout=0))
                shared = _shared(stage)
                self._prepare(stage, shared)
            except (OSError, filelock.Timeout):
                kept = False
            if not kept:
                name = stack.enter_context(tempfile.TemporaryDirectory(prefix="smallcap-pages-"))
                yield Work(stage, Path(name) / "built")
                return
            work = Work(self.folder / "stage", self.folder / "built")
            try:
                yield work
                write_whole(self.folder / _WHOLE, json.dumps([FORMAT, shared, _sums(work)]))
            except BaseException:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise
            self._leave_few()

    def _prepare(self, stage: Path, shared: str) -> None:
        """Bring the kept sources up to date, or start anew where pages cannot answer for that."""
        whole, sources = self.folder / _WHOLE, self.folder / "stage"
        stands = not self._force and _stands(whole, shared, Work(sources, self.folder / "built"))
        whole.unlink(missing_ok=True)
        if not stands:
            shutil.rmtree(self.folder)
            self.folder.mkdir(mode=0o700)
        write_ledger_by_claim(stage)
        _bring_over(stage, sources)

    def _leave_few(self) -> None:
        sites = sorted(kept_sites(self.folder.parent), key=lambda one: one.used, reverse=True)
        for site in sites[MOST_BOOKS:]:
            site.remove()


def write_ledger_by_claim(stage: Path) -> None:
    """Write, beside staged sources, what the ledger says of each claim, a file a claim."""
    from analysis.pages.mime import records_of
    from analysis.pages.unchanged import write_rows

    write_rows(records_of(stage), stage)


def _shared(stage: Path) -> str:
    """Hash of all that any page may rest on: code, libraries, day, and what is no page's source."""
    from analysis.pages.boards import newest_words
    from analysis.pages.mime import records_of
    from analysis.pages.site import load_site
    from analysis.runs.reuse import environment

    parts: list[Any] = [
        FORMAT,
        digest_tree(CODE, ("analysis/**/*", "book/_static/**/*")),
        # what pages read from where it lies: chapters, sources, facts
        [_sum_of_data(folder) for folder in dict.fromkeys((CODE, PROJECT))],
        environment(),
        load_site(stage).day.isoformat(),
        newest_words(records_of(stage)),
        {
            name: checksum(path.read_bytes())
            for name, path in _files(stage)
            if not name.startswith(_OF_PAGES) or name.startswith("book/_static/")
        },
        sorted(name for name, _ in _files(stage) if not name.startswith("data/rows/")),
    ]
    return checksum(json.dumps(parts, sort_keys=True).encode())


def _sum_of_data(project: Path) -> str:
    """Of all data but the ledger and its history, which are among the sources."""
    told = {
        name: checksum(path.read_bytes())
        for name, path in _files(project / "data")
        if f"data/{name}" not in _OF_PAGES
    }
    return checksum(json.dumps(told, sort_keys=True).encode())


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _sums(work: Work) -> dict[str, str]:
    return {
        f"{place.name}/{name}": checksum(path.read_bytes())
        for place in work
        for name, path in _files(place)
    }


def _stands(whole: Path, shared: str, work: Work) -> bool:
    try:
        return bool(json.loads(whole.read_text("utf-8")) == [FORMAT, shared, _sums(work)])
    except (OSError, ValueError):
        return False


def _bring_over(stage: Path, sources: Path) -> None:
    """Make `sources` say what `stage` says; a file that says it already is not touched."""
    wanted = dict(_files(stage))
    for name, path in list(_files(sources)):
        if name not in wanted:
            path.unlink()
    for name, path in wanted.items():
        target = sources / name
        if not (target.is_file() and target.read_bytes() == path.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
