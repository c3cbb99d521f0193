"""What a page says of itself to other programs: description, Open Graph, feed, ClaimReview."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from analysis.claims import Claim, Document
from analysis.claims.history import NO_VERDICT
from analysis.claims.verdicts import UNTESTABLE
from analysis.pages.cards import standing_words
from analysis.pages.headlines import dated
from analysis.pages.records import Records, Row
from analysis.pages.site import Site

#: The picture that a link to the site is shown with, under ``_static``.
PICTURE = "preview.png"
PICTURE_SIZE = (1200, 630)

#: A description that search engines show whole.
LONGEST = 200

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def meta_tags(site: Site, page: str, title: str, description: str, root: str) -> str:
    """Description and Open Graph of one page, and where the feed is.

    Parameters
    ----------
    site : Site
    page : str
        Name of the page without its ending.
    title, description : str
    root : str
        From the page to the root of the site, ``"../"``; used where the site has no address.
    """
    base = site.address or root
    width, height = PICTURE_SIZE
    about = shorten(description)
    properties = {
        "og:type": "website" if title == site.title else "article",
        "og:site_name": site.title,
        "og:title": title,
        "og:description": about,
        "og:url": f"{site.address}{page}.html" if site.address else "",
        "og:image": f"{base}_static/{PICTURE}",
        "og:image:width": str(width),
        "og:image:height": str(height),
        "og:image:alt": f"{site.title}: the central questions with their verdicts",
    }
    names = {"description": about, "twitter:card": "summary_large_image"}
    tags = [f'<meta name="{key}" content="{escape(text)}" />' for key, text in names.items()]
    tags += [
        f'<meta property="{key}" content="{escape(text)}" />'
        for key, text in properties.items()
        if text
    ]
    tags.append(
        f'<link rel="alternate" type="application/atom+xml" href="{escape(root)}feed.xml"'
        f' title="{escape(site.title)}: changed verdicts" />'
    )
    return "\n".join(tags)


def shorten(text: str) -> str:
    """Text on one line, cut at a word where it is long."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    return line[: LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def claim_review(
    site: Site, claim: Claim, row: Row | None, documents: Mapping[str, Document]
) -> dict[str, Any] | None:
    """A judged claim as schema.org's ClaimReview; None for a claim without a judgement.

    A claim that no open data can settle was not judged. The rating is a name: the seven verdicts
    lie on no scale.
    """
    if row is None or row["verdict"] in (None, UNTESTABLE):
        return None
    publisher = {"@type": "Organization", "name": site.authors}
    if site.address:
        publisher["url"] = site.address
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": site.at(f"claims/{claim.id}.html") if site.address else f"{claim.id}.html",
        "datePublished": site.day.isoformat(),
        "author": publisher,
        "claimReviewed": claim.text,
        "reviewRating": {"@type": "Rating", "alternateName": row["verdict"]},
        "reviewBody": f"{row['finding'] or row['reason']} (Verdict {dated(row)}.)",
        "itemReviewed": {
            "@type": "Claim",
            "appearance": [_article(documents[name]) for name in claim.documents],
        },
    }


def _article(note: Document) -> dict[str, Any]:
    found = {
        "@type": "Article",
        "headline": note.title,
        "author": {"@type": "Organization", "name": note.publisher},
    }
    if _DAY.fullmatch(note.date):
        found["datePublished"] = note.date
    return found


def json_script(value: Mapping[str, Any]) -> str:
    """Linked data as a script element; no text in it can close the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def describe(records: Records, claim: Claim) -> str:
    """A claim and what became of it, in one line."""
    row = records.row(claim.id)
    verdict = standing_words(row) if row else NO_VERDICT
    return f"{verdict[:1].upper()}{verdict[1:]}: {claim.text}"
