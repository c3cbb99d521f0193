"""A fund against its peers: printed returns, planted leads, and prices that cannot answer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.panel import Dataset
from analysis.panel.fund_returns import monthly_returns

CLAIM = load_claims()["avuv-vs-peers"]
FEW = Sampling(100, 1)
PRINTED = {"AVUV": 0.111, "VBR": 0.083, "IJS": 0.053, "SLYV": 0.053, "IWN": 0.055}


def study(dataset, **changes):
    return find_design("fund_comparison")(dataset, bind(CLAIM, changes), FEW)


def verdict(found):
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def made(*, steady: bool = True, exact: bool = True) -> Dataset:
    """Month-end closes from September 2019 whose five years and a half give the printed returns.

    `steady` keeps the fund's own noise small, `exact` makes the printed returns come out.
    """
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    days = pd.date_range("2019-09-30", "2026-04-30", freq="ME")
    rng = np.random.default_rng(3)
    shared = rng.normal(0, 0.04, len(days))
    closes = {}
    for name, rate in PRINTED.items():
        own = rng.normal(0, 0.012 if name == "AVUV" else 0.0004, len(days))
        path = shared + own * (0.1 if steady else 5.0)
        path[[0, 67]] = 0.0  # the ends of the claim's period are exact
        yearly = 1.0 + rate + (0.0 if exact else 0.02)
        closes[name] = 20.0 * np.exp(path) * yearly ** (np.arange(len(days)) / 12)
    factors = {
        name: np.random.default_rng(place).normal(0.0, 0.03, len(months))
        for place, name in enumerate(("market_excess", "smb", "hml", "rmw", "cma"))
    }
    return Dataset(
        monthly=pd.DataFrame(factors, index=months),
        facts={},
        data="latest",
        as_of=months[-1],
        funds=pd.DataFrame(closes, index=days),
    )


def test_a_steady_lead_is_supported_and_a_noisy_one_is_uninformative():
    """The same printed returns, from a fund that keeps its distance and from one that wanders."""
    steady, noisy = study(made()), study(made(steady=False))
    assert verdict(steady) == "supported"
    assert noisy.finding.measures["largest_error"] < 1e-9
    assert verdict(noisy) == "true but uninformative"
    for measure in CLAIM.criterion.measures():
        assert np.isfinite(steady.finding.measures[measure]), measure
    assert steady.finding.mde > 0


def test_the_grid_has_one_p_up_to_the_claims_last_month():
    """Small for a steady lead, and untouched by what the funds did after April 2025."""
    dataset = made()
    found = study(dataset).finding
    assert found.joint_p < 0.05
    later = dataset.funds.copy()
    later.loc["2025-05":, "AVUV"] /= 3.0
    assert study(replace(dataset, funds=later)).finding.joint_p == found.joint_p
    bare = replace(bind(CLAIM), grid={})
    assert find_design("fund_comparison")(dataset, bare, FEW).finding.joint_p is None


def test_wrong_figures_are_contradicted():
    """Prices that earned two points more than printed."""
    found = study(made(exact=False))
    assert found.finding.measures["largest_error"] == pytest.approx(0.02)
    assert verdict(found) == "contradicted"


def test_the_lead_by_hand():
    """Twelve times the mean month of the fund less the mean of two peers, October 2019 on."""
    dataset = made(steady=False)
    returns = monthly_returns(dataset.funds).loc["2019-10":"2025-04"]
    by_hand = returns["AVUV"] - (returns["VBR"] + returns["IJS"]) / 2
    found = study(dataset)
    assert found.finding.estimate == pytest.approx(12 * by_hand.mean())
    assert (found.finding.n, found.finding.sample_start) == (67, "2019-10")
    pd.testing.assert_series_equal(found.spread, by_hand, check_names=False)
    assert found.difference == "AVUV less the mean of VBR and IJS"


def test_one_peer_stands_for_itself():
    """Peers may be one fund; the figures compared are then its own and the fund's."""
    found = study(made(), peers="VBR")
    row = found.grid.query("peers == 'VBR' and start == '2019-09-30' and to == '2025-04'")
    assert found.finding.estimate == pytest.approx(row["lead"].item())
    assert found.difference == "AVUV less the mean of VBR"


def test_the_grid_holds_every_peer_start_and_end():
    """Four peers, two starts, and two ends; a peer the folder lacks says so."""
    grid = study(made()).grid
    assert len(grid) == 16
    assert set(grid["to"]) == {"2025-04", "2026-04"}
    assert set(grid["reason"]) == {""}
    dataset = made()
    lacking = study(replace(dataset, funds=dataset.funds.drop(columns="IWN"))).grid
    assert set(lacking.loc[lacking["peers"] == "IWN", "reason"]) == {"only 0 months; 60 are needed"}


def test_printed_and_recomputed_stand_side_by_side():
    """A fund outside the price folder is printed and not recomputed, and the sentence says so."""
    found = study(made())
    table = found.funds.set_index("fund")
    assert table.loc["DFSVX", "note"] == "not in the price folder"
    assert table.loc["AVUV", "recomputed"] == pytest.approx(0.111)
    assert "DFSVX is outside the price folder." in found.finding.finding
    assert "IWN" in table.index


def test_a_dollar_grows_with_the_closes():
    """The value of a dollar is the last close over the first."""
    dataset = made()
    growth = study(dataset).growth.set_index(["fund", "month"])["value"]
    closes = dataset.funds["AVUV"]
    assert growth["AVUV", "2019-09"] == 1.0
    assert growth["AVUV", "2026-04"] == pytest.approx(closes.iloc[-1] / closes.iloc[0])


def test_the_alpha_stands_beside_the_lead():
    """The sensitivity quotes the model with the most factors."""
    assert "Beyond the five factors the lead is" in study(made()).finding.sensitivity


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: replace(d, funds=None), "needs the latest data: adjusted closes of AVUV"),
        (lambda d: replace(d, funds=d.funds.drop(columns="IJS")), "lacks IJS"),
        (lambda d: replace(d, funds=d.funds.loc["2020":]), "do not cover"),
        (lambda d: replace(d, funds=d.funds.drop(pd.Timestamp("2020-06-30"))), "do not cover"),
        (lambda d: replace(d, as_of=pd.Period("2025-03", "M")), "ends in 2025-04"),
    ],
)
def test_prices_that_cannot_answer_are_refused(change, words):
    """Missing prices refuse the claim and leave the printed figures on the page."""
    found = study(change(made()))
    assert words in found.finding.refusal.reason
    assert found.funds["fund"].tolist() == ["AVUV", "DFSVX", "VBR", "IJS"]
    assert found.funds["recomputed"].isna().all()
    assert found.growth.empty
    assert found.spread.empty
    assert found.ran.empty
    assert set(found.grid["reason"]) == {found.finding.refusal.reason}


def test_later_closes_change_nothing():
    """Wild closes after the cut leave finding, tables and leads as they were."""
    dataset = made()
    before = pd.Period("2025-06", "M")
    cut = replace(dataset, monthly=dataset.monthly.loc[:before], as_of=before)
    wild = cut.funds.copy()
    wild.loc["2025-07":] *= 5.0
    tame = study(replace(cut, funds=cut.funds.loc[:"2025-06-30"]))
    rough = study(replace(cut, funds=wild))
    assert tame.finding == rough.finding
    pd.testing.assert_frame_equal(tame.grid, rough.grid)
    pd.testing.assert_frame_equal(tame.growth, rough.growth)
    pd.testing.assert_frame_equal(tame.funds, rough.funds)
