"""The picture a link to the site is shown with: the central questions and their verdicts."""

from __future__ import annotations

import textwrap
from html import escape

from analysis.pages.boards import newest_words, verdict_words
from analysis.pages.front import central
from analysis.pages.page_head import PICTURE_SIZE
from analysis.pages.records import Records
from analysis.pages.site import Site

_LEFT, _WRAP = 70, 62
_INK, _QUIET, _PANEL = "#1f2730", "#56616d", "#f7f9fb"


def picture_svg(records: Records, site: Site) -> str:
    """The picture as SVG: title, each central question with its verdict, and the month."""
    width, height = PICTURE_SIZE
    lines = [_text(_LEFT, 110, site.title, 60, weight=700)]
    below = 190
    for entry in central().values():
        words = verdict_words(records.row(str(entry.central_claim)))
        for part in textwrap.wrap(str(entry.question), _WRAP):
            lines.append(_text(_LEFT, below, part, 32))
            below += 40
        lines.append(_text(_LEFT, below, words.capitalize(), 32, weight=700))
        below += 66
    lines.append(_text(_LEFT, height - 36, f"Verdicts {newest_words(records)}", 24, _QUIET))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<rect width="100%" height="100%" fill="{_PANEL}"/>'
        f'<rect width="16" height="100%" fill="#1d5a94"/>{"".join(lines)}</svg>'
    )


def picture_png(records: Records, site: Site) -> bytes:
    """The picture as PNG."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(picture_svg(records, site), scale=1.0))


def _text(x: int, y: int, words: str, size: int, ink: str = _INK, weight: int = 400) -> str:
    return (
        f'<text x="{x}" y="{y}" font-family="sans-serif" font-size="{size}" font-weight="{weight}"'
        f' fill="{ink}">{escape(words)}</text>'
    )
