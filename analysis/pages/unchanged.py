"""Which pages of an earlier build still stand (a Sphinx extension).

A build that finds its folders as an earlier one left them writes only the pages whose inputs say
something else than before, by the hash of what they say and never by the time of a file. What no
single page answers for, such as code, claims and configuration, is the caller's part: where it
changed, there is no earlier build (:mod:`analysis.runs.kept_pages`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from analysis.files import checksum, digest, write_whole
from analysis.pages.records import Records

#: What an earlier build says of itself, beside its doctrees.
FILE = "smallcap.json"

#: Rows of the ledger, a file a claim, so that a page depends on the claims that it shows.
ROWS = Path("data") / "rows"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; called by Sphinx."""
    app.connect("builder-inited", _remember)
    app.connect("env-get-outdated", _changed)
    # after the extension that numbers citations by all pages
    app.connect("env-updated", _renamed, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


class Earlier:
    """What an earlier build in the same folders was made from; empty where there was none.

    Attributes
    ----------
    files : dict of str to str
        Digest of every source and of every file a page was made from, by path.
    claims : dict of str to str
        Digest of what each claim's page was made from.
    slim : dict of str to str
        Checksum of every page as it was left.
    names : str
        Digest of all titles and labels, which any page may show.
    index : dict of str to list
        What each page adds to the search's own index.
    """

    def __init__(self, path: Path) -> None:
        held: dict[str, Any] = {}
        if path.is_file():
            held = json.loads(path.read_text(encoding="utf-8"))
        self.files: dict[str, str] = held.get("files", {})
        self.claims: dict[str, str] = held.get("claims", {})
        self.slim: dict[str, str] = held.get("slim", {})
        self.names: str = held.get("names", "")
        self.index: dict[str, list[list[str]]] = held.get("index", {})
        #: Whether all pages have to be written, since they show names of each other.
        self.renamed = not held


_EARLIER: WeakKeyDictionary[Sphinx, Earlier] = WeakKeyDictionary()


def earlier_of(app: Sphinx) -> Earlier:
    """The earlier build of the folders that this one works in."""
    return _EARLIER[app]


def note_rows(env: BuildEnvironment, claims: Iterable[str]) -> None:
    """Make the page being read depend on what the ledger says of some claims, and on no other."""
    folder = Path(env.srcdir)
    for claim in sorted(claims):
        path = folder / ROWS / f"{claim}.json"
        if not path.is_file():
            path = folder / "data" / "ledger.csv"
        if path.is_file():
            env.note_dependency(str(path))


def write_rows(records: Records, folder: Path) -> None:
    """Write what the ledger says of each claim under a folder of sources."""
    for claim in records.claims:
        rows = [dict(row) for row in records.rows_of(claim)]
        write_whole(folder / ROWS / f"{claim}.json", json.dumps(rows, default=str) + "\n")


def keep(app: Sphinx, claims: Mapping[str, str], slim: Mapping[str, str]) -> None:
    """Say, at the end of a build, what its pages were made from."""
    held = {
        "files": _digests(app.env),
        "claims": dict(claims),
        "slim": dict(slim),
        "names": _names(app.env),
        "index": _searched(app.env),
    }
    write_whole(Path(app.doctreedir) / FILE, json.dumps(held, sort_keys=True) + "\n")


def _remember(app: Sphinx) -> None:
    path = Path(app.doctreedir) / FILE
    _EARLIER[app] = earlier = Earlier(path)
    # Sphinx keeps what is searched, but for the entries of the index
    _searched(app.env).update(earlier.index)
    # a build that breaks off leaves nothing that could be taken for a whole one
    path.unlink(missing_ok=True)


def _changed(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Pages whose source, or a file they were made from, says something else than before."""
    before, now = earlier_of(app).files, _digests(env)
    return [
        name
        for name in sorted(env.found_docs - added)
        if any(before.get(path) != now.get(path) for path in _inputs(env, name))
    ]


def _renamed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, where a title or a label is another than before: any page may show it."""
    earlier = earlier_of(app)
    earlier.renamed = earlier.names != _names(env)
    return sorted(env.found_docs) if earlier.renamed else []


def _inputs(env: BuildEnvironment, name: str) -> list[str]:
    named = (str(path) for path in env.dependencies.get(name, ()))
    return [str(env.doc2path(name, base=False)), *named]


def _digests(env: BuildEnvironment) -> dict[str, str]:
    folder = Path(env.srcdir)
    paths = {path for name in env.found_docs for path in _inputs(env, name)}
    return {
        path: checksum((folder / path).read_bytes()) if (folder / path).is_file() else ""
        for path in sorted(paths)
    }


def _searched(env: BuildEnvironment) -> dict[str, Any]:
    """Entries of the index by page, as Sphinx holds them; empty where it holds them elsewhere."""
    held: dict[str, Any] = getattr(env, "_search_index_index_entries", {})
    return held


def _names(env: BuildEnvironment) -> str:
    """Titles, numbers and labels of all pages, and what is cited: each may stand on any page."""
    standard = env.get_domain("std").data
    cited = env.domaindata.get("cite", {}).get("citations", ())
    return digest(
        {
            "titles": {name: title.astext() for name, title in env.titles.items()},
            "numbers": {name: repr(one) for name, one in sorted(env.toc_secnumbers.items())},
            "labels": repr(sorted(standard["labels"].items())),
            "anonymous": repr(sorted(standard["anonlabels"].items())),
            "cited": sorted(
                f"{one.citation_id} {one.key} {one.formatted_entry.text}" for one in cited
            ),
        }
    )
