"""Text from data inside Markdown or HTML: shown as written, never markup."""

from __future__ import annotations

import itertools
import re
from html import escape

#: A measure or condition in backticks: nothing in it can be markup.
CODE_SPAN = re.compile(r"(`[A-Za-z0-9_ <>=!.,+-]+`)")
_MARKUP = re.compile(r"[\\`*_{}\[\]()#<>$~|&!:]")


def plain(text: str) -> str:
    """Text from data inside Markdown: shown as written, never markup, except plain code spans."""
    parts = CODE_SPAN.split(text)
    return "".join(
        part if odd else _MARKUP.sub(r"\\\g<0>", part)
        for part, odd in zip(parts, itertools.cycle((False, True)), strict=False)
    )


def code_spans(text: str) -> str:
    """Escaped HTML in which measures in backticks are code."""
    parts = CODE_SPAN.split(text)
    return "".join(
        f"<code>{escape(part.strip('`'))}</code>" if odd else escape(part)
        for part, odd in zip(parts, itertools.cycle((False, True)), strict=False)
    )
