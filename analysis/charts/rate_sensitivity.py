"""Charts of the rates chapter, the interest calculator among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.charts.theme import CONTEXT, PURPLE, SMALL, VERMILLION

if TYPE_CHECKING:
    import altair as alt

    from analysis.checks.rate_sensitivity import Calculator, RateSensitivityStudy

#: Sliders: name, label, lowest, highest, step. Shares and rates in per cent, cuts in number.
SLIDERS = (
    ("debt", "debt over yearly operating earnings, times ", 0, 12, 0.25),
    ("floating", "debt at floating rates, % ", 0, 100, 1),
    ("maturing", "fixed debt due within five years, % ", 0, 100, 1),
    ("gap", "new rate less old, percentage points ", 0, 10, 0.025),
    ("cuts", "cuts of 25 basis points, at once ", 0, 12, 1),
)

#: Room between a legend and the title of the y axis below it, in pixels.
_CLEAR = 30

#: The criterion reads "about two points" as 1.5 to 2.5.
_ABOUT = 0.005


def repriced_expression(year: str, years: int) -> str:
    """Share of the debt that pays the new rate in `year`, as a Vega expression.

    `year` is itself an expression; only numbers, names and + − * / ( ) occur.
    """
    fixed = "(1 - floating / 100)"
    return f"(floating / 100 + {fixed} * (maturing / 100) * ({year}) / {years})"


def hit_expression(year: str, years: int) -> str:
    """Extra interest in `year` as a share of operating earnings, as a Vega expression.

    The flat-path case of :func:`analysis.checks.interest_burden.interest_burden`: every rate is
    down by the cuts from the first year on.
    """
    rate = "(gap - cuts * 0.25) / 100"
    return f"(debt * {repriced_expression(year, years)} * {rate})"


def sum_expression(years: int) -> str:
    """Extra interest of all years over one year's operating earnings, as a Vega expression."""
    mean_year = f"({years} + 1) / 2"
    return f"({years} * {hit_expression(mean_year, years)})"


def step_expression(years: int) -> str:
    """What one more cut of 25 basis points takes off the last year's hit."""
    return f"(debt * {repriced_expression(str(years), years)} * 0.25 / 100)"


def calculator(study: RateSensitivityStudy) -> alt.LayerChart:
    """Extra interest by year, with sliders, against the two quoted figures."""
    import altair as alt

    start = study.calculator
    years = start.years
    frame = pd.DataFrame({"year": range(1, years + 1)})
    source = alt.Chart(frame).transform_calculate(hit=hit_expression("datum.year", years))
    x = alt.X("year:O", title="year after the rates reset", axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "hit:Q",
        title="extra interest, share of operating earnings",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domainMin=0),
    )
    bars = source.mark_bar(color=SMALL).encode(x=x, y=y)
    labels = source.mark_text(dy=-7).encode(x=x, y=y, text=alt.Text("hit:Q", format=".1%"))
    quoted = (
        alt.Chart(pd.DataFrame({"quoted": [start.hit]}))
        .mark_rule(color=VERMILLION, strokeDash=[6, 4], strokeWidth=2)
        .encode(y=alt.Y("quoted:Q"), tooltip=[alt.Tooltip("quoted:Q", format=".0%")])
    )
    return (
        (bars + labels + quoted)
        .add_params(*_sliders(start))
        .properties(
            height=280,
            title=alt.TitleParams(
                text=alt.expr(_lines(start)), fontSize=13, fontWeight="normal", lineHeight=18
            ),
            description=_calculator_words(start),
        )
    )


def _sliders(start: Calculator) -> list[alt.Parameter]:
    import altair as alt

    at = {
        "debt": start.debt_to_earnings,
        "floating": 100 * start.floating_share,
        "maturing": 100 * start.maturing_share,
        "gap": 100 * start.reset_gap,
        "cuts": 0,
    }
    return [
        alt.param(
            name=name,
            value=round(at[name], 6),
            bind=alt.binding_range(min=low, max=high, step=step, name=label),
        )
        for name, label, low, high, step in SLIDERS
    ]


