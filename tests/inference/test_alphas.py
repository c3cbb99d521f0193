"""What the factors leave over."""

import numpy as np
import pandas as pd
import pytest

from analysis.inference.alphas import alpha_table
from analysis.results import InputError


def test_an_alpha_is_what_the_factors_leave():
    """A difference of two per cent a year plus half the market has that alpha and that beta."""
    months = pd.period_range("1990-01", periods=240, freq="M")
    rng = np.random.default_rng(1)
    market = pd.Series(rng.normal(0.005, 0.04, 240), index=months)
    factors = pd.DataFrame({"market_excess": market, "other": 1.0}, index=months)
    noise = rng.normal(0, 1e-5, 240)
    table = alpha_table({"x": 0.02 / 12 + 0.5 * market + noise}, factors, lags=6)
    row = table.iloc[0]
    assert table["model"].tolist() == ["market"]
    assert row["alpha"] == pytest.approx(0.02, abs=1e-4)
    assert row["market beta"] == pytest.approx(0.5, abs=1e-3)
    assert row["low"] < row["alpha"] < row["high"]
    assert row["months"] == 240


def test_few_months_have_no_alpha():
    """Five years are the least; a difference without months has no row."""
    months = pd.period_range("1990-01", periods=240, freq="M")
    factors = pd.DataFrame({"market_excess": np.linspace(0, 1, 240)}, index=months)
    spread = factors["market_excess"] ** 2
    assert len(alpha_table({"x": spread.iloc[:60]}, factors, lags=6)) == 1
    assert alpha_table({"x": spread.iloc[:59]}, factors, lags=6).empty
    assert alpha_table({"x": pd.Series(dtype=float)}, factors, lags=6).empty


def test_negative_lags_are_refused():
    """The errors' memory is a number of months."""
    with pytest.raises(InputError, match="lags"):
        alpha_table({}, pd.DataFrame(), lags=-1)
