"""What is left of small minus large when the change in relative book-to-market is taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BasisName, EraName, each_basis
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.premia import centred_means, two_sided_p
from analysis.inference.vectors import row_medians
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.gaps import BASES, bases_of
from analysis.panel.valuation import june_gaps
from analysis.results import Finding, first_refusal

#: Fewest years that are split into multiple and rest.
FEWEST_YEARS = 20

AXES = ("groups", "basis", "era")

ESTIMATES = ("rest", "low", "high", "p", "years")

MEASURES = {
    "rest_mean": "log return a year",
    "rest_low": "log return a year",
    "rest_high": "log return a year",
}


class Firms(NamedTuple):
    """Columns with the returns of small and of large firms, and the groups with their BE/ME."""

    returns: tuple[str, str]
    groups: tuple[str, str]


#: Returns and book-to-market are of the same firms, named as what they are: the smallest two fifths
#: by size and the largest two, the smallest fifth and the largest, and the halves.
FIRMS = {
    "two_fifths": Firms(("vw_small", "vw_big"), ("small", "big")),
    "outer_fifths": Firms(("vw_lo20", "vw_hi20"), ("lo20", "hi20")),
    "halves": Firms(("small_half", "big_half"), ("small_half", "big_half")),
}


class ReturnDecompositionArguments(Arguments):
    """Whose returns are split, on which book-to-market, and how the mean is resampled."""

    groups: Annotated[
        Literal["two_fifths", "outer_fifths", "halves"],
        Field(description="small and large firms: two fifths by size each, one, or half"),
    ]
    basis: BasisName
    era: EraName
    block_years: Annotated[int, Field(ge=1, le=30, description="mean block, years")]


@dataclass(frozen=True)
class ReturnDecomposition(Study):
    """The finding, and the yearly split behind it.

    Attributes
    ----------
    rests : mapping of str to Series
        By basis: log return a year that is left, by the June in which the year ends.
    """

    rests: Mapping[str, pd.Series]


@design(arguments=ReturnDecompositionArguments, measures=MEASURES, axes=AXES)
def return_decomposition(
    dataset: Dataset,
    specification: Specification[ReturnDecompositionArguments],
    sampling: Sampling,
) -> ReturnDecomposition:
    """Test whether small caps win with multiples standing still; the lower basis counts."""
    arguments = specification.arguments
    years = rest_of_return(dataset, arguments.groups)
    rests = {
        basis: in_era(years[basis], arguments.era)
        for basis in bases_of(arguments.basis)
        if basis in years
    }
    tests = {
        basis: _mean(rest, arguments.block_years, sampling)
        for basis, rest in rests.items()
        if len(rest) >= FEWEST_YEARS
    }
    finding = _finding(dataset, rests, tests)
    if finding.refusal is None:
        finding = replace(finding, joint_p=_joint_p(dataset, specification, sampling))
    return ReturnDecomposition(
        specification,
        finding=finding,
        grid=_grid(dataset, specification, sampling),
        rests=rests,
    )


def rest_of_return(dataset: Dataset, groups: str) -> pd.DataFrame:
    """Log return of small less large from July to June plus the change in the log gap.

    Minus the change in the gap is what the multiple gave; the rest is relative growth of book
    value, pay-out and the yearly re-sorting of firms.

    Parameters
    ----------
    dataset : Dataset
    groups : str
        A key of :data:`FIRMS`.

    Returns
    -------
    DataFrame
        Log return a year by basis, by the June in which the year ends; empty where returns or
        book-to-market of these firms are not at hand.
    """
    firms = FIRMS[groups]
    if not set(firms.returns) <= set(dataset.monthly.columns):
        return pd.DataFrame()
    junes = june_gaps(dataset, *firms.groups)
    if junes.empty:
        return pd.DataFrame()
    small, large = (np.log1p(dataset.monthly[name]) for name in firms.returns)
    logs = small - large
    ends = logs.index.where(logs.index.month <= 6, logs.index + 12)
    june = pd.PeriodIndex([f"{month.year}-06" for month in ends], freq="M")
    yearly = logs.groupby(june).agg(["sum", "count"])
    complete = yearly.loc[yearly["count"] == 12, "sum"]
    changes = pd.DataFrame({basis: junes[f"gap_{basis}"].diff() for basis in BASES})
    return changes.add(complete, axis=0).dropna()


def _mean(rest: pd.Series, block_years: int, sampling: Sampling) -> PairedBootstrap:
    return paired_stationary_bootstrap(
        rest.to_numpy(),
        np.zeros(len(rest)),
        block_length=float(block_years),
        draws=sampling.draws,
        seed=sampling.seed,
        name="mean of the rest",
        unit="log return a year without the change in relative book-to-market",
    )


def _finding(
    dataset: Dataset, rests: Mapping[str, pd.Series], tests: Mapping[str, PairedBootstrap]
) -> Finding:
    if dataset.data != "latest" or not rests:
        return Finding.refused(
            "needs the latest data: book-to-market by size from the publisher's files",
            needs="latest",
        )
    years = min(len(rest) for rest in rests.values())
    if years < FEWEST_YEARS:
        return Finding.refused(f"only {years} years from July to June; {FEWEST_YEARS} are needed")
    refusal = first_refusal(*tests.values())
    if refusal is not None:
        return Finding.refused(refusal)
    basis = min(tests, key=lambda name: tests[name].estimate)
    lower, rest = tests[basis], rests[basis]
    more = more_events_needed(lower.estimate, float(rest.std()), len(rest), unit="years")
    low = min(one.ci_low for one in tests.values())
    high = max(one.ci_high for one in tests.values())
    means = [f"{one.estimate:+.1%}" for one in tests.values()]
    means[0] += " a year"
    said = " and ".join(
        f"{words} on the {name.title()} basis" for words, name in zip(means, tests, strict=True)
    )
    return Finding(
        **lower.headline() | {"n": years, "effective_n": float(years)},
        mde=minimum_detectable(lower.standard_error),
        more_needed=str(more),
        null="with multiples standing still small and large return the same",
        sample_start=str(rest.index[0] - 11),
        sample_end=str(rest.index[-1]),
        finding=(
            f"Over {years} years small minus large without the change in relative book-to-market"
            f" was {said}."
        ),
        measures={"rest_mean": lower.estimate, "rest_low": low, "rest_high": high},
    )


def _joint_p(
    dataset: Dataset,
    specification: Specification[ReturnDecompositionArguments],
    sampling: Sampling,
) -> float | None:
    """Two-sided p-value of the whole grid: the median of its means, from years drawn together."""
    samples = []
    for chosen in each_basis(specification.combinations(*AXES)):
        years = rest_of_return(dataset, chosen["groups"])
        rest = years[chosen["basis"]] if len(years) else pd.Series(dtype=float)
        kept = in_era(rest, chosen["era"]) if len(rest) else rest
        if len(kept) >= FEWEST_YEARS:
            samples.append(kept)
    if not samples:
        return None
    values = pd.concat(samples, axis=1, sort=True).to_numpy(float)
    block = float(specification.arguments.block_years)
    null = row_medians(centred_means(values, block, sampling.draws, sampling.seed))
    median = np.median(np.nanmean(values, axis=0))
    return float(two_sided_p(null[:, None], np.array([median]))[0])


def _grid(
    dataset: Dataset,
    specification: Specification[ReturnDecompositionArguments],
    sampling: Sampling,
) -> pd.DataFrame:
    """Mean of what is left, with its interval, for all groups, bases and eras."""

    def outcome(chosen: dict[str, Any]) -> Outcome:
        years = rest_of_return(dataset, chosen["groups"])
        if years.empty:
            return "no book-to-market of these firms is at hand"
        rest = in_era(years[chosen["basis"]], chosen["era"])
        if len(rest) < FEWEST_YEARS:
            return f"only {len(rest)} years; {FEWEST_YEARS} are needed"
        one = _mean(rest, specification.arguments.block_years, sampling)
        if (refusal := first_refusal(one)) is not None:
            return refusal
        return one.estimate, one.ci_low, one.ci_high, one.p_value, len(rest)

    every = each_basis(specification.combinations(*AXES))
    return grid_table(AXES, ESTIMATES, ((one, outcome(one)) for one in every))
