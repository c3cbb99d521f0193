"""Every verdict in one table, so that a changed verdict shows in review.

A row is one claim on one data set. Floats keep six significant digits: enough to see a change,
too few to show the machine.
"""

from __future__ import annotations

import io
import json
import math
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims import Claim, load_claims
from analysis.results import InputError

LEDGER_FILE = Path(__file__).resolve().parents[2] / "data" / "ledger.csv"

KEY = ("claim", "data")
NUMBERS = (
    "estimate",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "n",
    "effective_n",
    "mde",
)
COLUMNS = (
    *KEY,
    *("chapter", "kind", "verdict", "reason", "estimate", "unit", "ci_low", "ci_high"),
    *("p_value", "p_adjusted", "n", "effective_n", "mde", "more_needed", "null"),
    *("sample_start", "sample_end", "as_of", "snapshot", "criterion_hash"),
    *("finding", "sensitivity", "measures"),
)
SIGNIFICANT_DIGITS = 6

#: Two machines' linear algebra differ in the last digits; a change of data or method does not
#: hide below this.
RELATIVE_TOLERANCE = 1e-4
#: One draw in two thousand may fall on the other side of a tie.
P_TOLERANCE = 5e-4

_NUMBER_IN_TEXT = re.compile(r"[-−+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")


def ledger_rows(
    records: Iterable[Mapping[str, Any]], claims: Mapping[str, Claim] | None = None
) -> pd.DataFrame:
    """Verdict records as rows of the ledger.

    Parameters
    ----------
    records : iterable of mapping
        As in ``verdicts.json``.
    claims : mapping of str to Claim, optional
        Gives the order of the rows; the committed claims by default.

    Returns
    -------
    DataFrame
        Columns :data:`COLUMNS`; one row a claim and data set; p-values adjusted within a data set.

    Raises
    ------
    InputError
        For a record without claim or data, an unknown claim, or a claim judged twice.
    """
    order = {
        claim: number for number, claim in enumerate(load_claims() if claims is None else claims)
    }
    rows = [_row(record) for record in records]
    keys = [tuple(row[name] for name in KEY) for row in rows]
    for claim, data in keys:
        if claim not in order:
            raise InputError(f"the ledger has no place for claim {claim!r}: no claim file has it")
        if keys.count((claim, data)) > 1:
            raise InputError(f"claim {claim!r} has two verdicts on the {data} data; keep one")
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.sort_values(
        list(KEY), key=lambda column: column.map(order) if column.name == "claim" else column
    )
    return _adjusted(_typed(table.reset_index(drop=True)))


def read_ledger(path: Path = LEDGER_FILE) -> pd.DataFrame:
    """The stored ledger; an empty table where there is none yet."""
    if not Path(path).exists():
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    text = {name: str for name in COLUMNS if name not in NUMBERS}
    missing = {name: [""] for name in NUMBERS}
    table = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=missing)
    if tuple(table.columns) != COLUMNS:
        raise InputError(f"{path}: its columns are not the ledger's; run smallcap ledger --update")
    return _typed(table)


def write_ledger(table: pd.DataFrame, path: Path = LEDGER_FILE) -> Path:
    """Write the ledger in one step; a reader sees the old file or the new one."""
    path = Path(path)
    buffer = io.StringIO()
    table.to_csv(buffer, index=False, lineterminator="\n", float_format=f"%.{SIGNIFICANT_DIGITS}g")
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(buffer.getvalue())
    os.chmod(partial, 0o644)
    os.replace(partial, path)
    return path


def update_ledger(
    stored: pd.DataFrame,
    records: Iterable[Mapping[str, Any]],
    claims: Mapping[str, Claim] | None = None,
) -> pd.DataFrame:
    """The stored ledger with the rows of `records` in place of theirs, and p-values adjusted anew.

    Rows of claims that no longer exist are dropped.

    Raises
    ------
    InputError
        For a record of another specification than the registered one.
    """
    records = list(records)
    for record in records:
        if record.get("deviations"):
            changed = ", ".join(record["deviations"])
            raise InputError(
                f"claim {record['claim']!r} was not judged by the registered specification"
                f" ({changed}); run the notebook again without these parameters"
            )
    known = load_claims() if claims is None else claims
    merged = {(row["claim"], row["data"]): row for row in ledger_records(stored)}
    merged |= {(record["claim"], record["data"]): dict(record) for record in records}
    return ledger_rows([row for row in merged.values() if row["claim"] in known], known)


