"""The built site in a real browser: drawn charts, silent console, no request to anyone."""

import functools
from urllib.parse import urlsplit

import pytest

from analysis.runs.book import ROOT, contents

pytestmark = pytest.mark.browser

PAGES = contents(ROOT / "_toc.yml")

CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]

FRONT = "book/intro"

WIDTHS = (1280, 820, 390)


def _drawings(page):
    """Width and height of the drawing in every figure."""
    return page.evaluate(
        """() => [...document.querySelectorAll('figure.sc-figure')].map(f => {
             const d = f.querySelector('.sc-slot svg, .sc-slot canvas');
             const box = d ? d.getBoundingClientRect() : {width: 0, height: 0};
             return [box.width, box.height];
           })"""
    )


def _hosts(requests):
    return {urlsplit(url).hostname for url in requests if urlsplit(url).scheme.startswith("http")}


@pytest.fixture(scope="session")
def seen(browser, address, visit):
    """What one visit to a page found; every page is opened once."""

    @functools.cache
    def visit_page(name):
        with visit(browser) as opened:
            page = opened.open(f"{address}/{name}.html")
            found = {
                "drawings": _drawings(page),
                "labels": page.eval_on_selector_all("figure.sc-figure", _LABELS),
                "access": page.evaluate(_ACCESS),
                "widths": {width: _width_at(page, width) for width in WIDTHS},
            }
            return found | {"complaints": opened.complaints, "hosts": _hosts(opened.requests)}

    return visit_page


def _width_at(page, width):
    """How wide the page is in a window of `width`: a telephone, a tablet, a desk."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(60)
    return page.evaluate("document.documentElement.scrollWidth")


_LABELS = """all => all.map(f => [f.getAttribute('aria-label'),
  f.querySelector('[role=graphics-document]')?.getAttribute('aria-label')
    ?? (f.querySelector('canvas') && f.getAttribute('aria-label'))])"""


@pytest.mark.quick("book/intro", "book/ledger", "notebooks/first_cut")
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_in_silence_and_asks_nobody(seen, name):
    """No console error, every chart drawn, and every request stays on the host."""
    found = seen(name)
    assert found["complaints"] == []
    assert found["hosts"] == {"127.0.0.1"}
    # a chart without data is one sentence high
    assert all(width > 100 and height > 20 for width, height in found["drawings"])


@pytest.mark.quick("book/intro", "book/ledger", "notebooks/first_cut")
@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(seen, name):
    """On a telephone, a tablet and a desk."""
    assert [width for width, used in seen(name)["widths"].items() if used > width] == []


@pytest.mark.quick("book/intro", "book/ledger", "notebooks/first_cut")
@pytest.mark.parametrize("name", PAGES)
def test_the_basics_of_access_hold(seen, name):
    """Language, one main heading, labels for pictures and controls, names for links, unique ids."""
    assert seen(name)["access"] == []


@pytest.mark.quick("notebooks/first_cut")
@pytest.mark.parametrize("name", CHAPTERS)
def test_every_chapter_has_drawings_with_a_label(seen, name):
    """A chapter without a chart lost it; a drawing carries the figure's words."""
    labels = seen(name)["labels"]
    assert labels
    assert all(label and label == drawn for label, drawn in labels)


def test_the_search_finds_chapters(browser, address, visit):
    """Its page holds the scripts it needs: a word of many chapters has many results."""
    with visit(browser) as opened:
        page = opened.page
        page.goto(f"{address}/search.html?q=valuation", wait_until="load")
        page.wait_for_selector("#search-results ul.search li a", timeout=15_000)
        assert opened.complaints == []
        icon, word = "form.bd-search i", "form.bd-search input"
        inside = (
            "one => one.getBoundingClientRect().x + parseFloat(getComputedStyle(one).paddingLeft)"
        )
        right = page.eval_on_selector(icon, "one => one.getBoundingClientRect().right")
        assert page.eval_on_selector(word, inside) >= right


@pytest.mark.quick("book/intro")
@pytest.mark.parametrize("name", [FRONT, "book/ledger", *CHAPTERS[:1]])
def test_a_telephone_in_the_dark_gets_whole_pages(browser, address, name, visit):
    """Charts drawn at 390 points, on a dark page, without sideways scrolling."""
    with visit(browser, "dark", 390) as opened:
        page = opened.open(f"{address}/{name}.html")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert all(width > 100 for width, _ in _drawings(page))
        assert opened.complaints == []


@pytest.mark.quick("book/intro")
@pytest.mark.parametrize("name", [FRONT, *CHAPTERS[:1]])
def test_a_page_works_when_opened_as_a_file(browser, site, name, visit):
    """A reader who got the folder by mail needs no server."""
    with visit(browser) as opened:
        page = opened.open((site / f"{name}.html").as_uri())
        assert opened.complaints == []
        assert _hosts(opened.requests) == set()
        assert all(width > 100 and height > 50 for width, height in _drawings(page))


