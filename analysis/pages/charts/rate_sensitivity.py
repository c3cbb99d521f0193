"""Charts of the rates chapter; the interest calculator is its own module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.audit.kept.drawn import drawn_table, last_of
from analysis.designs.gap_exposure import BASES
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.specification_curve import every_specification
from analysis.pages.charts.theme import CONTEXT, PURPLE, SMALL, VERMILLION
from analysis.pages.charts.titles import RATES, counted, source_line, source_of, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.exposure import Exposure
    from analysis.designs.gap_exposure import GapExposure
    from analysis.designs.interest_burden import InterestBurden
    from analysis.designs.interest_identity import InterestIdentity
    from analysis.designs.registry import Study
    from analysis.panel import Dataset

#: Columns of a table of rises and falls that hold returns.
EFFECTS = tuple(f"{side}{end}" for side in ("rises", "falls") for end in ("", "_low", "_high"))

#: Whether a regression controls for the market, in words.
_KINDS = {"no": "alone", "yes": "controlling for the market"}

#: Room between a legend and the title of the y axis below it, in pixels.
_CLEAR = 30


def slopes(*studies: Exposure, dataset: Dataset | None = None) -> alt.LayerChart | Sentence:
    """What came with a rise of each rate and of the credit spread, by era, market apart or not.

    Parameters
    ----------
    *studies : Exposure
    dataset : Dataset, optional
        What they saw; the bundled data show what was kept of a newer run.
    """
    table = _stacked([drawn_table("exposure_slopes", study, dataset) for study in studies])
    if table.empty:
        return Sentence("too few months for a slope on rates or credit")
    frame = _effects(table, "slope", "low", "high").assign(
        kind=table["controlling for the market"].map(_KINDS), p=table["p"].round(3)
    )
    below, above = int((table["high"] < 0).sum()), int((table["low"] > 0).sum())
    chart = _forest(
        frame,
        "regression",
        {"alone": SMALL, "controlling for the market": PURPLE},
        "small less large in the month of the rise",
    )
    described = chart.properties(
        description=(
            f"{len(frame)} effects with 95% intervals, by rate, era and with or without controlling"
            f" for the market; {below} intervals lie below zero, {above} above."
        )
    )
    return titled(
        described,
        f"Small caps clearly fell behind when rates or spreads rose in"
        f" {counted(below, len(frame))}"
        f" regressions, and clearly led in {above or 'none'}",
        "Small less large in the month of the rise, per cent, with 95% intervals.",
        source_line(last_of(table), RATES),
    )


def moves(*studies: Exposure) -> pd.DataFrame:
    """What small less large did when each rate rose and when it fell, by era."""
    return _stacked([study.rises_and_falls for study in studies])


def asymmetry(*studies: Exposure) -> alt.LayerChart | Sentence:
    """What small less large did when each rate rose and when it fell, without the market."""
    table = moves(*studies)
    table = table[table["controlling for the market"] == "no"]
    if table.empty:
        return Sentence("too few months to set rises against falls")
    sides = [
        _effects(table, side, f"{side}_low", f"{side}_high").assign(
            kind=word, p=table["p equal"].round(3)
        )
        for side, word in (("rises", "rise"), ("falls", "fall"))
    ]
    differ = int((table["p equal"] < 0.05).sum())
    chart = _forest(
        pd.concat(sides, ignore_index=True),
        "the rate's move",
        {"rise": VERMILLION, "fall": SMALL},
        "small less large in the month of the move",
    )
    return titled(
        chart.properties(
            description=(
                f"Effect of rises and of falls on small less large for {len(table)} rates and eras;"
                f" in {differ} of them the two differ with p below 5%."
            )
        ),
        f"Rises and falls of a rate differ clearly in {counted(differ, len(table))} comparisons",
        "Small less large in the month of the move, per cent, with 95% intervals.",
        source_line(
            studies[0].dataset.as_of, "Kenneth R. French's data library, the Federal Reserve"
        ),
    )


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Tables of the same columns one below the other; empty ones say nothing of types."""
    known = [table for table in tables if len(table)]
    return pd.concat(known, ignore_index=True) if known else tables[0]


