"""From evidence to verdict: the written criterion, applied and nothing else.

No threshold stands here. :func:`decide` reads the conditions of the claim's criterion
(:mod:`analysis.claims`), compares them with the measures of the evidence, and gives the first
verdict whose conditions all hold, in a fixed order.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.claims import Claim, Condition
from analysis.results import Finding, InputError, Refusal, first_refusal

SUPPORTED = "supported"
UNINFORMATIVE = "true but uninformative"
NOT_DISTINGUISHABLE = "not distinguishable"
CONTRADICTED = "contradicted"
INCONSISTENT = "inconsistent"
UNTESTABLE = "untestable openly"

VERDICTS = (
    SUPPORTED,
    UNINFORMATIVE,
    NOT_DISTINGUISHABLE,
    CONTRADICTED,
    INCONSISTENT,
    UNTESTABLE,
)

_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One claim's verdict with everything it rests on.

    Attributes
    ----------
    claim, chapter, kind : str
    verdict : str or None
        One of :data:`VERDICTS`; None where the test was refused.
    reason : str
        Why: the conditions that decided, the refusal, or what would settle the claim.
    data, as_of, snapshot
        What the evidence was computed from.
    criterion_hash : str
    evidence : Finding or None
        None where the test was refused.
    conditions : tuple of (str, bool)
        Every condition of the criterion, as written, and whether it held.
    deviations : tuple of str
        Parameters that differ from the registered specification, e.g.
        ``"horizon = 24 (registered: 12)"``; empty where the verdict is the registered one.
    fingerprint : str
        Of the code of the design that gave the evidence; empty without a design.
    """

    claim: str
    chapter: str
    kind: str
    verdict: str | None
    reason: str
    data: str
    as_of: str
    criterion_hash: str
    snapshot: str | None = None
    evidence: Finding | None = None
    conditions: tuple[tuple[str, bool], ...] = ()
    deviations: tuple[str, ...] = ()
    fingerprint: str = ""

    def __str__(self) -> str:
        return f"{self.claim}: {self.verdict or 'no verdict'}. {self.reason}"

    def as_record(self) -> dict[str, Any]:
        """Plain values for JSON and the ledger; non-finite numbers become None."""
        fields = _EVIDENCE_FIELDS if self.evidence is None else asdict(self.evidence)
        measures = {} if self.evidence is None else dict(self.evidence.measures)
        record: dict[str, Any] = {
            "claim": self.claim,
            "chapter": self.chapter,
            "kind": self.kind,
            "verdict": self.verdict,
            "reason": self.reason,
        }
        record |= {name: fields[name] for name in _EVIDENCE_FIELDS}
        record |= {
            "as_of": self.as_of,
            "data": self.data,
            "snapshot": self.snapshot,
            "criterion_hash": self.criterion_hash,
            "fingerprint": self.fingerprint,
            "measures": measures,
            "conditions": [{"condition": text, "holds": held} for text, held in self.conditions],
            "deviations": list(self.deviations),
        }
        return _finite(record)


#: Fields of the evidence that a record carries, with what stands there when there is none.
_EVIDENCE_FIELDS: dict[str, Any] = {
    "estimate": None,
    "unit": "",
    "ci_low": None,
    "ci_high": None,
    "p_value": None,
    "n": None,
    "effective_n": None,
    "mde": None,
    "more_needed": "",
    "null": "",
    "sample_start": "",
    "sample_end": "",
    "finding": "",
    "sensitivity": "",
}


