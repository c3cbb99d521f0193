"""What moved a verdict, kept run after run: one line a claim, data set and day.

A corrected criterion stands with its day among the claim's amendments; this table holds what new
data or other code moved.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims.ledger import ledger_records
from analysis.claims.ledger_columns import KEY
from analysis.files import PROJECT, load_rows, write_whole
from analysis.results import InputError

HISTORY_FILE = PROJECT / "data" / "history.csv"

NO_VERDICT = "no verdict"

#: What an outlook is before its day has come.
OPEN = "open"


@dataclass(frozen=True)
class Change:
    """One verdict that changed.

    Attributes
    ----------
    date : str
        Day of the run, ``YYYY-MM-DD``.
    claim, data : str
        As in the ledger.
    before, after : str
        Verdicts, ``"open"`` of an outlook, or ``"no verdict"``.
    moved : str
        What moved it: ``data`` or ``method``; of an amendment ``test``, a colon, and its fault.
    """

    date: str
    claim: str
    data: str
    before: str
    after: str
    moved: str

    @property
    def words(self) -> str:
        """The change in one line."""
        return f"{self.claim} ({self.data}): {self.before} before, {self.after} now ({self.moved})"


COLUMNS = tuple(field.name for field in fields(Change))


def changed_verdicts(stored: pd.DataFrame, fresh: pd.DataFrame, day: date) -> list[Change]:
    """Verdicts that a fresh ledger gives otherwise than the stored one, by the same criterion.

    Parameters
    ----------
    stored, fresh : DataFrame
        Ledgers; a claim that only one of them holds changed nothing.
    day : date
        Of the fresh run.
    """
    before = {tuple(row[name] for name in KEY): row for row in ledger_records(stored)}
    return [
        Change(
            day.isoformat(),
            row["claim"],
            row["data"],
            _standing(old),
            _standing(row),
            _moved(old, row),
        )
        for row in ledger_records(fresh)
        if (old := before.get((row["claim"], row["data"]))) is not None
        and old["verdict"] != row["verdict"]
        and old["criterion_hash"] == row["criterion_hash"]
        and old["as_of"] == row["as_of"]
    ]


def _standing(row: Mapping[str, Any]) -> str:
    return str(row["verdict"] or (OPEN if row["open_until"] else NO_VERDICT))


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    # a caution names the series that a driver stands for: another series is other data
    seen = ("seen_to", "snapshot", "vintages", "cautions")
    return "data" if any(old[name] != new[name] for name in seen) else "method"


def read_history(path: Path = HISTORY_FILE) -> list[Change]:
    """The kept changes, the oldest first; empty where there is no file yet.

    Raises
    ------
    InputError
        For other columns, a day that is none, or a line of another length.
    """
    if not Path(path).is_file():
        return []
    head, rows = load_rows(path, "put the committed file back")
    if tuple(head) != COLUMNS:
        raise InputError(f"{Path(path).name}: its columns must be {', '.join(COLUMNS)}")
    for row in rows:
        try:
            date.fromisoformat(row[0])
        except ValueError as error:
            raise InputError(f"{Path(path).name}: {row[0]!r} is no day, YYYY-MM-DD") from error
    return [Change(*row) for row in rows]


def write_history(changes: Sequence[Change], path: Path = HISTORY_FILE) -> Path:
    """Write all changes in one step."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([COLUMNS, *map(astuple, changes)])
    return write_whole(path, text.getvalue())


def remember(
    stored: pd.DataFrame, fresh: pd.DataFrame, day: date, path: Path = HISTORY_FILE
) -> list[Change]:
    """Add what a fresh ledger changed to the table; without a change nothing is written."""
    found = changed_verdicts(stored, fresh, day)
    if found:
        write_history([*read_history(path), *found], path)
    return found
