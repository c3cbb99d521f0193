"""Supplementary tables: robustness beside the registered tests, and the record to the newest month.

Nothing here decides a verdict. A data set that can compute a table computes it; the bundled one,
which lacks funds, daily returns and the newest months, shows what was computed from a snapshot and
kept in ``data/derived`` (``smallcap derive``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from analysis.audit.supplements.fifths import gap_fifths
from analysis.audit.supplements.forecasts import absolute_forecasts, forecast_errors
from analysis.audit.supplements.indices import index_exposures
from analysis.audit.supplements.policy import policy_days, policy_means
from analysis.audit.supplements.record import (
    calendar_years,
    cut_paths,
    gap_by_month,
    windows_won,
)
from analysis.audit.supplements.rotation import rotation_costs
from analysis.audit.supplements.size import size_abroad, size_and_junk
from analysis.audit.supplements.studies import study_comparison
from analysis.panel import Dataset
from analysis.panel.legs import OWN
from analysis.results import InputError, nearest
from analysis.sources.derived import DERIVED_FOLDER
from analysis.sources.supplements import LAYOUTS, empty_supplement, load_supplement

#: How each table is computed.
MAKERS: Mapping[str, Callable[[Dataset], pd.DataFrame]] = {
    "cut_paths": cut_paths,
    "gap_by_month": gap_by_month,
    "gap_fifths": gap_fifths,
    "calendar_years": calendar_years,
    "windows_won": windows_won,
    "index_exposures": index_exposures,
    "policy_days": policy_days,
    "policy_means": policy_means,
    "size_and_junk": size_and_junk,
    "size_abroad": size_abroad,
    "absolute_forecasts": absolute_forecasts,
    "forecast_errors": forecast_errors,
    "study_comparison": study_comparison,
    "rotation_costs": rotation_costs,
}


def supplement(dataset: Dataset, name: str, folder: Path = DERIVED_FOLDER) -> pd.DataFrame:
    """A supplementary table on the newest data that may be seen.

    The bundled data with nothing cut show the table that was kept; every other run computes it from
    what it may see, but for those tables that are only kept: a run cut at a month shows none of
    them. Rows of a reader's own returns are computed and added.

    Parameters
    ----------
    dataset : Dataset
    name : str
        A key of :data:`analysis.sources.supplements.LAYOUTS`.
    folder : Path
        Where the tables are kept.

    Returns
    -------
    DataFrame
        As its layout says; without rows where the data set cannot compute it.

    Raises
    ------
    InputError
        For an unknown name, or a table kept that is damaged.
    """
    if name not in LAYOUTS:
        raise InputError(f"unknown supplementary table {name!r}{nearest(name, LAYOUTS)}")
    if LAYOUTS[name].kept_only:
        kept = None if dataset.cut_at is not None else load_supplement(name, folder)
        return empty_supplement(name) if kept is None else kept
    kept = None
    if dataset.data == "bundled" and dataset.cut_at is None:
        kept = load_supplement(name, folder)
    if kept is None:
        return laid_out(name, MAKERS[name](dataset))
    if dataset.own and "leg" in kept:
        own = laid_out(name, MAKERS[name](dataset))
        kept = pd.concat([kept, own[own["leg"] == OWN.name]], ignore_index=True)
    return kept


def laid_out(name: str, made: pd.DataFrame) -> pd.DataFrame:
    """A table as its maker gives it, with the columns and kinds of its layout."""
    if made.empty:
        return empty_supplement(name)
    layout = LAYOUTS[name]
    numbers = {column: made[column].astype(float) for column in layout.numbers}
    return made.assign(**numbers)[list(layout.columns)].reset_index(drop=True)


def reach(table: pd.DataFrame) -> str:
    """Last month a table says it reaches, ``YYYY-MM``; empty where it does not say."""
    for column in ("last", "month", "session", "day", "cut"):
        if column in table and len(table):
            return str(table[column].max())[:7]
    return ""


__all__ = ["MAKERS", "laid_out", "reach", "supplement"]
