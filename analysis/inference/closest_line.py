"""The straight line whose largest distance from some points is smallest."""

from __future__ import annotations

import numpy as np


def closest_miss(x: np.ndarray, y: np.ndarray) -> float:
    """Largest distance of the points from the straight line that makes it smallest.

    Parameters
    ----------
    x, y : ndarray, shape (points,)
        At least two different values of `x`.

    Returns
    -------
    float
        In the unit of `y`.

    References
    ----------
    The Chebyshev line as a linear programme: least t with ``|y − a − b x| ≤ t`` at every point.
    """
    from scipy.optimize import linprog

    line = np.column_stack([np.ones(len(x)), x])
    distance = np.ones((len(x), 1))
    found = linprog(
        [0.0, 0.0, 1.0],
        A_ub=np.block([[line, -distance], [-line, -distance]]),
        b_ub=np.concatenate([y, -y]),
        bounds=[(None, None), (None, None), (0.0, None)],
    )
    return float(found.x[2])
