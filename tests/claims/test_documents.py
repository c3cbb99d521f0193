"""The claims as data: complete, strict, and hashed by what decides their test."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.claims import CLAIMS_FOLDER, Claim, load_claims, load_documents
from analysis.claims.chapters import chapter_names
from analysis.claims.documents import SHARED_CRITERIA
from analysis.results import InputError

CLAIMS = load_claims()
TESTED = [claim for claim in CLAIMS.values() if not claim.untestable]
CRITERIA = yaml.safe_load((CLAIMS_FOLDER.parent / SHARED_CRITERIA).read_text(encoding="utf-8"))
DOCUMENT = yaml.safe_load((CLAIMS_FOLDER / "001.yml").read_text(encoding="utf-8"))


def _raw() -> dict[str, Any]:
    """A real document cut down to one claim with its criterion, as plain values of its own."""
    raw = copy.deepcopy(DOCUMENT)
    (claim,) = (entry for entry in raw["claims"] if entry["id"] == "first-cut-12m")
    claim["criterion"] = copy.deepcopy(CRITERIA[claim["criterion"]])
    return raw | {"claims": [claim]}


def _write(folder: Path, raw: dict[str, Any], name: str = "001.yml", **style: Any) -> Path:
    (folder / name).write_text(yaml.safe_dump(raw, allow_unicode=True, **style), encoding="utf-8")
    return folder


def _hash(folder: Path, raw: dict[str, Any], **style: Any) -> str:
    (claim,) = load_claims(_write(folder, raw, **style)).values()
    return claim.criterion_hash


def test_every_chapter_has_its_claims() -> None:
    """No chapter that judges claims is without one, and none is judged nowhere."""
    assert {claim.chapter for claim in CLAIMS.values()} == set(chapter_names())


def test_core_claims_are_those_of_the_project() -> None:
    """The claims that Holm's correction covers are named, so that none slips in or out."""
    assert {claim.id for claim in CLAIMS.values() if claim.kind == "core"} == {
        "gap-precedes-outperf",
        "early-cycle",
        "bofa-9-vs-1",
        "first-cut-12m",
        "first-cut-recession-60",
        "premium-vanished",
        "cheap-stays-cheap",
        "streak-11",
        "gaps-close",
        "enough-time",
    }


def test_documents_resolve() -> None:
    """Every claim stands in the file of its first document and names only documents there are."""
    documents = load_documents()
    known = {document.id for document in documents}
    for document in documents:
        for claim in document.claims:
            assert claim.documents[0] == document.id, claim.id
            assert set(claim.documents) <= known, claim.id
            assert list(claim.documents) == sorted(set(claim.documents)), claim.id


def test_file_is_named_after_its_document() -> None:
    """000.yml holds document 000."""
    names = {path.stem for path in CLAIMS_FOLDER.glob("*.yml")}
    assert names == {document.id for document in load_documents()}


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.id)
def test_tested_claim_has_conditions_and_settings(claim: Claim) -> None:
    """A claim with a test says what it needs, how it is run first, and when it is supported."""
    assert claim.needs in {"bundled", "latest"}
    assert claim.primary
    vague = claim.outlook is not None and claim.outlook.direction == "none"
    assert bool(claim.criterion.supported) is not vague
    decided = claim.criterion.contradicted or claim.criterion.otherwise != "not distinguishable"
    assert decided or vague


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.id)
def test_words_define_every_measure(claim: Claim) -> None:
    """Each measure a condition names is explained, in backticks, in the criterion's words."""
    explained = set(re.findall(r"`([a-z][a-z0-9_]*)`", claim.criterion.words))
    assert claim.criterion.measures() <= explained


def test_words_end_as_sentences() -> None:
    """What a reader sees is finished prose without leftovers of a template."""
    for claim in CLAIMS.values():
        for text in (claim.text, claim.estimand, claim.criterion.words, claim.change_our_mind):
            assert text.endswith("."), claim.id
            assert not re.search(r"[A-Z]+_[A-Z]+|TODO|\{|\}", text), claim.id


