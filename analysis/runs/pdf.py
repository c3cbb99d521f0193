"""The built pages as PDF, printed by a headless Chromium: each page, and the book as a whole."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from analysis.files import write_whole
from analysis.results import InputError

WHOLE = "whole-book.pdf"

#: Names under which a Chromium is installed.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

#: Names another one, by its path.
VARIABLE = "SMALLCAP_CHROMIUM"

#: For one page; the whole book gets as much for every page of it.
SECONDS = 60

#: What a page may do before it is printed, in milliseconds of its own clock.
_SETTLE = 15_000

_ARTICLE = re.compile(r"<article\b[^>]*>(.*)</article>", re.DOTALL)
_ADDRESS = re.compile(r'href="(?:\.\./)?(?:book|notebooks)/[\w-]+\.html#([^"]+)"')
_ADDRESS_BESIDE = re.compile(r'href="[\w-]+\.html#([^"]+)"')


def find_chromium() -> str:
    """Path of a Chromium or Chrome.

    Raises
    ------
    InputError
        Where there is none, with the remedy.
    """
    named = os.environ.get(VARIABLE)
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None or not Path(found).is_file():
        where = f"{VARIABLE} names {named}, which is not there" if named else "found none"
        raise InputError(
            f"a PDF is printed by Chromium or Chrome: {where}; install one, or name it in"
            f" {VARIABLE}"
        )
    return found


def write_pdfs(site: Path, pages: Sequence[str], browser: str) -> list[Path]:
    """Print every page beside its HTML, and all of them as one book into the root of the site.

    Parameters
    ----------
    site : Path
        Folder of the built pages.
    pages : sequence of str
        Names without endings, in the order of the book.
    browser : str
        As :func:`find_chromium` gives it.

    Returns
    -------
    list of Path
        The whole book last.
    """
    written = [print_page(site / f"{page}.html", site / f"{page}.pdf", browser) for page in pages]
    # beside the other pages, so that addresses stay good
    joined = site / Path(pages[0]).parent / "whole-book-to-print.html"
    try:
        write_whole(joined, one_page(site, pages))
        written.append(print_page(joined, site / WHOLE, browser, seconds=SECONDS * len(pages)))
    finally:
        joined.unlink(missing_ok=True)
    return written


def one_page(site: Path, pages: Sequence[str]) -> str:
    """The first page's HTML with the articles of all pages in it, one after the other."""
    texts = [(site / f"{page}.html").read_text(encoding="utf-8") for page in pages]
    articles = [found[1] for text in texts if (found := _ARTICLE.search(text))]
    parts = (f'<section class="sc-part">{article}</section>' for article in articles)
    joined = _ADDRESS_BESIDE.sub(r'href="#\1"', _ADDRESS.sub(r'href="#\1"', "".join(parts)))
    shell = _with_charts(texts)
    found = _ARTICLE.search(shell)
    assert found is not None, f"{pages[0]}.html has no article"
    return shell[: found.start(1)] + joined + shell[found.end(1) :]


def _with_charts(texts: Sequence[str]) -> str:
    """The first page, with the script that draws charts from whichever page has it."""
    script = re.compile(r'<script\b[^>]*\bsrc="[^"]*figures\.js[^"]*"[^>]*></script>')
    needed = next((found[0] for text in texts if (found := script.search(text))), "")
    return texts[0] if script.search(texts[0]) else texts[0].replace("</head>", needed + "</head>")


def print_page(page: Path, out: Path, browser: str, *, seconds: float = SECONDS) -> Path:
    """Print one HTML file.

    Raises
    ------
    RuntimeError
        When the browser writes no PDF, with the end of what it said.
    """
    with tempfile.TemporaryDirectory(prefix="smallcap-pdf-") as profile:
        fresh = Path(profile) / "page.pdf"
        command = [browser, "--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        # the kernel's sandbox needs a user who is not root
        command += ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
        command += [f"--user-data-dir={profile}/profile", "--no-pdf-header-footer"]
        command += [f"--virtual-time-budget={_SETTLE}", f"--print-to-pdf={fresh}"]
        try:
            done = subprocess.run(
                [*command, page.resolve().as_uri()],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=seconds,
            )
            said = done.stderr.strip().splitlines()
        except subprocess.TimeoutExpired:
            said = [f"it took more than {seconds:g} seconds"]
        if not fresh.is_file():
            raise RuntimeError(f"{page.name} could not be printed: {said[-1] if said else ''}")
        shutil.move(fresh, out)
    return out
