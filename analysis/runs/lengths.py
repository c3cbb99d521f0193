"""How long chapters take, so that the longest begin first and no core is idle at the end."""

from __future__ import annotations

import json
from collections.abc import Iterable

from analysis.files import PROJECT
from analysis.runs.plan import Run

#: Written by ``smallcap bench --write``.
RECORD_FILE = PROJECT / "data" / "performance.json"

#: Rows of the record that say how long a chapter takes begin so.
CHAPTER = "chapter "


def longest_first(runs: Iterable[Run]) -> list[Run]:
    """Runs by the seconds their chapters took when they were last measured.

    Those of one chapter stay in their order, and so do chapters nobody measured, which come first.
    What the record says decides the order alone, so that one that is damaged is as good as none.
    """
    seconds = chapter_seconds()
    return sorted(runs, key=lambda run: -seconds.get(run.name, float("inf")))


def chapter_seconds() -> dict[str, float]:
    """Seconds of each chapter in the record of the benchmark; empty where there is none."""
    try:
        rows = json.loads(RECORD_FILE.read_text(encoding="utf-8"))["rows"]
        return {
            row["row"].removeprefix(CHAPTER): float(row["seconds"])
            for row in rows
            if row["row"].startswith(CHAPTER)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
