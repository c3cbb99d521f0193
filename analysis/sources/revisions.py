"""Revisions: what changed between two snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.sources.snapshots import Snapshot, load_snapshot, read_tables
from analysis.sources.tables import date_words


@dataclass(frozen=True)
class Revision:
    """What changed in one table.

    Attributes
    ----------
    id, table : str
    added, removed : int
        Dates only the later, only the earlier snapshot has.
    first_added, last_added : str
        Empty where none was added.
    compared, revised : int
        Cells of dates and columns both have, and how many differ.
    largest : float
        Largest absolute difference, in the publisher's unit; 0 where none or where a value only
        appeared or went.
    where : str
        Column and date of the largest difference.
    """

    id: str
    table: str
    added: int
    removed: int
    first_added: str
    last_added: str
    compared: int
    revised: int
    largest: float
    where: str

    def __str__(self) -> str:
        words = []
        if self.added:
            words.append(f"{self.added} new dates, {self.first_added} to {self.last_added}")
        if self.removed:
            words.append(f"{self.removed} dates gone")
        if self.revised:
            share = self.revised / self.compared
            words.append(f"{self.revised} of {self.compared} cells revised ({share:.1%})")
            if self.where:
                words.append(f"most by {self.largest:g} ({self.where})")
        return f"{self.id} {self.table}: {'; '.join(words) or 'unchanged'}"


@dataclass(frozen=True)
class Difference:
    """What changed from one snapshot to another.

    Attributes
    ----------
    earlier, later : str
        Names of the snapshots.
    added, removed : tuple of str
        Ids only one of them has.
    unchanged : tuple of str
        Ids whose files are the same to the byte.
    revisions : tuple of Revision
        One for every table of the other files.
    """

    earlier: str
    later: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    revisions: tuple[Revision, ...]

    def frame(self) -> pd.DataFrame:
        """One row a table, for display."""
        return pd.DataFrame([vars(revision) for revision in self.revisions])

    def __str__(self) -> str:
        lines = [f"{self.earlier} -> {self.later}"]
        lines += [f"{id}: new" for id in self.added] + [f"{id}: gone" for id in self.removed]
        lines += [str(revision) for revision in self.revisions]
        lines.append(f"{len(self.unchanged)} files unchanged")
        return "\n".join(lines)


def diff_snapshots(
    earlier: Snapshot | str,
    later: Snapshot | str | None = None,
    cache: Path | str | None = None,
    tolerance: float = 0.0,
) -> Difference:
    """Compare two snapshots, given or by name.

    Parameters
    ----------
    earlier : Snapshot or str
    later : Snapshot or str, optional
        By default the one in force.
    cache : path, optional
        See :func:`analysis.sources.store.cache_folder`.
    tolerance : float
        A cell that moved by no more than this, in the publisher's unit, does not count as revised.

    Raises
    ------
    InputError
        If a snapshot does not exist or one of its files was changed.
    """
    a = earlier if isinstance(earlier, Snapshot) else load_snapshot(earlier, cache)
    b = later if isinstance(later, Snapshot) else load_snapshot(later, cache)
    hashes_a = {entry.id: entry.sha256 for entry in a.entries}
    hashes_b = {entry.id: entry.sha256 for entry in b.entries}
    common = sorted(hashes_a.keys() & hashes_b.keys())
    return Difference(
        earlier=a.name,
        later=b.name,
        added=tuple(sorted(hashes_b.keys() - hashes_a.keys())),
        removed=tuple(sorted(hashes_a.keys() - hashes_b.keys())),
        unchanged=tuple(id for id in common if hashes_a[id] == hashes_b[id]),
        revisions=tuple(
            revision
            for id in common
            if hashes_a[id] != hashes_b[id]
            for revision in compare_tables(id, read_tables(a, id), read_tables(b, id), tolerance)
        ),
    )


def compare_tables(
    id: str,
    earlier: Mapping[str, pd.DataFrame],
    later: Mapping[str, pd.DataFrame],
    tolerance: float = 0.0,
) -> list[Revision]:
    """One :class:`Revision` for every table both files hold."""
    return [
        _compare(id, name, earlier[name], later[name], tolerance)
        for name in later
        if name in earlier
    ]


def _compare(
    id: str, table: str, earlier: pd.DataFrame, later: pd.DataFrame, tolerance: float
) -> Revision:
    dates = earlier.index.intersection(later.index)
    columns = [column for column in earlier.columns if column in later.columns]
    old, new = (frame.loc[dates, columns].to_numpy() for frame in (earlier, later))
    same = (np.abs(new - old) <= tolerance) | (np.isnan(old) & np.isnan(new))
    size = np.nan_to_num(np.abs(new - old))
    largest, where = (float(size.max()), "") if size.size else (0.0, "")
    if largest > 0:
        row, column = np.unravel_index(size.argmax(), size.shape)
        where = f"{columns[column]}, {date_words(dates[row])}"
    fresh = later.index.difference(earlier.index)
    return Revision(
        id=id,
        table=table,
        added=len(fresh),
        removed=len(earlier.index.difference(later.index)),
        first_added=date_words(fresh[0]) if len(fresh) else "",
        last_added=date_words(fresh[-1]) if len(fresh) else "",
        compared=int(same.size),
        revised=int((~same).sum()),
        largest=largest,
        where=where,
    )
