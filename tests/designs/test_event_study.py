"""The event study: planted effects found, absent ones not, and every word of the criteria."""

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit.simulation import Simulator
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.event_study import EventStudy, event_study
from analysis.designs.event_study.date_tests import (
    SCHEME_WORDS,
    by_scheme,
    date_tests,
    null_histograms,
)
from analysis.designs.event_study.findings import Sample, finding_of
from analysis.designs.event_study.joint_grid import grid_frames, joint_grid
from analysis.designs.event_study.windows import Windows, wide_before, windows_of
from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.rank_lead import rank_lead
from analysis.inference.resampling import event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, load_dataset, loading
from analysis.panel.gaps import gap_samples
from analysis.results import Finding, InputError, p_words

EVERY = load_claims()
CLAIMS = {name: claim for name, claim in EVERY.items() if claim.design == event_study.name}
CUTS = ("first-cut-12m", "first-cut-recession-60", "widest-soft-landing")
LEADS = ("first-cut-12m", "early-cycle")
NO_GRID = SpecificationCurve.refused("no grid")
FEW = Sampling(draws=100, seed=20260101)

#: Months between first cuts: irregular, so that no shift meets them all again.
SPACING = (21, 58, 44, 71, 39, 63, 50, 41, 83, 47, 66)
#: Whether a recession begins six months after the cut.
HARD = (True, True, False, True, True, False, True, True, False, True, False)


def world(
    after_cuts=0.0, recovery=0, gain=0.03, in_recession=0.0, drift=-0.004, noise=0.01, seed=3
) -> Dataset:
    """Fifty-four years of small minus large with eleven first cuts and seven recessions.

    `after_cuts` is added to each of the twelve months after a cut, `gain` to each of the first
    `recovery` months after a trough, `in_recession` to each month of a recession.
    """
    months = pd.period_range("1954-01", periods=648, freq="M", name="month")
    cuts = months[np.cumsum(SPACING)]
    peaks = cuts[list(HARD)] + 6
    troughs = peaks + 12
    spread = pd.Series(np.random.default_rng(seed).normal(drift, noise, 648), index=months)
    recession = pd.Series(0.0, index=months)
    for cut in cuts:
        spread.loc[cut + 1 : cut + 12] += after_cuts
    for peak, trough in zip(peaks, troughs, strict=True):
        spread.loc[peak + 1 : trough] += in_recession
        spread.loc[trough + 1 : trough + recovery] += gain
        recession.loc[peak + 1 : trough] = 1.0
    nobody = pd.Series(pd.PeriodIndex(["NaT"] * len(cuts), freq="M"))
    cycles = pd.DataFrame(
        {
            "cycle": cuts.astype(str),
            "target_month": pd.Series(cuts),
            "discount_month": pd.Series(cuts + 1),
            "bank_list_month": nobody,
            "optional": False,
            "excluded": False,
            "flag": "",
            "recession_linked": "open",
        }
    )
    nber = pd.DataFrame({"peak": peaks, "trough": troughs})
    nber = nber.assign(peak_announced=nber["peak"] + 8, trough_announced=nber["trough"] + 10)
    earlier = pd.DataFrame({"peak": ["1948-11"], "trough": ["1949-10"]}).astype("period[M]")
    nber = pd.concat([earlier, nber], ignore_index=True)
    monthly = pd.DataFrame({"smb": spread, "recession": recession})
    facts = {"easing_cycles": cycles, "nber_cycles": nber}
    return Dataset(monthly, facts, "bundled", months[-1])


def run(dataset, name, **changes):
    """The study of one claim, with some of its arguments changed."""
    return event_study(dataset, bind(CLAIMS[name], changes), FEW)


def verdict(study) -> str | None:
    """The verdict on a study's finding."""
    claim = CLAIMS[study.specification.claim]
    return decide(claim, study.finding, data="bundled", as_of="2007-12").verdict


@pytest.fixture(scope="module")
def nothing():
    """A world in which dates say nothing."""
    return world()


@pytest.fixture(scope="module")
def planted():
    """A world in which small gains three per cent a month for a year after each cut."""
    return world(after_cuts=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["first-cut-12m", "first-cut-recession-60"])
def test_a_lead_after_cuts_is_found_its_opposite_contradicted_and_noise_neither(claim):
    """Three per cent a month more, as much less, and nothing at all."""
    said = [verdict(run(world(after_cuts=lead), claim)) for lead in (0.03, -0.03)]
    assert said == ["supported", "contradicted"]
    several = [verdict(run(world(drift=0.001, noise=0.04, seed=n), claim)) for n in range(12)]
    assert several.count("supported") <= 2
    assert "not distinguishable" in several


def test_a_lead_of_five_points_is_excluded_where_the_noise_is_small():
    """With a per cent of noise a month eleven cuts tell five points from none."""
    assert verdict(run(world(), "first-cut-12m")) == "contradicted"


@pytest.mark.parametrize("months", [10, 30])
def test_a_lead_from_the_trough_is_judged_by_itself(months):
    """A lead that is over when the trough is announced is as true as one that lasts."""
    study = run(world(recovery=months), "early-cycle")
    assert verdict(study) == "supported"
    assert study.finding.usable_in_time is (months == 30)
    assert verdict(run(world(recovery=months, gain=-0.03), "early-cycle")) == "contradicted"


def test_in_time_is_the_test_of_the_announcements():
    """The same design on the announcements gives the number, interval and p of the sentence."""
    data = world(recovery=10)
    study = run(data, "early-cycle")
    announced = run(data, "early-cycle", date_rule="announcement", known_from=None).finding
    said = study.finding.in_time
    assert f"{announced.n} announcements on the lead over other months was" in said
    for value in (announced.estimate, announced.ci_low, announced.ci_high):
        assert f"{100 * value:.2g}".replace("-", "−") in said
    assert f"p = {p_words(announced.p_value)}" in said
    assert study.finding.usable_in_time == (announced.p_value < 0.05)


def test_in_time_after_linked_cuts_is_the_test_of_all_cuts(planted):
    """Nobody knows at the cut whether a recession will follow."""
    finding = run(planted, "first-cut-recession-60").finding
    every = run(planted, "first-cut-recession-60", followed_by="any", link="all").finding
    assert f"after all {every.n} first cuts small caps beat large caps" in finding.in_time
    assert f"{every.estimate:.0%} of the time" in finding.in_time
    assert finding.usable_in_time == (every.p_value < 0.05)


