"""Allocation: a sleeve of small caps beside a core, and entering in stages or at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.allocation.evidence import sleeve_in_core, staging_against_holding_less
from analysis.checks.allocation.settings import Parameters
from analysis.checks.allocation.tables import (
    drawdown_paths,
    entry_grid,
    entry_quantiles,
    entry_table,
    entry_words,
    portfolio_table,
    sharpe_by_weight,
    sleeve_grid,
    sleeve_words,
)
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal


@dataclass(frozen=True)
class AllocationStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    portfolios : DataFrame
        Core, sleeve and mix side by side.
    drawdowns : DataFrame
        Deepest drawdown of each half-year, core and mix.
    weights : DataFrame
        Sharpe difference by weight of the sleeve and era.
    mixes, entries : DataFrame
        The grids of the two claims.
    ways : DataFrame
        Lump sum, stages and holding less side by side.
    quantiles : DataFrame
        Quantiles of the windows' results less those of the lump sum.
    """

    evidence: Mapping[str, Evidence | Refusal]
    portfolios: pd.DataFrame
    drawdowns: pd.DataFrame
    weights: pd.DataFrame
    mixes: pd.DataFrame
    entries: pd.DataFrame
    ways: pd.DataFrame
    quantiles: pd.DataFrame


def study(dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters) -> AllocationStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters

    Raises
    ------
    InputError
        For more stages than months in a window.
    """
    barbell, staged = claims["barbell"], claims["staged-entry"]
    mixes = sleeve_grid(dataset, barbell, parameters.rebalance_months)
    entered = entry_grid(dataset, staged)
    return AllocationStudy(
        evidence={
            "barbell": sleeve_in_core(dataset, parameters, sleeve_words(mixes, barbell)),
            "staged-entry": staging_against_holding_less(
                dataset, parameters, entry_words(entered, staged)
            ),
        },
        portfolios=portfolio_table(dataset, parameters),
        drawdowns=drawdown_paths(dataset, parameters),
        weights=sharpe_by_weight(dataset, barbell, parameters),
        mixes=mixes,
        entries=entered,
        ways=entry_table(dataset, parameters),
        quantiles=entry_quantiles(dataset, parameters),
    )
