"""Tests of the pull: whatever goes wrong, the earlier snapshot stays in force and readable."""

import datetime as dt
import errno
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.files import checksum
from analysis.results import InputError
from analysis.sources import catalog, store
from analysis.sources.downloads import RetryPolicy
from analysis.sources.pull import pull_snapshot
from analysis.sources.snapshots import (
    check_objects,
    current_name,
    load_snapshot,
    read_tables,
    sound_and_damaged,
)
from analysis.sources.yahoo import pull_yahoo

HASTY = RetryPolicy(attempts=3, connect=10.0, read=10.0, deadline=20.0, backoff=0.01)
RATE = "fred/FEDFUNDS.csv"


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def pull(publishers, cache, **options):
    options = {"retry_policy": HASTY, **options}
    return pull_snapshot(options.pop("base", publishers.address), cache=cache, **options)


@pytest.fixture
def earlier(small_catalogue, publishers, cache):
    """A complete snapshot, in force before something goes wrong."""
    return pull(publishers, cache)


def assert_in_force(snapshot, cache):
    """The snapshot is the only one, every file of it reads, and nothing lies about half done."""
    assert load_snapshot(cache=cache) == snapshot
    assert sound_and_damaged(cache)[0] == [snapshot]
    check_objects(snapshot)
    for id in snapshot.ids():
        assert read_tables(snapshot, id)
    for path in (cache / "objects").iterdir():
        assert checksum(path.read_bytes()) == path.name


def test_complete(small_catalogue, publishers, cache, files):
    """A pull fetches every file once, tells how it gets on, and names the snapshot by the day."""
    seen = []
    day = dt.datetime(2022, 1, 5, 12, tzinfo=dt.UTC)
    snapshot = pull(publishers, cache, progress=seen.append, now=day)
    assert sorted(publishers.asked) == sorted(files)
    assert snapshot.name.startswith("2021-12-")
    assert {step.id for step in seen if step.state == "kept"} == set(snapshot.ids())
    assert all(step.files == len(files) for step in seen)
    assert any(step.state == "fetching" and step.done == step.total > 0 for step in seen)
    assert_in_force(snapshot, cache)
    assert not list((cache / "partial").iterdir()) and not (cache / "pulling.jsonl").exists()


def test_own_addresses(small_catalogue, publishers, cache):
    """The publishers' own paths work, the workbook by the link on its home page."""
    snapshot = pull(publishers, cache, base=publishers.own_addresses())
    assert snapshot.entry("shiller/ie_data").address.endswith("/home/")
    assert "prices/SPY" not in snapshot.ids()
    publishers.faults["home/"] = [b"<html>nothing here</html>"]
    with pytest.raises(InputError, match=r"links to no ie_data\.xls any more"):
        pull(publishers, cache, base=publishers.own_addresses())
    assert_in_force(snapshot, cache)


