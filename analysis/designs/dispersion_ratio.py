"""How far apart portfolios of small firms stand in a month, against portfolios of large firms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from analysis.designs.arguments import BlockMonths, EraName
from analysis.designs.grids import grid_table, rows_that_ran
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.mean_grids import mean_grid
from analysis.inference.moments import ratio_of_means
from analysis.inference.power import minimum_detectable, years_to_detect
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.results import Finding, Refusal, first_refusal

#: A sample shorter than this is refused: five blocks of a year.
FEWEST_MONTHS = 60

#: Months over which the path of dispersion is smoothed.
SMOOTHING = 12

#: Groups of one fifth by size whose returns are set apart, as ends of the panel's columns.
SORTS = {
    "value": ("v1", "v3", "v5"),
    "momentum": ("m1", "m3", "m5"),
    "value_and_momentum": ("v1", "v3", "v5", "m1", "m3", "m5"),
}

COUNT_WORDS = {3: "three", 6: "six"}

MEASURES = {
    "dispersion_ratio": "dispersion of small over large",
    "dispersion_low": "dispersion of small over large",
    "dispersion_high": "dispersion of small over large",
    "dispersion_p": "p-value",
}

AXES = ("portfolios", "era")

Fifth = Literal["s1", "s2", "s3", "s4", "s5"]


class DispersionRatioArguments(Arguments):
    """Which fifths by size are compared, by which portfolios, in which months."""

    small: Fifth
    large: Fifth
    portfolios: Literal["value", "momentum", "value_and_momentum"]
    era: EraName
    block_months: BlockMonths


@dataclass(frozen=True)
class DispersionRatio(Study):
    """The finding, every sort and era of the grid, and the dispersion month by month.

    Attributes
    ----------
    dispersions : DataFrame, shape (months, 2)
        Dispersion among ``small`` and among ``large`` portfolios, decimal a month.
    """

    dispersions: pd.DataFrame

    @property
    def ratios(self) -> pd.DataFrame:
        """The specifications that were run, portfolios in words."""
        ran = self.ran
        return ran.assign(portfolios=ran["portfolios"].str.replace("_", " "))

    @cached_property
    def scatter(self) -> pd.DataFrame:
        """Twelve-month mean of both dispersions at the end of each half-year.

        ``month`` (first day of it), ``size``, ``dispersion`` (decimal a month).
        """
        smooth = self.dispersions.rolling(SMOOTHING).mean().dropna()
        halves = smooth[smooth.index.month % 6 == 0].rename_axis("month")
        long = halves.reset_index().melt("month", var_name="size", value_name="dispersion")
        return long.assign(month=long["month"].dt.to_timestamp())


@design(arguments=DispersionRatioArguments, measures=MEASURES, axes=AXES)
def dispersion_ratio(
    dataset: Dataset, specification: Specification[DispersionRatioArguments], sampling: Sampling
) -> DispersionRatio:
    """Test whether portfolios of small firms stand further apart than those of large firms."""
    arguments = specification.arguments
    monthly, small, large = dataset.monthly, arguments.small, arguments.large
    both = in_era(dispersions(monthly, small, large, arguments.portfolios), arguments.era)
    grid = _grid(monthly, specification, sampling)
    return DispersionRatio(
        specification,
        finding=_finding(monthly, both, specification, sampling, grid),
        grid=grid,
        dispersions=both,
    )


def dispersions(monthly: pd.DataFrame, small: str, large: str, portfolios: str) -> pd.DataFrame:
    """Standard deviation across the portfolios of a size, month by month.

    Parameters
    ----------
    monthly : DataFrame
        The panel.
    small, large : str
        ``"s1"`` smallest to ``"s5"`` largest fifth.
    portfolios : str
        A key of :data:`SORTS`.

    Returns
    -------
    DataFrame
        ``small, large``: decimal a month (divisor: portfolios less one); no months where the panel
        lacks a portfolio.
    """
    if _missing(monthly, small, large, portfolios) is not None:
        return pd.DataFrame(columns=["small", "large"], index=monthly.index[:0], dtype=float)
    deviations = {
        side: monthly[_columns(size, portfolios)].std(axis=1, ddof=1, skipna=False)
        for side, size in (("small", small), ("large", large))
    }
    return pd.DataFrame(deviations).dropna()


def _finding(
    monthly: pd.DataFrame,
    both: pd.DataFrame,
    specification: Specification[DispersionRatioArguments],
    sampling: Sampling,
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    portfolios = arguments.portfolios
    ratio = _ratio(both, arguments.block_months, sampling)
    refusal = first_refusal(_missing(monthly, arguments.small, arguments.large, portfolios), ratio)
    if refusal is not None:
        return Finding.refused(refusal)
    count, ran = COUNT_WORDS[len(SORTS[portfolios])], rows_that_ran(grid)
    joint = _joint_p(monthly, specification, sampling) if len(ran) else None
    return Finding(
        **ratio.headline(),
        mde=minimum_detectable(ratio.standard_error),
        more_needed=years_to_detect(
            ratio.estimate - 1.0,
            ratio.standard_error,
            ratio.n,
            "a ratio as far from one as the one found",
        ),
        null="portfolios of small firms scatter as much as those of large firms (ratio of one)",
        sample_start=str(both.index[0]),
        sample_end=str(both.index[-1]),
        finding=(
            f"In the average month the {count} small portfolios stood {both['small'].mean():.2%}"
            f" apart and the {count} large ones {both['large'].mean():.2%} (standard deviation"
            f" across portfolios): {ratio.estimate:.2f} times as far, 95% interval"
            f" {ratio.ci_low:.2f} to {ratio.ci_high:.2f}. Small scattered more in"
            f" {(both['small'] > both['large']).mean():.0%} of months, where equal scatter would"
            " give about half."
        ),
        sensitivity=_sensitivity(ran, len(grid) - len(ran)),
        measures={
            "dispersion_ratio": ratio.estimate,
            "dispersion_low": ratio.ci_low,
            "dispersion_high": ratio.ci_high,
            "dispersion_p": float(ratio.p_value or 0.0),
        },
        joint_p=joint,
    )


def _joint_p(
    monthly: pd.DataFrame,
    specification: Specification[DispersionRatioArguments],
    sampling: Sampling,
) -> float:
    """p-value of equal mean dispersion in every specification of the grid at once."""
    arguments = specification.arguments
    parts = [
        in_era(
            dispersions(monthly, arguments.small, arguments.large, chosen["portfolios"]),
            chosen["era"],
        )
        for chosen in specification.combinations(*AXES)
    ]
    apart = [(part["small"] - part["large"]).rename(str(at)) for at, part in enumerate(parts)]
    choices = pd.DataFrame(index=range(len(parts)))
    block = arguments.block_months
    return mean_grid(apart, choices, block=block, draws=sampling.draws, seed=sampling.seed).p_value


def _grid(
    monthly: pd.DataFrame,
    specification: Specification[DispersionRatioArguments],
    sampling: Sampling,
) -> pd.DataFrame:
    """Ratio of mean dispersions for every sort of portfolios and era.

    Returns
    -------
    DataFrame
        ``portfolios, era, small, large`` (mean monthly dispersion, decimal), ``ratio, low, high,
        p, months, reason``.
    """
    arguments = specification.arguments
    small, large = arguments.small, arguments.large
    rows = []
    for chosen in specification.combinations(*AXES):
        part = in_era(dispersions(monthly, small, large, chosen["portfolios"]), chosen["era"])
        ratio = _ratio(part, arguments.block_months, sampling)
        refusal = first_refusal(_missing(monthly, small, large, chosen["portfolios"]), ratio)
        outcome = _numbers(part, ratio) if refusal is None else refusal
        rows.append((chosen | {"months": len(part)}, outcome))
    columns = ["small", "large", "ratio", "low", "high", "p", "months"]
    return grid_table(AXES, columns, rows)


def _ratio(both: pd.DataFrame, block_months: int, sampling: Sampling) -> PairedBootstrap:
    if len(both) < FEWEST_MONTHS:
        return PairedBootstrap.refused(f"only {len(both)} months; {FEWEST_MONTHS} are needed")
    return paired_stationary_bootstrap(
        both["small"],
        both["large"],
        ratio_of_means,
        null_value=1.0,
        block_length=block_months,
        draws=sampling.draws,
        seed=sampling.seed,
        name="ratio of mean dispersions",
        unit="dispersion of small over large",
    )


def _numbers(part: pd.DataFrame, ratio: PairedBootstrap) -> dict[str, float | None]:
    return {
        "small": part["small"].mean(),
        "large": part["large"].mean(),
        "ratio": ratio.estimate,
        "low": ratio.ci_low,
        "high": ratio.ci_high,
        "p": ratio.p_value,
    }


def _missing(monthly: pd.DataFrame, small: str, large: str, portfolios: str) -> Refusal | None:
    for size in (small, large):
        if not set(_columns(size, portfolios)) <= set(monthly.columns):
            words = portfolios.replace("_", " ")
            return Refusal(f"the data hold no portfolios of {size} by {words}")
    return None


def _columns(size: str, portfolios: str) -> list[str]:
    return [f"{size}{group}" for group in SORTS[portfolios]]


def _sensitivity(ran: pd.DataFrame, left_out: int) -> str:
    if ran.empty:
        return "No alternative of the grid has enough months."
    return (
        f"Over {len(ran)} specifications ({left_out} left out with a reason) the"
        f" ratio lies between {ran['ratio'].min():.2f} and {ran['ratio'].max():.2f};"
        f" {(ran['low'] > 1).mean():.0%} of the intervals lie above one. Portfolios hide most of"
        " the scatter of single stocks."
    )
