"""A page for every claim, at an address that lasts when the claim moves to another chapter."""

from __future__ import annotations

from html import escape

from analysis.claims import Claim
from analysis.claims.chapters import load_chapters
from analysis.pages.boards import criteria
from analysis.pages.cards import verdict_card
from analysis.pages.disagreements import disagree, explain
from analysis.pages.records import Records


def claim_page(records: Records, claim: Claim, evidence: str | None) -> str:
    """The claim with source, verdict, the other run, and its criterion.

    Parameters
    ----------
    records : Records
    claim : Claim
    evidence : str or None
        Address of the claim's card in its chapter; None where the chapter is not there.
    """
    more = (
        f'<p><a href="{escape(evidence)}">The evidence, in the chapter'
        f" “{escape(load_chapters()[claim.chapter].title)}”</a></p>"
        if evidence
        else ""
    )
    return (
        f"<section><h1>{escape(claim.text)}</h1>{_card(records, claim)}{more}"
        f"<h2>How it is judged</h2>{criteria([claim])}</section>"
    )


def _card(records: Records, claim: Claim) -> str:
    row, other = records.row(claim.id), records.other(claim.id)
    if row is None:
        return "<p>This claim has not been run yet.</p>"
    reasons: list[str] = []
    if other is not None and disagree(row, other):
        pair = (row, other) if row["data"] == "bundled" else (other, row)
        reasons = explain(*pair)
    return verdict_card(row, claim, other, reasons)
