"""The site as it is read: in the dark, on paper, at every width, shared, followed and weighed."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest

from analysis.claims import load_claims
from analysis.runs.book import ROOT, contents

pytestmark = pytest.mark.browser

PAGES = contents(ROOT / "_toc.yml")
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
FRONT = "book/intro"
WIDTHS = (360, 390, 768, 820, 912, 1024, 1280, 1600)

#: Of one page's own HTML; a chart bundle is one file for all of them.
HEAVIEST = 400_000

#: Pixels of the chapter that compares every figure of the notes, on a wide screen.
TALLEST = 6_000


_CONTRAST = """selector => {
  const rgb = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, k) => sum + v * [.2126, .7152, .0722][k], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const own = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll(selector)].filter(e => own(e) && e.checkVisibility())
    .map(e => [lum(rgb(getComputedStyle(e).color)), lum(ground(e)), e])
    .filter(([a, b]) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5)
    .map(([a, b, e]) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 60)}`);
}"""


@pytest.mark.quick("book/intro", "claims/first-cut-12m")
@pytest.mark.parametrize("name", [*PAGES, "claims/first-cut-12m"])
def test_every_box_is_readable_in_the_dark(browser, address, visit, name):
    """All text of cards, claims, answers, tables and details has 4.5:1 contrast, open or folded."""
    boxes = ".sc-card, .claim-statement, .sc-answer, .sc-answers, .sc-colophon, .sc-chapter,"
    boxes += "table, .sc-all, .sc-changes, .sc-criterion, .sc-filter, .cell_output, details"
    inside = ", ".join(f"article :is({boxes}) {kind}" for kind in ("*:not(svg *)",))
    with visit(browser, "dark") as opened:
        page = opened.page
        page.goto(f"{address}/{name}.html", wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert page.evaluate(_CONTRAST, inside) == []


@pytest.mark.quick("book/intro", "notebooks/first_cut")
@pytest.mark.parametrize("name", [FRONT, "book/ledger", *CHAPTERS[:2]])
def test_every_word_is_readable_on_paper(browser, address, visit, name):
    """From a dark page, without scrolling: dark ink on white, no sidebar, every chart drawn."""
    with visit(browser, "dark") as opened:
        page = opened.page
        page.goto(f"{address}/{name}.html", wait_until="load")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        tones = "[...document.querySelectorAll('figure.sc-figure')].map(f => f.dataset.drawn)"
        assert set(page.evaluate(tones)) <= {"light"}
        assert page.evaluate(_CONTRAST, "article *:not(svg *)") == []
        assert not page.locator(".bd-sidebar-primary").is_visible()
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert set(page.evaluate(tones)) <= {"dark"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [*CHAPTERS[:1], "notebooks/figures"])
def test_a_page_printed_as_soon_as_it_is_there_has_every_chart(browser, address, visit, name):
    """Nobody scrolled or unfolded: the printer itself asks for the charts, folded ones too."""
    with visit(browser) as opened:
        page = opened.page
        page.add_init_script(
            "addEventListener('afterprint', () => { window.printed ="
            " [...document.querySelectorAll('figure.sc-figure')].map(f =>"
            " f.checkVisibility()"
            " && Boolean(f.querySelector('.sc-slot svg path, .sc-slot canvas')));"
            " }, true)"
        )
        page.goto(f"{address}/{name}.html", wait_until="load")
        assert page.pdf(format="A4")[:4] == b"%PDF"
        drawn = page.evaluate("window.printed")
        assert drawn and all(drawn)
        assert page.locator("details[open]:has(figure.sc-figure)").count() == 0


@pytest.mark.slow
def test_what_is_longer_than_a_sheet_leaves_none_empty(browser, address, visit):
    """A card and the ledger's table may be broken; what is short is not."""
    with visit(browser) as opened:
        page = opened.page
        page.goto(f"{address}/claims/barbell.html", wait_until="load")
        page.emulate_media(media="print")
        broken = "all => [...new Set(all.map(one => getComputedStyle(one).breakInside))]"
        assert page.eval_on_selector_all(".sc-card", broken) == ["auto"]
        assert page.eval_on_selector_all(".sc-card > p, .sc-card > dl > div", broken) == ["avoid"]
        page.goto(f"{address}/book/ledger.html", wait_until="load")
        assert page.eval_on_selector_all("table", broken) == ["auto"]
        assert page.eval_on_selector_all(".sc-ledger tbody tr", broken) == ["auto"]


@pytest.mark.quick("1280")
@pytest.mark.parametrize("width", [1280, 1600])
def test_who_contradicts_whom_is_a_short_page(browser, address, visit, width):
    """One range plot and one table; everything else opens on its line."""
    with visit(browser, width=width) as opened:
        page = opened.open(f"{address}/notebooks/figures.html")
        assert page.evaluate("document.documentElement.scrollHeight") < TALLEST
        figures = "[...document.querySelectorAll('figure.sc-figure')]"
        assert page.evaluate(f"{figures}.filter(f => f.checkVisibility()).length") == 1


_CLIPPED = """() => {
  const held = '.sc-scroll, .sc-slot, pre, .output, .vega-embed, .sc-track, .highlight,'
    + '.pst-scrollable-table-container, .sc-formula, details:not([open]) > :not(summary)';
  return [...document.querySelectorAll('article *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && !e.closest(held) && (box.left < -1 || box.right > innerWidth + 1);
  }).slice(0, 3).map(e => `${e.tagName}.${e.className}`);
}"""


@pytest.mark.slow
@pytest.mark.parametrize("name", [FRONT, "book/ledger", "book/methods", *CHAPTERS[:2]])
def test_nothing_is_clipped_at_any_width_nor_after_turning(browser, address, visit, name):
    """From 360 to 1600 and back, in one visit: no sideways scroll, nothing beyond the edge."""
    with visit(browser, width=WIDTHS[0]) as opened:
        page = opened.open(f"{address}/{name}.html")
        for width in (*WIDTHS, *reversed(WIDTHS)):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(350)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, width
            assert page.evaluate(_CLIPPED) == [], width
            slots = page.evaluate(
                "[...document.querySelectorAll('.sc-slot')].map(s =>"
                " [s.querySelector('svg, canvas').getBoundingClientRect().width, s.clientWidth])"
            )
            assert all(drawn > 0.5 * room for drawn, room in slots), width


def test_the_answer_stands_in_the_first_view_of_a_telephone(browser, address, visit):
    """The sentence that answers, and the first question with its verdict, without a scroll."""
    with visit(browser, width=390) as opened:
        page = opened.open(f"{address}/{FRONT}.html")
        page.set_viewport_size({"width": 390, "height": 800})
        for part in (".sc-lead", ".sc-question >> nth=0", ".sc-answer .sc-chip >> nth=0"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] < 800, part


@pytest.mark.quick("book/intro")
@pytest.mark.parametrize("name", [FRONT, *CHAPTERS[:1]])
def test_the_page_does_not_move_under_the_reader(browser, address, visit, name):
    """Layout shift below 0.05 while everything is loaded and drawn."""
    with visit(browser) as opened:
        opened.page.add_init_script(
            "window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => {"
            " if (!e.hadRecentInput) window.shift += e.value; }))"
            ".observe({type: 'layout-shift', buffered: true})"
        )
        page = opened.page
        page.goto(f"{address}/{name}.html", wait_until="load")
        page.wait_for_timeout(1500)
        assert page.evaluate("window.shift") < 0.05


@pytest.mark.quick("book/data")
@pytest.mark.parametrize("name", [FRONT, "book/data", "book/ledger", *CHAPTERS[:2]])
def test_what_scrolls_sideways_can_be_reached_by_keyboard(browser, address, visit, name):
    """On a telephone every wide box of ours takes the focus; the sidebar is a landmark."""
    with visit(browser, width=390) as opened:
        page = opened.open(f"{address}/{name}.html")
        unreached = page.evaluate(
            "[...document.querySelectorAll('.sc-scroll, .pst-scrollable-table-container')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).length"
        )
        assert unreached == 0
        assert page.locator(".bd-sidebar-primary").get_attribute("role") == "complementary"


def _shown(page):
    return page.locator("table.sc-pair tbody tr:visible").count()


def test_a_choice_in_the_ledger_can_be_sent_to_someone(browser, address, visit):
    """Filters, order and words stand in the address; it opens the same choice; reset ends it."""
    with visit(browser) as opened:
        page = opened.open(f"{address}/book/ledger.html")
        total = _shown(page)
        page.select_option("select[name=chapter]", "first_cut")
        page.select_option("select[name=order]", "p")
        chosen = _shown(page)
        assert 0 < chosen < total and "chapter=first_cut&order=p" in page.url
        shared = page.url
        values = page.eval_on_selector_all(
            "table.sc-pair tbody tr:not([hidden])", "all => all.map(r => Number(r.dataset.p))"
        )
        assert all(one <= other for one, other in pairwise(values))
        page.click("form.sc-filter button[type=reset]")
        page.wait_for_timeout(50)
        assert _shown(page) == total and "?" not in page.url
        page.goto(shared)
        assert _shown(page) == chosen
        assert page.input_value("select[name=chapter]") == "first_cut"
        page.fill("input[name=words]", "no claim says this")
        assert _shown(page) == 0 and page.locator(".sc-empty").is_visible()
        page.click(".sc-empty button")
        page.wait_for_timeout(50)
        assert _shown(page) == total and not page.locator(".sc-empty").is_visible()
        page.goto(f"{address}/book/ledger.html?verdict=nonsense&nobody=1")
        assert _shown(page) == total and opened.complaints == []


def test_the_ledger_keeps_its_choice_when_opened_as_a_file(browser, site, visit):
    """Behind the number sign, where no server is asked."""
    with visit(browser) as opened:
        page = opened.open((site / "book/ledger.html").as_uri() + "#chapter=first_cut")
        assert page.input_value("select[name=chapter]") == "first_cut"
        page.select_option("select[name=chapter]", "breadth")
        assert page.evaluate("location.hash") == "#chapter=breadth" and opened.complaints == []


class _Parts(HTMLParser):
    """Ids, addresses, linked data and scripts of one page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.addresses, self.data, self.scripts = set(), [], [], []
        self.held = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids |= {found[key] for key in ("id", "name") if found.get(key)}
        self.addresses += [found[key] for key in ("href", "src") if found.get(key)]
        if tag == "script":
            self.held = found.get("type")
            self.scripts += [found["src"]] if found.get("src") else []

    def handle_data(self, data):
        if self.held == "application/ld+json":
            self.data.append(json.loads(data))

    def handle_endtag(self, tag):
        if tag == "script":
            self.held = None


@pytest.fixture(scope="module")
def parts(site):
    """Every page of the site, read once."""
    return {path: _Parts(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def test_every_link_and_anchor_leads_somewhere(parts, site):
    """A file for every address on the site, an element for every anchor."""
    broken = []
    for path, part in parts.items():
        if path.name == "404.html":
            continue
        for address in part.addresses:
            link = urlsplit(address)
            if link.scheme or link.netloc:
                continue
            target = (path.parent / unquote(link.path)).resolve() if link.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                broken.append(f"{path.relative_to(site)}: {address}")
            elif link.fragment and target in parts:
                anchors = parts[target].ids | {""}
                if unquote(link.fragment) not in anchors and "=" not in link.fragment:
                    broken.append(f"{path.relative_to(site)}: {address}")
    assert broken == []


def test_every_claim_has_its_page_and_every_judged_one_its_review(parts, site):
    """One ClaimReview a judged claim, complete, on the page it names."""
    exported = json.loads((site / "claims.json").read_text())["claims"]
    assert {one["id"] for one in exported} == set(load_claims())
    for one in exported:
        part = parts[site / "claims" / f"{one['id']}.html"]
        judged = one["verdict"] not in (None, "untestable openly")
        assert len(part.data) == judged, one["id"]
        for review in part.data:
            assert review["@context"] == "https://schema.org"
            assert review["@type"] == "ClaimReview"
            assert review["claimReviewed"] == one["text"]
            assert review["reviewRating"]["alternateName"] == one["verdict"]
            assert review["itemReviewed"]["appearance"][0]["author"]["name"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", review["datePublished"])


def test_no_page_is_heavy_and_none_loads_what_it_does_not_use(parts, site):
    """No icon script, no chart script without a chart, no filter without a ledger."""
    for path, part in parts.items():
        text = path.read_text(encoding="utf-8")
        assert len(text.encode()) < HEAVIEST, path.name
        loaded = " ".join(part.scripts)
        assert "fontawesome" not in loaded and "thebe" not in text.lower()
        assert ("figures.js" in loaded) == ('class="sc-spec"' in text), path.name
        assert ("ledger.js" in loaded) == ('class="sc-filter"' in text), path.name
    scripts = [path for path in (site / "_static").rglob("*.js") if path.stat().st_size > 150_000]
    assert scripts == []


def test_the_files_beside_the_pages_are_there(site):
    """For programs, feeds, search engines and servers."""
    for name in ("claims.json", "claims.schema.json", "sitemap.xml", "feed.xml", "404.html",
                 ".nojekyll", "_static/ledger.csv", "_static/preview.png"):  # fmt: skip
        assert (site / name).is_file(), name
    listed = (site / "sitemap.xml").read_text()
    assert all(f"{page}.html</loc>" in listed for page in (*PAGES, "claims/first-cut-12m"))


def test_no_chapter_opens_with_no_verdict_where_the_ledger_has_one(parts, site):
    """The list of claims at its top, and every card, are headed by the newest verdict."""
    exported = json.loads((site / "claims.json").read_text())["claims"]
    judged = [one for one in exported if one["verdict"] is not None]
    assert judged
    for one in judged:
        page = (site / "notebooks" / f"{one['chapter']}.html").read_text(encoding="utf-8")
        card = re.search(rf'id="verdict-{re.escape(one["id"])}" aria-label="([^"]*)"', page)
        assert card and card[1] == f"Verdict on {one['id']}: {one['verdict']}"


def test_code_is_whole_on_paper_and_what_only_a_screen_can_use_is_left_out(browser, address, visit):
    """Long lines break; menus, buttons and closed bars of code are not printed."""
    with visit(browser) as opened:
        page = opened.open(f"{address}/notebooks/first_cut.html")
        page.emulate_media(media="print")
        cut = "[...document.querySelectorAll('.cell_input pre')].filter(e => e.checkVisibility() &&"
        assert page.evaluate(f"{cut} e.scrollWidth > e.clientWidth + 1).length") == 0
        for gone in (".vega-bindings", ".sc-take", ".tag_hide-input > details.hide"):
            shown = page.evaluate(
                f"[...document.querySelectorAll('{gone}')].filter(e => e.checkVisibility()).length"
            )
            assert shown == 0, gone
        tallest = "Math.max(...[...document.querySelectorAll('.sc-slot canvas')]"
        assert page.evaluate(f"{tallest}.map(e => e.getBoundingClientRect().height))") < 800


def test_a_search_quotes_the_article_and_not_the_head_of_the_page(browser, address, visit):
    """No button, no table of contents, no two words grown together."""
    with visit(browser) as opened:
        page = opened.page
        page.goto(f"{address}/search.html?q=valuation+gap", wait_until="load")
        page.wait_for_selector("p.context")
        page.wait_for_timeout(500)
        quoted = page.locator("p.context").all_inner_texts()
        assert len(quoted) > 5
        assert not any(".pdf" in one or "Contents" in one for one in quoted)
        assert not any(re.search(r"[a-z][.?][A-Z]", one) for one in quoted)


def test_bars_are_printed_and_what_they_are_is_no_thin_writing(browser, address, visit):
    """Paper leaves out backgrounds unless it is told otherwise; captions have a usual weight."""
    with visit(browser) as opened:
        page = opened.page
        for name, marks in (("power", ".sc-bar > span"), ("verdict_dates", ".sc-stretch")):
            page.goto(f"{address}/book/{name}.html", wait_until="load")
            weight = "all => all.map(one => Number(getComputedStyle(one).fontWeight))"
            assert min(page.eval_on_selector_all("figcaption .sc-quiet", weight)) >= 400
            page.emulate_media(media="print")
            kept = "all => [...new Set(all.map(one => getComputedStyle(one).printColorAdjust))]"
            assert page.eval_on_selector_all(marks, kept) == ["exact"]
            page.emulate_media(media="screen")


def test_the_front_page_says_in_words_what_was_wrong_with_a_test(parts, site):
    """No name of a fault, and a claim stands once above its own card."""
    front = (site / f"{FRONT}.html").read_text(encoding="utf-8")
    assert "(fault:" not in front and "a corrected test (the old one" in front
    page = (site / "claims/first-cut-12m.html").read_text(encoding="utf-8")
    assert ">The claim<" not in page and ">What we find<" in page
