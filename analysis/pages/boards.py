"""The verdict board and the ledger table as static HTML; every text from data is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.chapters import chapter_names, load_chapters
from analysis.claims.verdicts import VERDICTS
from analysis.pages.amendments import amendments
from analysis.pages.cards import NOT_RUN, chip, how_sure
from analysis.pages.provenance import provenance, vintage_list
from analysis.pages.quantities import (
    format_count,
    format_interval,
    format_measure,
    format_p,
    format_quantity,
)
from analysis.pages.records import Records, Row

Link = Callable[[str, str], str | None]
"""``link(chapter, claim)``: address of the claim's card, or None where the chapter is not there."""


def summary(records: Records) -> str:
    """How many claims got which verdict: one sentence and a strip of chips."""
    counts = Counter(_verdict_words(records.row(claim)) for claim in records.claims)
    total = sum(counts.values())
    order = [*VERDICTS, "no verdict", NOT_RUN]
    parts = [f"<li>{chip(words)} <b>{counts[words]}</b></li>" for words in order if counts[words]]
    label = f"{total} claims from {len(records.documents)} research notes, by verdict"
    return (
        f'<div class="sc-summary"><p class="sc-quiet">{escape(label)}</p>'
        f'<ul class="sc-strip">{"".join(parts)}</ul></div>'
    )


def board(records: Records, link: Link) -> str:
    """The front page: the book's central questions, each with the verdict that answers it."""
    answers = "".join(
        _answer(records, entry.central_claim, entry.question, link)
        for entry in load_chapters().values()
        if entry.central_claim is not None and entry.question is not None
    )
    return f'<div class="sc-board">{answers}</div>'


def chapters(records: Records, link: Link) -> str:
    """Every chapter with its claims and their verdicts, folded away chapter by chapter."""
    parts = []
    for chapter in chapter_names():
        claims = claims_of(records, chapter)
        if claims:
            counts = Counter(_verdict_words(records.row(claim.id)) for claim in claims)
            tally = " ".join(f"<span>{chip(words)} {n}</span>" for words, n in counts.most_common())
            parts.append(
                f'<details class="sc-chapter"><summary><span class="sc-chapter-title">'
                f'{escape(_title(chapter))}</span> <span class="sc-tally">{tally}</span>'
                f"</summary>{claim_list(records, claims, link)}</details>"
            )
    return "".join(parts)


def claims_of(records: Records, chapter: str) -> list[Claim]:
    """The claims of one chapter, in the order of the files."""
    return [claim for claim in records.claims.values() if claim.chapter == chapter]


def claim_list(records: Records, claims: Iterable[Claim], link: Link) -> str:
    """Claims with their verdicts, one a line."""
    items = "".join(
        f"<li>{_chip_of(records.row(claim.id))}"
        f'<span class="sc-said">{_linked(claim.text, link(claim.chapter, claim.id))}</span>'
        f'<span class="sc-quiet">{_finding(records.row(claim.id))}</span></li>'
        for claim in claims
    )
    return f'<ul class="sc-claims">{items}</ul>'


def criteria(claims: Iterable[Claim]) -> str:
    """When each verdict is given, as it was written, with the hash of the test."""
    return "".join(_criterion(claim) for claim in claims)


def criteria_by_chapter(records: Records) -> str:
    """All criteria, folded away chapter by chapter."""
    return "".join(
        f'<details class="sc-chapter"><summary><span class="sc-chapter-title">'
        f"{escape(_title(chapter))}</span></summary>"
        f"{criteria(claims_of(records, chapter))}</details>"
        for chapter in chapter_names()
        if claims_of(records, chapter)
    )


def ledger_table(records: Records, link: Link) -> str:
    """Every claim with both runs side by side; ``ledger.js`` adds the filter where it runs."""
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    body = "".join(_line(records, claim, link) for claim in records.claims.values())
    return (
        f'{_filters(records)}<div class="sc-scroll sc-broad"><table class="sc-ledger sc-pair">'
        f'<caption class="sc-quiet">Every claim, every verdict</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{_snapshots(records)}"
    )


_DATA = ("bundled", "latest")
_COLUMNS = ("Claim", "Bundled data", "Latest data")


