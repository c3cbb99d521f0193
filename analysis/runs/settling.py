"""Cards of executed notebooks, made to say what the other claims and the audit leave of a verdict.

A notebook judges its claims beside the stored p-values of the others. When several have run, their
verdicts are settled together; the cards and answers they hold are then made again from the settled
records, by the functions that made them, and no cell is run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import nbformat
import pandas as pd

from analysis.claims import Claim, load_claims
from analysis.claims.ledger import SETTLED, ledger_records, settle_records
from analysis.pages.answers import ANSWER_MIME, answer_bundle
from analysis.pages.cards import VERDICT_MIME, card_bundle
from analysis.pages.closings import CLOSING_MIME, closing_bundle
from analysis.runs.outputs import Record, verdicts_of


def settle_run(notebooks: Iterable[nbformat.NotebookNode], stored: pd.DataFrame) -> None:
    """Settle the verdicts of one run among themselves and the stored ones, and make the cards anew.

    Parameters
    ----------
    notebooks : iterable of notebook
        Executed; their outputs are changed in place.
    stored : DataFrame
        The ledger.
    """
    held = list(notebooks)
    claims = load_claims()
    judged = [record for one in held for record in verdicts_of(one) if record["claim"] in claims]
    settled = settle_records(judged, stored)
    for one in held:
        _remake(one, {(r["claim"], r["data"], r["as_of"]): r for r in settled}, claims)


def settle_by_ledger(notebook: nbformat.NotebookNode, table: pd.DataFrame) -> bool:
    """Make one notebook's cards say what the ledger says; whether any output changed.

    Parameters
    ----------
    notebook : notebook
        Executed with the registered specification; its outputs are changed in place.
    table : DataFrame
        The ledger, settled.
    """
    rows = {(r["claim"], r["data"], r["as_of"]): r for r in ledger_records(table)}
    before = nbformat.writes(notebook)
    _remake(notebook, rows, load_claims())
    return nbformat.writes(notebook) != before


def _remake(
    notebook: nbformat.NotebookNode,
    settled: Mapping[tuple[str, str, str], Mapping[str, Any]],
    claims: Mapping[str, Claim],
) -> None:
    records: dict[str, Record] = {}
    for data in _outputs(notebook, VERDICT_MIME):
        record = dict(data[VERDICT_MIME])
        row = settled.get((record["claim"], str(record.get("data")), str(record.get("as_of"))))
        if row is not None and not record.get("deviations"):
            record |= {name: _as_float(row[name]) for name in SETTLED}
            data.update(card_bundle(record, claims.get(record["claim"])))
        records[record["claim"]] = record
    for data in _outputs(notebook, CLOSING_MIME):
        told = data[CLOSING_MIME]
        if set(told["claims"]) <= set(records):
            data.update(
                closing_bundle(told["part"], [records[name] for name in told["claims"]], claims)
            )
    for data in _outputs(notebook, ANSWER_MIME):
        if set(data[ANSWER_MIME]) <= set(records):
            data.update(answer_bundle([records[name] for name in data[ANSWER_MIME]], claims))


def _as_float(value: Any) -> Any:
    """A whole number as a record has it: the ledger gives 1 for 1.0."""
    return float(value) if isinstance(value, int) else value


def _outputs(notebook: nbformat.NotebookNode, kind: str) -> list[Any]:
    """The data of every output that carries a type."""
    return [
        output["data"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if kind in output.get("data", {})
    ]
