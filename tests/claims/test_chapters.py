"""The chapters: titles, parameters, questions, read strictly."""

import pytest

from analysis.claims.chapters import load_chapters
from analysis.results import InputError

CHAPTER = "cuts:\n  title: The first cut\n  part: Questions\n"


@pytest.fixture
def read(tmp_path):
    """Read a text as the file of chapters."""

    def load(text):
        path = tmp_path / "chapters.yml"
        path.write_text(text)
        return load_chapters(path)

    return load


def test_a_chapter_may_ask_a_question(read):
    """With the claim that answers it; a chapter without one has neither."""
    more = '  question: "Do small caps win?"\n  central_claim: a-claim\n'
    assert read(CHAPTER + more)["cuts"].central_claim == "a-claim"
    assert read(CHAPTER)["cuts"].question is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("  question: Do small caps win?\n", "whole entry: question and central_claim belong"),
        ("  central_claim: a-claim\n", "whole entry: question and central_claim belong"),
        ("  question: Small caps win.\n  central_claim: a\n", "field question"),
        ("  titel: x\n", "field titel"),
        ("  earliest: 1950\n", "field earliest"),
    ],
)
def test_a_malformed_chapter_is_refused_by_field(read, more, said):
    """The error names file, chapter and field."""
    with pytest.raises(InputError, match=rf"chapters\.yml: chapter 'cuts', .*{said}"):
        read(CHAPTER + more)
