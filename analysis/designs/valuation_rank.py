"""Where the valuation gap of one June stands: how large it is, and how many others were wider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BasisName, each_basis
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.panel.gaps import bases_of
from analysis.panel.valuation import june_gaps
from analysis.results import Finding

AXES = ("basis", "small", "large")

ESTIMATES = ("ratio", "percentile", "Junes wider")

MEASURES = {
    "ratio_lowest": "ratio",
    "ratio_highest": "ratio",
    "percentile_lowest": "share",
    "years_wider_most": "count",
    "years_wider_least": "count",
}

Year = Annotated[int, Field(ge=1900, le=2100)]


class ValuationRankArguments(Arguments):
    """Which firms' book-to-market is compared, in which June, and since when."""

    basis: BasisName
    small: Literal["lo30", "lo20", "small_half"]
    large: Literal["hi30", "hi20", "dec10", "big_half"]
    #: Year of the June that is asked about; the last one there is where it is left out.
    june: Year | None = None
    #: First year whose June is counted; without it the size of the gap is judged, not its rank.
    since: Year | None = None


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
    """Judge the gap of one June on each basis; the less favourable basis counts."""
    arguments = specification.arguments
    junes = june_gaps(dataset, arguments.small, arguments.large)
    return ValuationRank(
        specification,
        finding=_finding(dataset, junes, arguments),
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
    wider : int
        Junes counted whose gap is wider.
    """

    gap: float
    percentile: float
    wider: int

    @property
    def ratio(self) -> float:
        """Small over large book-to-market."""
        return float(np.exp(self.gap))


def _finding(dataset: Dataset, junes: pd.DataFrame, arguments: ValuationRankArguments) -> Finding:
    if dataset.data != "latest" or (junes.empty and dataset.valuation is None):
        return Finding.refused(
            "needs the latest data: book-to-market by size from the publisher's files",
            needs="latest",
        )
    if junes.empty:
        return Finding.refused("no June with a book-to-market on both bases lies in the data")
    june, since = _months(junes, arguments)
    if arguments.since is not None and june <= since:
        return Finding.refused(f"the last June is {june}; the claim counts from {since}")
    places = {
        basis: _place(junes[f"gap_{basis}"], june, since) for basis in bases_of(arguments.basis)
    }
    first = junes.index[0]
    found = (
        _by_size(places, june, first, len(junes.loc[:june]))
        if arguments.since is None
        else _by_rank(places, june, first, since, len(junes.loc[since : june - 12]))
    )
    gaps = [one.gap for one in places.values()]
    return Finding(
        mde=max(gaps) - min(gaps),
        more_needed="a basis on which both agree, not more years",
        sample_end=str(june),
        **found,
    )


def _by_size(places: dict[str, Place], june: pd.Period, first: pd.Period, n: int) -> dict[str, Any]:
    """What is said where the size of the gap is judged."""
    ratios = [one.ratio for one in places.values()]
    times = [f"{one.ratio:.2f} times" for one in places.values()]
    times[0] += " that of large firms"
    ranks = [one.percentile for one in places.values()]
    return {
        "estimate": min(ratios),
        "unit": "small over large book-to-market, the lower basis",
        "null": "small and large firms have the same book-to-market",
        "n": n,
        "effective_n": float(n),
        "sample_start": str(first),
        "finding": (
            f"In {june} small firms' book-to-market was {_each(places, times)}, wider than or as"
            f" wide as {_listed(ranks)} of all Junes since {first.year}."
        ),
        "measures": {
            "ratio_lowest": min(ratios),
            "ratio_highest": max(ratios),
            "percentile_lowest": min(ranks),
        },
    }


def _by_rank(
    places: dict[str, Place], june: pd.Period, first: pd.Period, since: pd.Period, n: int
) -> dict[str, Any]:
    """What is said where the Junes with a wider gap are counted."""
    wider = [one.wider for one in places.values()]
    counts = [str(count) for count in wider]
    counts[0] += f" had a wider gap than {june}"
    return {
        "estimate": float(max(wider)),
        "unit": f"Junes from {since.year} on with a wider gap, the larger of two bases",
        "null": "no June since was wider",
        "n": n,
        "effective_n": float(n),
        "sample_start": str(since),
        "finding": (
            f"Of the {n} Junes from {since.year} on, {_each(places, counts)}; since {first.year}"
            f" the gap of {june} stands at the"
            f" {_listed([one.percentile for one in places.values()])} mark."
        ),
        "measures": {"years_wider_most": max(wider), "years_wider_least": min(wider)},
    }


def _each(places: dict[str, Place], said: list[str]) -> str:
    """What is said of each basis, with its name."""
    pairs = zip(said, places, strict=True)
    return " and ".join(f"{words} on the {basis.title()} basis" for words, basis in pairs)


def _listed(shares: list[float]) -> str:
    return " and ".join(f"{share:.0%}" for share in shares)


def _months(junes: pd.DataFrame, arguments: ValuationRankArguments) -> tuple[pd.Period, pd.Period]:
    """The June asked about, or the last before it, and the first one counted."""
    last, first = junes.index[-1], junes.index[0]
    june = last if arguments.june is None else min(pd.Period(f"{arguments.june}-06", "M"), last)
    since = first if arguments.since is None else pd.Period(f"{arguments.since}-06", "M")
    return june, since


def _place(gaps: pd.Series, june: pd.Period, since: pd.Period) -> Place:
    now, past = float(gaps.loc[june]), gaps.loc[:june]
    wider = int((gaps.loc[since : june - 12] > now).sum())
    return Place(now, float((past <= now).mean()), wider)


def _grid(dataset: Dataset, specification: Specification[ValuationRankArguments]) -> pd.DataFrame:
    """Ratio, percentile and wider Junes for every pair of groups and basis."""
    arguments, rows = specification.arguments, []
    for chosen in each_basis(specification.combinations(*AXES)):
        junes = june_gaps(dataset, chosen["small"], chosen["large"])
        if junes.empty:
            rows.append({**chosen, "reason": "no book-to-market of these groups is at hand"})
            continue
        one = _place(junes[f"gap_{chosen['basis']}"], *_months(junes, arguments))
        numbers = dict(zip(ESTIMATES, (one.ratio, one.percentile, one.wider), strict=True))
        rows.append({**chosen, **numbers, "reason": ""})
    return pd.DataFrame(rows, columns=[*AXES, *ESTIMATES, "reason"])
