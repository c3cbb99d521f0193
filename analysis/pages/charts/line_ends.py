"""Lines with their names at the ends, which need no legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.pages.charts.theme import HALO

if TYPE_CHECKING:
    import altair as alt

#: Distance of two labels, as a share of what is drawn.
_APART = 0.065

#: The end of the axis that each letter of a label stands over, as a share of it.
_LETTER = 0.011


def named_lines(
    frame: pd.DataFrame,
    along: str,
    value: str,
    name: str,
    *,
    x: Any,
    y: Any,
    colours: Mapping[str, str],
    tooltip: Sequence[Any],
    every: pd.Series | None = None,
    **mark: Any,
) -> alt.LayerChart:
    """A line for each name, told apart by colour and dash, and the names at their ends.

    Parameters
    ----------
    frame : DataFrame
        A row for each point of each line.
    along, value, name : str
        Columns: where along the axis, how high, and which line.
    x, y : altair channel
    colours : mapping of str to str
        Of each line, in their order.
    tooltip : sequence
    every : Series, optional
        All heights of the axis, where other things are drawn beside these lines.
    **mark
        How the lines are drawn otherwise than usual: ``strokeWidth``, ``point``.
    """
    import altair as alt

    names, shades = list(colours), list(colours.values())
    field = f"{name}:N"
    colour = alt.Color(field, scale=alt.Scale(domain=names, range=shades), legend=None)
    dash = alt.StrokeDash(field, scale=alt.Scale(domain=names), legend=None)
    lines = (
        alt.Chart(frame)
        .mark_line(**mark)
        .encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=list(tooltip))
    )
    return lines + end_labels(frame, along, value, name, x=x, colour=colour, every=every)


def end_labels(
    frame: pd.DataFrame,
    along: str,
    value: str,
    name: str,
    *,
    x: Any,
    colour: Any,
    every: pd.Series | None = None,
) -> alt.LayerChart:
    """The name of each line above its last points, inside the plot.

    Parameters
    ----------
    frame : DataFrame
        What the lines draw.
    along, value, name : str
        Columns: where along the axis, how high, and which line.
    x, colour : altair channel
        As the lines have them; the colour without a legend.
    every : Series, optional
        As :func:`named_lines` has it.
    """
    import altair as alt

    known = frame.dropna(subset=[value]).sort_values(along)
    ends = known.groupby(name, sort=False).tail(1)
    tops = known[_near_ends(known, along, name)].groupby(name)[value].max()
    heights = pd.Series(ends[name].map(tops).to_numpy(), index=ends.index)
    placed = ends[[along, name]].assign(
        place=spaced(heights, frame[value] if every is None else every)
    )
    rim, words = over_lines(
        alt.Chart(placed).encode(x=x, y="place:Q", text=f"{name}:N"),
        align="right",
        dx=-2,
        fontSize=12,
        fontWeight=600,
    )
    return rim + words.encode(color=colour)


def over_lines(chart: alt.Chart, **mark: Any) -> tuple[alt.Chart, alt.Chart]:
    """Words that can be read where they cross a line: a rim in the colour of the page first.

    Parameters
    ----------
    chart : alt.Chart
        With the place and the text.
    **mark
        Properties of the text mark.

    Returns
    -------
    tuple of alt.Chart
        The rim, then the words.
    """
    bare = {name: one for name, one in mark.items() if name != "color"}
    return chart.mark_text(**bare, style=HALO, aria=False), chart.mark_text(**mark)


def _near_ends(known: pd.DataFrame, along: str, name: str) -> pd.Series:
    """Which points lie under the label of their own line."""
    place = known[along]
    if not pd.api.types.is_numeric_dtype(place):
        place = pd.to_datetime(place.astype(str)).astype("int64")
    last = place.groupby(known[name]).transform("max")
    under = _LETTER * known[name].astype(str).str.len()
    return place >= last - under * (place.max() - place.min())


def spaced(ends: pd.Series, every: pd.Series) -> list[float]:
    """Heights of labels above the ends of lines, far enough apart to be read.

    Parameters
    ----------
    ends : Series
        Where the lines end.
    every : Series
        All that is drawn, which the distance is a share of.
    """
    apart = _APART * float(every.max() - every.min())
    places: dict[object, float] = {}
    last = -float("inf")
    for name, value in ends.sort_values().items():
        last = max(float(value) + 0.6 * apart, last + apart)
        places[name] = last
    return [places[name] for name in ends.index]
