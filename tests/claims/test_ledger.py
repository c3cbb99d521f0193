"""The ledger: rows from verdicts, written and read back, compared with a fresh run."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import Claim, labels, ledger
from analysis.claims.labels import likelihood_ratio
from analysis.claims.ledger import (
    check_hashes,
    check_ledger,
    check_record,
    check_stored,
    ledger_records,
    ledger_rows,
    others_of,
    read_ledger,
    settle_records,
    update_ledger,
    write_ledger,
)
from analysis.claims.multiplicity import PValue
from analysis.claims.verdicts import SUGGESTIVE, UNTESTABLE, conditions_of, deciding
from analysis.results import InputError


def _claim(name: str, kind: str = "core") -> Claim:
    return Claim(
        id=name,
        text="Small beats large after a first cut.",
        documents=("000",),
        kind=kind,
        chapter="first_cut",
        estimand="mean difference over twelve months",
        design="event_study",
        needs="bundled",
        criterion={"words": "supported when the interval excludes zero"},
        change_our_mind="more events with the same mean",
    )


CLAIMS = {name: _claim(name, kind) for name, kind in (("b", "core"), ("a", "direction"))}


def _condition(value: float = 0.0512345678, holds: bool = True) -> dict:
    return {
        "verdict": "supported", "measure": "mean", "op": ">", "threshold": 0, "value": value,
        "unit": "decimal return", "holds": holds,
    }  # fmt: skip


def _record(claim: str, **changes) -> dict:
    known = CLAIMS.get(claim, CLAIMS["b"])
    record = {
        "claim": claim,
        "data": "bundled",
        "chapter": "first_cut",
        "kind": known.kind,
        "verdict": "supported",
        "reason": "mean = 0.05 against mean > 0",
        "estimate": 0.0512345678,
        "unit": "decimal return",
        "ci_low": 0.01,
        "ci_high": None,
        "p_value": 0.02,
        "n": 12,
        "effective_n": 9.5,
        "mde": 0.08,
        "null": "no difference",
        "sample_start": "1954-01",
        "sample_end": "2018-11",
        "as_of": "newest",
        "seen_to": "2018-11",
        "reaches": {"monthly": "2018-11"},
        "mixed": {},
        "joint_p": 0.04,
        "usable_in_time": False,
        "in_time": "Known a year late.",
        "luck": 0.25,
        "snapshot": None,
        "criterion_hash": known.criterion_hash,
        "finding": "Small led by 5.12 points, a lot.",
        "specifications": 1232,
        "fingerprint": "f" * 16,
        "vintages": {"french/A": "202604"},
        "measures": {"mean": 0.0512345678, "held": True},
        "conditions": [_condition()],
    }
    return record | changes


def test_rows_stand_in_the_order_of_the_claims_with_six_digits():
    """Claim order is the files', not the alphabet's; floats keep six significant digits."""
    table = ledger_rows([_record("a"), _record("b")], CLAIMS)
    assert table["claim"].tolist() == ["b", "a"]
    assert table["estimate"].tolist() == [0.0512346, 0.0512346]
    assert tuple(table.columns) == ledger.COLUMNS
    assert table["measures"][0] == '{"held": true, "mean": 0.0512346}'


def test_p_values_are_adjusted_within_a_data_set_and_core_claims_apart():
    """Holm over two core claims doubles the smaller p; alone in its family a p stays."""
    claims = CLAIMS | {"c": _claim("c")}
    records = [
        _record("b"),
        _record("c", kind="core", p_value=0.5),
        _record("a"),
        _record("b", data="latest"),
        _record("a", data="latest", p_value=None),
    ]
    table = ledger_rows(records, claims).set_index(["claim", "data"])["p_adjusted"]
    assert table["b", "bundled"] == 0.04
    assert table["c", "bundled"] == 0.5
    assert table["a", "bundled"] == 0.02
    assert table["b", "latest"] == 0.02
    assert np.isnan(table["a", "latest"])


def test_a_ledger_written_and_read_is_the_same(tmp_path):
    """Empty cells, missing numbers, commas and quotes survive the CSV."""
    table = ledger_rows([_record("a", finding='one, "two"'), _record("b", verdict=None)], CLAIMS)
    path = write_ledger(table, tmp_path / "ledger.csv")
    pd.testing.assert_frame_equal(read_ledger(path), table)
    assert ledger_records(read_ledger(path)) == ledger_records(table)
    assert [p.name for p in tmp_path.iterdir()] == ["ledger.csv"]


def test_records_are_plain_values_for_json():
    """None for what is missing, whole numbers as such, structures as mappings and lists."""
    [record] = ledger_records(ledger_rows([_record("a", verdict=None)], CLAIMS))
    assert record["verdict"] is None
    assert record["ci_high"] is None
    assert record["n"] == 12
    assert (record["specifications"], record["left_out"]) == (1232, None)
    assert record["measures"] == {"mean": 0.0512346, "held": True}
    assert record["vintages"] == {"french/A": "202604"}
    assert record["conditions"] == [_condition(0.0512346)]
    assert (record["as_of"], record["seen_to"], record["reaches"]) == (
        "newest", "2018-11", {"monthly": "2018-11"},
    )  # fmt: skip
    assert (record["usable_in_time"], record["in_time"]) == (False, "Known a year late.")
    assert (record["joint_p"], record["luck"]) == (0.04, 0.25)
    [bare] = ledger_records(ledger_rows([{"claim": "a", "data": "bundled"}], CLAIMS))
    assert (bare["measures"], bare["vintages"], bare["conditions"]) == ({}, {}, [])
    assert (bare["usable_in_time"], bare["luck"], bare["reaches"]) == (None, None, {})


def test_update_replaces_rows_and_keeps_the_others():
    """A fresh bundled verdict leaves the latest one alone; a claim without a file goes."""
    stored = ledger_rows([_record("a"), _record("b"), _record("a", data="latest")], CLAIMS)
    fresh = update_ledger(stored, [_record("a", verdict="contradicted")], CLAIMS)
    verdicts = fresh.set_index(["claim", "data"])["verdict"].to_dict()
    assert verdicts == {
        ("b", "bundled"): "supported",
        ("a", "bundled"): "contradicted",
        ("a", "latest"): "supported",
    }
    assert update_ledger(stored, [], {"a": CLAIMS["a"]})["claim"].unique().tolist() == ["a"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "contradicted"}, "verdict is 'contradicted', stored 'supported'"),
        ({"estimate": 0.0513}, "estimate"),
        ({"estimate": None}, "estimate"),
        ({"p_value": 0.03}, "p_value"),
        ({"sample_end": "2018-10"}, "sample_end"),
        ({"criterion_hash": "0" * 16}, "criterion_hash"),
        ({"finding": "Large led by 5.12 points, a lot."}, "finding"),
        ({"specifications": 1231}, "specifications"),
        ({"vintages": {"french/A": "202605"}}, "vintages"),
        ({"conditions": [_condition(holds=False)]}, "conditions"),
        ({"joint_p": 0.05}, "joint_p"),
        ({"luck": None}, "luck"),
        ({"usable_in_time": True}, "usable_in_time is 'yes', stored 'no'"),
        ({"usable_in_time": None}, "usable_in_time"),
        ({"as_of": "2018-11"}, "as_of is '2018-11', stored 'newest'"),
        ({"seen_to": "2018-10"}, "seen_to"),
        ({"reaches": {"monthly": "2018-11", "valuation": "2018-06"}}, "reaches"),
        ({"mixed": {"valuation": "202604"}}, "mixed"),
        ({"measures": {"mean": 0.06, "held": True}}, "measures"),
        ({"measures": {"mean": 0.0512345678, "held": False}}, "measures"),
    ],
)
def test_a_changed_result_is_named(change, said):
    """Each kind of change gives a line with claim, data set and column."""
    stored = ledger_rows([_record("a")], CLAIMS)
    lines = check_ledger(ledger_rows([_record("a", **change)], CLAIMS), stored)
    assert lines
    assert all(line.startswith("a (bundled): ") for line in lines)
    assert any(said in line for line in lines)


def test_the_last_digits_of_another_machine_are_no_change():
    """A relative difference of one in a hundred thousand passes, in numbers and in sentences."""
    stored = ledger_rows([_record("a")], CLAIMS)
    near = _record(
        "a",
        estimate=0.0512345678 * (1 + 1e-5),
        finding="Small led by 5.13 points, a lot.",
        conditions=[_condition(0.0512345678 * (1 + 1e-5))],
    )
    assert check_ledger(ledger_rows([near], CLAIMS), stored) == []


def test_other_code_with_the_same_result_agrees():
    """The fingerprint says which code gave a row; it is kept and not compared."""
    stored = ledger_rows([_record("a")], CLAIMS)
    moved = ledger_rows([_record("a", fingerprint="0" * 16)], CLAIMS)
    assert moved["fingerprint"][0] == "0" * 16 and check_ledger(moved, stored) == []


def test_the_stored_reasons_say_what_the_stored_conditions_say():
    """Every committed row: its verdict is the one its conditions give, and its reason theirs."""
    for row in ledger_records(read_ledger()):
        decided = deciding(conditions_of(row), row["verdict"])
        parts = row["reason"].split("; ")
        if row["carried_by"]:
            said = f"but not without any one of {', '.join(row['carried_by'])}"
            assert parts.pop() == said, row["claim"]
        if row["verdict"] == SUGGESTIVE and (not row["carried_by"] or row["p_adjusted"] >= 0.05):
            assert parts.pop().startswith("but p, "), row["claim"]
        asked = [part.partition(" against ")[2] for part in parts]
        if decided:
            assert [str(one) for one in decided] == asked, row["claim"]
            assert all(one.holds for one in decided) is not row["reason"].startswith("not met: ")
        assert bool(row["conditions"]) is (row["verdict"] not in (None, UNTESTABLE)), row["claim"]


def test_a_claim_missing_from_the_stored_ledger_is_named():
    """A fresh verdict without a stored row is a difference."""
    fresh = ledger_rows([_record("a")], CLAIMS)
    assert check_ledger(fresh, fresh.iloc[:0]) == ["a (bundled): not in the stored ledger"]


def test_an_edited_criterion_shows_against_the_ledger():
    """The stored hash must be the claim file's; a claim that is gone is named too."""
    table = ledger_rows([_record("a"), _record("b")], CLAIMS)
    edited = CLAIMS["b"].model_copy(update={"estimand": "the median over twelve months"})
    assert check_hashes(table, CLAIMS) == []
    assert "judged by criterion" in check_hashes(table, {"a": CLAIMS["a"], "b": edited})[0]
    assert check_hashes(table, {"a": CLAIMS["a"]}) == ["b: in the ledger, but in no claim file"]


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([{"claim": "a"}], "without 'data'"),
        ([_record("a"), _record("a")], "two verdicts"),
        ([_record("a") | {"claim": "z"}], "no claim file"),
    ],
)
def test_records_that_make_no_ledger_are_refused(records, said):
    """A record without its key, a claim judged twice and an unknown claim say so."""
    with pytest.raises(InputError, match=said):
        ledger_rows(records, CLAIMS)


