"""Predictive regressions of the gap: planted predictability found, and the criterion's words."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.claims import load_claims
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind
from analysis.designs.predictive_regression import finding_of, predictive_regression, regressions
from analysis.designs.predictive_regression.grid import (
    GRID_ESTIMATES,
    _too_few,
    holding,
    run_grid,
)
from analysis.designs.predictive_regression.horizons import ESTIMATES, horizon_table, regress
from analysis.designs.predictive_regression.regressions import examine
from analysis.inference.joint_histories import FEWEST_STARTS, upper_share
from analysis.inference.null_r_squared import null_r_squared, slope_p_without
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.predictive import ivx
from analysis.panel import Dataset, load_dataset
from analysis.panel.falling_rates import falling_rates
from analysis.panel.gaps import GapSample, gap_sample
from analysis.panel.spells import episode_spans

CLAIM = load_claims()["gap-precedes-outperf"]
FEW = Sampling(draws=200, seed=1)
LONG = 720
#: Shorter than the registered sixty months, so that a planted effect shows in sixty years.
HORIZON = 12
SHORT = replace(bind(CLAIM, {"horizon": HORIZON}), grid={})


def verdict(finding) -> str | None:
    return decide(CLAIM, finding, data="bundled", as_of="2018-11").verdict


def reverting(rho, slope=0.0, length=LONG, seed=5) -> GapSample:
    """Monthly spread and a gap of persistence `rho` that moves it by `slope` a month later."""
    rng = np.random.default_rng(seed)
    noise, own = rng.normal(0, 0.01, length), rng.normal(0, 0.03, length)
    gap, spread = np.zeros(length), np.zeros(length)
    for t in range(1, length):
        spread[t] = slope * gap[t - 1] + noise[t]
        gap[t] = rho * gap[t - 1] + own[t] - 0.5 * noise[t]
    months = pd.period_range("1940-01", periods=length, freq="M", name="month")
    return GapSample(pd.Series(spread, months), pd.Series(gap, months))


def examined(rho, slope=0.0, **changes):
    sample = reverting(rho, slope, **changes)
    return examine(sample, SHORT, FEW), sample


def found(**regressions):
    return finding_of(regressions, SHORT.arguments)


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
    one, idle = forecastable[0], unrelated[0]
    assert verdict(found(june=one, december=one)) == "supported"
    nothing = found(june=idle, december=idle)
    assert verdict(nothing) == "not distinguishable"
    assert nothing.mde > 0
    assert nothing.more_needed


def test_the_less_favourable_basis_counts_for_every_measure(forecastable, unrelated):
    """One basis that predicts and one that does not: each measure is the worse of the two."""
    good, bad = forecastable[0], unrelated[0]
    measures = found(june=good, december=bad).measures
    assert measures["slope"] == min(good.null.slope, bad.null.slope)
    assert measures["ivx_p"] == max(good.wald.p_value, bad.wald.p_value)
    assert measures["bootstrap_p"] == max(good.upper_p, bad.upper_p)
    assert measures["oos_r2"] == min(good.forecasts.estimate, bad.forecasts.estimate)
    assert measures["clark_west"] == min(good.forecasts.clark_west, bad.forecasts.clark_west)
    assert measures["wide_episodes_complete"] == min(good.complete, bad.complete)
    assert measures["slope_high"] == max(one.slope_bound(0.975) for one in (good, bad))
    assert bad.null.slope < good.null.slope


def test_the_wrong_sign_is_contradicted():
    """Where a wide gap comes before small-cap losses the whole interval lies below zero."""
    against = found(june=examined(0.97, -0.05)[0])
    assert against.measures["slope_high"] < 0
    assert verdict(against) == "contradicted"
    assert against.p_value > 0.95
    assert "fell behind large caps" in against.finding


def test_one_test_decides_and_a_person_s_forecasts_are_beside_it(forecastable, unrelated):
    """Neither poor forecasts in real time nor missing episodes take a supported claim back."""
    good, bad = forecastable[0], unrelated[0]
    poor = replace(good, forecasts=bad.forecasts, episodes=(), complete=0)
    found_poor, found_good = found(june=poor), found(june=good)
    assert verdict(found_poor) == verdict(found_good) == "supported"
    assert (found_poor.usable_in_time, found_good.usable_in_time) == (False, True)
    assert "no better than the past mean" in found_poor.in_time
    assert "No separate wide gap" in found_poor.finding
    assert found_good.mde == pytest.approx(2.8016 * good.null.slope_draws.std(), rel=1e-3)


def test_an_episode_without_outcome_is_not_counted(forecastable):
    """Only gaps whose horizon has passed stand in the measures and in the sentence."""
    one = replace(forecastable[0], complete=len(forecastable[0].episodes) - 1)
    count = len(one.episodes) - 1
    assert found(june=one).measures["wide_episodes_complete"] == count
    assert f"{count} separate wide gap" in found(june=one).finding


def test_slope_and_its_upper_end_by_hand(forecastable):
    """Least squares on complete windows; bias and quantile of the null draws, as written."""
    one, sample = forecastable
    sums = sample.spread.rolling(HORIZON).sum().shift(-HORIZON).dropna()
    slope = np.polyfit(one.gap.loc[sums.index], sums, 1)[0]
    assert one.null.slope == pytest.approx(slope)
    draws = one.null.slope_draws
    bias = draws.mean()
    assert one.slope == pytest.approx(slope - bias)
    assert one.slope_bound(0.975) == pytest.approx(slope - np.quantile(draws, 0.025))
    assert one.slope_bound(0.025) == pytest.approx(slope - np.quantile(draws, 0.975))


def test_the_interval_of_the_slope_and_its_p_value_agree(forecastable):
    """A lower end at zero is a slope that the draws reach as often as the interval leaves out."""
    null = forecastable[0].null
    skewed = np.random.default_rng(3).exponential(1.0, 4000) - 0.7
    for level in (0.01, 0.025, 0.2):
        slope = float(np.quantile(skewed, 1 - level))
        one = replace(forecastable[0], null=replace(null, slope=slope, slope_draws=skewed))
        assert one.slope_bound(level) == pytest.approx(0.0)
        assert one.upper_p == pytest.approx(level, abs=0.001)


def test_forecasts_begin_in_the_240th_month_with_complete_targets_only(forecastable):
    """Out-of-sample R² against plain loops that see, each month, only targets that are over."""
    one, sample = forecastable
    returns, gap = sample.spread.to_numpy(), one.gap.to_numpy()
    model, mean = [], []
    sums = np.array([returns[s + 1 : s + 1 + HORIZON].sum() for s in range(LONG - HORIZON)])
    for t in range(239, LONG - HORIZON):
        past = np.arange(t - HORIZON + 1)
        y = sums[past]
        slope, intercept = np.polyfit(gap[past], y, 1)
        real = sums[t]
        model.append(real - intercept - slope * gap[t])
        mean.append(real - y.mean())
    assert one.forecasts.origins[0] == 239
    r_squared = 1 - np.square(model).sum() / np.square(mean).sum()
    assert one.forecasts.estimate == pytest.approx(r_squared)


def test_an_episode_is_complete_when_its_horizon_has_passed(forecastable):
    """The last episode of a shorter sample has no outcome yet; the others have."""
    one, sample = forecastable
    last = one.episodes[-1]
    cut = GapSample(sample.spread.loc[: last + 6], sample.gap.loc[: last + 6])
    again = examine(cut, SHORT, FEW)
    assert again.episodes == one.episodes
    assert again.complete == len(again.episodes) - 1


def test_a_short_gap_is_refused_with_its_length():
    """Forecasts begin in the 240th month, so 239 months are too few."""
    refused, _ = examined(0.97, length=239)
    assert "239 months; 240" in refused.refusal.reason
    assert found(june=refused, december=refused).refusal == refused.refusal


def test_a_regression_by_junes_is_the_yearly_one_by_hand(forecastable):
    """Every June's gap against the twelve months after it, once a year."""
    _, sample = forecastable
    [row] = regress(sample, "june", (12,), FEW)
    junes = sample.gap[sample.gap.index.month == 6]
    after = [sample.spread.loc[june + 1 : june + 12].sum() for june in junes.index[1:-1]]
    assert row["slope"] == pytest.approx(np.polyfit(junes.iloc[1:-1], after, 1)[0])
    assert row["R²"] == pytest.approx(np.corrcoef(junes.iloc[1:-1], after)[0, 1] ** 2)
    monthly, half_year = regress(sample, "june", (1, 6), FEW)
    assert monthly["reason"] and half_year["reason"]


