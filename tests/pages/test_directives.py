"""The board, the ledger table and the directives, on claims and rows made for the test."""

import csv
import io
import re
import textwrap
from pathlib import Path

import pytest
import yaml

from analysis.claims import load_claims
from analysis.claims.chapters import load_chapters
from analysis.claims.ledger import COLUMNS
from analysis.claims.verdicts import VERDICTS
from analysis.pages import boards, directives, front, ledger_page
from analysis.pages.cards import chip
from analysis.pages.records import load_records
from analysis.results import InputError

EVIL = "<script>alert(1)</script> & <b>bold</b>"


def _claim(name, **changes):
    entry = {
        "id": name,
        "text": f"Claim {name} says something.",
        "documents": ["000"],
        "kind": "core",
        "chapter": "first_cut",
        "estimand": "the mean return after the event",
        "design": "event_study",
        "needs": "bundled",
        "criterion": {
            "words": "Supported when p is below one in twenty.",
            "supported": [{"measure": "p", "op": "<", "value": 0.05}],
        },
        "change_our_mind": "More events would.",
    }
    return entry | changes


def _row(claim, data="bundled", **changes):
    row = dict.fromkeys(COLUMNS, "") | {"claim": claim, "data": data, "as_of": "newest"}
    row |= {"seen_to": "2018-11"}
    row |= {"verdict": "supported", "finding": f"Finding on {claim}.", "measures": '{"p": 0.0312}'}
    row |= {"estimate": "0.021", "unit": "decimal return per year", "ci_low": "-0.01"}
    row |= {"ci_high": "0.05", "p_value": "0.0004", "n": "14", "effective_n": "9.5"}
    return row | changes


