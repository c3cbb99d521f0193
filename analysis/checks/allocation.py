"""Allocation: a sleeve of small caps beside a core, and entering in stages or at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd
from pydantic import Field

from analysis.checks.allocation_evidence import sleeve_in_core, staging_against_holding_less
from analysis.checks.allocation_tables import (
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
from analysis.checks.parameters import ChapterParameters
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal


class Parameters(ChapterParameters):
    """Parameters of the allocation notebook; the defaults are the registered specification."""

    earliest: ClassVar[str] = "1950-01"

    core: Literal["s5", "market"] = Field("s5", description="what the sleeve is added to")
    sleeve: Literal["s1v5", "s1v3", "s1", "me1_high_op"] = Field(
        "s1v5", description="small caps that are added"
    )
    sleeve_weight: float = Field(0.2, gt=0, lt=1, description="share of the sleeve, 0 to 1")
    cost: float = Field(0.002, ge=0, le=0.05, description="cost as a share of the amount traded")
    rebalance_months: int = Field(12, ge=1, le=120, description="months between resets")
    leg: Literal["s1", "s1v3", "s1v5", "s3", "lo30"] = Field(
        "s1", description="small caps that are entered"
    )
    stages: int = Field(6, ge=2, le=24, description="equal parts, one a month")
    horizon: int = Field(12, ge=2, le=60, description="months in a window, at least the stages")
    tail: float = Field(0.05, gt=0, lt=0.5, description="lower quantile that is compared")
    block_months: int = Field(12, ge=1, le=120, description="mean block of the bootstrap, months")
    draws: int = Field(2000, ge=100, le=100_000, description="bootstrap draws")


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
