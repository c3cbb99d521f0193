"""Names at the ends of lines."""

import altair as alt
import pandas as pd
import pytest

from analysis.pages.charts.line_ends import end_labels, named_lines, spaced
from analysis.pages.charts.theme import HALO


def test_each_line_is_named_once_beside_its_last_point():
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
    assert placed.loc["b", "place"] - placed.loc["a", "place"] > 0.06
    assert placed["place"].mean() == pytest.approx(0.51)
    assert words.to_dict()["encoding"]["color"]["legend"] is None
    assert rim.to_dict()["mark"]["style"] == HALO and "color" not in rim.to_dict()["encoding"]


def test_a_name_begins_where_its_line_ends_and_is_broken_where_it_is_long():
    """To the right of the last point, where the line does not run."""
    frame = pd.DataFrame({"at": [0, 1], "value": [0.0, 1.0], "name": "IWM over SPY from May"})
    x, colour = alt.X("at:Q"), alt.Color("name:N", legend=None)
    labels = end_labels(frame, "at", "value", "name", x=x, colour=colour)
    mark = labels.layer[1].to_dict()["mark"]
    assert mark["align"] == "left" and mark["dx"] > 0 and mark["lineBreak"] == "\n"
    assert labels.data["label"].tolist() == ["IWM over SPY\nfrom May"]


def test_names_that_meet_stand_upon_each_other_around_their_ends():
    """By their lines of words; one that is far from the others keeps its end."""
    ends, every = pd.Series([1.0, 0.0, 0.01]), pd.Series([0.0, 1.0])
    high, low, middle = spaced(ends, every, pd.Series([1, 2, 1]))
    assert high == 1.0 and (middle - low) == pytest.approx(1.5 * 0.065)
    assert (low + middle) / 2 == pytest.approx(0.005, abs=0.5 * 0.065)


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