def test_a_file_with_other_columns_is_no_ledger(tmp_path):
    """A CSV of something else is refused with its name; a missing file is an empty ledger."""
    path = tmp_path / "ledger.csv"
    path.write_text("claim,data\na,bundled\n")
    with pytest.raises(InputError, match="columns"):
        read_ledger(path)
    assert read_ledger(tmp_path / "none.csv").empty


MANY = {name: _claim(name, kind) for name, kind in
        (("a", "direction"), ("b", "core"), ("c", "core"), ("d", "core"))}  # fmt: skip


def _verdicts(table):
    return {(row.claim, row.data): row.verdict for row in table.itertuples()}


def test_rows_are_settled_together_from_their_own_p_values():
    """.02 survives two core claims and not three; another kind and another data set are apart."""
    two = [_record("b", kind="core"), _record("c", kind="core", p_value=0.9)]
    three = [*two, _record("d", kind="core", p_value=0.9)]
    assert _verdicts(ledger_rows(two, MANY))["b", "bundled"] == "supported"
    table = ledger_rows(three, MANY)
    assert _verdicts(table)["b", "bundled"] == "suggestive"
    row = table[table["claim"] == "b"].iloc[0]
    assert row["p_adjusted"] == 0.06
    assert row["reason"] == (
        "mean = 0.05123 against mean > 0; but p, 0.02 alone, is 0.06 when adjusted for 3 claims"
        " (Holm)"
    )
    apart = [*three[1:], _record("a"), _record("b", kind="core", data="latest")]
    assert set(_verdicts(ledger_rows(apart, MANY)).values()) == {"supported"} | {"suggestive"}
    assert _verdicts(ledger_rows(apart, MANY))["a", "bundled"] == "supported"
    assert _verdicts(ledger_rows(apart, MANY))["b", "latest"] == "supported"