def _snapshots(records: Records) -> str:
    """The snapshots named in brief above, with the vintage of every file."""
    rows = [row for row in records.rows.values() if row["snapshot"] or row["vintages"]]
    named = sorted({(row["snapshot"] or "none", vintage_list(row["vintages"])) for row in rows})
    lines = "".join(f"<li>{escape(f'{name}: {files}')}</li>" for name, files in named)
    return f'<p>Snapshots and vintages:</p><ul class="sc-quiet">{lines}</ul>' if lines else ""


def _answer(records: Records, claim_id: str, question: str, link: Link) -> str:
    claim, row = records.claims.get(claim_id), records.row(claim_id)
    chapter = claim.chapter if claim else ""
    text = claim.text if claim else "This claim is not in the claim files."
    kind = _kind(row)
    sure = how_sure(row) if row else ""
    target = link(chapter, claim_id)
    more = f'<p class="sc-more"><a href="{escape(target)}">The evidence</a></p>' if target else ""
    also = _also(records, claim_id, row)
    return (
        f'<section class="sc-answer sc-edge-{kind}"><div class="sc-answer-head">'
        f'<h3 class="sc-question">{escape(question)}</h3>{_chip_of(row)}</div>'
        f'<dl><div><dt>What we find</dt><dd class="sc-found">{_finding(row)}</dd></div>'
        f"<div><dt>What was claimed</dt><dd>{escape(text)}</dd></div>"
        f"<div><dt>How sure</dt><dd>{sure or 'No estimate.'}{_needed(row)}</dd></div></dl>"
        f'{also}<p class="sc-quiet">{escape(provenance(row)) if row else NOT_RUN}</p>{more}'
        "</section>"
    )


def _also(records: Records, claim_id: str, shown: Row | None) -> str:
    others = [row for row in records.rows_of(claim_id) if row is not shown and row["verdict"]]
    return "".join(
        f'<p class="sc-also">On the {escape(provenance(row))}: {chip(row["verdict"])}'
        f' <span class="sc-quiet">{how_sure(row)}</span></p>'
        for row in others
    )


def _needed(row: Row | None) -> str:
    if not row:
        return ""
    parts = []
    if row["mde"] is not None:
        smallest = format_quantity(row["mde"], row["unit"])
        parts.append(f"Smallest effect this test would see: {escape(smallest)}.")
    if row["more_needed"]:
        parts.append(escape(row["more_needed"]))
    return f'<br><span class="sc-quiet">{" ".join(parts)}</span>' if parts else ""


def _criterion(claim: Claim) -> str:
    rule = claim.criterion
    lists = (
        ("inconsistent", rule.inconsistent),
        ("supported", rule.supported),
        ("true but uninformative", rule.uninformative),
        ("contradicted", rule.contradicted),
    )
    rows = "".join(
        f"<li>{chip(words)} when {' and '.join(f'<code>{escape(str(c))}</code>' for c in found)}"
        "</li>"
        for words, found in lists
        if found
    )
    ending = (
        f"<li>{chip('untestable openly')} {escape(claim.settled_by or '')}</li>"
        if claim.untestable
        else f"<li>{chip(rule.otherwise)} otherwise</li>"
    )
    return (
        f'<section class="sc-criterion"><p><b>{escape(claim.text)}</b></p>'
        f"<p>{escape(rule.words)}</p><ul>{rows}{ending}</ul>{amendments(claim)}"
        f'<p class="sc-hash">Criterion <code>{claim.criterion_hash}</code> · claim'
        f" <code>{escape(claim.id)}</code> · {escape(claim.kind)}</p></section>"
    )


def _filters(records: Records) -> str:
    claims = records.claims.values()
    words = [*VERDICTS, "no verdict", NOT_RUN]
    selects = (
        _select("document", "Document", sorted({d for c in claims for d in c.documents})),
        _select("chapter", "Chapter", [c for c in chapter_names() if claims_of(records, c)]),
        _select("verdict", "Verdict", words),
        _select("runs", "The two runs", list(_AGREEMENT)),
    )
    return (
        '<form class="sc-filter" hidden aria-label="Filter the ledger">'
        f'{"".join(selects)}<label>Words <input type="search" name="words" size="14"></label>'
        '<output class="sc-quiet" aria-live="polite"></output></form>'
    )


def _select(name: str, label: str, values: Iterable[str]) -> str:
    options = "".join(
        f'<option value="{escape(value)}">{escape(_title(value))}</option>' for value in values
    )
    return (
        f'<label>{label} <select name="{name}"><option value="">all</option>{options}'
        "</select></label>"
    )


