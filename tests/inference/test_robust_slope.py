"""A line with errors robust to unequal variance."""

import numpy as np
import pytest

from analysis.inference.robust_slope import robust_slope


def test_against_the_textbook_formula():
    """HC1: Σ x²e² over (Σ x²)², times n/(n − 2); interval and p-value from Student's t."""
    from scipy.stats import t

    rng = np.random.default_rng(4)
    x = rng.normal(size=40)
    y = 0.3 + 0.5 * x + np.abs(x) * rng.normal(size=40)
    fit = robust_slope(y, x)
    slope, intercept = np.polyfit(x, y, 1)
    away, left = x - x.mean(), y - intercept - slope * x
    error = np.sqrt((away**2 * left**2).sum() * 40 / 38) / (away**2).sum()
    half = t.ppf(0.975, 38) * error
    assert (fit.estimate, fit.intercept) == (pytest.approx(slope), pytest.approx(intercept))
    assert fit.standard_error == pytest.approx(error)
    assert (fit.ci_low, fit.ci_high) == (pytest.approx(slope - half), pytest.approx(slope + half))
    assert fit.p_value == pytest.approx(2 * t.sf(abs(slope / error), 38))
    assert fit.n == 40
