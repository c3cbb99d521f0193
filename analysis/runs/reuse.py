"""Executed notebooks, kept and used again while nothing that decides their outputs has changed.

Kept is the notebook as it ended, before its verdicts are settled among the others. It is found by
the hash of all that decides it; another version of this program, of its libraries or of this
store finds nothing. What is damaged on disk fails its checksum and is made again.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import nbformat

from analysis.files import CODE, PROJECT, checksum, digest_file, digest_tree
from analysis.results import InputError
from analysis.runs.fingerprints import SETTLED_BY, named_parts
from analysis.runs.kept_pages import KeptPages, kept_sites
from analysis.runs.plan import Run
from analysis.sources.store import cache_folder

#: Of what is written; a folder of another form is never read.
FORMAT = 2

SHELF_VARIABLE = "SMALLCAP_REUSE"

#: Bytes above which those not used for longest go.
MOST_BYTES = 1_000_000_000

#: What decides a notebook's outputs, by name; digests.
Parts = Mapping[str, str]

#: Files that any notebook may depend on: while none of them changed, no part did.
TREE = ("analysis/**/*.py", "data/**/*")

#: How a notebook is run and what of it is kept.
_RUN_BY = ("execute", "kernels", "outputs", "warmed")

_NAMED = 3

#: Folder of the pages of books.
_PAGES = "pages"


def shelf_folder() -> Path:
    """What ``SMALLCAP_REUSE`` names, else a folder in the user's cache, outside the project."""
    named = os.environ.get(SHELF_VARIABLE)
    return Path(named).expanduser().resolve() if named else cache_folder() / "executed"


class Kept(NamedTuple):
    """One entry: what it is of, its size in bytes, when it was last used, whether it is sound."""

    label: str
    size: int
    used: datetime
    parts: Parts
    sound: bool


class Damaged(NamedTuple):
    """What failed its checksum: notebooks, and lists of the parts that decide one."""

    notebooks: int
    parts: int

    def lines(self) -> list[str]:
        """What was removed and what becomes of it; empty where all was sound."""
        said = (
            (self.notebooks, "damaged notebooks removed; they are run again"),
            (self.parts, "damaged lists of what decides a notebook removed; they are made again"),
        )
        return [f"{count} {words}" for count, words in said if count]


