"""How many members of an index do better than it: base rates of portfolios, and arithmetic.

The members' own returns are not open, so what is found is context and no verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.lognormal_shares import (
    highest_share,
    lead_needed,
    share_beating,
    spread_needed,
)
from analysis.panel import Dataset
from analysis.panel.breadth import industry_columns, share_ahead, size_value_columns
from analysis.panel.fund_returns import month_ends
from analysis.results import Finding, InputError

#: Fewer whole years are no base rate.
FEWEST_YEARS = 10

#: Standard deviations across members of a year's log return for which the arithmetic is drawn.
SPREADS = tuple(float(s) for s in np.round(np.arange(0.05, 1.01, 0.05), 2))

#: Leads of the index over the plain mean of its members, log points a year, drawn beside none.
LEADS = (0.0, 0.05, 0.10, 0.20)

MEASURES = {
    "claimed_share": "share",
    "expected_share_low": "share",
    "expected_share_high": "share",
    "spread_needed": "standard deviation of a year's log return",
    "lead_needed": "log points a year",
}

Spread = Annotated[
    float,
    Field(gt=0, le=2, description="standard deviation of a year's log return across members"),
]


class MembersAheadArguments(Arguments):
    """The year of the count, the widths assumed, and the funds that show the index's lead."""

    year: Annotated[int, Field(ge=1900, le=2100)]
    narrow: Spread
    wide: Spread
    index_fund: str
    equal_fund: str

    @model_validator(mode="after")
    def _narrow_is_not_wide(self) -> MembersAheadArguments:
        if not self.narrow < self.wide:
            raise ValueError("narrow must be below wide")
        return self


@dataclass(frozen=True)
class MembersAhead(Study):
    """The context of a count of members ahead of their index.

    Attributes
    ----------
    years : DataFrame
        ``year, portfolios, share``: portfolios ahead of the market by calendar year.
    arithmetic : DataFrame
        ``spread, lead, share``: expected share of members ahead, returns lognormal.
    claimed_share : float
        The share the note gives.
    """

    years: pd.DataFrame
    arithmetic: pd.DataFrame
    claimed_share: float


@design(arguments=MembersAheadArguments, measures=MEASURES)
def members_ahead(
    dataset: Dataset, specification: Specification[MembersAheadArguments], sampling: Sampling
) -> MembersAhead:
    """Set a count of members ahead of their index against base rates and arithmetic."""
    if len(specification.figures) != 1:
        raise InputError(
            f"claim {specification.claim!r}: members_ahead needs one figure, the share claimed"
        )
    claimed = float(specification.figures[0].value) / 100.0
    years = yearly_shares(dataset.monthly)
    return MembersAhead(
        specification,
        finding=_finding(dataset, specification.arguments, years, claimed),
        grid=pd.DataFrame(columns=["reason"]),
        years=years,
        arithmetic=arithmetic_table(),
        claimed_share=claimed,
    )


def _finding(
    dataset: Dataset, arguments: MembersAheadArguments, years: pd.DataFrame, claimed: float
) -> Finding:
    narrow, wide, count = arguments.narrow, arguments.wide, years["year"].nunique()
    if count < FEWEST_YEARS:
        return Finding.refused(f"only {count} whole years of portfolios; {FEWEST_YEARS} are needed")
    low, high = (float(share) for share in share_beating((wide, narrow)))
    lead = lead_needed(claimed, narrow)
    return Finding(
        estimate=None,
        unit="share of members ahead of the index in a year",
        null="none: the count of members is not open and is not judged",
        n=int(count),
        sample_start=f"{years['year'].min()}-01",
        sample_end=f"{years['year'].max()}-12",
        finding=(
            f"{_base_rates(years, claimed)} Lognormal returns whose logs have a standard"
            f" deviation of {narrow:.0%} to {wide:.0%} across members"
            f" put {high:.0%} to {low:.0%} of them ahead of their weighted mean when weights say"
            f" nothing about returns. For {claimed:.0%} it would have to be"
            f" {spread_needed(claimed):.0%}, or the index ahead of its members' plain mean by"
            f" {math.expm1(lead):.0%} (at {narrow:.0%}).{_lead_words(dataset, arguments)}"
        ),
        measures={
            "claimed_share": claimed,
            "expected_share_low": low,
            "expected_share_high": high,
            "spread_needed": spread_needed(claimed),
            "lead_needed": lead,
        },
    )


def yearly_shares(monthly: pd.DataFrame) -> pd.DataFrame:
    """Share of portfolios whose return of a calendar year exceeds the market's.

    Returns
    -------
    DataFrame
        ``year, portfolios, share``; whole years only.
    """
    columns = ["year", "portfolios", "share"]
    parts = [pd.DataFrame(columns=columns)]
    for names, portfolios in (
        (industry_columns(monthly), "industries"),
        (size_value_columns(monthly), "size and value portfolios"),
    ):
        if names:
            yearly = yearly_returns(monthly[[*names, "market"]])
            share = share_ahead(yearly[names], yearly["market"]).rename("share")
            parts.append(share.rename_axis("year").reset_index().assign(portfolios=portfolios))
    held = [part for part in parts if len(part)]
    return pd.concat(held, ignore_index=True)[columns] if held else parts[0]


def yearly_returns(monthly: pd.DataFrame) -> pd.DataFrame:
    """Compounded return of every calendar year with twelve months, NaN where one is missing."""
    logs = np.log1p(monthly).groupby(monthly.index.year)
    whole = logs.count() == 12
    return np.expm1(logs.sum().where(whole)).dropna(how="all")


def arithmetic_table(leads: tuple[float, ...] = LEADS) -> pd.DataFrame:
    """Expected share by spread and lead: ``spread, lead, share``, one row each."""
    parts = [
        pd.DataFrame({"spread": SPREADS, "lead": lead, "share": share_beating(SPREADS, lead)})
        for lead in leads
    ]
    return pd.concat(parts, ignore_index=True)


def index_lead(dataset: Dataset, index: str, equal: str, year: int) -> float:
    """Log of one fund's gross return over another's in a calendar year; NaN without closes.

    The equally weighted fund stands in for the plain mean of the members.
    """
    if dataset.funds is None or not {equal, index} <= set(dataset.funds.columns):
        return float("nan")
    ends = [pd.Period(f"{year - 1}-12", "M"), pd.Period(f"{year}-12", "M")]
    gains = np.log(month_ends(dataset.funds[[equal, index]]).reindex(ends)).diff().iloc[-1]
    return float(gains[index] - gains[equal])


def _base_rates(years: pd.DataFrame, claimed: float) -> str:
    parts = []
    for portfolios, group in years.groupby("portfolios"):
        few = (group["share"] <= claimed).sum()
        parts.append(
            f"of the {portfolios} {group['share'].mean():.0%} beat the market in the average of"
            f" {len(group)} years, and {claimed:.0%} or fewer in {few}"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _lead_words(dataset: Dataset, arguments: MembersAheadArguments) -> str:
    index, equal = arguments.index_fund, arguments.equal_fund
    lead = index_lead(dataset, index, equal, arguments.year)
    if np.isnan(lead):
        return ""
    return (
        f" By the closes of {equal} and {index} the lead that year was {math.expm1(lead):.0%}, with"
        f" which at most {highest_share(lead):.0%} of members can be ahead, however far they"
        f" scatter, and {share_beating(arguments.narrow, lead):.0%} to"
        f" {share_beating(arguments.wide, lead):.0%} at the standard deviations assumed."
    )
