"""Charts of the size-premium chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, GREEN, LARGE, SMALL, VERMILLION
from analysis.pages.charts.titles import counted, points, source_line, source_of, titled
from analysis.pages.choices import leg_words
from analysis.results import first_refusal, month_words

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.count_trend import CountTrend
    from analysis.designs.premium_before_after import PremiumBeforeAfter
    from analysis.designs.volatility_ratio import VolatilityRatio

_QUARTER = 3
_HALF_YEAR = 6


def running_sum(study: PremiumBeforeAfter) -> alt.LayerChart:
    """The premium added up since the beginning, with the dates at which it may have changed."""
    import altair as alt

    sums = study.spread.cumsum().iloc[::_QUARTER]
    frame = pd.DataFrame({"month": sums.index.astype(str), "sum": sums.round(4).to_numpy()})
    line = (
        alt.Chart(frame)
        .mark_line(color=SMALL)
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("sum:Q", title="small minus large, added up", axis=alt.Axis(format="%")),
            tooltip=[alt.Tooltip("month:T", format="%B %Y"), alt.Tooltip("sum:Q", format="+.0%")],
        )
    )
    dates = _dates(study)
    named = ["publication", "likeliest break"]
    colour = alt.Color("date:N", scale=alt.Scale(domain=named, range=[LARGE, CONTEXT]), legend=None)
    marks = alt.Chart(dates.assign(place=range(len(dates)))).encode(x="month:T", color=colour)
    rules = marks.mark_rule(strokeWidth=1.5).encode(
        strokeDash=alt.StrokeDash("date:N", scale=alt.Scale(domain=named), legend=None)
    )
    # one below the other, where two dates lie near each other
    labels = [
        marks.transform_filter(f"datum.place == {place}")
        .mark_text(align="right", dx=-4, baseline="top", fontWeight=600)
        .encode(y=alt.value(2 + 15 * place), text="date:N")
        for place in range(len(dates))
    ]
    chart = alt.layer(line, rules, *labels).properties(
        height=300,
        description=(
            f"Small minus large added up from {study.spread.index[0]} to {study.spread.index[-1]},"
            f" where it stands at {study.spread.sum():+.0%};"
            f" {', '.join(dates['date'] + ' ' + dates['month'])} marked."
        ),
    )
    around = study.premium
    finding = (
        f"Small caps led by {points(around.before.estimate)} points a year before"
        f" {around.split:%B %Y} and by {points(around.after.estimate)} since"
        if around.refusal is None and around.split is not None
        else f"Small caps led by {points(12 * float(study.spread.mean()))} points a year"
    )
    return titled(
        chart,
        finding,
        "Small minus large, added up, in per cent; the slope is the premium.",
        source_line(study.spread.index[-1]),
    )


def decades(study: PremiumBeforeAfter) -> alt.LayerChart:
    """Mean premium of every decade with its 95% interval."""
    import altair as alt

    frame = study.decades[["decade", "premium", "low", "high", "months"]].round(4)
    x = alt.X("decade:N", sort=None, title=None, axis=alt.Axis(labelAngle=0))
    whiskers = (
        alt.Chart(frame).mark_rule(color=SMALL, strokeWidth=2).encode(x=x, y="low:Q", y2="high:Q")
    )
    points = (
        alt.Chart(frame)
        .mark_point(color=SMALL, size=80)
        .encode(
            x=x,
            y=alt.Y(
                "premium:Q",
                title="small minus large a year, 95% interval",
                axis=alt.Axis(format="%"),
            ),
            tooltip=[
                "decade:N",
                alt.Tooltip("premium:Q", format="+.1%"),
                alt.Tooltip("low:Q", format="+.1%"),
                alt.Tooltip("high:Q", format="+.1%"),
                "months:Q",
            ],
        )
    )
    zero = alt.Chart(pd.DataFrame({"premium": [0]})).mark_rule(color=CONTEXT).encode(y="premium:Q")
    told = int(((frame["low"] > 0) | (frame["high"] < 0)).iloc[:-1].sum())
    return titled(
        (zero + whiskers + points).properties(
            height=280,
            description=(
                f"Mean small-minus-large return of {len(frame) - 1} decades with 95%"
                f" intervals; {told}"
                f" of the intervals leave out zero. Over all months it was"
                f" {frame['premium'].iloc[-1]:+.1%} a year."
            ),
        ),
        f"In {counted(told, len(frame) - 1)} decades the premium stands out from noise",
        "Small minus large, mean of each decade, per cent a year, with 95% intervals.",
        source_line(study.spread.index[-1]),
    )


def later_premium(study: PremiumBeforeAfter) -> alt.LayerChart | Sentence:
    """The premium since each date, by leg, against the margin that counts as nothing."""
    import altair as alt

    ran = study.ran
    if ran.empty:
        return Sentence("No date of the grid has five years on either side yet.")
    frame = ran.drop_duplicates(["leg", "published"]).round(4)
    frame = frame.assign(
        specification=frame["leg"].map(leg_words)
        + ", since "
        + frame["split"].astype(str).map(month_words),
        kind=np.where(frame["published"] == "unknown_break", "likeliest break", "known date"),
    )
    frame = frame.sort_values(["kind", "split", "leg"])
    margin = study.premium.margin if study.premium else float(ran["margin"].median())
    y = alt.Y("specification:N", sort=None, title=None, axis=alt.Axis(labelLimit=300))
    band = (
        alt.Chart(pd.DataFrame({"low": [-margin], "high": [margin]}))
        .mark_rect(color=GREEN, opacity=0.15)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    color = alt.Color(
        "kind:N",
        title="later sample begins at a",
        scale=alt.Scale(domain=["known date", "likeliest break"], range=[SMALL, VERMILLION]),
    )
    x = alt.X("since:Q", title="premium since, a year, 95% interval", axis=alt.Axis(format="%"))
    whiskers = (
        alt.Chart(frame).mark_rule(strokeWidth=1.5).encode(x="low:Q", x2="high:Q", y=y, color=color)
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=50)
        .encode(
            x=x,
            y=y,
            color=color,
            shape=alt.Shape(
                "kind:N",
                title="later sample begins at a",
                scale=alt.Scale(domain=["known date", "likeliest break"]),
            ),
            tooltip=[
                alt.Tooltip("specification:N", title="premium of"),
                alt.Tooltip("since:Q", format="+.1%"),
            ],
        )
    )
    inside = int(((frame["low"] > -margin) & (frame["high"] < margin)).sum())
    return titled(
        (band + whiskers + points).properties(
            height=alt.Step(16),
            description=(
                f"Premium since a date for {len(frame)} legs and dates, with 95% intervals,"
                " against a"
                f" band of {margin:.0%} either side of zero; {inside} intervals lie inside the"
                " band."
            ),
        ),
        f"{counted(inside, len(frame))} samples since publication rule out a premium beyond"
        f" {margin:.0%} a year",
        "Premium since each date, per cent a year, with 95% intervals; the band is"
        f" {margin:.0%} either side of zero.",
        source_line(study.spread.index[-1]),
    )


def unknown_break(study: PremiumBeforeAfter) -> alt.LayerChart | Sentence:
    """The Wald statistic of a break at every month, against the level a search would reach."""
    import altair as alt

    found = study.found
    if (refusal := first_refusal(found)) is not None:
        return Sentence(refusal.reason)
    months = study.spread.dropna().index[found.positions]
    frame = pd.DataFrame({"month": months.astype(str), "wald": found.statistics.round(3)})
    line = (
        alt.Chart(frame.iloc[::_QUARTER])
        .mark_line(color=SMALL)
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("wald:Q", title="Wald statistic of a break in that month"),
            tooltip=[alt.Tooltip("month:T", format="%B %Y"), "wald:Q"],
        )
    )
    bar = pd.DataFrame({"wald": [found.critical_5], "label": ["5% level of the largest of them"]})
    rule = alt.Chart(bar).mark_rule(color=VERMILLION, strokeDash=[5, 4]).encode(y="wald:Q")
    label = (
        alt.Chart(bar)
        .mark_text(align="right", baseline="bottom", dy=-4, color=VERMILLION)
        .encode(y="wald:Q", x=alt.value("width"), text="label:N")
    )
    return titled(
        (line + rule + label).properties(
            height=220,
            description=(
                f"Wald statistics of a break in the mean in {len(frame)} months; the largest,"
                f" {found.estimate:.1f} in {found.label}, against a 5% level of"
                f" {found.critical_5:.1f}."
            ),
        ),
        f"The likeliest break, {month_words(found.label)}, {_stands(found)} from a search"
        " through all months",
        "Wald statistic of a break in the mean, by month; dashed is what the largest of them"
        " reaches by chance in one case of twenty.",
        source_line(study.spread.index[-1]),
    )


def _stands(found: Any) -> str:
    return "stands out" if found.estimate > found.critical_5 else "does not stand out"


def regimes(study: PremiumBeforeAfter) -> alt.Chart | Sentence:
    """Probability, year by year, of the regime with the higher premium."""
    import altair as alt

    if (refusal := first_refusal(study.regimes)) is not None:
        return Sentence(refusal.reason)
    path = study.regimes.path.round(3)
    return titled(
        (
            alt.Chart(path)
            .mark_area(color=SMALL, opacity=0.35, line={"color": SMALL})
            .encode(
                x=alt.X("year:Q", title=None, axis=alt.Axis(format="d")),
                y=alt.Y(
                    "high:Q",
                    title="probability of the regime with the higher mean",
                    axis=alt.Axis(format="%"),
                    scale=alt.Scale(domain=[0, 1]),
                ),
                tooltip=["year:Q", alt.Tooltip("high:Q", format=".0%")],
            )
            .properties(
                height=200,
                description=(
                    f"Smoothed probability of the regime with the higher mean over {len(path)}"
                    " calendar"
                    f" years; above one half in {(path['high'] > 0.5).mean():.0%} of them."
                ),
            )
        ),
        f"In {(path['high'] > 0.5).mean():.0%} of the years the regime with the higher premium"
        " was the likelier",
        "Smoothed probability of that regime in each calendar year, in per cent.",
        source_line(study.spread.index[-1]),
    )


def falls(study: VolatilityRatio) -> alt.LayerChart | Sentence:
    """How far small, large and small over large stood below their highest value so far."""
    import altair as alt

    if study.falls.empty:
        return Sentence("There are too few months of both portfolios yet.")
    names = list(study.fall_paths.columns)
    sparse = study.fall_paths.iloc[::_HALF_YEAR].round(3)
    frame = sparse.set_axis(sparse.index.astype(str)).rename_axis("month").reset_index()
    frame = frame.melt("month", var_name="series", value_name="below")
    deepest = ", ".join(f"{name} {study.fall_paths[name].min():.0%}" for name in names)
    lines = named_lines(
        frame,
        "month",
        "below",
        "series",
        x=alt.X("month:T", title=None),
        y=alt.Y("below:Q", title="below the highest value so far", axis=alt.Axis(format="%")),
        colours=dict(zip(names, (SMALL, LARGE, CONTEXT), strict=True)),
        tooltip=[
            "series:N",
            alt.Tooltip("month:T", format="%B %Y"),
            alt.Tooltip("below:Q", format=".0%"),
        ],
        strokeWidth=1.5,
    )
    return titled(
        lines.properties(height=260, description=f"Falls from a peak; the deepest: {deepest}."),
        f"Small caps fell {-study.fall_paths[names[0]].min():.0%} at worst, large caps"
        f" {-study.fall_paths[names[1]].min():.0%}",
        "Distance below the highest value so far, in per cent.",
        source_of(study),
    )


def firms(study: CountTrend) -> alt.Chart | Sentence:
    """Number of listed firms by size, each July."""
    import altair as alt

    groups = [name for name in study.firms.columns if name != "july"]
    if not groups:
        return Sentence("The number of firms by size is in the latest data only.")
    frame = study.firms.melt("july", var_name="group", value_name="firms")
    last = study.firms.iloc[-1]
    counts = ", ".join(f"{name} {last[name]:,.0f}" for name in groups)
    return titled(
        (
            alt.Chart(frame)
            .mark_line()
            .encode(
                x=alt.X("july:Q", title=None, axis=alt.Axis(format="d")),
                y=alt.Y("firms:Q", title="listed firms in July"),
                color=alt.Color("group:N", title=None, scale=alt.Scale(domain=groups)),
                strokeDash=alt.StrokeDash("group:N", title=None, scale=alt.Scale(domain=groups)),
                tooltip=["group:N", "july:Q", "firms:Q"],
            )
            .properties(
                height=260,
                description=f"Listed firms by size; in July {last['july']:.0f}: {counts}.",
            )
        ),
        f"In July {last['july']:.0f} there were {last[groups[0]]:,.0f} listed firms among the"
        f" {groups[0]}",
        "Number of listed firms each July, by size.",
        source_of(study),
    )


def _dates(study: PremiumBeforeAfter) -> pd.DataFrame:
    rows = []
    if first_refusal(study.premium) is None:
        rows.append(("publication", str(study.premium.split)))
    if first_refusal(study.found) is None:
        rows.append(("likeliest break", study.found.label))
    return pd.DataFrame(rows, columns=["date", "month"], dtype=str)
