"""Small against large since a month: all readings must agree."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.cumulative_spread import cumulative_spread, share_behind
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

[CLAIM] = [c for c in load_claims().values() if c.design == "cumulative_spread"]


def latest(small, large, end="2025-12"):
    """Constant monthly returns of Lo30 and IWM, of Hi30 and SPY; SMB is their difference."""
    index = pd.period_range("2005-01", end, freq="M", name="month")
    wiggle = 0.001 * np.where(np.arange(len(index)) % 2 == 0, 1.0, -1.0)
    monthly = pd.DataFrame({"lo30": small + wiggle, "hi30": large, "smb": small - large}, index)
    days = pd.bdate_range("2005-01-03", index[-1].to_timestamp(how="end"))
    gone = np.arange(len(days)) / 21.0
    funds = pd.DataFrame({"IWM": (1 + small) ** gone, "SPY": (1 + large) ** gone}, index=days)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=index[-1], funds=funds)


def examine(dataset):
    study = cumulative_spread(dataset, bind(CLAIM), Sampling(1, 1))
    return study, decide(CLAIM, study.finding, data="latest", as_of="2020-01").verdict


def test_lagging_needs_all_three_readings():
    """All behind is supported, all ahead contradicted, and a disagreement is neither."""
    behind, ahead = latest(0.002, 0.01), latest(0.01, 0.002)
    assert examine(behind)[1] == "supported"
    assert examine(ahead)[1] == "contradicted"
    mixed = replace(behind, monthly=behind.monthly.assign(smb=0.001))
    study, verdict = examine(mixed)
    found = study.finding
    assert verdict == "not distinguishable"
    assert found.measures["smb_cumulative"] == pytest.approx(1.001**60 - 1)
    grown = (1 + mixed.monthly.loc["2021-01":, ["lo30", "hi30"]]).prod()
    assert found.estimate == pytest.approx(grown["lo30"] - grown["hi30"])
    assert found.measures["base_rate_behind"] == 1.0


def test_every_leg_and_month_of_the_grid_has_its_row():
    """Legs the data lack are left out with what they need; the others agree with their product."""
    dataset = latest(0.002, 0.01)
    grid = examine(dataset)[0].grid.set_index(["leg", "start"])
    assert len(grid) == len(CLAIM.grid["leg"]) * len(CLAIM.grid["start"])
    assert "needs the latest data: small_half" in grid.loc[("halves", "2021-01"), "reason"]
    smb = (1 + dataset.monthly.loc["2022-01":, "smb"]).prod() - 1
    assert grid.loc[("smb", "2022-01"), "cumulative"] == pytest.approx(smb)


def test_share_behind_against_a_loop():
    """Every window of a year, one by one."""
    rng = np.random.default_rng(5)
    index = pd.period_range("2000-01", periods=60, freq="M", name="month")
    sides = pd.DataFrame(rng.normal(0, 0.05, (60, 2)), index, ["small", "large"])
    grown = [(1 + sides.iloc[i : i + 12]).prod() for i in range(49)]
    expected = np.mean([one["small"] < one["large"] for one in grown])
    assert share_behind(sides, 12) == expected


def test_less_than_a_year_and_missing_series_are_refused():
    """A run that ends in 2021, and the bundled data."""
    early = examine(latest(0.002, 0.01, end="2021-06"))[0].finding
    assert "needs a year of returns from 2021-01" in early.refusal.reason
    bundled = examine(load_dataset())[0].finding
    assert bundled.refusal.reason.endswith("lo30, hi30, closes of IWM, closes of SPY")


def test_the_headline_needs_two_portfolios():
    """SMB has no two sides whose gains could be told apart, nor have two funds months."""
    for leg in ("smb", "iwm_spy"):
        with pytest.raises(InputError, match="no pair of portfolios"):
            bind(CLAIM, {"leg": leg})
