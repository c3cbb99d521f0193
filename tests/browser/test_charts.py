"""Charts a reader can use: what is under each, and the curve of every specification."""

import csv
import json
import re

import pytest

from analysis.claims import load_claims
from analysis.runs.book import ROOT, contents

pytestmark = pytest.mark.browser

CURVE = "claims/premium-vanished"

#: Pages with charts.
CHARTED = [
    page
    for page in contents(ROOT / "_toc.yml")
    if page.startswith("notebooks/") or page == "book/ledger"
]

FIGURE = "figure.sc-figure"


def taken(page, kind):
    """The file a button of the first chart gives."""
    with page.expect_download() as waiting:
        page.click(f"{FIGURE} button[data-take={kind}]")
    return waiting.value


@pytest.fixture
def curve(browser, address, visit):
    """The page of a claim with a curve, every chart drawn."""
    with visit(browser) as opened:
        yield opened.open(f"{address}/{CURVE}.html")
        assert opened.complaints == []
        assert all(url.startswith((address, "blob:", "data:")) for url in opened.requests)


def test_a_chart_gives_its_data_and_pictures_with_title_and_source(curve, tmp_path):
    """CSV in words, SVG with the sentences above the chart, a PNG; nobody is asked for them."""
    files = {}
    for kind in ("csv", "svg", "png"):
        files[kind] = tmp_path / f"chart.{kind}"
        taken(curve, kind).save_as(files[kind])
    lines = files["csv"].read_text(encoding="utf-8").splitlines()
    about = [line for line in lines if line.startswith("#")]
    rows = list(csv.DictReader(lines[len(about) :]))
    assert any("specifications" in line for line in about)
    assert any(line.startswith("# Source:") for line in about)
    assert {row["published"] for row in rows} == {"January 1981", "February 1993"}
    assert all(float(row["low"]) < float(row["high"]) for row in rows)
    picture = files["svg"].read_text(encoding="utf-8")
    assert "Source:" in picture and "specifications" in picture
    assert files["png"].read_bytes().startswith(b"\x89PNG")


def test_the_words_and_the_table_open_and_close_by_keyboard(curve):
    """One at a time; the table can be scrolled by keyboard."""
    words, table = (curve.locator(f"{FIGURE} button[data-take={k}]") for k in ("words", "table"))
    words.focus()
    curve.keyboard.press("Enter")
    behind = curve.locator(f"{FIGURE} .sc-behind")
    assert behind.inner_text().strip() == curve.locator(FIGURE).get_attribute("aria-label")
    table.focus()
    curve.keyboard.press("Enter")
    assert behind.locator("tbody tr").count() > 2
    assert behind.locator("[role=region]").get_attribute("tabindex") == "0"
    curve.keyboard.press("Enter")
    assert behind.inner_html() == ""


def test_a_filter_and_the_slider_work_without_a_kernel(curve):
    """One alternative kept: fewer are counted; the next place is told in words, by keyboard."""
    drawing = curve.locator(f"{FIGURE} .sc-slot svg")
    whole = drawing.text_content()
    curve.locator(f"{FIGURE} select").first.select_option(index=1)
    curve.wait_for_timeout(300)
    kept = drawing.text_content()
    assert " of 2:" in kept and " of 2:" not in whole
    curve.locator(f"{FIGURE} select").first.select_option(index=0)
    slider = curve.locator(f"{FIGURE} input[type=range]")
    slider.focus()
    before = int(slider.input_value())
    curve.keyboard.press("ArrowLeft")
    curve.wait_for_timeout(300)
    assert f"Number {before - 1} of" in drawing.text_content()


def test_formulas_are_drawn_without_a_script(browser, address, visit):
    """MathML with a size of its own, and no MathJax asked for."""
    with visit(browser) as opened:
        page = opened.open(f"{address}/book/methods.html")
        boxes = page.evaluate(
            "() => [...document.querySelectorAll('math')].map("
            "m => m.getBoundingClientRect().height)"
        )
        assert len(boxes) >= 10 and min(boxes) > 8
        assert not any("mathjax" in url.lower() for url in opened.requests)


@pytest.mark.quick("book/power-390")
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", ["book/verdict_dates", "book/power", CURVE])
def test_nothing_of_the_new_pages_is_wider_than_the_window(browser, address, visit, name, width):
    """Strips, bars and the panel of choices fit a telephone."""
    with visit(browser, width=width) as opened:
        page = opened.open(f"{address}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        clipped = page.evaluate(
            """() => [...document.querySelectorAll('figure.sc-figure')].filter(f => {
                 const d = f.querySelector('.sc-slot svg, .sc-slot canvas').getBoundingClientRect();
                 return d.right > f.getBoundingClientRect().right + 2;
               }).length"""
        )
        assert clipped == 0


#: Words of a chart that reach beyond its picture, or stand on other words, by more than the pixels
#: that a browser's measures differ by; drawn figures wider than their box.
_UNREADABLE = """() => [...document.querySelectorAll('figure.sc-figure')].flatMap(figure => {
  const drawing = figure.querySelector('.sc-slot svg');
  if (!drawing || !figure.checkVisibility()) return [];
  const all = drawing.getBoundingClientRect(), room = figure.getBoundingClientRect();
  const words = [...drawing.querySelectorAll('text')].filter(
    text => text.textContent.trim() && !text.hasAttribute('stroke')
      && +(text.getAttribute('opacity') ?? 1) > 0);
  const boxes = words.map(text => [text.textContent, text.getBoundingClientRect()]);
  const out = boxes.filter(([, box]) => box.left < all.left - 4 || box.right > all.right + 4
    || box.top < all.top - 4 || box.bottom > all.bottom + 4).map(([said]) => `cut: ${said}`);
  if (all.right > room.right + 2) out.push(`wider than its box: ${figure.ariaLabel}`);
  return out;
})"""