def test_untestable_claim_says_who_could_settle_it() -> None:
    """Where no open data settle a claim, the file says which would, and no condition stands."""
    untestable = [claim for claim in CLAIMS.values() if claim.untestable]
    assert len(untestable) + len(TESTED) == len(CLAIMS)
    for claim in untestable:
        assert claim.needs == "none", claim.id
        assert claim.settled_by, claim.id


@pytest.mark.parametrize(
    ("claim", "condition"),
    [("first-cut-12m", "lead_p < 0.05"), ("first-cut-recession-60", "win_rate_p < 0.05")],
)
def test_first_cut_rules_ask_for_one_test_and_keep_the_three_before_it(
    claim: str, condition: str
) -> None:
    """The amended rules are decided by one p-value; what they replaced is still recorded."""
    conditions = {str(c) for c in CLAIMS[claim].criterion.supported}
    assert condition in conditions
    assert not conditions & {"joint_shift_p < 0.05", "stratified_p < 0.1"}
    assert CLAIMS[claim].amendments


#: Claims whose test had a fault that was named, and the fault.
AMENDED = {
    "rate-sensitive": "mistimed",
    "floating-debt-benefit": "mistimed",
    "gap-precedes-outperf": "not run",
    "cheap-stays-cheap": "knife edge",
    "early-cycle": "wrong sentence",
    "barbell": "wrong sentence",
    "first-cut-12m": "powerless",
    "first-cut-recession-60": "powerless",
    "bofa-9-vs-1": "powerless",
    "premium-vanished": "powerless",
    "decade-130": "guessed date",
    "jan-58-12": "guessed date",
    "ytd-8-2026": "guessed date",
    "rally-50": "wrong sentence",
    "since-2022-55-98": "guessed date",
    "widest-since-1999": "guessed date",
    "iwm-aug25": "unlike definitions",
    "growth-2024-sp500": "unlike definitions",
    "gap-fwd-pe-jan26": "unlike definitions",
    "gap-trailing-pe-jan26": "unlike definitions",
    "pe-136-172": "unlike definitions",
    "pe-16-217": "unlike definitions",
    "pe-18-26": "unlike definitions",
    "pe-181-223-19": "unlike definitions",
    "fwd-pe-17": "unlike definitions",
    "rel-pe-072": "unlike definitions",
    "discount-36": "unlike definitions",
    "small-value-leads": "wrong sentence",
    "value-tilt": "wrong sentence",
    "dispersion-wide": "wrong sentence",
    "breadth-helps-small": "wrong sentence",
    "sectors-lead": "wrong sentence",
    "structural-decline": "ill-defined measure",
    "widest-soft-landing": "wrong sentence",
    "credit-gate": "wrong sentence",
    "avuv-vs-peers": "wrong sentence",
    "best-january-decade": "wrong sentence",
    "interest-2pp": "knife edge",
    "dollar": "wrong sentence",
}


@pytest.mark.parametrize(("claim", "fault"), AMENDED.items())
def test_a_corrected_test_keeps_the_fault_the_old_hash_and_the_old_verdict(
    claim: str, fault: str
) -> None:
    """No correction is lost: its fault, what the test was, and what it said on both data sets."""
    [one] = [one for one in CLAIMS[claim].amendments if one.fault == fault]
    assert one.was.hash != CLAIMS[claim].criterion_hash
    assert one.was.bundled and one.was.latest and one.because and one.what


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.criterion.each_episode])
def test_a_rule_that_asks_of_each_episode_says_so_in_words_and_as_an_amendment(
    claim: Claim,
) -> None:
    """An amendment is that one; the words name what supported becomes."""
    assert "one episode" in [one.fault for one in claim.amendments]
    assert "suggestive" in claim.criterion.words


