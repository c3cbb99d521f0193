"""What follows a wide gap or a concentrated market: planted truths, opposites, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.outcome_slope.findings import _moved
from analysis.designs.outcome_slope.plan import Plan, concentration_sample
from analysis.inference.outcome_slopes import (
    FIFTH_COLUMNS,
    OutcomeWindow,
    by_fifth,
    outcome_slopes,
)
from analysis.panel import Dataset
from analysis.panel.narrowing_spreads import narrowing_spreads
from analysis.panel.spells import real_time_percentile
from analysis.results import InputError, p_words

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


def lines_of(found, asked, sign):
    """The regressions of a study's own samples, laid out by hand: basis, starts, state."""
    pairs = {name: (sample.returns, sample.gap) for name, sample in found.samples.items()}
    windows = [OutcomeWindow(name, *one) for name, *one in asked]
    return outcome_slopes(pairs, windows, sign, 399, 1)


def test_the_finding_is_the_regression_of_the_basis_that_is_less_sure():
    """Balances after gaps of two bases: the larger p, the lowest and the highest end of both."""
    dataset = made(0.01)
    december = dataset.valuation["gap_december"] + np.random.default_rng(3).normal(
        0, 0.2, len(dataset.valuation)
    )
    dataset = replace(dataset, valuation=dataset.valuation.assign(gap_december=december))
    found = study("asymmetry", dataset)
    starts = {name: np.arange(len(one.gap) - 12) for name, one in found.samples.items()}
    lines = lines_of(found, [(n, starts[n], 12, "balance", 0.1) for n in ("june", "december")], 1)
    p_values, ends = [lines.p_of(k) for k in (0, 1)], [lines.corrected(k) for k in (0, 1)]
    worst = int(np.argmax(p_values))
    assert p_values[0] != p_values[1]
    finding, sample = found.finding, found.samples[("june", "december")[worst]]
    measures = finding.measures
    assert finding.estimate == measures["slope"] == pytest.approx(ends[worst][0])
    assert (finding.ci_low, finding.ci_high) == pytest.approx(ends[worst][1:])
    assert finding.p_value == measures["slope_p"] == max(p_values)
    assert measures["slope_low"] == pytest.approx(min(one[1] for one in ends))
    assert measures["slope_high"] == pytest.approx(max(one[2] for one in ends))
    now = float((sample.gap <= sample.gap.iloc[-1]).mean())
    assert measures["percentile_now"] == pytest.approx(now) and finding.joint_p is None
    step = 100 * sample.gap.std()
    slope, low, high = (step * one for one in ends[worst])
    said = (
        f"was {abs(slope):.1f} points {'higher' if slope > 0 else 'lower'} (95% interval"
        f" {low:+.1f} to {high:+.1f} points, p {p_words(max(p_values))}). At the end of the sample"
        f" it was at least as wide as in {now:.0%} of all months."
    )
    assert finding.finding.endswith(said)
    assert (
        finding.sensitivity
        == "; ".join(
            f"{name}: {step * end[0]:+.1f} points, p {p_words(p)}"
            for name, end, p in zip(("june", "december"), ends, p_values, strict=True)
        )
        + "."
    )
    assert (finding.sample_start, finding.sample_end) == (
        str(sample.gap.index[0]), str(sample.gap.index[-1])
    )  # fmt: skip
    assert finding.null == "the valuation gap says nothing about what follows"
    assert finding.unit == "outcome over 12 months a log point, bias-corrected"


def test_a_state_splits_the_months_that_have_one():
    """Both rates and spreads need a year before them; the slope inside less that outside."""
    dataset = made(0.08, easing)
    found = study("easing-with-gap", dataset, basis="june")
    rate = dataset.monthly["bill"].shift(-1)
    spread = dataset.monthly["baa"] - dataset.monthly["aaa"]
    below = pd.DataFrame({"rate": rate, "spread": spread}).diff(12).dropna() < 0
    state, gap = below.all(axis=1), found.samples["june"].gap
    assert found.state.tolist() == state.tolist() and found.state.index.equals(state.index)
    places = [at for at in range(len(gap) - 12) if gap.index[at] in state.index]
    assert places[0] > 0
    inside = state[gap.index[places]].to_numpy()
    lines = lines_of(found, [("june", np.array(places), 12, "lead", 0.0, inside)], 1)
    assert found.finding.measures["slope"] == pytest.approx(lines.corrected(0)[0])
    assert found.finding.p_value == lines.p_of(0) and found.finding.n == len(places)


