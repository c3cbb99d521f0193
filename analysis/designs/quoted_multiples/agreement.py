"""Whether the multiples of one claim agree with its note, the other notes and with print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.claims import publisher_of
from analysis.designs.quoted_multiples.comparisons import (
    WITHIN,
    Allowance,
    Comparison,
    compare_all,
    largest,
)
from analysis.designs.quoted_multiples.multiples import Multiple, stated_multiples
from analysis.designs.quoted_multiples.published import Published
from analysis.designs.quoted_multiples.registered import PRICE_EARNINGS, Quoting
from analysis.designs.quoted_multiples.standing import (
    CONTRADICTED,
    MATCHED,
    UNPUBLISHED,
    Standing,
    standing_of,
)
from analysis.results import Finding, number_word


@dataclass(frozen=True)
class Agreement:
    """How one claim's figures agree.

    Attributes
    ----------
    conflicts : tuple of Comparison
        Contradictions of like with like in which the claim takes part: all inside its note, and
        those with another note's figure where print does not confirm the claim's own.
    compared : int
        Comparisons of like with like in which it takes part.
    standings : tuple of Standing
        Of each multiple the claim states.
    """

    conflicts: tuple[Comparison, ...]
    compared: int
    standings: tuple[Standing, ...]

    def count(self, status: str) -> int:
        """How many of the claim's figures have a status."""
        return sum(standing.status == status for standing in self.standings)

    @property
    def luck(self) -> float:
        """The largest share of comparable figures that would have matched in a figure's place."""
        return max((standing.luck for standing in self.standings), default=0.0)

    @property
    def as_near(self) -> float:
        """The largest share of comparable figures as near to print as the claim's."""
        return max((standing.as_near for standing in self.standings), default=0.0)

    @property
    def furthest(self) -> Standing | None:
        """The figure furthest from its nearest print; None where nothing was published."""
        found = [s for s in self.standings if s.difference is not None]
        return max(found, key=lambda s: s.difference or 0.0, default=None)


def agreement_of(
    quoting: Quoting,
    multiples: Sequence[Multiple],
    published: Sequence[Published],
    tolerance: float | None = None,
) -> Agreement:
    """How one claim's figures agree with all notes' and with those published.

    Parameters
    ----------
    quoting : Specification
    multiples : sequence of Multiple
        All notes, stated and implied.
    published : sequence of Published
    tolerance : float, optional
        In place of the registered one.
    """
    arguments = quoting.arguments
    leave = arguments.tolerance if tolerance is None else tolerance
    standings = tuple(
        standing_of(multiple, published, leave) for multiple in stated_multiples(quoting)
    )
    confirmed = {s.multiple for s in standings if s.status == MATCHED}
    taking_part = [
        c
        for c in compare_all(multiples, Allowance(leave, arguments.monthly_move))
        if quoting.claim in c.claims and not c.reasons
    ]
    return Agreement(
        conflicts=tuple(
            c
            for c in taking_part
            if c.contradicts and (c.where == WITHIN or not _is_confirmed(c, quoting, confirmed))
        ),
        compared=len(taking_part),
        standings=standings,
    )


def agreement_finding(quoting: Quoting, agreement: Agreement, grid: pd.DataFrame) -> Finding:
    """The finding on one claim about multiples.

    Refused where nothing contradicts the claim, and print is silent on one of its figures.

    Parameters
    ----------
    quoting : Specification
    agreement : Agreement
    grid : DataFrame
        From :func:`tolerance_grid`.
    """
    contradicted = agreement.count(CONTRADICTED)
    if not agreement.conflicts and not contradicted and agreement.count(UNPUBLISHED):
        return Finding.refused(_silence(agreement.standings))
    first, last = _sample(quoting, agreement.standings)
    worst, furthest = largest(agreement.conflicts), agreement.furthest
    off = 0.0 if furthest is None else float(furthest.difference or 0.0)
    return Finding(
        estimate=off if worst is None else worst.difference,
        unit="decimal difference from the figure it is held against",
        null="the figures were drawn from all that was published for indices of their side",
        n=agreement.compared + sum(len(s.prints) for s in agreement.standings),
        sample_start=first,
        sample_end=last,
        finding=" ".join(filter(None, _findings(agreement))),
        sensitivity=_sensitivity(grid),
        measures={
            "conflicts": len(agreement.conflicts),
            "contradicted_figures": contradicted,
            "matched_figures": agreement.count(MATCHED),
            "unpublished_figures": agreement.count(UNPUBLISHED),
            "luck": agreement.luck,
        },
        joint_p=agreement.as_near if _matches_all(agreement) else None,
        luck=agreement.luck if _matches_all(agreement) else None,
    )


