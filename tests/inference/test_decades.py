"""Means by decade, by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.decades import decade_table


def test_decades_by_hand():
    """Two constant decades: means annualised, shares of months won, all months last."""
    index = pd.period_range("1950-01", periods=240, freq="M")
    spread = pd.Series(np.where(index.year < 1960, 0.01, -0.01), index=index)
    table = decade_table(spread + 1e-6 * np.arange(240) % 2e-6, 6).set_index("decade")
    assert table.loc["1950s", "premium"] == pytest.approx(0.12, abs=1e-4)
    assert table.loc["1960s", "premium"] == pytest.approx(-0.12, abs=1e-4)
    assert table["won"].tolist() == [1.0, 0.0, 0.5]
    assert table.loc["all", "months"] == 240


def test_a_decade_of_few_months_has_no_row():
    """Two years are the least a decade's mean is read from."""
    index = pd.period_range("1958-02", periods=47, freq="M")
    spread = pd.Series(0.01 * (-1.0) ** np.arange(47), index=index)
    assert decade_table(spread, 6)["decade"].tolist() == ["1960s", "all"]
