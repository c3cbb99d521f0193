"""The verb ``smallcap snapshots``: list, show, compare, put in force, remove."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.results import InputError
from analysis.runs.terminal import print_snapshots, print_table, say

if TYPE_CHECKING:
    from analysis.sources.snapshots import Snapshot


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

        from analysis.claims import load_claims
        from analysis.designs.series import readers_of

        readers = readers_of(load_claims().values())
        rows = [
            {
                "file": e.id,
                "vintage": e.vintage,
                "first": e.first,
                "last": e.last,
                "read by": _readers(readers.get(e.id, ())),
                "from": e.address,
            }
            for e in shown.entries
        ]
        print_table(pd.DataFrame(rows), shown.name)


def say_unread(snapshot: Snapshot) -> None:
    """Say which of a snapshot's files no design reads; those of funds are the user's own choice."""
    from analysis.claims import load_claims
    from analysis.designs.series import readers_of
    from analysis.sources.confirmation import SERIES

    read = {*readers_of(load_claims().values()), *(f"fred/{name}" for name in SERIES)}
    unread = [id for id in snapshot.ids() if id not in read and not id.startswith("prices/")]
    if unread:
        say(f"note: no design reads {', '.join(unread)}; kept all the same")


def _readers(names: Sequence[str]) -> str:
    """One design by its name, more by their number."""
    return names[0] if len(names) == 1 else f"{len(names)} designs" if names else "no design"
