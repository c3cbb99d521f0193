"""The command line: ``smallcap VERB``. Every verb is a thin call into the package.

Heavy modules are imported inside the verbs, so that ``smallcap --help`` answers at once.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analysis.results import InputError
from analysis.runs import sharing_verbs
from analysis.runs.bench_verb import bench
from analysis.runs.calibrate_verb import calibrate
from analysis.runs.derive_verb import derive
from analysis.runs.ledger_verb import ledger
from analysis.runs.options import (
    AUTO,
    CELL_SECONDS,
    FAILED,
    MEMORY_MB,
    NOTEBOOK_SECONDS,
    AsJson,
    AsOf,
    CacheTask,
    CellTimeout,
    Data,
    EngineName,
    Explain,
    Force,
    Given,
    GivenMany,
    Jobs,
    Leg,
    Memory,
    Names,
    NotebookTimeout,
    Scheduler,
    fail_on,
    jobs_of,
    limits_of,
    parameters_given,
    say_what_fell_out,
    say_what_was_kept,
    shelf_of,
    use_leg,
)
from analysis.runs.signals import SIGNALS, Stopped, end_everything, stop
from analysis.runs.snapshot_verbs import say_unread, snapshots
from analysis.runs.terminal import (
    Output,
    in_one_line,
    open_streams,
    print_json,
    print_rows,
    pull_progress,
    run_progress,
    say,
)

app = typer.Typer(
    help="Small Caps, Audited: published claims about US small-cap stocks, put to the test.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

BAD_INPUT = 2


@app.callback(invoke_without_command=True)
def every_verb(
    context: typer.Context,
    project: Annotated[
        Path | None, typer.Option(help="Folder of an audit of your own; see smallcap new.")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Say which code, data and snapshot are in use.")
    ] = False,
) -> None:
    """Small Caps, Audited: published claims about US small-cap stocks, put to the test."""
    if project is not None:
        from analysis.runs.projects import use_project

        use_project(project)
    if version:
        from analysis.runs.versions import version_lines

        print("\n".join(version_lines()))
    elif context.invoked_subcommand is None:
        raise InputError("name a verb; smallcap --help lists them")


@app.command()
def run(
    names: Names,
    as_of: AsOf = None,
    data: Annotated[str | None, typer.Option(help="'bundled' or 'latest'.")] = None,
    parameter: Given = None,
    leg: Leg = None,
    out: Annotated[Path | None, typer.Option(help="Folder for notebooks and verdicts.")] = None,
    jobs: Jobs = AUTO,
    cell_timeout: CellTimeout = CELL_SECONDS,
    notebook_timeout: NotebookTimeout = NOTEBOOK_SECONDS,
    memory: Memory = MEMORY_MB,
    force: Force = False,
    explain: Explain = False,
) -> None:
    """Execute notebooks and write them, with verdicts.json, into a folder."""
    from analysis.runs.execute import execute
    from analysis.runs.folders import default_folder
    from analysis.runs.outputs import collect_verdicts

    given = parameters_given(parameter, as_of=as_of, data=data, leg=use_leg(leg, data, as_of))
    target = out or default_folder(
        names, parameters_given(parameter, leg=leg), as_of or "newest", data or "bundled"
    )
    shelf = shelf_of(force, explain)
    with run_progress() as progress:
        written = execute(
            names,
            given,
            target,
            jobs=jobs_of(jobs),
            progress=progress,
            from_text=True,
            limits=limits_of(cell_timeout, notebook_timeout, memory),
            shelf=shelf,
        )
    say_what_was_kept(shelf)
    for record in collect_verdicts(written):
        said = record["finding"] or record["reason"]
        print(f"{record['claim']}: {record['verdict'] or 'no verdict'}. {said}")
        for changed in record.get("deviations", ()):
            print(f"  not the registered specification: {changed}")
    say_what_fell_out(data or "bundled", as_of)
    print(f"written: {', '.join(path.name for path in written)}, verdicts.json in {target}")


@app.command()
def book(
    data: Data = "bundled",
    as_of: AsOf = None,
    out: Annotated[Path, typer.Option(help="Folder of the built pages.")] = Path("_build/html"),
    address: Annotated[
        str, typer.Option(help="Where the site will be published; makes its addresses whole.")
    ] = "",
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the pages and the whole book.")] = False,
    leg: Leg = None,
    jobs: Jobs = AUTO,
    cell_timeout: CellTimeout = CELL_SECONDS,
    notebook_timeout: NotebookTimeout = NOTEBOOK_SECONDS,
    memory: Memory = MEMORY_MB,
    force: Force = False,
    explain: Explain = False,
) -> None:
    """Execute all notebooks and build the static book."""
    from analysis.runs.fresh_book import fresh_book
    from analysis.runs.pdf import WHOLE

    given = parameters_given(None, as_of=as_of, data=None if data == "bundled" else data)
    shelf = shelf_of(force, explain)
    with run_progress() as progress:
        problems = fresh_book(
            given,
            out,
            jobs=jobs_of(jobs),
            progress=progress,
            limits=limits_of(cell_timeout, notebook_timeout, memory),
            shelf=shelf,
            address=address,
            pdf=pdf,
            leg=use_leg(leg, data, as_of),
        )
    if problems is None:
        print(f"unchanged since it was built: {out / 'index.html'}")
        return
    say_what_was_kept(shelf)
    fail_on(problems)
    if leg is not None:
        say_what_fell_out(data, as_of)
    print(f"built: {out / 'index.html'}")
    if pdf:
        print(f"printed: {out / WHOLE}, and every page beside its HTML")


@app.command()
def pull(
    base: Annotated[
        str | None, typer.Option("--from", help="A mirror's address, or a folder laid out like it.")
    ] = None,
    prices: Annotated[
        str | None, typer.Option(help="Folder or address of adjusted closes, TICKER.csv.")
    ] = None,
    yahoo: Annotated[
        str | None, typer.Option(help="Tickers by comma, fetched from Yahoo into --prices first.")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only check what is kept.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(help="Keep this file although it is odd beside its peers; repeatable."),
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Accept plain http from a mirror you trust.")
    ] = False,
    workers: Annotated[int, typer.Option(min=1, help="Files fetched at the same time.")] = 4,
    public: Annotated[
        bool,
        typer.Option("--public", help="Only the public-domain series, into data/public."),
    ] = False,
) -> None:
    """Fetch what the publishers serve today, check it, and keep it as a snapshot."""
    from analysis.sources.pull import pull_snapshot

    if public:
        if prices is not None or yahoo is not None or offline:
            raise InputError("--public fetches no prices and keeps no snapshot; leave the rest out")
        _pull_public(base, workers, allow_http, accept or ())
        return
    if yahoo is not None:
        from analysis.sources.yahoo import pull_yahoo

        if prices is None:
            raise InputError("--yahoo needs --prices FOLDER to write the closes into")
        pull_yahoo([ticker.strip() for ticker in yahoo.split(",")], prices)
    with pull_progress() as progress:
        snapshot = pull_snapshot(
            base,
            prices=prices,
            offline=offline,
            workers=workers,
            allow_http=allow_http,
            accept=accept or (),
            progress=progress,
        )
    for note in snapshot.notes:
        say(f"note: {note}")
    say_unread(snapshot)
    print(f"in force: {snapshot.name}, {len(snapshot.entries)} files")


def _pull_public(base: str | None, workers: int, allow_http: bool, accept: Sequence[str]) -> None:
    """Fetch the public-domain series anew, and name those that changed."""
    from analysis.files import CODE, check_writable_project
    from analysis.sources.pull import pull_public

    check_writable_project("data/public", CODE)
    with pull_progress() as progress:
        changed = pull_public(
            base, workers=workers, allow_http=allow_http, accept=accept, progress=progress
        )
    names = f": {', '.join(changed)}" if changed else ""
    print(f"data/public: {len(changed)} series changed{names}")


app.command()(snapshots)


app.command()(derive)


@app.command()
def sweep(
    names: Names,
    as_of: Annotated[str | None, typer.Option(help="FIRST:LAST:STEP in months, or a list.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    every: Annotated[int | None, typer.Option(help="Months from one to the next; 12.")] = None,
    data: Annotated[str | None, typer.Option(help="'bundled', 'latest' or both by comma.")] = None,
    parameter: GivenMany = None,
    leg: Leg = None,
    out: Annotated[Path | None, typer.Option(help="Folder for what is kept and the table.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Execute notebooks, or call the designs alone.")
    ] = EngineName.NOTEBOOKS,
    scheduler: Scheduler = None,
    jobs: Jobs = AUTO,
    cell_timeout: CellTimeout = CELL_SECONDS,
    notebook_timeout: NotebookTimeout = NOTEBOOK_SECONDS,
    memory: Memory = MEMORY_MB,
    as_json: AsJson = False,
) -> None:
    """Judge chapters over a grid of months and parameters; a stopped sweep goes on."""
    from analysis.runs import sweep as sweeping
    from analysis.runs.folders import default_folder
    from analysis.runs.grid import months_between

    seen = (data or "bundled").partition(",")[0]
    chosen = parameters_given(parameter, data=data, leg=use_leg(leg, seen, None))
    values: dict[str, Sequence[str]] = {key: text.split(",") for key, text in chosen.items()}
    if swept := months_between(as_of, first, last, every):
        values = {"as_of": swept, **values}
    others = {key: "+".join(some) for key, some in values.items() if key not in ("as_of", "data")}
    span = f"{swept[0]}_{swept[-1]}_{len(swept)}" if swept else "all"
    if engine is not EngineName.NOTEBOOKS:
        others["engine"] = engine.value
    target = out or default_folder([f"sweep-{'+'.join(names)}"], others, span, data or "bundled")
    with run_progress() as progress:
        table = sweeping.sweep(
            names,
            values,
            target,
            engine=engine.value,
            scheduler=scheduler,
            jobs=jobs_of(jobs),
            progress=progress,
            from_text=True,
            limits=limits_of(cell_timeout, notebook_timeout, memory),
        )
    if as_json:
        print_json(json.loads((target / "sweep.json").read_text(encoding="utf-8")))
    else:
        shown = ["notebook", *values, "claim", "verdict", "estimate", "ci_low", "ci_high",
                 "p_value", "p_adjusted", "joint_p", "reason", "deviations", "error"]  # fmt: skip
        told = table.reindex(columns=list(dict.fromkeys(shown)))
        print_rows(list(map(str, told.columns)), told.itertuples(index=False), f"{target}")
    if leg is not None:
        say_what_fell_out(seen, None)
    if not sweeping.has_parquet():
        say("note: no Parquet table, for pyarrow is not installed; sweep.csv holds the same")
    fail_on(table["error"].dropna().drop_duplicates())


@app.command()
def cache(
    task: Annotated[CacheTask, typer.Argument(help="What to do.")],
    most_mb: Annotated[
        float, typer.Option("--to", min=0, help="MB that may stay, for prune.")
    ] = 1000.0,
    days: Annotated[
        float | None, typer.Option("--unused", min=0, help="Also remove what no run used so long.")
    ] = None,
) -> None:
    """List the executed notebooks that are kept, or prune or verify them."""
    from analysis.runs.reuse import Shelf

    shelf = Shelf()
    if task is CacheTask.PRUNE:
        print(f"removed: {shelf.prune(int(most_mb * 1e6), days)}; kept in {shelf.folder}")
        return
    if task is CacheTask.VERIFY:
        fail_on(shelf.verify().lines())
        print(f"all sound in {shelf.folder}")
        return
    for line in shelf.lines(each=task is CacheTask.LIST):
        print(line)


@app.command()
def outlooks(data: Data = "bundled", as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Print what became of every outlook, and the score by note."""
    from analysis.runs.listings import list_outlooks

    list_outlooks(data, as_of or "newest", as_json)


