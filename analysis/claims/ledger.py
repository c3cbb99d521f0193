"""Every verdict in one table, so that a changed verdict shows in review.

A row is one claim on one data set. The rows of a data set are settled together: their p-values are
adjusted for one another, and a claim that holds by its own alone is suggestive. Floats keep six
significant digits: enough to see a change, too few to show the machine.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims import Claim, load_claims
from analysis.claims.labels import odds_of, power_columns
from analysis.claims.ledger_columns import (
    COLUMNS,
    DATA_SETS,
    FLAG_TEXTS,
    FLAGS,
    KEY,
    LEDGER_FILE,
    NUMBERS,
    SIGNIFICANT_DIGITS,
    STRUCTURES,
    plain_row,
)
from analysis.claims.multiplicity import PValue, adjust_within
from analysis.claims.verdicts import (
    CORE,
    SUGGESTIVE,
    SUPPORTED,
    UNTESTABLE,
    VERDICTS,
    conditions_of,
    odds_columns,
    settle,
)
from analysis.files import load_rows, write_whole
from analysis.results import NEWEST, InputError, significant

#: Which code gave a row is kept beside it; a run by other code with the same result agrees.
NOT_COMPARED = ("fingerprint",)

#: What the other claims and the audit decide of a record, after its own run.
SETTLED = ("verdict", "reason", "p_adjusted", "likelihood_ratio", "lr_low", "lr_high")

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
        Columns :data:`COLUMNS`; one row a claim and data set, settled within its data set.

    Raises
    ------
    InputError
        For a record without claim or data, an unknown claim, or a claim judged twice.
    """
    order = {
        claim: number for number, claim in enumerate(load_claims() if claims is None else claims)
    }
    rows = [_row(record) for record in _settle_all(records)]
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
    return _typed(table.reset_index(drop=True))


def settle_records(
    records: Iterable[Mapping[str, Any]], stored: pd.DataFrame
) -> list[dict[str, Any]]:
    """The records of one run as the other claims and the audit leave them.

    Claims that the run did not judge count with their stored p-values; at an earlier month, which
    the ledger does not hold, as if theirs were 1, which adjusts most. A record of another than the
    registered specification stays as it is.

    Parameters
    ----------
    records : iterable of mapping
        As in ``verdicts.json``.
    stored : DataFrame
        The ledger.
    """
    given = [dict(record) for record in records]
    runs: dict[tuple[str, str], list[int]] = {}
    for place, record in enumerate(given):
        if not record.get("deviations"):
            runs.setdefault((record["data"], record["as_of"]), []).append(place)
    for (data, as_of), places in runs.items():
        judged = {given[place]["claim"] for place in places}
        known = _p_values(stored, data, as_of)
        _settle(given, places, [one for claim, one in known.items() if claim not in judged])
    return given


def others_of(claim: str, data: str, as_of: str, stored: pd.DataFrame) -> list[PValue]:
    """p-values of the other claims on a data set; 1 for each at a month the ledger does not hold.

    Parameters
    ----------
    claim : str
        Whose own p-value is left out.
    data, as_of : str
        As a record has them.
    stored : DataFrame
        The ledger.
    """
    return [one for other, one in _p_values(stored, data, as_of).items() if other != claim]


def _p_values(stored: pd.DataFrame, data: str, as_of: str) -> dict[str, PValue]:
    tested = stored["p_value"].notna() & (stored["verdict"] != UNTESTABLE)
    chosen = stored[(stored["data"] == data) & tested]
    return {
        claim: PValue(float(p) if as_of == NEWEST else 1.0, kind == CORE)
        for claim, p, kind in zip(chosen["claim"], chosen["p_value"], chosen["kind"], strict=True)
    }