def _effects(table: pd.DataFrame, effect: str, low: str, high: str) -> pd.DataFrame:
    """Effects of each driver's step, one row each."""
    ends = {"effect": effect, "low": low, "high": high}
    columns = {name: table[column].astype(float).round(5) for name, column in ends.items()}
    what = table["driver"] + ", " + table["step"] + ", " + table["era"]
    return pd.DataFrame({"what": what, **columns})


def _forest(
    frame: pd.DataFrame, legend: str, colours: dict[str, str], title: str
) -> alt.LayerChart:
    """Effects with their intervals, two kinds a row."""
    import altair as alt

    base = alt.Chart(frame).encode(
        y=alt.Y(
            "what:N",
            title=None,
            sort=list(dict.fromkeys(frame["what"])),
            axis=alt.Axis(labelLimit=330),
        ),
        yOffset=alt.YOffset("kind:N", sort=list(colours)),
        tooltip=["what:N", "kind:N", alt.Tooltip("effect:Q", format="+.2%"), "p:Q"],
    )
    first, second = colours.values()
    lines = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title=title, axis=alt.Axis(format="+.2%")),
        x2="high:Q",
        # not an encoding of the field: a second colour legend would stand beside that of the points
        color=alt.condition(
            f"datum.kind === '{next(iter(colours))}'", alt.value(first), alt.value(second)
        ),
    )
    scale = alt.Scale(domain=list(colours), range=[first, second])
    points = base.mark_point(size=60, opacity=1).encode(
        x="effect:Q",
        color=alt.Color("kind:N", title=legend, scale=scale),
        shape=alt.Shape("kind:N", title=legend, scale=_shapes(*colours)),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=CONTEXT).encode(x="x:Q")
    return (zero + lines + points).properties(height=alt.Step(15))


def specifications(study: Study) -> alt.VConcatChart | Sentence:
    """Every specification of one claim's grid in order of its slope, above its choices."""
    return every_specification(study)


