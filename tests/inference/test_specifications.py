"""The grid behind a curve, laid out by hand: months, events, cells, and what does not fit."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.specifications import WHOLE, lay_out
from analysis.results import InputError

MONTHS = pd.period_range("2000-01", periods=6, freq="M")
NAN = np.nan
OUTCOMES = pd.DataFrame(
    {"a": [1.0, 2.0, NAN, 4.0, 5.0, 6.0], "b": [NAN, NAN, 3.0, 4.0, NAN, NAN], "c": NAN},
    index=MONTHS,
)
EVENTS = pd.DataFrame(
    {"x": [0, 1, 1, 0, 0, 0], "y": [0, 0, 0, 1, 0, 1], "z": [0] * 6}, index=MONTHS
).astype(bool)
ERAS = pd.DataFrame({"late": [0, 0, 0, 1, 1, 1], "middle": [0, 0, 1, 1, 0, 0]}, MONTHS).astype(bool)
CHOICES = pd.DataFrame(
    [
        ("b", "y", "late"),
        ("a", "x", WHOLE),
        ("a", "y", "late"),
        ("c", "y", WHOLE),
        ("a", "z", WHOLE),
        ("a", "x", "middle"),
        ("b", "y", WHOLE),
    ],
    columns=["outcome", "events", "era"],
    index=[9, 8, 7, 6, 5, 4, 3],
)


@pytest.fixture
def grid():
    return lay_out(OUTCOMES, EVENTS, CHOICES, ERAS, 1)


def test_events_and_months_of_every_specification_by_hand(grid):
    """Counted where the outcome is there and the era holds; ends are those of the sample used."""
    table = grid.table
    assert table.index.tolist() == list(range(7))
    counts, edges = ["n_events", "n_months"], ["first", "last"]
    assert table.columns.tolist() == [*CHOICES.columns, *counts, *edges, "reason"]
    assert all(pd.api.types.is_integer_dtype(table[count]) for count in counts)
    assert table["n_events"].tolist() == [1, 1, 2, 0, 0, 0, 1]
    assert table["n_months"].tolist() == [1, 5, 3, 0, 5, 1, 2]
    assert table["first"].tolist() == ["2000-04", "2000-01", "2000-04", "", "2000-01", "2000-04",
                                       "2000-03"]  # fmt: skip
    assert table["last"].tolist() == ["2000-04", "2000-06", "2000-06", "", "2000-06", "2000-04",
                                      "2000-04"]  # fmt: skip
    assert table[["outcome", "events", "era"]].to_numpy().tolist() == CHOICES.to_numpy().tolist()


def test_cells_dates_and_sets_by_hand(grid):
    """Two specifications of one outcome in one era share a cell; a set without events is none."""
    assert grid.months == 6 and grid.dates.tolist() == [1, 2, 3, 5]
    assert grid.names == ("b", "a", "a", "c", "a", "b")
    assert grid.cell.tolist() == [0, 1, 2, 3, 1, 4, 5]
    columns = [[grid.dates[at].tolist(), rows.tolist()] for at, rows in grid.sets]
    assert columns == [[[3, 5], [0, 2, 3, 6]], [[1, 2], [1, 5]]]
    assert grid.order.tolist() == [0, 2, 3, 6, 1, 5]
    inside = [
        [0, 0, 0, 1, 0, 0], [1, 1, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1],
        [0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 0, 1, 1, 0, 0],
    ]  # fmt: skip
    assert grid.present.T.tolist() == inside


def test_reasons_name_what_is_missing():
    """At two events the first specifications lack one; the sentences count over the era."""
    reasons = lay_out(OUTCOMES, EVENTS, CHOICES, ERAS, 2).table["reason"].tolist()
    assert reasons == [
        "only 1 of 2 events have an outcome, 2 are needed (b starts 2000-03)",
        "only 1 of 2 events have an outcome, 2 are needed (a starts 2000-01)",
        "",
        "the data hold no values of c",
        "z names no event",
        "only 0 of 1 events have an outcome, 2 are needed (a starts 2000-01)",
        "only 1 of 2 events have an outcome, 2 are needed (b starts 2000-03)",
    ]
    one = lay_out(OUTCOMES, EVENTS, CHOICES, ERAS, 1).table["reason"]
    assert (one == "").tolist() == [True, True, True, False, False, False, True]
    early = ERAS.assign(early=[True, True, False, False, False, False])
    rows = pd.DataFrame(
        [("b", "x", "early"), ("a", "y", "early")], columns=["outcome", "events", "era"]
    )
    assert lay_out(OUTCOMES, EVENTS, rows, early, 1).table["reason"].tolist() == [
        "b runs from 2000-03 to 2000-04, outside the era early",
        "no events of y in the era early",
    ]


def test_an_outcome_outside_an_era_is_told_by_its_first_and_its_last_month():
    three = OUTCOMES.assign(a=[1.0, 2.0, 3.0, NAN, NAN, NAN])
    late = ERAS.assign(late=[False, False, False, False, True, True])
    rows = pd.DataFrame([("a", "y", "late")], columns=["outcome", "events", "era"])
    assert lay_out(three, EVENTS, rows, late, 1).table["reason"].tolist() == [
        "a runs from 2000-01 to 2000-03, outside the era late"
    ]


def test_without_eras_the_sample_is_whole():
    """A table without the column is of the whole sample, with or without eras beside it."""
    bare = CHOICES[["outcome", "events"]]
    for eras in (None, ERAS):
        table = lay_out(OUTCOMES, EVENTS, bare, eras, 1).table
        assert table["n_months"].tolist() == [2, 5, 5, 0, 5, 5, 2]
        assert table["n_events"].tolist() == [1, 1, 2, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"events": EVENTS.set_axis(MONTHS + 1)}, "events: has another index than outcomes"),
        ({"eras": ERAS.set_axis(MONTHS + 1)}, "eras: has another index than outcomes"),
        ({"events": EVENTS.astype(int)}, "events: expected boolean flags"),
        ({"eras": ERAS.assign(late=1.0)}, "eras: expected boolean flags"),
        ({"specifications": CHOICES[:0]}, "specifications: need rows"),
        ({"specifications": CHOICES[["outcome"]]}, "specifications: need rows, and the columns"),
        ({"specifications": CHOICES[["events"]]}, "specifications: need rows, and the columns"),
        ({"specifications": CHOICES.assign(outcome="q")}, "unknown outcome 'q'"),
        ({"specifications": CHOICES.assign(events="q")}, "unknown events 'q'"),
        ({"specifications": CHOICES.assign(era="q")}, "unknown era 'q'"),
        ({"eras": None}, "unknown era 'late'"),
        ({"outcomes": OUTCOMES.assign(a=np.inf)}, "outcomes: holds infinite values"),
    ],
)
def test_frames_that_do_not_fit_are_named(changes, said):
    """One error that says which of them."""
    given = {"outcomes": OUTCOMES, "events": EVENTS, "specifications": CHOICES, "eras": ERAS}
    with pytest.raises(InputError, match=said):
        lay_out(**(given | changes), min_events=1)
