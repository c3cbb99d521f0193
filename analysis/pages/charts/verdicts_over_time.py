"""Verdicts of a sweep: one row a claim and specification, one column a month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.claims.verdicts import VERDICTS
from analysis.pages.charts.theme import BLUE, CONTEXT, GREEN, OCHRE, PURPLE, SLATE, VERMILLION
from analysis.pages.charts.titles import counted, source_line, titled

if TYPE_CHECKING:
    import altair as alt

NONE = "no verdict"

#: Colour and shape of each: neither speaks alone.
_COLOURS = (GREEN, BLUE, OCHRE, SLATE, VERMILLION, PURPLE, CONTEXT)
_SHAPES = ("circle", "triangle-up", "diamond", "square", "cross", "triangle-down", "stroke")

_ROW = 18


def verdicts_over_time(frame: pd.DataFrame) -> alt.Chart:
    """Draw what each claim's verdict was, month by month.

    Parameters
    ----------
    frame : DataFrame
        ``month`` (``YYYY-MM``), ``row`` (text) and ``verdict`` (None where there is none).
    """
    import altair as alt

    kinds = [*VERDICTS, NONE]
    shown = frame.assign(verdict=frame["verdict"].where(frame["verdict"].notna(), NONE))
    colours = alt.Scale(domain=kinds, range=[*_COLOURS, CONTEXT])
    shapes = alt.Scale(domain=kinds, range=[*_SHAPES, "stroke"])
    rows = list(dict.fromkeys(shown["row"]))
    moved = sum(len(set(some)) > 1 for _, some in shown.groupby("row")["verdict"])
    chart = (
        alt.Chart(shown)
        .mark_point(filled=True, size=60)
        .encode(
            x=alt.X("month:O", title="Last month seen", axis=alt.Axis(labelOverlap="greedy")),
            y=alt.Y("row:N", title=None, sort=rows, axis=alt.Axis(labelLimit=320, grid=True)),
            color=alt.Color("verdict:N", scale=colours, title="Verdict"),
            shape=alt.Shape("verdict:N", scale=shapes, title="Verdict"),
            tooltip=["row:N", "month:O", "verdict:N"],
        )
        .properties(
            height=_ROW * max(len(rows), 2),
            description=f"The verdicts on {len(rows)} claims and specifications in"
            f" {shown['month'].nunique()} months.",
        )
    )
    return titled(
        chart,
        f"{counted(moved, len(rows))} claims changed their verdict as months were added",
        "The verdict of each claim and specification by the last month seen.",
        source_line(shown["month"].max(), "this project’s own runs"),
    )
