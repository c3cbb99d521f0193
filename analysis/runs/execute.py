"""Execute parameterised notebooks with papermill, several at once, all or nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat

from analysis.claims.ledger import read_ledger
from analysis.results import InputError
from analysis.runs.folders import check_folder, filling
from analysis.runs.outputs import collect_verdicts, scrub, write_notebook, write_verdicts
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run, in_book_order, plan
from analysis.runs.settling import settle_run

VERDICTS_FILE = "verdicts.json"
RUN = "run"

#: Called with a run's label, the cells done and the cells there are.
Progress = Callable[[str, int, int], None]

#: A kernel that did not come up says nothing about the notebook.
_TRY_AGAIN = ("Address already in use", "Kernel died before replying to kernel_info")
_TRIES = 3
_START_SECONDS = 180


class NotebookError(RuntimeError):
    """A notebook that failed: says which one, at which cell, and why."""


def execute(
    names: Sequence[str],
    parameters: Mapping[str, Any] | None,
    out: Path,
    *,
    jobs: int = 2,
    progress: Progress | None = None,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
) -> list[Path]:
    """Execute notebooks and write them, with their verdicts, into a folder.

    The verdicts are settled among themselves and, for claims of notebooks that are not run, the
    stored ledger's. Nothing is written unless every notebook succeeds: an earlier run's files stay
    as they were.

    Parameters
    ----------
    names : sequence of str
        Notebooks of `folder`, without ending.
    parameters : mapping of str to value, or None
        Given to every notebook; each must know them all.
    out : Path
        Receives ``NAME.ipynb`` for each name and ``verdicts.json`` for all notebooks it holds.
    jobs : int
        How many run at once.
    progress : callable, optional
        Told ``(name, cells done, cells)`` after every cell.
    folder : Path
        Where the notebooks are.
    from_text : bool
        True where parameters were typed and ``"12"`` may mean 12.

    Returns
    -------
    list of Path
        The executed notebooks, in the order of `names`.

    Raises
    ------
    InputError
        Before anything runs: unknown notebook or parameter, a wrong type, a month outside the data,
        a folder that holds what this program did not make or that cannot be written.
    NotebookError
        Naming every notebook that failed, the cell and the exception.
    """
    runs = plan(names, parameters or {}, folder=folder, from_text=from_text)
    check_folder(out, RUN)
    executed: dict[str, nbformat.NotebookNode] = {}
    failures = []
    for run, outcome in run_all(runs, jobs=jobs, progress=progress):
        if isinstance(outcome, NotebookError):
            failures.append(str(outcome))
        else:
            executed[run.name] = outcome
    if failures:
        raise NotebookError("\n".join(failures))
    settle_run(executed.values(), read_ledger())
    with filling(out, RUN, keep=True) as fresh:
        for run in runs:
            write_notebook(fresh / f"{run.name}.ipynb", executed[run.name])
        write_verdicts(fresh / VERDICTS_FILE, collect_verdicts(in_book_order(fresh)))
    return [Path(out) / f"{run.name}.ipynb" for run in runs]


def run_all(
    runs: Sequence[Run], *, jobs: int = 2, progress: Progress | None = None
) -> Iterator[tuple[Run, nbformat.NotebookNode | NotebookError]]:
    """Execute runs side by side; yield each with its scrubbed notebook or its error.

    Kernels are processes of their own, so that threads are enough to wait for them. Leaving the
    iterator early, Ctrl-C included, ends every kernel.
    """
    from analysis.runs.kernels import kill_kernels

    if jobs < 1:
        raise InputError(f"jobs must be at least 1, got {jobs}")
    finished = False
    with tempfile.TemporaryDirectory(prefix="smallcap-work-") as work:
        pool = ThreadPoolExecutor(max_workers=jobs)
        futures: dict[Future[nbformat.NotebookNode], Run] = {
            pool.submit(_run_one, run, work, progress): run for run in runs
        }
        try:
            for future in as_completed(futures):
                yield futures[future], _outcome(future)
            finished = True
        finally:
            pool.shutdown(wait=finished, cancel_futures=True)
            if not finished:
                kill_kernels()


def _outcome(future: Future[nbformat.NotebookNode]) -> nbformat.NotebookNode | NotebookError:
    try:
        return future.result()
    except NotebookError as error:
        return error


def _run_one(run: Run, work: str, progress: Progress | None) -> nbformat.NotebookNode:
    for attempt in range(1, _TRIES + 1):
        try:
            return scrub(_papermill(run, work, progress))
        except NotebookError:
            raise
        except RuntimeError as error:
            if attempt == _TRIES or not any(text in str(error) for text in _TRY_AGAIN):
                message = f"{type(error).__name__}: {_first_line(str(error))}"
                raise NotebookError(f"notebook {run}: {message}") from error
    raise AssertionError("every attempt returns or raises")


def _papermill(run: Run, work: str, progress: Progress | None) -> nbformat.NotebookNode:
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from analysis.runs.kernels import KERNEL_NAME, LocalKernel

    source = nbformat.read(run.source, as_version=4)
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    count = sum(cell.cell_type == "code" for cell in source.cells) + bool(run.parameters)
    done = iter(range(1, count + 1))

    def report(execute_reply: Mapping[str, Any], **_: Any) -> None:
        if progress is not None and execute_reply["content"]["status"] == "ok":
            progress(str(run), next(done, count), count)

    try:
        return execute_notebook(
            source,
            None,
            parameters=dict(run.parameters),
            kernel_name=KERNEL_NAME,
            language="python",
            kernel_manager_class=LocalKernel,
            resources={"metadata": {"path": work}},
            record_timing=False,
            progress_bar=False,
            start_timeout=_START_SECONDS,
            on_cell_executed=report,
        )
    except PapermillExecutionError as error:
        raise _failure(run, error) from error


def _failure(run: Run, error: Any) -> NotebookError:
    """Notebook, cell (counted from one, as stored, without papermill's), and exception."""
    number = error.cell_index + 1 - bool(run.parameters)
    return NotebookError(
        f"notebook {run}, cell {number} ({_first_line(error.source)}):"
        f" {error.ename}: {_first_line(str(error.evalue))}"
    )


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no message"
