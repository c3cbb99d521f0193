"""Charts of the chapter on the notes' figures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.claims import publisher_of
from analysis.designs.quoted_multiples.multiples import PRINTED
from analysis.designs.quoted_multiples.registered import LARGE as LARGE_CAPS
from analysis.designs.quoted_multiples.registered import (
    LARGE_INDICES,
    PRICE_EARNINGS,
    RELATIVE,
    USUAL,
)
from analysis.pages.charts.line_ends import over_lines, spaced
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, GREEN, LARGE, OCHRE, PURPLE, SLATE, SMALL
from analysis.pages.charts.titles import source_line, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.quoted_multiples import QuotedMultiples

_SHAPES = {
    "Russell 2000": "circle",
    "S&P 600": "square",
    "small caps": "diamond",
    "S&P 500": "triangle-up",
    "large caps": "triangle-down",
}
_LARGE_SIDE = (LARGE_CAPS, *LARGE_INDICES)
#: Older figures share too few definitions with today's to be worth the width.
_RECENT = "2020-01"
_PROVIDERS = {
    "BofA": (GREEN, "circle"),
    "Yardeni": (PURPLE, "square"),
    "FactSet": (OCHRE, "triangle-up"),
    "Leuthold": (SLATE, "diamond"),
    "another": (CONTEXT, "cross"),
}

#: What the charts draw and tell of a multiple and of a published figure; a page carries no more.
_DRAWN = ("row", "value", "note", "dates", "index", "earnings", "loss-makers", "source",
          "printed", "low", "high", "low_end", "high_end")  # fmt: skip
_PUBLISHED = ("day", "value", "line", "provider", "index", "definition")


def multiples(study: QuotedMultiples) -> alt.LayerChart:
    """Every P/E of the notes on one axis, small against large, printed and implied."""
    import altair as alt

    table = _named(study.multiples)
    frame = _rows(table[table["quantity"] == PRICE_EARNINGS])
    frame["side"] = np.where(frame["index"].isin(_LARGE_SIDE), "large caps", "small caps")
    ends = frame.groupby("row", as_index=False)["value"].agg(low="min", high="max")
    y = alt.Y("row:N", title=None, sort=_order(frame), axis=_row_axis())
    joined = (
        alt.Chart(ends)
        .mark_rule(color=CONTEXT, strokeWidth=1.5)
        .encode(x="low:Q", x2="high:Q", y=y)
    )
    points = _points(
        frame,
        x=alt.X("value:Q", title="times earnings", scale=alt.Scale(zero=False, padding=15)),
        y=y,
        color=alt.Color(
            "side:N",
            title=None,
            legend=alt.Legend(columns=1),
            scale=alt.Scale(domain=["small caps", "large caps"], range=[SMALL, LARGE]),
        ),
        shape=_shape(frame),
        tooltip=_tooltip("times earnings", ".4g"),
    )
    forward = frame[(frame["side"] == "small caps") & (frame["earnings"] != "trailing")]
    return titled(
        (joined + points).properties(
            height=alt.Step(32),
            description=(
                f"{len(frame)} price-earnings multiples in {frame['row'].nunique()} pairs."
                " Small-cap"
                f" forward multiples run from {forward['value'].min():.1f} to"
                f" {forward['value'].max():.1f}."
            ),
        ),
        f"Small-cap forward multiples in the notes run from {forward['value'].min():.1f} to"
        f" {forward['value'].max():.1f}",
        "Price over earnings, times, by note and date; hollow where the figure only follows"
        " from others.",
        "Source: the notes themselves.",
    )


def relatives(study: QuotedMultiples) -> alt.LayerChart:
    """The relative P/E every claim prints or implies, beside the norms the notes give."""
    import altair as alt

    table = _named(study.multiples)
    frame = _rows(table[table["quantity"] == RELATIVE])
    norms = _rows(table[table["quantity"] == USUAL])
    y = alt.Y("row:N", title=None, sort=_order(frame), axis=_row_axis())
    x = alt.X(
        "value:Q", title="small-cap P/E ÷ large-cap P/E", scale=alt.Scale(zero=False, padding=15)
    )
    parity = (
        alt.Chart(pd.DataFrame({"value": [1.0]})).mark_rule(color=CONTEXT, strokeDash=[4, 4])
    ).encode(x=x)
    usual = (
        alt.Chart(norms)
        .mark_bar(color=OCHRE, opacity=0.6, height=10)
        .encode(
            x=alt.X("low_end:Q"),
            x2="high_end:Q",
            y=y,
            tooltip=[
                alt.Tooltip("note:N"),
                alt.Tooltip("low:Q", title="usual, from", format=".2f"),
                alt.Tooltip("high:Q", title="to", format=".2f"),
                alt.Tooltip("source:N"),
            ],
        )
    )
    points = _points(
        frame,
        x=x,
        y=y,
        color=alt.value(SMALL),
        shape=_shape(frame),
        tooltip=_tooltip("relative P/E", ".3f"),
    )
    return titled(
        (parity + usual + points).properties(
            height=alt.Step(32),
            description=(
                f"{len(frame)} relative price-earnings multiples from {frame['value'].min():.2f} to"
                f" {frame['value'].max():.2f}; bars show the {len(norms)} norms the notes"
                " give, from"
                f" {norms['low'].min():.2f} to {norms['high'].max():.2f}; a dashed line marks one."
            ),
        ),
        f"The notes' small-cap multiples stand at {frame['value'].min():.2f} to"
        f" {frame['value'].max():.2f} of the large-cap one",
        "Small-cap over large-cap price-earnings multiple, a ratio; bars are the norms the"
        " notes give, the dashed line is one.",
        "Source: the notes themselves.",
    )


def published_forward(study: QuotedMultiples) -> alt.LayerChart | Sentence:
    """Published forward P/Es of small-cap indices over time, with the notes' own."""
    table = _named(study.multiples)
    small = ~table["index"].isin(_LARGE_SIDE) & (table["quantity"] == PRICE_EARNINGS)
    forward = small & (table["earnings"] != "trailing") & (table["source"] == PRINTED)
    notes = _dated(table[forward & table["seen"]])
    return _over_time(study.forward, notes, "times expected earnings", ".1f")


