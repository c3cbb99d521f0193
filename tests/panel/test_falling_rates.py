"""Months of falling rates: below their value a year before, known when they are used."""

import numpy as np
import pandas as pd

from analysis.panel.falling_rates import falling_rates

MONTHS = pd.period_range("2000-01", periods=30, freq="M")


def test_the_funds_rate_is_held_against_a_year_before():
    """Equal is not below; the first twelve months say nothing."""
    rate = pd.Series(0.05, MONTHS)
    rate.iloc[20] = 0.04
    found = falling_rates(pd.DataFrame({"fed_funds": rate, "bill": 0.001}))
    assert found.index[0] == MONTHS[12]
    assert list(found.index[found]) == [MONTHS[20]]


def test_the_bill_return_is_the_rate_of_the_month_before():
    """Known when its month begins, so it speaks of the end of the month before."""
    bill = pd.Series(0.004, MONTHS)
    bill.iloc[20] = 0.003
    found = falling_rates(pd.DataFrame({"bill": bill}))
    assert list(found.index[found]) == [MONTHS[19]]
    assert MONTHS[-1] not in found.index


def test_without_a_funds_rate_the_bill_stands_in_and_without_both_nothing():
    """An empty column is no rate."""
    bill = pd.Series(np.linspace(0.004, 0.001, 30), MONTHS)
    table = pd.DataFrame({"fed_funds": np.nan, "bill": bill})
    assert falling_rates(table).all()
    assert falling_rates(table[["fed_funds"]]).empty
