"""Second winners: funds that move with small caps, one that does not, and missing closes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset

CLAIM = load_claims()["equal-weight-too"]
MONTHS = pd.period_range("2003-06", "2025-12", freq="M", name="month")


def made(**slopes) -> Dataset:
    """Funds whose return less SPY's follows SMB by a slope; all follow the market beside it."""
    rng = np.random.default_rng(7)
    smb, market = rng.normal(0, 0.025, len(MONTHS)), rng.normal(0.007, 0.04, len(MONTHS))
    returns = {"SPY": market, "IWM": market + smb + rng.normal(0, 0.005, len(MONTHS))}
    for name in ("RSP", "XLI", "XLF", "IWN"):
        own = rng.normal(0, 0.01, len(MONTHS))
        returns[name] = 1.1 * market + slopes.get(name, 0.4) * smb + own
    ends = MONTHS.to_timestamp(how="end").normalize()
    closes = (1 + pd.DataFrame(returns, ends)).cumprod() * 50
    monthly = pd.DataFrame({"smb": smb, "market_excess": market}, MONTHS)
    return Dataset(monthly, {}, "latest", MONTHS[-1], funds=closes)


def study(dataset):
    return find_design("fund_comovement")(dataset, bind(CLAIM), Sampling(99, 1))


def verdict(dataset):
    return decide(CLAIM, study(dataset).finding, data="latest", as_of="2026-04").verdict


def test_all_have_to_move_with_small_caps():
    """All four, three and one that does not, and one that moves against."""
    assert verdict(made()) == "supported"
    assert verdict(made(XLF=0.0)) == "not distinguishable"
    assert verdict(made(XLF=-0.4)) == "contradicted"


def test_the_weakest_pair_is_the_headline():
    found = study(made(XLI=0.2))
    assert found.finding.estimate == pytest.approx(0.2, abs=0.1)
    assert found.finding.measures["largest_p"] == found.table["p"].max()
    assert found.finding.measures["smallest_slope"] == found.table["slope"].min()


def test_the_grid_runs_funds_and_factors():
    found = study(made())
    assert {"smb", "iwm_spy"} <= set(found.ran["leg"]) and found.finding.joint_p < 0.05
    assert found.grid.query("leg == 'd2d5_hi10'")["reason"].ne("").all()


def test_without_a_funds_closes_it_is_refused_by_name():
    dataset = made()
    without = replace(dataset, funds=dataset.funds.drop(columns="XLF"))
    assert "XLF" in study(without).finding.refusal.reason
    assert study(replace(dataset, funds=None, data="bundled")).finding.refusal.needs == "latest"