def test_a_cut_is_known_before_its_window_begins_and_not_within(planted, nothing):
    """From the month after, the verdict's own test says whether it can be used."""
    assert run(planted, "first-cut-12m").finding.usable_in_time is True
    assert run(nothing, "first-cut-12m").finding.usable_in_time is False
    within = run(planted, "first-cut-12m", start=0).finding
    assert (within.usable_in_time, within.in_time) == (None, "")


def test_without_announcements_there_is_nothing_to_say_about_time():
    """Recoveries nobody announced have a verdict, and a reason in the other place."""
    data = world(recovery=30)
    nobody = data.facts["nber_cycles"].assign(trough_announced=pd.NaT)
    nobody["trough_announced"] = nobody["trough_announced"].astype("period[M]")
    quiet = replace(data, facts=dict(data.facts) | {"nber_cycles": nobody})
    finding = run(quiet, "early-cycle").finding
    assert finding.usable_in_time is None
    assert "nothing can be said: only 0 ends of a recession" in finding.in_time


def with_gaps(data: Dataset, wide: Iterable[str]) -> Dataset:
    """A gap of one log point from each June to the next where its year is named, else of none."""
    junes = data.monthly.index[data.monthly.index.month == 6]
    gap = np.where(junes.year.astype(str).isin(list(wide)), 1.0, 0.0) + np.arange(len(junes)) * 1e-6
    table = pd.DataFrame({"gap_june": gap, "gap_december": gap}, index=junes)
    return replace(data, valuation=table)


#: Cuts of the world that no recession follows: December 1960, October 1967, June 1978, April 1990
#: and May 2001 or thereabouts.
SOFT = [
    str(month)
    for month, hard in zip(
        pd.period_range("1954-01", periods=648, freq="M")[np.cumsum(SPACING)], HARD, strict=True
    )
    if not hard
]


def test_soft_landings_count_when_the_gap_was_wide_before_them(planted):
    """Those of a wide gap alone, on both bases, known at the end of the month before."""
    years = [str(pd.Period(month, "M").year - (pd.Period(month, "M").month <= 6)) for month in SOFT]
    later = [year for year in years if int(year) >= 1966]
    data = with_gaps(planted, later)
    study = run(data, "widest-soft-landing")
    assert study.finding.n == len(later) == 3
    assert verdict(study) == "supported"
    assert study.events.query("`gap wide` == 'yes'")["cut"].isin(SOFT).sum() == len(later)
    one_basis = data.valuation.assign(gap_december=np.arange(len(data.valuation)) * -1e-6)
    both = run(replace(data, valuation=one_basis), "widest-soft-landing").finding
    assert "only 0 first cuts" in both.refusal.reason
    june = run(replace(data, valuation=one_basis), "widest-soft-landing", basis="june")
    assert june.finding.n == 3


def test_few_soft_landings_of_a_wide_gap_are_refused_with_their_number(planted):
    """Two are refused; the plain soft landings stand in the table beside them."""
    years = [str(pd.Period(month, "M").year - (pd.Period(month, "M").month <= 6)) for month in SOFT]
    study = run(with_gaps(planted, years[-2:]), "widest-soft-landing")
    reason = study.finding.refusal.reason
    assert reason == (
        "only 2 first cuts without a recession while the valuation gap was wide, each with a"
        " complete window; 3 are needed"
    )
    groups = study.groups.set_index("first cuts")["number"]
    assert groups["no recession followed, the gap was wide"] == 2
    assert groups["no recession followed, the gap was not wide"] == len(SOFT) - 2
    assert groups.filter(like="a recession followed").sum() == sum(HARD)
    own = study.grid.query(
        "leg == 'smb' and date_rule == 'funds' and horizon == 12 and start == 1 and link == 12"
        " and era == 'full'"
    )
    assert "2" in own["reason"].item()


def test_the_gap_of_the_month_before_decides(planted):
    """A gap that widens in the month of the cut itself does not count."""
    data = with_gaps(planted, [])
    wide = wide_before(data, bind(CLAIMS["widest-soft-landing"]).arguments)
    gap = gap_samples(data, "smb", basis="june")["june"].gap
    percentile = gap.expanding(120).rank(method="max", pct=True)
    for month in data.monthly.index[200:260]:
        assert wide[month] == (percentile[month - 1] > 0.8)
    assert not wide.iloc[:120].any()


@pytest.mark.parametrize("name", ["first-cut-12m", "first-cut-recession-60", "early-cycle"])
def test_every_measure_is_given(planted, name):
    """The finding has all measures of the design, none of them NaN, and all fields of a finding."""
    finding = run(planted, name).finding
    assert set(finding.measures) == set(event_study.measures)
    assert CLAIMS[name].criterion.measures() <= set(finding.measures)
    assert not any(math.isnan(value) for value in finding.measures.values())
    assert 0 < finding.joint_p <= 1
    assert finding.mde > 0 and finding.more_needed and finding.in_time


@pytest.mark.parametrize("name", LEADS)
def test_number_interval_and_p_belong_to_one_test(planted, name):
    """All three are those of the ranks, and the smallest detectable lead is 2.80 errors."""
    study = run(planted, name)
    finding, windows, arguments = study.finding, study.windows, study.specification.arguments
    lead = rank_lead(
        windows.spread, windows.values.index, windows.chosen, arguments.horizon, arguments.start
    )
    given = (finding.estimate, finding.ci_low, finding.ci_high, finding.p_value)
    assert given == (lead.estimate, lead.ci_low, lead.ci_high, lead.p_value)
    assert finding.mde == pytest.approx(2.8015852 * (lead.ci_high - lead.ci_low) / 3.919928)
    measures = finding.measures
    assert (measures["lead"], measures["lead_p"]) == (finding.estimate, finding.p_value)
    assert (measures["lead_low"], measures["lead_high"]) == (finding.ci_low, finding.ci_high)


