"""The front page: one sentence that answers, the central answers, and a mark for every claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from analysis.claims import Claim
from analysis.claims.chapters import ChapterEntry, load_chapters
from analysis.claims.history import NO_VERDICT, OPEN
from analysis.claims.verdicts import (
    CONTRADICTED,
    INCONSISTENT,
    NOT_DISTINGUISHABLE,
    SUGGESTIVE,
    SUPPORTED,
    UNINFORMATIVE,
    UNTESTABLE,
)
from analysis.pages.axis import axis_of, picture_of
from analysis.pages.boards import (
    STANDINGS,
    Link,
    chip_of,
    finding_of,
    kind_of,
    linked,
    notes_words,
    verdict_words,
)
from analysis.pages.cards import NOT_RUN, chip, how_sure, sign_of
from analysis.pages.headlines import dated, month_of, second_line
from analysis.pages.provenance import provenance
from analysis.pages.quantities import format_quantity
from analysis.pages.records import Records, Row
from analysis.results import number_word

#: A kind of claim that names what will come; its verdict is given when its day has passed.
OUTLOOK = "outlook"

#: What is said of arguments with a verdict, of one and of several.
_STANDS = {
    SUPPORTED: ("holds up", "hold up"),
    SUGGESTIVE: ("points that way without proof", "point that way without proof"),
    UNINFORMATIVE: ("is just as true at any other time", "are just as true at any other time"),
    NOT_DISTINGUISHABLE: ("cannot be told from chance", "cannot be told from chance"),
    CONTRADICTED: ("is contradicted", "are contradicted"),
    INCONSISTENT: ("does not agree with its own figures", "do not agree with their own figures"),
    UNTESTABLE: ("cannot be tested on open data", "cannot be tested on open data"),
    OPEN: ("is still open", "are still open"),
    NO_VERDICT: ("has no verdict yet", "have no verdict yet"),
    NOT_RUN: ("has not been tested yet", "have not been tested yet"),
}


def central() -> Mapping[str, ChapterEntry]:
    """The chapters that answer a question of the front page, in the order of the book."""
    return {name: one for name, one in load_chapters().items() if one.question is not None}


def lead(records: Records) -> str:
    """One sentence: how many of the central arguments hold, on data to which month."""
    rows = [records.row(str(entry.central_claim)) for entry in central().values()]
    counts = Counter(map(verdict_words, rows))
    total, held = sum(counts.values()), counts.pop(SUPPORTED, 0)
    months = [month_of(row) for row in rows if row is not None and row["verdict"]]
    when = f" on data to {months[0]}" if months else ""
    how_many = number_word(held) if held else "none"
    verb = "holds" if held == 1 or not held else "hold"
    rest = [
        f"{number_word(counts[words])} {_STANDS[words][counts[words] > 1]}"
        for words in STANDINGS
        if counts[words]
    ]
    told = f": {', '.join(rest)}" if rest else ""
    sentence = (
        f"{how_many.capitalize()} of the {number_word(total)} main arguments for US small caps"
        f" {verb} up{when}{told}."
    )
    return f'<p class="sc-lead">{escape(sentence)}</p>'


def central_table(records: Records) -> str:
    """The central questions with answer, verdict and what the other run says, in Markdown."""
    lines = ["| question | what we find | verdict | the data that ship with the project |"]
    lines.append("|---|---|---|---|")
    for entry in central().values():
        name = str(entry.central_claim)
        claim, row, shipped = (
            records.claims.get(name),
            records.row(name),
            records.row(name, "bundled"),
        )
        axis = axis_of(entry.picture, records, claim, row) if claim and row else None
        said = axis.line if axis else str((row or {}).get("finding") or "")
        when = f" ({dated(row)})" if row else ""
        held = f"{verdict_words(shipped)} ({dated(shipped)})" if shipped else NOT_RUN
        lines.append(f"| {entry.question} | {said} | **{verdict_words(row)}**{when} | {held} |")
    return "\n".join(lines)


def board(records: Records, link: Link) -> str:
    """The book's central questions, each with its answer, a picture and the verdict."""
    answers = "".join(_answer(records, entry, link) for entry in central().values())
    return f'<div class="sc-board">{answers}</div>'


def _answer(records: Records, entry: ChapterEntry, link: Link) -> str:
    claim_id, question = str(entry.central_claim), str(entry.question)
    claim, row = records.claims.get(claim_id), records.row(claim_id)
    axis = axis_of(entry.picture, records, claim, row) if claim and row else None
    line = escape(axis.line) if axis else finding_of(row)
    drawn = picture_of(axis) if axis else ""
    target = link(claim.chapter if claim else "", claim_id)
    more = f' <a href="{escape(target)}">The evidence</a>' if target else ""
    second = second_line(row, records.other(claim_id)) if row else ""
    month = f"Verdict {dated(row)}. " if row else ""
    return (
        f'<section class="sc-answer sc-edge-{kind_of(row)}"><div class="sc-answer-head">'
        f'<h3 class="sc-question">{escape(question)}</h3>{chip_of(row)}</div>'
        f'<p class="sc-found">{line}</p>{drawn}'
        f'<p class="sc-quiet">{escape(month)}{escape(second)}{more}</p>'
        f"{_numbers(claim, row)}</section>"
    )


