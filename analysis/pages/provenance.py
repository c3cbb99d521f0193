"""Which data a verdict rests on, in words: data set, month, snapshot and vintages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def provenance(row: Mapping[str, Any]) -> str:
    """Which data, up to which month; for the latest data the snapshot and the span of vintages.

    Parameters
    ----------
    row : mapping
        A row of the ledger or a verdict's record.
    """
    if row.get("data") != "latest":
        return f"bundled data to {row.get('as_of', '')}"
    name, span = row.get("snapshot"), vintage_span(row.get("vintages") or {})
    parts = [f"latest data to {row.get('as_of', '')}", f"snapshot {name}" if name else "", span]
    return ", ".join(part for part in parts if part)


def vintage_span(vintages: Mapping[str, str]) -> str:
    """The first and last month of some files' vintages; empty without any."""
    months = sorted({as_month(vintage) for vintage in vintages.values()})
    if not months:
        return ""
    return f"vintage {months[0]}" if len(months) == 1 else f"vintages {months[0]} to {months[-1]}"


def vintage_list(vintages: Mapping[str, str]) -> str:
    """Every vintage with its files: ``2024-12: french/6_Portfolios_2x3; 2026-04: ...``."""
    months = sorted(set(vintages.values()))
    files = {one: sorted(file for file in vintages if vintages[file] == one) for one in months}
    return "; ".join(f"{as_month(one)}: {', '.join(names)}" for one, names in files.items())


def as_month(vintage: str) -> str:
    """``YYYYMM`` as ``YYYY-MM``."""
    return f"{vintage[:4]}-{vintage[4:6]}"
