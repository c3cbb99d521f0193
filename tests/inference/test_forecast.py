"""Null distributions, out-of-sample forecasts and bands against loops and simulation."""

import importlib
import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.stats import norm

from analysis.inference.bands import VIEWS, predictive_bands
from analysis.inference.null_r_squared import (
    boudoukh_correlation,
    null_r_squared,
    slope_p_without,
)
from analysis.inference.out_of_sample import out_of_sample
from analysis.inference.persistence import rho_confidence
from analysis.results import InputError


def system(rho=0.97, n=240, seed=0, slope=0.0, rng=None):
    rng = np.random.default_rng(seed) if rng is None else rng
    v, e = rng.normal(size=(2, n + 100))
    x = lfilter([1.0], [1.0, -rho], v)[100:]
    u = (-0.8 * v + 0.6 * e)[100:] * 0.04
    return np.r_[u[0], u[1:] + slope * x[:-1]], x


def overlapping(r, x, h):
    y = np.array([r[t + 1 : t + h + 1].sum() for t in range(len(r) - h)])
    return sm.OLS(y, sm.add_constant(x[: len(y)])).fit()


@pytest.mark.parametrize("horizon", [1, 12, 60])
def test_observed_regression_is_least_squares(horizon):
    """Observed R², slope and naive t are those of statsmodels on the overlapping returns."""
    r, x = system()
    found, fit = null_r_squared(r + 0.5, x + 90, horizon, draws=5), overlapping(r, x, horizon)
    assert found.r_squared == pytest.approx(fit.rsquared)
    assert found.t_stat == pytest.approx(fit.tvalues[1])
    assert found.slope == pytest.approx(fit.params[1])
    assert (found.n, found.effective_n) == (240 - horizon, 239 // horizon)


def histories(r, x, draws, seed):
    """Month by month: as many samples without predictability, alike in each of 32 persistences."""
    u = r[1:] - r[1:].mean()
    rng = np.random.default_rng(seed)
    together = math.ceil(draws / 32)
    begins = range(0, draws, together)
    levels = [(i + 0.5) / len(begins) for i in range(len(begins))]
    for begin, rho in zip(begins, rho_confidence(x, levels), strict=True):
        v = x[1:] - rho * x[:-1]
        v = v - v.mean()
        months = rng.integers(0, len(u), (min(together, draws - begin), len(r)))
        scale = v.std() / math.sqrt(1 - rho**2) if rho < 1 else 0.0
        first = rng.standard_normal(len(months))
        for row, start in zip(months, first, strict=True):
            path = [start * scale]
            for month in row[1:]:
                path.append(rho * path[-1] + v[month])
            yield u[row], np.array(path)


@pytest.mark.parametrize("draws", [7, 70])
def test_null_distribution_twin(draws):
    """A month-by-month loop over the simulated samples gives the same draws."""
    r, x = system(0.9, 60)
    found = null_r_squared(r, x, [1, 6], draws=draws, seed=3)
    assert len(found[1].t_draws) == draws
    for i, (returns, path) in enumerate(histories(r, x, draws, 3)):
        for h, result in found.items():
            fit = overlapping(returns, path, h)
            assert result.r_squared_draws[i] == pytest.approx(fit.rsquared)
            assert result.t_draws[i] == pytest.approx(fit.tvalues[1])
            assert result.slope_draws[i] == pytest.approx(fit.params[1])
            assert result.mean_draws[i] == pytest.approx(fit.model.endog.mean())
    rho = rho_confidence(x, 0.5)
    assert found[1].rho == pytest.approx(rho)
    shocks = x[1:] - rho * x[:-1]
    correlation = np.corrcoef(r[1:], shocks)[0, 1]
    assert found[6].innovation_correlation == pytest.approx(correlation)


def slope_without(r, x, h, first, after):
    """Least squares on the forecasts of all months but some."""
    y = np.array([r[t + 1 : t + h + 1].sum() for t in range(len(r) - h)])
    left = np.array([not first <= t < after for t in range(len(y))])
    return np.polyfit(x[: len(y)][left], y[left], 1)[0]


@pytest.mark.parametrize(("h", "draws"), [(1, 7), (6, 70)])
def test_slopes_without_some_months_twin(h, draws):
    """Months at the start, inside, at the end and beyond it are left out of data and histories."""
    r, x = system(0.9, 60, slope=0.004)
    spans = [(0, 0), (0, 12), (20, 33), (40, 60), (50, 90)]
    found = slope_p_without(r, x, h, spans, draws, 3)
    drawn = list(histories(r, x, draws, 3))
    for p, span in zip(found, spans, strict=True):
        slope = slope_without(r, x, h, *span)
        above = sum(slope_without(u, v, h, *span) >= slope for u, v in drawn)
        assert p == pytest.approx((1 + above) / (1 + draws)), span


def test_three_forecasts_are_the_fewest_that_have_a_slope():
    """With two left there is no number, and none where the whole sample is too short."""
    r, x = system(0.9, 60)
    too_few, enough = slope_p_without(r, x, 6, [(0, 52), (0, 51)], 20)
    assert 0 < enough <= 1 and math.isnan(too_few)
    assert slope_p_without(r, x, 6, [(0, 9)], 20) == slope_p_without(r, x, 6, [(0, 9)], 20, 0)
    assert all(map(math.isnan, slope_p_without(r, x, 50, [(0, 0), (1, 2)], 20)))
    assert len(slope_p_without(r, x, 50, [(0, 0), (1, 2)], 20)) == 2
    with pytest.raises(InputError, match="draws"):
        slope_p_without(r, x, 6, [(0, 5)], 0)
    with pytest.raises(InputError, match="horizon"):
        slope_p_without(r, x, 0, [(0, 5)], 5)


def test_a_history_like_the_data_counts_as_one_that_reaches_it(monkeypatch):
    """Three samples that are the observed one: nothing is less likely, no p-value exceeds one."""
    r, x = system(0.9, 60)
    same = np.tile(r - r.mean(), (3, 1)), np.tile(x - x[0], (3, 1))
    module = importlib.import_module("analysis.inference.null_r_squared")
    monkeypatch.setattr(module, "_simulate", lambda *_: iter([same]))
    found = null_r_squared(r, x, 6, 3)
    assert (found.p_value, found.p_slope, found.p_t) == (1.0, 1.0, 1.0)
    assert slope_p_without(r, x, 6, [(0, 5), (20, 30)], 3) == [1.0, 1.0]


def test_a_high_level_costs_no_digits():
    """A million on the predictor and a hundred on the returns change no statistic."""
    r, x = system(0.9, 120)
    base, high = (null_r_squared(*pair, 6, 20) for pair in ((r, x), (r + 100.0, x + 1e6)))
    assert high.t_stat == pytest.approx(base.t_stat, rel=1e-6)
    spans = [(0, 0), (30, 60)]
    low, lifted = (slope_p_without(*pair, 6, spans, 50) for pair in ((r, x), (r + 100.0, x + 1e6)))
    assert low == lifted


def test_a_line_through_every_point_has_a_finite_t():
    """R² stays just below one, whatever rounding makes of it."""
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=40)
        found = null_r_squared(np.r_[0.0, 0.3 * x[:-1]], x, 1, 5)
        assert 0.999 < found.r_squared < 1.0 and 1e5 < found.t_stat < np.inf


