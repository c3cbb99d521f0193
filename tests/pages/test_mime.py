"""Charts and verdict cards as HTML."""

import json
import re
from importlib.metadata import entry_points
from types import SimpleNamespace

from analysis.pages import mime
from analysis.pages.cards import verdict_card
from analysis.pages.mime import BUNDLE, VegaLite, bundle, figure

EVIL = "</script><script>alert(1)</script>"


def test_the_plug_in_is_registered_under_its_entry_point():
    """MyST-NB finds the renderer by the installed package's entry point."""
    found = entry_points(group="myst_nb.mime_renderers")
    assert any(point.load() is VegaLite for point in found)


def test_a_figure_has_a_label_a_text_without_javascript_and_its_specification():
    """A reader gets the description whatever their browser can do."""
    html = figure({"description": 'Small & "large"', "mark": "bar"})
    assert html.count("Small &amp; &quot;large&quot;") == 2
    assert 'aria-label="Small &amp; &quot;large&quot;"' in html
    payload = re.search(r'class="sc-spec">(.*?)</script>', html).group(1)
    assert json.loads(payload)["mark"] == "bar"


def test_text_in_the_data_of_a_chart_cannot_close_its_script():
    """A claim's HTML inside a data set stays data."""
    html = figure({"description": EVIL, "datasets": {"data-1": [{"label": EVIL}]}})
    assert "<script>alert" not in html
    assert html.count("</script>") == 1
    payload = re.search(r'class="sc-spec">(.*?)</script>', html).group(1)
    assert json.loads(payload)["datasets"]["data-1"][0]["label"] == EVIL


def test_data_of_a_chart_name_their_columns_once():
    """Rows of one shape are packed; a single row and rows of several shapes stay as they are."""
    rows = [{"x": 1, "words": "a"}, {"x": None, "words": "b"}]
    sets = {"data-1": rows, "data-2": [{"at": 5}], "data-3": [{"x": 1}, {"y": 2}], "data-4": "a,b"}
    html = figure({"description": "d", "datasets": sets})
    payload = json.loads(re.search(r'class="sc-spec">(.*?)</script>', html).group(1))["datasets"]
    packed = payload.pop("data-1")
    assert packed == {"fields": ["x", "words"], "rows": [[1, "a"], [None, "b"]]}
    assert payload == {name: sets[name] for name in payload} and len(payload) == 3


def test_other_outputs_are_left_to_the_default_renderers():
    """The plug-in speaks for charts and cards alone."""
    data = SimpleNamespace(mime_type="text/plain", content="x")
    assert VegaLite.handle_mime(None, data, False) is None
    data = SimpleNamespace(mime_type=mime.MIME_TYPE, content={"description": "d"})
    assert VegaLite.handle_mime(None, data, True) is None
    assert VegaLite.handle_mime(None, data, False)[0]["format"] == "html"


def test_a_card_shows_html_as_text():
    """Every field of a verdict may hold markup, and none of it runs."""
    texts = ("claim", "verdict", "finding", "unit", "null", "more_needed", "sensitivity")
    record = dict.fromkeys((*texts, "criterion_hash", "as_of", "snapshot"), EVIL)
    record |= {"data": "latest", "n": 3, "estimate": 1.0, "mde": 1.0, "ci_low": 0.0}
    record["conditions"] = [
        {"verdict": EVIL, "measure": EVIL, "op": "<", "threshold": 1.0, "value": 0.5,
         "unit": EVIL, "holds": True}
    ]  # fmt: skip
    html = verdict_card(record, None)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= len(texts)


def test_a_card_without_evidence_says_why():
    """A refused test shows its reason and no table of numbers."""
    html = verdict_card({"claim": "a-b", "verdict": None, "reason": "too few months"}, None)
    assert "no verdict" in html
    assert "Too few months" in html
    assert "<dl" not in html


def test_the_bundle_is_one_script_that_needs_no_other_host():
    """Vega comes from a file beside the pages, as a classic script, so that file:// works."""
    script = bundle()
    assert BUNDLE.endswith(".mjs")
    assert "window.vegaEmbed" in script
    assert not re.search(r"^\s*(import|export)\s", script, re.MULTILINE)
    assert not re.search(r"""import\(["']https?:""", script)
