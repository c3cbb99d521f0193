"""What a chapter opens and ends with: answer, power, what would change our mind; all computed."""

import re

import pytest

from analysis.claims import labels, load_claims
from analysis.claims.chapters import load_chapters
from analysis.pages.cards import notes_of
from analysis.pages.closings import (
    CLOSING_MIME,
    closing_bundle,
    closing_html,
    what_it_could_see,
    what_would_change,
)
from analysis.pages.leads import answer_words, first_sentence, lead_html, lead_text
from analysis.pages.mime import records_of
from analysis.pages.records import runs_of
from analysis.runs.book import ROOT

CLAIMS = load_claims()
CUT = CLAIMS["first-cut-12m"]


def condition(measure, op, threshold, value, holds, unit="p-value", verdict="supported"):
    """A judged condition as a record has it."""
    return {"verdict": verdict, "measure": measure, "op": op, "threshold": threshold,
            "value": value, "unit": unit, "holds": holds}  # fmt: skip


def record(verdict="not distinguishable", **changes):
    """A run with what the closings read."""
    blank = {"claim": CUT.id, "chapter": "first_cut", "data": "latest", "verdict": verdict,
             "unit": "share", "n": 15, "mde": 0.0858, "power": 0.56, "more_needed": "",
             "reason": "", "finding": "They led by 3% (p 0.06). So it is.",
             "sensitivity": "Of 12 choices 6 agree.",
             "conditions": [condition("lead_p", "<", 0.05, 0.057, False)], "p_adjusted": 0.41,
             "measures": {"win_rate": 0.6, "base_rate": 0.54}, "seen_to": "2026-04",
             "as_of": "newest"}  # fmt: skip
    return blank | changes


def test_what_a_test_could_see_is_said_in_numbers():
    """Power in histories, the smallest effect, the other choices; nothing without a test."""
    said = what_it_could_see(record(), CUT)
    assert said[0].startswith(
        "Were the claim true, this test would support it in 56 of 100 histories"
    )
    assert said[1].endswith("samples: 8.6%.") and said[2] == "Of 12 choices 6 agree."
    assert what_it_could_see(record(None), CUT) == what_it_could_see(record(n=None), CUT) == []


@pytest.mark.parametrize(
    ("run", "first"),
    [
        (record(), "Supported with the p-value below 0.05 (now 0.057)."),
        (record("suggestive"), "Supported once the p-value adjusted for all claims, 0.41, falls"),
        (record("supported", conditions=[condition("lead_p", "<", 0.05, 0.001, True)]),
         "No longer supported with the p-value at least 0.05 (now 0.001)."),
        (record("contradicted", conditions=[
            condition("win_high", "<", 0.95, 0.91, True, "share", "contradicted")]),
         "No longer contradicted with the upper end of the share won at least 95.0% (now 91.0%)."),
        (record("supported", conditions=[
            condition("matched", "==", True, True, True, "whether a day gives the figure")]),
         "No longer supported with another answer to whether a day gives the figure."),
        (record(None, conditions=[], open_until="2027-01-20"),
         "It is open until 20 January 2027; then it is judged."),
        (record(None, conditions=[], more_needed="30 more events"), "Data needed: 30 more events."),
        (record("inconsistent", conditions=[]), CUT.change_our_mind),
    ],
)  # fmt: skip
def test_what_would_change_our_mind_is_computed(run, first):
    """The nearest move to another verdict, the data needed, then what the claim's file adds."""
    said = what_would_change(run, CUT)
    assert said[0].startswith(first) and said[-1] == CUT.change_our_mind
    assert all(one.endswith(".") and "_" not in one for one in said)


def test_a_notebook_keeps_what_a_closing_speaks_of():
    """Markdown for the notebook, folded lines on the site; one sentence where nothing is said."""
    bundle = closing_bundle("mind", [record()], CLAIMS)
    assert bundle[CLOSING_MIME] == {"part": "mind", "claims": [CUT.id]}
    assert bundle["text/markdown"].startswith("- **In the year after")
    html = closing_html("mind", [(CUT, record())] * 2)
    assert html.count("<details") == 2 and html.count("<details open>") == 1
    assert closing_html("sensitivity", [(CUT, record(None))]).startswith(
        "<p>On these data no claim"
    )


