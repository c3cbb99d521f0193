"""What one portfolio earned beyond another: over the whole sample, and since it was published."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import BlockMonths, EraName, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.mean_grids import MeanGrid, mean_grid
from analysis.inference.premia import PublishedPremium, premium_table, published_premium
from analysis.panel import Dataset
from analysis.panel.double_sorts import FACTORS, double_sort_of
from analysis.panel.eras import in_era
from analysis.results import Finding

#: Parts of the sample in the table of fifths.
ERAS_SHOWN = ("full", "to_1980", "from_1981", "from_1992", "from_2013")

#: Fifths by size in that table.
SIZES_SHOWN = {1: "smallest fifth", 3: "middle fifth", 5: "largest fifth"}

MEASURES = {
    "premium": "decimal return a year",
    "premium_p": "p-value",
    "post_premium": "decimal return a year",
    "post_p": "p-value",
    "post_high": "decimal return a year",
}

SortedPortfolio = Annotated[str, Field(pattern=r"^(s[1-5]v[1-5]|me[1-5]op[1-5])$")]


class MeanPremiumArguments(Arguments):
    """Which portfolios, and since when their difference has been known."""

    long: Annotated[
        SortedPortfolio,
        Field(description="held: fifths by size and BE/ME (s1v5) or profitability (me1op5)"),
    ]
    short: Annotated[
        SortedPortfolio, Field(description="what it is set against, named in the same way")
    ]
    era: EraName
    published: Month
    block_months: BlockMonths

    @model_validator(mode="after")
    def _two_portfolios(self) -> Self:
        if self.long == self.short:
            raise ValueError(f"long and short are both {self.long}; give two portfolios")
        return self


@dataclass(frozen=True)
class MeanPremium(Study):
    """The finding, and the difference behind it.

    Attributes
    ----------
    spread : Series
        Long less short, decimal a month; empty where the data lack one of them.
    monthly : DataFrame
        The panel.
    sampling : Sampling
    """

    spread: pd.Series = field(repr=False)
    monthly: pd.DataFrame = field(repr=False)
    sampling: Sampling

    @property
    def difference(self) -> str:
        """How the difference is called, by the columns of the panel."""
        arguments = self.specification.arguments
        return f"{arguments.long.upper()} less {arguments.short.upper()}"

    @property
    def words(self) -> str:
        """How the difference is called in a sentence."""
        arguments = self.specification.arguments
        sides = double_sort_of(arguments.long), double_sort_of(arguments.short)
        return " less ".join(side.words for side in sides)

    @property
    def published(self) -> str:
        """First month after publication."""
        return self.specification.arguments.published

    @cached_property
    def eras(self) -> pd.DataFrame:
        """The same difference by fifth of size, and the published factor, in every era.

        As :func:`analysis.inference.premia.premium_table` gives it.
        """
        spreads = self._by_size
        return premium_table(
            {era: in_era(spreads, era) for era in ERAS_SHOWN},
            block=self.specification.arguments.block_months,
            draws=self.sampling.draws,
            seed=self.sampling.seed,
        )

    @cached_property
    def running(self) -> pd.DataFrame:
        """Running sum of the difference and of the published factor at the end of each quarter.

        ``month`` (YYYY-MM), ``spread``, ``lead``: decimal sum from the first month both have.
        """
        arguments = self.specification.arguments
        words = " less ".join(
            double_sort_of(one).words for one in (arguments.long, arguments.short)
        )
        running = self._factor.assign(**{words: self.spread})
        running = running[[words, *self._factor.columns]].dropna().cumsum()
        quarters = running[running.index.month % 3 == 0].rename_axis("month").reset_index()
        quarters["month"] = quarters["month"].astype(str)
        return quarters.melt("month", var_name="spread", value_name="lead")

    @property
    def _by_size(self) -> pd.DataFrame:
        arguments, monthly = self.specification.arguments, self.monthly
        long, short = double_sort_of(arguments.long), double_sort_of(arguments.short)
        pairs = {words: (long.of_size(n), short.of_size(n)) for n, words in SIZES_SHOWN.items()}
        spreads = {
            words: monthly[first] - monthly[second]
            for words, (first, second) in pairs.items()
            if {first, second} <= set(monthly.columns)
        }
        return pd.DataFrame(spreads, index=monthly.index).join(self._factor)

    @property
    def _factor(self) -> pd.DataFrame:
        """The factor of the long side's sort, where the panel holds it."""
        name = FACTORS[double_sort_of(self.specification.arguments.long).sort]
        held = [name] if name in self.monthly.columns else []
        return self.monthly[held].rename(columns=str.upper)


@design(arguments=MeanPremiumArguments, measures=MEASURES, axes=("long", "short", "era"))
def mean_premium(
    dataset: Dataset, specification: Specification[MeanPremiumArguments], sampling: Sampling
) -> MeanPremium:
    """Test whether one portfolio earns more than another, in the end and since publication."""
    arguments, monthly = specification.arguments, dataset.monthly
    drawn = {"block": arguments.block_months, "draws": sampling.draws, "seed": sampling.seed}
    spread = in_era(spread_of(monthly, arguments.long, arguments.short), arguments.era)
    axes = ("long", "short", "era")
    choices = pd.DataFrame(specification.combinations(*axes), columns=list(axes))
    samples = [in_era(spread_of(monthly, c.long, c.short), c.era) for c in choices.itertuples()]
    grid = mean_grid(samples, choices, **drawn)
    absent = [name for name in (arguments.long, arguments.short) if name not in monthly.columns]
    if absent:
        finding = Finding.refused(f"needs the latest data: portfolio {absent[0]}", needs="latest")
    else:
        found = published_premium(spread, arguments.published, **drawn)
        finding = _finding(found, arguments, grid)
    return MeanPremium(specification, finding, grid.table, spread, monthly, sampling)


def spread_of(monthly: pd.DataFrame, long: str, short: str) -> pd.Series:
    """Long less short by month, decimal, without NaN; empty where the panel lacks one of them."""
    if not {long, short} <= set(monthly.columns):
        return pd.Series(dtype=float, index=monthly.index[:0])
    return (monthly[long] - monthly[short]).dropna()


def _finding(found: PublishedPremium, arguments: MeanPremiumArguments, grid: MeanGrid) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal.reason)
    whole, since = found.whole, found.since
    long, short = (double_sort_of(name).words for name in (arguments.long, arguments.short))
    return Finding(
        **whole.headline(),
        null=f"{long} returns what {short} returns",
        finding=(
            f"{long[0].upper()}{long[1:]} beat {short} by {whole.annual:+.1%} a year (95% interval"
            f" {whole.low:+.1%} to {whole.high:+.1%}); since {arguments.published}, after"
            f" publication, by {since.annual:+.1%} ({since.low:+.1%} to {since.high:+.1%},"
            f" p {since.p_value:.3f}), where {since.mde:.1%} would have been found four times out"
            " of five."
        ),
        sensitivity=str(grid) if grid else "",
        specifications=grid.specifications,
        left_out=grid.missing,
        measures={
            "premium": whole.annual,
            "premium_p": whole.p_value,
            "post_premium": since.annual,
            "post_p": since.p_value,
            "post_high": since.high,
        },
    )
