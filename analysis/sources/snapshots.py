"""Snapshots: immutable, named manifests of the publishers' files in the cache."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.files import checksum
from analysis.results import InputError
from analysis.sources import store
from analysis.sources.catalog import load_catalogue
from analysis.sources.readers import Reading, read_source

_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}")


class Entry(BaseModel):
    """One file of a snapshot, read without a complaint when it was fetched.

    Attributes
    ----------
    address : str
        Where the file came from, an address or a path.
    fetched : str
        UTC, ISO 8601.
    vintage : str
        Month of the CRSP database the file states (``YYYYMM``); the last date held where a file
        states none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    path: str
    address: str
    fetched: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int
    vintage: str
    first: str
    last: str


class Snapshot(BaseModel):
    """A complete, named state of the latest data.

    Attributes
    ----------
    name : str
        Day it was completed and the first digits of the checksum of its contents.
    created : str
        UTC, ISO 8601.
    entries : tuple of Entry
        Sorted by id.
    absent : tuple of str
        Optional files their publisher did not have.
    cache : Path
        Folder that holds the objects; not part of the manifest.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    created: str
    entries: tuple[Entry, ...]
    absent: tuple[str, ...] = ()
    cache: Path = Field(exclude=True)

    def entry(self, id: str) -> Entry:
        """The file of that id, or an ``InputError`` that says how to get it."""
        for entry in self.entries:
            if entry.id == id:
                return entry
        option = " --prices FOLDER" if id.startswith("prices/") else ""
        raise InputError(
            f"snapshot {self.name} does not hold {id}; run `smallcap pull{option}` again"
        )

    def ids(self) -> tuple[str, ...]:
        """Ids of the files held."""
        return tuple(entry.id for entry in self.entries)

    def __str__(self) -> str:
        size = sum(entry.size for entry in self.entries) / 1e6
        return f"{self.name}: {len(self.entries)} files, {size:.1f} MB, completed {self.created}"


def save_snapshot(
    entries: Iterable[Entry], absent: Iterable[str], created: str, cache: Path
) -> Snapshot:
    """Write a manifest and put it in force; the same contents keep the name they already have."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.id))
    suffix = _digest(ordered)
    same = sorted((cache / "snapshots").glob(f"*-{suffix}.json"))
    if same:
        snapshot = load_snapshot(same[0].stem, cache)
    else:
        snapshot = Snapshot(
            name=f"{created[:10]}-{suffix}",
            created=created,
            entries=ordered,
            absent=tuple(sorted(absent)),
            cache=cache,
        )
        text = json.dumps(snapshot.model_dump(mode="json"), indent=1) + "\n"
        store.keep_file(cache / "snapshots" / f"{snapshot.name}.json", text.encode(), cache)
    store.keep_file(cache / "current", f"{snapshot.name}\n".encode(), cache)
    return snapshot


def list_snapshots(cache: Path | str | None = None) -> list[Snapshot]:
    """Every snapshot in the cache, the newest first."""
    cache = store.cache_folder(cache)
    names = [path.stem for path in (cache / "snapshots").glob("*.json")]
    found = [load_snapshot(name, cache) for name in names if _NAME.fullmatch(name)]
    return sorted(found, key=lambda snapshot: snapshot.created, reverse=True)


def current_name(cache: Path | str | None = None) -> str | None:
    """Name of the snapshot in force, None before the first complete pull."""
    try:
        return (store.cache_folder(cache) / "current").read_text().strip() or None
    except OSError:
        return None


def load_snapshot(name: str | None = None, cache: Path | str | None = None) -> Snapshot:
    """A snapshot by name, by default the one in force.

    Raises
    ------
    InputError
        If there is none of that name, none at all, or its manifest was changed.
    """
    cache = store.cache_folder(cache)
    name = name or current_name(cache)
    if name is None:
        raise InputError(f"there is no snapshot in {cache} yet; run `smallcap pull`")
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a snapshot; `smallcap pull --list` lists them")
    path = cache / "snapshots" / f"{name}.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        snapshot = Snapshot(**raw, cache=cache)
    except FileNotFoundError as error:
        raise InputError(
            f"there is no snapshot {name} in {cache}; `smallcap pull --list` lists them"
        ) from error
    except (OSError, ValueError, TypeError, ValidationError) as error:
        raise InputError(f"{path} is no manifest; remove it and run `smallcap pull`") from error
    if snapshot.name != name or not name.endswith(_digest(snapshot.entries)):
        raise InputError(
            f"{path} was changed after it was written; remove it and run `smallcap pull`"
        )
    return snapshot


def check_objects(snapshot: Snapshot) -> None:
    """Check every file against its checksum; an ``InputError`` names the first that fails."""
    for entry in snapshot.entries:
        store.load_object(entry.sha256, snapshot.cache, entry.path)


def read_tables(snapshot: Snapshot, id: str) -> dict[str, pd.DataFrame]:
    """Every table of one file of a snapshot, checked against its checksum before it is read.

    Parameters
    ----------
    snapshot : Snapshot
    id : str
        Such as ``french/25_Portfolios_5x5`` or ``fred/FEDFUNDS``.

    Returns
    -------
    dict of str to DataFrame
        In the publisher's units, under the names of ``data/sources.yml``; yours to change.

    Raises
    ------
    InputError
        If the snapshot does not hold the file, or it was changed since.
    """
    entry = snapshot.entry(id)
    reading = _read(snapshot.cache, entry.sha256, id)
    return {name: frame.copy(deep=False) for name, frame in reading.tables.items()}


def read_table(snapshot: Snapshot, id: str, table: str | None = None) -> pd.DataFrame:
    """One table of one file, as :func:`read_tables`; its name may be left out where it is alone."""
    tables = read_tables(snapshot, id)
    if table is None and len(tables) == 1:
        return next(iter(tables.values()))
    if table not in tables:
        raise InputError(f"{id} has no table {table!r}; choose one of {', '.join(tables)}")
    return tables[table]


@functools.lru_cache(maxsize=64)
def _read(cache: Path, digest: str, id: str) -> Reading:
    source = load_catalogue().source(id)
    return read_source(source, store.load_object(digest, cache, source.path), name=source.path)


def _digest(entries: Iterable[Entry]) -> str:
    lines = "".join(f"{entry.id} {entry.sha256}\n" for entry in entries)
    return checksum(lines.encode())[:8]
