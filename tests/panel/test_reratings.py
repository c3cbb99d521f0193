"""Whether small caps have come to be valued more highly since a day."""

import numpy as np
import pandas as pd
import pytest

from analysis.panel.reratings import (
    first_june,
    narrowing_luck,
    narrowings,
    readings,
    readings_words,
)

NOTE, UNTIL = "2026-01-20", "2029-01-20"
BOTH = ("june", "december")


def gaps(last, first=1980, **changed):
    """A gap of one in every June, but where a basis and a year say otherwise: ``june_2025=2.0``."""
    junes = pd.PeriodIndex([f"{year}-06" for year in range(first, last + 1)], freq="M")
    table = pd.DataFrame({f"gap_{basis}": 1.0 for basis in BOTH}, index=junes.rename("june"))
    for name, value in changed.items():
        basis, year = name.split("_")
        table.loc[pd.Period(f"{year}-06", "M"), f"gap_{basis}"] = value
    return table


@pytest.mark.parametrize(
    ("day", "june", "december"),
    [
        ("2026-01-20", "2025-06", "2026-06"),
        ("2025-12-31", "2025-06", "2026-06"),
        ("2025-12-30", "2025-06", "2025-06"),
        ("2026-06-29", "2025-06", "2026-06"),
        ("2026-06-30", "2026-06", "2026-06"),
    ],
)
def test_a_day_has_the_last_market_values_behind_it(day, june, december):
    """Those of a month count once it is over."""
    assert str(first_june(day, "june")) == june
    assert str(first_june(day, "december")) == december


def test_each_reading_says_when_it_was_priced_and_where_it_stands():
    """On December market values the note's own portfolios are those of the June after it."""
    table = readings(gaps(2027, june_2025=1.3, december_2027=0.8), NOTE, UNTIL, BOTH)
    assert table.to_numpy().tolist() == [
        ["june", "2025-06", "2025-06", 1.3, "start"],
        ["june", "2026-06", "2026-06", 1.0, "since"],
        ["june", "2027-06", "2027-06", 1.0, "since"],
        ["december", "2026-06", "2025-12", 1.0, "start"],
        ["december", "2027-06", "2026-12", 0.8, "since"],
    ]


def test_before_the_note_s_own_values_are_at_hand_the_last_before_them_are_shown_as_such():
    """In words, too: it is not the value at the note, and nothing is set against it."""
    table = readings(
        gaps(2025, june_2025=np.log(3.7), december_2025=np.log(3.0)), NOTE, UNTIL, BOTH
    )
    assert list(table["place"]) == ["start", "before"]
    assert readings_words(table) == (
        "Small caps' book-to-market against large caps': by June market values 3.70 times in June"
        " 2025, the note's own, none later at hand; by December market values 3.00 times in"
        " December 2024, the last before the note's own, which is not at hand yet."
    )
    assert narrowings(gaps(2025), NOTE, UNTIL, BOTH).empty


def test_nothing_is_read_after_the_end():
    """The portfolios of June 2028 are the last; a wild later June changes nothing."""
    known, later = gaps(2028), gaps(2032, june_2029=9.0, december_2029=-9.0)
    assert readings(later, NOTE, UNTIL, BOTH).equals(readings(known, NOTE, UNTIL, BOTH))
    assert narrowings(later, NOTE, UNTIL, BOTH).equals(narrowings(known, NOTE, UNTIL, BOTH))
    assert readings(known, NOTE, "2028-06-29", BOTH)["june"].max() == "2027-06"


def test_a_narrowing_is_of_the_note_s_own_values_and_the_last_june_s():
    """Each basis by itself; above zero where small caps came to be valued more highly."""
    moved = narrowings(gaps(2028, june_2025=1.5, december_2026=0.9), NOTE, UNTIL, BOTH)
    assert dict(moved) == pytest.approx({"june": 0.5, "december": -0.1})
    assert narrowings(gaps(2027), NOTE, UNTIL, BOTH).empty
    assert narrowings(None, NOTE, UNTIL, BOTH).empty and readings(None, NOTE, UNTIL, BOTH).empty


def test_luck_is_counted_by_plain_loops():
    """Three years on one basis beside two years, a year later, on the other, over by the note."""
    rng = np.random.default_rng(4)
    table = gaps(2028)
    table += rng.normal(0, 0.3, table.shape).cumsum(axis=0)
    june, december = table["gap_june"], table["gap_december"]
    at = {int(period.year): place for place, period in enumerate(table.index)}
    falls = []
    for year in range(1980, 2026):
        if year + 3 > 2025:
            continue
        first = june.iloc[at[year]] - june.iloc[at[year + 3]]
        second = december.iloc[at[year + 1]] - december.iloc[at[year + 3]]
        falls.append(min(first, second))
    observed = narrowings(table, NOTE, UNTIL, BOTH).min()
    expected = sum(fall >= observed for fall in falls) / len(falls)
    luck, count = narrowing_luck(table, NOTE, UNTIL, BOTH)
    assert (luck, count) == (pytest.approx(expected), len(falls)) and 0 < luck < 1


def test_a_short_record_has_no_luck():
    """Thirty stretches are needed."""
    luck, count = narrowing_luck(gaps(2028, first=2000), NOTE, UNTIL, BOTH)
    assert np.isnan(luck) and count == 23
