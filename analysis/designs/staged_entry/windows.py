"""The windows of three ways to enter, side by side and quantile by quantile."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.inference.entries import Entries

#: Percentiles of the windows' results that the chart shows.
PERCENTILES = tuple(range(1, 100, 2))

LUMP, STAGED, CONSTANT = "lump sum", "in stages", "less throughout"


def ways_table(windows: Entries | None, exposure: float, tail: float) -> pd.DataFrame:
    """The three ways to enter side by side.

    Parameters
    ----------
    windows : Entries or None
        Of one sample.
    exposure : float
        Mean share invested in stages.
    tail : float
        Lower quantile that is shown.

    Returns
    -------
    DataFrame
        ``entry, exposure`` (mean), ``mean, lower tail, median, worst`` result of a window, and
        ``ahead of lump sum``, the share of windows; no rows without windows.
    """
    columns = ["entry", "exposure", "mean", "lower tail", "median", "worst", "ahead of lump sum"]
    if windows is None:
        return pd.DataFrame(columns=columns)
    rows = [
        (
            label,
            share,
            results.mean(),
            np.quantile(results, tail),
            np.median(results),
            results.min(),
            np.nan if results is windows.lump else (results > windows.lump).mean(),
        )
        for label, share, results in (
            (LUMP, 1.0, windows.lump),
            (STAGED, exposure, windows.staged),
            (CONSTANT, exposure, windows.constant),
        )
    ]
    return pd.DataFrame(rows, columns=columns)


def window_quantiles(windows: Entries | None) -> pd.DataFrame:
    """Quantiles of the windows' results, staged and constant, less those of the lump sum.

    Returns
    -------
    DataFrame
        ``percentile, entry, difference`` (decimal return over the window); no rows without windows.
    """
    if windows is None:
        return pd.DataFrame(columns=["percentile", "entry", "difference"])
    shares = np.array(PERCENTILES) / 100.0
    lump = np.quantile(windows.lump, shares)
    parts = [
        pd.DataFrame(
            {
                "percentile": PERCENTILES,
                "entry": label,
                "difference": np.quantile(results, shares) - lump,
            }
        )
        for label, results in ((STAGED, windows.staged), (CONSTANT, windows.constant))
    ]
    return pd.concat(parts, ignore_index=True)
