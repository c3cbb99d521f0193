"""The seasonality chapter: planted truths, arithmetic by hand, and nothing from the future."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks.seasonality import Parameters, study
from analysis.checks.seasonality.january_evidence import (
    fund_januaries,
    gains_by_session,
    january_gains,
    strongest_january,
)
from analysis.checks.seasonality.january_tables import (
    after_strongest,
    january_table,
    month_means,
    rest_of_year,
    years_of,
)
from analysis.checks.seasonality.streak_evidence import lasting_streak, student_interval
from analysis.checks.seasonality.streak_runs import (
    WARM_UP,
    event_rows,
    expected_starts,
    longest_run,
    reach_positions,
    run_arithmetic,
    runs_by_decade,
    signs_of,
    thinned,
    what_followed,
)
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.inference.runs_of_signs import fit_chain, run_probability
from analysis.panel import Dataset, load_dataset
from analysis.results import Evidence, Refusal

CLAIMS = {name: claim for name, claim in load_claims().items() if claim.chapter == "seasonality"}
STREAK, BEST, GAINS = (CLAIMS[k] for k in ("streak-11", "best-january-decade", "jan-58-12"))
NO_CURVE = Refusal("not drawn")


def verdict_on(name: str, evidence: Evidence | Refusal) -> str | None:
    return decide(CLAIMS[name], evidence, data="latest", as_of="2026-04").verdict


def days(first: str, count: int) -> pd.DatetimeIndex:
    return pd.bdate_range(first, periods=count, name="day")


def monthly(years: int, first: int = 1927) -> pd.Series:
    index = pd.period_range(f"{first}-01", periods=12 * years, freq="M", name="month")
    return pd.Series(0.0, index=index)


def planted_januaries(slope: float) -> pd.Series:
    """Januaries of random strength, and a February of `slope` times January beside small noise."""
    rng = np.random.default_rng(0)
    spread = monthly(99)
    january = spread.index.month == 1
    strength = rng.normal(0.01, 0.03, 99)
    spread[january] = strength
    spread[spread.index.month == 2] = slope * strength + rng.normal(0, 0.01, 99)
    return spread


def funds_2026(small: np.ndarray | None = None, strong: float = 0.0) -> pd.DataFrame:
    """Closes of IWM and SPY from 2015; `small` are IWM's returns in the sessions of 2026."""
    index = pd.bdate_range("2015-12-01", "2026-04-30", name="day")
    iwm, spy = pd.Series(0.0, index=index), pd.Series(0.0, index=index)
    iwm[(index.year == 2019) & (index.month == 1)] = strong
    if small is not None:
        iwm[index.year == 2026] = np.resize(small, (index.year == 2026).sum())
    return pd.DataFrame({"IWM": (1 + iwm).cumprod(), "SPY": (1 + spy).cumprod()})


def made(
    spread: pd.Series | None = None,
    funds: pd.DataFrame | None = None,
    daily: pd.Series | None = None,
) -> Dataset:
    monthly_frame = pd.DataFrame({"smb": monthly(99) if spread is None else spread})
    frame = None if daily is None else pd.DataFrame({"smb": daily})
    month = pd.Period("2026-04", "M")
    return Dataset(monthly_frame, {}, "latest", month, daily=frame, funds=funds)


def test_january_table_by_hand():
    """Two per cent in every January and none elsewhere: all of the premium falls in January."""
    spread = monthly(99)
    spread[spread.index.month == 1] = 0.02
    spread += np.random.default_rng(1).normal(0, 1e-4, len(spread))
    table = january_table(spread).set_index("era")
    assert table["January"].tolist() == pytest.approx([0.02] * 4, abs=2e-4)
    assert table["January's share"].tolist() == pytest.approx([1.0] * 4, abs=0.06)
    assert table.loc["1963 to 1979, where it was found", "Januaries"] == 17
    assert table["January won"].tolist() == [1.0] * 4
    assert (table["p"] < 0.001).all()


