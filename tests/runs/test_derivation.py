"""The derived tables: what is kept is what the files give."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.audit import vintages
from analysis.results import InputError
from analysis.runs import derivation
from analysis.runs.derivation import check_derived, derive_tables, valuation_text, write_derived
from analysis.sources import confirmation
from analysis.sources.catalog import load_catalogue
from analysis.sources.derived import load_valuation_gap
from analysis.sources.pull import pull_snapshot


class FakeSnapshot:
    """A snapshot of one file."""

    def __init__(self, vintage: str, scale: float = 1.0) -> None:
        self.vintage = vintage
        columns = list(load_catalogue().source(derivation.SIZE_VALUE).columns)
        index = pd.period_range("2000-07", "2004-12", freq="M")
        values = np.random.default_rng(5).random((len(index), 25)) + np.linspace(3, 1, 25)
        frame = pd.DataFrame(values, index=index, columns=columns)
        self.tables = {name: frame for name in ("firms", "size", "beme_june", "op")}
        self.tables["beme_december"] = frame.assign(**{columns[0]: frame[columns[0]] * scale})
        # the funds rate falls once, in July 2001, two months into a recession
        months = pd.period_range("2000-01", "2004-12", freq="M")
        rate = pd.Series(np.where(months < "2001-07", 6.0, 5.0), index=months)
        flags = pd.Series(((months > "2001-03") & (months <= "2001-11")).astype(float), months)
        days = pd.Series(1.0, index=pd.period_range("1999-12-30", "1999-12-31", freq="D"))
        made_up = {"FEDFUNDS": rate, "USREC": flags, "DFEDTAR": days, "DFEDTARU": days}
        for name in confirmation.SERIES:
            self.tables[name] = pd.DataFrame({name: made_up[name]})

    def entry(self, id: str) -> "FakeSnapshot":
        return self

    def ids(self) -> tuple[str, ...]:
        return ()


@pytest.fixture
def pulled(monkeypatch):
    """Put a fake snapshot in force."""

    def put(vintage: str = "200412", scale: float = 1.0) -> None:
        monkeypatch.setattr(derivation, "load_snapshot", lambda name: FakeSnapshot(vintage, scale))
        monkeypatch.setattr(derivation, "read_tables", lambda snapshot, id: snapshot.tables)

    monkeypatch.delenv("SMALLCAP_VINTAGE", raising=False)
    put()
    return put


def test_what_is_written_is_read_back_and_agrees(pulled, tmp_path):
    """The file states its command and vintage; the reader takes it; the check finds nothing."""
    path, facts = write_derived(folder=tmp_path / "derived")
    text = path.read_text()
    assert text.startswith("# Computed by `smallcap derive`") and "vintage 200412" in text
    table = load_valuation_gap(folder=path.parent)
    assert list(table.index.astype(str)) == ["2000-06", "2001-06", "2002-06", "2003-06", "2004-06"]
    assert check_derived(folder=path.parent) == []
    assert sorted(path.parent.iterdir()) == [facts, path]


def test_a_revision_is_found_and_named(pulled, tmp_path):
    """The sentence names column, June, both numbers, both vintages and the command."""
    write_derived(folder=tmp_path)
    pulled("200501", scale=1.5)
    [problem] = check_derived(folder=tmp_path)
    assert "in 5 Junes, most in gap_december" in problem
    assert "kept: vintage 200412, snapshot: vintage 200501" in problem
    assert problem.endswith("run `smallcap derive`")


def test_a_changed_digit_is_found(pulled, tmp_path):
    """An edit by hand of one number does not pass."""
    path, _ = write_derived(folder=tmp_path)
    first = load_valuation_gap(folder=tmp_path)["gap_june"].iloc[0]
    path.write_text(path.read_text().replace(f"{first:.6g}", f"{first + 0.0005:.6g}"))
    [problem] = check_derived(folder=tmp_path)
    assert "differs in 1 Junes, most in gap_june of 2000-06" in problem


def test_other_junes_vintages_and_no_file_are_found(pulled, tmp_path):
    """A lost line, a new vintage with the same numbers, and no table at all."""
    missing = [
        f"{name}.csv is missing; run `smallcap derive`"
        for name in ("valuation_gap", "fact_confirmation")
    ]
    assert check_derived(folder=tmp_path) == missing
    path, _ = write_derived(folder=tmp_path)
    whole = path.read_text()
    path.write_text("\n".join(whole.splitlines()[:-1]) + "\n")
    assert "other Junes" in check_derived(folder=tmp_path)[0]
    path.write_text(whole)
    pulled("200501")
    assert "states another vintage" in check_derived(folder=tmp_path)[0]
    path.write_text("june,gap_june\n")
    with pytest.raises(InputError, match="does not state its vintage"):
        check_derived(folder=tmp_path)


def test_a_failed_write_leaves_the_old_file(pulled, tmp_path, monkeypatch):
    """A full disk in the middle: the table stays, nothing half-written is left."""
    path, _ = write_derived(folder=tmp_path)
    before = {entry: entry.read_bytes() for entry in tmp_path.iterdir()}
    pulled("200501", scale=2.0)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_derived(folder=tmp_path)
    assert {entry: entry.read_bytes() for entry in tmp_path.iterdir()} == before and path in before


def test_every_fact_is_held_against_the_series(pulled, tmp_path):
    """The table names its series and their ends; an edited status is found by its row."""
    _, path = write_derived(folder=tmp_path)
    text = path.read_text()
    assert "FEDFUNDS to 2004-12, DFEDTAR to 1999-12-31" in text
    found = pd.read_csv(path, comment="#").set_index(["table", "row", "column"])["status"]
    # the made-up recession turns with the NBER's of 2001, and there is no other
    assert found["nber_cycles", "2001-03", "peak"] == "confirmed"
    assert found["nber_cycles", "2001-03", "trough"] == "confirmed"
    assert found["nber_cycles", "2007-12", "peak"] == "not confirmable"
    path.write_text(text.replace("2001-03,trough,2001-11,confirmed", "2001-03,trough,2001-11,x"))
    assert check_derived(folder=tmp_path) == [
        "fact_confirmation.csv, nber_cycles 2001-03 trough: status is 'confirmed' computed, 'x'"
        " kept; run `smallcap derive`"
    ]
    path.write_text("\n".join(text.splitlines()[:-1]) + "\n")
    assert (
        "other rows than the snapshot gives, first nber_cycles" in check_derived(folder=tmp_path)[0]
    )
    path.write_text(text.replace("FEDFUNDS to", "GS10 to"))
    assert "states another origin" in check_derived(folder=tmp_path)[0]
    path.write_text(text + text.splitlines()[-1] + "\n")
    with pytest.raises(InputError, match="a row stands twice"):
        check_derived(folder=tmp_path)


@pytest.fixture
def two_vintages(pulled, monkeypatch):
    """Put a made-up comparison of vintages in the place of the long one."""

    def put(**changes: object) -> None:
        row = dict.fromkeys(vintages.COLUMNS) | {
            "claim": "bofa-9-vs-1", "basis": "june", "history": "older", "estimate": 0.123456,
            "p_value": 0.04, "n": 100, "reason": "p = 0.040 against 0.05", "verdict": "supported",
        }  # fmt: skip
        table = pd.DataFrame([row | changes, row | {"basis": "", "verdict": None}])
        monkeypatch.setattr(vintages, "vintage_verdicts", lambda older, newer: table)

    for name in ("load_latest", "vintage_dataset"):
        monkeypatch.setattr(derivation, name, lambda where: None)
    monkeypatch.setattr(FakeSnapshot, "name", "made up", raising=False)
    monkeypatch.setattr(vintages, "vintage_of", lambda dataset: "202408")
    put()
    return put


def test_the_vintages_are_written_where_a_folder_is_named(two_vintages, tmp_path, monkeypatch):
    """By option or environment; without either the table stays as it is."""
    assert "vintage_verdicts.csv" not in derive_tables()
    written = write_derived(folder=tmp_path, vintage="anywhere")
    assert written[-1].name == "vintage_verdicts.csv"
    assert "derive --vintage FOLDER` from" in written[-1].read_text()
    monkeypatch.setenv("SMALLCAP_VINTAGE", "anywhere")
    assert check_derived(folder=tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"estimate": 0.123457, "p_value": 0.0404, "reason": "p = 0.041 against 0.05"}, ""),
        ({"estimate": 0.1236}, "bofa-9-vs-1 june older: estimate is '0.1236' computed, '0.123456'"),
        ({"p_value": 0.041}, "p_value is '0.041' computed"),
        ({"verdict": "contradicted"}, "verdict is 'contradicted' computed"),
        ({"reason": "not met: p = 0.04 against 0.05"}, "reason is"),
        ({"estimate": None}, "estimate is '' computed"),
    ],
)
def test_what_a_machine_may_change_passes_and_nothing_more(two_vintages, tmp_path, changes, found):
    """The last digits and a single draw may differ; verdicts and words may not."""
    write_derived(folder=tmp_path, vintage="anywhere")
    two_vintages(**changes)
    problems = check_derived(folder=tmp_path, vintage="anywhere")
    assert len(problems) == bool(found) and found in "".join(problems)


def test_six_significant_digits():
    """Enough to test with, too few to stand for the publisher's own numbers."""
    table = pd.DataFrame(
        {"gap_june": [1.23456789], "gap_december": [0.000123456789]},
        index=pd.PeriodIndex(["2000-06"], freq="M", name="june"),
    )
    assert valuation_text(table, "200412").endswith(
        "june,gap_june,gap_december\n2000-06,1.23457,0.000123457\n"
    )


