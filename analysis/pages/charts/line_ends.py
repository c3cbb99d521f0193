"""Lines with their names at the ends, which need no legend."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.pages.charts.theme import HALO

if TYPE_CHECKING:
    import altair as alt

#: Height of a line of a label, as a share of what is drawn.
_APART = 0.065

#: Letters of the longest line of a label: beside a plot on a telephone there is room for no more.
_LETTERS = 15


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
    """The name of each line to the right of its last point, where the line does not run.

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
    ends = known.groupby(name, sort=False).tail(1).reset_index(drop=True)
    broken = ends[name].astype(str).map(lambda words: textwrap.wrap(words, _LETTERS))
    placed = ends[[along, name]].assign(
        label=broken.map("\n".join),
        place=spaced(ends[value], frame[value] if every is None else every, broken.map(len)),
    )
    rim, words = over_lines(
        alt.Chart(placed).encode(x=x, y="place:Q", text="label:N"),
        align="left",
        baseline="middle",
        dx=6,
        fontSize=12,
        fontWeight=600,
        lineBreak="\n",
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


def spaced(ends: pd.Series, every: pd.Series, lines: pd.Series | None = None) -> list[float]:
    """Heights of labels as near to the ends of their lines as lets each be read.

    Parameters
    ----------
    ends : Series
        Where the lines end.
    every : Series
        All that is drawn, which the height of a label is a share of.
    lines : Series, optional
        How many lines of words each label has, one without.
    """
    apart = _APART * float(every.max() - every.min())
    heights = pd.Series(1, ends.index) if lines is None else lines
    groups: list[list[object]] = []
    for name in ends.sort_values().index:
        groups.append([name])
        while len(groups) > 1 and _meet(groups[-2], groups[-1], ends, heights * apart):
            groups[-2:] = [groups[-2] + groups[-1]]
    placed = {
        name: place
        for group in groups
        for name, place in zip(group, _stacked(group, ends, heights * apart), strict=True)
    }
    return [placed[name] for name in ends.index]


def _stacked(group: list[object], ends: pd.Series, heights: pd.Series) -> list[float]:
    """Middles of labels that stand upon each other around the mean of their ends."""
    tall = heights[group].to_numpy(float)
    low = float(ends[group].mean()) - tall.sum() / 2
    return [low + float(tall[:at].sum() + one / 2) for at, one in enumerate(tall)]


def _meet(below: list[object], above: list[object], ends: pd.Series, heights: pd.Series) -> bool:
    top = _stacked(below, ends, heights)[-1] + float(heights[below[-1]]) / 2
    return top > _stacked(above, ends, heights)[0] - float(heights[above[0]]) / 2
