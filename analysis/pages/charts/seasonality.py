"""Charts of the seasonality chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.audit.kept.drawn import drawn_table, last_of
from analysis.designs.calendar_month.month_words import MONTHS, name_of
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, LARGE, OCHRE, SMALL
from analysis.pages.charts.titles import ahead, points, source_line, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.calendar_month import CalendarMonth
    from analysis.designs.runs_of_signs import RunsOfSigns
    from analysis.panel import Dataset

_MONTHS = tuple(name[:3] for name in MONTHS)


def months_of_year(
    study: CalendarMonth, dataset: Dataset | None = None
) -> alt.LayerChart | Sentence:
    """Mean small-minus-large return of each calendar month, before and since 1981.

    Parameters
    ----------
    study : CalendarMonth
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.
    """
    import altair as alt

    table = drawn_table("calendar_months", study, dataset)
    if table.empty:
        return Sentence("There are too few years yet for a mean of each calendar month.")
    frame = table.drop(columns="last").round(5)
    frame = frame.assign(name=[_MONTHS[month - 1] for month in frame["month"]])
    eras = list(dict.fromkeys(frame["era"]))
    x = alt.X("name:N", sort=list(_MONTHS), title=None, axis=alt.Axis(labelAngle=0))
    offset = alt.XOffset("era:N", sort=eras)
    color = alt.Color("era:N", title=None, scale=alt.Scale(domain=eras, range=[CONTEXT, SMALL]))
    whiskers = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=1.5)
        .encode(x=x, xOffset=offset, y="low:Q", y2="high:Q", color=color)
    )
    means = (
        alt.Chart(frame)
        .mark_point(size=60)
        .encode(
            x=x,
            xOffset=offset,
            y=alt.Y(
                "mean:Q",
                title="small minus large in the month, 95% interval",
                axis=alt.Axis(format="%"),
            ),
            color=color,
            shape=alt.Shape("era:N", title=None, scale=alt.Scale(domain=eras)),
            tooltip=["name:N", "era:N", alt.Tooltip("mean:Q", format="+.2%")],
        )
    )
    zero = alt.Chart(pd.DataFrame({"mean": [0]})).mark_rule(color=CONTEXT).encode(y="mean:Q")
    chosen = frame[frame["month"] == study.month]
    words = ", ".join(f"{row.era} {row.mean:+.1%}" for row in chosen.itertuples())
    chart = (zero + whiskers + means).properties(
        height=280,
        description=f"Small minus large by calendar month; {name_of(study.month)}: {words}.",
    )
    found = " and ".join(f"{points(row.mean)} points {row.era}" for row in chosen.itertuples())
    return titled(
        chart,
        f"In {name_of(study.month)} small caps led by {found}",
        "Mean small minus large of each calendar month, per cent, with 95% intervals.",
        source_line(last_of(table)),
    )


def run_arithmetic(study: RunsOfSigns) -> alt.Chart:
    """Runs a decade that a coin, and stickier chains, make by themselves."""
    import altair as alt

    frame = study.arithmetic.round(4).assign(
        chain=study.arithmetic["p stay"].map("{:.0%} to stay on the same side".format)
    )
    coin = frame[frame["p stay"] == frame["p stay"].min()]
    words = ", ".join(
        f"{length} sessions {rate:.1f}"
        for length, rate in zip(coin["run"], coin["a decade"], strict=True)
    )
    return titled(
        (
            alt.Chart(frame)
            .mark_line(point=True)
            .encode(
                x=alt.X(
                    "run:O", title="sessions won in a row, at least", axis=alt.Axis(labelAngle=0)
                ),
                y=alt.Y("a decade:Q", title="such runs in ten years of sessions"),
                color=alt.Color("chain:N", title=None),
                strokeDash=alt.StrokeDash("chain:N", title=None),
                tooltip=["chain:N", "run:O", alt.Tooltip("a decade:Q", format=".2f")],
            )
            .properties(
                height=240,
                description=f"Expected runs a decade by length; for a fair coin: {words}.",
            )
        ),
        f"A fair coin makes {coin['a decade'].iloc[0]:.1f} runs of {coin['run'].iloc[0]}"
        " sessions in ten years",
        "Expected number of runs at least so long in ten years of sessions, by how often the"
        " next session goes the same way.",
        "Source: arithmetic, no data.",
    )


def runs_by_decade(study: RunsOfSigns) -> alt.Chart | Sentence:
    """Runs of the claimed length by decade, beside what a chain fitted before each day expects."""
    import altair as alt

    if study.decades.empty:
        return Sentence("Daily returns are in the latest data only.")
    frame = study.decades.iloc[:-1].rename(
        columns={"runs": "seen", "expected": "expected by a chain"}
    )
    frame = frame.melt("decade", ["seen", "expected by a chain"], "which", "runs").round(2)
    whole = study.decades.iloc[-1]
    kinds = ["seen", "expected by a chain"]
    return titled(
        (
            alt.Chart(frame)
            .mark_bar()
            .encode(
                x=alt.X("decade:N", title=None, axis=alt.Axis(labelAngle=0)),
                xOffset=alt.XOffset("which:N", sort=kinds),
                y=alt.Y("runs:Q", title="runs"),
                color=alt.Color(
                    "which:N", title=None, scale=alt.Scale(domain=kinds, range=[SMALL, CONTEXT])
                ),
                tooltip=["decade:N", "which:N", "runs:Q"],
            )
            .properties(
                height=240,
                description=(
                    f"Runs by decade: {whole['runs']} seen in all, {whole['expected']:.1f}"
                    " expected by"
                    " a chain fitted to the days before."
                ),
            )
        ),
        f"{whole['runs']:g} such runs were seen where a chain expects {whole['expected']:.1f}",
        "Number of runs in each decade, seen and expected by a chain fitted to the days before.",
        source_line(study.returns.index[-1]),
    )


def after_runs(study: RunsOfSigns, dataset: Dataset | None = None) -> alt.LayerChart | Sentence:
    """Small minus large after each counted run, and the mean of all.

    Parameters
    ----------
    study : RunsOfSigns
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.
    """
    import altair as alt

    table = drawn_table("paths_after_runs", study, dataset)
    if table.empty:
        return Sentence("There are no runs with a complete window after them in these data.")
    frame = table.drop(columns="last").round(4)
    mean = frame.groupby("sessions", as_index=False)["cumulative"].mean().round(4)
    x = alt.X("sessions:Q", title="sessions after the run")
    y = alt.Y("cumulative:Q", title="small minus large, added up", axis=alt.Axis(format="%"))
    each = (
        alt.Chart(frame)
        .mark_line(color=CONTEXT, opacity=0.5, strokeWidth=1)
        .encode(x=x, y=y, detail="event:N", tooltip=["event:N", "sessions:Q", "cumulative:Q"])
    )
    average = alt.Chart(mean).mark_line(color=LARGE, strokeWidth=3.5).encode(x=x, y=y)
    zero = (
        alt.Chart(pd.DataFrame({"cumulative": [0]}))
        .mark_rule(strokeDash=[4, 4])
        .encode(y="cumulative:Q")
    )
    sessions = int(mean["sessions"].iloc[-1])
    claimed = study.specification.arguments.claimed_lead
    said = pd.DataFrame({"sessions": [sessions], "cumulative": [claimed]})
    mark = (
        alt.Chart(said)
        .mark_point(shape="diamond", size=110, color=OCHRE, filled=True)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("cumulative:Q", title="claimed", format="+.0%")])
    )
    chart = (each + average + zero + mark).properties(
        height=300,
        description=(
            f"Small minus large after {frame['event'].nunique()} runs, one thin line each; the"
            f" thick line, their mean, ends at {mean['cumulative'].iloc[-1]:+.1%}. A diamond marks"
            f" {claimed:+.0%}, a lead that would count as leadership."
        ),
    )
    return titled(
        chart,
        f"{sessions} sessions after such a run small caps stood"
        f" {ahead(float(mean['cumulative'].iloc[-1]))}, on average",
        "Small minus large, added up from the end of each run, in per cent; the thick line is"
        " the mean, the diamond a lead that would count as leadership.",
        source_line(last_of(table)),
    )
