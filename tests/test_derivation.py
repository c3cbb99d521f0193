"""The derived tables: what is kept is what the files give."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import derivation
from analysis.derivation import check_derived, derive_tables, valuation_text, write_derived
from analysis.results import InputError
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

    def entry(self, id: str) -> "FakeSnapshot":
        return self


@pytest.fixture
def pulled(monkeypatch):
    """Put a fake snapshot in force."""

    def put(vintage: str = "200412", scale: float = 1.0) -> None:
        monkeypatch.setattr(derivation, "load_snapshot", lambda name: FakeSnapshot(vintage, scale))
        monkeypatch.setattr(derivation, "read_tables", lambda snapshot, id: snapshot.tables)

    put()
    return put


def test_what_is_written_is_read_back_and_agrees(pulled, tmp_path):
    """The file states its command and vintage; the reader takes it; the check finds nothing."""
    [path] = write_derived(folder=tmp_path / "derived")
    text = path.read_text()
    assert text.startswith("# Computed by `smallcap derive`") and "vintage 200412" in text
    table = load_valuation_gap(folder=path.parent)
    assert list(table.index.astype(str)) == ["2000-06", "2001-06", "2002-06", "2003-06", "2004-06"]
    assert check_derived(folder=path.parent) == []
    assert [entry.name for entry in path.parent.iterdir()] == ["valuation_gap.csv"]


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
    [path] = write_derived(folder=tmp_path)
    first = load_valuation_gap(folder=tmp_path)["gap_june"].iloc[0]
    path.write_text(path.read_text().replace(f"{first:.6g}", f"{first + 0.0005:.6g}"))
    [problem] = check_derived(folder=tmp_path)
    assert "differs in 1 Junes, most in gap_june of 2000-06" in problem


def test_other_junes_vintages_and_no_file_are_found(pulled, tmp_path):
    """A lost line, a new vintage with the same numbers, and no table at all."""
    assert check_derived(folder=tmp_path) == ["valuation_gap.csv is missing; run `smallcap derive`"]
    [path] = write_derived(folder=tmp_path)
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
    [path] = write_derived(folder=tmp_path)
    before = path.read_bytes()
    pulled("200501", scale=2.0)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_derived(folder=tmp_path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


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


@pytest.mark.publishers
def test_the_table_kept_is_what_the_publishers_files_give(tmp_path, monkeypatch):
    """Computed again from the real files, to the last digit kept."""
    folder = Path(os.environ["SMALLCAP_PUBLISHERS"])
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path))
    pull_snapshot(folder)
    assert check_derived() == []
    assert set(derive_tables()) == {path.name for path in derivation.DERIVED_FOLDER.glob("*.csv")}
