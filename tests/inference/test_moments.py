"""Moments of two series, row by row."""

import numpy as np
import pytest

from analysis.inference.moments import ratio_of_deviations, ratio_of_means, slope


def test_ratios_scale_and_draws_are_rows():
    """Three times the size gives a ratio of three, of means and of deviations."""
    large = np.array([[0.01, 0.02, 0.03], [0.02, 0.02, 0.08]])
    assert ratio_of_means(3 * large, large) == pytest.approx([3.0, 3.0])
    assert ratio_of_deviations(3 * large, large) == pytest.approx([3.0, 3.0])
    assert ratio_of_deviations(large[0], large[1]) == pytest.approx(0.01 / np.sqrt(0.0012))


def test_the_slope_is_the_regression_slope():
    """The vectorised slope is numpy's, row by row."""
    y, x = np.random.default_rng(3).normal(size=(2, 4, 50))
    assert slope(y, x) == pytest.approx([np.polyfit(x[row], y[row], 1)[0] for row in range(4)])
