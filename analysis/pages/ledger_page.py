"""The ledger as a table: every claim with its verdict, and the other run of it.

The table stands without a script. ``ledger.js`` adds filters, order and search where it runs, and
keeps them in the page's address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from analysis.claims import Claim
from analysis.claims.chapters import chapter_names
from analysis.pages.amendments import amendments
from analysis.pages.boards import (
    STANDINGS,
    Link,
    chip_of,
    claims_of,
    finding_of,
    linked,
    title_of,
    verdict_words,
)
from analysis.pages.headlines import dated, month_of, second_line
from analysis.pages.provenance import vintage_list
from analysis.pages.quantities import format_count, format_interval, format_p, format_quantity
from analysis.pages.records import Records, Row

_COLUMNS = ("Claim", "Verdict")

#: How the two runs of a claim stand to each other, as the filter has them.
_AGREEMENT = ("agree", "disagree", "one verdict", "no verdict")

#: What lines can be ordered by: the name of the data attribute, and what a reader calls it.
_ORDERS = {
    "place": "note, as in the files",
    "standing": "verdict",
    "where": "chapter",
    "p": "p-value, smallest first",
    "month": "last month of data, newest first",
}


def ledger_table(records: Records, link: Link) -> str:
    """Every claim with its verdict and its other run; ``ledger.js`` adds filter and order."""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    body = "".join(
        _line(records, claim, link, place) for place, claim in enumerate(records.claims.values())
    )
    return (
        f'{_filters(records)}<p class="sc-empty" hidden>No claim fits these filters.'
        ' <button type="button">Show every claim</button></p>'
        '<div><table class="sc-ledger sc-pair sc-folded">'
        f'<caption class="sc-quiet">Every claim, every verdict</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{_snapshots(records)}"
    )


def _snapshots(records: Records) -> str:
    """The snapshots behind the newest data, with the vintage of every file."""
    rows = [row for row in records.rows.values() if row["snapshot"] or row["vintages"]]
    named = sorted({(row["snapshot"] or "none", vintage_list(row["vintages"])) for row in rows})
    lines = "".join(f"<li>{escape(f'{name}: {files}')}</li>" for name, files in named)
    return f'<p>Snapshots and vintages:</p><ul class="sc-quiet">{lines}</ul>' if lines else ""


def _filters(records: Records) -> str:
    claims = records.claims.values()
    notes = {note.id: note.publisher for note in records.documents}
    present = {verdict_words(records.row(claim)) for claim in records.claims}
    selects = (
        _select("document", "Note", {d: _said_by(d, notes) for c in claims for d in c.documents}),
        _select(
            "chapter", "Chapter", {c: title_of(c) for c in chapter_names() if claims_of(records, c)}
        ),
        _select("verdict", "Verdict", {word: word for word in STANDINGS if word in present}),
        _select("kind", "Kind", {claim.kind: claim.kind for claim in claims}),
        _select("runs", "The two runs", {word: word for word in _AGREEMENT}),
        _select("order", "Order by", _ORDERS, every=None),
    )
    return (
        '<form class="sc-filter" hidden aria-label="Filter and order the ledger">'
        f'{"".join(selects)}<label>Words <input type="search" name="words" size="14"></label>'
        '<button type="reset">Reset</button>'
        '<output class="sc-quiet" aria-live="polite"></output></form>'
    )


def _said_by(note: str, publishers: Mapping[str, str]) -> str:
    """A note by its publisher; the number tells two notes of one publisher apart."""
    name = publishers.get(note)
    if name is None:
        return f"note {note}"
    twice = list(publishers.values()).count(name) > 1
    return f"{name} ({note})" if twice else name


def _select(name: str, label: str, choices: Mapping[str, str], every: str | None = "all") -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>'
        for value, text in choices.items()
    )
    first = "" if every is None else f'<option value="">{every}</option>'
    return f'<label>{label} <select name="{name}">{first}{options}</select></label>'


def _agreement(rows: Iterable[Row]) -> str:
    verdicts = [row["verdict"] for row in rows if row["verdict"]]
    if len(verdicts) < 2:
        return "one verdict" if verdicts else "no verdict"
    return "agree" if len(set(verdicts)) == 1 else "disagree"


def _line(records: Records, claim: Claim, link: Link, place: int) -> str:
    notes = {note.id: note.publisher for note in records.documents}
    said = ", ".join(_said_by(name, notes) for name in claim.documents)
    row, other = records.row(claim.id), records.other(claim.id)
    about = f"{title_of(claim.chapter)} · {said} · {claim.kind}"
    cells = (
        f"{linked(claim.text, link(claim.chapter, claim.id))}"
        f'<p class="sc-quiet">{escape(about)}</p>'
        f"<details><summary>What was found</summary>{_run(claim, row)}"
        f'{_other(claim, row, other)}<p class="sc-quiet"><code>{escape(claim.id)}</code></p>'
        f"{amendments(claim)}</details>",
        f"{chip_of(row)}{_month(row)}",
    )
    keys = {
        "document": " ".join(claim.documents),
        "chapter": claim.chapter,
        "verdict": verdict_words(row),
        "kind": claim.kind,
        "runs": _agreement(records.rows_of(claim.id)),
        **_sort_keys(claim, row, place),
    }
    marks = "".join(f' data-{key}="{escape(str(value))}"' for key, value in keys.items())
    body = "".join(
        f'<td data-label="{label}">{cell}</td>' for label, cell in zip(_COLUMNS, cells, strict=True)
    )
    return f'<tr id="claim-{escape(claim.id)}"{marks}>{body}</tr>'


def _sort_keys(claim: Claim, row: Row | None, place: int) -> dict[str, float]:
    """What a line is ordered by, the smallest first."""
    known = row is not None and row["p_value"] is not None
    month = str(row["seen_to"] or "") if row else ""
    return {
        "place": place,
        "standing": STANDINGS.index(words) if (words := verdict_words(row)) in STANDINGS else 99,
        "where": chapter_names().index(claim.chapter),
        "p": row["p_value"] if row is not None and known else 2,
        "month": -int(month.replace("-", "")[:6]) if month[:4].isdigit() else 0,
    }


def _month(row: Row | None) -> str:
    """Up to which month the verdict saw data; nothing where there is none."""
    month = month_of(row) if row is not None and row["verdict"] else ""
    return f'<span class="sc-quiet sc-month">{escape(month)}</span>' if month else ""


def _run(claim: Claim, row: Row | None) -> str:
    """What one run found, its numbers, and what it was computed from."""
    if not row:
        return f"<p>{finding_of(row)}</p>"
    stale = row["criterion_hash"] != claim.criterion_hash
    note = ' <b class="sc-stale">criterion changed since this run</b>' if stale else ""
    numbers = [text for text in (_estimate(row), _p_values(row), _counts(row)) if text]
    return (
        f"<p>{finding_of(row)}</p>"
        + (f'<p class="sc-number">{" · ".join(numbers)}</p>' if numbers else "")
        + f'<p class="sc-quiet">{escape(dated(row))}'
        f" · <code>{escape(row['criterion_hash'])}</code>{note}</p>"
    )


def _other(claim: Claim, shown: Row | None, row: Row | None) -> str:
    """The run that is not the headline: whether it agrees, and its numbers where it has any."""
    if shown is None or row is None:
        return '<span class="sc-quiet">Not run on other data.</span>'
    line = f"<p>{escape(second_line(shown, row))}</p>"
    if not row["verdict"]:
        return line
    return (
        f"{line}<details><summary>What it found</summary>{chip_of(row)}{_run(claim, row)}</details>"
    )


def _estimate(row: Row) -> str:
    if row["estimate"] is None:
        return ""
    text = escape(format_quantity(row["estimate"], row["unit"]))
    if row["ci_low"] is None and row["ci_high"] is None:
        return text
    return f"{text}, {escape(format_interval(row['ci_low'], row['ci_high'], row['unit']))}"


def _p_values(row: Row) -> str:
    if row["p_value"] is None:
        return ""
    raw, adjusted = format_p(row["p_value"]), row["p_adjusted"]
    extra = f" ({escape(format_p(adjusted))})" if adjusted is not None else ""
    return f"p {escape(raw)}{extra}"


def _counts(row: Row) -> str:
    if row["n"] is None:
        return ""
    effective = row["effective_n"]
    extra = f" ({format_count(effective)})" if effective is not None else ""
    return f"n {format_count(row['n'])}{extra}"
