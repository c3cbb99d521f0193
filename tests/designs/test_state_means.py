"""Means inside and outside a state: recessions and cut months, by hand and by brute force."""

import dataclasses
import functools
import math

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.state_means import phase_table
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.design == "state_means"}
SLOWDOWN, CUTS = "slowdown-hurts-small", "floating-debt-benefit"
MONTHS = pd.period_range("1954-01", periods=648, freq="M", name="month")
PEAKS = MONTHS[[27, 130, 201, 310, 371, 452, 590]]


def world(in_recession=0.0, in_cuts=0.0, drift=0.001, seed=3) -> Dataset:
    """Fifty-four years with seven recessions of twelve months and a rate that moves at random.

    `in_recession` and `in_cuts` are added to small minus large in each of those months.
    """
    rng = np.random.default_rng(seed)
    change = pd.Series(rng.normal(0, 0.002, len(MONTHS)), index=MONTHS)
    spread = pd.Series(rng.normal(drift, 0.01, len(MONTHS)), index=MONTHS)
    recession = pd.Series(0.0, index=MONTHS)
    for peak in PEAKS:
        recession.loc[peak + 1 : peak + 12] = 1.0
    spread += in_recession * recession + in_cuts * (change <= -0.001)
    monthly = pd.DataFrame(
        {
            "smb": spread,
            "market_excess": rng.normal(0.005, 0.04, len(MONTHS)),
            "bill_rate": 0.05 + change.cumsum(),
            "recession": recession,
        }
    )
    earlier = pd.DataFrame({"peak": ["1948-11"], "trough": ["1949-10"]}).astype("period[M]")
    nber = pd.concat([earlier, pd.DataFrame({"peak": PEAKS, "trough": PEAKS + 12})])
    nber = nber.assign(peak_announced=nber["peak"] + 8, trough_announced=nber["trough"] + 10)
    return Dataset(monthly, {"nber_cycles": nber}, "bundled", MONTHS[-1])


def study_of(claim, dataset, **changes):
    """A claim's study with some arguments changed."""
    bound = bind(CLAIMS[claim], changes)
    return find_design("state_means")(dataset, bound, Sampling(1, 1))


@functools.cache
def on_bundled(claim, as_of="newest"):
    """A claim's study on the bundled data."""
    return study_of(claim, load_dataset("bundled", as_of))


def verdict_on(claim, dataset):
    """Verdict on one claim from one data set."""
    found = study_of(claim, dataset).finding
    return decide(CLAIMS[claim], found, data="bundled", as_of="2007-12").verdict


@pytest.mark.parametrize(("gain", "expected"), [(-0.02, "supported"), (0.03, "contradicted")])
def test_what_recessions_do_to_small_caps_is_found(gain, expected):
    """A loss in recessions supports the claim, a gain contradicts it."""
    dataset = world(in_recession=gain)
    assert verdict_on(SLOWDOWN, dataset) == expected
    found = study_of(SLOWDOWN, dataset).finding
    means = 12 * dataset.monthly.groupby("recession")["smb"].mean()
    assert found.measures["recession_mean"] == pytest.approx(means[1.0])
    assert found.measures["difference"] == pytest.approx(means[1.0] - means[0.0])
    assert (found.n, found.effective_n) == (648, len(PEAKS))


def test_a_loss_no_larger_than_elsewhere_is_uninformative():
    """Where small always loses, losing in recessions says nothing about them."""
    dataset = world(in_recession=0.002, drift=-0.005)
    assert verdict_on(SLOWDOWN, dataset) == "true but uninformative"


@pytest.mark.parametrize(("gain", "expected"), [(0.01, "supported"), (-0.01, "contradicted")])
def test_what_cuts_do_to_small_caps_is_found(gain, expected):
    """A lead in months of a fall supports the claim, the opposite contradicts it."""
    dataset = world(in_cuts=gain)
    assert verdict_on(CUTS, dataset) == expected
    found = study_of(CUTS, dataset).finding
    frame = dataset.monthly.iloc[1:]
    cut = dataset.monthly["bill_rate"].diff().iloc[1:] <= -0.001 + 1e-9
    excess = 12 * (frame["smb"][cut].mean() - frame["smb"][~cut].mean())
    assert found.measures["cut_excess"] == pytest.approx(excess)
    assert found.measures["cut_win_rate"] == pytest.approx((frame["smb"][cut] > 0).mean())
    assert found.measures["base_rate"] == pytest.approx((frame["smb"] > 0).mean())
    assert f"In {cut.sum()} months in which the bill rate fell by at least 10" in found.finding


def test_the_claim_on_cuts_beside_the_market_by_least_squares():
    """The second coefficient is numpy's with the market as a regressor."""
    dataset = world(in_cuts=0.005)
    frame = dataset.monthly.iloc[1:]
    cut = dataset.monthly["bill_rate"].diff().iloc[1:] <= -0.001 + 1e-9
    design = np.column_stack([np.ones(len(frame)), cut, frame["market_excess"]])
    slope = np.linalg.lstsq(design.astype(float), frame["smb"], rcond=None)[0][1]
    measures = study_of(CUTS, dataset).finding.measures
    assert measures["cut_excess_with_market"] == pytest.approx(12 * slope)


