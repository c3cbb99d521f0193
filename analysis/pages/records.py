"""Claims and ledger rows, as the pages need them, read from a project folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.claims import Claim, Document, load_documents
from analysis.claims.documents import SHARED_CRITERIA
from analysis.results import InputError

NUMBERS = ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "n", "effective_n", "mde")

TEXTS = (
    "claim",
    "data",
    "verdict",
    "reason",
    "unit",
    "more_needed",
    "null",
    "sample_start",
    "sample_end",
    "as_of",
    "snapshot",
    "criterion_hash",
    "finding",
    "sensitivity",
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """Everything the pages say about claims.

    Attributes
    ----------
    documents : tuple of Document
        Empty where there are no claim files yet.
    rows : dict of (claim id, data) to row
        Ledger rows: numbers as float or None, texts as str, ``measures`` as a dict.
    files : tuple of Path
        What was read, so that a page is rebuilt when one of them changes.
    """

    documents: tuple[Document, ...]
    rows: Mapping[tuple[str, str], Row]
    files: tuple[Path, ...]

    @property
    def claims(self) -> dict[str, Claim]:
        """All claims by id, in the order of the files."""
        return {claim.id: claim for doc in self.documents for claim in doc.claims}

    def row(self, claim: str, data: str | None = None) -> Row | None:
        """The row to quote for a claim: the bundled one, or the latest where that says more."""
        if data is not None:
            return self.rows.get((claim, data))
        bundled, latest = self.rows.get((claim, "bundled")), self.rows.get((claim, "latest"))
        if latest is not None and (bundled is None or not bundled["verdict"]):
            return latest if latest["verdict"] or bundled is None else bundled
        return bundled

    def rows_of(self, claim: str) -> list[Row]:
        """Every row of one claim, bundled data first."""
        found = (self.rows.get((claim, data)) for data in ("bundled", "latest"))
        return [row for row in found if row is not None]


def load_records(folder: Path) -> Records:
    """Read ``data/claims/*.yml`` and ``data/ledger.csv`` under `folder`; either may be absent.

    Raises
    ------
    InputError
        For a malformed claim file, a ledger without a needed column, or a value that is no number.
    """
    claims = sorted((folder / "data" / "claims").glob("*.yml"))
    ledger = folder / "data" / "ledger.csv"
    documents = load_documents(folder / "data" / "claims") if claims else ()
    rows = _load_rows(ledger) if ledger.is_file() else {}
    beside = (folder / "data" / SHARED_CRITERIA, ledger)
    return Records(documents, rows, (*claims, *(path for path in beside if path.is_file())))


def _load_rows(path: Path) -> dict[tuple[str, str], Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        missing = sorted({*NUMBERS, *TEXTS} - set(reader.fieldnames or ()))
        if missing:
            raise InputError(
                f"{path.name} lacks the columns {', '.join(missing)}; write it again with"
                " 'smallcap ledger --write'"
            )
        rows = [_row(path, raw) for raw in reader]
    return {(row["claim"], row["data"]): row for row in rows}


def _row(path: Path, raw: dict[str, str]) -> Row:
    row: dict[str, Any] = {name: raw[name] or "" for name in TEXTS}
    for name in NUMBERS:
        try:
            row[name] = float(raw[name]) if raw[name] else None
        except ValueError as error:
            raise InputError(
                f"{path.name}: claim {raw['claim']!r}, column {name}: {raw[name]!r} is no number"
            ) from error
    row["measures"] = json.loads(raw.get("measures") or "{}")
    return row
