"""The prose of every page, by the rules of the house that a program can check."""

import html
import re
from html.parser import HTMLParser

import pytest

from analysis.claims import load_claims
from analysis.runs.book import ROOT, contents

#: Pages made of docstrings speak to programmers; a bibliography speaks in titles.
CODE = ("book/api", "book/estimators", "book/references")

PAGES = [page for page in contents(ROOT / "_toc.yml") if not page.startswith(CODE)]

#: Elements whose text is no prose.
SKIPPED = {"script", "style", "pre", "code", "svg", "math", "nav", "select", "q", "h1"}

#: Classes of elements whose text is no prose, or belongs to a claim's hash and stays as written.
SKIPPED_CLASSES = {"cell_input", "headerlink", "sc-hash", "by-hand", "tag_by-hand", "simpletable",
                   "sc-registered"}  # fmt: skip

BLOCKS = {"p", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "summary", "div", "details", "tr",
          "section",
          "table", "caption", "noscript", "figcaption"}  # fmt: skip

VOID = {"br", "img", "input", "hr", "meta", "link", "col", "source", "wbr"}


class _Prose(HTMLParser):
    """The sentences of an article, block by block, and which of them stand in a table."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.blocks, self.open, self.hidden = [], [], 0
        self.words, self.inside = [], False
        self.feed(text)
        self._end()

    def _end(self):
        said = "".join(self.words)
        if said.strip():
            self.blocks.append((said, any(tag == "table" for tag, _ in self.open)))
        self.words = []

    def handle_starttag(self, tag, attributes):
        if tag == "article":
            self.inside = True
        if not self.inside or tag in VOID:
            self.words.append(" " if tag == "br" else "")
            return
        classes = set((dict(attributes).get("class") or "").split())
        hides = tag in SKIPPED or bool(classes & SKIPPED_CLASSES)
        if tag in BLOCKS:
            self._end()
        self.open.append((tag, hides))
        self.hidden += hides
        if hides:
            self.words.append("…")

    def handle_endtag(self, tag):
        if not self.inside or tag in VOID or tag not in [one for one, _ in self.open]:
            return
        if tag in BLOCKS:
            self._end()
        while self.open:
            closed, hid = self.open.pop()
            self.hidden -= hid
            if closed == tag:
                break
        if tag == "article":
            self.inside = False

    def handle_data(self, data):
        if self.inside and not self.hidden:
            self.words.append(data)


NOUNS = (
    *("month", "year", "cut", "claim", "note", "event", "window", "figure", "verdict", "decade"),
    *("recession", "specification", "day", "session", "point", "cycle", "meeting", "industry"),
    *("contradiction", "outlook", "call", "view", "survey", "stretch", "run", "pair"),
)

RULES = {
    "private word": r"\b(?:turned|freed|beside the market|wobbl\w+|stands? on|nothing in reach"
    r"|(?:data|the|its|a|of|with|within) reach)\b",
    "month by numbers": r"(?<![\w/.-])[12][0-9]{3}-(?:0[1-9]|1[0-2])(?:-[0-9]{2})?(?![\w/-])",
    "today": r"\btoday\b",
    "hyphen as minus": r"(?<![\w.,)%…-])-(?=\.?[0-9])",
    "measure's name": r"(?<![.\w/])[a-z]+_[a-z0-9_]+\b",
    "note by number": r"\bnote 0[0-9]{2}\b",
    "one of many": rf"(?<![\d.,:–−-])\b1 (?:{'|'.join(NOUNS)})s\b",
    "many of one": rf"(?<![\d.,–-])\b(?:[2-9]|[1-9][0-9]+) (?:{'|'.join(NOUNS)})\b(?![-’'])",
    "empty parentheses": r"\(\s*\)",
    "two spaces": r"\S  +\S",
    "space before a stop": r"\w [,.;](?= |$)",
    "no number": r"\b(?:nan|NaN|inf)\b",
    "unit of logs": r"\blog points?\b",
}

#: Rules for sentences, which an entry of a table need not keep.
ENTRIES = ("month by numbers", "measure's name", "many of one", "one of many")

#: More digits than these say nothing in a sentence.
MOST_DIGITS = 3

_NUMBER = re.compile(r"(?<![\w./-])[0-9][0-9,]*\.[0-9]+(?![\w/-]|\.[0-9])")


def complaints(text, table=False, quoted=frozenset()):
    """Every rule a text breaks, with the place; digits are not counted in a table.

    Parameters
    ----------
    text : str
    table : bool
    quoted : set of str
        Numbers that notes printed and a sentence may repeat.
    """
    found = [f"{rule}: …{text[max(0, hit.start() - 40) : hit.end() + 30]}…".replace("\n", " ")
             for rule, pattern in RULES.items()
             for hit in re.finditer(pattern, text)]  # fmt: skip
    if table:
        # what a cell holds alone is an entry and no sentence
        return [one for one in found if not one.startswith(ENTRIES) or text.count(" ") > 3]
    return found + [
        f"unrounded: …{text[max(0, hit.start() - 40) : hit.end() + 20]}…".replace("\n", " ")
        for hit in _NUMBER.finditer(text)
        if hit[0] not in quoted and len(hit[0].replace(".", "").replace(",", "").lstrip("0"))
        > MOST_DIGITS
    ]  # fmt: skip


@pytest.fixture(scope="module")
def printed():
    """Numbers that the notes print, as a sentence repeats them."""
    values = [figure.value for claim in load_claims().values() for figure in claim.figures]
    return {f"{value}" for value in values} | {"3.75", "3.50"}


def _faults(path, printed):
    blocks = _Prose(path.read_text(encoding="utf-8")).blocks
    return list(dict.fromkeys(one for said in blocks for one in complaints(*said, printed)))


@pytest.mark.parametrize("name", PAGES)
def test_the_prose_of_a_page_keeps_the_rules(site, name, printed):
    """Every sentence on it, findings inside cards and what is folded included."""
    assert _faults(site / f"{name}.html", printed) == []


def test_the_prose_of_every_claims_page_keeps_the_rules(site, printed):
    """One page a claim, each with a finding of its own."""
    pages = sorted((site / "claims").glob("*.html"))
    faults = {path.stem: _faults(path, printed) for path in pages}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("a calendar turned on itself", "private word"),
        ("the same beside the market", "private word"),
        ("outside the reach of this test", "private word"),
        ("the data end in 2018-11.", "month by numbers"),
        ("published on 2025-04-04)", "month by numbers"),
        ("today's gap", "today"),
        ("it was -0.5% a year", "hyphen as minus"),
        ("not met: wide_episodes", "measure's name"),
        ("as note 003 says", "note by number"),
        ("only 1 cuts came", "one of many"),
        ("after 12 month of it", "many of one"),
        ("small caps () led", "empty parentheses"),
        ("small  caps", "two spaces"),
        ("small caps , large caps", "space before a stop"),
        ("a lead of nan", "no number"),
        ("a return over 60 months a log point of gap", "unit of logs"),
        ("a lead of 0.12345", "unrounded"),
        ("a lead of 1,234.5 points", "unrounded"),
    ],
)
def test_each_rule_finds_what_it_is_for(text, rule):
    """Every rule has been seen to fail."""
    assert any(one.startswith(rule) for one in complaints(text))


def test_good_prose_passes():
    """Months by name, real minus signs, ranges, quoted figures, one of a thing and many."""
    text = "From November 2018 it fell by −0.5% a year, in 1 cut of 12 cuts (5–7%, p 0.0012)."
    assert complaints(text + " The note prints 24.17.", quoted={"24.17"}) == []
    assert complaints("a lead of 0.12345", table=True) == []


def test_what_is_no_prose_is_not_read():
    """Code, quotations and what stands outside the article."""
    page = "<p>2018-11</p><article><p>in <code>2018-11</code> <q>today</q></p><p>it was -1</p>"
    blocks = _Prose(html.unescape(page) + "</article><p>today</p>").blocks
    assert next(complaints(text) for text, _ in blocks) == []
    assert len(complaints(blocks[1][0])) == 1 and len(blocks) == 2
