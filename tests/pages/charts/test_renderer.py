"""The offline renderer: what a notebook stores for a chart."""

import copy
import re

import altair
import pytest

from analysis.pages.charts import enable, theme
from analysis.pages.charts.pictures import WIDTH
from analysis.pages.charts.renderer import MIME_TYPE, OPENED, mimebundle
from analysis.pages.charts.theme import PALETTE
from analysis.results import InputError

TITLE = {"text": ["A line rises"], "subtitle": ["A line, in points.", "Source: made up."]}

SPEC = {
    "description": "A line\n  that rises.",
    "title": TITLE,
    "mark": "line",
    "data": {"name": "data-8f3a"},
    "datasets": {"data-8f3a": [{"x": 1.123456789, "y": 2}]},
    "encoding": {},
}


def test_a_chart_is_stored_as_specification_and_description():
    """The bundle holds the specification and, for anyone who cannot see it, its description."""
    bundle = mimebundle(SPEC)
    assert set(bundle) == {MIME_TYPE, "text/plain"}
    assert bundle["text/plain"] == "A line that rises."


def test_numbers_keep_six_significant_digits():
    """Noise beyond the sixth digit cannot change a committed notebook."""
    data = mimebundle(SPEC)[MIME_TYPE]["datasets"]
    assert data == {"data-1": [{"x": 1.12346, "y": 2}]}


def test_data_sets_are_named_by_order_of_appearance():
    """Altair's names are hashes of the unrounded data; two runs must not differ by them."""
    other = copy.deepcopy(SPEC)
    other["data"]["name"] = "data-zzz"
    other["datasets"] = {"data-zzz": [{"x": 1.1234561, "y": 2}]}
    assert mimebundle(other) == mimebundle(SPEC)


def test_layers_share_and_keep_their_data_sets():
    """Every layer still points to its own data after renaming."""
    spec = {
        "description": "d",
        "title": TITLE,
        "layer": [{"mark": "bar", "data": {"name": "b"}}, {"mark": "rule", "data": {"name": "a"}}],
        "datasets": {"a": [{"v": 1}], "b": [{"v": 2}]},
    }
    made = mimebundle(spec)[MIME_TYPE]
    values = [made["datasets"][part["data"]["name"]] for part in made["layer"]]
    assert values == [[{"v": 2}], [{"v": 1}]]


def test_a_column_called_data_is_not_a_data_set():
    """Rows with a field named data keep it."""
    spec = {**SPEC, "datasets": {"data-8f3a": [{"data": "bundled"}]}}
    assert mimebundle(spec)[MIME_TYPE]["datasets"]["data-1"] == [{"data": "bundled"}]


def test_infinite_and_missing_numbers_become_null():
    """JSON has no infinity: such a point is left out of the drawing."""
    spec = {**SPEC, "datasets": {"data-8f3a": [{"x": float("inf"), "y": float("nan")}]}}
    assert mimebundle(spec)[MIME_TYPE]["datasets"]["data-1"] == [{"x": None, "y": None}]


@pytest.mark.parametrize("description", [None, "", "  "])
def test_a_chart_without_description_is_refused(description):
    """Nobody publishes a picture that some readers cannot read."""
    with pytest.raises(InputError, match="no description"):
        mimebundle({**SPEC, "description": description})


@pytest.mark.parametrize(
    ("title", "lacking"),
    [
        (None, "title"),
        ("A line rises", "title"),
        ({"text": ["A line rises"]}, "subtitle"),
        ({"text": ["A line rises"], "subtitle": ["Source: made up."]}, "subtitle"),
        ({"text": ["A line rises"], "subtitle": "A line, in points."}, "source"),
    ],
)
def test_a_chart_that_does_not_say_what_it_is_is_refused(title, lacking):
    """Finding, what is drawn and the source travel with every picture of a chart."""
    with pytest.raises(InputError, match=f"no {lacking}; .*titled"):
        mimebundle({**SPEC, "title": title})


def test_a_single_view_takes_its_containers_width_but_a_facet_does_not():
    """Vega-Lite draws nothing for a facet as wide as its container."""
    faceted = {**SPEC, "encoding": {"column": {"field": "x"}}}
    assert mimebundle(SPEC)[MIME_TYPE]["width"] == "container"
    assert mimebundle({**SPEC, "width": 90})[MIME_TYPE]["width"] == 90
    assert "width" not in mimebundle(faceted)[MIME_TYPE]


def test_enable_gives_every_chart_theme_and_renderer():
    """A chart displayed in a notebook carries the palette and no address of another host."""
    enable()
    title = altair.TitleParams(**TITLE)
    chart = altair.Chart({"values": [{"x": 1}]}, description="one point", title=title).mark_point()
    bundle = chart._repr_mimebundle_()
    assert bundle[MIME_TYPE]["config"]["range"]["category"] == list(PALETTE)
    assert set(bundle) == {MIME_TYPE, "text/plain"}


def test_a_notebook_that_is_open_has_the_drawing_too(monkeypatch):
    """Jupyter Lab knows no Vega-Lite of version 6; a run empties the name and has none."""
    monkeypatch.setenv(OPENED, "")
    stored = mimebundle(SPEC)
    assert set(stored) == {MIME_TYPE, "text/plain"}
    monkeypatch.setenv(OPENED, "notebooks/first_cut.ipynb")
    opened = mimebundle(SPEC)
    drawing = opened.pop("image/svg+xml")
    assert opened == stored
    assert float(re.search(r'width="([\d.]+)"', drawing)[1]) >= WIDTH
    assert (
        drawing.startswith('<svg style="max-width: 100%; height: auto" ')
        and "A line rises" in drawing
    )


@pytest.mark.parametrize("page", ["#ffffff", "#12171c"])
def test_every_colour_of_the_palette_stands_out_on_both_pages(page):
    """Graphics need 3:1 contrast (WCAG 2.2, criterion 1.4.11) on the light and the dark page."""
    for colour in (*PALETTE, theme()["config"]["bar"]["color"]):
        assert _contrast(colour, page) >= 3, colour


def _contrast(first, second):
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
