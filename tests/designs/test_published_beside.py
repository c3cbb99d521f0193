"""Figures of others beside a note's: which agree, which comparison decides, what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs.published_beside import PublishedBesideArguments
from analysis.designs.registry import Sampling, bind, find_design
from analysis.panel import Dataset, load_dataset

CLAIMS = {key: one for key, one in load_claims().items() if one.design == "published_beside"}
HOME, LOANS, ACTIVE = "domestic-share", "loan-duration", "active-beats-passive"
MONTHS = pd.period_range("2026-01", periods=3, freq="M", name="month")


def fact(index, low, high=None, *, by="A", date="2024-01-31", **more):
    """A published figure; one number where no upper end is given."""
    base = {
        "topic": "domestic revenue", "metric": "share of revenue from the US", "index": index,
        "window": "", "unit": "percent", "provider": by, "date": date, "qualifier": "exact",
        "value_low": low, "value_high": low if high is None else high,
        "known_month": pd.Period(date[:7], "M"),
    }  # fmt: skip
    return base | more


def data(*facts) -> Dataset:
    columns = list(fact("x", 1.0))
    table = pd.DataFrame(facts, columns=columns).astype({"value_low": float, "value_high": float})
    return Dataset(
        pd.DataFrame({"smb": 0.0}, MONTHS), {"published_figures": table}, "bundled", MONTHS[-1]
    )


def study_of(claim, dataset):
    return find_design("published_beside")(dataset, bind(CLAIMS[claim], {}), Sampling(1, 1))


def verdict_on(claim, dataset):
    found = study_of(claim, dataset).finding
    return decide(CLAIMS[claim], found, data="bundled", as_of="newest").verdict


def pair(small, large, by, date="2024-01-31"):
    return fact("Russell 2000", small, by=by, date=date), fact("S&P 500", large, by=by, date=date)


def test_only_one_publisher_on_one_date_is_compared():
    """A larger share by another publisher, or on another day, is no comparison."""
    seen = data(*pair(80, 60, "A"), fact("Russell 2000", 50, by="B"), fact("S&P 500", 70, by="C"))
    study = study_of(HOME, seen)
    assert len(study.comparisons) == 1 and study.comparisons["above"].all()
    assert study.finding.refusal.reason.startswith("only 1 comparison of")
    late = data(*pair(80, 60, "A"), *pair(79, 71, "B", "2017-12-31"))
    assert verdict_on(HOME, late) == "supported"
    assert verdict_on(HOME, data(*pair(80, 60, "A"), *pair(60, 71, "B"))) == "contradicted"


def test_agreement_is_with_what_the_notes_words_admit():
    """77.4 prints as 77, 76 does not; below 80 says neither; nobody's figure is no agreement."""
    seen = data(
        fact("Russell 2000", 77.4), fact("Russell 2000", 76.0, date="2023-01-31"),
        fact("S&P 600", np.nan, 80.0, qualifier="below"), fact("S&P 500", 77.0, by="B"),
    )  # fmt: skip
    study = study_of(HOME, seen)
    by_index = study.beside.set_index(["of", "figure"])["agrees"].to_dict()
    assert by_index == {
        ("Russell 2000", "76"): "no", ("Russell 2000", "77.4"): "yes",
        ("S&P 600", "below 80"): "", ("S&P 500", "77"): "",
    }  # fmt: skip
    assert list(study.beside["date"]) == sorted(study.beside["date"])


def loans(*days):
    made = [
        fact("C&I loans, all commercial banks", one, date=f"20{10 + at}-05-08",
             topic="loan maturity", metric="average maturity", unit="days")
        for at, one in enumerate(days)
    ]  # fmt: skip
    bonds = {"topic": "loan maturity", "metric": "average duration", "unit": "years"}
    return data(
        *made,
        fact("Investment-grade corporate bonds", 6.4, **bonds),
        fact("High-yield bonds", 3.4, 3.6, qualifier="worded", **bonds),
    )


def test_maturities_bound_durations():
    """Days become years; every survey against the shortest duration; one above it contradicts."""
    assert verdict_on(LOANS, loans(400, 500, 600, 700, 800)) == "supported"
    assert verdict_on(LOANS, loans(400, 500, 600, 700, 1300)) == "contradicted"
    found = study_of(LOANS, loans(400, 500, 600, 700, 800)).finding
    assert found.measures["agreeing"] == 4.0 and found.measures["compared"] == 5.0
    assert "1.1 to 2.19 years" in found.finding
    assert study_of(LOANS, loans(400, 500, 600, 700)).finding.refusal is not None


def funds(*shares, **more):
    return data(*(
        fact("All small-cap funds", one, date=f"20{10 + at}-12-31", topic="active funds",
             metric="share beaten by the index", unit="percent of funds", **{"window": "1y"} | more)
        for at, one in enumerate(shares)
    ))  # fmt: skip


def test_most_scorecards_decide():
    """Half or more lagging in most contradicts; in fewer than half of them supports."""
    assert verdict_on(ACTIVE, funds(60, 70, 80, 40, 90)) == "contradicted"
    assert verdict_on(ACTIVE, funds(40, 30, 45, 80, 20)) == "supported"
    assert verdict_on(ACTIVE, funds(40, 30, 45)) is None
    assert verdict_on(ACTIVE, funds(40, 30, 45, 80, 20, window="6m")) is None


def test_a_figure_without_words_or_number_is_no_figure():
    """A direction is no number; without any figure there is a reason."""
    seen = data(fact("Russell 2000", np.nan, qualifier="direction"))
    assert "no figure for small caps' share" in study_of(HOME, seen).finding.refusal.reason


@pytest.mark.parametrize("claim", ["outflow-12bn", "eps-growth-q1"])
def test_what_stays_untestable_shows_what_others_published(claim):
    """The verdict names what would settle it; the figures beside are evidence, not the verdict."""
    dataset = load_dataset("bundled")
    found = study_of(claim, dataset).finding
    verdict = decide(CLAIMS[claim], found, data="bundled", as_of="newest")
    assert verdict.verdict == "untestable openly" and verdict.evidence is found
    assert "Others published" in found.finding


def test_nothing_published_later_than_the_month_seen():
    """Facts are cut by the month they were known; a scorecard is known after its date."""
    early = load_dataset("bundled", "2015-12")
    table = early.facts["published_figures"]
    assert len(table) and (table["known_month"] <= pd.Period("2015-12")).all()
    assert not (table["date"] == "2015-12-31").any()
    assert dataclasses.replace(early).facts is early.facts


def test_arguments_that_do_not_fit_are_refused():
    """Two other sides, or half a figure."""
    raw = CLAIMS[HOME].arguments
    for odd in ({"bound": 50.0}, {"low": None}):
        with pytest.raises(ValidationError):
            PublishedBesideArguments.model_validate({**raw, **odd})
