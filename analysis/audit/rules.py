"""The complete verdict rules on simulated panels, by the designs the chapters run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analysis.audit.simulation import Effect, Simulator
from analysis.audit.worlds import UsualTests, Worlds, effect_of, worlds_for
from analysis.claims import Claim
from analysis.claims.verdicts import decide
from analysis.designs import Sampling, Specification, bind, find_design
from analysis.inference.null_r_squared import null_r_squared
from analysis.inference.overlap import hodrick_1b, newey_west
from analysis.inference.predictive import ivx
from analysis.panel import Dataset, gaps, small_minus_large
from analysis.results import NEWEST, InputError, Refusal, first_refusal

#: What every test and every rule promises.
NOMINAL = 0.05

#: A rule whose false-positive rate lies above this is a defect of its method.
DEFECT = 0.07

#: Months a template needs for panels that rules can be tried on.
FEWEST_MONTHS = 540


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
    worlds : Worlds
    specifications : mapping of str to Specification
        Of every claim that is judged in some world.
    sampling : Sampling
        Bootstrap samples of a panel; the registered runs draw more.
    effects : mapping of str to Effect or Refusal
        What each world plants, or why the template cannot carry it.
    """

    template: Dataset
    simulator: Simulator = field(repr=False)
    claims: Mapping[str, Claim]
    worlds: Worlds = field(repr=False)
    specifications: Mapping[str, Specification[Any]] = field(repr=False)
    sampling: Sampling
    effects: Mapping[str, Effect | Refusal] = field(repr=False)


def prepare(
    template: Dataset,
    claims: Mapping[str, Claim],
    draws: int,
    seed: int,
    only: Collection[str] = (),
) -> Setting:
    """Bind the claims of the worlds once; of all of them, or of some.

    Raises
    ------
    InputError
        When the template is too short for panels that rules can be tried on.
    """
    months = len(template.monthly)
    if months < FEWEST_MONTHS:
        raise InputError(
            f"as_of {template.as_of} leaves {months} months; {FEWEST_MONTHS} are needed:"
            " calibration needs a later month"
        )
    worlds = worlds_for(template.data, claims, only)
    bound = {name: bind(claims[name], claims=claims) for name in worlds.rules}
    effects = {name: effect_of(one, template, claims) for name, one in worlds.worlds.items()}
    sampling = Sampling(draws, seed)
    return Setting(template, Simulator(template), claims, worlds, bound, sampling, effects)


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
    verdicts = {}
    for name in rules:
        claim, specification = setting.claims[name], setting.specifications[name]
        design = find_design(str(claim.design))
        finding = design.judge_only(panel, specification, setting.sampling)
        # no other claims beside it: a rule is audited by its own p-value
        judged = decide(claim, finding, data=panel.data, as_of=NEWEST)
        verdicts[name] = judged.verdict or f"refused: {judged.reason}"
    return verdicts


def usual_tests(panel: Dataset, setting: Setting) -> dict[str, float]:
    """Two-sided p-values of the usual tests that the gap predicts later returns."""
    asked: UsualTests = setting.worlds.usual_tests
    spread = small_minus_large(panel.monthly, asked.leg)
    gap: pd.Series = next(iter(gaps(panel.monthly, panel.valuation, asked.leg).values()))
    returns = spread.loc[gap.index[0] : gap.index[-1]]
    draws, seed = setting.sampling.draws, setting.sampling.seed
    null = null_r_squared(returns, gap, asked.horizon, draws, seed)
    results = {
        "Newey–West": newey_west(returns, gap, asked.horizon),
        "Hodrick 1B": hodrick_1b(returns, gap, asked.horizon),
        "IVX": ivx(returns, gap, asked.horizon),
        "null bootstrap, R²": null,
    }
    found = {
        name: float(result.p_value)
        for name, result in results.items()
        if first_refusal(result) is None
    }
    if first_refusal(null) is None:
        found["null bootstrap, t"] = null.p_t
    return found
