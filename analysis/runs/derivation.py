"""Tables this project computes from the publishers' files and commits: ``data/derived``.

They hold what was computed, gaps, verdicts and findings, never a publisher's own table, so that the
bundled run too can test claims on valuations and the book can show what needs the files.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.audit import vintages
from analysis.audit.worlds import load_worlds
from analysis.claims import load_claims
from analysis.claims.ledger import conditions_agree
from analysis.files import write_whole
from analysis.panel.latest import SIZE_VALUE, load_latest
from analysis.panel.valuation import characteristics, derive_valuation
from analysis.panel.vintage import vintage_dataset
from analysis.results import InputError
from analysis.runs import outlook_tables, supplement_tables
from analysis.sources import confirmation, facts
from analysis.sources.derived import DERIVED_FOLDER, load_valuation_gap, stated_vintage
from analysis.sources.outlooks import FILES, KEYS
from analysis.sources.snapshots import Snapshot, load_snapshot, read_tables
from analysis.sources.supplements import LAYOUTS, file_of

COMMAND = "smallcap derive"
FILE = "valuation_gap.csv"
FACTS_FILE = "fact_confirmation.csv"
VINTAGES_FILE = "vintage_verdicts.csv"
DIGITS = 6

#: Names the folder of an older vintage where the option is not given.
VINTAGE_VARIABLE = "SMALLCAP_VINTAGE"

#: What tells the rows of a table apart, in words and by column.
_KEYS = {
    FACTS_FILE: ("table", "row", "column"),
    VINTAGES_FILE: ("claim", "basis", "history"),
    **{FILES[name]: KEYS[name] for name in FILES},
    **{file_of(name): layout.keys for name, layout in LAYOUTS.items()},
}
#: One draw in two thousand may fall on the other side of a tie on another machine.
_P_TOLERANCE = 5e-4
_RELATIVE_TOLERANCE = 1e-4

_NUMBER = re.compile(r"[-+−]?\d[\d,.]*")
#: Sentences round their numbers, which a machine may round the other way.
_SENTENCES = ("reason", "finding")


def derive_tables(snapshot: str | None = None, vintage: Path | str | None = None) -> dict[str, str]:
    """Every derived table as the text of its file, computed from a snapshot.

    Parameters
    ----------
    snapshot : str or None
        Name of a snapshot; None for the one in force.
    vintage : path or None
        Folder of an older vintage, laid out like a mirror; None for the one that
        ``SMALLCAP_VINTAGE`` names. Without either the table of vintages is left out.

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
    texts = {
        FILE: valuation_text(table, chosen.entry(SIZE_VALUE).vintage),
        FACTS_FILE: confirmation_text(chosen),
        **outlook_tables.outlook_texts(chosen),
        **supplement_tables.supplement_texts(chosen),
    }
    folder = vintage_folder(vintage)
    if folder is not None:
        texts[VINTAGES_FILE] = vintages_text(chosen, folder)
    return texts


def vintage_folder(given: Path | str | None = None) -> Path | None:
    """The folder of the older vintage: as given, or as the environment names it."""
    named = given or os.environ.get(VINTAGE_VARIABLE)
    return Path(named) if named else None


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


def confirmation_text(snapshot: Snapshot) -> str:
    """Every fact held against the publishers' series, as CSV under its header."""
    series = {
        name: read_tables(snapshot, f"fred/{name}")[name][name] for name in confirmation.SERIES
    }
    ends = ", ".join(f"{name} to {values.index[-1]!s:.10}" for name, values in series.items())
    header = (
        f"# Computed by `{COMMAND}` from FRED's {ends}; do not edit.\n"
        "# Every date of the fact tables on cuts and recessions: confirmed by a series,\n"
        "# contradicted by it, or not confirmable, where no series speaks of it.\n"
    )
    found = confirmation.confirm_facts(facts.load_facts(None), series)
    return header + found.to_csv(index=False, lineterminator="\n")


