"""An Altair renderer that keeps charts offline, small and the same from run to run.

A notebook stores the Vega-Lite specification and, as its plain text, the chart's description; the
page draws it from a local copy of Vega (:mod:`analysis.pages.mime`). In a notebook that
somebody has open, a drawing goes with it.
"""

from __future__ import annotations

import math
import os
from typing import Any

from analysis.pages.charts.pictures import picture
from analysis.pages.charts.theme import THEME_NAME, theme
from analysis.results import InputError
from analysis.texts import in_prose

MIME_TYPE = "application/vnd.vegalite.v6+json"

#: Variable that a Jupyter server gives to the kernel of a notebook that is open in a browser; runs
#: of the command line empty it.
OPENED = "JPY_SESSION_NAME"

SIGNIFICANT_DIGITS = 6

#: How the line of a chart's subtitle begins that names its source or sources.
SOURCE = "Source"

_NO_WIDTH = ("hconcat", "vconcat", "concat", "facet", "repeat")


def enable() -> None:
    """Make every chart of this process use the house theme and the offline renderer."""
    import altair

    altair.theme.register(THEME_NAME, enable=True)(_altair_theme)
    altair.renderers.register(THEME_NAME, mimebundle)
    altair.renderers.enable(THEME_NAME)
    altair.data_transformers.disable_max_rows()


def mimebundle(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Turn a Vega-Lite specification into what a notebook stores.

    Parameters
    ----------
    spec : dict
        A whole Vega-Lite specification, as Altair makes it.

    Returns
    -------
    dict
        ``{MIME_TYPE: specification, "text/plain": description}``; the description is put into
        prose, numbers have six significant digits, data sets are named ``data-1, data-2 ...`` in
        order of appearance, and a single view without a width takes its container's. In a notebook
        open in a browser also ``"image/svg+xml"``: Jupyter Lab draws Vega-Lite up to version 5.

    Raises
    ------
    InputError
        If the chart has no description: a reader who cannot see it would get nothing. If it has no
        title, no subtitle or no source: a picture of it would not say what it shows.
    """
    description = spec.get("description")
    if not isinstance(description, str) or not description.strip():
        raise InputError(
            "the chart has no description; add .properties(description='what a reader who cannot"
            " see it should know')"
        )
    if lacking := missing_words(spec):
        raise InputError(
            f"the chart has no {lacking}; give finding, what is drawn and the source with"
            " analysis.pages.charts.titles.titled"
        )
    description = in_prose(description)
    spec = _rounded(_renamed(spec)) | {"description": description}
    if not any(key in spec for key in _NO_WIDTH) and not _is_faceted(spec):
        spec.setdefault("width", "container")
    drawn = {"image/svg+xml": _fitting(picture(spec))} if os.environ.get(OPENED) else {}
    return {MIME_TYPE: spec, **drawn, "text/plain": " ".join(description.split())}


def _fitting(drawing: str) -> str:
    """A drawing that is made narrower where the notebook is."""
    return drawing.replace("<svg", '<svg style="max-width: 100%; height: auto"', 1)


def missing_words(spec: dict[str, Any]) -> str:
    """What a chart does not say of itself: "title", "subtitle" or "source"; empty where it does."""
    title = spec.get("title")
    if not isinstance(title, dict) or not title.get("text"):
        return "title"
    under = title.get("subtitle") or []
    lines = [under] if isinstance(under, str) else list(under)
    if not lines or str(lines[0]).startswith(SOURCE):
        return "subtitle"
    return "" if any(str(line).startswith(SOURCE) for line in lines) else "source"


def _altair_theme() -> Any:
    import altair

    return altair.theme.ThemeConfig(theme())


def _is_faceted(spec: dict[str, Any]) -> bool:
    return any(channel in spec.get("encoding", {}) for channel in ("row", "column", "facet"))


def _renamed(spec: dict[str, Any]) -> dict[str, Any]:
    """Name data sets by their order: Altair's own names are hashes of unrounded numbers."""
    order: dict[str, str] = {}

    def visit(node: Any) -> Any:
        if isinstance(node, list):
            return [visit(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {key: rename(item) if key == "data" else visit(item) for key, item in node.items()}

    def rename(data: Any) -> Any:
        if isinstance(data, dict) and data.get("name") in spec.get("datasets", {}):
            order.setdefault(data["name"], f"data-{len(order) + 1}")
            return {**data, "name": order[data["name"]]}
        return visit(data)

    datasets = spec.get("datasets", {})
    renamed = visit({key: item for key, item in spec.items() if key != "datasets"})
    if datasets:
        renamed["datasets"] = {name: datasets[old] for old, name in order.items()}
    return renamed


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else None
    return value
