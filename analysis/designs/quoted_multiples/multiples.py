"""The multiples of a note, printed and worked out from what it prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.claims import publisher_of
from analysis.designs.quoted_multiples.registered import (
    LARGE,
    LARGE_INDICES,
    PRICE_EARNINGS,
    RELATIVE,
    SCREENED,
    SCREENED_INDICES,
    USUAL,
    Quoting,
    leeway,
)

PRINTED = "printed"


@dataclass(frozen=True)
class Multiple:
    """One multiple of one note, printed or implied.

    Attributes
    ----------
    note, claim : str
        Document and claim it belongs to.
    first, last : Timestamp
        The days the note's words admit.
    kind, index, against, earnings, loss_makers, weighting, low, high
        As in :class:`analysis.designs.quoted_multiples.registered.PrintedMultiple`.
    least, most : float
        Between these the figure lies: its printed rounding, or ``ABOUT`` where a word says so.
    last_digit : float
        0 for an implied value.
    about : bool
    source : str
        ``"printed"``, or the arithmetic behind an implied value.
    parts : tuple of Multiple
        The figures an implied value was worked out from; empty for a printed one.
    reads_large : bool
        Whether the arithmetic took "large caps" for an index of that side.
    """

    note: str
    claim: str
    first: pd.Timestamp
    last: pd.Timestamp
    kind: str
    index: str
    against: str | None
    earnings: str
    loss_makers: str
    weighting: str
    low: float
    high: float
    least: float
    most: float
    last_digit: float = 0.0
    about: bool = False
    source: str = PRINTED
    parts: tuple[Multiple, ...] = ()
    reads_large: bool = False

    @property
    def printed(self) -> bool:
        """Whether the note prints it, so that it was not worked out from others."""
        return not self.parts

    @property
    def stated(self) -> bool:
        """Whether the note says it: printed, or put as so many times the usual discount."""
        return self.printed or self.kind == USUAL

    @property
    def roots(self) -> tuple[Multiple, ...]:
        """The printed figures it rests on: itself, or all of its parts'."""
        return (self,) if self.printed else tuple(r for part in self.parts for r in part.roots)

    @property
    def is_large(self) -> bool:
        """Whether it is a P/E of large caps."""
        return self.kind == PRICE_EARNINGS and self.index in (LARGE, *LARGE_INDICES)

    @property
    def is_small(self) -> bool:
        """Whether it is a P/E of small caps."""
        return self.kind == PRICE_EARNINGS and not self.is_large

    @property
    def value(self) -> float:
        """Middle of the range."""
        return (self.low + self.high) / 2.0

    @property
    def sides(self) -> str:
        """The index, or both sides of a relative multiple."""
        return self.index if self.against is None else f"{self.index} against {self.against}"

    @property
    def words(self) -> str:
        """The figure, or the range, as text."""
        digits = 1 if self.kind == PRICE_EARNINGS else 2
        if self.last_digit:
            digits = max(0, round(-_exponent(self.last_digit)))
        ends = (f"{end:.{digits}f}" for end in (self.low, self.high))
        return " to ".join(dict.fromkeys(ends))

    @property
    def dates(self) -> str:
        """The admissible days as text."""
        return dates_in_words(self.first, self.last)

    def __str__(self) -> str:
        how = "" if self.printed else f" ({self.source})"
        return f"{self.words} for {self.sides}, {publisher_of(self.note)}{how}"


def printed_multiples(quoting: Quoting) -> tuple[Multiple, ...]:
    """The multiples a claim prints."""
    arguments = quoting.arguments
    return tuple(
        Multiple(
            note=arguments.note,
            claim=quoting.claim,
            first=pd.Timestamp(arguments.first),
            last=pd.Timestamp(arguments.last),
            least=registered.low - leeway(registered, registered.low),
            most=registered.high + leeway(registered, registered.high),
            **dict(registered),
        )
        for registered in arguments.multiples
    )


def stated_multiples(quoting: Quoting) -> tuple[Multiple, ...]:
    """What a claim says: the multiples it prints, and the usual one behind "so many times"."""
    printed = printed_multiples(quoting)
    return (*printed, *_usual(quoting.arguments.times_usual, printed))


def implied_multiples(quoting: Quoting) -> tuple[Multiple, ...]:
    """What follows from a claim's printed multiples of one definition.

    A small and a large P/E give a relative one; a small P/E and a relative one of the same small
    index give the P/E of the relative one's large side.
    """
    own = printed_multiples(quoting)
    small = [multiple for multiple in own if multiple.is_small]
    large = [multiple for multiple in own if multiple.is_large]
    found = [relative_of(s, big) for s in small for big in large]
    if not large:
        found += [large_of(s, r) for s in small for r in own if r.kind == RELATIVE]
    return tuple(multiple for multiple in found if multiple is not None)


