"""The null bootstrap of one sample, drawn once however many tests ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import pandas as pd

from analysis.inference.null_r_squared import NullRSquared, null_r_squared

#: Samples kept: two bases of a few legs.
SAMPLES_KEPT = 16


def drawn_nulls(
    returns: pd.Series, predictor: pd.Series, horizons: Iterable[int], draws: int, seed: int
) -> dict[int, NullRSquared]:
    """What :func:`~analysis.inference.null_r_squared.null_r_squared` gives at several horizons.

    The same values of both series, draws and seed are simulated in one pass for all horizons
    asked for at once, and kept; a horizon asked for later costs another pass.

    Parameters
    ----------
    returns, predictor : Series, shape (n,)
        Decimal returns a period; predictor known at the end of the same period.
    horizons : iterable of int
        Periods summed.
    draws, seed : int
        Simulated samples, and the seed of their generator.

    Returns
    -------
    dict of int to NullRSquared
        By horizon, in the order asked for; a horizon too long for the sample is refused.
    """
    wanted = list(dict.fromkeys(horizons))
    known = _kept(_content(returns), _content(predictor), draws, seed)
    missing = [months for months in wanted if months not in known]
    if missing:
        known |= null_r_squared(returns, predictor, missing, draws, seed)
    return {months: known[months] for months in wanted}


@lru_cache(maxsize=SAMPLES_KEPT)
def _kept(returns: bytes, predictor: bytes, draws: int, seed: int) -> dict[int, NullRSquared]:
    """What is known of one sample so far; the caller adds to it."""
    return {}


def _content(series: pd.Series) -> bytes:
    """Values of a series, with its first and last month."""
    ends = repr([*series.index[:1], *series.index[-1:]])
    return series.to_numpy(dtype=float).tobytes() + ends.encode()
