"""Entering in stages against at once, and against holding less: the lower tail, and its price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import BlockMonths, EraName, PortfolioName
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.staged_entry.windows import ways_table, window_quantiles
from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.inference.entries import Entries, average_exposure, enter, tail_gain_over_constant
from analysis.inference.power import minimum_detectable, years_to_detect
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.portfolios import missing_portfolio, portfolio_returns
from analysis.results import Finding, first_refusal, p_words

#: Windows side by side that a tail needs.
FEWEST_WINDOWS = 10

MEASURES = {
    "mean_difference": "decimal return over the window",
    "tail_gain": "decimal return over the window",
    "tail_gain_over_constant": "decimal return over the window",
    "tail_p": "p-value",
    "share_ahead": "share",
    "base_rate": "share",
}

AXES = ("leg", "stages", "horizon", "tail", "era")


class StagedEntryArguments(Arguments):
    """What is entered, in how many stages, and which tail of which windows is compared."""

    leg: Annotated[PortfolioName, Field(description="small caps that are entered")]
    stages: Annotated[int, Field(ge=2, le=24, description="equal parts, one a month")]
    horizon: Annotated[
        int, Field(ge=2, le=60, description="months in a window, at least the stages")
    ]
    tail: Annotated[float, Field(gt=0, lt=0.5, description="lower quantile that is compared")]
    era: EraName
    block_months: BlockMonths

    @model_validator(mode="after")
    def _stages_fit_the_window(self) -> StagedEntryArguments:
        average_exposure(self.stages, self.horizon)
        return self


@dataclass(frozen=True)
class StagedEntry(Study):
    """The finding, every entry of the grid, and the windows behind them.

    Attributes
    ----------
    windows : Entries or None
        Result of every window of the claim's own specification; None where there are too few.
    """

    windows: Entries | None

    @cached_property
    def ways(self) -> pd.DataFrame:
        """Lump sum, stages and holding less side by side."""
        arguments = self.specification.arguments
        exposure = average_exposure(arguments.stages, arguments.horizon)
        return ways_table(self.windows, exposure, arguments.tail)

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles of the windows' results less those of the lump sum."""
        return window_quantiles(self.windows)


@design(arguments=StagedEntryArguments, measures=MEASURES, axes=AXES)
def staged_entry(
    dataset: Dataset, specification: Specification[StagedEntryArguments], sampling: Sampling
) -> StagedEntry:
    """Test whether stages lift the lower tail by more than holding less throughout does."""
    arguments, monthly = specification.arguments, dataset.monthly
    returns = in_era(_returns(monthly, arguments.leg), arguments.era)
    windows = None
    if not _short_of(len(returns), arguments.horizon):
        windows = _enter(returns, arguments.stages, arguments.horizon)
    grid = _grid(monthly, specification)
    return StagedEntry(
        specification,
        finding=_finding(monthly, returns, windows, specification, sampling, grid),
        grid=grid,
        windows=windows,
    )