def ledger_records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values for JSON: None for what is missing, `measures` as a mapping."""
    records = []
    for row in table.to_dict("records"):
        plain = {name: _plain(value) for name, value in row.items()}
        plain["measures"] = json.loads(row["measures"] or "{}")
        plain["verdict"] = row["verdict"] or None
        plain["snapshot"] = row["snapshot"] or None
        records.append(plain)
    return records


def check_ledger(fresh: pd.DataFrame, stored: pd.DataFrame) -> list[str]:
    """What a fresh run says otherwise than the stored ledger; empty when they agree.

    Only the claims and data sets of `fresh` are compared. Numbers may differ by
    :data:`RELATIVE_TOLERANCE`, p-values by :data:`P_TOLERANCE`; in sentences the words count.
    """
    differences = []
    known = {(row["claim"], row["data"]): row for row in stored.to_dict("records")}
    for row in fresh.to_dict("records"):
        before = known.get((row["claim"], row["data"]))
        label = f"{row['claim']} ({row['data']})"
        if before is None:
            differences.append(f"{label}: not in the stored ledger")
            continue
        differences += [
            f"{label}: {name} is {row[name]!r}, stored {before[name]!r}"
            for name in COLUMNS
            if not _agree(name, row[name], before[name])
        ]
    return differences


def check_hashes(stored: pd.DataFrame, claims: Mapping[str, Claim] | None = None) -> list[str]:
    """Rows judged by another criterion than the one the claim file holds now."""
    known = load_claims() if claims is None else claims
    problems = []
    for row in stored.to_dict("records"):
        claim = known.get(row["claim"])
        if claim is None:
            problems.append(f"{row['claim']}: in the ledger, but in no claim file")
        elif claim.criterion_hash != row["criterion_hash"]:
            problems.append(
                f"{row['claim']} ({row['data']}): judged by criterion {row['criterion_hash']},"
                f" the claim file now holds {claim.criterion_hash}"
            )
    return problems


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    for name in KEY:
        if not record.get(name):
            raise InputError(f"a verdict record without {name!r}: {dict(record)!r:.80}")
    row = {name: record.get(name) for name in COLUMNS}
    row["measures"] = json.dumps(_rounded(record.get("measures") or {}), sort_keys=True)
    return row


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    from analysis.claims.multiplicity import adjust

    p_values = pd.to_numeric(table["p_value"]).astype(float)
    adjusted = pd.Series(math.nan, index=table.index)
    for _, rows in table[p_values.notna()].groupby("data"):
        core = (rows["kind"] == "core").to_numpy()
        adjusted[rows.index] = adjust(p_values[rows.index].tolist(), core.tolist()).adjusted
    return table.assign(p_adjusted=adjusted.map(_rounded))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = {name: pd.to_numeric(table[name]).astype(float).map(_rounded) for name in NUMBERS}
    words = {
        name: table[name].fillna("").astype(str).astype(object)
        for name in COLUMNS
        if name not in NUMBERS
    }
    return table.assign(**numbers, **words)[list(COLUMNS)]


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, float) and math.isfinite(value):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else int(value) if value.is_integer() else value
    return value


def _agree(name: str, fresh: Any, stored: Any) -> bool:
    if name == "measures":
        return _measures_agree(json.loads(fresh or "{}"), json.loads(stored or "{}"))
    if name in NUMBERS:
        return _numbers_agree(name, fresh, stored)
    if name in ("finding", "sensitivity", "reason", "more_needed"):
        return _NUMBER_IN_TEXT.sub("#", fresh) == _NUMBER_IN_TEXT.sub("#", stored)
    return fresh == stored


def _measures_agree(fresh: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    return fresh.keys() == stored.keys() and all(
        _numbers_agree(name, fresh[name], stored[name]) for name in fresh
    )


def _numbers_agree(name: str, fresh: Any, stored: Any) -> bool:
    missing = [value is None or value != value for value in (fresh, stored)]
    if any(missing):
        return all(missing)
    tolerance = P_TOLERANCE if name.startswith("p_") else 1e-9
    return math.isclose(fresh, stored, rel_tol=RELATIVE_TOLERANCE, abs_tol=tolerance)
