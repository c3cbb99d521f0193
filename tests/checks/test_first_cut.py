"""The first-cut chapter: planted effects found, absent ones not, and every word of the criteria."""

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.checks import first_cut
from analysis.checks.first_cut import evidence as cut_evidence
from analysis.checks.first_cut import grids as cut_grids
from analysis.checks.first_cut import tables as cut_tables
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.inference.resampling import event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, loading
from analysis.results import Evidence, Refusal

CLAIMS = {name: c for name, c in load_claims().items() if c.chapter == "first_cut"}
FEW = first_cut.Parameters(draws=100)

#: Months between first cuts: irregular, so that no turn of the calendar meets them all again.
SPACING = (21, 58, 44, 71, 39, 63, 50, 41, 83, 47, 66)
#: Whether a recession begins six months after the cut.
HARD = (True, True, False, True, True, False, True, True, False, True, False)


def world(after_cuts=0.0, recovery=0, in_recession=0.0, drift=-0.004, seed=3) -> Dataset:
    """Fifty-four years of small minus large with eleven first cuts and seven recessions.

    `after_cuts` is added to each of the twelve months after a cut, three per cent to each of the
    first `recovery` months after a trough, `in_recession` to each month of a recession.
    """
    months = pd.period_range("1954-01", periods=648, freq="M", name="month")
    cuts = months[np.cumsum(SPACING)]
    peaks = cuts[list(HARD)] + 6
    troughs = peaks + 12
    spread = pd.Series(np.random.default_rng(seed).normal(drift, 0.01, 648), index=months)
    recession = pd.Series(0.0, index=months)
    for cut in cuts:
        spread.loc[cut + 1 : cut + 12] += after_cuts
    for peak, trough in zip(peaks, troughs, strict=True):
        spread.loc[peak + 1 : trough] += in_recession
        spread.loc[trough + 1 : trough + recovery] += 0.03
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


def verdict(outcome, claim) -> str | None:
    return decide(CLAIMS[claim], outcome, data="bundled", as_of="2007-12").verdict


@pytest.fixture(scope="module")
def nothing():
    """A world in which dates say nothing."""
    return first_cut.study(world(), CLAIMS, FEW)


@pytest.fixture(scope="module")
def planted():
    """A world in which small gains three per cent a month for a year after each cut."""
    return first_cut.study(world(after_cuts=0.03), CLAIMS, FEW)


@pytest.mark.parametrize("claim", ["first-cut-12m", "first-cut-recession-60"])
def test_a_lead_after_cuts_is_found_and_its_absence_too(planted, nothing, claim):
    """Supported where it was planted; without it small loses too often for a verdict in favour."""
    assert verdict(planted.evidence[claim], claim) == "supported"
    assert verdict(nothing.evidence[claim], claim) in ("contradicted", "not distinguishable")


def test_a_lead_after_soft_landings_is_found_and_its_absence_too(planted, nothing):
    """The same cuts, without the recession-linked ones."""
    claim = "widest-soft-landing"
    assert verdict(planted.evidence[claim], claim) == "supported"
    assert planted.evidence[claim].n == HARD.count(False)
    assert verdict(nothing.evidence[claim], claim) not in ("supported", "true but uninformative")


def test_a_recovery_must_outlast_the_announcement():
    """A lead of thirty months is supported; one that is over when announced tells nothing."""
    long, short = (
        first_cut.study(world(recovery=months), CLAIMS, FEW).evidence["early-cycle"]
        for months in (30, 10)
    )
    assert verdict(long, "early-cycle") == "supported"
    assert verdict(short, "early-cycle") == "true but uninformative"
    assert short.measures["announced_excess"] < 0 < long.measures["announced_excess"]


