"""The combinations of a sweep on a Dask cluster: the same function, the same records.

Needs the optional extra ``cluster``. What a worker runs is its own copy of the project: each is
asked, before any work, for the hash of its code, data, libraries and snapshot.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from analysis.files import CODE, checksum, digest_tree
from analysis.results import InputError
from analysis.runs.execute import NotebookError
from analysis.runs.outputs import Record
from analysis.runs.plan import Run
from analysis.runs.reuse import TREE, environment

_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:[0-9]{1,5}")

#: Seconds a scheduler and its first worker may take to answer.
_ANSWER_SECONDS = 10

#: A function of a combination's number and the run, as the local processes call it.
Judge = Callable[[int, Run], tuple[int, "list[Record] | NotebookError"]]


def check_scheduler(address: str) -> None:
    """Refuse an address that is none, and a missing extra, before anything starts.

    Raises
    ------
    InputError
    """
    if not _ADDRESS.fullmatch(address):
        raise InputError(f"scheduler {address!r}: write it as tcp://HOST:PORT or tls://HOST:PORT")
    if find_spec("distributed") is None:
        raise InputError("a scheduler needs Dask: install the project with the extra 'cluster'")


def judge_on_cluster(
    address: str, runs: Sequence[Run], judge: Judge
) -> Iterator[tuple[Run, list[Record] | NotebookError]]:
    """Records of each run, or its error, as they come; a worker that is lost costs time alone.

    Raises
    ------
    InputError
        When the scheduler cannot be reached, has no workers, or one of them has other code, data,
        libraries or another snapshot than this process.
    """
    from distributed import Client, as_completed

    data = sorted({str(run.parameters.get("data", "bundled")) for run in runs})
    try:
        client = Client(address, timeout=_ANSWER_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"scheduler {address}: cannot be reached; start it, or leave it"
        ) from error
    with client:
        _check_workers(client, address, data)
        # not pure: results belong to this call, and are not looked up by their arguments
        futures = client.map(judge, range(len(runs)), runs, pure=False)
        places = {future.key: number for number, future in enumerate(futures)}
        for future in as_completed(futures):
            run = runs[places[future.key]]
            if future.status == "finished":
                yield run, future.result()[1]
            else:
                said = " ".join(str(future.exception()).split())
                yield run, NotebookError(f"{run.label}: lost on the cluster: {said}")


def state_here(data: Sequence[str]) -> str:
    """Hash of the code, data, libraries and snapshots of the process this runs in."""
    from analysis.panel import load_dataset

    snapshots = [str(load_dataset(one).snapshot) for one in data]
    return checksum(" ".join([digest_tree(CODE, TREE), environment(), *snapshots]).encode())


def _check_workers(client: Any, address: str, data: Sequence[str]) -> None:
    try:
        client.wait_for_workers(1, timeout=_ANSWER_SECONDS)
    except TimeoutError as error:
        raise InputError(f"scheduler {address}: it has no workers; start one") from error
    here = state_here(data)
    try:
        found = client.run(state_here, data)
    # a worker without the project fails in its own way
    except Exception as error:
        said = " ".join(str(error).split())
        raise InputError(f"scheduler {address}: a worker has no such project ({said})") from error
    others = sorted(worker for worker, state in found.items() if state != here)
    if others:
        raise InputError(
            f"scheduler {address}: {', '.join(others)} runs another version of the code, the data"
            " or the libraries; bring it to this one"
        )
