"""A claimed lead over ten years, read as a difference of gains and as a ratio of wealth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.cumulative_lead import cumulative_lead, leads_over
from analysis.panel import Dataset, load_dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "cumulative_lead"]


def latest(end="2025-12"):
    """Flat portfolios and flat funds."""
    index = pd.period_range("2005-01", end, freq="M", name="month")
    days = pd.bdate_range("2005-01-03", index[-1].to_timestamp(how="end"))
    funds = pd.DataFrame({"IWM": 1.0, "IVV": 1.0}, index=days)
    names = ("lo30", "hi30", *(f"s{s}v{v}" for s in (3, 5) for v in (1, 3, 5)))
    monthly = pd.DataFrame(dict.fromkeys(names, 0.0), index=index)
    return Dataset(monthly=monthly, facts={}, data="latest", as_of=index[-1], funds=funds)


def examine(dataset):
    return cumulative_lead(dataset, bind(CLAIM), Sampling(1, 1))


def test_ten_year_leads_by_hand():
    """Large doubles in the first month, small stands still: 100% in both readings, then none."""
    index = pd.period_range("2000-01", periods=121, freq="M", name="month")
    sides = pd.DataFrame({"small": 0.0, "large": 0.0}, index=index)
    sides.loc[index[0], "large"] = 1.0
    leads = leads_over(sides, 120)
    assert leads.index.astype(str).tolist() == ["2009-12", "2010-01"]
    assert leads["difference"].tolist() == [1.0, 0.0]
    assert leads["ratio"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize(("final", "expected"), [(2.30, "supported"), (1.9, "contradicted")])
def test_a_planted_ten_year_lead_gets_its_verdict(final, expected):
    """A ratio of 2.3 in final wealth is a lead of 130% in one of the two readings."""
    dataset = latest()
    funds = dataset.funds.copy()
    funds.loc["2016":, "IVV"], funds.loc["2016":, "IWM"] = 3.0 * final, 3.0
    found = examine(replace(dataset, funds=funds)).finding
    assert found.measures["ratio_reading"] == pytest.approx(final - 1)
    assert found.measures["difference_reading"] == pytest.approx(3 * final - 3)
    assert decide(CLAIM, found, data="latest", as_of="2025-12").verdict == expected


def test_the_grid_sets_portfolios_beside_funds():
    """Large doubles in 2020: every ten years that hold that month give a lead of 100%."""
    dataset = latest("2025-06")
    monthly = dataset.monthly.copy()
    monthly.loc["2020-03", "hi30"] = 1.0
    study = examine(replace(dataset, monthly=monthly))
    grid = study.grid.set_index(["pair", "end"])
    for end in ("2024-12-31", "2025-06-30"):
        assert grid.loc[("lo30_hi30", end), "difference"] == pytest.approx(1.0)
        assert grid.loc[("iwm_ivv", end), "difference"] == 0.0
    assert grid["reason"].ne("").sum() == 2
    assert "the data seen end 2025-06" in grid.loc[("lo30_hi30", "2025-09-30"), "reason"]
    assert "Hi30 against Lo30 to 2025-06-30 100%" in study.finding.sensitivity


def test_a_run_that_ends_earlier_looks_ten_years_back_from_there():
    """The window moves with the date, and keeps its length."""
    found = examine(latest("2020-06")).finding
    assert (found.sample_start, found.sample_end) == ("2010-06", "2020-06")


def test_the_base_rate_counts_every_window():
    """On the bundled data the claim waits for closes, and the leads of portfolios stand."""
    study = examine(load_dataset())
    assert study.finding.refusal.needs == "latest"
    ahead = np.mean(study.leads["difference"] > 0)
    assert f"in {ahead:.0%} of {len(study.leads)} overlapping windows of ten" in study.base_rate
    assert study.lead_words in study.base_rate
    early = examine(load_dataset("bundled", "1931-06"))
    assert early.leads.empty and "no ten years" in early.base_rate
