"""The valuation-gap chapter: planted predictability and persistence found, and the words kept."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.checks import valuation_gap
from analysis.checks.valuation_gap import books as gap_books
from analysis.checks.valuation_gap import evidence as gap_evidence
from analysis.checks.valuation_gap import spells as gap_spells
from analysis.checks.valuation_gap import tables as gap_tables
from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.panel import Dataset, gaps, loading
from analysis.results import Evidence, Refusal

CLAIMS = {name: c for name, c in load_claims().items() if c.chapter == "valuation_gap"}
FEW = valuation_gap.Parameters(draws=200)
LONG = 720
#: Shorter than the registered sixty months, so that a planted effect shows in sixty years.
HORIZON = 12


def verdict(outcome, claim, data="bundled") -> str | None:
    return decide(CLAIMS[claim], outcome, data=data, as_of="2018-11").verdict


def months(length, first="1940-01") -> pd.PeriodIndex:
    return pd.period_range(first, periods=length, freq="M", name="month")


def reverting(rho, slope=0.0, length=LONG, seed=5) -> tuple[pd.Series, pd.Series]:
    """Monthly spread and a gap of persistence `rho` that moves it by `slope` a month later."""
    rng = np.random.default_rng(seed)
    noise, own = rng.normal(0, 0.01, length), rng.normal(0, 0.03, length)
    gap, spread = np.zeros(length), np.zeros(length)
    for t in range(1, length):
        spread[t] = slope * gap[t - 1] + noise[t]
        gap[t] = rho * gap[t - 1] + own[t] - 0.5 * noise[t]
    return pd.Series(spread, months(length)), pd.Series(gap, months(length))


def examined(rho, slope=0.0, **changes):
    spread, gap = reverting(rho, slope, **changes)
    return gap_evidence.examine_basis(spread, gap, HORIZON, 0.8, 200, 1), spread


@pytest.fixture(scope="module")
def forecastable():
    """A gap with a half-life of two years that comes back through returns."""
    return examined(0.97, 0.05)


@pytest.fixture(scope="module")
def unrelated():
    """The same gap, of which returns know nothing."""
    return examined(0.97)


def test_planted_predictability_is_found_and_its_absence_too(forecastable, unrelated):
    """Supported on two bases that predict; a gap unrelated to returns is not."""
    (tests, spread), (idle, other) = forecastable, unrelated
    found = gap_evidence.after_wide_gaps({"june": tests, "december": tests}, spread, HORIZON)
    assert verdict(found, "gap-precedes-outperf") == "supported"
    nothing = gap_evidence.after_wide_gaps({"june": idle, "december": idle}, other, HORIZON)
    assert verdict(nothing, "gap-precedes-outperf") == "not distinguishable"
    assert nothing.mde > 0
    assert nothing.more_needed


def test_the_less_favourable_basis_counts_for_every_measure(forecastable, unrelated):
    """One basis that predicts and one that does not: each measure is the worse of the two."""
    (good, spread), (bad, _) = forecastable, unrelated
    found = gap_evidence.after_wide_gaps({"june": good, "december": bad}, spread, HORIZON).measures
    assert found["slope"] == min(good.null.slope, bad.null.slope)
    assert found["ivx_p"] == max(good.wald.p_value, bad.wald.p_value)
    assert found["bootstrap_p"] == max(good.null.p_t, bad.null.p_t)
    assert found["oos_r2"] == min(good.forecasts.estimate, bad.forecasts.estimate)
    assert found["clark_west"] == min(good.forecasts.clark_west, bad.forecasts.clark_west)
    assert found["wide_episodes"] == min(len(good.episodes), len(bad.episodes))
    assert found["slope_high"] == max(t.slope_bound(0.975) for t in (good, bad))
    assert bad.null.slope < good.null.slope


def test_the_wrong_sign_is_contradicted():
    """Where a wide gap comes before small-cap losses the whole interval lies below zero."""
    tests, spread = examined(0.97, -0.05)
    found = gap_evidence.after_wide_gaps({"june": tests}, spread, HORIZON)
    assert found.measures["slope_high"] < 0
    assert verdict(found, "gap-precedes-outperf") == "contradicted"


def test_slope_and_its_upper_end_by_hand(forecastable):
    """Least squares on complete windows; bias and quantile of the null draws, as written."""
    tests, spread = forecastable
    sums = spread.rolling(HORIZON).sum().shift(-HORIZON).dropna()
    slope = np.polyfit(tests.gap.loc[sums.index], sums, 1)[0]
    assert tests.null.slope == pytest.approx(slope)
    draws = tests.null.slope_draws
    bias = draws.mean()
    assert tests.slope == pytest.approx(slope - bias)
    assert tests.slope_bound(0.975) == pytest.approx(
        slope - bias + np.quantile(draws - bias, 0.975)
    )


def test_forecasts_begin_in_the_240th_month_with_complete_targets_only(forecastable):
    """Out-of-sample R² against plain loops that see, each month, only targets that are over."""
    tests, spread = forecastable
    returns, gap = spread.to_numpy(), tests.gap.to_numpy()
    model, mean = [], []
    sums = np.array([returns[s + 1 : s + 1 + HORIZON].sum() for s in range(LONG - HORIZON)])
    for t in range(239, LONG - HORIZON):
        past = np.arange(t - HORIZON + 1)
        y = sums[past]
        slope, intercept = np.polyfit(gap[past], y, 1)
        real = sums[t]
        model.append(real - intercept - slope * gap[t])
        mean.append(real - y.mean())
    assert tests.forecasts.origins[0] == 239
    r_squared = 1 - np.square(model).sum() / np.square(mean).sum()
    assert tests.forecasts.estimate == pytest.approx(r_squared)


def test_a_slow_gap_stays_cheap_and_a_fast_one_does_not():
    """A decade spent wide, and a half-life of three months, give the claim and its opposite."""
    spread, gap = reverting(0.99)
    gap.iloc[450:600] += np.sin(np.linspace(0, np.pi, 150))
    slow = gap_evidence.examine_basis(spread, gap, HORIZON, 0.8, 200, 1)
    fast = examined(0.8)[0]
    claim = CLAIMS["cheap-stays-cheap"]
    long, short = (gap_evidence.stays_cheap({"june": t}, claim) for t in (slow, fast))
    assert verdict(long, claim.id) == "supported"
    assert verdict(short, claim.id) == "contradicted"
    assert long.p_value < 0.05 < short.p_value
    assert long.ci_low < slow.half_life.ci_low
    both = gap_evidence.stays_cheap({"june": slow, "december": fast}, claim)
    assert both.measures == {
        "half_life_low": fast.half_life.ci_low,
        "half_life_high": slow.half_life.ci_high,
        "longest_wide_months": fast.longest_wide,
    }
    assert verdict(both, claim.id) == "not distinguishable"


def test_a_half_life_without_limit_has_a_detectable_effect_without_limit(unrelated):
    """An infinite estimate gives infinity, never NaN."""
    decay = replace(unrelated[0].half_life, estimate=math.inf, ci_low=math.inf)
    endless = replace(unrelated[0], half_life=decay)
    found = gap_evidence.stays_cheap({"june": endless}, CLAIMS["cheap-stays-cheap"])
    assert found.mde == math.inf
    assert "without limit" in found.finding


def test_real_time_percentiles_need_120_months_and_see_none_after():
    """The share of months so far that are no wider, from the 120th month on."""
    gap = pd.Series(np.r_[np.arange(120.0), 60.0, 500.0], months(122))
    ranks = gap_spells.real_time_percentile(gap)
    assert ranks.index[0] == gap.index[119]
    assert ranks.tolist() == pytest.approx([1.0, 62 / 121, 1.0])
    later = gap.copy()
    later.iloc[121] = -9.0
    assert gap_spells.real_time_percentile(later).iloc[:2].tolist() == ranks.iloc[:2].tolist()


def test_spells_and_independent_episodes_by_hand():
    """Unbroken runs above the percentile; a start within sixty months of the last is the same."""
    values = np.zeros(320)
    wide = [(130, 3), (140, 2), (190, 4), (191 + 60, 1)]
    for start, length in wide:
        values[start : start + length] = 1.0 + start
    gap = pd.Series(values + np.linspace(0, -0.5, 320), months(320))
    spells = gap_spells.wide_spells(gap, 0.8)
    assert spells["months"].tolist() == [3, 2, 4, 1]
    assert spells["first"].tolist() == [gap.index[start] for start, _ in wide]
    episodes = gap_spells.independent_episodes(spells, 60)
    assert episodes == [gap.index[130], gap.index[251]]
    assert gap_spells.independent_episodes(spells, 59) == [gap.index[i] for i in (130, 190, 251)]
    assert gap_spells.share_wide(gap, 0.8) == pytest.approx(10 / 201)
    assert gap_tables.spell_table({"june": gap}, 0.8).empty


def test_a_short_gap_is_refused_with_its_length():
    """Forecasts begin in the 240th month, so 239 months are too few."""
    spread, gap = reverting(0.97, length=239)
    refused = gap_evidence.examine_basis(spread, gap, 60, 0.8, 200, 1)
    assert isinstance(refused, Refusal)
    assert "239 months; 240" in refused.reason
    claim = CLAIMS["cheap-stays-cheap"]
    assert gap_evidence.stays_cheap({"june": refused}, claim) is refused
    assert gap_evidence.after_wide_gaps({"june": refused}, spread, HORIZON) is refused


def books(june, december, first=2000, **monthly) -> Dataset:
    """Latest data of which only the Junes' gaps, and monthly columns, are given."""
    index = pd.PeriodIndex([f"{first + i}-06" for i in range(len(june))], freq="M", name="june")
    valuation = pd.DataFrame({"gap_june": june, "gap_december": december}, index=index)
    span = pd.period_range(f"{first}-07", index[-1], freq="M", name="month")
    return Dataset(pd.DataFrame(monthly, index=span), {}, "latest", index[-1], valuation=valuation)


