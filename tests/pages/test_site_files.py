"""What lies beside the pages and in their heads: for programs, search engines and citations."""

import json
import re
from datetime import date
from html import escape
from xml.etree import ElementTree

import jsonschema
import pytest

from analysis.claims import publisher_of
from analysis.claims.history import Change
from analysis.claims.verdicts import UNTESTABLE
from analysis.pages.claim_pages import claim_page
from analysis.pages.exports import claims_json, claims_schema, feed, not_found, sitemap
from analysis.pages.page_head import claim_review, json_script, meta_tags, shorten
from analysis.pages.records import load_records
from analysis.pages.site import CITATION_FILE, Site, bibtex, colophon, load_site
from analysis.pages.slimming import mended, pooled, slimmed
from analysis.pages.social_picture import picture_png, picture_svg
from analysis.results import InputError
from analysis.runs.book import ROOT

EVIL = "</script><script>alert(1)</script> & <b>bold</b>"

BOOK = Site(
    "https://example.org/book/",
    date(2026, 12, 2),
    {"title": "The Book", "version": "1"},
    {"title": "A title in another file", "author": "The authors"},
)
NOWHERE = Site("", date(2026, 12, 2))

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def records():
    """Claims and ledger of the project."""
    return load_records(ROOT)


@pytest.fixture(scope="module")
def notes(records):
    return {note.id: note for note in records.documents}


def test_the_claims_file_fits_its_own_schema_and_misses_no_claim(records):
    """Every claim with its verdict and runs; a field left out or misspelt does not fit."""
    made, schema = json.loads(claims_json(records, BOOK)), json.loads(claims_schema())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(made)
    assert [one["id"] for one in made["claims"]] == list(records.claims)
    for one in made["claims"]:
        row = records.row(one["id"])
        assert one["verdict"] == (row["verdict"] if row else None)
        assert one["page"] == f"https://example.org/book/claims/{one['id']}.html"
        assert len(one["runs"]) == len(records.rows_of(one["id"]))
    made["claims"][0]["verdict"] = "perhaps"
    assert not validator.is_valid(made)


def test_a_judged_claim_is_a_claim_review_and_no_other(records, notes):
    """Claimant, appearance and verdict; what was not judged, or cannot be, has none."""
    for claim in records.claims.values():
        row = records.row(claim.id)
        review = claim_review(BOOK, claim, row, notes)
        judged = row is not None and row["verdict"] not in (None, UNTESTABLE)
        assert (review is not None) == judged
        if review is None:
            continue
        assert review["@type"] == "ClaimReview" and review["claimReviewed"] == claim.text
        assert review["reviewRating"] == {"@type": "Rating", "alternateName": row["verdict"]}
        assert review["url"] == f"https://example.org/book/claims/{claim.id}.html"
        said = review["itemReviewed"]["appearance"]
        assert [one["headline"] for one in said] == [notes[n].title for n in claim.documents]
        assert "ratingValue" not in review["reviewRating"]
    assert claim_review(BOOK, claim, None, notes) is None


def test_no_text_can_close_the_element_that_holds_linked_data():
    """The JSON is the same when it is read back."""
    html = json_script({"claimReviewed": EVIL})
    assert html.count("</script>") == 1 and html.endswith("</script>")
    assert json.loads(re.search(r">(.*)</script>", html)[1])["claimReviewed"] == EVIL


def test_the_head_of_a_page_describes_it_and_shows_a_picture():
    """Whole addresses where the site has one, else relative ones that lead to the same files."""
    head = meta_tags(BOOK, "book/intro", "The <Book>", EVIL, "../")
    assert '<meta property="og:url" content="https://example.org/book/book/intro.html" />' in head
    assert 'og:image" content="https://example.org/book/_static/preview.png"' in head
    assert 'href="../feed.xml"' in head and "<script" not in head and "<Book>" not in head
    bare = meta_tags(NOWHERE, "book/intro", "T", "D", "../")
    assert 'og:image" content="../_static/' in bare and "og:url" not in bare
    assert len(shorten("word " * 99)) <= 200 and shorten("word " * 99).endswith("word…")


def test_the_site_map_names_every_page_once():
    """Whole addresses, sorted, with the day they were made; text that needs it is escaped."""
    text = sitemap(BOOK, ["book/intro", "claims/a&b"])
    places = [one.text for one in ElementTree.fromstring(text).iter() if one.tag.endswith("loc")]
    assert places == [f"https://example.org/book/{page}.html" for page in
                      ("book/intro", "claims/a&b")]  # fmt: skip
    assert text.count("2026-12-02") == 2


