"""Every verdict in one table, so that a changed verdict shows in review.

A row is one claim on one data set. Floats keep six significant digits: enough to see a change,
too few to show the machine.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims import Claim, load_claims
from analysis.files import PROJECT, load_rows, write_whole
from analysis.results import InputError

LEDGER_FILE = PROJECT / "data" / "ledger.csv"

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
    "specifications",
    "left_out",
)
#: Columns that hold JSON, and what stands there when there is nothing.
STRUCTURES: dict[str, Any] = {"vintages": {}, "measures": {}, "conditions": []}
COLUMNS = (
    *KEY,
    *("chapter", "kind", "design", "verdict", "reason", "estimate", "unit", "ci_low", "ci_high"),
    *("p_value", "p_adjusted", "n", "effective_n", "mde", "more_needed", "null"),
    *("specifications", "left_out", "sample_start", "sample_end", "as_of", "snapshot", "vintages"),
    *("criterion_hash", "fingerprint", "finding", "sensitivity", "measures", "conditions"),
)
TEXTS = tuple(name for name in COLUMNS if name not in (*NUMBERS, *STRUCTURES))

#: Which code gave a row is kept beside it; a run by other code with the same result agrees.
NOT_COMPARED = ("fingerprint",)

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
    """The stored ledger; an empty table where there is none yet.

    Raises
    ------
    InputError
        For other columns than :data:`COLUMNS`, and a cell that is no number or no JSON, naming
        claim and column.
    """
    path = Path(path)
    if not path.exists():
        return _typed(pd.DataFrame(columns=list(COLUMNS)))
    head, rows = load_rows(path, "put the committed file back")
    table = pd.DataFrame(rows, columns=head, dtype=str)
    if tuple(table.columns) != COLUMNS:
        lacking = ", ".join(name for name in COLUMNS if name not in table.columns)
        raise InputError(
            f"{path.name}: its columns are not the ledger's (lacking: {lacking or 'none'}); put the"
            " committed file back, or remove it and run smallcap ledger --update"
        )
    _check_cells(table, path)
    return _typed(table)


def _check_cells(table: pd.DataFrame, path: Path) -> None:
    readers = dict.fromkeys(NUMBERS, float) | dict.fromkeys(STRUCTURES, json.loads)
    for name, reader in readers.items():
        for claim, text in zip(table["claim"], table[name], strict=True):
            try:
                reader(text or "0")
            except ValueError as error:
                wanted = "number" if name in NUMBERS else "JSON"
                raise InputError(
                    f"{path.name}: claim {claim!r}, column {name}: {text!r} is no {wanted}"
                ) from error


def write_ledger(table: pd.DataFrame, path: Path = LEDGER_FILE) -> Path:
    """Write the ledger in one step; a reader sees the old file or the new one."""
    digits = f"%.{SIGNIFICANT_DIGITS}g"
    return write_whole(path, table.to_csv(index=False, lineterminator="\n", float_format=digits))


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
    """Rows as plain values, as :meth:`analysis.claims.verdicts.Verdict.as_record` has them.

    None for what is missing; :data:`STRUCTURES` as mappings and lists.
    """
    records = []
    for row in table.to_dict("records"):
        plain = {name: _plain(value) for name, value in row.items()}
        plain |= {
            name: json.loads(row[name]) if row[name] else type(empty)()
            for name, empty in STRUCTURES.items()
        }
        plain |= {name: row[name] or None for name in ("verdict", "snapshot")}
        records.append(plain)
    return records


def check_ledger(fresh: pd.DataFrame, stored: pd.DataFrame) -> list[str]:
    """What a fresh run says otherwise than the stored ledger; empty when they agree.

    Only the claims and data sets of `fresh` are compared, and no column of :data:`NOT_COMPARED`.
    Numbers may differ by :data:`RELATIVE_TOLERANCE`, p-values by :data:`P_TOLERANCE`; in sentences
    the words count, of conditions whether they hold.
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
            if name not in NOT_COMPARED and not _agree(name, row[name], before[name])
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
    return row | {name: as_json(record.get(name) or STRUCTURES[name]) for name in STRUCTURES}


def as_json(value: Any) -> str:
    """A structure as the ledger keeps it: sorted, its numbers to six significant digits."""
    return json.dumps(_rounded(value), sort_keys=True, ensure_ascii=False)


def conditions_agree(fresh: str, stored: str) -> bool:
    """Whether two columns of conditions ask the same and find the same to hold.

    What was measured is compared as a measure, with its tolerance.
    """
    one, other = (
        [{**condition, "value": None} for condition in json.loads(text or "[]")]
        for text in (fresh, stored)
    )
    return one == other


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
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
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
    if name == "conditions":
        return conditions_agree(fresh, stored)
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
