"""Two runs of one claim: on the card, on the ledger page, and why they differ."""

import copy
import csv
import json
import os
import re
import shutil

import pytest
import yaml

from analysis.claims.ledger import COLUMNS, NUMBERS, STRUCTURES
from analysis.pages.cards import verdict_card
from analysis.pages.disagreements import disagree, disagreements, explain
from analysis.pages.headlines import second_line
from analysis.pages.mime import headline_card, records_of
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
        "On the bundled data the test finds the p-value below 0.05 (0.02), on the latest it does"
        " not (0.20).",
        "The bundled sample runs from January 1954 to November 2018, the latest from January 1954"
        " to April 2026.",
        "They measure different things: share, and decimal.",
        "The grid holds 60 specifications on the bundled data and 1,232 on the latest: not every"
        " specification can be had on both.",
    ]
    assert explain(row(specifications=60), row("latest", specifications=60)) == []


def test_what_is_the_same_is_not_named_and_what_is_missing_does_not_break():
    """Equal rows need no words; absent conditions leave the samples to speak."""
    assert explain(row(), row("latest")) == []
    assert explain(row(conditions=[]), row("latest", sample_start="1926-07")) == [
        "The bundled sample runs from January 1954 to November 2018, the latest from July 1926 to"
        " November 2018."
    ]
    changed = explain(row(mean=-0.1), row("latest"))
    assert changed[:2] == [
        "On the latest data the test finds the mean above 0 (0.01), on the bundled it does not"
        " (−0.1).",
        "On the bundled data the test finds the mean at most 0 (−0.1), on the latest it does not"
        " (0.01).",
    ]


def test_a_condition_is_as_it_was_judged():
    """Nothing is judged again: what holds is what the row says; infinity is null in a row."""
    odd = [condition("supported", "mean", ">", 0, None, False, "share")]
    other = [condition("supported", "mean", ">", 0, 0.25, True, "share")]
    [said] = explain(row(conditions=odd), row("latest", conditions=other))
    assert said == (
        "On the latest data the test finds the mean above 0.0% (25.0%), on the bundled it does not"
        " (infinite)."
    )


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
    assert "On the bundled data the test finds the p-value below 0.05 (0.02)" in said
    assert "the data that ship with the project, to November 2018" in said
    assert "Tested on the latest data only: 1" in said and "needs the latest data" in said
    assert "bundled data only" not in said
    assert "first_cut.html#verdict-a-one" in html and "<b>something" not in html


def test_without_a_second_run_the_page_says_so(project):
    """An empty comparison is no agreement."""
    html = disagreements(load_records(project(row())), link)
    assert text(html) == "No claim has been tested on both data sets yet."


def test_a_card_is_headed_by_the_verdict_of_the_newest_data(project):
    """A refused run is one sentence under the verdict the ledger has; without one it stands."""
    latest = row("latest", **SNAPSHOT, seen_to="2026-04", finding="It <i>holds</i>.")
    refused = row(verdict="", reason="needs the latest data: closes")
    html = headline_card(refused, records_of(project(refused, latest)), "../claims/a-one.html")
    said = text(html)
    assert said.startswith("✓ supported with data to April 2026 Link to this verdict The claim")
    assert "no verdict" not in said and 'href="../claims/a-one.html"' in html
    assert (
        "The data that ship with the project, to November 2018, cannot tell:"
        " needs the latest data: closes." in said
    )
    assert "snapshot 2026-10-03-abc, vintages December 2024 to April 2026" in said
    assert "It &lt;i&gt;holds" in html and "sc-other" not in html


def test_a_card_says_in_one_sentence_whether_the_other_run_agrees(project):
    """The newest data head the card whichever run the notebook holds; the rest is folded."""
    older, newer = row(), row("latest", p=0.3, verdict="not distinguishable", seen_to="2026-04")
    newer["sample_end"] = "2026-04"
    folder = project(older, newer)
    records = records_of(folder)
    from_bundled, from_latest = (text(headline_card(one, records)) for one in (older, newer))
    for said in (from_bundled, from_latest):
        assert said.startswith("? not distinguishable with data to April 2026")
        assert (
            "The data that ship with the project, to November 2018, say otherwise (supported),"
            " because they end 7 years earlier." in said
        )
        assert "on the latest it does not (0.30)." in said
    agreed = project_of(folder, row(), row("latest", seen_to="2026-04"))
    assert "to November 2018, say the same." in text(headline_card(row(), records_of(agreed)))


