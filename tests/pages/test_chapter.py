"""What a notebook opens: checked parameters, cards that escape, and deviations that show."""

import json
import re
from types import SimpleNamespace

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from analysis.claims import Claim, load_claims
from analysis.claims.ledger import read_ledger, update_ledger
from analysis.claims.verdicts import decide
from analysis.designs import bind
from analysis.pages import chapter as chapters
from analysis.pages.cards import VERDICT_MIME, verdict_card
from analysis.pages.chapter import Card, Chapter, Statement, Table, Text, open_chapter
from analysis.pages.parameters import changes_to, parameters_of
from analysis.results import Finding, InputError

EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) `code` **bold** & more"
DATASET = SimpleNamespace(
    data="bundled", as_of="2018-11", snapshot=None, vintages={}, left_out=("2019",),
    monthly=pd.DataFrame(index=pd.period_range("1926-07", "2018-11", freq="M")),
)  # fmt: skip
Parameters = parameters_of("first_cut")
REGISTERED = Parameters()
HORIZON = ("horizon = 24 (registered: 12)",)


def claim(**changes):
    values = {
        "id": "a-claim",
        "text": EVIL,
        "documents": ("001",),
        "kind": "core",
        "chapter": "first_cut",
        "estimand": EVIL,
        "design": "event_study",
        "needs": "bundled",
        "criterion": {
            "words": f"Supported when `rate` is high. {EVIL}",
            "supported": [{"measure": "rate", "op": ">=", "value": 0.6}],
        },
        "change_our_mind": EVIL,
    }
    return Claim(**(values | changes))


def evidence(**changes):
    values = {
        "estimate": 0.7, "unit": EVIL, "null": EVIL, "n": 10, "mde": 0.1,
        "sample_start": "1954-01", "sample_end": "2018-11", "finding": EVIL, "more_needed": EVIL,
        "sensitivity": EVIL, "ci_low": 0.6, "ci_high": float("inf"), "measures": {"rate": 0.7},
    }  # fmt: skip
    return Finding(**(values | changes))


def opened(deviations=(), outcome=None):
    """A chapter whose design has given a finding, by a specification that may deviate."""
    finding = evidence() if outcome is None else outcome
    made = SimpleNamespace(finding=finding, specification=SimpleNamespace(deviations=deviations))
    return Chapter("first_cut", REGISTERED, DATASET, {"a-claim": claim()}, {"a-claim": made})


def card(deviations=(), outcome=None) -> Card:
    return opened(deviations, outcome).verdict("a-claim")


def test_a_notebook_s_plain_values_are_its_parameters():
    """Modules, functions, private and shell names are passed over; the rest is checked."""
    namespace = {
        "horizon": 24, "as_of": "2007-12", "pd": pd, "In": ["x"], "_private": 1, "open": open,
        "chapters": chapters, "Chapter": Chapter, "frame": pd.DataFrame(),
    }  # fmt: skip
    found = open_chapter("first_cut", namespace)
    changed = Parameters(horizon=24, as_of="2007-12")
    assert found.parameters.model_dump() == changed.model_dump()
    assert str(found.dataset.as_of) == "2007-12"
    assert set(found.claims) and all(c.chapter == "first_cut" for c in found.claims.values())


