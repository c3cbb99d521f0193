"""Closes of funds up to a day, and why there are none."""

import pandas as pd

from analysis.panel import Dataset
from analysis.panel.fund_gains import fund_closes


def latest(funds, as_of="2026-04"):
    months = pd.period_range("2022-01", as_of, freq="M", name="month")
    monthly = pd.DataFrame({"market": 0.0}, index=months)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=months[-1], funds=funds)


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