def test_no_criterion_speaks_a_private_language() -> None:
    """What stands beside the market is controlled for it, in the words of the field."""
    assert [one.id for one in CLAIMS.values() if "beside the market" in one.criterion.words] == []


def test_an_amendment_of_words_leaves_the_test_as_it_was() -> None:
    """With the old words in place the hash is the one that the amendment names."""
    claim = CLAIMS["floating-debt-benefit"]
    [amended] = [one for one in claim.amendments if one.fault == "unclear words"]
    old = claim.criterion.words.replace("controlling for the market", "beside the market")
    former = claim.model_copy(
        update={"criterion": claim.criterion.model_copy(update={"words": old})}
    )
    assert former.criterion_hash == amended.was.hash != claim.criterion_hash


def test_equivalence_margin_is_the_same_in_words_and_settings() -> None:
    """The margin of two points a year stands in the settings and in the prose."""
    claim = CLAIMS["premium-vanished"]
    assert claim.primary["margin"] == 0.02
    assert "2%" in claim.criterion.words


@pytest.mark.parametrize(
    "style",
    [{"sort_keys": True}, {"sort_keys": False, "width": 40}, {"default_flow_style": True}],
    ids=["sorted", "narrow", "flow"],
)
def test_hash_ignores_formatting(tmp_path: Path, style: dict[str, Any]) -> None:
    """Key order, line width and flow style leave the hash alone."""
    raw = _raw()
    assert _hash(tmp_path, raw, **style) == CLAIMS["first-cut-12m"].criterion_hash


def test_hash_ignores_comments_and_wording(tmp_path: Path) -> None:
    """Comments, the claim's wording, and 12 written as 12.0 leave the hash alone."""
    raw = _raw()
    raw["claims"][0]["text"] = "Small beats large in the year after a first cut."
    raw["claims"][0]["arguments"]["horizon"] = 12.0
    _write(tmp_path, raw)
    path = tmp_path / "001.yml"
    path.write_text("# a comment\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    (claim,) = load_claims(tmp_path).values()
    assert claim.criterion_hash == CLAIMS["first-cut-12m"].criterion_hash


def _change_threshold(claim: dict[str, Any]) -> None:
    claim["criterion"]["supported"][0]["value"] = 0.06


def _change_operator(claim: dict[str, Any]) -> None:
    claim["criterion"]["supported"][0]["op"] = ">"


def _change_setting(claim: dict[str, Any]) -> None:
    claim["arguments"]["horizon"] = 24


def _change_grid(claim: dict[str, Any]) -> None:
    claim["grid"]["horizon"] = [12]


def _change_words(claim: dict[str, Any]) -> None:
    claim["criterion"]["words"] += " Unless we like it better otherwise."


def _change_default(claim: dict[str, Any]) -> None:
    claim["criterion"]["otherwise"] = "supported"


@pytest.mark.parametrize(
    "change",
    [
        _change_threshold,
        _change_operator,
        _change_setting,
        _change_grid,
        _change_words,
        _change_default,
    ],
)
def test_hash_shows_a_changed_test(tmp_path: Path, change: Any) -> None:
    """A moved threshold, operator, setting, grid, rule in words or default changes the hash."""
    raw = _raw()
    change(raw["claims"][0])
    assert _hash(tmp_path, raw) != CLAIMS["first-cut-12m"].criterion_hash


def test_hashes_differ_between_claims() -> None:
    """No two claims share a hash."""
    assert len({claim.criterion_hash for claim in CLAIMS.values()}) == len(CLAIMS)


def _drop_estimand(claim: dict[str, Any]) -> None:
    del claim["estimand"]


def _bad_operator(claim: dict[str, Any]) -> None:
    claim["criterion"]["supported"][0]["op"] = "about"


def _bad_chapter(claim: dict[str, Any]) -> None:
    claim["chapter"] = "astrology"


def _bad_measure(claim: dict[str, Any]) -> None:
    claim["criterion"]["supported"][0]["measure"] = "Win Rate"


def _unknown_field(claim: dict[str, Any]) -> None:
    claim["verdict"] = "supported"


def _nothing_would_settle(claim: dict[str, Any]) -> None:
    claim["needs"] = "none"
    claim["criterion"] = {"words": claim["criterion"]["words"]}


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_drop_estimand, "field estimand"),
        (_bad_operator, "field criterion.supported.0.op"),
        (_bad_chapter, "field chapter"),
        (_bad_measure, "field criterion.supported.0.measure"),
        (_unknown_field, "field verdict"),
        (_nothing_would_settle, "settled_by"),
    ],
)
def test_error_names_file_claim_and_field(tmp_path: Path, spoil: Any, named: str) -> None:
    """A spoilt claim is refused by file, claim and field."""
    raw = _raw()
    spoil(raw["claims"][0])
    with pytest.raises(InputError) as caught:
        load_claims(_write(tmp_path, raw))
    assert all(part in str(caught.value) for part in ("001.yml", "'first-cut-12m'", named))