def panel(sample, rate=None) -> Dataset:
    """A data set of one leg, one gap and a bill."""
    junes = sample.gap[sample.gap.index.month == 6].rename_axis("june")
    valuation = pd.DataFrame({"gap_june": junes, "gap_december": junes})
    bill = np.full(len(sample.spread), 0.003) if rate is None else rate
    monthly = pd.DataFrame({"smb": sample.spread, "bill": bill})
    return Dataset(monthly, {}, "bundled", monthly.index[-1], valuation=valuation)


def test_the_grid_leaves_out_with_a_reason_what_the_data_cannot_give():
    """Legs of the latest data and windows too long, one row each."""
    grid = {"leg": ("smb", "halves"), "basis": ("june",), "horizon": (12, 120)}
    dataset = load_dataset("bundled", "1955-12")
    study = predictive_regression(dataset, replace(bind(CLAIM), grid=grid), FEW)
    assert len(study.grid) == 4
    ran = study.grid[study.grid["reason"].eq("")]
    assert ran[["leg", "horizon"]].to_numpy().tolist() == [["smb", 12]]
    assert study.grid["reason"].str.contains("does not hold this leg").sum() == 2
    assert not ran[list(GRID_ESTIMATES)].isna().any(axis=None)
    falling = predictive_regression(
        dataset, replace(bind(CLAIM, {"condition": "falling_rates"}), grid={}), FEW
    )
    assert "falling_rates" in falling.finding.refusal.reason
    assert falling.grid.empty


