"""What a notebook opens: checked parameters, cards that escape, and deviations that show."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from analysis.claims import Claim, load_claims
from analysis.claims.documents import Amendment
from analysis.claims.ledger import ledger_rows, read_ledger, update_ledger
from analysis.claims.verdicts import decide
from analysis.designs import bind
from analysis.pages import chapter as chapters
from analysis.pages.cards import VERDICT_MIME, facts_of, notes_of, verdict_card
from analysis.pages.chapter import Card, Chapter, Statement, Table, Text, open_chapter
from analysis.pages.markup import code_spans
from analysis.pages.parameters import changes_to, parameters_of
from analysis.panel import Dataset
from analysis.results import Finding, InputError

EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) `code` **bold** & more"
MONTHS = pd.period_range("1926-07", "2018-11", freq="M")
DATASET = Dataset(
    monthly=pd.DataFrame({"a": 0.0}, index=MONTHS), facts={}, data="bundled", as_of=MONTHS[-1],
    valuation=pd.DataFrame({"gap": 0.0}, index=MONTHS[MONTHS.month == 6]),
    left_out=("2019",), mixed={"valuation": "202604"},
)  # fmt: skip
Parameters = parameters_of("first_cut")
REGISTERED = Parameters()


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


def opened(finding=None, *, deviations=(), dataset=DATASET, read=("monthly",)):
    """A chapter of one claim whose design has run, and found this."""
    study = SimpleNamespace(
        finding=evidence() if finding is None else finding,
        specification=SimpleNamespace(deviations=tuple(deviations)),
    )
    return Chapter(
        "first_cut", REGISTERED, dataset, {"a-claim": claim()},
        {"a-claim": study}, {"a-claim": frozenset(read)},
    )  # fmt: skip


def card(finding=None, **how) -> Card:
    return opened(finding, **how).verdict("a-claim")


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


def test_a_chapter_of_rules_opens_with_its_question_and_a_sentence_of_results():
    """Escaped, in the same two lines as every other chapter's."""
    chapter = replace(opened(), name="calibration")
    shown = chapter.opening(EVIL)
    assert str(shown).startswith("How often do the rules of this book get it wrong?")
    page = shown._repr_html_()
    assert page.count("sc-asked") == page.count("sc-lead") == 1 and "<script>" not in page


def test_parts_of_one_cell_are_outputs_of_their_own(monkeypatch):
    """A caption as text, a table and a card each displayed; an empty table is left out."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    chapter = opened()
    full = chapter.table(pd.DataFrame({"a": [1]}))
    parts = chapter.together(EVIL, full, chapter.table(pd.DataFrame()), chapter.verdict("a-claim"))
    parts._ipython_display_()
    assert [type(one) for one in shown] == [Text, Table, Card]
    assert "<script>" not in shown[0].markdown
    assert VERDICT_MIME in shown[2]._repr_mimebundle_()


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


def test_the_sample_says_that_nothing_is_cut_and_how_far_each_table_reaches():
    """One sentence on the data, one on every table's end, and the one mixture of vintages."""
    said = str(opened().sample())
    assert said.startswith("This run sees the bundled data, with nothing cut. Months begin in July")
    assert "returns and rates to November 2018, the yearly valuation gap to June 2018." in said
    assert "The yearly valuation gap comes from files of April 2026; the returns" in said
    assert "left out: 2019." in said


def test_the_sample_names_the_month_that_everything_is_cut_at():
    """Cut at a month, the run says so and names it as prose does."""
    cut = replace(DATASET, monthly=DATASET.monthly.loc[:"2007-12"], cut_at=MONTHS[977])
    said = str(opened(dataset=cut).sample())
    assert "as known at the end of December 2007, and nothing later." in said


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
    assert code_spans("`a<b` `f(x)`") == "<code>a&lt;b</code> `f(x)`"
    assert "<img" not in code_spans("`<img src=x>`")


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


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("needs the latest data: closes", "There is no table in this run: needs the latest data:"),
        ("No horizon has passed.", "No horizon has passed."),
    ],
)
def test_a_study_without_a_table_says_why_in_a_sentence(said, shown):
    """In place of a table of one cell under the head “no table”."""
    words = opened().table(pd.DataFrame({"no table": [said]}))
    assert isinstance(words, Text) and words.markdown.replace("\\", "").startswith(shown)


