"""The verb ``smallcap calibrate``: the verdict rules on simulated panels."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from analysis.results import InputError
from analysis.runs.options import AsJson
from analysis.runs.terminal import panel_progress, print_json, print_table, say


def calibrate(
    panels: Annotated[int, typer.Option(min=1, help="Simulated panels of each world.")] = 100,
    jobs: Annotated[int, typer.Option(min=1, help="How many run at once.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random draw.")] = 20260101,
    data: Annotated[str, typer.Option(help="'bundled' or 'latest'.")] = "bundled",
    as_of: Annotated[str | None, typer.Option(help="Last month seen, YYYY-MM.")] = None,
    as_json: AsJson = False,
    write: Annotated[
        bool, typer.Option("--write", help="Store the table in data/derived.")
    ] = False,
    search: Annotated[
        str | None,
        typer.Option(help="Instead compare the tests that could decide this claim."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Judge this rule alone; repeatable.")
    ] = None,
) -> None:
    """Run the verdict rules on simulated panels and report how often they err."""
    import time
    from functools import partial

    from analysis import audit as calibration
    from analysis.audit import rule_search
    from analysis.claims import load_claims
    from analysis.files import check_writable_project
    from analysis.panel import load_dataset

    if write:
        check_writable_project("the table of the audit")
    dataset, start = load_dataset(data, as_of or "newest"), time.perf_counter()
    if only and search is not None:
        raise InputError("give one of --only and --search")
    run: Any = (
        partial(calibration.calibrate, only=only or ())
        if search is None
        else partial(rule_search.search, claim=search)
    )
    with panel_progress(panels) as progress:
        found = run(dataset, load_claims(), panels, jobs=jobs, seed=seed, progress=progress)
    each = (time.perf_counter() - start) / panels
    say(f"{each:.2f} seconds a panel, {jobs} at a time")
    if write:
        command = "smallcap calibrate" + ("" if search is None else f" --search {search}")
        command += f" --panels {panels} --seed {seed} --write"
        command += "".join(f" --only {rule}" for rule in only or ())
        command += "" if data == "bundled" else f" --data {data}"
        command += "" if as_of is None else f" --as-of {as_of}"
        written = (
            calibration.write_calibration(found, command, only or ())
            if search is None
            else rule_search.write_search(found, command)
        )
        say(f"written: {written.name}")
    tables = {"rates": found.rates, "labels": found.labels} if search is None else {"rates": found}
    if as_json:
        records = {k: json.loads(one.to_json(orient="records")) for k, one in tables.items()}
        print_json({"panels": panels, "seed": seed} | records)
    else:
        shown = tables["rates"] if search is None else rule_search.compared(found)
        print_table(shown, f"{panels} simulated panels of each world")
