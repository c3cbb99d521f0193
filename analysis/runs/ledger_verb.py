"""The verb ``smallcap ledger``: every verdict, printed, checked against a fresh run or stored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.results import InputError
from analysis.runs.options import AUTO, AsJson, Jobs, fail_on, jobs_of
from analysis.runs.terminal import print_json, print_rows, run_progress, say


def ledger(
    data: Annotated[str | None, typer.Option(help="Only 'bundled' or only 'latest'.")] = None,
    as_json: AsJson = False,
    check: Annotated[bool, typer.Option("--check", help="Run again; fail on a change.")] = False,
    verdicts: Annotated[
        bool, typer.Option("--verdicts", help="With --check: fail only where a verdict changed.")
    ] = False,
    update: Annotated[bool, typer.Option("--update", help="Run again and store.")] = False,
    central: Annotated[
        bool, typer.Option("--central", help="The answers of the front page, as Markdown.")
    ] = False,
    jobs: Jobs = AUTO,
) -> None:
    """Print every verdict; --check runs the notebooks and fails where they disagree."""
    if data not in (None, "bundled", "latest"):
        raise InputError(f"unknown data set {data!r}; use 'bundled' or 'latest'")
    if verdicts and not check:
        raise InputError("--verdicts says what --check fails on; give --check too")
    if update:
        _update_ledger(data or "bundled", jobs_of(jobs))
        return
    from analysis.runs.ledger_listing import SHOWN, listed_ledger

    if check:
        _check_ledger(data or "bundled", jobs_of(jobs), verdicts)
    if central:
        from analysis.files import PROJECT
        from analysis.pages.front import central_table
        from analysis.pages.records import load_records

        print(central_table(load_records(PROJECT)))
        return
    rows = [row for row in listed_ledger() if data in (None, row["data"])]
    if as_json:
        print_json(rows)
    elif not check:
        print_rows(SHOWN, ([row[name] for name in SHOWN] for row in rows), "Every verdict")


def _update_ledger(data: str, jobs: int) -> None:
    from datetime import date

    from analysis.claims import history
    from analysis.claims import ledger as books
    from analysis.files import check_writable_project

    check_writable_project("the ledger")
    stored = books.read_ledger()
    table = books.update_ledger(stored, _fresh_verdicts(data, jobs))
    history.remember(stored, table, date.today())
    books.write_ledger(table)


def _check_ledger(data: str, jobs: int, verdicts: bool) -> None:
    from datetime import date

    from analysis.claims import completeness, history, load_claims
    from analysis.claims import ledger as books

    stored = books.read_ledger()
    completeness.check_whole(stored, load_claims())
    both = books.update_ledger(stored, _fresh_verdicts(data, jobs))
    rerun = both[both["data"] == data]
    if verdicts:
        fail_on([one.words for one in history.changed_verdicts(stored, rerun, date.today())])
    else:
        fail_on([*books.check_stored(stored), *books.check_ledger(rerun, stored)])
    say(f"the ledger agrees with a fresh run of {len(rerun)} claims")


def _fresh_verdicts(data: str, jobs: int) -> list[dict[str, Any]]:
    from tempfile import TemporaryDirectory

    from analysis.runs.execute import execute
    from analysis.runs.outputs import collect_verdicts
    from analysis.runs.plan import notebook_names

    given = {} if data == "bundled" else {"data": data}
    with TemporaryDirectory(prefix="smallcap-run-") as folder, run_progress() as progress:
        return collect_verdicts(
            execute(notebook_names(), given, Path(folder), jobs=jobs, progress=progress)
        )