def test_prices_of_the_user(small_catalogue, publishers, cache, tmp_path, formats):
    """A folder of exports adds its tickers; a bad export stops the pull by name."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "ABC.csv").write_text(formats.prices())
    snapshot = pull(publishers, cache, base=publishers.own_addresses(), prices=tmp_path / "mine")
    assert len(read_tables(snapshot, "prices/ABC")["Close"]) == 66
    (tmp_path / "mine" / "ABC.csv").write_text(formats.prices().replace("Close", "Price"))
    with pytest.raises(
        InputError, match=r"prices/ABC\.csv .*export one fund's daily adjusted closes"
    ):
        pull(publishers, cache, base=publishers.own_addresses(), prices=tmp_path / "mine")
    assert_in_force(snapshot, cache)
    served = pull(
        publishers,
        cache.parent / "other",
        base=publishers.own_addresses(),
        prices=f"{publishers.address}/prices",
    )
    assert served.entry("prices/SPY").address == f"{publishers.address}/prices/SPY.csv"
    with pytest.raises(InputError, match="holds no exports"):
        pull(publishers, cache, prices=tmp_path / "cache")


def test_absent_optional_and_required(publishers, cache, earlier):
    """An optional file that is not served is noted; a required one keeps the earlier snapshot."""
    optional = "french/Portfolios_Formed_on_ME_CSV.zip"
    publishers.faults = {RATE: [404, "ok"], optional: [404]}
    with pytest.raises(InputError, match=rf"{RATE} is not at .*correct .*{earlier.name} stays"):
        pull(publishers, cache)
    assert_in_force(earlier, cache)
    assert pull(publishers, cache).absent == ("french/Portfolios_Formed_on_ME",)


def test_error_then_success(small_catalogue, publishers, cache):
    """A server that fails twice is asked a third time, and the retries are told."""
    publishers.faults[RATE] = [500, 503, "ok"]
    seen = []
    snapshot = pull(publishers, cache, progress=seen.append)
    assert publishers.asked.count(RATE) == 3
    assert [step.id for step in seen if step.state == "retrying"] == ["fred/FEDFUNDS"] * 2
    assert_in_force(snapshot, cache)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "asked", "complaint"),
    [
        (500, 3, "the server answers 500"),
        (403, 1, "the server answers 403"),
        ("hang", 3, "could not be fetched"),
        ("cut", 3, "cut in the middle"),
        (b"<!DOCTYPE html><html>Sign in</html>", 1, "is a web page"),
        (b"observation_date,OTHER\n2020-01-01,1\n", 1, "opens with 'observation_date,OTHER'"),
        (b"observation_date,FEDFUNDS\n2020-01-01,1\n2020-03-01,1\n", 1, "leaves out"),
        (b"observation_date,FEDFUNDS\n2020-01-01,99\n", 1, "outside its plausible range"),
        (b"", 1, "is empty"),
        ("http://192.0.2.1/elsewhere.csv", 1, "http is not safe"),
    ],
)
def test_fault(publishers, cache, earlier, fault, asked, complaint):
    """Each fault is named with its file and a remedy, and the earlier snapshot stays in force."""
    publishers.asked.clear()
    publishers.faults[RATE] = [fault]
    retry_policy = replace(HASTY, read=0.15) if fault == "hang" else HASTY
    with pytest.raises(InputError, match=complaint) as caught:
        pull(publishers, cache, retry_policy=retry_policy)
    words = str(caught.value)
    assert (RATE in words or "elsewhere.csv" in words) and "; " in words
    assert f"snapshot {earlier.name} stays in force" in words
    assert publishers.asked.count(RATE) == asked
    assert_in_force(earlier, cache)


def test_limits(publishers, cache, earlier):
    """A file that is too large or drips in too slowly is given up."""
    publishers.faults[RATE] = ["drip"]
    slow = RetryPolicy(attempts=1, connect=10.0, read=10.0, deadline=0.1, backoff=0.01)
    with pytest.raises(InputError, match=rf"{RATE} could not be .* does not answer in time"):
        pull(publishers, cache, retry_policy=slow)
    publishers.faults[RATE] = [b"x" * 200_000]
    small = RetryPolicy(attempts=1, max_bytes=100_000)
    with pytest.raises(InputError, match=rf"{RATE} .*larger than 100000 bytes"):
        pull(publishers, cache, retry_policy=small)
    assert_in_force(earlier, cache)


def test_many_faults_in_one_sentence(publishers, cache, earlier):
    """Three faults are told in full, the others by name."""
    publishers.faults = {path: [404] for path in publishers.files}
    with pytest.raises(
        InputError, match=r"^5 files failed: .*; also french/F-F.*, shiller/ie_data"
    ):
        pull(publishers, cache)
    assert_in_force(earlier, cache)


def test_resume(small_catalogue, publishers, cache):
    """What a failed pull fetched is taken up by the next, unless damaged."""
    publishers.faults[RATE] = [404]
    for _ in range(2):
        with pytest.raises(InputError, match="there is no snapshot yet"):
            pull(publishers, cache)
    assert current_name(cache) is None
    assert publishers.asked.count("shiller/ie_data.xls") == 1
    (cache / "objects" / checksum(publishers.files["shiller/ie_data.xls"])).write_bytes(b"")
    with open(cache / "pulling.jsonl", "a") as stream:
        stream.write('{"id": "half a li')
    publishers.faults = {}
    seen = []
    snapshot = pull(publishers, cache, progress=seen.append)
    assert publishers.asked.count("shiller/ie_data.xls") == 2
    assert publishers.asked.count("prices/SPY.csv") == 1
    assert sum(step.state == "resumed" for step in seen) == 5
    assert_in_force(snapshot, cache)
    pull(publishers, cache)
    assert publishers.asked.count("prices/SPY.csv") == 2


def test_resume_grows_old(small_catalogue, publishers, cache):
    """A day later an unfinished pull counts for nothing."""
    publishers.faults[RATE] = [404, "ok"]
    day = dt.datetime(2022, 1, 5, tzinfo=dt.UTC)
    with pytest.raises(InputError):
        pull(publishers, cache, now=day)
    pull(publishers, cache, now=day + dt.timedelta(days=1))
    assert publishers.asked.count("prices/SPY.csv") == 2


def test_some_ids(publishers, cache, earlier, formats):
    """Asked for one file, a pull takes the others over; with none to take over it refuses."""
    publishers.files[RATE] = formats.fred("FEDFUNDS").replace(",1.5\n", ",1.6\n").encode()
    publishers.asked.clear()
    snapshot = pull(publishers, cache, ids=["fred/FEDFUNDS"])
    assert publishers.asked == [RATE]
    assert snapshot.ids() == earlier.ids() and snapshot.name != earlier.name
    with pytest.raises(InputError, match=r"lacks french/6_Portfolios_2x3_CSV\.zip"):
        pull(publishers, cache.parent / "other", ids=["fred/FEDFUNDS"])
    with pytest.raises(InputError, match="no source is called"):
        pull(publishers, cache, ids=["fred/NONE"])


def test_offline(publishers, cache, earlier):
    """Offline, the snapshot in force is checked and returned without a request."""
    publishers.asked.clear()
    assert pull(publishers, cache, offline=True) == earlier
    assert publishers.asked == []
    (cache / "objects" / earlier.entry("fred/FEDFUNDS").sha256).unlink()
    with pytest.raises(InputError, match=r"fred/FEDFUNDS\.csv is not in the cache"):
        pull(publishers, cache, offline=True)
    with pytest.raises(InputError, match="no snapshot"):
        pull(publishers, cache.parent / "other", offline=True)


def test_unsafe_addresses(small_catalogue, cache, tmp_path):
    """Plain http from elsewhere, other schemes and folders that are not there are refused."""
    for base in ("http://example.org/mirror", "ftp://example.org"):
        with pytest.raises(InputError, match="not safe"):
            pull_snapshot(base, cache=cache)
    with pytest.raises(InputError, match="is no folder"):
        pull_snapshot(tmp_path / "nothing", cache=cache)
    assert not cache.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("place", ["replace", "fsync", "mkdir"])
def test_disk(publishers, cache, earlier, monkeypatch, formats, code, place):
    """A full or read-only disk is said to be so, with file, folder and remedy."""
    publishers.files[RATE] = formats.fred("FEDFUNDS").replace(",1.5\n", ",1.6\n").encode()

    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(*((Path, place) if place == "mkdir" else (os, place)), fail)
        with pytest.raises(InputError) as caught:
            pull(publishers, cache)
    words = str(caught.value)
    assert ("disk is full" if code == errno.ENOSPC else "read-only") in words
    assert str(cache) in words and "SMALLCAP_CACHE" in words
    assert place == "mkdir" or (RATE in words and earlier.name in words)
    assert_in_force(earlier, cache)


def test_disk_full_while_bytes_arrive(publishers, cache, earlier):
    """A disk that fills up in the middle of a download is not taken for a fault of the server."""
    script = f"""
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from dataclasses import replace
from pathlib import Path
from analysis.sources import catalog, pull, tables, store
catalog.CATALOGUE_FILE = Path({str(catalog.CATALOGUE_FILE)!r})
import pooch, requests, filelock
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    pull.pull_snapshot({publishers.address!r}, cache={str(cache)!r})
except store.DiskError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "the disk is full" in run.stdout, run.stderr
    assert earlier.name in run.stdout
    assert_in_force(earlier, cache)