def published_relative(study: QuotedMultiples) -> alt.LayerChart | Sentence:
    """Published relative forward P/Es over time, with those the notes print or imply."""
    table = _named(study.multiples)
    forward = (table["quantity"] == RELATIVE) & (table["earnings"] != "trailing")
    notes = _dated(table[forward & table["seen"]])
    return _over_time(study.relative, notes, "small-cap P/E ÷ large-cap P/E", ".2f")


def _over_time(
    published: pd.DataFrame, notes: pd.DataFrame, title: str, form: str
) -> alt.LayerChart | Sentence:
    import altair as alt

    if published.empty:
        return Sentence("No provider had published such a figure by then.")
    recent = published["day"] >= _RECENT
    known = (published[recent] if recent.any() else published)[list(_PUBLISHED)].assign(
        group=lambda p: p["provider"].where(p["provider"].isin(list(_PROVIDERS)), "another"),
        line=lambda p: pd.factorize(p["line"])[0],
        value=lambda p: p["value"].round(4),
    )
    groups = [name for name in _PROVIDERS if (known["group"] == name).any()]
    x = alt.X("day:T", title="date of the figure")
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False, padding=10))
    base = alt.Chart(known).encode(
        x=x,
        y=y,
        color=alt.Color(
            "group:N",
            title="provider",
            legend=alt.Legend(offset=30),
            scale=alt.Scale(domain=groups, range=[_PROVIDERS[g][0] for g in groups]),
        ),
        detail="line:N",
    )
    dots = base.mark_point(filled=True, size=45, opacity=0.85).encode(
        shape=alt.Shape(
            "group:N",
            title="provider",
            legend=alt.Legend(offset=30),
            scale=alt.Scale(domain=groups, range=[_PROVIDERS[g][1] for g in groups]),
        ),
        tooltip=[
            alt.Tooltip("index:N"),
            alt.Tooltip("provider:N"),
            alt.Tooltip("definition:N"),
            alt.Tooltip("day:T", title="date"),
            alt.Tooltip("value:Q", format=form),
        ],
    )
    digits = 0 if form == ".1f" else 1
    columns = ["note", "dates", "index", "earnings", "loss-makers", "value", "source", "day"]
    shown = notes[[*columns, "first", "last"]]
    own = alt.Chart(shown).encode(x=x, y=y)
    spans = own.mark_rule(color=SMALL, strokeWidth=1, opacity=0.6).encode(x="first:T", x2="last:T")
    marks = own.mark_point(shape="diamond", size=90, strokeWidth=2, color=SMALL, filled=False)
    rounded = shown.assign(value=shown["value"].round(digits))
    once = shown[~rounded.duplicated(["note", "value"])]
    once = once.assign(
        who=once["note"].map(_outlet),
        place=spaced(once["value"], pd.concat([known["value"], shown["value"]])),
    )
    labels = over_lines(
        alt.Chart(once).encode(x=x, y="place:Q", text="who:N"),
        align="right",
        dx=-8,
        fontSize=11,
        color=SMALL,
    )
    marks = marks.encode(tooltip=_tooltip(title, form))
    lines = base.mark_line(strokeWidth=1.2, opacity=0.6)
    return titled(
        alt.layer(lines, dots, spans, marks, *labels).properties(
            height=320,
            description=(
                f"{len(known)} published figures of {known['line'].nunique()} combinations of"
                " index,"
                " provider and definition, joined only within one combination; diamonds are"
                " the notes'"
                f" {len(notes)} figures{_reach_words(notes['value'])}, each on a line over the"
                " dates"
                " its note admits."
            ),
        ),
        f"Published figures run from {known['value'].min():{form}} to"
        f" {known['value'].max():{form}}{_and_notes(notes['value'], form)}",
        f"{title[:1].upper()}{title[1:]}, by date; joined where index, provider and definition"
        " are the"
        " same. Diamonds are the notes' own figures.",
        source_line(str(known["day"].max()), "figures the providers publish"),
    )