def test_the_feed_tells_each_change_under_a_lasting_identifier(records):
    """Atom with an entry a change; the identifier does not depend on address or day of making."""
    claim = next(iter(records.claims))
    change = Change("2026-11-30", claim, "latest", "supported", "contradicted", "data")
    one, other = (
        ElementTree.fromstring(feed(site, records, [change, change])) for site in (BOOK, NOWHERE)
    )
    entries = [one.findall(f"{ATOM}entry"), other.findall(f"{ATOM}entry")]
    assert [len(found) for found in entries] == [2, 2]
    ids = {entry.find(f"{ATOM}id").text for found in entries for entry in found}
    assert len(ids) == 1 and one.find(f"{ATOM}updated").text == "2026-11-30T00:00:00Z"
    link = entries[0][0].find(f"{ATOM}link").get("href")
    assert link == f"https://example.org/book/claims/{claim}.html"
    quiet = ElementTree.fromstring(feed(NOWHERE, records, []))
    assert quiet.find(f"{ATOM}updated").text == "2026-12-02T00:00:00Z"


def test_the_page_for_a_wrong_address_needs_no_other_file():
    """It is shown at any depth, where a relative address would lead nowhere."""
    html = not_found(BOOK)
    assert re.findall(r'(?:src|href)="([^"]+)"', html) == ["https://example.org/book/index.html"]
    assert 'href="/"' in not_found(NOWHERE)


def test_every_claim_has_a_page_with_source_verdict_and_criterion(records):
    """Whatever its state: judged, refused or untestable."""
    for claim in records.claims.values():
        page = claim_page(records, claim, "../notebooks/x.html#verdict-y")
        assert page.count("<h1>") == 1 and claim.criterion_hash in page
        assert 'href="../notebooks/x.html#verdict-y"' in page
        assert "note 00" not in page.partition("How it is judged")[0]
        for name, words in claim.said.items():
            assert publisher_of(name) in page and f"<q>{escape(words)}</q>" in page
    assert "The evidence" not in claim_page(records, claim, None)


def test_a_page_is_cited_by_its_title_day_and_address():
    """BibTeX from CITATION.cff; the book itself is no part of a book."""
    part = bibtex(BOOK, "notebooks/first_cut", "The first cut")
    assert part.startswith("@incollection{the_book_first_cut,\n")
    for line in (
        "author = {{The authors}}", "booktitle = {{The Book}}",
        "year = {2026}", "version = {1}",
        "url = {https://example.org/book/notebooks/first_cut.html}",
    ):  # fmt: skip
        assert line in part
    whole = bibtex(NOWHERE, "book/intro", NOWHERE.title)
    assert whole.startswith("@misc{") and "url" not in whole and "booktitle" not in whole


def test_the_foot_names_the_day_in_words_and_where_errors_go(records):
    """The link comes from the project's metadata, and where that is silent there is none."""
    foot = colophon(NOWHERE, records, "book/intro", "T")
    assert "made on 2 December 2026" in foot and "<a " not in foot
    named = Site("", date(2026, 12, 2), {"repository-code": "https://example.org/repo/"})
    assert 'href="https://example.org/repo/issues"' in colophon(named, records, "p", "T")
    assert Site("", date(2026, 1, 1), {"repository-code": "javascript:x"}).report == ""


