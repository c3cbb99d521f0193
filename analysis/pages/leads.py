"""How a chapter opens: its question, and the answer in one sentence of everyday words.

The sentence is the picture's where the front page asks the same; elsewhere a line of
``data/chapters.yml`` filled with measures, or what the leading claim's run found. No number of it
is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from analysis.claims import Claim
from analysis.claims.chapters import ChapterEntry, load_chapters
from analysis.pages.axis import axis_of, number_at, picture_of
from analysis.pages.cards import chip_of_run
from analysis.pages.front import OUTLOOK, outlook_words
from analysis.pages.headlines import dated, second_line
from analysis.pages.markup import plain
from analysis.pages.quantities import format_prose
from analysis.pages.records import Records, Row

_BRACKETS = re.compile(r" \([^()]*\)")
_SENTENCE = re.compile(r".*?[a-z%0-9)]\.(?= [A-Z]|$)")


def question_of(chapter: str) -> str:
    """What a chapter asks; empty where its entry does not say."""
    entry = load_chapters().get(chapter)
    return "" if entry is None else entry.question or entry.asks or ""


def leading_claim(chapter: str) -> str:
    """The claim whose run answers a chapter's question; empty without one."""
    entry = load_chapters().get(chapter)
    if entry is None:
        return ""
    return entry.central_claim or (entry.lead.claim if entry.lead else "")


def answer_words(chapter: str, records: Records) -> str:
    """A chapter's answer in one sentence; empty where its leading claim gave no number.

    Parameters
    ----------
    chapter : str
    records : Records
        Of the runs that speak: the ledger's, or those of one notebook.
    """
    entry, name = load_chapters().get(chapter), leading_claim(chapter)
    row, claim = (records.row(name), records.claims.get(name)) if name else (None, None)
    if claim is not None and claim.kind == OUTLOOK:
        return outlook_words(records)
    if entry is None or row is None or claim is None or not (row["verdict"] and row["finding"]):
        return ""
    if entry.picture is not None:
        axis = axis_of(entry.picture, records, claim, row)
        return axis.line if axis else first_sentence(row["finding"])
    return _line(entry, records, claim, row) or first_sentence(row["finding"])


def _line(entry: ChapterEntry, records: Records, claim: Claim, row: Row) -> str:
    lead = entry.lead
    if lead is None or not lead.line:
        return ""
    numbers = {name: number_at(place, records, claim, row) for name, place in lead.numbers.items()}
    if any(value is None for value in numbers.values()):
        return ""
    return lead.line.format(**{name: format_prose(one, lead.unit) for name, one in numbers.items()})


def first_sentence(text: str) -> str:
    """The first sentence of a finding, without what stands in brackets.

    Examples
    --------
    >>> first_sentence("They led by 0.3% a year (95% interval −2.5% to 3.1%). Before, by 3.4%.")
    'They led by 0.3% a year.'
    """
    bare = _BRACKETS.sub("", text)
    found = _SENTENCE.match(bare)
    return found[0] if found else bare


def lead_text(chapter: str, records: Records) -> str:
    """Question and answer as Markdown; empty where there is neither."""
    asked, said = question_of(chapter), answer_words(chapter, records)
    return "\n\n".join([part for part in (plain(asked), said and f"**{plain(said)}**") if part])


def lead_html(chapter: str, records: Records) -> str:
    """Question, answer, its picture where it has one, and the verdict with its month."""
    asked, said = question_of(chapter), answer_words(chapter, records)
    question = f'<p class="sc-asked">{escape(asked)}</p>' if asked else ""
    if not said:
        return question
    name = leading_claim(chapter)
    row, other = records.row(name), records.other(name)
    run = "" if row is None else _run(row, other)
    return f'{question}<p class="sc-lead">{escape(said)}</p>{_picture(chapter, records)}{run}'


def _picture(chapter: str, records: Records) -> str:
    """Claimed value, found interval and what is usual on one axis; empty where nothing says them.

    It is the front page's, so it reaches the month of the answer whichever data the page shows.
    """
    entry, name = load_chapters().get(chapter), leading_claim(chapter)
    row, claim = records.row(name), records.claims.get(name)
    if entry is None or entry.picture is None or row is None or claim is None:
        return ""
    axis = axis_of(entry.picture, records, claim, row)
    return picture_of(axis) if axis else ""


def _run(row: Row, other: Mapping[str, Any] | None) -> str:
    second = second_line(row, other) if other is not None and other["verdict"] else ""
    when = dated(row)
    return (
        f'<p class="sc-quiet sc-run">{chip_of_run(row)} <span>{escape(when[:1].upper())}'
        f"{escape(when[1:])}. {escape(second)}</span></p>"
    )
