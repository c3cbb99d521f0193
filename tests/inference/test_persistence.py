"""Autoregressions, their bias, half-lives and unit-root tests."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.stats import norm

from analysis.inference.persistence import (
    autoregression,
    corrected_rho,
    half_life,
    half_life_confidence,
    kendall_bias,
    ols_distribution,
    rho_confidence,
    unit_root_battery,
    variance_ratio,
)
from analysis.results import InputError


def series(rho, n=100, seed=0):
    rng = np.random.default_rng(seed)
    x = np.empty(n)
    x[0] = rng.normal() / math.sqrt(1 - rho**2) if rho < 1 else 0.0
    for t in range(1, n):
        x[t] = rho * x[t - 1] + rng.normal()
    return x


def test_autoregression_by_hand():
    """On 0, 1, 1, 2 the changes follow x(t) = 1 + x(t-1)/2 with residuals 0, -1/2, 1/2."""
    intercept, rho, residuals = autoregression([0.0, 1.0, 1.0, 2.0])
    assert (intercept, rho) == (pytest.approx(1.0), pytest.approx(0.5))
    np.testing.assert_allclose(residuals, [0, -0.5, 0.5], atol=1e-12)


def test_bias_by_hand():
    """At persistence .9 and 100 months the bias is -3.7/100; the correction adds 3% of it."""
    assert kendall_bias(0.9, 100) == pytest.approx(-0.037)
    assert corrected_rho(0.9, 100) == pytest.approx(0.9 + 0.037 + 3 * 3.7 / 100**2)


def test_bias_matches_simulation():
    """Least squares falls short of .9 by Kendall's (1954) figure, to the order it claims."""
    grid, estimates = ols_distribution(200, 4000, 7)
    means = estimates.mean(axis=1)
    assert np.interp(0.9, grid, means) - 0.9 == pytest.approx(kendall_bias(0.9, 200), abs=0.003)


@pytest.mark.parametrize(("rho", "median"), [(0.90, 0.869), (0.95, 0.916), (1.0, 0.957)])
def test_median_of_least_squares_is_andrews(rho, median):
    """Andrews (1993), one intercept, 100 observations: medians .869, .916 and .957, within .003."""
    grid, estimates = ols_distribution(100, 8000, 1)
    assert np.interp(rho, grid, np.median(estimates, axis=1)) == pytest.approx(median, abs=0.003)


def test_distribution_twin():
    """A loop over draws, months and persistences gives the same estimates."""
    grid, estimates = ols_distribution(20, 5, 1)
    errors = np.random.default_rng(1).standard_normal((5, 20))
    for row, rho in zip(estimates, grid, strict=True):
        twin = []
        for e in errors:
            x = [e[0] / math.sqrt(1 - rho**2) if rho < 1 else 0.0]
            for shock in e[1:]:
                x.append(rho * x[-1] + shock)
            twin.append(np.polyfit(x[:-1], x[1:], 1)[0])
        np.testing.assert_allclose(row, np.sort(twin), rtol=1e-6)


