"""What the part of a size group that passes a screen earned beyond the whole group."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import BlockMonths, EraName, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.mean_grids import MeanGrid, mean_grid
from analysis.inference.premia import PublishedPremium, premium_table, published_premium
from analysis.panel import Dataset
from analysis.panel.double_sorts import FIFTHS, SIZE_WORDS
from analysis.panel.eras import in_era
from analysis.panel.sizes import weighted_mean
from analysis.results import Finding

#: Parts of the sample in the table of profitability fifths.
ERAS_SHOWN = ("full", "to_1980", "from_1981", "from_1992", "from_2013")

NO_PORTFOLIOS = "needs the latest data: portfolios by size and profitability"

WEIGHT_WORDS = {"capitalisation": "by capitalisation", "equal": "equally"}

MEASURES = {
    "difference": "decimal return a year",
    "difference_p": "p-value",
    "difference_high": "decimal return a year",
    "difference_recent": "decimal return a year",
}


class ScreenPremiumArguments(Arguments):
    """Which firms pass, and since when the screen has been known."""

    size_quintile: Annotated[
        int, Field(ge=1, le=5, description="size fifth of the profit screen, 1 the smallest")
    ]
    op_from: Annotated[int, Field(ge=1, le=5, description="lowest profitability fifth that passes")]
    op_to: Annotated[int, Field(ge=1, le=5, description="highest profitability fifth that passes")]
    weights: Annotated[
        Literal["capitalisation", "equal"], Field(description="of the portfolios on each side")
    ]
    era: EraName
    published: Month
    block_months: BlockMonths

    @model_validator(mode="after")
    def _a_part_of_the_group(self) -> Self:
        if not 0 <= self.op_to - self.op_from < len(FIFTHS) - 1:
            raise ValueError(
                f"op_from {self.op_from} to op_to {self.op_to} is no part of the five fifths"
            )
        return self


@dataclass(frozen=True)
class ScreenPremium(Study):
    """The finding, and the difference behind it.

    Attributes
    ----------
    spread : Series
        What passes less the whole group, decimal a month; empty without the portfolios.
    weights : str
        How the portfolios are weighted: as registered, or equally for want of capitalisations.
    monthly : DataFrame
        The panel.
    sampling : Sampling
    """

    spread: pd.Series = field(repr=False)
    weights: str
    monthly: pd.DataFrame = field(repr=False)
    sampling: Sampling

    @property
    def difference(self) -> str:
        """How the difference is called."""
        return f"profitable less all {SIZE_WORDS[self.specification.arguments.size_quintile]}"

    @cached_property
    def fifths(self) -> pd.DataFrame:
        """Each profitability fifth of the size group less the whole, by era.

        ``fifth`` (1 to 5) and the columns of :func:`analysis.inference.premia.premium_table` but
        ``spread``; empty where the panel lacks the portfolios.
        """
        arguments = self.specification.arguments
        spreads = fifths_less_whole(self.monthly, arguments.size_quintile, self.weights)
        table = premium_table(
            {era: in_era(spreads, era) for era in ERAS_SHOWN},
            block=arguments.block_months,
            draws=self.sampling.draws,
            seed=self.sampling.seed,
        )
        return table.rename(columns={"spread": "fifth"})


@design(
    arguments=ScreenPremiumArguments,
    measures=MEASURES,
    axes=("size_quintile", "op_from", "weights", "era"),
)
def screen_premium(
    dataset: Dataset, specification: Specification[ScreenPremiumArguments], sampling: Sampling
) -> ScreenPremium:
    """Test whether what passes a screen on profitability beats all firms of its size."""
    arguments, monthly = specification.arguments, dataset.monthly
    drawn = {"block": arguments.block_months, "draws": sampling.draws, "seed": sampling.seed}
    size, highest = arguments.size_quintile, arguments.op_to
    weights = weights_at_hand(monthly, size, arguments.weights)
    spread = screened(monthly, size, (arguments.op_from, highest), weights)
    spread = in_era(spread, arguments.era)
    axes = ("size_quintile", "op_from", "weights", "era")
    choices = pd.DataFrame(specification.combinations(*axes), columns=list(axes))
    samples = [
        in_era(screened(monthly, c.size_quintile, (c.op_from, highest), c.weights), c.era)
        for c in choices.itertuples()
    ]
    grid = mean_grid(samples, choices, **drawn)
    if not set(fifth_columns(size)) <= set(monthly.columns):
        finding = Finding.refused(NO_PORTFOLIOS, needs="latest")
    else:
        found = published_premium(spread, arguments.published, **drawn)
        finding = _finding(found, spread, weights, arguments, grid)
    return ScreenPremium(specification, finding, grid.table, spread, weights, monthly, sampling)


def fifth_columns(size: int, prefix: str = "") -> list[str]:
    """Columns of one size fifth, from the least to the most profitable."""
    return [f"{prefix}me{size}op{place}" for place in FIFTHS]


def weights_at_hand(monthly: pd.DataFrame, size: int, wanted: str) -> str:
    """`wanted`, or ``"equal"`` where the panel holds no capitalisation of the fifth.

    Capitalisation is looked for in ``cap_me1op1`` and so on: number of firms times average size at
    the start of the month, million dollars.
    """
    held = set(fifth_columns(size, "cap_")) <= set(monthly.columns)
    return wanted if held else "equal"


def screened(monthly: pd.DataFrame, size: int, passing: tuple[int, int], weights: str) -> pd.Series:
    """Monthly return of the profitable part of a size fifth less that of the whole.

    Parameters
    ----------
    monthly : DataFrame
        The panel with ``me1op1 … me5op5``.
    size : int
        Size fifth, 1 the smallest.
    passing : tuple of int
        Lowest and highest profitability fifth that pass.
    weights : {"capitalisation", "equal"}
        Of the portfolios within each side.

    Returns
    -------
    Series
        Decimals, only months in which all five portfolios have a return; empty where the panel
        lacks one of them.
    """
    returns, caps = _portfolios(monthly, size, weights)
    kept = list(returns.columns[passing[0] - 1 : passing[1]])
    return (weighted_mean(returns[kept], caps[kept]) - weighted_mean(returns, caps)).dropna()


def fifths_less_whole(monthly: pd.DataFrame, size: int, weights: str) -> pd.DataFrame:
    """Each profitability fifth of a size fifth less the whole: decimals a month, 1 to 5."""
    returns, caps = _portfolios(monthly, size, weights)
    return returns.sub(weighted_mean(returns, caps), axis=0).set_axis(FIFTHS, axis=1).dropna()


def best_month_words(spread: pd.Series) -> str:
    """How much of a mean difference hangs on its best month, which may be a single stock's.

    Parameters
    ----------
    spread : Series
        Decimal difference, at least two months.
    """
    best = spread.idxmax()
    rest = 12.0 * spread.drop(best).mean()
    return (
        f"From {spread.index[0]} on the best month, {best}, gives {spread[best]:+.1%}; without"
        f" it the difference is {rest:+.1%} a year."
    )


def _portfolios(
    monthly: pd.DataFrame, size: int, weights: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns and weights of the five portfolios of a size fifth; no rows where one is lacking."""
    names = fifth_columns(size)
    returns = monthly.reindex(columns=names).dropna()
    if weights == "equal":
        return returns, pd.DataFrame(1.0, index=returns.index, columns=names)
    caps = monthly.reindex(columns=fifth_columns(size, "cap_"), index=returns.index)
    return returns, caps.set_axis(names, axis=1)


def _finding(
    found: PublishedPremium,
    spread: pd.Series,
    weights: str,
    arguments: ScreenPremiumArguments,
    grid: MeanGrid,
) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal.reason)
    whole, recent, size = found.whole, found.since, SIZE_WORDS[arguments.size_quintile]
    how = WEIGHT_WORDS[weights]
    if weights != arguments.weights:
        how = f"{how}, since the panel holds no capitalisation of them"
    best_month = best_month_words(spread.loc[arguments.published :])
    return Finding(
        **whole.headline(),
        null=f"profitable {size} firms return what all {size} firms return",
        finding=(
            f"Profitable {size} caps returned {whole.annual:+.1%} a year against all {size} caps"
            f" (95% interval {whole.low:+.1%} to {whole.high:+.1%}), and {recent.annual:+.1%} in"
            f" the {recent.n} months since {arguments.published} ({recent.low:+.1%} to"
            f" {recent.high:+.1%}). The portfolios are weighted {how}."
        ),
        sensitivity=f"{grid} {best_month}" if grid else best_month,
        joint_p=grid.p_value if grid else None,
        measures={
            "difference": whole.annual,
            "difference_p": whole.p_value,
            "difference_high": whole.high,
            "difference_recent": recent.annual,
        },
    )
