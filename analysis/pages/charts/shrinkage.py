"""Every score as computed, and drawn towards their mean by what is noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis.inference.shrinkage import Shrinkage
from analysis.pages.charts.theme import CONTEXT, SMALL
from analysis.pages.charts.titles import titled

if TYPE_CHECKING:
    import altair as alt


def shrunk_estimates(table: pd.DataFrame, fit: Shrinkage) -> alt.LayerChart:
    """A row a claim: its score, hollow, and shrunk, filled.

    Parameters
    ----------
    table : DataFrame
        ``named`` and ``score``, in standard errors towards the claim.
    fit : Shrinkage
        Of these scores, in the same order.
    """
    import altair as alt

    frame = (
        pd.DataFrame({"claim": table["named"], "score": table["score"], "shrunk": fit.shrunk})
        .sort_values("score", ascending=False)
        .round(3)
    )
    y = alt.Y("claim:N", sort=list(frame["claim"]), title=None, axis=alt.Axis(labelLimit=300))
    x = alt.X("score:Q", title="standard errors from the tested value, towards the claim")
    tips = [
        alt.Tooltip("claim:N"),
        alt.Tooltip("score:Q", title="as computed", format="+.1f"),
        alt.Tooltip("shrunk:Q", title="after shrinkage", format="+.1f"),
    ]
    base = alt.Chart(frame)
    paths = base.mark_rule(color=CONTEXT).encode(x=x, x2="shrunk:Q", y=y, tooltip=tips)
    raw = base.mark_point(color=CONTEXT, size=60, filled=False, strokeWidth=1.5).encode(
        x=x, y=y, tooltip=tips
    )
    drawn = base.mark_point(color=SMALL, size=70, filled=True, opacity=1).encode(
        x="shrunk:Q", y=y, tooltip=tips
    )
    lines = pd.DataFrame({"at": [-1.96, 0.0, 1.96]})
    rules = alt.Chart(lines).mark_rule(color=CONTEXT, strokeDash=[4, 4]).encode(x="at:Q")
    outside = int((frame["score"].abs() > 1.96).sum())
    top = frame.iloc[0]
    chart = (rules + paths + raw + drawn).properties(
        height=alt.Step(20),
        description=(
            f"{len(frame)} scores in standard errors, {outside} of them beyond 1.96. Shrunk to"
            f" what the spread of all of them allows, the largest, {top['claim']}, goes from"
            f" {top['score']:+.1f} to {top['shrunk']:+.1f}."
        ),
    )
    return titled(
        chart,
        f"{fit.noise_share:.0%} of the spread of {len(frame)} scores is what noise alone would"
        " make",
        "How far each claim lies from what it is tested against, by its p-value, in standard"
        " errors, positive towards the claim. Hollow: as computed; filled: drawn towards the mean"
        " of all by the share that is noise. Dashed: zero and ±1.96.",
        "Source: the ledger, each claim on the newest data it was run on.",
    )