@pytest.mark.parametrize(
    ("planted_return", "expected"), [(-0.02, "supported"), (0.03, "contradicted")]
)
def test_what_recessions_do_to_small_caps_is_found(planted_return, expected):
    """A loss in recessions supports the claim, a gain contradicts it."""
    data = world(in_recession=planted_return, drift=0.001)
    claim = CLAIMS["slowdown-hurts-small"]
    found = cut_evidence.in_recessions(data, claim, FEW)
    assert verdict(found, claim.id) == expected
    inside = data.monthly["recession"] == 1
    means = 12 * data.monthly["smb"].groupby(inside).mean()
    assert found.measures["recession_mean"] == pytest.approx(means[True])
    assert found.measures["difference"] == pytest.approx(means[True] - means[False])
    assert (found.n, found.effective_n) == (648, HARD.count(True))


def test_every_measure_of_every_criterion_is_given(planted):
    """Each claim of the chapter has evidence with all its measures, none of them NaN."""
    assert set(planted.evidence) == set(CLAIMS)
    for name, claim in CLAIMS.items():
        measures = planted.evidence[name].measures
        assert claim.criterion.measures() <= set(measures)
        assert not any(math.isnan(value) for value in measures.values())
        assert planted.evidence[name].mde > 0


def test_the_last_window_ends_with_the_sample(planted):
    """The sample ends with the last month of the last complete window, for either start."""
    assert planted.evidence["first-cut-12m"].sample_end == "2007-12"
    data = world()
    sample = first_cut.chapter.sample_of(
        data, CLAIMS["first-cut-12m"], FEW.model_copy(update={"start": 0})
    )
    parameters = FEW.model_copy(update={"start": 0})
    assert str(cut_evidence.soft_landings(sample, parameters).sample_end) == "2007-12"


def test_soft_landings_by_hand():
    """Three soft landings of 10, 20 and 30% among twenty months of nothing."""
    months = pd.period_range("2000-01", periods=20, freq="M")
    values = pd.Series(0.0, index=months)
    values.iloc[[2, 7, 12]] = 0.1, 0.2, 0.3
    linked = pd.Series(False, index=months)
    sample = cut_grids.Sample(values, values, months[[2, 7, 12]], linked)
    found = cut_evidence.soft_landings(sample, FEW)
    assert found.measures["soft_win_rate"] == 1.0
    assert found.measures["base_rate"] == pytest.approx(3 / 20)
    assert found.measures["soft_excess"] == pytest.approx(0.2 - 0.6 / 20)
    assert found.measures["soft_shift_p"] == pytest.approx(1 / 20)
    arm = 4.302653 * 0.1 / math.sqrt(3)
    assert found.measures["soft_excess_high"] == pytest.approx(0.17 + arm, abs=1e-6)


def test_linked_cuts_by_hand():
    """Four linked cuts, all lost: the interval ends at 1 − .025^¼; any linked months do as well."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(0.01, index=months)
    values.iloc[[3, 11, 20, 34]] = -0.01
    linked = pd.Series(False, index=months)
    linked.iloc[[3, 4, 11, 12, 20, 21, 34, 35]] = True
    sample = cut_grids.Sample(values, values, months[[3, 11, 20, 34]], linked)
    joint = SimpleNamespace(
        median_win_rate=0.25, p_median_win_rate=0.4, specifications=2, missing=0,
        median_win_excess=0.0, median_effect=0.0, share_positive=0.5,
    )  # fmt: skip
    found = cut_evidence.linked_cuts(sample, FEW.model_copy(update={"draws": 1000}), joint)
    assert found.estimate == 0.0
    assert found.measures["win_rate_high"] == pytest.approx(1 - 0.025**0.25, abs=1e-6)
    assert found.measures["base_rate"] == pytest.approx(36 / 40)
    assert found.measures["stratified_p"] == 1.0
    assert (found.measures["median_win_rate"], found.p_value) == (0.25, 0.4)
    assert verdict(found, "first-cut-recession-60") == "not distinguishable"


def test_a_sample_in_which_small_always_won_says_so():
    """A base rate of one leaves nothing to detect: infinite, in words, and no error."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(np.linspace(0.01, 0.02, 40), index=months)
    linked = pd.Series(np.arange(40) % 2 == 0, index=months)
    sample = cut_grids.Sample(values, values, months[[4, 14, 26]], linked)
    joint = SimpleNamespace(
        median_win_rate=1.0, p_median_win_rate=1.0, specifications=2, missing=0,
        median_win_excess=0.0, median_effect=0.0, share_positive=1.0,
    )  # fmt: skip
    found = cut_evidence.linked_cuts(sample, FEW, joint)
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
    for turn in range(length):
        values, wins = [], []
        for windows, events in cells:
            turned = [(e + turn) % length for e in events]
            after = np.array([windows[t] for t in turned if t in windows])
            if len(after) < fewest:
                continue
            every = np.array(list(windows.values()))
            wins.append((after > 0).mean())
            effect = after.mean() - every.mean()
            values.append(effect if statistic == "mean" else wins[-1] - (every > 0).mean())
        medians.append(np.median(values))
        observed = np.median(wins) if turn == 0 else observed
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
    curve = cut_grids.cut_curve(data, claim, 100, 0)
    rate, p_value = brute_joint(data, claim, statistic)
    found = curve.p_median_effect if statistic == "mean" else curve.p_median_win_rate
    assert curve.median_win_rate == pytest.approx(rate)
    assert found == pytest.approx(p_value)
    assert 0.01 < found < 0.99


