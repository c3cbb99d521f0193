"""Means inside and outside a state: recessions and cut months, by hand, in time, in one method."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from analysis.claims import load_claims
from analysis.claims.verdicts import LEVEL_WITHOUT_ONE, decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.state_means import phase_table
from analysis.panel import Dataset
from analysis.results import InputError

CLAIMS = {key: claim for key, claim in load_claims().items() if claim.design == "state_means"}
SLOWDOWN, CUTS = "slowdown-hurts-small", "floating-debt-benefit"
MONTHS = pd.period_range("1954-01", periods=648, freq="M", name="month")
PEAKS = MONTHS[[27, 130, 201, 310, 371, 452, 590]]
FALL = 0.0024


def world(in_recession=0.0, in_cuts=0.0, drift=0.001, seed=3, swing=1.0, announced=0.0) -> Dataset:
    """Fifty-four years with seven recessions of twelve months and a rate that moves at random.

    `in_recession` and `in_cuts` are added to small minus large in each of those months, `announced`
    in the months after a recession is announced and before its end is; returns swing `swing` times
    as much in recessions. The bill of a month shows the rate of the month before.
    """
    rng = np.random.default_rng(seed)
    change = pd.Series(rng.normal(0, 0.004, len(MONTHS)), index=MONTHS)
    noise = pd.Series(rng.normal(0, 0.01, len(MONTHS)), index=MONTHS)
    recession, known = pd.Series(0.0, index=MONTHS), pd.Series(0.0, index=MONTHS)
    for peak in PEAKS:
        recession.loc[peak + 1 : peak + 12] = 1.0
        known.loc[peak + 9 : peak + 22] = 1.0
    spread = drift + noise * (1 + (swing - 1) * recession)
    spread += in_recession * recession + in_cuts * (change <= -FALL) + announced * known
    short = 0.05 + change.cumsum()
    monthly = pd.DataFrame(
        {
            "smb": spread,
            "market_excess": rng.normal(0.005, 0.04, len(MONTHS)),
            "bill_rate": short.shift(1, fill_value=0.05),
            "recession": recession,
        }
    )
    earlier = pd.DataFrame({"peak": ["1948-11"], "trough": ["1949-10"]}).astype("period[M]")
    nber = pd.concat([earlier, pd.DataFrame({"peak": PEAKS, "trough": PEAKS + 12})])
    nber = nber.assign(peak_announced=nber["peak"] + 8, trough_announced=nber["trough"] + 10)
    return Dataset(monthly, {"nber_cycles": nber}, "bundled", MONTHS[-1])


def with_target(dataset, seed=1, gain=0.0):
    """The same with a target that begins in 1982 and is cut by odd steps, and small's gain then."""
    rng = np.random.default_rng(seed)
    steps = rng.choice([0.0, 0.0, 0.0, 0.0025, -0.000625, -0.0025, -0.005], len(MONTHS))
    target = pd.Series(0.08 + steps.cumsum(), MONTHS).where(pd.Period("1982-10", "M") <= MONTHS)
    smb = dataset.monthly["smb"] + gain * (steps < 0)
    monthly = dataset.monthly.assign(target=target, smb=smb)
    return dataclasses.replace(dataset, monthly=monthly, data="latest", snapshot="synthetic")


def study_of(claim, dataset, **changes):
    """A claim's study with some arguments changed."""
    bound = bind(CLAIMS[claim], changes)
    return find_design("state_means")(dataset, bound, Sampling(1, 1))


def verdict_on(claim, dataset):
    """Verdict on one claim from one data set."""
    found = study_of(claim, dataset).finding
    return decide(CLAIMS[claim], found, data=dataset.data, as_of="2007-12").verdict


@pytest.mark.parametrize(
    ("gain", "expected"),
    [(-0.02, "supported"), (0.0, "not distinguishable"), (0.03, "contradicted")],
)
def test_what_recessions_do_to_small_caps_is_found(gain, expected):
    """A loss in recessions supports the claim, a gain contradicts it, nothing is neither."""
    dataset = world(in_recession=gain)
    assert verdict_on(SLOWDOWN, dataset) == expected
    found = study_of(SLOWDOWN, dataset).finding
    means = 12 * dataset.monthly.groupby("recession")["smb"].mean()
    assert found.measures["recession_mean"] == pytest.approx(means[1.0])
    assert found.measures["difference"] == pytest.approx(means[1.0] - means[0.0])
    assert (found.n, found.effective_n) == (648, len(PEAKS))