def test_unknown_chapter_lists_the_known(tmp_path: Path) -> None:
    """The remedy for an unknown chapter stands in the message."""
    raw = _raw()
    _bad_chapter(raw["claims"][0])
    with pytest.raises(InputError, match=r"astrology.*valuation_gap"):
        load_claims(_write(tmp_path, raw))


def test_missing_id_is_named_by_position(tmp_path: Path) -> None:
    """A claim without an id is named by its place in the file."""
    raw = _raw()
    del raw["claims"][0]["id"]
    with pytest.raises(InputError, match=r"001\.yml: claim '\?' \(number 1\), field id"):
        load_claims(_write(tmp_path, raw))


def test_duplicate_id_within_a_file_is_refused(tmp_path: Path) -> None:
    """The same id twice in one file is refused by name."""
    raw = _raw()
    raw["claims"].append(copy.deepcopy(raw["claims"][0]))
    with pytest.raises(InputError, match="'first-cut-12m' stands twice"):
        load_claims(_write(tmp_path, raw))


def test_duplicate_id_across_files_is_refused(tmp_path: Path) -> None:
    """The same id in two files is refused with both documents."""
    raw = _raw()
    _write(tmp_path, raw)
    with pytest.raises(InputError, match=r"'first-cut-12m' stands twice.*001 and 002"):
        load_claims(_write(tmp_path, raw | {"id": "002"}, name="002.yml"))


def test_key_given_twice_is_refused(tmp_path: Path) -> None:
    """Two lists of the same verdict in one criterion are an error, not the last one wins."""
    _write(tmp_path, _raw())
    path = tmp_path / "001.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text[text.index("title:") :].splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"(?s)001\.yml.*'title' stands twice"):
        load_claims(tmp_path)


def test_html_in_text_is_plain_text(tmp_path: Path) -> None:
    """Markup in a claim's text is kept as the characters it is."""
    raw = _raw()
    raw["claims"][0]["text"] = "<script>alert('small')</script> caps lead."
    (claim,) = load_claims(_write(tmp_path, raw)).values()
    assert claim.text == "<script>alert('small')</script> caps lead."


def test_every_note_says_in_which_months_it_can_have_been_made() -> None:
    """First and last month with what says so; a claim is as old as the oldest of its notes."""
    firsts = {}
    for document in load_documents():
        assert document.made is not None, document.id
        assert document.made.first <= document.made.last, document.id
        firsts[document.id] = document.made.first
    for claim in CLAIMS.values():
        assert claim.made == min(firsts[note] for note in claim.documents), claim.id