@pytest.mark.parametrize(
    ("june", "december", "expected"),
    [
        ([1.0, 1.1, 1.4, 1.6], [1.2, 1.3, 1.2, 1.5], "supported"),
        ([1.9, 1.8, 1.4, 1.3], [1.0, 1.1, 1.2, 1.5], "true but uninformative"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.24], "contradicted"),
        ([1.0, 1.1, 1.0, 1.2], [1.0, 1.1, 1.0, 1.3], "not distinguishable"),
    ],
)
def test_far_cheaper_is_a_ratio_of_a_quarter_on_both_bases(june, december, expected):
    """Lower and higher ratio, the lower percentile, and the distance of the two log gaps."""
    found = gap_books.cheaper_on_book(books(np.log(june), np.log(december)))
    assert verdict(found, "gap-book-sales-lower", "latest") == expected
    last = (june[-1], december[-1])
    assert found.measures["ratio_lowest"] == pytest.approx(min(last))
    assert found.measures["ratio_highest"] == pytest.approx(max(last))
    shares = [np.mean(np.array(v) <= v[-1]) for v in (june, december)]
    assert found.measures["percentile_lowest"] == pytest.approx(min(shares))
    assert found.mde == pytest.approx(abs(math.log(last[0] / last[1])))


@pytest.mark.parametrize(
    ("june", "december", "expected", "counts"),
    [
        ({}, {}, "supported", (0, 0)),
        ({2010: 9.0}, {}, "not distinguishable", (1, 0)),
        ({2010: 9.0, 2011: 9.0}, {2024: 9.0}, "contradicted", (2, 1)),
        ({1999: 9.0, 2026: 9.0}, {1999: 9.0}, "supported", (0, 0)),
    ],
)
def test_only_junes_from_2000_to_2024_are_counted(june, december, expected, counts):
    """Wider Junes on the two bases; those of 1999 and after June 2025 do not count."""
    bases = []
    for wider in (june, december):
        gap = dict.fromkeys(range(1990, 2027), 0.1) | {2025: 1.0} | wider
        bases.append([gap[year] for year in sorted(gap)])
    found = gap_books.widest_since(books(*bases, first=1990), CLAIMS["widest-since-1999"])
    assert verdict(found, "widest-since-1999", "latest") == expected
    measures = found.measures
    assert (measures["years_wider_most"], measures["years_wider_least"]) == counts
    assert (found.n, found.sample_end) == (25, "2025-06")


