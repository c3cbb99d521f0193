"""Drivers: changes by hand, months they belong to, cuts, surveys from their release, shares."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.panel import Dataset, load_dataset
from analysis.panel.breadth import share_ahead, size_value_columns
from analysis.panel.drivers import (
    DRIVERS,
    by_release,
    cut_months,
    driver_level,
    driver_series,
    missing_driver,
    resolved,
)
from analysis.panel.fund_pairs import leg_returns, missing_leg, pair_spread

MONTHS = pd.period_range("2000-01", periods=8, freq="M", name="month")


def dataset_of(columns, data="bundled", funds=None):
    """A data set with some columns of the panel."""
    rows = len(next(iter(columns.values())))
    monthly = pd.DataFrame(columns, index=MONTHS[:rows])
    return Dataset(monthly, {}, data, monthly.index[-1], funds=funds)


def test_changes_of_rate_spread_and_dollar_by_hand():
    """A rate changes in its unit, the credit spread is BAA less AAA, the dollar changes in logs."""
    rates = {"gs10": [0.04, 0.05], "baa": [0.05, 0.07], "aaa": [0.04, 0.05]}
    dataset = dataset_of({**rates, "broad_dollar": [100.0, 101.0]})
    moved = [driver_series(dataset, name).iloc[1] for name in ("gs10", "baa_aaa", "broad_dollar")]
    assert moved == pytest.approx([0.01, 0.01, math.log(1.01)])
    assert math.isnan(driver_series(dataset, "gs10").iloc[0])


def test_a_bill_is_dated_in_the_month_its_rate_was_seen():
    """The bill of March is bought at the end of February: its rate is February's level."""
    dataset = dataset_of({"bill_rate": [0.01, 0.02, 0.04, 0.03]})
    level = driver_level(dataset.monthly, "bill_rate")
    assert level.iloc[:3].tolist() == [0.02, 0.04, 0.03] and math.isnan(level.iloc[3])
    moved = driver_series(dataset, "bill_rate")
    assert moved.iloc[1:3].tolist() == pytest.approx([0.02, -0.01])
    assert math.isnan(moved.iloc[0]) and math.isnan(moved.iloc[3])


def test_every_driver_says_what_its_level_of_a_month_is():
    """Rates published as means of a month are named so, and only the bill is dated late."""
    means = {name for name, one in DRIVERS.items() if one.timing == "mean of the month"}
    assert means == {"fed_funds", "gs10", "baa_aaa", "broad_dollar"}
    assert [name for name, one in DRIVERS.items() if one.dated_late] == ["bill_rate"]
    released = {name for name, one in DRIVERS.items() if one.timing == "release"}
    growths = {name for name, one in DRIVERS.items() if one.measured.startswith("growth")}
    assert released == growths | {name for name, one in DRIVERS.items() if one.is_survey}


def test_a_month_counts_as_a_cut_from_the_bound_on():
    """A fall of exactly 24 points counts though its decimals do not add up, a smaller not."""
    dataset = dataset_of({"bill_rate": [0.06, 0.051, 0.0486, 0.0463, 0.06]})
    flags = cut_months(dataset, "bill_rate", 0.0024)
    assert flags.iloc[1:4].tolist() == [1, 0, 0]
    assert math.isnan(flags.iloc[0]) and math.isnan(flags.iloc[4])


def test_any_fall_of_the_target_is_a_cut():
    """A sixteenth of a point counts, no move does not, and the month itself has it."""
    dataset = dataset_of({"target": [0.03, 0.03, 0.029375, 0.029375, 0.04]})
    assert cut_months(dataset, "target", 0.0024).iloc[1:].tolist() == [0, 1, 0, 0]


def test_a_driver_that_stands_for_several_is_the_first_one_held():
    """The target before the bill, the high-yield spread before bonds; else what is missing."""
    both = dataset_of({"target": [0.03, 0.02], "bill_rate": [0.03, 0.03]}, "latest")
    bill = dataset_of({"bill_rate": [0.03, 0.03]})
    assert (resolved(both, "policy_rate"), resolved(bill, "policy_rate")) == ("target", "bill_rate")
    assert driver_series(both, "policy_rate").iloc[1] == pytest.approx(-0.01)
    bonds = {"baa": [0.05, 0.07], "aaa": [0.04, 0.05]}
    assert resolved(dataset_of(bonds), "credit_spread") == "baa_aaa"
    assert resolved(dataset_of(bonds | {"high_yield": [0.05, 0.06]}), "credit_spread") == (
        "high_yield"
    )
    assert "yields of BAA and AAA" in missing_driver(bill, "credit_spread").reason