def test_the_verdict_is_that_of_the_ranks_and_of_nothing_else(planted):
    """Neither the joint test nor other random dates have a say, and the limits are as written."""
    finding = run(planted, "first-cut-12m").finding
    claim = CLAIMS["first-cut-12m"]

    def said(**measures):
        changed = replace(finding, measures=finding.measures | measures, joint_p=0.9)
        return decide(claim, changed, data="bundled", as_of="2007-12").verdict

    assert said(lead_p=0.0499) == "supported"
    assert said(lead_p=0.05, lead_high=0.051) == "not distinguishable"
    assert said(lead_p=0.2, lead_high=0.05) == "not distinguishable"
    assert said(lead_p=0.2, lead_high=0.0499) == "contradicted"
    assert said(lead_p=0.0499, lead_high=0.01) == "supported"
    assert said(lead_p=0.0499, win_rate=0.1, base_rate=0.9, mean_excess=-0.1) == "supported"


def test_the_verdict_on_linked_cuts_has_the_limits_of_the_words(planted):
    """Sixty per cent won, p below .05; an interval below sixty contradicts."""
    finding = run(planted, "first-cut-recession-60").finding
    claim = CLAIMS["first-cut-recession-60"]

    def said(**measures):
        changed = replace(finding, measures=finding.measures | measures, joint_p=0.9)
        return decide(claim, changed, data="bundled", as_of="2007-12").verdict

    assert said(win_rate=0.6, win_rate_p=0.0499) == "supported"
    assert said(win_rate=0.6, win_rate_p=0.05, win_rate_high=0.9) == "not distinguishable"
    assert said(win_rate=0.59, win_rate_p=0.01, win_rate_high=0.9) == "not distinguishable"
    assert said(win_rate=0.3, win_rate_p=0.9, win_rate_high=0.6) == "not distinguishable"
    assert said(win_rate=0.3, win_rate_p=0.9, win_rate_high=0.599) == "contradicted"


def test_claimed_sizes_are_those_of_the_criterion():
    """The lead that events are counted for is the one the interval is held against."""
    for name in (*LEADS, "widest-soft-landing"):
        [condition] = CLAIMS[name].criterion.contradicted
        assert bind(CLAIMS[name]).arguments.claimed_lead == condition.value
    arguments = bind(CLAIMS["first-cut-recession-60"]).arguments
    [condition] = CLAIMS["first-cut-recession-60"].criterion.contradicted
    assert arguments.claimed_rate == condition.value


def test_the_last_window_ends_with_the_sample(planted):
    """The sample ends with the last month of the last complete window, for either start."""
    for start in (0, 1):
        assert run(planted, "first-cut-12m", start=start).finding.sample_end == "2007-12"


def windows_at(values, positions, linked=None) -> Windows:
    """Windows of one month whose events stand at some places."""
    dates = pd.DataFrame({"month": values.index[positions], "flag": ""})
    spread = values.shift(1).fillna(0.0)
    spread.loc[values.index[-1] + 1] = values.iloc[-1]
    return Windows(spread, values, dates, np.array(positions), linked, linked, None)


def find(windows, name, joint=NO_GRID):
    """The finding on some windows by the registered arguments of a claim, over one month."""
    arguments = bind(CLAIMS[name], {"horizon": 1}).arguments
    sample = Sample(arguments, windows, date_tests(windows, arguments))
    return finding_of(sample, sample, joint)


def test_linked_cuts_by_hand():
    """Four linked cuts, all lost: the interval ends at 1 − .025^¼; four windows of forty are."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(0.01, index=months)
    values.iloc[[3, 11, 20, 34]] = -0.01
    found = find(windows_at(values, [3, 11, 20, 34]), "first-cut-recession-60")
    assert found.estimate == 0.0
    assert found.measures["win_rate_high"] == pytest.approx(1 - 0.025**0.25, abs=1e-6)
    assert found.measures["base_rate"] == pytest.approx(36 / 40)
    error = math.sqrt(0.9 * 0.1 / 4)
    assert found.mde == pytest.approx(2.8015852 * error)
    assert (found.joint_p, found.specifications) == (None, None)
    judged = decide(CLAIMS["first-cut-recession-60"], found, data="bundled", as_of="2007-12")
    assert judged.verdict == "not distinguishable"


def test_ties_count_by_half():
    """Of ten shifts of two events, one wins both as often and none more: p is a twentieth."""
    months = pd.period_range("2000-01", periods=10, freq="M")
    values = pd.Series(-0.01, index=months)
    values.iloc[[2, 5]] = 0.01
    shift = event_randomization(values, [2, 5], "shift", draws=10)
    assert shift.win_mid_p_upper == pytest.approx(0.05)
    assert shift.win_p_upper == pytest.approx(0.1)


def test_a_sample_in_which_small_always_won_says_so():
    """A base rate of one leaves nothing to detect: infinite, in words, and no error."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(np.linspace(0.01, 0.02, 40), index=months)
    found = find(windows_at(values, [4, 14, 26]), "first-cut-recession-60")
    assert found.mde == math.inf
    assert "base rate of 100%" in found.more_needed


def brute_joint(dataset, claim, statistic) -> tuple[float, float]:
    """Median win rate and joint p of a claim's grid, one window, shift and cell at a time."""
    spread, months = dataset.monthly["smb"].to_numpy(), dataset.monthly.index
    recession = dataset.monthly["recession"].to_numpy()
    length, fewest = len(spread), 3
    eras = {"full": np.ones(length, bool), "to_1980": months < pd.Period("1981-01", "M")}
    eras["from_1981"] = ~eras["to_1980"]
    cells = []
    for horizon, start, rule, link, era in itertools.product(
        *(claim.grid[key] for key in ("horizon", "start", "date_rule", "link", "era"))
    ):
        column = {"funds": "target_month", "discount": "discount_month"}[rule]
        events = [months.get_loc(m) for m in dataset.facts["easing_cycles"][column]]
        if link != "all":
            events = [e for e in events if recession[e : e + link + 1].any()]
        windows = {
            t: spread[t + start : t + start + horizon].sum()
            for t in range(length - horizon - start + 1)
            if eras[era][t]
        }
        cells.append((windows, events))
    medians, observed = [], None
    for shift in range(length):
        values, wins = [], []
        for windows, events in cells:
            moved = [(e + shift) % length for e in events]
            after = np.array([windows[t] for t in moved if t in windows])
            if len(after) < fewest:
                continue
            every = np.array(list(windows.values()))
            wins.append((after > 0).mean())
            effect = after.mean() - every.mean()
            values.append(effect if statistic == "mean" else wins[-1] - (every > 0).mean())
        medians.append(np.median(values))
        observed = np.median(wins) if shift == 0 else observed
    return observed, float(np.mean(np.array(medians) >= medians[0] - 1e-12))