def test_an_earlier_last_june_takes_the_claimed_one_s_place():
    """As of 2010 the question is asked of June 2010, before 2001 it is refused."""
    claim, years = CLAIMS["widest-since-1999"], np.linspace(0, 1, 21)
    found = gap_books.widest_since(books(years, years, first=1990), claim)
    assert (found.n, found.sample_end) == (10, "2010-06")
    assert not gap_books.widest_since(books(years[:11], years[:11], first=1990), claim)


def still(rest, seed=2):
    """Thirty years in which small returns what the gap gives and `rest` a year beside it."""
    rng = np.random.default_rng(seed)
    gap = np.r_[0.0, rng.normal(0, 0.1, 30).cumsum()]
    yearly = rest + rng.normal(0, 0.02, 30) - np.diff(gap)
    small = np.expm1(np.repeat(yearly / 12, 12))
    return books(gap, gap + 0.2, first=1980, vw_small=small, vw_big=np.zeros(360)), yearly, gap


@pytest.mark.parametrize(
    ("rest", "expected"),
    [(0.03, "supported"), (-0.03, "contradicted"), (0.0, "not distinguishable")],
)
def test_what_is_left_with_multiples_standing_still_is_found(rest, expected):
    """The planted rest decides, whatever the multiples did."""
    data, yearly, gap = still(rest)
    found = gap_books.multiples_standing_still(data, FEW)
    assert verdict(found, "no-eps-needed", "latest") == expected
    by_hand = yearly + np.diff(gap)
    assert gap_books.rest_of_return(data, "june").to_numpy() == pytest.approx(by_hand)
    assert found.measures["rest_mean"] == pytest.approx(by_hand.mean())
    assert (found.n, found.sample_start, found.sample_end) == (30, "1980-07", "2010-06")


