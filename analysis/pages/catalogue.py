"""The catalogue of the latest data as a table of the page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from analysis.sources.catalog import Catalogue, Source

_COLUMNS = ("Series", "Publisher", "Unit", "Frequency", "Licence and citation")


def catalogue_table(catalogue: Catalogue) -> str:
    """Every file of the catalogue: publisher, unit, frequency, licence, citation."""
    sources: Iterable[Source] = (
        *catalogue.sources,
        *(catalogue.source(id) for id in catalogue.price_ids()[:1]),
    )
    tickers = ", ".join(catalogue.prices.tickers)
    body = "".join(_line(catalogue, source, tickers) for source in sources)
    head = "".join(f'<th scope="col">{name}</th>' for name in _COLUMNS)
    return (
        '<div class="sc-scroll"><table class="sc-ledger sc-dictionary"><caption'
        ' class="sc-quiet">Files of the latest data</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _line(catalogue: Catalogue, source: Source, tickers: str) -> str:
    publisher = catalogue.publishers[source.publisher]
    name = escape(publisher.name)
    home = escape(publisher.home or "", quote=True)
    file = f"prices/{tickers}" if source.publisher == "prices" else source.id
    optional = "" if source.required else " Optional."
    texts = (
        f'{escape(source.title)}<br><code class="sc-quiet">{escape(file)}</code>',
        f'<a href="{home}">{name}</a>' if home else name,
        escape(source.unit),
        escape(source.frequency),
        f'{escape(source.licence)}{optional}<br><span class="sc-quiet">{escape(source.citation)}'
        "</span>",
    )
    cells = "".join(
        f'<td data-label="{label}">{text}</td>' for label, text in zip(_COLUMNS, texts, strict=True)
    )
    return f"<tr>{cells}</tr>"
