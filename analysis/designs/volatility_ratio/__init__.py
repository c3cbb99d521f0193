"""How much more one portfolio swings than another, and how much closer it follows the market."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.designs.arguments import BlockMonths, EraName, PortfolioName
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.volatility_ratio.falls import fall_paths, fall_table
from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.mean_grids import mean_grid
from analysis.inference.moments import ratio_of_deviations, slope
from analysis.inference.power import minimum_detectable, more_years_needed
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.portfolios import portfolio_returns
from analysis.results import Finding, first_refusal

#: Ten years of months: fewer hold too few blocks of a year.
FEWEST_MONTHS = 120

MEASURES = {
    "volatility_ratio": "ratio of standard deviations",
    "volatility_ratio_low": "ratio of standard deviations",
    "volatility_ratio_high": "ratio of standard deviations",
    "beta_difference": "market beta",
    "beta_difference_low": "market beta",
    "beta_difference_high": "market beta",
}

AXES = ("small", "large", "era")


class VolatilityRatioArguments(Arguments):
    """Which portfolios are compared, in which months."""

    small: PortfolioName
    large: PortfolioName
    era: EraName
    block_months: BlockMonths


@dataclass(frozen=True)
class VolatilityRatio(Study):
    """The finding, every pair and era of the grid, and the falls behind the volatility.

    Attributes
    ----------
    sides : DataFrame, shape (months, 2)
        Returns of ``small`` and ``large``, decimal a month.
    """

    sides: pd.DataFrame

    @cached_property
    def falls(self) -> pd.DataFrame:
        """Growth and deepest fall of small, large and small over large."""
        return fall_table(self.sides)

    @cached_property
    def fall_paths(self) -> pd.DataFrame:
        """How far each of them stood below its highest value so far, by month."""
        return fall_paths(self.sides)


@design(arguments=VolatilityRatioArguments, measures=MEASURES, axes=AXES)
def volatility_ratio(
    dataset: Dataset, specification: Specification[VolatilityRatioArguments], sampling: Sampling
) -> VolatilityRatio:
    """Test whether small caps' returns vary more, and move more with the market, than large."""
    arguments = specification.arguments
    pair = {"small": arguments.small, "large": arguments.large}
    grid = _grid(dataset.monthly, specification)
    return VolatilityRatio(
        specification,
        finding=_finding(dataset.monthly, specification, sampling, grid),
        grid=grid,
        sides=in_era(portfolio_returns(dataset.monthly, pair), arguments.era),
    )


