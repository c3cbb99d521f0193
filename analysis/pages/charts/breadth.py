"""Charts of the breadth chapter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.audit.kept.drawn import drawn_table
from analysis.pages.charts.line_ends import named_lines, over_lines
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, GREEN, LARGE, PURPLE, SMALL, VERMILLION
from analysis.pages.charts.titles import RETURNS, source_of, span, titled
from analysis.results import month_words

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.conditional_industry_returns import ConditionalIndustryReturns
    from analysis.designs.dispersion_ratio import DispersionRatio
    from analysis.designs.exposure import Exposure
    from analysis.designs.members_ahead import MembersAhead
    from analysis.panel import Dataset

_COUNTED = ["industries", "size and value portfolios"]
_COUNTED_COLOURS = [SMALL, CONTEXT]

#: Return a month, from no industry ahead to all, below which a title calls the line flat.
FLAT = 0.01


def by_share(study: Exposure, dataset: Dataset | None = None) -> alt.LayerChart:
    """Mean small minus large in the months of each share of portfolios ahead of the market.

    Parameters
    ----------
    study : Exposure
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.
    """
    import altair as alt

    table = _of_every_kind("exposure_shares", "counted", study, dataset)
    frame = table.drop(columns="last").assign(mean=table["mean"].astype(float).round(5))
    colour = _scaled("counted:N", "share counted over", _COUNTED, _COUNTED_COLOURS)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "share:Q", title="share ahead of the market in the month", axis=alt.Axis(format="%")
        ),
        y=alt.Y("mean:Q", title="small minus large, mean of the months", axis=alt.Axis(format="%")),
        color=colour,
    )
    lines = base.mark_line(opacity=0.5).encode(strokeDash=alt.StrokeDash("counted:N", legend=None))
    points = base.mark_point(filled=True).encode(
        shape=alt.Shape("counted:N", title="share counted over", scale=alt.Scale(domain=_COUNTED)),
        size=alt.Size("months:Q", legend=None, scale=alt.Scale(range=[15, 220])),
        tooltip=[
            alt.Tooltip("counted:N", title="counted over"),
            alt.Tooltip("share:Q", format=".0%"),
            alt.Tooltip("mean:Q", title="mean return", format="+.2%"),
            alt.Tooltip("months:Q"),
        ],
    )
    chart = (lines + points + _rule(alt, "y", 0.0)).properties(
        height=300,
        description=(
            "Mean monthly small-minus-large return by the share of portfolios ahead of the market:"
            f" {_ends(frame)}. Larger points hold more months."
        ),
    )
    return titled(
        chart,
        "Counted over industries, breadth says little of small caps; counted over size groups it"
        " has to"
        if study.finding.refusal is None and abs(float(study.finding.estimate or 0)) < FLAT
        else "What small caps did when more portfolios beat the market",
        "Mean small minus large of the months, per cent, by the share of portfolios ahead of the"
        " market. Larger points hold more months.",
        _source_by_kind(table, "counted"),
    )


def scatter(study: DispersionRatio) -> alt.Chart | Sentence:
    """Dispersion among small and among large portfolios, twelve-month means."""
    import altair as alt

    if study.scatter.empty:
        refusal = study.finding.refusal
        return Sentence("There are no such portfolios yet." if refusal is None else refusal.reason)
    frame = study.scatter.assign(
        dispersion=study.scatter["dispersion"].astype(float).round(5),
        month=pd.to_datetime(study.scatter["month"]).dt.strftime("%Y-%m-%d"),
    )
    means = frame.groupby("size")["dispersion"].mean()
    words = " and ".join(f"{mean:.1%} among {size}" for size, mean in means.items())
    return titled(
        (
            alt.Chart(frame)
            .mark_line()
            .encode(
                x=alt.X("month:T", title="twelve months to"),
                y=alt.Y(
                    "dispersion:Q",
                    title="standard deviation across portfolios, a month",
                    axis=alt.Axis(format="%"),
                ),
                color=_scaled("size:N", "portfolios", ["small", "large"], [SMALL, LARGE]),
                strokeDash=alt.StrokeDash("size:N", scale=alt.Scale(domain=["small", "large"])),
                tooltip=[
                    alt.Tooltip("size:N"),
                    alt.Tooltip("month:T", format="%b %Y"),
                    alt.Tooltip("dispersion:Q", format=".2%"),
                ],
            )
            .properties(
                height=280,
                description=f"Twelve-month mean of monthly dispersion across portfolios: {words}.",
            )
        ),
        f"Monthly returns differ by {means['small']:.1%} among small portfolios and by"
        f" {means['large']:.1%} among large ones",
        "Standard deviation of a month's returns across portfolios, mean of twelve months, in"
        " per cent.",
        source_of(study),
    )


def industries(study: ConditionalIndustryReturns) -> alt.LayerChart:
    """Lead of every industry in months in which small beats large, with its 95% interval."""
    import altair as alt

    numbers = study.industries[["lead", "low", "high"]].astype(float).round(4)
    frame = study.industries[["industry"]].assign(
        **numbers, claim=np.where(study.industries["named"].astype(bool), "named", "other")
    )
    order = alt.Y("industry:N", sort=list(frame["industry"]), title=None)
    colour = _scaled("claim:N", "in the claim", ["named", "other"], [VERMILLION, CONTEXT])
    lines = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2)
        .encode(y=order, x=alt.X("low:Q", title=""), x2="high:Q", color=colour)
    )
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=70)
        .encode(
            y=order,
            x=alt.X(
                "lead:Q",
                title="lead over the market when small wins, less when it loses, a year",
                axis=alt.Axis(format="%"),
            ),
            color=colour,
            shape=alt.Shape(
                "claim:N", title="in the claim", scale=alt.Scale(domain=["named", "other"])
            ),
            tooltip=[
                alt.Tooltip("industry:N"),
                alt.Tooltip("lead:Q", format="+.1%"),
                alt.Tooltip("low:Q", format="+.1%"),
                alt.Tooltip("high:Q", format="+.1%"),
            ],
        )
    )
    named = frame[frame["claim"] == "named"]
    words = ", ".join(
        f"{name} {lead:+.1%}" for name, lead in zip(named["industry"], named["lead"], strict=True)
    )
    return titled(
        (_rule(alt, "x", 0.0) + lines + points).properties(
            height=330,
            description=(
                f"Lead of {len(frame)} industries in months in which small beats large,"
                " decimal a year,"
                f" with 95% intervals. Of the named ones: {words}."
            ),
        ),
        f"{int((named['lead'] > 0).sum())} of the {len(named)} named industries led in months"
        " in which small caps did",
        "Lead over the market in months in which small caps win less that in the others, per"
        " cent a year, with 95% intervals.",
        source_of(study),
    )


def years(study: MembersAhead, dataset: Dataset | None = None) -> alt.LayerChart:
    """Share of portfolios ahead of the market by calendar year, and the share the note gives.

    Parameters
    ----------
    study : MembersAhead
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.
    """
    import altair as alt

    table = _of_every_kind("years_ahead", "portfolios", study, dataset)
    frame = table.drop(columns="last").assign(share=table["share"].astype(float).round(4))
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=35, opacity=0.8)
        .encode(
            x=alt.X(
                "year:Q",
                title="calendar year",
                axis=alt.Axis(format="d"),
                scale=alt.Scale(zero=False),
            ),
            y=alt.Y(
                "share:Q",
                title="share ahead of the market in the year",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=_scaled("portfolios:N", "portfolios", _COUNTED, _COUNTED_COLOURS),
            shape=alt.Shape("portfolios:N", title="portfolios", scale=alt.Scale(domain=_COUNTED)),
            tooltip=[
                alt.Tooltip("year:Q", format="d"),
                alt.Tooltip("portfolios:N"),
                alt.Tooltip("share:Q", format=".0%"),
            ],
        )
    )
    means = frame.groupby("portfolios")["share"].mean()
    words = " and ".join(f"{mean:.0%} of the {name}" for name, mean in means.items())
    return titled(
        (points + _claimed(alt, study)).properties(
            height=280,
            description=(
                f"Share of portfolios ahead of the market by year; on average {words}. A line marks"
                f" {study.claimed_share:.0%}, the share of members the note gives."
            ),
        ),
        f"In an ordinary year {span(means.min(), means.max())} of portfolios beat the"
        f" market; the note gives {study.claimed_share:.0%} of members",
        "Share of portfolios ahead of the market in each calendar year, in per cent.",
        _source_by_kind(table, "portfolios"),
    )


def arithmetic(study: MembersAhead) -> alt.LayerChart:
    """Expected share of members ahead of their index, by the spread of their returns."""
    import altair as alt

    table = study.arithmetic
    named = {lead: _lead_label(lead) for lead in table["lead"].unique()}
    frame = pd.DataFrame(
        {
            "spread": table["spread"],
            "share": table["share"].round(4),
            "lead": table["lead"].map(named),
        }
    )
    lines = named_lines(
        frame,
        "spread",
        "share",
        "lead",
        x=alt.X(
            "spread:Q", title="standard deviation of members' returns", axis=alt.Axis(format="%")
        ),
        y=alt.Y(
            "share:Q",
            title="members ahead of the index",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 0.6]),
        ),
        colours=dict(zip(named.values(), _LEAD_COLOURS, strict=False)),
        tooltip=[
            alt.Tooltip("lead:N", title="index over plain mean"),
            alt.Tooltip("spread:Q", format=".0%"),
            alt.Tooltip("share:Q", format=".0%"),
        ],
    )
    plain = table[table["lead"] == 0.0]
    return titled(
        (lines + _claimed(alt, study)).properties(
            height=280,
            description=(
                "Share of members ahead of their index under lognormal returns. With weights"
                " that say"
                f" nothing about returns it falls from {plain['share'].max():.0%} to"
                f" {plain['share'].min():.0%} as the standard deviation across members rises to"
                f" {plain['spread'].max():.0%}; the further the index leads the plain mean,"
                " the lower"
                f" it lies. A line marks {study.claimed_share:.0%}."
            ),
        ),
        f"Even luck leaves only {plain['share'].min():.0%} to {plain['share'].max():.0%} of"
        " members ahead of their index",
        "Expected share of members ahead of their index in per cent, by the spread of their"
        " returns; a line for each lead of the index over the plain mean of its members.",
        "Source: arithmetic of lognormal returns, no data.",
    )


_LEAD_COLOURS = [SMALL, GREEN, PURPLE, VERMILLION]


def _lead_label(lead: float) -> str:
    return "index level" if lead == 0 else f"index {math.expm1(lead):.0%} ahead"


def _claimed(alt: Any, study: MembersAhead) -> alt.LayerChart:
    """The share the note gives: a dashed line with its label."""
    frame = pd.DataFrame(
        {"share": [study.claimed_share], "label": [f"the note: {study.claimed_share:.0%}"]}
    )
    line = alt.Chart(frame).mark_rule(strokeDash=[2, 3], strokeWidth=1.5).encode(y="share:Q")
    place = alt.Chart(frame).encode(x=alt.value(0), y="share:Q", text="label:N")
    # at the left, where years are few
    return alt.layer(line, *over_lines(place, align="left", dx=4, dy=-8))


def _of_every_kind(name: str, kind: str, study: Any, dataset: Dataset | None) -> pd.DataFrame:
    """What is drawn of a study, with its own rows of the kinds that the newest data do not hold."""
    newest, own = drawn_table(name, study, dataset), drawn_table(name, study)
    parts = [own[~own[kind].isin(newest[kind])], newest]
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True) if known else own


def _source_by_kind(table: pd.DataFrame, kind: str) -> str:
    """Source of a chart, with the last month of each kind where they differ."""
    ends = table.groupby(kind)["last"].max().map(lambda last: month_words(str(last)[:7]))
    if ends.nunique() < 2:
        return f"Source: {RETURNS}{''.join(f', to {month}' for month in ends.unique())}."
    return f"Source: {RETURNS}: {', '.join(f'{name} to {month}' for name, month in ends.items())}."


def _rule(alt: Any, axis: str, at: float) -> alt.Chart:
    rule = alt.Chart(pd.DataFrame({axis: [at]})).mark_rule(color=CONTEXT)
    return rule.encode(**{axis: f"{axis}:Q"})


def _scaled(field: str, title: str, domain: list[str], colours: list[str]) -> alt.Color:
    import altair as alt

    return alt.Color(field, title=title, scale=alt.Scale(domain=domain, range=colours))


def _ends(frame: pd.DataFrame) -> str:
    parts = []
    for counted, group in frame.sort_values("share").groupby("counted"):
        first, last = group.iloc[0], group.iloc[-1]
        parts.append(
            f"over {counted} from {first['mean']:+.1%} at {first['share']:.0%} to"
            f" {last['mean']:+.1%} at {last['share']:.0%}"
        )
    return "; ".join(parts)
