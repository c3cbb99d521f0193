"""The front page: the sentence that answers, the pictures, the marks, the changes, the outlooks."""

import re

import pytest

from analysis.claims.chapters import Picture, load_chapters
from analysis.claims.documents import Claim
from analysis.claims.history import Change
from analysis.pages import front
from analysis.pages.axis import axis_of, picture_of
from analysis.pages.cards import verdict_card, verdict_text
from analysis.pages.changes import all_changes, moved_words, what_changed
from analysis.pages.headlines import second_line
from analysis.pages.leads import answer_words, lead_html
from analysis.pages.ledger_page import ledger_table
from analysis.pages.page_head import describe
from analysis.pages.records import Records
from analysis.pages.records import load_records as load
from analysis.results import InputError
from analysis.runs.book import ROOT

CENTRAL = ("first-cut-12m", "gap-precedes-outperf", "bofa-9-vs-1")


def claim(name, **changes):
    """A claim with the least it needs."""
    entry = {
        "id": name, "text": f"Claim <i>{name}</i> says so.", "documents": ("000",), "kind": "core",
        "chapter": "first_cut", "estimand": "the mean return", "design": "event_study",
        "needs": "bundled", "change_our_mind": "More events would.",
        "criterion": {"words": "Supported when p is below one in twenty."},
    }  # fmt: skip
    return Claim.model_validate(entry | changes)


def row(name, verdict="supported", data="latest", **changes):
    """A row with what the pages read."""
    blank = dict.fromkeys(
        ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "effective_n", "mde",
         "more_needed", "snapshot", "n")
    )  # fmt: skip
    month = "2026-04" if data == "latest" else "2018-11"
    return blank | {
        "claim": name, "data": data, "verdict": verdict, "seen_to": month, "as_of": "newest",
        "finding": f"Found {name}.", "reason": "Because.", "unit": "share", "measures": {},
        "vintages": {}, "criterion_hash": "", "sample_end": month,
    } | changes  # fmt: skip


def records(claims, rows, history=()):
    """Records of some claims and rows, without files."""

    class Held(Records):
        @property
        def claims(self):
            return {one.id: one for one in claims}

    return Held((), {(one["claim"], one["data"]): one for one in rows}, (), tuple(history))


def nowhere(chapter, name):
    return None


def somewhere(chapter, name):
    return f"{chapter}.html#verdict-{name}"


def text(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (("supported",) * 3,
         "Three of the three main arguments for US small caps hold up on data to April 2026."),
        (("supported", "contradicted", "contradicted"),
         "One of the three main arguments for US small caps holds up on data to April 2026: two are"
         " contradicted."),
        (("suggestive", "not distinguishable", "true but uninformative"),
         "None of the three main arguments for US small caps holds up on data to April 2026: one"
         " points that way without proof, one is just as true at any other time, one cannot be told"
         " from chance."),
        ((None, None, None),
         "None of the three main arguments for US small caps holds up: three have no verdict yet."),
    ],
)  # fmt: skip
def test_the_first_sentence_counts_what_holds(verdicts, said):
    """Every verdict of a central claim is in it, with the month of the newest data."""
    rows = [row(name, verdict) for name, verdict in zip(CENTRAL, verdicts, strict=True)]
    assert text(front.lead(records([claim(name) for name in CENTRAL], rows))) == said


def test_the_picture_holds_what_was_claimed_found_and_usual():
    """Places are measures, arguments, columns, numbers and other claims' measures; all scaled."""
    shape = Picture(
        line="Found {found} in {interval}, usual {base}, claimed {claimed}.", axis="lead a year",
        unit="share", scale=0.5, found="lead", low="ci_low", high=0.4,
        base="other.usual", base_words="any year", claimed="claimed_gap", claimed_words="the bank",
    )  # fmt: skip
    about = claim("a-one", arguments={"claimed_gap": 0.16})
    run = row("a-one", measures={"lead": 0.094}, ci_low=-0.052)
    held = records([about, claim("other")], [run, row("other", measures={"usual": 0.006})])
    axis = axis_of(shape, held, about, run)
    assert axis.line == "Found 4.7% in −2.6% to 20%, usual 0.3%, claimed 8%."
    html = picture_of(axis)
    assert "lead a year: claimed: the bank 8%; found 4.7% (−2.6% to 20%); any year 0.3%" in html
    left = {
        name: float(re.search(rf'sc-at-{name}" style="left:([\d.]+)%', html)[1])
        for name in ("found", "base", "claimed")
    }
    assert 0 < left["base"] < left["found"] < left["claimed"] < 100
    # the axis spans −2.6% to 20% and a little room: 8% lies at (8 + 2.6 + r) / (22.6 + 2 r)
    room = 0.226 * 0.06
    assert left["claimed"] == pytest.approx(100 * (0.106 + room) / (0.226 + 2 * room), abs=0.1)


