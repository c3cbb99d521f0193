"""January's beginning ranked among Januaries, and January against the other months."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.arguments import DayRange
from analysis.designs.calendar_month import CalendarMonth, calendar_month
from analysis.designs.calendar_month.first_sessions import first_sessions
from analysis.designs.calendar_month.month_means import means_by_month, month_against_others
from analysis.designs.calendar_month.month_words import plural_of
from analysis.pages.charts import seasonality as draw
from analysis.pages.charts.dated_values import value_by_date
from analysis.pages.charts.sentences import Sentence
from analysis.panel import Dataset, load_dataset

[CLAIM] = [c for c in load_claims().values() if c.design == "calendar_month"]
JANUARY_2026 = pd.Period("2026-01", "M")
MIDDLE = DayRange(earliest="2026-01-11", latest="2026-01-20")
ONCE = Sampling(draws=1, seed=0)


def study(dataset: Dataset, **changes) -> CalendarMonth:
    return calendar_month(dataset, bind(CLAIM, changes), ONCE)


def verdict_on(found: CalendarMonth) -> str | None:
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def monthly(years: int, first: str = "1927-01") -> pd.Series:
    index = pd.period_range(first, periods=12 * years, freq="M", name="month")
    return pd.Series(0.0, index=index)


def closes(**daily: float) -> pd.Series:
    """Closes of a fund that gains so much a session in some Januaries: ``_2026=0.005``."""
    index = pd.bdate_range("2014-12-01", "2026-04-30", name="day")
    returns = pd.Series(0.0, index=index)
    for year, gain in daily.items():
        returns[(index.year == int(year[1:])) & (index.month == 1)] = gain
    return (1 + returns).cumprod()


def made(fund: pd.Series | None = None, as_of: str = "2026-04") -> Dataset:
    frame = pd.DataFrame({"smb": monthly(99)})
    held = pd.DataFrame({"IWM": closes() if fund is None else fund})
    return Dataset(frame, {}, "latest", pd.Period(as_of, "M"), funds=held)


def test_january_against_the_other_months_by_hand():
    """Two per cent in every January and none elsewhere: all of the premium falls in January."""
    spread = monthly(99)
    spread[spread.index.month == 1] = 0.02
    spread += np.random.default_rng(1).normal(0, 1e-4, len(spread))
    table = month_against_others(spread, 1).set_index("era")
    assert table["January"].tolist() == pytest.approx([0.02] * 4, abs=2e-4)
    assert table["January's share"].tolist() == pytest.approx([1.0] * 4, abs=0.06)
    assert table.loc["1963 to 1979, where it was found", "Januaries"] == 17
    assert table["January won"].tolist() == [1.0] * 4
    assert (table["p"] < 0.001).all()


def test_the_january_effect_stands_in_the_bundled_data():
    """Keim (1983): from 1963 to 1979 January was far above other months; since 1981 it is not."""
    table = study(load_dataset("bundled")).by_era.set_index("era")
    keim = table.loc["1963 to 1979, where it was found"]
    assert keim["low"] > 0
    assert keim["January's share"] > 0.5
    assert table.loc["from 1981", "low"] < 0


def test_months_need_ten_years_of_an_era():
    """An era of too few years has no bars."""
    assert set(means_by_month(monthly(60))["era"]) == {"to 1980"}
    assert len(means_by_month(monthly(80))) == 24


def test_a_month_s_name_in_the_plural():
    """Januaries, Marches, Mays."""
    assert [plural_of(month) for month in (1, 3, 5)] == ["Januaries", "Marches", "Mays"]


def test_gains_to_each_session_by_hand():
    """Half a per cent a session, compounded; the years before stand still but for 2019."""
    found = first_sessions(closes(_2026=0.005, _2019=0.01), JANUARY_2026, 10, MIDDLE)
    table = found.table.set_index("session")
    assert table.loc[11, "gain"] == pytest.approx(1.005**11 - 1)
    assert table.loc[11, "strongest before"] == pytest.approx(1.01**11 - 1)
    assert (table.loc[11, "of year"], table.loc[11, "stronger"]) == (2019, 1)
    days = table.loc[table["admitted"], "day"]
    assert [day.day for day in days] == [12, 13, 14, 15, 16, 19, 20]
    assert found.gains.columns.tolist() == list(range(2016, 2027))
    assert found.luck == 1 / 11


def test_luck_grows_with_the_years_that_lead_on_some_day():
    """2018 leads to the 14th and 2026 from the 15th on: two of eleven, not one."""
    fund = closes(_2018=0.01, _2026=0.001)
    fund.loc["2026-01-15":] *= 1.5
    found = first_sessions(fund, JANUARY_2026, 10, MIDDLE)
    assert found.luck == 2 / 11
    assert found.admitted["matched"].tolist() == [False] * 3 + [True] * 4


@pytest.mark.parametrize(
    ("years", "expected", "matches", "behind"),
    [
        ({"_2026": 0.005}, "supported", 7, 0.0),
        ({"_2026": 0.005, "_2019": 0.004}, "supported", 7, 0.0),
        ({"_2026": 0.005, "_2019": 0.006}, "contradicted", 0, 1.006**8 - 1.005**8),
        ({"_2026": -0.005}, "contradicted", 0, 1 - 0.995**8),
        ({"_2026": 0.005, "_2015": 0.02}, "supported", 7, 0.0),
    ],
)
def test_a_planted_january_gets_its_verdict(years, expected, matches, behind):
    """Strongest of eleven; beaten by one; the weakest of all; one of 2015 does not count.

    The 12th is the eighth weekday of January 2026, New Year's Day among them.
    """
    found = study(made(closes(**years)))
    assert verdict_on(found) == expected
    measures = found.finding.measures
    assert (measures["matches"], measures["matched"]) == (matches, matches > 0)
    assert measures["nearest_error"] == pytest.approx(behind)
    assert CLAIM.criterion.measures() <= set(measures)


def test_one_admissible_day_is_enough():
    """Ahead on the 20th alone, and on the 21st is too late."""
    for day, expected in (("2026-01-20", "supported"), ("2026-01-21", "contradicted")):
        fund = closes(_2019=0.001)
        fund.loc[day:] *= 1.5
        found = study(made(fund))
        assert verdict_on(found) == expected
        assert found.finding.measures["matches"] == (expected == "supported")


@pytest.mark.slow
def test_a_tie_is_not_stronger_and_noise_is_seldom_strongest():
    """Alike Januaries: none was stronger. Of random ones 2026 leads about as often as luck says."""
    assert verdict_on(study(made())) == "supported"
    rng = np.random.default_rng(7)
    index, led, luck = closes().index, [], []
    for _ in range(120):
        walk = pd.Series(np.exp(np.cumsum(rng.normal(0, 0.012, len(index)))), index=index)
        found = first_sessions(walk, JANUARY_2026, 10, MIDDLE)
        led.append(found.admitted["matched"].any())
        luck.append(found.luck)
    assert np.mean(led) == pytest.approx(np.mean(luck), abs=0.08)
    assert 1 / 11 < np.mean(luck) < 0.5


def test_luck_above_one_half_says_nothing():
    """With one year before, one of two is strongest anyway; with two leaders all are."""
    fund = closes(_2025=0.01, _2026=0.001)
    fund.loc["2026-01-15":] *= 1.5
    found = study(made(fund), years=1)
    assert found.finding.luck == 1.0 and verdict_on(found) == "true but uninformative"
    single = study(made(closes(_2026=0.01)), years=1)
    assert single.finding.luck == 0.5 and verdict_on(single) == "supported"


def test_years_and_days_that_are_missing_are_refused():
    """More years than closes, and days in which there is no session."""
    fund = closes()
    assert "January 2014" in first_sessions(fund, JANUARY_2026, 12, MIDDLE).refusal.reason
    weekend = DayRange(earliest="2026-01-17", latest="2026-01-18")
    assert "no session" in first_sessions(fund, JANUARY_2026, 10, weekend).refusal.reason


@pytest.mark.parametrize("as_of", ["1931-06", "1995-12", "2007-12", "newest"])
def test_the_bundled_run_refuses_and_still_shows_januaries(as_of):
    """Without the fund's closes there is no rank; what the months brought is shown all the same."""
    found = study(load_dataset("bundled", as_of))
    assert found.finding.refusal.needs == "latest"
    assert found.grid.empty and len(found.nearest) == 1
    _charts_speak(found)


def test_before_the_note_the_claim_is_not_yet_made():
    """At the end of 2025 nobody had seen January 2026."""
    refusal = study(made(as_of="2025-12")).finding.refusal
    assert refusal.reason.startswith("not yet made") and refusal.needs is None


def test_the_page_shows_every_day_and_the_years():
    """Charts of made data say something, and none says nan; the table has the admissible days."""
    found = study(made(closes(_2026=0.005)))
    _charts_speak(found)
    assert found.nearest["day"].tolist()[0] == "2026-01-12"
    assert set(found.gains) <= set(found.nearest)
    assert found.by_date["admitted"].sum() == found.by_date["matched"].sum() == 7
    assert len(found.by_date) > 15
    assert replace(found, grid=found.grid).grid["reason"].eq("").all()


def _charts_speak(found: CalendarMonth) -> None:
    for chart in (draw.months_of_year, value_by_date):
        drawn = chart(found)
        words = str(drawn) if isinstance(drawn, Sentence) else drawn.to_dict()["description"]
        assert words and "nan" not in words.lower()
