"""What a user sees of a run on a terminal, in a pipe or in a file: lines, bars, tables.

Nothing here ends a run: a stream that is closed, full or left is told of in one line, at the end.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from analysis.results import InputError

if TYPE_CHECKING:
    from analysis.runs.execute import Progress


def open_streams() -> bool:
    """Put the null device where a standard stream is closed; whether standard output was.

    A file opened later would take the stream's number, and what kernels print would go into it.
    """
    closed = sys.stdout is None
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            stream = open(number, "w" if number else "r", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)
    return closed


class Output:
    """Standard output that remembers why it cannot be written, and lets the work go on."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._fault: OSError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write, until it fails once."""
        if self._fault is None:
            try:
                return int(self._stream.write(text))
            except OSError as error:
                self._fault = error
        return len(text)

    def flush(self) -> None:
        """Flush, until it fails once."""
        if self._fault is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._fault = error

    def close(self) -> str | None:
        """What to say of what could not be printed; None where all was."""
        self.flush()
        if self._fault is None:
            return None
        with suppress(OSError, ValueError):
            # what is left is not tried again when the interpreter ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        if isinstance(self._fault, BrokenPipeError):
            # whoever read the output has left
            return ""
        return (
            f"smallcap: standard output cannot be written ({self._fault.strerror}); nothing else is"
            " lost"
        )


def in_one_line(error: OSError) -> str:
    """An error of the system: file, what is wrong, and what to do about a full disk."""
    import shutil

    if isinstance(error, shutil.Error) and error.args and error.args[0]:
        # of a whole folder that could not be copied, the first file
        what = " ".join(str(error.args[0][0][-1]).split())
        full = os.strerror(errno.ENOSPC) in what
    else:
        what = error.strerror or " ".join(str(error).split())
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    where = f"{error.filename}: " if error.filename else ""
    remedy = "; free some space and run it again; nothing was replaced" if full else ""
    return f"{where}{what}{remedy}"


def say(line: str) -> None:
    """Tell the user one line; a terminal that is gone is no reason to lose a run."""
    if not line:
        return
    try:
        print(line, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


@contextmanager
def run_progress() -> Iterator[Progress]:
    """A bar for each notebook on a terminal; elsewhere a line when one is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, Any] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:

        def report(name: str, done: int, total: int) -> None:
            if name not in bars:
                bars[name] = display.add_task(name, total=total)
            display.update(bars[name], completed=done)
            if done == total and not console.is_terminal:
                say(f"{name}: {total} cells run")

        yield report


@contextmanager
def pull_progress() -> Iterator[Callable[[Any], None]]:
    """One bar over the files of a pull; off a terminal, a line for each that gave trouble."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:
        bar = display.add_task("pull", total=None)

        def report(step: Any) -> None:
            final = step.state in ("kept", "resumed", "absent", "failed")
            display.update(bar, total=step.files, advance=final, description=f"pull {step.id}")
            if not console.is_terminal and step.state in ("retrying", "failed", "absent"):
                say(f"{step.id}: {step.state}")

        yield report


@contextmanager
def panel_progress(panels: int) -> Iterator[Callable[[int], None]]:
    """A bar over the simulated panels; silent off a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as display:
        bar = display.add_task("panels", total=panels)
        yield lambda done: display.update(bar, completed=done)


def print_snapshots() -> None:
    """Print every kept snapshot, and in a line what is damaged."""
    from analysis.sources import snapshots as kept

    every, damaged = kept.sound_and_damaged()
    in_force = None
    try:
        in_force = kept.current_name()
    except InputError as error:
        damaged.append(str(error))
    for line in damaged:
        say(f"smallcap: {line}")
    if not every and not damaged:
        say("no snapshot yet; run smallcap pull")
    for one in every:
        mark = "in force" if one.name == in_force else ""
        print(f"{one.name}  {one.created}  {len(one.entries)} files  {mark}".rstrip())


def print_json(value: Any) -> None:
    """Print plain values as JSON; escapes stand for what the terminal does not know."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=1)
    print(text)


def print_table(table: Any, title: str) -> None:
    """Print a frame under its title, its numbers to four digits."""
    _draw_table(map(str, table.columns), table.itertuples(index=False), title)


def print_rows(columns: Sequence[str], rows: Iterable[Iterable[Any]], title: str) -> None:
    """Print many rows: folded into a table on a terminal, elsewhere a line each, aligned."""
    if sys.stdout.isatty():
        _draw_table(columns, rows, title)
        return
    cells = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)
    print("\n".join([title, *lines]))


def _draw_table(columns: Iterable[str], rows: Iterable[Iterable[Any]], title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=Text(title), title_justify="left")
    for name in columns:
        shown.add_column(Text(name), overflow="fold")
    for row in rows:
        shown.add_row(*(Text(_cell(value)) for value in row))
    Console(width=None if sys.stdout.isatty() else 200).print(shown)


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
