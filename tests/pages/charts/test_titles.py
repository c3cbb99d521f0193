"""What stands above a chart, and the chart of every multiple."""

import altair as alt
import pandas as pd
import pytest

from analysis.pages.chapter import open_chapter
from analysis.pages.charts.multiple_ranges import multiple_ranges, note_rows, published_rows
from analysis.pages.charts.titles import (
    SUBTITLE_WIDTH,
    TITLE_WIDTH,
    points,
    source_line,
    titled,
)
from analysis.panel import load_dataset


def test_a_title_states_the_finding_and_the_source_ends_it():
    """Broken into lines a telephone can show; the source is the last of them."""
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")
    made = titled(chart, "word " * 30, "drawn " * 20, "Source: someone, to May 2020.").to_dict()
    title = made["title"]
    assert len(title["text"]) > 1 and max(map(len, title["text"])) <= TITLE_WIDTH
    assert max(map(len, title["subtitle"])) <= SUBTITLE_WIDTH
    assert title["subtitle"][-1] == "Source: someone, to May 2020."


def test_the_source_names_the_last_month_of_its_table():
    """In words; no month where the table is not at hand."""
    last = load_dataset("bundled", "2007-12").as_of
    assert source_line(last) == "Source: Kenneth R. French's data library, to December 2007."
    assert source_line("2026-03-17", "Yahoo") == "Source: Yahoo, to March 2026."
    assert source_line("", "Yahoo") == "Source: Yahoo."
    assert (points(-0.00512), points(0.048)) == ("−0.5", "4.8")


@pytest.fixture(scope="module")
def study():
    """The study of the notes' multiples."""
    return open_chapter("figures", {}).study("gap-fwd-pe-jan26")


def test_every_printed_multiple_stands_once_under_its_publisher(study):
    """As many marks as the notes print multiples; no note goes by its number."""
    printed = [one for one in study.quoted if one.printed and one.kind == "P/E"]
    rows = note_rows(study)
    assert len(rows) == len(printed) and rows["note"].nunique() == 5
    assert "AVANTAS Research" in set(rows["note"]) and not rows["note"].str.contains("00").any()
    drawn = multiple_ranges(study).to_dict()
    assert drawn["title"]["text"] and "times earnings" in " ".join(drawn["title"]["text"])


def test_what_others_published_is_of_the_notes_dates(study):
    """Nothing that ends before the first date or begins after the last one; one index a row."""
    rows = published_rows(study)
    assert 10 < len(rows) < len(study.published)
    assert set(rows.loc[rows["large"], "row"].str.split(",").str[0]) <= {"S&P 500", "Russell 1000"}


def test_the_answer_counts_what_survives(study):
    """As many pairs as the table of contradictions has lines."""
    assert len(study.contradictions) == 2
    assert "only two pairs contradict each other" in study.answer
