"""Notebooks over a grid of months and parameters, gathered into one table of verdicts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from analysis.files import digest, write_whole
from analysis.panel import load_dataset
from analysis.panel.own_leg import own_state
from analysis.results import InputError
from analysis.runs.cluster import check_scheduler, judge_on_cluster
from analysis.runs.execute import NotebookError, Progress, check_jobs, run_all
from analysis.runs.fingerprints import fingerprint
from analysis.runs.folders import check_folder, claim_folder
from analysis.runs.grid import grid
from analysis.runs.limits import Limits
from analysis.runs.outputs import Record, read_notebook, verdicts_of, write_notebook
from analysis.runs.plan import NOTEBOOKS_FOLDER, Refused, Run, plan_grid
from analysis.runs.workers import in_worker

TABLE = "sweep"
SWEEP = "sweep"

#: Executed notebooks, kept one by one, or the designs alone, many times faster.
Engine = Literal["notebooks", "designs"]

#: Times that a process which calls designs may be lost before what is left counts as failed.
_LOST_WORKERS = 3

#: Columns of a record that do not fit a table cell.
_NESTED = ("measures", "conditions", "reaches", "mixed", "cautions", "vintages")


def sweep(
    names: str | Sequence[str],
    values: Mapping[str, Sequence[Any]],
    out: Path,
    *,
    engine: Engine = "notebooks",
    jobs: int | None = None,
    progress: Progress | None = None,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
    limits: Limits | None = None,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Judge the claims of chapters for every combination of parameter values.

    A combination whose result already stands in `out`, made by the same cells, code and data, is
    not run again, so that a sweep that was stopped goes on where it was. A combination that fails,
    or that a chapter refuses and another does not, becomes a row with its error.

    Parameters
    ----------
    names : str or sequence of str
        Notebooks; each must know all parameters.
    values : mapping of str to sequence
        Parameter values; ``as_of`` among them.
    out : Path
        Receives ``sweep.csv``, ``sweep.json``, ``sweep.parquet`` where pyarrow is installed,
        ``sweep.svg`` where months are swept, and a file for every combination.
    engine : {"notebooks", "designs"}
        Whether notebooks are executed and kept, or their designs called and the records kept.
    jobs, progress, folder, from_text, limits
        As in :func:`analysis.runs.execute.execute`; the limits hold for notebooks.
    scheduler : str, optional
        Address of a Dask cluster that calls the designs in place of processes of this machine.

    Returns
    -------
    DataFrame
        One row a combination and claim: the notebook, the swept parameters, the verdict's fields,
        `error`.

    Raises
    ------
    InputError
        Before anything runs, for any combination that no chapter accepts.
    """
    names = [names] if isinstance(names, str) else names
    workers = check_jobs(jobs)
    if scheduler is not None:
        if engine == "notebooks":
            raise InputError("a scheduler calls designs, not notebooks; add --engine designs")
        if own_state():
            raise InputError("a cluster does not hold your own returns; leave --scheduler out")
        check_scheduler(scheduler)
    planned = plan_grid(names, grid(values), folder=folder, from_text=from_text)
    check_folder(out, SWEEP)
    runs = [one for one in planned if isinstance(one, Run)]
    state_of = cache(_state)
    kept = _NotebookFiles if engine == "notebooks" else _RecordFiles
    files = {
        run.label: kept(Path(out), run, state_of(run.source, run.parameters.get("data", "bundled")))
        for run in runs
    }
    claim_folder(out, SWEEP)
    results = {label: some for label, file in files.items() if (some := file.read()) is not None}
    left = [run for run in runs if run.label not in results]
    outcomes: Iterator[tuple[Run, Any]]
    if engine == "notebooks":
        outcomes = run_all(left, jobs=workers, progress=progress, limits=limits)
    elif scheduler is not None and left:
        outcomes = judge_on_cluster(scheduler, left, _judge)
    else:
        outcomes = _call_designs(left, workers, progress)
    for run, outcome in outcomes:
        if isinstance(outcome, NotebookError):
            results[run.label] = [{"error": str(outcome)}]
        else:
            results[run.label] = files[run.label].write(outcome)
    return _write(_rows(planned, results), Path(out))


def _call_designs(
    runs: Sequence[Run], jobs: int, progress: Progress | None
) -> Iterator[tuple[Run, list[Record] | NotebookError]]:
    """Records of each run, or its error, as they come."""
    from joblib import Parallel, delayed, parallel_config
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left = dict(enumerate(runs))
    # also for the last one: what kills its process must not be called in this one
    count = min(jobs, len(runs)) or 1
    for _ in range(_LOST_WORKERS + 1):
        try:
            with parallel_config(backend="loky", inner_max_num_threads=1):
                parallel = Parallel(n_jobs=count, return_as="generator_unordered")
                calls = [
                    delayed(in_worker)(os.getpid(), _judge, number, run)
                    for number, run in left.items()
                ]
                for number, outcome in parallel(calls):
                    del left[number]
                    if progress is not None:
                        progress("combinations", len(runs) - len(left), len(runs))
                    yield runs[number], outcome
            return
        except TerminatedWorkerError:
            # whoever ended it: what it had not given back is done by new ones
            continue
    for run in left.values():
        lost = f"{run.label}: its process was ended from outside, repeatedly"
        yield run, NotebookError(lost)