def test_recession_near_looks_from_the_month_itself_to_the_end_of_the_link():
    """A recession in the sixth month is near from two months before it to its last month."""
    months = pd.period_range("2000-01", periods=9, freq="M")
    recession = pd.Series([0, 0, 0, 0, 0, 1, 1, 0, 0], index=months)
    near = cut_grids.recession_ahead(recession, 2)
    assert near.tolist() == [False, False, False, True, True, True, True, False, False]
    assert cut_grids.recession_ahead(recession, 0).tolist() == (recession == 1).tolist()


def test_the_eras_part_the_sample_at_1981():
    """Every month is in the full sample and in one of the two eras."""
    eras = cut_grids.eras_of(pd.period_range("1980-11", "1981-02", freq="M"))
    assert eras["full"].all()
    assert eras["to_1980"].tolist() == [True, True, False, False]
    assert (eras["to_1980"] ^ eras["from_1981"]).all()


def test_events_without_a_complete_window_are_left_out_and_say_so():
    """A cut within the horizon of the end, or before the sample, has no return and a reason."""
    whole = world()
    last = whole.facts["easing_cycles"]["target_month"].iloc[-1]
    data = replace(whole, monthly=whole.monthly.loc["1960-01" : last + 11], as_of=last + 11)
    sample = first_cut.chapter.sample_of(data, CLAIMS["first-cut-12m"], FEW)
    assert len(cut_grids.positions_of(sample.cuts, sample.values)) == len(SPACING) - 2
    table = cut_tables.event_table(data, sample.values, "funds", sample.linked)
    assert table["return"].isna().tolist() == [True] + [False] * 9 + [True]
    assert table["note"].iloc[0].startswith("left out: before the sample's first month")
    assert table["note"].iloc[-1].startswith("left out: the window is not complete")
    assert table["small won"].iloc[[0, -1]].tolist() == ["", ""]


def test_too_few_events_are_refused():
    """With two cuts, no soft landing and a recession of three months every claim has a reason."""
    whole = world()
    facts = dict(whole.facts)
    facts["easing_cycles"] = facts["easing_cycles"].iloc[:2]
    facts["nber_cycles"] = facts["nber_cycles"].iloc[:2]
    quiet = whole.monthly.assign(recession=0.0)
    quiet.iloc[100:103, 1] = 1.0
    data = replace(whole, facts=facts, monthly=quiet)
    study = first_cut.study(data, CLAIMS, FEW)
    assert all(isinstance(outcome, Refusal) for outcome in study.evidence.values())
    reasons = {name: outcome.reason for name, outcome in study.evidence.items()}
    assert "3 recession months" in reasons["slowdown-hurts-small"]
    assert "only 2 first cuts without a recession" in reasons["widest-soft-landing"]
    assert "only 1 troughs" in reasons["early-cycle"]


