"""The written criterion applied, in a fixed order."""

import csv
import json
import typing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.claims import Claim, Condition, Criterion
from analysis.claims.documents import Label
from analysis.claims.multiplicity import PValue
from analysis.claims.verdicts import VERDICTS, LabelOdds, conditions_of, decide, deciding
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


TABLE = Path(__file__).with_name("verdict_table.csv")
MADE = "2026-01"
LISTS = {
    "inconsistent": "inconsistent", "supported": "supported",
    "uninformative": "true but uninformative", "contradicted": "contradicted",
}  # fmt: skip


HELD, LOST = {"supported_holds": True}, {"supported_holds": False}
#: What a finding says of its two episodes; a measure that cannot be had without one is no number.
EPISODES = {
    "none": {"1960": LOST},
    "unsaid": None,
    "no episode": {},
    "kept": {"1960": HELD, "1980": HELD},
    "carried": {"1960": HELD, "1980": LOST},
    "without nothing": {"1960": HELD, "1980": {"supported_holds": float("nan")}},
}


def label_of(row):
    """What :func:`decide` makes of one row of the table of conditions."""
    lists = {
        name: () if row[name] == "none" else (condition(f"{name}_holds", "==", True),)
        for name in LISTS
    }
    open_test = row["test"] == "open"
    rule = Criterion(
        words="The first list whose condition holds gives the verdict.",
        otherwise=row["otherwise"],
        each_episode=row["episodes"] != "none",
        **(lists if open_test else {}),
    )
    tried = claim(
        criterion=rule, kind=row["kind"], made=MADE,
        **({} if open_test else {"needs": "none", "settled_by": "What a vendor holds."}),
    )  # fmt: skip
    found = Finding(
        estimate=0.1, unit="", null="none", n=9, sample_start="", sample_end="", finding="So.",
        p_value=float(row["p"]) if row["p"] else None, mde=0.1 if row["mde"] == "yes" else None,
        measures={f"{name}_holds": row[name] == "yes" for name in LISTS},
        without_one=EPISODES[row["episodes"]],
    )  # fmt: skip
    outcomes = {"found": found, "refused": Finding.refused("too few events"), "nothing": None}
    core = row["kind"] == "core"
    others = None if row["others"] == "alone" else [PValue(1.0, core)] * int(row["others"])
    if others is not None:
        others += [PValue(1.0, not core)] * 40  # another family, which does not count
    try:
        judged = decide(
            tried, outcomes[row["outcome"]], data="bundled", as_of=row["as_of"], others=others
        )
    except InputError as error:
        return f"error: {error}"
    return judged.verdict or "no verdict"


def read_table():
    with TABLE.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("row", read_table(), ids=lambda row: ",".join(row.values()))
def test_the_rule_gives_the_labels_of_the_committed_table(row):
    """Conditions to label, row by row: the rule cannot change without its table."""
    wanted, given = row["label"], label_of(row)
    if wanted.startswith("error: "):
        assert given.startswith("error: ") and wanted.removeprefix("error: ") in given
    else:
        assert given == wanted


def test_the_table_knows_every_verdict():
    """Each of the seven is given by some row, beside no verdict and the three errors."""
    labels = {row["label"] for row in read_table()}
    assert labels >= {*VERDICTS, "no verdict"} and len(labels) == len(VERDICTS) + 4
    assert typing.get_args(Label) == VERDICTS and len(VERDICTS) == 7


def test_a_suggestive_verdict_says_both_p_values_and_rests_on_the_list_for_support():
    """.02 alone, .06 among three core claims by Holm; the conditions are those of support."""
    found = evidence(rate=0.6, p=0.02)
    given = decide(
        claim(), Finding(**{**vars(found), "p_value": 0.02}), **CONTEXT,
        others=[PValue(0.5, True), PValue(0.9, True), PValue(0.001, False)],
    )  # fmt: skip
    assert given.verdict == "suggestive" and given.p_adjusted == pytest.approx(0.06)
    assert given.reason == (
        "rate = 0.6 against rate >= 0.6; p = 0.02 against p < 0.05; but p, 0.02 alone, is 0.06"
        " when adjusted for 3 claims (Holm)"
    )
    assert [one.measure for one in deciding(given.conditions, "suggestive")] == ["rate", "p"]
    assert given.as_record()["p_adjusted"] == pytest.approx(0.06)


