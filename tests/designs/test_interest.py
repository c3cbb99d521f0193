"""The quoted interest burden and its relief: ranges by hand, published facts, the identity."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.claims import Figure, load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.interest_burden import published_inputs, repricing_by_duration
from analysis.inference.repricing import needed_floating_share
from analysis.panel import Dataset
from analysis.results import InputError
from analysis.sources.facts import load_facts

CLAIMS = load_claims()
[BURDEN] = [claim for claim in CLAIMS.values() if claim.design == "interest_burden"]
[RELIEF] = [claim for claim in CLAIMS.values() if claim.design == "interest_identity"]
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")
RISE = pd.Period("2022-03", "M")


def facts_table():
    """Published figures on small caps' debt, made up: each input once, dated, and one undated."""
    rows = [
        ("debt_to_ebitda", "Russell 2000 ex-financials", 3.5, "times", "a bank", "2018-10-15"),
        ("floating_share", "Russell 2000", 33.0, "percent of debt", "a broker", "2024-09-19"),
        ("floating_share", "US small caps", 51.0, "percent of debt", "a fund", "2024-07"),
        ("share_due_by_2029", "Russell 2000", 75.0, "percent of debt", "a wire", "2024-05-13"),
        ("interest_hit_no_cuts", "Russell 2000", 42.0, "percent", "a bank", "2025-08-25"),
        ("interest_hit_100bp_cuts", "Russell 2000", 35.0, "percent", "a bank", "2025-08-25"),
        ("floating_share", "Russell 2000", 30.0, "percent of debt", "a forum", ""),
    ]
    columns = ["metric", "index", "value_low", "unit", "provider", "date"]
    table = pd.DataFrame(rows, columns=columns).assign(value_high=lambda t: t["value_low"])
    known = [pd.Period(date[:7], "M") if date else pd.NaT for date in table["date"]]
    return table.assign(known_month=pd.PeriodIndex(known, freq="M"))


FACTS = {"interest_burden": facts_table()}


def study_of(claim, dataset, **changes):
    """A claim's study with some arguments changed."""
    return find_design(claim.design)(dataset, bind(claim, changes), Sampling(1, 1))


def with_rate(rate):
    """Latest-like data with one funds rate."""
    frame = pd.DataFrame({"fed_funds": rate}, index=MONTHS)
    return Dataset(frame, FACTS, "latest", MONTHS[-1], snapshot="synthetic")


def rising_to(level, before=0.01, swings=True):
    """A funds rate at one level until February 2022 and at another after; cycles before that."""
    rate = np.where(MONTHS < RISE, before, level)
    if swings:
        cycle = 0.01 * np.sin(2 * np.pi * np.arange(len(MONTHS)) / 120)
        rate = rate + np.where(pd.Period("2012-01", "M") > MONTHS, cycle + 0.01, 0.0)
    return with_rate(rate)


def verdict_on(claim, found):
    """Verdict on a finding."""
    return decide(claim, found, data="latest", as_of="2025-12").verdict


PAPERS = Dataset(pd.DataFrame(index=MONTHS), FACTS, "bundled", MONTHS[-1])


def test_the_range_of_the_burden_by_hand():
    """The ends follow from the registered inputs, and so does the share of figures they reach."""
    found = study_of(BURDEN, PAPERS).finding
    measures = found.measures
    low, high = 3.5 * 0.02 * (0.33 + 0.67 * 0.65), 7 * 0.0525 * (0.51 + 0.49 * 0.85)
    assert measures["hit_lowest"] == pytest.approx(low)
    assert measures["hit_highest"] == pytest.approx(high)
    assert measures["range_covers"] == pytest.approx((high - low) / (7 * 0.0525))
    assert found.luck == measures["range_covers"]
    assert measures["needed_leverage"] == pytest.approx(0.32 * 7 / high)
    lower = study_of(BURDEN, PAPERS, leverage_high=4.0)
    assert lower.finding.measures["hit_highest"] == pytest.approx(high * 4.0 / 7.0)
    assert "32% is out of reach" in lower.finding.finding


def burden_of(low, high, **changes):
    """Finding with hits from `low` to `high`: all debt reprices and the rise is one point."""
    whole = dict(floating_low=1.0, floating_high=1.0, maturing_low=1.0, maturing_high=1.0)
    rates = dict(gap_low=0.01, gap_high=0.01)
    chosen = whole | rates | dict(leverage_low=100 * low, leverage_high=100 * high) | changes
    return study_of(BURDEN, PAPERS, **chosen).finding


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.20, 0.38, "supported"),
        (0.05, 0.38, "true but uninformative"),
        (0.20, 0.3149, "contradicted"),
        (0.20, 0.3151, "supported"),
        (0.3249, 0.40, "supported"),
        (0.3251, 0.40, "contradicted"),
        (0.20, 0.4001, "true but uninformative"),
        (0.20, 0.3999, "supported"),
    ],
)
def test_the_verdict_on_the_burden_at_its_bounds(low, high, expected):
    """In reach within the printed rounding; a range of more than half of all says nothing."""
    assert verdict_on(BURDEN, burden_of(low, high)) == expected


