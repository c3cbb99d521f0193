"""The line whose largest miss is smallest."""

import numpy as np
import pytest

from analysis.inference.closest_line import closest_miss


def test_the_closest_line_by_hand():
    """Through 0, 1, 0 at 0, 1, 2 the best straight line is level and misses by one half."""
    assert closest_miss(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0])) == pytest.approx(0.5)
    assert closest_miss(np.array([0.0, 1.0]), np.array([3.0, 7.0])) == pytest.approx(0.0, abs=1e-9)


def test_no_other_line_comes_closer():
    """A search over many lines near the best finds none with a smaller largest miss."""
    rng = np.random.default_rng(3)
    x, y = rng.uniform(10, 20, 6), rng.normal(0.05, 0.02, 6)
    slope, intercept = np.polyfit(x, y, 1)
    a = intercept + np.linspace(-0.05, 0.05, 401)[:, None, None]
    b = slope + np.linspace(-0.005, 0.005, 401)[None, :, None]
    misses = np.abs(y - a - b * x).max(axis=-1)
    assert closest_miss(x, y) <= misses.min()
    assert closest_miss(x, y) == pytest.approx(misses.min(), abs=3e-4)
