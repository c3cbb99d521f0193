"""What the verbs of the command line take, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.results import InputError
from analysis.runs.terminal import say

if TYPE_CHECKING:
    from analysis.runs.limits import Limits
    from analysis.runs.reuse import Shelf

#: What a notebook may take by default: three times what the slowest does on a slow machine.
CELL_SECONDS, NOTEBOOK_SECONDS, MEMORY_MB = 900.0, 3600.0, 2048.0

AUTO = "auto"

#: Exit code of work that was done and did not succeed.
FAILED = 1

Names = Annotated[list[str], typer.Argument(help="Notebooks, e.g. first_cut.")]
AsOf = Annotated[str | None, typer.Option(help="Last month seen, YYYY-MM, or 'newest'.")]
Data = Annotated[str, typer.Option(help="'bundled' (offline) or 'latest' (after a pull).")]
Given = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", help="key=value; may be repeated.")
]
Scheduler = Annotated[
    str | None, typer.Option(help="A Dask cluster for the designs, tcp://HOST:PORT.")
]
GivenMany = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", help="key=value1,value2; may be repeated."),
]
Jobs = Annotated[
    str, typer.Option(metavar="N|auto", help="How many run at once; auto is one a core.")
]
CellTimeout = Annotated[float, typer.Option(min=1, help="Seconds one cell may take.")]
NotebookTimeout = Annotated[float, typer.Option(min=1, help="Seconds one notebook may take.")]
Memory = Annotated[float, typer.Option(min=1, help="MB of memory one notebook's kernel may hold.")]
Force = Annotated[bool, typer.Option("--force", help="Run again what is kept from before.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say of each notebook why it is run again, or not.")
]
Leg = Annotated[
    str | None, typer.Option(help="A leg's name, or your returns: FILE.csv:SMALL-LARGE.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")]


class EngineName(StrEnum):
    """How a sweep judges."""

    NOTEBOOKS = "notebooks"
    DESIGNS = "designs"


class CacheTask(StrEnum):
    """What to do with the kept notebooks."""

    LIST = "list"
    SIZE = "size"
    PRUNE = "prune"
    VERIFY = "verify"


def jobs_of(text: str) -> int:
    """How many run at once, from what was typed."""
    from analysis.runs.execute import check_jobs

    if text == AUTO:
        return check_jobs(None)
    if not text.isdecimal() or not text.isascii() or len(text) > 4:
        raise InputError(f"jobs must be a whole number of at least 1, or {AUTO}, got {text!r}")
    return check_jobs(int(text))


def shelf_of(force: bool, explain: bool) -> Shelf:
    """The store of executed notebooks as ``--force`` and ``--explain`` want it."""
    from analysis.runs.reuse import Shelf

    return Shelf(force=force, explain=say if explain else None)


def say_what_was_kept(shelf: Shelf) -> None:
    """Name the notebooks that were not run again, and why none can be kept."""
    if shelf.taken:
        say(f"unchanged and not run again: {', '.join(shelf.taken)}")
    if shelf.fault is not None:
        say(f"note: {shelf.fault}")


def use_leg(leg: str | None, data: str | None, as_of: str | None) -> str | None:
    """Name of a leg; returns from a file are checked and given to the kernels as the leg own."""
    import os

    from analysis.panel import OWN, load_dataset
    from analysis.sources import own_returns

    if leg is None or not own_returns.is_file_spec(leg):
        return leg
    before = os.environ.get(own_returns.VARIABLE)
    os.environ[own_returns.VARIABLE] = own_returns.absolute(leg)
    try:
        load_dataset(data or "bundled", as_of or "newest")
    except InputError:
        if before is None:
            del os.environ[own_returns.VARIABLE]
        else:
            os.environ[own_returns.VARIABLE] = before
        raise
    return OWN.name


def say_what_fell_out(data: str, as_of: str | None) -> None:
    """Name the first cuts that an earlier month hides, and what own returns were used."""
    from analysis.panel import load_dataset

    dataset = load_dataset(data, as_of or "newest")
    if dataset.own:
        say(f"leg own: {dataset.own}")
    if hidden := dataset.left_out:
        print(f"first cuts after {as_of}, which this run does not see: {', '.join(hidden)}")


def limits_of(cell_seconds: float, notebook_seconds: float, memory_mb: float) -> Limits:
    """What a notebook may take, from what was typed."""
    from analysis.runs.limits import Limits

    return Limits(cell_seconds, notebook_seconds, memory_mb)


def parameters_given(pairs: Sequence[str] | None, **options: str | None) -> dict[str, str]:
    """``key=value`` texts and the options that are parameters too, each given once."""
    given = {name: value for name, value in options.items() if value is not None}
    for pair in pairs or ():
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InputError(f"parameter {pair!r} is not key=value")
        if name in given:
            raise InputError(f"parameter {name!r} is given twice; give it once")
        given[name] = value
    return given


def fail_on(problems: Sequence[str]) -> None:
    """Print problems, one a line, and end with exit code 1 where there are any."""
    for problem in problems:
        say(f"smallcap: {problem}")
    if len(problems):
        raise typer.Exit(FAILED)
