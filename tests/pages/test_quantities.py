"""Numbers as a reader wants them."""

import json
import math

import pandas as pd
import pytest

from analysis.claims.ledger import read_ledger
from analysis.pages.quantities import (
    format_cell,
    format_count,
    format_interval,
    format_measure,
    format_p,
    format_quantity,
    plain_unit,
    told_counts,
    unit_words,
)
from analysis.pages.records import load_records
from analysis.runs.book import ROOT


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
        (
            0.3143,
            "decimal return over 60 months a log point of gap, bias-corrected",
            "3.1% over 60 months when small caps are a tenth cheaper, bias-corrected",
        ),
        (
            0.3143,
            "decimal return over 60 months when the logarithm of the gap rises by one,"
            " bias-corrected",
            "3.1% over 60 months when small caps are a tenth cheaper, bias-corrected",
        ),
        (
            0.154,
            "outcome over 12 months a log point",
            "1.54 points over 12 months when it is a tenth wider",
        ),
        (
            -0.19,
            "log points of the gap per unit of rate",
            "−0.19% on small caps’ cheapness when the rate rises by one point",
        ),
        (
            -0.0788,
            "monthly return per log point of the dollar",
            "−0.08% in a month in which the dollar rises by 1%",
        ),
        (
            math.log(1.2),
            "log points above the widest gap before",
            "20.0% above the widest gap before",
        ),
    ],
)
def test_a_quantity_is_rounded_and_carries_its_unit(value, unit, text):
    """Decimals become per cent, a minus is a minus sign, and nothing is called minus zero."""
    assert format_quantity(value, unit) == text


def test_an_interval_names_its_open_end():
    """A half-life that may be infinite must not look like a missing number."""
    assert format_interval(3.0, None, "years") == "3 years, without an upper end"
    assert format_interval(None, 3.0, "years") == "3 years, without a lower end"
    assert format_interval(-0.01, 0.02, "decimal") == "−1.0% to 2.0%"
    assert format_interval(None, None) == "none"


def test_a_limit_of_nothing_is_nothing_in_every_unit():
    """Criteria on slopes ask for more or less than zero, whichever unit a reader is shown."""
    for unit in ("decimal return over the horizon a log point", "outcome per log point",
                 "log points of the gap per unit of rate"):  # fmt: skip
        assert format_measure(0.0, unit).startswith(("0.0", "0 "))
        assert format_measure(-0.2, unit).startswith("−") == (-0.2 < 0)


def test_a_unit_is_named_as_it_is_shown():
    """A readable one stays what it is."""
    assert unit_words("decimal return over the horizon a log point") == (
        "over the horizon when small caps are a tenth cheaper"
    )
    assert unit_words("decimal return a year") == "decimal return a year"


def test_no_unit_of_the_ledger_speaks_of_log_points_on_a_page():
    """Neither an estimate nor a measure that a criterion names."""
    table = read_ledger()
    units = set(table["unit"].dropna())
    for conditions in table["conditions"].dropna():
        units |= {one["unit"] for one in json.loads(conditions) if one.get("unit")}
    assert any("log point" in unit for unit in units)
    assert [unit for unit in units if "log point" in format_quantity(0.1, unit)] == []


def test_an_estimands_own_unit_is_said_without_log_points():
    """Beside a number by hand, where the unit must be the design's."""
    unit = "decimal return over 60 months a log point of gap, bias-corrected"
    assert plain_unit(unit) == (
        "decimal return over 60 months when the logarithm of the gap rises by one, bias-corrected"
    )
    assert plain_unit("share of windows") == "share of windows"


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
        (pd.Period("2018-11", "M"), "month", False, "November 2018"),
        ("2018-10-15", "day", False, "15 October 2018"),
        ("2001-01 to 2007-09", "years", False, "January 2001 to September 2007"),
        (False, "held", False, "False"),
    ],
)
def test_a_cell_is_shown_by_its_column(value, column, percent, text):
    """The same numbers as on the cards; only columns of p-values are taken for such."""
    assert format_cell(value, column, percent) == text


def test_no_sentence_of_the_ledger_counts_thousands_without_parting_them():
    """As pages tell them; years and names of indices stay."""
    assert told_counts("of 1372 regressions 1238 have it") == "of 1,372 regressions 1,238 have it"
    assert told_counts("since 2018 in 12345 months") == "since 2018 in 12345 months"
    for row in load_records(ROOT).rows.values():
        for field in ("finding", "reason", "sensitivity", "more_needed"):
            assert "1 first cuts" not in row[field], row["claim"]
            assert told_counts(row[field]) == row[field], row["claim"]