def _finding(
    monthly: pd.DataFrame,
    returns: pd.DataFrame,
    windows: Entries | None,
    specification: Specification[StagedEntryArguments],
    sampling: Sampling,
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    stages, horizon, tail = arguments.stages, arguments.horizon, arguments.tail
    if (refusal := missing_portfolio(monthly, arguments.leg)) is not None:
        return Finding.refused(refusal)
    if windows is None:
        return Finding.refused(f"{_short_of(len(returns), horizon)} for a tail")
    test = paired_stationary_bootstrap(
        returns["small"],
        returns["bill"],
        partial(tail_gain_over_constant, stages=stages, horizon=horizon, tail=tail),
        block_length=arguments.block_months,
        draws=sampling.draws,
        seed=sampling.seed,
        name="tail of staging less tail of the constant mix",
        unit=f"decimal return over {horizon} months",
    )
    if (refusal := first_refusal(test)) is not None:
        return Finding.refused(refusal)
    low = _lower_tails(windows, tail)
    price = float((windows.staged - windows.lump).mean())
    ahead, less = (float((way > windows.lump).mean()) for way in (windows.staged, windows.constant))
    ran = rows_that_ran(grid)
    return Finding(
        **test.headline() | {"n": len(windows.lump), "effective_n": len(returns) / horizon},
        mde=minimum_detectable(test.standard_error),
        more_needed=years_to_detect(test.estimate, test.standard_error, len(returns)),
        null="staging lifts the lower tail as much as holding less throughout",
        sample_start=str(returns.index[0]),
        sample_end=str(returns.index[-1]),
        finding=(
            f"The worst {tail:.0%} of {horizon}-month windows ended at {low['staged']:+.1%} or"
            f" lower with {stages} stages, {low['lump']:+.1%} at once and"
            f" {low['constant']:+.1%} with {average_exposure(stages, horizon):.0%} held"
            f" throughout: against holding less, staging moved the tail by {test.estimate:+.1%}"
            f" (p {p_words(test.p_value)}). Against the lump sum it moved the mean by"
            f" {price:+.1%} and ended ahead in {ahead:.0%} of windows, where holding less was"
            f" ahead in {less:.0%}."
        ),
        sensitivity=_sensitivity(ran, len(grid) - len(ran)),
        measures={
            "mean_difference": price,
            "tail_gain": low["staged"] - low["lump"],
            "tail_gain_over_constant": test.estimate,
            "tail_p": test.p_value,
            "share_ahead": ahead,
            "base_rate": less,
        },
    )


def _grid(
    monthly: pd.DataFrame, specification: Specification[StagedEntryArguments]
) -> pd.DataFrame:
    """Mean and tail of staging for every specification.

    Returns
    -------
    DataFrame
        ``leg, stages, horizon, tail, era, mean_difference, tail_gain, tail_gain_over_constant,
        windows, reason``.
    """

    @cache
    def returns(leg: str, era: str) -> pd.DataFrame:
        return in_era(_returns(monthly, leg), era)

    @cache
    def windows(leg: str, stages: int, horizon: int, era: str) -> Entries:
        return _enter(returns(leg, era), stages, horizon)

    rows = []
    for chosen in specification.combinations(*AXES):
        leg, stages, horizon, tail, era = chosen.values()
        refusal = missing_portfolio(monthly, leg)
        reason = _short_of(len(returns(leg, era)), horizon) if refusal is None else refusal.reason
        if stages > horizon:
            reason = f"{stages} stages do not fit into {horizon} months"
        rows.append((chosen, reason or _numbers(windows(leg, stages, horizon, era), tail)))
    columns = ["mean_difference", "tail_gain", "tail_gain_over_constant", "windows"]
    return grid_table(AXES, columns, rows)


def _returns(monthly: pd.DataFrame, leg: str) -> pd.DataFrame:
    """``small`` and ``bill``, decimal a month; no months without the portfolio."""
    return portfolio_returns(monthly, {"small": leg}, "bill")


def _short_of(months: int, horizon: int) -> str:
    """Why so few months hold no tail; empty where they do."""
    needed = f"{FEWEST_WINDOWS} windows of {horizon} months side by side are needed"
    return f"only {months} months; {needed}" if months < FEWEST_WINDOWS * horizon else ""


def _enter(returns: pd.DataFrame, stages: int, horizon: int) -> Entries:
    return enter(returns["small"].to_numpy(), returns["bill"].to_numpy(), stages, horizon)


def _lower_tails(windows: Entries, tail: float) -> dict[str, float]:
    names = ("staged", "lump", "constant")
    return {name: float(np.quantile(getattr(windows, name), tail)) for name in names}


def _numbers(windows: Entries, tail: float) -> dict[str, float]:
    low = _lower_tails(windows, tail)
    return {
        "mean_difference": float((windows.staged - windows.lump).mean()),
        "tail_gain": low["staged"] - low["lump"],
        "tail_gain_over_constant": low["staged"] - low["constant"],
        "windows": len(windows.lump),
    }


def _sensitivity(ran: pd.DataFrame, left_out: int) -> str:
    if ran.empty:
        return "No entry of the grid has its series and enough windows."
    over, price = ran["tail_gain_over_constant"], ran["mean_difference"]
    return (
        f"Of {len(ran)} specifications ({left_out} left out for want of data) staging"
        f" lifts the tail in {(ran['tail_gain'] > 0).mean():.0%}, by more than holding less does"
        f" in {(over > 0).mean():.0%} (median {over.median():+.1%}), and lowers the mean in"
        f" {(price < 0).mean():.0%} (median {price.median():+.1%})."
    )