class Shelf:
    """The store of executed notebooks.

    Parameters
    ----------
    folder : Path, optional
        By default in the cache folder of this user, outside the project.
    force : bool
        Run everything again, and keep that.
    explain : callable, optional
        Told in a line, for every notebook, why it is run again or not.

    Attributes
    ----------
    taken : list of str
        Labels of what was used again.
    fault : str or None
        Why nothing can be kept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        force: bool = False,
        explain: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = (shelf_folder() if folder is None else folder) / f"form-{FORMAT}"
        self.force = force
        self.taken: list[str] = []
        self.fault: str | None = None
        self._explain = explain
        self._asked: dict[str, tuple[str, str, Parts]] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._notebooks = _memory(self.folder / "notebooks").cache(_kept, ignore=["make"])
            self._parts = _memory(self.folder / "parts").cache(_parts, ignore=["make"])
        except OSError as error:
            self.fault = f"{self.folder}: {error.strerror}; no notebook is kept"

    def take(self, run: Run) -> nbformat.NotebookNode | None:
        """The notebook of a run as it ended before; None where something it depends on changed."""
        if self.fault is not None:
            return None
        tree = _tree(run)
        parts = self._parts_of(run, tree)
        key = checksum(json.dumps([FORMAT, parts], sort_keys=True).encode())
        self._asked[str(run)] = (tree, key, parts)
        text = None if self.force else self._load(key)
        if self._explain is not None:
            self._explain(f"{run}: {self._reason(run, parts, text is not None)}")
        if text is None:
            return None
        self.taken.append(str(run))
        return nbformat.reads(text, as_version=4)

    def keep(self, run: Run, notebook: nbformat.NotebookNode) -> None:
        """Keep what was run, unless what it depends on changed meanwhile."""
        asked = self._asked.get(str(run))
        if self.fault is not None or asked is None or asked[0] != _tree(run):
            return
        _, key, parts = asked
        text = nbformat.writes(notebook)
        value = {"label": str(run), "parts": dict(parts), "text": text}
        with warnings.catch_warnings(record=True) as said, contextlib.suppress(OSError):
            warnings.simplefilter("always")
            self._forget(key)
            self._notebooks(key, lambda: (_sum(value), value))
        if said:
            self.fault = f"{self.folder}: {said[0].message}".splitlines()[0]

    def pages(self, out: Path) -> KeptPages | None:
        """The pages kept for a folder of a book; None where nothing can be kept."""
        if self.fault is not None:
            return None
        return KeptPages(self.folder / _PAGES, out, force=self.force)

    def entries(self) -> Iterator[Kept]:
        """Everything that is kept, whole or not."""
        for item in self._items(self._notebooks):
            value = _read(Path(item.path))
            sound = value is not None
            value = value or {"label": "damaged", "parts": {}}
            yield Kept(value["label"], item.size, item.last_access, value["parts"], sound)

    def lines(self, *, each: bool) -> list[str]:
        """How much is kept and where, after a line for each notebook where they are wanted."""
        kept = sorted(self.entries(), key=lambda entry: entry.used)
        total = sum(entry.size for entry in kept) / 1e6
        return [
            f"{one.used:%Y-%m-%d %H:%M}  {one.size / 1e6:6.2f} MB  {one.label}"
            f"{'' if one.sound else ', damaged'}"
            for one in kept * each
        ] + [
            f"{len(kept)} notebooks, {total:.1f} MB in {self.folder}",
            *(
                f"pages of {len(sites)} {'books' if len(sites) > 1 else 'book'},"
                f" {sum(site.size for site in sites) / 1e6:.1f} MB there"
                for sites in [kept_sites(self.folder / _PAGES)]
                if sites
            ),
        ]

    def verify(self) -> Damaged:
        """Remove what is damaged; how much there was.

        Pages that are kept are held against their checksums whenever they are used.
        """
        return Damaged(self._cleared(self._notebooks), self._cleared(self._parts))

    def _cleared(self, kept: Any) -> int:
        damaged = [item for item in self._items(kept) if _read(Path(item.path)) is None]
        for item in damaged:
            kept.store_backend.clear_location(item.path)
        return len(damaged)

    def prune(self, most_bytes: int | None = MOST_BYTES, days: float | None = None) -> int:
        """Remove what was not used for longest, until the rest fits; how many notebooks went.

        Pages of books go first: they are made again from the notebooks.
        """
        if self.fault is not None:
            return 0
        before = len(self._items(self._notebooks))
        sites = kept_sites(self.folder / _PAGES)
        held = sum(item.size for item in self._items(self._notebooks))
        held += sum(site.size for site in sites)
        for site in sorted(sites, key=lambda one: one.used):
            old = days is not None and datetime.now() - site.used > timedelta(days=days)
            if old or (most_bytes is not None and held > most_bytes):
                held -= site.size
                site.remove()
        age = None if days is None else timedelta(days=days)
        with contextlib.suppress(OSError):
            # a folder that another run empties meanwhile
            self._notebooks.store_backend.enforce_store_limits(most_bytes, None, age)
        return before - len(self._items(self._notebooks))

    def _items(self, kept: Any) -> list[Any]:
        if self.fault is not None:
            raise InputError(self.fault)
        return list(kept.store_backend.get_items())

    def _parts_of(self, run: Run, tree: str) -> Parts:
        data = str(run.parameters.get("data", "bundled"))

        key = f"{tree} {_digest_or_none(run.source)} {run.name} {data}"
        own: Parts | None = _found(self._parts, key)
        if own is None:
            made = own = dict(named_parts(run.source, data=data))
            self._parts(key, lambda: (_sum(made), made))
        given = json.dumps(dict(run.parameters), sort_keys=True)
        return {
            **own,
            "the parameters": given,
            "the snapshot": "" if data == "bundled" else _snapshot(data),
            "your own returns": _own_state(),
            **{name: _digest_or_none(PROJECT / name) for name in SETTLED_BY},
            "the installed libraries": environment(),
            "how notebooks are run": checksum(
                "".join(digest_file(Path(__file__).with_name(f"{n}.py")) for n in _RUN_BY).encode()
            ),
        }

    def _load(self, key: str) -> str | None:
        value = _found(self._notebooks, key)
        return None if value is None else str(value["text"])

    def _forget(self, key: str) -> None:
        if self._notebooks.check_call_in_cache(key, _absent):
            with contextlib.suppress(LookupError):
                self._notebooks.call_and_shelve(key, _absent).clear()

    def _reason(self, run: Run, parts: Parts, found: bool) -> str:
        """Why it is run again: against the last of the same notebook and parameters."""
        if found:
            return "unchanged since it was last run"
        if self.force:
            return "run again as asked"
        same = [entry for entry in self.entries() if entry.label == str(run)]
        if not same:
            return "not run before, or no longer kept"
        last = max(same, key=lambda entry: entry.used)
        changed = sorted(
            name for name in {*parts, *last.parts} if parts.get(name) != last.parts.get(name)
        )
        more = f" and {len(changed) - _NAMED} more" if len(changed) > _NAMED else ""
        return f"run again, for what changed: {', '.join(changed[:_NAMED])}{more}"


def environment() -> str:
    """Hash of the interpreter and of every installed distribution with its version."""
    names = {
        name
        for folder in sys.path
        if os.path.isdir(folder)
        for name in os.listdir(folder)
        if name.endswith(".dist-info")
    }
    return checksum(json.dumps([sys.version, platform.machine(), sorted(names)]).encode())


def state_of(parameters: Mapping[str, Any], folder: Path) -> str:
    """Hash of all that decides a whole book: files, libraries, parameters, snapshot, own returns.

    Parameters
    ----------
    parameters : mapping
        Given to every notebook.
    folder : Path
        Of the notebooks.
    """
    data = str(parameters.get("data", "bundled"))
    snapshot = "" if data == "bundled" else _snapshot(data)
    site = digest_tree(PROJECT, ("book/**/*", "*.yml", "CITATION.cff"))
    project = [_digest_project(), digest_tree(CODE, ("analysis/**/*", "book/_static/**/*")), site]
    notebooks = digest_tree(folder, ("*.ipynb",))
    parts = [FORMAT, project, notebooks, environment(), dict(parameters), snapshot, _own_state()]
    return checksum(json.dumps(parts, sort_keys=True).encode())


def _own_state() -> str:
    from analysis.panel.own_leg import own_state

    return own_state()


def _tree(run: Run) -> str:
    return f"{_digest_project()} {_digest_or_none(run.source)}"


def _digest_project() -> str:
    """Code and data of the package, and of the audit at work where it is another."""
    own = "" if PROJECT == CODE else digest_tree(PROJECT, TREE)
    return f"{digest_tree(CODE, TREE)} {own}"


def _snapshot(data: str) -> str:
    from analysis.panel import load_dataset

    return str(load_dataset(data).snapshot)


def _digest_or_none(path: Path) -> str:
    return digest_file(path) if path.is_file() else ""


def _memory(folder: Path) -> Any:
    from joblib import Memory

    return Memory(folder, verbose=0, compress=3)


def _kept(key: str, make: Callable[[], Any]) -> Any:
    return make()


def _parts(key: str, make: Callable[[], Any]) -> Any:
    return make()


def _found(kept: Any, key: str) -> Any:
    """What is kept under a key; None where nothing is, or where it fails its checksum."""
    if not kept.check_call_in_cache(key, _absent):
        return None
    try:
        result = kept.call_and_shelve(key, _absent)
    except LookupError:
        return None
    try:
        given, value = result.get()
        if given == _sum(value):
            return value
    # a damaged file fails in as many ways as there are files
    except Exception:
        pass
    result.clear()
    return None


def _absent() -> Any:
    raise LookupError


def _sum(value: Mapping[str, Any]) -> str:
    return checksum(json.dumps(value, sort_keys=True).encode())


def _read(folder: Path) -> dict[str, Any] | None:
    """The entry in a folder of the store; None where it is damaged."""
    from joblib import load

    try:
        given, value = load(folder / "output.pkl")
        return value if given == _sum(value) else None
    except Exception:
        return None
