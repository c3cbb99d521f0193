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
from analysis.panel import Dataset, load_dataset
from analysis.results import InputError

CLAIMS = load_claims()
[BURDEN] = [claim for claim in CLAIMS.values() if claim.design == "interest_burden"]
[RELIEF] = [claim for claim in CLAIMS.values() if claim.design == "interest_identity"]
FACTS = load_dataset("bundled").facts
MONTHS = pd.period_range("1953-01", "2025-12", freq="M", name="month")


def study_of(claim, dataset, **changes):
    """A claim's study with some arguments changed."""
    return find_design(claim.design)(dataset, bind(claim, changes), Sampling(1, 1))


def with_rate(rate):
    """Latest-like data with one funds rate."""
    frame = pd.DataFrame({"fed_funds": rate}, index=MONTHS)
    return Dataset(frame, FACTS, "latest", MONTHS[-1], snapshot="synthetic")


def test_the_range_of_the_burden_by_hand():
    """The ends follow from the registered inputs; the verdict is that almost anything fits."""
    dataset = load_dataset("bundled")
    found = study_of(BURDEN, dataset).finding
    measures = found.measures
    assert measures["hit_lowest"] == pytest.approx(3.5 * 0.02 * (0.33 + 0.67 * 0.65))
    assert measures["hit_highest"] == pytest.approx(7 * 0.0525 * (0.51 + 0.49 * 0.85))
    assert measures["hit_ratio"] == pytest.approx(measures["hit_highest"] / measures["hit_lowest"])
    assert decide(BURDEN, found, data="bundled", as_of="2018-11").verdict == (
        "true but uninformative"
    )
    lower = study_of(BURDEN, dataset, leverage_high=4.0)
    assert lower.finding.measures["hit_highest"] == pytest.approx(
        measures["hit_highest"] * 4.0 / 7.0
    )
    assert "32% lies outside" in lower.finding.finding


def test_every_upper_end_of_the_grid_is_run():
    """Each range begins at the lowest inputs; the registered ends are among them."""
    study = study_of(BURDEN, load_dataset("bundled"))
    assert len(study.grid) == np.prod([len(values) for values in BURDEN.grid.values()])
    assert set(study.grid["lowest"]) == {study.finding.measures["hit_lowest"]}
    assert study.grid["highest"].max() == study.finding.measures["hit_highest"]
    inside = study.grid["highest"] >= study.quoted
    assert study.grid["inside"].tolist() == inside.tolist()


def test_registered_ranges_are_those_of_the_published_facts():
    """Floating share, debt due and leverage in the claim stand in the table of facts."""
    study, registered = study_of(BURDEN, load_dataset("bundled")), BURDEN.arguments
    inputs = study.inputs.groupby("input")
    low, high = inputs["low"].min(), inputs["high"].max()
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
    assert "forum post" not in providers and "Goldman Sachs" in providers


def test_before_anything_was_published_the_claim_is_refused():
    """In 2007 nobody had said anything; the grid of inputs is arithmetic all the same."""
    study = study_of(BURDEN, load_dataset("bundled", "2007-12"))
    assert "nothing was published by that month" in study.finding.refusal.reason
    assert len(study.grid) and study.inputs.empty


def test_structures_give_the_quoted_figure_back():
    """With eight times earnings and a four-point gap all debt at once is what 32% asks for."""
    study = study_of(BURDEN, load_dataset("bundled"))
    table = study.structures(0.02, 0.75).set_index("debt over earnings")
    assert table.loc[8.0, "both figures, last year"] == "100%"
    assert table.loc[2.0, "both figures, last year"] == "none: all debt at once is too little"
    share = needed_floating_share(0.32 / (10 * 0.04), 0.75)
    assert table.loc[10.0, "both figures, last year"] == f"{share:.0%}"


@pytest.mark.parametrize(("later", "expected"), [(0.05, "supported"), (0.01, "inconsistent")])
def test_the_observed_gap_by_hand(later, expected):
    """A rate of 1% for five years and of 5% in September 2025 fits the implied four points."""
    rate = np.where(pd.Period("2022-03", "M") <= MONTHS, later, 0.01)
    study = study_of(RELIEF, with_rate(rate))
    assert study.finding.measures == pytest.approx(
        {"observed_gap": later - 0.01, "implied_gap": 0.04}
    )
    assert decide(RELIEF, study.finding, data="latest", as_of="2025-12").verdict == expected
    assert study.grid["observed_gap"].tolist() == pytest.approx([later - 0.01] * 3)


def test_the_step_and_the_total_decide_the_implied_gap():
    """Half the total implies half the gap; a relief is scaled to 25 basis points for the page."""
    dataset = with_rate(0.01)
    half = study_of(RELIEF, dataset, total=0.16).finding.measures["implied_gap"]
    assert half == pytest.approx(0.02)
    study = study_of(RELIEF, dataset)
    assert (study.per_step, study.about) == pytest.approx((0.02, 0.005))
    with pytest.raises(InputError, match="relief per 50 basis points"):
        study_of(RELIEF, dataset, step=0.005)


def test_the_identity_is_shown_for_the_note():
    """Sixteen steps of a quarter point: four points, and eight times earnings must reprice."""
    note = study_of(RELIEF, load_dataset("bundled")).identities.iloc[0]
    assert (note["implied gap"], note["debt that must reprice"]) == pytest.approx((0.04, 8.0))


def test_rates_that_are_missing_or_too_old_are_named():
    """The bundled data lack the funds rate; before 2022 there was no rise to absorb."""
    refused = study_of(RELIEF, load_dataset("bundled")).finding.refusal
    assert refused.needs == "latest" and "the federal funds rate" in refused.reason
    dataset, end = with_rate(0.01), pd.Period("2021-12", "M")
    old = dataclasses.replace(dataset, monthly=dataset.monthly.loc[:end], as_of=end)
    study = study_of(RELIEF, old)
    assert "began after 2022-02" in study.finding.refusal.reason
    assert study.grid["reason"].str.contains("began after").all()


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
