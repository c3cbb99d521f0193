"""First cuts, recessions and their phases."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.panel.events import (
    first_cuts,
    linked,
    recession_known,
    recession_months,
    recession_phases,
    troughs,
    zigzag_cuts,
)
from analysis.results import InputError
from analysis.sources.facts import load_facts


@pytest.fixture(scope="module")
def facts():
    return load_facts()


@pytest.fixture(scope="module")
def nber(facts):
    return facts["nber_cycles"]


@pytest.fixture(scope="module")
def known():
    """The cycles as they were known at five dates around the edges of the rules."""
    dates = months("1957-11 1967-01 1995-12 2007-08 2024-09")
    return {date: load_facts(date)["easing_cycles"] for date in dates}


def months(text):
    return pd.PeriodIndex(text.split(), freq="M")


def rates(levels, start="2000-01"):
    return pd.Series(levels, index=pd.period_range(start, periods=len(levels), freq="M"))


def test_funds_rule_takes_one_date_a_cycle(facts):
    """Fifteen target dates, without the optional, the excluded and the two discount-only cycles."""
    events = first_cuts(facts["easing_cycles"], "funds")
    wanted = (
        "1957-11 1960-06 1966-12 1970-03 1974-08 1980-05 1981-07 1984-09 1989-06 1995-07 "
        "1998-09 2001-01 2007-09 2019-07 2024-09"
    )
    assert list(events["month"]) == list(months(wanted))
    assert list(events.columns) == ["month", "cycle", "flag", "linked", "optional"]


@pytest.mark.parametrize(
    ("rule", "count", "inside", "outside"),
    [
        ("discount", 17, "1954-02 1967-04 1990-12 2007-08", "1968-08 1987-11 2007-09"),
        ("broad", 18, "1954-02 1971-11 1987-11 2007-09", "1968-08 1975-10 2020-03 2025-09"),
        ("bank", 10, "1980-04 1981-06 1984-10 1987-10", "1980-05 2024-09"),
    ],
)
def test_other_rules(facts, rule, count, inside, outside):
    """Each rule takes its own dates, in order, and never an excluded episode."""
    found = first_cuts(facts["easing_cycles"], rule)["month"]
    assert len(found) == count and found.is_monotonic_increasing
    assert set(months(inside)) <= set(found)
    assert not set(months(outside)) & set(found)


@pytest.mark.parametrize("rule", ["funds", "discount", "broad", "bank"])
def test_cutting_the_table_or_the_events_is_the_same(facts, known, rule):
    """Events up to a date are those of the table as known on that date."""
    for as_of, table in known.items():
        late = first_cuts(facts["easing_cycles"], rule, as_of)["month"]
        assert list(first_cuts(table, rule)["month"]) == list(late)


def test_unknown_rule_and_missing_rate_are_refused(facts):
    """An unknown rule is answered with the known ones, zigzag with what it needs."""
    with pytest.raises(InputError, match="broad"):
        first_cuts(facts["easing_cycles"], "fed")
    with pytest.raises(InputError, match="fed_funds"):
        first_cuts(facts["easing_cycles"], "zigzag")


def test_zigzag_by_hand():
    """Up one point, down half a point, twice; a fall of .4 in between is no event."""
    path = [3.0, 3.5, 4.0, 4.2, 3.8, 4.4, 3.9, 3.0, 3.4, 3.9, 4.0, 3.7, 3.5]
    assert list(zigzag_cuts(rates(np.array(path) / 100))) == list(months("2000-07 2001-01"))


def test_zigzag_counts_a_move_of_exactly_the_threshold():
    """One point up and half a point down, in decimals no binary number holds exactly."""
    assert list(zigzag_cuts(rates([0.0475, 0.0575, 0.0525]))) == list(months("2000-03"))
    assert len(zigzag_cuts(rates([0.0475, 0.0574, 0.05]))) == 0


def test_zigzag_starts_afresh_after_an_event():
    """After the event at 3.8 a bounce of half a point is no new tightening."""
    path = [3.0, 4.4, 3.8, 4.3, 3.7, 3.2]
    assert list(zigzag_cuts(rates(np.array(path) / 100))) == list(months("2000-03"))


def brute_force_zigzag(rate, rise, fall):
    """The rule read off the definition, every window from scratch."""
    events, begin = [], 0
    for now in range(len(rate)):
        window = rate[begin : now + 1]
        starts = [
            i
            for i in range(len(window))
            if window[i] >= min(window[: i + 1]) + rise - 1e-9 and i < len(window) - 1
        ]
        if starts and window[-1] <= max(window[starts[0] :]) - fall + 1e-9:
            events.append(now)
            begin = now
    return events


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=2, max_size=60), st.integers(1, 59))
def test_zigzag_equals_its_definition_and_never_looks_ahead(steps, cut):
    """Twin from the definition; cutting the series changes no earlier event."""
    rate = rates((100 + np.cumsum(steps)) / 1000 + 0.3)
    found = zigzag_cuts(rate)
    assert list(found) == list(rate.index[brute_force_zigzag(rate.to_numpy(), 0.01, 0.005)])
    early = rate.iloc[:cut]
    assert list(zigzag_cuts(early)) == [month for month in found if month <= early.index[-1]]


def test_zigzag_through_first_cuts_stops_at_as_of(facts):
    """A wild rate after as_of makes no event; the missing months at the end are dropped."""
    rate = rates([0.03, 0.04, 0.05, 0.04, 0.9, 0.1, np.nan])
    events = first_cuts(facts["easing_cycles"], "zigzag", pd.Period("2000-04"), rate)
    assert list(events["month"]) == list(months("2000-04"))
    assert list(events["cycle"]) == ["2000-04"]


@pytest.mark.parametrize(
    ("rate", "word"),
    [
        (rates([3.0, 4.0, 5.0]), "percent"),
        (rates([0.03, np.nan, 0.05]), "missing"),
        (pd.Series([0.03, 0.04]), "monthly"),
        (rates([0.03, 0.04, 0.05]).iloc[[0, 2]], "consecutive"),
    ],
)
def test_malformed_rate_is_refused(rate, word):
    """Percent, holes and other indexes are refused with the remedy."""
    with pytest.raises(InputError, match=word):
        zigzag_cuts(rate)


def test_recession_months_follow_usrec(nber):
    """1 from the month after the peak to the trough: April to November 2001."""
    flags = recession_months(nber, pd.period_range("2001-01", "2002-03", freq="M"))
    assert list(flags.index[flags]) == list(pd.period_range("2001-04", "2001-11", freq="M"))
    assert recession_months(nber).index[0] == pd.Period("1918-08")


def test_recession_months_equal_a_loop(nber):
    """Brute force over every month since 1918."""
    flags = recession_months(nber, pd.period_range("1918-08", "2022-12", freq="M"))
    pairs = list(zip(nber["peak"], nber["trough"], strict=True))
    assert list(flags) == [any(p < m <= t for p, t in pairs) for m in flags.index]


def test_open_recession_runs_to_the_end():
    """Seen from December 2008 the recession of 2007 has no trough and goes on."""
    known = load_facts(pd.Period("2008-12"))["nber_cycles"]
    index = pd.period_range("2007-11", "2008-03", freq="M")
    assert list(recession_months(known, index)) == [False, False, True, True, True]
    assert list(recession_phases(known, index)) == ["expansion"] * 2 + ["open"] * 3


def test_a_recession_nobody_had_announced_is_not_known():
    """In November 2008 the peak of December 2007 had not been announced."""
    known = load_facts(pd.Period("2008-11"))["nber_cycles"]
    assert str(known["peak"].iloc[-1]) == "2001-03"


def test_months_before_the_table_are_refused(nber):
    """Nothing is said of months the tables do not reach."""
    early = pd.period_range("1900-01", "1900-12", freq="M")
    with pytest.raises(InputError, match="1918-08"):
        recession_months(nber, early)
    with pytest.raises(InputError, match="1980-06"):
        recession_known(nber, early)
    with pytest.raises(InputError, match="announcement"):
        recession_known(nber.iloc[:5])


def test_known_recessions_follow_the_announcements(nber):
    """The end of 2001 was announced in July 2003; until then it was thought to go on."""
    known = recession_known(nber, pd.period_range("2001-09", "2003-09", freq="M"))
    assert list(known.index[known]) == list(pd.period_range("2001-11", "2003-06", freq="M"))


def test_links_by_hand(nber):
    """1989-06 is linked at 14 months, not at 13; a month inside a recession at once."""
    events = months("1989-06 1980-05 1995-07")
    assert list(linked(events, nber, 13)) == [False, True, False]
    assert list(linked(events, nber, 14)) == [True, True, False]
    assert list(linked(events, nber, 0)) == [False, True, False]
    # The month of the peak is no recession month, the month of the trough is.
    assert list(linked(months("2001-03 2001-11 2001-12"), nber, 0)) == [False, True, False]


def test_links_agree_with_the_flags(nber):
    """Brute force: any recession flag in the window."""
    flags = recession_months(nber, pd.period_range("1918-08", "2025-12", freq="M"))
    events = pd.period_range("1950-01", "2020-12", freq="M")
    for width in (0, 6, 24):
        wanted = [bool(flags[month : month + width].any()) for month in events]
        assert list(linked(events, nber, width)) == wanted


def test_links_of_unfinished_windows_are_missing(nber):
    """The cut of September 2024 is undecided until its window is over."""
    event = months("2024-09")
    assert linked(event, nber, 12, pd.Period("2025-08")).isna().all()
    assert list(linked(event, nber, 12, pd.Period("2025-09"))) == [False]
    with pytest.raises(InputError, match="whole number"):
        linked(event, nber, -1)


def test_linked_agrees_with_the_table(facts):
    """The link within a year of each target date is what the table says."""
    events = first_cuts(facts["easing_cycles"], "broad")
    answer = linked(events["month"], facts["nber_cycles"], 12)
    settled = events["linked"] != "open"
    assert list(answer[settled.to_numpy()]) == list(events["linked"][settled] == "yes")


def test_troughs_by_date_and_by_announcement(nber):
    """The trough of March 1991 was announced in December 1992."""
    assert pd.Period("1991-03") in troughs(nber) and len(troughs(nber)) == 19
    announced = troughs(nber, by="announcement")
    assert pd.Period("1992-12") in announced and len(announced) == 6
    with pytest.raises(InputError, match="announcement"):
        troughs(nber, by="press")


def test_phases_split_each_recession(nber):
    """Eight months split four and four; with an odd number the first half has one more."""
    phases = recession_phases(nber)
    for span, halves in (("2001-04 2001-11", (4, 4)), ("1990-08 1991-03", (4, 4))):
        first, last = span.split()
        counts = phases[first:last].value_counts()
        assert (counts["first half"], counts["second half"]) == halves
    counts = phases["1926-11":"1927-11"].value_counts()
    assert (counts["first half"], counts["second half"]) == (7, 6)
    flags = recession_months(nber)
    assert ((phases != "expansion") == flags).all()


@pytest.mark.publishers
@pytest.mark.skipif(
    not os.environ.get("SMALLCAP_PUBLISHERS"),
    reason="SMALLCAP_PUBLISHERS does not name a folder with the publishers' files",
)
def test_recession_months_equal_the_published_flags(nber):
    """Every month since 1918 carries the flag USREC gives it."""
    path = Path(os.environ["SMALLCAP_PUBLISHERS"]) / "fred" / "USREC.csv"
    flags = pd.read_csv(path, index_col=0, parse_dates=True).iloc[:, 0].dropna()
    flags.index = flags.index.to_period("M")
    flags = flags["1918-08":]
    assert (recession_months(nber, flags.index) == (flags == 1)).all()