def test_episodes_by_hand():
    """Months in a row above four fifths of all so far while the state holds; the next counts a
    year after the last, and one without a year after it has no lead yet."""
    found = study("easing-with-gap", made(0.08, easing))
    assert list(found.episodes.columns) == ["basis", "from", "months", "lead"]
    for basis, sample in found.samples.items():
        gap, state, expected, at, last = sample.gap, found.state, [], 0, None
        wide = [
            at >= 119
            and (gap.iloc[: at + 1] <= gap.iloc[at]).mean() > 0.8
            and bool(state.get(month, default=False))
            for at, month in enumerate(gap.index)
        ]
        while at < len(wide):
            if not wide[at]:
                at += 1
                continue
            end = next((k for k in range(at, len(wide)) if not wide[k]), len(wide))
            if last is None or at - last > 12:
                after = sample.spread.loc[gap.index[at] + 1 : gap.index[at] + 12]
                lead = after.sum() if len(after) == 12 else np.nan
                expected.append([basis, str(gap.index[at]), end - at, lead])
                last = at
            at = end
        rows = found.episodes[found.episodes["basis"] == basis]
        assert rows.iloc[:, :3].to_numpy().tolist() == [row[:3] for row in expected]
        assert rows["lead"].tolist() == pytest.approx([row[3] for row in expected], nan_ok=True)
        assert len(expected) > 1


@pytest.mark.parametrize(
    ("name", "bound"), [("asymmetry", 0.2), ("margin-of-safety", 0.10), ("easing-with-gap", 0.10)]
)
def test_fifths_are_those_of_each_basis(name, bound):
    """A registered bound where there is one, else ten points; falls within three years."""
    found = study(name, made(0.04), **({"bound": bound} if name == "asymmetry" else {}))
    assert list(found.fifths.columns) == ["basis", *FIFTH_COLUMNS]
    for basis, sample in found.samples.items():
        rows = found.fifths[found.fifths["basis"] == basis].drop(columns="basis")
        place = real_time_percentile(sample.gap, 120)
        horizon = found.specification.arguments.horizon
        alone = by_fifth(sample.returns, place, horizon, bound, 36)
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), alone)


def test_the_share_of_the_largest_is_known_a_month_before():
    """The value in the month after, as a logarithm, beside the months small and large have."""
    dataset = concentrated(0.02)
    sample = study("concentration-turns", dataset).samples["concentration"]
    share = dataset.monthly["top_share"]
    assert sample.gap.to_numpy() == pytest.approx(np.log(share.to_numpy()[1:]))
    assert sample.gap.index.equals(MONTHS[:-1]) and len(sample.spread) == LENGTH
    shorter = dataset.monthly.assign(smb=dataset.monthly["smb"].where(np.arange(LENGTH) > 99))
    later = concentration_sample(replace(dataset, monthly=shorter), "smb")
    assert later.gap.index.equals(MONTHS[100:-1])
    for lacking in (shorter.drop(columns="top_share"), shorter.assign(top_share=np.nan)):
        refusal = concentration_sample(replace(dataset, monthly=lacking), "smb").refusal
        assert refusal.reason == "needs the latest data: firms by tenth of size"
        assert refusal.needs == "latest"


def test_a_row_of_the_grid_says_why_it_was_left_out():
    """An era without months, one too short, a state that hardly ever holds, a leg not held."""
    bound = bind(CLAIMS["easing-with-gap"])
    axes = {"leg": ("smb", "s1_s5"), "basis": ("both",), "horizon": (12, 36),
            "given": ("none", "both"), "bound": (0.0,), "era": ("full", "from_2013")}  # fmt: skip
    dataset = made(0.0)
    rare = dataset.monthly.assign(bill=0.05 / 12 + np.arange(LENGTH) * 1e-6)
    rare.loc[MONTHS[500:510], "bill"] = 0.0
    dataset = replace(dataset, monthly=rare)
    grid = find_design("outcome_slope")(dataset, replace(bound, grid=axes), Sampling(49, 1)).grid
    rows = grid.set_index(["leg", "basis", "horizon", "given", "era"])["reason"]
    assert len(rows) == 2 * 2 * 2 * 2 * 2 and list(grid.columns[:6]) == list(axes)
    assert rows["smb", "june", 12, "none", "full"] == ""
    assert rows["smb", "june", 12, "none", "from_2013"] == "no month of this era is at hand"
    assert rows["smb", "june", 12, "both", "full"].startswith("only ")
    assert rows["smb", "june", 12, "both", "full"].endswith(" windows begin in this state")
    assert rows["s1_s5", "june", 12, "none", "full"] == "the data set does not hold this leg"


def test_a_state_begins_two_dozen_windows_and_as_many_without_it():
    """Twenty-four on either side are enough, 23 are told."""
    dataset, arguments = made(0.0), bind(CLAIMS["easing-with-gap"], {"basis": "june"}).arguments
    one = {"leg": "smb", "basis": "june", "horizon": 12, "given": "both", "bound": 0.0,
           "era": "full"}  # fmt: skip
    gap = Plan(dataset, arguments, {}).sample("smb", "june").gap
    starts = len(gap) - 12
    for count, said in ((24, 0), (23, "only 23 windows begin in this state")):
        for true in (True, False):
            state = pd.Series(np.arange(len(gap)) < count, gap.index) == true
            inside = count if true else starts - count
            expected = said if count == 24 else f"only {inside} windows begin in this state"
            assert Plan(dataset, arguments, {"both": state}).add(one) == expected
    plan = Plan(dataset, arguments, {})
    assert [plan.add(one), plan.add({**one, "horizon": 24})] == [0, 1]
    assert plan.windows[0].state is None and set(plan.pairs()) == {"smb/june"}


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