@pytest.mark.parametrize(
    ("name", "statistic", "link"),
    [("first-cut-12m", "mean", ("all",)), ("first-cut-recession-60", "wins", (0, 12))],
)
def test_the_joint_test_is_that_of_the_words(name, statistic, link):
    """Median win rate and joint p of a small grid, against plain loops over cells and shifts."""
    whole = world(after_cuts=0.001, seed=8)
    data = replace(whole, monthly=whole.monthly.iloc[:460], as_of=whole.monthly.index[459])
    kept = data.facts["easing_cycles"]["target_month"] < data.as_of
    facts = dict(data.facts) | {"easing_cycles": data.facts["easing_cycles"][kept]}
    data = replace(data, facts=facts)
    grid = {"leg": ("smb",), "date_rule": ("funds", "discount"), "horizon": (6, 12)}
    grid |= {"start": (0, 1), "link": link, "era": ("full", "from_1981")}
    claim = CLAIMS[name].model_copy(update={"grid": grid})
    joint = joint_grid(data, bind(claim)).test
    rate, p_value = brute_joint(data, claim, statistic)
    found = joint.p_median_effect if statistic == "mean" else joint.p_median_win_rate
    assert joint.median_win_rate == pytest.approx(rate)
    assert found == pytest.approx(p_value)
    assert 0.01 < found < 0.99


@pytest.mark.parametrize("name", ["first-cut-12m", "early-cycle"])
def test_the_joint_test_is_the_specification_curve(name):
    """Also on another panel, for which nothing but the returns is laid out anew."""
    template = load_dataset("bundled", "1989-12")
    specification = bind(CLAIMS[name])
    joint_grid(template, specification)
    panel = Simulator(template).draw(8)
    frames = grid_frames(panel, specification)
    rows = frames.specifications
    if specification.arguments.known_from is not None:
        rows = rows[rows["date_rule"] == specification.arguments.date_rule]
    rows = rows.reset_index(drop=True)
    whole = specification_curve(
        frames.outcomes, frames.events, rows, eras=frames.eras, draws=len(frames.outcomes)
    )
    quick = joint_grid(panel, specification).test
    for part in ("specifications", "missing", "median_effect", "median_win_rate",
                 "median_win_excess", "share_positive", "p_median_effect",
                 "p_median_win_rate"):  # fmt: skip
        assert getattr(quick, part) == pytest.approx(getattr(whole, part), abs=1e-12), part
    pd.testing.assert_frame_equal(quick.table, whole.table, check_like=True)


def test_other_months_or_events_are_laid_out_anew():
    """A panel of the same length with a gap at its end, or with another cut, has its own test."""
    whole = world(after_cuts=0.002)
    shorter = whole.monthly.copy()
    shorter.iloc[-30:, 0] = np.nan
    cycles = whole.facts["easing_cycles"].iloc[1:]
    specification = bind(CLAIMS["first-cut-12m"])
    counts = []
    for data in (
        whole,
        replace(whole, monthly=shorter),
        replace(whole, facts=dict(whole.facts) | {"easing_cycles": cycles}),
    ):
        grid = joint_grid(data, specification)
        counts.append(grid.rows["n_months"].max())
        ran = grid.rows.query("era == 'full' and date_rule == 'funds' and horizon == 12")
        assert ran["n_events"].max() == len(windows_of(data, specification.arguments).chosen)
    assert counts[1] == counts[0] - 30


def test_dates_known_later_are_shown_and_not_judged_together():
    """Rows dated by the announcement stand in the grid; the joint test takes the others."""
    study = run(world(recovery=10), "early-cycle")
    ran = study.grid[study.grid["reason"] == ""]
    dated = ran[ran["date_rule"] == "trough"]
    assert len(dated) == study.joint.specifications == study.finding.specifications
    assert study.joint.median_win_rate == pytest.approx(dated["win_rate"].median())
    assert (ran["date_rule"] == "announcement").any()


def test_a_series_the_data_lack_stands_in_the_grid_with_that_reason(planted):
    """Every registered specification has a row."""
    study = run(planted, "first-cut-12m")
    grid = bind(CLAIMS["first-cut-12m"]).grid
    assert len(study.grid) == math.prod(len(axis) for axis in grid.values())
    absent = study.grid[study.grid["leg"] == "d1_d10"]
    assert set(absent["reason"]) == {"the data hold no months of d1_d10"}
    assert (
        study.finding.left_out == (study.grid["reason"].ne("") & (study.grid["leg"] == "smb")).sum()
    )


def test_events_without_a_complete_window_are_left_out_and_say_so():
    """A cut within the horizon of the end, or before the sample, has no return and a reason."""
    whole = world()
    last = whole.facts["easing_cycles"]["target_month"].iloc[-1]
    data = replace(whole, monthly=whole.monthly.loc["1960-01" : last + 11], as_of=last + 11)
    study = run(data, "first-cut-12m")
    assert study.finding.n == len(SPACING) - 2
    table = study.events
    assert table["return"].isna().tolist() == [True] + [False] * 9 + [True]
    assert table["note"].iloc[0].startswith("left out: before the sample's first month")
    assert table["note"].iloc[-1].startswith("left out: the window is not complete")
    assert table["small won"].iloc[[0, -1]].tolist() == ["", ""]
    assert study.finding.sensitivity.endswith(f"{whole.facts['easing_cycles']['cycle'].iloc[-1]}.")


