"""The first cut: small against large after the Fed began to ease, and around recessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.checks.first_cut.evidence import (
    after_cuts,
    after_troughs,
    in_recessions,
    linked_cuts,
    soft_landings,
)
from analysis.checks.first_cut.grids import (
    Sample,
    cut_curve,
    cut_months,
    positions_of,
    recession_ahead,
    trough_curve,
)
from analysis.checks.first_cut.settings import Parameters
from analysis.checks.first_cut.tables import (
    comparison_table,
    event_table,
    null_histograms,
    phase_table,
)
from analysis.claims import Claim
from analysis.inference.curves import SpecificationCurve
from analysis.inference.resampling import EventRandomization, event_randomization, leave_one_out
from analysis.inference.windows import event_paths, forward_sums
from analysis.panel import Dataset, small_minus_large
from analysis.panel.events import troughs
from analysis.results import Evidence, Refusal

#: Months shown before and after each cut.
PATH_BEFORE, PATH_AFTER = 12, 36


@dataclass(frozen=True)
class FirstCutStudy:
    """Everything the chapter shows.

    Attributes
    ----------
    evidence : mapping of claim id to Evidence or Refusal
    events : DataFrame
        One row a first cut: dates, link, return after it, or why it is left out.
    paths : DataFrame
        ``event, offset, cumulative, linked``: cumulative return around each cut.
    randomization : dict of str to EventRandomization or Refusal
        By scheme: shift, gap, stratified.
    tests : DataFrame
        The same as a table.
    null_means : DataFrame
        Histogram of the random dates' means, by scheme.
    without_one : DataFrame
        Mean and win rate with each cut left out.
    curve : DataFrame
        One row a specification of the claim on the year after the first cut.
    joint : dict of str to SpecificationCurve or Refusal
        Joint tests, by claim.
    phases : DataFrame
        Mean small-minus-large return by recession phase.
    """

    evidence: Mapping[str, Evidence | Refusal]
    events: pd.DataFrame
    paths: pd.DataFrame
    randomization: Mapping[str, EventRandomization | Refusal]
    tests: pd.DataFrame
    null_means: pd.DataFrame
    without_one: pd.DataFrame
    curve: pd.DataFrame
    joint: Mapping[str, SpecificationCurve | Refusal]
    phases: pd.DataFrame


def study(dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters) -> FirstCutStudy:
    """Run every test of the chapter.

    Parameters
    ----------
    dataset : Dataset
    claims : mapping of str to Claim
        The chapter's claims.
    parameters : Parameters
    """
    sample = sample_of(dataset, claims["first-cut-12m"], parameters)
    schemes = randomize(sample, parameters)
    joint = _joint(dataset, claims, parameters)
    return FirstCutStudy(
        evidence=_evidence(dataset, claims, parameters, sample, schemes, joint),
        events=event_table(dataset, sample.values, parameters.date_rule, sample.linked),
        paths=_paths(sample),
        randomization=schemes,
        tests=comparison_table(schemes),
        null_means=null_histograms(schemes),
        without_one=_without_one(sample),
        curve=_points(joint["first-cut-12m"]),
        joint=joint,
        phases=phase_table(dataset.facts["nber_cycles"], sample.spread),
    )


def sample_of(dataset: Dataset, claim: Claim, parameters: Parameters) -> Sample:
    """The primary specification's outcomes, first cuts and recession links."""
    first = str(claim.primary["sample_start"])
    spread = small_minus_large(dataset.monthly, parameters.leg).loc[first:]
    linked = recession_ahead(dataset.monthly["recession"], int(claim.primary["strata_link"]))
    return Sample(
        spread=spread,
        values=forward_sums(spread, parameters.horizon, parameters.start),
        cuts=cut_months(dataset, parameters.date_rule),
        linked=linked.loc[spread.index[0] :],
    )


def randomize(sample: Sample, parameters: Parameters) -> dict[str, EventRandomization | Refusal]:
    """The first cuts against random dates, by scheme: shift, gap, stratified."""
    positions = positions_of(sample.cuts, sample.values)
    settings = {"draws": parameters.draws, "seed": parameters.seed}
    linked = sample.linked.reindex(sample.values.index).astype(bool)
    strata = linked.map({True: "recession near", False: "no recession near"})
    return {
        "shift": event_randomization(sample.values, positions, "shift", **settings),
        "gap": event_randomization(sample.values, positions, "gap", **settings),
        "stratified": event_randomization(
            sample.values, positions, "stratified", strata=strata, **settings
        ),
    }


def _joint(
    dataset: Dataset, claims: Mapping[str, Claim], parameters: Parameters
) -> dict[str, SpecificationCurve | Refusal]:
    settings = (parameters.draws, parameters.seed)
    dated = troughs(dataset.facts["nber_cycles"])
    return {
        "first-cut-12m": cut_curve(dataset, claims["first-cut-12m"], *settings),
        "first-cut-recession-60": cut_curve(dataset, claims["first-cut-recession-60"], *settings),
        "early-cycle": trough_curve(dataset, claims["early-cycle"], dated, *settings),
    }


def _evidence(
    dataset: Dataset,
    claims: Mapping[str, Claim],
    parameters: Parameters,
    sample: Sample,
    schemes: Mapping[str, EventRandomization | Refusal],
    joint: Mapping[str, SpecificationCurve | Refusal],
) -> dict[str, Evidence | Refusal]:
    return {
        "first-cut-12m": after_cuts(sample, parameters, schemes, joint["first-cut-12m"]),
        "first-cut-recession-60": linked_cuts(sample, parameters, joint["first-cut-recession-60"]),
        "early-cycle": after_troughs(
            dataset, claims["early-cycle"], parameters, joint["early-cycle"]
        ),
        "slowdown-hurts-small": in_recessions(dataset, claims["slowdown-hurts-small"], parameters),
        "widest-soft-landing": soft_landings(sample, parameters),
    }


def _paths(sample: Sample) -> pd.DataFrame:
    inside = [month for month in sample.cuts if month in sample.spread.index]
    paths = event_paths(sample.spread, inside, PATH_BEFORE, PATH_AFTER)
    return paths.assign(linked=paths["event"].map(sample.linked).astype(bool))


def _without_one(sample: Sample) -> pd.DataFrame:
    left_out = leave_one_out(sample.values, positions_of(sample.cuts, sample.values))
    if isinstance(left_out, Refusal):
        return pd.DataFrame(columns=["left out", "mean", "win rate"])
    return pd.DataFrame(
        {
            "left out": sample.values.index[left_out.positions].astype(str),
            "mean": left_out.means,
            "win rate": left_out.win_rates,
        }
    )


def _points(curve: SpecificationCurve | Refusal) -> pd.DataFrame:
    return curve.table if isinstance(curve, SpecificationCurve) else pd.DataFrame({"reason": []})
