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


def test_time_is_the_last_of_any_number_of_axes():
    """Draws of draws, and one sample alone."""
    y, x = np.random.default_rng(4).normal(1.0, 1.0, size=(2, 2, 3, 50))
    for statistic in (ratio_of_means, ratio_of_deviations, slope):
        whole = statistic(y, x)
        assert whole.shape == (2, 3)
        assert whole[1, 2] == pytest.approx(statistic(y[1, 2], x[1, 2]))
    assert ratio_of_means(y[0, 1], x[0, 1]) == pytest.approx(y[0, 1].sum() / x[0, 1].sum())