def test_an_episode_that_carries_a_verdict_is_named_as_a_value_and_in_the_reason():
    """p is .04 with all and .10 without 1967: suggestive, whatever the adjusted p-value says.

    Without 1980 it is .09, which fewer events alone may do; without 1995 another condition fails.
    """
    asked = claim()
    rule = asked.criterion.model_copy(update={"each_episode": True})
    without = {"1967": {"p": 0.10}, "1980": {"p": 0.09}, "1995": {"rate": 0.59}}
    found = Finding(**{**vars(evidence(rate=0.6, p=0.04)), "without_one": without})
    given = decide(asked.model_copy(update={"criterion": rule}), found, **CONTEXT)
    assert given.verdict == "suggestive" and given.carried_by == ("1967", "1995")
    assert given.reason.endswith("; but not without any one of 1967, 1995")
    assert given.as_record()["carried_by"] == ["1967", "1995"]
    assert decide(asked, found, **CONTEXT).verdict == "supported"


def test_a_figure_of_a_younger_note_is_not_yet_made():
    """The reason names the month of the note as prose does; the newest data never lack a note."""
    figure = claim(kind="figure", made="2026-01")
    given = decide(figure, evidence(rate=0.9, p=0.01), data="bundled", as_of="2018-11")
    assert (given.verdict, given.reason) == (
        None, "not yet made: the note is of January 2026",
    )  # fmt: skip
    assert given.evidence is None and given.conditions == ()
    assert decide(figure, evidence(rate=0.9, p=0.01), data="bundled", as_of="newest").verdict


def test_a_record_says_what_it_saw_and_what_the_finding_says_beside_the_verdict():
    """As of, last month of returns, each table's end, the mixture; joint p, in time, luck."""
    found = Finding(
        **{**vars(evidence(rate=0.6, p=0.01)), "joint_p": 0.3, "usable_in_time": False,
           "in_time": "Known a year late.", "luck": 0.5}
    )  # fmt: skip
    record = decide(
        claim(), found, data="bundled", as_of="newest", seen_to="2018-11",
        reaches={"monthly": "2018-11"}, mixed={"valuation": "202604"},
    ).as_record()  # fmt: skip
    assert (record["as_of"], record["seen_to"]) == ("newest", "2018-11")
    assert (record["reaches"], record["mixed"]) == ({"monthly": "2018-11"}, {"valuation": "202604"})
    assert (record["joint_p"], record["usable_in_time"], record["in_time"], record["luck"]) == (
        0.3, False, "Known a year late.", 0.5,
    )  # fmt: skip
    assert record["likelihood_ratio"] is record["lr_low"] is record["p_adjusted"] is None


def test_what_a_verdict_is_of_stands_in_its_record():
    """Claim, chapter, kind, data, snapshot, what deviates, the code; no unit where none is said."""
    record = decide(
        claim(), evidence(), data="latest", as_of="newest", snapshot="2026-11-02",
        deviations=("horizon = 24 (registered: 12)",), fingerprint="0123456789abcdef",
    ).as_record()  # fmt: skip
    named = ("claim", "chapter", "kind", "data", "snapshot", "deviations", "fingerprint")
    assert [record[name] for name in named] == [
        "a-claim", "first_cut", "core", "latest", "2026-11-02",
        ["horizon = 24 (registered: 12)"], "0123456789abcdef",
    ]  # fmt: skip
    assert {one["unit"] for one in record["conditions"]} == {""}


def test_a_record_without_evidence_has_every_field():
    """Of a refused test: nothing where numbers stood, no measure, the reason."""
    record = decide(claim(), Finding.refused("too few events"), **CONTEXT).as_record()
    assert record.keys() == decide(claim(), evidence(), **CONTEXT).as_record().keys()
    assert (record["estimate"], record["unit"], record["measures"]) == (None, "", {})
    assert record["reason"] == "too few events"


def test_an_untestable_claim_keeps_the_evidence_there_is():
    """What was computed beside it stays; a refusal leaves none."""
    settled = claim(
        needs="none", settled_by="A vendor.", criterion=Criterion(words="Recorded only, by nobody.")
    )
    found = evidence()
    assert decide(settled, found, **CONTEXT).evidence is found
    assert decide(settled, Finding.refused("no data"), **CONTEXT).evidence is None


def test_the_odds_of_a_label_are_three_numbers_of_its_record():
    """Ratio and interval, in this order; nothing where the rule was not audited."""
    judged = replace(decide(claim(), evidence(), **CONTEXT), odds=LabelOdds(4.0, 2.0, 8.0))
    record = judged.as_record()
    assert (record["likelihood_ratio"], record["lr_low"], record["lr_high"]) == (4.0, 2.0, 8.0)


def test_a_record_holds_plain_values_and_a_reason_four_digits():
    """numpy's numbers become Python's, so that JSON takes them."""
    judged = decide(claim(), evidence(rate=np.float64(2 / 3), p=0.01, n=np.int64(3)), **CONTEXT)
    measures = judged.as_record()["measures"]
    assert (type(measures["rate"]), type(measures["n"])) == (float, int)
    assert judged.reason.startswith("rate = 0.6667 against ")