_AGREEMENT = ("agree", "disagree", "one verdict", "no verdict")


def _agreement(rows: Iterable[Row]) -> str:
    verdicts = [row["verdict"] for row in rows if row["verdict"]]
    if len(verdicts) < len(_DATA):
        return "one verdict" if verdicts else "no verdict"
    return "agree" if len(set(verdicts)) == 1 else "disagree"


def _line(records: Records, claim: Claim, link: Link) -> str:
    title = _title(claim.chapter)
    about = f"{title} · note {', '.join(claim.documents)} · {claim.kind}"
    rows = [records.row(claim.id, data) for data in _DATA]
    there = [row for row in rows if row is not None]
    words = [_verdict_words(row) for row in there] or [NOT_RUN]
    cells = (
        f"{_linked(claim.text, link(claim.chapter, claim.id))}"
        f'<br><span class="sc-quiet">{escape(about)}'
        f" · <code>{escape(claim.id)}</code></span>{amendments(claim)}",
        *(_run(claim, row) for row in rows),
    )
    keys = {
        "document": " ".join(claim.documents),
        "chapter": claim.chapter,
        "verdict": "|".join(dict.fromkeys(words)),
        "runs": _agreement(there),
    }
    marks = "".join(f' data-{key}="{escape(value)}"' for key, value in keys.items())
    body = "".join(
        f'<td data-label="{label}">{cell}</td>' for label, cell in zip(_COLUMNS, cells, strict=True)
    )
    return f"<tr{marks}>{body}</tr>"


def _run(claim: Claim, row: Row | None) -> str:
    """One run in a cell: verdict, finding, numbers, and what it was computed from."""
    if not row:
        return f'{_chip_of(row)}<br><span class="sc-quiet">{_finding(row)}</span>'
    stale = row["criterion_hash"] != claim.criterion_hash
    note = ' <b class="sc-stale">criterion changed since this run</b>' if stale else ""
    numbers = [text for text in (_estimate(row), _p_values(row), _counts(row)) if text]
    return (
        f"{_chip_of(row)}<p>{_finding(row)}</p>"
        + (f'<p class="sc-number">{" · ".join(numbers)}</p>' if numbers else "")
        + f'<p class="sc-quiet">{escape(provenance(row))}'
        f" · <code>{escape(row['criterion_hash'])}</code>{note}</p>"
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


def _finding(row: Row | None) -> str:
    if not row:
        return "This claim has not been run on this data yet."
    return escape(row["finding"] or row["reason"])


def _title(chapter: str) -> str:
    """A chapter's title; any other word as it is."""
    entry = load_chapters().get(chapter)
    return chapter if entry is None else entry.title


def _verdict_words(row: Row | None) -> str:
    return NOT_RUN if row is None else row["verdict"] or "no verdict"


def _chip_of(row: Row | None) -> str:
    return chip(_verdict_words(row))


def _kind(row: Row | None) -> str:
    words = _verdict_words(row)
    return words.replace(" ", "-") if words in VERDICTS else "none"


def _linked(text: str, target: str | None) -> str:
    words = escape(text)
    return f'<a href="{escape(target)}">{words}</a>' if target else words


def cell(records: Records, claim_id: str, field: str, data: str | None = None) -> Any:
    """The text of one ledger field, for a sentence.

    Raises
    ------
    KeyError
        For a claim or field that does not exist.
    """
    claim = records.claims[claim_id]
    if field in ("text", "kind", "chapter", "criterion_hash"):
        return getattr(claim, field)
    row = records.row(claim_id, data)
    if row is None:
        return NOT_RUN
    return _said(row, field)


def _said(row: Row, field: str) -> str:
    unit = row["unit"]
    if field.startswith("measures."):
        return format_measure(row["measures"][field.removeprefix("measures.")])
    if field == "interval":
        return format_interval(row["ci_low"], row["ci_high"], unit)
    if field in ("estimate", "ci_low", "ci_high", "mde"):
        return format_quantity(row[field], unit)
    if field in ("p_value", "p_adjusted", "joint_p"):
        return format_p(row[field])
    if field in ("n", "effective_n", "specifications", "left_out"):
        return format_count(row[field])
    if field == "luck":
        return format_quantity(row[field], "share")
    return row[field] or ("no verdict" if field == "verdict" else "none")
