"""Tests that could decide whether a premium is gone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from analysis.audit.rule_search import Candidate
from analysis.designs import Sampling, Specification, find_design
from analysis.panel import Dataset

PanelTest = Callable[[Dataset, Specification[Any], Sampling], float]

Measures = Mapping[str, float]


def _of_measures(test: Callable[[Measures], float]) -> PanelTest:
    """A test of what the design measures; its own premium alone, without the grid."""

    def p_value(panel: Dataset, specification: Specification[Any], sampling: Sampling) -> float:
        bare = replace(specification, grid={})
        finding = find_design("premium_before_after").judge_only(panel, bare, sampling)
        return math.nan if finding.refusal is not None else test(finding.measures)

    return p_value


def _not_above_zero(measures: Measures) -> float:
    """A fall, and a later mean not told from above zero: the p-value of the fall, or no."""
    return measures["fall_p"] if measures["post_low"] <= 0 else 1.0


def _first_rule(measures: Measures) -> float:
    """Equivalence to nothing, and an earlier premium told from zero: both at once."""
    there = measures["pre_premium"] > 0
    return max(measures["p_equivalence"], measures["pre_p"]) if there else 1.0


def _never(specification: Specification[Any]) -> bool:
    """The rule that was found wanting."""
    return False


CANDIDATES = (
    Candidate("later premium below the margin", _of_measures(lambda m: m["below_margin_p"])),
    Candidate("later premium within the margin", _of_measures(lambda m: m["p_equivalence"])),
    Candidate("fall of the premium", _of_measures(lambda m: m["fall_p"])),
    Candidate("fall, and not told from above zero", _of_measures(_not_above_zero)),
    Candidate("first registered rule", _of_measures(_first_rule), _never),
)