def test_a_table_of_a_grid_speaks_in_words():
    """Legs, eras and switches by what they are; words and numbers of other tables stay."""
    grid = {
        "leg": ["smb", "s1_s5"],
        "market": [False, True],
        "era": ["full", None],
        "small": [0.1] * 2,
    }
    shown = opened().table(pd.DataFrame(grid), percent=("small",)).frame
    assert list(shown) == ["small minus large", "market's own move", "years", "small"]
    assert shown["small minus large"].tolist() == ["SMB", "smallest less largest fifth"]
    assert shown["market's own move"].tolist() == ["left in", "controlled for"]
    assert shown["years"].tolist()[1] == "" and shown["small"].tolist() == ["10.0%"] * 2
    other = {"condition": ["the Fed cuts"], "start": [1], "era": ["since then"]}
    assert list(opened().table(pd.DataFrame(other)).frame) == list(other)


def test_a_long_table_is_folded_whole():
    """Twenty rows stand open, one more is behind a line that counts them."""
    short, long = (opened().table(pd.DataFrame({"n": range(n)}))._repr_html_() for n in (20, 21))
    assert "<details" not in short
    assert long.startswith('<details class="sc-rows"><summary>The table, 21 rows</summary>')
    assert long.count("<tr") == 22


def test_the_card_carries_a_record_that_is_valid_json():
    """Infinities are null for the machine and an open end for the reader."""
    bundle = card()._repr_mimebundle_()
    record = json.loads(json.dumps(bundle[VERDICT_MIME], allow_nan=False))
    assert (record["verdict"], record["ci_high"]) == ("supported", None)
    assert record["deviations"] == []
    assert ", without an upper end" in bundle["text/plain"]
    assert bundle["text/html"] == verdict_card(record, claim())
    assert "supported: <code>rate &gt;= 0.6</code> holds, 0.7" in bundle["text/html"]


def test_the_card_reads_without_a_style_sheet():
    """Labels are set off by more than their class: stripped of markup no two words run together."""
    bare = evidence(finding="Small led.", sensitivity="", more_needed="", null="none", unit="share")
    text = re.sub(r"<[^>]+>", "", card(bare).html())
    assert "supported with data to November 2018" in text
    assert "What we find Small led." in text
    assert re.search(r"<b [^>]*>What we find</b>", card(bare).html())


def test_a_refusal_is_a_card_with_its_reason():
    """No verdict, no numbers, the reason in their place."""
    refused = card(Finding.refused("Only 2 events; 3 are needed"))
    assert str(refused) == "a-claim: no verdict\nOnly 2 events; 3 are needed"
    assert "no verdict" in refused.html() and "<dl" not in refused.html()
    assert "Only 2 events" in refused.html()


OTHER = "horizon = 24 (registered: 12)"


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
    given = card(deviations=[OTHER])
    assert f"Not the registered specification: {OTHER}" in str(given)
    assert OTHER in given.html()
    record = given._repr_mimebundle_()[VERDICT_MIME]
    assert record["deviations"] == [OTHER]
    page = verdict_card(record, claim())
    assert "Not the registered specification" in page and "horizon = 24" in page
    plain = card()
    for text in (str(plain), plain.html(), verdict_card(plain.verdict.as_record(), claim())):
        assert "registered specification" not in text


def test_a_changed_specification_has_its_own_p_and_the_grid_s_joint_one():
    """The two are named apart, on the card and in the record."""
    found = evidence(p_value=0.2, joint_p=0.04)
    changed = card(found, deviations=[OTHER])
    assert "p-value of this specification: 0.20" in str(changed)
    assert "Joint p-value of the registered grid: 0.04" in str(changed)
    assert changed.verdict.as_record()["joint_p"] == 0.04
    assert "\np-value: 0.20" in str(card(found))