def test_a_null_is_summarised_by_its_draws():
    """Mean, spread and quantiles of the drawn slopes stand where the normal's would."""
    found = null_r_squared(*system(), 12, draws=199, seed=2)
    draws = found.slope_draws
    assert found.params.tolist() == [found.slope] and found.pvalues.tolist() == [found.p_slope]
    assert found.bse.tolist() == pytest.approx([draws.std()])
    tail = min((draws >= found.slope).sum(), (draws <= found.slope).sum())
    assert found.p_slope == pytest.approx(min(1.0, 2 * (1 + tail) / 200))
    high, low = np.quantile(draws, 0.975), np.quantile(draws, 0.025)
    numbers = [found.slope, draws.mean(), draws.std(), found.p_slope]
    numbers += [found.slope - high, found.slope - low]
    shown = found.summary().tables[0].data
    assert [cell.strip() for cell in shown[0]][1:] == [
        *("coef", "null mean", "null s.d.", "p, two-sided", "[0.025", "0.975]"),
    ]
    assert shown[1][0].strip() == "predictor"
    assert [float(cell) for cell in shown[1][1:]] == pytest.approx(numbers, abs=5.1e-4)
    assert found.median == np.median(found.r_squared_draws)
    assert found.estimate == found.r_squared


def test_p_values_by_hand():
    """p counts the draws at least as large, the observed sample included among them."""
    found = null_r_squared(*system(), 12, draws=99, seed=1)
    above = int(np.sum(found.r_squared_draws >= found.r_squared))
    assert found.p_value == pytest.approx((1 + above) / 100)
    tail = min((found.t_draws >= found.t_stat).sum(), (found.t_draws <= found.t_stat).sum())
    assert found.p_t == pytest.approx(min(1, 2 * (1 + tail) / 100))
    assert found.percentile_95 == pytest.approx(np.quantile(found.r_squared_draws, 0.95))


