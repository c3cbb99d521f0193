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
        "date_low": date, "date_high": date, "benchmark": "",
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


def study_of(claim, dataset, **arguments):
    bound = bind(CLAIMS[claim], {})
    changed = bound.arguments.model_copy(update=arguments)
    chosen = dataclasses.replace(
        bound, arguments=type(changed).model_validate(changed.model_dump())
    )
    return find_design("published_beside")(dataset, chosen, Sampling(1, 1))


def verdict_on(claim, dataset):
    found = study_of(claim, dataset).finding
    return decide(CLAIMS[claim], found, data="bundled", as_of="newest").verdict


def pair(small, large, by, date="2024-01-31"):
    return fact("Russell 2000", small, by=by, date=date), fact("S&P 500", large, by=by, date=date)


def test_only_one_publisher_on_one_date_is_compared():
    """A larger share by another publisher, or on another day, is no comparison."""
    seen = data(*pair(80, 60, "A"), fact("Russell 2000", 50, by="B"), fact("S&P 500", 70, by="C"))
    study = study_of(HOME, seen)
    assert list(study.comparisons["outcome"]) == ["above"]
    assert study.finding.refusal.reason.startswith("only 1 comparison of")
    late = data(*pair(80, 60, "A"), *pair(79, 71, "B", "2017-12-31"))
    assert verdict_on(HOME, late) == "supported"
    assert verdict_on(HOME, data(*pair(80, 60, "A"), *pair(60, 71, "B"))) == "contradicted"


@pytest.mark.parametrize(("small", "large"), [((60, 60), (60, 60)), ((58, 66), (60, 70))])
def test_a_tie_counts_against_the_claim(small, large):
    """Equal figures, or ranges of which neither is clear of the other."""
    tied = fact("Russell 2000", *small, by="B"), fact("S&P 500", *large, by="B")
    seen = data(*pair(80, 60, "A"), *pair(79, 60, "C"), *tied)
    found = study_of(HOME, seen).finding
    assert found.measures["compared"] == 3 and found.measures["ties"] == 1
    assert found.measures["share_as_claimed"] == pytest.approx(2 / 3)
    assert "1 tie counts against the claim" in found.finding
    assert verdict_on(HOME, seen) == "contradicted"


def test_an_open_end_is_no_tie():
    """Below 80 against 60 says nothing either way; it is counted apart, and said."""
    wide = fact("Russell 2000", np.nan, 80.0, by="B"), fact("S&P 500", 60, by="B")
    seen = data(*pair(80, 60, "A"), *pair(79, 60, "C"), *wide)
    found = study_of(HOME, seen).finding
    assert (found.measures["compared"], found.measures["undecided"]) == (2, 1)
    assert verdict_on(HOME, seen) == "supported"
    assert "1 other cannot be decided" in found.finding


def test_the_notes_figure_is_held_against_its_own_dates():
    """77.4 of the note's months prints as 77; another year's says nothing; 76 does not."""
    pairs = pair(80, 60, "A"), pair(79, 60, "C")
    both = [one for two in pairs for one in two]
    inside = study_of(HOME, data(*both, fact("Russell 2000", 77.4, date="2025-10-31")))
    assert inside.finding.measures["agreeing"] == 1 and inside.finding.measures["mismatched"] == 0
    assert "matches what A published for 31 October 2025 (77.4 percent)" in inside.finding.finding
    early = study_of(HOME, data(*both, fact("Russell 2000", 77.4, date="2024-07-31")))
    assert early.finding.measures["held_against"] == 0
    assert "no figure of others for its dates" in early.finding.finding
    assert set(early.beside["agrees"]) == {"other date or window", ""}
    wrong = data(*both, fact("Russell 2000", 76.0, date="2025-10-31"))
    assert verdict_on(HOME, wrong) == "contradicted"
    assert "does not match what A" in study_of(HOME, wrong).finding.finding
    year = {"date_low": "2025-01-01", "date_high": "2025-12-31", "date": "2025"}
    open_end = fact("Russell 2000", np.nan, 80.0, **{"known_month": pd.Period("2025-12")} | year)
    said = study_of(HOME, data(*both, open_end))
    assert said.finding.measures["held_against"] == 0
    assert list(said.beside["date"]) == sorted(said.beside["date"])


