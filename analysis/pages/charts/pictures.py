"""A chart drawn once and for all, for where nothing draws its specification."""

from __future__ import annotations

import copy
from typing import Any

#: Width of a chart that would take its container's, in pixels; a page scales it to its room.
WIDTH = 680


def picture(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as a drawing, made on this machine.

    Parameters
    ----------
    spec : dict
        A whole specification; it is left as it is.

    Returns
    -------
    str
        An SVG document.
    """
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_sized(spec)))


def _sized(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification with a width in pixels where it would take its container's."""
    whole = copy.deepcopy(spec)
    views = [whole, *whole.get("vconcat", ())]
    for view in views:
        single = "mark" in view or "layer" in view
        if view.get("width") == "container" or (single and "width" not in view):
            view["width"] = WIDTH
    return whole
