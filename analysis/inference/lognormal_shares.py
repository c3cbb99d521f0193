"""How many members beat their index by arithmetic alone, when returns are lognormal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.results import InputError


def share_beating(spread: ArrayLike, lead: float = 0.0) -> NDArray[np.float64]:
    """Share of members whose return exceeds the index's.

    Parameters
    ----------
    spread : array_like
        Standard deviation s of log returns across members, above zero.
    lead : float
        Log of the index's gross return over the members' plain mean; zero when weights say
        nothing about returns.

    Returns
    -------
    ndarray, shape of `spread`, 0 to 1.

    Raises
    ------
    InputError
        If a spread is not above zero.

    Notes
    -----
    Log returns x ~ N(m, s²). The plain mean of gross returns is exp(m + s²/2); an index of
    weights w with E[w eˣ]/E[w] = exp(m + s²/2 + lead) is beaten by a share Φ(−s/2 − lead/s). With
    lognormal weights of log standard deviation ω and correlation ρ with x, lead = ρ ω s.

    References
    ----------
    Bessembinder, H. (2018), "Do stocks outperform Treasury bills?", Journal of Financial
    Economics 129, on the skewness that compounding brings.
    """
    from scipy.special import ndtr

    s = np.asarray(spread, dtype=float)
    if not (s > 0).all():
        raise InputError("spread: a standard deviation across members must be above zero")
    return ndtr(-s / 2.0 - lead / s)


def spread_needed(share: float) -> float:
    """Spread of log returns at which a `share` of members beat an index that does not lead.

    Parameters
    ----------
    share : float
        Of members, between 0 and one half.
    """
    return 2.0 * _depth(share)


def lead_needed(share: float, spread: float) -> float:
    """Lead of the index, log points, at which a `share` of members beat it at a given spread.

    Parameters
    ----------
    share : float
        Of members, between 0 and 1.
    spread : float
        Standard deviation of members' log returns, log points.
    """
    return spread * (_depth(share) - spread / 2.0)


def highest_share(lead: float) -> float:
    """The largest share of members that can beat an index with a lead, whatever their spread.

    Φ(−s/2 − lead/s) is largest at s = √(2·lead), where it is Φ(−√(2·lead)). An index behind its
    members' mean has no such bound, and 1 is returned.

    Parameters
    ----------
    lead : float
        Of the index over its members' mean, log points.
    """
    from scipy.special import ndtr

    return float(ndtr(-np.sqrt(2.0 * lead))) if lead >= 0 else 1.0


def _depth(share: float) -> float:
    """Φ⁻¹(1 − share): how far above the median member, in spreads, the index must lie."""
    from scipy.special import ndtri

    if not 0 < share < 1:
        raise InputError(f"share: expected a number between 0 and 1, got {share!r}")
    return float(ndtri(1.0 - share))