@pytest.mark.parametrize(
    ("p_value", "specifications", "said"),
    [(None, 3, True), (None, 1, False), (0.2, 3, False)],
)
def test_a_grid_of_arithmetic_says_why_it_has_no_joint_p(p_value, specifications, said):
    """A claim with a p-value of its own, or without alternatives, says nothing of the kind."""
    record = {"n": 1, "p_value": p_value, "specifications": specifications}
    shown = dict(facts_of(record)).get("Joint p-value of the registered grid", "")
    assert shown.startswith("none is needed") == said


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
    deviating = card(deviations=[OTHER]).verdict.as_record()
    with pytest.raises(InputError, match=r"'a-claim' was not judged .*horizon = 24"):
        update_ledger(empty, [deviating], known)
    assert len(update_ledger(empty, [card().verdict.as_record()], known)) == 1


def stored(*others):
    """A ledger with the p-values of other claims, by id: p and kind."""
    blank = {"data": "bundled", "as_of": "newest", "reason": "so"}
    rows = [{"claim": name, "p_value": p, "kind": kind} | blank for name, p, kind in others]
    return ledger_rows(rows, {name: None for name, *_ in others})


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        ((), "supported"),
        ((("b", 0.5, "direction"), ("c", 0.9, "figure")), "supported"),
        ((("b", 0.5, "core"),), "supported"),
        ((("b", 0.5, "core"), ("c", 0.9, "core")), "suggestive"),
        # its own stored p-value is not another claim's
        ((("a-claim", 0.02, "core"), ("b", 0.5, "core")), "supported"),
    ],
)
def test_a_chapter_judges_beside_the_stored_p_values_of_the_others(monkeypatch, others, verdict):
    """p = .02 of a core claim survives one other core claim and not two; other kinds are apart."""
    monkeypatch.setattr(chapters, "read_ledger", lambda: stored(*others))
    given = card(evidence(p_value=0.02))
    assert given.verdict.verdict == verdict
    assert f"*{verdict}*" in str(opened(evidence(p_value=0.02)).answer())
    why = "It holds by its own p-value, 0.02, and not by the one adjusted for all claims"
    assert (why in str(given)) is (why in given.html()) is (verdict == "suggestive")


def test_at_an_earlier_month_the_others_count_and_their_later_p_values_do_not(monkeypatch):
    """A p-value of the newest data is later than the month; how many others there are is not."""
    cut = replace(DATASET, cut_at=MONTHS[-1])
    monkeypatch.setattr(chapters, "read_ledger", lambda: stored(("b", 0.001, "core")))
    assert card(evidence(p_value=0.024), dataset=cut).verdict.p_adjusted == 0.048
    assert card(evidence(p_value=0.024)).verdict.p_adjusted == 0.024


def test_a_card_names_the_tables_it_read_and_the_mixture_it_rests_on():
    """Only what was read; the derived gap is named where it was, and nowhere else."""
    without, given = card(), card(read=("monthly", "valuation"))
    assert without.verdict.as_record()["reaches"] == {"monthly": "2018-11"}
    assert "mixture" not in str(without) + without.html()
    record = given.verdict.as_record()
    assert record["reaches"] == {"monthly": "2018-11", "valuation": "2018-06"}
    assert record["mixed"] == {"valuation": "202604"}
    for text in (str(given), given.html()):
        assert "One mixture of vintages" in text and "files of April 2026" in text
        assert "the yearly valuation gap to June 2018" in text


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"usable_in_time": False, "in_time": "Troughs are known a year late."},
         "Usable in time: No. Troughs are known a year late."),
        ({"usable_in_time": False, "in_time": "The cut is known before the window begins."},
         "The cut is known before the window begins, but the lead after it cannot be told"),
        ({"usable_in_time": True}, "Usable in time: Yes."),
        ({"luck": 0.625}, "By luck: 62.5% of comparable figures or dates would have matched."),
    ],
)  # fmt: skip
def test_what_stands_beside_a_verdict_is_said_in_words(found, said):
    """In time, and by luck; where a design says nothing of it, nothing stands there."""
    assert said in str(card(evidence(**found)))
    assert said.split(":")[0] not in str(card())


