"""Charts of the calibration chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.audit.report import FALSE_POSITIVE, POWER, SIZE, names_of
from analysis.audit.rules import DEFECT, NOMINAL
from analysis.pages.charts.intervals import LINE, intervals
from analysis.pages.charts.theme import GREEN, SMALL, VERMILLION
from analysis.pages.charts.titles import counted, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.audit import Calibration


_SIMULATED = "Source: histories simulated by this project, as the data page says."


def both_rates(study: Calibration) -> alt.LayerChart:
    """A point for each rule: how often it is wrong where its claim is false, right where true."""
    import altair as alt

    rows = study.both_rates
    half = int((rows["right"] >= 0.5).sum())
    over = int((rows["wrong"] > DEFECT).sum())
    points = (
        alt.Chart(rows[["claim", "wrong", "right"]])
        .mark_point(color=SMALL, filled=True, size=60, opacity=0.7)
        .encode(
            x=alt.X(
                "wrong:Q", title="false claims called true", axis=alt.Axis(format="%", tickCount=6)
            ),
            y=alt.Y(
                "right:Q",
                title="true claims supported",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            tooltip=[
                alt.Tooltip("claim:N"),
                alt.Tooltip("wrong:Q", title="wrong where it is false", format=".1%"),
                alt.Tooltip("right:Q", title="right where it is true", format=".0%"),
            ],
        )
    )
    mark = pd.DataFrame({"wrong": [DEFECT], "words": [f"limit {DEFECT:.0%}"]})
    limit = alt.Chart(mark).mark_rule(color=VERMILLION, strokeDash=[5, 4]).encode(x="wrong:Q")
    label = (
        alt.Chart(mark)
        .mark_text(align="right", dx=-5, baseline="top", color=VERMILLION)
        .encode(x="wrong:Q", y=alt.value(2), text="words:N")
    )
    return titled(
        (points + limit + label).properties(
            height=300,
            description=(
                f"{len(rows)} rules: how often each calls a false claim true, at most"
                f" {rows['wrong'].max():.1%}, and how often it supports a true one, from"
                f" {rows['right'].min():.0%} to {rows['right'].max():.0%}."
            ),
        ),
        f"{counted(over, len(rows))} rules {'calls' if over < 2 else 'call'} a false claim true in"
        f" more than {DEFECT:.0%} of histories; {half} support a true one in at least half",
        "A point is one rule. Across: share of simulated histories in which it calls a false claim"
        " supported or suggestive; up: in which it supports a true one, per cent.",
        _SIMULATED,
    )


def false_positives(study: Calibration) -> alt.LayerChart:
    """How often a false claim is supported or suggestive by each rule, with the 5% and 7% lines."""
    rows = _rows(study, FALSE_POSITIVE)
    over = int((rows["estimate"] > DEFECT).sum())
    return titled(
        _shares(rows, "share of histories in which a false claim is found", VERMILLION),
        f"{counted(over, len(rows))} rules find a false claim in more than {DEFECT:.0%} of"
        " histories",
        "Share of simulated histories in which a false claim is supported or suggestive, with"
        " exact 95% intervals.",
        _SIMULATED,
    )


def power(study: Calibration) -> alt.LayerChart:
    """How often each rule supports a true claim."""
    rows = _rows(study, POWER)
    half = int((rows["estimate"] >= 0.5).sum())
    return titled(
        _shares(rows, "share of histories in which a true claim is supported", GREEN),
        f"{counted(half, len(rows))} rules support a true claim in at least half of the histories",
        "Share of simulated histories in which a true claim is supported, with exact 95%"
        " intervals.",
        _SIMULATED,
    )


def sizes(study: Calibration) -> alt.LayerChart:
    """How often the usual tests find that the gap predicts where nothing is predictable."""
    rows = _rows(study, SIZE)
    return titled(
        _shares(rows, "share of histories with p below 5%", SMALL),
        f"The usual test that errs most finds a predictor where there is none in"
        f" {rows['estimate'].max():.0%} of histories",
        "Share of simulated histories without predictability in which p is below 5%.",
        _SIMULATED,
    )


def searches(study: Calibration) -> alt.LayerChart:
    """Every candidate of every search: how often it is right where the claim is true, and wrong."""
    import altair as alt

    points = study.every_candidate.rename(
        columns={"wrong at most": "wrong", "right at least": "right"}
    )
    base = alt.Chart(points).encode(
        x=alt.X(
            "wrong:Q",
            title="largest share of histories in which a false claim is supported",
            axis=alt.Axis(format="%"),
        ),
        y=alt.Y(
            "right:Q",
            title="smallest share in which a true claim is supported",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        tooltip=[
            alt.Tooltip("claim:N"),
            alt.Tooltip("test:N"),
            alt.Tooltip("wrong:Q", format=".1%"),
            alt.Tooltip("right:Q", format=".1%"),
        ],
    )
    chosen = points[points["chosen"] == "yes"]
    said = "; ".join(
        f"{row.claim}: {row.test}, wrong {row.wrong:.1%}, right {row.right:.0%}"
        for row in chosen.itertuples()
    )
    limit = alt.Chart(pd.DataFrame({"wrong": [DEFECT]})).mark_rule(strokeDash=[5, 4])
    return titled(
        alt.layer(
            base.mark_point(color=SMALL, size=30, opacity=0.6),
            base.transform_filter("datum.chosen == 'yes'").mark_point(
                color=VERMILLION, size=140, shape="diamond", strokeWidth=2
            ),
            limit.encode(x="wrong:Q"),
        ).properties(
            height=260, description=f"Tests that were tried; the chosen ones are marked. {said}."
        ),
        f"{len(chosen)} of {len(points)} tests that were tried decide a claim",
        "Largest share of histories in which a false claim is supported, and smallest in which"
        " a true one is, per cent; diamonds were chosen.",
        _SIMULATED,
    )


def _rows(study: Calibration, measure: str) -> pd.DataFrame:
    rows = study.table[study.table["measure"] == measure].dropna(subset=["rate"])
    twice, named = (
        rows["rule"].duplicated(keep=False),
        pd.Series(names_of(rows["rule"]), rows.index),
    )
    label = named.where(~twice, named + LINE + rows["world"].replace("nothing", "nothing planted"))
    columns = {"rate": "estimate", "ci_low": "low", "ci_high": "high"}
    kept = ["label", "world", "panels", *columns.values()]
    return rows.rename(columns=columns).assign(label=label)[kept]


def _shares(rows: pd.DataFrame, title: str, colour: str) -> alt.LayerChart:
    highest = max(float(rows["high"].max()) * 1.05, 0.15)
    said = "; ".join(
        f"{row.label.replace(LINE, ', ')} {row.estimate:.0%} ({row.low:.0%} to {row.high:.0%})"
        for row in rows.itertuples()
    )
    return intervals(
        rows,
        title,
        colour=colour,
        references={"nominal 5%": NOMINAL, "defect above 7%": DEFECT},
        domain=(0, min(highest, 1.0)),
        more=("world:N", "panels:Q"),
    ).properties(description=f"{title.capitalize()}, with exact 95% intervals: {said}.")