def ranges(study: InterestBurden) -> alt.LayerChart:
    """Range of the burden for each upper end of the published inputs, and the quoted figure.

    A row's label gives its upper ends: debt over earnings, reset gap, floating share.
    """
    import altair as alt

    table = study.grid
    frame = pd.DataFrame(
        {
            "inputs": [
                f"{debt:g}× · {100 * gap:g} points · {100 * share:.0f}% floating"
                for debt, gap, share in zip(
                    table["leverage_high"],
                    table["gap_high"],
                    table["floating_high"],
                    strict=True,
                )
            ],
            "lowest": table["lowest"].round(4),
            "highest": table["highest"].round(4),
            "inside": table["inside"].map({True: "yes", False: "no"}),
        }
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(height=9)
        .encode(
            y=alt.Y("inputs:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
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
    hit = study.quoted
    rule = (
        alt.Chart(pd.DataFrame({"hit": [hit]}))
        .mark_rule(color=VERMILLION, strokeDash=[6, 4], strokeWidth=2)
        .encode(x="hit:Q")
    )
    inside = int((frame["inside"] == "yes").sum())
    return titled(
        (bars + rule).properties(
            height=alt.Step(20),
            description=(
                f"{len(frame)} ranges of the burden, from {frame['lowest'].min():.0%} up to"
                f" {frame['highest'].max():.0%} of operating earnings; {inside} hold the quoted"
                f" {hit:.0%}, a dashed line."
            ),
        ),
        f"{counted(inside, len(frame))} sets of published inputs can give the quoted {hit:.0%}",
        "Range of the extra interest in the last year, per cent of operating earnings. Rows:"
        " highest debt over earnings, rate gap and floating share.",
        "Source: figures the notes and their sources publish.",
    )


def rises(study: InterestIdentity) -> alt.LayerChart | Sentence:
    """Rises of the rate that two quoted figures may speak of, month by month, against theirs."""
    import altair as alt

    if study.finding.refusal is not None:
        return Sentence(study.finding.refusal.reason)
    arguments = study.specification.arguments
    years = f"{arguments.base_shortest / 12:g} to {arguments.base_longest / 12:g} years"
    frame = study.rises.assign(
        lowest=study.rises["lowest"].astype(float).round(4),
        highest=study.rises["highest"].astype(float).round(4),
        matches=study.rises["matches"].map({True: "some base period fits", False: "none fits"}),
    )
    low, high = (float(study.finding.measures[f"implied_{end}"]) for end in ("low", "high"))
    band = alt.Chart(pd.DataFrame({"low": [low], "high": [high]})).mark_rect(
        color=CONTEXT, opacity=0.25
    )
    words = ["some base period fits", "none fits"]
    bars = (
        alt.Chart(frame)
        .mark_bar(size=9)
        .encode(
            x=alt.X("month:O", title="month the figures may have been made in"),
            y=alt.Y(
                "lowest:Q",
                title=f"rise of the rate over its mean of {years}",
                axis=alt.Axis(format=".1%"),
            ),
            y2="highest:Q",
            color=alt.Color(
                "matches:N", title="", scale=alt.Scale(domain=words, range=[SMALL, VERMILLION])
            ),
            tooltip=["month:O", "matches:N"]
            + [alt.Tooltip(f"{end}:Q", format=".2%") for end in ("lowest", "highest")],
        )
    )
    fitting = int((frame["matches"] == words[0]).sum())
    return titled(
        (band.encode(y="low:Q", y2="high:Q") + bars).properties(
            height=260,
            description=(
                f"In {fitting} of {len(frame)} months some base period gives a rise within the"
                f" {low:.1%} to {high:.1%} that the two figures imply, a grey band."
            ),
        ),
        f"In {counted(fitting, len(frame))} months some base period fits both quoted figures",
        f"Rise of the rate over its mean of {years}, percentage points; grey is what the two"
        " figures imply.",
        source_of(study, "Federal Reserve"),
    )


def gap_and_rate(study: GapExposure) -> alt.LayerChart | Sentence:
    """Yearly change of the valuation gap against that of the rate, each over the same months."""
    import altair as alt

    if study.changes.empty:
        return Sentence("needs the latest data: the funds rate beside book-to-market by size")
    rate = study.specification.arguments.driver
    frame = pd.concat(
        [
            pd.DataFrame(
                {
                    "june": study.changes.index.astype(str),
                    "rate": (100 * study.changes[f"{rate}_{basis}"]).round(2),
                    "gap": np.expm1(study.changes[basis]).round(3),
                    "basis": words,
                }
            )
            for basis, words in BASES.items()
        ]
    ).dropna()
    linked = [
        f"{part['rate'].corr(part['gap']):+.2f} on {words}"
        for words, part in frame.groupby("basis")
    ]
    points = (
        alt.Chart(frame)
        .mark_point(size=40, opacity=0.7)
        .encode(
            x=alt.X("rate:Q", title="change of the funds rate over the year, points"),
            y=alt.Y(
                "gap:Q",
                title="how much cheaper small caps got",
                axis=alt.Axis(format="+%"),
            ),
            color=alt.Color(
                "basis:N",
                title="basis",
                scale=alt.Scale(domain=list(BASES.values()), range=[SMALL, PURPLE]),
                legend=alt.Legend(offset=_CLEAR),
            ),
            shape=alt.Shape(
                "basis:N",
                title="basis",
                scale=_shapes(*BASES.values()),
                legend=alt.Legend(offset=_CLEAR),
            ),
            tooltip=["june:N", "basis:N", "rate:Q", "gap:Q"],
        )
    )
    return titled(
        points.properties(
            height=280,
            description=(
                f"{frame['june'].nunique()} years: change of the valuation gap against change"
                " of the"
                f" rate; their correlation is {' and '.join(linked)}."
            ),
        ),
        f"Over {frame['june'].nunique()} years rates and the gap moved together by"
        f" {' and '.join(linked)}",
        "How much cheaper small caps got against large, per cent, by the change of the funds rate"
        " over the same twelve months, percentage points. In the title: correlations.",
        source_of(study, RATES),
    )


def _shapes(first: str, second: str) -> alt.Scale:
    """A circle and a square, so that colour is not the only cue."""
    import altair as alt

    return alt.Scale(domain=[first, second], range=["circle", "square"])