def test_a_chapter_opens_with_its_question_and_its_answer():
    """The picture's line with the run's own numbers; the question alone where no run judged it."""
    held = runs_of([record()], {CUT.id: CUT})
    assert answer_words("first_cut", held).startswith("Small caps beat large caps in 60% of the")
    assert lead_text("first_cut", held).startswith("Do small caps win the year after the first Fed")
    assert "With data to April 2026." in lead_html("first_cut", held)
    assert lead_html("first_cut", held).count('class="sc-axis"') == 1
    refused = runs_of([record(None)], {CUT.id: CUT})
    assert "sc-axis" not in lead_html("first_cut", refused)
    assert answer_words("first_cut", refused) == "" and "sc-lead" not in lead_html(
        "first_cut", refused
    )


def test_the_first_sentence_of_a_finding_stands_without_brackets():
    """Decimal points and names do not end it."""
    assert first_sentence(record()["finding"]) == "They led by 3%."
    assert first_sentence("It rose by 1.5 points. Then it fell.") == "It rose by 1.5 points."
    assert first_sentence("No full stop at all") == "No full stop at all"


def test_what_cannot_be_settled_goes_by_support_and_what_is_suggestive_stands_beside(
    tmp_path, monkeypatch
):
    """Supported in 15 of 100, at least suggestive in 27: no test, and both numbers are said."""
    rows = ("supported,holds,200,30", "suggestive,holds,200,24", "supported,smallest,200,10",
            "suggestive,smallest,200,14", "supported,nothing,200,1")  # fmt: skip
    path = tmp_path / "labels.csv"
    head = "claim,label,world_kind,panels,count,share\n"
    path.write_text(head + "".join(f"{CUT.id},{row},0\n" for row in rows))
    monkeypatch.setattr(labels, "LABELS_FILE", path)
    record = {"claim": CUT.id, "as_of": "newest", "verdict": "not distinguishable", "n": 9}
    record |= labels.power_columns(record) | {"smallest_effect": "two points"}
    said = (
        "15 of 100 simulated histories in which the claim is true this test supports it (at least"
        " suggestive in 27 of 100), and in 5 of 100 with the smallest effect of interest (at least"
        " suggestive in 12 of 100): two points."
    )
    assert dict(notes_of(record))["Power"] == f"Cannot be settled with these data. In {said}"
    assert what_it_could_see(record, CUT)[0] == (
        "Were the claim true, this test would support it in 15 of 100 histories like ours (at"
        " least suggestive in 27 of 100)."
    )


def test_many_claims_of_a_closing_are_folded_together():
    """Eight stand in the list; of nine the first does, and the others open on one line."""
    eight, nine = (closing_html("mind", [(CUT, record())] * n) for n in (8, 9))
    assert "The other" not in eight and eight.count("<details") == 8
    assert nine.count("<details") == 10 and "<summary>The other 8 claims</summary>" in nine


#: Words of the longest answer: a sentence that can be said in one breath.
LONGEST = 26


def test_every_chapter_answers_in_one_short_sentence():
    """By the ledger's runs; where more has to be said, a second sentence says it."""
    ledger = records_of(ROOT)
    for chapter in load_chapters():
        said = first_sentence(answer_words(chapter, ledger))
        assert len(said.split()) <= LONGEST, said


def test_no_measure_is_named_as_code_has_it():
    """What would move each verdict of the ledger; an end of an interval is said as such."""
    ledger = records_of(ROOT)
    codes = re.compile(r"\b(?:low|high|half life|widest on any)\b (?!end)")
    for name, claim in ledger.claims.items():
        row = ledger.row(name)
        for line in what_would_change(row, claim)[:-1] if row else []:
            assert not codes.search(line), line
    short = record(conditions=[condition("half_life_low", ">", 12, 3.0, False, "months")])
    assert any("the lower end of the half-life above 12" in one
               for one in what_would_change(short, CUT))  # fmt: skip
