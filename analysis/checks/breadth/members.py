"""Members ahead of their index: base rates of portfolios, and what arithmetic gives."""

from __future__ import annotations

import pandas as pd

from analysis.checks.breadth.arithmetic import (
    highest_share,
    lead_needed,
    share_beating,
    spread_needed,
)
from analysis.claims import Claim
from analysis.results import Evidence, Refusal

#: Standard deviations of a year's log return across large firms that the sentence assumes.
ASSUMED_SPREADS = (0.2, 0.4)

#: Fewer whole years are no base rate.
FEWEST_YEARS = 10


def members_ahead(
    claim: Claim, years: pd.DataFrame, index_lead: float | None
) -> Evidence | Refusal:
    """For the record on claim breadth-19: base rates of portfolios, and the arithmetic.

    Parameters
    ----------
    claim : Claim
    years : DataFrame
        ``year, portfolios, share`` as :func:`analysis.checks.breadth.tables.yearly_shares`.
    index_lead : float or None
        Log of the index fund's gross return over the equally weighted fund's in the claim's year.
    """
    claimed = float(claim.figures[0].value) / 100.0
    if years["year"].nunique() < FEWEST_YEARS:
        return Refusal(
            f"only {years['year'].nunique()} whole years of portfolios; {FEWEST_YEARS} are needed"
        )
    low, high = share_beating(ASSUMED_SPREADS)[::-1]
    lead = lead_needed(claimed, ASSUMED_SPREADS[0])
    return Evidence(
        claim=claim.id,
        estimate=None,
        unit="share of members ahead of the index in a year",
        null="none: the count of members is not open and is not judged",
        n=int(years["year"].nunique()),
        sample_start=f"{years['year'].min()}-01",
        sample_end=f"{years['year'].max()}-12",
        finding=(
            f"{_base_rates(years, claimed)} Lognormal returns whose logs have a standard"
            f" deviation of {ASSUMED_SPREADS[0]:.0%} to {ASSUMED_SPREADS[1]:.0%} across members"
            f" put {high:.0%} to {low:.0%} of them ahead of their weighted mean when weights say"
            f" nothing about returns. For {claimed:.0%} it would have to be"
            f" {spread_needed(claimed):.0%}, or the index ahead of its members' plain mean by"
            f" {lead:.2f} log points (at {ASSUMED_SPREADS[0]:.0%})."
            f"{_lead_words(index_lead)}"
        ),
        measures={
            "claimed_share": claimed,
            "expected_share_low": float(low),
            "expected_share_high": float(high),
            "spread_needed": spread_needed(claimed),
            "lead_needed": lead,
        },
    )


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


def _lead_words(index_lead: float | None) -> str:
    if index_lead is None:
        return ""
    return (
        f" By the closes of RSP and SPY the lead that year was {index_lead:.2f}, with which at most"
        f" {highest_share(index_lead):.0%} of members can be ahead, however far they scatter, and"
        f" {share_beating(ASSUMED_SPREADS[0], index_lead):.0%} to"
        f" {share_beating(ASSUMED_SPREADS[1], index_lead):.0%} at the standard deviations assumed."
    )