def test_a_direction_is_a_band_and_a_missing_end_is_open():
    """More than usual is claimed: the band begins at the usual; an interval without an end."""
    shape = Picture(
        line="Found {found}, {interval}.", axis="share of years", unit="share", found="won",
        low="won_low", high="won_high", base="usual", base_words="any year", claimed="usual",
        claimed_words="more often", claims="more",
    )  # fmt: skip
    about = claim("a-one")
    run = row("a-one", measures={"won": 0.6, "won_high": 0.84, "usual": 0.54})
    axis = axis_of(shape, records([about], [run]), about, run)
    assert axis.line == "Found 60%, up to 84%."
    html = picture_of(axis)
    zone, base = (
        re.search(rf'{name}" style="left:([\d.]+)%', html)[1] for name in ("sc-zone", "sc-at-base")
    )
    assert zone == base and 'sc-range" style="left:0%' in html and "sc-at-claimed" not in html
    del run["measures"]["won"]
    assert axis_of(shape, records([about], [run]), about, run) is None


def test_a_central_answer_without_its_numbers_falls_back_to_the_finding():
    """A run that was refused has no picture; its reason stands there."""
    rows = [row(CENTRAL[0], None, finding="", reason="Too few cuts.")]
    page = front.board(records([claim(CENTRAL[0])], rows), somewhere)
    assert "Too few cuts." in text(page) and "sc-axis" not in page
    assert "not run" in text(page)


def test_the_pictures_of_the_book_find_their_numbers_in_its_ledger():
    """Every place named in chapters.yml is held by the row that heads the central claim."""
    held = load(ROOT)
    for name, entry in front.central().items():
        about = held.claims[entry.central_claim]
        run = held.row(about.id, "bundled")
        axis = axis_of(entry.picture, held, about, run)
        assert axis is not None, name
        assert None not in (axis.low, axis.high, axis.base, axis.claimed), name
        assert "{" not in axis.line and "none" not in axis.line


def test_the_pictures_of_other_chapters_find_their_numbers_too():
    """By the newest run of the claim that leads; their line answers the chapter's question."""
    held = load(ROOT)
    drawn = {name: one for name, one in load_chapters().items() if one.lead and one.picture}
    assert drawn
    for name, entry in drawn.items():
        about = held.claims[entry.lead.claim]
        axis = axis_of(entry.picture, held, about, held.row(about.id))
        assert axis is not None and None not in (axis.low, axis.high, axis.base, axis.claimed), name
        assert answer_words(name, held) == axis.line
        assert picture_of(axis) in lead_html(name, held)


def test_a_picture_belongs_to_a_question(tmp_path):
    """A chapter without a question has nothing to draw on the front page."""
    path = tmp_path / "chapters.yml"
    path.write_text(
        "one:\n  title: One\n  part: Part\n  picture: {line: Found it all, axis: lead, unit: share,"
        " found: 1, low: 0, high: 2, base: 0, base_words: none, claimed: 1, claimed_words: all}\n"
    )
    with pytest.raises(InputError, match="a picture answers a question"):
        load_chapters(path)


def test_the_strip_has_a_linked_mark_for_every_claim():
    """Grouped by verdict, each mark with the claim's words; a claim never run is there too."""
    names = ("a-one", "b-two", "c-three")
    rows = [row("a-one"), row("b-two", "contradicted")]
    page = front.strip(records([claim(name) for name in names], rows), somewhere)
    marks = re.findall(r'<a class="sc-mark sc-([a-z-]+)" title="([^"]*)" href="([^"]*)"', page)
    assert [(kind, href) for kind, _, href in marks] == [
        ("supported", "first_cut.html#verdict-a-one"),
        ("contradicted", "first_cut.html#verdict-b-two"),
        ("not-run", "first_cut.html#verdict-c-three"),
    ]
    assert marks[0][1] == "supported: Claim &lt;i&gt;a-one&lt;/i&gt; says so."
    assert "<i>" not in page
    assert "<a" not in front.strip(records([claim("a-one")], rows), nowhere)