@pytest.mark.parametrize("name", CHAPTERS[:1])
def test_charts_are_drawn_again_when_the_theme_changes(browser, address, name, visit):
    """Dark ink on a dark page would be invisible."""
    with visit(browser, "light") as opened:
        page = opened.open(f"{address}/{name}.html")
        ink = "() => getComputedStyle(document.querySelector('.sc-slot svg text')).fill"
        before = page.evaluate(ink)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.wait_for_function(
            "() => [...document.querySelectorAll('figure.sc-figure')]"
            ".every(f => f.dataset.drawn === 'dark')"
        )
        assert page.evaluate(ink) != before
        assert all(width > 100 for width, _ in _drawings(page))
        assert opened.complaints == []


_ACCESS = """() => {
  const found = [], article = document.querySelector('article');
  const named = e => (e.getAttribute('aria-label') || e.textContent || e.title || '').trim()
    || e.querySelector('img[alt]');
  if (!document.documentElement.lang) found.push('no language');
  if (article.querySelectorAll('h1').length !== 1) found.push('not one h1');
  for (const e of article.querySelectorAll('img')) if (!e.alt) found.push('img without alt');
  for (const e of article.querySelectorAll('figure')) if (!named(e)) found.push('figure no label');
  for (const e of article.querySelectorAll('a[href], button, summary'))
    if (!named(e)) found.push('no name: ' + e.outerHTML.slice(0, 80));
  for (const e of article.querySelectorAll('select, input:not([type=hidden])'))
    if (!e.labels?.length && !e.getAttribute('aria-label')) found.push('control without label');
  for (const e of article.querySelectorAll('table.sc-ledger'))
    if (!e.querySelector('th[scope]')) found.push('table without header');
  const ids = [...document.querySelectorAll('article [id]')].map(e => e.id);
  found.push(...ids.filter((id, k) => ids.indexOf(id) !== k).map(id => 'id twice: ' + id));
  return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser, address, theme, visit):
    """Every chip and every quiet line of the front page has 4.5:1 contrast."""
    with visit(browser, theme) as opened:
        page = opened.open(f"{address}/{FRONT}.html")
        assert page.evaluate(_CONTRAST) == []


_CONTRAST = """() => {
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
  return [...document.querySelectorAll('article .sc-chip, article .sc-quiet, article dt')]
    .map(e => [lum(rgb(getComputedStyle(e).color)), lum(ground(e)), e.textContent])
    .filter(([a, b]) => (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5)
    .map(x => x[2]);
}"""


def test_the_ledger_can_be_filtered_and_stands_without_javascript(browser, address, visit):
    """The filter hides lines; without scripts the form is hidden and every line is there."""
    with visit(browser) as opened:
        page = opened.open(f"{address}/book/ledger.html")
        rows = page.locator("table.sc-ledger tbody tr")
        total = rows.count()
        page.select_option("form.sc-filter select[name=chapter]", "first_cut")
        shown = page.locator("table.sc-ledger tbody tr:visible").count()
        assert 0 < shown < total
        assert shown == page.locator("tr[data-chapter=first_cut]").count()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{address}/book/ledger.html")
    assert plain.locator("table.sc-ledger tbody tr:visible").count() == total
    assert not plain.locator("form.sc-filter").is_visible()
    context.close()


#: Opened as a reader may open them: what is folded is read too.
_OPENED = "document.querySelectorAll('details').forEach(one => { one.open = true; })"

_BROKEN = """() => axe.run(document, {resultTypes: ['violations']}).then(found =>
  found.violations.flatMap(rule => rule.nodes.slice(0, 5).map(node =>
    `${rule.id}: ${node.target.join(' ')}: ${node.html.slice(0, 120)}`)))"""


def _violations(browser, url, visit, theme):
    """Every rule of axe-core that a page breaks, with the place."""
    axe = pytest.importorskip("axe_playwright_python.base")
    with visit(browser, theme) as opened:
        page = opened.open(url)
        page.evaluate(_OPENED)
        page.evaluate(axe.AXE_SCRIPT)
        return page.evaluate(_BROKEN)


#: One page of each kind, with the quick checks; the others with the slow ones.
KINDS = (FRONT, "book/ledger", "book/references", CHAPTERS[0], "claims/first-cut-12m", "404")

_SLOW = [page for page in (*PAGES, "genindex") if page not in KINDS]


@pytest.mark.quick("book/intro-light", "404-dark")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "name", [*KINDS, *(pytest.param(page, marks=pytest.mark.slow) for page in _SLOW)]
)
def test_axe_finds_no_violation(browser, address, visit, name, theme):
    """Every page, everything on it unfolded, by the rules of axe-core."""
    assert _violations(browser, f"{address}/{name}.html", visit, theme) == []


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_no_violation_on_any_claims_page(browser, address, site, visit, theme):
    """One layout, but other findings, other verdicts, other lengths; in the dark every sixth."""
    pages = sorted((site / "claims").glob("*.html"))[:: 1 if theme == "light" else 6]
    assert len(pages) > 12
    broken = {
        path.stem: found
        for path in pages
        if (found := _violations(browser, f"{address}/claims/{path.name}", visit, theme))
    }
    assert broken == {}


def test_axe_sees_what_is_wrong(browser, visit):
    """A picture without words and grey on grey are found: the test can fail."""
    page = '<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png">'
    grey = '<p style="color:#999;background:#aaa">grey</p></main>'
    found = _violations(browser, f"data:text/html,{page}{grey}".replace("#", "%23"), visit, "light")
    assert {one.partition(":")[0] for one in found} >= {"image-alt", "color-contrast"}