def test_the_p_value_is_that_of_the_lower_basis():
    """On two bases that differ the lower mean, its own p-value, and the outer ends are given."""
    data, _, _ = still(0.01)
    table = data.valuation.assign(gap_december=data.valuation["gap_december"] * 1.5)
    data = replace(data, valuation=table)
    found = gap_books.multiples_standing_still(data, FEW)
    rests = [gap_books.rest_of_return(data, basis) for basis in ("june", "december")]
    lower = min(rests, key=lambda rest: rest.mean())
    alone = gap_books._mean_with_interval(lower, FEW)
    assert found.estimate == pytest.approx(lower.mean())
    assert found.p_value == alone.p_value
    assert found.measures["rest_low"] <= alone.ci_low
    assert found.measures["rest_high"] >= alone.ci_high


def test_book_values_are_refused_where_they_are_missing():
    """The bundled data, too few years, and no June at all each say why."""
    data, _, _ = still(0.01)
    claim = CLAIMS["widest-since-1999"]
    bundled = replace(data, data="bundled")
    for refused in (
        gap_books.cheaper_on_book(bundled),
        gap_books.widest_since(bundled, claim),
        gap_books.multiples_standing_still(bundled, FEW),
        gap_books.multiples_standing_still(replace(data, monthly=data.monthly[["vw_small"]]), FEW),
    ):
        assert refused.needs == "latest"
    short = replace(data, monthly=data.monthly.iloc[: 12 * 19])
    assert "19 years" in gap_books.multiples_standing_still(short, FEW).reason
    empty = replace(data, valuation=data.valuation.iloc[:0])
    assert "no June" in gap_books.cheaper_on_book(empty).reason
    assert "no June" in gap_books.widest_since(empty, claim).reason


