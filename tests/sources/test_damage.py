"""Damaged files of the cache and of ``data``: one line, the file, the remedy; the rest goes on."""

import datetime as dt
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from analysis import __main__ as command_line
from analysis.results import InputError
from analysis.sources import store
from analysis.sources.derived import DERIVED_FOLDER, load_valuation_gap
from analysis.sources.facts import FACTS_FOLDER, load_facts
from analysis.sources.pull import pull_snapshot
from analysis.sources.snapshots import (
    Entry,
    current_name,
    load_snapshot,
    remove_snapshot,
    sound_and_damaged,
    use_snapshot,
)


@pytest.fixture
def mirror(tmp_path, files):
    """The made-up files as a mirror folder."""
    for path, content in files.items():
        target = tmp_path / "mirror" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tmp_path / "mirror"


@pytest.fixture
def cache(tmp_path, mirror, small_catalogue, monkeypatch):
    """A cache with two snapshots that share files; the later one is in force."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(store.CACHE_VARIABLE, str(folder))
    pull_snapshot(mirror, now=dt.datetime(2022, 1, 1, tzinfo=dt.UTC))
    rates = mirror / "fred" / "FEDFUNDS.csv"
    rates.write_text(rates.read_text().replace("2020-03-01,", "2020-03-01,1"))
    pull_snapshot(mirror, now=dt.datetime(2022, 1, 2, tzinfo=dt.UTC))
    return folder


def smallcap(monkeypatch, *arguments):
    """Exit code of a call in this process."""
    monkeypatch.setattr(sys, "argv", ["smallcap", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    return ended.value.code or 0


MANIFESTS = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "no JSON": lambda path: path.write_bytes(b"\xff\xfe\x00snapshot"),
    "a list": lambda path: path.write_text("[1, 2]"),
    "deep": lambda path: path.write_text("[" * 100_000),
    "changed": lambda path: path.write_text(path.read_text().replace("2021-12", "2021-11")),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", MANIFESTS.values(), ids=list(MANIFESTS))
def test_one_damaged_manifest_leaves_the_others(cache, monkeypatch, capsys, damage):
    """The sound snapshot is listed, shown and put in force; the damaged one is named."""
    later, earlier = sound_and_damaged()[0]
    damage(cache / "snapshots" / f"{later.name}.json")
    found, [line] = sound_and_damaged()
    assert [one.name for one in found] == [earlier.name]
    assert f"{later.name}.json" in line and "smallcap pull" in line
    assert smallcap(monkeypatch, "snapshots") == 0
    said = capsys.readouterr()
    assert said.out.startswith(earlier.name) and later.name not in said.out
    assert said.err == f"smallcap: {line}\n"
    assert smallcap(monkeypatch, "snapshots", later.name) == 2
    assert capsys.readouterr().err == f"smallcap: {line}\n"
    assert smallcap(monkeypatch, "snapshots", earlier.name, "--use") == 0
    assert load_snapshot().name == earlier.name


def test_a_damaged_manifest_keeps_the_files_it_names(cache):
    """Removing a snapshot removes nothing that a damaged manifest still names."""
    later, earlier = sound_and_damaged()[0]
    path = cache / "snapshots" / f"{later.name}.json"
    whole = path.read_text()
    path.write_text(whole[:-30])
    use_snapshot(earlier.name)
    with pytest.raises(InputError):
        remove_snapshot(later.name)
    path.write_text(whole)
    use_snapshot(later.name)
    path.write_text(whole[:-30])
    assert remove_snapshot(earlier.name) == 1
    path.write_text(whole)
    assert use_snapshot(later.name) == later


CURRENTS = {
    "empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00\x01"),
    "another name": lambda path: path.write_text("../../etc/passwd\n"),
    "digits of another script": lambda path: path.write_text("２０２１-12-0123456789ab\n"),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("damage", CURRENTS.values(), ids=list(CURRENTS))
def test_a_damaged_current_is_named_and_put_right(cache, mirror, monkeypatch, capsys, damage):
    """What needs the snapshot in force says how to name one; listing and choosing go on."""
    later, earlier = sound_and_damaged()[0]
    damage(cache / "current")
    with pytest.raises(InputError, match=r"current does not name a snapshot.*--use"):
        load_snapshot()
    with pytest.raises(InputError, match="current does not name"):
        remove_snapshot(earlier.name)
    assert smallcap(monkeypatch, "snapshots") == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == [later.name, earlier.name]
    assert "current does not name a snapshot" in said.err
    assert smallcap(monkeypatch, "pull", "--offline") == 2
    assert "current" in capsys.readouterr().err
    if (cache / "current").is_dir():
        (cache / "current").rmdir()
    assert pull_snapshot(mirror).name == current_name() == later.name


def test_current_that_names_a_removed_snapshot(cache):
    """The message says where the name comes from."""
    (cache / "current").write_text("2021-12-0123456789ab\n")
    with pytest.raises(InputError, match=r"no snapshot 2021-12-0123456789ab in .*current names"):
        load_snapshot()


JOURNALS = {
    "no text": b"\xff\xfe\x00\x01",
    "half a line": b'{"id": "fred/FEDFUNDS", "pa',
    "no object": b'[1]\n"x"\nnull\n',
    "a time without a zone": None,
    "deep": b"[" * 200_000,
}


@pytest.mark.parametrize("content", JOURNALS.values(), ids=list(JOURNALS))
def test_a_damaged_journal_costs_only_time(cache, mirror, content):
    """The pull fetches everything anew and leaves no journal."""
    if content is None:
        entry = load_snapshot().entry("fred/FEDFUNDS").model_dump()
        content = json.dumps({**entry, "fetched": "2022-01-01", "address": "https://x"}).encode()
    (cache / "pulling.jsonl").write_bytes(content)
    name = current_name()
    assert pull_snapshot(mirror).name == name
    assert not (cache / "pulling.jsonl").exists()


def test_a_journal_that_is_a_pipe(cache, mirror):
    """It is not waited for."""
    os.mkfifo(cache / "pulling.jsonl")
    assert pull_snapshot(mirror).name == current_name()


@pytest.mark.parametrize("vintage", ["<script>alert(1)</script>", "2021\u202e12", "２０２１12", ""])
def test_a_vintage_is_a_date_and_nothing_else(cache, vintage):
    """Even under a seal that fits, a field that would reach a page is checked for its form."""
    later = load_snapshot()
    changed = later.entries[0].model_dump() | {"vintage": vintage}
    with pytest.raises(ValueError, match="vintage"):
        Entry(**changed)
    made = later.model_dump(mode="json") | {"seal": ""}
    made["entries"][0]["vintage"] = vintage
    made["seal"] = store.checksum(
        json.dumps({k: v for k, v in made.items() if k != "seal"}, sort_keys=True).encode()
    )
    (cache / "snapshots" / f"{later.name}.json").write_text(json.dumps(made))
    with pytest.raises(InputError, match="is no manifest"):
        load_snapshot()


def test_a_pipe_in_a_mirror_is_no_regular_file(cache, mirror, monkeypatch, capsys):
    """A publisher's file and a fund's export that are pipes are refused, not waited for."""
    name = current_name()
    for path in (mirror / "fred" / "FEDFUNDS.csv", mirror / "prices" / "SPY.csv"):
        content = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        assert smallcap(monkeypatch, "pull", "--from", mirror) == 2
        said = capsys.readouterr().err.splitlines()[-1]
        assert path.name in said and "no regular file" in said and f"{name} stays in force" in said
        path.unlink()
        path.write_bytes(content)


def test_a_device_in_a_mirror_is_no_regular_file(cache, mirror):
    """A link to a device that never ends is refused too."""
    (mirror / "fred" / "FEDFUNDS.csv").unlink()
    (mirror / "fred" / "FEDFUNDS.csv").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="no regular file"):
        pull_snapshot(mirror)


TABLES = {
    "cut in a line": lambda content: content[: content.rindex(b"\n") - 4],
    "cut after a line without its break": lambda content: content.rstrip(b"\n"),
    "no text": lambda content: b"\xff\xfe\x00" + content,
    "empty": lambda content: b"",
    "a cell too many": lambda content: content.replace(b"\n", b",1\n", 6),
    "an open quote": lambda content: content.replace(b"\n", b'\n"', 3),
    "a column twice": lambda content: content.replace(b"june,gap_june", b"june,june").replace(
        b"peak,trough", b"peak,peak", 1
    ),
    "a zero byte": lambda content: content[:-1] + b"\x00\n",
}


@pytest.mark.parametrize("damage", TABLES.values(), ids=list(TABLES))
def test_a_damaged_fact_table_is_named(tmp_path, damage):
    """One line with the file and the remedy."""
    folder = Path(shutil.copytree(FACTS_FOLDER, tmp_path / "facts"))
    path = folder / "nber_cycles.csv"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError) as caught:
        load_facts(None, folder)
    [line] = str(caught.value).splitlines()
    assert line.startswith("nber_cycles.csv")


@pytest.mark.parametrize("damage", TABLES.values(), ids=list(TABLES))
def test_a_damaged_derived_table_is_named(tmp_path, damage):
    """One line with the file and the remedy."""
    folder = Path(shutil.copytree(DERIVED_FOLDER, tmp_path / "derived"))
    path = folder / "valuation_gap.csv"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError) as caught:
        load_valuation_gap(None, folder)
    [line] = str(caught.value).splitlines()
    assert line.startswith("valuation_gap.csv")
    assert "smallcap derive" in line


@pytest.mark.parametrize("cell", ["1e999", "inf", "\uff10.5", "0x10", "1_0", "--"])
def test_a_number_of_a_derived_table_is_a_number(tmp_path, cell):
    """What Python would take for one and a reader would not is refused by column."""
    path = tmp_path / "valuation_gap.csv"
    path.write_text(
        f"june,gap_june,gap_december,percentile_june,percentile_december\n1927-06,{cell},0.6,1,1\n"
    )
    with pytest.raises(InputError, match=r"valuation_gap\.csv, column gap_june"):
        load_valuation_gap(folder=tmp_path)


def test_a_table_that_is_a_pipe_is_not_waited_for(tmp_path):
    """Facts and derived tables are regular files."""
    os.mkfifo(tmp_path / "valuation_gap.csv")
    with pytest.raises(InputError, match="no regular file"):
        load_valuation_gap(folder=tmp_path)