@pytest.mark.parametrize(
    ("namespace", "said"),
    [
        ({"horizon": 12, "horizn": 24}, "unknown parameter 'horizn'; did you mean 'horizon'"),
        ({"horizon": "24"}, "parameter horizon='24'"),
        ({"horizon": 12.0}, "parameter horizon=12.0"),
        ({"leg": "smbb"}, "parameter leg='smbb'"),
        ({"as_of": "2007"}, "parameter as_of='2007'"),
        ({"extra": None}, "unknown parameter 'extra'"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(namespace, said):
    """A misspelling that papermill injects beside the true name, a wrong type, a wrong value."""
    with pytest.raises(InputError) as caught:
        open_chapter("first_cut", namespace)
    assert said in str(caught.value)


def test_an_unknown_chapter_or_claim_is_refused_with_the_known_ones():
    """The error lists what there is."""
    with pytest.raises(InputError, match=r"unknown notebook 'cuts'; one of figures, first_cut"):
        open_chapter("cuts", {})
    with pytest.raises(InputError, match="has no claim 'b'; it has a-claim"):
        opened().claim("b")


def test_the_sample_names_its_end_and_what_is_left_out():
    """One sentence on the data, the last month and the unseen cycles."""
    said = str(opened().sample())
    assert "the bundled data from 1926-07 to 2018-11, and nothing later" in said
    assert said.endswith("left out: 2019.")


@pytest.mark.parametrize("make", [lambda: card().html(), lambda: Statement(claim())._repr_html_()])
def test_html_in_claim_and_finding_is_shown_as_text(make):
    """Card and statement escape every text that comes from files and data."""
    html = make()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "<b>bold" not in html


def test_markdown_in_a_finding_is_shown_as_text():
    """Links, emphasis and tags of data are escaped; a plain measure in backticks stays code."""
    for text in (str(opened().answer()), str(opened().text(EVIL))):
        html = MarkdownIt("commonmark", {"html": True}).render(text)
        assert "<script" not in html and "href" not in html
        assert html.count("&lt;script&gt;") == text.count("<script")
        assert "**bold**" in html
        assert "<code>code</code>" in html
    assert r"\`a\*b\`" in str(opened().text("`a*b`"))
    assert isinstance(opened().text("x"), Text)


def test_a_measure_in_the_criterion_is_code_and_nothing_else_is():
    """Backticks around a measure become code; markup inside backticks stays text."""
    html = Statement(claim())._repr_html_()
    assert "<code>rate</code>" in html
    assert chapters._code_spans("`a<b` `f(x)`") == "<code>a&lt;b</code> `f(x)`"
    assert "<img" not in chapters._code_spans("`<img src=x>`")


def test_a_table_rounds_and_escapes():
    """Per cent where asked, thousands without decimals, small p-values, empty for no value."""
    frame = pd.DataFrame(
        {
            "rate": [0.1234, float("nan")],
            "p": [0.00001, 0.25],
            "size": [1234.5, 0.12345],
            "n": [3, 4],
            "words": ["<script>", None],
        }
    )
    table = opened().table(frame, percent=("rate",))
    assert table.frame["rate"].tolist() == ["12.3%", ""]
    assert table.frame["p"].tolist() == ["< 0.001", "0.25"]
    assert table.frame["size"].tolist() == ["1,234", "0.123"]
    assert table.frame["n"].tolist() == ["3", "4"]
    assert table.frame["words"].tolist() == ["<script>", ""]
    html = table._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html and "smallcap-table" in html
    assert isinstance(table, Table) and "12.3%" in str(table)
    with pytest.raises(InputError, match="no column 'rat'"):
        opened().table(frame, percent=("rat",))


def test_the_card_carries_a_record_that_is_valid_json():
    """Infinities are null for the machine and an open end for the reader."""
    bundle = card()._repr_mimebundle_()
    record = json.loads(json.dumps(bundle[VERDICT_MIME], allow_nan=False))
    assert (record["verdict"], record["ci_high"]) == ("supported", None)
    assert record["deviations"] == []
    assert "95% interval: 0.6 to no upper end" in bundle["text/plain"]
    assert bundle["text/html"] == verdict_card(record, claim())
    assert "supported: <code>rate &gt;= 0.6</code> holds, 0.7" in bundle["text/html"]


def test_the_card_reads_without_a_style_sheet():
    """Labels are set off by more than their class: stripped of markup no two words run together."""
    bare = evidence(finding="Small led.", sensitivity="", more_needed="", null="none", unit="share")
    text = re.sub(r"<[^>]+>", "", card(outcome=bare).html())
    assert "supported bundled data to 2018-11" in text
    assert "What we find Small led." in text
    assert re.search(r"<b [^>]*>What we find</b>", card(outcome=bare).html())


def test_a_refusal_is_a_card_with_its_reason():
    """No verdict, no numbers, the reason in their place."""
    refused = card(outcome=Finding.refused("only 2 events; 3 are needed"))
    assert str(refused) == "a-claim: no verdict\nonly 2 events; 3 are needed"
    assert "no verdict" in refused.html() and "<dl" not in refused.html()
    assert "only 2 events" in refused.html()


def deviations_of(parameters):
    """What a real claim's specification says of the chapter's parameters."""
    changes = changes_to("first-cut-12m", "first_cut", parameters)
    return bind(load_claims()["first-cut-12m"], changes).deviations


def test_only_the_specification_can_deviate():
    """What is seen, the seed and the number of draws are no specification."""
    seen = Parameters(as_of="2007-12", data="latest", seed=1, draws=100)
    assert deviations_of(REGISTERED) == deviations_of(seen) == ()
    changed = Parameters(horizon=24, leg="s1_s5")
    assert set(deviations_of(changed)) == {
        "leg = s1_s5 (registered: smb)",
        "horizon = 24 (registered: 12)",
    }


def test_a_parameter_of_another_claim_is_no_deviation():
    """Only the arguments a claim registers count for it."""
    changes = changes_to("early-cycle", "first_cut", Parameters(date_rule="discount"))
    assert bind(load_claims()["early-cycle"], changes).deviations == ()


def test_a_deviation_shows_on_card_record_and_page():
    """Text, HTML, verdicts.json and the page all say that the specification is another one."""
    given = card(HORIZON)
    assert "Not the registered specification: horizon = 24 (registered: 12)" in str(given)
    assert "horizon = 24 (registered: 12)" in given.html()
    record = given._repr_mimebundle_()[VERDICT_MIME]
    assert record["deviations"] == ["horizon = 24 (registered: 12)"]
    page = verdict_card(record, claim())
    assert "Not the registered specification" in page and "horizon = 24" in page
    plain = card()
    for text in (str(plain), plain.html(), verdict_card(plain.verdict.as_record(), claim())):
        assert "registered specification" not in text


def test_a_deviation_is_escaped():
    """A parameter of text cannot carry markup to the page."""
    verdict = decide(
        claim(),
        evidence(),
        data="bundled",
        as_of="2018-11",
        deviations=("x = <b> (registered: y)",),
    )
    assert "<b> (" not in Card(verdict, claim()).html()
    assert "&lt;b&gt;" in verdict_card(verdict.as_record(), claim())


def test_the_ledger_takes_no_deviating_record(tmp_path):
    """An update with another specification is refused with claim and parameter; others go in."""
    empty, known = read_ledger(tmp_path / "none.csv"), {"a-claim": claim()}
    deviating = card(HORIZON).verdict.as_record()
    with pytest.raises(InputError, match=r"'a-claim' was not judged .*horizon = 24"):
        update_ledger(empty, [deviating], known)
    assert len(update_ledger(empty, [card().verdict.as_record()], known)) == 1
