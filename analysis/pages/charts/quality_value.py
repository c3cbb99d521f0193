"""Charts of the quality and value chapter. A chart without data is None and shows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.audit.kept.drawn import drawn_table, last_of
from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import BLUE, CONTEXT, OCHRE, PURPLE, SLATE, VERMILLION
from analysis.pages.charts.titles import CLOSES, counted, points, source_line, source_of, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.dated_lead import DatedLead
    from analysis.designs.fund_comparison import FundComparison
    from analysis.designs.mean_premium import MeanPremium
    from analysis.designs.screen_premium import ScreenPremium
    from analysis.panel import Dataset

ERA_WORDS = {
    "full": "all years",
    "to_1980": "to 1980",
    "from_1981": "1981 on",
    "from_1992": "July 1992 on",
    "from_2013": "July 2013 on",
}

#: What a factor is, as a title says it.
_LONG = {
    "HML": "the return of value stocks over growth stocks (HML) was",
    "RMW": "the return of profitable firms over unprofitable ones (RMW) was",
}

_YEARLY = "return difference a year, with 95% interval"


def by_era(study: MeanPremium) -> alt.LayerChart | None:
    """Each factor, and small value less small growth, by era, with intervals."""
    if study.eras.empty:
        return None
    frame = _percent(study.eras).assign(era=study.eras["era"].map(ERA_WORDS))
    names = list(dict.fromkeys(frame["spread"]))
    small = frame[frame["spread"] == names[0]]
    said = "; ".join(f"{r.era} {r.annual:+.1%}" for r in small.itertuples())
    return titled(
        _intervals(
            frame,
            group="spread",
            names=names,
            colours=[BLUE, OCHRE, VERMILLION, CONTEXT],
            shapes=["circle", "diamond", "square", "cross"],
        ).properties(
            height=320,
            description=(
                f"Return a year of {study.words} in the whole market, and of small value"
                " beside them,"
                f" with 95% intervals, by era: {', '.join(names)}. {names[0]}: {said}."
            ),
        ),
        f"Over all years {_LONG.get(names[0], f'{names[0]} returned')}"
        f" {points(small['annual'].iloc[0])} points a year",
        "Return a year by years, per cent, with 95% intervals.",
        source_of(study),
    )


def running_lead(study: MeanPremium, dataset: Dataset | None = None) -> alt.LayerChart | None:
    """Running sum of each factor, with the month by which all were published.

    Parameters
    ----------
    study : MeanPremium
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.

    Returns
    -------
    LayerChart or None
        None where a factor is missing.
    """
    import altair as alt

    table = drawn_table("factor_sums", study, dataset)
    if table.empty:
        return None
    frame = table.drop(columns="last").assign(lead=table["lead"].round(3))
    names = list(dict.fromkeys(frame["spread"]))
    lines = named_lines(
        frame,
        "month",
        "lead",
        "spread",
        x=alt.X("month:T", title=None),
        y=alt.Y("lead:Q", title="running sum of monthly leads", axis=alt.Axis(format="%")),
        colours=dict(zip(names, (BLUE, CONTEXT), strict=False)),
        tooltip=[
            alt.Tooltip("spread:N", title="difference"),
            alt.Tooltip("month:T", format="%B %Y"),
            alt.Tooltip("lead:Q", format="+.0%"),
        ],
    )
    known = study.published <= frame["month"].iloc[-1]
    published = (
        alt.Chart(pd.DataFrame({"month": [study.published]}))
        .mark_rule(color=VERMILLION, strokeDash=[4, 4])
        .encode(x="month:T", tooltip=[alt.Tooltip("month:T", title="published", format="%B %Y")])
    )
    last = frame.groupby("spread")["lead"].last()
    said = " and ".join(f"{name} at {value:+.0%}" for name, value in last.items())
    marked = f" A dashed line marks {study.published}, when all were in print."
    chart = alt.layer(*([published] if known else []), lines).properties(
        height=300,
        description=(
            f"Running sums of monthly leads from {frame['month'].iloc[0]} to"
            f" {frame['month'].iloc[-1]}, which end with {said}.{marked if known else ''}"
        ),
    )
    return titled(
        chart,
        f"Added up, the two factors ended with {said}",
        "Monthly leads of value over growth (HML) and of profitable over unprofitable firms (RMW),"
        " added up, in per cent. Dashed: when both were in print.",
        source_line(frame["month"].iloc[-1]),
    )


def value_leads(study: DatedLead) -> alt.LayerChart | None:
    """Lead of each value fund by session, with the days the note admits as larger points."""
    import altair as alt

    if study.leads.empty:
        return None
    frame = study.leads.assign(
        day=study.leads["day"].dt.strftime("%Y-%m-%d"),
        pair=study.leads["pair"].str.replace("/", " over "),
        lead=study.leads["lead"].astype(float).round(4),
    )
    names = list(dict.fromkeys(frame["pair"]))
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b %Y"))
    y = alt.Y("lead:Q", title="lead since the end of 2025", axis=alt.Axis(format="+%"))
    scale = alt.Scale(domain=names, range=[BLUE, VERMILLION, OCHRE, PURPLE][: len(names)])
    colour = alt.Color("pair:N", title="lead of", scale=scale)
    tooltip = [
        alt.Tooltip("pair:N"),
        alt.Tooltip("day:T", format="%-d %B %Y"),
        alt.Tooltip("lead:Q", format="+.1%"),
    ]
    lines = alt.Chart(frame).mark_line().encode(x=x, y=y, color=colour, tooltip=tooltip)
    points = (
        alt.Chart(frame[frame["admitted"].astype(bool)])
        .mark_point(size=60, filled=True)
        .encode(x=x, y=y, color=colour, shape=alt.Shape("pair:N", title="lead of"), tooltip=tooltip)
    )
    zero = alt.Chart(pd.DataFrame({"lead": [0]})).mark_rule(color=CONTEXT).encode(y="lead:Q")
    ends = frame.groupby("pair", sort=False)["lead"].last()
    said = ", ".join(f"{pair} {lead:+.1%}" for pair, lead in ends.items())
    return titled(
        (zero + lines + points).properties(
            height=300,
            description=(
                f"Lead of small-value funds by session to {frame['day'].iloc[-1]}, the days"
                " that the"
                f" note admits marked. On the last of them: {said}."
            ),
        ),
        f"{counted(int((ends > 0).sum()), len(ends))} small-value funds led by the last day",
        "Lead of each small-value fund since the end of 2025, per cent; larger points are the"
        " days the note admits.",
        source_line(frame["day"].iloc[-1], CLOSES),
    )


def after_troughs(study: DatedLead) -> alt.LayerChart | None:
    """Lead of small value in the year after each trough, beside that of any year."""
    import altair as alt

    frame, usual = study.recoveries, study.usual_lead
    if frame.empty:
        return None
    bars = (
        alt.Chart(
            frame.assign(
                lead=frame["lead"].astype(float).round(4), year=frame["trough"].astype(str).str[:4]
            )
        )
        .mark_bar()
        .encode(
            x=alt.X(
                "year:N",
                title="year in which a recession ended",
                sort=None,
                axis=alt.Axis(labelAngle=0),
            ),
            y=alt.Y("lead:Q", title="lead over 12 months", axis=alt.Axis(format="%")),
            color=alt.Color(
                "value led:N",
                title="value led",
                scale=alt.Scale(domain=["yes", "no"], range=[BLUE, VERMILLION]),
            ),
            tooltip=[
                alt.Tooltip("trough:N", title="end of the recession"),
                alt.Tooltip("lead:Q", format="+.1%"),
            ],
        )
    )
    mean = (
        alt.Chart(pd.DataFrame({"mean": [round(usual, 4)]}))
        .mark_rule(color=SLATE, strokeDash=[5, 3], strokeWidth=2)
        .encode(y="mean:Q", tooltip=[alt.Tooltip("mean:Q", title="any 12 months", format="+.1%")])
    )
    won = int((frame["lead"] > 0).sum())
    return titled(
        (bars + mean).properties(
            height=300,
            description=(
                f"Small value less the rest of small caps over 12 months after each of {len(frame)}"
                f" recessions, above zero after {won} of them. A dashed line shows the mean of"
                " any 12"
                f" months, {usual:+.1%}."
            ),
        ),
        f"Small value led after {counted(won, len(frame))} recessions; over any"
        f" twelve months it led by {points(usual)} points on average",
        "Small value less the rest of small caps over the twelve months after each recession,"
        " per cent; dashed is the mean of any twelve months.",
        source_of(study),
    )


def profit_fifths(study: ScreenPremium, dataset: Dataset | None = None) -> alt.LayerChart | None:
    """Each profitability fifth of the smallest firms less all of them, all years and recent.

    Parameters
    ----------
    study : ScreenPremium
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.

    Returns
    -------
    LayerChart or None
        None without the portfolios.
    """
    table = drawn_table("profit_fifths", study, dataset)
    frame = table[table["era"].isin(["full", "from_2013"])]
    if frame.empty:
        return None
    words = [ERA_WORDS["full"], ERA_WORDS["from_2013"]]
    frame = _percent(frame).assign(
        spread=frame["era"].map(ERA_WORDS),
        era=frame["fifth"].map({1: "1, least", 5: "5, most"}).fillna(frame["fifth"].astype(str)),
    )
    words = [word for word in words if frame["spread"].eq(word).any()]
    whole, exact = frame[frame["spread"] == words[0]], table[table["era"] == "full"]["annual"]
    said = "; ".join(f"fifth {r.era} {r.annual:+.1%}" for r in whole.itertuples())
    return titled(
        _intervals(
            frame,
            group="spread",
            names=words,
            colours=[BLUE, PURPLE],
            shapes=["circle", "diamond"],
            title="fifth by profitability",
        ).properties(
            height=280,
            description=(
                "Return a year of each profitability fifth of the size group less that of all its"
                f" firms, with 95% intervals. All years: {said}."
            ),
        ),
        f"The least profitable fifth of small caps was {_apart(exact.iloc[0])} all of"
        f" them, the most profitable {_apart(exact.iloc[-1])} them",
        "Return a year of each fifth by profitability less that of all firms of the size"
        " group, per cent, with 95% intervals.",
        source_line(last_of(table)),
    )


def _apart(annual: float) -> str:
    """A difference a year in a title: "2.6 points a year behind"."""
    return f"{points(abs(annual))} points a year {'ahead of' if annual >= 0 else 'behind'}"


def fund_growth(study: FundComparison) -> alt.LayerChart | None:
    """A dollar in the fund and in each peer."""
    import altair as alt

    if study.growth.empty:
        return None
    frame = study.growth.assign(value=study.growth["value"].round(3))
    names = list(dict.fromkeys(frame["fund"]))
    last = frame.groupby("fund")["value"].last()
    said = ", ".join(f"{name} {last[name]:.2f}" for name in names)
    lines = named_lines(
        frame,
        "month",
        "value",
        "fund",
        x=alt.X("month:T", title=None),
        y=alt.Y("value:Q", title="value of one dollar", scale=alt.Scale(zero=False)),
        colours=dict(zip(names, (BLUE, VERMILLION, OCHRE), strict=False)),
        tooltip=[
            alt.Tooltip("fund:N"),
            alt.Tooltip("month:T", format="%B %Y"),
            alt.Tooltip("value:Q", format=".2f"),
        ],
    )
    return titled(
        lines.properties(
            height=280,
            description=(
                f"Value of one dollar with dividends from {frame['month'].iloc[0]} to"
                f" {frame['month'].iloc[-1]}: {said}."
            ),
        ),
        f"A dollar in {names[0]} became {last[names[0]]:.2f}",
        "Value of one dollar with dividends.",
        source_line(frame["month"].iloc[-1], CLOSES),
    )


def fund_leads(study: FundComparison) -> alt.LayerChart | None:
    """The fund's lead over each peer from its first month-end, to the note's end and the newest."""
    if study.ran.empty:
        return None
    fund, first = study.specification.arguments.fund, study.ran["start"].min()
    table = study.ran[study.ran["start"] == first]
    frame = _percent(table.rename(columns={"lead": "annual"})).assign(
        era=table["peers"], spread="to " + table["to"]
    )
    names = list(dict.fromkeys(frame["spread"]))
    said = "; ".join(f"{r.era} {r.annual:+.1%} {r.spread}" for r in frame.itertuples())
    return titled(
        _intervals(
            frame,
            group="spread",
            names=names,
            colours=[BLUE, PURPLE],
            shapes=["circle", "diamond"],
            title=f"{fund} less",
        ).properties(
            height=280,
            description=f"{fund}'s lead a year from {first[:7]}, with 95% intervals, over {said}.",
        ),
        f"{fund} led {int((frame['annual'] > 0).sum())} of {len(frame)} comparisons,"
        f" {int((frame['low'] > 0).sum())} of them clearly",
        f"Lead of {fund} over each fund, per cent a year, with 95% intervals.",
        source_of(study, CLOSES),
    )


def _intervals(
    frame: pd.DataFrame,
    *,
    group: str,
    names: list[str],
    colours: list[str],
    shapes: list[str],
    title: str | None = None,
) -> alt.LayerChart:
    """Points with intervals, side by side within each category of ``era``."""
    import altair as alt

    x = alt.X("era:N", title=title, sort=None, axis=alt.Axis(labelAngle=0))
    beside = alt.XOffset(f"{group}:N", sort=names)
    colour = alt.Color(f"{group}:N", title=None, scale=alt.Scale(domain=names, range=colours))
    chart = alt.Chart(frame[["era", group, "annual", "low", "high", "p", "months"]])
    intervals = chart.mark_rule(strokeWidth=2).encode(
        x=x,
        xOffset=beside,
        y=alt.Y("low:Q", title=_YEARLY, axis=alt.Axis(format="%")),
        y2="high:Q",
        color=colour,
    )
    points = chart.mark_point(size=70).encode(
        x=x,
        xOffset=beside,
        y=alt.Y("annual:Q"),
        color=colour,
        shape=alt.Shape(
            f"{group}:N", title=None, scale=alt.Scale(domain=names, range=shapes), sort=names
        ),
        tooltip=[
            alt.Tooltip(f"{group}:N", title="difference"),
            alt.Tooltip("era:N", title="sample"),
            alt.Tooltip("annual:Q", title="a year", format="+.1%"),
            alt.Tooltip("p:Q", format=".3f"),
            alt.Tooltip("months:Q"),
        ],
    )
    zero = alt.Chart(pd.DataFrame({"annual": [0]})).mark_rule(color=CONTEXT).encode(y="annual:Q")
    return zero + intervals + points


def _percent(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with returns rounded for the page."""
    columns = ["annual", "low", "high", "p"]
    return frame.assign(**{name: np.round(frame[name].astype(float), 4) for name in columns})