def test_the_january_effect_stands_in_the_bundled_data():
    """Keim (1983): from 1963 to 1979 January was far above other months; since 1981 it is not."""
    table = january_table(load_dataset("bundled").monthly["smb"]).set_index("era")
    keim = table.loc["1963 to 1979, where it was found"]
    assert keim["low"] > 0
    assert keim["January's share"] > 0.5
    assert table.loc["from 1981", "low"] < 0


def test_months_need_ten_years_of_an_era():
    """An era of too few years has no bars."""
    assert set(month_means(monthly(60, 1927))["era"]) == {"to 1980"}
    assert len(month_means(monthly(80, 1927))) == 24


def test_years_and_the_strongest_of_eleven():
    """Januaries that rise are each the strongest of eleven; without ten before them none is."""
    spread = monthly(12, 2000)
    spread[spread.index.month == 1] = np.arange(12) / 100
    spread[spread.index.month == 12] = 0.03
    years = years_of(spread)
    assert years["january"].tolist() == pytest.approx(np.arange(12) / 100)
    assert years["rest"].tolist() == pytest.approx([0.03] * 12)
    assert years["strongest"].tolist() == [False] * 10 + [True] * 2
    assert after_strongest(years)["number"].tolist() == [2, 2]
    assert len(years_of(spread.iloc[:-1])) == 11


def test_the_slope_is_a_regression():
    """Slope and robust error by the textbook formula."""
    years = years_of(planted_januaries(0.5))
    fit = rest_of_year(years)
    x, y = (years[name].to_numpy() for name in ("january", "rest"))
    slope, intercept = np.polyfit(x, y, 1)
    away, left = x - x.mean(), y - intercept - slope * x
    error = np.sqrt((away**2 * left**2).sum() * len(x) / (len(x) - 2)) / (away**2).sum()
    assert (fit.slope, fit.error) == (pytest.approx(slope), pytest.approx(error))


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
    spread = planted_januaries(slope)
    dataset = made(spread, funds_2026(np.array([0.005]), strong))
    found = strongest_january(dataset, BEST, fund_januaries(dataset, BEST), spread)
    assert verdict_on(BEST.id, found) == expected
    assert found.measures["stronger_januaries"] == (1 if strong else 0)


def test_fund_januaries_by_hand():
    """Half a per cent a day for eleven sessions, compounded, and the years before stand still."""
    januaries = fund_januaries(made(funds=funds_2026(np.array([0.005]))), BEST)
    assert januaries["year"].tolist() == list(range(2016, 2027))
    assert januaries["gain"].iloc[-1] == pytest.approx(1.005**11 - 1)
    assert januaries["gain"].iloc[:-1].tolist() == pytest.approx([0.0] * 10)


@pytest.mark.parametrize(("gain", "expected"), [(0.058, "supported"), (0.08, "contradicted")])
def test_planted_gains_get_their_verdict(gain, expected):
    """The claimed gains by 16 January, and gains two points off."""
    funds = funds_2026()
    day = pd.Timestamp("2026-01-05")
    funds.loc[day:, "IWM"], funds.loc[day:, "SPY"] = 1 + gain, 1.012
    funds.loc["2026-01-19":] = 9.0
    dataset = made(funds=funds)
    found = january_gains(GAINS, gains_by_session(dataset, GAINS))
    assert found.measures["small_error"] == pytest.approx(abs(gain - 0.058), abs=1e-9)
    assert found.measures["large_error"] == pytest.approx(0.0, abs=1e-9)
    assert verdict_on(GAINS.id, found) == expected


def test_a_run_is_reached_at_its_last_needed_session():
    """+ + + − 0 + + + +: runs of three are reached at positions 2 and 7; a tie is no win."""
    returns = pd.Series([1.0, 1, 1, -1, 0, 1, 1, 1, 1], index=days("2000-01-03", 9))
    assert signs_of(returns).tolist() == [1, 1, 1, -1, -1, 1, 1, 1, 1]
    assert reach_positions(returns, 3).tolist() == [2, 7]
    assert thinned(np.array([2, 7, 12, 13]), 5).tolist() == [2, 12]


