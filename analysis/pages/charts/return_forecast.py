"""Charts of the forecast chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import CONTEXT, LARGE, OCHRE, PURPLE, SMALL, VERMILLION
from analysis.pages.charts.titles import points, source_line, titled
from analysis.results import first_refusal

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.return_forecast import ReturnForecast


#: What the gap is measured at, as the other charts of a gap name it.
_BASES = {"june": "June prices", "december": "December prices", "past": "past relative return"}

_VIEWS = {"ols": "least squares"}


def r_squared(study: ReturnForecast) -> alt.LayerChart:
    """R² against the horizon: observed, and the range without any predictability."""
    import altair as alt

    table = study.by_horizon.round(4)
    basis = table["basis"].iloc[0]
    null = table[table["basis"] == basis]
    frame = pd.DataFrame(
        {
            "years": table["months"] / 12.0,
            "observed": table["R²"],
            "basis": table["basis"].map(_BASES),
        }
    ).round(4)
    range_ = pd.DataFrame(
        {
            "years": null["months"] / 12.0,
            "median": null["null median"],
            "top": null["null 95%"],
            "bottom": 0.0,
        }
    ).round(4)
    x = alt.X("years:Q", title="horizon in years")
    area = (
        alt.Chart(range_)
        .mark_area(color=CONTEXT, opacity=0.25)
        .encode(x=x, y=alt.Y("bottom:Q", title="R² of overlapping returns"), y2="top:Q")
    )
    middle = alt.Chart(range_).mark_line(color=CONTEXT, strokeDash=[4, 3]).encode(x=x, y="median:Q")
    lines = named_lines(
        frame,
        "years",
        "observed",
        "basis",
        x=x,
        y=alt.Y("observed:Q"),
        colours=dict(zip(dict.fromkeys(frame["basis"]), (SMALL, PURPLE), strict=False)),
        tooltip=["basis:N", "years:Q", alt.Tooltip("observed:Q", format=".2f")],
        point=True,
    )
    last = null.iloc[-1]
    chart = (area + middle + lines).properties(
        height=280,
        description=(
            "R² grows with the horizon even when nothing is predictable: the grey area reaches"
            f" {last['null 95%']:.2f} (95th percentile) and the dashed median"
            f" {last['null median']:.2f} at {int(last['months'])} months; the observed value there"
            f" is {last['R²']:.2f} on the {basis} basis."
        ),
    )
    return titled(
        chart,
        f"Chance alone explains up to {last['null 95%']:.0%} of ten-year returns; the gap explains"
        f" {last['R²']:.0%}"
        if last["months"] == 120
        else f"At {int(last['months'])} months chance alone explains up to {last['null 95%']:.0%};"
        f" the gap explains {last['R²']:.0%}",
        "Share of the variance of later returns that the gap explains (R²). Grey: up to the 95th"
        " percentile of histories without any predictability.",
        _source(study),
    )


def bands(study: ReturnForecast) -> alt.LayerChart:
    """Predictive bands of small minus large under three views, with the claim."""
    import altair as alt

    table, claimed = study.bands, study.specification.arguments.claimed_gap
    frame = pd.DataFrame(
        {
            "view": table["basis"].map(_BASES) + ", " + table["view"].replace(_VIEWS),
            "low": table["5%"].round(4),
            "middle": table["median"].round(4),
            "high": table["95%"].round(4),
        }
    )
    y = alt.Y("view:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))
    bar = (
        alt.Chart(frame)
        .mark_bar(color=SMALL, opacity=0.35, height=14)
        .encode(
            x=alt.X("low:Q", title="small minus large, return a year", axis=alt.Axis(format="+%")),
            x2="high:Q",
            y=y,
            tooltip=[alt.Tooltip(f"{name}:Q", format="+.1%") for name in ("low", "middle", "high")],
        )
    )
    tick = alt.Chart(frame).mark_tick(color=SMALL, thickness=3, height=18).encode(x="middle:Q", y=y)
    rule = (
        alt.Chart(pd.DataFrame({"claimed": [claimed]}))
        .mark_rule(color=VERMILLION, strokeDash=[6, 3], strokeWidth=2)
        .encode(x="claimed:Q", tooltip=[alt.Tooltip("claimed:Q", title="claim", format="+.0%")])
    )
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(color=CONTEXT).encode(x="zero:Q")
    words = "; ".join(
        f"{v}: {lo:+.1%} to {hi:+.1%}" for v, lo, hi in frame[["view", "low", "high"]].to_numpy()
    )
    chart = (zero + bar + tick + rule).properties(
        height=alt.Step(30),
        description=f"90% predictive bands a year, beside the claimed {claimed:+.0%}. {words}.",
    )
    inside = int(((frame["low"] <= claimed) & (claimed <= frame["high"])).sum())
    return titled(
        chart,
        f"A lead of {points(claimed, 0)} points a year lies inside {inside} of {len(frame)} bands;"
        f" their middles run from {points(frame['middle'].min())} to"
        f" {points(frame['middle'].max())}"
        if len(frame)
        else "No band can be drawn yet",
        "Expected lead of small over large caps, per cent a year, with 90% of outcomes inside each"
        " bar. Dashed: the claim.",
        _source(study),
    )


def bank_line(study: ReturnForecast) -> alt.LayerChart | None:
    """The bank's published pairs of starting P/E and forecast, and the line through them.

    None where no pair was published yet.
    """
    import altair as alt

    pairs = study.bank.points
    if pairs.empty:
        return None
    frame = pairs[["date", "size", "starting P/E", "forecast", "line"]].round(4)
    frame = frame.rename(columns={"starting P/E": "pe"})
    colour = alt.Color(
        "size:N",
        title="caps",
        scale=alt.Scale(domain=["small", "large"], range=[SMALL, LARGE]),
    )
    x = alt.X("pe:Q", title="starting forward P/E", scale=alt.Scale(zero=False))
    dots = (
        alt.Chart(frame)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=x,
            y=alt.Y("forecast:Q", title="forecast, return a year", axis=alt.Axis(format="%")),
            color=colour,
            shape=alt.Shape("size:N", title="caps", scale=alt.Scale(domain=["small", "large"])),
            tooltip=["date:N", "size:N", "pe:Q", alt.Tooltip("forecast:Q", format=".0%")],
        )
    )
    line = alt.Chart(frame).mark_line(strokeWidth=1.5).encode(x=x, y="line:Q", color=colour)
    arguments = study.specification.arguments
    claimed = pd.DataFrame(
        {
            "pe": [arguments.small_pe, arguments.large_pe],
            "forecast": [arguments.small_claimed, arguments.large_claimed],
        }
    )
    claims = (
        alt.Chart(claimed)
        .mark_point(shape="diamond", filled=True, size=130, color=OCHRE, opacity=1)
        .encode(
            x=x,
            y="forecast:Q",
            tooltip=[alt.Tooltip("pe:Q"), alt.Tooltip("forecast:Q", title="claim", format=".0%")],
        )
    )
    words = " ".join(f"{line}." for line in study.bank.lines.values())
    chart = (line + dots + claims).properties(
        height=280, description=f"Published pairs and lines. {words}"
    )
    made = {size: one for size, one in study.bank.lines.items() if first_refusal(one) is None}
    gives = " and ".join(f"{one.at_quoted:.1%} for {size} caps" for size, one in made.items())
    return titled(
        chart,
        f"From the multiples quoted with the claim the bank's own line gives {gives}"
        if made
        else f"{len(frame)} published pairs of a multiple and a forecast make no line yet",
        f"Forecast return, per cent a year, by the multiple of expected earnings it starts from:"
        f" {len(frame)} published pairs and the lines through them. Diamonds: the claim.",
        f"Source: {study.quoted.bank}, as published.",
    )


def _source(study: ReturnForecast) -> str:
    last = max(sample.gap.index[-1] for sample in study.samples.values() if len(sample.gap))
    return source_line(last, "Kenneth R. French's data library and this project")
