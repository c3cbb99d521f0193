"""A figure against its date, with the value a note prints and the days that give it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.audit.supplements import supplement
from analysis.pages.charts.line_ends import over_lines
from analysis.pages.charts.sentences import Sentence
from analysis.pages.charts.theme import CONTEXT, OCHRE, SMALL, VERMILLION
from analysis.pages.charts.titles import source_line, titled

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.dated_values import DatedStudy
    from analysis.panel import Dataset

#: Pixels of one panel.
_HEIGHT = 150

_UNITS = {"%": ", in per cent"}
_WHO = "Kenneth R. French's data library and adjusted closes"

_ADMITTED, _OTHER = "admitted by the wording", "other days"


@dataclass(frozen=True)
class _Kept:
    """What was kept of a study on a snapshot: ``by_date`` and ``bands`` as the study has them."""

    by_date: pd.DataFrame
    bands: pd.DataFrame
    refused: str


def value_by_date(
    study: DatedStudy,
    title: str = "gain, by last day",
    number: str = "%",
    dataset: Dataset | None = None,
) -> alt.VConcatChart | Sentence:
    """Every figure of a claim by its last day, one panel a figure and reading.

    The line is dark on the days the wording admits, a band where several first days are admitted;
    the claimed value is drawn across, and every day on which the claim holds is marked.

    Parameters
    ----------
    study : DatedStudy
    title : str
        What is drawn, with its unit.
    number : str
        Format of the values, as D3 has it.
    dataset : Dataset, optional
        Where the study has nothing to draw for want of closes, what was kept of a newer run is
        drawn, as far as this data set may show it.
    """
    import altair as alt

    drawn = study if dataset is None or len(study.by_date) else _kept(study, dataset)
    if drawn.by_date.empty:
        return Sentence(study.refused)
    panels = [
        _panel(rows, drawn.bands, _named(figure, reading), title, number)
        for (figure, reading), rows in drawn.by_date.groupby(["figure", "reading"], sort=False)
    ]
    chart = alt.vconcat(*panels, spacing=22).properties(description=describe(drawn, number))
    return titled(
        chart,
        _finding(drawn.by_date, kept=drawn is not study),
        f"{title[:1].upper()}{title[1:]}{_UNITS.get(number, '')}. Dark: days that the wording"
        " admits; dashed: what is claimed; diamonds: days on which the whole claim holds.",
        source_line(str(drawn.by_date["day"].max())[:10], _WHO),
    )


def _kept(study: DatedStudy, dataset: Dataset) -> DatedStudy | _Kept:
    claim = study.specification.claim
    days, bands = (supplement(dataset, name) for name in ("figure_days", "figure_bands"))
    own = days[days["claim"] == claim]
    return _Kept(own, bands[bands["claim"] == claim], study.refused) if len(own) else study


def _named(figure: str, reading: str) -> str:
    """Above one part: the figure and how it is read, French's names of size groups in words."""
    name = f"{figure}{', ' if reading else ''}{reading}"
    return re.sub(r"\b[Ll]o([0-9]+) and hi\1\b", r"smallest and largest \1%", name)


def _finding(by_date: pd.DataFrame, kept: bool) -> str:
    """On how many of the admissible days the claim holds; thinned days are not counted."""
    admitted = by_date.loc[by_date["admitted"], "day"]
    matched = by_date.loc[by_date["matched"] & by_date["admitted"], "day"].nunique()
    days = admitted.nunique()
    if not matched:
        return "The claim holds on none of the days that the wording admits"
    if days == 1:
        return "The claim holds on the one day that the wording admits"
    among = "" if kept else f" of {days}"
    if kept and matched == 1:
        return "The claim holds on one of the days that the wording admits"
    return f"The claim holds on {matched}{among} of the days that the wording admits".replace(
        f"{matched} of {days} of the days", f"{matched} of the {days} days"
    )


