"""One notebook over a grid of months and parameters, gathered into one table of verdicts."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.files import digest, write_whole
from analysis.panel import load_dataset
from analysis.results import InputError
from analysis.runs.execute import NotebookError, Progress, run_all
from analysis.runs.fingerprints import fingerprint
from analysis.runs.folders import check_folder, claim_folder
from analysis.runs.limits import Limits
from analysis.runs.outputs import Record, read_notebook, verdicts_of, write_notebook
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run, plan
from analysis.texts import MONTH

TABLE = "sweep"
SWEEP = "sweep"

#: Combinations above which a grid is a slip of the hand.
MOST_CELLS = 10_000

#: Columns of a record that do not fit a table cell.
_NESTED = ("measures", "conditions", "reaches", "mixed", "vintages")


def months(text: str) -> list[str]:
    """Months of ``FIRST:LAST:STEP`` (step in months, 12 where it is left out) or of a list.

    Parameters
    ----------
    text : str
        ``"1995-12:2015-12:12"``, ``"1995-12,2007-12"`` or one month.

    Raises
    ------
    InputError
        For a month that is none, a step below one, or a last month before the first.
    """
    if ":" not in text:
        return [part.strip() for part in text.split(",")]
    first, last, *step = text.split(":")
    written = all(re.fullmatch(MONTH, part) for part in (first, last)) and len(step) <= 1
    if not written or not all(re.fullmatch(r"[0-9]{1,4}", part) for part in step):
        raise InputError(f"as_of {text!r}: write it as FIRST:LAST:STEP, e.g. 1995-12:2015-12:12")
    start, end = pd.Period(first, "M"), pd.Period(last, "M")
    every = int(*step) if step else 12
    if every < 1 or end < start:
        raise InputError(
            f"as_of {text!r}: the step is at least 1 and the last month not before the first"
        )
    return [str(start + shift) for shift in range(0, (end - start).n + 1, every)]


def grid(values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the values, the last name changing fastest; each one once.

    Raises
    ------
    InputError
        For a name without values, and for more than :data:`MOST_CELLS` combinations, which are
        counted before they are laid out.
    """
    values = {name: list(dict.fromkeys(some)) for name, some in values.items()}
    empty = [name for name, some in values.items() if not some or "" in some]
    if empty:
        raise InputError(f"{empty[0]} has an empty value; give one or more, by comma")
    count = math.prod(len(some) for some in values.values())
    if count > MOST_CELLS:
        raise InputError(f"{count:,} combinations are more than {MOST_CELLS:,}; give fewer values")
    return [dict(zip(values, cell, strict=True)) for cell in itertools.product(*values.values())]


def sweep(
    name: str,
    values: Mapping[str, Sequence[Any]],
    out: Path,
    *,
    jobs: int = 2,
    progress: Progress | None = None,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """Execute one notebook for every combination of parameter values.

    A combination whose notebook already stands in `out`, made by the same cells, code and data, is
    not run again, so that a sweep that was stopped goes on where it was. A combination that fails
    becomes a row with its error and does not stop the others.

    Parameters
    ----------
    name : str
    values : mapping of str to sequence
        Parameter values; ``as_of`` among them.
    out : Path
        Receives the executed notebooks, ``sweep.csv`` and ``sweep.json``.
    jobs, progress, folder, from_text, limits
        As in :func:`analysis.runs.execute.execute`.

    Returns
    -------
    DataFrame
        One row a combination and claim: the swept parameters, the verdict's fields, `error`.

    Raises
    ------
    InputError
        Before anything runs, for any combination that is not accepted.
    """
    cells = grid(values)
    check_folder(out, SWEEP)
    runs = [_labelled(plan([name], cell, folder=folder, from_text=from_text)[0]) for cell in cells]
    state = {run.label: _state(run) for run in runs}
    paths = {run.label: Path(out) / _file_name(run) for run in runs}
    results: dict[str, list[Record]] = {}
    claim_folder(out, SWEEP)
    for run in runs:
        if (kept := _kept(paths[run.label], state[run.label])) is not None:
            results[run.label] = kept
    for run, outcome in run_all(
        [run for run in runs if run.label not in results],
        jobs=jobs,
        progress=progress,
        limits=limits,
    ):
        if isinstance(outcome, NotebookError):
            results[run.label] = [{"error": str(outcome)}]
            continue
        outcome.metadata["smallcap"] = {"fingerprint": state[run.label]}
        write_notebook(paths[run.label], outcome)
        results[run.label] = verdicts_of(outcome)
    records = [
        {**run.parameters, "error": None, **record} for run in runs for record in results[run.label]
    ]
    return _write(records, Path(out))


def _state(run: Run) -> str:
    """The fingerprint of the notebook, with the snapshot where it reads one."""
    data = run.parameters.get("data", "bundled")
    mark = fingerprint(run.source, data=data)
    return mark if data == "bundled" else f"{mark} {load_dataset(data).snapshot}"


def _labelled(run: Run) -> Run:
    given = ", ".join(f"{key}={value}" for key, value in run.parameters.items())
    return replace(run, label=f"{run.name} ({given})" if given else run.name)


def _file_name(run: Run) -> str:
    return f"{run.name}-{digest(dict(run.parameters))}.ipynb"


def _kept(path: Path, state: str) -> list[Record] | None:
    if not path.exists():
        return None
    try:
        notebook = read_notebook(path)
    except InputError:
        # what was damaged is run again
        return None
    made_by = notebook.metadata.get("smallcap", {}).get("fingerprint")
    return verdicts_of(notebook) if made_by == state else None


def _write(records: list[Record], out: Path) -> pd.DataFrame:
    table = pd.DataFrame(records).drop(columns=list(_NESTED), errors="ignore")
    if "deviations" in table:
        table["deviations"] = [
            "; ".join(some) if isinstance(some, list) else "" for some in table["deviations"]
        ]
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(out / f"{TABLE}.json", text + "\n")
    write_whole(out / f"{TABLE}.csv", table.to_csv(index=False, lineterminator="\n"))
    return table