def test_half_life_is_median_unbiased_and_covers():
    """At a true persistence of .95 half the estimates lie above it and 90% intervals cover 90%."""
    found = [half_life(series(0.95, 120, seed)) for seed in range(400)]
    truth = math.log(0.5) / math.log(0.95)
    assert np.mean([f.rho > 0.95 for f in found]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([f.rho_ols > 0.95 for f in found]) < 0.25
    covered = np.mean([f.ci_low <= truth <= f.ci_high for f in found])
    assert covered == pytest.approx(0.90, abs=0.05)


def test_half_life_of_a_random_walk_has_no_upper_end():
    """A random walk's interval reaches infinity and its one-sided p-value does not reject."""
    found = half_life(series(1.0, 300, 5))
    assert found.ci_high == math.inf
    assert found.rho_high == 1.0
    assert found.p_value > 0.05
    assert found.half_life_ols < found.estimate
    assert "to inf" in str(found)


def test_confidence_distribution_agrees_with_the_interval():
    """Its median is the unbiased estimate and its tails the ends of the 90% interval."""
    x = series(0.93, 150, 3)
    found = half_life(x)
    expected = [found.rho_low, found.rho, found.rho_high]
    np.testing.assert_allclose(rho_confidence(x, [0.05, 0.5, 0.95]), expected, atol=0.01)
    walk = rho_confidence(series(1.0, 300, 5), np.linspace(0.01, 0.99, 50))
    assert np.all(np.diff(walk) >= 0)
    assert walk[-1] == 1.0


def test_half_life_agrees_with_its_persistence():
    """Half-lives are log(1/2) / log(persistence), in the persistences' order."""
    found = half_life(series(0.9, 400, 2))
    assert found.estimate == pytest.approx(math.log(0.5) / math.log(found.rho))
    assert found.rho_low < found.rho < found.rho_high
    assert found.rho_ols < found.rho


@settings(derandomize=True, max_examples=10, deadline=None)
@given(st.sampled_from([-4.0, 0.001, 250.0]), st.floats(-50, 50))
def test_half_life_ignores_units(scale, shift):
    """Neither the unit, the sign nor the level of the series matters."""
    x = series(0.9)
    found, base = half_life(scale * x + shift * abs(scale)), half_life(x)
    assert found.rho == pytest.approx(base.rho)
    assert found.p_value == base.p_value


@pytest.mark.slow
def test_battery_reproduces_the_default_premium():
    """The arch documentation's tests of the default premium: ADF -3.356, DF-GLS -2.322, PP -3.898,
    KPSS 1.088, to three digits."""
    from arch.data import default

    data = default.load()
    premium = (data.BAA - data.AAA).to_numpy() * 1.0
    found = unit_root_battery(premium)
    assert [t.null.split(":")[0].split(",")[0] for t in found] == [
        "a unit root",
        "a unit root",
        "a unit root",
        "the series is stationary around a mean",
        "a unit root",
        "a random walk",
    ]
    expected = (-3.356, -2.322, -3.898, 1.088)
    assert [t.statistic for t in found[:4]] == pytest.approx(expected, abs=6e-4)
    assert all(0 <= t.p_value <= 1 for t in found)


def test_battery_tells_noise_from_a_walk():
    """White noise rejects a unit root and not stationarity; a random walk the other way round."""
    found = [[unit_root_battery(series(rho, 400, seed)) for seed in range(6)] for rho in (0.0, 1.0)]
    adf, kpss = (
        np.median([[t[i].p_value for t in rows] for rows in found], axis=1) for i in (0, 3)
    )
    assert adf[0] < 0.01 < 0.1 < adf[1]
    assert kpss[1] < 0.05 < 0.1 < kpss[0]


def test_variance_ratio_twin():
    """The overlapping, unbiased ratio and its robust statistic, summed term by term."""
    r = np.random.default_rng(0).normal(0.01, 0.05, 150)
    q, n = 4, 150
    mean = r.mean()
    one = sum((v - mean) ** 2 for v in r) / (n - 1)
    many = sum((r[t : t + q].sum() - q * mean) ** 2 for t in range(n - q + 1))
    ratio = many / (q * (n - q + 1) * (1 - q / n)) / one
    theta = 0.0
    for k in range(1, q):
        top = sum((r[t] - mean) ** 2 * (r[t - k] - mean) ** 2 for t in range(k, n))
        theta += (2 * (q - k) / q) ** 2 * top / sum((v - mean) ** 2 for v in r) ** 2
    found = variance_ratio(r, q)
    assert found.estimate == pytest.approx(ratio)
    assert found.z_stat == pytest.approx((ratio - 1) / math.sqrt(theta), rel=0.01)


def test_a_variance_ratios_interval_and_p_value_are_normal():
    """The error is that of the statistic: 1.96 of it on either side, twice the tail."""
    found = variance_ratio(series(0.3, 200, 4), 5)
    error = (found.estimate - 1) / found.z_stat
    assert error > 0 and abs(found.z_stat) > 0.1
    width = norm.ppf(0.975) * error
    assert found.ci_low == pytest.approx(found.estimate - width, rel=1e-6)
    assert found.ci_high == pytest.approx(found.estimate + width, rel=1e-6)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(found.z_stat)))
    assert (found.n, found.effective_n, found.horizon) == (200, 40, 5)
    assert (found.name, found.unit) == ("variance ratio, 5 periods", "ratio")
    assert variance_ratio(series(0.3, 203, 4), 5).effective_n == 40


