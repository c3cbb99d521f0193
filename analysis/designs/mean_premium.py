"""Whether factors of the whole market each earned a premium; all of them have to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BlockMonths, EraName, Month
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.mean_grids import MeanGrid, mean_grid
from analysis.inference.premia import Premium, premium, premium_table
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.results import Finding, first_refusal, p_words

#: Parts of the sample in the table of factors.
ERAS_SHOWN = ("full", "to_1980", "from_1981", "from_1992", "from_2013")

WORDS = {"hml": "value stocks over growth stocks", "rmw": "profitable over unprofitable firms"}

#: A portfolio pair shown beside the factors: small value less small growth.
BESIDE = ("s1v5", "s1v1")
BESIDE_WORDS = "small value less small growth"

MEASURES = {
    "smallest_premium": "decimal return a year",
    "largest_p": "p-value",
    "lowest_high": "decimal return a year",
    "post_premium": "decimal return a year",
}

FactorName = Literal["hml", "rmw"]


class MeanPremiumArguments(Arguments):
    """Which factors have to pay, and since when all of them have been known."""

    factors: Annotated[
        FactorName | Annotated[list[FactorName], Field(min_length=1)],
        Field(description="factors of the whole market, hml and rmw, that must all pay"),
    ]
    era: EraName
    published: Month
    block_months: BlockMonths


@dataclass(frozen=True)
class MeanPremium(Study):
    """The finding, and the factors behind it.

    Attributes
    ----------
    spreads : mapping of str to Series
        Each factor in the claim's era, decimal a month; empty where the data lack it.
    monthly : DataFrame
        The panel.
    sampling : Sampling
    """

    spreads: dict[str, pd.Series] = field(repr=False)
    monthly: pd.DataFrame = field(repr=False)
    sampling: Sampling

    @property
    def words(self) -> str:
        """How the factors are called in a sentence."""
        return " and ".join(WORDS[name] for name in self.spreads)

    @property
    def published(self) -> str:
        """First month after publication of all factors."""
        return self.specification.arguments.published

    @cached_property
    def eras(self) -> pd.DataFrame:
        """Each factor, and value among small caps beside them, in every era.

        As :func:`analysis.inference.premia.premium_table` gives it.
        """
        return premium_table(
            {era: in_era(self._shown, era) for era in ERAS_SHOWN},
            block=self.specification.arguments.block_months,
            draws=self.sampling.draws,
            seed=self.sampling.seed,
        )

    @cached_property
    def running(self) -> pd.DataFrame:
        """Running sum of each factor at the end of each quarter.

        ``month`` (YYYY-MM), ``spread``, ``lead``: decimal sum from the first month all have;
        empty where the data lack one.
        """
        held = [name.upper() for name in self.spreads if name in self.monthly.columns]
        if len(held) < len(self.spreads):
            return pd.DataFrame(columns=["month", "spread", "lead"])
        running = self._shown[held].dropna().cumsum()
        quarters = running[running.index.month % 3 == 0].rename_axis("month").reset_index()
        quarters["month"] = quarters["month"].astype(str)
        return quarters.melt("month", var_name="spread", value_name="lead")

    @property
    def _shown(self) -> pd.DataFrame:
        held = [name for name in self.spreads if name in self.monthly.columns]
        shown = self.monthly[held].rename(columns=str.upper)
        if not set(BESIDE) <= set(self.monthly.columns):
            return shown
        return shown.assign(**{BESIDE_WORDS: self.monthly[BESIDE[0]] - self.monthly[BESIDE[1]]})


@design(arguments=MeanPremiumArguments, measures=MEASURES, axes=("factors", "era"))
def mean_premium(
    dataset: Dataset, specification: Specification[MeanPremiumArguments], sampling: Sampling
) -> MeanPremium:
    """Test whether each factor pays over its whole sample: the larger p-value decides."""
    arguments, monthly = specification.arguments, dataset.monthly
    drawn = {"block": arguments.block_months, "draws": sampling.draws, "seed": sampling.seed}
    given = arguments.factors
    named: list[str] = [given] if isinstance(given, str) else list(given)
    spreads = {name: in_era(factor_of(monthly, name), arguments.era) for name in named}
    choices = pd.DataFrame(specification.combinations("factors", "era"), columns=["factors", "era"])
    samples = [in_era(factor_of(monthly, c.factors), c.era) for c in choices.itertuples()]
    grid = mean_grid(samples, choices, **drawn)
    absent = [name for name in named if name not in monthly.columns]
    if absent:
        finding = Finding.refused(
            f"needs the latest data: the factor {absent[0].upper()}, {WORDS[absent[0]]}",
            needs="latest",
        )
    else:
        whole = {name: premium(spread, **drawn) for name, spread in spreads.items()}
        since = {
            name: premium(spread.loc[arguments.published :], **drawn)
            for name, spread in spreads.items()
        }
        finding = _finding(whole, since, arguments.published, grid)
    return MeanPremium(specification, finding, grid.table, spreads, monthly, sampling)


def factor_of(monthly: pd.DataFrame, name: str) -> pd.Series:
    """A factor by month, decimal, without NaN; empty where the panel lacks it."""
    if name not in monthly.columns:
        return pd.Series(dtype=float, index=monthly.index[:0])
    return monthly[name].dropna()


def _finding(
    whole: dict[str, Premium], since: dict[str, Premium], published: str, grid: MeanGrid
) -> Finding:
    if (refusal := first_refusal(*whole.values())) is not None:
        return Finding.refused(refusal)
    weakest = max(whole, key=lambda name: (whole[name].p_value, -whole[name].annual))
    smallest = min(one.annual for one in whole.values())
    deciding = whole[weakest]
    leads = "; ".join(
        f"{WORDS[name]} {one.annual:+.1%} a year (95% interval {one.low:+.1%} to {one.high:+.1%},"
        f" p {p_words(one.p_value)})"
        for name, one in whole.items()
    )
    later = ", ".join(
        f"{WORDS[name]} {one.annual:+.1%}" for name, one in since.items() if one.refusal is None
    )
    month = pd.Period(published, "M").strftime("%B %Y")
    shown = [one.annual for one in since.values() if one.refusal is None]
    return Finding(
        **deciding.headline(),
        null=f"no premium for {WORDS[weakest]}",
        finding=(
            f"In the whole market the lead was: {leads}."
            + (f" Since {month}, when both were in print: {later}." if later else "")
        ),
        sensitivity=str(grid) if grid else "",
        joint_p=grid.p_value if grid else None,
        measures={
            "smallest_premium": smallest,
            "largest_p": max(one.p_value for one in whole.values()),
            "lowest_high": min(one.high for one in whole.values()),
        }
        | ({"post_premium": min(shown)} if shown else {}),
    )
