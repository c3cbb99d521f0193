"""The ledger: rows from verdicts, written and read back, compared with a fresh run."""

import numpy as np
import pandas as pd
import pytest

from analysis.claims import Claim, ledger
from analysis.claims.ledger import (
    check_hashes,
    check_ledger,
    ledger_records,
    ledger_rows,
    read_ledger,
    update_ledger,
    write_ledger,
)
from analysis.claims.verdicts import UNTESTABLE, conditions_of, deciding
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
        "as_of": "2018-11",
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
    [bare] = ledger_records(ledger_rows([{"claim": "a", "data": "bundled"}], CLAIMS))
    assert (bare["measures"], bare["vintages"], bare["conditions"]) == ({}, {}, [])


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
        asked = [part.partition(" against ")[2] for part in row["reason"].split("; ")]
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
