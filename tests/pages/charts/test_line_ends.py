"""Names at the ends of lines."""

import altair as alt
import pandas as pd

from analysis.pages.charts.line_ends import end_labels


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
    placed = labels.data.set_index("name")
    assert placed["month"].to_dict() == {"a": 3, "b": 2}
    assert placed.loc["a", "place"] > 0.5 and placed.loc["b", "place"] > 0.52
    assert placed.loc["b", "place"] - placed.loc["a", "place"] > 0.06
    assert labels.to_dict()["encoding"]["color"]["legend"] is None
