"""What the publishers' series say of the project's own dates, as a table of the page."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

from analysis.files import load_rows
from analysis.results import InputError
from analysis.sources.derived import REMEDY
from analysis.texts import in_prose

FILE = Path("data") / "derived" / "fact_confirmation.csv"

_STATUSES = ("contradicted", "not confirmable", "confirmed")
_TABLES = {"easing_cycles": "Cuts", "nber_cycles": "Recessions"}
_COLUMNS = ("Fact", "Date", "Series", "Finding")

Line = dict[str, str]


def confirmation_board(path: Path) -> str:
    """Counts by status, and every fact under its status; contradictions stand open.

    Raises
    ------
    InputError
        When the file lacks a column or holds an unknown status.
    """
    lines = _read(path)
    counts = Counter(line["status"] for line in lines)
    lead = ", ".join(f"{counts[status]} {status}" for status in reversed(_STATUSES))
    parts = [f"<p>{len(lines)} dates and figures: {lead}.</p>"]
    for status in _STATUSES:
        found = [line for line in lines if line["status"] == status]
        if found:
            opened = " open" if status == "contradicted" else ""
            parts.append(
                f'<details class="sc-chapter"{opened}><summary><span class="sc-chapter-title">'
                f"{status.capitalize()}: {len(found)}</span></summary>{_table(found)}</details>"
            )
    return "".join(parts)


def _table(lines: list[Line]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    body = "".join(f"<tr>{_cells(line)}</tr>" for line in lines)
    return (
        '<div class="sc-scroll" tabindex="0"><table class="sc-ledger sc-dictionary">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cells(line: Line) -> str:
    name = f"{_TABLES.get(line['table'], line['table'])}, {line['row']}: {line['column']}"
    texts = (
        in_prose(name.replace("_", " ")),
        line["date"],
        line["series"] or "none",
        in_prose(line["finding"]),
    )
    return "".join(
        f'<td data-label="{label}">{escape(text)}</td>'
        for label, text in zip(_COLUMNS, texts, strict=True)
    )


def _read(path: Path) -> list[Line]:
    head, lines = load_rows(path, REMEDY)
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    needed = {"table", "row", "column", "date", "status", "series", "finding"}
    if not rows or not needed <= set(rows[0]) or {row["status"] for row in rows} - set(_STATUSES):
        raise InputError(f"{path.name} is no table of confirmed facts; run smallcap derive")
    return rows
