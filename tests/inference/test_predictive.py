"""IVX and Amihud–Hurvich against loops over the papers' formulas and against simulation."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.stats import chi2, norm

from analysis.inference.overlap import MINIMUM_OBSERVATIONS
from analysis.inference.predictive import amihud_hurvich, ivx, stambaugh_bias
from analysis.results import InputError, first_refusal


def system(rho, n, rng, correlation=-0.9, slope=0.0):
    v, e = rng.normal(size=(2, n + 100))
    x, v, e = (series[100:] for series in (lfilter([1.0], [1.0, -rho], v), v, e))
    u = correlation * v + math.sqrt(1 - correlation**2) * e
    return np.r_[u[0], u[1:] + slope * x[:-1]], x


def ivx_by_loops(r, x, h):
    """Kostakis, Magdalinos and Stamatogiannis (2015), one sum at a time."""
    x = x.reshape(len(x), -1)
    n, k = len(r) - 1, x.shape[1]
    lag, now, y = x[:-1], x[1:], r[1:]
    design = np.column_stack([np.ones(n), lag])
    e = y - design @ np.linalg.solve(design.T @ design, design.T @ y)
    u = np.empty((n, k))
    for j in range(k):
        rho = sum(lag[t, j] * now[t, j] for t in range(n)) / sum(lag[t, j] ** 2 for t in range(n))
        u[:, j] = now[:, j] - rho * lag[:, j]
    lags = int(round(n ** (1 / 3), 9))
    uu = sum(np.outer(u[t], u[t]) for t in range(n)) / n
    eu = sum(e[t] * u[t] for t in range(n)) / n
    for m in range(1, lags + 1):
        w = 1 - m / (lags + 1)
        gamma = sum(np.outer(u[t], u[t - m]) for t in range(m, n)) / n
        uu = uu + w * (gamma + gamma.T)
        eu = eu + w * sum(u[t] * e[t - m] for t in range(m, n)) / n
    s2 = sum(e**2) / n
    modified = s2 - eu @ np.linalg.inv(uu) @ eu
    z = [np.zeros(k)]
    for t in range(1, n):
        z.append((1 - 1 / n**0.95) * z[-1] + lag[t] - lag[t - 1])
    z = np.array(z)
    count = n - h + 1
    ys = np.array([sum(y[t : t + h]) for t in range(count)])
    xs = np.array([lag[t : t + h].sum(axis=0) for t in range(count)])
    zs = np.array([z[t : t + h].sum(axis=0) for t in range(count)])
    cross = sum(np.outer(xs[t] - xs.mean(axis=0), z[t]) for t in range(count))
    slopes = np.linalg.inv(cross).T @ sum((ys[t] - ys.mean()) * z[t] for t in range(count))
    middle = zs.T @ zs * s2 - count * np.outer(zs.mean(axis=0), zs.mean(axis=0)) * modified
    covariance = np.linalg.inv(cross).T @ middle @ np.linalg.inv(cross)
    told = {
        "rho": [sum(lag[:, j] * now[:, j]) / sum(lag[:, j] ** 2) for j in range(k)],
        "innovation_correlation": [np.corrcoef(e, u[:, j])[0, 1] for j in range(k)],
    }
    return slopes, covariance, told


@pytest.mark.parametrize("horizon", [1, 5, 12])
@pytest.mark.parametrize("predictors", [1, 2])
def test_ivx_twin(horizon, predictors):
    """The loops over the paper's sums give the same slopes and Wald statistic."""
    rng = np.random.default_rng(horizon)
    r, x = system(0.98, 150, rng)
    x = np.column_stack([x, np.cumsum(rng.normal(size=150))])[:, :predictors]
    slopes, covariance, told = ivx_by_loops(r, x, horizon)
    wald = slopes @ np.linalg.inv(covariance) @ slopes
    found = ivx(r, x, horizon)
    assert found.coefficients == pytest.approx(slopes)
    assert found.wald == pytest.approx(wald)
    assert (found.n, found.effective_n) == (150 - horizon, 149 // horizon)
    assert found.estimate == found.coefficient == found.coefficients[0]
    assert found.p_value == pytest.approx(chi2.sf(wald, predictors))
    errors = np.sqrt(np.diag(covariance))
    assert found.standard_errors == pytest.approx(errors)
    assert found.p_values == pytest.approx(2 * norm.sf(abs(slopes / errors)))
    width = norm.ppf(0.975) * errors[0]
    assert found.ci_low == pytest.approx(slopes[0] - width, rel=1e-6)
    assert found.ci_high == pytest.approx(slopes[0] + width, rel=1e-6)
    assert found.rho == pytest.approx(told["rho"])
    assert found.innovation_correlation == pytest.approx(told["innovation_correlation"])
    assert found.null.startswith("the predictor say" if predictors == 1 else "the predictors say")
    assert (found.name, found.horizon) == (f"IVX, horizon {horizon}", horizon)
    assert found.params.tolist() == list(found.coefficients)
    assert found.bse.tolist() == list(found.standard_errors)
    assert found.pvalues.tolist() == list(found.p_values)


def test_ivx_by_hand():
    """A predictor that alternates: with n = 11 the instrument alternates too, and what it
    instruments is a difference of means."""
    x = np.array([0.0, 1.0] * 6)
    r = np.r_[9.0, np.where(x[:-1] == 1, 3.0, -1.0) + np.tile([0.5, 0.5, -0.5, -0.5], 3)[:11]]
    root, z = 1 - 11**-0.95, [0.0]
    for t in range(1, 11):
        z.append(root * z[-1] + (1 if t % 2 else -1))
    centred_r, centred_x = r[1:] - r[1:].mean(), x[:-1] - 5 / 11
    assert ivx(r, x).coefficient == pytest.approx((centred_r @ z) / (centred_x @ z))


def test_one_predictor_is_the_scalar_case():
    """A frame of one column and a series agree; so do the individual and the joint test."""
    r, x = system(0.95, 200, np.random.default_rng(0))
    months = pd.period_range("2000-01", periods=200, freq="M")
    scalar = ivx(pd.Series(r, months), pd.Series(x, months), 3)
    assert scalar == ivx(pd.Series(r, months), pd.DataFrame({"gap": x}, months), 3)
    assert scalar.p_values[0] == pytest.approx(scalar.p_value)
    assert scalar.wald == pytest.approx((scalar.estimate / scalar.standard_errors[0]) ** 2)


@pytest.mark.slow
@pytest.mark.parametrize("rho", [1.0, 0.97])
def test_ivx_keeps_its_size(rho):
    """Correlation -.9 and a near unit root: 5% tests reject about 5% at 1 and at 12 months."""
    rng = np.random.default_rng(11)
    rejected = np.zeros(2)
    for _ in range(500):
        r, x = system(rho, 400, rng)
        rejected += [ivx(r, x, h).p_value < 0.05 for h in (1, 12)]
    assert np.all(np.abs(rejected / 500 - 0.05) < 0.03)


def test_ivx_finds_a_planted_slope():
    """A slope of .2 a month is recovered at 1 and 12 months, in the unit of monthly returns."""
    r, x = system(0.98, 4000, np.random.default_rng(2), slope=0.2)
    assert [ivx(r, x, h).coefficient for h in (1, 12)] == pytest.approx([0.2, 0.2], abs=0.02)


@settings(derandomize=True, max_examples=12, deadline=None)
@given(st.sampled_from([-2.0, 0.01]), st.sampled_from([-30.0, 0.5]), st.sampled_from([1, 7]))
def test_ivx_scale_sign_and_order(a, b, horizon):
    """Units and signs rescale the slopes, exchanging predictors exchanges them; Wald stays."""
    rng = np.random.default_rng(3)
    r, x = system(0.97, 120, rng)
    both = np.column_stack([x, np.cumsum(rng.normal(size=120))])
    base, found = ivx(r, both, horizon), ivx(a * r, (both * [b, 1.0])[:, ::-1], horizon)
    assert found.wald == pytest.approx(base.wald)
    expected = (base.coefficients[1] * a, base.coefficients[0] * a / b)
    assert found.coefficients == pytest.approx(expected)


def test_amihud_hurvich_twin():
    """The augmented regression run by statsmodels, and the identity with the corrected bias."""
    r, x = system(0.9, 150, np.random.default_rng(5))
    n, y, lag = 149, r[1:], x[:-1]
    ar = sm.OLS(x[1:], sm.add_constant(lag)).fit()
    rho = ar.params[1]
    corrected = rho + (1 + 3 * rho) / n + 3 * (1 + 3 * rho) / n**2
    v = x[1:] - (x[1:].mean() - corrected * lag.mean()) - corrected * lag
    fit = sm.OLS(y, sm.add_constant(np.column_stack([lag, v]))).fit()
    error = math.sqrt(
        fit.params[2] ** 2 * ((1 + 3 / n + 9 / n**2) * ar.bse[1]) ** 2 + fit.bse[1] ** 2
    )
    found = amihud_hurvich(r, x)
    assert found.coefficient == pytest.approx(fit.params[1])
    assert (found.rho, found.rho_corrected) == pytest.approx((rho, corrected))
    assert found.delta == pytest.approx(fit.params[2])
    assert found.t_stat == pytest.approx(fit.params[1] / error)
    ols = sm.OLS(y, sm.add_constant(lag)).fit().params[1]
    assert found.coefficient_ols == pytest.approx(ols)
    assert found.coefficient == pytest.approx(ols + found.delta * (corrected - rho))
    assert found.standard_error == pytest.approx(error)
    width = norm.ppf(0.975) * error
    assert found.ci_low == pytest.approx(fit.params[1] - width, rel=1e-6)
    assert found.ci_high == pytest.approx(fit.params[1] + width, rel=1e-6)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(found.t_stat)))
    assert (found.n, found.effective_n) == (149, 149)
    plain = sm.OLS(y, sm.add_constant(lag)).fit().resid
    correlation = np.corrcoef(plain, ar.resid)[0, 1]
    assert found.innovation_correlation == pytest.approx(correlation)


