"""Public-domain series that ship with the project, in ``data/public``, each with its checksum.

They are files of the Federal Reserve Board and the Bureau of Labor Statistics in the form in which
FRED serves them, named after their series; a manifest says where each is published, what its bytes
add up to, and the day it was fetched from there, where it was.
:func:`analysis.sources.pull.pull_public` fetches all of them anew.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from analysis.files import CODE, checksum, load_rows, write_whole
from analysis.results import InputError
from analysis.sources.fred import read_fred
from analysis.sources.tables import load_bytes

PUBLIC_FOLDER = CODE / "data" / "public"
MANIFEST = "manifest.csv"

#: Columns of the manifest: a row is a series, and the file of its name with ``.csv``.
COLUMNS = ("series", "frequency", "address", "retrieved", "first", "last", "sha256")

REMEDY = "run `smallcap pull --public`, or put the committed file back"

_FORMS = {
    "series": re.compile("[A-Z0-9]+"),
    "frequency": re.compile("monthly|quarterly|daily|trading"),
    "address": re.compile(r"https://\S+"),
    "retrieved": re.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})?"),
    "sha256": re.compile("[0-9a-f]{64}"),
}

_HEAD = (
    "# Written by `smallcap pull --public`; do not edit. Series of the US government, in the\n"
    "# public domain, in the form in which the publisher serves them at the address.\n"
    "# retrieved: the day a series was fetched from that address; empty where the copy came\n"
    "# another way: its vintage is known only to be no earlier than its last observation.\n"
)


def load_public(folder: Path = PUBLIC_FOLDER) -> Mapping[str, pd.Series]:
    """Every series of the folder, in the publisher's units, by its name.

    Parameters
    ----------
    folder : Path
        Holds the manifest and the files it names.

    Returns
    -------
    mapping of str to Series
        By month, quarter or day, as published; not to be changed.

    Raises
    ------
    InputError
        Naming manifest and row: for a row out of form or twice, a file that is not there or does
        not have its checksum, and what :func:`analysis.sources.fred.read_fred` refuses.
    """
    return _load(folder)


@functools.lru_cache(maxsize=2)
def _load(folder: Path) -> Mapping[str, pd.Series]:
    found = {}
    for name, row in load_manifest(folder).items():
        where = f"{folder.name}/{MANIFEST}, row {name}"
        try:
            content, _ = load_bytes(folder / f"{name}.csv", f"{name}.csv")
        except InputError as error:
            raise InputError(f"{where}: {error}; {REMEDY}") from error
        if checksum(content) != row["sha256"]:
            raise InputError(
                f"{where}: {name}.csv does not have the checksum it was kept with, so it was"
                f" changed or damaged; {REMEDY}"
            )
        frame = read_fred(content, series=name, frequency=row["frequency"], name=f"{name}.csv")
        found[name] = frame[name]
    return MappingProxyType(found)


def load_manifest(folder: Path = PUBLIC_FOLDER) -> dict[str, dict[str, str]]:
    """The manifest's rows by series; empty where the folder has no manifest yet.

    Raises
    ------
    InputError
        For other columns than :data:`COLUMNS`, a cell out of form, or a series twice.
    """
    path = folder / MANIFEST
    if not path.exists():
        return {}
    head, rows = load_rows(path, REMEDY)
    if tuple(head) != COLUMNS:
        raise InputError(f"{path.name}: its columns are not {', '.join(COLUMNS)}; {REMEDY}")
    found: dict[str, dict[str, str]] = {}
    for cells in rows:
        row = dict(zip(head, cells, strict=True))
        name = row["series"]
        odd = [column for column, form in _FORMS.items() if not form.fullmatch(row[column])]
        if odd:
            raise InputError(
                f"{path.name}, row {name}: column {odd[0]} holds {row[odd[0]]!r}; {REMEDY}"
            )
        if name in found:
            raise InputError(f"{path.name}, row {name}: the series stands twice; {REMEDY}")
        found[name] = row
    return found


def write_public(
    rows: Mapping[str, Mapping[str, str]],
    contents: Mapping[str, bytes],
    folder: Path = PUBLIC_FOLDER,
) -> list[str]:
    """Replace the series and then the manifest; the names of those whose content is new.

    A series of unchanged content keeps its row, and with it the day it was retrieved, unless it was
    not retrieved from the publisher before and is now. A stop half
    way leaves files that do not have their checksums, which the next load says and the next pull
    mends.

    Parameters
    ----------
    rows : mapping of str to mapping
        By series, the cells of :data:`COLUMNS`.
    contents : mapping of str to bytes
        By series, what was served.
    folder : Path
    """
    earlier = load_manifest(folder)
    made, changed = [], []
    for name in sorted(rows):
        before = earlier.get(name)
        if before is not None and before["sha256"] == rows[name]["sha256"]:
            made.append(before if before["retrieved"] else dict(rows[name]))
        else:
            made.append(dict(rows[name]))
            changed.append(name)
        write_whole(folder / f"{name}.csv", contents[name])
    lines = [",".join(COLUMNS), *(",".join(row[c] for c in COLUMNS) for row in made)]
    write_whole(folder / MANIFEST, _HEAD + "\n".join(lines) + "\n")
    _load.cache_clear()
    return changed
