"""The book from a fresh run: every notebook executed, its verdicts settled, its pages built."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.claims.completeness import whole_ledger
from analysis.claims.history import HISTORY_FILE, changed_verdicts, read_history, write_history
from analysis.claims.ledger import update_ledger, write_ledger
from analysis.runs.book import BOOK, Waiting, build_book
from analysis.runs.execute import Progress, execute_planned
from analysis.runs.folders import check_folder, stands
from analysis.runs.kernels import warming
from analysis.runs.limits import Limits
from analysis.runs.notebooks import check_notebooks
from analysis.runs.outputs import collect_verdicts
from analysis.runs.pdf import find_chromium
from analysis.runs.plan import NOTEBOOKS_FOLDER, notebook_names, plan
from analysis.runs.reuse import Shelf, state_of


def fresh_book(
    given: Mapping[str, Any],
    out: Path,
    *,
    jobs: int,
    progress: Progress | None = None,
    limits: Limits | None = None,
    shelf: Shelf | None = None,
    address: str = "",
    pdf: bool = False,
    leg: str | None = None,
) -> list[str] | None:
    """Execute all notebooks and build the book of what they say.

    The pages carry the ledger with the fresh verdicts in it, and the history with what they
    changed; the committed files stay as they are. A verdict on another leg than the registered one
    stands on its chapter's page, marked as such, and is in no ledger.

    Parameters
    ----------
    given : mapping
        Parameters of every notebook.
    out, address, pdf
        As :func:`analysis.runs.book.build_book` takes them; a missing browser is an error before
        anything runs.
    jobs, progress, limits, shelf
        As :func:`analysis.runs.execute.execute` takes them.
    leg : str, optional
        Small minus large in every chapter that takes one.

    Returns
    -------
    list of str or None
        Every reason not to publish; the book is built when there is none. None where the book that
        stands was built of the same, and is left alone; a shelf that forces builds it again.
    """
    check_folder(out, BOOK)
    if pdf:
        find_chromium()
    chosen = {} if leg is None else {"leg": leg}
    state = _state({**given, **chosen}, address, pdf)
    # what would be refused has never been built
    if not (shelf is not None and shelf.force) and stands(out, BOOK, state):
        return None
    with TemporaryDirectory(prefix="smallcap-run-") as name, ExitStack() as opened:
        folder = Path(name)
        executed = folder / "notebooks"
        names = notebook_names()
        builders: list[Waiting] = []

        def begin() -> None:
            builders.append(opened.enter_context(Waiting()))

        # its imports go on while the plan is made
        with warming(len(names)) as warmed:
            written = execute_planned(
                plan(names, given, where_taken=chosen),
                executed,
                jobs=jobs,
                progress=progress,
                limits=limits,
                shelf=shelf,
                warmed=warmed,
                # its imports go on while the last notebooks run
                spare=begin,
            )
        if not builders:
            begin()
        stored = whole_ledger()
        judged = collect_verdicts(written)
        if leg is not None:
            judged = [record for record in judged if not record.get("deviations")]
        fresh = update_ledger(stored, judged)
        registered = leg is None
        if problems := check_notebooks(executed, stale=False, ledger=fresh, registered=registered):
            return problems
        moved = changed_verdicts(stored, fresh, date.today())
        write_history([*read_history(), *moved], folder / HISTORY_FILE.name)
        ledger = write_ledger(fresh, folder / "ledger.csv")
        # what was changed meanwhile is in a part of the pages only
        kept = state if _state({**given, **chosen}, address, pdf) == state else None
        build_book(
            executed,
            ledger,
            out,
            address=address,
            pdf=pdf,
            state=kept,
            jobs=jobs,
            kept=None if shelf is None else shelf.pages(out),
            waiting=builders[0],
        )
    return []


def _state(given: Mapping[str, Any], address: str, pdf: bool) -> str:
    return state_of({**given, "address": address, "pdf": pdf}, NOTEBOOKS_FOLDER)
