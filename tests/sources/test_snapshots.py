"""Tests of snapshots and of what changes between them."""

import datetime as dt
import json

import numpy as np
import pytest

from analysis.files import checksum
from analysis.results import InputError
from analysis.sources.pull import pull_snapshot
from analysis.sources.revisions import diff_snapshots
from analysis.sources.snapshots import (
    check_objects,
    current_name,
    load_snapshot,
    read_tables,
    remove_snapshot,
    sound_and_damaged,
    use_snapshot,
)

pytestmark = pytest.mark.usefixtures("small_catalogue")


@pytest.fixture
def mirror(tmp_path, files):
    """The made-up files as a mirror folder."""
    for path, content in files.items():
        target = tmp_path / "mirror" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return tmp_path / "mirror"


def test_manifest(tmp_path, mirror, files):
    """A snapshot names every file with address, time, checksum, size and stated vintage."""
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    assert load_snapshot(cache=tmp_path / "cache") == snapshot
    assert set(snapshot.ids()) == {path.replace("_CSV.zip", "").rsplit(".", 1)[0] for path in files}
    entry = snapshot.entry("french/6_Portfolios_2x3")
    assert entry.vintage == "202112" and entry.size == len(files[entry.path])
    assert entry.sha256 == checksum(files[entry.path])
    assert entry.address == str(mirror / entry.path)
    assert snapshot.name.startswith("2021-12-")
    kept = tmp_path / "cache" / "objects" / entry.sha256
    assert kept.read_bytes() == files[entry.path]


def test_a_manifest_from_before_there_were_oddities_keeps_its_seal(tmp_path, mirror):
    """Without oddities the field does not count; with one it does."""
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    path = tmp_path / "cache" / "snapshots" / f"{snapshot.name}.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    assert raw.pop("oddities") == {}
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert load_snapshot(cache=tmp_path / "cache") == snapshot
    path.write_text(json.dumps({**raw, "oddities": {"prices/SPY": "fine"}}), encoding="utf-8")
    with pytest.raises(InputError, match=snapshot.name):
        load_snapshot(cache=tmp_path / "cache")


def test_read_tables(tmp_path, mirror):
    """Tables come out by id and name, and a caller's change does not reach the next caller."""
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    frame = read_tables(snapshot, "french/6_Portfolios_2x3")["vw_monthly"]
    before = frame.iloc[0, 0]
    frame.iloc[0, 0] = 77.0
    assert read_tables(snapshot, "french/6_Portfolios_2x3")["vw_monthly"].iloc[0, 0] == before
    assert read_tables(snapshot, "fred/FEDFUNDS")["FEDFUNDS"].attrs["unit"] == "percent a year"
    with pytest.raises(InputError, match=r"does not hold prices/QQQ; run `smallcap pull --prices"):
        read_tables(snapshot, "prices/QQQ")


def test_changed_object_is_not_read(tmp_path, mirror):
    """A file changed in the cache is refused by name before it is read."""
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    entry = snapshot.entry("fred/FEDFUNDS")
    kept = tmp_path / "cache" / "objects" / entry.sha256
    kept.write_bytes(kept.read_bytes().replace(b"1.1", b"9.9"))
    with pytest.raises(InputError, match=r"fred/FEDFUNDS\.csv .* does not have its checksum"):
        read_tables(snapshot, "fred/FEDFUNDS")["FEDFUNDS"]
    assert pull_snapshot(mirror, cache=tmp_path / "cache") == snapshot
    assert read_tables(snapshot, "fred/FEDFUNDS")["FEDFUNDS"].iloc[1, 0] == 1.1


def test_changed_manifest_is_refused(tmp_path, mirror):
    """A manifest changed after it was written is refused."""
    snapshot = pull_snapshot(mirror, cache=tmp_path / "cache")
    path = tmp_path / "cache" / "snapshots" / f"{snapshot.name}.json"
    whole = path.read_text()
    raw = json.loads(whole)
    raw["entries"].pop()
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError, match="changed after it was written"):
        load_snapshot(cache=tmp_path / "cache")
    for field, value in (("created", "1999-01-01"), ("notes", ["<script>"]), ("absent", ["x"])):
        path.write_text(json.dumps(json.loads(whole) | {field: value}))
        with pytest.raises(InputError, match="changed after it was written"):
            load_snapshot(cache=tmp_path / "cache")
    path.write_text("{")
    with pytest.raises(InputError, match="is no manifest"):
        load_snapshot(snapshot.name, tmp_path / "cache")