def _project(folder, claims, rows, columns=COLUMNS):
    (folder / "data" / "claims").mkdir(parents=True)
    document = {"id": "000", "title": "T", "publisher": "P", "date": "2026", "claims": claims}
    text = yaml.safe_dump(document, allow_unicode=True)
    (folder / "data" / "claims" / "000.yml").write_text(text, encoding="utf-8")
    if rows is not None:
        out = io.StringIO()
        writer = csv.DictWriter(out, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        (folder / "data" / "ledger.csv").write_text(out.getvalue(), encoding="utf-8")
    return load_records(folder)


def _nowhere(chapter, claim):
    return None


def _somewhere(chapter, claim):
    return f"../notebooks/{chapter}.html#verdict-{claim}"


def _text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_claim_without_a_row_is_shown_as_not_run(tmp_path):
    """Nothing is skipped silently: a claim that was never run stands on board and ledger."""
    records = _project(tmp_path, [_claim("first-cut-12m")], None)
    for html in (
        front.board(records, _nowhere),
        boards.chapters(records, _nowhere),
        ledger_page.ledger_table(records, _nowhere),
        boards.summary(records),
    ):
        assert "not run" in _text(html)


def test_the_board_answers_before_it_quotes(tmp_path):
    """The first thing under a question is the verdict and the finding, then the claim."""
    records = _project(tmp_path, [_claim("first-cut-12m")], [_row("first-cut-12m")])
    text = _text(front.board(records, _somewhere))
    order = [
        text.index(part)
        for part in ("Do small caps win", "supported", "Finding on", "Claim first-cut-12m")
    ]
    assert order == sorted(order)
    assert "2.1% per year" in text
    assert "95% interval −1.0% to 5.0% per year" in text
    assert "p&nbsp;&lt;&nbsp;0.001" in text


def test_html_in_claim_and_ledger_is_shown_as_text(tmp_path):
    """Markup in any text of claim file or ledger reaches the reader as characters."""
    claim = _claim(
        "first-cut-12m",
        text=EVIL + " long enough",
        criterion=_claim("x")["criterion"] | {"words": EVIL + " more words here"},
    )
    texts = ("finding", "reason", "null", "more_needed", "as_of", "snapshot", "verdict", "unit")
    row = _row("first-cut-12m", **dict.fromkeys(texts, EVIL), criterion_hash=EVIL, mde="1")
    records = _project(tmp_path, [claim], [row])
    pieces = (
        front.board(records, _somewhere),
        boards.chapters(records, _somewhere),
        ledger_page.ledger_table(records, _somewhere),
        boards.criteria_by_chapter(records),
        boards.summary(records),
    )
    for html in pieces:
        assert "<script" not in html
        assert "<b>bold" not in html
    assert all("&lt;script&gt;" in html for html in pieces[:4])


def test_the_verdict_of_the_newest_data_speaks(tmp_path):
    """Latest before bundled, an asked month before both; a refused run only where none judged."""
    rows = [
        _row("a-one"),
        _row("a-one", "latest", verdict="contradicted", seen_to="2026-04"),
        _row("b-two", verdict="", reason="needs latest data"),
        _row("b-two", "latest", snapshot="2026-10-03", seen_to="2026-04"),
        _row("c-three", verdict=""),
        _row("c-three", "latest", verdict="", seen_to="2026-04"),
        _row("d-four"),
        _row("d-four", "latest", verdict="", seen_to="2026-04"),
        _row("e-five", as_of="2007-12", seen_to="2007-12"),
        _row("e-five", "latest", seen_to="2026-04"),
    ]
    names = ("a-one", "b-two", "c-three", "d-four", "e-five", "f-six")
    records = _project(tmp_path, [_claim(n) for n in names], rows)
    spoken = [records.row(name) and records.row(name)["data"] for name in names]
    assert spoken == ["latest", "latest", "latest", "bundled", "bundled", None]
    assert [records.other(n) and records.other(n)["data"] for n in names] == [
        "bundled", "bundled", "bundled", "latest", "latest", None
    ]  # fmt: skip
    assert records.row("a-one", "bundled")["verdict"] == "supported"


def test_the_ledger_table_has_a_line_for_every_claim_with_what_the_filter_needs(tmp_path):
    """The filter reads data attributes; the table stands without it and its form is hidden."""
    names = ("a-one", "b-two", "c-three", "d-four")
    claims = [_claim(name, chapter="breadth", documents=["000", "004"]) for name in names]
    rows = [
        _row("a-one"),
        _row("a-one", "latest", verdict="contradicted", seen_to="2026-04"),
        _row("b-two"),
        _row("b-two", "latest", seen_to="2026-04"),
        _row("c-three", verdict=""),
        _row("c-three", "latest", seen_to="2026-04"),
    ]
    html = ledger_page.ledger_table(_project(tmp_path, claims, rows), _somewhere)
    assert html.count('<tr id="claim-') == len(names)
    marks = re.findall(r'data-verdict="([^"]*)" data-kind="core" data-runs="([^"]*)"', html)
    assert marks == [
        ("contradicted", "disagree"),
        ("supported", "agree"),
        ("supported", "one verdict"),
        ("not run", "no verdict"),
    ]
    assert re.findall(r'data-place="(\d)"', html) == ["0", "1", "2", "3"]
    assert 'data-document="000 004" data-chapter="breadth"' in html
    assert '<form class="sc-filter" hidden' in html


def test_both_runs_stand_folded_under_their_claim_with_their_numbers(tmp_path):
    """The newest first with finding, estimate, p and n; the other under one sentence."""
    named = {"snapshot": "2026-10-03-abc"}
    named["vintages"] = '{"french/One": "202412", "french/Two": "202604", "french/A": "202604"}'
    rows = [
        _row("a-one", p_adjusted="0.002"),
        _row("a-one", "latest", seen_to="2026-04", verdict="contradicted", **named),
    ]
    html = ledger_page.ledger_table(_project(tmp_path, [_claim("a-one")], rows), _nowhere)
    [folded] = re.findall(r"<details><summary>What was found</summary>(.*)</details></td>", html)
    newest, name, other = _text(folded).partition("The data that ship with the project")
    assert newest.startswith("Finding on a-one. 2.1% per year, −1.0% to 5.0%")
    assert "with data to April 2026" in newest
    assert name and other.startswith(", to November 2018, say otherwise")
    [shown] = re.findall(r'<td data-label="Verdict">(.*?)</td>', html)
    assert _text(shown) == "✗ contradicted April 2026"
    assert "p &lt; 0.001 (0.002) · n 14 (9.5) with data to November 2018" in other
    listed = "December 2024: french/One; April 2026: french/A, french/Two"
    assert f"<li>2026-10-03-abc: {listed}</li>" in html


def test_a_criterion_changed_after_the_run_shows(tmp_path):
    """The hash of the row is compared with the hash of the file."""
    claim = _claim("a-one")
    records = _project(tmp_path, [claim], [_row("a-one", criterion_hash="0" * 16)])
    assert "criterion changed since this run" in ledger_page.ledger_table(records, _nowhere)
    right = records.claims["a-one"].criterion_hash
    fresh = _project(tmp_path / "fresh", [claim], [_row("a-one", criterion_hash=right)])
    assert "criterion changed" not in ledger_page.ledger_table(fresh, _nowhere)


def test_the_summary_counts_every_claim_once(tmp_path):
    """Two runs of one claim are one verdict on the strip."""
    rows = [_row("a-one"), _row("a-one", "latest", verdict="contradicted", seen_to="2026-04")]
    records = _project(tmp_path, [_claim("a-one"), _claim("b-two")], rows)
    assert _text(boards.summary(records)) == (
        "2 claims from one research note, each by its verdict on the newest data, to April 2026"
        " ✗ contradicted 1 · not run 1"
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("estimate", "2.1% per year"),
        ("interval", "−1.0% to 5.0% per year"),
        ("p_value", "< 0.001"),
        ("effective_n", "9.5"),
        ("verdict", "supported"),
        ("measures.p", "0.0312"),
        ("kind", "core"),
    ],
)
def test_a_number_in_prose_comes_from_the_ledger(tmp_path, field, text):
    """The role gives the same words as the board."""
    records = _project(tmp_path, [_claim("a-one")], [_row("a-one")])
    assert boards.cell(records, "a-one", field) == text


