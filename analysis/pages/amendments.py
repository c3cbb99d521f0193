"""How a claim's test was corrected, folded away beside the criterion."""

from __future__ import annotations

from html import escape

from analysis.claims import Claim
from analysis.claims.documents import Amendment
from analysis.results import month_words


def amendments(claim: Claim) -> str:
    """Every correction of a claim's test: when, for which fault, and what the test said before.

    Empty for a claim whose test is the one first written.
    """
    if not claim.amendments:
        return ""
    last = claim.amendments[-1]
    count = len(claim.amendments)
    times = "Amended" if count == 1 else f"Amended {count} times, last"
    items = "".join(f"<li>{_amendment(one)}</li>" for one in claim.amendments)
    return (
        f'<details class="sc-amendments"><summary>{times} on {escape(month_words(last.date))}:'
        f" {escape(last.fault)}</summary><ul>{items}</ul></details>"
    )


def _amendment(one: Amendment) -> str:
    return (
        f"Amended on {escape(month_words(one.date))} ({escape(one.fault)}): {escape(one.what)}"
        f" Because: {escape(one.because)} Before, the criterion <code>{escape(one.was.hash)}</code>"
        f" gave <b>{escape(one.was.bundled)}</b> on the bundled data and"
        f" <b>{escape(one.was.latest)}</b> on the latest."
    )