def test_one_horizon_is_one_of_many():
    """A single horizon, a sequence and a repeated call agree; another seed does not."""
    r, x = system()
    one, many = null_r_squared(r, x, 12, 300, 5), null_r_squared(r, x, (1, 12, 36), 300, 5)
    np.testing.assert_equal(vars(one), vars(many[12]))
    np.testing.assert_array_equal(one.t_draws, many[12].t_draws)
    assert null_r_squared(r, x, 12, 300, 6).median != one.median
    assert many[1].median < many[12].median < many[36].median


@pytest.mark.slow
def test_null_keeps_its_size_where_naive_t_does_not():
    """Nothing planted: at 24 months the null p-values reject near 10%, the naive t far more.

    Persistence is estimated, so the size is not exact: the tolerance admits 2% to 20%.
    """
    rng = np.random.default_rng(2)
    found = [null_r_squared(*system(0.97, 200, rng=rng), 24, 199, seed) for seed in range(100)]
    for p in ([f.p_value for f in found], [f.p_t for f in found], [f.p_slope for f in found]):
        assert np.mean(np.array(p) <= 0.10) == pytest.approx(0.11, abs=0.09)
    assert np.mean([abs(f.t_stat) > 1.645 for f in found]) > 0.4


def test_null_finds_a_planted_slope():
    """A strong planted slope lies beyond the null."""
    found = null_r_squared(*system(0.95, 400, 1, slope=0.02), 12, 499)
    assert found.r_squared > found.percentile_95
    assert max(found.p_value, found.p_t, found.p_slope) < 0.02


@settings(derandomize=True, max_examples=5, deadline=None)
@given(st.sampled_from([-3.0, 0.01]), st.sampled_from([2.0, 50.0]), st.floats(-5, 5))
def test_null_ignores_units(a, b, shift):
    """R² and its null distribution know no units or levels."""
    r, x = system()
    base, found = null_r_squared(r, x, 12, 50), null_r_squared(a * r, b * x + shift, 12, 50)
    assert found.r_squared == pytest.approx(base.r_squared)
    assert found.p_value == base.p_value
    assert found.slope == pytest.approx(base.slope * a / b)


