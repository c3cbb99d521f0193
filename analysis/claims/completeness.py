"""Whether the ledger is whole: every claim, each data set, known verdicts, nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import pandas as pd

from analysis.claims.documents import Claim, load_claims
from analysis.claims.ledger import read_ledger
from analysis.claims.ledger_columns import LEDGER_FILE
from analysis.claims.verdicts import UNTESTABLE, VERDICTS
from analysis.results import InputError

DATA_SETS = ("bundled", "latest")
REMEDY = "put the committed file back, or run smallcap ledger --update, with --data latest too"

#: Faults named in full; of the rest the number.
_NAMED = 3


def check_whole(table: pd.DataFrame, claims: Mapping[str, Claim], file: str = "ledger.csv") -> None:
    """Refuse a ledger that was cut, doubled or edited by hand.

    Parameters
    ----------
    table : DataFrame
        Columns of :data:`analysis.claims.ledger.COLUMNS`.
    claims : mapping of str to Claim
        All claims there are.
    file : str
        Named in the error.

    Raises
    ------
    InputError
        In one line: the number of rows, then claim, data set and what is wrong. Every claim has a
        row on the bundled data and, where any claim has one, on the latest.
    """
    found = list(_faults(table, claims))
    if not found:
        return
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    raise InputError(
        f"{file}: not whole, {len(table)} rows for {len(claims)} claims:"
        f" {'; '.join(found[:_NAMED])}{more}; {REMEDY}"
    )


def whole_ledger() -> pd.DataFrame:
    """The committed ledger, refused where it is not whole; empty where none was kept yet."""
    ledger = read_ledger()
    if LEDGER_FILE.exists():
        check_whole(ledger, load_claims())
    return ledger


def _faults(table: pd.DataFrame, claims: Mapping[str, Claim]) -> Iterator[str]:
    keys = list(zip(table["claim"], table["data"], strict=True))
    counts = Counter(keys)
    expected = [data for data in DATA_SETS if data == "bundled" or data in set(table["data"])]
    for claim in claims:
        for data in expected:
            if not counts[claim, data]:
                yield f"no row of {claim} ({data})"
    for (claim, data), count in counts.items():
        if count > 1:
            yield f"{claim} ({data}) stands {count} times"
    for row in table.to_dict("records"):
        where = f"{row['claim']} ({row['data']})"
        if row["data"] not in DATA_SETS:
            yield f"{where}: unknown data set"
        known = claims.get(row["claim"])
        if known is None:
            yield f"{where}: in no claim file"
        else:
            yield from (f"{where}: {what}" for what in _row_faults(row, known))


def _row_faults(row: Mapping[str, object], claim: Claim) -> Iterator[str]:
    verdict = row["verdict"]
    if verdict and verdict not in VERDICTS:
        yield f"unknown verdict {verdict!r}"
    elif claim.untestable is not (verdict == UNTESTABLE):
        yield f"verdict {verdict or 'none'!r} on a claim that {_can(claim)} be tested"
    if not row["reason"]:
        yield "no reason"
    for name in ("chapter", "kind"):
        if row[name] != getattr(claim, name):
            yield f"{name} {row[name]!r}, the claim file says {getattr(claim, name)!r}"
    for name in ("p_value", "p_adjusted"):
        value = float(str(row[name]))
        if value == value and not 0 <= value <= 1:
            yield f"{name} {value:g} is no probability"
    if float(str(row["ci_low"])) > float(str(row["ci_high"])):
        yield "the interval ends before it begins"


def _can(claim: Claim) -> str:
    return "cannot" if claim.untestable else "can"
