"""Numbers as a reader wants them."""

import math

import pandas as pd
import pytest

from analysis.pages.quantities import (
    format_cell,
    format_count,
    format_interval,
    format_measure,
    format_p,
    format_quantity,
)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-0.034, "decimal return per year", "−3.4% per year"),
        (0.615, "probability", "61.5%"),
        (12.345, "months", "12.3 months"),
        (0.0, "", "0"),
        (-0.00001, "decimal", "0.0%"),
        (1984.0, "firms", "1,984 firms"),
        (999.7, "", "1,000"),
        (0.00005, "", "5.0e-05"),
        (math.inf, "months", "infinity months"),
        (None, "months", "none"),
        (math.nan, "months", "none"),
    ],
)
def test_a_quantity_is_rounded_and_carries_its_unit(value, unit, text):
    """Decimals become per cent, a minus is a minus sign, and nothing is called minus zero."""
    assert format_quantity(value, unit) == text


def test_an_interval_names_its_open_end():
    """A half-life that may be infinite must not look like a missing number."""
    assert format_interval(3.0, None, "years") == "3 to no upper end years"
    assert format_interval(-0.01, 0.02, "decimal") == "−1.0% to 2.0%"
    assert format_interval(None, None) == "none"


def test_a_small_p_value_is_never_zero():
    """Printing 0.000 would say that chance is excluded."""
    assert [format_p(p) for p in (0.0001, 0.0432, 0.41, None)] == [
        "< 0.001",
        "0.043",
        "0.41",
        "none",
    ]


def test_counts_are_whole_where_they_are_whole():
    """Events are whole, effective sample sizes need not be."""
    assert [format_count(n) for n in (14.0, 9.24, 1109.0)] == ["14", "9.2", "1,109"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(True, "", "yes"), (0.0312, "p-value", "0.031"), (3.0, "count", "3"), (0.5, "share", "50.0%")],
)
def test_a_measure_is_shown_in_its_unit(value, unit, text):
    """Yes and no, p-values and counts are no plain numbers."""
    assert format_measure(value, unit) == text


@pytest.mark.parametrize(
    ("value", "column", "percent", "text"),
    [
        (0.0002, "p", False, "< 0.001"),
        (0.0002, "p, IVX", False, "< 0.001"),
        (0.0002, "premium", False, "0.0002"),
        (-0.034, "lead", True, "−3.4%"),
        (12.3456, "months", False, "12.3"),
        (2026, "year", False, "2026"),
        (pd.NaT, "first", False, ""),
        (math.nan, "lead", True, ""),
        (pd.Period("2018-11", "M"), "month", False, "2018-11"),
        (False, "held", False, "False"),
    ],
)
def test_a_cell_is_shown_by_its_column(value, column, percent, text):
    """The same numbers as on the cards; only columns of p-values are taken for such."""
    assert format_cell(value, column, percent) == text