def test_losing_always_is_no_loss_to_recessions():
    """Where small always loses, losing in recessions as well says nothing about them."""
    assert verdict_on(SLOWDOWN, world(in_recession=0.001, drift=-0.005)) == "not distinguishable"


def test_gaining_less_in_recessions_is_no_loss():
    """Small caps that still beat large ones in recessions were not hurt by them."""
    dataset = world(in_recession=-0.006, drift=0.01)
    found = study_of(SLOWDOWN, dataset).finding
    assert found.measures["difference_p"] < 0.05 and found.measures["recession_mean"] > 0
    assert verdict_on(SLOWDOWN, dataset) == "not distinguishable"


def test_p_interval_and_smallest_effect_are_statsmodels():
    """All from one regression with Newey-West errors of six lags, by Student's t."""
    import statsmodels.api as sm

    dataset = world(in_recession=-0.004)
    design = sm.add_constant(dataset.monthly["recession"])
    fit = sm.OLS(dataset.monthly["smb"], design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": True}, use_t=True
    )
    found = study_of(SLOWDOWN, dataset).finding
    assert [found.ci_low, found.ci_high] == pytest.approx(
        12 * fit.conf_int().loc["recession"].to_numpy()
    )
    assert (
        found.p_value == found.measures["difference_p"] == pytest.approx(fit.pvalues["recession"])
    )
    assert found.mde == pytest.approx(12 * 2.8016 * fit.bse["recession"], rel=1e-4)
    assert found.measures["difference_low"] == found.ci_low


@pytest.mark.slow
def test_swings_in_recessions_are_not_taken_for_a_loss():
    """With twice the swings in recessions and no loss, about one history in twenty rejects."""
    bound = dataclasses.replace(bind(CLAIMS[SLOWDOWN]), grid={})
    rejected = [
        find_design("state_means")(world(seed=seed, swing=2.0), bound, Sampling(1, 1)).finding
        for seed in range(150)
    ]
    assert sum(found.p_value < 0.05 for found in rejected) / 150 < 0.11


@pytest.mark.parametrize(("gain", "expected"), [(0.01, "supported"), (-0.01, "contradicted")])
def test_what_cuts_do_to_small_caps_is_found(gain, expected):
    """A lead in months of a fall supports the claim, the opposite contradicts it."""
    dataset = world(in_cuts=gain)
    assert verdict_on(CUTS, dataset) == expected
    found = study_of(CUTS, dataset).finding
    frame = dataset.monthly.iloc[1:-1]
    cut = dataset.monthly["bill_rate"].diff().shift(-1).iloc[1:-1] <= -FALL + 1e-9
    excess = 12 * (frame["smb"][cut].mean() - frame["smb"][~cut].mean())
    assert found.measures["cut_excess"] == pytest.approx(excess)
    assert found.measures["cut_win_rate"] == pytest.approx((frame["smb"][cut] > 0).mean())
    assert found.measures["base_rate"] == pytest.approx((frame["smb"] > 0).mean())
    assert f"in {cut.sum()} such months small less large came to" in found.finding
    assert "fell by at least 24 basis points" in found.finding


def test_a_fall_the_month_before_is_no_cut():
    """The old dating, a month late, sets returns against falls that have passed."""
    dataset = world(in_cuts=0.01)
    assert abs(study_of(CUTS, dataset, lag=1).finding.estimate) < 0.03
    late = dataset.monthly.assign(smb=dataset.monthly["smb"].shift(1).fillna(0.0))
    moved = dataclasses.replace(dataset, monthly=late)
    assert verdict_on(CUTS, moved) == "not distinguishable"
    assert study_of(CUTS, moved, lag=1).finding.p_value < 0.001


def test_any_fall_of_the_target_is_a_cut():
    """Where the target is held it decides, from 1982 on, and a sixteenth of a point counts."""
    dataset = with_target(world(), gain=0.01)
    target = dataset.monthly["target"]
    cuts = (target.diff() < 0)[target.diff().notna()]
    found = study_of(CUTS, dataset).finding
    assert verdict_on(CUTS, dataset) == "supported"
    assert f"in {cuts.sum()} such months" in found.finding
    assert "better against large in months in which the funds rate target fell:" in found.finding
    assert found.sample_start == "1982-11" and found.n == len(cuts)
    spread = dataset.monthly["smb"].loc[cuts.index]
    assert found.estimate == pytest.approx(12 * (spread[cuts].mean() - spread[~cuts].mean()))
    assert verdict_on(CUTS, with_target(world(), gain=-0.01)) == "contradicted"