def _lines(start: Calculator) -> str:
    """A Vega expression for the lines above the chart, which follow the sliders."""
    years = start.years
    hit, step = hit_expression(str(years), years), step_expression(years)
    low, high = start.per_step - _ABOUT, start.per_step + _ABOUT
    parts = (
        f"'Year {years}: ' + format({hit}, '.1%') + ' of operating earnings'",
        f"'{start.hit:.0%} quoted (dashed): ' + ({hit} >= {start.hit} ? 'reached' : 'not reached')",
        f"'Each 25bp: ' + format(100 * {step}, '.2f') + ' points'",
        f"'About {100 * start.per_step:g} points quoted: '"
        f" + ({step} >= {low} && {step} <= {high} ? 'met' : 'not met')",
        f"'All {years} years added up: ' + format({sum_expression(years)}, '.0%') + ' of one year'",
    )
    return f"[{', '.join(parts)}]"


def _calculator_words(start: Calculator) -> str:
    hits = ", ".join(f"{hit:.1%}" for hit in start.burden.yearly)
    return (
        f"A calculator with sliders. At its start, with debt of {start.debt_to_earnings:g} times"
        f" operating earnings, {start.floating_share:.0%} of it floating,"
        f" {start.maturing_share:.0%} of the rest due within {start.years} years and rates"
        f" {100 * start.reset_gap:.2f} points higher, extra interest takes {hits} of operating"
        f" earnings in years 1 to {start.years}; the quoted figure is {start.hit:.0%}."
    )


def slopes(study: RateSensitivityStudy) -> alt.Chart | alt.LayerChart:
    """Slope on each rate and on the credit spread, by era, with and without the market."""
    import altair as alt

    table = study.slopes
    if table.empty:
        return _nothing("too few months for a slope on rates or credit")
    scale = table["driver"].eq("BAA less AAA").map({True: 0.1, False: 1.0})
    frame = pd.DataFrame(
        {
            "what": table["driver"] + ", " + table["era"],
            "market": table["beside the market"].map({"no": "alone", "yes": "beside the market"}),
            **{name: (scale * table[name]).round(5) for name in ("slope", "low", "high")},
            "p": table["p"].round(3),
        }
    )
    order = list(dict.fromkeys(frame["what"]))
    y = alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=230))
    offset = alt.YOffset("market:N")
    colour = alt.Color(
        "market:N",
        title="regression",
        scale=alt.Scale(domain=["alone", "beside the market"], range=[SMALL, PURPLE]),
    )
    title = "small less large when the rate rises a point (the credit spread: a tenth)"
    base = alt.Chart(frame).encode(y=y, yOffset=offset, color=colour)
    lines = base.mark_rule(strokeWidth=2).encode(
        color=colour.legend(None),
        x=alt.X("low:Q", title=title, axis=alt.Axis(format="+.1%")),
        x2="high:Q",
    )
    points = base.mark_point(size=60).encode(
        x="slope:Q",
        shape=alt.Shape(
            "market:N", title="regression", scale=_shapes("alone", "beside the market")
        ),
        tooltip=["what:N", "market:N", alt.Tooltip("slope:Q", format="+.2%"), "p:Q"],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=CONTEXT).encode(x="x:Q")
    below = int((table["high"] < 0).sum())
    return (zero + lines + points).properties(
        height=alt.Step(15),
        description=(
            f"{len(frame)} slopes with 95% intervals, by rate, era and with or without the market;"
            f" {below} intervals lie below zero, {int((table['low'] > 0).sum())} above."
        ),
    )


