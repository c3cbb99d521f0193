"""January and the months after it: planted truths, arithmetic by hand, and a published effect."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.calendar_month import CalendarMonth, calendar_month
from analysis.designs.calendar_month.following_months import (
    after_strongest,
    rest_on_month,
    years_from,
)
from analysis.designs.calendar_month.fund_gains import fund_gains
from analysis.designs.calendar_month.month_means import means_by_month, month_against_others
from analysis.designs.calendar_month.month_words import following, plural_of
from analysis.pages.charts import seasonality as draw
from analysis.panel import Dataset, load_dataset

CLAIM = load_claims()["best-january-decade"]
JANUARY_2026 = pd.Period("2026-01", "M")
ONCE = Sampling(draws=1, seed=0)


def study(dataset: Dataset, **changes) -> CalendarMonth:
    return calendar_month(dataset, bind(CLAIM, changes), ONCE)


def verdict_on(found: CalendarMonth) -> str | None:
    return decide(CLAIM, found.finding, data="latest", as_of="2026-04").verdict


def monthly(years: int, first: str = "1927-01") -> pd.Series:
    index = pd.period_range(first, periods=12 * years, freq="M", name="month")
    return pd.Series(0.0, index=index)


def planted_januaries(slope: float) -> pd.Series:
    """Januaries of random strength, and a February of `slope` times January beside small noise."""
    rng = np.random.default_rng(0)
    spread = monthly(99)
    strength = rng.normal(0.01, 0.03, 99)
    spread[spread.index.month == 1] = strength
    spread[spread.index.month == 2] = slope * strength + rng.normal(0, 0.01, 99)
    return spread


def funds_2026(gain: float = 0.0, strong: float = 0.0) -> pd.DataFrame:
    """Closes of a fund that gains `gain` a day in 2026 and `strong` a day in January 2019."""
    index = pd.bdate_range("2015-12-01", "2026-04-30", name="day")
    returns = pd.Series(0.0, index=index)
    returns[(index.year == 2019) & (index.month == 1)] = strong
    returns[index.year == 2026] = gain
    return pd.DataFrame({"IWM": (1 + returns).cumprod()})


def made(spread: pd.Series | None = None, funds: pd.DataFrame | None = None) -> Dataset:
    frame = pd.DataFrame({"smb": monthly(99) if spread is None else spread})
    return Dataset(frame, {}, "latest", pd.Period("2026-04", "M"), funds=funds)


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


def test_years_and_the_strongest_of_eleven():
    """Januaries that rise are each the strongest of eleven; without ten before them none is."""
    spread = monthly(12, "2000-01")
    spread[spread.index.month == 1] = np.arange(12) / 100
    spread[spread.index.month == 12] = 0.03
    years = years_from(spread, 1, 10)
    assert years.index.tolist() == list(range(2000, 2012))
    assert years["month"].tolist() == pytest.approx(np.arange(12) / 100)
    assert years["rest"].tolist() == pytest.approx([0.03] * 12)
    assert years["strongest"].tolist() == [False] * 10 + [True] * 2
    assert after_strongest(years, 1, 10)["number"].tolist() == [2, 2]
    assert len(years_from(spread.iloc[:-1], 1, 10)) == 11


def test_another_month_is_followed_by_eleven_of_its_own():
    """October's rest runs from November to September; the broken years at the ends are left out."""
    spread = monthly(3, "2000-01")
    spread[:] = np.arange(36)
    years = years_from(spread, 10, 10)
    assert years.index.tolist() == [2000, 2001]
    assert years["month"].tolist() == [9, 21]
    assert years["rest"].tolist() == [sum(range(10, 21)), sum(range(22, 33))]
    assert (following(10), following(1)) == ("November to September", "February to December")
    assert [plural_of(month) for month in (1, 3, 5)] == ["Januaries", "Marches", "Mays"]


def test_the_slope_is_a_regression():
    """Slope and robust error by the textbook formula; nine years are refused."""
    years = years_from(planted_januaries(0.5), 1, 10)
    fit = rest_on_month(years)
    x, y = (years[name].to_numpy() for name in ("month", "rest"))
    slope, intercept = np.polyfit(x, y, 1)
    away, left = x - x.mean(), y - intercept - slope * x
    error = np.sqrt((away**2 * left**2).sum() * len(x) / (len(x) - 2)) / (away**2).sum()
    assert (fit.estimate, fit.standard_error) == (pytest.approx(slope), pytest.approx(error))
    assert fit.intercept == pytest.approx(intercept)
    assert "9 full years" in rest_on_month(years.iloc[:9]).refusal.reason


