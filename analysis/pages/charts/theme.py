"""The house theme: quiet axes, a palette that survives colour blindness and a dark page.

Colours are chosen for at least 3:1 contrast on the white page and on the dark one, in the order
of Okabe and Ito's palette; a chart must not rely on colour alone (add a dash, a shape or a label).

References
----------
Okabe, M. and Ito, K. (2008), Color Universal Design.
"""

from __future__ import annotations

from typing import Any

BLUE = "#2b7bba"
VERMILLION = "#d1601f"
GREEN = "#1a9873"
PURPLE = "#b5679a"
OCHRE = "#b07d12"
SLATE = "#6f7c8b"

SMALL, LARGE = BLUE, VERMILLION
"""Small caps are blue and large caps vermillion on every page."""

CONTEXT = "#8b95a1"
"""Everything that is background to the point: other cycles, zero lines, null bands."""

PALETTE = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, SLATE)

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

#: Style of the rim around words that stand on lines: the colour of the page.
HALO = "halo"

THEME_NAME = "smallcap"

_PAGE = "#ffffff"
_INK = "#3c4652"
_MUTED = "#5b6673"
_LINE = "#d5dae0"


def theme() -> dict[str, Any]:
    """Vega-Lite defaults for every chart, as Altair's theme registry wants them.

    The page replaces the neutral greys by light ones when the reader chooses the dark theme.

    Returns
    -------
    dict
        ``{"config": {...}}``.
    """
    return {
        "config": {
            "background": "transparent",
            "font": FONT,
            "view": {"stroke": None, "continuousHeight": 300, "continuousWidth": 620},
            "title": _title(),
            "axis": _axis(),
            "axisX": {"grid": False},
            "axisY": {"domain": False, "ticks": False, "titleAlign": "left", **_TOP_LEFT},
            "legend": _legend(),
            "header": {"labelColor": _INK, "titleColor": _INK, "labelFontSize": 12},
            "range": {
                "category": list(PALETTE),
                "ordinal": {"scheme": "blues"},
                "diverging": [VERMILLION, "#e9c3ab", "#e3e6ea", "#a9cae4", BLUE],
                "heatmap": {"scheme": "viridis"},
            },
            "line": {"strokeWidth": 2, "color": BLUE},
            "bar": {"color": BLUE},
            "area": {"color": BLUE, "opacity": 0.25},
            "point": {"filled": True, "size": 55, "color": BLUE},
            "circle": {"size": 55, "color": BLUE},
            "tick": {"color": BLUE, "thickness": 2},
            "rule": {"color": CONTEXT},
            "text": {"color": _INK, "fontSize": 12},
            "style": {
                HALO: {"stroke": _PAGE, "fill": _PAGE, "strokeWidth": 4, "strokeJoin": "round"}
            },
        },
    }


# A y title that reads from left to right above the axis costs no width on a telephone.
_TOP_LEFT = {
    "titleAngle": 0,
    "titleAnchor": "start",
    "titleBaseline": "bottom",
    "titleX": 0,
    "titleY": -8,
}


def _title() -> dict[str, Any]:
    return {
        "anchor": "start",
        "color": _INK,
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleColor": _MUTED,
        "subtitleFontSize": 12.5,
        "offset": 16,
    }


def _axis() -> dict[str, Any]:
    return {
        "labelColor": _MUTED,
        "labelFontSize": 12,
        "labelFlush": False,
        "labelOverlap": "greedy",
        "titleColor": _INK,
        "titleFontSize": 12.5,
        "titleFontWeight": 500,
        "titlePadding": 8,
        "gridColor": _LINE,
        "gridOpacity": 0.7,
        "domainColor": _LINE,
        "tickColor": _LINE,
        "tickCount": 6,
    }


def _rim() -> dict[str, Any]:
    return {"stroke": _PAGE, "fill": _PAGE, "strokeWidth": 4, "strokeJoin": "round"}


def _legend() -> dict[str, Any]:
    return {
        "orient": "top",
        "direction": "horizontal",
        "columns": 2,
        "titleColor": _MUTED,
        "titleFontSize": 12,
        "titleFontWeight": 500,
        "labelColor": _INK,
        "labelFontSize": 12,
        "labelLimit": 320,
        "symbolStrokeWidth": 2.5,
        # the y title stands between the legend and the plot
        "offset": 30,
    }
