"""The audit's committed tables, read back strictly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.files import load_rows
from analysis.results import InputError


def load_committed(path: Path, columns: Sequence[str], command: str) -> pd.DataFrame:
    """A table that a command of the audit wrote.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        That it must have, in their order.
    command : str
        That makes it, for the remedy.

    Raises
    ------
    InputError
        When the file is not there, is damaged or has other columns.
    """
    if not path.exists():
        raise InputError(f"{path.name} is not in data/derived; run {command}")
    load_rows(path, f"run {command}, or put the committed file back")
    table = pd.read_csv(path, comment="#")
    if list(table.columns) != list(columns):
        raise InputError(f"{path.name}: expected the columns {', '.join(columns)}")
    return table
