"""Charts, cards and answers of executed notebooks, as parts of the page (a MyST-NB plug-in).

A figure holds its Vega-Lite specification as JSON; ``book/_static/figures.js`` draws it when it
comes into view, from one local bundle of Vega that :func:`bundle` makes at build time.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, ClassVar

from analysis.pages import boards
from analysis.pages.answers import ANSWER_MIME
from analysis.pages.cards import VERDICT_MIME, verdict_card
from analysis.pages.charts.renderer import MIME_TYPE
from analysis.pages.closings import CLOSING_MIME, closing_html
from analysis.pages.disagreements import disagree, explain
from analysis.pages.leads import lead_html
from analysis.pages.records import Records, Row, load_records
from analysis.pages.unchanged import note_rows
from analysis.texts import in_prose

BUNDLE = "vega.mjs"
"""Not ``.js``: a theme would load that on every page, and it weighs most of a megabyte."""


#: Outputs that become HTML here.
_OURS = (MIME_TYPE, VERDICT_MIME, ANSWER_MIME, CLOSING_MIME)


class VegaLite:
    """MyST-NB renderer of Vega-Lite charts, of verdict cards and of a chapter's answer."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = tuple(
        (builder, kind, 1) for builder in ("html", "dirhtml") for kind in _OURS
    )

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[Any] | None:
        """Turn one output into a raw HTML node, or None for a type that is not ours."""
        from docutils import nodes

        if inline or data.mime_type not in _OURS:
            return None
        if data.mime_type == MIME_TYPE:
            text = figure(data.content)
        else:
            env = renderer.renderer.sphinx_env
            seen: set[str] = set()
            records = records_of(Path(env.srcdir)).noting(seen)
            if data.mime_type == ANSWER_MIME:
                text = answer_list(data.content, records)
            elif data.mime_type == CLOSING_MIME:
                text = closing(data.content, records)
            else:
                name = data.content.get("claim")
                text = headline_card(data.content, records, f"../claims/{name}.html")
            note_rows(env, seen)
        return [nodes.raw("", text, format="html")]


def figure(spec: Mapping[str, Any]) -> str:
    """The HTML of one chart.

    Parameters
    ----------
    spec : mapping
        A Vega-Lite specification with a ``description``, which becomes the figure's label and what
        a reader without JavaScript sees.
    """
    description = escape(in_prose(str(spec.get("description", ""))), quote=True)
    # "<" as an escape: no text in the data can then close the script element
    small = json.dumps(_packed(spec), ensure_ascii=False, separators=(",", ":"))
    payload = small.replace("<", "\\u003c")
    return (
        f'<figure class="sc-figure" role="group" aria-label="{description}">'
        f'<div class="sc-slot"{_room(spec)}></div>'
        f'<script type="application/json" class="sc-spec">{payload}</script>'
        f'<noscript><p class="sc-noscript">{description}</p></noscript>'
        f"{_TAKE}</figure>"
    )


def _packed(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A chart whose data name their columns once and not in every row; ``figures.js`` unpacks."""
    sets = spec.get("datasets") or {}
    return {**spec, "datasets": {name: _columns_once(rows) for name, rows in sets.items()}}


def _columns_once(rows: Any) -> Any:
    if not isinstance(rows, list) or len(rows) < 2 or not isinstance(rows[0], Mapping):
        return rows
    fields = list(rows[0])
    if any(list(row) != fields for row in rows):
        return rows
    return {"fields": fields, "rows": [list(row.values()) for row in rows]}


#: What a reader can take from a chart; ``book/_static/take.js`` answers.
_TAKE = (
    '<div class="sc-take">'
    + "".join(
        f'<button type="button" data-take="{kind}">{words}</button>'
        for kind, words in (
            ("words", "In words"),
            ("table", "As a table"),
            ("csv", "Data (CSV)"),
            ("png", "Picture (PNG)"),
            ("svg", "Picture (SVG)"),
        )
    )
    + '<div class="sc-behind" aria-live="polite"></div></div>'
)


def _room(spec: Mapping[str, Any]) -> str:
    """The height that is kept free for a chart, so that nothing moves when it is drawn."""
    parts = spec.get("vconcat") or [spec]
    known = [part.get("height") for part in parts if isinstance(part, Mapping)]
    heights = [float(one) for one in known if isinstance(one, int | float)]
    if not heights or len(heights) < len(parts):
        return ""
    room = sum(heights) + 50 * len(heights) + _title_room(spec) + _menu_room(spec)
    return f' style="min-height:{room:.0f}px"'


def _title_room(spec: Mapping[str, Any]) -> float:
    """Pixels of the lines of title and subtitle."""
    title = spec.get("title")
    if not isinstance(title, Mapping):
        return 0.0
    lines = [title.get(name) or () for name in ("text", "subtitle")]
    return sum(18.0 * (1 if isinstance(one, str) else len(one)) for one in lines)


def _menu_room(spec: Mapping[str, Any]) -> float:
    """Pixels of a chart's own filters, three beside each other."""
    bound = [one for one in spec.get("params") or () if "bind" in one]
    return 52.0 * -(-len(bound) // 3)


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one classic script that sets ``vegaEmbed``."""
    import vl_convert

    script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return f"(function () {{\n{script}\n}})();\n"


def headline_card(record: Mapping[str, Any], records: Records, address: str = "") -> str:
    """The card of one claim: the verdict on the newest data, and what the other run says of it.

    A run of another than the registered specification stays its own headline.

    Parameters
    ----------
    record : mapping
        ``Verdict.as_record()``, as the executed notebook carries it.
    records : Records
        Claims and ledger.
    address : str
        Of the claim's own page.
    """
    name = str(record.get("claim"))
    shown, other = _runs(record, records)
    reasons: list[str] = []
    if other is not None and not record.get("deviations") and disagree(shown, other):
        bundled, latest = (shown, other) if other.get("data") == "latest" else (other, shown)
        reasons = explain(bundled, latest)
    return verdict_card(shown, records.claims.get(name), other, reasons, address)


def _runs(record: Mapping[str, Any], records: Records) -> tuple[Row, Row | None]:
    """The run that is the headline and the other one; the notebook's own stands for its row."""
    name, data = str(record.get("claim")), record.get("data")
    best = records.row(name)
    elsewhere = records.row(name, "bundled" if data == "latest" else "latest")
    if record.get("deviations") or best is None or best["data"] == data:
        return record, elsewhere
    return best, record


def answer_list(ids: Sequence[str], records: Records) -> str:
    """A chapter's answer: its claims, each with the verdict of the newest data."""
    claims = [records.claims[name] for name in ids if name in records.claims]
    lead = lead_html(claims[0].chapter, records) if claims else ""
    return lead + boards.answer(records, claims, lambda chapter, claim: f"#verdict-{claim}")


def closing(content: Mapping[str, Any], records: Records) -> str:
    """What a chapter's tests could see, or what would change its verdicts, by the newest data."""
    runs = [
        (records.claims[name], row)
        for name in content["claims"]
        if name in records.claims and (row := records.row(name)) is not None
    ]
    return closing_html(str(content["part"]), runs)


def records_of(folder: Path) -> Records:
    """Claims and ledger of a project folder, read again when the ledger changed."""
    ledger = folder / "data" / "ledger.csv"
    return _records(folder, ledger.stat().st_mtime_ns if ledger.is_file() else 0)


@functools.lru_cache(maxsize=4)
def _records(folder: Path, changed: int) -> Records:
    return load_records(folder)