def test_a_wrong_claim_or_field_in_prose_is_an_error(tmp_path):
    """A typing mistake must break the build, and a claim that was not run must say so."""
    records = _project(tmp_path, [_claim("a-one"), _claim("b-two")], [_row("a-one")])
    for words in (("nobody", "estimate"), ("a-one", "estimates"), ("a-one", "measures.q")):
        with pytest.raises(KeyError):
            boards.cell(records, *words)
    assert boards.cell(records, "b-two", "estimate") == "not run"


def test_a_ledger_without_a_column_or_with_a_word_for_a_number_is_refused(tmp_path):
    """The error names the file and what is wrong."""
    columns = [name for name in COLUMNS if name != "mde"]
    with pytest.raises(InputError, match=r"ledger\.csv: .*\(lacking: mde\)"):
        _project(tmp_path / "one", [_claim("a-one")], [_row("a-one")], columns)
    with pytest.raises(InputError, match=r"'a-one', column p_value: 'tiny'"):
        _project(tmp_path / "two", [_claim("a-one")], [_row("a-one", p_value="tiny")])
    with pytest.raises(InputError, match=r"'a-one', column conditions: '\{' is no JSON"):
        _project(tmp_path / "three", [_claim("a-one")], [_row("a-one", conditions="{")])


@pytest.mark.parametrize("verdict", [*VERDICTS, None, "not run"])
def test_a_chip_says_its_verdict_in_words_and_by_a_sign(verdict):
    """Colour alone never carries a verdict; every class has its rule in the style sheet."""
    html = chip(verdict)
    css = (Path(directives.__file__).parents[2] / directives.STATIC / "smallcap.css").read_text(
        "utf-8"
    )
    assert (verdict or "no verdict") in html
    kind = re.search(r'class="sc-chip (sc-[a-z-]+)"', html).group(1)
    assert kind == "sc-not-distinguishable" or f".sc-chip.{kind}" in css


def test_all_central_claims_exist():
    """A central question is answered by a claim of its chapter."""
    claims = load_claims()
    central = {name: one.central_claim for name, one in load_chapters().items() if one.question}
    assert central and all(claims[claim].chapter == name for name, claim in central.items())


def test_the_extension_names_only_files_that_exist():
    """Style sheet and scripts that Sphinx is told of are in the static folder."""
    folder = Path(directives.__file__).parents[2] / directives.STATIC
    assert all((folder / name).is_file() for name in (*directives._STYLES, *directives._SCRIPTS))


def test_the_directives_of_the_book_are_all_known():
    """Every directive a page uses is registered here or is MyST's own."""
    book = Path(directives.__file__).parents[2] / "book"
    used = {
        name
        for path in book.glob("*.md")
        for name in re.findall(r"^```\{([a-z-]+)\}", path.read_text("utf-8"), re.MULTILINE)
    }
    assert used - {"bibliography", "eval-rst", "math"} <= set(directives._DIRECTIVES)
    assert textwrap.dedent(directives.__doc__).count("``{") == len(directives._DIRECTIVES) + 2


AMENDMENT = {
    "date": "2026-11-26", "fault": "knife edge", "what": f"Ten months, not twelve. {EVIL}",
    "because": "Twelve lay within rounding.",
    "was": {"hash": "0123456789abcdef", "bundled": "supported", "latest": "contradicted"},
}  # fmt: skip


def test_amendments_are_folded_on_the_ledger_page_and_beside_the_criteria(tmp_path):
    """Each amended claim says so, with fault, old hash and old verdicts; others say nothing."""
    claims = [_claim("a-one", amendments=[AMENDMENT]), _claim("a-two")]
    records = _project(tmp_path, claims, [_row("a-one"), _row("a-two")])
    for page in (ledger_page.ledger_table(records, _nowhere), boards.criteria_by_chapter(records)):
        assert page.count('<details class="sc-amendments">') == 1
        said = _text(page)
        assert "Amended on 26 November 2026: knife edge" in said
        assert "Before, the criterion 0123456789abcdef gave supported on the bundled data" in said
        assert "contradicted on the latest." in said and "<script" not in page


def test_a_suggestive_verdict_stands_on_the_board_with_both_p_values(tmp_path):
    """The chip, and the adjusted p beside the claim's own."""
    row = _row("first-cut-12m", verdict="suggestive", p_value="0.02", p_adjusted="0.16")
    records = _project(tmp_path, [_claim("first-cut-12m")], [row])
    page = front.board(records, _somewhere)
    assert "sc-edge-suggestive" in page and "suggestive" in _text(page)
    assert "(0.16 across the claims)" in _text(page)