def test_the_defaults_are_the_registered_specification():
    """Leg, horizon and percentile of the claims, and the constants of the modules."""
    defaults = valuation_gap.Parameters()
    primary = CLAIMS["gap-precedes-outperf"].primary
    assert (defaults.leg, defaults.horizon) == (primary["leg"], primary["horizon"])
    for claim in ("gap-precedes-outperf", "cheap-stays-cheap"):
        assert CLAIMS[claim].primary["wide_percentile"] == defaults.wide
    assert primary["first_forecast_months"] == gap_evidence.FIRST_FORECAST
    assert CLAIMS["cheap-stays-cheap"].primary["level"] == gap_evidence.HALF_LIFE_LEVEL
    assert CLAIMS["cheap-stays-cheap"].primary["long_months"] == 12
    assert gap_spells.HISTORY_MONTHS == 120


@pytest.fixture(scope="module")
def early():
    """The study of the bundled data as of 1995-12."""
    return valuation_gap.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)


def expect_nothing_later(study, as_of):
    """Evidence with all measures, or a reason, from samples that end in time."""
    assert set(study.evidence) == set(CLAIMS)
    for name, outcome in study.evidence.items():
        if isinstance(outcome, Evidence):
            assert outcome.sample_end <= as_of
            assert CLAIMS[name].criterion.measures() <= set(outcome.measures)
            assert not any(math.isnan(value) for value in outcome.measures.values())
            verdict(outcome, name)
        else:
            assert outcome.needs == "latest"
    assert sorted(study.horizons["months"].unique()) == [1, 12, 36, 60, 120]
    assert str(study.gaps.index[-1]) <= as_of


def test_1995_runs_and_sees_nothing_later(early):
    """On the bundled data as of 1995-12."""
    expect_nothing_later(early, "1995-12")


def test_2007_runs_and_sees_nothing_later():
    """On the bundled data as of 2007-12."""
    study = valuation_gap.study(loading.load_dataset("bundled", "2007-12"), CLAIMS, FEW)
    expect_nothing_later(study, "2007-12")


def test_wild_values_after_the_date_change_nothing(early, monkeypatch):
    """Returns and gaps gone mad after 1995 leave every result of 1995-12 as it was."""
    whole = loading.load_dataset("bundled")
    wild, mad = whole.monthly.copy(), whole.valuation.copy()
    wild.loc["1996-01":] = 10.0
    mad.loc["1996-01":] = -7.0
    changed = replace(whole, monthly=wild, valuation=mad)
    monkeypatch.setattr(loading, "_load_bundled", lambda: changed)
    after = valuation_gap.study(loading.load_dataset("bundled", "1995-12"), CLAIMS, FEW)
    assert after.evidence == early.evidence
    pd.testing.assert_frame_equal(after.gaps, early.gaps)
    pd.testing.assert_frame_equal(after.horizons, early.horizons)


def test_without_book_values_the_past_return_stands_in():
    """The gap is then minus the sum of the past sixty months, on one basis, and says so."""
    spread, _ = reverting(0.97)
    stand_in = gaps(spread.to_frame("smb"), None, "smb")
    assert list(stand_in) == ["past"]
    assert stand_in["past"].iloc[-1] == pytest.approx(-spread.iloc[-60:].sum())
    assert "past sixty months" in valuation_gap.chapter._in_words(stand_in)