def test_settling_again_changes_nothing_and_a_claim_can_come_back():
    """What is settled stays; when the others go, suggestive is supported again, as if never so."""
    three = [_record(n, kind="core", p_value=p) for n, p in (("b", 0.02), ("c", 0.9), ("d", 0.9))]
    table = ledger_rows(three, MANY)
    pd.testing.assert_frame_equal(ledger_rows(ledger_records(table), MANY), table)
    pd.testing.assert_frame_equal(update_ledger(table, [], MANY), table)
    fewer = {name: MANY[name] for name in ("a", "b", "c")}
    back = update_ledger(table, [], fewer).iloc[0]
    assert (back["verdict"], back["p_adjusted"]) == ("supported", 0.04)
    assert back["reason"] == "mean = 0.05123 against mean > 0"


@pytest.mark.parametrize("verdict", ["not distinguishable", "contradicted", None])
def test_only_support_is_settled(verdict):
    """Every other verdict keeps its words, whatever its p-value."""
    rows = [_record("b", kind="core", verdict=verdict, reason="so", p_value=0.9),
            _record("c", kind="core", p_value=0.001)]  # fmt: skip
    table = ledger_rows(rows, MANY)
    assert ledger_records(table)[0]["verdict"] == verdict and table["reason"][0] == "so"
    assert table["p_adjusted"][0] == 0.9


