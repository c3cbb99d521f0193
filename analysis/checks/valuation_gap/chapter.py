"""The valuation gap: does it revert, and does a wide one come before small-cap outperformance?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.valuation_gap.books import (
    cheaper_on_book,
    multiples_standing_still,
    widest_since,
)
from analysis.checks.valuation_gap.evidence import (
    BasisTests,
    after_wide_gaps,
    examine_basis,
    stays_cheap,
)
from analysis.checks.valuation_gap.settings import Parameters
from analysis.checks.valuation_gap.tables import horizon_table, spell_table, unit_root_table
from analysis.claims import Claim
from analysis.panel import Dataset, gaps, small_minus_large
from analysis.results import Evidence, Refusal


@dataclass(frozen=True)
class ValuationGapStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    predictor : str
        In words: what the gap is measured with in this run.
    gaps : DataFrame
        One column a basis, log points by month.
    tests : dict of str to BasisTests or Refusal
        Everything estimated on each basis.
    horizons : DataFrame
        Predictive regressions at 1, 12, 36, 60 and 120 months by basis.
    unit_roots : DataFrame
        The battery of tests, by basis.
    spells : DataFrame
        Spells of a wide gap, by basis.
    """

    evidence: Mapping[str, Evidence | Refusal]
    predictor: str
    gaps: pd.DataFrame
    tests: Mapping[str, BasisTests | Refusal]
    horizons: pd.DataFrame
    unit_roots: pd.DataFrame
    spells: pd.DataFrame


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> ValuationGapStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
    parameters : Parameters
    """
    spread = small_minus_large(dataset.monthly, parameters.leg)
    predictors = gaps(dataset.monthly, dataset.valuation, parameters.leg)
    tests = {
        basis: examine_basis(
            spread, gap, parameters.horizon, parameters.wide, parameters.draws, parameters.seed
        )
        for basis, gap in predictors.items()
    }
    return ValuationGapStudy(
        evidence={
            "gap-precedes-outperf": after_wide_gaps(tests, spread, parameters.horizon),
            "cheap-stays-cheap": stays_cheap(tests, claims["cheap-stays-cheap"]),
            "gap-book-sales-lower": cheaper_on_book(dataset),
            "widest-since-1999": widest_since(dataset, claims["widest-since-1999"]),
            "no-eps-needed": multiples_standing_still(dataset, parameters),
        },
        predictor=_in_words(predictors),
        gaps=pd.DataFrame(predictors),
        tests=tests,
        horizons=horizon_table(spread, predictors, parameters.draws, parameters.seed),
        unit_roots=unit_root_table(predictors),
        spells=spell_table(predictors, parameters.wide),
    )


def _in_words(predictors: Mapping[str, pd.Series]) -> str:
    if "past" in predictors:
        return (
            "No book values are at hand in this run, so the gap is minus the relative return of the"
            " past sixty months: wide after small caps have lagged."
        )
    return (
        "The gap is the log ratio of small to large book-to-market, on two bases: market value in"
        " June, and market value in the December before. Between Junes it moves with returns."
    )
