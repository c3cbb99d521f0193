"""The derived tables that follow from the claims: verdicts by date, and the grids' estimates.

They take minutes and change when a claim, a design or the data change, so they are made apart from
the tables of publishers' data, with ``smallcap derive --claims``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.audit import dated_verdicts as dated
from analysis.claims import Claim, load_claims
from analysis.claims.chapters import load_chapters
from analysis.designs import Sampling, bind, find_design
from analysis.files import load_rows, load_text, write_whole
from analysis.pages import curves
from analysis.pages.verdict_dates import FILE as DATES_FILE
from analysis.panel import load_dataset
from analysis.results import significant
from analysis.sources.derived import DERIVED_FOLDER

COMMAND = "smallcap derive --claims"

DATES, GRIDS = DATES_FILE.name, curves.FILE.name

#: Digits of what is kept of a number.
DIGITS = 4


def dates_text(table: pd.DataFrame) -> str:
    """Every claim at each year's end, as CSV under its header.

    Parameters
    ----------
    table : DataFrame
        Of :func:`analysis.audit.dated_verdicts.dated_verdicts`.
    """
    latest = load_dataset("latest")
    numbers = ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted")
    table = table.assign(**{name: table[name].map(_short) for name in numbers})
    header = (
        f"# Computed by `{COMMAND}` from the bundled data and snapshot {latest.snapshot}, to"
        f" {latest.as_of}; do not edit.\n"
        "# Each claim by its present criterion on what was known at the end of a December; months"
        " without a verdict are left out.\n"
        "# data: the bundled data as far as they reach and can carry the claim, else the latest.\n"
    )
    return header + table.to_csv(index=False, lineterminator="\n")


def grids_text(progress: dated.Progress | None = None) -> str:
    """The estimates of every registered specification on the latest data, as JSON."""
    claims = {name: one for name, one in load_claims().items() if one.design and one.grid}
    kept: dict[str, Any] = {}
    for done, (name, claim) in enumerate(claims.items(), 1):
        curve = _curve(claim)
        if curve is not None:
            kept[name] = curve.as_record(claim.criterion_hash)
        if progress is not None:
            progress("grids", done, len(claims))
    made = {
        "made": f"Computed by `{COMMAND}`; do not edit. A line a specification: the places of its"
        " choices, its estimate, and between which values 95% of estimates lie without an effect.",
        "claims": kept,
    }
    return json.dumps(made, indent=0, ensure_ascii=False, allow_nan=False) + "\n"


def _curve(claim: Claim) -> curves.Curve | None:
    dataset, draws = load_dataset("latest"), load_chapters()[claim.chapter].draws or 1
    chosen = find_design(str(claim.design))
    study = chosen(dataset, bind(claim), Sampling(draws, dated.SEED))
    return curves.curve_of(study, str(dataset.as_of))


def _short(value: Any) -> str:
    return "" if value is None or value != value else f"{significant(float(value), DIGITS):g}"


def write_claim_tables(
    folder: Path = DERIVED_FOLDER, jobs: int = 1, progress: dated.Progress | None = None
) -> list[Path]:
    """Make both tables and write them, whole or not at all.

    Raises
    ------
    InputError
        Where the latest data were not pulled.
    """
    texts = {
        GRIDS: grids_text(progress),
        DATES: dates_text(dated.dated_verdicts(jobs=jobs, progress=progress)),
    }
    return [write_whole(folder / name, text) for name, text in texts.items()]


def stale_claims(
    folder: Path = DERIVED_FOLDER, claims: Mapping[str, Claim] | None = None
) -> list[str]:
    """What of the kept tables is of another test than the registered: one sentence a claim.

    A claim that no table holds is no fault: it may have no verdict and no grid.
    """
    known = load_claims() if claims is None else claims
    head, rows = load_rows(folder / DATES, f"run `{COMMAND}`")
    hashes: dict[str, set[str]] = {}
    for row in rows:
        cells = dict(zip(head, row, strict=True))
        hashes.setdefault(cells["claim"], set()).add(cells["criterion_hash"])
    grids = json.loads(load_text(folder / GRIDS, f"run `{COMMAND}`"))["claims"]
    kept = {
        DATES: hashes,
        GRIDS: {name: {one["criterion_hash"]} for name, one in grids.items()},
    }
    return [
        f"{file}: {name} was judged by another test than the registered one; run `{COMMAND}`"
        for file, found in kept.items()
        for name, some in found.items()
        if name not in known or some != {known[name].criterion_hash}
    ]
