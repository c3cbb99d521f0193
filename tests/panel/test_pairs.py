"""Small caps set against large ones: portfolios by month, funds by day."""

import pandas as pd
import pytest

from analysis.panel import Dataset
from analysis.panel.pairs import lacking_series, pair_gains, pair_words


@pytest.fixture
def dataset():
    """Lo30 doubles in February 2020 and Hi30 in March, after which Hi30 ends; IWM gains half."""
    months = pd.period_range("2020-01", "2020-04", freq="M", name="month")
    monthly = pd.DataFrame(
        {"lo30": [0.0, 1.0, 0.0, 0.0], "hi30": [0.0, 0.0, 1.0, None], "smb": [0.5, 0.5, 0.5, None]},
        index=months,
    )
    days = pd.to_datetime(["2020-01-31", "2020-04-30"])
    funds = pd.DataFrame({"IWM": [100.0, 150.0], "SPY": [100.0, 300.0]}, index=days)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def test_both_readings_of_a_lead_by_hand(dataset):
    """From 100 to 300 and from 100 to 150: 150 points more, twice the wealth."""
    found = pair_gains(dataset, "iwm_spy", *dataset.funds.index)
    assert (found.small, found.large) == (0.5, 2.0)
    assert (found.lead, found.ratio) == (1.5, pytest.approx(1.0))


def test_portfolios_count_the_months_between_and_end_where_the_shorter_does(dataset):
    """February and March count, January does not, and April has no Hi30."""
    found = pair_gains(dataset, "lo30_hi30", *dataset.funds.index)
    assert (found.small, found.large, found.last) == (1.0, 1.0, "2020-03")


def test_a_single_series_has_no_large_side(dataset):
    """SMB compounds two months of a half."""
    found = pair_gains(dataset, "smb", *dataset.funds.index)
    assert (found.small, found.large) == (pytest.approx(1.25), 0.0)


def test_what_a_pair_needs_is_named(dataset):
    """Columns first, then closes in the order of their names, each once."""
    names = ["halves", "iwm_ivv", "lo30_hi30", "iwm_spy"]
    assert lacking_series(dataset, names) == ["small_half", "big_half", "closes of IVV"]
    assert pair_gains(dataset, "iwm_ivv", *dataset.funds.index).refusal.needs == "latest"
    assert pair_words("lo30_hi30") == ("Lo30", "Hi30")
