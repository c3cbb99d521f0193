"""Returns of funds from their closes, by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel.fund_returns import annualised, month_ends, monthly_returns
from analysis.results import InputError


def test_returns_of_a_fund_by_hand():
    """A price that doubles in two years returns the square root of two less one a year."""
    days = pd.DatetimeIndex(["2019-09-27", "2019-09-30", "2019-10-31", "2021-09-29"])
    closes = pd.DataFrame({"X": [1.0, 10.0, 11.0, 20.0]}, index=days)
    span = pd.Period("2019-09", "M"), pd.Period("2021-09", "M")
    assert annualised(closes, *span)["X"] == pytest.approx(np.sqrt(2) - 1)
    returns = monthly_returns(closes)["X"]
    assert returns[pd.Period("2019-10", "M")] == pytest.approx(0.1)
    assert returns.notna().sum() == 1
    with pytest.raises(InputError, match="above zero"):
        month_ends(closes - 1.0)


@pytest.mark.parametrize(
    ("last", "months"), [("2020-02-27", 2), ("2020-02-24", 1), ("2020-02-03", 1)]
)
def test_a_month_under_way_has_no_end(last, months):
    """A close in the middle of a month is no month's end; one before a long weekend is."""
    days = pd.DatetimeIndex(["2020-01-31", last])
    assert len(month_ends(pd.DataFrame({"X": [1.0, 2.0]}, index=days))) == months
