"""Which data a verdict rests on, in words: data set, month, snapshot and vintages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_VINTAGE = re.compile(r"French (\d{4})(\d{2})")


def provenance(row: Mapping[str, Any]) -> str:
    """Which data, up to which month; for the latest data the snapshot and the span of vintages."""
    if row.get("data") != "latest":
        return f"bundled data to {row.get('as_of', '')}"
    snapshot = brief_snapshot(row.get("snapshot") or "")
    return f"latest data to {row.get('as_of', '')}" + (f", snapshot {snapshot}" if snapshot else "")


def brief_snapshot(snapshot: str) -> str:
    """A snapshot's name and the span of its vintages."""
    name, _, rest = snapshot.partition(";")
    vintages = sorted({f"{year}-{month}" for year, month in _VINTAGE.findall(rest)})
    if not vintages:
        return name
    span = vintages[0] if len(vintages) == 1 else f"{vintages[0]} to {vintages[-1]}"
    return f"{name}, vintage {span}" if len(vintages) == 1 else f"{name}, vintages {span}"
