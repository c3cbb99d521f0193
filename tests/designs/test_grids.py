"""The table of a grid, and the windows a gap's tests begin at."""

import numpy as np
import pandas as pd
import pytest

from analysis.designs.gap_windows import begins_window, too_few, window_headline
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.inference.joint_histories import Window
from analysis.panel.eras import in_era
from analysis.results import Refusal

MONTHS = pd.period_range("1926-07", "2018-11", freq="M")


class Fixed:
    """A test of windows whose numbers are known."""

    def p_of(self, window):
        return 0.25

    def corrected(self, window):
        return 0.5, 0.1, 0.9

    def error_of(self, window):
        return 0.2


def test_every_specification_has_its_estimates_or_its_reason():
    """By place, by name, refused, and left out in words; what is known of all of them stays."""
    table = grid_table(
        ["leg", "months"],
        ["mean", "p"],
        [
            ({"leg": "smb", "months": 12}, (0.5, 0.01)),
            ({"leg": "d2d5", "months": 9}, {"p": 0.02, "mean": 0.25}),
            ({"leg": "own"}, Refusal("no such leg", needs="latest")),
            ({"leg": "lo30", "months": 2}, "too few months"),
        ],
    )
    assert list(table) == ["leg", "months", "mean", "p", "reason"]
    assert list(table["reason"]) == ["", "", "no such leg", "too few months"]
    assert list(table["months"].fillna(0)) == [12, 9, 0, 2]
    ran = rows_that_ran(table)
    assert list(ran) == ["leg", "months", "mean", "p"]
    assert ran[["mean", "p"]].to_numpy().tolist() == [[0.5, 0.01], [0.25, 0.02]]
    assert list(grid_table(["leg"], ["mean"], [])) == ["leg", "mean", "reason"]


def test_estimates_without_a_column_of_their_own_are_an_error():
    """One number more or fewer than there are columns is never shifted into the next."""
    for numbers in ((0.5,), (0.5, 0.1, 0.2)):
        with pytest.raises(ValueError, match="zip"):
            grid_table(["leg"], ["mean", "p"], [({"leg": "smb"}, numbers)])


@pytest.mark.parametrize(("era", "horizon"), [("full", 12), ("to_1980", 36), ("from_2013", 60)])
def test_a_window_begins_where_it_can_end_in_its_era(era, horizon):
    """Month by month: the first and the last month of the window both lie in the era."""
    inside = set(in_era(pd.Series(0, index=MONTHS), era).index)
    by_hand = [month in inside and month + horizon in inside for month in MONTHS]
    assert begins_window(MONTHS, era, horizon).tolist() == by_hand


def test_windows_are_counted_without_a_month_in_common():
    """Four stretches side by side are enough, where there are enough months to begin at."""
    assert Window("smb/june", np.arange(37), 12).separate == 4
    assert Window("smb/june", np.arange(36), 12).separate == 3
    assert too_few(np.arange(37), 12) == ""
    assert too_few(np.arange(36), 12) == "36 windows of 12 months are too few"
    assert too_few(np.arange(0, 37, 2), 12) == "19 windows of 12 months are too few"
    assert too_few(np.arange(0, 37, 2), 12, fewest=19) == ""
    assert too_few(np.empty(0, dtype=np.int64), 12) == "0 windows of 12 months are too few"


def test_the_headline_of_a_window_ends_with_its_last_month():
    """The sample runs from the first start to the end of the last window."""
    head = window_headline(Fixed(), 0, Window("smb/june", np.arange(6, 43), 12), MONTHS)
    assert (head["estimate"], head["ci_low"], head["ci_high"]) == (0.5, 0.1, 0.9)
    assert (head["sample_start"], head["sample_end"]) == ("1927-01", "1931-01")
    assert (head["n"], head["effective_n"], head["p_value"]) == (37, 4.0, 0.25)
    assert head["mde"] == pytest.approx(0.2 * 2.80, rel=0.01)
