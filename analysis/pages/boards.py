"""Claims with their verdicts as static HTML, and their criteria; text from data is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.chapters import chapter_names, load_chapters
from analysis.claims.history import NO_VERDICT, OPEN
from analysis.claims.verdicts import VERDICTS
from analysis.pages.amendments import amendments
from analysis.pages.cards import NOT_RUN, chip, chip_of_run, standing_of
from analysis.pages.headlines import month_of, second_line
from analysis.pages.markup import code_spans
from analysis.pages.quantities import (
    format_count,
    format_interval,
    format_measure,
    format_p,
    format_quantity,
)
from analysis.pages.records import Records, Row
from analysis.results import number_word

Link = Callable[[str, str], str | None]
"""``link(chapter, claim)``: address of the claim's card, or None where the chapter is not there."""

#: All that a claim can stand at, in the order lists have it.
STANDINGS = (*VERDICTS, OPEN, NO_VERDICT, NOT_RUN)


def summary(records: Records) -> str:
    """How many claims got which verdict: one sentence and a strip of chips."""
    counts = Counter(verdict_words(records.row(claim)) for claim in records.claims)
    total = sum(counts.values())
    parts = [
        f"<li>{chip(words)} <b>{counts[words]}</b></li>" for words in STANDINGS if counts[words]
    ]
    label = (
        f"{total} claims from {notes_words(records)}, each by its verdict {newest_words(records)}"
    )
    return (
        f'<div class="sc-summary"><p class="sc-quiet">{escape(label)}</p>'
        f'<ul class="sc-strip">{"".join(parts)}</ul></div>'
    )


def notes_words(records: Records) -> str:
    """How many notes the claims come from."""
    count = len(records.documents)
    return f"{number_word(count)} research {'note' if count == 1 else 'notes'}"


def newest_words(records: Records) -> str:
    """Up to which month the newest verdict saw data, as part of a sentence."""
    rows = [
        row
        for row in map(records.row, records.claims)
        if row is not None and row["verdict"] and row.get("kind") != "outlook"
    ]
    newest = max(rows, key=lambda row: str(row["seen_to"] or ""), default=None)
    return f"on the newest data, to {month_of(newest)}" if newest else "on the newest data"


def chapters(records: Records, link: Link) -> str:
    """Every chapter with its claims and their verdicts, folded away chapter by chapter."""
    parts = []
    for chapter in chapter_names():
        claims = claims_of(records, chapter)
        if claims:
            parts.append(
                f'<details class="sc-chapter"><summary><span class="sc-chapter-title">'
                f"{escape(title_of(chapter))}</span> {tally(records, claims)}"
                f"</summary>{claim_list(records, claims, link)}</details>"
            )
    return "".join(parts)


def claims_of(records: Records, chapter: str) -> list[Claim]:
    """The claims of one chapter, in the order of the files."""
    return [claim for claim in records.claims.values() if claim.chapter == chapter]


def claim_list(records: Records, claims: Iterable[Claim], link: Link) -> str:
    """Claims with their verdicts, one a line."""
    return f'<ul class="sc-claims">{"".join(_item(records, one, link) for one in claims)}</ul>'


def answer(records: Records, claims: Iterable[Claim], link: Link) -> str:
    """A chapter's claims with verdict, finding and what the other run says, on one line to open."""
    told = list(claims)
    if not told:
        return ""
    listed = claim_list(records, told, link)
    title = f"All {len(told)} claims" if len(told) > 1 else "The claim"
    return (
        f'<div class="sc-answers"><details class="sc-chapter"><summary><span'
        f' class="sc-chapter-title">{title} of this chapter</span>'
        f" {tally(records, told)}</summary>{listed}</details></div>"
    )


def tally(records: Records, claims: Iterable[Claim]) -> str:
    """How many of some claims got which verdict, as chips."""
    counts = Counter(verdict_words(records.row(claim.id)) for claim in claims)
    parts = " ".join(f"<span>{chip(words)} {n}</span>" for words, n in counts.most_common())
    return f'<span class="sc-tally">{parts}</span>'


def _item(records: Records, claim: Claim, link: Link) -> str:
    row, other = records.row(claim.id), records.other(claim.id)
    month = f" ({month_of(row)})" if row is not None and row["verdict"] and month_of(row) else ""
    second = second_line(row, other) if row is not None else ""
    # a run that could not be had is no news beside one that was
    line = f" {escape(second)}" if other is not None and other["verdict"] else ""
    return (
        f"<li>{chip_of(row)}"
        f'<span class="sc-said">{linked(claim.text, link(claim.chapter, claim.id))}</span>'
        f'<span class="sc-quiet">{finding_of(row)}{escape(month)}{line}</span></li>'
    )


def criteria(claims: Iterable[Claim]) -> str:
    """When each verdict is given, as it was written, with the hash of the test."""
    return "".join(_criterion(claim) for claim in claims)


def criteria_by_chapter(records: Records) -> str:
    """All criteria, folded away chapter by chapter."""
    return "".join(
        f'<details class="sc-chapter"><summary><span class="sc-chapter-title">'
        f"{escape(title_of(chapter))}</span></summary>"
        f"{criteria(claims_of(records, chapter))}</details>"
        for chapter in chapter_names()
        if claims_of(records, chapter)
    )


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
        f'<p class="sc-registered">{code_spans(rule.words)}</p>'
        f"<ul>{rows}{ending}</ul>{amendments(claim)}"
        f'<p class="sc-hash">Criterion <code>{claim.criterion_hash}</code> · claim'
        f" <code>{escape(claim.id)}</code> · {escape(claim.kind)}</p></section>"
    )


def finding_of(row: Row | None) -> str:
    """What a run found, or why it found nothing; escaped."""
    if not row:
        return "This claim has not been run on this data yet."
    return escape(row["finding"] or row["reason"])


def title_of(chapter: str) -> str:
    """A chapter's title; any other word as it is."""
    entry = load_chapters().get(chapter)
    return chapter if entry is None else entry.title


def verdict_words(row: Row | None) -> str:
    """What a claim stands at, one of :data:`STANDINGS`."""
    return NOT_RUN if row is None else standing_of(row)


def chip_of(row: Row | None) -> str:
    """The chip of a run's verdict."""
    return chip(NOT_RUN) if row is None else chip_of_run(row)


def kind_of(row: Row | None) -> str:
    """The verdict of a run as part of a class name; ``none`` where it has none."""
    words = verdict_words(row)
    return words.replace(" ", "-") if words in (*VERDICTS, OPEN) else "none"


def linked(text: str, target: str | None) -> str:
    """Escaped text, a link where there is a target."""
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
