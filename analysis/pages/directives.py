"""Sphinx directives and a role that read claims and ledger when the book is built.

====================  =============================================================
``{front-answer}``    one sentence: how many of the central arguments hold
``{verdict-board}``   the central questions, answered, each with a picture
``{verdict-strip}``   a mark for every claim, by verdict
``{verdict-changes}``  what changed on the last day a verdict changed
``{outlook-count}``   how many outlooks came true, where claims are outlooks
``{chapter-board}``   every chapter's claims and verdicts
``{ledger-summary}``  how many claims got which verdict
``{ledger-table}``    every claim, both runs, with a filter and a link to the CSV
``{ledger-disagreements}``  where bundled and latest data disagree, and why
``{ledger-shrinkage}``  all tests as scores: what is noise, how many are discoveries
``{claims-of}``       one chapter's claims
``{criteria}``        one chapter's criteria, or all
``{panel-columns}``   every column of the panel with meaning, unit and source
``{source-catalogue}``  every file of the latest data with unit, licence and citation
``{fact-confirmation}``  the project's own dates against the publishers' series
``{vintage-verdicts}``  the core verdicts on two vintages
``{verdict-dates}``   every claim as judged at each year's end, a strip a claim
``{power-board}``     in how many simulated histories each test says yes
``{ledger}``          role: ``claim field [bundled|latest]``, one number in a sentence
``{verdict}``         role: a verdict as its coloured label
====================  =============================================================
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from analysis.claims.chapters import chapter_names
from analysis.pages import (
    boards,
    changes,
    confirmed_facts,
    front,
    ledger_page,
    mime,
    power,
    shrinkage,
    verdict_dates,
    vintage_table,
)
from analysis.pages.cards import chip
from analysis.pages.catalogue import catalogue_table, column_table
from analysis.pages.disagreements import disagreements
from analysis.pages.records import Records, load_records
from analysis.sources.catalog import load_catalogue

STATIC = Path("book") / "_static"

_STYLES = ("smallcap.css", "icons.css", "explore.css")
_SCRIPTS = ("figures.js", "take.js", "ledger.js", "found.js")

_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; called by Sphinx."""
    for name, directive in _DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_role("ledger", LedgerRole())
    app.add_role("verdict", VerdictRole())
    app.connect("config-inited", _add_static)
    for style in _STYLES:
        app.add_css_file(style, priority=900)
    for script in _SCRIPTS:
        app.add_js_file(script, loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


class _Block(SphinxDirective):  # type: ignore[misc]
    """A directive that puts one piece of HTML on the page."""

    has_content: ClassVar[bool] = False

    def records(self) -> Records:
        records = load_records(Path(self.env.srcdir))
        for path in records.files:
            self.env.note_dependency(str(path))
        return records

    def link(self, chapter: str, claim: str) -> str | None:
        page = f"notebooks/{chapter}"
        if page not in self.env.found_docs:
            return None
        address = self.env.app.builder.get_relative_uri(self.env.docname, page)
        return f"{address}#verdict-{claim}"

    def html(self) -> str:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", self.html(), format="html")]


class FrontAnswer(_Block):
    """The sentence that answers."""

    def html(self) -> str:
        return front.lead(self.records())


class VerdictBoard(_Block):
    """The central questions."""

    def html(self) -> str:
        return front.board(self.records(), self.link)


class VerdictStrip(_Block):
    """A mark for every claim."""

    def html(self) -> str:
        return front.strip(self.records(), self.link)


class _Headed(_Block):
    """A part with a heading of its own; where there is nothing to say, neither is shown."""

    heading: ClassVar[str]

    def part(self) -> str:
        raise NotImplementedError

    def html(self) -> str:
        said = self.part()
        return f"<section><h2>{escape(self.heading)}</h2>{said}</section>" if said else ""


class VerdictChanges(_Headed):
    """What the last change of verdicts was."""

    heading = "What changed last"

    def part(self) -> str:
        return changes.what_changed(self.records(), self.link)


class OutlookCount(_Headed):
    """What became of the notes' outlooks."""

    heading = "What became of the outlooks"

    def part(self) -> str:
        return front.outlooks(self.records(), self.link)


class ChapterBoard(_Block):
    """All chapters with their claims."""

    def html(self) -> str:
        return boards.chapters(self.records(), self.link)


class LedgerSummary(_Block):
    """Counts by verdict."""

    def html(self) -> str:
        return boards.summary(self.records())


class LedgerTable(_Block):
    """The whole ledger; the CSV itself is copied beside the pages."""

    def html(self) -> str:
        root = self.env.app.builder.get_relative_uri(self.env.docname, "index").rpartition("/")[0]
        address = f"{root}/_static/ledger.csv" if root else "_static/ledger.csv"
        table = ledger_page.ledger_table(self.records(), self.link)
        if not (Path(self.env.srcdir) / "data" / "ledger.csv").is_file():
            return table
        return (
            f'<p>Download <a href="{address}" download>the ledger (CSV)</a> or'
            f' <a href="{root or "."}/claims.json">claims and verdicts (JSON)</a>, described by'
            f' <a href="{root or "."}/claims.schema.json">its schema</a>.</p>{table}'
        )


class LedgerDisagreements(_Block):
    """Claims on which the two runs differ, with the reason read from their rows."""

    def html(self) -> str:
        return disagreements(self.records(), self.link)


class LedgerShrinkage(_Block):
    """All standardised estimates of the ledger at once, with false-discovery rates."""

    def html(self) -> str:
        return shrinkage.shrinkage_board(self.records(), self.link, mime.figure)


class _OfChapter(_Block):
    optional_arguments: ClassVar[int] = 1

    def claims(self, records: Records) -> list[Any]:
        if not self.arguments:
            return list(records.claims.values())
        chapter = self.arguments[0]
        if chapter not in chapter_names():
            raise self.error(f"unknown chapter {chapter!r}; one of {', '.join(chapter_names())}")
        return boards.claims_of(records, chapter)


class ClaimsOf(_OfChapter):
    """The claims of a chapter with their verdicts."""

    def html(self) -> str:
        records = self.records()
        return boards.claim_list(records, self.claims(records), self.link)


class Criteria(_OfChapter):
    """The criteria as they were written."""

    def html(self) -> str:
        records = self.records()
        if not self.arguments:
            return boards.criteria_by_chapter(records)
        return boards.criteria(self.claims(records))


class PanelColumns(_Block):
    """Every column of both data sets: name, meaning, unit and source."""

    def html(self) -> str:
        from analysis.panel.columns import COLUMNS

        return column_table(COLUMNS)


class SourceCatalogue(_Block):
    """Every file of ``data/sources.yml``."""

    def html(self) -> str:
        from analysis.claims import load_claims
        from analysis.designs.series import readers_of

        return catalogue_table(load_catalogue(), readers_of(load_claims().values()))


class _Derived(_Block):
    """A table of ``data/derived``; where it was not computed, the page says so."""

    file: ClassVar[Path]

    def html(self) -> str:
        path = Path(self.env.srcdir) / self.file
        if not path.is_file():
            return f"<p>{escape(self.file.name)} has not been computed yet.</p>"
        self.env.note_dependency(str(path))
        return self.table(path)

    def table(self, path: Path) -> str:
        raise NotImplementedError


class FactConfirmation(_Derived):
    """Counts and findings of the check of the fact tables."""

    file = confirmed_facts.FILE

    def table(self, path: Path) -> str:
        return confirmed_facts.confirmation_board(path)


class VintageVerdicts(_Derived):
    """What moved between two vintages."""

    file = vintage_table.FILE

    def table(self, path: Path) -> str:
        return vintage_table.vintage_board(path, self.records().claims)


class _Explored(_Derived):
    """A derived table about all claims, with links to their pages and the table behind it."""

    def address_of(self, page: str) -> str:
        return str(self.env.app.builder.get_relative_uri(self.env.docname, page))

    def claim_link(self, claim: str) -> str | None:
        return self.address_of(f"claims/{claim}")

    def csv(self) -> str:
        root = self.address_of("index").rpartition("/")[0]
        return f"{root}/_static/{self.file.name}" if root else f"_static/{self.file.name}"


class VerdictDatesBoard(_Explored):
    """All claims by the years."""

    file = verdict_dates.FILE

    def table(self, path: Path) -> str:
        claims = self.records().claims
        kept = verdict_dates.load_dates(path, claims)
        return verdict_dates.board(kept, claims, self.claim_link, self.csv())


class PowerBoard(_Explored):
    """What each test could have seen."""

    file = power.FILE

    def table(self, path: Path) -> str:
        return power.board(self.records(), path, self.claim_link, self.csv())


class LedgerRole(SphinxRole):  # type: ignore[misc]
    """``{ledger}`a-claim estimate``: a number that nobody typed."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        records = load_records(Path(self.env.srcdir))
        for path in records.files:
            self.env.note_dependency(str(path))
        words = self.text.split()
        try:
            if len(words) not in (2, 3):
                raise KeyError("needs 'claim field' or 'claim field data'")
            text = str(boards.cell(records, *words))
        except KeyError as error:
            message = f"ledger role {self.text!r}: no {error.args[0]!r}"
            _log.warning(message, location=self.get_location())
            return [nodes.problematic(self.rawtext, self.text)], []
        return [nodes.inline(self.rawtext, text, classes=["sc-number"])], []


class VerdictRole(SphinxRole):  # type: ignore[misc]
    """``{verdict}`supported```: the coloured label that stands for a verdict."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        return [nodes.raw(self.rawtext, chip(self.text), format="html")], []


_DIRECTIVES = {
    "front-answer": FrontAnswer,
    "verdict-board": VerdictBoard,
    "verdict-strip": VerdictStrip,
    "verdict-changes": VerdictChanges,
    "outlook-count": OutlookCount,
    "chapter-board": ChapterBoard,
    "ledger-summary": LedgerSummary,
    "ledger-table": LedgerTable,
    "claims-of": ClaimsOf,
    "criteria": Criteria,
    "ledger-disagreements": LedgerDisagreements,
    "ledger-shrinkage": LedgerShrinkage,
    "panel-columns": PanelColumns,
    "source-catalogue": SourceCatalogue,
    "fact-confirmation": FactConfirmation,
    "vintage-verdicts": VintageVerdicts,
    "verdict-dates": VerdictDatesBoard,
    "power-board": PowerBoard,
}


def _add_static(app: Sphinx, config: Any) -> None:
    folder = Path(app.srcdir) / STATIC
    if folder.is_dir():
        config.html_static_path.append(str(folder))
