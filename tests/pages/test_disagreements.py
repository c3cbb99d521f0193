"""Two runs of one claim: on the card, on the ledger page, and why they differ."""

import copy
import csv
import json
import os
import re

import pytest
import yaml

from analysis.claims.ledger import COLUMNS, NUMBERS, STRUCTURES
from analysis.pages.cards import verdict_card
from analysis.pages.disagreements import disagree, disagreements, explain
from analysis.pages.mime import card_with_both
from analysis.pages.provenance import provenance, vintage_list, vintage_span
from analysis.pages.records import load_records

CLAIM = {
    "id": "a-one",
    "text": "Claim one says <b>something</b>.",
    "documents": ["000"],
    "kind": "core",
    "chapter": "first_cut",
    "estimand": "the mean return after the event",
    "design": "event_study",
    "needs": "bundled",
    "criterion": {
        "words": "Supported when p is below one in twenty and the mean positive.",
        "supported": [
            {"measure": "p", "op": "<", "value": 0.05},
            {"measure": "mean", "op": ">", "value": 0},
        ],
        "contradicted": [{"measure": "mean", "op": "<=", "value": 0}],
    },
    "change_our_mind": "More events would.",
}
SNAPSHOT = {
    "snapshot": "2026-10-03-abc",
    "vintages": {"french/One": "202412", "french/Two": "202604"},
}


def condition(verdict, measure, op, threshold, value, holds, unit=""):
    """A judged condition as a record has it."""
    return {
        "verdict": verdict, "measure": measure, "op": op, "threshold": threshold, "value": value,
        "unit": unit, "holds": holds,
    }  # fmt: skip


def row(data="bundled", p=0.02, mean=0.01, **changes):
    """A row as :func:`analysis.claims.ledger.ledger_records` gives it."""
    blank = dict.fromkeys(COLUMNS, "") | dict.fromkeys(NUMBERS) | STRUCTURES
    own = {"claim": "a-one", "data": data, "verdict": "supported", "as_of": "newest"}
    own |= {"seen_to": "2018-11"}
    own |= {"sample_start": "1954-01", "sample_end": "2018-11", "unit": "share", "finding": "So."}
    conditions = [
        condition("supported", "p", "<", 0.05, p, p is None or p < 0.05, "p-value"),
        condition("supported", "mean", ">", 0, mean, mean > 0),
        condition("contradicted", "mean", "<=", 0, mean, mean <= 0),
    ]
    return blank | own | {"measures": {"p": p, "mean": mean}, "conditions": conditions} | changes


@pytest.fixture
def project(tmp_path):
    """Write claims and rows into a folder, and give it."""

    def write(*rows, names=("a-one",)):
        (tmp_path / "data" / "claims").mkdir(parents=True)
        claims = [copy.deepcopy(CLAIM) | {"id": name} for name in names]
        document = {"id": "000", "title": "T", "publisher": "P", "date": "2026", "claims": claims}
        (tmp_path / "data" / "claims" / "000.yml").write_text(yaml.safe_dump(document))
        with (tmp_path / "data" / "ledger.csv").open("w", newline="") as handle:
            writer = csv.DictWriter(handle, COLUMNS)
            writer.writeheader()
            for entry in rows:
                writer.writerow({**entry, **{name: json.dumps(entry[name]) for name in STRUCTURES}})
        return tmp_path

    return write


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def link(chapter, claim):
    return f"../notebooks/{chapter}.html#verdict-{claim}"


def test_only_two_verdicts_can_disagree():
    """A refused run disagrees with nothing."""
    assert disagree(row(), row("latest", verdict="contradicted"))
    assert not disagree(row(), row("latest"))
    assert not disagree(row(verdict=""), row("latest"))


def test_the_explanation_names_what_turned():
    """The condition that turned with both values, the samples, the units, the grid."""
    latest = row("latest", p=0.2, sample_end="2026-04", unit="decimal", specifications=1232)
    bundled = row(specifications=60, left_out=3)
    assert explain(bundled, latest) == [
        "p < 0.05 holds on the bundled data (0.02) and not on the latest (0.20).",
        "The bundled sample runs from 1954-01 to 2018-11, the latest from 1954-01 to 2026-04.",
        "They measure different things: share, and decimal.",
        "The grid holds 60 specifications on the bundled data and 1,232 on the latest: not every"
        " specification can be had on both.",
    ]
    assert explain(row(specifications=60), row("latest", specifications=60)) == []


def test_what_is_the_same_is_not_named_and_what_is_missing_does_not_break():
    """Equal rows need no words; absent conditions leave the samples to speak."""
    assert explain(row(), row("latest")) == []
    assert explain(row(conditions=[]), row("latest", sample_start="1926-07")) == [
        "The bundled sample runs from 1954-01 to 2018-11, the latest from 1926-07 to 2018-11."
    ]
    changed = explain(row(mean=-0.1), row("latest"))
    assert changed[0] == "mean > 0 holds on the latest data (0.01) and not on the bundled (−0.1)."
    assert changed[1] == "mean <= 0 holds on the bundled data (−0.1) and not on the latest (0.01)."