def test_too_few_events_are_refused():
    """With two cuts and one trough every claim has a reason."""
    whole = world()
    facts = dict(whole.facts)
    facts["easing_cycles"] = facts["easing_cycles"].iloc[:2]
    facts["nber_cycles"] = facts["nber_cycles"].iloc[:2]
    quiet = whole.monthly.assign(recession=0.0)
    data = replace(whole, facts=facts, monthly=quiet)
    reasons = {name: run(data, name).finding.refusal.reason for name in CLAIMS}
    assert "only 2 first cuts, each with a complete window" in reasons["first-cut-12m"]
    assert "only 0 first cuts that a recession followed" in reasons["first-cut-recession-60"]
    assert "only 0 first cuts without a recession while" in reasons["widest-soft-landing"]
    assert "only 1 ends of a recession" in reasons["early-cycle"]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"era": "from_1981"}, lambda cut: cut.year >= 1981),
        ({"era": "to_1980"}, lambda cut: cut.year < 1981),
        ({"sample_start": "1970-06"}, lambda cut: str(cut) >= "1970-06"),
        ({"horizon": 36}, lambda cut: str(cut) <= "2004-11"),
    ],
)
def test_era_start_and_horizon_choose_the_events(planted, changes, kept):
    """An event counts when its month lies in the era and its window in the sample."""
    study = run(planted, "first-cut-12m", **changes)
    cuts = planted.facts["easing_cycles"]["target_month"]
    assert study.finding.n == sum(kept(cut) for cut in cuts)


@pytest.mark.parametrize("link", [0, 3, 6, 24])
def test_a_cut_is_linked_when_a_recession_falls_within_the_link(planted, link):
    """In this world a recession begins seven months after a hard cut, and lasts a year."""
    hard = run(planted, "first-cut-recession-60", link=link)
    anywhere = {"wide_percentile": None, "history_months": None, "basis": None}
    soft = run(planted, "widest-soft-landing", link=link, **anywhere)
    recession = planted.monthly["recession"]
    cuts = planted.facts["easing_cycles"]["target_month"]
    linked = sum(bool(recession.loc[cut : cut + link].any()) for cut in cuts)
    assert len(hard.windows.chosen) == linked
    assert len(soft.windows.chosen) == len(cuts) - linked
    assert bool(hard.finding) == (linked >= 3)


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("first-cut-12m", {"date_rule": "trough"}, "'trough' dates no first_cuts; one of funds"),
        ("first-cut-12m", {"date_rule": "fund"}, "field arguments.date_rule: Input should be"),
        ("first-cut-12m", {"leg": "smbb"}, "field arguments.leg: Input should be"),
        ("first-cut-12m", {"link": 12}, "a link in months belongs to events"),
        ("widest-soft-landing", {"link": "all"}, "a link in months belongs to events"),
        ("early-cycle", {"followed_by": "recession", "link": 12}, "only first cuts are told apart"),
        ("first-cut-12m", {"claimed_lead": None}, "a lead needs its claimed_lead"),
        ("first-cut-12m", {"claimed_rate": 0.5}, "a lead needs its claimed_lead"),
        ("first-cut-recession-60", {"claimed_rate": None}, "a win rate its claimed_rate, alone"),
        ("first-cut-12m", {"wide_percentile": 0.8}, "history_months and basis belong together"),
        ("widest-soft-landing", {"basis": None}, "history_months and basis belong together"),
        ("first-cut-12m", {"horizon": 12.0}, "field arguments.horizon"),
        ("first-cut-12m", {"horzion": 12}, "unknown argument; did you mean 'horizon'"),
    ],
)
def test_arguments_that_do_not_fit_together_are_refused(name, changes, said):
    """One error naming file, claim and what is wrong."""
    with pytest.raises(InputError) as caught:
        bind(CLAIMS[name], changes)
    assert said in str(caught.value)
    assert f"{CLAIMS[name].file}: claim {name!r}" in str(caught.value)


def test_a_leg_the_data_lack_is_refused_by_name(planted):
    """The error says which columns are missing."""
    with pytest.raises(InputError, match="leg 'd1_d10' needs dec1"):
        run(planted, "first-cut-12m", leg="d1_d10")


def test_the_tables_agree_with_the_tests(planted):
    """Three schemes of random dates, histograms that sum to one, every cut left out once."""
    study = run(planted, "first-cut-12m")
    assert study.tests["random dates"].tolist() == list(SCHEME_WORDS.values())
    assert study.null_means.groupby("scheme")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    assert len(study.without_one) == len(SPACING)
    assert study.curve.query("reason != ''")["reason"].str.len().min() > 10
    assert study.tests["after the dates"].iloc[0] == pytest.approx(study.events["return"].mean())
    after = study.paths.query("offset == 12").set_index("event")["cumulative"]
    by_month = study.events.set_index("cut")["return"]
    assert after.rename(str).to_dict() == pytest.approx(by_month.to_dict())
    assert study.paths.groupby("event")["linked"].first().tolist() == list(HARD)


@pytest.fixture
def simulated(monkeypatch):
    """A history that could have happened, in the place of the bundled one."""
    whole = Simulator(load_dataset("bundled")).draw(8)
    monkeypatch.setattr(loading, "_load_bundled", lambda: whole)
    return whole


@pytest.mark.parametrize("name", sorted(CLAIMS))
@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_nothing_after_the_date_is_seen(simulated, name, as_of):
    """A finding or a reason, from samples and events that end in time."""
    study = run(loading.load_dataset("bundled", as_of), name)
    assert study.finding or study.finding.refusal.reason
    if study.finding:
        assert study.finding.sample_end <= as_of
        verdict(study)
    assert (study.events.iloc[:, 0] <= as_of).all()


def test_wild_values_after_the_date_change_nothing(monkeypatch, simulated):
    """Returns of a thousand per cent after 1995 leave every result of 1995-12 as it was."""
    before = {name: run(loading.load_dataset("bundled", "1995-12"), name) for name in CLAIMS}
    wild = simulated.monthly.copy()
    wild.loc["1996-01":] = 10.0
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(simulated, monthly=wild))
    for name, early in before.items():
        after = run(loading.load_dataset("bundled", "1995-12"), name)
        assert after.finding == early.finding
        pd.testing.assert_frame_equal(after.grid, early.grid)
        pd.testing.assert_frame_equal(after.paths, early.paths)