@pytest.mark.parametrize("step", [1, 2, 12])
def test_a_half_life_twin(step):
    """Ends of the interval by interpolation of simulated quantiles, month by month."""
    x = series(0.8, 240, 6)
    found = half_life(x, level=0.8, step=step)
    before, after = x[:-step], x[step:]
    slope = np.polyfit(before, after, 1)[0]
    grid, estimates = ols_distribution(240, step=step)
    ends = []
    for q in (0.9, 0.5, 0.1):
        column = np.maximum.accumulate([np.quantile(row, q) for row in estimates])
        ends.append(np.interp(slope, column, grid))
    assert (found.rho_low, found.rho, found.rho_high) == pytest.approx(ends) and ends[2] < 1
    months = [math.log(0.5) / math.log(rho) if rho < 1 else math.inf for rho in ends]
    assert (found.ci_low, found.estimate, found.ci_high) == pytest.approx(months)
    assert found.rho_ols == pytest.approx(slope ** (1 / step))
    assert found.half_life_ols == pytest.approx(math.log(0.5) / math.log(slope ** (1 / step)))
    assert (found.n, found.level) == (240 - step, 0.8)
    assert found.effective_n == pytest.approx(240 / found.estimate)
    below = sum(one <= slope + 1e-12 for one in estimates[-1])
    assert found.p_value == pytest.approx((1 + below) / 2001)
    assert found.name.endswith(f"over {step} months" if step > 1 else "AR(1)")


@pytest.mark.parametrize("step", [1, 3])
def test_a_confidence_distribution_twin(step):
    """Counts above the observed one, made ascending, read in normal quantiles."""
    x = series(0.9, 60, 2)
    grid, estimates = ols_distribution(60, step=step)
    slope = np.polyfit(x[:-step], x[step:], 1)[0]
    below, most = [], 0.0
    for row in estimates:
        most = max(most, (sum(one > slope for one in row) + 0.5) / (len(row) + 1))
        below.append(norm.ppf(most))
    levels = [0.01, 0.2, 0.5, 0.9]
    expected = np.interp(norm.ppf(levels), below, grid)
    np.testing.assert_allclose(rho_confidence(x, levels, step), expected)


def test_noise_over_a_year_and_the_ends_of_a_confidence():
    """A slope below zero over twelve months is none; the levels end at a thousandth and .999."""
    slopes = {seed: autoregression(series(0.0, 240, seed), 12)[1] for seed in range(8)}
    seed = min(slopes, key=lambda one: slopes[one])
    assert slopes[seed] < 0
    white = half_life(series(0.0, 240, seed), step=12)
    assert (white.rho_ols, white.half_life_ols, white.refusal) == (0.0, 0.0, None)
    lasting = half_life_confidence(series(1.0, 300, 5), 1)
    assert lasting == 0.001
    assert half_life_confidence(series(0.1, 300, 5), 200) == pytest.approx(0.999)


def test_an_autoregression_by_hand():
    """1, 2, 4, 8 doubles: slope 2 without intercept; from two before, 4."""
    intercept, rho, left = autoregression([1.0, 2.0, 4.0, 8.0, 16.0])
    assert (intercept, rho) == pytest.approx((0.0, 2.0)) and left == pytest.approx(np.zeros(4))
    intercept, rho, left = autoregression([1.0, 2.0, 4.0, 8.0, 16.0], 2)
    assert (intercept, rho) == pytest.approx((0.0, 4.0)) and len(left) == 3
    intercept, rho, left = autoregression([0.0, 1.0, 0.0, 3.0])
    # before 0, 1, 0; after 1, 0, 3: slope (0 − 4/3) / (1 − 1/3) = −2, intercept 4/3 + 2/3
    assert (intercept, rho) == pytest.approx((2.0, -2.0))
    assert left == pytest.approx([-1.0, 0.0, 1.0])


def test_variance_ratio_of_alternating_returns_is_near_zero():
    """Returns that cancel in pairs leave no variance over two periods."""
    assert variance_ratio(np.array([0.1, -0.1] * 20), 2).estimate == pytest.approx(0, abs=1e-9)


def test_a_series_that_turns_neither_way_has_a_persistence_of_zero():
    """1, 0, −1, 0 over and over: no month goes with the one before, and none against it."""
    found = half_life(np.array([1.0, 0.0, -1.0, 0.0] * 6 + [1.0]))
    assert (found.rho_ols, found.half_life_ols, found.refusal) == (0.0, 0.0, None)


def test_a_variance_ratio_of_one_is_no_walk_less_by_any_measure():
    """Whole returns whose ratio is one to the last digit: statistic zero, p-value one, no ends."""
    signs = "+000+-0000-+00--00--0+00++-00-++"
    found = variance_ratio([{"+": 1.0, "-": -1.0, "0": 0.0}[one] for one in signs], 2)
    assert (found.estimate, found.z_stat, found.p_value) == (1.0, 0.0, 1.0)
    assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)