def test_kill(publishers, cache, earlier, formats):
    """Killed in the middle, a pull leaves the earlier snapshot; the next one takes up its files."""
    publishers.files["prices/SPY.csv"] = formats.prices().replace(",100.25", ",100.5").encode()
    publishers.faults["shiller/ie_data.xls"] = ["hang", "ok"]
    script = f"""
from dataclasses import replace
from pathlib import Path
from analysis.sources import catalog, pull
catalog.CATALOGUE_FILE = Path({str(catalog.CATALOGUE_FILE)!r})
pull.pull_snapshot({publishers.address!r}, cache={str(cache)!r})
"""
    publishers.asked.clear()
    process = subprocess.Popen([sys.executable, "-c", script])
    journal, end = cache / "pulling.jsonl", time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if journal.exists() and journal.read_text().count("\n") == len(publishers.files) - 1:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    assert list((cache / "partial").iterdir())
    assert_in_force(earlier, cache)
    snapshot = pull(publishers, cache)
    assert snapshot.name != earlier.name
    assert publishers.asked.count("prices/SPY.csv") == 1
    assert publishers.asked.count("shiller/ie_data.xls") == 2
    assert not list((cache / "partial").iterdir())


def test_two_at_once(small_catalogue, publishers, cache):
    """Of two pulls into one cache the second waits, and both end with the same snapshot."""
    publishers.faults[RATE] = ["drip"]
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(pull(publishers, cache))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 2 and found[0] == found[1]
    assert_in_force(found[0], cache)


def test_waits_no_longer_than_told(publishers, cache, earlier):
    """A pull that cannot have the cache in time says that another is at work."""
    import filelock

    with (
        filelock.FileLock(cache / "pull.lock"),
        pytest.raises(InputError, match=r"another pull into .* let it finish"),
    ):
        pull(publishers, cache, lock_timeout=0.1)
    assert_in_force(earlier, cache)