def quotations(claims: Iterable[Quoting]) -> tuple[Multiple, ...]:
    """All multiples of all notes, stated and implied, in the order of the claims."""
    chosen = tuple(claims)
    stated = [multiple for quoting in chosen for multiple in stated_multiples(quoting)]
    implied = [multiple for quoting in chosen for multiple in implied_multiples(quoting)]
    return (*stated, *implied)


def of_note(multiples: Iterable[Multiple], note: str) -> list[Multiple]:
    """The multiples of one note."""
    return [multiple for multiple in multiples if multiple.note == note]


def relative_of(small: Multiple, large: Multiple) -> Multiple | None:
    """The relative P/E of two P/Es; None where their earnings differ."""
    if small.earnings != large.earnings:
        return None
    found = _quotient(small, large, RELATIVE, small.index)
    return replace(found, against=large.index)


def large_of(small: Multiple, ratio: Multiple) -> Multiple | None:
    """The large-cap P/E behind a small-cap and a relative one; None for unlike definitions."""
    if not _same_small_side(small, ratio):
        return None
    large = str(ratio.against)
    found = _quotient(small, ratio, PRICE_EARNINGS, large)
    screened = SCREENED if large in SCREENED_INDICES else small.loss_makers
    return replace(found, loss_makers=screened)


def small_of(ratio: Multiple, large: Multiple) -> Multiple | None:
    """The small-cap P/E behind a relative and a large-cap one; None for unlike definitions."""
    link = _large_link(str(ratio.against), large.index)
    if link is None or ratio.earnings != large.earnings:
        return None
    return _worked_out(
        PRICE_EARNINGS,
        ratio.index,
        (ratio.low * large.low, ratio.high * large.high),
        (ratio.least * large.least, ratio.most * large.most),
        f"{ratio.value:g} × {large.value:g}",
        (ratio, large),
        reads_large=link,
    )


def dates_in_words(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Days as a sentence has them: October to December 2025, 1 to 15 January 2026."""
    if first == last:
        return f"{first.day} {first:%B %Y}"
    same_year, same_month = first.year == last.year, first.to_period("M") == last.to_period("M")
    if first.day == 1 and last.is_month_end:
        if same_month:
            return f"{first:%B %Y}"
        return f"{first:%B}{'' if same_year else f' {first.year}'} to {last:%B %Y}"
    start = f"{first.day}{'' if same_month else f' {first:%B}'}"
    return f"{start}{'' if same_year else f' {first.year}'} to {last.day} {last:%B %Y}"


def _exponent(unit: float) -> int:
    return int(f"{unit:e}".partition("e")[2])


def _same_small_side(small: Multiple, ratio: Multiple) -> bool:
    definitions = [(m.index, m.earnings, m.loss_makers) for m in (small, ratio)]
    return definitions[0] == definitions[1]


def _large_link(one: str, other: str) -> bool | None:
    """Whether two large sides are one only if "large caps" is read as an index; None if two."""
    if one == other:
        return False
    return True if LARGE in (one, other) else None


def _quotient(one: Multiple, other: Multiple, kind: str, index: str) -> Multiple:
    return _worked_out(
        kind,
        index,
        (one.low / other.high, one.high / other.low),
        (one.least / other.most, one.most / other.least),
        f"{one.value:g} ÷ {other.value:g}",
        (one, other),
    )


def _worked_out(
    kind: str,
    index: str,
    ends: tuple[float, float],
    span: tuple[float, float],
    words: str,
    parts: tuple[Multiple, ...],
    reads_large: bool = False,
) -> Multiple:
    """An implied multiple; all but its value is that of its first part."""
    return replace(
        parts[0],
        kind=kind,
        index=index,
        against=None,
        low=ends[0],
        high=ends[1],
        least=span[0],
        most=span[1],
        last_digit=0.0,
        about=False,
        source=words,
        parts=parts,
        reads_large=reads_large,
    )


def _usual(times: float | None, own: Sequence[Multiple]) -> list[Multiple]:
    """The usual relative P/E that a discount of more than so many times the usual one implies."""
    if times is None:
        return []
    found = []
    for ratio in (multiple for multiple in own if multiple.kind == RELATIVE):
        ends = 1.0 - (1.0 - ratio.value) / times, 1.0
        words = f"1 − {1.0 - ratio.value:.2f} ÷ {times:g}, or above"
        made = _worked_out(USUAL, ratio.index, ends, ends, words, (ratio,))
        found.append(replace(made, against=ratio.against, last_digit=ratio.last_digit))
    return found
