"""How fast chapters run, each comparison with its peer in the same run.

Every side runs once; whole notebooks take seconds, which drowns what a repeat would smooth. A peer
too slow to run whole is timed on a part of the work and scaled, and its row says so.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import nbformat

from analysis.audit.benchmarks import Timing
from analysis.files import write_whole
from analysis.results import InputError
from analysis.runs.execute import NotebookError, check_jobs, run_all
from analysis.runs.outputs import read_notebook
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run, notebook_names, plan
from analysis.runs.reuse import Shelf
from analysis.runs.sweep import sweep

#: Months of the sweep, and those that the peer is timed on.
MONTHS = tuple(f"{year}-12" for year in range(1976, 2016, 2))
FEW_MONTHS = 2

#: What users wait for, and how many times faster than the peer it has to be.
_VERBS = (("--help", 2.0), ("ledger", 1.0))
_REPEATS = 3


def bench_runs(
    names: Sequence[str] | None = None,
    *,
    swept: str = "first_cut",
    months: Sequence[str] = MONTHS,
    folder: Path = NOTEBOOKS_FOLDER,
) -> list[Timing]:
    """Run every comparison of executing, reusing and sweeping.

    Parameters
    ----------
    names : sequence of str, optional
        Notebooks, by default all.
    swept : str
        The chapter of the sweep.
    months : sequence of str
        Its months.
    folder : Path
        Where the notebooks are.

    Raises
    ------
    InputError
        For fewer months than the peer is timed on.
    NotebookError
        When a notebook fails.
    """
    if len(months) < FEW_MONTHS:
        raise InputError(f"the sweep of the benchmark needs at least {FEW_MONTHS} months")
    runs = plan(names or notebook_names(folder), {}, folder=folder)
    with tempfile.TemporaryDirectory(prefix="smallcap-bench-") as scratch:
        return [
            *_time_notebooks(runs, Path(scratch)),
            _time_sweep(swept, months, Path(scratch), folder),
            *_time_verbs(),
        ]


def _time_notebooks(runs: Sequence[Run], scratch: Path) -> list[Timing]:
    jobs = check_jobs(None)
    peer = sum(_seconds(partial(_as_jupyter_book, run, scratch)) for run in runs)
    cold = _seconds(lambda: _run(runs, jobs, Shelf(scratch / "shelf")))
    alone = _seconds(lambda: _run(runs, 1, None))
    again = _seconds(lambda: _run(runs, jobs, Shelf(scratch / "shelf")))
    what = f"{len(runs)} notebooks"
    return [
        _timing(
            f"{what} with nothing kept, {jobs} jobs",
            "Jupyter Book's own way: a kernel each, one after another",
            (cold, peer),
            2.5,
        ),
        _timing(f"{what} with nothing changed", "the run with nothing kept", (again, cold), 20.0),
        _timing(
            f"{what} with nothing kept, {jobs} jobs",
            "the same in one job",
            (cold, alone),
            1.8 if jobs > 1 else None,
            "needs as many free cores",
        ),
    ]


def _time_sweep(name: str, months: Sequence[str], scratch: Path, folder: Path) -> Timing:
    few = months[:: -(-len(months) // FEW_MONTHS)][:FEW_MONTHS]
    ours = _seconds(
        lambda: sweep(name, {"as_of": months}, scratch / "designs", engine="designs", folder=folder)
    )
    peer = sum(_seconds(partial(_papermill, name, month, scratch, folder)) for month in few)
    return _timing(
        f"{name} at {len(months)} months, --engine designs",
        "papermill, one month after another",
        (ours, peer * len(months) / len(few)),
        100.0,
        f"peer timed on {len(few)} months and scaled",
    )


def _time_verbs() -> list[Timing]:
    pandas = _best_of("-c", "import pandas")
    return [
        _timing(
            f"smallcap {verb}",
            'python -c "import pandas"',
            (_best_of("-m", "analysis", verb), pandas),
            wanted,
            f"best of {_REPEATS}",
        )
        for verb, wanted in _VERBS
    ]


def _best_of(*words: str) -> float:
    return min(_seconds(lambda: _call(*words)) for _ in range(_REPEATS))


def _timing(
    work: str, peer: str, seconds: tuple[float, float], wanted: float | None, note: str = ""
) -> Timing:
    ours, theirs = seconds
    return Timing(work, peer, ours, theirs, theirs / ours, wanted, None, note)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(runs: Sequence[Run], jobs: int, shelf: Shelf | None) -> None:
    for _, outcome in run_all(runs, jobs=jobs, shelf=shelf):
        if isinstance(outcome, NotebookError):
            raise outcome


def _as_jupyter_book(run: Run, scratch: Path) -> None:
    """Execute one notebook by the function that MyST-NB executes notebooks with."""
    from jupyter_cache.executors.utils import single_nb_execution

    notebook = read_notebook(run.source)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    done = single_nb_execution(notebook, str(scratch), None, allow_errors=False)
    if done.err is not None:
        raise NotebookError(f"notebook {run}, executed as Jupyter Book does: {done.err}")


def _papermill(name: str, month: str, scratch: Path, folder: Path) -> None:
    from papermill import execute_notebook

    source = nbformat.writes(read_notebook(folder / f"{name}.ipynb"))
    given = scratch / f"{name}.ipynb"
    write_whole(given, source)
    execute_notebook(
        given, None, parameters={"as_of": month}, kernel_name="python3", progress_bar=False,
        cwd=str(scratch),
    )  # fmt: skip


def _call(*words: str) -> None:
    subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
