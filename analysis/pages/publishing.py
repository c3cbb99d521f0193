"""What makes pages a site (a Sphinx extension): a page a claim, heads, foot, files beside them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from analysis.files import write_whole
from analysis.pages.changes import all_changes
from analysis.pages.claim_pages import claim_page, load_explored
from analysis.pages.exports import claims_json, claims_schema, feed, not_found, sitemap
from analysis.pages.mime import records_of, write_bundle
from analysis.pages.page_head import (
    PICTURE,
    claim_review,
    describe,
    json_script,
    meta_tags,
    shorten,
)
from analysis.pages.site import Site, colophon, load_site
from analysis.pages.slimming import slim
from analysis.pages.social_picture import picture_png

#: Pages that Sphinx makes for itself and nobody cites.
_OWN_PAGES = ("genindex", "search", "index")

#: Tables that stand beside the pages, under ``data``.
_TABLES = ("ledger.csv", "derived/verdict_by_date.csv", "derived/labels.csv")

#: Folder of the claims' own pages.
CLAIMS = "claims"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; called by Sphinx."""
    app.connect("builder-inited", _declare_safe)
    app.connect("html-collect-pages", _claim_pages)
    app.connect("html-page-context", _head_and_foot, priority=900)
    app.connect("build-finished", _write_files)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _declare_safe(app: Sphinx) -> None:
    """Extensions that jupyter-book brings and that say nothing of themselves.

    One numbers sections when all pages are read, whoever read them, the other acts on LaTeX alone.
    """
    for name in ("sphinx_multitoc_numbering", "sphinx_jupyterbook_latex"):
        found = app.extensions.get(name)
        if found is not None and found.parallel_read_safe is None:
            found.parallel_read_safe = True


def _site(app: Sphinx) -> Site:
    return load_site(Path(app.srcdir), str(app.config.html_baseurl or ""))


def _claim_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """A page for every claim, in the theme of the others."""
    records = records_of(Path(app.srcdir))
    explored = load_explored(Path(app.srcdir), records.claims)
    for claim in records.claims.values():
        chapter = f"notebooks/{claim.chapter}"
        there = chapter in app.env.found_docs
        evidence = f"../{chapter}.html#verdict-{claim.id}" if there else None
        context = {
            "title": shorten(claim.text),
            "body": claim_page(records, claim, evidence, explored),
            "smallcap_claim": claim.id,
        }
        yield f"{CLAIMS}/{claim.id}", context, "page.html"


def _head_and_foot(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Description, Open Graph and linked data in the head; stamp and citation at the foot."""
    if page in _OWN_PAGES or "body" not in context:
        return
    records, site = records_of(Path(app.srcdir)), _site(app)
    title = _plain(str(context.get("title") or site.title))
    claim = records.claims.get(str(context.get("smallcap_claim")))
    about = describe(records, claim) if claim else _first_words(doctree) or title
    tags = meta_tags(site, page, title, about, "../" * page.count("/"))
    if claim is not None:
        notes = {note.id: note for note in records.documents}
        review = claim_review(site, claim, records.row(claim.id), notes)
        tags += f"\n{json_script(review)}" if review else ""
    context["metatags"] = f"{context.get('metatags', '')}\n{tags}\n"
    context["body"] += colophon(site, records, page, title)


def _plain(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup)


def _first_words(doctree: nodes.document | None) -> str:
    """The first paragraph of a page that a person wrote or a directive answered with."""
    for node in doctree.findall() if doctree is not None else ():
        if isinstance(node, nodes.raw) and 'class="sc-lead"' in node.rawsource + node.astext():
            return _plain(node.astext())
        if isinstance(node, nodes.paragraph) and len(node.astext()) > 40:
            return node.astext()
    return ""


def _write_files(app: Sphinx, error: Exception | None) -> None:
    """Everything beside the pages; then the pages lose what they do not use."""
    if error is not None or app.builder.format != "html":
        return
    out, source = Path(app.outdir), Path(app.srcdir)
    records, site = records_of(source), _site(app)
    pages = [*app.env.found_docs, *(f"{CLAIMS}/{name}" for name in records.claims)]
    texts = {
        "claims.json": claims_json(records, site),
        "claims.schema.json": claims_schema(),
        "sitemap.xml": sitemap(site, pages),
        "feed.xml": feed(site, records, all_changes(records)),
        "404.html": not_found(site),
        ".nojekyll": "",
    }
    for name, text in texts.items():
        write_whole(out / name, text)
    write_whole(out / "_static" / PICTURE, picture_png(records, site))
    write_bundle(out / "_static")
    for name in _TABLES:
        table = source / "data" / name
        if table.is_file():
            shutil.copyfile(table, out / "_static" / table.name)
    slim(out)