def test_the_table_kept_holds_the_whole_history():
    """From June 1926, every June once; percentiles are those of the gaps kept."""
    table = load_valuation_gap()
    assert str(table.index[0]) == "1926-06" and len(table) >= 100
    assert list(np.diff(table.index.year)) == [1] * (len(table) - 1)
    for basis in ("june", "december"):
        gap = table[f"gap_{basis}"].to_numpy()
        place = [np.mean(gap[: at + 1] <= value) for at, value in enumerate(gap)]
        np.testing.assert_allclose(table[f"percentile_{basis}"], place, rtol=1e-5)


def test_the_command_fails_on_a_difference_and_says_what_it_leaves(pulled):
    """Made-up files differ from the tables kept: exit code 1, one line a difference."""
    done = CliRunner().invoke(app, ["derive", "--check"])
    assert done.exit_code == 1
    said = done.stderr.splitlines()
    assert said[0] == "vintage_verdicts.csv is left as it is: no --vintage FOLDER"
    assert said[1].startswith("smallcap: valuation_gap.csv has other Junes than the snapshot")
    assert "agrees" not in done.stdout


@pytest.mark.slow
@pytest.mark.publishers
def test_the_tables_kept_are_what_the_publishers_files_give(tmp_path, monkeypatch):
    """Computed again from the real files: gaps, facts, and the verdicts on both vintages."""
    folder = Path(os.environ["SMALLCAP_PUBLISHERS"])
    [vintage] = (folder / "vintages").iterdir()
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path))
    pull_snapshot(folder)
    assert check_derived(vintage=vintage) == []
    kept = {path.name for path in derivation.DERIVED_FOLDER.glob("*.csv")}
    assert kept >= {derivation.FILE, derivation.FACTS_FILE, derivation.VINTAGES_FILE}
