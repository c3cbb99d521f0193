"""The verb ``smallcap derive``: the tables of data/derived, computed or compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analysis.results import InputError
from analysis.runs.options import fail_on
from analysis.runs.terminal import run_progress, say


def derive(
    snapshot: Annotated[str | None, typer.Option(help="By default the one in force.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compute again and compare.")] = False,
    vintage: Annotated[
        Path | None,
        typer.Option(help="Folder of an older vintage; $SMALLCAP_VINTAGE names it otherwise."),
    ] = None,
    claims: Annotated[
        bool,
        typer.Option(
            "--claims",
            help="Instead the tables made of the claims: verdicts by date, and every"
            " specification's estimate. With --check: whether they are of the present claims.",
        ),
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Months judged at once, with --claims.")] = 2,
) -> None:
    """Compute the tables of data/derived from a snapshot, or compare them with it."""
    from analysis.files import CODE, PROJECT, check_writable_project
    from analysis.runs.derivation import (
        VINTAGES_FILE,
        check_derived,
        vintage_folder,
        write_derived,
    )

    if PROJECT != CODE:
        raise InputError("data/derived belongs to the code, not to an audit; leave --project out")
    if not check:
        check_writable_project("data/derived", CODE)
    if claims:
        _derive_claims(snapshot, vintage, check, jobs)
        return
    if vintage_folder(vintage) is None:
        say(f"{VINTAGES_FILE} is left as it is: no --vintage FOLDER")
    if check:
        fail_on(check_derived(snapshot, vintage=vintage))
        print("data/derived agrees with the snapshot")
    else:
        written = write_derived(snapshot, vintage=vintage)
        print(f"written: {', '.join(path.name for path in written)}")


def _derive_claims(snapshot: str | None, vintage: Path | None, check: bool, jobs: int) -> None:
    """The derived tables that follow from the claims."""
    from analysis.runs.claim_tables import stale_claims, write_claim_tables

    if snapshot is not None or vintage is not None:
        raise InputError("--claims goes by the snapshot in force; leave --snapshot, --vintage out")
    if check:
        fail_on(stale_claims())
        print("verdicts by date and specifications are of the present claims")
        return
    with run_progress() as progress:
        written = write_claim_tables(jobs=jobs, progress=progress)
    print(f"written: {', '.join(path.name for path in written)}")
