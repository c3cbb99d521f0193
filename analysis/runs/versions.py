"""Which code, data and snapshot a run uses, in the lines of ``smallcap --version``."""

from __future__ import annotations

import analysis
from analysis.files import CODE, PROJECT
from analysis.results import InputError


def version_lines() -> list[str]:
    """One line each for code, bundled data, snapshot and, where it is another, the project."""
    from analysis.panel.loading import newest_month

    lines = [
        f"smallcap {analysis.__version__}",
        f"data: bundled, {_carriers()}, returns to {newest_month():%B %Y}",
        f"snapshot: {_snapshot()}",
    ]
    return lines if PROJECT == CODE else [*lines, f"project: {PROJECT}"]


def _carriers() -> str:
    """The packages that carry the bundled returns, with their versions."""
    from importlib.metadata import version

    return " and ".join(f"{name} {version(name)}" for name in ("arch", "linearmodels"))


def _snapshot() -> str:
    from analysis.sources.snapshots import current_name

    try:
        return current_name() or "none; smallcap pull makes one"
    except InputError as error:
        return f"damaged ({error})"
