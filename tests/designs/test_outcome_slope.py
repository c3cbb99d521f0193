"""What follows a wide gap or a concentrated market: planted truths, opposites, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.outcome_slope.findings import _moved
from analysis.panel import Dataset
from analysis.panel.narrowing_spreads import narrowing_spreads
from analysis.results import InputError

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.design == "outcome_slope"}
LENGTH = 1000
MONTHS = pd.period_range("1930-01", periods=LENGTH, freq="M", name="month")


def made(effect=0.0, within=None, seed=0) -> Dataset:
    """SMB that follows a lasting gap by `effect`, in all months or in those of a state."""
    rng = np.random.default_rng(seed)
    noise, own = rng.normal(0, 0.03, LENGTH), rng.normal(0, 0.15, LENGTH)
    rates = 0.05 + 0.02 * np.sin(np.arange(LENGTH) / 20)
    spread = 0.01 + 0.004 * np.sin(np.arange(LENGTH) / 33)
    state = np.ones(LENGTH) if within is None else within(rates, spread)
    gap, smb = np.zeros(LENGTH), np.zeros(LENGTH)
    for t in range(1, LENGTH):
        smb[t] = noise[t] + effect * gap[t - 1] * state[t - 1]
        gap[t] = 0.98 * gap[t - 1] - np.log1p(smb[t]) + own[t] * (t % 12 == 5)
    path = pd.Series(gap, MONTHS)
    junes = path[path.index.month == 6].rename_axis("june")
    valuation = pd.DataFrame({"gap_june": junes, "gap_december": junes})
    monthly = pd.DataFrame(
        {"smb": smb, "bill": rates / 12, "aaa": 0.05, "baa": 0.05 + spread}, MONTHS
    )
    return Dataset(monthly, {}, "bundled", MONTHS[-1], valuation=valuation)


def easing(rates, spread):
    """Months in which the rate stands below that of a year before, and so does the spread."""
    below = [np.concatenate([np.zeros(12), one[12:] < one[:-12]]) for one in (rates, spread)]
    return below[0] * below[1]


def study(name, dataset, **changes):
    bound = bind(CLAIMS[name], changes)
    return find_design("outcome_slope")(dataset, replace(bound, grid={}), Sampling(399, 1))


def verdict(name, dataset):
    found = study(name, dataset).finding
    return decide(CLAIMS[name], found, data=dataset.data, as_of="2018-11").verdict


@pytest.mark.parametrize("name", ["asymmetry", "margin-of-safety"])
def test_a_gap_that_pays_protects_and_one_that_costs_does_not(name):
    """The planted effect, its opposite, and none."""
    assert verdict(name, made(0.06)) == "supported"
    assert verdict(name, made(-0.015)) == "contradicted"
    assert verdict(name, made(0.0)) == "not distinguishable"


def test_the_state_has_to_do_more_than_the_gap_alone():
    """A gap that pays in the state, one that pays always, one that costs in it."""
    assert verdict("easing-with-gap", made(0.08, easing)) == "supported"
    assert verdict("easing-with-gap", made(0.04)) != "supported"
    assert verdict("easing-with-gap", made(-0.08, easing)) == "contradicted"


def concentrated(effect, seed=5) -> Dataset:
    """Small minus large that follows the share of the largest tenth, known a month early."""
    rng = np.random.default_rng(seed)
    share, smb = np.zeros(LENGTH), np.zeros(LENGTH)
    for t in range(1, LENGTH):
        smb[t] = rng.normal(0, 0.03) + effect * share[t - 1]
        share[t] = 0.97 * share[t - 1] + rng.normal(0, 0.03)
    known = pd.Series(np.exp(share - 0.5), MONTHS).shift(1)
    monthly = pd.DataFrame({"smb": smb, "top_share": known})
    return Dataset(monthly, {}, "latest", MONTHS[-1])


def test_concentration_that_unwinds_is_found():
    assert verdict("concentration-turns", concentrated(0.06)) == "supported"
    assert verdict("concentration-turns", concentrated(-0.04)) == "contradicted"
    assert verdict("concentration-turns", concentrated(0.0)) == "not distinguishable"


def test_the_grid_runs_what_the_data_hold_and_says_why_not():
    bound = bind(CLAIMS["asymmetry"])
    grid = {**bound.grid, "leg": ("smb", "s1_s5"), "era": ("full",)}
    found = find_design("outcome_slope")(made(0.04), replace(bound, grid=grid), Sampling(99, 1))
    assert set(found.ran["bound"]) == {0.1, 0.2} and set(found.ran["basis"]) == {"june", "december"}
    assert found.grid.query("leg == 's1_s5'")["reason"].str.contains("does not hold").all()
    assert found.finding.joint_p < 0.05


def test_fifths_and_episodes_are_shown_as_known_then():
    """Every month with a known outcome stands in one fifth; an episode needs all three."""
    wide = study("easing-with-gap", made(0.08, easing))
    assert (wide.fifths.groupby("basis")["months"].sum() < LENGTH).all()
    assert set(wide.fifths["fifth"]) <= {1, 2, 3, 4, 5}
    assert wide.finding.measures["episodes"] == wide.episodes.groupby("basis").size().min()
    for one in wide.episodes.itertuples():
        assert wide.state[pd.Period(one[2], "M")]
    plain = study("asymmetry", made(0.08, easing))
    assert len(plain.episodes) > 0 and plain.state is None


def test_what_the_data_lack_is_refused():
    dataset = made(0.0)
    assert (
        "no book-to-market"
        in study("asymmetry", replace(dataset, valuation=None)).finding.refusal.reason
    )
    assert study("asymmetry", replace(dataset, valuation=None)).fifths.empty
    rising = replace(dataset, monthly=dataset.monthly.assign(smb=0.05))
    assert "the same after every month" in study("asymmetry", rising).finding.refusal.reason
    refused = study("concentration-turns", dataset).finding.refusal
    assert refused.needs == "latest"
    without = replace(dataset, monthly=dataset.monthly[["smb", "bill"]])
    assert study("easing-with-gap", without).finding.refusal is not None


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("asymmetry", {"bound": 0.0}, "needs a bound"),
        ("margin-of-safety", {"bound": 0.1}, "needs a bound"),
        ("asymmetry", {"predictor": "concentration"}, "needs a basis"),
        ("asymmetry", {"outcome": "gain"}, "outcome"),
    ],
)
def test_arguments_that_do_not_fit_are_one_error(name, change, said):
    with pytest.raises(InputError, match=said):
        bind(CLAIMS[name], change)


def test_spreads_narrow_below_their_value_a_year_before():
    months = pd.period_range("2000-01", periods=14, freq="M")
    monthly = pd.DataFrame({"baa": 0.07, "aaa": [0.05] * 12 + [0.06, 0.04]}, months)
    assert narrowing_spreads(monthly).tolist() == [True, False]
    assert narrowing_spreads(monthly[["baa"]]).empty


@pytest.mark.parametrize(
    ("name", "points", "said"),
    [
        ("asymmetry", 6.44, "gap was one standard deviation wider than usual, the share of large"
         " leads less that of large lags over the next 12 months was 6.4 points higher"),
        ("margin-of-safety", -0.92, "over the next 36 months was 0.9 points lower"),
        ("margin-of-safety", -0.03, "36 months was the same to a tenth of a point"),
        ("concentration-turns", 4.7, "market's value was one standard deviation higher than usual"),
        ("easing-with-gap", -1.5, "this added 1.5 points less with falling rates and narrowing"
         " spreads than without to small minus large over the next 12 months"),
        ("easing-with-gap", 0.02, "this added as much with falling rates and narrowing spreads as"
         " without to small minus large"),
    ],
)  # fmt: skip
def test_a_finding_says_which_way_without_a_sign(name, points, said):
    """No minus zero, no fall that is higher by less than nothing; a share is high, not wide."""
    assert said in _moved(points, bind(CLAIMS[name]).arguments)


def test_a_finding_says_how_high_the_predictor_stood_at_the_end():
    """A gap is wide, a share is high."""
    gap = study("asymmetry", made()).finding.finding
    assert "At the end of the sample it was at least as wide as in " in gap
    share = study("concentration-turns", concentrated(0.0)).finding.finding
    assert "it was at least as high as in " in share and "points, p " in share
