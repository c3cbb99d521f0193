"""The committed notebooks: stored with the outputs of the default run, never stale or stripped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import nbformat
import pandas as pd

from analysis.claims import load_claims
from analysis.claims.completeness import whole_ledger
from analysis.claims.history import HISTORY_FILE, remember
from analysis.claims.ledger import (
    check_record,
    check_stored,
    read_ledger,
    update_ledger,
    write_ledger,
)
from analysis.claims.ledger_columns import LEDGER_FILE
from analysis.pages.answers import ANSWER_MIME, answer_bundle
from analysis.pages.cards import VERDICT_MIME, card_bundle
from analysis.pages.chapter import chapters
from analysis.results import InputError
from analysis.runs.execute import NotebookError, Progress, run_all
from analysis.runs.fingerprints import fingerprint
from analysis.runs.limits import Limits
from analysis.runs.outputs import (
    digest_outputs,
    held_notebook,
    is_injected,
    is_parameters,
    read_notebook,
    scrub,
    verdicts_of,
    write_notebook,
)
from analysis.runs.plan import NOTEBOOKS_FOLDER, in_book_order, notebook_names, plan
from analysis.runs.settling import settle_by_ledger

_PATH = re.compile(
    r"(?<![\w.:/<])/(?:home|Users|root|tmp|private|opt|usr|var|mnt|work)/|[A-Z]:\\\\"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")


def refresh(
    names: Sequence[str] = (),
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
    folder: Path = NOTEBOOKS_FOLDER,
    ledger: Path = LEDGER_FILE,
) -> list[Path]:
    """Run notebooks with their own parameters and store the outputs where they are.

    A chapter without a notebook gets one from its template, and a claim without a section one at
    the end.

    The ledger's rows of the claims they judge are written anew and all rows settled, and verdicts
    that data or method moved are added to the history beside it; the cards of
    every notebook in the folder, run or not, are made to say the settled verdicts. Nothing is
    stored unless every notebook succeeds.

    Raises
    ------
    InputError
        For an unknown name.
    NotebookError
        Naming notebook, cell and exception.
    """
    runs = plan(names or notebook_names(folder), {}, folder=folder)
    executed, failures, records = {}, [], []
    for run, outcome in run_all(runs, jobs=jobs, progress=progress, limits=limits):
        if isinstance(outcome, NotebookError):
            failures.append(str(outcome))
        else:
            executed[run.name] = outcome
    if failures:
        raise NotebookError("\n".join(failures))
    for run in runs:
        executed[run.name].metadata["smallcap"] = {"fingerprint": fingerprint(run.source)}
        records += verdicts_of(executed[run.name])
    stored = read_ledger(ledger)
    table = update_ledger(stored, records)
    for notebook in executed.values():
        settle_by_ledger(notebook, table)
    written = [_store(run.source, executed[run.name]) for run in runs]
    for path in in_book_order(folder):
        if path.stem not in executed:
            notebook = nbformat.read(path, as_version=4)
            if settle_by_ledger(notebook, table):
                written.append(_store(path, notebook))
    remember(stored, table, date.today(), ledger.with_name(HISTORY_FILE.name))
    write_ledger(table, ledger)
    return written


def scrub_notebooks(folder: Path = NOTEBOOKS_FOLDER) -> list[Path]:
    """Take paths, times and versions out of a folder's notebooks; outputs stay as they are.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        Those that held any, in the order of the book.

    Raises
    ------
    InputError
        For a damaged notebook; none is written then.
    """
    changed = {}
    for path in in_book_order(folder):
        notebook = read_notebook(path)
        before = nbformat.writes(notebook)
        if nbformat.writes(scrub(notebook)) != before:
            changed[path] = notebook
    return [write_notebook(path, notebook) for path, notebook in changed.items()]


def _store(path: Path, notebook: nbformat.NotebookNode) -> Path:
    """Write a notebook with a digest of its outputs, so that a changed table or chart shows."""
    made = notebook.metadata.get("smallcap", {})
    notebook.metadata["smallcap"] = {**made, "outputs": digest_outputs(notebook)}
    return write_notebook(path, notebook)


def check_notebooks(
    folder: Path = NOTEBOOKS_FOLDER,
    *,
    stale: bool = True,
    ledger: pd.DataFrame | None = None,
    registered: bool = True,
) -> list[str]:
    """Every reason not to publish the notebooks of a folder; empty when there is none.

    Refused are notebooks that are stripped, not fully run, carry an error or a warning, judge
    other claims than their chapter's, hold paths or times of a machine, hold a verdict, card or
    answer that is not the ledger's, or, where `stale`, were made by other code or data than is
    there now, or hold a text, table or chart that was changed after they were stored.

    Parameters
    ----------
    folder : Path
    stale : bool
    ledger : DataFrame, optional
        What the cards must say; by default the committed ledger, which is then checked itself.
    registered : bool
        Whether a verdict on another specification than the registered one is refused.
    """
    paths = in_book_order(folder)
    if not paths:
        raise InputError(f"no notebooks in {folder}")
    problems = []
    if ledger is None:
        ledger = whole_ledger()
        problems += [f"{LEDGER_FILE.name}: {problem}" for problem in check_stored(ledger)]
    return problems + [
        f"{path.name}: {problem}"
        for path in paths
        for problem in _problems(path, stale, ledger, registered)
    ]


def _problems(path: Path, stale: bool, ledger: pd.DataFrame, registered: bool) -> Iterator[str]:
    notebook = held_notebook(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if not any(cell.outputs for cell in code):
        yield "stripped: it has no outputs; run make notebooks"
        return
    if any(cell.execution_count is None for cell in code):
        yield "has cells that were never run; run make notebooks"
    outputs = [output for cell in code for output in cell.outputs]
    for output in outputs:
        if output.output_type == "error":
            yield f"carries an error: {output.ename}: {_first_line(output.evalue)}"
        if output.get("name") == "stderr":
            yield f"carries a warning: {_first_line(output.text)}"
    if (tagged := sum(map(is_parameters, notebook.cells))) != 1:
        yield f"has {tagged or 'no'} cells tagged 'parameters'; tag the one cell that sets them"
    if stale and any(map(is_injected, notebook.cells)):
        yield "was stored from a run with parameters; run make notebooks"
    yield from _machine_traces(notebook, outputs)
    yield from _claims_left_out(path.stem, notebook)
    yield from _forgeries(outputs, ledger, registered)
    kept = notebook.metadata.get("smallcap", {})
    if stale and kept.get("outputs") != digest_outputs(notebook):
        yield (
            "its outputs are not those it was stored with: a text, a table or a chart's data was"
            " changed; run make notebooks"
        )
    stored = kept.get("fingerprint")
    if stale and stored != fingerprint(path):
        yield "stale: code, data or cells changed since it was run; run make notebooks"


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def _machine_traces(
    notebook: nbformat.NotebookNode, outputs: Sequence[nbformat.NotebookNode]
) -> Iterator[str]:
    metadata = [notebook.metadata, *(cell.metadata for cell in notebook.cells)]
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs
    ]
    for text in (json.dumps(metadata), *texts):
        if found := _PATH.search(text):
            yield f"holds a path of a machine near {text[found.start() :][:40]!r}"
    if found := _TIME.search(json.dumps(metadata)):
        yield f"holds the time of a run: {found.group()}"


def _forgeries(
    outputs: Sequence[nbformat.NotebookNode], ledger: pd.DataFrame, registered: bool
) -> Iterator[str]:
    """Records that are not the ledger's, and cards and answers that are not their record's."""
    claims, records = load_claims(), {}
    for output in outputs:
        data = output.get("data", {})
        if VERDICT_MIME not in data:
            continue
        record = dict(data[VERDICT_MIME])
        name = record["claim"]
        records[name] = record
        if registered and record.get("deviations"):
            yield f"judges {name} by another than the registered specification"
        if registered or not record.get("deviations"):
            yield from check_record(record, ledger)
        card = card_bundle(record, claims.get(name))
        for kind in ("text/html", "text/plain"):
            if data.get(kind) != card[kind]:
                yield f"the card of {name} ({kind}) is not the one its record makes"
    for output in outputs:
        answered = output.get("data", {}).get(ANSWER_MIME)
        if answered is None or not set(answered) <= set(records):
            continue
        made = answer_bundle([records[name] for name in answered], claims)
        if any(output["data"].get(kind) != text for kind, text in made.items()):
            yield "its answer is not the one its verdicts make"


def _claims_left_out(name: str, notebook: nbformat.NotebookNode) -> Iterator[str]:
    if name not in chapters():
        yield "belongs to no chapter"
        return
    wanted = {claim.id for claim in load_claims().values() if claim.chapter == name}
    judged = [record["claim"] for record in verdicts_of(notebook)]
    if missing := sorted(wanted - set(judged)):
        yield f"gives no verdict on {', '.join(missing)}"
    if foreign := sorted(set(judged) - wanted):
        yield f"judges claims of other chapters: {', '.join(foreign)}"
    if twice := sorted({claim for claim in judged if judged.count(claim) > 1}):
        yield f"judges twice: {', '.join(twice)}"
