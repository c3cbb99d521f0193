"""Charts and verdict cards of executed notebooks, as figures of the page (a MyST-NB plug-in).

A figure holds its Vega-Lite specification as JSON; ``book/_static/figures.js`` draws it when it
comes into view, from one local bundle of Vega that :func:`write_bundle` makes at build time.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from analysis.files import write_whole
from analysis.pages.cards import VERDICT_MIME, verdict_card
from analysis.pages.charts.renderer import MIME_TYPE
from analysis.pages.disagreements import disagree, explain
from analysis.pages.records import Records, load_records

BUNDLE = "vega.mjs"
"""Not ``.js``: a theme would load that on every page, and it weighs most of a megabyte."""


class VegaLite:
    """MyST-NB renderer of Vega-Lite charts and of verdict cards."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = (
        ("html", MIME_TYPE, 1),
        ("html", VERDICT_MIME, 1),
        ("dirhtml", MIME_TYPE, 1),
        ("dirhtml", VERDICT_MIME, 1),
    )

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        """Turn one output into a raw HTML node, or None for a type that is not ours."""
        from docutils import nodes

        if inline or data.mime_type not in (MIME_TYPE, VERDICT_MIME):
            return None
        if data.mime_type == MIME_TYPE:
            text = figure(data.content)
        else:
            text = card_with_both(data.content, Path(renderer.renderer.sphinx_env.srcdir))
        return [nodes.raw("", text, format="html")]


def figure(spec: Mapping[str, Any]) -> str:
    """The HTML of one chart.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite specification with a ``description``, which becomes the figure's label and what
        a reader without JavaScript sees.
    """
    description = escape(str(spec.get("description", "")), quote=True)
    # "<" as an escape: no text in the data can then close the script element
    payload = json.dumps(spec, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<figure class="sc-figure" role="group" aria-label="{description}">'
        '<div class="sc-slot"></div>'
        f'<script type="application/json" class="sc-spec">{payload}</script>'
        f'<noscript><p class="sc-noscript">{description}</p></noscript>'
        "</figure>"
    )


def write_bundle(folder: Path) -> Path:
    """Write Vega, Vega-Lite and Vega-Embed as one classic script that sets ``vegaEmbed``."""
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return write_whole(folder / BUNDLE, f"(function () {{\n{script}\n}})();\n")


def card_with_both(record: Mapping[str, Any], folder: Path) -> str:
    """The card of an executed notebook, with the ledger's verdict on the other data set.

    Parameters
    ----------
    record : mapping
        ``Verdict.as_record()``.
    folder : Path
        Holds ``data/claims`` and, where there is one, ``data/ledger.csv``.
    """
    ledger = folder / "data" / "ledger.csv"
    records = _records(folder, ledger.stat().st_mtime_ns if ledger.is_file() else 0)
    claim = records.claims.get(str(record.get("claim")))
    elsewhere = "bundled" if record.get("data") == "latest" else "latest"
    other = records.row(str(record.get("claim")), elsewhere)
    reasons: list[str] = []
    registered = not record.get("deviations")
    if registered and other is not None and record.get("verdict"):
        pair = (record, other) if elsewhere == "latest" else (other, record)
        reasons = explain(*pair) if disagree(*pair) else []
    return verdict_card(record, claim, other, reasons)


@functools.lru_cache(maxsize=4)
def _records(folder: Path, changed: int) -> Records:
    return load_records(folder)