def test_an_amendment_is_folded_beside_the_criterion():
    """When, for which fault, what changed and why, and what the test said before."""
    one = {
        "date": "2026-11-26", "fault": "mistimed", "what": f"The month before. {EVIL}",
        "because": "The bill is known a month ahead.",
        "was": {"hash": "0123456789abcdef", "bundled": "supported", "latest": "no verdict"},
    }  # fmt: skip
    given = claim(amendments=(Amendment(**one),))
    page = Statement(given)._repr_html_()
    assert "<summary>Amended on 26 November 2026: mistimed</summary>" in page
    text = re.sub(r"<[^>]+>", "", page)
    assert "Because: The bill is known a month ahead. Before, the criterion 0123456789abc" in text
    assert "gave supported on the bundled data and no verdict on the latest." in text
    assert "<script" not in page
    twice = given.model_copy(update={"amendments": given.amendments * 2})
    assert "Amended 2 times, last on 26 November 2026" in Statement(twice)._repr_html_()
    assert "Amended" not in Statement(claim())._repr_html_()


def test_a_table_names_a_note_by_its_publisher():
    """A column of numbers of notes is read as publishers; words under that head stay."""
    chapter = open_chapter("figures", {})
    named = chapter.table(pd.DataFrame({"note": ["000", "002"], "figure": ["1", "2"]})).frame
    assert list(named["note"]) == ["AVANTAS Research", "AInvest"]
    words = chapter.table(pd.DataFrame({"note": ["left out: too late", ""]})).frame
    assert list(words["note"]) == ["left out: too late", ""]


def test_several_claims_stand_one_after_the_other():
    """Each as it stands alone."""
    chapter = open_chapter("figures", {})
    both = chapter.registered("discount-36", "fwd-pe-17")
    alone = [chapter.claim(name)._repr_html_() for name in ("discount-36", "fwd-pe-17")]
    assert both._repr_html_() == "".join(alone)


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        (("1967-04",), "One episode carries it: without 1967-04 it no longer holds."),
        (
            ("1967-04", "1975-01", "1998-09"),
            "Each of three episodes carries it: without 1967-04, 1975-01 or 1998-09 it no longer"
            " holds.",
        ),
    ],
)
def test_a_card_names_the_episode_that_carries_its_verdict(carried, said):
    """With the adjusted p-value where that too is no longer below 5%, and alone where it is."""
    record = card().verdict.as_record() | {"verdict": "suggestive", "carried_by": list(carried)}
    notes = dict(notes_of(record | {"p_value": 0.001, "p_adjusted": 0.01}))
    assert notes["Why no more than suggestive"] == said
    both = dict(notes_of(record | {"p_value": 0.04, "p_adjusted": 0.2}))
    assert both["Why no more than suggestive"] == (
        "It holds by its own p-value, 0.04, and not by the one adjusted for all claims tested,"
        f" 0.20. {said}"
    )


def test_a_card_says_how_often_the_smallest_effect_of_interest_is_seen():
    """Beside the power against what was claimed, with the effect and its reason."""
    effect = "two points a year (less does not pay)"
    record = card().verdict.as_record() | {"power": 0.56, "verdict": "supported"}
    alone = dict(notes_of(record))["Power"]
    assert alone.endswith("in which the claim is true this test supports it.")
    both = record | {"power_smallest": 0.12, "smallest_effect": effect}
    assert dict(notes_of(both))["Power"] == (
        "In 56 of 100 simulated histories in which the claim is true this test supports it, and in"
        f" 12 of 100 with the smallest effect of interest: {effect}."
    )
