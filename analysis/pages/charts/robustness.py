"""Charts of what stands beside the registered tests, from the supplementary tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.audit.supplements import reach
from analysis.audit.supplements.sentences import STATED_COST
from analysis.audit.supplements.studies import MEAN, SHARE
from analysis.pages.charts.intervals import intervals
from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import (
    CONTEXT,
    GREEN,
    LARGE,
    OCHRE,
    PURPLE,
    SMALL,
    VERMILLION,
)
from analysis.pages.charts.titles import RETURNS, counted, points, source_line, titled
from analysis.pages.choices import leg_words

if TYPE_CHECKING:
    import altair as alt

_LEGS = {"smb": SMALL, "iwm_spy": VERMILLION, "ijr_spy": GREEN, "s1_s5": PURPLE, "halves": OCHRE}

_HELD = {
    "the market": CONTEXT,
    "the market and profitability": SMALL,
    "the market, profitability and value": VERMILLION,
}

_FUNDS = f"{RETURNS} and adjusted closes"


def studies(table: pd.DataFrame) -> alt.LayerChart | None:
    """Published means and hit rates after first cuts beside those of these data.

    None where no study has a counterpart.
    """
    import altair as alt

    rows = table[table["metric"].isin([MEAN, SHARE]) & table["found"].notna()].copy()
    if rows.empty:
        return None
    rows["label"] = [
        f"{row.who}: {'hit rate' if row.metric == SHARE else 'mean'},"
        f" {abs(int(row.horizon))} months{' before' if row.horizon < 0 else ''}"
        f"{'' if row.kind in ('first cut', 'before first cut') else f' ({row.kind})'}"
        for row in rows.itertuples()
    ]
    rows["published"] = rows["published_low"].fillna(rows["published_high"])
    rows["at least"] = rows["qualifier"].eq("above").map({True: "more than", False: ""})
    drawn = rows[
        ["label", "published", "at least", "found", "low", "high", "events", "comparison"]
    ].round(4)
    y = alt.Y("label:N", title=None, sort=list(drawn["label"]), axis=alt.Axis(labelLimit=300))
    tips = [
        alt.Tooltip("published:Q", format="+.1%"),
        alt.Tooltip("at least:N", title="published as"),
        alt.Tooltip("found:Q", title="these data", format="+.1%"),
        alt.Tooltip("low:Q", title="from", format="+.1%"),
        alt.Tooltip("high:Q", title="to", format="+.1%"),
        alt.Tooltip("events:Q", title="cuts"),
        alt.Tooltip("comparison:N", title="what differs"),
    ]
    base = alt.Chart(drawn)
    axis = alt.X("low:Q", title="small ahead of large: mean, or share of cuts")
    span = base.mark_rule(color=SMALL, strokeWidth=2).encode(x=axis, x2="high:Q", y=y, tooltip=tips)
    own = base.mark_point(filled=True, color=SMALL, size=80, opacity=1).encode(
        x=alt.X("found:Q", axis=alt.Axis(format="%")), y=y, tooltip=tips
    )
    said = base.mark_point(filled=True, color=OCHRE, shape="diamond", size=110, opacity=1).encode(
        x="published:Q", y=y, tooltip=tips
    )
    words = base.mark_text(align="left", dx=-4, dy=-11, color=OCHRE, fontSize=11).encode(
        x="published:Q", y=y, text="at least:N"
    )
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=CONTEXT).encode(x="at:Q")
    higher = int((drawn["published"] > drawn["found"]).sum())
    told = "; ".join(
        f"{row.label}: published {row.published:+.1%}, here {row.found:+.1%}"
        for row in drawn.itertuples()
    )
    chart = (zero + span + own + said + words).properties(
        height=alt.Step(30), description=f"Diamonds: as published. Points: these data. {told}."
    )
    return titled(
        chart,
        f"{counted(higher, len(drawn))} published figures on cuts lie above what the same"
        " definition gives here",
        "Diamonds: as published. Points with 95% intervals: SMB over the same horizon, years and"
        " number of cuts. Mean leads and shares of cuts won, both in per cent.",
        f"Source: the studies named, as published; {RETURNS}.",
    )


def policy_days(days: pd.DataFrame, means: pd.DataFrame) -> alt.LayerChart | None:
    """Small minus large on each day the target moved, and the mean of cuts and of rises.

    None without daily returns.
    """
    import altair as alt

    rows = means[means["leg"] == "smb"].set_index("kind")
    if days.empty or rows.empty:
        return None
    drawn = pd.DataFrame(
        {
            "day": days["session"].dt.strftime("%Y-%m-%d"),
            "lead": days["smb"].round(5),
            "target": (days["move_bp"] < 0).map({True: "cut", False: "raised"}),
            "move": days["move_bp"],
            "meeting": days["meeting"],
        }
    )
    kinds = alt.Scale(domain=["cut", "raised"], range=[SMALL, VERMILLION])
    dots = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=45, opacity=0.8)
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("lead:Q", title="small minus large that day", axis=alt.Axis(format="+.1%")),
            color=alt.Color("target:N", title="target", scale=kinds),
            shape=alt.Shape("target:N", title="target", scale=alt.Scale(domain=kinds.domain)),
            tooltip=[
                alt.Tooltip("day:T", format="%-d %B %Y"),
                alt.Tooltip("move:Q", title="basis points"),
                alt.Tooltip("meeting:N"),
                alt.Tooltip("lead:Q", title="small minus large", format="+.2%"),
            ],
        )
    )
    told, marks = [], []
    for kind, target in (("all cuts", "cut"), ("all rises", "raised")):
        if kind in rows.index:
            row = rows.loc[kind]
            marks.append({"mean": round(float(row["mean"]), 6), "target": target})
            told.append(
                f"{points(row['mean'], 2)} points on {int(row['days'])} days on which it was"
                f" {target} ({points(row['low'], 2)} to {points(row['high'], 2)})"
            )
    rules = (
        alt.Chart(pd.DataFrame(marks))
        .mark_rule(strokeWidth=2, strokeDash=[6, 3])
        .encode(y="mean:Q", color=alt.Color("target:N", scale=kinds))
    )
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=CONTEXT).encode(y="at:Q")
    seen = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    chart = (zero + rules + dots).properties(
        height=300,
        description=f"Small minus large on the days the target moved: {'; '.join(told)}.",
    )
    cut = float(rows.loc["all cuts", "mean"]) if "all cuts" in rows.index else float("nan")
    return titled(
        chart,
        f"On days of a cut small caps {_gained(cut)} large caps;"
        f" {counted(seen, len(rows))} kinds of policy day can be told from other days of"
        " the same years",
        "Small minus large (SMB) on each day the target was changed, beyond the mean of all days"
        " of its calendar year, in per cent. Dashed: the means of cuts and of rises. Every event is"
        " set against random days of its own calendar year.",
        source_line(days["session"].max(), f"{RETURNS}; dates of the Federal Reserve's changes"),
    )


def exposures(table: pd.DataFrame) -> alt.LayerChart | None:
    """Beta of each fund pair on each measure of small minus large; None without funds."""
    if table.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": table["against"].map(leg_words),
            "kind": table["leg"].map(leg_words),
            "estimate": table["beta"],
            "low": table["low"],
            "high": table["high"],
        }
    )
    kinds = {leg_words(leg): _LEGS.get(leg, PURPLE) for leg in table["leg"].unique()}
    chart = intervals(
        frame,
        "beta, with its 95% interval",
        kinds=kinds,
        references={"the same bet": 1.0},
        number=".1f",
    )
    smb = table[table["against"] == "smb"]
    said = " and ".join(f"{leg_words(row.leg)} {row.correlation:.2f}" for row in smb.itertuples())
    told = "; ".join(f"{row.kind} on {row.label}: {row.estimate:.2f}" for row in frame.itertuples())
    return titled(
        chart.properties(description=f"Betas. {told}."),
        f"SMB is not a fund: correlation of {said}",
        "Slope of what a fund pair earned in a month on each measure of small minus large.",
        source_line(table["last"].max(), _FUNDS),
    )


def size_and_junk(table: pd.DataFrame) -> alt.LayerChart | None:
    """Size beyond the market, profitability and value, by region and era; None without RMW."""
    if not table["controls"].str.contains("profitability").any():
        return None
    regions = {"the United States": "US", "developed markets without the US": "developed ex US"}
    frame = pd.DataFrame(
        {
            "label": table["region"].map(regions) + ", " + table["era"],
            "kind": table["controls"],
            "estimate": table["alpha"],
            "low": table["low"],
            "high": table["high"],
        }
    )
    rows = table[table["controls"] == "the market and profitability"]
    told = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    plain = table[table["controls"] == "the market"].set_index(["region", "era"])["alpha"]
    gained = rows.set_index(["region", "era"])["alpha"]
    both = pd.concat([plain, gained], axis=1, keys=["plain", "gained"]).dropna()
    more = int((both["gained"] > both["plain"]).sum())
    chart = intervals(
        frame, "small minus large a year beyond what is held still", kinds=_HELD, number="+%"
    )
    return titled(
        chart.properties(
            description=(
                f"Holding profitability still raises the pay for size in {more} of {len(both)}"
                f" regions and eras; {told} of {len(rows)} can be told from nothing."
            )
        ),
        f"Without junk size pays more in {counted(more, len(both))} regions and eras; the pay"
        f" can be told from nothing in {counted(told, len(rows))}",
        "Mean of small minus large a year beyond the market, then profitability, then value, with"
        " 95% intervals.",
        source_line(table["last"].max()),
    )


def size_abroad(table: pd.DataFrame, margin: float) -> alt.LayerChart | None:
    """The size premium by market and pooled; None without other markets."""
    if len(table) < 2:
        return None
    frame = table.rename(columns={"markets": "label", "premium": "estimate"})
    chart = intervals(
        frame[["label", "estimate", "low", "high"]],
        "small minus large a year, 95% interval",
        references={"nothing": 0.0, "the registered margin": margin},
        number="+%",
    )
    below = int((table["below_margin_p"] < 0.05).sum())
    pooled = table.iloc[-1]
    told = "; ".join(f"{row.label} {row.estimate:+.1%}" for row in frame.itertuples())
    return titled(
        chart.properties(description=f"Premium by market. {told}."),
        f"Pooled over four markets small caps earned {points(pooled['premium'])} points a year more"
        f" than large; {counted(below, len(table))} rows lie below {margin:.0%} beyond chance",
        "Mean of small minus large a year, with 95% intervals; errors of pooled rows are clustered"
        " by month, because markets share their months.",
        source_line(table["last"].max()),
    )


def _gained(lead: float) -> str:
    """A lead of one day: "gained 0.12 points on", "moved in step with"."""
    if abs(lead) < 0.00005:
        return "moved in step with"
    moved, against = ("gained", "on") if lead > 0 else ("lost", "to")
    return f"{moved} {points(abs(lead), 2)} points {against}"


def absolute_forecasts(table: pd.DataFrame) -> alt.LayerChart | None:
    """Bands of small and large caps' return, nominal and real, with the bank's forecasts.

    None where the data hold neither side.
    """
    import altair as alt

    if table.empty:
        return None
    frame = table.round(4).assign(
        label=table["side"]
        + " caps, "
        + table["kind"]
        + ", "
        + table["basis"].str.title()
        + " prices",
        caps=table["side"],
    )
    order = list(frame["label"])
    y = alt.Y("label:N", title=None, sort=order, axis=alt.Axis(labelLimit=260))
    colours = alt.Scale(domain=["small", "large"], range=[SMALL, LARGE])
    tips = [
        *(alt.Tooltip(f"{name}:Q", format="+.1%") for name in ("low", "middle", "high")),
        alt.Tooltip("forecast:Q", format="+.0%"),
        alt.Tooltip("chance_of_less:Q", title="chance of less", format=".0%"),
    ]
    base = alt.Chart(frame)
    paint = alt.Color("caps:N", scale=colours, legend=None)
    bars = base.mark_bar(opacity=0.35, height=14).encode(
        x=alt.X("low:Q", title="return a year over ten years", axis=alt.Axis(format="+%")),
        x2="high:Q",
        y=y,
        color=paint,
        tooltip=tips,
    )
    middles = base.mark_tick(thickness=3, height=18).encode(x="middle:Q", y=y, color=paint)
    claims = base.mark_point(shape="diamond", filled=True, size=110, color=OCHRE, opacity=1).encode(
        x="forecast:Q", y=y, tooltip=tips
    )
    nominal = frame[frame["kind"] == "nominal"]
    inside = (nominal["low"] <= nominal["forecast"]) & (nominal["forecast"] <= nominal["high"])
    held = nominal.assign(inside=inside).groupby("side", sort=False)["inside"].any()
    said = _against_bands(nominal, held)
    told = "; ".join(f"{r.label}: {r.low:+.1%} to {r.high:+.1%}" for r in frame.itertuples())
    chart = (bars + middles + claims).properties(
        height=alt.Step(30), description=f"90% bands a year. {told}."
    )
    return titled(
        chart,
        said,
        "Return a year over ten years from the last gap: 90% of outcomes, the middle as a tick."
        " Diamonds: the bank's forecasts, which are nominal.",
        source_line(table["last"].max(), f"{RETURNS}, consumer prices and this project"),
    )


def _against_bands(nominal: pd.DataFrame, held: pd.Series) -> str:
    """Whether each forecast lies inside its own band: one sentence for both where they agree."""
    forecasts = nominal.groupby("side", sort=False)["forecast"].first()
    told = {side: f"{forecasts[side]:.0%} for {side} caps" for side in held.index}
    if len(held) == 2 and held.all() == held.any():
        side = "inside" if held.all() else "outside"
        return f"The bank's {' and '.join(told.values())} both lie {side} their bands"
    parts = [
        f"{told[one]} lies {'inside' if yes else 'outside'} its band" for one, yes in held.items()
    ]
    return f"The bank's {' and '.join(parts)}"


def forecast_errors(table: pd.DataFrame) -> alt.LayerChart | None:
    """How much smaller the errors of recursive forecasts were, added up; None without one."""
    import altair as alt

    if table.empty:
        return None
    names = {"june": "June prices", "december": "December prices", "past": "past returns"}
    drawn = table.assign(
        line=table["basis"].map(names)
        + ", "
        + (table["horizon"] // 12).astype(int).astype(str)
        + " years",
        gain=table["gain"].round(5),
    )
    order = list(dict.fromkeys(drawn["line"]))
    lines = named_lines(
        drawn[["month", "gain", "line"]],
        "month",
        "gain",
        "line",
        x=alt.X("month:T", title=None),
        y=alt.Y("gain:Q", title="squared error saved, added up"),
        colours=dict(zip(order, (SMALL, VERMILLION, GREEN, PURPLE), strict=False)),
        tooltip=[
            alt.Tooltip("line:N", title="forecast from"),
            alt.Tooltip("month:T", title="made in", format="%B %Y"),
            alt.Tooltip("gain:Q", title="added up", format="+.4f"),
        ],
    )
    last = drawn.groupby("line", sort=False).tail(1)
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=CONTEXT).encode(y="at:Q")
    ahead = int((last["gain"] > 0).sum())
    told = "; ".join(f"{row.line} {row.gain:+.2f}" for row in last.itertuples())
    chart = (zero + lines).properties(
        height=300, description=f"Cumulative squared-error difference at the end: {told}."
    )
    return titled(
        chart,
        f"Made in real time, {counted(ahead, len(last))} forecasts from the gap ended ahead of the"
        " mean of the past",
        "Squared errors of the expanding mean less those of the recursive regression, added up by"
        " the month of the forecast; rising: the gap forecast better. Squared returns a year.",
        source_line(reach(table), f"{RETURNS} and this project"),
    )


def gap_fifths(table: pd.DataFrame) -> alt.HConcatChart | None:
    """Upside, downside and falls by fifth of the gap; None without a gap on book values."""
    import altair as alt

    if table.empty:
        return None
    mean = table.groupby("fifth").mean(numeric_only=True).reset_index().round(4)
    fifth = alt.X("fifth:O", title="fifth of the gap, 5 the widest", axis=alt.Axis(labelAngle=0))
    balance = mean.melt("fifth", ["led_20", "lagged_20"], var_name="side", value_name="share")
    balance["side"] = balance["side"].map({"led_20": "ahead by 20", "lagged_20": "behind by 20"})
    falls = mean.melt(
        "fifth", ["small_fall", "large_fall", "relative_fall"], var_name="of", value_name="fall"
    )
    words = {"small_fall": "small", "large_fall": "large", "relative_fall": "small against large"}
    falls["of"] = falls["of"].map(words)
    bars = (
        alt.Chart(balance)
        .mark_bar()
        .encode(
            x=fifth,
            xOffset=alt.XOffset("side:N", sort=["ahead by 20", "behind by 20"]),
            y=alt.Y("share:Q", title="share of months", axis=alt.Axis(format="%")),
            color=alt.Color(
                "side:N",
                title="a year later small was",
                scale=alt.Scale(domain=["ahead by 20", "behind by 20"], range=[SMALL, CONTEXT]),
            ),
            tooltip=["fifth:O", "side:N", alt.Tooltip("share:Q", format=".0%")],
        )
        .properties(width=250, height=220)
    )
    names = list(words.values())
    points_ = (
        alt.Chart(falls)
        .mark_line(point=True)
        .encode(
            x=fifth,
            y=alt.Y("fall:Q", title="largest fall within three years", axis=alt.Axis(format="%")),
            color=alt.Color(
                "of:N", title="fall of", scale=alt.Scale(domain=names, range=[SMALL, LARGE, PURPLE])
            ),
            strokeDash=alt.StrokeDash("of:N", title="fall of", scale=alt.Scale(domain=names)),
            tooltip=["fifth:O", "of:N", alt.Tooltip("fall:Q", format=".0%")],
        )
        .properties(width=250, height=220)
    )
    first, last = mean.iloc[0], mean.iloc[-1]
    chart = alt.hconcat(bars, points_).resolve_scale(color="independent", strokeDash="independent")
    told = "; ".join(
        f"fifth {int(row.fifth)}: ahead {row.led_20:.0%}, behind {row.lagged_20:.0%}, small fell"
        f" {row.small_fall:.0%}"
        for row in mean.itertuples()
    )
    return titled(
        chart.properties(description=f"By fifth of the gap. {told}."),
        f"After the widest gaps small caps led by 20 points in {last['led_20']:.0%} of months and"
        f" fell by {last['small_fall']:.0%} on the way; after the narrowest {first['led_20']:.0%}"
        f" and {first['small_fall']:.0%}",
        "By fifth of the gap as known then, mean of both bases: share of months a year after which"
        " small caps were 20 points ahead or behind, and mean largest fall from a peak.",
        source_line(table["last"].max()),
    )


def _cost_words(cost: float) -> str:
    return f"{cost:.1%} of what is traded" if cost else "without costs"


def rotation_costs(table: pd.DataFrame) -> alt.LayerChart | None:
    """What following a lead of twelve months leaves at each cost; None without a leg."""
    rows = table[table["past"] == 12]
    if rows.empty:
        return None
    frame = pd.DataFrame(
        {
            "label": [f"{leg_words(row.leg)}, from {row.first[:4]}" for row in rows.itertuples()],
            "kind": rows["cost"].map(_cost_words).to_numpy(),
            "estimate": rows["net"].to_numpy(),
            "low": rows["net_low"].to_numpy(),
            "high": rows["net_high"].to_numpy(),
        }
    )
    shades = (CONTEXT, GREEN, SMALL, VERMILLION)
    kinds = dict(zip(dict.fromkeys(frame["kind"]), shades, strict=False))
    chart = intervals(frame, "lead a year after costs, 95% interval", kinds=kinds, number="+%")
    stated = rows[rows["cost"] == STATED_COST]
    left = int((stated["net_low"] > 0).sum())
    even = stated.set_index("leg")["break_even"]
    told = "; ".join(f"{leg_words(leg)} {cost:+.2%}" for leg, cost in even.items())
    return titled(
        chart.properties(description=f"Cost at which nothing is left: {told}."),
        f"At {STATED_COST:.1%} of what is traded, following the last year's lead pays beyond chance"
        f" in {counted(left, len(stated))} pairs",
        "Held each month: the side that led over twelve months, less half of each side; per cent a"
        " year.",
        source_line(rows["last"].max(), _FUNDS),
    )