def _settle_all(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every record, settled among those of its data set."""
    given = [dict(record) for record in records]
    for data in {record.get("data") for record in given}:
        places = [at for at, record in enumerate(given) if record.get("data") == data]
        _settle(given, places, [])
    return given


def _settle(given: list[dict[str, Any]], places: list[int], absent: list[PValue]) -> None:
    """Give the records at some places the verdicts their adjusted p-values leave them.

    What is settled already stays the same.
    """
    tested = {place: _tested(given[place]) for place in places}
    for place, own in tested.items():
        record = given[place]
        others = [one for at, one in tested.items() if at != place and one is not None]
        family = None if own is None else adjust_within(own, [*others, *absent])
        record["p_adjusted"] = None if family is None else family.adjusted
        if record.get("verdict") in (SUPPORTED, SUGGESTIVE):
            episodes = record.get("carried_by") or ()
            verdict, reason = settle(record["verdict"], conditions_of(record), family, episodes)
            if SUGGESTIVE in (verdict, record["verdict"]):
                record |= {"verdict": verdict, "reason": reason}
        record |= odds_columns(odds_of(record)) | power_columns(record)


def _tested(record: Mapping[str, Any]) -> PValue | None:
    """The p-value a claim is judged by; what is only shown as context belongs to no family."""
    p_value = record.get("p_value")
    if p_value is None or record.get("verdict") == UNTESTABLE:
        return None
    return PValue(p_value, record.get("kind") == CORE)


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
    state = path.stat()
    # writing into a copy leaves the kept one: pandas copies on write
    return _read(path, state.st_mtime_ns, state.st_size).copy(deep=False)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, size: int) -> pd.DataFrame:
    """Once in a process, until the file is another: a sweep asks for it at each month."""
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
    readers: dict[str, Any] = dict.fromkeys(NUMBERS, float) | dict.fromkeys(STRUCTURES, json.loads)
    readers |= dict.fromkeys(FLAGS, FLAG_TEXTS.index)
    for name, reader in readers.items():
        for claim, text in zip(table["claim"], table[name], strict=True):
            try:
                reader(text if name in FLAGS else text or "0")
            except ValueError as error:
                wanted = "number" if name in NUMBERS else "flag" if name in FLAGS else "JSON"
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
    """The stored ledger with the rows of `records` in place of theirs, all settled anew.

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
    return [plain_row(row) for row in table.to_dict("records")]


def check_record(record: Mapping[str, Any], stored: pd.DataFrame) -> list[str]:
    """What a verdict's record says otherwise than its row of the ledger; empty when they agree.

    All columns are compared to the last digit kept, numbers inside sentences and the fingerprint
    included: record and row are of one run.
    """
    try:
        row = _typed_row(_row(record))
    except (InputError, ValueError, TypeError, KeyError) as error:
        return [f"{record.get('claim')}: {error}"]
    chosen = stored[(stored["claim"] == row["claim"]) & (stored["data"] == row["data"])]
    if chosen.empty:
        return [f"{row['claim']} ({row['data']}): not in the ledger"]
    before = chosen.iloc[0].to_dict()
    return [
        f"{row['claim']} ({row['data']}): {name} is {row[name]!r}, in the ledger {before[name]!r}"
        for name in COLUMNS
        if not (row[name] == before[name] or (pd.isna(row[name]) and pd.isna(before[name])))
    ]


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


def check_stored(stored: pd.DataFrame, claims: Mapping[str, Claim] | None = None) -> list[str]:
    """Every reason not to publish the stored ledger; empty when there is none.

    It is whole where every claim has one row on each data set that any has been run on, with a
    known verdict or a reason, judged by the criterion its file holds, by the registered
    specification of the newest data, and settled among the others.
    """
    known = load_claims() if claims is None else claims
    rows = ledger_records(stored)
    counts = Counter((row["claim"], row["data"]) for row in rows)
    held = {row["data"] for row in rows}
    problems = [
        f"{claim} ({data}): {'missing' if not counts[claim, data] else 'stands twice'}"
        for claim in known
        for data in DATA_SETS
        if counts[claim, data] != 1 and (data == "bundled" or data in held)
    ]
    problems += [f"{c} ({d}): no such data set" for c, d in counts if d not in DATA_SETS]
    for row in rows:
        label = f"{row['claim']} ({row['data']})"
        if row["verdict"] not in (*VERDICTS, None):
            problems.append(f"{label}: unknown verdict {row['verdict']!r}")
        if not row["reason"]:
            problems.append(f"{label}: no reason")
        if row["as_of"] != NEWEST:
            problems.append(f"{label}: as of {row['as_of']!r}, not of the newest data")
    problems += check_hashes(stored, known)
    return problems or check_ledger(update_ledger(stored, [], known), stored)


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
    row |= {name: {None: "", False: "no", True: "yes"}[record.get(name)] for name in FLAGS}
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


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the ledger's columns: numbers rounded, everything else text."""
    numbers = {name: pd.to_numeric(table[name]).astype(float).map(_rounded) for name in NUMBERS}
    words = {
        name: table[name].fillna("").astype(str).astype(object)
        for name in COLUMNS
        if name not in NUMBERS
    }
    return table.assign(**numbers, **words)[list(COLUMNS)]


def _typed_row(values: Mapping[str, Any]) -> dict[str, Any]:
    """One row as :func:`_typed` has it, without the cost of a table."""
    missing = {name for name in COLUMNS if pd.isna(values.get(name))}
    return {
        name: (math.nan if name in missing else _rounded(float(values[name])))
        if name in NUMBERS
        else ("" if name in missing else str(values[name]))
        for name in COLUMNS
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float) and math.isfinite(value):
        return significant(value, SIGNIFICANT_DIGITS)
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
    tolerance = P_TOLERANCE if name.startswith("p_") or name.endswith("_p") else 1e-9
    return math.isclose(fresh, stored, rel_tol=RELATIVE_TOLERANCE, abs_tol=tolerance)
