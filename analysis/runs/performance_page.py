"""The book's page on performance: rendered from the benchmark's own record, and by nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.audit.benchmarks import Timing
from analysis.files import PROJECT, load_text, write_whole
from analysis.results import InputError
from analysis.runs.lengths import CHAPTER, RECORD_FILE
from analysis.texts import in_prose

#: Made of what the benchmark wrote.
PAGE_FILE = PROJECT / "book" / "performance.md"

_HEAD = """# How fast it runs

{answer}

An unchanged chapter is not run again, chapters run side by side in kernels that share their
imports, and a sweep can call the tests without notebooks. How to do each is on
[the page on other dates](rerun.md).
"""

_EMPTY = "No measurement is on record yet: `smallcap bench --write` makes one and writes this page."

_METHOD = """
## How this was measured

`smallcap bench --write` runs every comparison and writes this page. Each piece of work stands
beside a peer that was timed in the same run on the same machine. Whole programs are timed as a user
starts them, imports included. Where a row ran several times the median counts. Memory is what all
processes held together, and pages they share count in each.
"""

_CLUSTER = """
## A thousand workers, on paper

`smallcap sweep --scheduler` sends one month and one set of parameters to a Dask cluster as one
task. Every worker has its own copy of the project, its libraries and the data: they are read once,
and no data travel with a task. A task sends back its verdicts and nothing else. The table below
simulates a larger cluster from tasks that were recorded in this run: one scheduler serves one
message at a time, and every worker first spends its start. Workers gain nothing once the scheduler
is busy all the time; then months should travel several to a task, or in sweeps of their own with a
scheduler each.
"""

_DECIMALS = re.compile(r"\b[0-9]+\.[0-9]+\b")

_ONE_WORKER = re.compile(r"\b1 workers\b")

_WORDS = {True: "yes", False: "no", None: ""}


_TYPED = re.compile(
    r'smallcap (?:--?)?[a-z]+\b|python -c "[^"]*"|--[a-z]+(?: designs)?|\b[a-z]+_[a-z_]+\b'
)


def write_record(
    timings: Sequence[Timing],
    machine: Mapping[str, Any],
    day: str,
    record: Path = RECORD_FILE,
    page: Path = PAGE_FILE,
) -> list[Path]:
    """Keep what was measured, and write the page.

    Rows of an earlier run on the same machine stay, each with its own day, unless they were
    measured again; those of another machine go.

    Parameters
    ----------
    timings : sequence of Timing
    machine : mapping
        As :func:`analysis.runs.benchmarks.machine` gives it.
    day : str
        ``YYYY-MM-DD``.
    record, page : Path

    Returns
    -------
    list of Path
        Both files.
    """
    kept = read_record(record)
    same = kept is not None and _lasting(kept["machine"]) == _lasting(machine)
    new = {one.row: one.as_record() | {"day": day} for one in timings}
    rows = {row["row"]: row for row in kept["rows"]} if kept is not None and same else {}
    content = {"day": day, "machine": dict(machine), "rows": [*(rows | new).values()]}
    text = json.dumps(_rounded(content), indent=1, ensure_ascii=False, allow_nan=False)
    return [
        write_whole(record, text + "\n"),
        write_whole(page, performance_page(json.loads(text))),
    ]


def read_record(record: Path = RECORD_FILE) -> dict[str, Any] | None:
    """What the benchmark wrote; None where it wrote nothing yet.

    Raises
    ------
    InputError
        For a file that it did not write.
    """
    if not Path(record).exists():
        return None
    remedy = "put the committed file back, or run smallcap bench --write"
    try:
        held = json.loads(load_text(record, remedy))
        if isinstance(held, dict) and {"day", "machine", "rows"} <= set(held):
            return held
    except ValueError:
        pass
    raise InputError(f"{Path(record).name}: no record of a benchmark; {remedy}")


def performance_page(record: Mapping[str, Any] | None) -> str:
    """The page in Markdown; without a record it says so and shows no number."""
    if record is None:
        return _HEAD.format(answer=_EMPTY) + _METHOD
    rows = list(record["rows"])
    simulated = [row for row in rows if row["row"].startswith("cluster of ")]
    chapters = [row for row in rows if row["row"].startswith(CHAPTER)]
    measured = [row for row in rows if row not in simulated and row not in chapters]
    parts = [_HEAD.format(answer=_answer(measured)), _measured(measured), _missed(measured)]
    parts += [_METHOD, _where(record), _chapters(chapters)]
    if simulated:
        parts += [_CLUSTER, _simulated(simulated)]
    return in_prose("\n".join(part.strip("\n") + "\n" for part in parts if part))


def _as_code(text: str) -> str:
    """What is typed, and names of the code, set as code."""
    return _TYPED.sub(r"`\g<0>`", text)


def _answer(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a reader waits for, in a sentence for each of the rows that are there."""
    held = {row["row"]: row for row in rows}
    told = []
    if "book" in held:
        told.append(
            f"Running every chapter and building these pages took {_seconds(held['book'])}"
            f" seconds, {_percent(held['book'])} of what jupyter-book needs to run the same"
            " chapters."
        )
    if "unchanged" in held:
        told.append(f"When nothing has changed it takes {_seconds(held['unchanged'])} seconds.")
    if "sweep" in held:
        told.append(
            f"Judging a chapter at many dates is {held['sweep']['value']:.2g} times faster than"
            " running its notebook once for each."
        )
    return " ".join(told) or _EMPTY