def test_a_condition_is_as_it_was_judged():
    """Nothing is judged again: what holds is what the row says; infinity is null in a row."""
    odd = [condition("supported", "mean", ">", 0, None, False, "share")]
    other = [condition("supported", "mean", ">", 0, 0.25, True, "share")]
    [said] = explain(row(conditions=odd), row("latest", conditions=other))
    assert said == "mean > 0 holds on the latest data (25.0%) and not on the bundled (infinite)."


def test_the_page_counts_and_lists_them(project):
    """Agreements are counted, disagreements explained, one-sided tests listed with the refusal."""
    names = ("a-one", "b-two", "c-three", "d-four", "e-five")
    rows = [
        row(),
        row("latest", p=0.3, verdict="not distinguishable", **SNAPSHOT),
        row(claim="b-two"),
        row("latest", claim="b-two"),
        row(claim="c-three", verdict="", reason="needs the latest data"),
        row("latest", claim="c-three"),
        row(claim="d-four"),
        row(claim="e-five", verdict="untestable openly"),
        row("latest", claim="e-five", verdict="untestable openly"),
    ]
    html = disagreements(load_records(project(*rows, names=names)), link)
    said = text(html)
    assert "Of 2 claims tested on both data sets, 1 got the same verdict and 1 another" in said
    assert "p &lt; 0.05 holds on the bundled data (0.02) and not on the latest (0.30)." in said
    assert "snapshot 2026-10-03-abc, vintages 2024-12 to 2026-04" in said
    assert "Tested on the latest data only: 1" in said and "needs the latest data" in said
    assert "bundled data only" not in said
    assert "first_cut.html#verdict-a-one" in html and "<b>something" not in html


def test_without_a_second_run_the_page_says_so(project):
    """An empty comparison is no agreement."""
    html = disagreements(load_records(project(row())), link)
    assert text(html) == "No claim has been tested on both data sets yet."


def test_a_refused_card_shows_the_committed_verdict_on_the_latest_data(project):
    """Verdict, finding and snapshot stand under the refusal; without such a row nothing does."""
    latest = row("latest", **SNAPSHOT, seen_to="2026-04", finding="It <i>holds</i>.")
    folder = project(row(verdict=""), latest)
    record = {
        "claim": "a-one",
        "verdict": None,
        "reason": "needs the latest data",
        "data": "bundled",
    }
    html = card_with_both(record, folder)
    said = text(html)
    assert "needs the latest data" in said
    assert (
        "supported On the latest data to April 2026, snapshot 2026-10-03-abc, vintages 2024" in said
    )
    assert "It &lt;i&gt;holds" in html and "Why they differ" not in said
    assert "sc-other" not in verdict_card(record, None)
    assert "sc-other" not in card_with_both({**record, "claim": "nobody"}, folder)


def test_a_card_says_why_the_other_run_differs(project):
    """On latest data the bundled row stands beneath; a changed parameter explains itself."""
    folder = project(row(), row("latest", verdict="not distinguishable"))
    record = {**row("latest", p=0.3, verdict="not distinguishable"), "n": None}
    said = text(card_with_both(record, folder))
    assert "On the bundled data to November 2018" in said
    assert "Why they differ p &lt; 0.05 holds on the bundled data (0.02)" in said
    other = text(card_with_both({**record, "deviations": ["horizon = 24"]}, folder))
    assert "On the bundled data" in other and "Why they differ" not in other


def test_a_ledger_written_anew_is_read_anew(project):
    """The cards of a later build do not show the rows of an earlier one."""
    folder = project(row(), row("latest", finding="First."))
    record = {"claim": "a-one", "verdict": "supported", "data": "bundled"}
    assert "First." in card_with_both(record, folder)
    ledger = folder / "data" / "ledger.csv"
    ledger.write_text(ledger.read_text().replace("First.", "Second."))
    os.utime(ledger, ns=(1, 1))
    assert "Second." in card_with_both(record, folder)


def test_a_snapshot_in_brief():
    """The name and the span of vintages; a name alone stays as it is."""
    assert vintage_span(SNAPSHOT["vintages"]) == "vintages 2024-12 to 2026-04"
    assert vintage_span({"french/A": "202604", "french/B": "202604"}) == "vintage 2026-04"
    assert vintage_span({}) == ""
    files = {"french/B": "202604", "french/A": "202604", "french/C": "202412"}
    assert vintage_list(files) == "2024-12: french/C; 2026-04: french/A, french/B"
    newest = {"data": "latest", "as_of": "newest", "seen_to": "2026-04"}
    assert provenance(newest) == "latest data to April 2026"
    assert provenance({"data": "bundled", "as_of": "2007-12"}) == "bundled data as of December 2007"
