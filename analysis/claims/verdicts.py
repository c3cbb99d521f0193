"""From evidence to verdict: the written criterion, applied and nothing else.

No threshold of a claim stands here. :func:`decide` reads the conditions of the claim's criterion
(:mod:`analysis.claims`), compares them with the measures of the evidence, and gives the first
verdict whose conditions all hold, in a fixed order. A claim that holds by its own p-value and not
by the one adjusted for the other claims is suggestive (:func:`settle`).
"""

from __future__ import annotations

import math
import operator
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from analysis.claims import Claim, Condition
from analysis.claims.documents import Label, comparison
from analysis.claims.multiplicity import InFamily, PValue, adjust_within
from analysis.results import (
    NEWEST,
    Finding,
    InputError,
    first_refusal,
    month_words,
    p_words,
)
from analysis.texts import in_prose

#: All verdicts, in the order lists have them.
VERDICTS: tuple[str, ...] = typing.get_args(Label)

(
    SUPPORTED,
    SUGGESTIVE,
    UNINFORMATIVE,
    NOT_DISTINGUISHABLE,
    CONTRADICTED,
    INCONSISTENT,
    UNTESTABLE,
) = VERDICTS

#: Below which an adjusted p-value leaves a claim supported.
LEVEL = 0.05

#: Below which a p-value has to stay without any one episode. One of n equal events less takes a
#: two-sided p of .05 to that of 1.96 √((n − 1) / n) standard errors, which is below .10 for four
#: events and more: what passes it has lost more than its share of the sample.
LEVEL_WITHOUT_ONE = 0.10

#: The kind of claim that Holm's correction covers.
CORE = "core"

#: Kinds of claim that do not exist before their note.
_DATED = ("figure", "outlook")

_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, kw_only=True)
class JudgedCondition:
    """One condition of a criterion, with what was measured.

    Attributes
    ----------
    verdict : str
        The verdict whose list it stands in.
    measure, op, threshold
        As the claim has them.
    value : float, bool or None
        What was measured; None in a record where it is infinite.
    unit : str
        Of value and threshold; empty where the design does not say.
    holds : bool
    """

    verdict: str
    measure: str
    op: str
    threshold: float | bool
    value: float | bool | None
    unit: str
    holds: bool

    @property
    def key(self) -> tuple[str, str, float | bool]:
        """What is asked: the same in every verdict's list and on all data."""
        return self.measure, self.op, self.threshold

    def __str__(self) -> str:
        """The condition as the claim has it."""
        return comparison(self.measure, self.op, self.threshold)


