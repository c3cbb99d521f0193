"""Rates and credit: do small caps lose when rates rise, and what would their interest cost?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.rate_drivers import missing_columns
from analysis.checks.rate_grids import JointTest, joint_test, slope_table
from analysis.checks.rate_sensitivity.evidence import (
    cut_excess,
    gap_changes,
    gap_on_rate,
    slope_on_change,
    slope_on_dollar,
)
from analysis.checks.rate_sensitivity.interest_burden import Burden, even_ladder, interest_burden
from analysis.checks.rate_sensitivity.interest_evidence import (
    burden_range,
    duration_table,
    needed_structures,
    observed_gap,
    published_inputs,
    quoted_identities,
    quoted_share,
    upper_ends,
)
from analysis.checks.rate_sensitivity.settings import Parameters
from analysis.checks.rate_sensitivity.tables import era_slopes, rises_and_falls
from analysis.claims import Claim
from analysis.panel import LEGS, Dataset
from analysis.results import Evidence, Refusal

#: Claimed sign of the slope, of the claims whose grid is joined in one test.
SIGNS = {"rate-sensitive": -1, "credit-gate": -1, "floating-debt-benefit": 1}


#: Columns of the table of rises and falls that hold returns.
EFFECTS = tuple(f"{side}{end}" for side in ("rises", "falls") for end in ("", "_low", "_high"))


@dataclass(frozen=True)
class Calculator:
    """Where the calculator starts and what it is measured against.

    Attributes
    ----------
    debt_to_earnings, floating_share, maturing_share, reset_gap : float
        Starting values.
    years : int
    hit, per_step : float
        The note's two figures, shares of operating earnings.
    burden : Burden
        At the starting values.
    """

    debt_to_earnings: float
    floating_share: float
    maturing_share: float
    reset_gap: float
    years: int
    hit: float
    per_step: float
    burden: Burden


@dataclass(frozen=True)
class RateSensitivityStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    leg : str
        Small minus large in words.
    slopes : DataFrame
        By driver and era, with and without the market.
    asymmetry : DataFrame
        The same with rises and falls apart.
    grids : dict of str to DataFrame
        One row a specification, by claim.
    joint : dict of str to JointTest or Refusal
    gap_changes : DataFrame
        Yearly change of the valuation gap and of rates, decimals; empty on the bundled data.
    inputs : DataFrame
        Published inputs of the calculator.
    ranges : DataFrame
        Range of the burden for each upper end of the inputs.
    identities : DataFrame
        Quoted totals and reliefs with the reset gap they imply.
    structures : DataFrame
        Debt structures the two quoted figures ask for.
    durations : DataFrame
        Share of debt repriced within a year by quoted duration.
    calculator : Calculator
    """

    evidence: Mapping[str, Evidence | Refusal]
    leg: str
    slopes: pd.DataFrame
    asymmetry: pd.DataFrame
    grids: Mapping[str, pd.DataFrame]
    joint: Mapping[str, JointTest | Refusal]
    gap_changes: pd.DataFrame
    inputs: pd.DataFrame
    ranges: pd.DataFrame
    identities: pd.DataFrame
    structures: pd.DataFrame
    durations: pd.DataFrame
    calculator: Calculator


def study(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> RateSensitivityStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    lags = parameters.hac_lags
    grids = {name: slope_table(dataset, claims[name], lags) for name in (*SIGNS, "dollar")}
    joint = {name: joint_test(dataset, claims[name], sign) for name, sign in SIGNS.items()}
    facts = dataset.facts["interest_burden"]
    inputs, changes = published_inputs(facts), gap_changes(dataset)
    hit, per_step = quoted_share(claims["interest-32"]), quoted_share(claims["interest-2pp"])
    return RateSensitivityStudy(
        evidence={
            **_return_evidence(dataset, claims, parameters, grids, joint),
            "debt-sensitivity-gap": gap_on_rate(dataset, claims["debt-sensitivity-gap"], changes),
            "interest-32": burden_range(inputs, claims["interest-32"]),
            "interest-2pp": observed_gap(dataset, claims["interest-2pp"], hit),
        },
        leg=LEGS[parameters.leg].words,
        slopes=era_slopes(dataset, parameters.leg, lags),
        asymmetry=rises_and_falls(dataset, parameters.leg, lags),
        grids=grids,
        joint=joint,
        gap_changes=changes,
        inputs=inputs,
        ranges=upper_ends(claims["interest-32"]),
        identities=quoted_identities(facts, hit, per_step),
        structures=needed_structures(
            hit,
            per_step,
            parameters.maturing_share,
            float(claims["interest-32"].primary["gap_high"]),
            int(claims["interest-32"].primary["years"]),
        ),
        durations=duration_table(claims["loan-duration"]),
        calculator=_calculator(parameters, claims["interest-32"], hit, per_step),
    )


def _return_evidence(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    parameters: Parameters,
    grids: Mapping[str, pd.DataFrame],
    joint: Mapping[str, JointTest | Refusal],
) -> dict[str, Evidence | Refusal]:
    rate, credit, cuts = "rate-sensitive", "credit-gate", "floating-debt-benefit"
    found: dict[str, Evidence | Refusal] = {}
    for name, key in ((rate, "rate"), (credit, "credit")):
        driver = str(claims[name].primary[key])
        lacking = missing_columns(dataset.monthly, driver)
        found[name] = (
            Refusal(f"the data set does not hold {', '.join(lacking)}")
            if lacking
            else slope_on_change(
                dataset, claims[name], parameters, driver, grids[name], joint[name]
            )
        )
    found[cuts] = cut_excess(dataset, claims[cuts], parameters, grids[cuts], joint[cuts])
    found["dollar"] = slope_on_dollar(dataset, claims["dollar"], parameters, grids["dollar"])
    return found


def _calculator(parameters: Parameters, claim: Claim, hit: float, per_step: float) -> Calculator:
    years = int(claim.primary["years"])
    burden = interest_burden(
        parameters.debt_to_earnings,
        parameters.floating_share,
        even_ladder(parameters.maturing_share, years),
        [parameters.reset_gap] * years,
        years,
    )
    return Calculator(
        debt_to_earnings=parameters.debt_to_earnings,
        floating_share=parameters.floating_share,
        maturing_share=parameters.maturing_share,
        reset_gap=parameters.reset_gap,
        years=years,
        hit=hit,
        per_step=per_step,
        burden=burden,
    )