def decide(
    claim: Claim,
    outcome: Finding | Refusal | None,
    *,
    data: str,
    as_of: str,
    snapshot: str | None = None,
    deviations: tuple[str, ...] = (),
    fingerprint: str = "",
) -> Verdict:
    """Apply a claim's written criterion.

    The order is fixed: untestable, refused, inconsistent, supported, true but uninformative,
    contradicted, and then the criterion's ``otherwise``.

    Parameters
    ----------
    claim : Claim
    outcome : Finding, Refusal or None
        None is allowed only for a claim that is untestable openly.
    data, as_of, snapshot
        What the outcome was computed from.
    deviations : tuple of str
        Parameters that differ from the registered specification, in words.
    fingerprint : str
        Of the code of the claim's design.

    Raises
    ------
    InputError
        When the evidence lacks a measure the criterion names, when a measure is not a number, or
        when "not distinguishable" comes without a minimum detectable effect.
    """
    common = {
        "claim": claim.id,
        "chapter": claim.chapter,
        "kind": claim.kind,
        "data": data,
        "as_of": as_of,
        "snapshot": snapshot,
        "criterion_hash": claim.criterion_hash,
        "deviations": tuple(deviations),
        "fingerprint": fingerprint,
    }
    refusal = first_refusal(outcome)
    if claim.untestable:
        evidence = outcome if isinstance(outcome, Finding) and refusal is None else None
        return Verdict(
            **common, verdict=UNTESTABLE, reason=f"{claim.settled_by}", evidence=evidence
        )
    if refusal is not None:
        return Verdict(**common, verdict=None, reason=refusal.reason)
    if not isinstance(outcome, Finding):
        raise InputError(f"claim {claim.id!r}: the check gave neither evidence nor a refusal")
    _require_measures(claim, outcome)
    verdict, because = _first_that_holds(claim, outcome.measures)
    if verdict == NOT_DISTINGUISHABLE and outcome.mde is None:
        raise InputError(
            f"claim {claim.id!r}: 'not distinguishable' must carry a minimum detectable effect"
        )
    return Verdict(
        **common,
        verdict=verdict,
        reason=because,
        evidence=outcome,
        conditions=_judged(claim, outcome.measures),
    )


def _lists(claim: Claim) -> tuple[tuple[str, tuple[Condition, ...]], ...]:
    rule = claim.criterion
    return (
        (INCONSISTENT, rule.inconsistent),
        (SUPPORTED, rule.supported),
        (UNINFORMATIVE, rule.uninformative),
        (CONTRADICTED, rule.contradicted),
    )


def _first_that_holds(claim: Claim, measures: Mapping[str, float | bool]) -> tuple[str, str]:
    for verdict, conditions in _lists(claim):
        if conditions and all(_holds(c, measures) for c in conditions):
            return verdict, "; ".join(_shown(c, measures) for c in conditions)
    failed = [c for c in claim.criterion.supported if not _holds(c, measures)]
    because = "; ".join(_shown(c, measures) for c in failed)
    return claim.criterion.otherwise, f"not met: {because}" if because else "no condition held"


def _judged(claim: Claim, measures: Mapping[str, float | bool]) -> tuple[tuple[str, bool], ...]:
    return tuple(
        (f"{verdict}: {condition}", _holds(condition, measures))
        for verdict, conditions in _lists(claim)
        for condition in conditions
    )


def _holds(condition: Condition, measures: Mapping[str, float | bool]) -> bool:
    return bool(_OPERATORS[condition.op](measures[condition.measure], condition.value))


def _shown(condition: Condition, measures: Mapping[str, float | bool]) -> str:
    value = measures[condition.measure]
    number = str(value).lower() if isinstance(value, bool) else f"{value:.4g}"
    return f"{condition.measure} = {number} against {condition}"


def _require_measures(claim: Claim, evidence: Finding) -> None:
    for name in sorted(claim.criterion.measures()):
        if name not in evidence.measures:
            raise InputError(f"claim {claim.id!r}: the check does not give the measure {name!r}")
        value = evidence.measures[name]
        if not isinstance(value, bool | int) and (value is None or math.isnan(value)):
            raise InputError(f"claim {claim.id!r}: measure {name!r} is not a number: {value!r}")


def _finite(value: Any) -> Any:
    """The same structure in plain Python values; NaN and infinities become None."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if hasattr(value, "item"):
        return _finite(value.item())
    return value if math.isfinite(value) else None
