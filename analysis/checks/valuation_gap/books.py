"""Claims on book values themselves: how cheap, how unusual, and what is left without multiples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.panel import BASES, Dataset
from analysis.results import Evidence, Refusal

if TYPE_CHECKING:
    from analysis.checks.valuation_gap.settings import Parameters

_NEEDS_LATEST = Refusal(
    "needs the latest data: book-to-market by size from the publisher's files", needs="latest"
)

#: Mean block of the stationary bootstrap of yearly values, in years.
BLOCK_YEARS = 5.0

#: Fewest years that are split into multiple and rest.
FEWEST_YEARS = 20


def cheaper_on_book(dataset: Dataset) -> Evidence | Refusal:
    """Claim gap-book-sales-lower: small caps are far cheaper on book value."""
    if dataset.data != "latest" or dataset.valuation is None:
        return _NEEDS_LATEST
    table = dataset.valuation.dropna()
    if table.empty:
        return Refusal("no June with a book-to-market on both bases lies in the data")
    ratios = {basis: float(np.exp(table[f"gap_{basis}"].iloc[-1])) for basis in BASES}
    ranks = {basis: _percentile(table[f"gap_{basis}"]) for basis in BASES}
    logs = [float(table[f"gap_{basis}"].iloc[-1]) for basis in BASES]
    june = table.index[-1]
    return Evidence(
        claim="gap-book-sales-lower",
        estimate=min(ratios.values()),
        unit="small over large book-to-market, the lower basis",
        null="small and large firms have the same book-to-market",
        n=len(table),
        effective_n=float(len(table)),
        mde=abs(logs[0] - logs[1]),
        more_needed="a basis on which both agree, not more years",
        sample_start=str(table.index[0]),
        sample_end=str(june),
        finding=(
            f"In {june} small firms' book-to-market was {ratios['june']:.2f} times that of large"
            f" firms on the June basis and {ratios['december']:.2f} times on the December basis,"
            f" wider than or as wide as {ranks['june']:.0%} and {ranks['december']:.0%} of all"
            f" Junes since {table.index[0].year}."
        ),
        measures={
            "ratio_lowest": min(ratios.values()),
            "ratio_highest": max(ratios.values()),
            "percentile_lowest": min(ranks.values()),
        },
    )


def widest_since(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim widest-since-1999: no June since was as wide as that of the claim."""
    if dataset.data != "latest" or dataset.valuation is None:
        return _NEEDS_LATEST
    table = dataset.valuation.dropna()
    if table.empty:
        return Refusal("no June with a book-to-market on both bases lies in the data")
    claimed = pd.Period(f"{claim.primary['june']}-06", "M")
    june = min(claimed, table.index[-1])
    since = pd.Period(f"{claim.primary['since']}-06", "M")
    if june <= since:
        return Refusal(f"the last June is {june}; the claim counts from {since}")
    earlier = table.loc[since : june - 12]
    wider = {b: int((earlier[f"gap_{b}"] > table.loc[june, f"gap_{b}"]).sum()) for b in BASES}
    ranks = {b: _percentile(table.loc[:june, f"gap_{b}"]) for b in BASES}
    now = [float(table.loc[june, f"gap_{b}"]) for b in BASES]
    return Evidence(
        claim="widest-since-1999",
        estimate=float(max(wider.values())),
        unit=f"Junes from {since.year} on with a wider gap, the larger of two bases",
        null="no June since was wider",
        n=len(earlier),
        effective_n=float(len(earlier)),
        mde=abs(now[0] - now[1]),
        more_needed="a basis on which both agree, not more years",
        sample_start=str(since),
        sample_end=str(june),
        finding=(
            f"Of the {len(earlier)} Junes from {since.year} on, {wider['june']} had a wider gap"
            f" than {june} on the June basis and {wider['december']} on the December basis; since"
            f" {table.index[0].year} the gap of {june} stands at the {ranks['june']:.0%} and"
            f" {ranks['december']:.0%} mark."
        ),
        measures={
            "years_wider_most": max(wider.values()),
            "years_wider_least": min(wider.values()),
        },
    )


def multiples_standing_still(dataset: Dataset, parameters: Parameters) -> Evidence | Refusal:
    """Claim no-eps-needed: what is left of small minus large without the change in multiples."""
    groups = {"vw_small", "vw_big"} <= set(dataset.monthly.columns)
    if dataset.data != "latest" or dataset.valuation is None or not groups:
        return _NEEDS_LATEST
    rests = {basis: rest_of_return(dataset, basis) for basis in BASES}
    years = min(len(rest) for rest in rests.values())
    if years < FEWEST_YEARS:
        return Refusal(f"only {years} years from July to June; {FEWEST_YEARS} are needed")
    tests = {basis: _mean_with_interval(rest, parameters) for basis, rest in rests.items()}
    refused = next((t for t in tests.values() if isinstance(t, Refusal)), None)
    if refused is not None:
        return refused
    basis = min(tests, key=lambda name: tests[name].estimate)
    lower, rest = tests[basis], rests[basis]
    more = more_events_needed(lower.estimate, float(rest.std()), len(rest), unit="years")
    return Evidence(
        claim="no-eps-needed",
        estimate=lower.estimate,
        unit="log return a year without the change in relative book-to-market",
        ci_low=min(test.ci_low for test in tests.values()),
        ci_high=max(test.ci_high for test in tests.values()),
        p_value=lower.p_value,
        n=years,
        effective_n=float(years),
        mde=minimum_detectable(max(test.standard_error for test in tests.values())),
        more_needed=str(more),
        null="with multiples standing still small and large return the same",
        sample_start=str(rest.index[0] - 11),
        sample_end=str(rest.index[-1]),
        finding=(
            f"Over {years} years small minus large without the change in relative book-to-market"
            f" was {tests['june'].estimate:+.1%} a year on the June basis and"
            f" {tests['december'].estimate:+.1%} on the December basis."
        ),
        measures={
            "rest_mean": lower.estimate,
            "rest_low": min(test.ci_low for test in tests.values()),
            "rest_high": max(test.ci_high for test in tests.values()),
        },
    )


def rest_of_return(dataset: Dataset, basis: str) -> pd.Series:
    """Log return of small less large from July to June plus the change in the log gap.

    Minus the change in the gap is what the multiple gave; the rest is relative growth of book
    value, pay-out and the yearly re-sorting of firms. Returns and gap are of the same firms: the
    groups of fifths nearest in capitalisation to Lo30 and Hi30.

    Returns
    -------
    Series, log return a year, by the June in which the year ends.
    """
    logs = np.log1p(dataset.monthly["vw_small"]) - np.log1p(dataset.monthly["vw_big"])
    ends = logs.index.where(logs.index.month <= 6, logs.index + 12)
    june = pd.PeriodIndex([f"{month.year}-06" for month in ends], freq="M")
    yearly = logs.groupby(june).agg(["sum", "count"])
    complete = yearly.loc[yearly["count"] == 12, "sum"]
    change = dataset.valuation[f"gap_{basis}"].diff()
    return (complete + change).dropna()


def _mean_with_interval(rest: pd.Series, parameters: Parameters):
    return paired_stationary_bootstrap(
        rest.to_numpy(),
        np.zeros(len(rest)),
        block_length=BLOCK_YEARS,
        draws=parameters.draws,
        seed=parameters.seed,
        name="mean of the rest",
        unit="log return a year",
    )


def _percentile(gaps: pd.Series) -> float:
    return float((gaps <= gaps.iloc[-1]).mean())
