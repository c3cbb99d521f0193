"""The stored ledger in plain values, for printing: no frame, no model of a claim.

That the ledger is whole is checked once for what the ledger, the claims and the code that judges
them hold; the hash of those is remembered in the user's cache.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.claims.ledger_columns import LEDGER_FILE, stored_rows
from analysis.files import CODE, PROJECT, checksum, digest_tree, write_whole
from analysis.results import InputError
from analysis.sources.store import cache_folder

#: What decides whether the ledger is whole.
_JUDGED_BY = (
    "analysis/claims/*.py",
    "analysis/files.py",
    "analysis/results.py",
    "analysis/texts.py",
)
_JUDGED = ("data/claims/*.yml", "data/criteria.yml", "data/chapters.yml")

#: Columns of the table that a terminal shows.
SHOWN = (
    *("claim", "data", "verdict", "estimate", "unit"),
    *("ci_low", "ci_high", "p_value", "p_adjusted", "n"),
)


def listed_ledger(path: Path = LEDGER_FILE) -> list[dict[str, Any]]:
    """Every row of the stored ledger, which was found whole, now or before.

    Raises
    ------
    InputError
        As :func:`analysis.claims.ledger.read_ledger` and
        :func:`analysis.claims.completeness.check_whole`.
    """
    state = _state(path)
    if not _found_whole(path, state):
        _check(path)
        with suppress(OSError):
            write_whole(_mark(path), state)
    return stored_rows(path)


def _check(path: Path) -> None:
    from analysis.claims import load_claims
    from analysis.claims.completeness import check_whole
    from analysis.claims.ledger import read_ledger

    check_whole(read_ledger(path), load_claims())


def _state(path: Path) -> str:
    try:
        held = checksum(path.read_bytes())
    except FileNotFoundError:
        held = ""
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read ({error.strerror})") from error
    return f"{held} {digest_tree(PROJECT, _JUDGED)} {digest_tree(CODE, _JUDGED_BY)}"


def _found_whole(path: Path, state: str) -> bool:
    try:
        return _mark(path).read_text(encoding="utf-8") == state
    except (OSError, ValueError):
        return False


def _mark(path: Path) -> Path:
    return cache_folder() / "whole" / f"{checksum(str(path).encode())[:16]}"
