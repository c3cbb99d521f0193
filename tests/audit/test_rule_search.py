"""The search for a decisive test: only valid ones, and the most powerful of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.audit import rule_search
from analysis.audit.candidates import event_study as events
from analysis.audit.rule_search import (
    COLUMNS,
    candidates,
    compared,
    load_search,
    most_powerful,
    rates_of_candidates,
    search,
    search_p_values,
    write_search,
)
from analysis.audit.simulation import NO_EFFECT, Effect
from analysis.claims import load_claims
from analysis.designs import Sampling, bind
from analysis.designs.event_study.windows import event_months, windows_of
from analysis.inference.resampling import event_randomization
from analysis.panel import load_dataset
from analysis.results import InputError

CLAIMS = load_claims()
CUTS = CLAIMS["first-cut-12m"]
FEW = Sampling(99, 1)


@pytest.fixture(scope="module")
def short():
    """The bundled data to 1985: fewer months, quicker panels."""
    return load_dataset("bundled", "1985-12")


def rates(**by_candidate) -> pd.DataFrame:
    """A search with rates in a false, an opposite and a true world."""
    rows = [
        (name, fits, truth, rate)
        for name, (fits, *shares) in by_candidate.items()
        for truth, rate in zip(("untrue", "untrue", "holds"), shares, strict=True)
    ]
    return pd.DataFrame(rows, columns=["candidate", "fits", "truth", "rate"])


def test_the_most_powerful_valid_candidate_that_tests_the_claim_is_chosen():
    """Neither one that errs too often, in either false world, nor one of another quantity."""
    table = rates(
        weak=(True, 0.05, 0.0, 0.3),
        best=(True, 0.07, 0.0, 0.5),
        loose=(True, 0.071, 0.0, 0.9),
        wrong_way=(True, 0.02, 0.08, 0.9),
        other=(False, 0.01, 0.0, 0.9),
    )
    assert most_powerful(table) == "best"
    assert most_powerful(table[table["candidate"].isin(["loose", "other"])]) == ""


def test_of_equal_candidates_the_first_is_chosen():
    """The order of the list, plainest first, decides a tie."""
    assert most_powerful(rates(b=(True, 0.05, 0.0, 0.3), a=(True, 0.05, 0.0, 0.3))) == "b"


def test_refused_panels_count_for_neither_side():
    """A rate is that of the panels which gave a p-value."""
    found = pd.DataFrame(
        [(n, "nothing", one.name, p) for one in events.CANDIDATES
         for n, p in enumerate([0.01, 0.05, 0.2, np.nan])],
        columns=["panel", "world", "candidate", "p"],
    )  # fmt: skip
    row = rates_of_candidates(found, CUTS, {"nothing": False}).iloc[0]
    assert (row["panels"], row["refused"], row["count"]) == (4, 1, 1)
    assert row["rate"] == pytest.approx(1 / 3)
    assert row["ci_low"] < 1 / 3 < row["ci_high"]


def test_a_planted_lead_lowers_every_p_value(short):
    """Thirty points after each cut are seen by every candidate; thirty fewer by none."""
    months = tuple(event_months(short, "funds"))
    worlds = {"less": Effect(after_events=-0.3, events=months), "none": NO_EFFECT}
    worlds["more"] = Effect(after_events=0.3, events=months)
    found = search_p_values(short, CUTS, worlds, 2, seed=4, draws=99)
    mean = found.groupby(["candidate", "world"])["p"].mean().unstack()
    assert not found["p"].isna().any()
    assert (mean["more"] <= mean["less"]).all()
    fitting = mean.loc[[one.name for one in events.CANDIDATES if one.fits(bind(CUTS))]]
    assert (fitting["more"] < 0.05).all()
    assert (fitting["less"] > 0.9).all()


@pytest.mark.slow
def test_jobs_change_nothing(short):
    """The same p-values from one process and from two."""
    one, two = (
        search_p_values(short, CUTS, {"nothing": NO_EFFECT}, 11, jobs=jobs, seed=5, draws=99)
        for jobs in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two)


def test_candidates_are_what_their_names_say(short):
    """Some of them on one panel, against the same numbers by hand."""
    specification = bind(CUTS)
    windows = windows_of(short, specification.arguments)
    shift = event_randomization(windows.values, windows.chosen, "shift", draws=len(windows.values))
    by_name = {one.name: one.p_value(short, specification, FEW) for one in events.CANDIDATES}
    assert by_name["mean, circular shifts"] == shift.p_upper
    two_sided = shift.p_value if shift.estimate > 0 else 1.0
    assert by_name["mean, circular shifts, two-sided"] == two_sided
    assert by_name["share won, circular shifts"] == shift.win_p_upper
    ties = np.isclose(shift.null_win_rates, shift.win_rate).mean()
    expected = shift.win_p_upper - ties / 2
    assert by_name["share won, circular shifts, mid-p"] == pytest.approx(expected)
    assert by_name["share won, binomial mid-p"] < by_name["share won, exact binomial"]
    ranks = windows.values.rank().to_numpy()
    places = (windows.chosen[None, :] + np.arange(len(ranks))[:, None]) % len(ranks)
    means = ranks[places].mean(axis=1)
    by_hand = (means >= means[0] - 1e-9).mean()
    assert by_name["rank of the windows, circular shifts"] == pytest.approx(by_hand)


def test_too_few_events_give_no_p_value(short):
    """Two cuts with complete windows are refused, as by the design."""
    cycles = short.facts["easing_cycles"].iloc[1:3]
    few = replace(short, facts=dict(short.facts) | {"easing_cycles": cycles})
    for one in events.CANDIDATES[:10]:
        assert np.isnan(one.p_value(few, bind(CUTS), FEW)), one.name


def test_a_search_is_written_beside_the_others_and_read_back(tmp_path, short):
    """The rows of a claim replace its former ones and no others."""
    table = search(short, CLAIMS, 1, claim=CUTS.id, seed=1, draws=99)
    path = write_search(table, "one command", tmp_path / "search.csv")
    write_search(table.assign(claim="another"), "another command", path)
    write_search(table, "a new command", path)
    kept = load_search(path)
    assert list(kept.columns) == list(COLUMNS)
    assert kept["claim"].value_counts().to_dict() == {CUTS.id: len(table), "another": len(table)}
    made = {CUTS.id: "a new command", "another": "another command"}
    assert rule_search.commands_of(path) == made
    shown = compared(kept[kept["claim"] == CUTS.id])
    assert shown["chosen"].iloc[0] == "yes" and (shown["chosen"].iloc[1:] == "").all()
    assert len(shown) == len(events.CANDIDATES)


def test_what_cannot_be_searched_is_refused(short):
    """A design without candidates, a claim without a true and a false world, a lost file."""
    with pytest.raises(InputError, match="no candidates for the design 'event_studies'; did you"):
        rule_search.candidates_of("event_studies")
    with pytest.raises(InputError, match="no world of the audit makes"):
        search(short, CLAIMS, 1, claim="streak-11")
    with pytest.raises(InputError, match="no claim is called 'first-cut-12'; did you mean"):
        search(short, CLAIMS, 1, claim="first-cut-12")
    with pytest.raises(InputError, match="run smallcap calibrate --search"):
        load_search(rule_search.FILE.with_name("nowhere.csv"))


def test_every_candidate_has_its_worst_false_and_weakest_true_world():
    """By hand from the committed rows; one chosen test a claim, wrong in at most 7% of panels."""
    table = load_search()
    shown = candidates(table).set_index(["claim", "test"])
    assert len(shown) == len(table.drop_duplicates(["claim", "candidate"]))
    rows = table[(table["claim"] == "first-cut-12m") & table["chosen"]]
    row = shown.loc["first-cut-12m", rows["candidate"].iloc[0]]
    assert row["wrong at most"] == rows.loc[rows["truth"] == "untrue", "rate"].max()
    assert row["right at least"] == rows.loc[rows["truth"] == "holds", "rate"].min()
    chosen = shown[shown["chosen"] == "yes"]
    assert not chosen.index.get_level_values("claim").duplicated().any()
    assert set(chosen.index.get_level_values("claim")) == set(table["claim"])
    assert (chosen["wrong at most"] <= 0.07).all() and (chosen["tests the claim"] == "yes").all()
