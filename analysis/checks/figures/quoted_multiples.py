"""Every multiple the notes print, in one form, and the multiples that follow from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.claims import Claim, Figure
from analysis.results import InputError

PRICE_EARNINGS, RELATIVE, USUAL = "P/E", "relative P/E", "usual relative P/E"
UNNAMED, LARGE = "small caps", "large caps"
LARGE_INDICES = (LARGE, "S&P 500", "Russell 1000")
PRINTED = "printed"

_MULTIPLE = re.compile(r"^(?:(forward|trailing) )?P/E of (?:the )?(.+)$")
_RELATIVE = re.compile(r"^(usual )?relative (?:forward |trailing )?P/E$")
_DISCOUNT = re.compile(r"^discount(?: to large caps)?$")
_USUAL_END = re.compile(r"^(lower|upper) end of the usual discount$")
_SPREAD = "multiple of the usual spread"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Multiple:
    """One multiple of one note.

    Attributes
    ----------
    note, claim : str
        Document and claim it belongs to.
    month : Period
        The note's month as the claim registers it.
    kind : str
        ``"P/E"`` (times earnings), ``"relative P/E"`` (small over large) or ``"usual relative
        P/E"``.
    index : str
        The index, for relative multiples that of the small side; ``"small caps"`` and ``"large
        caps"`` where none is named.
    earnings : str
        ``"forward"`` or ``"trailing"``.
    low, high : float
        Equal for a single figure.
    source : str
        ``"printed"``, or the arithmetic behind an implied value.
    stated : bool
        False where the note does not say whether earnings are forward or trailing.
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


def is_quotation(claim: Claim) -> bool:
    """True for a claim whose figures are multiples, judged by their agreement."""
    return "conflict" in claim.criterion.measures()


def printed_multiples(claim: Claim) -> tuple[Multiple, ...]:
    """The multiples a claim prints; a discount d is a relative P/E of 1 − d.

    Raises
    ------
    InputError
        For a figure whose name is of no known form.
    """
    read = {figure.name: figure for figure in claim.figures}
    found = [_price_earnings(claim, figure) for figure in claim.figures if "P/E of" in figure.name]
    small = {multiple.index for multiple in found if multiple.is_small}
    index = small.pop() if len(small) == 1 else UNNAMED
    ends = [float(f.value) / 100.0 for f in claim.figures if _USUAL_END.match(f.name)]
    if ends:
        found.append(_multiple(claim, USUAL, index, 1.0 - max(ends), 1.0 - min(ends)))
    for name, figure in read.items():
        if _DISCOUNT.match(name):
            ratio = 1.0 - float(figure.value) / 100.0
            found.append(_multiple(claim, RELATIVE, index, ratio, ratio))
        elif match := _RELATIVE.match(name):
            kind = USUAL if match.group(1) else RELATIVE
            found.append(_multiple(claim, kind, index, float(figure.value), float(figure.value)))
        elif name != _SPREAD and not _MULTIPLE.match(name) and not _USUAL_END.match(name):
            raise InputError(
                f"claim {claim.id!r}: figure {name!r} is no multiple of a known form; name it like"
                " 'forward P/E of the Russell 2000', 'relative forward P/E' or 'discount'"
            )
    return tuple(found)


def implied_multiples(claim: Claim, note: Sequence[Multiple]) -> tuple[Multiple, ...]:
    """What follows from a claim's printed multiples.

    A small and a large P/E give a relative one; a small P/E without a large one gives the large
    one by the claim's relative P/E, or else the note's; "more than n times the usual spread" gives
    a usual relative P/E from 1 − d/n to 1.

    Parameters
    ----------
    claim : Claim
    note : sequence of Multiple
        Everything the note prints.
    """
    own = [multiple for multiple in note if multiple.claim == claim.id]
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
    return (*found, *_usual_of_spread(claim, own))


def quotations(claims: Mapping[str, Claim]) -> tuple[Multiple, ...]:
    """All multiples of all notes, printed and implied, in the order of the claims."""
    chosen = [claim for claim in claims.values() if is_quotation(claim)]
    printed = [multiple for claim in chosen for multiple in printed_multiples(claim)]
    implied = [
        multiple
        for claim in chosen
        for multiple in implied_multiples(claim, of_note(printed, claim.documents[0]))
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


def _price_earnings(claim: Claim, figure: Figure) -> Multiple:
    match = _MULTIPLE.match(figure.name)
    if match is None:
        raise InputError(f"claim {claim.id!r}: figure {figure.name!r} is no P/E of a known form")
    value = float(figure.value)
    return _multiple(
        claim, PRICE_EARNINGS, match.group(2), value, value, stated=bool(match.group(1))
    )


def _multiple(
    claim: Claim, kind: str, index: str, low: float, high: float, stated: bool = True
) -> Multiple:
    return Multiple(
        note=claim.documents[0],
        claim=claim.id,
        month=pd.Period(str(claim.primary["note_date"]), "M"),
        kind=kind,
        index=index,
        earnings=str(claim.primary["earnings"]),
        low=round(low, 10),
        high=round(high, 10),
        stated=stated,
    )


def _usual_of_spread(claim: Claim, own: Sequence[Multiple]) -> list[Multiple]:
    said = next((f.value for f in claim.figures if f.name == _SPREAD), None)
    number = _NUMBER.search(str(said)) if said is not None else None
    if number is None:
        return []
    times = float(number.group())
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
