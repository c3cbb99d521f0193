"""What makes pages a site (a Sphinx extension): a page a claim, heads, foot, files beside them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.parallel import ParallelTasks, SerialTasks, make_chunks, parallel_available

from analysis.claims import Claim
from analysis.files import digest, write_whole
from analysis.pages.ahead import Ahead, Texts
from analysis.pages.changes import all_changes
from analysis.pages.claim_pages import Explored, claim_page, load_explored
from analysis.pages.exports import claims_json, claims_schema, feed, not_found, sitemap
from analysis.pages.mime import BUNDLE, bundle, records_of
from analysis.pages.page_head import (
    PICTURE,
    claim_review,
    describe,
    json_script,
    meta_tags,
    shorten,
)
from analysis.pages.records import Records
from analysis.pages.site import Site, colophon, load_site
from analysis.pages.slimming import slim
from analysis.pages.social_picture import picture_png
from analysis.pages.unchanged import earlier_of, keep

#: Pages that Sphinx makes for itself and nobody cites.
_OWN_PAGES = ("genindex", "search", "index")

#: Tables that stand beside the pages, under ``data``.
_TABLES = ("ledger.csv", "derived/verdict_by_date.csv", "derived/labels.csv")

#: Folder of the claims' own pages.
CLAIMS = "claims"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything; called by Sphinx."""
    app.setup_extension("analysis.pages.unchanged")
    app.connect("builder-inited", _declare_safe)
    app.connect("env-before-read-docs", _begin)
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
    folder, earlier = Path(app.srcdir), earlier_of(app)
    records = records_of(folder)
    stale = list(records.claims.values()) if earlier.renamed else _stale(app, records)
    contents = _contents_for_claims(app)
    for claim, body in _bodies(app, stale, records):
        context = {
            "title": shorten(claim.text),
            "body": body,
            "smallcap_claim": claim.id,
            "toctree": contents,
        }
        yield f"{CLAIMS}/{claim.id}", context, "page.html"


def _stale(app: Sphinx, records: Records) -> list[Claim]:
    """Claims whose page says something else than before, or is not there."""
    earlier, made = earlier_of(app), _made_from(records)
    return [
        claim
        for claim in records.claims.values()
        if earlier.claims.get(claim.id) != made[claim.id]
        or not (Path(app.outdir) / CLAIMS / f"{claim.id}.html").is_file()
    ]


#: Claims' pages, and the script that draws, made while other pages are read.
_AHEAD: WeakKeyDictionary[Sphinx, Ahead] = WeakKeyDictionary()


def _begin(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Begin what waits for no page, where Sphinx may use more than one process."""
    if app.builder.format != "html" or app.parallel < 2 or not parallel_available:
        return
    records = records_of(Path(app.srcdir))
    pieces: list[Callable[[], Texts]] = []
    if stale := _stale(app, records):
        explored = load_explored(Path(app.srcdir), records.claims)
        # as many as leave half of the processes to the other pages
        count = min(app.parallel // 2, len(stale))
        pieces += [
            partial(_made, app, stale[one::count], records, explored) for one in range(count)
        ]
    if not (Path(app.outdir) / "_static" / BUNDLE).is_file():
        pieces.append(lambda: {BUNDLE: bundle()})
    _AHEAD[app] = Ahead(*pieces)


def _made(app: Sphinx, claims: list[Claim], records: Records, explored: Explored) -> Texts:
    return {one.id: _body(app, one, records, explored) for one in claims}


def _ahead(app: Sphinx) -> dict[str, str]:
    """What was made ahead, by the claim or file it is of."""
    return dict(_AHEAD[app].texts()) if app in _AHEAD else {}


def _made_from(records: Records) -> dict[str, str]:
    """What each claim's page says beyond what all pages share."""
    return {name: digest([dict(row) for row in records.rows_of(name)]) for name in records.claims}


def _bodies(app: Sphinx, claims: list[Claim], records: Records) -> Iterator[tuple[Claim, str]]:
    """What stands on the claims' own pages, made in as many processes as Sphinx may use."""
    found = _ahead(app)
    left = [claim for claim in claims if claim.id not in found]
    if left:
        explored = load_explored(Path(app.srcdir), records.claims)
        make = partial(_made, app, records=records, explored=explored)
        many = app.parallel if parallel_available and len(left) > 1 else 1
        tasks = ParallelTasks(many) if many > 1 else SerialTasks()
        for chunk in make_chunks(left, many):
            tasks.add_task(make, chunk, lambda *made: found.update(made[-1]))
        tasks.join()
    return ((claim, found[claim.id]) for claim in claims)


def _body(app: Sphinx, claim: Claim, records: Records, explored: Explored) -> str:
    chapter = f"notebooks/{claim.chapter}"
    there = chapter in app.env.found_docs
    evidence = f"../{chapter}.html#verdict-{claim.id}" if there else None
    return claim_page(records, claim, evidence, explored)


def _contents_for_claims(app: Sphinx) -> Callable[..., str]:
    """The contents beside a page, made once: no claim's page stands in them."""
    made: dict[str, str] = {}

    def contents(**options: Any) -> str:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = app.builder._get_local_toctree(f"{CLAIMS}/any", **options)
        return made[key]

    return contents


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
    if not (out / "_static" / BUNDLE).is_file():
        write_whole(out / "_static" / BUNDLE, _ahead(app).get(BUNDLE) or bundle())
    for name in _TABLES:
        table = source / "data" / name
        if table.is_file():
            shutil.copyfile(table, out / "_static" / table.name)
    keep(app, _made_from(records), slim(out, earlier_of(app).slim))