def describe(study: DatedStudy | _Kept, number: str = "%") -> str:
    """What the chart shows, in words."""
    drawn = study.by_date
    said = []
    for (figure, reading), rows in drawn.groupby(["figure", "reading"], sort=False):
        own = rows[rows["admitted"]]
        low, high = (_said(value, number) for value in (own["low"].min(), own["high"].max()))
        read = f" ({reading})" if reading else ""
        said.append(f"{figure}{read} from {low} to {high}")
    matched = drawn.loc[drawn["matched"], "day"].nunique()
    return f"On the admissible days: {'; '.join(said)}. Days on which the claim holds: {matched}."


def _panel(
    rows: pd.DataFrame, bands: pd.DataFrame, name: str, title: str, number: str
) -> alt.LayerChart:
    import altair as alt

    frame = rows.assign(
        day=rows["day"].dt.strftime("%Y-%m-%d"),
        low=rows["low"].round(5),
        high=rows["high"].round(5),
        days=np.where(rows["admitted"], _ADMITTED, _OTHER),
    )[["day", "low", "high", "days", "matched"]]
    x = alt.X("day:T", title=None)
    axis = alt.Axis(format=number, tickCount=4)
    y = alt.Y("high:Q", title=title, axis=axis, scale=alt.Scale(zero=False, padding=8))
    base = alt.Chart(frame).encode(x=x)
    tips = [
        alt.Tooltip("day:T", title="last day"),
        alt.Tooltip("low:Q", title="lowest", format=_fine(number)),
        alt.Tooltip("high:Q", title="highest", format=_fine(number)),
        alt.Tooltip("days:N", title="day"),
    ]
    claimed, words = _claimed(bands[bands["figure"] == rows["figure"].iloc[0]], number)
    layers = [*claimed]
    if (frame["low"] < frame["high"]).any():
        layers.append(base.mark_area(color=CONTEXT, opacity=0.3).encode(y="low:Q", y2="high:Q"))
    layers.append(base.mark_line(color=CONTEXT, strokeWidth=1.5).encode(y=y, tooltip=tips))
    admitted = base.transform_filter(alt.datum.days == _ADMITTED)
    dots = admitted.mark_point(color=SMALL, size=14, opacity=0.9)
    layers.append(dots.encode(y="high:Q", tooltip=tips))
    layers.append(
        base.transform_filter("datum.matched")
        .mark_point(color=VERMILLION, size=110, shape="diamond", filled=False, strokeWidth=2)
        .encode(y="high:Q", tooltip=tips)
    )
    # last, so that its rim interrupts the line and no line its words
    return alt.layer(*layers, *words).properties(height=_HEIGHT, title=name)


def _claimed(bands: pd.DataFrame, number: str) -> tuple[list[Any], tuple[Any, Any]]:
    """The values that are admitted, a band or a line that must be passed; and what they are."""
    import altair as alt

    band = bands.iloc[0]
    ends = [end for end in (band["low"], band["high"]) if np.isfinite(end)]
    at = band["claimed"] if pd.notna(band["claimed"]) else ends[0]
    side = "above" if np.isfinite(band["low"]) else "below"
    words = f"claimed: {_said(at, number)}" if len(ends) == 2 else f"{side} {_said(at, number)}"
    drawn = pd.DataFrame({"low": [ends[0]], "high": [ends[-1]], "at": [at], "words": [words]})
    chart = alt.Chart(drawn.round(5))
    layers = [
        chart.mark_rule(color=OCHRE, strokeDash=[5, 4], strokeWidth=1.5).encode(y="at:Q"),
    ]
    named = over_lines(
        chart.encode(y="at:Q", x=alt.value(0), text="words:N"),
        align="left",
        baseline="bottom",
        dx=4,
        dy=-4,
        fontSize=11,
        color=OCHRE,
    )
    if len(ends) == 2:
        layers.insert(0, chart.mark_rect(color=OCHRE, opacity=0.25).encode(y="low:Q", y2="high:Q"))
    return layers, named


def _fine(number: str) -> str:
    return ".1%" if number == "%" else number


def _said(value: float, number: str) -> str:
    text = f"{100 * value:.3g}%" if number == "%" else f"{value:.2f}"
    return text.replace("-", "−")
