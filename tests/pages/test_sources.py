"""The notes behind a chapter: outlet, title, date, figures and link."""

import pytest
from pydantic import ValidationError

from analysis.claims import Claim, load_claims, load_documents
from analysis.pages.sources import link_of, said_by, sources_of


def test_each_note_of_a_chapter_stands_once_with_its_link_and_figures():
    """By its publisher, in the order of the files; a note without an address says so."""
    claims = [one for one in load_claims().values() if one.chapter == "figures"]
    lines = sources_of(claims).splitlines()
    assert len(lines) == len({note for one in claims for note in one.documents})
    assert lines[0].startswith("- **AVANTAS Research**, *Small Caps vs. Mega Caps")
    assert "20 January 2026 (no public address found)." in lines[0]
    assert "**AInvest**" in lines[2] and "([the note](https://www.ainvest.com/news/" in lines[2]
    assert "“36% discount to large caps”" in lines[2]
    assert "It gives: " in lines[2] and ", nan" not in sources_of(claims)


def test_a_chapter_without_claims_has_no_source():
    """Nothing is listed."""
    assert sources_of([]) == ""


def test_a_link_is_an_address_alone():
    """Without the bracket around it; empty where none is known."""
    links = {one.id: link_of(one) for one in load_documents()}
    assert links["000"] == "" and links["002"].startswith("https://") and ")" not in links["002"]


def test_every_claim_is_quoted_from_each_of_its_notes():
    """But for what the notes do not say in words of their own; never a sentence."""
    unsaid = {"volatility-hurts": {"000"}, "size-abroad": {"000", "002"}}
    for name, claim in load_claims().items():
        assert set(claim.documents) - set(claim.said) == unsaid.get(name, set()), name
    assert "<q>insulation from trade tensions</q>" in said_by(load_claims()["tariff-shield"])


def test_a_quotation_is_of_a_note_of_the_claim_and_short():
    """Seven words, no words, and another note are refused with the reason."""
    claim = load_claims()["first-cut-12m"].model_dump()
    for said in ({"001": "one two three four five six seven"}, {"001": ""}, {"004": "so it is"}):
        with pytest.raises(ValidationError, match=r"quote one to 6 words|none of its documents"):
            Claim.model_validate(claim | {"said": said})
