"""How much a label says: read from the audit's table, never where the table is silent."""

from __future__ import annotations

import math

import pytest

from analysis.claims import labels
from analysis.claims.labels import (
    Power,
    label_odds,
    likelihood_ratio,
    odds_of,
    power_columns,
    powers_of,
)
from analysis.claims.verdicts import LabelOdds
from analysis.results import InputError

HEAD = "# Computed; do not edit.\nclaim,label,world_kind,panels,count,share\n"
ROWS = """a,supported,holds,100,60,0.6
a,supported,nothing,100,5,0.05
a,supported,opposite,100,0,0
a,not distinguishable,holds,100,40,0.4
a,not distinguishable,nothing,100,95,0.95
a,contradicted,opposite,100,100,1
a,inconsistent,holds,100,0,0
b,supported,holds,50,10,0.2
"""


@pytest.fixture
def table(tmp_path, monkeypatch):
    """The audit's table in place of the one kept."""
    path = tmp_path / "labels.csv"
    path.write_text(HEAD + ROWS)
    monkeypatch.setattr(labels, "LABELS_FILE", path)
    return path


def test_the_ratio_of_two_shares_by_hand():
    """60 of 100 against 5 of 200, one half added to each: 12.2, from 5.3 to 27.9."""
    odds = likelihood_ratio(60, 100, 5, 200)
    ratio = (60.5 / 100.5) / (5.5 / 200.5)
    error = math.sqrt(1 / 60.5 - 1 / 100.5 + 1 / 5.5 - 1 / 200.5)
    assert odds.ratio == pytest.approx(ratio, rel=1e-5)
    assert odds.low == pytest.approx(ratio / math.exp(1.959964 * error), rel=1e-5)
    assert odds.high == pytest.approx(ratio * math.exp(1.959964 * error), rel=1e-5)
    assert odds.low < odds.ratio < odds.high


def test_a_label_that_was_never_given_in_one_world_has_odds_all_the_same():
    """0 of 100 against 50 of 100 is about 1 to 100 against, with an interval, and no division."""
    odds = likelihood_ratio(0, 100, 50, 100)
    assert 0 < odds.low < odds.ratio < 0.02 < odds.high < 0.2


def test_odds_are_read_by_label(table):
    """True worlds against the two others counted together."""
    assert label_odds("a", "supported") == likelihood_ratio(60, 100, 5, 200)
    assert label_odds("a", "not distinguishable") == likelihood_ratio(40, 100, 95, 200)
    assert label_odds("a", "contradicted") == likelihood_ratio(0, 100, 100, 200)


def test_a_suggestive_verdict_has_its_own_odds_where_the_audit_tells_it_apart(table):
    """A row of that label is taken before that of a supported one."""
    table.write_text(HEAD + ROWS + "a,suggestive,holds,100,10,0.1\n")
    assert label_odds("a", "suggestive") == likelihood_ratio(10, 100, 0, 200)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [("c", "supported"), ("a", None), ("a", "true but uninformative"), ("a", "inconsistent"),
     ("b", "supported"), ("a", "suggestive")],
)  # fmt: skip
def test_where_the_table_is_silent_there_are_no_odds(table, claim, verdict):
    """An unknown rule, no verdict, a label never given, a rule tried in one kind of world."""
    assert label_odds(claim, verdict) is None


def test_a_verdict_one_episode_carries_has_no_odds_where_the_audit_never_saw_one(table):
    """What it is worth is then unknown; one that only other claims hold back is a supported one."""
    record = {"claim": "a", "verdict": "suggestive", "as_of": "newest", "p_adjusted": 0.2}
    assert odds_of(record | {"carried_by": ["1967-04"]}) is None
    assert odds_of(record | {"carried_by": []}) == likelihood_ratio(60, 100, 5, 200)


def test_without_a_table_there_are_no_odds(tmp_path):
    """Before the audit has run nothing is said."""
    assert label_odds("a", "supported", tmp_path / "none.csv") is None


def test_odds_belong_to_the_registered_rule_on_the_newest_data(table):
    """Another specification and an earlier month are other rules."""
    record = {"claim": "a", "verdict": "supported", "as_of": "newest"}
    assert isinstance(odds_of(record), LabelOdds)
    assert odds_of(record | {"as_of": "2007-12"}) is None
    assert odds_of(record | {"deviations": ["horizon = 24 (registered: 12)"]}) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claim,label\na,b\n", "its columns are not"),
        (HEAD + "a,supported,hold,9,1,0\n", "unknown world_kind 'hold'; did you mean 'holds'"),
        (HEAD + "a,supported,holds,9,1.5,0\n", "whole numbers"),
        (HEAD + "a,supported,holds,9,10,0\n", "10 of 9 panels"),
        (HEAD + "a,supported,holds,0,0,0\n", "0 of 0 panels"),
        (HEAD + ROWS + "a,supported,holds,100,60,0.6\n", "twice"),
        (HEAD + ROWS + "a,inconsistent,nothing,90,6,0.1\n", "other numbers of panels"),
    ],
)
def test_a_table_that_is_not_the_audit_s_is_refused(tmp_path, text, said):
    """Other columns, an unknown world, counts that cannot be, a row given twice."""
    path = tmp_path / "labels.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        label_odds("a", "supported", path)


def test_power_counts_support_alone_against_both_effects(table):
    """What is suggestive is told apart; of the registered rule alone."""
    table.write_text(
        HEAD
        + "a,supported,holds,100,50,0.5\na,suggestive,holds,100,10,0.1\n"
        + "a,supported,smallest,50,5,0.1\na,suggestive,smallest,50,5,0.1\n"
        + "a,supported,nothing,100,4,0.04\n"
    )
    record = {"claim": "a", "verdict": "not distinguishable", "as_of": "newest"}
    none = {"power": None, "power_smallest": None}
    assert power_columns(record) == {"power": 0.5, "power_smallest": 0.1}
    assert powers_of(record) == {"holds": Power(0.5, 0.6), "smallest": Power(0.1, 0.2)}
    assert powers_of(record | {"as_of": "2007-12"}) == powers_of(record | {"claim": "b"}) == {}
    assert power_columns(record | {"as_of": "2007-12"}) == none
    assert power_columns(record | {"deviations": ["horizon = 24 (registered: 12)"]}) == none
    assert power_columns(record | {"claim": "b"}) == none


def test_what_other_claims_take_from_a_label_has_the_odds_of_the_rule_alone(table):
    """Suggestive by the adjusted p-value has the odds of supported; by one episode its own."""
    table.write_text(
        HEAD
        + "a,supported,holds,100,50,0.5\na,supported,nothing,100,4,0.04\n"
        + "a,suggestive,holds,100,10,0.1\na,suggestive,nothing,100,6,0.06\n"
    )
    record = {"claim": "a", "verdict": "suggestive", "as_of": "newest", "carried_by": []}
    assert odds_of(record) == likelihood_ratio(50, 100, 4, 100)
    assert odds_of(record | {"carried_by": ["1967-04"]}) == likelihood_ratio(10, 100, 6, 100)
