"""The book from a fresh run: every notebook executed, its verdicts settled, its pages built."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.claims.completeness import whole_ledger
from analysis.claims.history import HISTORY_FILE, changed_verdicts, read_history, write_history
from analysis.claims.ledger import update_ledger, write_ledger
from analysis.runs.book import BOOK, build_book
from analysis.runs.execute import Progress, execute
from analysis.runs.folders import check_folder
from analysis.runs.limits import Limits
from analysis.runs.notebooks import check_notebooks
from analysis.runs.outputs import collect_verdicts
from analysis.runs.pdf import find_chromium
from analysis.runs.plan import notebook_names


def fresh_book(
    given: Mapping[str, Any],
    out: Path,
    *,
    jobs: int,
    progress: Progress | None = None,
    limits: Limits | None = None,
    address: str = "",
    pdf: bool = False,
) -> list[str]:
    """Execute all notebooks and build the book of what they say.

    The pages carry the ledger with the fresh verdicts in it, and the history with what they
    changed; the committed files stay as they are.

    Parameters
    ----------
    given : mapping
        Parameters of every notebook.
    out, address, pdf
        As :func:`analysis.runs.book.build_book` takes them; a missing browser is an error before
        anything runs.
    jobs, progress, limits
        As :func:`analysis.runs.execute.execute` takes them.

    Returns
    -------
    list of str
        Every reason not to publish; the book is built when there is none.
    """
    check_folder(out, BOOK)
    if pdf:
        find_chromium()
    with TemporaryDirectory(prefix="smallcap-run-") as name:
        folder = Path(name)
        executed = folder / "notebooks"
        written = execute(
            notebook_names(), given, executed, jobs=jobs, progress=progress, limits=limits
        )
        stored = whole_ledger()
        fresh = update_ledger(stored, collect_verdicts(written))
        if problems := check_notebooks(executed, stale=False, ledger=fresh):
            return problems
        moved = changed_verdicts(stored, fresh, date.today())
        write_history([*read_history(), *moved], folder / HISTORY_FILE.name)
        ledger = write_ledger(fresh, folder / "ledger.csv")
        build_book(executed, ledger, out, address=address, pdf=pdf)
    return []
