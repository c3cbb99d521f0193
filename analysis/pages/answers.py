"""A chapter's answer: every claim in one line with its verdict; text from data is never markup.

A notebook keeps which claims it answers, so that the lines can be written anew from the records
beside them when the verdicts are settled among all claims.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from analysis.claims import Claim
from analysis.pages.cards import standing_words
from analysis.pages.leads import lead_text
from analysis.pages.markup import plain
from analysis.pages.records import runs_of

#: Under which a notebook carries the ids of the claims an answer speaks of.
ANSWER_MIME = "application/vnd.smallcap.answer+json"


def answer_bundle(
    records: Iterable[Mapping[str, Any]], claims: Mapping[str, Claim]
) -> dict[str, Any]:
    """What a notebook holds of a chapter's answer: the claims, and their lines.

    Parameters
    ----------
    records : iterable of mapping
        Verdicts' records, one a claim.
    claims : mapping of str to Claim
    """
    answered = list(records)
    listed = "\n".join(f"- {_line(record, claims.get(record['claim']))}" for record in answered)
    chapter = str(answered[0].get("chapter", "")) if answered else ""
    text = "\n\n".join(filter(None, (lead_text(chapter, runs_of(answered, claims)), listed)))
    ids = [record["claim"] for record in answered]
    return {ANSWER_MIME: ids, "text/markdown": text, "text/plain": text}


def _line(record: Mapping[str, Any], claim: Claim | None) -> str:
    words = record["claim"] if claim is None else claim.text
    label = standing_words(record)
    found = record.get("finding") or record.get("reason") or ""
    return f"**{plain(words)}** *{label}*: {plain(found)}"
