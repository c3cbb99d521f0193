"""The event study: planted effects found, absent ones not, and every word of the criteria."""

import dataclasses
import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.audit.simulation import simulate_dataset
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.event_study import event_study
from analysis.designs.event_study.date_tests import SCHEME_WORDS, by_scheme, date_tests
from analysis.designs.event_study.findings import finding_of
from analysis.designs.event_study.joint_grid import grid_frames, joint_grid
from analysis.designs.event_study.windows import Windows, pair_return, windows_of
from analysis.inference.curves import SpecificationCurve, specification_curve
from analysis.inference.resampling import event_randomization
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset, load_dataset, loading
from analysis.panel.fund_returns import monthly_returns
from analysis.results import InputError

EVERY = load_claims()
CLAIMS = {name: claim for name, claim in EVERY.items() if claim.design == event_study.name}
CUTS = ("first-cut-12m", "first-cut-recession-60", "widest-soft-landing")
#: The claims on small minus large; the other is on value among small caps.
SIZE = (*CUTS, "early-cycle")
VALUE = "small-value-leads"
NO_GRID = SpecificationCurve.refused("no grid")
FEW = Sampling(draws=100, seed=20260101)

#: Months between first cuts: irregular, so that no shift meets them all again.
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


@pytest.mark.parametrize("claim", ["first-cut-12m", "first-cut-recession-60"])
def test_a_lead_after_cuts_is_found_and_its_absence_too(planted, nothing, claim):
    """Supported where it was planted; without it small loses too often for a verdict in favour."""
    assert verdict(run(planted, claim)) == "supported"
    assert verdict(run(nothing, claim)) in ("contradicted", "not distinguishable")


def test_a_lead_after_soft_landings_is_found_and_its_absence_too(planted, nothing):
    """The same cuts, without the recession-linked ones."""
    found = run(planted, "widest-soft-landing")
    assert verdict(found) == "supported"
    assert found.finding.n == HARD.count(False)
    absent = verdict(run(nothing, "widest-soft-landing"))
    assert absent not in ("supported", "true but uninformative")


def test_a_recovery_must_outlast_the_announcement():
    """A lead of thirty months is supported; one that is over when announced tells nothing."""
    long, short = (run(world(recovery=months), "early-cycle") for months in (30, 10))
    assert verdict(long) == "supported"
    assert verdict(short) == "true but uninformative"
    announced = [study.finding.measures["announced_excess"] for study in (short, long)]
    assert announced[0] < 0 < announced[1]


@pytest.mark.parametrize("name", SIZE)
def test_every_measure_of_every_criterion_is_given(planted, name):
    """The finding has all measures of its claim's criterion, none of them NaN."""
    finding = run(planted, name).finding
    assert CLAIMS[name].criterion.measures() <= set(finding.measures)
    assert not any(math.isnan(value) for value in finding.measures.values())
    assert finding.mde > 0


def test_the_last_window_ends_with_the_sample(planted):
    """The sample ends with the last month of the last complete window, for either start."""
    for start in (0, 1):
        assert run(planted, "widest-soft-landing", start=start).finding.sample_end == "2007-12"


def windows_at(values, positions, linked=None, strata=None) -> Windows:
    """Windows whose events stand at some places."""
    dates = pd.DataFrame({"month": values.index[positions], "flag": ""})
    none = np.empty(0, dtype=int)
    return Windows(values, values, dates, np.array(positions), none, linked, strata)


def find(windows, name, joint, draws=100):
    """The finding on some windows by the registered arguments of a claim."""
    arguments = bind(CLAIMS[name]).arguments
    tests = date_tests(windows, arguments, Sampling(draws, 1))
    return finding_of(windows, tests, joint, arguments)


def test_soft_landings_by_hand():
    """Three soft landings of 10, 20 and 30% among twenty months of nothing."""
    values = pd.Series(0.0, index=pd.period_range("2000-01", periods=20, freq="M"))
    values.iloc[[2, 7, 12]] = 0.1, 0.2, 0.3
    found = find(windows_at(values, [2, 7, 12]), "widest-soft-landing", NO_GRID)
    assert found.measures["soft_win_rate"] == 1.0
    assert found.measures["base_rate"] == pytest.approx(3 / 20)
    assert found.measures["soft_excess"] == pytest.approx(0.2 - 0.6 / 20)
    assert found.measures["soft_shift_p"] == pytest.approx(1 / 20)
    half_width = 4.302653 * 0.1 / math.sqrt(3)
    assert found.measures["soft_excess_high"] == pytest.approx(0.17 + half_width, abs=1e-6)
    assert found.ci_low == pytest.approx(0.17 - half_width, abs=1e-6)


