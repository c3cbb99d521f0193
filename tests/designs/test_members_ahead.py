"""Members ahead of their index: base rates by hand, the lead of a fund, and no verdict."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.members_ahead import (
    MembersAhead,
    arithmetic_table,
    index_lead,
    members_ahead,
    yearly_returns,
    yearly_shares,
)
from analysis.inference.lognormal_shares import highest_share, share_beating
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIM = load_claims()["breadth-19"]
ONCE = Sampling(draws=1, seed=0)


def study(dataset: Dataset, **changes) -> MembersAhead:
    return members_ahead(dataset, bind(CLAIM, changes), ONCE)


def panel(count: int, start: str = "1950-01") -> pd.DataFrame:
    index = pd.period_range(start, periods=count, freq="M", name="month")
    return pd.DataFrame({"market": 0.01, "s1v1": 0.02}, index=index)


def dataset_of(monthly: pd.DataFrame, funds: pd.DataFrame | None = None) -> Dataset:
    return Dataset(monthly, {}, "latest", monthly.index[-1], funds=funds)


def test_years_are_whole_and_compounded():
    """A year of 1% months compounds; eleven months are no year."""
    yearly = yearly_returns(panel(23))
    assert list(yearly.index) == [1950]
    assert yearly.loc[1950, "market"] == pytest.approx(1.01**12 - 1)
    assert yearly_shares(panel(23)).to_dict("records") == [
        {"year": 1950, "portfolios": "size and value portfolios", "share": 1.0}
    ]
    assert yearly_shares(panel(11)).empty
    assert list(yearly_shares(panel(23)[["market"]]).columns) == ["year", "portfolios", "share"]


def test_the_claim_is_not_judged():
    """Whatever the context says, the verdict is that open data cannot settle the count."""
    found = study(load_dataset("bundled"))
    assert CLAIM.untestable
    verdict = decide(CLAIM, found.finding, data="bundled", as_of="newest")
    assert verdict.verdict == "untestable openly"
    assert found.claimed_share == 0.19
    assert found.grid.empty


def test_the_widths_assumed_are_registered():
    """Members twice as far apart give the shares of that width, in the measures and the words."""
    found = study(load_dataset("bundled"), narrow=0.5, wide=1.0).finding
    assert found.measures["expected_share_high"] == pytest.approx(float(share_beating(0.5)))
    assert found.measures["expected_share_low"] == pytest.approx(float(share_beating(1.0)))
    assert "of 50% to 100% across members" in found.finding
    with pytest.raises(InputError, match="narrow must be below wide"):
        study(load_dataset("bundled"), narrow=0.4, wide=0.4)


def test_the_arithmetic_falls_with_spread_and_lead():
    """Wider returns and a stronger index leave fewer members ahead."""
    table = arithmetic_table().pivot(index="spread", columns="lead", values="share")
    assert (table[0.0].diff().dropna() < 0).all()
    assert (table.diff(axis=1).iloc[:, 1:] < 0).all(axis=None)


def test_year_ends_give_the_lead_of_the_index_fund():
    """The log of what one fund gained over the other, from December to December."""
    days = pd.to_datetime(["2023-12-15", "2023-12-29", "2024-01-31", "2024-12-31"])
    closes = pd.DataFrame({"RSP": [99.0, 100.0, 105.0, 110.0], "SPY": [90.0, 100, 102, 121]}, days)
    dataset = dataset_of(panel(60), closes)
    assert index_lead(dataset, "SPY", "RSP", 2024) == pytest.approx(math.log(1.21 / 1.10))
    assert math.isnan(index_lead(dataset, "SPY", "RSP", 2022))
    assert math.isnan(index_lead(dataset, "IVV", "RSP", 2024))


def test_the_finding_names_the_lead_of_the_index_where_funds_are_at_hand():
    """With closes of both funds the finding gives the bound that their lead sets, of that year."""
    days = pd.date_range("2023-12-29", "2024-12-31", freq="B")
    closes = pd.DataFrame({"RSP": 1.0, "SPY": np.linspace(1.0, math.exp(0.1), len(days))}, days)
    dataset = dataset_of(panel(400), closes)
    words = study(dataset).finding.finding
    assert "By the closes of RSP and SPY the lead that year was 11%" in words
    assert f"at most {highest_share(0.1):.0%}" in words
    for changes in ({"year": 2023}, {"index_fund": "IVV"}, {"equal_fund": "IVV"}):
        assert "the lead that year" not in study(dataset, **changes).finding.finding


@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_earlier_months_see_nothing_later(as_of, wild_after):
    """The base rates end before the month, and wild returns after it change nothing."""
    before = study(load_dataset("bundled", as_of)).finding
    assert before.sample_end <= as_of
    assert study(wild_after(as_of)).finding == before


def test_few_years_are_no_base_rate():
    """Nine whole years are refused with their number."""
    assert "9 whole years" in study(dataset_of(panel(9 * 12))).finding.refusal.reason
    assert study(dataset_of(panel(10 * 12))).finding.refusal is None