def _judge(number: int, run: Run) -> tuple[int, list[Record] | NotebookError]:
    from analysis.runs.direct import judge_directly

    try:
        return number, judge_directly(run.name, run.parameters)
    # whatever a design stumbles over is a row, and the other combinations go on
    except Exception as error:
        line = " ".join(str(error).split()) or "no message"
        return number, NotebookError(f"{run.label}: {type(error).__name__}: {line}")


class _NotebookFiles:
    """The executed notebook of one combination."""

    def __init__(self, out: Path, run: Run, state: str) -> None:
        self._path = out / f"{run.name}-{digest(dict(run.parameters))}.ipynb"
        self._state = state

    def read(self) -> list[Record] | None:
        if not self._path.exists():
            return None
        try:
            notebook = read_notebook(self._path)
        except InputError:
            # what was damaged is run again
            return None
        made_by = notebook.metadata.get("smallcap", {}).get("fingerprint")
        return verdicts_of(notebook) if made_by == self._state else None

    def write(self, notebook: Any) -> list[Record]:
        notebook.metadata["smallcap"] = {"fingerprint": self._state}
        write_notebook(self._path, notebook)
        return verdicts_of(notebook)


class _RecordFiles:
    """The records of one combination, with a checksum."""

    def __init__(self, out: Path, run: Run, state: str) -> None:
        self._path = out / f"{run.name}-{digest(dict(run.parameters))}.json"
        self._state = state

    def read(self) -> list[Record] | None:
        try:
            held = json.loads(self._path.read_text(encoding="utf-8"))
            whole = held["checksum"] == digest([self._state, held["records"]])
            return list(held["records"]) if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, records: list[Record]) -> list[Record]:
        # as they will be read again: lists for tuples
        plain = json.loads(json.dumps(records, allow_nan=False))
        held = {"checksum": digest([self._state, plain]), "records": plain}
        write_whole(self._path, json.dumps(held, ensure_ascii=False) + "\n")
        return list(plain)


def _state(source: Path, data: str) -> str:
    """The fingerprint of the notebook, with the snapshot and own returns where it reads any."""
    snapshot = "" if data == "bundled" else str(load_dataset(data).snapshot)
    return " ".join(filter(None, (fingerprint(source, data=data), snapshot, own_state())))


def _rows(
    planned: Sequence[Run | Refused], results: Mapping[str, Sequence[Record]]
) -> list[Record]:
    rows: list[Record] = []
    for one in planned:
        found = [{"error": one.why}] if isinstance(one, Refused) else results[one.label]
        given = {"notebook": one.name, **one.parameters, "error": None}
        rows += [{**given, **record} for record in found]
    return rows


def _write(records: list[Record], out: Path) -> pd.DataFrame:
    table = pd.DataFrame(records).drop(columns=list(_NESTED), errors="ignore")
    if "deviations" in table:
        table["deviations"] = [
            "; ".join(some) if isinstance(some, list) else "" for some in table["deviations"]
        ]
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(out / f"{TABLE}.json", text + "\n")
    write_whole(out / f"{TABLE}.csv", table.to_csv(index=False, lineterminator="\n"))
    if has_parquet():
        write_whole(out / f"{TABLE}.parquet", table.to_parquet(index=False))
    _draw(records, out / f"{TABLE}.svg")
    return table


def has_parquet() -> bool:
    """Whether a table can be written as Parquet: pyarrow is no dependency."""
    return find_spec("pyarrow") is not None


def _draw(records: Sequence[Record], path: Path) -> None:
    """The verdicts over time, where more than one month was swept."""
    drawn = [one for one in records if one.get("claim") and one.get("as_of")]
    if len({one["as_of"] for one in drawn}) < 2:
        path.unlink(missing_ok=True)
        return
    import vl_convert

    from analysis.pages.charts.theme import theme
    from analysis.pages.charts.verdicts_over_time import verdicts_over_time

    rows = [
        {
            "month": one["as_of"],
            "row": "; ".join([one["claim"], *one.get("deviations", ())]),
            "verdict": one.get("verdict"),
        }
        for one in drawn
    ]
    spec = verdicts_over_time(pd.DataFrame(rows)).to_dict() | theme()
    write_whole(path, vl_convert.vegalite_to_svg(spec))
