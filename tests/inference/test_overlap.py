"""Horizon sums and the standard errors of overlapping regressions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from analysis.inference.overlap import (
    check_horizon,
    compound,
    constant,
    effective_windows,
    hansen_hodrick,
    hodrick_1b,
    long_run_variance,
    newey_west,
    unfit,
    values_of,
)
from analysis.results import InputError, first_refusal


def sample(n=120, seed=0, rho=0.9):
    rng = np.random.default_rng(seed)
    x = np.zeros(n)
    for t in range(1, n):
        x[t] = rho * x[t - 1] + rng.normal()
    return rng.normal(size=n) * 0.05, x


def line(r, x, h):
    y = np.array([r[t + 1 : t + h + 1].sum() for t in range(len(r) - h)])
    design = np.column_stack([np.ones(len(y)), x[: len(y)]])
    return y, design, np.linalg.lstsq(design, y, rcond=None)[0]


def test_compound_by_hand():
    """The value at t is the return of t+1 .. t+h, and the months without a window are left out."""
    returns = pd.Series([0.9, 0.1, 0.2, -0.5], pd.period_range("2000-01", periods=4, freq="M"))
    found = compound(returns, 2)
    assert list(found.index.astype(str)) == ["2000-01", "2000-02"]
    np.testing.assert_allclose(found, [1.1 * 1.2 - 1, 1.2 * 0.5 - 1])
    named = compound(returns.rename("smb"), 1)
    assert named.name == "smb" and list(named.index) == list(returns.index[:3])
    np.testing.assert_allclose(compound(returns.to_numpy(), 2, log=True), [0.3, -0.3])


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(0, 5))
def test_compound_twin_ignores_the_future(horizon, seed):
    """A loop of products agrees, and months after the window change nothing."""
    r = np.random.default_rng(seed).uniform(-0.3, 0.3, 40)
    twin = [np.prod(1 + r[t + 1 : t + horizon + 1]) - 1 for t in range(40 - horizon)]
    np.testing.assert_allclose(compound(r, horizon), twin, atol=1e-12)
    changed = r.copy()
    changed[horizon + 3 :] = 0.5
    np.testing.assert_allclose(compound(changed, horizon)[:3], twin[:3], atol=1e-12)


def test_effective_windows_by_hand():
    """Eleven years of months hold one ten-year window, ten years of them hold one too."""
    assert [effective_windows(n, 120) for n in (119, 120, 132, 240)] == [0, 1, 1, 2]


def test_long_run_variance_by_hand():
    """One lag of (1, -1, 1, -1): variance 1, autocovariance -3/4, weight one half on each side."""
    assert long_run_variance(np.array([1.0, -1, 1, -1]), 0) == pytest.approx(1)
    assert long_run_variance(np.array([1.0, -1, 1, -1]), 1) == pytest.approx(1 - 0.75)
    assert long_run_variance(np.array([9.0, 7, 9, 7]), 1) == pytest.approx(1 - 0.75)


def test_more_lags_than_months_are_those_there_are():
    """Autocovariances −3, 2 and −1 by ten, nine and eight elevenths: 4 − 40/11 in four months."""
    assert long_run_variance(np.array([1.0, -1, 1, -1]), 10) == pytest.approx(1 / 11)


def test_hodrick_by_hand():
    """A predictor that alternates 0 and 1: slope and error are those of two means."""
    x = np.array([0.0, 1.0] * 6 + [0.0])
    r = np.array([9.0, -1, 2, -1, 4, -1, 2, -1, 4, -1, 2, -1, 4])
    found = hodrick_1b(r, x, 1)
    e = r[1:] - 1.0
    assert found.coefficient == pytest.approx(3 - -1)
    assert found.standard_error == pytest.approx(np.sqrt(0.25 * (e @ e)) / (12 * 0.25))
    assert (found.n, found.effective_n) == (12, 12)


@pytest.mark.parametrize("horizon", [1, 3, 12])
def test_hodrick_twin(horizon):
    """The two-by-two sandwich of the paper, summed month by month, gives the same error."""
    r, x = sample()
    y, design, beta = line(r, x, horizon)
    bread = np.linalg.inv(design.T @ design)
    error = r - r[1:].mean()
    meat = np.zeros((2, 2))
    for t in range(horizon - 1, len(r) - 1):
        w = error[t + 1] * sum(np.array([1.0, x[t - i]]) for i in range(horizon))
        meat += np.outer(w, w)
    found = hodrick_1b(r, x, horizon)
    assert found.coefficient == pytest.approx(beta[1])
    assert found.standard_error == pytest.approx(np.sqrt((bread @ meat @ bread)[1, 1]))
    assert found.r_squared == pytest.approx(1 - np.var(y - design @ beta) / np.var(y))


@pytest.mark.parametrize(
    ("estimator", "lags", "bartlett"),
    [
        (newey_west, 7, True),
        (lambda r, x, h: newey_west(r, x, h, lags=2), 2, True),
        (lambda r, x, h: newey_west(r, x, h, lags=0), 0, True),
        (hansen_hodrick, 6, False),
    ],
)
def test_kernel_twins(estimator, lags, bartlett):
    """Weighted sums of the scores' products, one lag at a time, give the displayed errors."""
    r, x = sample(seed=3)
    h = 7
    y, design, beta = line(r, x, h)
    scores = design * (y - design @ beta)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        product = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1) if bartlett else 1.0) * (product + product.T)
    bread = np.linalg.inv(design.T @ design)
    error = np.sqrt((bread @ meat @ bread)[1, 1])
    found = estimator(r, x, h)
    assert found.standard_error == pytest.approx(error)
    assert found.r_squared == pytest.approx(1 - np.var(y - design @ beta) / np.var(y))
    assert found.name == f"{'Newey–West' if bartlett else 'Hansen–Hodrick'}, horizon 7"


