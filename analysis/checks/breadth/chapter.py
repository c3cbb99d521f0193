"""Breadth: who shares the gains, how far returns scatter, and what arithmetic alone gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.breadth.arithmetic import arithmetic_table
from analysis.checks.breadth.evidence import (
    industry_table,
    leading_industries,
    spread_on_breadth,
    wider_dispersion,
)
from analysis.checks.breadth.grids import (
    breadth_table,
    dispersion_table,
    dispersions,
    joint_breadth,
    joint_lead,
    known_rows,
    lead_table,
)
from analysis.checks.breadth.members import members_ahead
from analysis.checks.breadth.settings import Parameters
from analysis.checks.breadth.tables import (
    dispersion_paths,
    index_lead,
    months_by_breadth,
    yearly_shares,
)
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: The year of the count of members that the note gives.
COUNTED_YEAR = 2024


@dataclass(frozen=True)
class BreadthStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    by_share : DataFrame
        Mean small minus large by share of portfolios ahead of the market in the month.
    slopes, leads, ratios : DataFrame
        Every specification of the three tested claims that the data allow.
    scatter : DataFrame
        Dispersion among small and among large portfolios over time.
    industries : DataFrame
        Lead of every industry in months in which small beats large.
    years : DataFrame
        Share of portfolios ahead of the market by calendar year.
    arithmetic : DataFrame
        Expected share of members ahead, by spread of returns and lead of the index.
    claimed_share : float
        The share the note gives.
    """

    evidence: Mapping[str, Evidence | Refusal]
    by_share: pd.DataFrame
    slopes: pd.DataFrame
    leads: pd.DataFrame
    ratios: pd.DataFrame
    scatter: pd.DataFrame
    industries: pd.DataFrame
    years: pd.DataFrame
    arithmetic: pd.DataFrame
    claimed_share: float


def study(dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters) -> BreadthStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    lags, wide = parameters.hac_lags, claims["dispersion-wide"]
    settings = (parameters.block_months, parameters.draws, parameters.seed)
    slopes = breadth_table(dataset, claims["breadth-helps-small"], lags)
    leads = lead_table(dataset, claims["sectors-lead"], lags)
    ratios = dispersion_table(dataset, wide, *settings)
    industries = industry_table(dataset, parameters.leg, lags)
    years = yearly_shares(dataset.monthly)
    evidence = {
        "breadth-helps-small": spread_on_breadth(
            dataset, parameters, slopes, joint_breadth(dataset, claims["breadth-helps-small"])
        ),
        "dispersion-wide": wider_dispersion(dataset, wide, parameters, ratios),
        "sectors-lead": leading_industries(
            dataset, parameters, industries, leads, joint_lead(dataset, claims["sectors-lead"])
        ),
        "breadth-19": members_ahead(claims["breadth-19"], years, index_lead(dataset, COUNTED_YEAR)),
    }
    return BreadthStudy(
        evidence=evidence,
        by_share=months_by_breadth(dataset, parameters.leg),
        slopes=known_rows(slopes),
        leads=known_rows(leads).rename(columns={"slope": "lead"}),
        ratios=known_rows(ratios),
        scatter=dispersion_paths(dispersions(dataset, wide, str(wide.primary["portfolios"]))),
        industries=industries,
        years=years,
        arithmetic=arithmetic_table(),
        claimed_share=float(claims["breadth-19"].figures[0].value) / 100.0,
    )
