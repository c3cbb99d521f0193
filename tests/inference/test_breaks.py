import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.inference.breaks import sup_wald, sup_wald_critical, sup_wald_p_value
from analysis.results import InputError

CHANCE = settings(derandomize=True, max_examples=15, deadline=None)


@pytest.mark.parametrize(
    ("k", "level", "value", "tolerance"),
    [(1, 0.05, 8.68, 0.05), (1, 0.01, 12.16, 0.15), (2, 0.05, 11.72, 0.1), (1, 0.10, 7.12, 0.1)],
)
def test_andrews_critical_values(k, level, value, tolerance):
    """Andrews (2003, Econometrica 71, table I) at 15% trimming; he simulated, so within .15."""
    assert sup_wald_critical(level, k) == pytest.approx(value, abs=tolerance)
    assert sup_wald_p_value(sup_wald_critical(level, k), k) == pytest.approx(level, abs=1e-6)


def test_p_values_fall_from_one():
    """The formula in the tail joins the simulation in the middle, and p falls throughout."""
    grid = np.linspace(0, 30, 61)
    p = np.array([sup_wald_p_value(c) for c in grid])
    assert p[0] == 1 and p[-1] < 1e-4
    assert (np.diff(p) < 0.01).all()


def test_statistic_by_hand():
    """Two flat halves with noise ±1: W = 10² / (s²/n₁ + s²/n₂) at the true break."""
    y = np.tile([1.0, -1.0], 20)
    y[20:] += 10
    result = sup_wald(y)
    s2 = 40 / 38
    assert result.position == 20
    assert result.estimate == pytest.approx(100 / (s2 / 20 + s2 / 20))
    assert (result.before, result.after) == (pytest.approx((0.0,)), pytest.approx((10.0,)))


@pytest.mark.parametrize("k", [1, 2])
def test_statistics_are_chow_tests(k):
    """Every date's statistic is k times the F statistic of statsmodels' split regression."""
    import statsmodels.api as sm

    rng = np.random.default_rng(k)
    x = np.column_stack([np.ones(60), rng.normal(size=60)])[:, :k]
    y = rng.normal(size=60) + x.sum(axis=1)
    result = sup_wald(y, x)
    for position, statistic in zip(result.positions, result.statistics, strict=True):
        late = (np.arange(60) >= position)[:, None]
        fit = sm.OLS(y, np.hstack([x, x * late])).fit()
        restriction = np.hstack([np.zeros((k, k)), np.eye(k)])
        assert statistic == pytest.approx(k * float(fit.f_test(restriction).fvalue), rel=1e-8)


def test_size_and_power_of_the_plain_and_the_robust_test():
    """No break: 5% of rejections; a shift of one sigma: nearly always; HAC holds under AR(1)."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(150, 200))
    shifted = noise + (np.arange(200) >= 120)
    bar = sup_wald_critical(0.05)
    plain = np.array([sup_wald(row).estimate > bar for row in noise]).mean()
    power = np.array([sup_wald(row).estimate > bar for row in shifted[:30]]).mean()
    correlated = np.zeros((60, 400))
    for t in range(1, 400):
        correlated[:, t] = 0.4 * correlated[:, t - 1] + rng.normal(size=60)
    naive = np.array([sup_wald(row).estimate > bar for row in correlated]).mean()
    robust = np.array([sup_wald(row, lags=8).estimate > bar for row in correlated]).mean()
    assert plain <= 0.11
    assert power > 0.95
    assert robust < 0.2 < naive


@CHANCE
@given(st.integers(0, 1000), st.floats(-50, 50).filter(lambda c: abs(c) > 0.01))
def test_scale_sign_and_level_change_nothing(seed, scale):
    """Unit, sign and level of y do not move the statistic nor the date, with and without HAC."""
    y = np.random.default_rng(seed).normal(size=60)
    for lags in (0, 3):
        one, two = sup_wald(y, lags=lags), sup_wald(y * scale + 3, lags=lags)
        assert two.estimate == pytest.approx(one.estimate, rel=1e-6)
        assert two.position == one.position


def test_reversed_time_finds_the_same_break():
    """Read backwards, the series breaks at the same place."""
    y = np.random.default_rng(3).normal(size=80)
    one, two = sup_wald(y), sup_wald(y[::-1])
    assert two.estimate == pytest.approx(one.estimate)
    assert two.position == 80 - one.position


def test_bad_input_is_named_and_short_samples_are_refused():
    """NaN, a constant, collinear regressors, a strange trim; too few months; the month is named."""
    y = np.random.default_rng(0).normal(size=60)
    for arguments, named in [
        ((np.where(np.arange(60) == 3, np.nan, y),), "y"),
        ((np.ones(60),), "constant"),
        ((y, np.ones((60, 2))), "collinear"),
        ((y, np.ones(59)), "x"),
        ((y, None, 0.6), "trim"),
    ]:
        with pytest.raises(InputError, match=named):
            sup_wald(*arguments)
    assert not sup_wald(y[:11])
    dated = pd.Series(
        y + 5 * (np.arange(60) >= 24), pd.period_range("2000-01", periods=60, freq="M")
    )
    assert sup_wald(dated).label == "2002-01"
    assert "2002-01" in str(sup_wald(dated)) and "null: no break" in str(sup_wald(dated))
