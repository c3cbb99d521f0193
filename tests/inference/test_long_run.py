import numpy as np
import pytest

from analysis.inference.long_run import automatic_lags, long_run_variance, mean_standard_error


def test_variance_by_hand():
    """Four alternating values with one lag: 1 + 2 · ½ · (−3/4) = 1/4."""
    scores = np.array([1.0, -1.0, 1.0, -1.0])[:, None]
    assert long_run_variance(scores, 0)[0, 0] == pytest.approx(1.0)
    assert long_run_variance(scores, 1)[0, 0] == pytest.approx(0.25)


def test_standard_error_is_that_of_statsmodels():
    """The standard error of a mean equals statsmodels' HAC one with the same correction."""
    import statsmodels.api as sm

    values = np.random.default_rng(0).normal(size=200).cumsum()
    fit = sm.OLS(values, np.ones(200)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": True}
    )
    assert mean_standard_error(values, 6)[0] == pytest.approx(fit.bse[0], rel=1e-10)


def test_no_lags_give_the_textbook_error():
    """Without lags it is s/√n, and every observation counts in full."""
    values = np.random.default_rng(1).normal(size=50)
    error, effective = mean_standard_error(values, 0)
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(50))
    assert effective == pytest.approx(50)


def test_leading_axes_are_separate_samples():
    """A stack of samples gives the stack of their variances."""
    stack = np.random.default_rng(2).normal(size=(3, 40, 2))
    together = long_run_variance(stack, 4)
    for k in range(3):
        assert together[k] == pytest.approx(long_run_variance(stack[k], 4))


def test_automatic_lags_of_a_hundred_observations_are_four():
    """The rule gives 4 lags for 100 observations and never as many lags as observations."""
    assert automatic_lags(100) == 4
    assert automatic_lags(3) == 1 and automatic_lags(1) == 0