@pytest.mark.parametrize("estimator", [hodrick_1b, newey_west, hansen_hodrick])
def test_interval_and_p_value_are_those_of_the_normal_distribution(estimator):
    """1.96 standard errors on either side, twice the tail; the summary shows the same."""
    found = estimator(*sample(seed=2), 3)
    assert found.horizon == 3
    width = norm.ppf(0.975) * found.standard_error
    assert found.ci_low == pytest.approx(found.coefficient - width, rel=1e-6)
    assert found.ci_high == pytest.approx(found.coefficient + width, rel=1e-6)
    assert found.t_stat == found.coefficient / found.standard_error
    assert found.p_value == pytest.approx(2 * norm.sf(abs(found.t_stat)))
    assert found.pvalues.tolist() == [found.p_value]


def test_hodrick_keeps_its_size_where_newey_west_does_not():
    """Unpredictable returns at 24 months: 1B rejects near 5%, Newey–West far more often."""
    rng = np.random.default_rng(5)
    rejected = np.zeros(2)
    for _ in range(300):
        r, x = rng.normal(size=(2, 240))
        x = np.convolve(x, 0.95 ** np.arange(200))[:240]
        rejected += [hodrick_1b(r, x, 24).p_value < 0.05, newey_west(r, x, 24).p_value < 0.05]
    size_1b, size_nw = rejected / 300
    assert 0.02 < size_1b < 0.09
    assert size_nw > 0.12


@settings(derandomize=True, max_examples=15, deadline=None)
@given(st.sampled_from([-3.0, 0.01, 40.0]), st.sampled_from([-2.0, 5.0]), st.floats(-10, 10))
def test_scale_and_sign(a, b, shift):
    """Units change the slope by their ratio and the t statistic by its sign only."""
    r, x = sample(seed=1)
    base, found = hodrick_1b(r, x, 6), hodrick_1b(a * r, b * x + shift, 6)
    assert found.coefficient == pytest.approx(base.coefficient * a / b)
    assert found.t_stat == pytest.approx(base.t_stat * np.sign(a * b))
    assert found.r_squared == pytest.approx(base.r_squared)


def test_hansen_hodrick_refuses_a_negative_variance():
    """Equal weights can give a variance below zero; then there is no number."""
    outcomes = [hansen_hodrick(*sample(40, seed, 0.5), 8) for seed in range(60)]
    refused = [o for o in outcomes if first_refusal(o) is not None]
    assert refused and all("not positive" in o.refusal.reason for o in refused)
    assert all(o.standard_error > 0 for o in outcomes if first_refusal(o) is None)


def test_ends_are_trimmed_and_bad_input_is_named():
    """Missing ends are dropped; holes, lengths, months and horizons are errors with a remedy."""
    r, x = sample(60)
    months = pd.period_range("2000-01", periods=60, freq="M")
    padded = pd.Series(x, months).where(months >= "2000-07")
    short = hodrick_1b(r[6:], x[6:], 2)
    assert hodrick_1b(pd.Series(r, months), padded, 2) == short
    hole = x.copy()
    hole[30] = np.nan
    with pytest.raises(InputError, match="missing inside"):
        hodrick_1b(r, hole, 2)
    with pytest.raises(InputError, match="differ in length"):
        hodrick_1b(r, x[1:], 2)
    with pytest.raises(InputError, match="different months"):
        hodrick_1b(pd.Series(r, months), pd.Series(x, months + 1), 2)
    with pytest.raises(InputError, match="not consecutive"):
        hodrick_1b(pd.Series(r, months).drop(months[5]), x[1:], 2)
    with pytest.raises(InputError, match="horizon"):
        newey_west(r, x, 0)
    with pytest.raises(InputError, match="do not fit"):
        compound(r, 60)
    with pytest.raises(InputError, match="-100%"):
        compound(np.array([0.1, -1.0, 0.2]), 1)


