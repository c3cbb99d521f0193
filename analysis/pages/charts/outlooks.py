"""Charts of the outlooks: paths in the fan of all earlier days, views, a decade, the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.designs.outlook_allocation import PORTFOLIO
from analysis.pages.charts.line_ends import end_labels
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import BLUE, CONTEXT, GREEN, LARGE, OCHRE, SMALL, VERMILLION
from analysis.pages.charts.titles import CLOSES, counted, source_line, titled
from analysis.results import month_words

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.outlook_decade import OutlookDecade
    from analysis.designs.outlook_studies import OutlookStudy

_HEIGHT = 260
_COLOURS = [BLUE, VERMILLION, GREEN, OCHRE]
#: Opacity of the first and the last quarter.
_SHADES = [0.5, 1.0]
#: Lines with a day in their name that can be told apart by it at their ends; more have a legend.
MOST_LABELS = 2

_RIGHT, _WRONG = "right", "wrong"


def path(study: OutlookStudy) -> alt.LayerChart | Sentence:
    """Each pair since publication, in the fan of what it did from all earlier days."""
    import altair as alt

    drawn = study.paths[study.paths["series"].str.contains("/", regex=False)]
    if drawn.empty:
        return Sentence(_why(study))
    frame = _dated(drawn).assign(
        line=drawn["series"].str.replace("/", " over ") + " from " + drawn["first"].map(month_words)
    )
    names = list(dict.fromkeys(frame["line"]))
    fan = frame[frame["line"] == names[0]]
    base = alt.Chart(fan).encode(x=alt.X("day:T", title=None))
    band = base.mark_area(color=CONTEXT, opacity=0.25).encode(y="low:Q", y2="high:Q")
    middle = base.mark_line(color=CONTEXT, strokeDash=[4, 4], strokeWidth=1.5).encode(y="middle:Q")
    colour, dashes = (
        _scale(alt.Color, "line:N", names),
        alt.StrokeDash("line:N", title=None, scale=alt.Scale(domain=names)),
    )
    labels = []
    if len(names) <= MOST_LABELS:
        colour, dashes = colour.legend(None), dashes.legend(None)
        x = alt.X("day:T", title=None)
        labels = [end_labels(frame, "day", "value", "line", x=x, colour=colour)]
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x="day:T",
            y=alt.Y("value:Q", title="lead since the first day", axis=alt.Axis(format="%")),
            color=colour,
            strokeDash=dashes,
            tooltip=[
                alt.Tooltip("line:N", title="path"),
                alt.Tooltip("day:T"),
                alt.Tooltip("value:Q", title="lead", format="+.1%"),
                alt.Tooltip("windows:Q", title="earlier days"),
            ],
        )
    )
    ends = _ends(frame)
    headline = _headline(frame, fan)
    return titled(
        alt.layer(band, middle, lines, _zero(alt), *labels).properties(
            height=_HEIGHT,
            description=f"Lead since the first day: {ends}. {headline}.",
        ),
        headline,
        "Lead since the first day, per cent. Shaded: 10th to 90th percentile of as many"
        " sessions from all earlier days, for the first line.",
        source_line(frame["day"].iloc[-1], CLOSES),
    )


def views(study: OutlookStudy) -> alt.LayerChart | Sentence:
    """Each asset's gain less the equal mix's at every quarter that has passed."""
    import altair as alt

    calls = study.calls
    if calls.empty:
        return Sentence(_why(study))
    own = calls[calls["key"] == calls["key"].iloc[0]]
    frame = pd.DataFrame(
        {
            "asset": own["call"],
            "months": own["months"] + " months",
            "excess": own["mean"].round(4),
            "call": np.where(own["won"] == "yes", _RIGHT, _WRONG),
        }
    )
    order, quarters = list(dict.fromkeys(frame["asset"])), list(dict.fromkeys(frame["months"]))
    bars = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=alt.Y("asset:N", sort=order, title=None, axis=alt.Axis(labelLimit=230)),
            yOffset=alt.YOffset("months:N", sort=quarters),
            x=alt.X("excess:Q", title="gain less the equal mix's", axis=alt.Axis(format="+%")),
            color=_coloured(alt, "call:N", [_RIGHT, _WRONG], [SMALL, VERMILLION]),
            opacity=alt.Opacity(
                "months:N", title=None, sort=quarters, scale=alt.Scale(range=_SHADES)
            ),
            tooltip=["asset:N", "months:N", alt.Tooltip("excess:Q", format="+.1%"), "call:N"],
        )
    )
    last = own[own["months"] == own["months"].iloc[-1]]
    single = last[last["call"] != PORTFOLIO]
    won = int(single["won"].eq("yes").sum())
    words = (
        f"{counted(won, len(single))} views were right after {last['months'].iloc[0]} months, where"
        f" earlier days gave {single['base_rate'].sum():.1f}"
    )
    mix = _percent(float(last.loc[last["call"] == PORTFOLIO, "mean"].iloc[0]))
    return titled(
        bars.properties(
            height=alt.Step(14),
            description=f"{words}; the tilted mix stood {mix} against the equal mix.",
        ),
        words,
        "Gain of each asset less that of the equal mix, per cent. A neutral view is right"
        " within the middle third of all earlier days.",
        source_line(f"{own['end'].max():%Y-%m-%d}", CLOSES),
    )


def decade(study: OutlookDecade) -> alt.LayerChart | Sentence:
    """Gains of both funds since the earliest first day, and the paths the forecasts need."""
    import altair as alt

    if study.needed.empty:
        return Sentence(_why(study))
    first = study.needed["from"].iloc[0]
    own = study.paths[study.paths["first"] == first]
    rates = study.needed[study.needed["from"] == first].set_index("side")["forecast"]
    sides = dict(zip(own["series"].unique(), ("small caps", "large caps"), strict=True))
    years = (own["day"] - pd.Timestamp(first)).dt.days / 365.25
    side = own["series"].map(sides)
    needed = (1.0 + side.map(rates).astype(float)) ** years - 1.0
    parts = [
        _dated(own).assign(side=side, path="so far"),
        _dated(own).assign(side=side, path="as forecast", value=needed.round(4)),
    ]
    frame = pd.concat(parts, ignore_index=True)[["day", "value", "side", "path"]]
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("value:Q", title="gain since the first day", axis=alt.Axis(format="%")),
            color=_coloured(alt, "side:N", ["small caps", "large caps"], [SMALL, LARGE]),
            strokeDash=alt.StrokeDash("path:N", title=None, sort=["so far", "as forecast"]),
            tooltip=["side:N", "path:N", "day:T", alt.Tooltip("value:Q", format="+.1%")],
        )
    )
    ends = frame.groupby(["side", "path"], sort=False)["value"].last()
    words = "; ".join(f"{s} {p} {_percent(float(v))}" for (s, p), v in ends.items())
    return titled(
        (lines + _zero(alt)).properties(
            height=_HEIGHT,
            description=f"Gains since {month_words(first)}: {words}.",
        ),
        "Months of a forecast for ten years say almost nothing yet",
        f"Gain since {month_words(first)}, the note's earliest possible day, per cent.",
        source_line(frame["day"].max(), CLOSES),
    )


def scores(table: pd.DataFrame, publishers: pd.DataFrame) -> alt.LayerChart | Sentence:
    """Calls won by each note, in the range that luck gives in nineteen of twenty cases.

    Parameters
    ----------
    table : DataFrame
        As :func:`analysis.pages.outlooks.scoreboard` gives it.
    publishers : DataFrame
        As :func:`analysis.pages.outlooks.shown_scores` gives it.
    """
    import altair as alt

    known = table[table["calls"] > 0]
    if known.empty:
        return Sentence("No call had been resolved by the end of this run.")
    frame = known[["calls", "won", "expected", "low", "high"]].round(3)
    frame = frame.assign(note=publishers["note"].to_numpy())
    base = alt.Chart(frame).encode(y=alt.Y("note:N", title=None, axis=alt.Axis(labelLimit=260)))
    band = base.mark_rule(strokeWidth=8, opacity=0.4, color=CONTEXT).encode(
        x=alt.X("low:Q", title="calls won"), x2="high:Q"
    )
    luck = base.mark_tick(color=CONTEXT, thickness=3, size=22).encode(x="expected:Q")
    won = base.mark_point(color=SMALL, size=120).encode(
        x="won:Q",
        tooltip=["note:N", "won:Q", "calls:Q", "expected:Q", "low:Q", "high:Q"],
    )
    words = "; ".join(
        f"{row.note} won {row.won:g} of {row.calls:g}, luck {row.low:g} to {row.high:g}"
        for row in frame.itertuples()
    )
    beyond = int((frame["won"] > frame["high"]).sum())
    title = (
        f"{counted(beyond, len(frame))} notes won more calls than luck gives"
        if beyond
        else "No note won more calls than luck gives"
    )
    return titled(
        (band + luck + won).properties(
            height=alt.Step(44),
            description=f"{title}: {words}.",
        ),
        title,
        "Number of calls won by each note; the bar is what earlier days won in 19 of 20 cases,"
        " the tick their mean.",
        "Source: adjusted closes of the funds, as far as each call reaches.",
    )


def _dated(paths: pd.DataFrame) -> pd.DataFrame:
    numbers = ["value", "low", "middle", "high"]
    frame = paths[["series", "first", "windows"]].assign(day=paths["day"].dt.strftime("%Y-%m-%d"))
    return frame.join(paths[numbers].astype(float).round(4))


def _ends(frame: pd.DataFrame) -> str:
    last = frame.groupby("line", sort=False)[["day", "value"]].last()
    return "; ".join(f"{name} {_percent(float(row.value))}" for name, row in last.iterrows())


def _headline(frame: pd.DataFrame, fan: pd.DataFrame) -> str:
    """Where the paths stand on the last day, beside the fan of the first of them."""
    row = fan.iloc[-1]
    day, low, high = month_words(row["day"]), _percent(row["low"]), _percent(row["high"])
    last = frame.groupby("line", sort=False)["value"].last()
    if len(last) > 1:
        least, most = _percent(last.min()), _percent(last.max())
        found = f"By {day} leads run from {least} to {most}"
        return found if np.isnan(row["low"]) else f"{found}; usual are {low} to {high}"
    found = f"By {day} the lead was {_percent(row['value'])}"
    if np.isnan(row["low"]):
        return found
    place = "inside"
    if row["value"] > row["high"]:
        place = "above"
    elif row["value"] < row["low"]:
        place = "below"
    return f"{found}, {place} the usual range of {low} to {high}"


def _why(study: OutlookStudy) -> str:
    refusal = study.finding.refusal
    return "Nothing of it has passed yet." if refusal is None else refusal.reason


def _percent(value: float) -> str:
    return f"{100 * value:+.1f}%".replace("-", "−")


def _zero(alt: Any) -> alt.Chart:
    rule = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(color=CONTEXT)
    return rule.encode(y="value:Q")


def _scale(kind: Any, field: str, names: list[str]) -> Any:
    import altair as alt

    return kind(
        field,
        title=None,
        scale=alt.Scale(domain=names, range=_COLOURS[: len(names)]),
        legend=alt.Legend(columns=1),
    )


def _coloured(alt: Any, field: str, domain: list[str], colours: list[str]) -> alt.Color:
    return alt.Color(field, title=None, scale=alt.Scale(domain=domain, range=colours))
