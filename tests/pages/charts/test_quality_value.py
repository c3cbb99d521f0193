"""Charts of the chapter on quality and value: described where drawn, nothing where empty."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.designs import Sampling, bind, find_design
from analysis.pages.charts import quality_value as draw
from analysis.panel import Dataset, load_dataset

FEW = Sampling(100, 1)


def study(claim_id, dataset):
    claim = load_claims()[claim_id]
    return find_design(claim.design)(dataset, bind(claim), FEW)


def checked(chart) -> dict:
    """The chart's specification: described with a number, filled, without NaN."""
    spec = chart.to_dict()
    text = json.dumps(spec, allow_nan=False)
    assert any(sign.isdigit() for sign in spec["description"])
    assert "nan" not in spec["description"].split()
    assert "NaN" not in text
    assert all(spec["datasets"].values())
    return spec


@pytest.fixture(scope="module")
def latest() -> Dataset:
    """Portfolios by size and profit, and closes of four funds."""
    months = pd.period_range("1990-01", "2026-04", freq="M", name="month")
    rng = np.random.default_rng(1)
    names = [f"me{size}op{place}" for size in (1, 2, 3) for place in range(1, 6)]
    monthly = pd.DataFrame(rng.normal(0.005, 0.03, (len(months), 15)), months, names)
    days = pd.date_range("2019-09-30", "2026-04-30", freq="ME")
    closes = np.exp(rng.normal(0.005, 0.03, (len(days), 5)).cumsum(axis=0))
    funds = pd.DataFrame(closes, days, ["AVUV", "VBR", "IJS", "SLYV", "IWN"])
    return Dataset(monthly, {}, data="latest", as_of=months[-1], funds=funds)


def test_a_tilt_is_drawn_by_era_and_over_time():
    """Two factors in five eras at most, and the month of publication once it has come."""
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    drawn = np.random.default_rng(1).normal(0.003, 0.03, (len(months), 2))
    monthly = pd.DataFrame(drawn, months, ["hml", "rmw"])
    tilt = study("value-tilt", Dataset(monthly, {}, data="latest", as_of=months[-1]))
    assert "by era: HML, RMW" in checked(draw.by_era(tilt))["description"]
    assert "2013-07, when all were in print" in checked(draw.running_lead(tilt))["description"]
    seen = monthly.loc[:"1990-12"]
    early = study("value-tilt", Dataset(seen, {}, data="latest", as_of=seen.index[-1]))
    assert "in print" not in checked(draw.running_lead(early))["description"]


def test_nothing_is_drawn_without_data():
    """Where the bundled data hold no profitability and no funds."""
    dataset = load_dataset("bundled", "1931-06")
    tilt = study("value-tilt", dataset)
    fund = study("avuv-vs-peers", dataset)
    assert draw.running_lead(tilt) is None
    assert "by era: HML." in checked(draw.by_era(tilt))["description"]
    assert draw.profit_fifths(study("quality-screen", dataset)) is None
    assert draw.fund_growth(fund) is draw.fund_leads(fund) is None


def test_fifths_and_funds_of_the_latest_data(latest):
    """Five fifths in two eras; a dollar in three funds; the leads from the first close."""
    fifths = checked(draw.profit_fifths(study("quality-screen", latest)))
    assert "fifth 1, least" in fifths["description"]
    fund = study("avuv-vs-peers", latest)
    assert "2019-09 to 2026-04" in checked(draw.fund_growth(fund))["description"]
    assert "AVUV's lead a year from 2019-09" in checked(draw.fund_leads(fund))["description"]


def test_an_era_that_has_not_come_is_not_in_the_legend(latest):
    """A run that ends before July 2013 names no later month."""
    from dataclasses import replace

    early = replace(latest, monthly=latest.monthly.loc[:"2007-12"], as_of=pd.Period("2007-12", "M"))
    assert "2013" not in json.dumps(draw.profit_fifths(study("quality-screen", early)).to_dict())


def test_what_followed_each_trough_is_drawn():
    """A bar for each trough, and the mean of all windows beside them."""
    table = pd.DataFrame(
        {"trough": ["1991-03", "2001-11"], "lead": [0.2, -0.1], "value led": ["yes", "no"]}
    )
    finding = SimpleNamespace(sample_end="2018-11")
    shown = SimpleNamespace(recoveries=table, usual_lead=0.03, finding=finding)
    described = checked(draw.after_troughs(shown))["description"]
    assert "after each of 2 recessions, above zero after 1 of them" in described
    assert "any 12 months, +3.0%" in described
    shown.recoveries = table.iloc[:0]
    assert draw.after_troughs(shown) is None


def test_leads_since_the_end_of_a_year_are_drawn():
    """A line for each pair, and a point on each admitted day."""
    days = pd.to_datetime(["2026-01-08", "2026-01-09"])
    leads = pd.DataFrame(
        {
            "day": [*days, *days],
            "pair": ["AAA/BBB"] * 2 + ["CCC/DDD"] * 2,
            "lead": [0.01, 0.02, -0.01, -0.03],
            "admitted": [False, True, False, True],
        }
    )
    chart = checked(draw.value_leads(SimpleNamespace(leads=leads)))
    assert "to 2026-01-09" in chart["description"]
    assert "AAA over BBB +2.0%, CCC over DDD -3.0%" in chart["description"]
    assert sorted(len(rows) for rows in chart["datasets"].values()) == [1, 2, 4]
    assert draw.value_leads(SimpleNamespace(leads=leads.iloc[:0])) is None