def test_when_a_note_was_made_does_not_count_for_the_hash(tmp_path: Path) -> None:
    """It decides which months can judge a figure, and no test."""
    raw = _raw()
    before = _hash(tmp_path, raw)
    raw["made"]["first"] = "2025-01"
    assert _hash(tmp_path, raw) == before
    assert [claim.made for claim in load_claims(tmp_path).values()] == ["2025-01"]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"first": "2025-12", "last": "2025-09"}, "the last month, 2025-09, lies before the first"),
        ({"first": "late 2025", "last": "2025-12"}, "made.first"),
        ({"first": "2025-09", "last": "2025-12", "source": ""}, "made.source"),
    ],
)
def test_a_note_made_at_no_month_is_refused(
    tmp_path: Path, made: dict[str, str], said: str
) -> None:
    """Months in order, written as months, with a source."""
    raw = _raw() | {"made": {"source": "the note's own date"} | made}
    with pytest.raises(InputError, match=re.escape(said)):
        load_claims(_write(tmp_path, raw))


AMENDMENT = {
    "date": "2026-11-26",
    "fault": "knife edge",
    "what": "The threshold is ten months.",
    "because": "The old one lay within rounding.",
    "was": {"hash": "0" * 16, "bundled": "supported", "latest": "no verdict"},
}


def test_an_amendment_is_kept_and_does_not_count_for_the_hash(tmp_path: Path) -> None:
    """What was corrected, why, and what the old test said; the hash is the new test's alone."""
    raw = _raw()
    before = _hash(tmp_path, raw)
    raw["claims"][0]["amendments"] = [AMENDMENT]
    assert _hash(tmp_path, raw) == before
    [claim] = load_claims(tmp_path).values()
    [amended] = claim.amendments
    assert (amended.fault, amended.was.bundled, amended.was.latest) == (
        "knife edge", "supported", "no verdict",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fault": "not supported"}, "amendments.0.fault"),
        ({"date": "November"}, "amendments.0.date"),
        ({"what": ""}, "amendments.0.what"),
        ({"why": "because"}, "amendments.0.why"),
        ({"was": AMENDMENT["was"] | {"bundled": "true"}}, "amendments.0.was.bundled"),
        ({"was": AMENDMENT["was"] | {"hash": "abc"}}, "amendments.0.was.hash"),
    ],
)
def test_an_amendment_for_no_named_fault_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    """A result is no fault; a date, an old hash and a known old verdict are needed."""
    raw = _raw()
    raw["claims"][0]["amendments"] = [AMENDMENT | change]
    with pytest.raises(InputError, match=re.escape(said)):
        load_claims(_write(tmp_path, raw))


def test_an_amendment_that_changed_nothing_is_refused(tmp_path: Path) -> None:
    """The test as it is now cannot be what it was before; later amendments stand last."""
    raw = _raw()
    now = _hash(tmp_path, raw)
    raw["claims"][0]["amendments"] = [AMENDMENT | {"was": AMENDMENT["was"] | {"hash": now}}]
    with pytest.raises(InputError, match="changed nothing"):
        load_claims(_write(tmp_path, raw))
    raw["claims"][0]["amendments"] = [AMENDMENT, copy.deepcopy(AMENDMENT) | {"date": "2026-11-25"}]
    with pytest.raises(InputError, match="order of their dates"):
        load_claims(_write(tmp_path, raw))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id: [", "not valid YAML"),
        ("- a list", "expected a mapping"),
        ("", "expected a mapping"),
        ("id: '001'\ntitle: t\npublisher: p\ndate: d\nclaims: [just words]", "the whole entry"),
        ("id: '001'\ntitle: t\npublisher: p\ndate: d\nclaims: 3", "field claims"),
    ],
)
def test_malformed_file_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    """A file that is no claim file is refused with its name."""
    (tmp_path / "001.yml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"001\.yml") as caught:
        load_claims(tmp_path)
    assert message in str(caught.value)


def test_file_that_is_no_text_is_refused_by_name(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are refused with the file's name."""
    (tmp_path / "001.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"001\.yml"):
        load_claims(tmp_path)


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without claim files is refused."""
    with pytest.raises(InputError, match="no claim files"):
        load_claims(tmp_path)