@dataclass(frozen=True)
class LabelOdds:
    """How often a rule gives a label where its claim is true, over how often where it is not.

    Attributes
    ----------
    ratio : float
        Likelihood ratio.
    low, high : float
        95% interval.
    """

    ratio: float
    low: float
    high: float


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
    open_until : str
        The day, ``YYYY-MM-DD``, from which an open outlook can be judged; empty for all else.
    design : str
        That tested the claim; empty without one.
    data, as_of : str
        What the evidence was computed from, and the month all of it is cut at; ``"newest"`` where
        nothing is cut.
    seen_to : str
        Last month with returns, ``YYYY-MM``.
    reaches : mapping of str to str
        Each table that was read and the last month or day it holds.
    mixed : mapping of str to str
        Tables read whose vintage (``YYYYMM``) is another than that of the returns beside them.
    cautions : mapping of str to str
        Series the test reads that end before the returns or were kept although odd, and what is
        odd about each.
    snapshot : str or None
        Name of the snapshot of the latest data.
    vintages : mapping of str to str
        Id of each vintaged file and the month (``YYYYMM``) of the database behind it.
    criterion_hash : str
    evidence : Finding or None
        None where the test was refused.
    conditions : tuple of JudgedCondition
        Every condition of the criterion, in its order; empty where there is no evidence.
    deviations : tuple of str
        Parameters that differ from the registered specification, e.g.
        ``"horizon = 24 (registered: 12)"``; empty where the verdict is the registered one.
    fingerprint : str
        Of the code of the design that gave the evidence; empty without a design.
    p_adjusted : float or None
        The p-value adjusted for those of the other claims; None where it was not.
    carried_by : tuple of str
        Episodes of the evidence without any one of which the criterion no longer holds.
    odds : LabelOdds or None
        Of this verdict; None where the rule was not audited.
    power : float or None
        Share of the audit's worlds with a true claim in which the rule supports it; None where
        there are none.
    power_smallest : float or None
        The same in worlds with the smallest effect of interest.
    smallest_effect : str
        That effect and why none smaller is of interest; empty where none is registered.
    """

    claim: str
    chapter: str
    kind: str
    verdict: str | None
    reason: str
    data: str
    as_of: str
    criterion_hash: str
    design: str = ""
    snapshot: str | None = None
    vintages: Mapping[str, str] = field(default_factory=dict)
    evidence: Finding | None = None
    conditions: tuple[JudgedCondition, ...] = ()
    deviations: tuple[str, ...] = ()
    fingerprint: str = ""
    open_until: str = ""
    seen_to: str = ""
    reaches: Mapping[str, str] = field(default_factory=dict)
    mixed: Mapping[str, str] = field(default_factory=dict)
    cautions: Mapping[str, str] = field(default_factory=dict)
    p_adjusted: float | None = None
    carried_by: tuple[str, ...] = ()
    odds: LabelOdds | None = None
    power: float | None = None
    power_smallest: float | None = None
    smallest_effect: str = ""

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
            "design": self.design,
            "verdict": self.verdict,
            "reason": self.reason,
            "open_until": self.open_until,
            "p_adjusted": self.p_adjusted,
            **odds_columns(self.odds),
            "power": self.power,
            "power_smallest": self.power_smallest,
            "smallest_effect": self.smallest_effect,
            "carried_by": list(self.carried_by),
        }
        record |= {name: fields[name] for name in _EVIDENCE_FIELDS}
        record |= {name: in_prose(fields[name]) for name in _SENTENCES}
        record |= {
            "as_of": self.as_of,
            "seen_to": self.seen_to,
            "reaches": dict(self.reaches),
            "mixed": dict(self.mixed),
            "cautions": dict(self.cautions),
            "data": self.data,
            "snapshot": self.snapshot,
            "vintages": dict(self.vintages),
            "criterion_hash": self.criterion_hash,
            "fingerprint": self.fingerprint,
            "measures": measures,
            "conditions": [asdict(condition) for condition in self.conditions],
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
    "joint_p": None,
    "n": None,
    "effective_n": None,
    "mde": None,
    "more_needed": "",
    "null": "",
    "specifications": None,
    "left_out": None,
    "usable_in_time": None,
    "in_time": "",
    "luck": None,
    "sample_start": "",
    "sample_end": "",
    "finding": "",
    "sensitivity": "",
}

#: Those of them that a reader reads.
_SENTENCES = ("finding", "sensitivity", "in_time", "more_needed", "null")


def odds_columns(odds: LabelOdds | None) -> dict[str, float | None]:
    """The odds of a verdict as records and the ledger have them."""
    names = ("likelihood_ratio", "lr_low", "lr_high")
    values = (None, None, None) if odds is None else (odds.ratio, odds.low, odds.high)
    return dict(zip(names, values, strict=True))


def decide(
    claim: Claim,
    outcome: Finding | None,
    *,
    data: str,
    as_of: str,
    seen_to: str = "",
    reaches: Mapping[str, str] | None = None,
    mixed: Mapping[str, str] | None = None,
    cautions: Mapping[str, str] | None = None,
    snapshot: str | None = None,
    vintages: Mapping[str, str] | None = None,
    deviations: tuple[str, ...] = (),
    fingerprint: str = "",
    units: Mapping[str, str] | None = None,
    others: Iterable[PValue] | None = None,
) -> Verdict:
    """Apply a claim's written criterion.

    The order is fixed: not yet made, untestable, refused, inconsistent, supported, true but
    uninformative, contradicted, and then the criterion's ``otherwise``. A figure or an outlook is
    not yet made before the month of its note; other claims are judged on what was known in any
    month.

    Parameters
    ----------
    claim : Claim
    outcome : Finding or None
        None is allowed only for a claim that is untestable openly.
    data, as_of, seen_to, reaches, mixed, cautions, snapshot, vintages
        What the outcome was computed from, as in :class:`Verdict`.
    deviations : tuple of str
        Parameters that differ from the registered specification, in words.
    fingerprint : str
        Of the code of the claim's design.
    units : mapping of str to str, optional
        Unit of each measure, as the design declares it.
    others : iterable of PValue, optional
        p-values of the other claims on the same data. Without them the p-value is not adjusted:
        the rule speaks alone, as in the audit.

    Raises
    ------
    InputError
        When the evidence lacks a measure the criterion names, when a measure is not a number, or
        when "not distinguishable" comes without a minimum detectable effect.
    """
    undecided = Verdict(
        claim=claim.id,
        chapter=claim.chapter,
        kind=claim.kind,
        verdict=None,
        reason="",
        design=claim.design or "",
        data=data,
        as_of=as_of,
        seen_to=seen_to,
        reaches=dict(reaches or {}),
        mixed=dict(mixed or {}),
        cautions=dict(cautions or {}),
        snapshot=snapshot,
        vintages=dict(vintages or {}),
        criterion_hash=claim.criterion_hash,
        deviations=tuple(deviations),
        fingerprint=fingerprint,
        smallest_effect=str(claim.smallest_effect or ""),
    )
    refusal = first_refusal(outcome)
    if _is_not_yet_made(claim, as_of):
        return replace(undecided, reason=f"not yet made: the note is of {month_words(claim.made)}")
    if claim.untestable:
        evidence = outcome if refusal is None else None
        return replace(
            undecided, verdict=UNTESTABLE, reason=f"{claim.settled_by}", evidence=evidence
        )
    if refusal is not None:
        return replace(undecided, reason=refusal.reason, open_until=refusal.until or "")
    if outcome is None:
        raise InputError(f"claim {claim.id!r}: the check gave neither evidence nor a refusal")
    _require_measures(claim, outcome)
    judged = _judged(claim, outcome.measures, units or {})
    verdict = _first_that_holds(claim, judged)
    if verdict == NOT_DISTINGUISHABLE and outcome.mde is None:
        raise InputError(
            f"claim {claim.id!r}: 'not distinguishable' must carry a minimum detectable effect"
        )
    family = None
    if others is not None and outcome.p_value is not None:
        family = adjust_within(PValue(outcome.p_value, claim.kind == CORE), others)
    carried = _carried_by(claim, outcome) if verdict == SUPPORTED else ()
    settled, reason = settle(verdict, judged, family, carried)
    return replace(
        undecided,
        verdict=settled,
        reason=reason,
        evidence=outcome,
        conditions=judged,
        p_adjusted=None if family is None else family.adjusted,
        carried_by=carried,
    )


def _carried_by(claim: Claim, outcome: Finding) -> tuple[str, ...]:
    """Episodes without any one of which the list for supported does not hold.

    Its p-values have to stay below :data:`LEVEL_WITHOUT_ONE`, everything else is asked as before.

    Raises
    ------
    InputError
        When the criterion asks and the evidence does not say what it is without its episodes.
    """
    if not claim.criterion.each_episode:
        return ()
    if outcome.without_one is None:
        raise InputError(f"claim {claim.id!r}: the check does not say what one episode carries")
    listed = claim.criterion.supported
    return tuple(
        episode
        for episode, measures in outcome.without_one.items()
        if not all(
            _OPERATORS[one.op]({**outcome.measures, **measures}[one.measure], _bound_without(one))
            for one in listed
        )
    )


def _bound_without(condition: Condition) -> float | bool:
    """The threshold of a condition where one episode is left out."""
    is_p_value = condition.op == "<" and condition.value == LEVEL
    return LEVEL_WITHOUT_ONE if is_p_value else condition.value


def settle(
    verdict: str,
    conditions: Iterable[JudgedCondition],
    family: InFamily | None,
    carried_by: Iterable[str] = (),
) -> tuple[str, str]:
    """The verdict a claim keeps among all claims, and why.

    Parameters
    ----------
    verdict : str
        What the criterion gives, or a verdict settled before.
    conditions : iterable of JudgedCondition
    family : InFamily or None
        None for a claim without a p-value.
    carried_by : iterable of str
        Episodes without any one of which the criterion does not hold.

    Returns
    -------
    tuple of str
        `verdict`, but supported and suggestive by the adjusted p-value and by what one episode
        carries; the reason.
    """
    judged = tuple(conditions)
    if verdict not in (SUPPORTED, SUGGESTIVE):
        return verdict, _because(judged, verdict)
    reasons = [_because(judged, SUPPORTED)]
    if family is not None and family.adjusted >= LEVEL:
        reasons.append(_not_enough(family))
    if episodes := tuple(carried_by):
        reasons.append(f"but not without any one of {', '.join(episodes)}")
    return SUPPORTED if len(reasons) == 1 else SUGGESTIVE, "; ".join(reasons)


def _not_enough(family: InFamily) -> str:
    return (
        f"but p, {p_words(family.raw)} alone, is {p_words(family.adjusted)} when adjusted for"
        f" {family.size} claims ({family.method})"
    )


def _is_not_yet_made(claim: Claim, as_of: str) -> bool:
    return claim.kind in _DATED and as_of != NEWEST and as_of < claim.made


def conditions_of(record: Mapping[str, Any]) -> tuple[JudgedCondition, ...]:
    """The judged conditions of a verdict's record or of a row of the ledger."""
    return tuple(JudgedCondition(**entry) for entry in record.get("conditions") or ())


