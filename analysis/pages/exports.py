"""Files beside the pages that programs read: claims.json, its schema, sitemap, feed, 404."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from html import escape
from typing import Any, Literal
from xml.sax.saxutils import escape as xml
from xml.sax.saxutils import quoteattr

from pydantic import BaseModel, ConfigDict, Field

from analysis.claims import Claim
from analysis.claims.documents import Label
from analysis.claims.history import Change
from analysis.pages.changes import moved_words
from analysis.pages.headlines import RUN_NAMES
from analysis.pages.records import Records, Row
from analysis.pages.site import Site

#: Under which names of this project are made, for identifiers that outlive an address.
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "small-caps-audited")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Note(_Part):
    """A research note."""

    id: str
    title: str
    publisher: str
    date: str


class Run(_Part):
    """What one run of a claim gave; numbers in the unit named."""

    data: Literal["bundled", "latest"]
    verdict: Label | None
    finding: str
    reason: str
    open_until: str = Field(description="day an open outlook can be judged from; empty for others")
    as_of: str
    seen_to: str
    snapshot: str | None
    estimate: float | None
    unit: str
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    p_adjusted: float | None
    n: float | None
    effective_n: float | None
    likelihood_ratio: float | None
    criterion_hash: str


class ExportedClaim(_Part):
    """A claim, its verdict on the newest data, and every run of it."""

    id: str
    text: str
    kind: str
    chapter: str
    notes: list[str]
    criterion_hash: str
    page: str
    evidence: str
    verdict: Label | None
    open_until: str | None = Field(description="day, YYYY-MM-DD, an open outlook is judged on")
    data: Literal["bundled", "latest"] | None = Field(description="of the run with the verdict")
    seen_to: str | None = Field(description="last month that run saw, YYYY-MM")
    runs: list[Run]


class Export(_Part):
    """All claims with their verdicts; addresses are relative where the site has none."""

    title: str
    made: str = Field(description="day on which the file was made, YYYY-MM-DD")
    notes: list[Note]
    claims: list[ExportedClaim]


def claims_json(records: Records, site: Site) -> str:
    """Every claim with its verdict and runs, as :class:`Export` describes it."""
    notes = [
        Note(id=one.id, title=one.title, publisher=one.publisher, date=one.date)
        for one in records.documents
    ]
    claims = [_exported(records, site, claim) for claim in records.claims.values()]
    made = Export(title=site.title, made=site.day.isoformat(), notes=notes, claims=claims)
    return _json({"$schema": "claims.schema.json", **made.model_dump(mode="json")})


def claims_schema() -> str:
    """The JSON Schema of ``claims.json``."""
    schema = Export.model_json_schema()
    schema["properties"]["$schema"] = {"type": "string"}
    return _json({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _exported(records: Records, site: Site, claim: Claim) -> ExportedClaim:
    row = records.row(claim.id)
    judged = row if row is not None and row["verdict"] else None
    return ExportedClaim(
        id=claim.id,
        text=claim.text,
        kind=claim.kind,
        chapter=claim.chapter,
        notes=list(claim.documents),
        criterion_hash=claim.criterion_hash,
        page=site.at(f"claims/{claim.id}.html"),
        evidence=site.at(f"notebooks/{claim.chapter}.html#verdict-{claim.id}"),
        verdict=judged and judged["verdict"],
        open_until=(row and row["open_until"]) or None,
        data=judged and judged["data"],
        seen_to=judged and judged["seen_to"],
        runs=[_run(one) for one in records.rows_of(claim.id)],
    )


def _run(row: Row) -> Run:
    return Run.model_validate({name: row[name] for name in Run.model_fields})


def sitemap(site: Site, pages: Iterable[str]) -> str:
    """Every page for search engines; they ask for whole addresses, so give the site's."""
    entries = "".join(
        f"<url><loc>{xml(site.at(page + '.html'))}</loc>"
        f"<lastmod>{site.day.isoformat()}</lastmod></url>\n"
        for page in sorted(pages)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def feed(site: Site, records: Records, changes: Iterable[Change]) -> str:
    """Changed verdicts as an Atom feed, the newest first."""
    told = list(changes)
    updated = told[0].date if told else site.day.isoformat()
    base = f" xml:base={quoteattr(site.address)}" if site.address else ""
    entries = "".join(_entry(site, records.claims[one.claim], one) for one in told)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom"{base}>\n'
        f"<id>urn:uuid:{_NAMES}</id>\n<title>{xml(site.title)}: changed verdicts</title>\n"
        f"<updated>{updated}T00:00:00Z</updated>\n"
        f"<author><name>{xml(site.authors)}</name></author>\n"
        f'<link rel="self" href={quoteattr(site.at("feed.xml"))}/>\n'
        f"<link href={quoteattr(site.at('index.html'))}/>\n{entries}</feed>\n"
    )


def _entry(site: Site, claim: Claim, change: Change) -> str:
    key = f"{change.date} {change.claim} {change.data} {change.before} {change.after}"
    title = f"{change.before} → {change.after}: {claim.text}"
    page = site.at(f"claims/{claim.id}.html")
    said = f"On {RUN_NAMES[change.data]}, by {moved_words(change)}."
    return (
        f"<entry><id>urn:uuid:{uuid.uuid5(_NAMES, key)}</id><title>{xml(title)}</title>"
        f"<updated>{change.date}T00:00:00Z</updated><link href={quoteattr(page)}/>"
        f"<summary>{xml(said)}</summary></entry>\n"
    )


def not_found(site: Site) -> str:
    """The page a server shows for an address that is none; it needs no other file."""
    home = site.at("index.html") if site.address else "/"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8" />'
        '<meta name="viewport" content="width=device-width, initial-scale=1" />'
        f'<meta name="robots" content="noindex" /><title>Not found: {escape(site.title)}</title>'
        "<style>:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;"
        "max-width:34rem;margin:15vh auto;padding:0 1.2rem}</style></head><body><main>"
        "<h1>There is no such page</h1>"
        "<p>The address may be misspelt, or the page may have another name now. Every claim has a"
        f' lasting page of its own, and all of them can be reached from <a href="{escape(home)}">'
        f"{escape(site.title)}</a>.</p></main></body></html>\n"
    )