def test_the_longest_run_may_begin_before_its_month():
    """A run of three from December counts whole, one of January alone, and one of February not."""
    index = pd.bdate_range("2025-12-26", "2026-02-27", name="day")
    won = np.full(len(index), -1.0)
    won[index <= "2026-01-02"] = 1.0
    won[(index > "2026-02-02") & (index < "2026-02-12")] = 1.0
    small = pd.Series((1 + 0.01 * won).cumprod(), index=index)
    large = pd.Series(1.0, index=index)
    sessions = len(index[(index > "2025-12-26") & (index <= "2026-01-02")])
    assert longest_run(small, large, pd.Period("2026-01", "M")) == sessions
    assert isinstance(longest_run(small, large, pd.Period("2027-01", "M")), Refusal)


def streaky(drift: float, seed: int = 3) -> pd.Series:
    """Fifty years of days: runs of twelve wins every five years, then a year with `drift` a day."""
    count, rng = 252 * 50, np.random.default_rng(seed)
    noise = 0.005 * np.where(rng.random(count) < 0.5, 1.0, -1.0)
    noise[np.arange(count) % 6 == 0] = -0.005
    for start in range(252, count - 600, 1260):
        noise[start - 1] = -0.005
        noise[start : start + 12] = 0.001
        noise[start + 12 : start + 264] += drift
    return pd.Series(noise, index=days("1970-01-01", count), name="smb")


@pytest.mark.parametrize(
    ("drift", "streak", "expected"),
    [
        (0.002, 11, "supported"),
        (0.0, 11, "true but uninformative"),
        (0.002, 10, "contradicted"),
    ],
)
def test_a_planted_streak_gets_its_verdict(drift, streak, expected):
    """Leadership after runs; none; a run that was too short."""
    small = np.full(80, -0.001)
    small[:streak] = 0.001
    dataset = made(funds=funds_2026(small), daily=streaky(drift))
    found = lasting_streak(dataset, STREAK, 11, 252, NO_CURVE)
    assert found.measures["streak_sessions"] == streak
    assert verdict_on(STREAK.id, found) == expected


def test_what_followed_is_the_sum_of_the_sessions_after():
    """The mean after events less the mean of all windows, by a loop."""
    returns = streaky(0.001)
    followed = what_followed(returns, 11, 252)
    values = returns.to_numpy()
    events = [252 + 10 + 1260 * k for k in range(len(followed.positions))]
    assert followed.positions.tolist() == events
    after = np.mean([values[e + 1 : e + 253].sum() for e in events])
    every = np.mean([values[t + 1 : t + 253].sum() for t in range(len(values) - 252)])
    assert followed.shift.estimate == pytest.approx(after - every)
    assert followed.shift.placements == len(followed.values)


def test_the_chain_is_fitted_to_the_days_before():
    """The vectorised rate is that of a chain fitted to the sessions before, one by one."""
    returns = streaky(0.0).iloc[:900]
    expected = expected_starts(returns, 5)
    signs = signs_of(returns)
    for position in (WARM_UP, 500, 899):
        chain = fit_chain(signs[:position])
        made_by = run_probability(5, 10, chain.p_stay_up, chain.p_stay_down, steps_per_year=1)
        assert expected.iloc[position - WARM_UP] == pytest.approx(made_by.per_decade / 10)
    wild = returns.copy()
    wild.iloc[500:] = 1.0
    again = expected_starts(wild, 5)
    assert np.array_equal(again.iloc[: 501 - WARM_UP], expected.iloc[: 501 - WARM_UP])


def test_a_coin_is_expected_as_it_falls():
    """Of a fair coin's runs of four about as many are seen as expected; the last row is the sum."""
    rng = np.random.default_rng(5)
    coin = pd.Series(rng.choice([-1.0, 1.0], 20_000), index=days("1930-01-01", 20_000))
    table = runs_by_decade(coin, 4)
    whole = table.iloc[-1]
    assert whole["runs"] == table["runs"].iloc[:-1].sum()
    assert whole["expected"] == pytest.approx(19_748 / 32, rel=0.03)
    assert whole["runs"] == pytest.approx(whole["expected"], rel=0.1)