def test_the_battery_says_in_its_own_words_what_fails_and_lets_warnings_through(monkeypatch):
    """A statistic that the library cannot work out, and one of which it warns."""
    from arch import unitroot

    x = series(0.5, 24)
    with pytest.raises(RuntimeError) as caught:
        _ = unitroot.VarianceRatio(x, lags=30).stat
    said = " ".join(str(caught.value).split())
    refused = unit_root_battery(x, horizon=30)[-1].refusal.reason
    assert refused == f"variance ratio, 30 months: {said}"

    def doubtful(values):
        warnings.warn("hardly a test", UserWarning, stacklevel=1)
        return unitroot.KPSS(values)

    monkeypatch.setattr(unitroot, "ADF", doubtful)
    with pytest.warns(UserWarning, match="hardly a test"):
        unit_root_battery(x)


def test_data_that_cannot_answer_refuse():
    """Short or constant series give reasons, also within the battery; malformed ones are errors."""
    assert "does not vary" in half_life(np.ones(50)).refusal.reason
    assert "19 months are too few; at least 20" in half_life(series(0.5, 19)).refusal.reason
    assert half_life(series(0.9, 20)).n == 19
    yearly = half_life(series(0.9, 41), step=12).refusal.reason
    assert "41 months are too few; at least 42" in yearly
    assert half_life(series(0.9, 42), step=12).n == 30
    assert "are too few for a variance ratio over 20" in (
        variance_ratio(series(0.5, 39), 20).refusal.reason
    )
    assert variance_ratio(series(0.5, 40), 20).refusal is None
    assert "19 periods are too few" in variance_ratio(series(0.5, 19), 2).refusal.reason
    assert variance_ratio(series(0.5, 20), 2).n == 20
    assert "returns do not vary" in variance_ratio(np.ones(50), 2).refusal.reason
    for wrong in (True, 2.0, 1):
        with pytest.raises(InputError, match="horizon: expected a whole number of periods >= 2"):
            variance_ratio(series(0.5), wrong)
    turning = half_life(np.tile([1.0, -1.0, 0.5, -0.7], 20)).refusal.reason
    assert "the autocorrelation is negative (-0.9" in turning
    for level in (0.0, 1.0):
        with pytest.raises(InputError, match="level"):
            half_life(series(0.5), level=level)
    assert unit_root_battery(series(0.5, 20))[0].n == 20
    assert "19 months are too few" in unit_root_battery(series(0.5, 19))[0].refusal.reason
    refusals = unit_root_battery(np.ones(50))
    assert len(refusals) == 6
    assert all("does not vary" in t.refusal.reason for t in refusals)
    short = unit_root_battery(series(0.5, 24), horizon=30)
    assert not short[-1]
    with pytest.raises(InputError, match="missing inside"):
        half_life(np.r_[series(0.5), np.nan, 1.0])
    with pytest.raises(InputError, match="level"):
        half_life(series(0.5), level=90)
    with pytest.raises(InputError, match="horizon"):
        variance_ratio(series(0.5), 1)


def renewed(rho, years, seed=0):
    """An autoregression seen each twelfth month; in between, only its shocks are added."""
    shocks = np.random.default_rng(seed).standard_normal((years, 12))
    x = lfilter([1.0], [1.0, -rho], shocks.ravel()).reshape(years, 12)
    since = np.cumsum(shocks[:, 1:], axis=1)
    return np.column_stack([x[:, 0], x[:, :1] + since]).ravel()


def test_a_gap_renewed_once_a_year_needs_yearly_steps():
    """Month by month such a gap looks more lasting than it is; over twelve months it does not."""
    true = np.log(0.5) / np.log(0.95)
    monthly, yearly = (
        np.median([half_life(renewed(0.95, 90, seed), step=step).estimate for seed in range(40)])
        for step in (1, 12)
    )
    assert monthly > 1.25 * true
    assert yearly == pytest.approx(true, rel=0.2)


def test_over_a_year_the_half_life_is_unbiased_and_covers():
    """On a true autoregression twelve-month steps give the same half-life, and 90% intervals."""
    found = [half_life(series(0.95, 400, seed), step=12) for seed in range(200)]
    assert np.median([f.rho for f in found]) == pytest.approx(0.95, abs=0.004)
    covered = np.mean([f.rho_low <= 0.95 <= f.rho_high for f in found])
    assert 0.84 <= covered <= 0.96
    assert found[0].n == 400 - 12


