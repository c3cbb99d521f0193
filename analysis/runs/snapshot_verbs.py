"""The verb ``smallcap snapshots``: list, show, compare, put in force, remove."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis.results import InputError
from analysis.runs.terminal import print_snapshots, print_table


def snapshots(
    name: Annotated[str | None, typer.Argument(help="Show this one, file by file.")] = None,
    use: Annotated[bool, typer.Option("--use", help="Put it in force.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove it, and files no other one holds.")
    ] = False,
    diff: Annotated[
        str | None, typer.Option(help="Compare with this one, the earlier of the two.")
    ] = None,
) -> None:
    """List the kept snapshots, show or compare one, put one in force, remove one."""
    from analysis.sources import snapshots as kept

    if name is None:
        if use or remove or diff is not None:
            raise InputError("name the snapshot; smallcap snapshots lists them")
        print_snapshots()
        return
    if sum((use, remove, diff is not None)) > 1:
        raise InputError("give one of --use, --remove and --diff")
    if use:
        print(f"in force: {kept.use_snapshot(name).name}")
    elif remove:
        print(f"removed: {name} and {kept.remove_snapshot(name)} files that no other one holds")
    elif diff is not None:
        from analysis.sources.revisions import diff_snapshots

        print(diff_snapshots(diff, name))
    else:
        shown = kept.load_snapshot(name)
        print(shown)
        for note in shown.notes:
            print(f"note: {note}")
        import pandas as pd

        rows = [
            {
                "file": e.id,
                "vintage": e.vintage,
                "first": e.first,
                "last": e.last,
                "from": e.address,
            }
            for e in shown.entries
        ]
        print_table(pd.DataFrame(rows), shown.name)