def test_names(tmp_path):
    """Before the first pull and for unknown names the answer says what to run."""
    with pytest.raises(InputError, match="run `smallcap pull`"):
        load_snapshot(cache=tmp_path)
    with pytest.raises(InputError, match="no name of a snapshot"):
        load_snapshot("../../etc/passwd", tmp_path)
    with pytest.raises(InputError, match="there is no snapshot 2020-01-000000000000"):
        load_snapshot("2020-01-000000000000", tmp_path)


def test_same_content_same_snapshot(tmp_path, mirror):
    """Pulling what is held already makes no second snapshot."""
    first = pull_snapshot(mirror, cache=tmp_path / "cache")
    again = pull_snapshot(mirror, cache=tmp_path / "cache")
    assert again == first and len(sound_and_damaged(tmp_path / "cache")[0]) == 1


def test_difference(tmp_path, mirror, formats):
    """New months, revised cells and the largest revision are counted as made by hand."""
    old = pull_snapshot(mirror, cache=tmp_path / "cache")
    text = formats.french(last="2022-02").replace("202003,    1.0000", "202003,    3.5000", 1)
    (mirror / "french" / "6_Portfolios_2x3_CSV.zip").write_bytes(formats.zipped(text))
    (mirror / "prices" / "SPY.csv").unlink()
    (mirror / "prices").rmdir()
    new = pull_snapshot(mirror, cache=tmp_path / "cache")
    assert [item.name for item in sound_and_damaged(tmp_path / "cache")[0]].count(new.name) == 1
    assert current_name(tmp_path / "cache") == new.name
    changes = diff_snapshots(old.name, cache=tmp_path / "cache")
    assert changes.removed == ("prices/SPY",) and changes.added == ()
    assert len(changes.unchanged) == 5
    revision = changes.revisions[0]
    assert (revision.table, revision.added, revision.last_added) == ("vw_monthly", 2, "2022-02")
    assert (revision.compared, revision.revised) == (24 * 6, 1)
    assert np.isclose(revision.largest, 2.5) and revision.where == "SMALL LoBM, 2020-03"
    assert "2 new dates, 2022-01 to 2022-02; 1 of 144 cells revised" in str(changes)
    assert len(changes.frame()) == 10
    calm = diff_snapshots(old, new, tolerance=3.0)
    assert calm.revisions[0].revised == 0
    assert load_snapshot(old.name, tmp_path / "cache") == old


def test_equal_content_is_one_snapshot_whatever_the_day(tmp_path, mirror):
    """The name says what is held: two caches filled on two days hold the same snapshot."""
    days = (dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (5, 6))
    names = {pull_snapshot(mirror, cache=tmp_path / str(day), now=day).name for day in days}
    assert len(names) == 1


def test_put_in_force_and_remove(tmp_path, mirror, formats):
    """An earlier snapshot can be put in force again; one that is not in force can be removed."""
    cache = tmp_path / "cache"
    old = pull_snapshot(mirror, cache=cache)
    (mirror / "french" / "6_Portfolios_2x3_CSV.zip").write_bytes(
        formats.zipped(formats.french(last="2022-02"))
    )
    new = pull_snapshot(mirror, cache=cache)
    with pytest.raises(InputError, match="is in force"):
        remove_snapshot(new.name, cache)
    assert use_snapshot(old.name, cache) == old and current_name(cache) == old.name
    assert remove_snapshot(new.name, cache) == 1
    assert [one.name for one in sound_and_damaged(cache)[0]] == [old.name]
    check_objects(old)
    with pytest.raises(InputError, match="there is no snapshot"):
        use_snapshot(new.name, cache)
