"""Charts of the first-cut chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.pages.charts.line_ends import over_lines
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.specification_curve import every_specification
from analysis.pages.charts.theme import CONTEXT, OCHRE, SMALL, VERMILLION
from analysis.pages.charts.titles import ahead, points, source_line, titled
from analysis.results import month_words

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.event_study import EventStudy

_RETURN_AXIS = "small minus large, cumulative return"


def paths(study: EventStudy) -> alt.LayerChart | None:
    """Cumulative small-minus-large return around every first cut, each cycle and their mean."""
    import altair as alt

    if study.paths.empty:
        return None
    frame = study.paths.assign(
        cut=study.paths["event"].astype(str),
        cycle=np.where(study.paths["linked"], "recession within a year", "no recession"),
    )
    mean = frame.groupby("offset", as_index=False)["cumulative"].mean()
    x = alt.X("offset:Q", title="months from the first cut")
    y = alt.Y("cumulative:Q", title=_RETURN_AXIS, axis=alt.Axis(format="%"))
    each = (
        alt.Chart(
            frame[["cut", "offset", "cumulative", "cycle"]].assign(
                cut=frame["cut"].map(month_words)
            )
        )
        .mark_line(opacity=0.55, strokeWidth=1.2)
        .encode(
            x=x,
            y=y,
            detail="cut:N",
            color=alt.Color(
                "cycle:N",
                title="cycle",
                scale=alt.Scale(
                    domain=["recession within a year", "no recession"], range=[VERMILLION, CONTEXT]
                ),
            ),
            strokeDash=alt.StrokeDash("cycle:N", legend=None),
            tooltip=[
                alt.Tooltip("cut:N", title="first cut"),
                alt.Tooltip("offset:Q", title="months from the cut"),
                alt.Tooltip("cumulative:Q", title="small minus large", format="+.1%"),
            ],
        )
    )
    average = (
        alt.Chart(mean)
        .mark_line(color=SMALL, strokeWidth=3.5)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("cumulative:Q", title="mean", format="+.1%")])
    )
    zero = alt.Chart(pd.DataFrame({"offset": [0]})).mark_rule(color=CONTEXT).encode(x="offset:Q")
    last = mean.iloc[-1]
    arguments = study.specification.arguments
    after = mean.loc[mean["offset"] == arguments.horizon, "cumulative"]
    claimed = pd.DataFrame({"offset": [arguments.horizon], "lead": [arguments.claimed_lead]})
    claim = alt.Chart(claimed.dropna()).encode(x="offset:Q", y="lead:Q")
    mark = claim.mark_point(shape="diamond", size=110, color=OCHRE, filled=True)
    words = f"published: {points(arguments.claimed_lead or 0, 0)} points"
    label = over_lines(
        claim.encode(text=alt.value(words)), align="left", dx=10, color=OCHRE, fontSize=12
    )
    chart = alt.layer(each, average, zero, mark, *label).properties(
        height=320,
        description=(
            f"Cumulative small-minus-large return around {frame['cut'].nunique()} first cuts, one"
            f" thin line a cycle and a thick line for their mean, which stands at"
            f" {last['cumulative']:+.1%} {int(last['offset'])} months after the cut."
        ),
    )
    stood = ahead(float(after.iloc[0] if len(after) else last["cumulative"]))
    months = arguments.horizon if len(after) else int(last["offset"])
    return titled(
        chart,
        f"{months} months after the first cut small caps stood {stood}, on average",
        "Small minus large, added up from the month of the cut, in per cent. A thin line for each"
        " cut, a thick one for their mean.",
        source_line(study.windows.spread.index[-1]),
    )


def against_chance(study: EventStudy) -> alt.VConcatChart | None:
    """The observed mean against what random dates give, a histogram a scheme."""
    import altair as alt

    null = study.null_means
    if null.empty:
        return None
    observed = float(null["observed"].iloc[0])
    ends = (min(null["low"].min(), observed), max(null["high"].max(), observed))
    schemes = list(dict.fromkeys(null["scheme"]))
    parts = [_histogram(null, scheme, ends, last=scheme == schemes[-1]) for scheme in schemes]
    shares = [result.p_upper for result in study.schemes.values()]
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    reached = low if low == high else f"{low} to {high}"
    return titled(
        alt.vconcat(*parts, spacing=14).properties(
            description=(
                f"Histograms of the mean return after random dates under {len(schemes)} schemes;"
                f" the observed mean, {observed:+.1%}, is a line."
            )
        ),
        f"Random dates give a mean lead of {observed:+.1%} or more in {reached} of draws",
        "Share of random placements of the dates by the mean lead they give, both in per cent; the"
        " line is the mean after the first cuts.",
        source_line(study.windows.spread.index[-1]),
    )


def _histogram(
    null: pd.DataFrame, scheme: str, ends: tuple[float, float], last: bool
) -> alt.LayerChart:
    """Mean leads after random dates of one scheme, and the observed one."""
    import altair as alt

    x = alt.X(
        "low:Q",
        bin="binned",
        title="mean return after the dates" if last else None,
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=list(ends)),
    )
    base = alt.Chart(null).transform_filter(alt.datum.scheme == scheme)
    bars = base.mark_bar(color=CONTEXT, opacity=0.6).encode(
        x=x, x2="high:Q", y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%"))
    )
    rule = base.mark_rule(color=SMALL, strokeWidth=3).encode(
        x="mean(observed):Q", tooltip=[alt.Tooltip("mean(observed):Q", format="+.1%")]
    )
    return alt.layer(bars, rule).properties(height=90, title=f"{scheme[0].upper()}{scheme[1:]}")


def curve(study: EventStudy) -> alt.VConcatChart | Sentence:
    """Every specification in order of its effect, above the choices behind it."""
    return every_specification(study)
