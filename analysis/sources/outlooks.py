"""What became of the outlooks, as this project computed it and keeps it in ``data/derived``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.files import load_rows
from analysis.results import InputError
from analysis.sources.derived import DERIVED_FOLDER, REMEDY

#: File of each table.
FILES = {
    "paths": "outlook_paths.csv",
    "calls": "outlook_calls.csv",
    "scores": "outlook_scores.csv",
}

#: Columns of each table; those of :data:`NUMBERS` are numbers, those of :data:`DAYS` days.
COLUMNS = {
    "paths": ("series", "first", "session", "day", "value", "low", "middle", "high", "windows"),
    "calls": (
        *("key", "call", "months", "earliest", "latest", "end", "starts", "smallest", "mean"),
        *("largest", "won", "base_rate", "luck", "deviation", "windows"),
    ),
    "scores": ("note", "day", "calls", "won", "expected", "low", "high", "windows"),
}
NUMBERS = {
    *("session", "value", "low", "middle", "high", "windows", "starts", "smallest", "mean"),
    *("largest", "base_rate", "luck", "deviation", "calls", "expected"),
}
DAYS = {"day", "end"}

#: What tells the rows of a table apart.
KEYS = {
    "paths": ("series", "first", "session"),
    "calls": ("key", "call", "months", "earliest", "latest"),
    "scores": ("note",),
}

_DAY = "datetime64[ns]"

#: Shares, which lie between 0 and 1.
_SHARES = ("base_rate", "luck")


def load_outlooks(folder: Path = DERIVED_FOLDER) -> dict[str, pd.DataFrame]:
    """The derived tables of the outlooks by name; those without a file are left out.

    Raises
    ------
    InputError
        Naming file and column, when a table does not hold what it should.
    """
    paths = {name: folder / file for name, file in FILES.items()}
    return {name: _load(name, path) for name, path in paths.items() if path.exists()}


def empty_outlooks(name: str) -> pd.DataFrame:
    """A table of :data:`COLUMNS` without rows."""
    return typed_outlooks(pd.DataFrame(columns=list(COLUMNS[name]), dtype=str))


def typed_outlooks(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its numbers and days as such."""
    changed = {
        name: pd.to_numeric(table[name].replace("", np.nan)).astype(float)
        for name in table.columns
        if name in NUMBERS or (name == "won" and "note" in table)
    }
    days = {
        name: pd.to_datetime(table[name].replace("", None), format="%Y-%m-%d").astype(_DAY)
        for name in table.columns
        if name in DAYS
    }
    return table.assign(**changed, **days)


def _load(name: str, path: Path) -> pd.DataFrame:
    head, rows = load_rows(path, REMEDY)
    for column in COLUMNS[name]:
        if column not in head:
            raise InputError(f"{path.name}: column {column} is missing; {REMEDY}")
    raw = pd.DataFrame(rows, columns=head, dtype=str)[list(COLUMNS[name])]
    try:
        table = typed_outlooks(raw)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path.name}: a cell is no number or day; {REMEDY}") from error
    if table.duplicated(list(KEYS[name])).any():
        raise InputError(f"{path.name}: a row stands twice; {REMEDY}")
    for column in _SHARES:
        if column in table and not table[column].dropna().between(0, 1).all():
            raise InputError(f"{path.name}, column {column}: a share outside 0 to 1; {REMEDY}")
    return table
