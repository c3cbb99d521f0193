"""The interest calculator as a chart: its arithmetic as Vega expressions, moved by sliders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.inference.repricing import even_ladder, interest_burden
from analysis.pages.charts.theme import SMALL, VERMILLION

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.interest_burden import InterestBurden
    from analysis.designs.interest_identity import InterestIdentity
    from analysis.pages.parameters import ChapterParameters

#: Sliders: name, label, lowest, highest, step. Shares and rates in per cent, cuts in number.
SLIDERS = (
    ("debt", "debt over yearly operating earnings, times ", 0, 12, 0.25),
    ("floating", "debt at floating rates, % ", 0, 100, 1),
    ("maturing", "fixed debt due within five years, % ", 0, 100, 1),
    ("gap", "new rate less old, percentage points ", 0, 10, 0.025),
    ("cuts", "cuts of 25 basis points, at once ", 0, 12, 1),
)


@dataclass(frozen=True)
class Start:
    """Where the calculator starts and what it is measured against.

    Attributes
    ----------
    debt_to_earnings, floating_share, maturing_share, reset_gap : float
        Starting values.
    years : int
    hit, per_step, about : float
        The note's two figures, and how far the second may lie from its own; shares of operating
        earnings.
    """

    debt_to_earnings: float
    floating_share: float
    maturing_share: float
    reset_gap: float
    years: int
    hit: float
    per_step: float
    about: float

    @property
    def yearly(self) -> np.ndarray:
        """Extra interest of each year as a share of operating earnings."""
        return interest_burden(
            self.debt_to_earnings,
            self.floating_share,
            even_ladder(self.maturing_share, self.years),
            [self.reset_gap] * self.years,
            self.years,
        ).yearly


def repriced_expression(year: str, years: int) -> str:
    """Share of the debt that pays the new rate in `year`, as a Vega expression.

    `year` is itself an expression; only numbers, names and + − * / ( ) occur.
    """
    fixed = "(1 - floating / 100)"
    return f"(floating / 100 + {fixed} * (maturing / 100) * ({year}) / {years})"


def hit_expression(year: str, years: int) -> str:
    """Extra interest in `year` as a share of operating earnings, as a Vega expression.

    The flat-path case of
    :func:`analysis.inference.repricing.interest_burden`: every rate is down by the cuts from the
    first year on.
    """
    rate = "(gap - cuts * 0.25) / 100"
    return f"(debt * {repriced_expression(year, years)} * {rate})"


def sum_expression(years: int) -> str:
    """Extra interest of all years over one year's operating earnings, as a Vega expression."""
    mean_year = f"({years} + 1) / 2"
    return f"({years} * {hit_expression(mean_year, years)})"


def step_expression(years: int) -> str:
    """What one more cut of 25 basis points takes off the last year's hit."""
    return f"(debt * {repriced_expression(str(years), years)} * 0.25 / 100)"


def calculator(
    burden: InterestBurden, relief: InterestIdentity, parameters: ChapterParameters
) -> alt.LayerChart:
    """Extra interest by year, with sliders, against the two quoted figures.

    Parameters
    ----------
    burden : InterestBurden
        Of the claim that quotes the burden.
    relief : InterestIdentity
        Of the claim that quotes what each 25 basis points take off it.
    parameters : ChapterParameters
        Of the chapter: where the sliders start.
    """
    import altair as alt

    names = ("debt_to_earnings", "floating_share", "maturing_share", "reset_gap")
    sliders = {name: float(getattr(parameters, name)) for name in names}
    start = Start(
        **sliders,
        years=burden.years,
        hit=burden.quoted,
        per_step=relief.per_step,
        about=relief.about,
    )
    years = start.years
    frame = pd.DataFrame({"year": range(1, years + 1)})
    source = alt.Chart(frame).transform_calculate(hit=hit_expression("datum.year", years))
    x = alt.X("year:O", title="year after the rates reset", axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "hit:Q",
        title="extra interest, share of operating earnings",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domainMin=0),
    )
    bars = source.mark_bar(color=SMALL).encode(x=x, y=y)
    labels = source.mark_text(dy=-7).encode(x=x, y=y, text=alt.Text("hit:Q", format=".1%"))
    quoted = (
        alt.Chart(pd.DataFrame({"quoted": [start.hit]}))
        .mark_rule(color=VERMILLION, strokeDash=[6, 4], strokeWidth=2)
        .encode(y=alt.Y("quoted:Q"), tooltip=[alt.Tooltip("quoted:Q", format=".0%")])
    )
    return (
        (bars + labels + quoted)
        .add_params(*_sliders(start))
        .properties(
            height=280,
            title=alt.TitleParams(
                text=alt.expr(_lines(start)),
                fontSize=13,
                fontWeight="normal",
                lineHeight=18,
                subtitle=[
                    "Extra interest by year, per cent of operating earnings; move the sliders.",
                    "Source: arithmetic on the figures the notes publish.",
                ],
            ),
            description=_calculator_words(start),
        )
    )


def _sliders(start: Start) -> list[alt.Parameter]:
    import altair as alt

    at = {
        "debt": start.debt_to_earnings,
        "floating": 100 * start.floating_share,
        "maturing": 100 * start.maturing_share,
        "gap": 100 * start.reset_gap,
        "cuts": 0,
    }
    return [
        alt.param(
            name=name,
            value=round(at[name], 6),
            bind=alt.binding_range(min=low, max=high, step=step, name=label),
        )
        for name, label, low, high, step in SLIDERS
    ]


def _lines(start: Start) -> str:
    """A Vega expression for the lines above the chart, which follow the sliders."""
    years = start.years
    hit, step = hit_expression(str(years), years), step_expression(years)
    low, high = start.per_step - start.about, start.per_step + start.about
    parts = (
        f"'Year {years}: ' + format({hit}, '.1%') + ' of operating earnings'",
        f"'{start.hit:.0%} quoted (dashed): ' + ({hit} >= {start.hit} ? 'reached' : 'not reached')",
        f"'Each 25bp: ' + format(100 * {step}, '.2f') + ' points'",
        f"'About {100 * start.per_step:g} points quoted: '"
        f" + ({step} >= {low} && {step} <= {high} ? 'met' : 'not met')",
        f"'All {years} years added up: ' + format({sum_expression(years)}, '.0%') + ' of one year'",
    )
    return f"[{', '.join(parts)}]"


def _calculator_words(start: Start) -> str:
    hits = ", ".join(f"{hit:.1%}" for hit in start.yearly)
    return (
        f"A calculator with sliders. At its start, with debt of {start.debt_to_earnings:g} times"
        f" operating earnings, {start.floating_share:.0%} of it floating,"
        f" {start.maturing_share:.0%} of the rest due within {start.years} years and rates"
        f" {100 * start.reset_gap:.2f} points higher, extra interest takes {hits} of operating"
        f" earnings in years 1 to {start.years}; the quoted figure is {start.hit:.0%}."
    )
