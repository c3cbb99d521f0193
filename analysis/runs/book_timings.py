"""Whole books and runs as a user starts them, against jupyter-book and against themselves."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import nbformat

from analysis.audit.benchmarks import Timing
from analysis.files import PROJECT, write_whole
from analysis.results import InputError
from analysis.runs.book import stage_book
from analysis.runs.comparisons import Sizes, faster_than, one_thread, share_of
from analysis.runs.execute import NotebookError, check_jobs, run_all
from analysis.runs.kernels import warming
from analysis.runs.lengths import CHAPTER
from analysis.runs.meter import call, median_of, spent_on
from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names, plan
from analysis.runs.reuse import SHELF_VARIABLE
from analysis.runs.templates import source_notebook

#: Megabytes of memory a worker may hold, and seconds a run may take in which nothing changed.
MOST_WORKER_MB, MOST_UNCHANGED_SECONDS = 500.0, 3.0


def time_book(sizes: Sizes, scratch: Path) -> list[Timing]:
    """A book from nothing, again, and after one chapter's parameter changed."""
    copy = _copy_of_project(scratch / "project")
    cold, again, changed, seed = [], [], [], 1000
    for number in range(sizes.books):
        shelf, out = scratch / f"shelf-{number}", scratch / f"html-{number}"
        make = partial(_make_book, copy, out, shelf)
        cold.append(spent_on(make))
        again.append(spent_on(make))
        _set_seed(copy, sizes.swept, seed + number)
        changed.append(spent_on(make))
    peers = []
    for number in range(sizes.books):
        stage = _stage_for_jupyter_book(scratch / f"stage-{number}")
        peers.append(spent_on(partial(_jupyter_book, stage, scratch / f"peer-{number}")))
    ours, unchanged, partly = median_of(cold), median_of(again), median_of(changed)
    many = f"{len(notebook_names())} notebooks and their pages"
    jobs = check_jobs(None)
    return [
        share_of(
            "book", f"whole book with nothing kept, {many}, {jobs} jobs",
            "jupyter-book executing the same notebooks", ours, median_of(peers), 0.4,
            repeats=sizes.books,
        ),
        share_of(
            "unchanged", "the same book with nothing changed", "the book with nothing kept",
            unchanged, ours, 0.05, repeats=sizes.books,
        ),
        Timing(
            row="unchanged, seconds", work="the same book with nothing changed", peer="",
            value=unchanged.seconds, unit="seconds", wanted=MOST_UNCHANGED_SECONDS, at_most=True,
            seconds=unchanged.seconds, cpu_seconds=unchanged.cpu_seconds,
            peak_mb=unchanged.peak_mb, repeats=sizes.books,
        ),
        share_of(
            "one changed", f"the same book after a parameter of {sizes.swept} changed",
            "the book with nothing kept", partly, ours, 0.25, repeats=sizes.books,
            note="one notebook is run again; its page and those of its verdicts are written again",
        ),
        Timing(
            row="memory", work="one process of a book with nothing kept", peer="",
            value=ours.worker_mb, unit="MB", wanted=MOST_WORKER_MB, at_most=True,
            peak_mb=ours.peak_mb, repeats=sizes.books,
            note="resident memory; pages that forked kernels share count in each of them",
        ),
    ]  # fmt: skip


def time_jobs(sizes: Sizes, scratch: Path) -> list[Timing]:
    """Each notebook, and all of them in one job and in two."""
    names = sizes.shared or tuple(notebook_names())

    def run(jobs: int) -> None:
        shelf = {SHELF_VARIABLE: str(scratch / f"shelf-{jobs}")}
        out = str(scratch / f"out-{jobs}")
        call(
            *("-m", "analysis", "run", *names, "--jobs", str(jobs), "--out", out),
            environment=shelf,
        )

    timed = {jobs: spent_on(partial(run, jobs)) for jobs in (2, 1)}
    return [
        *_chapters(names),
        faster_than(
            "jobs", f"{len(names)} notebooks with nothing kept, two jobs", "the same in one job",
            timed[2], timed[1], 1.8,
            note="whole processes, imports included; needs two free cores",
        )
    ]  # fmt: skip