def _measured(rows: Sequence[Mapping[str, Any]]) -> str:
    head = ["work", "against", "measured", "promised", "reached", "peak memory, MB"]
    lines = [
        (
            row["work"],
            row["peer"],
            _value(row),
            _promise(row),
            _WORDS[row["reached"]],
            "" if row["peak_mb"] is None else f"{row['peak_mb']:,.0f}",
        )
        for row in rows
    ]
    notes = [_as_code(f"- {row['work']}: {row['note']}.") for row in rows if row["note"]]
    return f"{_table(head, lines)}\n\n" + "\n".join(notes) if lines else ""


def _missed(rows: Sequence[Mapping[str, Any]]) -> str:
    missed = [row for row in rows if row["reached"] is False]
    if not missed:
        return ""
    named = "; ".join(f"{row['work']} ({_value(row)}, promised {_promise(row)})" for row in missed)
    return _as_code(f"Not reached on this machine: {named}.")


def _where(record: Mapping[str, Any]) -> str:
    machine = record["machine"]
    days = sorted({row["day"] for row in record["rows"]})
    span = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    load = machine.get("load")
    busy = "" if load is None else f" Processes waiting for a core when it began: {load:g}."
    return (
        f"Measured {span} on {machine['cores']} cores of {machine['processor']},"
        f" {machine['system']}, Python {machine['python']}.{busy}"
    )


def _chapters(rows: Sequence[Mapping[str, Any]]) -> str:
    if not rows:
        return ""
    longest = sorted(rows, key=lambda row: -row["seconds"])
    told = ", ".join(f"`{row['row'].removeprefix(CHAPTER)}` {_seconds(row)}" for row in longest)
    return f"Seconds each chapter takes alone, its imports paid: {told}. The longest begin first."


def _simulated(rows: Sequence[Mapping[str, Any]]) -> str:
    """The simulated clusters, and beneath them once what all of them were made from."""
    head = ["simulated", "hours", "times faster than one worker", "how busy"]
    notes = [row["note"].partition("; recorded: ") for row in rows]
    made = {recorded for _, _, recorded in notes}
    shared = made.pop() if len(made) == 1 else ""
    lines = [
        (
            _ONE_WORKER.sub("1 worker", row["work"].removesuffix(", simulated")),
            f"{row['seconds'] / 3600:.2g}",
            f"{row['value']:,.0f}",
            busy if shared else row["note"],
        )
        for row, (busy, _, _) in zip(rows, notes, strict=True)
    ]
    rounded = _DECIMALS.sub(lambda found: f"{float(found[0]):.2g}", shared)
    return _table(head, lines) + (f"\n\nRecorded: {rounded}." if shared else "")


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    cells = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(_cell(text) for text in line)} |" for line in cells)


def _cell(text: str) -> str:
    return _as_code(text).replace("|", "\\|")


def _value(row: Mapping[str, Any]) -> str:
    value, unit = row["value"], row["unit"]
    # a miss must not be rounded to what was promised
    digits = 3 if row.get("reached") is False and float(f"{value:.2g}") == row["wanted"] else 2
    if unit == "of the peer's time":
        return f"{100 * value:.{digits}g}% of its time"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.{digits}g} {unit}"


def _promise(row: Mapping[str, Any]) -> str:
    if row["wanted"] is None:
        return ""
    side = "at most" if row["at_most"] else "at least"
    if row["unit"] == "of the peer's time":
        return f"{side} {100 * row['wanted']:g}%"
    return f"{side} {row['wanted']:g}"


def _seconds(row: Mapping[str, Any]) -> str:
    seconds = row["seconds"]
    return f"{seconds:,.0f}" if seconds >= 10 else f"{seconds:.2g}"


def _percent(row: Mapping[str, Any]) -> str:
    return f"{100 * row['value']:.2g}%"


def _lasting(machine: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in machine.items() if name != "load"}


def _rounded(value: Any) -> Any:
    """Four significant digits: more are noise."""
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
