"""A chapter's answer: every claim in one line with its verdict; text from data is never markup.

A notebook keeps which claims it answers, so that the lines can be written anew from the records
beside them when the verdicts are settled among all claims.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from analysis.claims import Claim
from analysis.pages.cards import standing_words

#: Under which a notebook carries the ids of the claims an answer speaks of.
ANSWER_MIME = "application/vnd.smallcap.answer+json"

#: A measure or condition in backticks: nothing in it can be markup.
CODE_SPAN = re.compile(r"(`[A-Za-z0-9_ <>=!.,+-]+`)")
_MARKUP = re.compile(r"[\\`*_{}\[\]()#<>$~|&!:]")


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
    text = "\n".join(f"- {_line(record, claims.get(record['claim']))}" for record in answered)
    ids = [record["claim"] for record in answered]
    return {ANSWER_MIME: ids, "text/markdown": text, "text/plain": text}


def _line(record: Mapping[str, Any], claim: Claim | None) -> str:
    words = record["claim"] if claim is None else claim.text
    label = standing_words(record)
    found = record.get("finding") or record.get("reason") or ""
    return f"**{plain(words)}** *{label}*: {plain(found)}"


def plain(text: str) -> str:
    """Text from data inside Markdown: shown as written, never markup, except plain code spans."""
    parts = CODE_SPAN.split(text)
    return "".join(
        part if odd else _MARKUP.sub(r"\\\g<0>", part)
        for part, odd in zip(parts, itertools.cycle((False, True)), strict=False)
    )