def test_boudoukh_published():
    """Boudoukh, Richardson and Whitelaw (2008), persistence .953: .988 (they print 99%) between
    one and two years, .945 (94%) between one and five."""
    assert boudoukh_correlation(0.953, 1, 2) == pytest.approx(math.sqrt(1.953 / 2))
    assert boudoukh_correlation(0.953, 1, 2) == pytest.approx(0.988, abs=5e-4)
    assert boudoukh_correlation(0.953, 5, 1) == pytest.approx(0.945, abs=5e-4)
    assert boudoukh_correlation(1.0, 3, 7) == pytest.approx(1.0)
    assert boudoukh_correlation(0.0, 1, 4) == pytest.approx(0.5)


@pytest.mark.slow
def test_boudoukh_matches_simulated_slopes():
    """Slopes of simulated samples without predictability correlate as the formula says."""
    rng = np.random.default_rng(4)
    v, r = rng.normal(size=(2, 2500))
    x = lfilter([1.0], [1.0, -0.95], v)[500:]
    found = null_r_squared(r[500:], x, (1, 2, 5, 20), 1500)
    for h in (2, 5, 20):
        simulated = np.corrcoef(found[1].slope_draws, found[h].slope_draws)[0, 1]
        assert simulated == pytest.approx(boudoukh_correlation(found[1].rho, 1, h), abs=0.02)


def forecasts_by_loops(r, x, h, first, sign):
    rows = []
    for t in range(first, len(r) - h):
        past = range(0, t - h + 1)
        y = np.array([r[s + 1 : s + h + 1].sum() for s in past])
        slope, intercept = np.polyfit(x[: len(y)], y, 1)
        free = intercept + slope * x[t]
        rows.append([r[t + 1 : t + h + 1].sum(), y.mean(), free, y.mean()])
        if slope * sign > 0:
            rows[-1][3] = free
    return np.array(rows).T