def test_falls_within_the_rounding_are_refused():
    """The bill is known to twelve basis points a year; a fall of so much could be none at all."""
    dataset = world()
    for fall, refused in ((0.0010, True), (0.0012, True), (0.0013, False)):
        assert (study_of(CUTS, dataset, fall=fall).finding.refusal is not None) is refused
    reason = study_of(CUTS, dataset, fall=0.001).finding.refusal.reason
    assert "a fall of 10 basis points lies within the rounding" in reason
    assert CLAIMS[CUTS].arguments["fall"] >= 2 * 0.0012


def test_a_mean_of_the_month_names_no_cut():
    """A cut in mid-month shows in two monthly means, so the funds rate is refused."""
    dataset = world()
    funds = dataset.monthly.assign(fed_funds=dataset.monthly["bill_rate"].shift(-1).ffill())
    data = dataclasses.replace(dataset, monthly=funds)
    reason = study_of(CUTS, data, driver="fed_funds").finding.refusal.reason
    assert "spreads a cut over two months" in reason


def test_the_claim_on_cuts_controlling_for_the_market_by_least_squares():
    """The second coefficient is numpy's with the market as a regressor; it decides nothing."""
    dataset = world(in_cuts=0.005)
    frame = dataset.monthly.iloc[1:-1]
    cut = dataset.monthly["bill_rate"].diff().shift(-1).iloc[1:-1] <= -FALL + 1e-9
    design = np.column_stack([np.ones(len(frame)), cut, frame["market_excess"]])
    slope = np.linalg.lstsq(design.astype(float), frame["smb"], rcond=None)[0][1]
    measures = study_of(CUTS, dataset).finding.measures
    assert measures["cut_excess_with_market"] == pytest.approx(12 * slope)
    named = {one.measure for one in CLAIMS[CUTS].criterion.supported}
    assert named == {"cut_excess", "cut_excess_p"}


def test_cuts_are_usable_in_time_where_the_month_after_gains_too():
    """A gain in the month of the cut alone is known too late; one in the next as well is not."""
    dataset = world(in_cuts=0.01)
    assert study_of(CUTS, dataset).finding.usable_in_time is False
    cut = (dataset.monthly["bill_rate"].diff() <= -FALL).astype(float)
    both = dataset.monthly.assign(smb=dataset.monthly["smb"] + 0.01 * cut)
    found = study_of(CUTS, dataclasses.replace(dataset, monthly=both)).finding
    assert found.usable_in_time is True and found.in_time.startswith("In the month after a cut")
    assert study_of(CUTS, world()).finding.usable_in_time is None


def test_recessions_are_usable_in_time_where_announced_months_lose_too():
    """Announced months begin the month after the announcement and end with that of the trough."""
    hindsight = study_of(SLOWDOWN, world(in_recession=-0.01)).finding
    assert hindsight.usable_in_time is False
    both = study_of(SLOWDOWN, world(in_recession=-0.02, announced=-0.02)).finding
    assert both.usable_in_time is True
    dataset = world(announced=-0.02)
    announced = study_of(SLOWDOWN, dataset).finding.in_time
    known = pd.Series(False, MONTHS)
    for peak in PEAKS:
        known.loc[peak + 9 : peak + 22] = True
    seen = dataset.monthly["smb"].loc["1949-09":]
    difference = 12 * (seen[known].mean() - seen[~known].mean())
    assert f"{abs(100 * difference):.2g} points a year less" in announced
    assert study_of(SLOWDOWN, dataset, phase="first_half").finding.in_time == ""


def test_every_measure_of_the_criterion_is_given():
    """No criterion asks for a number that the finding lacks, and none is NaN."""
    for name, claim in CLAIMS.items():
        found = study_of(name, world()).finding
        assert claim.criterion.measures() <= set(found.measures)
        assert all(math.isfinite(value) for value in found.measures.values())
        assert found.mde > 0 and found.more_needed


def test_the_whole_grid_has_one_joint_p():
    """Every specification that ran is joined; a step of the target is not counted twice."""
    dataset = with_target(world(in_cuts=0.01))
    study = study_of(CUTS, dataset)
    grid = study.grid
    assert len(grid) == math.prod(len(values) for values in CLAIMS[CUTS].grid.values())
    ran = grid[grid["reason"] == ""]
    assert study.joint.specifications == study.finding.specifications == len(ran)
    assert study.finding.joint_p == study.joint.p_value
    twice = grid.query("leg == 'smb' and driver == 'target' and fall == 0.0036")
    assert twice["reason"].str.contains("whatever the step").all()
    early = grid.query("leg == 'smb' and driver == 'target' and era == 'to_1980'")
    assert early["reason"].ne("").all()
    slow = study_of(SLOWDOWN, world(in_recession=-0.02))
    assert slow.finding.joint_p < 0.05
    assert "random signs of whole years" in slow.finding.sensitivity


