"""The size-premium chapter: planted truths, arithmetic by hand, and nothing from the future."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks.size_premium.evidence import premium_vanished
from analysis.checks.size_premium.premium_tests import (
    Premium,
    premium_around,
    switching_regimes,
    years_to_show,
)
from analysis.checks.size_premium.size_leads import lagging, lead_between, ten_year_lead
from analysis.checks.size_premium.tables import (
    decade_table,
    ten_year_leads,
)
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

CLAIMS = {name: claim for name, claim in load_claims().items() if claim.chapter == "size_premium"}
VANISHED = CLAIMS["premium-vanished"]
SPLIT = pd.Period("1981-01", "M")
NO_GRID = pd.DataFrame(columns=["leg", "date"])
NO_BREAK = Refusal("not looked for")


def months(first: str, count: int) -> pd.PeriodIndex:
    return pd.period_range(first, periods=count, freq="M", name="month")


def made(monthly: pd.DataFrame, funds: pd.DataFrame | None = None) -> Dataset:
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=monthly.index[-1], funds=funds)


def verdict_on(name: str, evidence: Evidence | Refusal) -> str | None:
    return decide(CLAIMS[name], evidence, data="latest", as_of="2020-01").verdict


def spread_with(before: float, since: float, noise: float) -> pd.Series:
    """Annual means before and since 1981, with noise that has mean zero on both sides."""
    index = months("1931-01", 1200)
    wiggle = noise * np.where(np.arange(len(index)) % 2 == 0, 1.0, -1.0)
    return pd.Series(np.where(index < SPLIT, before, since) / 12 + wiggle, index=index)


@pytest.mark.parametrize(
    ("before", "since", "noise", "expected"),
    [
        (0.04, 0.0, 0.01, "supported"),
        (0.0, 0.0, 0.01, "true but uninformative"),
        (0.04, 0.06, 0.01, "contradicted"),
    ],
)
def test_a_planted_premium_gets_the_verdict_it_deserves(before, since, noise, expected):
    """Gone, never there, alive: each is told from the others when the noise allows."""
    spread = spread_with(before, since, noise)
    premium = premium_around(spread, SPLIT, 0.02, 6)
    assert premium.before.estimate == pytest.approx(before)
    assert premium.after.estimate == pytest.approx(since)
    found = premium_vanished(spread, premium, NO_BREAK, NO_GRID)
    assert verdict_on("premium-vanished", found) == expected


def test_a_noisy_zero_is_not_called_gone():
    """A premium of zero among large swings is neither alive nor gone."""
    noise = np.random.default_rng(0).normal(0, 0.06, 1200)
    spread = spread_with(0.0, 0.0, 0.0) + (noise - noise.mean())
    premium = premium_around(spread, SPLIT, 0.02, 6)
    found = premium_vanished(spread, premium, NO_BREAK, NO_GRID)
    assert verdict_on("premium-vanished", found) == "not distinguishable"
    assert "more years" in found.more_needed
    assert found.mde > 0.02


def test_years_to_show_follow_the_square_of_the_error():
    """At margin / (z.95 + z.90) the years there are suffice; twice that error takes four times."""
    premium = premium_around(spread_with(0.0, 0.0, 0.01), SPLIT, 0.02, 6)
    enough = replace(premium, error_after=0.02 / (1.6448536 + 1.2815516))
    years = premium.after.n / 12
    assert years_to_show(enough) == pytest.approx(years)
    double = replace(premium, error_after=2 * enough.error_after)
    assert years_to_show(double) == pytest.approx(4 * years)


def test_too_few_months_on_one_side_are_refused():
    """Without five years since publication there is no later premium to speak of."""
    spread = spread_with(0.04, 0.0, 0.01)
    refused = premium_around(spread.loc[:"1984-12"], SPLIT, 0.02, 6)
    assert isinstance(refused, Refusal)
    assert "48 since" in refused.reason
    assert isinstance(premium_around(spread.loc[:"1985-12"], SPLIT, 0.02, 6), Premium)


def test_two_planted_regimes_are_found():
    """Thirty years of a high mean and thirty of a low one come back, the high one first."""
    rng = np.random.default_rng(1)
    yearly = np.concatenate([rng.normal(0.10, 0.03, 30), rng.normal(-0.05, 0.03, 30)])
    spread = pd.Series(np.repeat(yearly / 12, 12), index=months("1931-01", 720))
    regimes = switching_regimes(spread)
    assert regimes.table["mean a year"].tolist() == pytest.approx([0.10, -0.05], abs=0.02)
    high = regimes.path.set_index("year")["high"]
    assert high.loc[:1958].min() > 0.9
    assert high.loc[1963:].max() < 0.1


def test_few_years_have_no_regimes():
    """Two regimes are not fitted to a handful of years; an incomplete year does not count."""
    spread = spread_with(0.0, 0.0, 0.01).iloc[: 12 * 29 + 11]
    assert switching_regimes(spread).reason.startswith("29 full years")


def test_decades_by_hand():
    """Two constant decades: means annualised, shares of months won, all months last."""
    index = months("1950-01", 240)
    spread = pd.Series(np.where(index.year < 1960, 0.01, -0.01), index=index)
    table = decade_table(spread + 1e-6 * np.arange(240) % 2e-6, 6).set_index("decade")
    assert table.loc["1950s", "premium"] == pytest.approx(0.12, abs=1e-4)
    assert table.loc["1960s", "premium"] == pytest.approx(-0.12, abs=1e-4)
    assert table["won"].tolist() == [1.0, 0.0, 0.5]
    assert table.loc["all", "months"] == 240


def test_ten_year_leads_by_hand():
    """Large doubles in the first month, small stands still: 100% in both readings, then none."""
    index = months("2000-01", 121)
    sides = pd.DataFrame({"small": 0.0, "large": 0.0}, index=index)
    sides.loc[index[0], "large"] = 1.0
    leads = ten_year_leads(sides)
    assert leads.index.astype(str).tolist() == ["2009-12", "2010-01"]
    assert leads["difference"].tolist() == [1.0, 0.0]
    assert leads["ratio"].tolist() == [1.0, 0.0]


def latest(small: float, large: float, *, end: str = "2025-12") -> Dataset:
    """Constant monthly returns of Lo30 and IWM, of Hi30, SPY and IVV; SMB is their difference."""
    index = months("2005-01", (pd.Period(end, "M") - pd.Period("2005-01", "M")).n + 1)
    wiggle = 0.001 * np.where(np.arange(len(index)) % 2 == 0, 1.0, -1.0)
    frame = {"lo30": small + wiggle, "hi30": large, "smb": small - large}
    days = pd.bdate_range("2005-01-03", pd.Period(end, "M").to_timestamp(how="end"))
    gone = np.arange(len(days)) / 21.0
    closes = {"IWM": (1 + small) ** gone, "SPY": (1 + large) ** gone, "IVV": (1 + large) ** gone}
    return made(pd.DataFrame(frame, index=index), pd.DataFrame(closes, index=days))


def test_lagging_needs_all_three_readings():
    """All behind is supported, all ahead contradicted, and a disagreement is neither."""
    claim = CLAIMS["lag-since-2021"]
    behind, ahead = latest(0.002, 0.01), latest(0.01, 0.002)
    assert verdict_on(claim.id, lagging(behind, claim)) == "supported"
    assert verdict_on(claim.id, lagging(ahead, claim)) == "contradicted"
    mixed = replace(behind, monthly=behind.monthly.assign(smb=0.001))
    found = lagging(mixed, claim)
    assert verdict_on(claim.id, found) == "not distinguishable"
    assert found.measures["smb_cumulative"] == pytest.approx(1.001**60 - 1)
    sides = mixed.monthly.loc["2021-01":, ["lo30", "hi30"]]
    grown = (1 + sides).prod()
    assert found.estimate == pytest.approx(grown["lo30"] - grown["hi30"])
    assert found.measures["base_rate_behind"] == 1.0


def test_both_readings_of_a_lead_by_hand():
    """From 100 to 400 and from 100 to 250: 150 points more, 60% more wealth."""
    days = pd.to_datetime(["2015-09-30", "2025-09-29"])
    funds = pd.DataFrame({"IVV": [100.0, 400.0], "IWM": [100.0, 250.0]}, index=days)
    lead = lead_between(funds, "IVV", "IWM", days[0], pd.Timestamp("2025-09-30"))
    assert (lead.large, lead.small) == (3.0, 1.5)
    assert (lead.difference, lead.ratio) == (1.5, pytest.approx(0.6))
    late = lead_between(funds, "IVV", "IWM", days[0], pd.Timestamp("2025-10-30"))
    assert isinstance(late, Refusal)


@pytest.mark.parametrize(("final", "expected"), [(2.30, "supported"), (1.9, "contradicted")])
def test_a_planted_ten_year_lead_gets_its_verdict(final, expected):
    """A ratio of 2.3 in final wealth is a lead of 130% in one of the two readings."""
    dataset, claim = latest(0.0, 0.0), CLAIMS["decade-130"]
    funds = dataset.funds.assign(IVV=1.0, IWM=1.0)
    funds.loc["2016":, "IVV"] = 3.0 * final
    funds.loc["2016":, "IWM"] = 3.0
    found = ten_year_lead(replace(dataset, funds=funds), claim)
    assert found.measures["ratio_reading"] == pytest.approx(final - 1)
    assert found.measures["difference_reading"] == pytest.approx(3 * final - 3)
    assert verdict_on(claim.id, found) == expected
