"""The notes behind a chapter: outlet, title, date, figures and link."""

from analysis.claims import load_claims, load_documents
from analysis.pages.sources import link_of, sources_of


def test_each_note_of_a_chapter_stands_once_with_its_link_and_figures():
    """By its publisher, in the order of the files; a note without an address says so."""
    claims = [one for one in load_claims().values() if one.chapter == "figures"]
    lines = sources_of(claims).splitlines()
    assert len(lines) == len({note for one in claims for note in one.documents})
    assert lines[0].startswith("- **AVANTAS Research**, *Small Caps vs. Mega Caps")
    assert "20 January 2026 (no public address found)." in lines[0]
    assert "**AInvest**" in lines[2] and "([the note](https://www.ainvest.com/news/" in lines[2]
    assert "It gives: " in lines[2] and ", nan" not in sources_of(claims)


def test_a_chapter_without_claims_has_no_source():
    """Nothing is listed."""
    assert sources_of([]) == ""


def test_a_link_is_an_address_alone():
    """Without the bracket around it; empty where none is known."""
    links = {one.id: link_of(one) for one in load_documents()}
    assert links["000"] == "" and links["002"].startswith("https://") and ")" not in links["002"]
