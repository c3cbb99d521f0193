"""How large the valuation gap of the last June is, and where it stands among all Junes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BasisName, each_basis
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.panel.gaps import bases_of
from analysis.panel.valuation import june_gaps
from analysis.results import Finding

AXES = ("basis", "small", "large")

ESTIMATES = ("ratio", "percentile")

MEASURES = {
    "ratio_lowest": "ratio",
    "ratio_highest": "ratio",
    "percentile_lowest": "share",
    "luck": "share",
}


class ValuationRankArguments(Arguments):
    """Which firms' book-to-market is compared."""

    basis: BasisName
    # the smallest two fifths of firms by size, the smallest one, the smaller half; likewise large
    small: Literal["small", "lo20", "small_half"]
    large: Literal["big", "hi20", "big_half"]
    far_cheaper: Annotated[
        float, Field(gt=1, description="ratio of book-to-market from which small is far cheaper")
    ]


@dataclass(frozen=True)
class ValuationRank(Study):
    """The finding, and the gaps behind it.

    Attributes
    ----------
    junes : DataFrame
        Gap and percentile of every June on every basis, as
        :func:`analysis.panel.valuation.derive_valuation`; empty where there is none.
    """

    junes: pd.DataFrame


@design(arguments=ValuationRankArguments, measures=MEASURES, axes=AXES)
def valuation_rank(
    dataset: Dataset, specification: Specification[ValuationRankArguments], sampling: Sampling
) -> ValuationRank:
    """Judge the gap of the last June on each basis; the less favourable basis counts."""
    arguments = specification.arguments
    junes = june_gaps(dataset, arguments.small, arguments.large)
    return ValuationRank(
        specification,
        finding=_finding(dataset, junes, specification),
        grid=_grid(dataset, specification),
        junes=junes,
    )


@dataclass(frozen=True)
class Place:
    """One June's gap among the others, on one basis.

    Attributes
    ----------
    gap : float
        Log points.
    percentile : float
        Share of the Junes up to that one whose gap is no wider.
    """

    gap: float
    percentile: float

    @property
    def ratio(self) -> float:
        """Small over large book-to-market."""
        return float(np.exp(self.gap))


def _finding(
    dataset: Dataset, junes: pd.DataFrame, specification: Specification[ValuationRankArguments]
) -> Finding:
    arguments = specification.arguments
    if dataset.data != "latest" or (junes.empty and dataset.valuation is None):
        return Finding.refused(
            "needs the latest data: book-to-market by size from the publisher's files",
            needs="latest",
        )
    if junes.empty:
        return Finding.refused("no June with a book-to-market on both bases lies in the data")
    places = {basis: _place(junes[f"gap_{basis}"]) for basis in bases_of(arguments.basis)}
    first, june, n = junes.index[0], junes.index[-1], len(junes)
    gaps = [one.gap for one in places.values()]
    ratios = [one.ratio for one in places.values()]
    times = [f"{one.ratio:.2f} times" for one in places.values()]
    times[0] += " that of large firms"
    ranks = [one.percentile for one in places.values()]
    luck = _luck(junes, list(places), arguments.far_cheaper)
    return Finding(
        estimate=min(ratios),
        unit="small over large book-to-market, the lower basis",
        mde=_detectable(gaps),
        more_needed="a basis on which both agree, not more years",
        joint_p=_joint_p(dataset, specification),
        luck=luck,
        null="small and large firms have the same book-to-market",
        n=n,
        effective_n=float(n),
        sample_start=str(first),
        sample_end=str(june),
        finding=(
            f"In {june} small firms' book-to-market was {_each(places, times)}, wider than or as"
            f" wide as {_listed(ranks)} of all Junes since {first.year}. In {luck:.0%} of the Junes"
            f" before it was at least {arguments.far_cheaper:g} times."
        ),
        measures={
            "ratio_lowest": min(ratios),
            "ratio_highest": max(ratios),
            "percentile_lowest": min(ranks),
            "luck": luck,
        },
    )


def _luck(junes: pd.DataFrame, bases: list[str], far_cheaper: float) -> float:
    """Share of the Junes before the last in which small was far cheaper on every basis."""
    before = np.exp(junes[[f"gap_{basis}" for basis in bases]].iloc[:-1])
    return float((before >= far_cheaper).all(axis=1).mean()) if len(before) else 0.0


def _detectable(gaps: list[float]) -> float | None:
    """2.80 standard errors of the mean of the bases, whose disagreement is the only error known.

    In the ratio's unit; None on one basis and where the bases agree.
    """
    if len(set(gaps)) < 2:
        return None
    error = float(np.std(gaps, ddof=1) / np.sqrt(len(gaps)))
    return minimum_detectable(error) * float(np.exp(np.mean(gaps)))


def _joint_p(
    dataset: Dataset, specification: Specification[ValuationRankArguments]
) -> float | None:
    """Share of the Junes whose median gap over the whole grid is as wide as that of the last."""
    columns = []
    for chosen in each_basis(specification.combinations(*AXES)):
        junes = june_gaps(dataset, chosen["small"], chosen["large"])
        if len(junes):
            columns.append(junes[f"gap_{chosen['basis']}"])
    if not columns:
        return None
    medians = pd.concat(columns, axis=1).dropna().median(axis=1)
    return float((medians >= medians.iloc[-1]).mean()) if len(medians) else None


def _each(places: dict[str, Place], said: list[str]) -> str:
    """What is said of each basis, with its name."""
    pairs = zip(said, places, strict=True)
    return " and ".join(f"{words} on the {basis.title()} basis" for words, basis in pairs)


def _listed(shares: list[float]) -> str:
    return " and ".join(f"{share:.0%}" for share in shares)


def _place(gaps: pd.Series) -> Place:
    now = float(gaps.iloc[-1])
    return Place(now, float((gaps <= now).mean()))


def _grid(dataset: Dataset, specification: Specification[ValuationRankArguments]) -> pd.DataFrame:
    """Ratio and percentile for every pair of groups and basis."""
    rows: list[tuple[dict[str, Any], Outcome]] = []
    for chosen in each_basis(specification.combinations(*AXES)):
        junes = june_gaps(dataset, chosen["small"], chosen["large"])
        if junes.empty:
            rows.append((chosen, "no book-to-market of these groups is at hand"))
            continue
        one = _place(junes[f"gap_{chosen['basis']}"])
        rows.append((chosen, (one.ratio, one.percentile)))
    return grid_table(AXES, ESTIMATES, rows)