def test_data_that_cannot_answer_refuse():
    """A constant predictor, constant returns or too long a horizon give a reason, not a number."""
    r, x = sample(60)
    for found, words in (
        (hodrick_1b(r, np.ones(60), 2), "predictor does not vary"),
        (newey_west(np.ones(60), x, 2), "returns do not vary"),
        (hansen_hodrick(r, x, 55), "separate 55-month windows"),
        (hodrick_1b(r, x, 500), "separate 500-month windows"),
    ):
        assert first_refusal(found) is not None
        assert words in found.refusal.reason


def test_a_slope_speaks():
    """The printed line names estimator, interval, effective n and null."""
    text = str(hodrick_1b(*sample(), 12))
    assert "Hodrick 1B, horizon 12" in text
    assert "effective n = 9" in text
    assert "says nothing" in text


@pytest.mark.parametrize(
    ("months", "horizon", "said"),
    [
        (21, 10, None),
        (20, 10, "20 months hold 1 separate 10-month windows and 10 overlapping ones"),
        (11, 1, None),
        (10, 1, "10 months hold 9 separate 1-month windows and 9 overlapping ones"),
    ],
)
def test_two_windows_and_ten_returns_are_the_least(months, horizon, said):
    """Both are asked; the month of the first predictor is in no window."""
    r, x = sample(months)
    refused = unfit(r, horizon, x[:, None])
    assert refused is None if said is None else refused.reason.startswith(said)


def test_what_is_read_has_to_vary():
    """A predictor that moves after the last forecast does not; one return that differs does."""
    r, x = sample(40)
    still = np.where(np.arange(40) < 37, 1.0, x)
    assert "predictor does not vary" in unfit(r, 3, still[:, None]).reason
    once = np.zeros(40)
    once[1] = 1.0
    assert unfit(once, 3, x[:, None]) is None
    assert "returns do not vary" in unfit(np.roll(once, -1), 3, x[:, None]).reason


def test_constant_columns_are_told_one_by_one():
    """Each by its own scale; what differs by rounding alone is constant."""
    columns = np.column_stack([np.ones(3), [1.0, 2.0, 3.0], [1e20, 1e20, 2e20], np.zeros(3)])
    assert constant(columns).tolist() == [True, False, False, True]
    assert constant(np.array([1e12, 1e12 - 1])).tolist() == [True]
    assert constant(np.array([1e12, 1e12 - 2])).tolist() == [False]


def test_sums_that_never_change_explain_nothing():
    """Returns that take turns sum to zero over two months: slope and R² are zero."""
    found = hodrick_1b(np.tile([0.01, -0.01], 30), sample(60)[1], 2)
    assert found.coefficient == pytest.approx(0.0, abs=1e-15) and found.r_squared == 0.0


def test_an_error_of_zero_is_refused():
    """Returns that move only after months at the mean of the predictor."""
    x = np.array([1.0, -1.0] * 4 + [0.0] * 8)
    r = np.array([0.0] * 9 + [1.0, -1.0] * 3 + [0.0])
    assert "Hodrick 1B at 1 months" in hodrick_1b(r, x, 1).refusal.reason


def test_one_column_of_numbers_without_holes():
    """Ends are cut, a frame of one column is a series; anything else is named."""
    assert values_of([np.nan, 1.0, 2.0, np.nan], "gap").tolist() == [1.0, 2.0]
    assert values_of(np.array([[1], [2]]), "gap").tolist() == [1.0, 2.0]
    assert values_of([3], "gap").dtype == float
    r, x = sample(60)
    assert hodrick_1b(np.r_[r, np.nan], np.r_[x, 1.0], 2) == hodrick_1b(r, x, 2)
    wrong = (
        ([], "gap: expected a non-empty series"),
        (np.zeros((2, 2, 1)), r"gap: expected a non-empty series, got shape \(2, 2, 1\)"),
        (np.ones((3, 2)), "gap: expected one column, got 2"),
        (["one", "two"], "gap: expected numbers"),
        ([np.nan, np.nan], "gap: no month has every value"),
        ([1.0, np.nan, 2.0], "gap: values are missing inside"),
        ([1.0, 2.0, np.nan, 2.0], "gap: values are missing inside"),
    )
    for values, said in wrong:
        with pytest.raises(InputError, match=said):
            values_of(values, "gap")
    with pytest.raises(InputError, match="predictor: expected one column, got 2"):
        hodrick_1b(r, np.column_stack([x, x]), 2)


@pytest.mark.parametrize("horizon", [True, 0, -1, 1.0, "1"])
def test_a_horizon_is_a_positive_whole_number(horizon):
    """Neither a truth value nor a float nor a text."""
    with pytest.raises(InputError, match="horizon: expected a whole number of months >= 1"):
        check_horizon(horizon)
    assert check_horizon(np.int64(3)) == 3