def test_every_upper_end_of_the_grid_is_run():
    """Each range begins at the lowest inputs; the registered ends are among them."""
    study = study_of(BURDEN, PAPERS)
    assert len(study.grid) == np.prod([len(values) for values in BURDEN.grid.values()])
    assert set(study.grid["lowest"]) == {study.finding.measures["hit_lowest"]}
    assert study.grid["highest"].max() == study.finding.measures["hit_highest"]
    inside = study.grid["highest"] >= study.quoted - 0.005
    assert study.grid["inside"].tolist() == inside.tolist()


def test_registered_ranges_are_those_of_the_published_facts():
    """Floating share, debt due and leverage in the claim stand in the table of facts."""
    inputs = published_inputs(load_facts()["interest_burden"]).groupby("input")
    registered, low, high = BURDEN.arguments, inputs["low"].min(), inputs["high"].max()
    floating = "share of debt at floating rates"
    assert (low[floating], high[floating]) == (
        100 * registered["floating_low"],
        100 * registered["floating_high"],
    )
    assert low["share of debt due by 2029"] == pytest.approx(
        50 * (registered["maturing_low"] + registered["maturing_high"])
    )
    assert low.iloc[0] == registered["leverage_low"]


def test_undated_figures_are_not_inputs():
    """A forum post without a date or source does not widen the range."""
    providers = set(published_inputs(FACTS["interest_burden"])["provider"])
    assert providers == {"a bank", "a broker", "a fund", "a wire"}


def test_before_anything_was_published_the_claim_is_refused():
    """In 2007 nobody had said anything; the grid of inputs is arithmetic all the same."""
    early = dataclasses.replace(PAPERS, facts={"interest_burden": facts_table().iloc[:0]})
    study = study_of(BURDEN, early)
    assert "nothing was published by that month" in study.finding.refusal.reason
    assert len(study.grid) and study.inputs.empty


def test_structures_give_the_quoted_figure_back():
    """With eight times earnings and a four-point gap all debt at once is what 32% asks for."""
    study = study_of(BURDEN, PAPERS)
    table = study.structures(0.02, 0.75).set_index("debt over earnings")
    assert table.loc[8.0, "both figures, last year"] == "100%"
    assert table.loc[2.0, "both figures, last year"] == "none: all debt at once is too little"
    share = needed_floating_share(0.32 / (10 * 0.04), 0.75)
    assert table.loc[10.0, "both figures, last year"] == f"{share:.0%}"


def test_the_implied_rise_is_an_interval():
    """31.5 over 2.5 steps to 32.5 over 1.5, times a quarter point."""
    measures = study_of(RELIEF, rising_to(0.05)).finding.measures
    assert measures["implied_low"] == pytest.approx(0.315 / 0.025 * 0.0025)
    assert measures["implied_high"] == pytest.approx(0.325 / 0.015 * 0.0025)
    half = study_of(RELIEF, rising_to(0.05), total=0.16).finding
    assert half.estimate == pytest.approx(0.02)
    exact = study_of(RELIEF, rising_to(0.05), total_rounding=0.0, relief_rounding=0.0).finding
    assert exact.measures["implied_low"] == exact.measures["implied_high"] == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (0.05, "supported"),
        (0.01 + 0.03151, "supported"),
        (0.01 + 0.03149, "contradicted"),
        (0.01 + 0.05416, "supported"),
        (0.01 + 0.05418, "contradicted"),
        (0.02, "contradicted"),
    ],
)
def test_a_rise_fits_or_does_not(level, expected):
    """Some admissible pair within the rounded figures, or none; the bounds are the rounding's."""
    found = study_of(RELIEF, rising_to(level)).finding
    assert found.measures["observed_lowest"] == pytest.approx(level - 0.01)
    assert verdict_on(RELIEF, found) == expected
    assert found.measures["share_that_match"] == (0.0 if expected == "contradicted" else 1.0)


def test_one_admissible_pair_is_enough_and_the_share_is_told():
    """A rate that reaches the implied rise in one month of many matches, with its share."""
    rate = np.where(MONTHS < RISE, 0.01, 0.02)
    rate = np.where(pd.Period("2024-06", "M") == MONTHS, 0.05, rate)
    cycle = np.where(
        pd.Period("2012-01", "M") > MONTHS, 0.01 * (np.arange(len(MONTHS)) % 60) / 60, 0
    )
    study = study_of(RELIEF, with_rate(rate + cycle))
    months = len(pd.period_range("2023-08", "2025-12", freq="M"))
    assert study.finding.measures["share_that_match"] == pytest.approx(1 / months)
    assert study.rises["matches"].sum() == 1
    assert study.rises.loc[study.rises["matches"], "month"].item() == "2024-06"


