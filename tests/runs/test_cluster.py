"""A sweep on a Dask cluster: the same table, whatever happens to a worker."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec

import pytest

from analysis.results import InputError
from analysis.runs import cluster
from analysis.runs.cluster import check_scheduler
from analysis.runs.sweep import sweep

VALUES = {"as_of": ["1995-12", "2001-12", "2007-12"]}

needs_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra cluster")


@pytest.mark.parametrize("address", ["http://host:1", "tcp://host", "host:8786", "tcp://a b:1", ""])
def test_an_address_that_is_none_is_refused(tmp_path, address):
    """Before anything starts, in one line."""
    with pytest.raises(InputError, match="write it as tcp://HOST:PORT"):
        sweep("seasonality", VALUES, tmp_path / "out", engine="designs", scheduler=address)
    assert not (tmp_path / "out").exists()


def test_notebooks_do_not_leave_this_machine(tmp_path):
    """Their kernels are processes beside this one."""
    with pytest.raises(InputError, match="--engine designs"):
        sweep("seasonality", VALUES, tmp_path / "out", scheduler="tcp://127.0.0.1:1")


def test_without_dask_the_line_names_the_extra(monkeypatch):
    """It is optional."""
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="extra 'cluster'"):
        check_scheduler("tcp://127.0.0.1:8786")


@dataclass
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    workers: list[subprocess.Popen]


def start(*words, **more):
    environment = {**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False", **more}
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], *words[1:]]
    return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)


@pytest.fixture
def two_workers(tmp_path):
    """Two worker processes on loopback."""
    file = tmp_path / "scheduler.json"
    processes = [start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                       "--scheduler-file", str(file))]  # fmt: skip
    processes += [
        start("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard",
              "--no-nanny", "--local-directory", str(tmp_path))
        for _ in range(2)
    ]  # fmt: skip
    try:
        end = time.monotonic() + 120
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.1)
        yield Cluster(json.loads(file.read_text())["address"], processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


@needs_dask
@pytest.mark.slow
def test_the_table_is_the_local_one_when_a_worker_is_killed_too(two_workers, tmp_path, monkeypatch):
    """Record by record; the killed worker's share is done by the other."""
    local = sweep("seasonality", VALUES, tmp_path / "here", engine="designs", jobs=1)
    there = sweep("seasonality", VALUES, tmp_path / "there", engine="designs",
                  scheduler=two_workers.address)  # fmt: skip
    assert there.to_csv() == local.to_csv()
    check = cluster._check_workers

    def kill_one(client, *given):
        client.wait_for_workers(2, timeout=60)
        check(client, *given)
        two_workers.workers[0].send_signal(signal.SIGKILL)

    monkeypatch.setattr(cluster, "_check_workers", kill_one)
    again = sweep("seasonality", VALUES, tmp_path / "again", engine="designs",
                  scheduler=two_workers.address)  # fmt: skip
    assert again.to_csv() == local.to_csv()
    assert again["error"].isna().all()
    monkeypatch.setattr(cluster, "_check_workers", check)
    monkeypatch.setattr(cluster, "environment", lambda: "others")
    with pytest.raises(InputError, match="another version"):
        sweep("seasonality", VALUES, tmp_path / "other", engine="designs",
              scheduler=two_workers.address)  # fmt: skip


@needs_dask
def test_a_scheduler_that_is_not_there(tmp_path, monkeypatch):
    """One line with the address."""
    monkeypatch.setattr(cluster, "_ANSWER_SECONDS", 1)
    with pytest.raises(InputError, match="cannot be reached"):
        sweep("seasonality", VALUES, tmp_path / "out", engine="designs",
              scheduler="tcp://127.0.0.1:9")  # fmt: skip
