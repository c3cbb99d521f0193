"""The verb ``smallcap bench``: every promise of speed, timed beside its peer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from analysis.runs.options import AsJson
from analysis.runs.terminal import print_json, print_table, say


def bench(
    only: Annotated[
        str | None, typer.Option(help="Parts by comma: book, jobs, sweep, dates, curve, null, ...")
    ] = None,
    specifications: Annotated[int, typer.Option(min=1, help="Of the curve.")] = 1000,
    curve_draws: Annotated[int, typer.Option(min=1, help="Placements of the curve.")] = 10_000,
    null_draws: Annotated[int, typer.Option(min=1, help="Samples of the null.")] = 5000,
    panels: Annotated[int, typer.Option(min=1, help="Calibration panels.")] = 40,
    months: Annotated[int, typer.Option(min=1, help="Of the sweep beside papermill.")] = 100,
    repeats: Annotated[int, typer.Option(min=1, help="The median of so many counts.")] = 3,
    write: Annotated[
        bool, typer.Option("--write", help="Keep what was measured and write the book's page.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Time every promise of speed, each against a peer in the same run."""
    from analysis.audit.benchmarks import bench_table
    from analysis.files import check_writable_project
    from analysis.runs import benchmarks
    from analysis.runs.comparisons import Sizes
    from analysis.runs.performance_page import write_record

    if write:
        check_writable_project("the page on performance")
    sizes = Sizes(
        repeats=repeats,
        books=min(Sizes.books, repeats),
        months=months,
        few=min(Sizes.few, months),
        specifications=specifications,
        curve_draws=curve_draws,
        null_draws=null_draws,
        panels=panels,
    )
    names = [] if only is None else [name.strip() for name in only.split(",")]
    machine = benchmarks.machine()
    timings = benchmarks.bench(names, sizes, lambda part: say(f"timing: {part}"))
    if as_json:
        print_json([timing.as_record() for timing in timings])
    else:
        print_table(bench_table(timings), "Each against a peer in the same run")
    if write:
        paths = write_record(timings, machine, date.today().isoformat())
        say(f"written: {', '.join(path.name for path in paths)}")
