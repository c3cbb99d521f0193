"""What chapters' first charts draw of a study, kept from a snapshot so that they reach its end.

Every table has the columns that the study itself has, thinned and rounded to what a chart needs:
sums, means, shares and estimates, never a publisher's series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.audit.kept.registered import registered_study
from analysis.audit.supplements import supplement
from analysis.claims import load_claims
from analysis.designs import Sampling, Study
from analysis.panel import Dataset
from analysis.sources.supplements import LAYOUTS

#: As the chapters draw by default.
SAMPLING = Sampling(draws=2000, seed=20260101)

#: Of a path after a run so many points make one that is kept.
THINNED = 3


@dataclass(frozen=True)
class Drawn:
    """What is kept of a study for one chart.

    Attributes
    ----------
    designs : tuple of str
        Whose studies have it.
    table : callable
        The study's table, with a column ``last``: the last month it uses, ``YYYY-MM``.
    names : mapping of str to str
        Columns of the study that the file calls otherwise.
    whole : tuple of str
        Columns of the study that hold whole numbers.
    """

    designs: tuple[str, ...]
    table: Callable[[Any], pd.DataFrame]
    names: Mapping[str, str] = field(default_factory=dict)
    whole: tuple[str, ...] = ()


def drawn_table(name: str, study: Study, dataset: Dataset | None = None) -> pd.DataFrame:
    """What a chart draws of a study, to the newest month that may be seen.

    Parameters
    ----------
    name : str
        A key of :data:`DRAWN`.
    study : Study
    dataset : Dataset, optional
        What the study saw. Of the bundled data with nothing cut, and of the registered
        specification, what was kept of a newer run is given.

    Returns
    -------
    DataFrame
        The study's own columns, and ``last``.
    """
    kept = DRAWN[name]
    if dataset is None or dataset.data != "bundled" or study.specification.deviations:
        return kept.table(study)
    rows = supplement(dataset, name)
    rows = rows[rows["claim"] == study.specification.claim].drop(columns="claim")
    if rows.empty:
        return kept.table(study)
    named = rows.rename(columns={file: own for own, file in kept.names.items()})
    return named.astype(dict.fromkeys(kept.whole, int)).reset_index(drop=True)


def last_of(table: pd.DataFrame) -> str:
    """The last month that a table of :func:`drawn_table` uses; empty where it does not say."""
    return str(table["last"].max())[:7] if len(table) else ""


def _maker(name: str) -> Callable[[Dataset], pd.DataFrame]:
    """The function that makes a table of every claim that has it."""

    def made(dataset: Dataset) -> pd.DataFrame:
        kept, columns = DRAWN[name], list(LAYOUTS[name].columns)
        parts = [
            kept.table(registered_study(dataset, claim, SAMPLING))
            .rename(columns=kept.names)
            .assign(claim=claim.id)
            for claim in load_claims().values()
            if claim.design in kept.designs
        ]
        held = [part[columns] for part in parts if len(part)]
        return pd.concat(held, ignore_index=True) if held else pd.DataFrame(columns=columns)

    return made


def _until(table: pd.DataFrame, last: object) -> pd.DataFrame:
    return table.assign(last=str(last)[:7])


def _exposure(study: Any) -> Any:
    """An exposure, or the first of two."""
    return getattr(study, "first", study)


def _year_ends(study: Any) -> pd.DataFrame:
    """Running sums of factors at the end of each year, and at the last month."""
    running = study.running
    ends = running["month"].str.endswith("-12") | (running["month"] == running["month"].max())
    shown = running[ends]
    return _until(shown, shown["month"].max() if len(shown) else "")


def thinned_paths(study: Any) -> pd.DataFrame:
    """Paths after runs, every third point and the last."""
    paths = study.paths
    if paths.empty:
        return pd.DataFrame(columns=["event", "sessions", "cumulative", "last"])
    sessions = sorted(paths["sessions"].unique())
    shown = paths[paths["sessions"].isin({*sessions[::THINNED], sessions[-1]})]
    return _until(shown, study.returns.index[-1])


def _fifths(study: Any) -> pd.DataFrame:
    table = study.fifths
    return table.assign(last=table["last"].astype(str).str[:7])


def _years_ahead(study: Any) -> pd.DataFrame:
    return _until(study.years, study.finding.sample_end or "")


#: What is kept, by the name of its layout.
DRAWN: Mapping[str, Drawn] = {
    "exposure_slopes": Drawn(
        ("exposure", "both_exposures"),
        lambda study: _until(_exposure(study).by_era, _exposure(study).dataset.as_of),
        {"controlling for the market": "controlled"},
    ),
    "exposure_shares": Drawn(
        ("exposure",),
        lambda study: _until(study.by_share, study.dataset.as_of),
    ),
    "calendar_months": Drawn(
        ("calendar_month",),
        lambda study: _until(study.months, study.spread.index[-1] if len(study.spread) else ""),
        {"month": "number"},
        ("month",),
    ),
    "paths_after_runs": Drawn(
        ("runs_of_signs",), thinned_paths, {"sessions": "after"}, ("sessions",)
    ),
    "years_ahead": Drawn(("members_ahead",), _years_ahead, whole=("year",)),
    "entry_quantiles": Drawn(
        ("staged_entry",),
        lambda study: _until(study.quantiles, study.finding.sample_end or ""),
        whole=("percentile",),
    ),
    "profit_fifths": Drawn(("screen_premium",), _fifths, whole=("fifth",)),
    "factor_sums": Drawn(("mean_premium",), _year_ends),
}

#: How each of them is computed.
DRAWN_MAKERS: Mapping[str, Callable[[Dataset], pd.DataFrame]] = {
    name: _maker(name) for name in DRAWN
}