def test_cache_folder(monkeypatch, tmp_path):
    """The cache is what is given, else what the environment names, else the platform's."""
    monkeypatch.setenv("SMALLCAP_CACHE", str(tmp_path / "named"))
    assert store.cache_folder() == tmp_path / "named"
    assert store.cache_folder(tmp_path) == tmp_path
    monkeypatch.delenv("SMALLCAP_CACHE")
    assert store.cache_folder().name == "smallcap"


def test_yahoo(monkeypatch, tmp_path):
    """Closes from yfinance become exports the reader accepts; without it the answer says how."""
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(InputError, match=r"\.\[yahoo\]"):
        pull_yahoo(["SPY"], tmp_path)
    days = pd.DatetimeIndex(["2020-01-02", "2020-01-03"], tz="America/New_York")
    history = pd.DataFrame({"Close": [1.5, 1.6]}, index=days)
    ticker = SimpleNamespace(history=lambda **_: history)
    fake = SimpleNamespace(Ticker=lambda name: ticker if name == "SPY" else None)
    monkeypatch.setitem(sys.modules, "yfinance", fake)
    (path,) = pull_yahoo(["SPY"], tmp_path / "new")
    assert path.read_text() == "Date,Close\n2020-01-02,1.5\n2020-01-03,1.6\n"
    with pytest.raises(InputError, match="Yahoo gives no closes for NONE"):
        pull_yahoo(["NONE"], tmp_path / "new")


@pytest.mark.slow
@pytest.mark.publishers
def test_real_files(real_publishers, cache):
    """The complete pull works on the publishers' files in both layouts, with the real catalogue."""
    mirror = pull(real_publishers, cache, retry_policy=RetryPolicy())
    assert mirror.entry("french/25_Portfolios_5x5").vintage == "202604"
    assert mirror.absent == ("french/25_Portfolios_5x5_Wout_Div",)
    own = pull(real_publishers, cache, base=real_publishers.own_addresses())
    assert {entry.sha256 for entry in own.entries} <= {entry.sha256 for entry in mirror.entries}


def test_a_server_that_asks_for_time_is_given_it(small_catalogue, publishers, cache):
    """Retry-After is obeyed, as a number or a date, and the pull completes."""
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=2)
    date = soon.strftime("%a, %d %b %Y %H:%M:%S GMT")
    publishers.faults[RATE] = [(429, {"Retry-After": "1"}), (503, {"Retry-After": date}), "ok"]
    begun = time.monotonic()
    snapshot = pull(publishers, cache, retry_policy=RetryPolicy(backoff=0.01))
    assert time.monotonic() - begun >= 1.0
    assert "fred/FEDFUNDS" in snapshot.ids() and publishers.asked.count(RATE) == 3


def test_a_server_that_asks_for_too_long_is_named(small_catalogue, publishers, cache):
    """Nobody waits an hour for one file."""
    publishers.faults[RATE] = [(429, {"Retry-After": "3600"})]
    with pytest.raises(InputError, match="asks to be left alone for 3600 seconds"):
        pull(publishers, cache)


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_lets_no_script_in(small_catalogue, publishers, cache, status):
    """The remedy is one that works, asked once, by an agent that says who it is."""
    publishers.faults[RATE] = [status]
    with pytest.raises(InputError, match=r"download it in a browser .*--from FOLDER"):
        pull(publishers, cache)
    assert publishers.asked.count(RATE) == 1
    assert all(agent.startswith("smallcap/") for agent in publishers.agents)


@pytest.mark.parametrize(
    "headers", [{"Content-Length": "many"}, {"Content-Length": "-5"}, {"Location": "http://["}]
)
def test_malformed_headers(small_catalogue, publishers, cache, headers):
    """A length that is no number is passed over; an address that is none is one line."""
    publishers.faults[RATE] = [(302 if "Location" in headers else 200, headers)]
    if "Location" not in headers:
        assert "fred/FEDFUNDS" in pull(publishers, cache).ids()
        return
    with pytest.raises(InputError, match="fred/FEDFUNDS"):
        pull(publishers, cache)


def test_a_trickle_ends_at_the_deadline(small_catalogue, publishers, cache):
    """Bytes that come one by one are measured against the deadline, not against a full chunk."""
    publishers.faults[RATE] = ["drip"]
    publishers.files[RATE] = publishers.files[RATE] * 40
    begun = time.monotonic()
    with pytest.raises(InputError, match="does not answer in time"):
        pull(publishers, cache, retry_policy=RetryPolicy(attempts=1, deadline=0.3))
    assert time.monotonic() - begun < 5.0
