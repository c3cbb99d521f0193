"""Files beside their peers: calendars, levels, dividends, length, freshness."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.sources.peers import FACTORS, SESSIONS, doubts
from analysis.sources.readers import Reading

DAYS = pd.bdate_range("2015-01-01", "2021-12-31")


def _reading(table: str, frame: pd.DataFrame) -> Reading:
    first, last = (str(frame.index[at])[:10] for at in (0, -1))
    return Reading({table: frame}, last, first, last)


def _fund(closes: pd.Series) -> Reading:
    return _reading("Close", closes.to_frame("Close"))


@pytest.fixture
def sound() -> dict[str, Reading]:
    """Factors, sessions, and four funds that move with the market."""
    draws = np.random.default_rng(5)
    market = draws.normal(0.0004, 0.01, len(DAYS))
    factors = pd.DataFrame({"SMB": 0.1}, index=pd.period_range("2015-01", "2021-12", freq="M"))
    daily = pd.DataFrame({"Mkt-RF": 100.0 * np.expm1(market), "RF": 0.0}, index=DAYS)
    found = {FACTORS: _reading("monthly", factors), SESSIONS: _reading("daily", daily)}
    for name in ("AAA", "BBB", "CCC", "DDD"):
        moves = market + draws.normal(0.0, 0.0004, len(DAYS))
        closes = pd.Series(100.0 * np.exp(np.cumsum(moves)), index=DAYS)
        found[f"prices/{name}"] = _fund(closes)
    return found


def _closes(readings: dict[str, Reading]) -> pd.Series:
    return readings["prices/AAA"].tables["Close"]["Close"]


def _refusals(readings: dict[str, Reading], **changed: pd.Series) -> list[str]:
    spoiled = readings | {f"prices/{name}": _fund(closes) for name, closes in changed.items()}
    return [str(doubt) for doubt in doubts(spoiled) if doubt.refused]


def test_sound_files_raise_no_doubt(sound):
    """What belongs together is kept without a word, also held against itself in force."""
    assert doubts(sound) == [] and doubts(sound, sound) == []


def test_calendar(sound):
    """A session missing, a day too many, another frequency and a cut month, each by its day."""
    closes = _closes(sound)
    day = pd.Timestamp("2018-03-07")
    assert _refusals(sound, AAA=closes.drop(day)) == [
        "prices/AAA: lacks one session, the first on 2018-03-07"
    ]
    sunday = pd.Series(closes.iloc[500], index=[pd.Timestamp("2018-03-11")])
    assert (
        "a close for 2018-03-11, when no market"
        in _refusals(sound, AAA=pd.concat([closes, sunday]).sort_index())[0]
    )
    for every in (closes[closes.index.day_of_week == 4], closes.resample("ME").last().iloc[:-1]):
        assert any("is not daily: it lacks" in words for words in _refusals(sound, AAA=every))
    [words] = _refusals(sound, AAA=closes.loc[:"2021-12-15"])
    assert "ends on 2021-12-15, before the last session of that month" in words


def test_the_calendar_after_the_publishers_end(sound):
    """Beyond French's last day two other funds stand for the sessions."""
    short = sound | {SESSIONS: _reading("daily", sound[SESSIONS].tables["daily"].loc[:"2020-06"])}
    assert _refusals(short) == []
    [words] = _refusals(short, AAA=_closes(sound).drop(pd.Timestamp("2021-03-10")))
    assert "2021-03-10" in words


@pytest.mark.parametrize("ratio", [2.0, 1.5, 1.25, 0.5, 0.1])
def test_splits(sound, ratio):
    """A split left unadjusted is a move no peer shares, whatever its ratio."""
    closes = _closes(sound).copy()
    closes.loc["2018-03-07":] /= ratio
    [words] = _refusals(sound, AAA=closes)
    assert "on 2018-03-07" in words and "a split left unadjusted" in words


def test_a_crash_of_all_is_no_fault(sound):
    """A fall of a third that all share on one day is news, not a damaged file."""
    fallen = {}
    for id, reading in sound.items():
        if id.startswith("prices/"):
            closes = reading.tables["Close"]["Close"].copy()
            closes.loc["2018-03-07":] *= 0.66
            fallen[id] = _fund(closes)
    assert len(fallen) == 4
    assert [d for d in doubts(sound | fallen) if d.refused] == []


def test_closes_without_dividends(sound):
    """A lag of two per cent a year behind all that moves alike gives missing dividends away."""
    closes = _closes(sound)
    quarter = pd.Series(closes.index.month % 3 == 0, index=closes.index)
    pays = quarter & (closes.index.to_series().groupby([DAYS.year, DAYS.month]).cumcount() == 14)
    without = closes * np.exp(-0.005 * pays.cumsum())
    [words] = _refusals(sound, AAA=without)
    assert "as closes without dividends do" in words
    [doubt] = doubts(sound | {"prices/AAA": _fund(without)})
    assert doubt.caution.startswith("is a price return: it falls behind")


def test_shorter_older_and_stale(sound):
    """What would replace more, or something newer, is refused; the publishers' stale is noted."""
    closes = _closes(sound)
    earlier = dict(sound)
    cut = sound | {"prices/AAA": _fund(closes.loc["2016-06-01":])}
    assert "starts 2016-06-01, the one in force started 2015-01-01" in str(doubts(cut, earlier)[0])
    old = sound | {FACTORS: replace(sound[FACTORS], vintage="2021-11")}
    assert "older than the one in force" in str(doubts(old, earlier)[0])
    behind = sound | {"fred/X": _reading("X", _monthly("2021-06")), "fred/T": _monthly_reading()}
    [note] = doubts(behind)
    assert not note.refused and str(note).endswith("6 months before the factors (2021-12)")
    halted = replace(_monthly_reading(), ended=False)
    assert [one.kind for one in doubts(sound | {"fred/T": halted})] == ["stale"]
    [words] = _refusals(sound, AAA=closes.loc[:"2021-10-29"])
    assert "ends 2021-10-29, 2 months before the factors" in words


def _monthly(last: str) -> pd.DataFrame:
    index = pd.period_range("2015-01", last, freq="M")
    return pd.DataFrame({"X": np.arange(len(index)) % 7 + 1.0}, index=index)


def _monthly_reading() -> Reading:
    """A series whose publisher ended it in 2008; it is not stale."""
    index = pd.period_range("2000-01", "2008-12", freq="M")
    made = _reading("T", pd.DataFrame({"T": 1.0 + np.arange(len(index)) % 5}, index=index))
    return replace(made, ended=True)


def test_a_number_cut_short(sound):
    """332.8 that arrives as 3 stands out as a step that no other step prepares."""
    index = pd.period_range("2010-01", "2021-12", freq="M")
    whole = pd.DataFrame({"X": 300.0 + np.arange(len(index)) * 0.3}, index=index)
    cut = whole.copy()
    cut.iloc[-1] = 3.0
    assert doubts(sound | {"fred/X": _reading("X", whole)}) == []
    [words] = [str(d) for d in doubts(sound | {"fred/X": _reading("X", cut)}) if d.refused]
    assert "jumps from" in words and "2021-12" in words