def test_the_defaults_are_the_registered_specification():
    """Leg, date rule, horizon and start are those of every claim's primary specification."""
    defaults = first_cut.Parameters()
    for claim in CLAIMS.values():
        for key in ("leg", "horizon", "start"):
            assert claim.primary.get(key, getattr(defaults, key)) == getattr(defaults, key)
    assert CLAIMS["first-cut-12m"].primary["date_rule"] == defaults.date_rule
    assert {c.primary.get("link", 12) for c in CLAIMS.values()} <= {"all", 12}
    assert CLAIMS["first-cut-12m"].primary["strata_link"] == 12
    starts = {c.primary["sample_start"] for c in CLAIMS.values() if "sample_start" in c.primary}
    assert starts == {"1954-01", "1926-07"}


def test_the_tables_agree_with_the_tests(planted):
    """Three schemes of random dates, histograms that sum to one, every cut left out once."""
    assert planted.tests["random dates"].tolist() == list(cut_tables.SCHEME_WORDS.values())
    assert planted.null_means.groupby("scheme")["share"].sum().tolist() == pytest.approx([1.0] * 3)
    assert len(planted.without_one) == len(SPACING)
    assert set(planted.phases["phase"]) == {"expansion", "first half", "second half"}
    assert planted.phases["months"].sum() == 648
    assert planted.curve.query("reason != ''")["reason"].str.len().min() > 10


@pytest.fixture(scope="module")
def early():
    """The study of the bundled data as of 1995-12."""
    return first_cut.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)


def expect_nothing_later(study, as_of):
    """Every claim has evidence or a reason, from samples that end in time."""
    assert set(study.evidence) == set(CLAIMS)
    for name, outcome in study.evidence.items():
        assert isinstance(outcome, Evidence | Refusal)
        if isinstance(outcome, Evidence):
            assert outcome.sample_end <= as_of
            verdict(outcome, name)
    assert (study.events["cut"] <= as_of).all()


def test_1995_runs_and_sees_nothing_later(early):
    """On the bundled data as of 1995-12."""
    expect_nothing_later(early, "1995-12")


def test_2007_runs_and_sees_nothing_later():
    """On the bundled data as of 2007-12."""
    study = first_cut.study(loading.load_dataset("bundled", "2007-12"), CLAIMS, FEW)
    expect_nothing_later(study, "2007-12")


def test_wild_values_after_the_date_change_nothing(early, monkeypatch):
    """Returns of a thousand per cent after 1995 leave every result of 1995-12 as it was."""
    whole = loading.load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["1996-01":] = 10.0
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
    after = first_cut.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)
    assert after.evidence == early.evidence
    pd.testing.assert_frame_equal(after.curve, early.curve)
    pd.testing.assert_frame_equal(after.paths, early.paths)


def test_random_dates_of_the_same_state_are_the_stratified_scheme():
    """The study's stratified p is that of dates redrawn among months with the same link."""
    data = world(after_cuts=0.01)
    sample = first_cut.chapter.sample_of(data, CLAIMS["first-cut-12m"], FEW)
    drawn = first_cut.chapter.randomize(sample, FEW)["stratified"]
    near = [
        bool(data.monthly["recession"].loc[month : month + 12].any())
        for month in sample.values.index
    ]
    by_hand = event_randomization(
        forward_sums(data.monthly["smb"], 12),
        cut_grids.positions_of(sample.cuts, sample.values),
        "stratified",
        strata=pd.Series(np.where(near, "recession near", "no recession near")),
        draws=FEW.draws,
        seed=FEW.seed,
    )
    assert drawn.p_upper == by_hand.p_upper
    assert drawn.base_mean == pytest.approx(by_hand.base_mean)
