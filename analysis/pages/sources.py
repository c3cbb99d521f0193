"""The notes a chapter rests on: outlet, title, date, figures in question, and a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from analysis.claims import Claim, Document, load_documents
from analysis.pages.markup import plain
from analysis.results import month_words

#: A link in the words that say how a note was dated.
_LINK = re.compile(r"https?://[^\s()<>\"\x27]+")

#: A date by day, as a note's file has it.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

#: Figures of one note that are named.
MOST_FIGURES = 2

#: Phrases of one note that are quoted in a list.
MOST_QUOTED = 2


def sources_of(claims: Iterable[Claim]) -> str:
    """The notes behind some claims as a Markdown list, in the order of the files.

    Each with its publisher, title and date, the figures that these claims take from it, and a link
    where its file gives one.

    Parameters
    ----------
    claims : iterable of Claim
    """
    asked = list(claims)
    lines = []
    for document in load_documents():
        own = [claim for claim in asked if document.id in claim.documents]
        if own:
            lines.append(f"- {_cited(document)}{_quoted(document, own)}{_figures(own)}")
    return "\n".join(lines)


def said_by(claim: Claim) -> str:
    """Who made a claim, when, and in which words, as HTML; empty where no note is known.

    Parameters
    ----------
    claim : Claim
    """
    notes = (one for one in load_documents() if one.id in claim.documents)
    return "; ".join(_note(one, claim.said.get(one.id, "")) for one in notes)


def _note(document: Document, words: str) -> str:
    link = link_of(document)
    title = document.title.strip()
    named = title if title.startswith("(") else f"“{title}”"
    shown = f'<a href="{escape(link)}">{escape(named)}</a>' if link else escape(named)
    quoted = f": <q>{escape(words)}</q>" if words else ""
    return f"{escape(document.publisher)}, {shown}, {escape(day_words(document.date))}{quoted}"


def day_words(date: str) -> str:
    """The date of a note in words; what is no day stands as it is."""
    return month_words(date) if _DAY.fullmatch(date) else date


def link_of(document: Document) -> str:
    """Where a note can be read; empty where its file names no address."""
    found = _LINK.search("" if document.made is None else document.made.source)
    return found.group().rstrip(".,;") if found else ""


def _cited(document: Document) -> str:
    when = day_words(document.date)
    title = document.title.strip()
    named = plain(title) if title.startswith("(") else f"*{plain(title)}*"
    link = link_of(document)
    where = f" ([the note]({link}))" if link else " (no public address found)"
    return f"**{plain(document.publisher)}**, {named}, {plain(when)}{where}."


def _quoted(document: Document, claims: Sequence[Claim]) -> str:
    """The words of a note that make these claims."""
    said = [words for claim in claims if (words := claim.said.get(document.id, ""))]
    if not said:
        return ""
    more = f" and {len(said) - MOST_QUOTED} more" if len(said) > MOST_QUOTED else ""
    return f" It says: {', '.join(f'“{plain(one)}”' for one in said[:MOST_QUOTED])}{more}."


def _figures(claims: Sequence[Claim]) -> str:
    said = [
        f"{plain(one.name)}, {_said(one.value)}{_unit(one.unit)}"
        for claim in claims
        for one in claim.figures
    ]
    if not said:
        return ""
    more = f" and {len(said) - MOST_FIGURES} more" if len(said) > MOST_FIGURES else ""
    return f" It gives: {'; '.join(said[:MOST_FIGURES])}{more}."


def _said(value: float | str) -> str:
    return plain(value) if isinstance(value, str) else f"{value:g}".replace("-", "−")


def _unit(unit: str) -> str:
    if unit == "percent":
        return "%"
    return "" if unit in ("", "ratio") else f" {plain(unit)}"
