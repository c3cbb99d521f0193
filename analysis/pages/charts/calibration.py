"""Charts of the calibration chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.audit.report import DEFECT, FALSE_POSITIVE, NOMINAL, POWER, SIZE
from analysis.pages.charts.theme import CONTEXT, GREEN, SMALL, VERMILLION

if TYPE_CHECKING:
    import altair as alt

    from analysis.audit import Calibration


def false_positives(study: Calibration) -> alt.LayerChart:
    """How often each rule supports a false claim, with the 5% and 7% lines."""
    rows = _rows(study, FALSE_POSITIVE)
    return _intervals(rows, "share of panels in which a false claim is supported", VERMILLION)


def power(study: Calibration) -> alt.LayerChart:
    """How often each rule supports a true claim."""
    rows = _rows(study, POWER)
    return _intervals(rows, "share of panels in which a true claim is supported", GREEN)


def sizes(study: Calibration) -> alt.LayerChart:
    """How often the usual tests find that the gap predicts where nothing is predictable."""
    return _intervals(_rows(study, SIZE), "share of panels with p below 5%", SMALL)


def _rows(study: Calibration, measure: str) -> pd.DataFrame:
    rows = study.table[study.table["measure"] == measure].dropna(subset=["rate"])
    twice = rows["rule"].duplicated(keep=False)
    label = rows["rule"].where(~twice, rows["rule"] + ", " + rows["world"])
    return rows.assign(label=label)[["label", "world", "panels", "rate", "ci_low", "ci_high"]]


def _intervals(rows: pd.DataFrame, title: str, colour: str) -> alt.LayerChart:
    import altair as alt

    y = alt.Y("label:N", title=None, sort=list(rows["label"]), axis=alt.Axis(labelLimit=260))
    highest = max(float(rows["ci_high"].max()) * 1.05, 0.15)
    scale = alt.Scale(domain=[0, min(highest, 1.0)], nice=True)
    x = alt.X("rate:Q", title=title, scale=scale, axis=alt.Axis(format="%"))
    spans = (
        alt.Chart(rows)
        .mark_rule(color=colour, strokeWidth=2.5)
        .encode(x=alt.X("ci_low:Q", scale=scale, title=title), x2="ci_high:Q", y=y)
    )
    points = (
        alt.Chart(rows)
        .mark_point(color=colour, filled=True, size=80)
        .encode(
            x=x,
            y=y,
            tooltip=[
                alt.Tooltip("label:N", title="rule or test"),
                alt.Tooltip("world:N"),
                alt.Tooltip("panels:Q"),
                alt.Tooltip("rate:Q", title="share", format=".1%"),
                alt.Tooltip("ci_low:Q", title="from", format=".1%"),
                alt.Tooltip("ci_high:Q", title="to", format=".1%"),
            ],
        )
    )
    lines = pd.DataFrame({"at": [NOMINAL, DEFECT], "line": ["nominal 5%", "defect above 7%"]})
    bars = (
        alt.Chart(lines)
        .mark_rule(color=CONTEXT, strokeWidth=1.5)
        .encode(
            x=alt.X("at:Q", scale=scale, title=title),
            strokeDash=alt.StrokeDash("line:N", title=None),
        )
    )
    said = "; ".join(
        f"{row.label} {row.rate:.1%} ({row.ci_low:.1%} to {row.ci_high:.1%})"
        for row in rows.itertuples()
    )
    return (bars + spans + points).properties(
        height=alt.Step(30),
        description=f"{title.capitalize()}, with exact 95% intervals: {said}.",
    )