def test_random_dates_of_the_same_state_are_the_stratified_scheme():
    """The stratified p is that of dates redrawn among months with the same link."""
    data = world(after_cuts=0.01)
    windows = windows_of(data, bind(CLAIMS["first-cut-12m"]).arguments)
    drawn = by_scheme(windows, FEW)["stratified"]
    recession = data.monthly["recession"]
    near = [bool(recession.loc[month : month + 12].any()) for month in windows.values.index]
    by_hand = event_randomization(
        forward_sums(data.monthly["smb"], 12),
        windows.chosen,
        "stratified",
        strata=pd.Series(np.where(near, "recession near", "no recession near")),
        draws=FEW.draws,
        seed=FEW.seed,
    )
    assert drawn.p_upper == by_hand.p_upper
    assert drawn.base_mean == pytest.approx(by_hand.base_mean)


@pytest.mark.parametrize("name", ["first-cut-12m", "first-cut-recession-60"])
def test_each_event_is_left_out_in_turn(name):
    """Ranks, or the share won, of the events that are left, against all circular shifts."""
    dataset = world(after_cuts=0.01)
    specification = replace(bind(EVERY[name]), grid={})
    finding = event_study(dataset, specification, FEW).finding
    windows = windows_of(dataset, specification.arguments)
    values, chosen = windows.values, windows.chosen
    assert list(finding.without_one) == [str(values.index[place]) for place in chosen]
    place, rest = chosen[1], np.delete(chosen, 1)
    left = finding.without_one[str(values.index[place])]
    if name == "first-cut-12m":
        twin = rank_lead(windows.spread, values.index, rest, 12, 1)
        assert left == {"lead_p": twin.p_value}
    else:
        twin = event_randomization(values, rest, "shift", draws=len(values))
        assert left == {"win_rate": twin.win_rate, "win_rate_p": twin.win_mid_p_upper}


def test_random_dates_of_the_same_state_are_drawn_in_that_state():
    """The stratified draw is another than the shift: its base is the state's own mean."""
    dataset = world(in_recession=-0.03)
    arguments = bind(EVERY["first-cut-12m"]).arguments
    windows = windows_of(dataset, arguments)
    schemes = by_scheme(windows, FEW)
    near = windows.strata.reindex(windows.values.index).astype(bool).to_numpy()
    values, chosen = windows.values.to_numpy(), windows.chosen
    base = np.mean([values[near == near[place]].mean() for place in chosen])
    assert schemes["stratified"].base_mean == pytest.approx(base)
    assert schemes["stratified"].scheme == "stratified"
    assert schemes["stratified"].p_upper != schemes["shift"].p_upper


def test_a_gap_at_the_percentile_itself_is_not_wide_before_a_cut(monkeypatch):
    """Above the registered share, and not at it."""
    from analysis.designs.event_study import windows as module

    arguments = bind(EVERY["widest-soft-landing"]).arguments
    dataset = load_dataset("bundled")
    months = dataset.monthly.index[-3:]

    def ranks(gap, history):
        return pd.Series([arguments.wide_percentile, 0.81, 0.5], months)

    monkeypatch.setattr(module, "real_time_percentile", ranks)
    wide = module.wide_before(dataset, arguments)
    assert wide[months].tolist() == [False, False, True]


#: Ten months of windows of one month; small caps neither win nor lose two of them.
BY_HAND = (0.01, -0.02, 0.0, 0.03, -0.01, 0.02, 0.0, 0.01, -0.03, 0.05)


def study_by_hand(linked=None, wide=None, places=(1, 2, 5, 9)) -> EventStudy:
    """Four cuts among ten months, so few that every table of theirs can be written down."""
    months = pd.period_range("2000-01", periods=len(BY_HAND), freq="M")
    windows = windows_at(pd.Series(BY_HAND, index=months), list(places))
    flags = [None if each is None else pd.Series(each, index=months) for each in (linked, wide)]
    windows = replace(windows, strata=flags[0], wide=flags[1])
    finding = Finding.refused("the tables alone are looked at")
    return EventStudy(bind(CLAIMS["first-cut-12m"]), finding, pd.DataFrame(), windows, NO_GRID, FEW)


def test_groups_by_hand():
    """Four cuts, half of them won: nothing gained is not won. Every window is the last row."""
    groups = study_by_hand().groups
    assert groups.columns.tolist() == ["first cuts", "number", "mean", "won"]
    assert groups["first cuts"].tolist() == ["all", "any 12 months"]
    assert groups["number"].tolist() == [4, 10]
    assert groups["mean"].tolist() == pytest.approx([0.05 / 4, 0.006])
    assert groups["won"].tolist() == pytest.approx([0.5, 0.5])
    apart = study_by_hand(linked=[n in (1, 9) for n in range(10)]).groups
    assert apart["first cuts"].tolist()[:2] == ["a recession followed", "no recession followed"]
    assert apart["number"].tolist() == [2, 2, 10]
    assert apart["mean"].tolist()[:2] == pytest.approx([0.015, 0.01])
    both = study_by_hand(linked=[True] * 10, wide=[n > 4 for n in range(10)]).groups
    assert both["first cuts"].tolist()[:2] == [
        "a recession followed, the gap was not wide",
        "a recession followed, the gap was wide",
    ]
    assert both["mean"].tolist()[:2] == pytest.approx([-0.01, 0.035])


def test_the_table_of_events_by_hand():
    """Month, return, who won, and the state where one is registered, each beside its cut."""
    study = study_by_hand(linked=[n in (1, 9) for n in range(10)], wide=[n > 4 for n in range(10)])
    dates = pd.DataFrame(
        {
            "month": pd.PeriodIndex(["1999-06", "2000-02", "2000-03", "2001-01"], freq="M"),
            "flag": [None, "unsure", None, "late"],
        }
    )
    table = replace(study, windows=replace(study.windows, dates=dates)).events
    assert table.columns.tolist() == [
        "cut", "recession linked", "gap wide", "return", "small won", "note",
    ]  # fmt: skip
    assert table["cut"].tolist() == ["1999-06", "2000-02", "2000-03", "2001-01"]
    assert table["return"].tolist() == pytest.approx([math.nan, -0.02, 0.0, math.nan], nan_ok=True)
    assert table["small won"].tolist() == ["", "no", "no", ""]
    assert table["recession linked"].tolist() == ["unknown", "yes", "no", "unknown"]
    assert table["gap wide"].tolist() == ["unknown", "no", "no", "unknown"]
    assert table["note"].tolist() == [
        "left out: before the sample's first month, 2000-01",
        "unsure",
        "",
        "left out: the window is not complete; the last complete one begins 2000-10; late",
    ]
    assert study_by_hand(places=(0, 3)).events["small won"].tolist() == ["yes", "yes"]
    assert "recession linked" not in study_by_hand().events


