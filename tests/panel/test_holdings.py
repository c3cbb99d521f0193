"""Values of funds and portfolios by day, and why there are none."""

import pandas as pd
import pytest

from analysis.panel import Dataset, load_dataset
from analysis.panel.holdings import holding_values


def latest(funds=None, as_of="2026-04", **portfolios):
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0, **portfolios}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


def test_closes_that_do_not_reach_are_refused():
    """A run that ends too early, a missing fund and a stale series each say why."""
    funds = pd.DataFrame({"IWM": 1.0}, index=pd.bdate_range("2022-01-03", "2026-04-30"))
    early = holding_values(latest(funds, as_of="2026-02"), ["IWM"], "2026-03-17")
    assert "sees nothing after 2026-02" in early.refusal.reason and early.values.empty
    lacking = holding_values(latest(funds), ["IWM", "SPY"], "2026-03-17")
    assert "no closes of SPY" in lacking.refusal.reason
    stale = holding_values(latest(funds.loc[:"2026-01-31"]), ["IWM"], "2026-03-17")
    assert "closes of IWM do not reach 2026-03-17" in stale.refusal.reason
    week = latest(funds.loc[:"2026-03-10"])
    assert holding_values(week, ["IWM"], "2026-03-17")
    assert not holding_values(week, ["IWM"], "2026-03-18")
    bundled = holding_values(load_dataset(), ["IWM"], "2026-03-17")
    assert bundled.refusal.needs == "latest" and "closes of IWM" in bundled.refusal.reason


def test_only_days_on_which_every_fund_has_a_close_count():
    """IVV has none on the last day; a fund named twice has one column."""
    days = pd.to_datetime(["2026-04-28", "2026-04-29", "2026-04-30"])
    prices = pd.DataFrame({"IVV": [100.0, 400.0, None], "IWM": [100.0, 250.0, 900.0]}, index=days)
    values = holding_values(latest(prices), ["IVV", "IWM", "IVV"], "2026-04-30").values
    assert values.index.equals(days[:2]) and values.columns.tolist() == ["IVV", "IWM"]


def test_a_portfolio_is_a_dollar_grown_from_the_month_before():
    """Ten per cent a month: 1.1 after the first, valued at month ends."""
    values = holding_values(latest(dec10=0.1, d2d5=0.0), ["dec10", "d2d5"], "2026-04-30").values
    assert values.index[0] == pd.Timestamp("2021-12-31")
    assert values.index[-1] == pd.Timestamp("2026-04-30")
    assert values["dec10"].iloc[:3].tolist() == pytest.approx([1.0, 1.1, 1.21])
    assert (values["d2d5"] == 1.0).all()


def test_a_portfolio_that_is_missing_or_ends_early_is_refused():
    """The bundled data ask for the latest; a vintage that ends in 2025 does not reach 2026."""
    bundled = holding_values(load_dataset(), ["dec10"], "2025-12-31")
    assert bundled.refusal.needs == "latest" and "largest tenth" in bundled.refusal.reason
    short = latest(dec10=0.1)
    short.monthly.loc["2025-12":, "dec10"] = None
    assert (
        "dec10 do not reach 2026-04-30"
        in holding_values(short, ["dec10"], "2026-04-30").refusal.reason
    )
