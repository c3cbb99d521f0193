"""Names at the ends of lines, which need no legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import altair as alt

#: Distance of two labels, as a share of what is drawn.
_APART = 0.065


def end_labels(
    frame: pd.DataFrame, along: str, value: str, name: str, *, x: Any, colour: Any
) -> alt.Chart:
    """The name of each line above its last point, inside the plot.

    Parameters
    ----------
    frame : DataFrame
        What the lines draw.
    along, value, name : str
        Columns: where along the axis, how high, and which line.
    x, colour : altair channel
        As the lines have them; the colour without a legend.
    """
    import altair as alt

    ends = frame.dropna(subset=[value]).sort_values(along).groupby(name, sort=False).tail(1)
    placed = ends[[along, name]].assign(place=spaced(ends[value], frame[value]))
    return (
        alt.Chart(placed)
        .mark_text(align="right", dx=-2, fontSize=12, fontWeight=600)
        .encode(x=x, y="place:Q", color=colour, text=f"{name}:N")
    )


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