def test_every_axis_of_the_grid_is_run_and_joined():
    """Nothing registered is left unrun; one p-value speaks for all, by chance in between."""
    assert CLAIM.not_run == ()
    grid = {"basis": ("june",), "horizon": (12, 36), "condition": ("none", "falling_rates")}
    grid |= {"era": ("full", "from_1981"), "sampling": ("monthly", "june")}
    rates = 0.003 + 0.002 * np.sin(np.arange(LONG) / 9)
    shown = {}
    for slope in (0.0, 0.03, -0.03):
        dataset = panel(reverting(0.97, slope), rates)
        shown[slope] = run_grid(dataset, replace(bind(CLAIM), grid=grid), FEW)
    rows = shown[0.03].rows
    assert rows["reason"].eq("").sum() >= 8
    assert set(rows.loc[rows["reason"].eq(""), "condition"]) == {"none", "falling_rates"}
    assert shown[0.03].joint_p < 0.05 < shown[0.0].joint_p
    assert shown[-0.03].joint_p > 0.95


def test_a_regression_with_falling_rates_uses_only_those_months():
    """Its slope is least squares on the windows that start while rates are falling."""
    sample = reverting(0.97, 0.03)
    dataset = panel(sample, 0.003 + 0.002 * np.sin(np.arange(LONG) / 9))
    grid = {"basis": ("june",), "horizon": (12,), "condition": ("falling_rates",)}
    [row] = run_grid(dataset, replace(bind(CLAIM), grid=grid), FEW).rows.to_dict("records")
    gap = predictive_regression(dataset, replace(SHORT), FEW).samples["june"]
    falling = falling_rates(dataset.monthly)
    sums = gap.returns.rolling(12).sum().shift(-12).dropna()
    starts = sums.index[sums.index.isin(falling.index[falling])]
    assert row["slope"] == pytest.approx(np.polyfit(gap.gap.loc[starts], sums.loc[starts], 1)[0])
    assert 0 < len(starts) < len(sums)


def test_one_basis_alone_can_be_asked_for():
    """The finding on a basis is that of its own regression."""
    dataset = load_dataset("bundled", "1975-12")
    both = predictive_regression(dataset, replace(bind(CLAIM), grid={}), FEW)
    specification = replace(bind(CLAIM, {"basis": "december"}), grid={})
    alone = predictive_regression(dataset, specification, FEW)
    assert list(alone.regressions) == ["december"]
    assert "on one basis: market value in the December before." in alone.predictor
    assert "on two bases: market value in June, and market value in" in both.predictor
    december = both.regressions["december"]
    assert alone.finding.measures["slope"] == december.null.slope
    assert alone.finding.p_value == december.upper_p


