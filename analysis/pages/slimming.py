"""Built pages mended, and without what they do not use: scripts, styles, icon fonts, live code.

The theme and its extensions load everything on every page, an icon script of 1.5 MB among it. Each
asset below stays on the pages that hold what it serves; ``icons.css`` draws the dozen icons.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from analysis.files import checksum, write_whole

#: Part of an asset's address, and what a page holds that uses it; None where no page does.
_SERVES: dict[str, str | None] = {
    "vendor/fontawesome": None,
    "thebe": None,
    # the search looks for a name that this script defines, and finds nothing without it
    "sphinx_highlight.js": r'src="[^"]*searchtools\.js',
    "found.js": r'src="[^"]*searchtools\.js',
    "mathjax": r'class="(?:[^"]* )?math[ "]',
    "clipboard.min.js": r'<div class="highlight[ "-]',
    "copybutton": r'<div class="highlight[ "-]',
    "togglebutton": r'class="(?:[^"]* )?toggle[ "]',
    "design-tabs.js": r'class="[^"]*\bsd-tab-set\b',
    "sphinx-design": r'class="[^"]*\bsd-',
    "figures.js": r'class="sc-spec"',
    "take.js": r'class="sc-spec"',
    "explore.css": r'class="sc-(?:dates|powers|power|years|spec)"',
    "ledger.js": r'class="sc-filter"',
}

_ASSET = re.compile(
    r'[ \t]*(?:<script\b[^>]*\bsrc="(?P<script>[^"]+)"[^>]*></script>'
    r'|<link\b[^>]*\bhref="(?P<link>[^"]+)"[^>]*>)[ \t]*\n?'
)
_FONT_PRELOAD = re.compile(r'<link rel="preload" as="font"[^>]*>\s*')
_INLINE = {
    "mathjax": re.compile(r"<script>window\.MathJax = [^<]*</script>\s*"),
    "togglebutton": re.compile(r"<script>(?:let|var) toggle[A-Za-z]+ = [^<]*</script>\s*"),
    "thebe": re.compile(
        r'<script(?: type="text/x-thebe-config">|>(?:kernelName|const THEBE_JS_URL) = )[^<]*'
        r"</script>\s*"
    ),
}

#: A checksum beside a name that is one; it is there or not by what was built before.
_SUMMED = re.compile(r"(mystnb\.[0-9a-f]{64}\.css)\?v=[0-9a-f]+")

#: What the theme leaves out for readers who use a keyboard or hear the page.
_MENDED = {
    '<div class="bd-sidebar-primary bd-sidebar">': (
        '<div class="bd-sidebar-primary bd-sidebar" role="complementary" aria-label="The book">'
    ),
    '<div class="pst-scrollable-table-container">': (
        '<div class="pst-scrollable-table-container" tabindex="0">'
    ),
    # the role that docutils gives an entry of a bibliography is deprecated, and its list has none
    'role="doc-biblioentry"': 'role="listitem"',
}

#: A long signature: docutils writes its parameters as a list of descriptions of nothing.
_SIGNATURE = re.compile(r"<dl>\s*((?:<dd>.*?</dd>\s*)+)</dl>", re.DOTALL)
#: The corner of a table, as pandas and statsmodels write it: it heads nothing.
_CORNER = re.compile(r"<th>\s*</th>")
#: Specifications of charts.
_SPEC = re.compile(r'class="sc-spec">(.*?)</script>', re.DOTALL)
#: Tables as pandas writes them: a line an entry, indented.
_TABLE = re.compile(r'<table class="dataframe.*?</table>', re.DOTALL)
_INDENT = re.compile(r"\n\s*(?=<)")
_UNBROKEN = re.compile(r'<(td|th)><span class="unbroken">([^<]*)</span></\1>')
#: What opens a cell, by two titles that are the same and a third for the ear that says nothing.
_TOGGLE = re.compile(
    r'<summary aria-label="Toggle hidden content">\s*'
    r'<p class="collapsed admonition-title">(.*?)</p>'
    r'\s*<p class="expanded admonition-title">\1</p>\s*</summary>',
    re.DOTALL,
)
#: A claim as a chapter states it, and the words of a criterion long enough to be said once.
_STATEMENT = re.compile(r'<section class="claim-statement" id="([^"]+)">.*?</section>', re.DOTALL)
_WORDS = re.compile(r'<p class="sc-registered">((?:(?!</p>).){400,})</p>', re.DOTALL)
_PARAMETER = re.compile(r"<dd>(.*?)</dd>", re.DOTALL)


def slim(folder: Path, done: Mapping[str, str] | None = None) -> dict[str, str]:
    """Take from every page of a built site what it does not use, and the files no page asks for.

    Parameters
    ----------
    folder : Path
    done : mapping of str to str, optional
        Checksums of pages, by their paths, from which all was taken before.

    Returns
    -------
    dict of str to str
        Checksum of every page as it is left.
    """
    sums = {}
    for path in sorted(folder.rglob("*.html")):
        name, whole = path.relative_to(folder).as_posix(), path.read_bytes()
        sums[name] = checksum(whole)
        if (done or {}).get(name) == sums[name]:
            continue
        text = whole.decode("utf-8")
        kept = pooled(mended(slimmed(text)))
        if kept != text:
            write_whole(path, kept)
            sums[name] = checksum(kept.encode("utf-8"))
    static = folder / "_static"
    for name in ("vendor", "locales"):
        shutil.rmtree(static / name, ignore_errors=True)
    for path in [*static.glob("*webpack-macros.html"), *static.rglob("*.map")]:
        path.unlink()
        sums.pop(path.relative_to(folder).as_posix(), None)
    return sums


def slimmed(page: str) -> str:
    """A page without the assets that nothing on it uses.

    A preloaded font goes as well: it is a request across origins, which a page opened as a file
    may not make.
    """
    text = _SUMMED.sub(r"\1", _FONT_PRELOAD.sub("", page))
    unused = [name for name, sign in _SERVES.items() if sign is None or not re.search(sign, text)]

    def keep(match: re.Match[str]) -> str:
        address = (match["script"] or match["link"]).partition("?")[0]
        return "" if any(name in address for name in unused) else match[0]

    text = _ASSET.sub(keep, text)
    for name, pattern in _INLINE.items():
        if name in unused:
            text = pattern.sub("", text)
    return text


def pooled(page: str) -> str:
    """A page that keeps once what it says more than once.

    The look of the charts, a criterion that several claims share, a title that is the same open and
    folded, which is then what a reader hears; and no indents in tables.
    """
    specs = list(_SPEC.finditer(page))
    if len(specs) > 1 and (config := json.loads(specs[0][1]).get("config")):
        end = specs[0].end()
        look = json.dumps(config, ensure_ascii=False, separators=(",", ":"))
        look = look.replace("<", "\\u003c")
        page = page[:end] + page[end:].replace(f'"config":{look}', '"config":"as the first"')
    page = _TOGGLE.sub(r'<summary><p class="admonition-title">\1</p></summary>', page)
    page = _TABLE.sub(lambda table: _INDENT.sub("", table[0]), page)
    return _written_once(_UNBROKEN.sub(r'<\1 class="unbroken">\2</\1>', page))


def _written_once(page: str) -> str:
    """Criteria that were written before on the page, as a link to where they stand."""
    at: dict[str, str] = {}

    def named(statement: re.Match[str]) -> str:
        def kept(words: re.Match[str]) -> str:
            first = at.setdefault(words[1], statement[1])
            if first == statement[1]:
                return words[0]
            return f'<p class="sc-registered"><a href="#{first}">Word for word as above</a>.</p>'

        return _WORDS.sub(kept, statement[0])

    return _STATEMENT.sub(named, page)


def mended(page: str) -> str:
    """A page whose sidebar is a landmark, with tables a keyboard can scroll and lists as lists."""
    for found, better in _MENDED.items():
        page = page.replace(found, better)
    page = _CORNER.sub("<td></td>", page)
    return _SIGNATURE.sub(
        lambda match: _PARAMETER.sub(r'<span class="sc-parameter">\1</span>', match[1]), page
    )
