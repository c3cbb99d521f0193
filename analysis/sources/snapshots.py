"""Snapshots: immutable, named manifests of the publishers' files in the cache."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
from pydantic import Field, ValidationError

from analysis.files import checksum, open_regular
from analysis.results import InputError
from analysis.sources import store
from analysis.sources.catalog import load_catalogue
from analysis.sources.readers import Reading, read_source
from analysis.texts import MONTH, OneLine

_NAME = re.compile(f"{MONTH}-[0-9a-f]{{12}}")

#: A month, day, quarter or year as the readers write it: ``202112``, ``2021-12``, ``2021Q4``.
_DATE = "^[0-9]{4}([0-9]{2}|-[0-9]{2}(-[0-9]{2})?|Q[1-4])?$"
_DIGEST = re.compile("[0-9a-f]{64}")

#: The file that names the snapshot in force.
CURRENT = "current"

#: Whose last month a snapshot is named after.
_FACTORS = "french/F-F_Research_Data_Factors"


class Entry(OneLine):
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

    id: str
    path: str
    address: str
    fetched: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int
    vintage: str = Field(pattern=_DATE)
    first: str = Field(pattern=_DATE)
    last: str = Field(pattern=_DATE)


class Snapshot(OneLine):
    """A complete, named state of the latest data.

    Attributes
    ----------
    name : str
        Newest month of the factors (of any file where it has none) and the first digits of the
        checksum of its contents: equal content has one name, whatever the day.
    created : str
        UTC, ISO 8601.
    entries : tuple of Entry
        Sorted by id.
    absent : tuple of str
        Files their publisher did not have.
    notes : tuple of str
        What is odd about the files and was kept, a line each; "(accepted)" where the user did.
    oddities : dict of str to str
        Id of each file that the user accepted although it is odd beside its peers, and what is odd;
        what rests on it says so.
    seal : str
        Checksum of every other field.
    cache : Path
        Folder that holds the objects; not part of the manifest.
    """

    name: str
    created: str
    entries: tuple[Entry, ...]
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    oddities: dict[str, str] = Field(default_factory=dict)
    seal: str = ""
    cache: Path = Field(exclude=True)

    def sealed(self) -> str:
        """Checksum of every field but the seal."""
        # without oddities a manifest is as it was before there were any, and so is its seal
        left_out = {"seal"} if self.oddities else {"seal", "oddities"}
        content = self.model_dump(mode="json", exclude=left_out)
        return checksum(json.dumps(content, sort_keys=True).encode())

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
    entries: Iterable[Entry],
    absent: Iterable[str],
    created: str,
    cache: Path,
    notes: Iterable[str] = (),
    oddities: Mapping[str, str] | None = None,
) -> Snapshot:
    """Write a manifest and put it in force; the same contents keep the name they already have."""
    ordered = tuple(sorted(entries, key=lambda entry: entry.id))
    made = Snapshot(
        name=_named(ordered),
        created=created,
        entries=ordered,
        absent=tuple(sorted(absent)),
        notes=tuple(notes),
        oddities=dict(oddities or {}),
        cache=cache,
    )
    with contextlib.suppress(InputError):
        kept = load_snapshot(made.name, cache)
        use_snapshot(kept.name, cache)
        return kept
    made = made.model_copy(update={"seal": made.sealed()})
    text = json.dumps(made.model_dump(mode="json"), indent=1) + "\n"
    store.keep_file(cache / "snapshots" / f"{made.name}.json", text.encode(), cache)
    use_snapshot(made.name, cache)
    return made


def use_snapshot(name: str, cache: Path | str | None = None) -> Snapshot:
    """Put a kept snapshot in force.

    Raises
    ------
    InputError
        If there is none of that name, or a file of it is damaged.
    """
    folder = store.cache_folder(cache)
    chosen = load_snapshot(name, folder)
    check_objects(chosen)
    store.keep_file(folder / CURRENT, f"{chosen.name}\n".encode(), folder)
    return chosen


def remove_snapshot(name: str, cache: Path | str | None = None) -> int:
    """Remove a kept snapshot, and the files that no other one holds.

    Returns
    -------
    int
        Number of files removed.

    Raises
    ------
    InputError
        If it is in force, or there is none of that name.
    """
    folder = store.cache_folder(cache)
    if name == current_name(folder):
        raise InputError(f"{name} is in force; put another one in force first")
    gone = load_snapshot(name, folder)
    kept = {
        digest
        for path in _manifests(folder)
        if path.stem != name
        for digest in _DIGEST.findall(_text_of(path))
    }
    (folder / "snapshots" / f"{name}.json").unlink()
    alone = {entry.sha256 for entry in gone.entries} - kept
    for digest in alone:
        (folder / "objects" / digest).unlink(missing_ok=True)
    return len(alone)


def sound_and_damaged(cache: Path | str | None = None) -> tuple[list[Snapshot], list[str]]:
    """Every sound snapshot, the newest first, and for each damaged manifest what is wrong."""
    cache = store.cache_folder(cache)
    found, damaged = [], []
    for path in _manifests(cache):
        try:
            found.append(load_snapshot(path.stem, cache))
        except InputError as error:
            damaged.append(str(error))
    return sorted(found, key=lambda snapshot: snapshot.created, reverse=True), damaged


def _manifests(cache: Path) -> list[Path]:
    return sorted(p for p in (cache / "snapshots").glob("*.json") if _NAME.fullmatch(p.stem))


def _text_of(path: Path) -> str:
    """A manifest as it is, damaged or not; what it may name is not removed with another."""
    try:
        with open_regular(path) as stream:
            return stream.read().decode("ascii", errors="replace")
    except OSError as error:
        raise InputError(f"{path} is no manifest ({error.strerror}); remove it first") from error


def current_name(cache: Path | str | None = None) -> str | None:
    """Name of the snapshot in force; None before the first complete pull.

    Raises
    ------
    InputError
        Where the file that names it is damaged.
    """
    path = store.cache_folder(cache) / CURRENT
    if not path.exists():
        return None
    try:
        with open_regular(path) as stream:
            name = stream.read(200).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        name = ""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{path} does not name a snapshot; put one in force with `smallcap snapshots NAME"
            " --use`, or run `smallcap pull`"
        )
    return name


def load_snapshot(name: str | None = None, cache: Path | str | None = None) -> Snapshot:
    """A snapshot by name, by default the one in force.

    Raises
    ------
    InputError
        If there is none of that name, none at all, or its manifest was changed.
    """
    cache = store.cache_folder(cache)
    remedy = "`smallcap snapshots` lists them"
    if name is None:
        name = current_name(cache)
        remedy = f"{CURRENT} names it; put another in force with `smallcap snapshots NAME --use`"
    if name is None:
        raise InputError(f"there is no snapshot in {cache} yet; run `smallcap pull`")
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name of a snapshot; {remedy}")
    path = cache / "snapshots" / f"{name}.json"
    try:
        with open_regular(path) as stream:
            raw = json.loads(stream.read())
        snapshot = Snapshot(**raw, cache=cache)
    except FileNotFoundError as error:
        raise InputError(f"there is no snapshot {name} in {cache}; {remedy}") from error
    except (OSError, ValueError, TypeError, RecursionError, ValidationError) as error:
        raise InputError(f"{path} is no manifest; remove it and run `smallcap pull`") from error
    if (
        snapshot.name != name
        or snapshot.name != _named(snapshot.entries)
        or (snapshot.seal != snapshot.sealed())
    ):
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
    reading = read_entry(entry, snapshot.cache)
    return {name: frame.copy(deep=False) for name, frame in reading.tables.items()}


def read_entry(entry: Entry, cache: Path) -> Reading:
    """Everything one file of a snapshot holds, checked against its checksum."""
    store.load_object(entry.sha256, cache, entry.path)
    return _read(cache, entry.sha256, entry.id)


@functools.lru_cache(maxsize=128)
def _read(cache: Path, digest: str, id: str) -> Reading:
    source = load_catalogue().source(id)
    return read_source(source, store.load_object(digest, cache, source.path), name=source.path)


def _named(entries: Iterable[Entry]) -> str:
    """Name of a snapshot of these files: the newest month, and a checksum of what they hold."""
    held = sorted(entries, key=lambda entry: entry.id)
    lines = "".join(f"{entry.id} {entry.sha256}\n" for entry in held)
    months = {entry.id: entry.last[:7] for entry in held}
    newest = months.get(_FACTORS) or max(m for m in months.values() if "Q" not in m)
    return f"{newest}-{checksum(lines.encode())[:12]}"
