"""Every dated figure by its last day, for the charts of data sets that lack the closes."""

from __future__ import annotations

import typing

import numpy as np
import pandas as pd

from analysis.audit.kept.registered import registered_study
from analysis.claims import Claim, load_claims
from analysis.designs import Sampling, find_design
from analysis.designs.dated_values import BANDS, BY_DATE, DatedStudy
from analysis.panel import Dataset

#: Of the random draws that some dated figures make and no chart shows.
_SAMPLING = Sampling(draws=199, seed=0)

#: Days kept of a figure and reading, about; the first and last of those admitted and those that
#: match are all kept.
KEPT = 60


def figure_days(dataset: Dataset) -> pd.DataFrame:
    """Values by day of every claim on a dated figure, thinned to what a chart needs."""
    whole = _joined(dataset, "by_date", BY_DATE)
    grouped = whole.groupby(["claim", "figure", "reading"], sort=False)
    kept = [_thinned(rows) for _, rows in grouped]
    return pd.concat(kept, ignore_index=True) if kept else whole


def _thinned(rows: pd.DataFrame) -> pd.DataFrame:
    admitted = np.flatnonzero(rows["admitted"])
    chosen = {*range(0, len(rows), max(len(rows) // KEPT, 1)), len(rows) - 1}
    chosen |= {*admitted[:1], *admitted[-1:], *np.flatnonzero(rows["matched"])}
    return rows.iloc[sorted(chosen)]


def figure_bands(dataset: Dataset) -> pd.DataFrame:
    """What each of those claims admits."""
    return _joined(dataset, "bands", BANDS)


def dated_claims() -> dict[str, Claim]:
    """Claims whose design draws a figure by its date."""
    return {
        name: claim
        for name, claim in load_claims().items()
        if claim.design is not None and _is_dated(claim.design)
    }


def _is_dated(design: str) -> bool:
    made = typing.get_type_hints(find_design(design).examine)["return"]
    return isinstance(made, type) and issubclass(made, DatedStudy)


def _joined(dataset: Dataset, table: str, columns: list[str]) -> pd.DataFrame:
    parts = [
        getattr(study, table)[columns].assign(claim=name)
        for name, study in _studies(dataset).items()
        if not study.by_date.empty
    ]
    whole = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return whole.reindex(columns=["claim", *columns])


def _studies(dataset: Dataset) -> dict[str, DatedStudy]:
    found = {}
    for name, claim in dated_claims().items():
        study = registered_study(dataset, claim, _SAMPLING)
        if isinstance(study, DatedStudy):
            found[name] = study
    return found
