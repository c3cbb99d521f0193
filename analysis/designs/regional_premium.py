"""Whether small caps earn more than large ones in other markets, taken together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BlockMonths, EraName
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.mean_grids import MeanGrid, mean_grid
from analysis.inference.premia import Premium, premium, premium_table
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.regions import REGIONS, WORDS, pooled_smb
from analysis.results import Finding, p_words

#: Regions that share no firm.
APART = ("europe", "japan", "asia_pacific")

MEASURES = {
    "pooled_premium": "decimal return a year",
    "pooled_p": "p-value",
    "pooled_low": "decimal return a year",
    "pooled_high": "decimal return a year",
    "regions_above_zero": "count",
}

RegionName = Literal["developed", "europe", "japan", "asia_pacific", "pooled"]


class RegionalPremiumArguments(Arguments):
    """Which region, or all that share no firm, and since when."""

    region: Annotated[
        RegionName, Field(description="one region, or the mean of those that share no firm")
    ]
    era: EraName
    block_months: BlockMonths


@dataclass(frozen=True)
class RegionalPremium(Study):
    """The finding, and each region beside it.

    Attributes
    ----------
    spreads : mapping of str to Series
        SMB by region, and of the claim's own choice, decimal a month.
    sampling : Sampling
    """

    spreads: Mapping[str, pd.Series] = field(repr=False)
    sampling: Sampling

    @cached_property
    def regions(self) -> pd.DataFrame:
        """Each region over the months it has: ``region``, then as ``premium_table`` has it."""
        named = {WORDS.get(name, "the three together"): one for name, one in self.spreads.items()}
        parts = [
            premium_table(
                {name: one.to_frame("SMB")},
                block=self.specification.arguments.block_months,
                draws=self.sampling.draws,
                seed=self.sampling.seed,
            )
            for name, one in named.items()
            if len(one)
        ]
        if not parts:
            return pd.DataFrame(columns=["region", "annual", "low", "high", "p", "months"])
        whole = pd.concat(parts, ignore_index=True)
        return whole.drop(columns="spread").rename(columns={"era": "region"})


@design(arguments=RegionalPremiumArguments, measures=MEASURES, axes=("region", "era"))
def regional_premium(
    dataset: Dataset, specification: Specification[RegionalPremiumArguments], sampling: Sampling
) -> RegionalPremium:
    """Test whether SMB has a mean above zero outside the United States."""
    arguments = specification.arguments
    drawn = {"block": arguments.block_months, "draws": sampling.draws, "seed": sampling.seed}
    choices = pd.DataFrame(specification.combinations("region", "era"), columns=["region", "era"])
    samples = [in_era(spread_of(dataset, one.region), one.era) for one in choices.itertuples()]
    grid = mean_grid(samples, choices, **drawn)
    own = in_era(spread_of(dataset, arguments.region), arguments.era)
    spreads = {name: spread_of(dataset, name) for name in REGIONS} | {arguments.region: own}
    if own.empty:
        finding = Finding.refused("needs the latest data: factors of other regions", needs="latest")
    else:
        each = [in_era(spread_of(dataset, name), arguments.era) for name in APART]
        finding = _finding(premium(own, **drawn), each, arguments, grid)
    return RegionalPremium(specification, finding, grid.table, spreads, sampling)


def spread_of(dataset: Dataset, region: str) -> pd.Series:
    """SMB of a region, or the mean of those that share no firm; no rows where it is not at hand."""
    return pooled_smb(dataset, APART if region == "pooled" else (region,)).rename(region)


def _finding(
    found: Premium, each: list[pd.Series], arguments: RegionalPremiumArguments, grid: MeanGrid
) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    above = sum(1 for one in each if len(one) and one.mean() > 0)
    where = WORDS.get(arguments.region, "Europe, Japan and Asia Pacific taken together")
    return Finding(
        **found.headline(),
        null="small and large caps earn the same",
        finding=(
            f"In {where} small minus large earned {found.annual:+.1%} a year (95% interval"
            f" {found.low:+.1%} to {found.high:+.1%}, p {p_words(found.p_value)}); {above} of"
            f" {len(each)} regions lie above zero."
        ),
        sensitivity=str(grid) if grid else "",
        joint_p=grid.p_value if grid else None,
        measures={
            "pooled_premium": found.annual,
            "pooled_p": found.p_value,
            "pooled_low": found.low,
            "pooled_high": found.high,
            "regions_above_zero": above,
        },
    )
