"""A page for every claim, at an address that lasts when the claim moves to another chapter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from analysis.claims import Claim
from analysis.claims.chapters import load_chapters
from analysis.pages import power, vintage_table
from analysis.pages import verdict_dates as dates
from analysis.pages.boards import criteria
from analysis.pages.cards import verdict_card
from analysis.pages.curves import FILE as CURVES_FILE
from analysis.pages.curves import Curve, load_curves
from analysis.pages.disagreements import disagree, explain
from analysis.pages.records import Records


@dataclass(frozen=True)
class Explored:
    """What ``data/derived`` holds of the claims, beside their verdicts.

    Attributes
    ----------
    curves : mapping of str to Curve
    dates : VerdictDates
    power : mapping of str to list of Yes
    vintages : Path
        The table of verdicts by vintage; may be absent.
    """

    curves: dict[str, Curve]
    dates: dates.VerdictDates
    power: dict[str, list[power.Yes]]
    vintages: Path


def load_explored(folder: Path, claims: dict[str, Claim]) -> Explored:
    """The derived tables under a project folder; any of them may be absent."""
    return Explored(
        load_curves(folder / CURVES_FILE, claims),
        dates.load_dates(folder / dates.FILE, claims),
        power.load_power(folder / power.FILE),
        folder / vintage_table.FILE,
    )


def claim_page(
    records: Records, claim: Claim, evidence: str | None, explored: Explored | None = None
) -> str:
    """The claim with source, verdict, the other run, what can be explored, and its criterion.

    Parameters
    ----------
    records : Records
    claim : Claim
    evidence : str or None
        Address of the claim's card in its chapter; None where the chapter is not there.
    explored : Explored, optional
        Specifications, verdicts by date, power; without it the page leaves them out.
    """
    more = (
        f'<p><a href="{escape(evidence)}">The evidence, in the chapter'
        f" “{escape(load_chapters()[claim.chapter].title)}”</a></p>"
        if evidence
        else ""
    )
    parts = "" if explored is None else "".join(_explored(records, claim, explored))
    return (
        f"<section><h1>{escape(claim.text)}</h1>{_card(records, claim)}{more}{parts}"
        f"<h2>How it is judged</h2>{criteria([claim])}</section>"
    )


def _explored(records: Records, claim: Claim, explored: Explored) -> Iterator[str]:
    """The parts of a page that have something to show, each under its heading."""
    parts = {
        "Every specification": _curve(explored.curves.get(claim.id)),
        "What the test could have seen": power.claim_part(
            explored.power, claim, records.row(claim.id)
        ),
        "The verdict by date": dates.claim_line(explored.dates, claim)
        + vintage_table.claim_lines(explored.vintages, claim.id),
    }
    for heading, body in parts.items():
        if body:
            yield f"<section><h2>{escape(heading)}</h2>{body}</section>"


def _curve(curve: Curve | None) -> str:
    if curve is None:
        return ""
    from analysis.pages.charts.specification_curve import described
    from analysis.pages.mime import figure

    return f"<p>{escape(described(curve))}</p>{figure(_drawn(curve))}"


def _drawn(curve: Curve) -> dict[str, Any]:
    from altair.utils.schemapi import debug_mode

    from analysis.pages import charts
    from analysis.pages.charts.renderer import MIME_TYPE, mimebundle
    from analysis.pages.charts.specification_curve import specification_curve

    charts.enable()
    # every kind of curve is held against the schema by the tests, and not again for every page
    with debug_mode(False):
        chart = specification_curve(curve).to_dict(validate=False)
    spec: dict[str, Any] = mimebundle(chart)[MIME_TYPE]
    return spec


def _card(records: Records, claim: Claim) -> str:
    row, other = records.row(claim.id), records.other(claim.id)
    if row is None:
        return "<p>This claim has not been run yet.</p>"
    reasons: list[str] = []
    if other is not None and disagree(row, other):
        pair = (row, other) if row["data"] == "bundled" else (other, row)
        reasons = explain(*pair)
    return verdict_card(row, claim, other, reasons, heading=True)
