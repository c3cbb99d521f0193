"""Every multiple of the notes, and what others published, by index and definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.claims import publisher_of
from analysis.designs.quoted_multiples.multiples import PRINTED
from analysis.designs.quoted_multiples.registered import (
    LARGE,
    LARGE_INDICES,
    NOT_SAID,
    PRICE_EARNINGS,
)
from analysis.pages.charts.theme import BLUE, CONTEXT, GREEN, OCHRE, PURPLE, VERMILLION
from analysis.pages.charts.titles import titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.quoted_multiples import QuotedMultiples

_COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE)
_SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down")
_LOSS_MAKERS = {
    "included": " · loss-makers counted",
    "excluded": " · loss-makers left out",
    NOT_SAID: " · loss-makers not said",
    "not stated": " · loss-makers not said",
}
#: Round multiples that the axis names.
TICKS = (12, 15, 20, 25, 30, 40, 60, 100, 200)
_LARGE_SIDE = (LARGE, *LARGE_INDICES)


def multiple_ranges(study: QuotedMultiples) -> alt.LayerChart:
    """One row an index and definition: grey what others published, coloured what the notes say."""
    import altair as alt

    notes, others = note_rows(study), published_rows(study)
    both = pd.concat([notes, others]).sort_values(["large", "row"], kind="stable")
    order = list(dict.fromkeys(both["row"]))
    # the definition of a row stands under its index
    labels = alt.Axis(labelExpr="split(datum.label, ' · ')", labelLimit=190, labelLineHeight=13)
    y = alt.Y("row:N", title=None, sort=order, axis=labels)
    scale = alt.Scale(type="log", nice=False, padding=12)
    ticks = alt.Axis(values=list(TICKS))
    x = alt.X("value:Q", title="price over earnings", scale=scale, axis=ticks)
    span = others.groupby("row", as_index=False)["value"].agg(low="min", high="max")
    base = alt.Chart(others)
    known = base.mark_tick(color=CONTEXT, thickness=2, size=13).encode(
        x=x,
        y=y,
        tooltip=["who:N", "date:N", alt.Tooltip("value:Q", title="times earnings", format=".4g")],
    )
    bar = alt.Chart(span).mark_bar(color=CONTEXT, opacity=0.3, height=9)
    names = list(dict.fromkeys(notes["note"]))
    # the longest name is wider than half a telephone
    whole = alt.Legend(columns=1, labelLimit=0)
    marks = (
        alt.Chart(notes)
        .mark_point(size=110, filled=True, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "note:N",
                title=None,
                scale=alt.Scale(domain=names, range=list(_COLOURS)),
                legend=whole,
            ),
            shape=alt.Shape(
                "note:N",
                title=None,
                scale=alt.Scale(domain=names, range=list(_SHAPES)),
                legend=whole,
            ),
            tooltip=[
                "note:N",
                "dates:N",
                alt.Tooltip("value:Q", title="times earnings", format=".4g"),
            ],
        )
    )
    small = notes[~notes["large"]]
    low, high, number = small["value"].min(), small["value"].max(), len(names)
    chart = (bar.encode(x="low:Q", x2="high:Q", y=y) + known + marks).properties(
        height=alt.Step(30),
        description=(
            f"{len(notes)} price-earnings multiples of {number} notes in"
            f" {notes['row'].nunique()} rows by index and definition, beside {len(others)} that"
            f" others published for the same dates. For small caps the notes' run from {low:.1f} to"
            f" {high:.1f}, for large caps from {notes.loc[notes['large'], 'value'].min():.1f} to"
            f" {notes.loc[notes['large'], 'value'].max():.1f}."
        ),
    )
    return titled(
        chart,
        f"Small caps cost {low:.1f} to {high:.1f} times earnings, as one counts",
        "Price over earnings, on a log scale. Coloured: what the notes print. Grey: what others"
        f" published for {_dates(study)}.",
        "Sources: the notes; banks, index owners and data houses, as the table of facts names"
        " them.",
    )


def note_rows(study: QuotedMultiples) -> pd.DataFrame:
    """The multiples the notes print: ``row, value, note`` (its publisher), ``dates, large``."""
    table = study.multiples
    printed = table[(table["quantity"] == PRICE_EARNINGS) & (table["source"] == PRINTED)]
    frame = pd.DataFrame(
        {
            "row": [
                _row(*one)
                for one in printed[["index", "earnings", "loss-makers"]].itertuples(index=False)
            ],
            "value": ((printed["low"] + printed["high"]) / 2.0).round(2),
            "note": printed["note"].map(publisher_of),
            "dates": printed["dates"],
            "large": printed["index"].isin(_LARGE_SIDE),
        }
    )
    return frame.reset_index(drop=True)


def published_rows(study: QuotedMultiples) -> pd.DataFrame:
    """What others published within the notes' dates: ``row, value, who, date, large``."""
    first, last = _span(study)
    rows = [
        {
            "row": _row(one.small_index or one.large_index, one.earnings, one.loss_makers),
            "value": round((one.low + one.high) / 2.0, 2),
            "who": "provider not named" if one.provider == "unstated" else one.provider,
            "date": one.date,
            "large": not one.small_index,
        }
        for one in study.published
        if one.kind == PRICE_EARNINGS
        and not (one.small_index and one.large_index)
        and one.last >= first
        and one.first <= last
    ]
    return pd.DataFrame(rows, columns=["row", "value", "who", "date", "large"])


def _row(index: str, earnings: str, loss_makers: str) -> str:
    when = "earnings not said" if earnings == NOT_SAID else earnings
    return f"{index}, {when}{_LOSS_MAKERS.get(loss_makers, '')}"


def _span(study: QuotedMultiples) -> tuple[pd.Timestamp, pd.Timestamp]:
    return min(one.first for one in study.quoted), max(one.last for one in study.quoted)


def _dates(study: QuotedMultiples) -> str:
    first, last = _span(study)
    return f"{first:%B %Y} to {last:%B %Y}"
