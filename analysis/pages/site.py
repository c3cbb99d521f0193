"""What every page knows of the whole site: its name, address and day, and how it is cited."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path
from typing import Any

from analysis.files import load_yaml
from analysis.pages.boards import newest_words
from analysis.pages.records import Records
from analysis.results import InputError, month_words

CITATION_FILE = "CITATION.cff"

CONFIG_FILE = "_config.yml"


@dataclass(frozen=True)
class Site:
    """The site as a whole.

    Attributes
    ----------
    address : str
        Where it will be published, with a slash at its end; empty where nobody said, and then
        every address in it is relative.
    day : date
        On which the pages were made.
    citation : dict
        ``CITATION.cff`` as it stands; empty without one.
    book : dict
        ``_config.yml`` as it stands, which names title and author of the book.
    """

    address: str
    day: date
    citation: dict[str, Any] = field(default_factory=dict)
    book: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name of the book, as it is cited or else as its configuration has it."""
        return str(self.citation.get("title") or self.book.get("title") or "")

    @property
    def authors(self) -> str:
        """Who made it, as a citation names them."""
        people = self.citation.get("authors") or [{"name": str(self.book.get("author") or "")}]
        return " and ".join(
            str(one.get("name") or f"{one.get('given-names', '')} {one.get('family-names', '')}")
            for one in people
        )

    @property
    def report(self) -> str:
        """Where an error is reported; empty where the project names no repository."""
        code = str(self.citation.get("repository-code") or "").rstrip("/")
        return f"{code}/issues" if code.startswith("https://") else ""

    def at(self, path: str) -> str:
        """The address of a file of the site, relative to its root where it has no address."""
        return f"{self.address}{path}"


def load_site(folder: Path, address: str = "") -> Site:
    """The site whose configuration and citation lie in `folder`, made today.

    ``SOURCE_DATE_EPOCH`` stands for today where it is set, so that two builds can be compared.

    Raises
    ------
    InputError
        For an address without ``https://``, or a day that is no number.
    """
    if address and not address.startswith(("https://", "http://")):
        raise InputError(f"the site's address {address!r} must begin with https://")
    paths = (Path(folder) / CITATION_FILE, Path(folder) / CONFIG_FILE)
    citation, book = (load_yaml(path) if path.is_file() else {} for path in paths)
    return Site(f"{address.rstrip('/')}/" if address else "", _today(), citation, book)


def _today() -> date:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return date.today()
    if not epoch.isdigit():
        raise InputError(f"SOURCE_DATE_EPOCH must be a number of seconds, not {epoch!r}")
    return datetime.fromtimestamp(int(epoch), UTC).date()


def bibtex(site: Site, page: str, title: str) -> str:
    """One page as a BibTeX entry."""
    key = "_".join(re.findall("[a-z0-9]+", f"{site.title} {page.rpartition('/')[2]}".lower()))
    whole = title == site.title
    lines = {
        "author": f"{{{site.authors}}}",
        "title": f"{{{title}}}",
        "booktitle": "" if whole else f"{{{site.title}}}",
        "version": str(site.citation.get("version", "")),
        "year": str(site.day.year),
        "url": site.at(f"{page}.html") if site.address else "",
    }
    body = "".join(f",\n  {name} = {{{value}}}" for name, value in lines.items() if value)
    return f"@{'misc' if whole else 'incollection'}{{{key}{body}\n}}"


def colophon(site: Site, records: Records, page: str, title: str) -> str:
    """The foot of a page: when it was run, how it is cited, where an error is reported."""
    made = month_words(site.day.isoformat())
    newest = newest_words(records).removeprefix("on ")
    report = f' <a href="{escape(site.report)}">Report an error</a>.' if site.report else ""
    return (
        f'<aside class="sc-colophon"><p class="sc-quiet">These pages were made on {made}; verdicts'
        f" rest {escape('on ' + newest)}.{report}</p>"
        "<details><summary>Cite this page</summary>"
        f"<pre>{escape(bibtex(site, page, title))}</pre></details></aside>"
    )
