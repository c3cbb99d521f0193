"""Whether a sleeve beside a core betters the portfolio: its Sharpe ratio, after costs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, PortfolioName
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.portfolio_mix.comparison import (
    compare,
    drawdown_paths,
    hold,
    portfolio_table,
    sharpe_by_weight,
)
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.drawdowns import drawdowns
from analysis.inference.power import minimum_detectable, years_to_detect
from analysis.inference.premia import centred_means, two_sided_p
from analysis.inference.sharpe import MONTHS_A_YEAR, sharpe_difference, sharpe_influence
from analysis.inference.vectors import row_medians
from analysis.panel import Dataset
from analysis.panel.eras import era_words, in_era
from analysis.panel.portfolios import PORTFOLIOS, missing_portfolio
from analysis.results import Finding, first_refusal, p_words

#: Months that an era must hold for its own Sharpe ratios.
FEWEST_MONTHS = 24

#: Mean block of the joint test of the grid, months.
JOINT_BLOCK = 12

MEASURES = {
    "sharpe_difference": "Sharpe ratio a year",
    "sharpe_p": "p-value",
    "sharpe_difference_low": "Sharpe ratio a year",
    "sharpe_difference_high": "Sharpe ratio a year",
    "drawdown_change": "share of wealth",
    "recent_difference": "Sharpe ratio a year",
    "turnover": "share of the portfolio a year",
    "cost_a_year": "decimal a year",
    "mean_gain": "decimal return a year",
}

AXES = ("core", "sleeve", "sleeve_weight", "cost", "era")

Share = Annotated[float, Field(gt=0, lt=1)]


class PortfolioMixArguments(Arguments):
    """What is held beside what, how it is reset, and in which months it is judged."""

    core: Annotated[PortfolioName, Field(description="what the sleeve is added to")]
    sleeve: Annotated[PortfolioName, Field(description="small caps that are added")]
    sleeve_weight: Annotated[Share, Field(description="share of the sleeve, 0 to 1")]
    cost: Annotated[float, Field(ge=0, le=0.05, description="share of the amount traded")]
    rebalance_months: Annotated[int, Field(ge=1, le=120, description="months between resets")]
    era: EraName
    recent_era: Annotated[
        EraName, Field(description="months whose difference is shown beside that of the whole era")
    ]


@dataclass(frozen=True)
class PortfolioMix(Study):
    """The finding, every mix of the grid, and what the portfolios were like.

    Attributes
    ----------
    monthly : DataFrame
        The panel that was seen.
    held : DataFrame
        As :func:`analysis.designs.portfolio_mix.comparison.hold` has it, in the claim's era.
    """

    monthly: pd.DataFrame
    held: pd.DataFrame

    @cached_property
    def portfolios(self) -> pd.DataFrame:
        """Core, sleeve and mix side by side."""
        arguments = self.specification.arguments
        share = arguments.sleeve_weight
        words = {
            "core": f"core: {PORTFOLIOS[arguments.core].words}",
            "sleeve": f"sleeve: {PORTFOLIOS[arguments.sleeve].words}",
            "mix": f"{1 - share:.0%} core, {share:.0%} sleeve",
        }
        return portfolio_table(self.held, words, arguments.cost)

    @cached_property
    def drawdowns(self) -> pd.DataFrame:
        """Deepest drawdown of each half-year, core and mix."""
        return drawdown_paths(self.held)

    @cached_property
    def weights(self) -> pd.DataFrame:
        """Sharpe difference by weight of the sleeve and era."""
        arguments = self.specification.arguments
        eras = map(str, self.specification.grid.get("era", (arguments.era,)))
        return sharpe_by_weight(self.monthly, arguments, tuple(eras), FEWEST_MONTHS)


@design(arguments=PortfolioMixArguments, measures=MEASURES, axes=AXES)
def portfolio_mix(
    dataset: Dataset, specification: Specification[PortfolioMixArguments], sampling: Sampling
) -> PortfolioMix:
    """Test whether a core with a sleeve has the better Sharpe ratio; drawdowns are shown."""
    arguments, monthly = specification.arguments, dataset.monthly
    held = hold(
        monthly,
        arguments.core,
        arguments.sleeve,
        arguments.sleeve_weight,
        arguments.rebalance_months,
        arguments.cost,
    )
    grid = _grid(monthly, specification)
    joint = _joint_p(monthly, rows_that_ran(grid), specification, sampling)
    return PortfolioMix(
        specification,
        finding=_finding(monthly, held, specification, sampling, grid, joint),
        grid=grid,
        monthly=monthly,
        held=in_era(held, arguments.era),
    )


def _finding(
    monthly: pd.DataFrame,
    whole: pd.DataFrame,
    specification: Specification[PortfolioMixArguments],
    sampling: Sampling,
    grid: pd.DataFrame,
    joint: float | None,
) -> Finding:
    arguments = specification.arguments
    if (refusal := missing_portfolio(monthly, arguments.core, arguments.sleeve)) is not None:
        return Finding.refused(refusal)
    held, recent = in_era(whole, arguments.era), in_era(whole, arguments.recent_era)
    since = era_words(arguments.recent_era)
    test = sharpe_difference(
        held["mix"] - held["bill"],
        held["core"] - held["bill"],
        draws=sampling.draws,
        seed=sampling.seed,
    )
    if (refusal := first_refusal(test)) is not None:
        return Finding.refused(refusal)
    scale = float(np.sqrt(MONTHS_A_YEAR))
    difference, error = scale * test.estimate, scale * test.standard_error
    deepest = {name: float(drawdowns(held[name]).max()) for name in ("core", "mix")}
    later = compare(recent)["sharpe_difference"] if len(recent) >= FEWEST_MONTHS else None
    shown = "" if later is None else f"; {since} the difference is {later:+.3f}"
    gain = float(MONTHS_A_YEAR * (held["mix"] - held["core"]).mean())
    turnover = float(MONTHS_A_YEAR * held["traded"].mean())
    share, ran = arguments.sleeve_weight, rows_that_ran(grid)
    return Finding(
        estimate=difference,
        unit="Sharpe ratio a year",
        ci_low=scale * test.ci_low,
        ci_high=scale * test.ci_high,
        p_value=test.p_value,
        n=test.n,
        effective_n=test.effective_n,
        mde=minimum_detectable(error),
        more_needed=years_to_detect(difference, error, test.n),
        null="the mix and the core have the same Sharpe ratio",
        sample_start=str(held.index[0]),
        sample_end=str(held.index[-1]),
        finding=(
            f"{1 - share:.0%} {PORTFOLIOS[arguments.core].words} and {share:.0%}"
            f" {PORTFOLIOS[arguments.sleeve].words} had a Sharpe ratio of"
            f" {scale * test.first:.2f} against {scale * test.second:.2f} for the core alone"
            f" (difference {difference:+.3f}, p {p_words(test.p_value)}) and"
            f" {gain:+.2%} a year after {arguments.cost * turnover:.3%} of costs on"
            f" {turnover:.0%} turnover. The largest drawdown was {deepest['mix']:.0%} against"
            f" {deepest['core']:.0%}{shown}."
        ),
        sensitivity=_sensitivity(ran, len(grid) - len(ran), arguments.recent_era, since, joint),
        joint_p=joint,
        measures={
            "sharpe_difference": difference,
            "sharpe_p": test.p_value,
            "sharpe_difference_low": scale * test.ci_low,
            "sharpe_difference_high": scale * test.ci_high,
            "drawdown_change": deepest["mix"] - deepest["core"],
            "turnover": turnover,
            "cost_a_year": arguments.cost * turnover,
            "mean_gain": gain,
        }
        | ({} if later is None else {"recent_difference": later}),
    )


def _grid(
    monthly: pd.DataFrame, specification: Specification[PortfolioMixArguments]
) -> pd.DataFrame:
    """Sharpe and drawdown difference of every mix.

    Returns
    -------
    DataFrame
        ``core, sleeve, sleeve_weight, cost, era, sharpe_difference, drawdown_change, months,
        reason``.
    """
    months = specification.arguments.rebalance_months

    @cache
    def held(core: str, sleeve: str, weight: float, cost: float) -> pd.DataFrame:
        return hold(monthly, core, sleeve, weight, months, cost)

    rows = []
    for chosen in specification.combinations(*AXES):
        core, sleeve, weight, cost, era = chosen.values()
        part = in_era(held(core, sleeve, weight, cost), era)
        refusal, enough = missing_portfolio(monthly, core, sleeve), len(part) >= FEWEST_MONTHS
        reason = "" if enough else f"only {len(part)} months; {FEWEST_MONTHS} are needed"
        reason = refusal.reason if refusal is not None else reason
        rows.append((chosen | {"months": len(part)}, reason or compare(part)))
    return grid_table(AXES, ["sharpe_difference", "drawdown_change", "months"], rows)


def _joint_p(
    monthly: pd.DataFrame,
    ran: pd.DataFrame,
    specification: Specification[PortfolioMixArguments],
    sampling: Sampling,
) -> float | None:
    """Two-sided p-value of the median Sharpe difference over every mix that was run.

    The months of all mixes are drawn together, in blocks of a year on average, and move each
    difference by what they add to it to first order (Simonsohn, Simmons and Nelson 2020 on the
    joint test; Ledoit and Wolf 2008 on the influence of a month). None without a mix.
    """
    if ran.empty:
        return None
    months, added = specification.arguments.rebalance_months, []
    for row in ran.itertuples():
        held = hold(monthly, row.core, row.sleeve, row.sleeve_weight, months, row.cost)
        part = in_era(held, row.era)
        excess = [(part[name] - part["bill"]).to_numpy() for name in ("mix", "core")]
        added.append(pd.Series(sharpe_influence(*excess), index=part.index))
    drawn = centred_means(
        pd.concat(added, axis=1, sort=True).to_numpy(float),
        JOINT_BLOCK,
        sampling.draws,
        sampling.seed,
    )
    median = float(np.median(ran["sharpe_difference"])) / float(np.sqrt(MONTHS_A_YEAR))
    return float(two_sided_p(row_medians(drawn)[:, None], np.array([median]))[0])


def _sensitivity(
    ran: pd.DataFrame, left_out: int, recent_era: str, since: str, joint: float | None
) -> str:
    if ran.empty:
        return "No mix of the grid has its series."
    differences = ran["sharpe_difference"]
    recent = differences[ran["era"] == recent_era]
    at_once = "" if joint is None else f" All mixes at once have p {p_words(joint)}."
    late = f", {since} in {(recent > 0).mean():.0%}" if len(recent) else ""
    return (
        f"Of {len(ran)} mixes ({left_out} left out for want of data) the Sharpe ratio"
        f" rises in {(differences > 0).mean():.0%}{late}; the median difference is"
        f" {differences.median():+.3f}, and the largest drawdown is deeper in"
        f" {(ran['drawdown_change'] > 0).mean():.0%}.{at_once}"
    )
