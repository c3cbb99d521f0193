"""Drivers by their day of publication, volatility of a month, past returns, other regions."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel import Dataset
from analysis.panel.drivers import driver_series, missing_driver, resolved
from analysis.panel.rates import month_end_close
from analysis.panel.regions import region_factors
from analysis.panel.sizes import top_share
from analysis.panel.volatility import realised_volatility

MONTHS = pd.period_range("2000-01", periods=36, freq="M", name="month")


def made(data="latest", **columns) -> Dataset:
    return Dataset(pd.DataFrame(columns, index=MONTHS), {}, data, MONTHS[-1])


def test_inflation_moves_in_the_month_it_is_published():
    """Prices grow 2% a year, and 1% more from month 20 on: the news is of month 21."""
    prices = np.exp(0.02 * np.arange(36) / 12)
    prices[20:] *= 1.01
    moved = driver_series(made(cpi=prices), "inflation").dropna()
    assert moved.index[0] == MONTHS[14]
    assert moved[MONTHS[21]] == pytest.approx(np.log(1.01))
    assert moved.drop([MONTHS[21], MONTHS[33]], errors="ignore").abs().max() < 1e-12


def test_core_prices_stand_in_where_all_prices_are_lacking():
    bundled = made("bundled", core_cpi=np.linspace(100, 120, 36))
    assert resolved(bundled, "inflation") == "core_inflation"
    assert resolved(made(cpi=1.0), "inflation") == "cpi_inflation"
    assert "core inflation by December 2002" in missing_driver(made(smb=0.0), "inflation").reason


def test_real_wages_are_earnings_over_prices_a_month_late():
    """Earnings grow 5% and prices 2% over twelve months; without prices there is no driver."""
    wages = np.exp(0.05 * np.arange(36) / 12)
    dataset = made(hourly_earnings=wages, cpi=np.exp(0.02 * np.arange(36) / 12))
    growth = driver_series(dataset, "real_wages").dropna()
    assert growth.index[0] == MONTHS[13] and growth.to_numpy() == pytest.approx(0.03)
    assert "hourly earnings" in missing_driver(made(cpi=1.0), "real_wages").reason


def test_a_month_without_prices_is_left_out_and_not_filled():
    """The months whose news needs it have no change."""
    prices = np.exp(0.02 * np.arange(36) / 12)
    prices[20] = np.nan
    moved = driver_series(made(cpi=prices), "inflation")
    assert moved.loc[MONTHS[21] : MONTHS[22]].isna().all()
    assert moved.loc[MONTHS[23] : MONTHS[31]].notna().all()


def test_the_past_ends_before_the_month():
    """The sum of the twelve months before, not of the month itself."""
    series = driver_series(made(smb=np.arange(36.0)), "past_12").dropna()
    assert series.index[0] == MONTHS[12] and series.iloc[0] == sum(range(12))
    assert driver_series(made(smb=np.arange(36.0)), "past_6").dropna().iloc[0] == sum(range(6))


def test_volatility_is_that_of_the_months_days():
    """Days of plus and minus 1% have a volatility of .01 x sqrt(252); a broken month has none."""
    days = pd.bdate_range("2001-01-01", "2001-03-09")
    swings = pd.Series(0.01 * (-1.0) ** np.arange(len(days)), days)
    found = realised_volatility(swings)
    assert found.iloc[:2].to_numpy() == pytest.approx(0.01 * np.sqrt(252))
    assert np.isnan(found.iloc[2]) and str(found.index[2]) == "2001-03"


def test_a_month_is_closed_when_it_is_over():
    """The last value of January; February goes on."""
    days = pd.bdate_range("2001-01-01", "2001-02-15")
    closes = month_end_close(pd.Series(np.arange(len(days), dtype=float), days))
    assert closes.to_dict() == {pd.Period("2001-01"): 22.0}


def test_other_regions_are_read_in_decimals():
    """Three factors have no profitability, five have; per cent becomes decimals."""
    frame = pd.DataFrame({"Mkt-RF": [1.0], "SMB": [2.0], "HML": [3.0], "RF": [0.1]})
    frame.attrs["unit"] = "percent"
    assert region_factors({"monthly": frame}, "europe").to_dict("records") == [
        {"market_excess_europe": 0.01, "smb_europe": 0.02, "hml_europe": 0.03}
    ]
    five = frame.assign(RMW=[4.0], CMA=[5.0])
    five.attrs["unit"] = "percent"
    assert region_factors({"monthly": five}, "japan")["rmw_japan"].iloc[0] == 0.04


def test_the_largest_tenths_share_is_by_value(tables):
    """Firms times size of the largest tenth over that of all tenths."""
    made_up = tables["french/Portfolios_Formed_on_ME"]
    value = made_up["firms"] * made_up["size"]
    tenths = ["Lo 10", *(f"Dec {place}" for place in range(2, 10)), "Hi 10"]
    expected = value["Hi 10"] / value[tenths].sum(axis=1)
    assert top_share(made_up)["top_share"].to_numpy() == pytest.approx(expected.to_numpy())