def test_the_p_value_over_twelve_months_is_of_unit_roots_over_twelve_months():
    """The share of unit roots whose persistence over the same step is as low as the observed."""
    rng = np.random.default_rng(3)
    x = lfilter([1.0], [1.0, -0.97], rng.normal(size=480))
    found = half_life(x, step=12)
    slope = autoregression(x, 12)[1]
    roots = ols_distribution(480, step=12)[1][-1]
    assert found.p_value == (1 + np.sum(roots <= slope)) / (1 + len(roots))
    monthly = ols_distribution(480)[1][-1]
    assert found.p_value != (1 + np.sum(monthly <= slope)) / (1 + len(monthly))


def test_the_confidence_of_a_half_life_is_of_the_same_step():
    """The largest level whose quantile of the persistence, over the same step, is that short."""
    shocks = np.random.default_rng(5).normal(size=480)
    x = lfilter([1.0], [1.0, -0.95], shocks)
    for step in (1, 12):
        levels = np.linspace(0.001, 0.999, 999)
        short = rho_confidence(x, levels, step) <= 0.5 ** (1 / 12)
        expected = levels[short].max() if short.any() else levels[0]
        assert half_life_confidence(x, 12, step) == expected
    assert half_life_confidence(x, 12, 12) != half_life_confidence(x, 12, 1)
    assert half_life_confidence(x, 12) == half_life_confidence(x, 12, 1)
    # of a half-life that never ends as well it is told whether it is at most that
    assert half_life_confidence(series(1.0, 300, 5), math.inf) == 0.999


def test_the_grid_of_persistences_by_hand():
    """Twenty steps that grow alike to a quarter from one, then twelve alike; even powers from 0."""
    grid, estimates = ols_distribution(40, 5, 1)
    distance = 1 - grid[::-1]
    assert len(grid) == len(estimates) == 33 and distance[0] == 0
    near, far = distance[1:21], distance[21:]
    assert (near[0], near[-1]) == pytest.approx((0.25 / 40, 0.25))
    assert near[1:] / near[:-1] == pytest.approx(np.full(19, 40 ** (1 / 19)))
    assert far == pytest.approx(np.linspace(0.3, 1.98, 12))
    yearly = ols_distribution(40, 5, 1, step=2)[0]
    assert yearly.tolist() == grid[grid > 0].tolist() and len(yearly) < 33
    for kept in (grid, estimates):
        with pytest.raises(ValueError, match="read-only"):
            kept[0] = 0.0


@pytest.mark.filterwarnings("ignore:Lag selection has changed:DeprecationWarning")
def test_the_battery_is_that_of_the_library():
    """Every statistic, p-value, critical value and lag, under the name and null it is given."""
    from arch import unitroot

    x = series(0.9, 90, 3)
    found = unit_root_battery(x, horizon=6)
    twins = [
        (unitroot.ADF(x), "ADF", "a unit root: deviations never fade"),
        (unitroot.DFGLS(x), "DF-GLS", "a unit root: deviations never fade"),
        (unitroot.PhillipsPerron(x), "Phillips–Perron", "a unit root: deviations never fade"),
        (unitroot.KPSS(x), "KPSS", "the series is stationary around a mean"),
        (unitroot.ZivotAndrews(x), "Zivot–Andrews",
         "a unit root: deviations never fade, without a break"),
        (unitroot.VarianceRatio(x, lags=6), "variance ratio, 6 months", "a random walk"),
    ]  # fmt: skip
    for one, (twin, name, null) in zip(found, twins, strict=True):
        assert (one.name, one.null, one.unit) == (name, null, "(statistic)")
        assert one.estimate == one.statistic == pytest.approx(twin.stat)
        assert one.p_value == pytest.approx(twin.pvalue)
        assert one.critical_value == pytest.approx(twin.critical_values["5%"])
        assert one.lags == twin.lags
        assert (one.n, one.effective_n) == (90, 90)
    assert unit_root_battery(x)[-1].name == "variance ratio, 12 months"
    short = unit_root_battery(series(0.5, 24), horizon=30)[-1].refusal.reason
    assert short.startswith("variance ratio, 30 months: ")


def test_a_deviation_that_is_gone_within_a_month_counts_every_month():
    """Noise is worth all its months; a slope over a year below zero is no persistence."""
    noise = next(x for x in (series(0.0, 100, s) for s in range(20)) if autoregression(x)[1] > 0)
    found = half_life(noise)
    assert found.estimate < 1 and found.effective_n == 100
    assert found.unit == "months" and found.name == "half-life, median-unbiased AR(1)"
