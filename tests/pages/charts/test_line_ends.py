"""Names at the ends of lines."""

import altair as alt
import pandas as pd

from analysis.pages.charts.line_ends import end_labels, named_lines
from analysis.pages.charts.theme import HALO


def test_each_line_is_named_once_above_its_last_point():
    """The last value that is there counts, in any order of rows; the names keep apart."""
    frame = pd.DataFrame(
        {
            "month": [3, 1, 2, 1, 2, 3],
            "value": [0.5, 0.0, 1.0, 0.2, 0.52, float("nan")],
            "name": ["a", "a", "a", "b", "b", "b"],
        }
    )
    x, colour = alt.X("month:Q"), alt.Color("name:N", legend=None)
    labels = end_labels(frame, "month", "value", "name", x=x, colour=colour)
    rim, words = labels.layer
    placed = labels.data.set_index("name")
    assert placed["month"].to_dict() == {"a": 3, "b": 2}
    assert placed.loc["a", "place"] > 0.5 and placed.loc["b", "place"] > 0.52
    assert placed.loc["b", "place"] - placed.loc["a", "place"] > 0.06
    assert words.to_dict()["encoding"]["color"]["legend"] is None
    assert rim.to_dict()["mark"]["style"] == HALO and "color" not in rim.to_dict()["encoding"]


def test_a_name_stands_above_all_of_its_line_that_lies_under_it():
    """A line that has just fallen does not run through its name."""
    frame = pd.DataFrame(
        {"month": range(100), "value": [0.0] * 97 + [1.0] * 2 + [0.5], "name": "a"}
    )
    x, colour = alt.X("month:Q"), alt.Color("name:N", legend=None)
    placed = end_labels(frame, "month", "value", "name", x=x, colour=colour).data
    assert placed["place"].iloc[0] > 1.0 and placed["month"].iloc[0] == 99


def test_lines_have_a_colour_and_a_dash_of_their_own_and_no_legend():
    """In the order of the colours, whatever the order of the rows."""
    frame = pd.DataFrame({"at": [0, 1, 0, 1], "value": [1.0, 2.0, 3.0, 4.0], "name": list("bbaa")})
    made = named_lines(
        frame, "at", "value", "name", x=alt.X("at:Q"), y=alt.Y("value:Q"),
        colours={"a": "#111111", "b": "#222222"}, tooltip=["name:N"], strokeWidth=3,
    ).to_dict()  # fmt: skip
    lines = made["layer"][0]
    assert lines["mark"]["strokeWidth"] == 3
    for channel in ("color", "strokeDash"):
        told = lines["encoding"][channel]
        assert told["legend"] is None and told["scale"]["domain"] == ["a", "b"]
