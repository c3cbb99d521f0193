"""Empirical Bayes: the prior by hand and by brute force, on scores of noise and of truth."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from analysis.inference.shrinkage import shrink
from analysis.results import InputError


def test_a_tiny_case_by_hand():
    """−3, −1, 0, 1, 3: mean 0, mean square 4, so τ² = 3 and a quarter of the spread is noise."""
    fit = shrink([-3, -1, 0, 1, 3])
    assert fit.mean == 0 and fit.spread == pytest.approx(np.sqrt(3))
    assert fit.noise_share == pytest.approx(0.25)
    assert fit.shrunk == pytest.approx([-2.25, -0.75, 0, 0.75, 2.25])
    assert fit.deviation == pytest.approx(np.sqrt(0.75 + 0.25 / 5))
    # DerSimonian and Laird: Q = 20 on four degrees of freedom
    assert fit.moment_spread == pytest.approx(np.sqrt(20 / 4 - 1))
    # the upper tail of chi-squared on four degrees is (1 + q/2) exp(−q/2), its quantiles are tabled
    assert fit.p_value == pytest.approx(11 * np.exp(-10))
    assert fit.spread_low == pytest.approx(np.sqrt(20 / 11.143 - 1), abs=1e-4)
    assert fit.spread_high == pytest.approx(np.sqrt(20 / 0.48442 - 1), abs=1e-3)
    assert fit.n == 5


def test_the_prior_is_where_the_marginal_likelihood_is_largest():
    """A search over both parameters finds nothing better."""
    z = np.random.default_rng(8).normal(0.4, 1.8, 40)

    def minus_log(values):
        return -norm.logpdf(z, values[0], np.sqrt(1 + values[1] ** 2)).sum()

    best = minimize(minus_log, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8}).x
    fit = shrink(z)
    assert [fit.mean, fit.spread] == pytest.approx([best[0], abs(best[1])], abs=1e-4)


def test_noise_alone_is_drawn_to_its_mean_and_truth_is_left():
    """Ends of the scale, and the interval of the spread holds what was planted."""
    rng = np.random.default_rng(3)
    noise, truth = shrink(rng.normal(0, 1, 400)), shrink(rng.normal(0, np.sqrt(1 + 9), 400))
    assert noise.noise_share > 0.85 and np.abs(noise.shrunk - noise.mean).max() < 0.6
    assert noise.p_value > 0.01 and noise.spread_low == pytest.approx(0.0, abs=0.35)
    assert truth.noise_share == pytest.approx(0.1, abs=0.03)
    assert truth.spread_low < 3 < truth.spread_high and truth.p_value < 1e-6


def test_scores_closer_than_noise_have_no_spread():
    """All are drawn to the mean; nothing is negative."""
    fit = shrink([0.1, 0.2, 0.0, -0.1, -0.2, 0.05])
    assert fit.spread == 0 and fit.noise_share == 1
    assert fit.shrunk == pytest.approx(fit.mean)
    # Q lies below its degrees of freedom, so the moments' spread is cut off at zero too
    assert fit.moment_spread == 0


def test_scores_are_drawn_to_their_mean_and_not_to_zero():
    """2, 4, 5, 6, 8: mean 5, mean square 4, so three quarters of each distance are left."""
    fit = shrink([2, 4, 5, 6, 8])
    assert fit.mean == 5 and fit.noise_share == pytest.approx(0.25)
    assert fit.shrunk == pytest.approx([2.75, 4.25, 5, 5.75, 7.25])


def test_too_few_scores_are_refused_and_a_missing_one_is_an_error():
    """A reason, and one clear error."""
    assert "5 are needed" in str(shrink([1.0, 2.0]).refusal)
    with pytest.raises(InputError, match="scores"):
        shrink([1.0, np.nan, 0.0, 1.0, 2.0])