def test_a_p_value_shown_as_context_belongs_to_no_family():
    """An untestable claim's proxy may have a p-value; it is not adjusted and does not count."""
    rows = [_record("b", kind="core"), _record("c", kind="core", verdict=UNTESTABLE, p_value=0.03),
            _record("d", kind="core", p_value=0.9)]  # fmt: skip
    table = ledger_rows(rows, MANY).set_index("claim")
    assert table["p_adjusted"]["b"] == 0.04 and np.isnan(table["p_adjusted"]["c"])
    assert others_of("d", "bundled", "newest", ledger_rows(rows, MANY)) == [PValue(0.02, True)]


def test_a_run_of_a_few_is_settled_beside_the_stored_rest():
    """Claims not run count with their stored p; those run count with their new one alone."""
    stored = ledger_rows(
        [_record(n, kind="core", p_value=p) for n, p in (("b", 0.9), ("c", 0.9), ("d", 0.9))], MANY
    )
    [alone] = settle_records([_record("b", kind="core")], stored)
    assert (alone["verdict"], alone["p_adjusted"]) == (SUGGESTIVE, 0.06)
    both = settle_records([_record("b", kind="core"), _record("c", kind="core")], stored)
    assert [one["p_adjusted"] for one in both] == [0.06, 0.06]
    [latest] = settle_records([_record("b", kind="core", data="latest")], stored)
    assert (latest["verdict"], latest["p_adjusted"]) == ("supported", 0.02)


def test_at_an_earlier_month_stored_p_values_count_as_one():
    """They are of later data; among the claims that were run the p-values of that month decide."""
    stored = ledger_rows([_record(n, kind="core", p_value=0.001) for n in ("b", "c", "d")], MANY)
    then = {"as_of": "2007-12", "kind": "core"}
    [alone] = settle_records([_record("b", **then)], stored)
    assert (alone["verdict"], alone["p_adjusted"]) == (SUGGESTIVE, 0.06)
    run = [_record("b", **then), *(_record(n, **then, p_value=0.001) for n in ("c", "d"))]
    assert settle_records(run, stored)[0]["p_adjusted"] == 0.02
    assert settle_records(run, stored)[0]["verdict"] == "supported"


def test_a_deviating_record_is_left_as_it_was_judged():
    """It stands beside the registered p-values and takes no registered claim's place."""
    stored = ledger_rows([_record(n, kind="core", p_value=0.9) for n in ("b", "c", "d")], MANY)
    other = _record("b", kind="core", p_value=0.001, deviations=["x = 1 (registered: 2)"])
    kept, judged = settle_records([other, _record("c", kind="core", p_value=0.02)], stored)
    assert kept == other and judged["p_adjusted"] == 0.06