def test_halves_of_recessions_are_states_of_their_own():
    """The first half of a year's recession is its first six months."""
    dataset = world(in_recession=-0.02)
    first = np.zeros(len(MONTHS), dtype=bool)
    for peak in PEAKS:
        first |= MONTHS.isin(pd.period_range(peak + 1, peak + 6, freq="M"))
    found = study_of(SLOWDOWN, dataset, phase="first_half").finding
    expected = 12 * dataset.monthly["smb"][first].mean()
    assert found.measures["recession_mean"] == pytest.approx(expected)
    assert "in first halves of recessions" in found.finding
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
    assert "0 of 646 months had a cut" in study_of(CUTS, data).finding.refusal.reason
    assert study_of(CUTS, data).grid["reason"].ne("").all()


@pytest.mark.parametrize("as_of", ["1955-01", "1975-12", "1995-12"])
@pytest.mark.parametrize("claim", CLAIMS)
def test_every_claim_has_an_answer_at_earlier_dates(claim, as_of):
    """A finding without NaN that ends by then, or a refusal with its reason; nothing later seen."""
    dataset, end = world(in_recession=-0.01, in_cuts=0.01), pd.Period(as_of, "M")
    wild = dataset.monthly.copy()
    wild.loc[end + 1 :] = 0.5
    cut, again = (
        dataclasses.replace(dataset, monthly=monthly.loc[:end], as_of=end)
        for monthly in (dataset.monthly, wild)
    )
    found = study_of(claim, cut).finding
    assert study_of(claim, again).finding == found
    if found.refusal is None:
        assert math.isfinite(found.estimate) and found.sample_end <= as_of
    else:
        assert found.refusal.reason


def test_a_recession_takes_a_phase_and_a_rate_a_fall():
    """Arguments that do not belong together are refused by name."""
    with pytest.raises(InputError, match="driver recession needs phase"):
        bind(CLAIMS[SLOWDOWN], {"phase": None})
    with pytest.raises(InputError, match="driver policy_rate needs fall"):
        bind(CLAIMS[CUTS], {"phase": "whole"})
    with pytest.raises(InputError, match=r"field arguments\.fall"):
        bind(CLAIMS[CUTS], {"fall": 10.0})


def test_each_recession_is_left_out_in_turn():
    """The regression on the other months; one recession that carries the difference is told."""
    dataset = world(in_recession=-0.006)
    lost = dataset.monthly["recession"].eq(1) & (dataset.monthly.index <= PEAKS[0] + 12)
    finding = found_in(SLOWDOWN, dataset)
    first = f"{PEAKS[0] + 1} to {PEAKS[0] + 12}"
    assert len(finding.without_one) == len(PEAKS) and first in finding.without_one
    rest = dataset.monthly[~lost]
    design = sm.add_constant(rest["recession"].to_numpy())
    fit = sm.OLS(rest["smb"].to_numpy(), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": True}, use_t=True
    )
    left = finding.without_one[first]
    assert left["difference"] == pytest.approx(12 * fit.params[1])
    assert left["difference_p"] == pytest.approx(fit.pvalues[1], rel=0.05)
    assert left["recession_mean"] == pytest.approx(12 * rest["smb"][rest["recession"] == 1].mean())


def test_recessions_that_carry_the_difference_leave_it_suggestive():
    """Twelve months that lose most of it: without them, and without some others, p is above 10%."""
    dataset = world(in_recession=-0.0032)
    monthly = dataset.monthly.copy()
    monthly.loc[PEAKS[2] + 1 : PEAKS[2] + 12, "smb"] -= 0.006
    finding = found_in(SLOWDOWN, dataclasses.replace(dataset, monthly=monthly))
    judged = decide(CLAIMS[SLOWDOWN], finding, data="bundled", as_of="newest")
    assert finding.p_value < 0.05 and judged.verdict == "suggestive"
    left = {spell: one["difference_p"] for spell, one in finding.without_one.items()}
    assert max(left, key=left.get) == f"{PEAKS[2] + 1} to {PEAKS[2] + 12}"
    assert judged.carried_by == tuple(spell for spell, p in left.items() if p >= LEVEL_WITHOUT_ONE)
    assert 0 < len(judged.carried_by) < len(PEAKS)


def found_in(name, dataset):
    return find_design("state_means")(dataset, bind(CLAIMS[name]), Sampling(99, 1)).finding
