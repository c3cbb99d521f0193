"""The one chart of estimates with intervals: what stands where, and in which colour."""

import pandas as pd
import pytest

from analysis.pages.charts.intervals import intervals
from analysis.pages.charts.theme import CONTEXT

FRAME = pd.DataFrame(
    {
        "label": ["rates", "rates", "credit", "credit"],
        "kind": ["alone", "the market's"] * 2,
        "estimate": [0.01, 0.02, -0.03, 0.1],
        "low": [-0.01, 0.01, -0.05, 0.0],
        "high": [0.02, 0.03, 0.0, 0.2],
    }
)
KINDS = {"alone": "#111111", "the market's": "#222222"}


def layers(chart) -> dict[str, dict]:
    """The references, spans and points of a chart."""
    spec = chart.properties(description="Something to see.").to_dict()
    return dict(zip(("references", "spans", "points"), spec["layer"], strict=True))


def test_labels_keep_their_order_and_zero_is_marked():
    """Without named references the values are set against zero."""
    found = layers(intervals(FRAME.drop_duplicates("label"), "effect a year"))
    assert found["points"]["encoding"]["y"]["sort"] == ["rates", "credit"]
    assert found["points"]["encoding"]["x"]["field"] == "estimate"
    assert found["spans"]["encoding"]["x2"]["field"] == "high"
    assert found["references"]["mark"]["color"] == CONTEXT
    assert "strokeDash" not in found["references"]["encoding"]


def test_kinds_stand_side_by_side_by_colour_and_shape():
    """Colour alone never tells two kinds apart; an apostrophe breaks no expression."""
    found = layers(intervals(FRAME, "effect", kinds=KINDS, legend="with"))
    assert found["points"]["encoding"]["yOffset"]["sort"] == list(KINDS)
    assert found["points"]["encoding"]["shape"]["scale"]["domain"] == list(KINDS)
    painted = found["spans"]["encoding"]["color"]["condition"]
    assert [(one["test"], one["value"]) for one in painted] == [
        ('datum.kind === "alone"', "#111111"),
        ('datum.kind === "the market\'s"', "#222222"),
    ]


@pytest.mark.parametrize("kinds", [None, KINDS])
def test_upright_turns_labels_and_values(kinds):
    """Decades stand beneath and their means above."""
    found = layers(intervals(FRAME, "mean", kinds=kinds, upright=True))
    assert found["points"]["encoding"]["x"]["field"] == "label"
    assert found["points"]["encoding"]["y"]["field"] == "estimate"
    assert ("xOffset" in found["points"]["encoding"]) is (kinds is not None)


def test_references_are_named_and_the_axis_has_its_ends():
    """What a value is compared with stands in the legend."""
    chart = intervals(FRAME, "share", references={"nominal": 0.05, "defect": 0.07}, domain=(0, 0.4))
    found = layers(chart)
    assert found["references"]["encoding"]["strokeDash"]["field"] == "line"
    assert found["points"]["encoding"]["x"]["scale"]["domain"] == [0, 0.4]
    tips = {tip["field"]: tip.get("format") for tip in found["points"]["encoding"]["tooltip"]}
    assert tips == {"label": None, "estimate": ".1%", "low": ".1%", "high": ".1%"}