def test_each_cut_left_out_by_hand():
    """Mean and share won of the others, by the month that is left out; one cut leaves nothing."""
    table = study_by_hand(places=(1, 3, 9)).without_one
    assert table["left out"].tolist() == ["2000-02", "2000-04", "2000-10"]
    assert table["mean"].tolist() == pytest.approx([0.04, 0.015, 0.005])
    assert table["win rate"].tolist() == [1.0, 0.5, 0.5]
    none = study_by_hand(places=(1,)).without_one
    assert none.empty and none.columns.tolist() == ["left out", "mean", "win rate"]


def test_histograms_of_other_dates_by_hand():
    """Shares of their means between equal steps; the mean of the events stands beside each."""
    schemes = study_by_hand().schemes
    few = null_histograms({"shift": schemes["shift"]}, bins=2)
    means = schemes["shift"].null_means
    edges = [means.min(), (means.min() + means.max()) / 2, means.max()]
    low = np.mean([mean < edges[1] for mean in means])
    assert few.columns.tolist() == ["scheme", "low", "high", "share", "observed"]
    assert few["scheme"].tolist() == ["circular shift"] * 2
    assert few[["low", "high"]].to_numpy().ravel() == pytest.approx(
        [edges[0], edges[1], edges[1], edges[2]]
    )
    assert few["share"].tolist() == pytest.approx([low, 1 - low])
    assert few["observed"].tolist() == pytest.approx([0.05 / 4] * 2)
    assert list(schemes) == ["shift", "gap"]
    both = null_histograms(schemes)
    assert both.index.tolist() == list(range(2 * 30))
    none = null_histograms({})
    assert none.empty and none.columns.tolist() == few.columns.tolist()


def test_spaced_random_dates_are_drawn_by_the_runs_own_draws():
    """As many as are asked for, by the seed that is given."""
    study = study_by_hand(places=(1, 4, 8))
    windows, sampling = study.windows, Sampling(draws=7, seed=3)
    drawn = by_scheme(windows, sampling)["gap"]
    twin = event_randomization(windows.values, windows.chosen, "gap", draws=7, seed=3)
    assert drawn.scheme == "gap" and drawn.null_means.tolist() == twin.null_means.tolist()
    assert len(drawn.null_means) == 7


def test_a_lead_says_what_could_be_seen_of_it():
    """Years are no unit of cuts: events until five points are 2.80 standard errors, by hand."""
    months = pd.period_range("2000-01", periods=60, freq="M")
    values = pd.Series(np.random.default_rng(1).normal(0, 0.05, 60), index=months)
    found = find(windows_at(values, [1, 14, 28, 41]), "first-cut-12m")
    error = (found.ci_high - found.ci_low) / (2 * 1.959964)
    assert found.mde == pytest.approx(2.8015852 * error, rel=1e-5)
    total = math.ceil((2.8015852 * error * 2 / 0.05) ** 2)
    assert total > 4
    said = f"{total - 4} more events ({total} in all) to detect a lead of 5 points"
    assert found.more_needed == said
    few = find(windows_at(values.iloc[:14], [1, 4, 8]), "first-cut-12m")
    assert (few.ci_low, few.ci_high, few.mde) == (-math.inf, math.inf, math.inf)
    assert few.more_needed == "too few other dates to say how many events a lead would need"
    assert few.finding.endswith("points (95% interval −∞ to ∞).")


def by_rate(base, claimed=0.6) -> Finding:
    """Four cuts, half of them won, beside some base rate."""
    windows = study_by_hand().windows
    changes = {"claimed_rate": claimed, "horizon": 1}
    arguments = bind(CLAIMS["first-cut-recession-60"], changes).arguments
    tests = date_tests(windows, arguments)
    tests = replace(tests, shift=replace(tests.shift, base_rate=base))
    sample = Sample(arguments, windows, tests)
    return finding_of(sample, sample, NO_GRID)


def test_a_share_says_what_could_be_seen_of_it():
    """2.80 standard errors of the base rate; a claim within half a point of it is never told."""
    found = by_rate(0.4)
    assert found.mde == pytest.approx(2.8015852 * math.sqrt(0.24 / 4))
    # (2.8016 / 0.2)² × 0.24 = 47.1
    assert found.more_needed == "44 more events (48 in all) to tell 60% from the base rate"
    assert by_rate(0.8).more_needed.startswith("28 more events (32 in all)")
    never = "the claimed share is the base rate: no number of events tells them apart"
    assert by_rate(0.596).more_needed == by_rate(0.604).more_needed == never
    assert by_rate(0.596).mde == pytest.approx(2.8015852 * math.sqrt(0.596 * 0.404 / 4))
    assert by_rate(0.005, claimed=0.01).more_needed.endswith("to tell 1% from the base rate")
    for base, words in ((0.0, "0%"), (1.0, "100%")):
        assert by_rate(base).mde == math.inf
        assert by_rate(base).more_needed == f"a base rate of {words} leaves nothing to tell apart"


@pytest.mark.parametrize("name", ["first-cut-12m", "first-cut-recession-60", "early-cycle"])
def test_the_joint_p_value_is_that_of_what_is_judged(planted, name):
    """Of the median share won, or of the median lead; only cuts name those that are left out."""
    shorter = planted.monthly.loc[:"2001-06"]
    study = run(replace(planted, monthly=shorter, as_of=shorter.index[-1]), name)
    joint = study.joint
    assert joint.p_median_win_rate != joint.p_median_effect
    own = joint.p_median_win_rate if name == "first-cut-recession-60" else joint.p_median_effect
    assert study.finding.joint_p == own
    assert f"together they have p = {p_words(own)}" in study.finding.sensitivity
    assert study.windows.incomplete
    assert ("Left out" in study.finding.sensitivity) == (name != "early-cycle")
    assert "Left out" not in run(world(), "early-cycle").finding.sensitivity


