"""Charts of the allocation chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.audit.kept.drawn import drawn_table, last_of
from analysis.designs.staged_entry.windows import CONSTANT, STAGED
from analysis.pages.charts.line_ends import named_lines
from analysis.pages.charts.theme import BLUE, CONTEXT, GREEN, LARGE, SMALL, VERMILLION
from analysis.pages.charts.titles import points, source_line, titled
from analysis.panel.eras import era_words

if TYPE_CHECKING:
    import altair as alt

    from analysis.designs.portfolio_mix import PortfolioMix
    from analysis.designs.staged_entry import StagedEntry
    from analysis.panel import Dataset

_ENTRIES = [STAGED, CONSTANT]
_HELD = ["core", "mix"]


def weights(study: PortfolioMix) -> alt.LayerChart | None:
    """Sharpe ratio of the mix less that of the core, by weight of the sleeve and era.

    None without a mix.
    """
    import altair as alt

    words = {era: era_words(era) for era in study.weights["era"].unique()}
    frame = study.weights.assign(
        difference=study.weights["difference"].astype(float).round(4),
        era=study.weights["era"].map(words),
    )
    lines = named_lines(
        frame,
        "weight",
        "difference",
        "era",
        x=alt.X("weight:Q", title="share of small caps", axis=alt.Axis(format="%")),
        y=alt.Y("difference:Q", title="Sharpe ratio a year, mix less core"),
        colours=dict(zip(words.values(), (BLUE, GREEN, VERMILLION), strict=False)),
        tooltip=[
            alt.Tooltip("era:N", title="months"),
            alt.Tooltip("weight:Q", format=".0%"),
            alt.Tooltip("difference:Q", format="+.3f"),
        ],
        point=True,
    )
    best = frame.loc[frame.groupby("era")["difference"].idxmax()] if len(frame) else frame
    peaks = "; ".join(
        f"{row.era}: highest at {row.weight:.0%}, {row.difference:+.3f}"
        for row in best.itertuples()
    )
    chart = (_zero(alt, "difference") + lines).properties(
        height=280,
        description=f"Sharpe ratio of core and sleeve less that of the core, by weight. {peaks}.",
    )
    if best["difference"].isna().all():
        return None
    return titled(
        chart,
        f"The best share of small caps was {best['weight'].min():.0%} to"
        f" {best['weight'].max():.0%}, and the Sharpe ratio rose by"
        f" {best['difference'].max():.2f} at most",
        "Sharpe ratio a year of core and sleeve less that of the core alone, by weight.",
        source_line(study.held.index[-1]),
    )


def drawdowns(study: PortfolioMix) -> alt.LayerChart | None:
    """How far core and mix stood below their highest value, half-year by half-year.

    None without a mix.
    """
    import altair as alt

    if study.drawdowns.empty:
        return None
    frame = study.drawdowns.assign(
        drawdown=study.drawdowns["drawdown"].astype(float).round(4),
        month=pd.to_datetime(study.drawdowns["month"]).dt.strftime("%Y-%m-%d"),
    )
    worst = frame.groupby("portfolio")["drawdown"].min()
    words = " and ".join(f"{depth:.0%} for the {name}" for name, depth in worst.items())
    lines = named_lines(
        frame,
        "month",
        "drawdown",
        "portfolio",
        x=alt.X("month:T", title="half-year to"),
        y=alt.Y(
            "drawdown:Q", title="deepest fall from the highest value", axis=alt.Axis(format="%")
        ),
        colours=dict(zip(_HELD, (LARGE, SMALL), strict=True)),
        tooltip=[
            alt.Tooltip("portfolio:N"),
            alt.Tooltip("month:T", format="%b %Y"),
            alt.Tooltip("drawdown:Q", format=".1%"),
        ],
    )
    return titled(
        lines.properties(
            height=260,
            description=f"Fall from the highest value so far: the deepest is {words}.",
        ),
        f"The deepest fall was {words}",
        "Deepest distance below the highest value in each half-year, in per cent.",
        source_line(frame["month"].iloc[-1]),
    )


def quantiles(study: StagedEntry, dataset: Dataset | None = None) -> alt.LayerChart | None:
    """Quantiles of the windows' results, in stages and with less, against the lump sum.

    Parameters
    ----------
    study : StagedEntry
    dataset : Dataset, optional
        What it saw; the bundled data show what was kept of a newer run.

    Returns
    -------
    LayerChart or None
        None without windows.
    """
    import altair as alt

    table = drawn_table("entry_quantiles", study, dataset)
    frame = table.drop(columns="last").assign(difference=table["difference"].astype(float).round(4))
    lines = named_lines(
        frame,
        "percentile",
        "difference",
        "entry",
        x=alt.X("percentile:Q", title="percentile of the windows, worst to best"),
        y=alt.Y("difference:Q", title="result less lump sum's, points", axis=_in_points()),
        colours=dict(zip(_ENTRIES, (SMALL, CONTEXT), strict=True)),
        tooltip=[
            alt.Tooltip("entry:N"),
            alt.Tooltip("percentile:Q"),
            alt.Tooltip("difference:Q", format="+.1%"),
        ],
        strokeWidth=2.5,
    )
    chart = (_zero(alt, "difference") + lines).properties(
        height=280,
        description=(
            "Each percentile of the windows' results less the same percentile of the lump sum's:"
            f" {_ends(frame)}."
        ),
    )
    if frame.empty:
        return None
    worst = frame[frame["percentile"] == frame["percentile"].min()].set_index("entry")
    return titled(
        chart,
        f"In the worst windows stages saved {points(worst['difference'][STAGED])} points against"
        f" the lump sum, and holding less {points(worst['difference'][CONSTANT])}",
        "Each percentile of the windows' results less the same percentile of the lump sum's, in"
        " points.",
        source_line(last_of(table)),
    )


def _ends(frame: pd.DataFrame) -> str:
    parts = []
    for entry, group in frame.groupby("entry"):
        first, last = group.iloc[0], group.iloc[-1]
        parts.append(
            f"{entry} from {first['difference']:+.1%} at percentile {first['percentile']} to"
            f" {last['difference']:+.1%} at {last['percentile']}"
        )
    return "; ".join(parts)


def _in_points() -> alt.Axis:
    """A difference of two results in per cent is told in points."""
    import altair as alt

    return alt.Axis(labelExpr="format(100 * datum.value, '.0f')")


def _zero(alt: Any, field: str) -> alt.Chart:
    rule = alt.Chart(pd.DataFrame({field: [0.0]})).mark_rule(color=CONTEXT)
    return rule.encode(y=f"{field}:Q")
