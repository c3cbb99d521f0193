"""The derived tables that follow from the claims, and how a stale one is seen."""

import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.audit.dated_verdicts import COLUMNS
from analysis.claims import load_claims
from analysis.pages.curves import curve_of, load_curves
from analysis.panel import load_dataset
from analysis.runs import claim_tables
from analysis.sources.derived import DERIVED_FOLDER

CLAIMS = load_claims()


@pytest.fixture
def quick(monkeypatch):
    """One claim with a small grid, on the bundled data; the verdicts by date made up."""
    real = load_dataset
    name = "premium-vanished"
    chosen = {name: CLAIMS[name]}
    monkeypatch.setattr(claim_tables, "load_claims", lambda: chosen)
    monkeypatch.setattr(
        claim_tables, "load_dataset", lambda data: replace(real("bundled"), snapshot="made-up")
    )
    row = (name, "bundled", "1990-12", "supported", 0.0123456, None, None, 0.5, None)
    table = pd.DataFrame([(*row, CLAIMS[name].criterion_hash)], columns=list(COLUMNS))
    monkeypatch.setattr(claim_tables.dated, "dated_verdicts", lambda **_: table)
    return name


def test_both_tables_are_written_and_can_be_read(tmp_path, quick):
    """Four digits, a header that says how; the curve is the study's own."""
    written = claim_tables.write_claim_tables(tmp_path)
    assert {path.name for path in written} == {claim_tables.DATES, claim_tables.GRIDS}
    text = (tmp_path / claim_tables.DATES).read_text(encoding="utf-8")
    assert text.startswith("# Computed by `smallcap derive --claims`") and "made-up" in text
    assert f"{quick},bundled,1990-12,supported,0.01235,,,0.5,," in text
    curve = load_curves(tmp_path / claim_tables.GRIDS, CLAIMS)[quick]
    study = claim_tables.find_design("premium_before_after")(
        load_dataset("bundled"), claim_tables.bind(CLAIMS[quick]), claim_tables.Sampling(2000, 1)
    )
    assert curve.rows["estimate"].tolist() == pytest.approx(
        curve_of(study).rows["estimate"].tolist(), rel=5e-3
    )


def test_a_table_of_another_test_is_seen(tmp_path, quick):
    """A hash that moved, in either table, and a claim that is gone."""
    claim_tables.write_claim_tables(tmp_path)
    assert claim_tables.stale_claims(tmp_path, CLAIMS) == []
    changed = CLAIMS[quick].model_copy(update={"arguments": {}, "grid": {}})
    assert changed.criterion_hash != CLAIMS[quick].criterion_hash
    for claims in ({quick: changed}, {}):
        found = claim_tables.stale_claims(tmp_path, claims)
        assert len(found) == 2 and all(quick in one and "--claims" in one for one in found)


def test_the_verb_says_what_is_stale_and_ends_with_an_error(tmp_path, monkeypatch):
    """`derive --claims --check`: exit code 1 and a line a claim; a snapshot is no part of it."""
    for name in (claim_tables.DATES, claim_tables.GRIDS):
        shutil.copyfile(DERIVED_FOLDER / name, tmp_path / name)
    grids = json.loads((tmp_path / claim_tables.GRIDS).read_text(encoding="utf-8"))
    grids["claims"]["early-cycle"]["criterion_hash"] = "0000000000000000"
    (tmp_path / claim_tables.GRIDS).write_text(json.dumps(grids) + "\n", encoding="utf-8")
    monkeypatch.setattr(claim_tables.stale_claims, "__defaults__", (tmp_path, None))
    told = CliRunner().invoke(app, ["derive", "--claims", "--check"])
    assert told.exit_code == 1 and "early-cycle was judged by another test" in told.output
    monkeypatch.undo()
    assert CliRunner().invoke(app, ["derive", "--claims", "--check"]).exit_code == 0
    refused = CliRunner().invoke(app, ["derive", "--claims", "--snapshot", "x"])
    assert refused.exit_code != 0
