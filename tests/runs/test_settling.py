"""Cards made to say what the other claims leave of a verdict, without a cell being run."""

from __future__ import annotations

import copy

import nbformat
import pytest

from analysis.claims import Claim
from analysis.claims.ledger import ledger_records, ledger_rows, update_ledger
from analysis.pages.answers import ANSWER_MIME, answer_bundle
from analysis.pages.cards import VERDICT_MIME, card_bundle
from analysis.runs import settling
from analysis.runs.outputs import verdicts_of
from analysis.runs.settling import settle_by_ledger, settle_run

V4 = nbformat.v4


def _claim(name: str) -> Claim:
    return Claim(
        id=name,
        text=f"Small beats large, says {name}.",
        documents=("000",),
        kind="core",
        chapter="first_cut",
        estimand="mean difference over twelve months",
        design="event_study",
        needs="bundled",
        criterion={"words": "supported when the interval excludes zero"},
        change_our_mind="more events with the same mean",
    )


CLAIMS = {name: _claim(name) for name in ("a", "b", "c")}
EMPTY = ledger_rows([], CLAIMS)


def record(claim: str, p_value: float = 0.02, **changes):
    """A supported verdict's record."""
    condition = {"verdict": "supported", "measure": "mean", "op": ">", "threshold": 0,
                 "value": 0.05, "unit": "", "holds": True}  # fmt: skip
    return {
        "claim": claim, "data": "bundled", "kind": "core", "verdict": "supported", "n": 9,
        "reason": "mean = 0.05 against mean > 0", "p_value": p_value, "p_adjusted": p_value,
        "finding": f"Small led, by {claim}.", "as_of": "newest", "seen_to": "2018-11",
        "deviations": [], "conditions": [condition], "unit": "", "estimate": 0.05,
        "sample_start": "1954-01", "sample_end": "2018-11",
    } | changes  # fmt: skip


def notebook(*records):
    """An executed notebook: an answer on all its claims, then a card of each."""
    outputs = [answer_bundle(records, CLAIMS)]
    outputs += [card_bundle(one, CLAIMS[one["claim"]]) for one in records]
    cells = [
        V4.new_code_cell("x", outputs=[V4.new_output("display_data", copy.deepcopy(one))])
        for one in outputs
    ]
    return V4.new_notebook(cells=[*cells, V4.new_markdown_cell("words")])


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Three claims, and no others."""
    monkeypatch.setattr(settling, "load_claims", lambda: CLAIMS)


def outputs(made, kind):
    """The data of a notebook's outputs of one type."""
    return [
        output["data"]
        for cell in made.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output["data"]
    ]


def test_a_run_settles_its_claims_among_themselves():
    """.02 among three core claims is .06: record, card and answer say suggestive."""
    one, two = notebook(record("a"), record("b", 0.9)), notebook(record("c", 0.9))
    settle_run([one, two], EMPTY)
    first, second = verdicts_of(one)
    assert (first["verdict"], first["p_adjusted"]) == ("suggestive", 0.06)
    assert first["reason"].endswith("when adjusted for 3 claims (Holm)")
    assert (second["verdict"], second["finding"]) == ("suggestive", "Small led, by b.")
    card = outputs(one, VERDICT_MIME)[0]
    assert card == card_bundle(first, CLAIMS["a"])
    assert "Why no more than suggestive" in card["text/html"]
    [answer] = outputs(one, ANSWER_MIME)
    assert answer == answer_bundle([first, second], CLAIMS)
    assert (
        "says a\\.** *suggestive*" in answer["text/markdown"]
        or "*suggestive*" in (answer["text/markdown"])
    )
    assert [cell.source for cell in one.cells] == ["x", "x", "x", "words"]


def test_settling_again_changes_no_byte():
    """What was settled comes out as it went in."""
    made = notebook(record("a"), record("b", 0.9), record("c", 0.9))
    settle_run([made], EMPTY)
    before = nbformat.writes(made)
    settle_run([made], EMPTY)
    assert nbformat.writes(made) == before
    table = update_ledger(EMPTY, verdicts_of(made), CLAIMS)
    assert settle_by_ledger(made, table) is False


def test_claims_that_were_not_run_count_with_their_stored_p_values():
    """Alone .02 is enough; beside two stored claims it is not."""
    stored = ledger_rows([record("b", 0.9), record("c", 0.9)], CLAIMS)
    alone, beside = notebook(record("a")), notebook(record("a"))
    settle_run([alone], EMPTY)
    settle_run([beside], stored)
    assert [verdicts_of(made)[0]["verdict"] for made in (alone, beside)] == [
        "supported", "suggestive",
    ]  # fmt: skip


def test_the_ledger_is_said_and_nothing_else_is_touched():
    """Another month, another specification and an unknown claim keep their cards."""
    table = ledger_rows([record("a"), record("b", 0.9), record("c", 0.9)], CLAIMS)
    kept = [record("a", as_of="2007-12"), record("a", deviations=["x = 1 (registered: 2)"])]
    for one in kept:
        made = notebook(one)
        assert settle_by_ledger(made, table) is False and verdicts_of(made) == [one]
    made = notebook(record("a"))
    assert settle_by_ledger(made, table) is True
    row = ledger_records(table)[0]
    assert verdicts_of(made)[0]["reason"] == row["reason"] and row["verdict"] == "suggestive"
    tiny = V4.new_notebook(
        cells=[
            V4.new_code_cell(
                "x", outputs=[V4.new_output("display_data", {VERDICT_MIME: {"claim": "z"}})]
            )
        ]
    )
    assert settle_by_ledger(tiny, table) is False
    settle_run([tiny], table)
    assert verdicts_of(tiny) == [{"claim": "z"}]


def test_an_answer_on_other_claims_is_left_alone():
    """Without the records of all its claims it cannot be made again."""
    made = notebook(record("a"))
    made.cells[0].outputs[0]["data"][ANSWER_MIME] = ["a", "b"]
    before = dict(made.cells[0].outputs[0]["data"])
    settle_run([made], ledger_rows([record("b", 0.9), record("c", 0.9)], CLAIMS))
    assert made.cells[0].outputs[0]["data"] == before
    assert verdicts_of(made)[0]["verdict"] == "suggestive"
