"""Whether the multiples of one claim agree with its note, the other notes and with print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import pandas as pd

from analysis.designs.quoted_multiples.comparisons import (
    Comparison,
    compare_between,
    compare_inside,
    largest,
)
from analysis.designs.quoted_multiples.multiples import USUAL, Multiple, Quoting, of_note
from analysis.designs.quoted_multiples.published import (
    Published,
    in_reach,
    nearest,
    same_measure,
)
from analysis.results import Finding


@dataclass(frozen=True)
class Agreement:
    """How one claim's figures agree.

    Attributes
    ----------
    inside, own, between : Comparison or None
        The largest difference inside the note, inside the claim itself, and between notes; None
        where there is nothing to compare.
    comparisons : int
        Pairs compared.
    published : tuple of (Multiple, Published or None)
        Each multiple the claim prints with the nearest figure published within reach.
    """

    inside: Comparison | None
    own: Comparison | None
    between: Comparison | None
    comparisons: int
    published: tuple[tuple[Multiple, Published | None], ...]

    @property
    def within_note(self) -> float:
        return 0.0 if self.inside is None else self.inside.difference

    @property
    def between_notes(self) -> float:
        return 0.0 if self.between is None else self.between.difference

    @property
    def against_published(self) -> float:
        """Largest of the smallest differences; infinite when nothing is in reach of any."""
        return max((p.difference for _, p in self.published if p is not None), default=inf)

    def conflict(self, rounding: float, tolerance: float) -> float:
        """The larger of the two differences, each in units of what is allowed."""
        return max(self.within_note / rounding, self.between_notes / tolerance)


def agreement_of(
    quoting: Quoting, multiples: Sequence[Multiple], figures: pd.DataFrame
) -> Agreement:
    """How one claim's figures agree with all notes' and with those published.

    Parameters
    ----------
    quoting : Specification
    multiples : sequence of Multiple
        All notes, printed and implied.
    figures : DataFrame
        From :func:`analysis.designs.quoted_multiples.published.closed_figures`.
    """
    arguments = quoting.arguments
    own = [m for m in multiples if m.claim == quoting.claim]
    inside = compare_inside(of_note(multiples, arguments.note))
    between = compare_between(quoting.claim, multiples)
    return Agreement(
        inside=largest(inside),
        own=largest(compare_inside(own)),
        between=largest(between),
        comparisons=len(inside) + len(between),
        published=tuple(
            (m, nearest(in_reach(same_measure(m, figures), arguments.reach)))
            for m in own
            if m.printed and m.kind != USUAL
        ),
    )


def agreement_finding(quoting: Quoting, agreement: Agreement, as_of: str) -> Finding:
    """The finding on one claim about multiples.

    `within_note` is taken over all figures the claim's note prints, the claim's own or not, as the
    criterion words it. A usual relative P/E is compared between notes but is no P/E of the day, so
    it does not enter `against_published`; a relative P/E, or a discount, does. Multiples for which
    nothing is published in reach are named and left out of `against_published`.

    Parameters
    ----------
    quoting : Specification
    agreement : Agreement
    as_of : str
        Month up to which published figures were looked for; the sample where none was found.
    """
    rounding, tolerance = quoting.arguments.rounding, quoting.arguments.tolerance
    conflict = agreement.conflict(rounding, tolerance)
    against = agreement.against_published
    if conflict <= 1.0 and against == inf:
        return Finding.refused("no published figure for the same index and measure within reach")
    first, last = _sample(agreement, as_of)
    return Finding(
        estimate=max(agreement.within_note, agreement.between_notes),
        unit="relative difference from another note's figure, or the same note's",
        null="figures for the same quantity agree, but for rounding and definitions",
        n=agreement.comparisons + sum(p is not None for _, p in agreement.published),
        sample_start=first,
        sample_end=last,
        finding=" ".join(_findings(agreement, rounding, tolerance)),
        sensitivity=_sensitivity(agreement, conflict_grid(quoting, agreement)),
        measures={
            "conflict": conflict,
            "within_note": agreement.within_note,
            "between_notes": agreement.between_notes,
            "against_published": against,
        },
    )


def conflict_grid(quoting: Quoting, agreement: Agreement) -> pd.DataFrame:
    """The conflict under every registered tolerance: ``tolerance, conflict, reason``."""
    rounding = quoting.arguments.rounding
    rows = [
        (float(tolerance), agreement.conflict(rounding, float(tolerance)), "")
        for tolerance in quoting.grid.get("tolerance", ())
    ]
    return pd.DataFrame(rows, columns=["tolerance", "conflict", "reason"])


def _sample(agreement: Agreement, as_of: str) -> tuple[str, str]:
    """First and last month of the published figures used."""
    months = [p.month for _, p in agreement.published if p is not None]
    return (str(min(months)), str(max(months))) if months else (as_of, as_of)


def _findings(agreement: Agreement, rounding: float, tolerance: float) -> list[str]:
    return [
        _inside_words(agreement.inside, rounding) + _own_words(agreement.own),
        _between_words(agreement.between, tolerance),
        _published_words(agreement, tolerance),
    ]


def _inside_words(worst: Comparison | None, rounding: float) -> str:
    if worst is None:
        return "The note itself gives nothing to compare."
    if worst.difference <= rounding:
        return f"The note's own figures agree to {worst.difference:.1%}."
    return (
        f"The note contradicts itself by {worst.difference:.0%}: {worst.figure} against"
        f" {worst.other}."
    )


def _own_words(worst: Comparison | None) -> str:
    return "" if worst is None else f" The claim's own figures fit to {worst.difference:.1%}."


def _between_words(worst: Comparison | None, tolerance: float) -> str:
    if worst is None:
        return "No other note gives the same quantity."
    if worst.difference <= tolerance:
        return f"Other notes agree to {worst.difference:.0%}."
    return f"Another note differs by {worst.difference:.0%}: {worst.figure} against {worst.other}."


def _published_words(agreement: Agreement, tolerance: float) -> str:
    found = [(m, p) for m, p in agreement.published if p is not None]
    silent = [m.index for m, p in agreement.published if p is None]
    missing = f" Nothing in reach was published for {', '.join(silent)}." if silent else ""
    if not found:
        return "No published figure lies within reach."
    multiple, worst = max(found, key=lambda pair: pair[1].difference)
    if worst.difference <= tolerance:
        return f"What was published near its date agrees to {worst.difference:.0%}.{missing}"
    return (
        f"Against what was published near its date the worst fit is {worst.difference:.0%} off:"
        f" {multiple} against {worst}.{missing}"
    )


def _sensitivity(agreement: Agreement, grid: pd.DataFrame) -> str:
    if agreement.inside is None and agreement.between is None:
        return "There is no other figure for the same quantity, so no tolerance decides."
    words = [
        f"{row.tolerance:.0%}: conflict {row.conflict:.1f} times what is allowed"
        for row in grid.itertuples()
    ]
    return f"With a tolerance between notes of {'; '.join(words)}."