@pytest.mark.parametrize(
    ("slope", "strong", "expected"),
    [
        (1.0, 0.0, "supported"),
        (0.0, 0.0, "true but uninformative"),
        (1.0, 0.02, "contradicted"),
    ],
)
def test_a_planted_january_gets_its_verdict(slope, strong, expected):
    """Strongest and telling; strongest only; not the strongest."""
    found = study(made(planted_januaries(slope), funds_2026(0.005, strong)))
    assert verdict_on(found) == expected
    assert found.finding.measures["stronger_januaries"] == (1 if strong else 0)
    assert CLAIM.criterion.measures() <= set(found.finding.measures)


def test_fund_gains_by_hand():
    """Half a per cent a day for eleven sessions, compounded, and the years before stand still."""
    gains = fund_gains(made(funds=funds_2026(0.005)), "IWM", JANUARY_2026, 11, 10).table
    assert gains["year"].tolist() == list(range(2016, 2027))
    assert gains["gain"].iloc[-1] == pytest.approx(1.005**11 - 1)
    assert gains["month"].iloc[-1] == pytest.approx(1.005**22 - 1)
    assert gains["gain"].iloc[:-1].tolist() == pytest.approx([0.0] * 10)


def test_the_whole_month_and_years_that_are_missing():
    """A full month is all its sessions; more sessions than a month has, or more years, refuse."""
    dataset = made(funds=funds_2026(0.005))
    whole = fund_gains(dataset, "IWM", JANUARY_2026, "full_month", 10).table
    assert whole["gain"].tolist() == whole["month"].tolist()
    assert "no 23 sessions" in fund_gains(dataset, "IWM", JANUARY_2026, 23, 10).refusal.reason
    assert "January 2015" in fund_gains(dataset, "IWM", JANUARY_2026, 11, 11).refusal.reason


def test_the_grid_ranks_by_sessions_and_fits_by_leg_and_era():
    """Every combination has a row; what the data lack has a reason; the rank is by sessions."""
    funds = funds_2026(0.005)
    late = (funds.index > "2019-01-20") & (funds.index < "2019-02-01")
    funds.loc[late, "IWM"] *= 1.5
    found = study(made(planted_januaries(0.5), funds))
    assert len(found.grid) == 2 * 3 * 3
    stronger = found.grid.groupby("sessions")["stronger"].unique()
    assert (stronger[11].tolist(), stronger["full_month"].tolist()) == ([0.0], [1.0])
    assert set(found.grid.loc[found.grid["leg"] == "halves", "reason"]) == {
        "the latest data hold no leg halves"
    }
    assert len(found.fits) == 3
    assert (found.finding.specifications, found.finding.left_out) == (6, 12)
    assert "Over the whole month 1 of the 10 were stronger." in found.finding.sensitivity


def test_the_era_is_that_of_the_regression():
    """From 1981 on the slope is of those years alone, as in the grid's own row."""
    dataset = made(planted_januaries(0.5), funds_2026(0.005))
    late = study(dataset, era="from_1981")
    assert late.finding.sample_start == "1981-01"
    row = study(dataset).fits.set_index("era").loc["from_1981"]
    assert (late.finding.n, late.finding.estimate) == (row["years"], row["slope"])


@pytest.mark.parametrize("as_of", ["1931-06", "1995-12", "2007-12", "newest"])
def test_the_bundled_run_refuses_and_still_shows_januaries(as_of):
    """Without the fund's closes there is no rank; what the months brought is shown all the same."""
    found = study(load_dataset("bundled", as_of))
    assert found.finding.refusal.needs == "latest"
    assert found.fund.empty
    assert found.fits.empty == (as_of == "1931-06")
    _charts_speak(found)


def test_before_the_note_the_latest_data_refuse_too():
    """At the end of 2007 nobody had seen January 2026."""
    dataset = made(planted_januaries(0.0), funds_2026())
    refusal = study(replace(dataset, as_of=pd.Period("2007-12", "M"))).finding.refusal
    assert "2007-12" in refusal.reason and refusal.needs is None


def test_the_page_shows_the_fund_and_the_years():
    """Charts of made data say something, and none says nan."""
    _charts_speak(study(made(planted_januaries(0.5), funds_2026(0.005))))


def _charts_speak(found: CalendarMonth) -> None:
    for chart in (draw.months_of_year, draw.month_and_rest, draw.fund_gains):
        words = chart(found).to_dict()["description"]
        assert words and "nan" not in words.lower()
