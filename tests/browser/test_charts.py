"""Charts a reader can use: what is under each, and the curve of every specification."""

import csv

import pytest

pytestmark = pytest.mark.browser

CURVE = "claims/premium-vanished"

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