def tolerance_grid(
    quoting: Quoting, multiples: Sequence[Multiple], published: Sequence[Published]
) -> pd.DataFrame:
    """What every registered tolerance gives.

    Returns
    -------
    DataFrame
        ``tolerance, conflicts, contradicted, unpublished, luck, reason``.
    """
    rows = []
    for tolerance in map(float, quoting.grid.get("tolerance", ())):
        found = agreement_of(quoting, multiples, published, tolerance)
        counts = found.count(CONTRADICTED), found.count(UNPUBLISHED)
        rows.append((tolerance, len(found.conflicts), *counts, found.luck, ""))
    columns = ["tolerance", "conflicts", "contradicted", "unpublished", "luck", "reason"]
    return pd.DataFrame(rows, columns=columns)


def _is_confirmed(pair: Comparison, quoting: Quoting, confirmed: Iterable[Multiple]) -> bool:
    """Whether print confirms every figure with which a claim takes part in a comparison."""
    return {root for root in pair.roots if root.claim == quoting.claim} <= set(confirmed)


def _matches_all(agreement: Agreement) -> bool:
    return agreement.count(MATCHED) == len(agreement.standings)


def _sample(quoting: Quoting, standings: Sequence[Standing]) -> tuple[str, str]:
    """First and last month of the prints used, or of the claim's own dates."""
    days = [day for s in standings for p in s.prints for day in (p.first, p.last)]
    days = days or [pd.Timestamp(quoting.arguments.first), pd.Timestamp(quoting.arguments.last)]
    return f"{min(days):%Y-%m}", f"{max(days):%Y-%m}"


def _silence(standings: Sequence[Standing]) -> str:
    silent = [s for s in standings if s.status == UNPUBLISHED]
    words = "; ".join(f"{s.multiple.words} for {s.multiple.sides}: {_missing(s)}" for s in silent)
    return (
        f"too little was published by the same definition for the dates the note admits ({words})"
    )


def _missing(standing: Standing) -> str:
    missing = " or ".join(str(reading) for reading in standing.missing)
    return f"no {missing}, {standing.multiple.dates}"


def _findings(agreement: Agreement) -> list[str]:
    return [_conflict_words(agreement), _print_words(agreement), _luck_words(agreement)]


def _conflict_words(agreement: Agreement) -> str:
    worst = largest(agreement.conflicts)
    if worst is None:
        return ""
    if worst.where == WITHIN:
        return (
            f"The note contradicts itself: it prints {worst.figure.words} for"
            f" {worst.figure.sides}, and its other figures make that {worst.other.words}"
            f"{'' if worst.other.printed else f' ({worst.other.source})'}."
        )
    times = " times earnings" if worst.figure.kind == PRICE_EARNINGS else ""
    return (
        f"Two notes cannot both be right: one says {worst.figure.words}{times} for"
        f" {worst.figure.sides} ({_whose(worst.figure)}), the other {worst.other.words}"
        f" ({_whose(worst.other)}), by the same earnings and for the same dates."
    )


def _whose(figure: Multiple) -> str:
    """Who published a figure, and how it follows from what is printed where it is not."""
    who = publisher_of(figure.note)
    return who if figure.printed else f"{who}, {figure.source}"


def _print_words(agreement: Agreement) -> str:
    total = len(agreement.standings)
    if _matches_all(agreement):
        what = "The figure agrees" if total == 1 else f"All {number_word(total)} figures agree"
        return f"{what} with what was published by the same definition for the same dates."
    wrong = [s for s in agreement.standings if s.status == CONTRADICTED]
    if wrong:
        worst = max(wrong, key=lambda s: s.difference or 0.0)
        own = worst.multiple
        return (
            f"Nobody published {own.words} for {own.sides}, {own.dates}: the nearest figure by the"
            f" same definition is {worst.nearest}."
        )
    matched = [s.multiple.words for s in agreement.standings if s.status == MATCHED]
    if matched:
        return f"Print agrees with {' and '.join(matched)}, and is silent on the rest."
    return "Nothing was published by the same definition for the same dates."


def _luck_words(agreement: Agreement) -> str:
    if not _matches_all(agreement):
        return ""
    return (
        f"Of the figures published for other indices and months, {agreement.luck:.0%} would have"
        " matched as well."
    )


def _sensitivity(grid: pd.DataFrame) -> str:
    words = [
        f"{row.tolerance:.1%}: {row.conflicts} contradiction{'s' * (row.conflicts != 1)} between"
        f" figures, {row.contradicted}"
        f" by print, luck {row.luck:.0%}"
        for row in grid.itertuples()
    ]
    return f"If providers may differ by {'; by '.join(words)}." if words else ""
