"""How far a size group's operating profitability ranges over the years: context, no test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding

#: Size groups are formed at the end of June, so July carries the year's value.
FORMED = 7

COLUMNS = ["first", "last", "years", "lowest tenth", "median", "highest tenth"]


class ProfitabilitySpreadArguments(Arguments):
    """The group of size, as the panel names it."""

    group: Annotated[
        Literal["small", "big", "lo20", "hi20"], Field(description="group of firms by size")
    ]


@dataclass(frozen=True)
class ProfitabilitySpread(Study):
    """No finding, for profitability is a level and says little about the growth of earnings.

    Attributes
    ----------
    profitability : DataFrame
        ``first, last, years, lowest tenth, median, highest tenth``: quantiles over the years,
        decimals of book equity; empty where the data do not hold the group.
    """

    profitability: pd.DataFrame


@design(arguments=ProfitabilitySpreadArguments, measures={})
def profitability_spread(
    dataset: Dataset, specification: Specification[ProfitabilitySpreadArguments], sampling: Sampling
) -> ProfitabilitySpread:
    """Show the spread over the years of a group's operating profitability."""
    column = f"op_{specification.arguments.group}"
    context = Finding.refused("the page shows a distant proxy; nothing tests the claim")
    table = spread_over_years(dataset.monthly, column)
    return ProfitabilitySpread(specification, context, pd.DataFrame(), table)


def spread_over_years(monthly: pd.DataFrame, column: str) -> pd.DataFrame:
    """Tenths and median over the years, one value a year, that of the month groups are formed."""
    if column not in monthly:
        return pd.DataFrame(columns=COLUMNS)
    known = monthly[column][monthly.index.month == FORMED].dropna()
    if known.empty:
        return pd.DataFrame(columns=COLUMNS)
    values = (known.index[0].year, known.index[-1].year, len(known))
    tenths = known.quantile([0.1, 0.5, 0.9])
    return pd.DataFrame([[*values, *tenths]], columns=COLUMNS)