@pytest.mark.slow
def test_amihud_hurvich_removes_the_bias_stambaugh_predicts():
    """Simulated: least squares is off by δ times Kendall's bias, the corrected slope by little."""
    rng = np.random.default_rng(8)
    found = [amihud_hurvich(*system(0.9, 101, rng)) for _ in range(1500)]
    bias_ols = np.mean([f.coefficient_ols for f in found])
    assert bias_ols == pytest.approx(stambaugh_bias(0.9, 100, -0.9), abs=0.006)
    assert abs(np.mean([f.coefficient for f in found])) < 0.006 < bias_ols


def test_stambaugh_by_hand():
    """δ = -2, ρ = .9, 100 months: -2 × -3.7/100."""
    assert stambaugh_bias(0.9, 100, -2.0) == pytest.approx(0.074)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(st.sampled_from([-2.0, 0.01]), st.sampled_from([-30.0, 0.5]), st.floats(-5, 5))
def test_amihud_hurvich_scale_and_sign(a, b, shift):
    """Units rescale the slope, shifts of the predictor do nothing."""
    r, x = system(0.95, 120, np.random.default_rng(4))
    base, found = amihud_hurvich(r, x), amihud_hurvich(a * r, b * x + shift)
    assert found.coefficient == pytest.approx(base.coefficient * a / b)
    assert abs(found.t_stat) == pytest.approx(abs(base.t_stat))