def test_without_book_values_the_past_return_stands_in():
    """The gap is then minus the sum of the past sixty months, on one basis, and says so."""
    dataset = replace(load_dataset("bundled", "1975-12"), valuation=None)
    study = predictive_regression(dataset, bind(CLAIM), FEW)
    assert list(study.gaps) == ["past"]
    assert study.gaps["past"].iloc[-1] == pytest.approx(-dataset.monthly["smb"].iloc[-60:].sum())
    assert "past sixty months" in study.predictor
    assert study.finding.refusal is None
    assert set(study.horizons["basis"]) == {"past"}
    by_books = study.grid["predictor"].eq("gap")
    assert study.grid.loc[by_books, "reason"].ne("").all()
    assert study.grid.loc[~by_books, "reason"].eq("").any()


def test_each_wide_gap_is_left_out_in_turn():
    """The higher p-value of two bases counts; one that cannot be judged without it fails."""
    regression, _ = examined(0.97, 0.05)
    other = replace(regression, without={"x": 0.2})
    lone = replace(regression, without={"a": 0.03, "b": float("nan")})
    measures = found(june=lone, december=other).without_one
    assert set(measures) == {"a (june basis)", "b (june basis)", "x (december basis)"}
    assert measures["x (december basis)"] == {"bootstrap_p": max(0.2, regression.upper_p)}
    assert measures["a (june basis)"] == {"bootstrap_p": max(0.03, regression.upper_p)}
    assert np.isnan(measures["b (june basis)"]["bootstrap_p"])


def test_the_less_favourable_of_two_bases_decides():
    """The higher p-value, the higher end of the interval, the lower slope."""
    one, _ = examined(0.97, 0.05)
    two, _ = examined(0.97)
    both = found(june=one, december=two)
    assert one.upper_p < two.upper_p
    assert both.measures["bootstrap_p"] == both.p_value == two.upper_p
    assert both.measures["slope"] == min(one.null.slope, two.null.slope)


def test_an_episode_is_every_month_to_the_end_of_its_last_spell():
    """Spells within the horizon of an episode's first month belong to it."""
    spells = pd.DataFrame(
        {
            "first": pd.PeriodIndex(["1960-01", "1962-01", "1970-01"], freq="M"),
            "last": pd.PeriodIndex(["1960-03", "1963-05", "1970-02"], freq="M"),
            "months": [3, 17, 2],
        }
    )
    found = {str(a): str(b) for a, b in episode_spans(spells, 60).items()}
    assert found == {"1960-01": "1963-05", "1970-01": "1970-02"}
    assert episode_spans(spells.iloc[:0], 60) == {}
    assert {str(a): str(b) for a, b in episode_spans(spells, 12).items()} == {
        "1960-01": "1960-03", "1962-01": "1963-05", "1970-01": "1970-02",
    }  # fmt: skip


def test_months_are_left_out_of_the_data_and_of_every_history():
    """Nothing left out is the whole test; without the only months that predict, nothing is left."""
    rng = np.random.default_rng(2)
    gap, returns = np.zeros(600), rng.normal(0, 0.02, 600)
    for t in range(1, 600):
        gap[t] = 0.95 * gap[t - 1] + rng.normal(0, 0.1)
    gap[200:230] += 3.0
    returns[201:231] += 0.04
    whole = null_r_squared(returns, gap, 12, 499, 7)
    none, inside, outside = slope_p_without(
        returns, gap, 12, [(0, 0), (185, 235), (400, 450)], 499, 7
    )
    assert none == upper_share(whole.slope_draws, whole.slope) < 0.05
    assert outside < 0.05 < 0.2 < inside
    assert np.isnan(slope_p_without(returns, gap, 12, [(0, 588)], 99, 7)[0])


