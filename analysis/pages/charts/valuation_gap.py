"""Charts of the valuation-gap chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import CONTEXT, PURPLE, SMALL
from analysis.pages.charts.titles import counted, source_line, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.predictive_regression import PredictiveRegression

#: Ratios that the axis of a gap names.
TIMES = (0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8)

#: Names at the ends of lines, short enough for a telephone.
_SHORT = {"june": "June prices", "december": "December prices", "past": "past relative return"}

_BASES = {
    "june": "June market value",
    "december": "December market value",
    "past": "past relative return",
}


def gap(study: PredictiveRegression) -> alt.LayerChart:
    """The gap over time, every basis, with its wide spells shaded."""
    import altair as alt

    long = (
        study.gaps.rename_axis("month")
        .reset_index()
        .melt("month", var_name="basis", value_name="gap")
        .dropna()
    )
    long = long[long["month"].dt.month % 3 == 0]
    last = study.gaps.dropna(how="all").iloc[-1]
    frame = pd.DataFrame(
        {
            "month": long["month"].astype(str),
            "gap": np.exp(long["gap"]).round(3),
            "basis": long["basis"].map(_SHORT),
        }
    )
    spells = study.spells.drop_duplicates(["first", "last"])
    shade = (
        alt.Chart(spells[["first", "last"]])
        .mark_rect(color=CONTEXT, opacity=0.18)
        .encode(x=alt.X("first:T"), x2="last:T")
    )
    names = [_SHORT[basis] for basis in study.gaps.columns]
    lines = named_lines(
        frame,
        "month",
        "gap",
        "basis",
        x=alt.X("month:T", title=None),
        y=times(alt),
        colours=dict(zip(names, (SMALL, PURPLE), strict=False)),
        tooltip=["month:T", "basis:N", alt.Tooltip("gap:Q", format=".2f")],
        strokeWidth=1.6,
    )
    words = ", ".join(
        f"{np.exp(last[name]):.1f} times on {_BASES[name]}" for name in study.gaps.columns
    )
    chart = (shade + lines).properties(
        height=300,
        description=(
            f"The valuation gap between small and large caps over time; it ends at {words}."
            f" {len(spells)} spells of a year or more with a wide gap are shaded."
        ),
    )
    first = study.gaps.columns[0]
    sides = study.gaps[first].dropna()
    away = (sides.iloc[-1] - sides.mean()) / sides.std()
    side = "wider" if away > 0 else "narrower"
    wider = f"{abs(away):.1f} standard deviations {side} than its mean"
    return titled(
        chart,
        f"In {sides.index[-1]:%B %Y} the gap was {wider}",
        "How many times as much book value a dollar buys in small caps as in large; higher means"
        " small caps are cheaper. Shaded: wide for a year or more, as one could know then."
        if "past" not in study.gaps
        else "How far large caps had come ahead in five years, times. Shaded: wide for a year or"
        " more, as one could know then.",
        source_line(sides.index[-1], "Kenneth R. French's data library and this project"),
    )


def times(alt: Any) -> alt.Y:
    """The axis of a gap: how many times as cheap, equal ratios equally far apart."""
    return alt.Y(
        "gap:Q",
        title="times as cheap (higher: small caps cheaper)",
        scale=alt.Scale(type="log", nice=False, padding=8),
        axis=alt.Axis(values=list(TIMES), format="~g"),
    )


def by_horizon(study: PredictiveRegression) -> alt.LayerChart:
    """R² by horizon: observed, and what overlap and persistence alone produce."""
    import altair as alt

    table = study.horizons
    frame = pd.DataFrame(
        {
            "months": table["months"].astype(str),
            "basis": table["basis"].map(_BASES),
            "observed": table["R²"].round(4),
            "median": table["R² null median"].round(4),
            "top": table["R² null 95%"].round(4),
        }
    )
    names = list(dict.fromkeys(frame["basis"]))
    x = alt.X("months:N", title="horizon in months", sort=None, axis=alt.Axis(labelAngle=0))
    shift = alt.XOffset("basis:N", sort=names)
    band = (
        alt.Chart(frame)
        .mark_bar(color=CONTEXT, opacity=0.4, size=14)
        .encode(x=x, xOffset=shift, y=alt.Y("top:Q", title="R² of overlapping returns"))
    )
    tick = (
        alt.Chart(frame)
        .mark_tick(color=CONTEXT, thickness=2, size=14)
        .encode(x=x, xOffset=shift, y="median:Q")
    )
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=80, opacity=1)
        .encode(
            x=x,
            xOffset=shift,
            y="observed:Q",
            color=alt.Color(
                "basis:N", title="basis", scale=alt.Scale(domain=names, range=[SMALL, PURPLE])
            ),
            shape=alt.Shape("basis:N", title="basis", scale=alt.Scale(domain=names)),
            tooltip=[
                "basis:N",
                "months:N",
                alt.Tooltip("observed:Q", format=".3f"),
                alt.Tooltip("median:Q", title="null median", format=".3f"),
                alt.Tooltip("top:Q", title="null 95th percentile", format=".3f"),
            ],
        )
    )
    above = int((frame["observed"] > frame["top"]).sum())
    chart = (band + tick + points).properties(
        height=260,
        description=(
            "R² of the regression of later returns on the gap, by horizon: a point for the observed"
            " value, a bar up to the 95th percentile and a tick at the median of what no"
            f" predictability gives. {above} of {len(frame)} points lie above their bar."
        ),
    )
    return titled(
        chart,
        f"{counted(above, len(frame))} regressions on the gap"
        f" {'explains' if above == 1 else 'explain'} more than chance would in 19 of 20 histories",
        "Share of the variance of later returns that the gap explains (R²), by horizon. Bar: up to"
        " the 95th percentile without any predictability; tick: its median.",
        source_line(study.gaps.index[-1], "Kenneth R. French's data library and this project"),
    )