def test_the_shift_p_counts_every_turn_of_the_calendar():
    """Twice the smaller share of all circular shifts that go as far as the recessions did."""
    dataset = world(in_recession=-0.004)
    spread = dataset.monthly["smb"].to_numpy()
    state = dataset.monthly["recession"].to_numpy() == 1
    means = np.array([spread[np.roll(state, shift)].mean() for shift in range(len(spread))])
    tails = [(means <= means[0] + 1e-12).mean(), (means >= means[0] - 1e-12).mean()]
    found = study_of(SLOWDOWN, dataset).finding
    assert found.p_value == found.measures["shift_p"] == pytest.approx(2 * min(tails))
    assert study_of(SLOWDOWN, dataset, test="regression").finding.p_value != found.p_value


def test_the_interval_of_a_shift_test_is_statsmodels():
    """Newey-West errors without a small-sample factor, and the normal distribution."""
    import statsmodels.api as sm

    dataset = world(in_recession=-0.004)
    design = sm.add_constant(dataset.monthly["recession"])
    fit = sm.OLS(dataset.monthly["smb"], design).fit(cov_type="HAC", cov_kwds={"maxlags": 6})
    found = study_of(SLOWDOWN, dataset).finding
    assert [found.ci_low, found.ci_high] == pytest.approx(
        12 * fit.conf_int().loc["recession"].to_numpy()
    )


def test_every_measure_of_the_criterion_is_given():
    """No criterion asks for a number that the finding lacks, and none is NaN."""
    for name, claim in CLAIMS.items():
        found = study_of(name, world()).finding
        assert claim.criterion.measures() <= set(found.measures)
        assert all(math.isfinite(value) for value in found.measures.values())
        assert found.mde > 0 and found.more_needed


def test_halves_of_recessions_are_states_of_their_own():
    """The first half of a year's recession is its first six months."""
    dataset = world(in_recession=-0.02)
    first = np.zeros(len(MONTHS), dtype=bool)
    for peak in PEAKS:
        first |= MONTHS.isin(pd.period_range(peak + 1, peak + 6, freq="M"))
    found = study_of(SLOWDOWN, dataset, phase="first_half").finding
    expected = 12 * dataset.monthly["smb"][first].mean()
    assert found.measures["recession_mean"] == pytest.approx(expected)
    assert "months of first halves of recessions (7 recessions)" in found.finding
    grid = study_of(SLOWDOWN, dataset).grid
    row = grid.query("leg == 'smb' and phase == 'first_half' and era == 'full'").iloc[0]
    difference = expected - 12 * dataset.monthly["smb"][~first].mean()
    assert row["slope"] == pytest.approx(difference)


def test_phases_cover_every_month():
    """Expansion and the two halves of recessions add up to the sample."""
    dataset = world(in_recession=-0.02)
    phases = study_of(SLOWDOWN, dataset).phases
    assert set(phases["phase"]) == {"expansion", "first half", "second half"}
    assert phases["months"].sum() == len(MONTHS)
    by_hand = phase_table(dataset.facts["nber_cycles"], dataset.monthly["smb"])
    pd.testing.assert_frame_equal(phases, by_hand)
    assert study_of(SLOWDOWN, dataset, leg="halves").phases.empty


def test_too_few_months_of_a_state_are_refused():
    """A recession of three months, and a rate that hardly falls, have a reason."""
    dataset = world()
    quiet = dataset.monthly.assign(recession=0.0, bill_rate=0.05)
    quiet.iloc[100:103, quiet.columns.get_loc("recession")] = 1.0
    data = dataclasses.replace(dataset, monthly=quiet)
    assert "only 3 recession months" in study_of(SLOWDOWN, data).finding.refusal.reason
    assert "0 of 647 months had a cut" in study_of(CUTS, data).finding.refusal.reason
    assert study_of(CUTS, data).grid["reason"].ne("").all()


@pytest.mark.parametrize("as_of", ["1931-06", "1955-01", "1995-12", "2007-12"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_an_answer_at_earlier_dates(claim, as_of):
    """A finding without NaN that ends by then, or a refusal with its reason."""
    found = on_bundled(claim, as_of).finding
    if found.refusal is None:
        assert math.isfinite(found.estimate) and found.sample_end <= as_of
    else:
        assert found.refusal.reason


def test_a_recession_takes_a_phase_and_a_rate_a_fall():
    """Arguments that do not belong together are refused by name."""
    with pytest.raises(InputError, match="driver recession needs phase"):
        bind(CLAIMS[SLOWDOWN], {"phase": None})
    with pytest.raises(InputError, match="driver bill_rate needs fall"):
        bind(CLAIMS[CUTS], {"phase": "whole"})
    with pytest.raises(InputError, match=r"field arguments\.fall"):
        bind(CLAIMS[CUTS], {"fall": 10.0})