def loans(*days, first=2010):
    made = [
        fact("C&I loans, all commercial banks", one, date=f"{first + at}-05-08",
             topic="loan maturity", metric="average maturity", unit="days")
        for at, one in enumerate(days)
    ]  # fmt: skip
    bonds = {"topic": "loan maturity", "metric": "average duration", "unit": "years"}
    return data(
        *made,
        fact("Investment-grade corporate bonds", 6.4, **bonds),
        fact("High-yield bonds", 3.4, 3.6, qualifier="worded", **bonds),
    )


def test_dates_years_apart_are_not_compared():
    """Loans of 2010 to 2014 say nothing of bonds of January 2024; those of May 2024 do."""
    apart = study_of(LOANS, loans(400, 500, 600, 700, 800))
    assert apart.comparisons.empty and apart.finding.refusal is None
    assert "no two are dated within 1 year of each other" in apart.finding.finding
    assert verdict_on(LOANS, loans(400, 500)) == "untestable openly"
    near = study_of(LOANS, loans(400, 1300, first=2023))
    assert list(near.comparisons["outcome"]) == ["below", "above"]
    assert near.finding.measures["share_as_claimed"] == 0.5
    wider = study_of(LOANS, loans(400, 500, 600), within_years=20.0)
    assert len(wider.comparisons) == 3
    assert "3.3 years for high-yield bonds; no figure" in apart.finding.finding
    assert "ICE BofA" not in apart.finding.finding and "A published for 31 January 2024" in (
        apart.finding.finding
    )


def funds(*shares, **more):
    return data(*(
        fact("All small-cap funds", one, date=f"20{10 + at}-12-31", topic="active funds",
             metric="share beaten by the index", unit="percent of funds",
             **{"window": "1y", "benchmark": "Russell 2000"} | more)
        for at, one in enumerate(shares)
    ))  # fmt: skip


def test_only_the_registered_benchmark_is_compared():
    """Scorecards with another benchmark are shown; half of the funds is no lead."""
    study = study_of(ACTIVE, funds(60, 50, 40))
    assert list(study.comparisons["outcome"]) == ["above", "tie", "below"]
    assert study.finding.measures["share_as_claimed"] == pytest.approx(1 / 3)
    other = study_of(ACTIVE, funds(60, 50, 40, benchmark="S&P SmallCap 600"))
    assert other.comparisons.empty and len(other.beside) == 3
    assert "The other 3 have another benchmark" in other.finding.finding


def test_one_date_and_window_counts_once():
    """Two figures for one date and window are refused until a benchmark decides."""
    table = funds(60, 50).facts["published_figures"].assign(date="2018-06-30")
    twice = dataclasses.replace(funds(60), facts={"published_figures": table})
    assert "name the benchmark" in study_of(ACTIVE, twice).finding.refusal.reason
    table.loc[table.index[1], "benchmark"] = "S&P SmallCap 600"
    assert study_of(ACTIVE, twice).finding.measures["compared"] == 1
    shipped = study_of(ACTIVE, load_dataset("bundled"))
    assert not shipped.comparisons.duplicated(["date", "by"]).any()


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_every_card_says_that_the_figures_were_known_before(claim):
    """In the words of the criterion, which stand on the card, and in the last amendment."""
    known = "published figures were known when this was written"
    assert known in CLAIMS[claim].criterion.words
    assert known in CLAIMS[claim].amendments[-1].because
    assert CLAIMS[claim].amendments[-1].was.bundled == "untestable openly"


def test_a_figure_without_words_or_number_is_no_figure():
    """A direction is no number; without any figure there is a reason."""
    seen = data(fact("Russell 2000", np.nan, qualifier="direction"))
    assert "no figure for small caps' share" in study_of(HOME, seen).finding.refusal.reason


@pytest.mark.parametrize("claim", ["outflow-12bn", "eps-growth-q1", LOANS, ACTIVE])
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
    """Two other sides, a figure upside down, or one without months or without its side."""
    raw = CLAIMS[HOME].arguments
    figure = {"words": "77 percent", "low": 77.5, "high": 76.5}
    for odd in (
        {"bound": 50.0}, {"stated": [figure]}, {"first": ""}, {"last": "2024-01"},
        {"against": None, "stated": [figure | {"low": 70.0, "of": "against"}]},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            PublishedBesideArguments.model_validate({**raw, **odd})