AMENDMENTS = [
    {"date": "2026-11-26", "fault": fault, "what": "Something else.", "because": "It was wrong.",
     "was": {"hash": digits * 4, "bundled": bundled, "latest": "supported"}}
    for fault, digits, bundled in (
        ("mistimed", "0123", "supported"), ("powerless", "4567", "no verdict")
    )
]  # fmt: skip


def test_an_amendment_that_moved_a_verdict_is_a_change():
    """Corrections of one day are one change; a row of another criterion says nothing."""
    amended = claim("a-one", amendments=AMENDMENTS)
    mine = {"criterion_hash": amended.criterion_hash}
    rows = [row("a-one", "contradicted", "bundled", **mine), row("a-one", **mine)]
    [one] = all_changes(records([amended], rows))
    assert one == Change(
        "2026-11-26", "a-one", "bundled", "supported", "contradicted", "test: mistimed, powerless"
    )
    stale = [row("a-one", "contradicted", "bundled", criterion_hash="other")]
    assert all_changes(records([amended], stale)) == []


def test_what_changed_last_is_told_with_what_moved_it():
    """Only the last day; core claims and the newest data first; the rest is folded."""
    days = ("2026-10-01", "2026-12-02")
    history = [
        Change(day, f"c-{n}", data, "supported", "contradicted", moved)
        for day in days
        for n, data, moved in ((1, "bundled", "method"), (2, "latest", "data"))
    ]
    claims = [claim("c-1", kind="direction"), claim("c-2")]
    held = records(claims, [], [*history, Change("2027-01-01", "gone", "latest", "a", "b", "data")])
    said = text(what_changed(held, somewhere))
    assert said.startswith("On 2 December 2026, 2 verdicts changed.")
    assert said.index("c-2") < said.index("c-1")
    assert "On the newest data, by newer data." in said
    assert "by a changed method." in said and "October" not in said and "gone" not in said
    corrected = Change("", "", "", "", "", "test: not run")
    assert moved_words(corrected) == "a corrected test (the old one had not been run before)"
    assert what_changed(records(claims, []), nowhere) == ""


def test_an_open_outlook_is_called_open_and_not_without_a_verdict():
    """In the strip, the ledger, its card and its description; what was merely refused is not."""
    told = [claim(f"o-{n}").model_copy(update={"kind": "outlook"}) for n in range(2)]
    opened = row("o-0", None, open_until="2027-01-20", reason="open until 20 January 2027.")
    kept = records(told, [opened, row("o-1", None, reason="refused")])
    strip = text(front.strip(kept, nowhere))
    assert "… open 1" in strip and "· no verdict 1" in strip
    table = ledger_table(kept, nowhere)
    assert 'sc-open"><span aria-hidden="true">…</span> open until January 2027</span>' in table
    assert 'data-verdict="open"' in table and '<option value="open">open</option>' in table
    assert "open until January 2027" in verdict_card(opened, told[0])
    assert verdict_text(opened).startswith("o-0: open until January 2027")
    assert describe(kept, told[0]).startswith("Open until January 2027: ")
    assert describe(kept, told[1]).startswith("No verdict: ")
    other = opened | {"data": "bundled"}
    assert second_line(opened, other).endswith("leave it open as well.")


def test_outlooks_are_counted_when_there_are_any():
    """Those whose day has passed came true or not; without the kind nothing is shown."""
    assert front.outlooks(records([claim("a-one")], [row("a-one")]), nowhere) == ""
    told = [claim(f"o-{n}").model_copy(update={"kind": "outlook"}) for n in range(3)]
    rows = [row("o-0"), row("o-1", "contradicted"), row("o-2", None, open_until="2027-01-20")]
    said = text(front.outlooks(records(told, rows), nowhere))
    assert said.startswith(
        "Of 3 outlooks in the notes 1 of the 2 whose day has passed came true; 1 is still open."
    )
    rows[0] = row("o-0", "true but uninformative")
    said = text(front.outlooks(records(told[:1], rows), nowhere))
    assert "the only one whose day has passed came true, but not beyond luck. " in said
    said = text(front.outlooks(records(told[2:], []), nowhere))
    assert said == "Of 1 outlook in the notes none can be judged yet."
