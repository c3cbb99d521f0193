"""The size premium: has it vanished, and what are small caps like beside large ones?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.size_premium.evidence import premium_vanished
from analysis.checks.size_premium.listed_firms import firms_by_july, structural_decline
from analysis.checks.size_premium.premium_tests import (
    Premium,
    Regimes,
    breaks_of,
    premium_around,
    premium_grid,
    switching_regimes,
    unknown_break,
)
from analysis.checks.size_premium.settings import Parameters
from analysis.checks.size_premium.size_leads import lagging, ten_year_lead
from analysis.checks.size_premium.size_volatility import higher_volatility, volatility_grid
from analysis.checks.size_premium.tables import (
    FEWEST_MONTHS,
    decade_table,
    fall_table,
    falls_from_peak,
    sides_of,
    ten_year_leads,
    wealth_of,
)
from analysis.claims import Claim
from analysis.inference.breaks import SupWald
from analysis.panel import LEGS, Dataset, legs_of, small_minus_large
from analysis.results import Evidence, InputError, Refusal

#: The pair whose ten-year leads are shown: the nearest to the note's indices that the data hold.
LEAD_LEGS = ("d2d5_hi10", "s3_s5")

#: The pair of portfolios whose falls from a peak are shown.
RISK_LEG = "s1_s5"


@dataclass(frozen=True)
class SizePremiumStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    spread : Series
        Small minus large of the chosen leg, decimal a month.
    premium : Premium or Refusal
        Before and since publication.
    found : SupWald or Refusal
        The unknown break.
    regimes : Regimes or Refusal
        Two Markov regimes of the calendar years.
    grid : DataFrame
        Every leg, date and margin of the claim that the premium has vanished.
    decades : DataFrame
        Premium by decade, and over all months.
    volatility : DataFrame
        Every pair and era of the claim on volatility.
    falls : DataFrame
        Growth and deepest fall of small, large and small over large.
    fall_paths : DataFrame, monthly
        ``small, large, small over large``: distance from the highest value so far.
    leads : DataFrame, monthly
        Ten-year lead of large over small, both readings.
    lead_words : str
        Which portfolios `leads` sets against each other.
    firms : DataFrame
        Number of firms by size each July; empty on the bundled data.
    """

    evidence: Mapping[str, Evidence | Refusal]
    spread: pd.Series
    premium: Premium | Refusal
    found: SupWald | Refusal
    regimes: Regimes | Refusal
    grid: pd.DataFrame
    decades: pd.DataFrame
    volatility: pd.DataFrame
    falls: pd.DataFrame
    fall_paths: pd.DataFrame
    leads: pd.DataFrame
    lead_words: str
    firms: pd.DataFrame

    @property
    def switching(self) -> pd.DataFrame:
        """The two regimes as a table, or why there are none."""
        if isinstance(self.regimes, Refusal):
            return pd.DataFrame({"no regimes": [self.regimes.reason]})
        shares = ["mean a year", "standard deviation"]
        texts = {name: self.regimes.table[name].map("{:+.1%}".format) for name in shares}
        return self.regimes.table.assign(**texts)

    @property
    def base_rate(self) -> str:
        """How often large led small over ten years, in one sentence."""
        if self.leads.empty:
            return "There are no ten years of both portfolios yet."
        ahead = (self.leads["difference"] > 0).mean()
        far = {name: (self.leads[name] >= 1.3).mean() for name in self.leads}
        return (
            f"Large ended ahead ({self.lead_words}) in {ahead:.0%} of {len(self.leads)} overlapping"
            f" windows of ten years, and ahead by 130% or more in {far['difference']:.1%} of them"
            f" by the difference of gains, in {far['ratio']:.1%} by the ratio of final wealth."
        )


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> SizePremiumStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters

    Raises
    ------
    InputError
        When the leg has less than two years of returns up to the date.
    """
    claim = claims["premium-vanished"]
    lags = int(claim.primary["hac_lags"])
    spread = small_minus_large(dataset.monthly, parameters.leg).dropna()
    if len(spread) < FEWEST_MONTHS:
        raise InputError(
            f"leg {parameters.leg!r} has {len(spread)} months up to {dataset.as_of};"
            f" {FEWEST_MONTHS} are needed: give a later as_of or another leg"
        )
    breaks = breaks_of(dataset, claim.grid["leg"], lags)
    found = breaks.get(parameters.leg) or unknown_break(spread, lags)
    split = pd.Period(parameters.published, "M")
    premium = premium_around(spread, split, parameters.margin, lags)
    grid = premium_grid(dataset, claim.grid, lags, breaks)
    volatility = volatility_grid(dataset, claims["higher-volatility"].grid)
    risk = sides_of(dataset.monthly, RISK_LEG)
    lead_leg = next(leg for leg in LEAD_LEGS if leg in legs_of(dataset.monthly))
    return SizePremiumStudy(
        evidence={
            "premium-vanished": premium_vanished(spread, premium, found, grid),
            "higher-volatility": higher_volatility(
                dataset, claims["higher-volatility"], volatility, parameters.draws, parameters.seed
            ),
            "lag-since-2021": lagging(dataset, claims["lag-since-2021"]),
            "decade-130": ten_year_lead(dataset, claims["decade-130"]),
            "structural-decline": structural_decline(dataset, claims["structural-decline"]),
        },
        spread=spread,
        premium=premium,
        found=found,
        regimes=switching_regimes(spread),
        grid=grid,
        decades=decade_table(spread, lags),
        volatility=volatility,
        falls=fall_table(risk),
        fall_paths=_fall_paths(risk),
        leads=ten_year_leads(sides_of(dataset.monthly, lead_leg)),
        lead_words=LEGS[lead_leg].words,
        firms=firms_by_july(dataset.monthly),
    )


def _fall_paths(risk: pd.DataFrame) -> pd.DataFrame:
    small, large = wealth_of(risk["small"]), wealth_of(risk["large"])
    return pd.DataFrame(
        {
            "small": falls_from_peak(small),
            "large": falls_from_peak(large),
            "small over large": falls_from_peak(small / large),
        }
    )