def test_the_site_is_made_today_or_when_a_build_must_repeat(tmp_path, monkeypatch):
    """SOURCE_DATE_EPOCH stands for the clock; nonsense in it or in the address is refused."""
    (tmp_path / CITATION_FILE).write_text("title: A Title\n")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    site = load_site(tmp_path, "https://example.org/x")
    assert (site.day, site.title, site.address) == (
        date(1970, 1, 2),
        "A Title",
        "https://example.org/x/",
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(InputError, match="SOURCE_DATE_EPOCH"):
        load_site(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert load_site(tmp_path).day == date.today()
    with pytest.raises(InputError, match="must begin with https"):
        load_site(tmp_path, "example.org")


def test_the_picture_of_the_site_has_the_size_it_is_announced_with(records):
    """1200 by 630, with every central question and its verdict."""
    svg = picture_svg(records, BOOK)
    assert "The Book" in svg and "April 2026" in svg
    png = picture_png(records, BOOK)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (1200, 630)


PAGE = """<head>
<link rel="preload" as="font" type="font/woff2" crossorigin href="a.woff2" />
<link href="../_static/vendor/fontawesome/6/css/all.min.css?digest=d" rel="stylesheet" />
  <script src="../_static/vendor/fontawesome/6/js/all.min.js?digest=d"></script>
<script src="../_static/clipboard.min.js?v=a"></script>
<script src="../_static/copybutton.js?v=f"></script>
<script>let toggleHintShow = 'Click to show';</script>
<script src="../_static/togglebutton.js?v=b"></script>
<script>const THEBE_JS_URL = "https://unpkg.com/thebe"; const thebe_selector = ".thebe"</script>
<script defer="defer" src="../_static/figures.js?v=e"></script>
<script defer="defer" src="../_static/ledger.js?v=3"></script>
<link rel="stylesheet" type="text/css" href="../_static/sphinx-design.min.css?v=6" />
<link rel="stylesheet" type="text/css" href="../_static/smallcap.css?v=6" />
<script src="../_static/scripts/bootstrap.js"></script>
</head>"""


def test_the_search_page_keeps_the_script_that_its_search_reads():
    """Other pages lose it."""
    script = '<script src="_static/sphinx_highlight.js?v=1"></script>\n'
    search = '<script src="_static/searchtools.js"></script>\n'
    assert slimmed(script + search) == script + search
    assert slimmed(script) == ""


def test_a_page_loses_the_scripts_and_styles_that_nothing_on_it_uses():
    """The icon script goes everywhere; the others stay where what they serve stands."""
    plain = slimmed(PAGE)
    assert re.findall(r'(?:src|href)="\.\./_static/([^"?]+)', plain) == [
        "smallcap.css", "scripts/bootstrap.js",
    ]  # fmt: skip
    assert "toggleHint" not in plain and "woff2" not in plain and "thebe" not in plain.lower()
    assert "togglebutton" not in slimmed(PAGE + '<button class="primary-toggle btn">')
    rich = (
        '<script type="application/json" class="sc-spec">{}</script><form class="sc-filter">'
        '<div class="highlight"><pre>x</pre></div><div class="admonition toggle">'
    )
    kept = slimmed(PAGE + rich)
    for name in (
        "clipboard",
        "copybutton",
        "togglebutton",
        "figures.js",
        "ledger.js",
        "toggleHint",
    ):
        assert name in kept
    assert "fontawesome" not in kept and rich in kept


def test_the_theme_is_mended_for_keyboard_and_ear():
    """The sidebar is a landmark, a wide table can be reached; a second pass changes nothing."""
    page = '<div class="bd-sidebar-primary bd-sidebar"><div class="pst-scrollable-table-container">'
    better = mended(page)
    assert 'role="complementary" aria-label=' in better and 'tabindex="0"' in better
    assert mended(better) == better


def test_lists_of_the_theme_become_lists():
    """A long signature is no list of definitions, and an entry of a bibliography is an item."""
    page = "<dl>\n<dd><em>a</em>,</dd>\n<dd><em>b</em></dd>\n</dl><dl><dt>t</dt><dd>d</dd></dl>"
    better = mended(page + '<div role="doc-biblioentry">x</div>')
    assert '<span class="sc-parameter"><em>a</em>,</span>' in better
    assert better.count("<dl>") == 1 and "<dl><dt>t</dt><dd>d</dd></dl>" in better
    assert mended("<tr><th>   </th><th>n</th></tr>") == "<tr><td></td><th>n</th></tr>"
    assert 'role="listitem"' in better and "doc-biblioentry" not in better


LONG = "Judged as it was written. " * 20


def test_a_page_says_once_what_it_says_twice():
    """One look for its charts, one place for a criterion that two claims share, no indents."""
    look = {"axis": {"grid": False}, "range": {"heatmap": {"scheme": "viridis"}}}
    one, other = ({"mark": mark, "config": look} for mark in ("bar", "line"))
    odd = {"mark": "tick", "config": {"axis": {}}}
    page = "".join(
        f'<script type="application/json" class="sc-spec">{json.dumps(spec, separators=",:")}'
        "</script>"
        for spec in (one, other, odd)
    )
    for name in ("first", "second"):
        words = f'<p class="sc-registered">{LONG}</p><p class="sc-registered">Short.</p>'
        page += f'<section class="claim-statement" id="claim-{name}">{words}</section>'
    page += (
        '<table class="dataframe t">\n  <tr>\n    <td><span class="unbroken">7</span></td></table>'
    )
    titles = "".join(
        f'<p class="{kind} admonition-title">A chart</p>' for kind in ("collapsed", "expanded")
    )
    page = f'<summary aria-label="Toggle hidden content">{titles}</summary>{page}'
    small = pooled(page)
    assert small.startswith('<summary><p class="admonition-title">A chart</p></summary>')
    specs = [json.loads(text) for text in re.findall(r'class="sc-spec">(.*?)</script>', small)]
    assert [spec["config"] for spec in specs] == [look, "as the first", {"axis": {}}]
    assert [spec["mark"] for spec in specs] == ["bar", "line", "tick"]
    assert small.count(LONG) == 1 and small.count("Short.") == 2
    assert small.count('<a href="#claim-first">Word for word as above</a>') == 1
    assert small.endswith('<table class="dataframe t"><tr><td class="unbroken">7</td></table>')
    assert pooled(small) == small
