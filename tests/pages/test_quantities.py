"""Numbers as a reader wants them."""

import math

import pytest

from analysis.pages.quantities import (
    format_count,
    format_interval,
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