def project_of(folder, *rows):
    """The same claims with another ledger, in a folder beside."""
    other = folder / "other"
    shutil.copytree(folder / "data" / "claims", other / "data" / "claims")
    with (other / "data" / "ledger.csv").open("w", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS)
        writer.writeheader()
        for entry in rows:
            writer.writerow({**entry, **{name: json.dumps(entry[name]) for name in STRUCTURES}})
    return other


def test_another_specification_stays_its_own_headline(project):
    """A changed parameter explains itself; no reason is made up for it."""
    folder = project(row(), row("latest", verdict="contradicted", seen_to="2026-04"))
    said = text(headline_card({**row(p=0.01), "deviations": ["horizon = 24"]}, records_of(folder)))
    assert said.startswith("✓ supported with data to November 2018")
    assert "Not the registered specification horizon = 24" in said
    assert "The newest data, to April 2026, say otherwise (contradicted)" in said
    assert "the test finds" not in said
    nobody = headline_card({**row(), "claim": "nobody"}, records_of(folder))
    assert "sc-second" not in nobody and "sc-second" not in verdict_card(row(), None)


@pytest.mark.parametrize(
    ("shown", "other", "said"),
    [
        ({}, None, ""),
        ({}, {"data": "latest", "verdict": ""}, "The newest data, to April 2026, cannot tell: No."),
        ({"data": "latest"}, {"unit": "months"},
         "say otherwise (contradicted), because what can be measured on them differs."),
        ({"criterion_hash": "1"}, {"criterion_hash": "2"},
         "because the two runs were judged by different versions of the test."),
        ({"verdict": ""}, {}, "say otherwise (contradicted)."),
        ({"sample_end": "2018-11"}, {"sample_end": "2020-01"}, "because they end 1 year later."),
    ],
)  # fmt: skip
def test_the_second_line_is_one_plain_sentence(shown, other, said):
    """Agreement, disagreement with its first reason, or the refusal; nothing without a run."""
    base = {"data": "bundled", "verdict": "supported", "seen_to": "2018-11", "as_of": "newest"}
    second = None if other is None else {**base, "verdict": "contradicted", "reason": "No"} | other
    if second is not None and second["data"] == "latest":
        second["seen_to"] = "2026-04"
    line = second_line({**base, **shown}, second)
    assert line.endswith(said) if said else line == ""
    assert not re.search(r"\d{4}-\d\d", line)


def test_a_ledger_written_anew_is_read_anew(project):
    """The cards of a later build do not show the rows of an earlier one."""
    folder = project(row(), row("latest", finding="First.", seen_to="2026-04"))
    assert "First." in headline_card(row(), records_of(folder))
    ledger = folder / "data" / "ledger.csv"
    ledger.write_text(ledger.read_text().replace("First.", "Second."))
    os.utime(ledger, ns=(1, 1))
    assert "Second." in headline_card(row(), records_of(folder))


def test_a_snapshot_in_brief():
    """The name and the span of vintages; a name alone stays as it is."""
    assert vintage_span(SNAPSHOT["vintages"]) == "vintages December 2024 to April 2026"
    assert vintage_span({"french/A": "202604", "french/B": "202604"}) == "vintage April 2026"
    assert vintage_span({}) == ""
    files = {"french/B": "202604", "french/A": "202604", "french/C": "202412"}
    assert vintage_list(files) == "December 2024: french/C; April 2026: french/A, french/B"
    newest = {"data": "latest", "as_of": "newest", "seen_to": "2026-04"}
    assert provenance(newest) == "latest data to April 2026"
    assert provenance({"data": "bundled", "as_of": "2007-12"}) == "bundled data as of December 2007"