@pytest.mark.parametrize(("horizon", "sign"), [(1, 1), (2, 1), (6, -1), (24, 1)])
def test_out_of_sample_twin(horizon, sign):
    """Refitting from scratch each month gives the same forecasts, R² and Clark–West statistic."""
    r, x = system(0.9, 150, 3, slope=0.003)
    found = out_of_sample(r, x, horizon, 60, expected_sign=sign)
    y, mean, free, kept = forecasts_by_loops(r, x, horizon, 60, sign)
    np.testing.assert_allclose(found.targets, y, atol=1e-12)
    np.testing.assert_allclose(found.benchmark, mean, atol=1e-12)
    np.testing.assert_allclose(found.forecasts, free, atol=1e-10)
    np.testing.assert_allclose(found.restricted, kept, atol=1e-10)
    assert found.r_squared == pytest.approx(1 - sum((y - free) ** 2) / sum((y - mean) ** 2))
    restricted = 1 - sum((y - kept) ** 2) / sum((y - mean) ** 2)
    assert found.r_squared_restricted == pytest.approx(restricted)
    gain = (y - mean) ** 2 - ((y - free) ** 2 - (mean - free) ** 2)
    kernel = {"maxlags": horizon if horizon > 1 else 0, "kernel": "bartlett"}
    fit = sm.OLS(gain, np.ones(len(y))).fit(cov_type="HAC", cov_kwds=kernel)
    assert found.clark_west == pytest.approx(fit.tvalues[0])
    assert found.p_value == pytest.approx(norm.sf(fit.tvalues[0]))
    gain = (y - mean) ** 2 - ((y - kept) ** 2 - (mean - kept) ** 2)
    fit = sm.OLS(gain, np.ones(len(y))).fit(cov_type="HAC", cov_kwds=kernel)
    # of forecasts that never leave the mean there is no t
    expected = fit.tvalues[0] if gain.any() else 0.0
    assert found.clark_west_restricted == pytest.approx(expected)
    assert found.restricted_share == pytest.approx(np.mean(~np.isclose(kept, free, atol=1e-13)))
    assert found.origins.tolist() == list(range(60, 150 - horizon))
    assert (found.n, found.effective_n) == (90 - horizon, 89 // horizon)
    assert found.horizon == horizon


@settings(derandomize=True, max_examples=15, deadline=None)
@given(st.integers(1, 24), st.integers(60, 100))
def test_out_of_sample_never_looks_ahead(horizon, month):
    """Whatever follows a month, the forecasts made up to it stay the same."""
    r, x = system(0.9, 150, 5)
    before = out_of_sample(r, x, horizon, 50, expected_sign=1)
    shocked_r, shocked_x = r.copy(), x.copy()
    shocked_r[month + 1 :] += 7.0
    shocked_x[month + 1 :] -= 3.0
    after = out_of_sample(shocked_r, shocked_x, horizon, 50, expected_sign=1)
    made = before.origins <= month
    np.testing.assert_array_equal(after.forecasts[made], before.forecasts[made])
    np.testing.assert_array_equal(after.benchmark[made], before.benchmark[made])
    assert not np.array_equal(after.forecasts, before.forecasts)


def test_out_of_sample_by_hand():
    """Returns that repeat the predictor exactly are forecast exactly: R² is 1."""
    x = np.arange(40.0) % 5
    r = np.r_[0.0, 0.02 * x[:-1] - 0.03]
    found = out_of_sample(r, x, 1, 20, expected_sign=1)
    assert found.r_squared == pytest.approx(1)
    np.testing.assert_allclose(found.forecasts, 0.02 * x[20:39] - 0.03)
    assert found.benchmark[0] == pytest.approx(np.mean(0.02 * x[:20] - 0.03))
    assert (found.n, found.effective_n) == (19, 19)


def test_campbell_thompson_falls_back_to_the_mean():
    """A sign the theory forbids throughout leaves the expanding mean: R² 0, Clark–West 0."""
    r, x = system(0.9, 300, 7, slope=0.02)
    found = out_of_sample(r, x, 1, 100, expected_sign=-1)
    assert found.r_squared > 0.05
    assert found.clark_west > 1.645
    np.testing.assert_array_equal(found.restricted, found.benchmark)
    assert (found.r_squared_restricted, found.clark_west_restricted) == (0.0, 0.0)
    assert found.restricted_share == 1.0


def test_first_forecast_by_month():
    """A month label and its position agree, also where the predictor starts late."""
    r, x = system(0.9, 150)
    months = pd.period_range("2000-01", periods=150, freq="M")
    late = pd.Series(x, months).where(months >= "2000-07")
    by_label = out_of_sample(pd.Series(r, months), late, 3, "2005-01", expected_sign=1)
    by_place = out_of_sample(r[6:], x[6:], 3, 54, expected_sign=1)
    np.testing.assert_equal(vars(by_label), vars(by_place))
    for pair in ((r, late), (pd.Series(r, months), np.where(months >= "2000-07", x, np.nan))):
        half = out_of_sample(*pair, 3, "2005-01", expected_sign=1)
        np.testing.assert_equal(vars(half), vars(by_place))
    with pytest.raises(InputError, match="not one month of the sample"):
        out_of_sample(pd.Series(r, months), late, 3, "1999-01", expected_sign=1)


def test_ten_returns_before_and_one_after_are_the_least():
    """One month earlier or later there is a reason with both counts."""
    r, x = system(0.9, 60)
    assert out_of_sample(r, x, 3, 12, expected_sign=1).n == 45
    early = out_of_sample(r, x, 3, 11, expected_sign=1).refusal.reason
    assert "has 9 complete 3-month returns before it and 46 after it" in early
    assert out_of_sample(r, x, 3, 56, expected_sign=1).n == 1
    late = out_of_sample(r, x, 3, 57, expected_sign=1).refusal.reason
    assert "has 55 complete 3-month returns before it and 0 after it" in late
    assert "has 0 complete" in out_of_sample(r, x, 3, 0, expected_sign=1).refusal.reason
    assert "and 0 after it" in out_of_sample(r, x, 3, 59, expected_sign=1).refusal.reason
    for wrong in (60, -1, 12.0, "12"):
        with pytest.raises(InputError, match="first_forecast: expected a position from 0 to 59"):
            out_of_sample(r, x, 3, wrong, expected_sign=1)
    assert out_of_sample(r, x, 3, np.int64(12), expected_sign=1).n == 45


def test_a_predictor_that_has_not_moved_yet_says_nothing():
    """Until it moves the forecast is the mean; a level of a million changes no forecast."""
    r, x = system(0.9, 80)
    late = np.where(np.arange(80) < 40, 5.0, 5.0 + x)
    with np.errstate(divide="raise", invalid="raise"):
        found = out_of_sample(r, late, 1, 30, expected_sign=1)
    # the first month that moves meets a past without a slope
    np.testing.assert_array_equal(found.forecasts[:11], found.benchmark[:11])
    assert not np.array_equal(found.forecasts[12:], found.benchmark[12:])
    high = out_of_sample(r + 1e3, x + 1e6, 1, 30, expected_sign=1)
    low = out_of_sample(r, x, 1, 30, expected_sign=1)
    np.testing.assert_allclose(high.forecasts - 1e3, low.forecasts, atol=1e-7)
    small = out_of_sample(r, x * 1e-7, 1, 30, expected_sign=1)
    np.testing.assert_allclose(small.forecasts, low.forecasts, rtol=1e-9)


def test_clark_west_keeps_its_size():
    """Nothing planted: the one-sided 5% test of one-month forecasts rejects at most 8%."""
    rng = np.random.default_rng(9)
    p = [
        out_of_sample(*system(0.95, 200, rng=rng), 1, 80, expected_sign=1).p_value
        for _ in range(400)
    ]
    assert 0.01 < np.mean(np.array(p) < 0.05) < 0.08


def test_bands_stand_on_their_lines():
    """The centres are the least-squares line, the line less its null bias, and the mean."""
    r, x = system(0.97, 360, 2, slope=0.003)
    bands, fit = predictive_bands(r, x, 36, 9.0, draws=800), overlapping(r, x, 36)
    y, gap = fit.model.endog, 9.0 - x[:324].mean()
    bias = null_r_squared(r, x, 36, 800).slope_draws.mean()
    assert bands["ols"].estimate == pytest.approx((fit.params @ [1, 9.0]) / 3)
    assert bands["bias-corrected"].slope == pytest.approx(fit.params[1] - bias)
    expected = (y.mean() + (fit.params[1] - bias) * gap) / 3
    assert bands["bias-corrected"].estimate == pytest.approx(expected)
    assert bands["no predictability"].estimate == pytest.approx(y.mean() / 3)
    assert bands["ols"].predictor_z == pytest.approx(gap / x[:324].std(ddof=1))
    assert bands["ols"].outside_sample == (not x[:324].min() <= 9.0 <= x[:324].max())
    again = predictive_bands(r, x, 36, 9.0, draws=800)
    np.testing.assert_array_equal(bands["ols"].draws, again["ols"].draws)


def test_band_speaks_of_probabilities():
    """Quantiles, interval and probabilities read the same draws."""
    band = predictive_bands(*system(), 12, 0.0, draws=1000)["ols"]
    assert band.quantile([0.05, 0.95]) == pytest.approx([band.ci_low, band.ci_high])
    assert band.probability(band.quantile(0.3)) == pytest.approx(0.7, abs=0.002)
    assert "90% interval" in str(band)


@pytest.mark.parametrize(("view", "fitted"), [(VIEWS[0], 2), (VIEWS[1], 2), (VIEWS[2], 1)])
def test_band_twin(view, fitted):
    """Draw by draw: a residual of its own line, widened, and the errors of mean and slope."""
    r, x = system(0.95, 130, 8, slope=0.004)
    r, x, h, current, seed = r + 0.01, x + 7.0, 6, 9.5, 3
    null = null_r_squared(r, x, h, 150, seed)
    bias = null.slope_draws.mean()
    slope = {"ols": null.slope, "bias-corrected": null.slope - bias}.get(view, 0.0)
    y, seen = np.array([r[t + 1 : t + h + 1].sum() for t in range(len(r) - h)]), x[: len(x) - h]
    rng = np.random.default_rng([seed, 1])
    months = rng.integers(0, len(y), 150)
    squares = rng.chisquare(129 // h - fitted, 150)
    expected = []
    for i in range(150):
        residual = y[months[i]] - y.mean() - slope * (seen[months[i]] - seen.mean())
        off = (null.slope_draws[i] - bias) * (current - seen.mean()) if slope else 0.0
        centre = y.mean() + slope * (current - seen.mean())
        wide = math.sqrt((129 // h) / squares[i])
        expected.append((centre + wide * residual + null.mean_draws[i] + off) * 2)
    band = predictive_bands(r, x, h, current, draws=150, seed=seed)[view]
    np.testing.assert_allclose(band.draws, expected, rtol=1e-9)


def test_a_band_holds_the_share_it_is_asked_for():
    """Eight draws in ten; a predictor at the edge of what was seen is not outside."""
    r, x = system()
    seen = x[:-12]
    band = predictive_bands(r, x, 12, seen.max(), level=0.8, draws=500)["bias-corrected"]
    assert band.quantile([0.1, 0.9]) == pytest.approx([band.ci_low, band.ci_high])
    assert (band.level, band.view, band.horizon) == (0.8, "bias-corrected", 12)
    assert (band.n, band.effective_n, band.current) == (228, 19, seen.max())
    assert not band.outside_sample
    assert not predictive_bands(r, x, 12, seen.min(), draws=99)["ols"].outside_sample
    assert predictive_bands(r, x, 12, seen.min() - 1e-9, draws=99)["ols"].outside_sample
    assert predictive_bands(r, x, 12, seen.max() + 1e-9, draws=99)["ols"].outside_sample
    assert band.probability(float(band.draws.min())) == 1.0
    assert band.probability(float(band.draws.max())) == 1 / 500
    other = predictive_bands(r, x, 12, seen.max(), level=0.8, draws=500, seed=1)
    assert not np.array_equal(other["bias-corrected"].draws, band.draws)


def test_three_windows_are_the_fewest_for_a_band():
    """A null that is given has to be of the same sample and horizon."""
    r, x = system(0.9, 61)
    assert predictive_bands(r, x, 20, 0.0, draws=99)["ols"].refusal is None
    two = predictive_bands(r[1:], x[1:], 20, 0.0, draws=99)
    assert all("2 separate 20-month windows" in two[view].refusal.reason for view in VIEWS)
    null = null_r_squared(r, x, 12, 99)
    given = predictive_bands(r, x, 12, 0.0, draws=99, null=null)
    np.testing.assert_array_equal(
        given["ols"].draws, predictive_bands(r, x, 12, 0.0, draws=99)["ols"].draws
    )
    for changed in ((r, x, 11), (r[1:], x[1:], 12)):
        with pytest.raises(InputError, match="null: belongs to another horizon or sample"):
            predictive_bands(*changed, 0.0, null=null)
    for level in (0.0, 1.0):
        with pytest.raises(InputError, match="level"):
            predictive_bands(r, x, 12, 0.0, level=level)


def test_band_widens_away_from_the_sample():
    """An uncertain slope matters more the farther the predictor lies from its mean."""
    r, x = system()
    near, far = (predictive_bands(r, x, 12, c, draws=1000)["ols"] for c in (x.mean(), 60.0))
    assert far.outside_sample and not near.outside_sample
    assert far.ci_high - far.ci_low > 1.5 * (near.ci_high - near.ci_low)


@pytest.mark.slow
def test_bands_cover():
    """Nothing planted: the return that follows falls within 90% bands nine times in ten."""
    rng = np.random.default_rng(6)
    inside = np.zeros(2)
    for seed in range(120):
        r, x = system(0.95, 252, rng=rng)
        bands = predictive_bands(r[:240], x[:240], 12, x[239], draws=300, seed=seed)
        for i, view in enumerate(("bias-corrected", "no predictability")):
            inside[i] += bands[view].ci_low <= r[240:].sum() <= bands[view].ci_high
    assert np.all(np.abs(inside / 120 - 0.90) < 0.08)


def test_data_that_cannot_answer_refuse():
    """Horizons too long, constant predictors and early first forecasts give their reasons."""
    r, x = system(0.9, 60)
    mixed = null_r_squared(r, x, (1, 50), 20)
    assert mixed[1].n == 59
    assert len(null_r_squared(r, x, 1, 1).t_draws) == 1
    for found, words in (
        (mixed[50], "separate 50-month windows"),
        (null_r_squared(r, np.ones(60), 1), "does not vary"),
        (out_of_sample(r, np.ones(60), 1, 30, expected_sign=1), "does not vary"),
        (out_of_sample(r, x, 12, 20, expected_sign=1), "9 complete 12-month returns"),
        (out_of_sample(r, x, 12, 55, expected_sign=1), "0 after it"),
        *((band, "cannot fit a line") for band in predictive_bands(r, x, 29, 0.0).values()),
        *((band, "separate 90-month") for band in predictive_bands(r, x, 90, 0.0).values()),
    ):
        assert not found, words
        assert words in found.refusal.reason


def test_bad_input_is_named():
    """Holes, lengths, signs, positions and draws are errors that name the input."""
    r, x = system(0.9, 60)
    cases = (
        (lambda: null_r_squared(r, np.r_[x[:9], np.nan, x[10:]], 1), "missing inside"),
        (lambda: null_r_squared(r[:-1], x, 1), "differ in length"),
        (lambda: null_r_squared(r, x, 0), "horizon"),
        (lambda: null_r_squared(r, x, 1, 0), "draws"),
        (lambda: out_of_sample(r, x, 1, 30, expected_sign=0), "expected_sign"),
        (lambda: out_of_sample(r, x, 1, 600, expected_sign=1), "first_forecast"),
        (lambda: predictive_bands(r, x, 1, math.nan), "current"),
        (lambda: predictive_bands(r, x, 1, 0.0, level=90), "level"),
        (lambda: null_r_squared(r, x, 1, True), "draws"),
        (lambda: null_r_squared(r, x, 1, 2.0), "draws"),
        (lambda: boudoukh_correlation(1.2, 1, 2), "rho"),
        (lambda: boudoukh_correlation(-1.0, 1, 2), "rho"),
        (lambda: boudoukh_correlation(-1.5, 1, 2), "rho"),
    )
    for call, words in cases:
        with pytest.raises(InputError, match=words):
            call()


@pytest.mark.parametrize(("view", "fitted"), [("no predictability", 1), ("ols", 2)])
def test_a_band_is_as_wide_as_its_windows_and_its_mean_are_uncertain(view, fitted):
    """At the mean of the predictor: residuals by a Student's t of as many windows as are left when
    the line is fitted, whose variance is n / (n - fitted - 2), and the error of the mean."""
    r, x = system(0.9, 240, seed=4)
    horizon, draws = 24, 40_000
    seen = x[: len(x) - horizon]
    null = null_r_squared(r, x, horizon, draws=draws)
    assert null.effective_n == 9
    band = predictive_bands(r, x, horizon, seen.mean(), draws=draws, null=null)[view]
    y = np.array([r[t + 1 : t + horizon + 1].sum() for t in range(len(r) - horizon)])
    left = y - y.mean() - band.slope * (seen - seen.mean())
    wide = left.var() * 9 / (9 - fitted - 2)
    expected = (wide + null.mean_draws.var()) * (12 / horizon) ** 2
    assert band.draws.var() == pytest.approx(expected, rel=0.04)
    # without either part it would be another band
    assert null.mean_draws.var() > 0.08 * wide