def asymmetry(study: RateSensitivityStudy) -> alt.Chart | alt.LayerChart:
    """What small less large did when each rate rose and when it fell, without the market."""
    import altair as alt

    table = study.asymmetry[study.asymmetry["beside the market"] == "no"]
    if table.empty:
        return _nothing("too few months to set rises against falls")
    scale = table["driver"].eq("BAA less AAA").map({True: 0.1, False: 1.0})
    sides = [
        pd.DataFrame(
            {
                "what": table["driver"] + ", " + table["era"],
                "move": word,
                "effect": (scale * table[side]).round(5),
                "low": (scale * table[f"{side}_low"]).round(5),
                "high": (scale * table[f"{side}_high"]).round(5),
            }
        )
        for side, word in (("rises", "rise"), ("falls", "fall"))
    ]
    frame = pd.concat(sides, ignore_index=True)
    y = alt.Y("what:N", title=None, sort=list(sides[0]["what"]), axis=alt.Axis(labelLimit=230))
    colour = alt.Color(
        "move:N",
        title="the rate's move",
        scale=alt.Scale(domain=["rise", "fall"], range=[VERMILLION, SMALL]),
    )
    base = alt.Chart(frame).encode(y=y, yOffset=alt.YOffset("move:N"), color=colour)
    title = "small less large for a move of one point (the credit spread: a tenth)"
    lines = base.mark_rule(strokeWidth=2).encode(
        color=colour.legend(None),
        x=alt.X("low:Q", title=title, axis=alt.Axis(format="+.1%")),
        x2="high:Q",
    )
    points = base.mark_point(size=60).encode(
        x="effect:Q",
        shape=alt.Shape("move:N", title="the rate's move", scale=_shapes("rise", "fall")),
        tooltip=["what:N", "move:N", alt.Tooltip("effect:Q", format="+.2%")],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=CONTEXT).encode(x="x:Q")
    differ = int((table["p equal"] < 0.05).sum())
    return (zero + lines + points).properties(
        height=alt.Step(15),
        description=(
            f"Effect of rises and of falls on small less large for {len(table)} rates and eras;"
            f" in {differ} of them the two differ with p below 5%."
        ),
    )


def specifications(study: RateSensitivityStudy, claim_id: str) -> alt.Chart | alt.LayerChart:
    """Every specification of one claim's grid in order of its slope."""
    import altair as alt

    table = study.grids[claim_id]
    table = table[table["reason"] == ""].sort_values("slope", ignore_index=True)
    if table.empty:
        return _nothing("no specification of the grid can be run on these data")
    choices = ["leg", "driver", "fall", "era"]
    named = table[choices].astype(object).where(table[choices].notna(), "")
    frame = pd.DataFrame(
        {
            "rank": table.index + 1,
            "slope": table["slope"].round(4),
            "p": table["p"].round(3),
            "market": table["market"].map({False: "alone", True: "beside the market"}),
            "specification": named.astype(str).agg(" · ".join, axis=1).str.replace(" ·  · ", " · "),
        }
    )
    title = (
        "cut months less other months, a year"
        if table["fall"].notna().any()
        else "return per unit of the driver"
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=26)
        .encode(
            x=alt.X("rank:Q", title="specification, in order of its slope"),
            y=alt.Y("slope:Q", title=title),
            color=alt.Color(
                "market:N",
                title="regression",
                scale=alt.Scale(domain=["alone", "beside the market"], range=[SMALL, PURPLE]),
                legend=alt.Legend(offset=_CLEAR),
            ),
            shape=alt.Shape(
                "market:N",
                title="regression",
                scale=_shapes("alone", "beside the market"),
                legend=alt.Legend(offset=_CLEAR),
            ),
            opacity=alt.condition("datum.p < 0.05", alt.value(1.0), alt.value(0.35)),
            tooltip=["specification:N", "market:N", alt.Tooltip("slope:Q"), "p:Q"],
        )
    )
    zero = alt.Chart(pd.DataFrame({"slope": [0]})).mark_rule(color=CONTEXT).encode(y="slope:Q")
    return (points + zero).properties(
        height=260,
        description=(
            f"{len(frame)} specifications in order of their slope; the median is"
            f" {frame['slope'].median():+.3f}, {(frame['slope'] > 0).mean():.0%} are above zero and"
            f" {(frame['p'] < 0.05).mean():.0%} have p below 5%, drawn solid."
        ),
    )