def test_run_arithmetic_of_a_coin():
    """A coin begins a run of eleven with probability 1/4096 a session: .615 in 2520 sessions."""
    table = run_arithmetic((11,)).set_index("p stay")
    assert table.loc[0.5, "a decade"] == pytest.approx(2520 / 4096)
    assert table["a decade"].is_monotonic_increasing


def test_events_say_whether_they_count():
    """A run soon after another is left out, one near the end has no window."""
    returns = streaky(0.0)
    returns.iloc[400:411] = 0.001
    returns.iloc[-50:-38] = 0.001
    rows = event_rows(returns, 11, 252)
    assert rows["counted"].tolist()[:2] == ["yes", "within a year of one before"]
    assert rows["counted"].iloc[-1] == "window not complete"
    assert rows["followed"].isna().sum() == 1


def test_student_interval_by_hand():
    """1, 2, 3: mean 2, standard error 1/√3, t(.975, 2) = 4.3027."""
    low, high = student_interval(np.array([1.0, 2.0, 3.0]))
    assert (low, high) == (
        pytest.approx(2 - 4.3027 / 3**0.5, 1e-4),
        pytest.approx(2 + 4.3027 / 3**0.5, 1e-4),
    )


def test_every_latest_claim_has_its_measures():
    """A whole study of made data: evidence for each claim, with all the criterion's measures."""
    small = np.full(80, -0.001)
    small[:11] = 0.001
    dataset = made(planted_januaries(0.5), funds_2026(small), streaky(0.001))
    shown = study(dataset, CLAIMS, Parameters(data="latest", draws=100))
    for name, claim in CLAIMS.items():
        assert claim.criterion.measures() <= set(shown.evidence[name].measures)
        assert verdict_on(name, shown.evidence[name])
    assert "joint p" in shown.evidence["streak-11"].sensitivity
    assert len(shown.paths) and len(shown.decades) and len(shown.gains) == 22
    _charts_speak(shown)


@pytest.mark.parametrize("as_of", ["1931-06", "1995-12", "2007-12", "newest"])
def test_the_bundled_run_refuses_with_what_is_missing(as_of):
    """No claim of this chapter can be judged on the bundled data, and each says what it needs."""
    shown = study(load_dataset("bundled", as_of), CLAIMS, Parameters(draws=100))
    assert {name: found.needs for name, found in shown.evidence.items()} == dict.fromkeys(
        CLAIMS, "latest"
    )
    _charts_speak(shown)


def test_before_the_note_the_latest_data_refuse_too():
    """At the end of 2007 nobody had seen January 2026."""
    dataset = made(planted_januaries(0.0), funds_2026(), streaky(0.0))
    early = replace(dataset, as_of=pd.Period("2007-12", "M"))
    found = study(early, CLAIMS, Parameters(data="latest", draws=100)).evidence
    assert all(isinstance(evidence, Refusal) for evidence in found.values())
    assert all("2007-12" in evidence.reason for evidence in found.values())


def test_the_defaults_are_the_registered_specification():
    """Leg, run and horizon are those of the claim file."""
    default = Parameters()
    assert default.leg == BEST.primary["leg"]
    assert default.run == STREAK.primary["run"]
    assert default.horizon_sessions == STREAK.primary["horizon_sessions"]


def _charts_speak(shown) -> None:
    from analysis.pages.charts import seasonality as draw

    for name in ("months_of_year", "january_and_rest", "fund_januaries", "run_arithmetic"):
        assert _words_of(getattr(draw, name)(shown))
    for name in ("runs_by_decade", "after_runs"):
        assert _words_of(getattr(draw, name)(shown))
    for table in (shown.session_table, shown.decade_table, shown.event_table):
        assert len(table)


def _words_of(chart) -> str:
    words = chart.to_dict()["description"]
    return "" if "nan" in words.lower() else words
