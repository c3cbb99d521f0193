"""Portfolios of two sorts by their names."""

import pytest

from analysis.panel.double_sorts import double_sort_of


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("s1v5", "small value"),
        ("s1v1", "small growth"),
        ("s5v3", "large neutral"),
        ("s3v2", "book-to-market fifth 2 of mid-sized firms"),
        ("me1op5", "the most profitable fifth of small firms"),
        ("me5op2", "profitability fifth 2 of large firms"),
    ],
)
def test_a_column_has_its_words(column, words):
    """A name is read back as it was written."""
    found = double_sort_of(column)
    assert found.words == words
    assert found.column == column


def test_the_same_fifth_of_another_size():
    """The other sort stays, the size changes."""
    assert double_sort_of("s1v5").of_size(3) == "s3v5"
    assert double_sort_of("me1op2").of_size(5) == "me5op2"


@pytest.mark.parametrize("column", ["smb", "s6v1", "s1op1", "me1v1", "s1v55"])
def test_another_column_is_refused(column):
    """Size and sort go together, and a fifth is one of five."""
    with pytest.raises(ValueError, match="no portfolio of two sorts"):
        double_sort_of(column)
