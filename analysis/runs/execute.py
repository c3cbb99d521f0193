"""Execute parameterised notebooks with papermill, several at once, all or nothing."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import nbformat

from analysis.claims.ledger import read_ledger
from analysis.results import NEWEST, InputError
from analysis.runs.folders import check_folder, filling
from analysis.runs.lengths import longest_first
from analysis.runs.outputs import (
    collect_verdicts,
    is_parameters,
    read_notebook,
    scrub,
    verdicts_of,
    write_notebook,
    write_verdicts,
)
from analysis.runs.plan import NOTEBOOKS_FOLDER, Run, in_book_order, plan
from analysis.runs.settling import settle_run
from analysis.runs.templates import source_notebook

if TYPE_CHECKING:
    from analysis.runs.forks import Warmed
    from analysis.runs.limits import Limits
    from analysis.runs.reuse import Shelf

VERDICTS_FILE = "verdicts.json"
RUN = "run"

#: Called with a run's label, the cells done and the cells there are.
Progress = Callable[[str, int, int], None]

#: A kernel that did not come up says nothing about the notebook.
_TRY_AGAIN = ("Address already in use", "Kernel died before replying to kernel_info")
_TRIES = 3

#: Seconds that notebooks ended early have to end before their folder goes.
_LAST_WAIT = 0.7
_WAIT = 0.5
_START_SECONDS = 180
#: What a cell printed may come so much later than its end.
_OUTPUT_SECONDS = 60


class NotebookError(RuntimeError):
    """A notebook that failed: says which one, at which cell, and why."""


def execute(
    names: Sequence[str],
    parameters: Mapping[str, Any] | None,
    out: Path,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    folder: Path = NOTEBOOKS_FOLDER,
    from_text: bool = False,
    limits: Limits | None = None,
    shelf: Shelf | None = None,
    where_taken: Mapping[str, Any] | None = None,
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
    jobs : int, optional
        How many run at once; by default one a core.
    progress : callable, optional
        Told ``(name, cells done, cells)`` after every cell.
    folder : Path
        Where the notebooks are.
    from_text : bool
        True where parameters were typed and ``"12"`` may mean 12.
    limits : Limits, optional
        What each notebook may take in time and memory.
    shelf : Shelf, optional
        Where notebooks that ran before are kept; without it all are run.
    where_taken : mapping of str to value, optional
        As :func:`analysis.runs.plan.plan` takes it.

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
    from analysis.runs.kernels import warming

    # its imports go on while the plan is made
    with warming(len(set(names))) as warmed:
        runs = plan(
            names, parameters or {}, folder=folder, from_text=from_text, where_taken=where_taken
        )
        return execute_planned(
            runs, out, jobs=jobs, progress=progress, limits=limits, shelf=shelf, warmed=warmed
        )


def execute_planned(
    runs: Sequence[Run],
    out: Path,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
    shelf: Shelf | None = None,
    warmed: Warmed | None = None,
    spare: Callable[[], None] | None = None,
) -> list[Path]:
    """As :func:`execute`, of what :func:`analysis.runs.plan.plan` gave.

    Parameters
    ----------
    runs : sequence of Run
        Of different notebooks.
    out, jobs, progress, limits, shelf
        As :func:`execute` takes them.
    warmed : Warmed, optional
        What kernels are forked from; made here by default.
    spare : callable, optional
        Called once, where a job has nothing left to run and another still runs.

    Returns
    -------
    list of Path
        The executed notebooks, in the order of `runs`.
    """
    _check_earlier(check_folder(out, RUN), {run.name for run in runs})
    # what adjusts p-values at the end: slow to import, and here nobody waits for it yet
    import_module("statsmodels.stats.multitest")
    executed: dict[str, nbformat.NotebookNode] = {}
    failures = []
    outcomes = run_all(
        runs,
        jobs=jobs,
        progress=progress,
        limits=limits,
        shelf=shelf,
        warmed=warmed,
        spare=spare,
    )
    for run, outcome in outcomes:
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
    runs: Sequence[Run],
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
    shelf: Shelf | None = None,
    warmed: Warmed | None = None,
    spare: Callable[[], None] | None = None,
) -> Iterator[tuple[Run, nbformat.NotebookNode | NotebookError]]:
    """Execute runs side by side; yield each with its scrubbed notebook or its error.

    The longest begin first. Those that `shelf` holds are not run and come as soon as they are
    found, while the first of the others already runs. Kernels are processes of their own, so that
    threads are enough to wait for them. Leaving the iterator early, Ctrl-C included, ends every
    kernel. When the first job has nothing left to run, `spare` is called.
    """
    jobs = check_jobs(jobs)
    kept: set[str] = set()
    shared = _Surroundings(progress, limits, warmed)
    with (
        contextlib.closing(_looked_up(runs, shelf, kept)) as asked,
        contextlib.closing(_run_fresh(asked, len(runs), jobs, shared, spare)) as fresh,
    ):
        for run, outcome in fresh:
            if not (shelf is None or isinstance(outcome, NotebookError) or str(run) in kept):
                shelf.keep(run, outcome)
            yield run, outcome
    if shelf is not None:
        shelf.prune()


def _looked_up(
    runs: Sequence[Run], shelf: Shelf | None, kept: set[str]
) -> Generator[tuple[Run, nbformat.NotebookNode | None], None, None]:
    """Runs, the longest first, each with its notebook where that is kept; `kept` names these."""
    for run in longest_first(runs):
        held = None if shelf is None else shelf.take(run)
        if held is not None:
            kept.add(str(run))
        yield run, held


def _run_fresh(
    asked: Iterable[tuple[Run, nbformat.NotebookNode | None]],
    count: int,
    jobs: int,
    shared: _Surroundings,
    spare: Callable[[], None] | None,
) -> Generator[tuple[Run, nbformat.NotebookNode | NotebookError], None, None]:
    from analysis.runs.kernels import warming

    finished = False
    futures: dict[Future[nbformat.NotebookNode], Run] = {}
    with tempfile.TemporaryDirectory(prefix="smallcap-work-") as work, ExitStack() as opened:
        pool = ThreadPoolExecutor(max_workers=jobs)
        try:
            for run, kept in asked:
                if kept is not None:
                    yield run, kept
                    continue
                if not futures and shared.warmed is None:
                    shared = replace(shared, warmed=opened.enter_context(warming(count)))
                futures[pool.submit(_run_one, run, replace(shared, work=work))] = run
            pending = set(futures)
            while pending:
                if spare is not None and len(pending) < jobs:
                    spare()
                    spare = None
                # a signal that came just before a wait is seen after it, so no wait is long
                done, pending = wait(pending, _WAIT, return_when=FIRST_COMPLETED)
                for future in done:
                    yield futures[future], _outcome(future)
            finished = True
        finally:
            pool.shutdown(wait=finished, cancel_futures=True)
            if futures and not finished:
                _end_at_once(futures, shared.stopped)


def _end_at_once(futures: Iterable[Future[nbformat.NotebookNode]], stopped: Event) -> None:
    from analysis.runs.kernels import kill_kernels

    # one that starts just now would find its folder gone, and say so
    stopped.set()
    end = time.monotonic() + _LAST_WAIT
    kill_kernels()
    while not all(future.done() for future in futures) and time.monotonic() < end:
        time.sleep(0.02)
        kill_kernels()


def check_jobs(jobs: int | None) -> int:
    """How many notebooks run at once: what is given, or one a core this process may use.

    Raises
    ------
    InputError
        For a number below one.
    """
    if jobs is None:
        from joblib import cpu_count

        return int(cpu_count())
    if jobs < 1:
        raise InputError(f"jobs must be at least 1, got {jobs}; 'auto' takes one a core")
    return jobs


def _outcome(future: Future[nbformat.NotebookNode]) -> nbformat.NotebookNode | NotebookError:
    try:
        return future.result()
    except NotebookError as error:
        return error


def _check_earlier(out: Path, replaced: set[str]) -> None:
    """Read, before any work, the notebooks whose verdicts will stand beside the new ones."""
    for path in in_book_order(out):
        if path.stem not in replaced:
            read_notebook(path)


@dataclass(frozen=True)
class _Surroundings:
    """What the notebooks of one call share: whom to tell, limits, imports, the end, a folder."""

    progress: Progress | None
    limits: Limits | None
    warmed: Warmed | None = None
    stopped: Event = field(default_factory=Event)
    work: str = ""


def _run_one(run: Run, surroundings: _Surroundings) -> nbformat.NotebookNode:
    for attempt in range(1, _TRIES + 1):
        try:
            notebook = scrub(_papermill(run, surroundings))
            check_seen(run, notebook)
            return notebook
        except NotebookError:
            raise
        except (RuntimeError, TimeoutError) as error:
            last = attempt == _TRIES or surroundings.stopped.is_set()
            if last or not any(text in str(error) for text in _TRY_AGAIN):
                message = f"{type(error).__name__}: {_first_line(str(error))}"
                raise NotebookError(f"notebook {run}: {message}") from error
    raise AssertionError("every attempt returns or raises")


def check_seen(run: Run, notebook: nbformat.NotebookNode) -> None:
    """Refuse a notebook whose verdicts are of another month or data set than was asked for.

    Raises
    ------
    NotebookError
        Naming notebook and claim.
    """
    for record in verdicts_of(notebook):
        for name in ("as_of", "data"):
            asked = run.parameters.get(name, NEWEST)
            if asked != NEWEST and record.get(name) != asked:
                raise NotebookError(
                    f"notebook {run}: {name} {asked} was asked for and {record.get('claim')} was"
                    f" judged on {record.get(name)}; a cell after the parameters sets it again"
                )


def _papermill(run: Run, surroundings: _Surroundings) -> nbformat.NotebookNode:
    from papermill import execute_notebook
    from papermill.exceptions import PapermillExecutionError

    from analysis.runs.kernels import KERNEL_NAME, kernel_class
    from analysis.runs.limits import Limits, Watch

    source = source_notebook(run.source)
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    count = sum(cell.cell_type == "code" for cell in source.cells) + bool(run.parameters)
    done = iter(range(1, count + 1))

    def report(execute_reply: Mapping[str, Any], **_: Any) -> None:
        watch.cell_ended()
        if surroundings.progress is not None and execute_reply["content"]["status"] == "ok":
            surroundings.progress(str(run), next(done, count), count)

    with Watch(surroundings.limits or Limits()) as watch:
        try:
            return execute_notebook(
                source,
                None,
                parameters=dict(run.parameters),
                kernel_name=KERNEL_NAME,
                language="python",
                kernel_manager_class=kernel_class(watch.kernel_started, surroundings.warmed),
                resources={"metadata": {"path": surroundings.work}},
                record_timing=False,
                progress_bar=False,
                start_timeout=_START_SECONDS,
                iopub_timeout=_OUTPUT_SECONDS,
                on_cell_start=watch.cell_started,
                on_cell_executed=report,
            )
        except PapermillExecutionError as error:
            said = watch.beyond or f"{error.ename}: {_first_line(str(error.evalue))}"
            raise _failure(run, source, error.cell_index, error.source, said) from error
        except (RuntimeError, TimeoutError, OSError) as error:
            if watch.beyond is None and (watch.cell is None or not _is_death(error)):
                raise
            said = watch.beyond or watch.death()
            raise _failure(run, source, watch.cell, watch.source, said) from error


def _is_death(error: Exception) -> bool:
    from nbclient.exceptions import DeadKernelError

    return isinstance(error, DeadKernelError)


def _failure(
    run: Run, stored: nbformat.NotebookNode, index: int | None, source: str, said: str
) -> NotebookError:
    """Notebook, cell (counted from one, as stored, without papermill's), and what happened."""
    if index is None:
        return NotebookError(f"notebook {run}, before its first cell: {said}")
    tagged = [n for n, cell in enumerate(stored.cells) if is_parameters(cell)]
    injected = bool(run.parameters) and index > (tagged[0] if tagged else -1)
    return NotebookError(
        f"notebook {run}, cell {index + 1 - injected} ({_first_line(source)}): {said}"
    )


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no message"
