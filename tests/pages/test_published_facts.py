"""What others published on a topic that no test reads."""

from analysis.pages.published_facts import COLUMNS, published_on
from analysis.panel import load_dataset


def test_every_figure_of_a_topic_stands_with_date_unit_and_publisher():
    """Days in words, a true minus sign, thousands parted, the earliest first."""
    table = published_on(load_dataset("bundled"), "positions")
    facts = load_dataset("bundled").facts["published_figures"]
    assert list(table) == COLUMNS and len(table) == facts["topic"].eq("positions").sum()
    assert table.iloc[0].to_list() == [
        "14 December 2016", "Russell 2000 mini futures", "net position of commercial hedgers",
        "−57,000 contracts", "CFTC",
    ]  # fmt: skip
    assert table["date"].iloc[-1] == "1 July 2025"


def test_a_direction_without_a_figure_says_so():
    """A bank said underweight and not by how much."""
    table = published_on(load_dataset("bundled"), "fund weights")
    assert table["figure"].to_list() == ["underweight, without a figure"]


def test_nothing_is_read_before_it_was_published():
    """A run for an earlier month has no row, of which a page shows nothing."""
    assert published_on(load_dataset("bundled", "1995-12"), "positions").empty
    assert published_on(load_dataset("bundled", "2016-12"), "positions")["date"].to_list() == [
        "14 December 2016"
    ]