def test_a_survey_meets_the_three_months_from_its_release():
    """February's survey stands beside the returns of February to April, labelled by April."""
    returns = pd.DataFrame({"spread": np.arange(8.0), "market": 1.0}, index=MONTHS)
    known = pd.Series([0.0, 0.1, 0.1, 0.1, 0.4, 0.4, 0.4, 0.9], index=MONTHS)
    made = by_release(returns, known)
    assert made.index.astype(str).tolist() == ["2000-04", "2000-07"]
    assert made["spread"].tolist() == [1 + 2 + 3, 4 + 5 + 6]
    assert made["driver"].tolist() == pytest.approx([0.1, 0.4])
    shift = by_release(returns, known, change=True)
    assert shift["driver"].tolist() == pytest.approx([0.3])
    holed = by_release(returns.drop(MONTHS[2]), known)
    assert holed.index.astype(str).tolist() == ["2000-07"]


def test_share_ahead_counts_by_hand():
    """Two of three portfolios ahead give two thirds; a tie is not ahead; a gap is left out."""
    returns = pd.DataFrame(
        {"a": [0.02, 0.01, 0.0], "b": [0.03, 0.01, 0.0], "c": [0.0, 0.02, np.nan]},
        index=MONTHS[:3],
    )
    share = share_ahead(returns, pd.Series([0.01, 0.01, 0.0], index=MONTHS[:3]))
    assert list(share.round(6)) == [0.666667, 0.333333]


def test_portfolio_breadth_does_not_count_industries_or_momentum():
    """Nine size and value portfolios are counted, and nothing else."""
    dataset = load_dataset("bundled")
    nine = size_value_columns(dataset.monthly)
    assert len(nine) == 9
    known = dataset.monthly[[*nine, "market"]].dropna()
    expected = known[nine].gt(known["market"], axis=0).sum(axis=1) / 9
    found = driver_series(dataset, "size_value_portfolios")
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("name", DRIVERS)
def test_every_driver_is_held_or_says_what_is_missing(name):
    """On the bundled data each driver gives a series with values, or a reason."""
    dataset = load_dataset("bundled")
    lacking = missing_driver(dataset, name)
    if lacking is None:
        assert driver_series(dataset, name).notna().any()
    else:
        assert lacking.reason.startswith("needs ") and lacking.needs == "latest"


def test_a_column_without_values_is_as_good_as_none():
    """A driver whose column is all missing is refused, by either data set in its own words."""
    empty = {"fed_funds": [np.nan, np.nan], "vix": [np.nan, np.nan]}
    assert missing_driver(dataset_of(empty), "vix").needs == "latest"
    for data in ("bundled", "latest"):
        lacking = missing_driver(dataset_of(empty, data), "fed_funds")
        words = f"the {data} data do not hold the federal funds rate by February 2000"
        assert (lacking.reason, lacking.needs) == (words, None)
    assert "hold no twelve industries" in missing_driver(dataset_of(empty), "industries").reason


def test_a_pair_of_funds_is_one_return_less_another():
    """Closes at month ends give monthly spreads; without closes there is a reason."""
    days = pd.to_datetime(["1999-12-15", "1999-12-31", "2000-01-31"])
    closes = pd.DataFrame({"RSP": [99.0, 100.0, 105.0], "SPY": [90.0, 100, 102]}, days)
    dataset = dataset_of({"market": [0.0]}, "latest", closes)
    assert pair_spread(dataset, "rsp_spy").tolist() == pytest.approx([0.05 - 0.02])
    assert leg_returns(dataset, "iwm_spy").empty
    assert missing_leg(dataset, "iwm_spy").needs is None
    assert missing_leg(dataset_of({"market": [0.0]}), "iwm_spy").needs == "latest"


def test_a_leg_the_panel_lacks_has_a_reason():
    """The bundled data hold no halves; the latest would."""
    lacking = missing_leg(load_dataset("bundled"), "halves")
    assert (lacking.reason, lacking.needs) == ("the bundled data hold no leg halves", "latest")
    assert missing_leg(load_dataset("bundled"), "smb") is None