def _finding(
    monthly: pd.DataFrame,
    specification: Specification[VolatilityRatioArguments],
    sampling: Sampling,
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    frame = in_era(_pair(monthly, arguments.small, arguments.large), arguments.era)
    block = float(arguments.block_months)
    if reason := _too_few(frame):
        return Finding.refused(reason)
    ratio = paired_stationary_bootstrap(
        frame["small"],
        frame["large"],
        ratio_of_deviations,
        null_value=1.0,
        block_length=block,
        draws=sampling.draws,
        seed=sampling.seed,
        name="ratio",
        unit="ratio of standard deviations",
    )
    beta = paired_stationary_bootstrap(
        frame["small"] - frame["large"],
        frame["market_excess"],
        slope,
        block_length=block,
        draws=sampling.draws,
        seed=sampling.seed,
        name="beta",
    )
    if (refusal := first_refusal(ratio, beta)) is not None:
        return Finding.refused(refusal)
    found, ran = _moments(frame), rows_that_ran(grid)
    return Finding(
        **ratio.headline(),
        mde=minimum_detectable(ratio.standard_error),
        more_needed=_more_needed(ratio),
        null="small and large caps are equally volatile",
        sample_start=str(frame.index[0]),
        sample_end=str(frame.index[-1]),
        finding=(
            f"Small caps' monthly returns varied by {found['small volatility']:.0%} a year, large"
            f" caps' by {found['large volatility']:.0%}: {ratio.estimate:.2f} times as much (95%"
            f" interval {ratio.ci_low:.2f} to {ratio.ci_high:.2f}). Their market beta is higher by"
            f" {beta.estimate:.2f} (95% interval {beta.ci_low:.2f} to {beta.ci_high:.2f})."
        ),
        sensitivity=_sensitivity(ran),
        joint_p=_joint_p(monthly, ran, block, sampling),
        measures={
            "volatility_ratio": ratio.estimate,
            "volatility_ratio_low": ratio.ci_low,
            "volatility_ratio_high": ratio.ci_high,
            "beta_difference": beta.estimate,
            "beta_difference_low": beta.ci_low,
            "beta_difference_high": beta.ci_high,
        },
    )


def _joint_p(
    monthly: pd.DataFrame, ran: pd.DataFrame, block: float, sampling: Sampling
) -> float | None:
    """p-value of equal variances in every pair and era at once; None where none could be run.

    Of each month the squared deviation of small less that of large, as a share of the mean of both
    variances: its mean is zero where both are equally volatile.
    """
    if ran.empty:
        return None
    apart = []
    for at, chosen in enumerate(ran[list(AXES)].to_dict("records")):
        pair = in_era(_pair(monthly, chosen["small"], chosen["large"]), chosen["era"])
        squares = (pair[["small", "large"]] - pair[["small", "large"]].mean()) ** 2
        shares = (squares["small"] - squares["large"]) / squares.to_numpy().mean()
        apart.append(shares.rename(str(at)))
    choices = pd.DataFrame(index=range(len(apart)))
    tested = mean_grid(apart, choices, block=block, draws=sampling.draws, seed=sampling.seed)
    return None if tested.refusal is not None else tested.p_value


def _grid(
    monthly: pd.DataFrame, specification: Specification[VolatilityRatioArguments]
) -> pd.DataFrame:
    """Ratio of volatilities and difference of betas of every pair and era.

    Returns
    -------
    DataFrame
        ``small, large, era, months, small volatility, large volatility`` (annualised), ``ratio,
        beta difference, reason``.
    """
    rows = []
    for chosen in specification.combinations(*AXES):
        frame = in_era(_pair(monthly, chosen["small"], chosen["large"]), chosen["era"])
        rows.append((chosen | {"months": len(frame)}, _too_few(frame) or _moments(frame)))
    columns = ["months", "small volatility", "large volatility", "ratio", "beta difference"]
    return grid_table(AXES, columns, rows)


def _pair(monthly: pd.DataFrame, small: str, large: str) -> pd.DataFrame:
    """``small, large`` and ``market_excess``, decimal a month; no months without a portfolio."""
    return portfolio_returns(monthly, {"small": small, "large": large}, "market_excess")


def _too_few(frame: pd.DataFrame) -> str:
    if len(frame) >= FEWEST_MONTHS:
        return ""
    return f"{len(frame)} months of both portfolios; {FEWEST_MONTHS} are needed"


def _moments(frame: pd.DataFrame) -> dict[str, float]:
    small, large, market = (frame[name].to_numpy() for name in ("small", "large", "market_excess"))
    yearly = np.sqrt(12)
    return {
        "small volatility": float(yearly * small.std(ddof=1)),
        "large volatility": float(yearly * large.std(ddof=1)),
        "ratio": float(ratio_of_deviations(small, large)),
        "beta difference": float(slope(small - large, market)),
    }


def _more_needed(ratio: PairedBootstrap) -> str:
    """Years that would tell the ratio found from one."""
    if ratio.p_value is not None and ratio.p_value < 0.05:
        return "none: the months there are tell the ratio from one"
    away = ratio.estimate - 1.0
    if abs(away) < 1e-6:
        return "the ratio found is one: no number of years tells it from one"
    needed = more_years_needed(away, ratio.standard_error, ratio.n)
    return f"{needed.more} more years to tell a ratio of this size from one"


def _sensitivity(ran: pd.DataFrame) -> str:
    if ran.empty:
        return ""
    return (
        f"Over {len(ran)} pairs and eras the ratio runs from {ran['ratio'].min():.2f} to"
        f" {ran['ratio'].max():.2f}, the difference of betas from"
        f" {ran['beta difference'].min():+.2f} to {ran['beta difference'].max():+.2f}."
    )