def deciding(
    conditions: Iterable[JudgedCondition], verdict: str | None
) -> tuple[JudgedCondition, ...]:
    """The conditions a verdict rests on.

    Those of its own list where they all hold; else those of the list for "supported" that failed,
    since the verdict is then what the criterion gives otherwise. A suggestive verdict rests on the
    list for "supported".
    """
    every = tuple(conditions)
    listed = SUPPORTED if verdict == SUGGESTIVE else verdict
    own = tuple(one for one in every if one.verdict == listed)
    if own and all(one.holds for one in own):
        return own
    return tuple(one for one in every if one.verdict == SUPPORTED and not one.holds)


def _lists(claim: Claim) -> tuple[tuple[str, tuple[Condition, ...]], ...]:
    rule = claim.criterion
    return (
        (INCONSISTENT, rule.inconsistent),
        (SUPPORTED, rule.supported),
        (UNINFORMATIVE, rule.uninformative),
        (CONTRADICTED, rule.contradicted),
    )


def _judged(
    claim: Claim, measures: Mapping[str, float | bool], units: Mapping[str, str]
) -> tuple[JudgedCondition, ...]:
    return tuple(
        JudgedCondition(
            verdict=verdict,
            measure=one.measure,
            op=one.op,
            threshold=one.value,
            value=measures[one.measure],
            unit=units.get(one.measure, ""),
            holds=bool(_OPERATORS[one.op](measures[one.measure], one.value)),
        )
        for verdict, conditions in _lists(claim)
        for one in conditions
    )


def _first_that_holds(claim: Claim, judged: tuple[JudgedCondition, ...]) -> str:
    for verdict, conditions in _lists(claim):
        if conditions and all(one.holds for one in judged if one.verdict == verdict):
            return verdict
    return claim.criterion.otherwise


def _because(judged: tuple[JudgedCondition, ...], verdict: str) -> str:
    decided = deciding(judged, verdict)
    if not decided:
        return "no condition held"
    met = all(one.holds for one in decided)
    return ("" if met else "not met: ") + "; ".join(map(_shown, decided))


def _shown(one: JudgedCondition) -> str:
    value = str(one.value).lower() if isinstance(one.value, bool) else f"{one.value:.4g}"
    return f"{one.measure} = {value} against {one}"


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