@app.command()
def notebooks(
    names: Annotated[list[str] | None, typer.Argument(help="Only these.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Refuse stale or failed ones.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Run, store, update ledger.")] = False,
    scrub: Annotated[
        bool, typer.Option("--scrub", help="Take out paths and times, keep outputs; run nothing.")
    ] = False,
    jobs: Jobs = AUTO,
    cell_timeout: CellTimeout = CELL_SECONDS,
    notebook_timeout: NotebookTimeout = NOTEBOOK_SECONDS,
    memory: Memory = MEMORY_MB,
) -> None:
    """Check the committed notebooks, or run them again with their own parameters and store them."""
    from analysis.files import check_writable_project
    from analysis.runs import notebooks as committed

    if check + refresh + scrub != 1:
        raise InputError("give one of --check, --refresh and --scrub")
    if scrub:
        check_writable_project("the stored notebooks")
        for path in committed.scrub_notebooks():
            print(f"scrubbed: {path.name}")
        return
    if refresh:
        check_writable_project("the stored notebooks")
        with run_progress() as progress:
            limits = limits_of(cell_timeout, notebook_timeout, memory)
            written = committed.refresh(
                names or (), jobs=jobs_of(jobs), progress=progress, limits=limits
            )
        print(f"stored: {', '.join(path.name for path in written)}")
        return
    fail_on(committed.check_notebooks())
    print("the committed notebooks are whole and fresh")