def test_every_field_of_a_finding_is_that_of_the_basis_that_decides(forecastable):
    """Number, interval, error, windows and months by hand; a wider error of the other counts."""
    one, sample = forecastable
    wide = replace(one, null=replace(one.null, slope_draws=one.null.slope_draws * 6))
    assert wide.upper_p > one.upper_p
    worse = replace(wide, gap=one.gap.iloc[12:])
    both = found(june=one, december=worse)
    draws = worse.null.slope_draws
    assert both.estimate == pytest.approx(one.null.slope - draws.mean())
    assert both.ci_low == pytest.approx(one.null.slope - np.quantile(draws, 0.975))
    assert both.ci_high == pytest.approx(one.null.slope - np.quantile(draws, 0.025))
    assert both.p_value == worse.upper_p
    assert both.mde == pytest.approx(2.8015852 * draws.std())
    assert (both.n, both.effective_n) == (LONG - HORIZON, (LONG - 1) // HORIZON)
    assert (both.sample_start, both.sample_end) == ("1941-01", str(sample.gap.index[-1]))
    windows = both.effective_n
    total = int(np.ceil((2.8015852 * draws.std() / both.estimate) ** 2 * windows))
    more = max(0, total - windows)
    said = f"{more} more windows ({total} in all)" if more else f"the {windows} windows there are"
    assert both.more_needed.startswith(said)
    assert both.more_needed.endswith("of 1 years to detect a slope of the size found")
    assert both.unit.startswith("decimal return over 12 months when")
    measures = both.measures
    for name in ("estimate", "median", "percentile_95"):
        short = {"estimate": "r_squared", "median": "r_squared_null_median"}
        assert measures[short.get(name, "r_squared_null_95")] == getattr(worse.null, name)
    flat = replace(one, null=replace(one.null, slope=float(one.null.slope_draws.mean())))
    assert found(june=flat).more_needed.startswith("no number of windows of 1 years")


def test_the_sentence_of_a_finding_says_the_slope_in_points(forecastable):
    """A standard deviation of the gap times the slope, with and without its bias."""
    one, sample = forecastable
    spread = sample.gap.std()
    assert one.spread == pytest.approx(spread)
    said = found(june=one).finding
    assert f"small caps beat large caps by {100 * one.null.slope * spread:.1f} points" in said
    assert f" over the next 1 years, {one.slope * spread:+.1%} after correction" in said
    below = replace(one, null=replace(one.null, slope=-0.2))
    assert f"fell behind large caps by {20 * spread:.1f} points" in found(june=below).finding
    level = replace(one, null=replace(one.null, slope=0.0))
    assert "small caps beat large caps by 0.0 points" in found(june=level).finding
    for complete, words in (
        (0, "No separate wide gap has its next 1 years behind it."),
        (1, "1 separate wide gap has its next 1 years behind it."),
        (2, "2 separate wide gaps have their next 1 years behind them."),
    ):
        assert found(june=replace(one, complete=complete)).finding.endswith(words)


def test_forecasts_in_time_must_beat_the_mean_and_its_noise(forecastable):
    """R² above zero and Clark and West above 1.645; at either bound they do not."""
    one = forecastable[0]

    def usable(r_squared, clark_west):
        forecasts = replace(one.forecasts, estimate=r_squared, clark_west=clark_west)
        return found(june=replace(one, forecasts=forecasts)).usable_in_time

    assert usable(0.01, 1.646) is True
    assert usable(0.0, 9.0) is False
    assert usable(0.01, 1.645) is False


def test_the_last_month_of_an_outcome_completes_an_episode(forecastable):
    """An episode is complete in the very month in which its horizon ends, and not before."""
    one, sample = forecastable
    end = one.episodes[-1] + HORIZON
    for last, complete in ((end, len(one.episodes)), (end - 1, len(one.episodes) - 1)):
        cut = GapSample(sample.spread.loc[:last], sample.gap.loc[:last])
        assert examine(cut, SHORT, FEW).complete == complete


def test_each_episode_left_out_is_named_by_its_months(forecastable, unrelated):
    """From the first month of its first spell to the last of its last, months outside it kept."""
    for one, sample in (forecastable, unrelated):
        spans = episode_spans(one.spells, HORIZON)
        assert list(one.without) == [f"{first} to {last}" for first, last in spans.items()]
        places = [
            (sample.gap.index.get_loc(first), sample.gap.index.get_loc(last) + 1)
            for first, last in spans.items()
        ]
        twin = slope_p_without(sample.spread, sample.gap, HORIZON, places, FEW.draws, FEW.seed)
        assert list(one.without.values()) == twin


def test_a_regression_once_a_year_needs_whole_years(forecastable):
    """Eighteen months are refused, twenty-four are two windows of the yearly series."""
    _, sample = forecastable
    yearly = {"sampling": "june", "horizon": 18}
    refused = examine(sample, replace(bind(CLAIM, yearly), grid={}), FEW)
    assert refused.refusal.reason == "18 months are no whole number of years"
    two = examine(sample, replace(bind(CLAIM, yearly | {"horizon": 24}), grid={}), FEW)
    assert two.null.horizon == 2
    assert two.wald.horizon == two.forecasts.horizon == 2
    # forecasts begin in the twentieth June
    assert two.forecasts.origins[0] == 240 // 12 - 1


def test_the_horizons_that_are_shown_are_those_of_the_grid(forecastable):
    """Too long a window has a reason; the others are the tests of their own horizon."""
    _, sample = forecastable
    rows = regress(sample, "monthly", (12, 174, 175), FEW)
    # 720 months are more than four times 173 and twenty-four
    assert [row["reason"] == "" for row in rows] == [True, False, False]
    assert regress(sample, "monthly", (173,), FEW)[0]["reason"] == ""
    assert rows[1]["reason"] == "720 months are too few, or no whole number of periods"
    first = rows[0]
    null = null_r_squared(sample.returns, sample.gap, 12, FEW.draws, FEW.seed)
    assert first["horizon"] == 12
    assert first["t, Newey-West"] == newey_west(sample.returns, sample.gap, 12).t_stat
    assert first["t, Hodrick 1B"] == hodrick_1b(sample.returns, sample.gap, 12).t_stat
    assert first["p, IVX"] == ivx(sample.returns, sample.gap, 12).p_value
    assert first["p, bootstrap"] == null.p_t
    given = (first["slope"], first["R²"], first["R² null median"], first["R² null 95%"])
    assert given == (null.slope, null.estimate, null.median, null.percentile_95)
    assert first["windows"] == null.effective_n


def test_the_grid_by_hand():
    """Junes, whole years, gaps and past returns: each slope is least squares on its own windows."""
    dataset = panel(reverting(0.97, 0.03))
    grid = {"basis": ("june",), "predictor": ("gap", "past_return"), "horizon": (6, 24)}
    grid |= {"sampling": ("monthly", "june")}
    found = run_grid(dataset, replace(bind(CLAIM), grid=grid), FEW)
    rows = found.rows.set_index(["predictor", "sampling", "horizon"])
    for name in ("gap", "past_return"):
        gap = gap_sample(dataset, "smb", name, "june", "full")
        for sampling, horizon in itertools.product(("monthly", "june"), (6, 24)):
            row = rows.loc[name, sampling, horizon]
            if sampling == "june" and horizon == 6:
                assert row["reason"] == "6 months are no whole number of years"
                continue
            ahead = gap.returns.rolling(horizon).sum().shift(-horizon).reindex(gap.gap.index)
            kept = ahead.notna() & ((ahead.index.month == 6) | (sampling == "monthly"))
            slope = np.polyfit(gap.gap[kept], ahead[kept], 1)[0]
            assert row["reason"] == "" and row["slope"] == pytest.approx(slope)
            fit = np.corrcoef(gap.gap[kept], ahead[kept])[0, 1] ** 2
            assert row["R²"] == pytest.approx(fit)
            assert 0 < row["R² null median"] < row["R² null 95%"] < 1
    assert 0 < found.joint_p < 1
    absent = run_grid(dataset, replace(bind(CLAIM), grid=grid | {"leg": ("halves",)}), FEW)
    assert absent.joint_p is None and absent.rows["reason"].ne("").all()


def test_a_third_of_the_starts_is_enough_where_they_are_junes():
    """The fewest starts, by month and by June; one fewer has a reason that names the regression."""
    one = {"sampling": "june", "horizon": 12}
    for sampling, fewest in (("june", FEWEST_STARTS // 3), ("monthly", FEWEST_STARTS)):
        one["sampling"] = sampling
        starts = np.arange(0, 12 * fewest, 12)
        assert _too_few(starts, one) == ""
        assert _too_few(starts[1:], one).endswith(" for a regression")
    one |= {"sampling": "monthly", "horizon": 7}
    assert _too_few(np.arange(0, 12 * FEWEST_STARTS, 12), one) == ""


def test_what_holds_in_the_grid_is_counted_by_hand():
    """Slopes above zero, p-values below 5%, and the median where rates fall; zero is neither."""
    rows = pd.DataFrame(
        {
            "slope": [0.5, 0.0, -0.2, 0.3, 9.0],
            "p, bootstrap": [0.01, 0.05, 0.9, 0.2, 0.5],
            "condition": ["none", "none", "falling_rates", "falling_rates", "none"],
            "reason": ["", "", "", "", "left out"],
        }
    )
    said = [
        "Of 4 regressions of the grid 2 have a positive slope and 1 a p-value below 5%.",
        "With falling rates as well (2) the median p-value is 0.55.",
    ]
    assert list(holding(rows)) == said
    assert len(list(holding(rows.iloc[:2]))) == 1
    assert list(holding(rows.iloc[4:])) == []


def test_what_one_basis_lacks_the_finding_lacks(forecastable, unrelated):
    """Refused forecasts refuse; the other basis' p-value counts where it is the higher."""
    one, idle = forecastable[0], unrelated[0]
    refused = replace(one, forecasts=type(one.forecasts).refused("no forecast"))
    assert found(june=one, december=refused).refusal.reason == "no forecast"
    assert one.upper_p < idle.upper_p
    both = found(june=replace(one, without={"a": 0.03}), december=replace(idle, without={"b": 0.9}))
    assert both.without_one == {
        "a (june basis)": {"bootstrap_p": idle.upper_p},
        "b (december basis)": {"bootstrap_p": 0.9},
    }
    assert "did better than the past mean" in found(june=one).in_time
    assert "did no better than the past mean" in found(june=idle).in_time
    for slope, words in ((2.0, "beat large caps by"), (-2.0, "fell behind large caps by")):
        steep = replace(one, null=replace(one.null, slope=slope))
        assert f"{words} {200 * one.spread:.1f} points" in found(june=steep).finding


def test_four_windows_and_two_years_are_the_least_that_is_shown():
    """Seventy-three months are regressed over twelve, seventy-two are not."""
    whole = reverting(0.9)
    for months, runs in ((73, True), (72, False)):
        short = GapSample(whole.spread[:months], whole.gap[:months])
        [row] = regress(short, "monthly", (12,), FEW)
        assert (row["reason"] == "") is runs


def test_each_basis_has_its_own_gap_in_the_grid():
    """Two bases are two pairs, whose slopes are each their own."""
    dataset = panel(reverting(0.97, 0.03))
    twice = dataset.valuation.assign(gap_december=lambda table: table["gap_december"].cumsum())
    dataset = replace(dataset, valuation=twice)
    grid = {"basis": ("june", "december"), "horizon": (12,)}
    rows = run_grid(dataset, replace(bind(CLAIM), grid=grid), FEW).rows.set_index("basis")
    for basis in ("june", "december"):
        gap = gap_sample(dataset, "smb", "gap", basis, "full")
        ahead = gap.returns.rolling(12).sum().shift(-12).reindex(gap.gap.index).dropna()
        slope = np.polyfit(gap.gap[ahead.index], ahead, 1)[0]
        assert rows.loc[basis, "slope"] == pytest.approx(slope)
    assert rows["slope"].nunique() == 2


def test_the_table_of_horizons_keeps_its_columns(forecastable):
    """Those of the estimates, with a row or without."""
    whole = forecastable[1]
    short = GapSample(whole.spread[:40], whole.gap[:40])
    for sample, rows in ((whole, 1), (short, 0)):
        table = horizon_table({"june": sample}, SHORT, FEW)
        assert list(table.columns) == ["basis", "months", *ESTIMATES] and len(table) == rows


def test_the_months_of_the_first_forecast_are_enough():
    """Two hundred and forty are registered; as many are judged."""
    assert examined(0.97, length=240)[0].refusal is None


@pytest.mark.parametrize("sampling", ["monthly", "june"])
def test_an_episode_is_left_out_from_its_first_month_to_its_last(
    monkeypatch, forecastable, sampling
):
    """Places of the months, or of the Junes, that lie within; none before and none after."""
    one, sample = forecastable
    seen = []

    def noted(returns, gap, horizon, spans, draws, seed):
        seen.extend(spans)
        return [0.5] * len(spans)

    monkeypatch.setattr(regressions, "slope_p_without", noted)
    examine(sample, replace(SHORT, arguments=bind(CLAIM, {"sampling": sampling,
                            "horizon": HORIZON}).arguments), FEW)  # fmt: skip
    months = sample.sampled(sampling)[1].index.asfreq("M")
    spans = episode_spans(one.spells, HORIZON)
    assert len(seen) == len(spans) > 1
    for (start, end), (first, last) in zip(seen, spans.items(), strict=True):
        assert [first <= month <= last for month in months] == [
            start <= place < end for place in range(len(months))
        ]
