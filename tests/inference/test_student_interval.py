"""The interval of a mean."""

import numpy as np
import pytest

from analysis.inference.student_interval import student_interval


def test_by_hand():
    """1, 2, 3: mean 2, standard error 1/√3, t(.975, 2) = 4.3027, t(.95, 2) = 2.9200."""
    values = np.array([1.0, 2.0, 3.0])
    half = 4.3027 / 3**0.5
    assert student_interval(values) == (
        pytest.approx(2 - half, 1e-4),
        pytest.approx(2 + half, 1e-4),
    )
    assert student_interval(values, 0.9)[1] == pytest.approx(2 + 2.92 / 3**0.5, 1e-4)
