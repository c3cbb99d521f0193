"""Funds by their closes: gains between days, and why there is none."""

import pandas as pd
import pytest

from analysis.panel import Dataset
from analysis.panel.fund_gains import fund_closes, gain, gains_between, gains_over_months


def latest(funds, as_of="2026-04"):
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def test_gain_uses_the_last_close_on_or_before_each_day():
    """A weekend takes Friday's close."""
    days = pd.to_datetime(["2023-12-29", "2024-01-02", "2024-12-31"])
    series = pd.Series([100.0, 90.0, 125.0], index=days)
    assert gain(series, "2023-12-31", "2024-12-31") == pytest.approx(0.25)


def test_closes_that_do_not_reach_are_refused():
    """A run that ends too early, a missing fund and a stale series each say why."""
    funds = pd.DataFrame({"IWM": 1.0}, index=pd.bdate_range("2022-01-03", "2026-04-30"))
    early = fund_closes(latest(funds, as_of="2026-02"), ["IWM"], "2026-03-17")
    assert "sees nothing after 2026-02" in early.refusal.reason and early.prices.empty
    assert "no closes of SPY" in fund_closes(latest(funds), ["SPY"], "2026-03-17").refusal.reason
    stale = fund_closes(latest(funds.loc[:"2026-01-31"]), ["IWM"], "2026-03-17")
    assert "do not reach 2026-03-17" in stale.refusal.reason
    assert fund_closes(latest(funds), ["IWM", "IWM"], "2026-03-17").prices.columns.tolist() == [
        "IWM"
    ]


def test_gains_take_days_on_which_every_fund_has_a_close():
    """IVV has none on the last day, so both are read the day before."""
    days = pd.to_datetime(["2015-09-30", "2025-09-29", "2025-09-30"])
    prices = pd.DataFrame({"IVV": [100.0, 400.0, None], "IWM": [100.0, 250.0, 900.0]}, index=days)
    found = gains_between(prices, days[0], days[2])
    assert found.by_fund.to_dict() == {"IVV": 3.0, "IWM": 1.5}
    late = gains_between(prices, days[0], pd.Timestamp("2025-10-30"))
    assert "no close of IVV and IWM in the week before 2025-10-30" in late.refusal.reason


def test_gains_over_months_takes_every_pair_of_month_ends():
    """Two starts and two ends by hand; the last close of a month counts."""
    days = pd.to_datetime(["2022-01-10", "2022-01-31", "2022-02-28", "2022-03-31", "2022-04-29"])
    prices = pd.DataFrame({"IJR": [5.0, 1.0, 2.0, 3.0, 4.0]}, index=days)
    months = [pd.Period(f"2022-0{number}", "M") for number in (1, 2, 3, 4)]
    table = gains_over_months(prices, (months[0], months[1]), (months[2], months[3]))
    assert table["from"].tolist() == ["2022-01", "2022-01", "2022-02", "2022-02"]
    assert table["to"].tolist() == ["2022-03", "2022-04", "2022-03", "2022-04"]
    assert table["IJR"].tolist() == [2.0, 3.0, 0.5, 1.0]
