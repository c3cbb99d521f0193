"""Claims and ledger rows, as the pages need them, read from a project folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.claims import Claim, Document, load_documents
from analysis.claims.documents import SHARED_CRITERIA
from analysis.claims.history import HISTORY_FILE, Change, read_history
from analysis.claims.ledger import ledger_records, read_ledger
from analysis.pages.quantities import told_counts
from analysis.results import NEWEST

#: A row of the ledger in plain values, as :func:`analysis.claims.ledger.ledger_records` gives it.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Records:
    """Everything the pages say about claims.

    Attributes
    ----------
    documents : tuple of Document
        Empty where there are no claim files yet.
    rows : dict of (claim id, data) to row
        The ledger.
    files : tuple of Path
        What was read, so that a page is rebuilt when one of them changes.
    history : tuple of Change
        Verdicts that new data or another method moved, the oldest first.
    """

    documents: tuple[Document, ...]
    rows: Mapping[tuple[str, str], Row]
    files: tuple[Path, ...]
    history: tuple[Change, ...] = ()

    @property
    def claims(self) -> dict[str, Claim]:
        """All claims by id, in the order of the files."""
        return {claim.id: claim for doc in self.documents for claim in doc.claims}

    def row(self, claim: str, data: str | None = None) -> Row | None:
        """The row to quote for a claim: the verdict on the newest data it was run on.

        A run as of a month was asked for and comes first; a refused run speaks only where none
        of the claim's runs has a verdict.
        """
        if data is not None:
            return self.rows.get((claim, data))
        return max(self.rows_of(claim), key=_speaks, default=None)

    def other(self, claim: str) -> Row | None:
        """The claim's row that :meth:`row` does not quote; None where there is one at most."""
        shown = self.row(claim)
        return next((row for row in self.rows_of(claim) if row is not shown), None)

    def rows_of(self, claim: str) -> list[Row]:
        """Every row of one claim, bundled data first."""
        found = (self.rows.get((claim, data)) for data in ("bundled", "latest"))
        return [row for row in found if row is not None]

    def noting(self, seen: set[str]) -> Records:
        """The same records, which add to `seen` every claim whose rows are asked for."""

        class Noted(Records):
            def row(self, claim: str, data: str | None = None) -> Row | None:
                seen.add(claim)
                return super().row(claim, data)

            def rows_of(self, claim: str) -> list[Row]:
                seen.add(claim)
                return super().rows_of(claim)

        return Noted(self.documents, self.rows, self.files, self.history)


def runs_of(rows: Iterable[Row], claims: Mapping[str, Claim]) -> Records:
    """Records of the runs of one notebook, which knows no others."""

    class Held(Records):
        @property
        def claims(self) -> dict[str, Claim]:
            return dict(claims)

    return Held((), {(row["claim"], row["data"]): row for row in rows}, ())


def _speaks(row: Row) -> tuple[bool, bool, str]:
    """What puts one run of a claim before another: a verdict, a month asked for, newer data."""
    return bool(row["verdict"]), row["as_of"] != NEWEST, str(row["seen_to"] or "")


#: Fields of a row that are sentences.
_SENTENCES = ("finding", "reason", "sensitivity", "more_needed", "in_time")


def _told(row: Row) -> Row:
    """A row whose sentences count as a reader does."""
    return {**row, **{name: told_counts(str(row[name])) for name in _SENTENCES if row.get(name)}}


def load_records(folder: Path) -> Records:
    """Read ``data/claims/*.yml`` and ``data/ledger.csv`` under `folder`; either may be absent.

    Raises
    ------
    InputError
        For a malformed claim file or ledger.
    """
    claims = sorted((folder / "data" / "claims").glob("*.yml"))
    shared, ledger = folder / "data" / SHARED_CRITERIA, folder / "data" / "ledger.csv"
    history = folder / "data" / HISTORY_FILE.name
    documents = load_documents(folder / "data" / "claims") if claims else ()
    rows = {(row["claim"], row["data"]): _told(row) for row in ledger_records(read_ledger(ledger))}
    read = (*claims, *(path for path in (shared, ledger, history) if path.is_file()))
    return Records(documents, rows, read, tuple(read_history(history)))