def _outlet(publisher: str) -> str:
    """A publisher in the room beside a mark: "newsletter", "AVANTAS"."""
    return re.sub(r"^unnamed (?:investing |financial )?| Research$| with analysis$", "", publisher)


def _and_notes(values: pd.Series, form: str) -> str:
    if values.empty:
        return ""
    return f", the notes’ own from {values.min():{form}} to {values.max():{form}}"


def _reach_words(values: pd.Series) -> str:
    return "" if values.empty else f", from {values.min():.1f} to {values.max():.1f}"


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """Chart rows: one label for each claim, the middle of each range, the dates in words."""
    frame = table.drop(columns=["first", "last"]).assign(
        value=((table["low"] + table["high"]) / 2.0).round(4),
        printed=np.where(table["source"] == PRINTED, "printed", "implied"),
    )
    # A norm given as one number still needs a bar that can be seen.
    ends = frame.assign(low_end=frame["low"] - 0.003, high_end=frame["high"] + 0.003).round(4)
    return ends[list(_DRAWN)]


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Chart rows with the middle of the admissible dates for the time axis."""
    first, last = pd.to_datetime(table["first"]), pd.to_datetime(table["last"])
    middle = (first + (last - first) / 2).dt.strftime("%Y-%m-%d")
    return _rows(table).assign(first=table["first"], last=table["last"], day=middle)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """All multiples with publishers for numbers of notes, and a name for each claim's row.

    It says who and when, and what tells the claim from another of the same note and time.
    """
    names = table["note"].map(publisher_of).map(_outlet) + " · " + table["dates"]
    claims = pd.DataFrame({"name": names, "claim": table["claim"], "earnings": table["earnings"]})
    first = claims.drop_duplicates("claim").set_index("claim")
    several = first["name"].duplicated(keep=False)
    told = first["earnings"].where(
        ~first.duplicated(["name", "earnings"], keep=False),
        "figure " + (first.groupby("name").cumcount() + 1).astype(str),
    )
    whole = first["name"].where(~several, first["name"] + ", " + told)
    return table.assign(row=table["claim"].map(whole), note=table["note"].map(publisher_of))


def _row_axis() -> alt.Axis:
    """Room for a note and its dates; a narrow page breaks them."""
    import altair as alt

    return alt.Axis(labelLimit=420)


def _order(frame: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(frame["row"]))


def _points(frame: pd.DataFrame, **channels: Any) -> alt.LayerChart:
    """Filled marks for what a note prints, hollow ones for what follows from it."""
    import altair as alt

    printed = frame["printed"] == "printed"
    layers = [
        alt.Chart(frame[rows]).mark_point(size=110, filled=filled, strokeWidth=2, opacity=0.9)
        for rows, filled in ((printed, True), (~printed, False))
    ]
    return alt.layer(*(layer.encode(**channels) for layer in layers))


def _shape(frame: pd.DataFrame) -> alt.Shape:
    import altair as alt

    names = [name for name in _SHAPES if (frame["index"] == name).any()]
    return alt.Shape(
        "index:N",
        title="index",
        legend=alt.Legend(columns=1),
        scale=alt.Scale(domain=names, range=[_SHAPES[name] for name in names]),
    )


def _tooltip(title: str, form: str) -> list[alt.Tooltip]:
    import altair as alt

    return [
        alt.Tooltip("note:N"),
        alt.Tooltip("dates:N"),
        alt.Tooltip("index:N"),
        alt.Tooltip("earnings:N"),
        alt.Tooltip("loss-makers:N"),
        alt.Tooltip("value:Q", title=title, format=form),
        alt.Tooltip("source:N", title="how"),
    ]