@pytest.mark.quick("notebooks/rate_sensitivity-390")
@pytest.mark.parametrize("width", [360, 390, 820])
@pytest.mark.parametrize("name", CHARTED)
def test_every_word_of_a_chart_lies_inside_its_picture(browser, address, visit, name, width):
    """Titles, axes, legends and names of rows; a figure is no wider than its box."""
    with visit(browser, width=width) as opened:
        page = opened.open(f"{address}/{name}.html")
        assert page.evaluate(_UNREADABLE) == []
        assert opened.complaints == []


@pytest.mark.quick("notebooks/valuation_gap")
@pytest.mark.parametrize("name", CHARTED)
def test_no_chart_speaks_in_codes(site, name):
    """What stands on an axis or in a legend is words: no column's name, no month by numbers."""
    specs = re.findall(
        r'<script type="application/json" class="sc-spec">(.*?)</script>',
        (site / f"{name}.html").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert specs
    assert [code for spec in map(json.loads, specs) for code in codes_of(spec)] == []


#: What the project calls its claims, and no reader does.
_CLAIMS = frozenset(load_claims())

#: A column's name, a note's number, or a month by numbers, standing alone or in a name.
_CODE = re.compile(
    r"\b[a-z]+[0-9]*_[a-z0-9_]+\b|^0[0-9]{2}\b|\b[12][0-9]{3}-[01][0-9]\b|\b[Ll]o[0-9]"
)


def codes_of(spec):
    """Entries of nominal channels that are codes, in a chart and its parts."""
    sets = {
        name: [dict(zip(rows["fields"], row, strict=True)) for row in rows["rows"]]
        if isinstance(rows, dict) else rows
        for name, rows in (spec.get("datasets") or {}).items()
        if not isinstance(rows, str)
    }  # fmt: skip
    found = []

    def walk(part, data):
        own = (part.get("data") or {}).get("name", data)
        for channel in ("x", "y", "color", "shape", "text", "row"):
            told = (part.get("encoding") or {}).get(channel) or {}
            if told.get("type") in ("nominal", "ordinal") and told.get("field"):
                values = {str(row.get(told["field"])) for row in sets.get(own, [])}
                found.extend(sorted(v for v in values if _CODE.search(v) or v in _CLAIMS))
        for inner in (*part.get("layer", ()), *part.get("vconcat", ()), *part.get("hconcat", ())):
            walk(inner, own)
        if part.get("spec"):
            walk(part["spec"], own)

    walk(spec, None)
    return found


def test_codes_are_found_on_axes():
    """A leg's name, a note's number, a month, a claim's id; years and words pass."""
    rows = {"fields": ["who", "at"], "rows": [["s1_s5", 1], ["2018-11", 2], ["000 · x", 3],
                                              ["small caps", 4], ["1949", 5],
                                              ["gaps-close", 6]]}  # fmt: skip
    chart = {"data": {"name": "d"}, "datasets": {"d": rows},
             "layer": [{"encoding": {"y": {"field": "who", "type": "nominal"}}}]}  # fmt: skip
    assert codes_of(chart) == ["000 · x", "2018-11", "gaps-close", "s1_s5"]


_BLACK = """() => [...document.querySelectorAll('.sc-slot svg .role-legend-symbol path')]
  .filter(mark => ['black', '#000', '#000000', 'rgb(0, 0, 0)'].includes(mark.getAttribute('fill')))
  .map(mark => mark.closest('figure').ariaLabel.slice(0, 60))"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["notebooks/outlooks", "notebooks/figures"])
def test_no_mark_of_a_legend_is_black_on_a_dark_page(browser, address, visit, name):
    """Legends of shapes and of opacity, which have no colour of their own."""
    with visit(browser, "dark") as opened:
        page = opened.open(f"{address}/{name}.html")
        assert page.evaluate(_BLACK) == []


def test_folded_charts_have_room_for_their_legends(browser, address, visit):
    """Two legends beside each other, on a wide screen, once the fold is opened."""
    with visit(browser) as opened:
        page = opened.page
        page.goto(f"{address}/notebooks/figures.html", wait_until="load")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        drawn = (
            "() => [...document.querySelectorAll('figure.sc-figure')].every(f => f.dataset.drawn)"
        )
        page.wait_for_function(drawn, timeout=30_000)
        page.wait_for_timeout(600)
        assert page.evaluate(_UNREADABLE) == []


def test_a_chart_does_not_keep_the_width_of_a_window_that_is_gone(browser, address, visit):
    """A picture of the whole page is taken in a larger window, and its size is taken back."""
    with visit(browser) as opened:
        page = opened.open(f"{address}/book/ledger.html")
        page.screenshot(full_page=True)
        page.wait_for_timeout(900)
        widths = page.evaluate(
            "[...document.querySelectorAll('.sc-slot')].map(s =>"
            " [s.querySelector('svg, canvas').getBoundingClientRect().width, s.clientWidth])"
        )
        assert widths and all(drawn <= room + 2 for drawn, room in widths)