def test_a_grid_that_cannot_be_run_keeps_its_rows_and_says_why(planted):
    """No leg at hand, no month yet, or no grid at all: every specification in its place."""
    bound = bind(CLAIMS["first-cut-12m"])
    size = math.prod(len(axis) for axis in bound.grid.values())
    later = replace(bound, arguments=bound.arguments.model_copy(update={"sample_start": "2030-01"}))
    grid = joint_grid(planted, later)
    assert grid.test.refusal.reason == "no month of the sample has passed"
    assert len(grid.rows) == size and grid.rows.index.tolist() == list(range(size))
    assert grid.rows["reason"].ne("").all()
    assert (grid.rows["reason"] == grid.test.refusal.reason).sum() == size // len(bound.grid["leg"])
    bare = replace(planted, monthly=planted.monthly.rename(columns={"smb": "other"}))
    none = joint_grid(bare, bound)
    assert none.test.refusal.reason == "the data hold no leg of the grid"
    assert len(none.rows) == size
    empty = joint_grid(planted, replace(bound, grid={}))
    assert empty.test.refusal.reason == "the claim registers no grid"
    assert empty.rows.empty and list(empty.rows.columns) == ["reason"]


def test_without_a_registered_start_the_sample_is_every_month_with_a_window(planted):
    """Months before the series begins count for nothing, in the finding as in the grid."""
    months = pd.period_range("1950-01", planted.monthly.index[-1], freq="M", name="month")
    early = replace(planted, monthly=planted.monthly.reindex(months))
    bound = bind(CLAIMS["first-cut-12m"])
    assert bound.arguments.sample_start == "1954-01"
    free = replace(bound, arguments=bound.arguments.model_copy(update={"sample_start": None}))
    pd.testing.assert_frame_equal(joint_grid(early, free).rows, joint_grid(planted, bound).rows)
    assert windows_of(early, free.arguments).values.index[0] == pd.Period("1954-01", "M")


def test_a_cut_in_the_first_month_of_the_sample_counts(planted):
    """And none does in a sample that has not begun, which has no state either."""
    first = planted.facts["easing_cycles"]["target_month"].iloc[0]
    assert run(planted, "first-cut-12m", sample_start=str(first)).finding.n == len(SPACING)
    assert run(planted, "first-cut-12m", sample_start=str(first + 1)).finding.n == len(SPACING) - 1
    never = run(planted, "first-cut-12m", sample_start="2030-01")
    assert "only 0 first cuts" in never.finding.refusal.reason
    assert len(never.windows.strata) == len(never.windows.values) == 0
    assert (never.events["note"] == "left out: no window of the sample is complete").all()


def test_the_sentence_of_a_share_by_hand():
    """Two of four won, nothing gained not won; 95% of Clopper and Pearson, and the base rate."""
    found = by_rate(0.4)
    assert found.finding == (
        "In the 1 months after 4 first cuts that a recession followed small caps beat large caps 2"
        " times, 50% of the time (95% interval 7% to 93%); over any 1 months they do so 40% of the"
        " time."
    )
    assert (found.sample_start, found.sample_end) == ("2000-01", "2000-11")
    assert (found.sensitivity, found.left_out, found.specifications) == ("", None, None)


def test_the_sentence_of_a_lead_by_hand():
    """The share first, without its interval, then the lead in points, with one."""
    months = pd.period_range("2000-01", periods=60, freq="M")
    values = pd.Series(np.random.default_rng(1).normal(0, 0.05, 60), index=months)
    windows = windows_at(values, [1, 14, 28, 41])
    found = find(windows, "first-cut-12m")
    won, share = int((windows.outcomes > 0).sum()), (values > 0).mean()

    def points(value):
        return f"{100 * value:.2g}".replace("-", "−")

    assert found.finding == (
        f"In the 1 months after 4 first cuts small caps beat large caps {won} times, {won / 4:.0%}"
        f" of the time; over any 1 months they do so {share:.0%} of the time. The lead over other"
        f" months was {points(found.estimate)} points (95% interval {points(found.ci_low)} to"
        f" {points(found.ci_high)})."
    )
    arguments = bind(CLAIMS["first-cut-12m"], {"horizon": 1}).arguments
    tests = date_tests(windows, arguments)
    for p_value, usable in ((0.05, False), (0.0499, True)):
        at = replace(tests, lead=replace(tests.lead, p_value=p_value))
        sample = Sample(arguments, windows, at)
        assert finding_of(sample, sample, NO_GRID).usable_in_time is usable


def test_the_fewest_events_are_enough():
    """As many as are registered are judged, one fewer is refused with their number."""
    months = pd.period_range("2000-01", periods=60, freq="M")
    values = pd.Series(np.random.default_rng(1).normal(0, 0.05, 60), index=months)
    fewest = bind(CLAIMS["first-cut-12m"]).arguments.fewest_events
    places = list(range(1, 60, 9))[:fewest]
    assert find(windows_at(values, places), "first-cut-12m").n == fewest
    reason = find(windows_at(values, places[1:]), "first-cut-12m").refusal.reason
    assert reason == (
        f"only {fewest - 1} first cuts, each with a complete window; {fewest} are needed"
    )
    every = find(windows_at(values, list(range(60))), "first-cut-12m").refusal.reason
    assert every.startswith("every month is an event")


@pytest.mark.parametrize("era", ["from_1981", "to_1980"])
def test_an_era_keeps_the_link_of_its_own_months(planted, era):
    """Linked cuts of the era, and wide gaps before cuts of the era, by their months."""
    arguments = bind(CLAIMS["first-cut-recession-60"], {"era": era}).arguments
    cuts = planted.facts["easing_cycles"]["target_month"]
    inside = [cut for cut, hard in zip(cuts, HARD, strict=True)
              if hard and (cut.year >= 1981) == (era == "from_1981")]  # fmt: skip
    windows = windows_of(planted, arguments)
    assert windows.values.index[windows.chosen].tolist() == inside
    soft = bind(CLAIMS["widest-soft-landing"], {"era": era}).arguments
    data = with_gaps(planted, [str(year) for year in range(1964, 2008)])
    windows = windows_of(data, soft)
    wide = wide_before(data, soft)
    own = [cut for cut, hard in zip(cuts, HARD, strict=True) if not hard and wide[cut]
           and (cut.year >= 1981) == (era == "from_1981")]  # fmt: skip
    assert windows.values.index[windows.chosen].tolist() == own
