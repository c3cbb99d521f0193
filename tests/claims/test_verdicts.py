"""The written criterion applied, in a fixed order."""

import json

import pytest

from analysis.claims import Claim, Condition, Criterion
from analysis.claims.verdicts import conditions_of, decide, deciding
from analysis.results import Finding, InputError

CONTEXT = {"data": "bundled", "as_of": "2018-11"}


def condition(measure, op, value):
    return Condition(measure=measure, op=op, value=value)


def claim(**changes):
    rule = Criterion(
        words="Supported when `rate` is at least .6 and `p` is below .05, else see the lists.",
        inconsistent=(condition("own_arithmetic", "==", False),),
        supported=(condition("rate", ">=", 0.6), condition("p", "<", 0.05)),
        uninformative=(condition("rate", ">=", 0.6),),
        contradicted=(condition("high", "<", 0.0),),
    )
    values = {
        "id": "a-claim",
        "text": "Small caps win <b>always</b>.",
        "documents": ("001",),
        "kind": "core",
        "chapter": "first_cut",
        "estimand": "the mean of something",
        "design": "event_study",
        "needs": "bundled",
        "criterion": rule,
        "change_our_mind": "More events.",
    }
    return Claim(**(values | changes))


def evidence(mde=0.05, **measures):
    base = {"own_arithmetic": True, "rate": 0.5, "p": 0.5, "high": 0.1}
    return Finding(
        estimate=0.01, unit="decimal", null="no effect", n=10,
        sample_start="1950-01", sample_end="2018-11", finding="Something.", mde=mde,
        measures=base | measures,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("measures", "verdict"),
    [
        ({"rate": 0.6, "p": 0.04}, "supported"),
        ({"rate": 0.6, "p": 0.05}, "true but uninformative"),
        ({"rate": 0.59, "p": 0.01}, "not distinguishable"),
        ({"high": -0.01}, "contradicted"),
        ({"rate": 0.9, "p": 0.01, "own_arithmetic": False}, "inconsistent"),
        ({"rate": 0.9, "p": 0.5, "high": -0.01}, "true but uninformative"),
    ],
)
def test_first_verdict_whose_conditions_all_hold(measures, verdict):
    """Inconsistent, supported, true but uninformative, contradicted, otherwise: in that order."""
    assert decide(claim(), evidence(**measures), **CONTEXT).verdict == verdict


def test_refusal_is_a_result_with_its_reason():
    """No verdict, and the reason stands in its place."""
    result = decide(claim(), Finding.refused("only 3 events; at least 5 are needed"), **CONTEXT)
    assert result.verdict is None and "only 3 events" in str(result)


def test_untestable_claim_says_what_would_settle_it():
    """A claim without conditions needs no evidence."""
    rule = Criterion(words="No open data can settle this; recorded only.")
    settled = claim(
        needs="none", settled_by="Fund holdings, held by a data vendor.", criterion=rule
    )
    result = decide(settled, None, **CONTEXT)
    assert result.verdict == "untestable openly" and "data vendor" in result.reason


def test_not_distinguishable_needs_a_minimum_detectable_effect():
    """The verdict of ignorance must say how much could have been seen."""
    with pytest.raises(InputError, match="minimum detectable effect"):
        decide(claim(), evidence(mde=None), **CONTEXT)


@pytest.mark.parametrize("value", [float("nan"), None])
def test_measure_that_is_no_number_is_refused(value):
    """NaN compares false with everything and must never decide."""
    with pytest.raises(InputError, match="'rate' is not a number"):
        decide(claim(), evidence(rate=value), **CONTEXT)


def test_missing_measure_is_named():
    """A check that forgets a measure is told which."""
    broken = Finding(
        estimate=0.0, unit="", null="", n=1, sample_start="", sample_end="",
        finding="", measures={"rate": 1.0},
    )  # fmt: skip
    with pytest.raises(InputError, match="does not give the measure 'high'"):
        decide(claim(), broken, **CONTEXT)


@pytest.mark.parametrize(
    ("measures", "because"),
    [
        ({"rate": 0.6, "p": 0.04}, "rate = 0.6 against rate >= 0.6; p = 0.04 against p < 0.05"),
        ({"rate": 0.6}, "rate = 0.6 against rate >= 0.6"),
        ({"high": -0.1}, "high = -0.1 against high < 0"),
        ({"p": 0.01}, "not met: rate = 0.5 against rate >= 0.6"),
        ({"own_arithmetic": False}, "own_arithmetic = false against own_arithmetic == false"),
    ],
)
def test_a_verdict_rests_on_its_own_list_or_on_what_failed(measures, because):
    """Those of its list where they all hold, else what "supported" lacked; so says the reason."""
    result = decide(claim(), evidence(**measures), **CONTEXT)
    assert result.reason == because
    decided = deciding(result.conditions, result.verdict)
    assert "; ".join(str(one) for one in decided) == "; ".join(
        part.split(" against ")[1] for part in because.split("; ")
    )
    assert {one.holds for one in decided} == {not because.startswith("not met")}


def test_without_a_list_nothing_decides():
    """A criterion whose lists all fail and that asks nothing of support says so."""
    rule = Criterion(
        words="Contradicted when `high` is below zero, else open.",
        contradicted=(condition("high", "<", 0.0),),
    )
    result = decide(claim(criterion=rule), evidence(), **CONTEXT)
    assert (result.reason, deciding(result.conditions, result.verdict)) == ("no condition held", ())


def test_nothing_given_at_all_is_an_error():
    """A testable claim cannot be passed over in silence."""
    with pytest.raises(InputError, match="neither evidence nor a refusal"):
        decide(claim(), None, **CONTEXT)


def test_record_is_valid_json_with_the_rule_s_inputs():
    """Infinities become null, and every condition says whether it held."""
    judged = decide(
        claim(),
        evidence(high=float("inf")),
        units={"rate": "share"},
        vintages={"french/A": "202604"},
        **CONTEXT,
    )
    record = judged.as_record()
    text = json.loads(json.dumps(record, allow_nan=False))
    assert text["measures"]["high"] is None
    assert text["conditions"][1] == {
        "verdict": "supported", "measure": "rate", "op": ">=", "threshold": 0.6, "value": 0.5,
        "unit": "share", "holds": False,
    }  # fmt: skip
    assert [one["verdict"] for one in text["conditions"]] == [
        "inconsistent", "supported", "supported", "true but uninformative", "contradicted",
    ]  # fmt: skip
    assert text["conditions"][-1]["value"] is None
    assert (text["design"], text["vintages"]) == ("event_study", {"french/A": "202604"})
    assert conditions_of(text)[1] == judged.conditions[1]
    assert text["criterion_hash"] == claim().criterion_hash
