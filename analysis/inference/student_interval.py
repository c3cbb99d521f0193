"""The interval of a mean of independent observations."""

from __future__ import annotations

import numpy as np


def student_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Student interval of the mean of independent values, in their unit.

    Parameters
    ----------
    values : ndarray, shape (n,)
        At least two.
    level : float
        Coverage.

    Notes
    -----
    mean ± t((1 + level)/2, n − 1) · s / √n.
    """
    from scipy.stats import t

    count = len(values)
    half_width = t.ppf((1 + level) / 2, count - 1) * values.std(ddof=1) / np.sqrt(count)
    return float(values.mean() - half_width), float(values.mean() + half_width)
