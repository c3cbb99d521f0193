"""What the data are, as tables of the page: the publishers' files, the panel's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from analysis.sources.bundled import CITATIONS
from analysis.sources.catalog import Catalogue, Source

if TYPE_CHECKING:
    from analysis.panel.columns import Column

_COLUMNS = ("Series", "Publisher", "Unit", "Frequency", "Read by", "Licence and citation")
_PANEL = ("Column", "Meaning", "Unit", "Bundled data", "Latest data")

#: So many names of one kind are written out.
_WRITTEN_OUT = 4


def catalogue_table(catalogue: Catalogue, readers: Mapping[str, Sequence[str]]) -> str:
    """Every file of the catalogue: publisher, unit, frequency, readers, licence, citation.

    Parameters
    ----------
    catalogue : Catalogue
    readers : mapping of str to sequence of str
        Designs that read a file, by its id (:func:`analysis.designs.series.readers_of`).
    """
    sources: Iterable[Source] = (
        *catalogue.sources,
        *(catalogue.source(id) for id in catalogue.price_ids()[:1]),
    )
    tickers = ", ".join(catalogue.prices.tickers)
    lines = "".join(_line(catalogue, source, tickers, readers) for source in sources)
    return _table("Files of the latest data", _COLUMNS, lines)


def column_table(columns: Iterable[Column]) -> str:
    """Every column of the panel: names, meaning, unit, and where each data set has it from."""
    lines = "".join(_cells(_PANEL, _column(one)) for one in columns)
    return _table("Columns of the panel, table by table", _PANEL, lines)


def _column(one: Column) -> tuple[str, ...]:
    names = one.names if len(one.names) <= _WRITTEN_OUT else (one.names[0], "…", one.names[-1])
    label = " ".join(f"<code>{escape(name)}</code>" if name != "…" else name for name in names)
    table = "" if one.table == "monthly" else f'<br><span class="sc-quiet">{one.table}</span>'
    origin = (_origin(one.sources.get(data, "")) for data in ("bundled", "latest"))
    return (label + table, escape(one.meaning), escape(one.unit), *origin)


def _origin(source: str) -> str:
    citation = CITATIONS.get(source, "")
    said = f'<br><span class="sc-quiet">{escape(citation)}</span>' if citation else ""
    return escape(source) + said


def _designs(names: Sequence[str]) -> str:
    """Names of designs; many are folded under their number."""
    listed = ", ".join(f"<code>{escape(name)}</code>" for name in names)
    if len(names) <= _WRITTEN_OUT:
        return listed
    return f"<details><summary>{len(names)} designs</summary>{listed}</details>"


def _table(caption: str, titles: Iterable[str], lines: str) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in titles)
    return (
        '<div class="sc-scroll" tabindex="0"><table class="sc-ledger sc-dictionary"><caption'
        f' class="sc-quiet">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _cells(titles: Iterable[str], texts: Iterable[str]) -> str:
    cells = "".join(
        f'<td data-label="{label}">{text}</td>' for label, text in zip(titles, texts, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _line(
    catalogue: Catalogue, source: Source, tickers: str, readers: Mapping[str, Sequence[str]]
) -> str:
    publisher = catalogue.publishers[source.publisher]
    name = escape(publisher.name)
    home = escape(publisher.home or "", quote=True)
    file = f"prices/{tickers}" if source.publisher == "prices" else source.id
    optional = "" if source.required else " Optional."
    shipped = " Ships in <code>data/public</code>." if source.public else ""
    if source.publisher == "prices":
        designs = sorted({one for id, names in readers.items() if "prices/" in id for one in names})
    else:
        designs = list(readers.get(source.id, ()))
    citation = f'<span class="sc-quiet">{escape(source.citation)}</span>'
    texts = (
        f'{escape(source.title)}<br><code class="sc-quiet">{escape(file)}</code>',
        f'<a href="{home}">{name}</a>' if home else name,
        escape(source.unit),
        escape(source.frequency),
        _designs(designs) if designs else "no design",
        f"{escape(source.licence)}{optional}{shipped}<br>{citation}",
    )
    return _cells(_COLUMNS, texts)
