"""Every multiple the notes print, as it is registered, and the multiples that follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import Month, Tolerance
from analysis.designs.registry import Arguments, Specification

PRICE_EARNINGS, RELATIVE, USUAL = "P/E", "relative P/E", "usual relative P/E"
UNNAMED, LARGE = "small caps", "large caps"
LARGE_INDICES = (LARGE, "S&P 500", "Russell 1000")
SMALL_INDICES = (
    "Russell 2000",
    "S&P 600",
    "Small vs large (Leuthold universe)",
    "US small caps (Leuthold universe)",
)
PRINTED = "printed"

Value = Annotated[float, Field(gt=0, le=1000, description="times earnings, or a ratio")]


class PrintedMultiple(Arguments):
    """One multiple as a note prints it; a discount d is a relative P/E of 1 − d.

    Attributes
    ----------
    kind : str
        ``"P/E"`` (times earnings), ``"relative P/E"`` (small over large) or ``"usual relative
        P/E"``.
    index : str
        The index, for relative multiples that of the small side; ``"small caps"`` and ``"large
        caps"`` where none is named.
    earnings : str
        ``"forward"`` or ``"trailing"``; a P/E not said to be trailing counts as forward.
    low, high : float
        Equal for a single figure.
    stated : bool
        False where the note does not say whether earnings are forward or trailing.
    """

    kind: Literal["P/E", "relative P/E", "usual relative P/E"]
    index: Literal["Russell 2000", "S&P 600", "S&P 500", "Russell 1000", "small caps", "large caps"]
    earnings: Literal["forward", "trailing"]
    low: Value
    high: Value
    stated: bool = True

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) is above high ({self.high:g})")
        return self


class QuotedMultiplesArguments(Arguments):
    """The multiples a claim quotes, and what rounding and definitions may leave between them."""

    note: Annotated[str, Field(pattern=r"^\d{3}$", description="the note that prints them")]
    note_date: Month
    multiples: Annotated[list[PrintedMultiple], Field(min_length=1)]
    times_usual: Annotated[
        float | None, Field(gt=1, description="the discount is more than so many times the usual")
    ] = None
    tolerance: Annotated[
        Tolerance, Field(description="relative difference providers' definitions may leave")
    ]
    rounding: Annotated[
        Tolerance, Field(description="relative difference rounding may leave inside a note")
    ]
    reach: Annotated[
        int, Field(ge=1, le=24, description="months a published figure may lie from the note")
    ]


Quoting = Specification[QuotedMultiplesArguments]


@dataclass(frozen=True)
class Multiple:
    """One multiple of one note, printed or implied.

    Attributes
    ----------
    note, claim : str
        Document and claim it belongs to.
    month : Period
        The note's month as the claim registers it.
    kind, index, earnings, low, high, stated
        As in :class:`PrintedMultiple`.
    source : str
        ``"printed"``, or the arithmetic behind an implied value.
    parts : tuple of Multiple
        The figures an implied value was worked out from; empty for a printed one.
    """

    note: str
    claim: str
    month: pd.Period
    kind: str
    index: str
    earnings: str
    low: float
    high: float
    source: str = PRINTED
    stated: bool = True
    parts: tuple[Multiple, ...] = ()

    @property
    def printed(self) -> bool:
        return not self.parts

    @property
    def roots(self) -> tuple[Multiple, ...]:
        """The printed figures it rests on: itself, or all of its parts'."""
        return (self,) if self.printed else tuple(r for part in self.parts for r in part.roots)

    @property
    def is_large(self) -> bool:
        return self.kind == PRICE_EARNINGS and self.index in LARGE_INDICES

    @property
    def is_small(self) -> bool:
        return self.kind == PRICE_EARNINGS and self.index not in LARGE_INDICES

    @property
    def value(self) -> float:
        """Middle of the range."""
        return (self.low + self.high) / 2.0

    @property
    def words(self) -> str:
        """The figure, or the range, as text."""
        digits = 1 if self.kind == PRICE_EARNINGS else 2
        ends = (f"{end:.{digits}f}" for end in (self.low, self.high))
        return " to ".join(dict.fromkeys(ends))

    def __str__(self) -> str:
        how = "" if self.printed else f" ({self.source})"
        return f"{self.words} for {self.index}, note {self.note}{how}"