def joint_of(**changes) -> SimpleNamespace:
    """What a finding reads of a joint test."""
    values = {
        "median_win_rate": 0.25, "p_median_win_rate": 0.4, "p_median_effect": 0.3,
        "specifications": 2, "missing": 0, "median_win_excess": 0.0, "median_effect": 0.0,
        "share_positive": 0.5, "refusal": None,
    }  # fmt: skip
    return SimpleNamespace(**(values | changes))


def test_linked_cuts_by_hand():
    """Four linked cuts, all lost: the interval ends at 1 − .025^¼; any linked months do as well."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(0.01, index=months)
    values.iloc[[3, 11, 20, 34]] = -0.01
    linked = pd.Series(False, index=months)
    linked.iloc[[3, 4, 11, 12, 20, 21, 34, 35]] = True
    windows = windows_at(values, [3, 11, 20, 34], linked, linked)
    found = find(windows, "first-cut-recession-60", joint_of(), draws=1000)
    assert found.estimate == 0.0
    assert found.measures["win_rate_high"] == pytest.approx(1 - 0.025**0.25, abs=1e-6)
    assert found.measures["base_rate"] == pytest.approx(36 / 40)
    assert found.measures["stratified_p"] == 1.0
    assert (found.measures["median_win_rate"], found.p_value) == (0.25, 0.4)
    judged = decide(CLAIMS["first-cut-recession-60"], found, data="bundled", as_of="2007-12")
    assert judged.verdict == "not distinguishable"


def test_a_sample_in_which_small_always_won_says_so():
    """A base rate of one leaves nothing to detect: infinite, in words, and no error."""
    months = pd.period_range("2000-01", periods=40, freq="M")
    values = pd.Series(np.linspace(0.01, 0.02, 40), index=months)
    linked = pd.Series(np.arange(40) % 2 == 0, index=months)
    windows = windows_at(values, [4, 14, 26], linked, linked)
    found = find(windows, "first-cut-recession-60", joint_of(median_win_rate=1.0))
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


@pytest.mark.parametrize("name", ["first-cut-12m", "early-cycle", VALUE])
def test_the_joint_test_is_the_specification_curve(name):
    """Also on another panel, for which nothing but the returns is laid out anew."""
    template = load_dataset("bundled", "1989-12")
    specification = bind(CLAIMS[name])
    joint_grid(template, specification)
    panel = simulate_dataset(template, 8)
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
    study = run(load_dataset("bundled"), "early-cycle")
    ran = study.grid[study.grid["reason"] == ""]
    dated = ran[ran["date_rule"] == "trough"]
    assert len(dated) == study.joint.specifications == study.finding.specifications
    assert study.joint.median_win_rate == pytest.approx(dated["win_rate"].median())
    own = ran.query(
        "leg == 'smb' and date_rule == 'announcement' and horizon == 12 and start == 1"
        " and era == 'full'"
    )
    assert own["effect"].item() == pytest.approx(study.finding.measures["announced_excess"])


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
    reasons = {name: run(data, name).finding.refusal.reason for name in SIZE}
    assert "only 2 first cuts with a complete window" in reasons["first-cut-12m"]
    assert "only 0 recession-linked first cuts" in reasons["first-cut-recession-60"]
    assert "only 2 first cuts without a recession" in reasons["widest-soft-landing"]
    assert "only 1 troughs" in reasons["early-cycle"]


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
    soft = run(planted, "widest-soft-landing", link=link)
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
        ("first-cut-12m", {"leg": None}, "give a leg, or a pair"),
        ("first-cut-12m", {"long": "s1v5"}, "give a leg, or a pair"),
        (VALUE, {"leg": "smb"}, "give a leg, or a pair"),
        ("first-cut-12m", {"link": 12}, "a link in months belongs to events"),
        ("widest-soft-landing", {"link": "all"}, "a link in months belongs to events"),
        ("early-cycle", {"followed_by": "recession", "link": 12}, "only first cuts are told apart"),
        ("first-cut-12m", {"interval": None}, "a mean needs its interval named"),
        ("first-cut-recession-60", {"interval": "student"}, "a win rate has its own"),
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


@pytest.mark.parametrize("name", sorted(CLAIMS))
@pytest.mark.parametrize("as_of", ["1995-12", "2007-12"])
def test_nothing_after_the_date_is_seen(name, as_of):
    """A finding or a reason, from samples and events that end in time."""
    study = run(loading.load_dataset("bundled", as_of), name)
    assert study.finding or study.finding.refusal.reason
    if study.finding:
        assert study.finding.sample_end <= as_of
        verdict(study)
    assert (study.events.iloc[:, 0] <= as_of).all()


def test_wild_values_after_the_date_change_nothing(monkeypatch):
    """Returns of a thousand per cent after 1995 leave every result of 1995-12 as it was."""
    before = {name: run(loading.load_dataset("bundled", "1995-12"), name) for name in CLAIMS}
    whole = loading.load_dataset("bundled")
    wild = whole.monthly.copy()
    wild.loc["1996-01":] = 10.0
    monkeypatch.setattr(loading, "_load_bundled", lambda: replace(whole, monthly=wild))
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
    found = run(data, "first-cut-12m").finding
    assert found.measures["stratified_p"] == drawn.p_upper


def value_world(value=0.0, seed=7) -> Dataset:
    """Portfolios of small firms from July 1963 on, with `value` added to the cheapest."""
    months = pd.period_range("1963-07", "2026-04", freq="M", name="month")
    rng = np.random.default_rng(seed)
    market = rng.normal(0.006, 0.045, len(months))
    columns = {
        f"s1v{place}": market + rng.normal(value * (place == 5), 0.004, len(months))
        for place in (1, 3, 5)
    }
    monthly = pd.DataFrame(columns, index=months)
    return Dataset(monthly, load_dataset("bundled").facts, "latest", months[-1])


def test_value_in_recoveries_is_found_when_planted():
    """Value that leads only in the year after a trough is supported; a steady lead is not."""
    dataset = value_world()
    monthly = dataset.monthly.copy()
    for trough in dataset.facts["nber_cycles"]["trough"].dropna():
        monthly.loc[trough + 1 : trough + 12, "s1v5"] += 0.02
    assert verdict(run(replace(dataset, monthly=monthly), VALUE)) == "supported"
    assert verdict(run(value_world(0.006), VALUE)) == "true but uninformative"
    assert verdict(run(value_world(-0.006), VALUE)) == "contradicted"


def test_recoveries_by_hand():
    """The lead after November 2001 is the sum of twelve monthly leads from December on."""
    data = load_dataset("bundled")
    monthly = data.monthly.loc["2001-12":"2002-11"]
    by_hand = (monthly["s1v5"] - (monthly["s1v1"] + monthly["s1v3"]) / 2).sum()
    study = run(data, VALUE)
    rows = study.events.set_index("trough")
    assert rows.loc["2001-11", "lead"] == pytest.approx(by_hand)
    complete = rows["lead"].dropna()
    finding = study.finding
    assert finding.measures["early_win_rate"] == pytest.approx((complete > 0).mean())
    assert finding.estimate == pytest.approx(complete.mean() - study.windows.values.mean())


def test_funds_stand_in_for_portfolios():
    """A lead may be a fund less a mean of portfolios; without prices there is none."""
    days = pd.date_range("2019-09-30", "2026-04-30", freq="ME")
    closes = pd.DataFrame({"VBR": 20.0 + np.arange(len(days)) % 7}, index=days)
    dataset = dataclasses.replace(value_world(), funds=closes)
    found = pair_return(dataset, "vbr", "s1v1_s1v3")
    month = pd.Period("2020-03", "M")
    by_hand = monthly_returns(closes)["VBR"][month]
    by_hand -= dataset.monthly.loc[month, ["s1v1", "s1v3"]].mean()
    assert found[month] == pytest.approx(by_hand)
    assert pair_return(value_world(), "vbr", "s1v1").empty
    study = run(value_world(), VALUE, long="vbr")
    assert "only 0 troughs" in study.finding.refusal.reason
    assert study.events["lead"].isna().all()


def test_a_gap_inside_leaves_the_months_after_it():
    """A pair runs from the month after its last gap."""
    dataset = value_world()
    monthly = dataset.monthly.copy()
    monthly.loc["1999-04", "s1v1"] = np.nan
    assert str(pair_return(replace(dataset, monthly=monthly), "s1v5", "s1v1").index[0]) == "1999-05"


def test_a_pair_is_told_by_its_sides():
    """The sentence begins with a capital and keeps the names of funds."""
    dataset = value_world(0.002)
    both = {"VBR": "s1v5", "IWM": "s1v1"}
    prices = pd.DataFrame(
        {
            name: (1 + dataset.monthly[column])
            .cumprod()
            .set_axis(dataset.monthly.index.to_timestamp("D", "end"))
            for name, column in both.items()
        }
    )
    study = run(replace(dataset, funds=prices), VALUE, long="vbr", short="iwm", horizon=6)
    assert study.finding.finding.startswith("Over the 6 months after ")
    assert " troughs VBR led IWM " in study.finding.finding
    assert "VBR led" in study.events