def _numbers(claim: Claim | None, row: Row | None) -> str:
    """The claim's words, the finding and its uncertainty, folded away."""
    said = claim.text if claim else "This claim is not in the claim files."
    sure = how_sure(row) if row else ""
    made = escape(provenance(row)) if row else NOT_RUN
    return (
        "<details><summary>Claim and numbers</summary><dl>"
        f"<div><dt>What was claimed</dt><dd>{escape(said)}</dd></div>"
        f"<div><dt>What we find</dt><dd>{finding_of(row)}</dd></div>"
        f"<div><dt>How sure</dt><dd>{sure or 'No estimate.'}{_needed(row)}</dd></div>"
        f"<div><dt>Data</dt><dd>{made}</dd></div></dl></details>"
    )


def _needed(row: Row | None) -> str:
    if not row:
        return ""
    parts = []
    if row["mde"] is not None:
        smallest = format_quantity(row["mde"], row["unit"])
        parts.append(f"Smallest effect this test would see: {escape(smallest)}.")
    if row["more_needed"]:
        parts.append(f"More data needed: {escape(row['more_needed'])}.")
    return f'<br><span class="sc-quiet">{" ".join(parts)}</span>' if parts else ""


def strip(records: Records, link: Link) -> str:
    """Every claim as one mark, a link, in the order of the verdicts."""
    groups: dict[str, list[Claim]] = {}
    for claim in records.claims.values():
        groups.setdefault(verdict_words(records.row(claim.id)), []).append(claim)
    order = [*STANDINGS, *(words for words in groups if words not in STANDINGS)]
    parts = [
        f'<li><span class="sc-marks-head">{chip(words)} <b>{len(groups[words])}</b></span>'
        f'<span class="sc-marks">{"".join(_mark(one, words, link) for one in groups[words])}'
        "</span></li>"
        for words in order
        if words in groups
    ]
    total = len(records.claims)
    label = f"All {total} claims of {notes_words(records)}, each mark one claim:"
    return f'<p>{escape(label)}</p><ul class="sc-all">{"".join(parts)}</ul>'


def _mark(claim: Claim, words: str, link: Link) -> str:
    label = escape(f"{words}: {claim.text}")
    kind = words.replace(" ", "-") if words in _STANDS else "none"
    body = f'class="sc-mark sc-{kind}" title="{label}"'
    sign = f'<span aria-hidden="true">{sign_of(words)}</span>'
    target = link(claim.chapter, claim.id)
    if target is None:
        return f'<span {body} role="img" aria-label="{label}">{sign}</span>'
    return f'<a {body} href="{escape(target)}" aria-label="{label}">{sign}</a>'


def outlooks(records: Records, link: Link) -> str:
    """How many outlooks came true so far; empty while the notes' outlooks are no claims."""
    stood = _stand(records)
    if not stood:
        return ""
    ripe = [records.claims[name] for name, one in stood.items() if one not in _UNRIPE]
    lines = "".join(
        f"<li>{chip(stood[one.id])} {linked(one.text, link(one.chapter, one.id))}</li>"
        for one in ripe
    )
    listed = f'<ul class="sc-changes">{lines}</ul>' if lines else ""
    return f"<p>{escape(outlook_words(records))}</p>{listed}"


#: Where an outlook stands that cannot be judged yet.
_UNRIPE = (OPEN, NO_VERDICT, NOT_RUN)


def _stand(records: Records) -> dict[str, str]:
    """Where every outlook stands, by claim."""
    told = (claim.id for claim in records.claims.values() if claim.kind == OUTLOOK)
    return {name: verdict_words(records.row(name)) for name in told}


def outlook_words(records: Records) -> str:
    """How many of the notes' outlooks came true so far, in one sentence."""
    stood = list(_stand(records).values())
    noun = "outlook" if len(stood) == 1 else "outlooks"
    came = _came_true([one for one in stood if one not in _UNRIPE])
    left = stood.count(OPEN)
    still = f"; {left} {'is' if left == 1 else 'are'} still open" if left else ""
    return f"Of {len(stood)} {noun} in the notes {came}{still}."


def _came_true(verdicts: Sequence[str]) -> str:
    """How many of the outlooks whose day has passed came true, and how many beyond luck."""
    if not verdicts:
        return "none can be judged yet"
    true = sum(one in (SUPPORTED, SUGGESTIVE, UNINFORMATIVE) for one in verdicts)
    proved = verdicts.count(SUPPORTED)
    if len(verdicts) == 1:
        came = "came true" if true else "did not come true"
        beyond = ", but not beyond luck" if true and not proved else ""
        return f"the only one whose day has passed {came}{beyond}"
    luck = "" if proved == true else f", {number_word(proved) if proved else 'none'} beyond luck"
    return f"{true} of the {len(verdicts)} whose day has passed came true{luck}"
