"""Formulas as MathML."""

import re

import pytest

from analysis.pages.formulas import formula
from analysis.runs.book import ROOT


def test_a_formula_is_mathml_in_a_line_or_on_its_own():
    """By hand: a letter and an index; a display formula can be scrolled by keyboard."""
    made = re.sub(r"\s", "", formula(r"x_t"))
    assert "<msub><mi>x</mi><mi>t</mi></msub>" in made and "sc-formula" not in made
    block = formula(r"\frac{a}{b}", block=True)
    assert block.startswith('<div class="sc-formula" tabindex="0">') and "<mfrac>" in block


def test_what_cannot_be_written_is_refused_and_not_shown_raw():
    """An unknown command, and an environment that does not end."""
    for text in (r"\nosuchcommand x", r"\begin{nosuch} x"):
        with pytest.raises(ValueError, match="MathML"):
            formula(text)


def test_every_formula_of_the_book_can_be_written():
    """All directives of the pages; at least those of the methods."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "book").glob("*.md"))]
    found = [one for text in texts for one in re.findall(r"```\{math\}\n(.*?)```", text, re.S)]
    assert len(found) >= 10
    for one in found:
        assert "<math" in formula(one, block=True)
    assert not any('<p class="sc-formula">' in text for text in texts)


def test_the_index_of_a_letter_with_an_accent_stands_beside_it():
    """The converter would set it under the letter, where a reader takes it for a limit."""
    made = formula(r"\hat{r}_t + \bar{r}_t^2 + \sum_t r")
    assert "munderover" not in made and made.count("<msub><mover>") == 2
    assert "<munder>" in made
