"""Charts of the record to the newest month, from the supplementary tables."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import CONTEXT, GREEN, LARGE, OCHRE, PURPLE, SMALL, VERMILLION
from analysis.pages.charts.titles import RETURNS, ahead, counted, points, source_line, titled
from analysis.pages.charts.valuation_gap import times
from analysis.pages.choices import leg_words
from analysis.results import month_words

if TYPE_CHECKING:
    import altair as alt

#: Colour of each leg, its dash beside it.
_COLOURS = {"smb": SMALL, "iwm_spy": VERMILLION, "ijr_spy": GREEN, "own": PURPLE}

#: Separate windows that a length needs to be drawn.
_SEPARATE = 2

_WHO = f"{RETURNS}, adjusted closes and this project"

_LINKED = {True: "yes", False: "no"}

_SHORT = {"smb": "SMB", "own": "your own returns"}


def cut_paths(table: pd.DataFrame) -> alt.LayerChart | None:
    """Small minus large around each first cut: SMB thin by cut, the mean of each leg thick.

    None without a first cut.
    """
    import altair as alt

    if table.empty:
        return None
    thin = table[table["leg"] == "smb"]
    whole = thin[thin["offset"] <= 12].groupby("cut")["offset"].max().eq(12)
    means = table.groupby(["leg", "offset"], sort=False)["cumulative"].mean().reset_index()
    means["name"] = means["leg"].map(_name)
    axis = alt.Axis(format="+%")
    x = alt.X("offset:Q", title="months from the first cut")
    y = alt.Y("cumulative:Q", title="small minus large, added up", axis=axis)
    each = (
        alt.Chart(
            thin[["cut", "offset", "cumulative", "linked"]]
            .round(4)
            .assign(cut=thin["cut"].map(month_words), linked=thin["linked"].map(_LINKED))
        )
        .mark_line(color=CONTEXT, opacity=0.5, strokeWidth=1)
        .encode(
            x=x,
            y=y,
            detail="cut:N",
            strokeDash=alt.StrokeDash("linked:N", legend=None),
            tooltip=[
                alt.Tooltip("cut:N", title="first cut"),
                alt.Tooltip("linked:N", title="recession within a year"),
                alt.Tooltip("offset:Q", title="months from the cut"),
                alt.Tooltip("cumulative:Q", title="small minus large", format="+.1%"),
            ],
        )
    )
    thick = _labelled(means, x, y, "offset", "cumulative", every=thin["cumulative"])
    zero = alt.Chart(pd.DataFrame({"offset": [0]})).mark_rule(color=CONTEXT).encode(x="offset:Q")
    after = thin[thin["offset"] == 12]["cumulative"]
    led = int((after > 0).sum())
    newest = thin.loc[thin["cut"] == thin["cut"].max()].sort_values("offset").iloc[-1]
    stood = (
        f"{month_words(newest['cut'])}: {points(newest['cumulative'])} points after"
        f" {newest['offset']:.0f}"
    )
    chart = (each + zero + thick).properties(
        height=320,
        description=(
            f"Small minus large summed around {thin['cut'].nunique()} first cuts, a thin line for"
            f" each by SMB and a thick one for the mean of each leg. Twelve months after, SMB was"
            f" ahead {led} of {int(whole.sum())} times. The last cut, {stood} months."
        ),
    )
    return titled(
        chart,
        f"Twelve months after a first cut small caps stood {ahead(float(after.mean()))} on average"
        f" and led {counted(led, len(after))} times",
        "Small minus large, added up from the end of the month of the cut, in per cent. Grey: SMB"
        " after each cut, dashed where a recession followed within a year. Thick: means.",
        source_line(_months_after(thin), _WHO),
    )


def gap_by_month(table: pd.DataFrame) -> alt.LayerChart | None:
    """The valuation gap month by month on both bases; None without one."""
    import altair as alt

    if table.empty:
        return None
    long = table.melt("month", ["june", "december"], var_name="leg", value_name="gap").dropna()
    long["name"] = long["leg"].map({"june": "June prices", "december": "December prices"})
    every = long[pd.PeriodIndex(long["month"], freq="M").month % 3 == 0]
    last = table.iloc[[-1]].melt("month", ["june", "december"], var_name="leg", value_name="gap")
    last["name"] = last["leg"].map({"june": "June prices", "december": "December prices"})
    drawn = pd.concat([every, last.dropna()]).drop_duplicates(["month", "leg"])
    x = alt.X("month:T", title=None)
    drawn = drawn.assign(gap=np.exp(drawn["gap"]))
    sides = {"june": SMALL, "december": PURPLE}
    lines = _labelled(drawn, x, times(alt), "month", "gap", sides)
    ranks = {
        name: float((table[name] <= table[name].dropna().iloc[-1]).sum() / table[name].count())
        for name in ("june", "december")
    }
    low, high = sorted(ranks.values())
    month = f"{pd.Period(table['month'].iloc[-1], 'M'):%B %Y}"
    share = f"{low:.0%}" if f"{low:.0%}" == f"{high:.0%}" else f"{low:.0%} to {high:.0%}"
    chart = lines.properties(
        height=300,
        description=(
            f"Small over large book-to-market from {month_words(table['month'].iloc[0])} to"
            f" {month}, where it is wider than in {share} of all months."
        ),
    )
    return titled(
        chart,
        f"In {month} small caps were cheaper against large caps than in {share} of all months",
        "How many times as much book value a dollar buys in small caps as in large, at prices of"
        " June and of the December before; from June to June it moves with returns.",
        source_line(table["month"].iloc[-1], f"{RETURNS} and this project"),
    )


def calendar_years(table: pd.DataFrame) -> alt.LayerChart | None:
    """Small minus large by calendar year: bars by SMB, points by funds; None without a year."""
    import altair as alt

    bars = table[table["leg"] == "smb"].round(4)
    if bars.empty:
        return None
    held = bars[bars["months"] == 12]
    funds = table[table["leg"].ne("smb")].round(4).assign(name=lambda t: t["leg"].map(_name))
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d"), scale=alt.Scale(nice=False))
    y = alt.Y("lead:Q", title="small minus large", axis=alt.Axis(format="+%"))
    tips = [
        alt.Tooltip("year:Q", format="d"),
        alt.Tooltip("lead:Q", format="+.1%"),
        alt.Tooltip("months:Q", title="months of the year"),
    ]
    side = alt.condition("datum.lead >= 0", alt.value(SMALL), alt.value(CONTEXT))
    drawn = alt.Chart(bars).mark_bar(size=4).encode(x=x, y=y, color=side, tooltip=tips)
    names = list(dict.fromkeys(funds["name"]))
    marks = (
        alt.Chart(funds)
        .mark_point(filled=True, size=26, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "name:N",
                title=None,
                scale=alt.Scale(domain=names, range=[VERMILLION, GREEN, PURPLE][: len(names)]),
            ),
            shape=alt.Shape("name:N", title=None, scale=alt.Scale(domain=names)),
            tooltip=[alt.Tooltip("name:N"), *tips],
        )
    )
    led, recent = int((held["lead"] > 0).sum()), held[held["year"] >= held["year"].max() - 9]
    chart = (drawn + marks if len(funds) else drawn).properties(
        height=280,
        description=(
            f"Small minus large in {len(held)} whole calendar years; it was above zero in {led},"
            f" and in {int((recent['lead'] > 0).sum())} of the last {len(recent)}."
        ),
    )
    return titled(
        chart,
        f"Small caps led in {led} of {len(held)} calendar years, and in"
        f" {int((recent['lead'] > 0).sum())} of the last {len(recent)}",
        "Small minus large by calendar year, per cent. Bars: SMB, the sum of the year's months;"
        " points: the difference of two funds' returns. The last bar may be a part of a year.",
        source_line(f"{int(bars['year'].max())}-{int(bars['months'].iloc[-1]):02d}", _WHO),
    )


def running_lead(table: pd.DataFrame, split: pd.Period | None) -> alt.LayerChart | None:
    """Small minus large added up year by year, and its mean before and since a month.

    Parameters
    ----------
    table : DataFrame
        The supplement ``calendar_years``; SMB is drawn.
    split : Period or None
        The month from which the later mean counts; without one, or with one that is no January,
        the mean of all years is told.

    Returns
    -------
    LayerChart or None
        None without a year.
    """
    import altair as alt

    years = table[table["leg"] == "smb"].sort_values("year")
    if years.empty:
        return None
    told = pd.DataFrame(
        {
            "month": [
                f"{year:.0f}-12" if months == 12 or year == years["year"].min()
                else f"{year:.0f}-{months:02.0f}"
                for year, months in zip(years["year"], years["months"], strict=True)
            ],
            "sum": years["lead"].cumsum().round(4).to_numpy(),
        }
    )  # fmt: skip
    line = (
        alt.Chart(told)
        .mark_line(color=SMALL)
        .encode(
            x=alt.X("month:T", title=None),
            y=alt.Y("sum:Q", title="small minus large, added up", axis=alt.Axis(format="+%")),
            tooltip=[alt.Tooltip("month:T", format="%B %Y"), alt.Tooltip("sum:Q", format="+.0%")],
        )
    )
    last, parts = told["month"].iloc[-1], [line]
    means = _mean_leads(years, split)
    if split is not None and len(means) > 1:
        mark = pd.DataFrame({"month": [str(split)], "words": [f"{month_words(str(split))}"]})
        rule = alt.Chart(mark).mark_rule(color=LARGE, strokeDash=[5, 4]).encode(x="month:T")
        label = (
            alt.Chart(mark)
            .mark_text(align="right", dx=-5, baseline="top", color=LARGE)
            .encode(x="month:T", y=alt.value(2), text="words:N")
        )
        parts += [rule, label]
        finding = (
            f"Small caps led by {points(means[0])} points a year before {month_words(str(split))}"
            f" and by {points(means[1])} since"
        )
    else:
        finding = f"Small caps led by {points(means[0])} points a year"
    return titled(
        alt.layer(*parts).properties(
            height=300,
            description=f"{finding}; added up to {month_words(last)} it is"
            f" {told['sum'].iloc[-1]:+.0%}.",
        ),
        finding,
        "Small minus large, added up year by year, in per cent; the slope is the premium.",
        source_line(last, RETURNS),
    )


def _mean_leads(years: pd.DataFrame, split: pd.Period | None) -> list[float]:
    """Mean lead a year before and since a January, or of all years."""
    later = years["year"] >= (math.inf if split is None or split.month != 1 else split.year)
    return [
        12 * float(part["lead"].sum() / part["months"].sum())
        for part in (years[~later], years[later])
        if len(part)
    ]


def windows_won(table: pd.DataFrame) -> alt.LayerChart | None:
    """Share of windows that small caps won, by length and leg; None without one."""
    import altair as alt

    drawn = table[table["separate"] >= _SEPARATE].assign(name=lambda t: t["leg"].map(_name))
    if drawn.empty:
        return None
    x = alt.X("years:Q", title="years held")
    share = alt.Axis(format="%")
    y = alt.Y("won:Q", title="windows won", axis=share, scale=alt.Scale(domain=[0, 1]))
    lines = _labelled(drawn, x, y, "years", "won", every=pd.Series([0.0, 1.0]))
    asked = pd.DataFrame({"won": [0.95], "years": [1], "words": ["19 of 20"]})
    rule = alt.Chart(asked).mark_rule(color=OCHRE, strokeDash=[5, 4]).encode(y="won:Q")
    text = (
        alt.Chart(asked)
        .mark_text(align="left", dy=-7, color=OCHRE)
        .encode(x="years:Q", y="won:Q", text="words:N")
    )
    smb = drawn[drawn["leg"] == "smb"].set_index("years")
    twenty = 20 if 20 in smb.index else int(smb.index.max())
    chart = (rule + text + lines).properties(
        height=300,
        description=(
            "Share of all overlapping windows after which small caps had grown more than large"
            f" caps, by length; by SMB {smb.loc[twenty, 'won']:.0%} at {twenty} years."
        ),
    )
    return titled(
        chart,
        f"After {twenty} years small caps were ahead in {smb.loc[twenty, 'won']:.0%} of the windows"
        f" of a century, which holds only {smb.loc[twenty, 'separate']:.0f} separate ones",
        "Share of all overlapping windows after which small caps had grown more, by years held."
        " Dashed: nearly certain. A leg is drawn as long as it holds two separate windows.",
        source_line(table["last"].max(), _WHO),
    )


def _name(leg: str) -> str:
    return _SHORT.get(leg) or leg_words(leg)


def _labelled(
    frame: pd.DataFrame,
    x: Any,
    y: Any,
    along: str,
    value: str,
    colours: dict[str, str] | None = None,
    every: pd.Series | None = None,
) -> alt.LayerChart:
    """A line for each ``leg`` and, at its end, its ``name``."""
    import altair as alt

    chosen = colours or _COLOURS
    names = frame.drop_duplicates("leg").set_index("leg")["name"]
    return named_lines(
        frame[[along, value, "name"]].round({value: 4}),
        along,
        value,
        "name",
        x=x,
        y=y,
        colours={names[leg]: shade for leg, shade in chosen.items() if leg in names},
        tooltip=[
            alt.Tooltip("name:N", title="leg"),
            alt.Tooltip(f"{along}:{'T' if along == 'month' else 'Q'}"),
            alt.Tooltip(f"{value}:Q", format=".2f" if along == "month" else "+.1%"),
        ],
        every=every,
        strokeWidth=2.5,
    )


def _months_after(paths: pd.DataFrame) -> pd.Period:
    """The last month that any path shows."""
    ends = [
        pd.Period(cut, "M") + int(offset)
        for cut, offset in paths.groupby("cut")["offset"].max().items()
    ]
    return max(ends)