def vintages_text(snapshot: Snapshot, folder: Path) -> str:
    """The core verdicts on two vintages, as CSV under its header."""
    newer = load_latest(snapshot.name)
    older = vintage_dataset(folder)
    table = vintages.vintage_verdicts(older, newer)
    leg = load_worlds(load_claims()).vintages.leg
    was, now = vintages.vintage_of(older), vintages.vintage_of(newer)
    header = (
        f"# Computed by `{COMMAND} --vintage FOLDER` from French's 25_Portfolios_5x5, vintage {now}"
        f" and vintage {was}; do not edit.\n"
        f"# Both are judged by the 25 portfolios alone, leg {leg}. history: older, the"
        " older vintage; revised, the newer\n"
        "# one up to the same month; longer, the newer one to its end.\n"
    )
    return header + table.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n")


def write_derived(
    snapshot: str | None = None,
    folder: Path = DERIVED_FOLDER,
    vintage: Path | str | None = None,
) -> list[Path]:
    """Compute every derived table and write it, whole or not at all.

    Returns
    -------
    list of Path
        The files written.
    """
    texts = derive_tables(snapshot, vintage)
    outlook_tables.check_reach(texts, folder)
    supplement_tables.check_reach(texts, folder)
    return [write_whole(folder / name, text) for name, text in texts.items()]


def check_derived(
    snapshot: str | None = None,
    folder: Path = DERIVED_FOLDER,
    vintage: Path | str | None = None,
) -> list[str]:
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
    for name, text in derive_tables(snapshot, vintage).items():
        kept = folder / name
        if not kept.exists():
            problems.append(f"{name} is missing; run `{COMMAND}`")
        elif kept.read_text(encoding="utf-8") != text:
            compare = _gap_differences if name == FILE else _row_differences
            problems.extend(compare(text, folder, name))
    return problems


def _gap_differences(text: str, folder: Path, name: str) -> list[str]:
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


def _row_differences(text: str, folder: Path, name: str) -> list[str]:
    """One sentence for each row that says something else than the one kept."""
    stored = (folder / name).read_text(encoding="utf-8")
    fresh, kept = _table(text, name), _table(stored, name)
    if list(kept.columns) != list(fresh.columns):
        return [f"{name} has other columns than the snapshot gives; run `{COMMAND}`"]
    if not kept.index.equals(fresh.index):
        odd = kept.index.symmetric_difference(fresh.index)
        which = f", first {_label(odd[0])}" if len(odd) else ", in another order"
        return [f"{name} has other rows than the snapshot gives{which}; run `{COMMAND}`"]
    problems = [
        f"{name}, {_label(key)}: {column} is {now!r} computed, {before!r} kept; run `{COMMAND}`"
        for column in fresh.columns
        for key, now, before in zip(fresh.index, fresh[column], kept[column], strict=True)
        if not _agree(column, now, before)
    ]
    if problems or _header(stored) == _header(text):
        return problems
    return [f"{name} states another origin than the snapshot's; run `{COMMAND}`"]


def _table(text: str, name: str) -> pd.DataFrame:
    try:
        frame = pd.read_csv(io.StringIO(text), comment="#", dtype=str, keep_default_na=False)
        table = frame.set_index(list(_KEYS[name]))
    except (ValueError, KeyError) as error:
        raise InputError(f"{name}: cannot be read ({error}); run `{COMMAND}`") from error
    if table.index.has_duplicates:
        raise InputError(f"{name}: a row stands twice; run `{COMMAND}`")
    return table


def _header(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def _label(key: Sequence[str]) -> str:
    return " ".join(part for part in key if part)


def _agree(column: str, fresh: str, kept: str) -> bool:
    if column == "conditions":
        return conditions_agree(fresh, kept)
    if column in _SENTENCES:
        return _NUMBER.sub("#", fresh) == _NUMBER.sub("#", kept)
    if fresh == kept:
        return True
    try:
        now, before = float(fresh), float(kept)
    except ValueError:
        return False
    slack = _P_TOLERANCE if column in ("p_value", "p") else 1e-9
    return bool(np.isclose(now, before, rtol=_RELATIVE_TOLERANCE, atol=slack))


def _vintage(text: str, name: str) -> str:
    found = stated_vintage(text)
    if found is None:
        raise InputError(f"{name} does not state its vintage; run `{COMMAND}`")
    return found