def _chapters(names: Sequence[str]) -> list[Timing]:
    """Seconds of each chapter, one after the other, in kernels whose imports are paid."""
    took, runs = {}, plan(names, {})
    with warming(len(runs)) as warmed:
        if warmed is not None:
            warmed.wait()
        for run in runs:
            start = time.perf_counter()
            [(_, outcome)] = run_all([run], jobs=1, warmed=warmed)
            if isinstance(outcome, NotebookError):
                raise outcome
            took[run.name] = time.perf_counter() - start
    return [
        Timing(
            row=f"{CHAPTER}{name}", work=f"chapter {name}", peer="", value=seconds,
            unit="seconds", seconds=seconds,
        )
        for name, seconds in took.items()
    ]  # fmt: skip


def _copy_of_project(target: Path) -> Path:
    """The parts of the project that a book is made from, to change one of them."""
    skipped = shutil.ignore_patterns("__pycache__", ".*", "_build", "runs")
    for name in ("analysis", "smallcap", "data", "book", "notebooks"):
        if (PROJECT / name).is_dir():
            shutil.copytree(PROJECT / name, target / name, ignore=_not(skipped, PROJECT))
    for path in (*PROJECT.glob("*.yml"), *PROJECT.glob("CITATION.cff")):
        shutil.copyfile(path, target / path.name)
    return target


def _not(
    skipped: Callable[[str, list[str]], set[str]], root: Path
) -> Callable[[str, list[str]], set[str]]:
    # analysis/runs is code, runs beside it is what runs wrote
    return lambda folder, names: (
        set(skipped(folder, names)) - ({"runs"} if Path(folder) != root else set())
    )


def _make_book(project: Path, out: Path, shelf: Path) -> None:
    call(
        *("-m", "analysis", "book", "--out", str(out)),
        environment={SHELF_VARIABLE: str(shelf), "PYTHONPATH": str(project)},
        folder=str(project),
        alone=True,
    )


def _set_seed(project: Path, name: str, seed: int) -> None:
    """Change one parameter of a chapter, in the notebook of a copy of the project."""
    path = project / "notebooks" / f"{name}.ipynb"
    text, found = re.subn(r"(\"seed(?:: int)? = )[0-9]+", rf"\g<1>{seed}", path.read_text("utf-8"))
    if found != 1:
        raise InputError(f"{path.name}: no parameter 'seed' to change for the benchmark")
    write_whole(path, text)


def _stage_for_jupyter_book(stage: Path) -> Path:
    """The book's parts with notebooks that were not run, for jupyter-book to run them."""
    folder = stage.with_name(f"{stage.name}-notebooks")
    for name in notebook_names():
        notebook = source_notebook(NOTEBOOKS_FOLDER / f"{name}.ipynb")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        notebook.metadata["kernelspec"] = {
            "name": "python3", "display_name": "Python 3", "language": "python",
        }  # fmt: skip
        write_whole(folder / f"{name}.ipynb", nbformat.writes(notebook))
    stage_book(folder, None, stage, executed=False)
    config = stage / "_config.yml"
    text, found = re.subn(
        r"execute_notebooks: .*", "execute_notebooks: force\n  timeout: 1800", config.read_text()
    )
    if found != 1:
        raise InputError("_config.yml has no line 'execute_notebooks:'; put it back")
    write_whole(config, text)
    return stage


def _jupyter_book(stage: Path, out: Path) -> None:
    call(
        *("-c", "from jupyter_book.cli.main import main; main()", "build", str(stage)),
        *("--path-output", str(out), "--keep-going"),
        environment={"PYTHONWARNINGS": "ignore", **one_thread()},
    )
    pages = sorted(path.stem for path in (out / "_build" / "html" / "notebooks").glob("*.html"))
    lost = set(notebook_names()) - set(pages)
    failed = list((out / "_build").glob("html/reports/**/*.log"))
    if lost or failed:
        raise RuntimeError(
            f"benchmark: jupyter-book did not execute {sorted(lost) or failed[0].stem}"
        )