def test_data_that_cannot_answer_refuse():
    """Constant, collinear, exact or too short data give reasons; malformed ones are errors."""
    r, x = system(0.9, 60, np.random.default_rng(1))
    for found, words in (
        (ivx(r, np.ones(60)), "does not vary"),
        (ivx(r, np.column_stack([x, 2 * x + 1])), "told apart"),
        (ivx(r, x, 50), "separate 50-month windows"),
        (ivx(np.r_[0.0, x[:-1]], x), "exactly"),
        (ivx(1e3 * np.r_[0.0, x[:-1]], x), "exactly"),
        (ivx(r, np.column_stack([x, 2 * x + 1 + 1e-6 * r])), "told apart"),
        (amihud_hurvich(np.r_[0.0, x[:-1]], x), "exactly"),
        (amihud_hurvich(1e-6 * np.r_[0.0, x[:-1]], x), "exactly"),
        (amihud_hurvich(1e6 * np.r_[0.0, x[:-1]], x), "exactly"),
        (amihud_hurvich(r, np.ones(60)), "does not vary"),
        (amihud_hurvich(r, 0.9 ** np.arange(60)), "no innovations"),
        (amihud_hurvich(np.ones(60), x), "returns do not vary"),
    ):
        assert first_refusal(found) is not None, words
        assert words in found.refusal.reason
    with pytest.raises(InputError, match="one column"):
        amihud_hurvich(r, np.column_stack([x, x]))
    with pytest.raises(InputError, match="missing inside"):
        ivx(np.r_[r[:30], np.nan, r[31:]], x)
    with pytest.raises(InputError, match="horizon"):
        ivx(r, x, 1.5)


def test_lags_of_a_cube_are_its_root():
    """125 months have five lags, although the computer's cube root falls a hair short of five."""
    r, x = system(0.97, 126, np.random.default_rng(9))
    slopes, covariance, _ = ivx_by_loops(r, x, 1)
    found = ivx(r, x)
    assert found.coefficients == pytest.approx(slopes)
    assert found.standard_errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-9)


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_the_unit_of_a_predictor_does_not_make_it_collinear(unit):
    """A slope per unit, and two predictors told apart, in units as far apart as can be."""
    r, x = system(0.9, 60, np.random.default_rng(1))
    other = np.cumsum(np.random.default_rng(2).normal(size=60))
    assert ivx(r, unit * x).coefficient * unit == pytest.approx(ivx(r, x).coefficient)
    both = ivx(r, np.column_stack([x, unit**0.4 * other])).coefficients
    plain = ivx(r, np.column_stack([x, other])).coefficients
    assert (both[0], both[1] * unit**0.4) == pytest.approx(plain)
    turned = ivx(r, np.column_stack([unit**0.4 * other, x])).coefficients
    assert (turned[1], turned[0] * unit**0.4) == pytest.approx(plain)


def test_the_least_months_of_a_reduced_bias_slope():
    """As many pairs of months as a regression needs, and none fewer."""
    r, x = system(0.9, MINIMUM_OBSERVATIONS + 1, np.random.default_rng(1))
    assert amihud_hurvich(r, x).n == MINIMUM_OBSERVATIONS
    assert "are needed" in amihud_hurvich(r[1:], x[1:]).refusal.reason
