"""One chapter as one file: drawn, whole, and without anything from elsewhere."""

import re

import nbformat
import pytest

from analysis.pages.charts.renderer import MIME_TYPE
from analysis.pages.single_page import page_footer, single_page
from analysis.results import InputError
from analysis.runs.plan import NOTEBOOKS_FOLDER

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "description": "three <points>",
    "width": "container",
    "data": {"values": [{"x": 1}, {"x": 2}, {"x": 3}]},
    "mark": "point",
    "encoding": {"x": {"field": "x", "type": "quantitative"}},
}


def page(*cells):
    """The page of a notebook of some cells, without its style."""
    text = single_page(nbformat.v4.new_notebook(cells=list(cells)), "A & B", "where from")
    head, _, body = text.partition("<style>")
    return head + body.partition("</style>")[2]


def code(source, *tags, **data):
    """A code cell that was run, with one output."""
    output = nbformat.v4.new_output("display_data", data)
    return nbformat.v4.new_code_cell(source, outputs=[output], metadata={"tags": list(tags)})


def test_charts_are_drawn_and_described():
    """An SVG with a width of its own, and the description as its label, escaped."""
    text = page(code("draw()", "remove-input", **{MIME_TYPE: SPEC}))
    assert text.count("<svg") == 1 and 'aria-label="three &lt;points&gt;"' in text
    assert "draw()" not in text


def test_what_the_site_hides_is_left_out():
    """Hidden cells are gone, code shows where it does on the site, Markdown is no HTML."""
    text = page(
        code("secret()", "remove-cell", **{"text/plain": "hidden"}),
        code("shown()", **{"text/html": "<table><tr><td>7</td></tr></table>"}),
        nbformat.v4.new_markdown_cell("# Title\n\n<script>x</script> {cite:p}`Key2000`"),
    )
    assert "secret" not in text and "hidden" not in text
    assert "shown()" in text and "<td>7</td>" in text
    assert "<h1>Title</h1>" in text and "<script" not in text and "Key2000" in text
    assert "A &amp; B" in text and "where from" in text


def test_a_notebook_without_outputs_is_refused():
    """There would be nothing to read."""
    with pytest.raises(InputError, match="no outputs; run it first"):
        page(nbformat.v4.new_code_cell("1"))


@pytest.mark.slow
def test_a_chapter_of_the_book_needs_nothing_from_elsewhere():
    """No script, no style or picture by address, every chart drawn, every card there."""
    notebook = nbformat.read(NOTEBOOKS_FOLDER / "seasonality.ipynb", as_version=4)
    text = single_page(notebook, "January", page_footer("The Book", "seasonality", "0.1.0", None))
    charts = sum(
        MIME_TYPE in o.get("data", {}) for c in notebook.cells for o in c.get("outputs", ())
    )
    assert text.count('<figure role="img"') == charts > 0
    assert "<script" not in text and "<link" not in text and not re.search(r"src=|url\(", text)
    assert "as it is stored with the project" in text
