"""Tables of the first-cut chapter: the events, what random dates give, and recession phases."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.checks.first_cut.grids import cut_dates
from analysis.inference.resampling import EventRandomization
from analysis.panel import Dataset
from analysis.panel.events import recession_phases
from analysis.results import Refusal

#: Bars of a null histogram.
BINS = 30

SCHEME_WORDS = {
    "shift": "calendar turned",
    "gap": "random dates, spaced",
    "stratified": "random dates, same recession state",
}


def event_table(dataset: Dataset, values: pd.Series, rule: str, linked: pd.Series) -> pd.DataFrame:
    """Every first cut of one date rule: what followed it, or why it is left out.

    Parameters
    ----------
    dataset : Dataset
    values : Series
        Return of the window that belongs to each month, decimal.
    rule : str
    linked : Series of bool

    Returns
    -------
    DataFrame
        ``cut`` (YYYY-MM), ``recession linked``, ``return``, ``small won``, ``note``.
    """
    dates = cut_dates(dataset, rule)
    months = pd.PeriodIndex(dates["month"], freq="M")
    returns = values.reindex(months).to_numpy()
    inside = ~np.isnan(returns)
    state = linked.reindex(months).map({True: "yes", False: "no"}).fillna("unknown").to_numpy()
    won = np.where(inside, np.where(returns > 0, "yes", "no"), "")
    left_out = [
        "" if ok else _why_left_out(month, values) for ok, month in zip(inside, months, strict=True)
    ]
    notes = [
        "; ".join(filter(None, pair))
        for pair in zip(left_out, dates["flag"].fillna(""), strict=True)
    ]
    return pd.DataFrame(
        {
            "cut": months.astype(str),
            "recession linked": state,
            "return": returns,
            "small won": won,
            "note": notes,
        }
    )


def _why_left_out(month: pd.Period, values: pd.Series) -> str:
    if month < values.index[0]:
        return f"left out: before the sample's first month, {values.index[0]}"
    return f"left out: the window is not complete; the last complete one begins {values.index[-1]}"


def null_histograms(
    schemes: Mapping[str, EventRandomization | Refusal], bins: int = BINS
) -> pd.DataFrame:
    """Histogram of the mean return after random dates, by scheme.

    Returns
    -------
    DataFrame
        ``scheme, low, high, share, observed``; returns in decimals.
    """
    tables = []
    for scheme, result in schemes.items():
        if isinstance(result, Refusal):
            continue
        counts, edges = np.histogram(result.null_means, bins=bins)
        tables.append(
            pd.DataFrame(
                {
                    "scheme": SCHEME_WORDS[scheme],
                    "low": edges[:-1],
                    "high": edges[1:],
                    "share": counts / counts.sum(),
                    "observed": result.event_mean,
                }
            )
        )
    columns = ["scheme", "low", "high", "share", "observed"]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)


def comparison_table(schemes: Mapping[str, EventRandomization | Refusal]) -> pd.DataFrame:
    """The three ways of picking random dates side by side.

    Returns
    -------
    DataFrame
        Means in decimals over the window, shares, one-sided p-values, calendars compared.
    """
    rows = [
        {
            "random dates": SCHEME_WORDS[scheme],
            "after the dates": result.event_mean,
            "all windows": result.base_mean,
            "p, mean": result.p_upper,
            "won": result.win_rate,
            "base rate": result.base_rate,
            "p, won": result.win_p_upper,
            "calendars": result.arrangements,
        }
        for scheme, result in schemes.items()
        if isinstance(result, EventRandomization)
    ]
    return pd.DataFrame(rows)


def phase_table(cycles: pd.DataFrame, spread: pd.Series) -> pd.DataFrame:
    """Mean small-minus-large return by recession phase.

    Returns
    -------
    DataFrame
        ``phase``, ``months``, ``mean a year`` (twelve times the monthly mean), ``share won``.
    """
    phases = recession_phases(cycles, spread.index)
    grouped = spread.groupby(phases, observed=True)
    return (
        pd.DataFrame(
            {
                "months": grouped.size(),
                "mean a year": 12.0 * grouped.mean(),
                "share won": grouped.apply(lambda r: (r > 0).mean()),
            }
        )
        .rename_axis("phase")
        .reset_index()
    )