def printed_multiples(quoting: Quoting) -> tuple[Multiple, ...]:
    """The multiples a claim prints."""
    arguments = quoting.arguments
    return tuple(
        Multiple(
            note=arguments.note,
            claim=quoting.claim,
            month=pd.Period(arguments.note_date, "M"),
            **dict(registered),
        )
        for registered in arguments.multiples
    )


def implied_multiples(quoting: Quoting, note: Sequence[Multiple]) -> tuple[Multiple, ...]:
    """What follows from a claim's printed multiples.

    A small and a large P/E give a relative one; a small P/E without a large one gives the large
    one by the claim's relative P/E, or else the note's; "more than n times the usual discount"
    gives a usual relative P/E from 1 − d/n to 1.

    Parameters
    ----------
    quoting : Specification
    note : sequence of Multiple
        Everything the note prints.
    """
    own = [multiple for multiple in note if multiple.claim == quoting.claim]
    small = [multiple for multiple in own if multiple.is_small]
    large = [multiple for multiple in own if multiple.is_large]
    ratios = [m for m in own if m.kind == RELATIVE] or [m for m in note if m.kind == RELATIVE]
    found = [quotient(s, big, RELATIVE, s.index) for s in small for big in large]
    if not large:
        found += [
            quotient(s, r, PRICE_EARNINGS, LARGE)
            for s in small
            for r in ratios
            if alike(s.index, r.index)
        ]
    return (*found, *_usual(quoting.arguments.times_usual, own))


def quotations(claims: Iterable[Quoting]) -> tuple[Multiple, ...]:
    """All multiples of all notes, printed and implied, in the order of the claims."""
    chosen = tuple(claims)
    printed = [multiple for quoting in chosen for multiple in printed_multiples(quoting)]
    implied = [
        multiple
        for quoting in chosen
        for multiple in implied_multiples(quoting, of_note(printed, quoting.arguments.note))
    ]
    return (*printed, *implied)


def of_note(multiples: Iterable[Multiple], note: str) -> list[Multiple]:
    """The multiples of one note."""
    return [multiple for multiple in multiples if multiple.note == note]


def quotient(one: Multiple, other: Multiple, kind: str, index: str) -> Multiple:
    """One multiple over another: a relative P/E, or the P/E that a relative one implies."""
    ends = one.low / other.high, one.high / other.low
    return worked_out(kind, index, ends, f"{one.value:g} ÷ {other.value:g}", one, other)


def product(one: Multiple, other: Multiple, index: str) -> Multiple:
    """The P/E that a relative one and the other side's P/E imply."""
    ends = one.low * other.low, one.high * other.high
    words = f"{one.value:g} × {other.value:g}"
    return worked_out(PRICE_EARNINGS, index, ends, words, one, other)


def worked_out(
    kind: str, index: str, ends: tuple[float, float], words: str, *parts: Multiple
) -> Multiple:
    """An implied multiple; it belongs to the claim of its first part."""
    first = parts[0]
    return Multiple(
        note=first.note,
        claim=first.claim,
        month=first.month,
        kind=kind,
        index=index,
        earnings=first.earnings,
        low=ends[0],
        high=ends[1],
        source=words,
        stated=all(part.stated for part in parts),
        parts=parts,
    )


def alike(one: str, other: str) -> bool:
    """True where two small-cap indices can be the same: equal, or one of them not named."""
    return one == other or UNNAMED in (one, other)


def _usual(times: float | None, own: Sequence[Multiple]) -> list[Multiple]:
    """The usual relative P/E that a discount of more than so many times the usual one implies."""
    if times is None:
        return []
    return [
        worked_out(
            USUAL,
            ratio.index,
            (1.0 - (1.0 - ratio.value) / times, 1.0),
            f"1 − {1.0 - ratio.value:.2f} ÷ {times:g}, or above",
            ratio,
        )
        for ratio in own
        if ratio.kind == RELATIVE
    ]