app.command()(ledger)
app.command()(calibrate)
app.command()(bench)


for verb in (sharing_verbs.new, sharing_verbs.page, sharing_verbs.certificate):
    app.command()(verb)


def main() -> None:
    """Run a verb; bad input is one line and exit code 2, a failed run exit code 1.

    A signal ends everything the program started, and the exit code is 128 and its number.
    """
    closed = open_streams()
    # what papermill logs stands in the error that follows
    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    for stream in (sys.stdout, sys.stderr):
        # a terminal that knows no minus sign is no reason to lose a run
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    for name in SIGNALS:
        signal.signal(name, stop)
    printed = sys.stdout
    sys.stdout = output = Output(printed)
    try:
        code = _call()
    except Stopped as stopped:
        end_everything()
        os._exit(128 + stopped.number)
    finally:
        sys.stdout = printed
    lost = "smallcap: standard output is closed; nothing else is lost" if closed else output.close()
    if lost is not None:
        code = code or FAILED
        say(lost)
    sys.exit(code)


def _call() -> int:
    """Run the verb that the command line names; its exit code."""
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED * (ended.code is not None)
    except InputError as error:
        say(f"smallcap: {'; '.join(str(error).splitlines())}")
        return BAD_INPUT
    except OSError as error:
        say(f"smallcap: {in_one_line(error)}")
        return FAILED
    except RuntimeError as error:
        say(f"smallcap: {error}")
        return FAILED
    return 0


if __name__ == "__main__":
    main()
