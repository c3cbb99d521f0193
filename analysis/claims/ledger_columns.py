"""The columns of the ledger, and its rows in plain values, read without pandas."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.files import PROJECT, load_rows
from analysis.results import significant

LEDGER_FILE = PROJECT / "data" / "ledger.csv"

KEY = ("claim", "data")
DATA_SETS = ("bundled", "latest")
NUMBERS = (
    "estimate",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "joint_p",
    "n",
    "effective_n",
    "mde",
    "specifications",
    "left_out",
    "luck",
    "likelihood_ratio",
    "lr_low",
    "lr_high",
    "power",
    "power_smallest",
)
#: Columns that hold yes, no or nothing.
FLAGS = ("usable_in_time",)
#: Columns that hold JSON, and what stands there when there is nothing.
STRUCTURES: dict[str, Any] = {
    "reaches": {},
    "mixed": {},
    "cautions": {},
    "vintages": {},
    "measures": {},
    "conditions": [],
    "carried_by": [],
}
COLUMNS = (
    *KEY,
    *("chapter", "kind", "design", "verdict", "open_until", "reason"),
    *("carried_by", "likelihood_ratio", "lr_low", "lr_high"),
    *("power", "power_smallest", "smallest_effect", "usable_in_time", "in_time"),
    *("estimate", "unit", "ci_low", "ci_high", "p_value", "p_adjusted", "joint_p"),
    *("n", "effective_n", "mde", "more_needed", "null", "luck"),
    *("specifications", "left_out", "sample_start", "sample_end"),
    *("as_of", "seen_to", "reaches", "mixed", "cautions", "snapshot", "vintages"),
    *("criterion_hash", "fingerprint", "finding", "sensitivity", "measures", "conditions"),
)

SIGNIFICANT_DIGITS = 6

#: A flag as the file has it.
FLAG_TEXTS = ("", "no", "yes")


def stored_rows(path: Path = LEDGER_FILE) -> list[dict[str, Any]]:
    """Rows of a ledger that was found whole, as :func:`plain_row` gives them.

    Raises
    ------
    InputError
        As :func:`analysis.files.load_rows`.
    """
    head, rows = load_rows(path, "put the committed file back")
    return [plain_row(_typed_row(dict(zip(head, row, strict=True)))) for row in rows]


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in plain values, as :meth:`analysis.claims.verdicts.Verdict.as_record` has them.

    None for what is missing; :data:`STRUCTURES` as mappings and lists.

    Parameters
    ----------
    row : mapping
        Numbers as floats, NaN where there is none; everything else as text.
    """
    plain = {name: _plain(value) for name, value in row.items()}
    plain |= {
        name: json.loads(row[name]) if row[name] else type(empty)()
        for name, empty in STRUCTURES.items()
    }
    plain |= {name: {"": None}.get(row[name], row[name] == "yes") for name in FLAGS}
    return plain | {name: row[name] or None for name in ("verdict", "snapshot")}


def _typed_row(row: Mapping[str, str]) -> dict[str, Any]:
    numbers = {name: _number(row[name]) for name in NUMBERS}
    return {**row, **numbers}


def _number(text: str) -> float:
    value = float(text) if text else math.nan
    return significant(value, SIGNIFICANT_DIGITS) if math.isfinite(value) else value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value
