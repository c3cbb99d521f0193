"""Points with their intervals, one row or column a label: the one chart for estimates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.pages.charts.theme import CONTEXT, SMALL

if TYPE_CHECKING:
    import altair as alt

#: Significant digits of what is drawn; a chart shows fewer.
_DIGITS = 5

#: What parts the lines of a label of a row.
LINE = " · "

#: Pixels of a row, and of one kind among several in a row.
_ROW, _KIND = 30, 15


def intervals(
    frame: pd.DataFrame,
    title: str,
    *,
    kinds: Mapping[str, str] | None = None,
    legend: str | None = None,
    colour: str = SMALL,
    references: Mapping[str, float] | None = None,
    domain: Sequence[float] | None = None,
    number: str = "%",
    more: Sequence[Any] = (),
    upright: bool = False,
) -> alt.LayerChart:
    """Draw estimates with their intervals.

    Parameters
    ----------
    frame : DataFrame
        ``label``, ``estimate``, ``low``, ``high``, in the order to be drawn; with `kinds` also
        ``kind``. A label in rows is broken at :data:`LINE`. An interval without an end is left
        away, its point stays.
    title : str
        What is drawn, with its unit.
    kinds : mapping of str to str, optional
        Each kind and its colour; several kinds of a label stand side by side, told apart by colour
        and shape.
    legend : str, optional
        Title of the legend of kinds.
    colour : str
        Of all points where there are no kinds.
    references : mapping of str to float, optional
        Values to compare with, by what they are; zero, unnamed, without any.
    domain : sequence of float, optional
        Ends of the axis of values.
    number : str
        Format of the values on the axis, as D3 has it.
    more : sequence of alt.Tooltip or str
        Further entries of the tooltip.
    upright : bool
        Labels beneath, values upwards.

    Returns
    -------
    alt.LayerChart
        Without a description: ``.properties(description=...)`` says what it shows.
    """
    import altair as alt

    values, labels, offset = ("y", "x", "xOffset") if upright else ("x", "y", "yOffset")
    drawn = frame.assign(**{name: _rounded(frame[name]) for name in ("estimate", "low", "high")})
    scale = alt.Scale(domain=list(domain), nice=True) if domain is not None else alt.Undefined
    order = list(dict.fromkeys(drawn["label"]))
    base = alt.Chart(drawn).encode(
        **{labels: _labels(alt, order, upright)},
        tooltip=[
            alt.Tooltip("label:N", title="estimate of"),
            *([alt.Tooltip("kind:N")] if kinds else ()),
            alt.Tooltip("estimate:Q", format=_fine(number)),
            alt.Tooltip("low:Q", title="from", format=_fine(number)),
            alt.Tooltip("high:Q", title="to", format=_fine(number)),
            *more,
        ],
    )
    several = bool(kinds) and bool(drawn.duplicated("label").any())
    if several:
        beside = alt.XOffset if upright else alt.YOffset
        base = base.encode(**{offset: beside("kind:N", sort=list(kinds or ()))})
    # not an encoding of the field: a second colour legend would stand beside that of the points
    spans = base.mark_rule(strokeWidth=2).encode(
        **{values: _axis(alt, values)("low:Q", title=title, scale=scale), f"{values}2": "high:Q"},
        color=_painted(alt, kinds, colour),
    )
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        **{
            values: _axis(alt, values)(
                "estimate:Q", title=title, scale=scale, axis=alt.Axis(format=number)
            )
        },
        **_told_apart(alt, kinds, legend, colour),
    )
    height = 280 if upright else alt.Step(_KIND if several else _ROW)
    return (_references(alt, references, values, scale) + spans + points).properties(height=height)


def _rounded(values: pd.Series) -> pd.Series:
    return values.astype(float).map(lambda value: float(f"{value:.{_DIGITS}g}"))


def _fine(number: str) -> str:
    """One digit more than on the axis."""
    return number.replace("%", ".1%") if "." not in number else number


def _axis(alt: Any, channel: str) -> Any:
    return alt.X if channel == "x" else alt.Y


def _labels(alt: Any, order: list[str], upright: bool) -> Any:
    if upright:
        return alt.X("label:N", title=None, sort=order, axis=alt.Axis(labelAngle=0))
    parted = any(LINE in label for label in order)
    broken = {"labelExpr": f"split(datum.label, '{LINE}')", "labelLineHeight": 13} if parted else {}
    lines = alt.Axis(labelLimit=260, labelPadding=8, **broken)
    return alt.Y("label:N", title=None, sort=order, axis=lines)


def _painted(alt: Any, kinds: Mapping[str, str] | None, colour: str) -> Any:
    if not kinds:
        return alt.value(colour)
    first, *others = kinds.items()
    painted = alt.when(f"datum.kind === {json.dumps(first[0])}").then(alt.value(first[1]))
    for kind, shade in others:
        painted = painted.when(f"datum.kind === {json.dumps(kind)}").then(alt.value(shade))
    return painted.otherwise(alt.value(CONTEXT))


def _told_apart(
    alt: Any, kinds: Mapping[str, str] | None, legend: str | None, colour: str
) -> dict[str, Any]:
    if not kinds:
        return {"color": alt.value(colour)}
    names, colours = list(kinds), list(kinds.values())
    return {
        "color": alt.Color("kind:N", title=legend, scale=alt.Scale(domain=names, range=colours)),
        "shape": alt.Shape("kind:N", title=legend, scale=alt.Scale(domain=names)),
    }


def _references(alt: Any, named: Mapping[str, float] | None, values: str, scale: Any) -> Any:
    lines = pd.DataFrame(
        {"at": list((named or {"": 0.0}).values()), "line": list(named or {"": 0})}
    )
    place = _axis(alt, values)("at:Q", title="", scale=scale)
    chart = alt.Chart(lines).mark_rule(color=CONTEXT, strokeWidth=1.5).encode(**{values: place})
    return chart.encode(strokeDash=alt.StrokeDash("line:N", title=None)) if named else chart
