"""Tables this project computes from the publishers' files and commits: ``data/derived``.

They hold what was computed, gaps and percentiles, never a publisher's own numbers, so that the
bundled run too can test claims on valuations.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.panel.latest import SIZE_VALUE
from analysis.panel.valuation import characteristics, derive_valuation
from analysis.results import InputError
from analysis.sources.derived import DERIVED_FOLDER, load_valuation_gap
from analysis.sources.snapshots import load_snapshot, read_tables

COMMAND = "smallcap derive"
FILE = "valuation_gap.csv"
DIGITS = 6

_VINTAGE = re.compile(r"^# .*vintage (\d{6})", re.MULTILINE)


def derive_tables(snapshot: str | None = None) -> dict[str, str]:
    """Every derived table as the text of its file, computed from a snapshot.

    Parameters
    ----------
    snapshot : str or None
        Name of a snapshot; None for the one in force.

    Returns
    -------
    dict of str to str
        Name of the file to its content.

    Raises
    ------
    InputError
        If there is no such snapshot or it lacks the file the table is made of.
    """
    chosen = load_snapshot(snapshot)
    table = derive_valuation(characteristics(read_tables(chosen, SIZE_VALUE)))
    return {FILE: valuation_text(table, chosen.entry(SIZE_VALUE).vintage)}


def valuation_text(valuation: pd.DataFrame, vintage: str) -> str:
    """The valuation gap as CSV: six significant digits under a header that says how it was made.

    Parameters
    ----------
    valuation : DataFrame
        As :func:`analysis.panel.valuation.derive_valuation` gives it.
    vintage : str
        ``YYYYMM`` of the CRSP database behind the 25 portfolios.
    """
    header = (
        f"# Computed by `{COMMAND}` from French's 25_Portfolios_5x5, vintage {vintage}; do not"
        " edit.\n"
        "# gap: log BE/ME of the smallest two fifths less that of the largest two, each weighted by"
        " capitalisation,\n"
        "# of the portfolios formed at the end of June; basis: market value of that June or of the"
        " December before.\n"
        "# percentile: share of the Junes up to that one whose gap is no wider.\n"
    )
    return header + valuation.to_csv(float_format=f"%.{DIGITS}g", lineterminator="\n")


def write_derived(snapshot: str | None = None, folder: Path = DERIVED_FOLDER) -> list[Path]:
    """Compute every derived table and write it, whole or not at all.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_write_whole(folder / name, text) for name, text in derive_tables(snapshot).items()]


def check_derived(snapshot: str | None = None, folder: Path = DERIVED_FOLDER) -> list[str]:
    """Compute every derived table again and compare it with the one kept.

    Returns
    -------
    list of str
        One sentence a difference, empty where they agree to the digits kept.

    Raises
    ------
    InputError
        If there is no such snapshot, or a table kept is malformed.
    """
    problems = []
    for name, text in derive_tables(snapshot).items():
        kept = folder / name
        if not kept.exists():
            problems.append(f"{name} is missing; run `{COMMAND}`")
        elif kept.read_text(encoding="utf-8") != text:
            problems.extend(_differences(text, folder, name))
    return problems


def _differences(text: str, folder: Path, name: str) -> list[str]:
    before = _vintage((folder / name).read_text(encoding="utf-8"), name)
    now = _vintage(text, name)
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / name).write_text(text, encoding="utf-8")
        fresh = load_valuation_gap(folder=Path(scratch))
    kept = load_valuation_gap(folder=folder)
    because = "" if before == now else f" (kept: vintage {before}, snapshot: vintage {now})"
    if fresh is None or kept is None or not kept.index.equals(fresh.index):
        return [f"{name} has other Junes than the snapshot gives{because}; run `{COMMAND}`"]
    moved = (fresh - kept).abs()
    if np.isclose(fresh, kept, rtol=10.0 ** (1 - DIGITS), atol=1e-9, equal_nan=True).all():
        return [] if before == now else [f"{name} states another vintage{because}; run `{COMMAND}`"]
    column = str(moved.max().idxmax())
    june = moved[column].idxmax()
    return [
        f"{name} differs in {int((moved > 0).any(axis=1).sum())} Junes, most in {column} of"
        f" {june}: {kept.loc[june, column]:.{DIGITS}g} kept,"
        f" {fresh.loc[june, column]:.{DIGITS}g} computed{because}; run `{COMMAND}`"
    ]


def _vintage(text: str, name: str) -> str:
    found = _VINTAGE.search(text)
    if found is None:
        raise InputError(f"{name} does not state its vintage; run `{COMMAND}`")
    return found[1]


def _write_whole(path: Path, text: str) -> Path:
    """Readers see all of the new file or all of the old one."""
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.chmod(partial, 0o644)
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
    return path