def test_the_observed_rise_by_brute_force():
    """Every month less the mean of every base period of three to seven years."""
    rng = np.random.default_rng(4)
    rate = pd.Series(0.03 + rng.normal(0, 0.002, len(MONTHS)).cumsum(), MONTHS)
    found = study_of(RELIEF, with_rate(rate)).finding
    end = pd.Period("2022-02", "M")
    gaps = [
        rate[month] - rate.loc[end - length + 1 : end].mean()
        for month in pd.period_range("2023-08", "2025-12", freq="M")
        for length in range(36, 85)
    ]
    assert found.n == len(gaps)
    assert found.measures["observed_lowest"] == pytest.approx(min(gaps))
    assert found.measures["observed_highest"] == pytest.approx(max(gaps))
    low, high = found.measures["implied_low"], found.measures["implied_high"]
    share = np.mean([low <= gap <= high for gap in gaps])
    assert found.measures["share_that_match"] == pytest.approx(share)


def test_luck_by_brute_force():
    """The same months and base periods moved back to before the rise, where the rate rose."""
    rng = np.random.default_rng(7)
    walk = pd.Series(0.05 + rng.normal(0, 0.006, len(MONTHS)).cumsum(), MONTHS)
    # stretches that end in the note's own rise would fit, and do not count
    rate = walk.where(MONTHS < RISE, walk["2022-02"] + 0.045)
    found = study_of(RELIEF, with_rate(rate)).finding
    low, high = found.measures["implied_low"], found.measures["implied_high"]
    end, fits = pd.Period("2022-02", "M"), []
    ahead = [(month - end).n for month in pd.period_range("2023-08", "2025-12", freq="M")]
    first, values = 83, rate.to_numpy()
    for at in range(first, rate.index.get_loc(end) - ahead[-1] + 1):
        means = [values[at - length + 1 : at + 1].mean() for length in range(36, 85)]
        gaps = np.array([values[at + step] - mean for step in ahead for mean in means])
        if gaps.mean() > 0:
            fits.append(((gaps >= low) & (gaps <= high)).any())
    assert found.luck == found.measures["luck"] == pytest.approx(np.mean(fits), abs=1e-12)


def test_a_match_that_most_of_history_would_give_is_uninformative():
    """Where the rate has always risen by about so much, a match says nothing."""
    rate = 0.01 * np.arange(len(MONTHS)) / 12
    found = study_of(RELIEF, with_rate(rate)).finding
    assert found.luck == 1.0 and found.measures["share_that_match"] > 0
    assert verdict_on(RELIEF, found) == "true but uninformative"


def test_a_relief_is_scaled_to_a_quarter_point_for_the_page():
    """The figure's step is the registered one; another has no figure."""
    study = study_of(RELIEF, rising_to(0.05))
    assert (study.per_step, study.about) == pytest.approx((0.02, 0.005))
    with pytest.raises(InputError, match="relief per 50 basis points"):
        study_of(RELIEF, rising_to(0.05), step=0.005)


def test_the_identity_is_shown_for_the_note():
    """Sixteen steps of a quarter point: four points, and eight times earnings must reprice."""
    note = study_of(RELIEF, PAPERS).identities.iloc[0]
    assert (note["implied gap"], note["debt that must reprice"]) == pytest.approx((0.04, 8.0))


def test_rates_that_are_missing_or_too_old_are_named():
    """Without the funds rate, before the figures were made, or with too short a history."""
    refused = study_of(RELIEF, PAPERS).finding.refusal
    assert "do not hold the federal funds rate" in refused.reason
    dataset, end = rising_to(0.05), pd.Period("2021-12", "M")
    old = dataclasses.replace(dataset, monthly=dataset.monthly.loc[:end], as_of=end)
    study = study_of(RELIEF, old)
    assert "made in August 2023 or later" in study.finding.refusal.reason and study.rises.empty
    late = dataclasses.replace(dataset, monthly=dataset.monthly.loc["2016-01":])
    assert "inside a base period" in study_of(RELIEF, late).finding.refusal.reason
    short = dataclasses.replace(dataset, monthly=dataset.monthly.loc["2012-01":])
    assert "luck cannot be told" in study_of(RELIEF, short).finding.refusal.reason
    seen = dataclasses.replace(dataset, monthly=dataset.monthly.loc[:"2023-12"])
    assert study_of(RELIEF, seen).finding.sample_end == "2023-12"


def test_durations_become_shares_repriced_in_a_year():
    """A bound stays a bound; a figure without a number is an error that names it."""
    figures = [
        Figure(name="loans", value="under 2", unit="years"),
        Figure(name="bonds", value=5.0, unit="years"),
    ]
    table = repricing_by_duration(figures)
    assert table["repriced within a year"].tolist() == ["at least 25%", "10%"]
    with pytest.raises(InputError, match="'short' holds no number"):
        repricing_by_duration([Figure(name="short", value="brief", unit="years")])