def ranges(study: RateSensitivityStudy) -> alt.LayerChart:
    """Range of the burden for each upper end of the published inputs, and the quoted figure.

    A row's label gives its upper ends: debt over earnings, reset gap, floating share.
    """
    import altair as alt

    table = study.ranges
    frame = pd.DataFrame(
        {
            "inputs": [
                f"{debt:g}× · {100 * gap:g} points · {100 * share:.0f}% floating"
                for debt, gap, share in zip(
                    table["debt over earnings"],
                    table["reset gap"],
                    table["floating share"],
                    strict=True,
                )
            ],
            "lowest": table["lowest"].round(4),
            "highest": table["highest"].round(4),
            "inside": table["quoted figure inside"],
        }
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(height=9)
        .encode(
            y=alt.Y("inputs:N", title=None, sort=None),
            x=alt.X(
                "lowest:Q",
                title="extra interest in the last year, share of operating earnings",
                axis=alt.Axis(format="%"),
            ),
            x2="highest:Q",
            color=alt.Color(
                "inside:N",
                title="quoted figure inside",
                scale=alt.Scale(domain=["yes", "no"], range=[SMALL, CONTEXT]),
            ),
            tooltip=[alt.Tooltip(f"{end}:Q", format=".1%") for end in ("lowest", "highest")],
        )
    )
    hit = study.calculator.hit
    rule = (
        alt.Chart(pd.DataFrame({"hit": [hit]}))
        .mark_rule(color=VERMILLION, strokeDash=[6, 4], strokeWidth=2)
        .encode(x="hit:Q")
    )
    inside = int((frame["inside"] == "yes").sum())
    return (bars + rule).properties(
        height=alt.Step(20),
        description=(
            f"{len(frame)} ranges of the burden, from {frame['lowest'].min():.0%} up to"
            f" {frame['highest'].max():.0%} of operating earnings; {inside} hold the quoted"
            f" {hit:.0%}, a dashed line."
        ),
    )


def gap_and_rate(study: RateSensitivityStudy) -> alt.Chart | alt.LayerChart:
    """Yearly change of the valuation gap against that of the funds rate."""
    import altair as alt

    if study.gap_changes.empty:
        return _nothing("needs the latest data: the funds rate beside book-to-market by size")
    table = study.gap_changes.dropna(subset=["fed_funds"])
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "june": table.index.astype(str),
                    "rate": (100 * table["fed_funds"]).round(2),
                    "gap": table[basis].round(3),
                    "basis": words,
                }
            )
            for basis, words in (("june", "June market value"), ("december", "December's"))
        ]
    ).dropna()
    points = (
        alt.Chart(frame)
        .mark_point(size=40, opacity=0.7)
        .encode(
            x=alt.X("rate:Q", title="change of the funds rate over the year, points"),
            y=alt.Y("gap:Q", title="change of the gap, log points (up: small caps cheaper)"),
            color=alt.Color(
                "basis:N",
                title="basis",
                scale=alt.Scale(domain=["June market value", "December's"], range=[SMALL, PURPLE]),
                legend=alt.Legend(offset=_CLEAR),
            ),
            shape=alt.Shape(
                "basis:N",
                title="basis",
                scale=_shapes("June market value", "December's"),
                legend=alt.Legend(offset=_CLEAR),
            ),
            tooltip=["june:N", "basis:N", "rate:Q", "gap:Q"],
        )
    )
    return points.properties(
        height=280,
        description=(
            f"{len(table)} years: change of the valuation gap against change of the funds rate;"
            f" their correlation is {table['june'].corr(table['fed_funds']):+.2f} on June market"
            f" values and {table['december'].corr(table['fed_funds']):+.2f} on December's."
        ),
    )


def _shapes(first: str, second: str) -> alt.Scale:
    """A circle and a square, so that colour is not the only cue."""
    import altair as alt

    return alt.Scale(domain=[first, second], range=["circle", "square"])


def _nothing(reason: str) -> alt.Chart:
    """A line of text where a chart cannot be drawn."""
    import altair as alt

    return (
        alt.Chart(pd.DataFrame({"reason": [reason]}))
        .mark_text(align="left", fontSize=13)
        .encode(x=alt.value(4), text="reason:N")
        .properties(height=30, description=f"No chart: {reason}.")
    )
