"""Supplementary tables as files that are kept: computed again, they only reach further."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.audit.kept import KEPT_MAKERS
from analysis.audit.supplements import MAKERS, laid_out, reach
from analysis.panel.latest import FACTORS, load_latest
from analysis.results import InputError
from analysis.sources.snapshots import Snapshot
from analysis.sources.supplements import (
    FLAG,
    LAYOUTS,
    file_of,
    load_supplement,
    typed_supplement,
)

COMMAND = "smallcap derive"

#: Columns of whole numbers.
_WHOLE = ("offset", "year", "years", "months", "windows", "n", "move_bp", "days", "rows", "horizon")
_COUNTS = ("past", "events", "since", "fifth")


def supplement_texts(snapshot: Snapshot) -> dict[str, str]:
    """Every supplementary table as the text of its file; none for a snapshot without factors.

    Raises
    ------
    InputError
        If there is no such snapshot.
    """
    if FACTORS not in snapshot.ids():
        return {}
    dataset = load_latest(snapshot.name)
    return {
        file_of(name): supplement_text(name, laid_out(name, make(dataset)))
        for name, make in {**MAKERS, **KEPT_MAKERS}.items()
    }


def supplement_text(name: str, table: pd.DataFrame) -> str:
    """One table as CSV under a header that says how it was made."""
    layout, until = LAYOUTS[name], reach(table)
    ends = f" to {until}" if until else ""
    header = (
        f"# Computed by `{COMMAND}` from French's files, adjusted closes, FRED's series and the"
        f" facts{ends}; do not edit.\n# {layout.says}\n"
    )
    shown = table.copy()
    for column, kind in layout.columns.items():
        if kind == FLAG:
            shown[column] = table[column].map({True: "yes", False: "no"})
        elif column in (*_WHOLE, *_COUNTS):
            shown[column] = table[column].round().astype("Int64")
    text = shown.to_csv(
        index=False, float_format=f"%.{layout.digits}g", date_format="%Y-%m-%d", lineterminator="\n"
    )
    return f"{header}{text}"


def check_reach(texts: Mapping[str, str], folder: Path) -> None:
    """Refuse to replace a table by one that ends earlier.

    Raises
    ------
    InputError
        Naming file and both months.
    """
    for name in LAYOUTS:
        file = file_of(name)
        if file not in texts:
            continue
        kept = load_supplement(name, folder)
        before = "" if kept is None else reach(kept)
        raw = pd.read_csv(io.StringIO(texts[file]), comment="#", dtype=str, keep_default_na=False)
        now = reach(typed_supplement(name, raw))
        if now < before:
            raise InputError(
                f"{file} reaches to {before} and the snapshot only to {now or 'nothing'}; pull"
                " newer data, or remove the file to start again"
            )