def test_the_ledger_carries_the_odds_of_its_labels(tmp_path, monkeypatch):
    """From the audit's table, for the verdict as settled; empty where the table lacks the rule."""
    path = tmp_path / "labels.csv"
    head = "claim,label,world_kind,panels,count,share"
    rows = ("b,supported,holds,100,60,0.6", "b,supported,nothing,100,5,0.05")
    path.write_text("\n".join((head, *rows)) + "\n")
    monkeypatch.setattr(labels, "LABELS_FILE", path)
    first, other = ledger_records(ledger_rows([_record("b"), _record("a")], CLAIMS))
    odds = likelihood_ratio(60, 100, 5, 100)
    assert (first["likelihood_ratio"], first["lr_low"], first["lr_high"]) == (
        odds.ratio, odds.low, odds.high,
    )  # fmt: skip
    assert other["likelihood_ratio"] is None


def _whole():
    return ledger_rows(
        [_record(name, data=data) for name in CLAIMS for data in ("bundled", "latest")], CLAIMS
    )


def test_a_whole_ledger_passes():
    """Every claim once on each data set, settled, by today's criterion."""
    assert check_stored(_whole(), CLAIMS) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.iloc[1:], "b (bundled): missing"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "b (bundled): stands twice"),
        (lambda t: t.assign(data=["bundled", "older", *t["data"][2:]]), "no such data set"),
        (lambda t: t.assign(verdict="proved"), "b (bundled): unknown verdict 'proved'"),
        (lambda t: t.assign(reason=""), "b (bundled): no reason"),
        (lambda t: t.assign(as_of="2018-11"), "as of '2018-11', not of the newest data"),
        (lambda t: t.assign(criterion_hash="0" * 16), "a (latest): judged by criterion"),
        (lambda t: t.assign(p_value=0.9), "p_adjusted is 0.9, stored 0.02"),
        (lambda t: t.assign(p_value=0.9, p_adjusted=0.9), "verdict is 'suggestive', stored"),
        (lambda t: t.assign(likelihood_ratio=3.0), "likelihood_ratio"),
    ],
)
def test_a_ledger_that_is_not_whole_is_named(change, said):
    """Missing, twice, unknown, unjudged, another month, another criterion, not settled."""
    problems = check_stored(change(_whole()), CLAIMS)
    assert any(said in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verdict", "contradicted"), ("estimate", 0.06), ("p_value", 0.01), ("p_adjusted", None),
        ("reason", "because"), ("finding", "Small lost."), ("criterion_hash", "0" * 16),
        ("fingerprint", "0" * 16), ("measures", {"mean": 0.05}), ("n", 13), ("as_of", "2018-11"),
        ("usable_in_time", True),
    ],
)  # fmt: skip
def test_a_record_that_is_not_its_row_is_named(name, value):
    """One changed field of a stored card, and the ledger says which."""
    stored = _whole()
    own = ledger_records(stored)[0]
    assert check_record(own, stored) == []
    problems = check_record(own | {name: value}, stored)
    assert [one.split(": ")[1].split(" is ")[0] for one in problems] == [name]
    assert check_record(own | {"data": "older"}, stored) == ["b (older): not in the ledger"]


def test_a_flag_that_is_none_is_refused_by_name(tmp_path):
    """Neither yes, no nor empty: the error names claim and column."""
    path = write_ledger(_whole().assign(usable_in_time="maybe"), tmp_path / "ledger.csv")
    with pytest.raises(InputError, match="claim 'b', column usable_in_time: 'maybe' is no flag"):
        read_ledger(path)


def test_what_one_episode_carries_stays_suggestive_among_the_others():
    """However small its adjusted p-value; the episodes survive the file, and are compared."""
    carried = _record("b", verdict="suggestive", p_value=0.001, carried_by=["1967-04"])
    table = ledger_rows([carried, _record("a")], CLAIMS)
    row = table.iloc[0]
    assert row["verdict"] == "suggestive" and row["p_adjusted"] == 0.001
    assert row["reason"].endswith("but not without any one of 1967-04")
    assert ledger_records(table)[0]["carried_by"] == ["1967-04"]
    again = ledger_rows([_record("b", p_value=0.001)], CLAIMS)
    assert again.iloc[0]["verdict"] == "supported"
    assert any("carried_by" in one for one in check_ledger(again, table))


def test_a_record_of_another_specification_does_not_enter_the_ledger(tmp_path):
    """Named, with what to do, and before anything is written."""
    deviating = _record("b", deviations=["horizon = 24 (registered: 12)"])
    with pytest.raises(InputError, match="'b' was not judged by the registered specification"):
        update_ledger(read_ledger(tmp_path / "none.csv"), [deviating], CLAIMS)
