"""The complete verdict rules of the core claims, without the tables and charts of their chapters.

The evidence comes from the functions the chapters use, and so does the verdict. What a chapter
would compute for display only is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from analysis.audit.simulation import Simulator
from analysis.claims import Claim
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, bind, find_design
from analysis.designs.event_study import event_study
from analysis.designs.premium_before_after import premium_before_after
from analysis.inference.null_cache import drawn_nulls
from analysis.inference.null_r_squared import null_r_squared
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.predictive import ivx
from analysis.panel import Dataset, gaps, small_minus_large
from analysis.panel.gaps import gap_samples
from analysis.results import Finding, InputError, Refusal

#: Claims with a joint test over a grid of specifications.
CURVES = ("first-cut-12m", "first-cut-recession-60", "early-cycle")

#: Claims on the valuation gap, which share its bootstrap.
GAP_RULES = ("gap-precedes-outperf", "cheap-stays-cheap", "bofa-9-vs-1")

#: Horizon of the usual tests, in months.
TEST_HORIZON = 60

#: Months of cuts a template needs.
FEWEST_MONTHS = 240

Outcome = Finding | Refusal


@dataclass(frozen=True)
class Setting:
    """What does not change from panel to panel.

    Attributes
    ----------
    template : Dataset
        The real data.
    simulator : Simulator
        Makes panels from it.
    claims : mapping of str to Claim
    draws, seed : int
        Bootstrap samples of a panel; the registered runs draw more.
    """

    template: Dataset
    simulator: Simulator = field(repr=False)
    claims: Mapping[str, Claim]
    draws: int
    seed: int


def prepare(template: Dataset, claims: Mapping[str, Claim], draws: int, seed: int) -> Setting:
    """Make what simulates panels like the template.

    Raises
    ------
    InputError
        When the template ends too early for a panel that rules can be tried on.
    """
    first = pd.Period(str(claims["first-cut-12m"].primary["sample_start"]), "M")
    if template.as_of < first + FEWEST_MONTHS:
        raise InputError(
            f"as_of {template.as_of} leaves fewer than {FEWEST_MONTHS} months from {first} on;"
            " calibration needs a later month"
        )
    return Setting(template, Simulator(template), claims, draws, seed)


def verdicts_of(panel: Dataset, setting: Setting, rules: tuple[str, ...]) -> dict[str, str]:
    """The verdict of each rule on one panel; a refusal reads ``refused: reason``.

    Parameters
    ----------
    panel : Dataset
        Of the shape of the setting's template.
    setting : Setting
    rules : tuple of str
        Claim ids.
    """
    evidence = _evidence(panel, setting, rules)
    verdicts = {}
    for name in rules:
        judged = decide(
            setting.claims[name], evidence[name], data=panel.data, as_of=str(panel.as_of)
        )
        verdicts[name] = judged.verdict or f"refused: {judged.reason}"
    return verdicts


def usual_tests(panel: Dataset, setting: Setting) -> dict[str, float]:
    """Two-sided p-values of the usual tests that the gap predicts sixty months of return."""
    spread = small_minus_large(panel.monthly, "smb")
    gap = next(iter(gaps(panel.monthly, panel.valuation, "smb").values()))
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    null = null_r_squared(returns, gap, TEST_HORIZON, setting.draws, setting.seed)
    results = {
        "Newey–West": newey_west(returns, gap, TEST_HORIZON),
        "Hodrick 1B": hodrick_1b(returns, gap, TEST_HORIZON),
        "IVX": ivx(returns, gap, TEST_HORIZON),
        "null bootstrap, R²": null,
    }
    found = {
        name: float(result.p_value)
        for name, result in results.items()
        if not isinstance(result, Refusal)
    }
    if not isinstance(null, Refusal):
        found["null bootstrap, t"] = null.p_t
    return found


def _evidence(panel: Dataset, setting: Setting, rules: tuple[str, ...]) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    if set(rules) & set(CURVES):
        found |= _cut_evidence(panel, setting, rules)
    if set(rules) & set(GAP_RULES):
        found |= _gap_evidence(panel, setting, rules)
    if "premium-vanished" in rules:
        found["premium-vanished"] = _premium_evidence(panel, setting.claims["premium-vanished"])
    missing = set(rules) - set(found)
    if missing:
        raise InputError(f"rules: {sorted(missing)[0]!r} has no calibration; see RULES")
    return found


def _cut_evidence(panel: Dataset, setting: Setting, rules: tuple[str, ...]) -> dict[str, Outcome]:
    sampling = Sampling(max(setting.draws, 999), setting.seed)
    return {
        name: event_study(panel, bind(setting.claims[name]), sampling).finding
        for name in CURVES
        if name in rules
    }


def _gap_evidence(panel: Dataset, setting: Setting, rules: tuple[str, ...]) -> dict[str, Outcome]:
    """The gap's claims; the bootstrap of all their horizons is drawn at once for each basis."""
    asked = {
        name: replace(bind(setting.claims[name]), grid={}) for name in GAP_RULES if name in rules
    }
    sampling = Sampling(setting.draws, setting.seed)
    horizons = [
        one.arguments.horizon
        for name, one in asked.items()
        if "horizon" in setting.claims[name].arguments
    ]
    for leg in {one.arguments.leg for one in asked.values()}:
        for sample in gap_samples(panel, leg).values():
            drawn_nulls(sample.returns, sample.gap, horizons, sampling.draws, sampling.seed)
    return {
        name: find_design(str(setting.claims[name].design))(panel, one, sampling).finding
        for name, one in asked.items()
    }


def _premium_evidence(panel: Dataset, claim: Claim) -> Outcome:
    """Without its grid and the unknown break, which are shown beside the rule and outside it."""
    specification = replace(bind(claim), grid={})
    return premium_before_after(panel, specification, Sampling(1, 0)).finding
