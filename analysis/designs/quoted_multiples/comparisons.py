"""Which figures of the notes contradict each other, and which differ in what they measure.

Two figures are held against each other only where index, earnings, treatment of loss-makers,
weighting and date are the same. Where one of these differs, or a note does not say it, a
difference can be reconciled and is no contradiction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.designs.quoted_multiples.multiples import (
    Multiple,
    large_of,
    of_note,
    relative_of,
    small_of,
)
from analysis.designs.quoted_multiples.registered import (
    LARGE,
    MEDIAN,
    NOT_SAID,
    PRICE_EARNINGS,
    RELATIVE,
    SMALL,
)

WITHIN, BETWEEN = "inside a note", "between notes"

#: What can reconcile two figures.
OTHER_INDEX, INDEX_NOT_NAMED = "different indices", "an index is not named"
OTHER_EARNINGS, EARNINGS_NOT_SAID = "forward against trailing", "forward or trailing is not said"
OTHER_LOSS_MAKERS = "loss-makers are treated differently"
LOSS_MAKERS_NOT_SAID = "the treatment of loss-makers is not said"
OTHER_WEIGHTING = "a median against a weighted multiple"
OTHER_DATES, OPEN_DATES = "different dates", "the dates are open"
REASONS = (
    *(OTHER_INDEX, INDEX_NOT_NAMED, OTHER_EARNINGS, EARNINGS_NOT_SAID, OTHER_LOSS_MAKERS),
    *(LOSS_MAKERS_NOT_SAID, OTHER_WEIGHTING, OTHER_DATES, OPEN_DATES),
)

#: Differences in floating point are none.
_SLACK = 1e-9


@dataclass(frozen=True)
class Allowance:
    """What may lie between two figures for one quantity.

    Attributes
    ----------
    tolerance : float
        Relative difference that providers of one definition may leave.
    monthly_move : float
        How far a multiple may move in a month, relative.
    """

    tolerance: float
    monthly_move: float


@dataclass(frozen=True)
class Comparison:
    """Two figures of one kind, and side.

    Attributes
    ----------
    figure, other : Multiple
        `other` may be worked out from two figures of the note.
    difference : float
        Relative difference beyond rounding, 0 where the rounded figures meet.
    allowed : float
        What may remain of it between figures of one definition and date.
    where : str
        ``"inside a note"`` or ``"between notes"``.
    reasons : tuple of str
        Why the figures need not be the same; empty where like stands against like.
    """

    figure: Multiple
    other: Multiple
    difference: float
    allowed: float
    where: str
    reasons: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether rounding leaves more of the difference than is allowed."""
        return self.difference > self.allowed + _SLACK

    @property
    def contradicts(self) -> bool:
        """Like stands against like, and rounding does not explain the difference."""
        return self.differs and not self.reasons

    @property
    def claims(self) -> frozenset[str]:
        """Every claim whose printed figures take part."""
        return frozenset(root.claim for root in self.roots)

    @property
    def roots(self) -> tuple[Multiple, ...]:
        """Every printed figure that takes part."""
        return tuple(dict.fromkeys((*self.figure.roots, *self.other.roots)))


def relative_difference(low: float, high: float, other_low: float, other_high: float) -> float:
    """``|a/b − 1|`` between the nearest ends of two ranges, 0 where they meet.

    >>> relative_difference(18.0, 18.0, 16.0, 16.0)
    0.125
    """
    if low > other_high:
        return low / other_high - 1.0
    if high < other_low:
        return 1.0 - high / other_low
    return 0.0


def compare_inside(note: Sequence[Multiple], allowance: Allowance) -> list[Comparison]:
    """Every figure a note states against its other figures, and against what they imply.

    A note's figures are held to its own words: what it leaves open is the same for all figures it
    leaves open. Only printed rounding may lie between them; where the arithmetic reads "large
    caps" as an index, what providers may leave as well.
    """
    stated = [multiple for multiple in note if multiple.stated]
    pairs = [
        (one, other) for one, other in itertools.combinations(stated, 2) if _of_one_kind(one, other)
    ]
    pairs += [(figure, implied) for figure in stated for implied in _implied(figure, stated)]
    return [_compare_inside(one, other, allowance) for one, other in pairs]


def compare_between(multiples: Sequence[Multiple], allowance: Allowance) -> list[Comparison]:
    """Every figure of one kind and side in one note against those of the other notes.

    Figures that are stated enter, and the relative P/Es that follow from them.
    """
    entering = [m for m in multiples if m.stated or m.kind == RELATIVE]
    return [
        _compare_between(one, other, allowance)
        for one, other in itertools.combinations(entering, 2)
        if one.note != other.note and _of_one_kind(one, other)
    ]


def compare_all(multiples: Sequence[Multiple], allowance: Allowance) -> list[Comparison]:
    """All comparisons inside the notes, then all between them."""
    notes = dict.fromkeys(multiple.note for multiple in multiples)
    inside = [c for note in notes for c in compare_inside(of_note(multiples, note), allowance)]
    return inside + compare_between(multiples, allowance)


def largest(comparisons: Iterable[Comparison]) -> Comparison | None:
    """The comparison with the largest difference, None of none."""
    return max(comparisons, key=lambda c: c.difference, default=None)


def months_apart_at_most(one: Multiple, other: Multiple) -> int:
    """Months between the two admissible dates of two figures that lie furthest apart."""
    first, last = (one.first, one.last), (other.first, other.last)
    apart = (
        (last[1].to_period("M") - first[0].to_period("M")).n,
        (first[1].to_period("M") - last[0].to_period("M")).n,
    )
    return max(0, *apart)


def share_a_date(one: Multiple, other: Multiple) -> bool:
    """Whether some day is admissible for both figures."""
    return bool(one.first <= other.last and other.first <= one.last)


def _compare_inside(one: Multiple, other: Multiple, allowance: Allowance) -> Comparison:
    reads_large = other.reads_large or _large_is_read(one, other)
    return Comparison(
        figure=one,
        other=other,
        difference=_difference(one, other),
        allowed=allowance.tolerance if reads_large else 0.0,
        where=WITHIN,
        reasons=_reasons_inside(one, other),
    )


def _compare_between(one: Multiple, other: Multiple, allowance: Allowance) -> Comparison:
    difference, reasons = _difference(one, other), _reasons_between(one, other)
    months = months_apart_at_most(one, other)
    moved = allowance.tolerance + allowance.monthly_move * months
    if not reasons and allowance.tolerance + _SLACK < difference <= moved + _SLACK:
        reasons = (OPEN_DATES,)
    return Comparison(one, other, difference, allowance.tolerance, BETWEEN, reasons)


def _difference(one: Multiple, other: Multiple) -> float:
    return relative_difference(one.least, one.most, other.least, other.most)


def _reasons_inside(one: Multiple, other: Multiple) -> tuple[str, ...]:
    reads_large = one.is_large and _large_is_read(one, other)
    found = []
    if one.index != other.index and not reads_large:
        found.append(INDEX_NOT_NAMED if SMALL in (one.index, other.index) else OTHER_INDEX)
    elif one.against != other.against and not _large_is_read(one, other):
        found.append(OTHER_INDEX)
    found += _unlike("earnings", one, other, OTHER_EARNINGS, EARNINGS_NOT_SAID)
    if not reads_large:
        # an index that stands for "large caps" lends them its own loss-makers
        found += _unlike("loss_makers", one, other, OTHER_LOSS_MAKERS, LOSS_MAKERS_NOT_SAID)
    if (one.weighting == MEDIAN) != (other.weighting == MEDIAN):
        found.append(OTHER_WEIGHTING)
    if not share_a_date(one, other):
        found.append(OTHER_DATES)
    return tuple(found)


def _reasons_between(one: Multiple, other: Multiple) -> tuple[str, ...]:
    """As inside a note, but what a note leaves open need not be what another leaves open."""
    found = list(_reasons_inside(one, other))
    if SMALL in (one.index, other.index) and INDEX_NOT_NAMED not in found:
        found.insert(0, INDEX_NOT_NAMED)
    if NOT_SAID in (one.earnings, other.earnings) and EARNINGS_NOT_SAID not in found:
        found.append(EARNINGS_NOT_SAID)
    if NOT_SAID in (one.loss_makers, other.loss_makers) and LOSS_MAKERS_NOT_SAID not in found:
        found.append(LOSS_MAKERS_NOT_SAID)
    return tuple(sorted(found, key=REASONS.index))


def _unlike(name: str, one: Multiple, other: Multiple, unlike: str, open_: str) -> list[str]:
    values = getattr(one, name), getattr(other, name)
    if values[0] == values[1]:
        return []
    return [open_ if NOT_SAID in values else unlike]


def _large_is_read(one: Multiple, other: Multiple) -> bool:
    sides = (one.index, other.index) if one.is_large else (one.against, other.against)
    return sides[0] != sides[1] and LARGE in sides


def _of_one_kind(one: Multiple, other: Multiple) -> bool:
    return one.kind == other.kind and one.is_large == other.is_large


def _implied(figure: Multiple, stated: Sequence[Multiple]) -> list[Multiple]:
    """The quantity of a figure, worked out from two others of its note and date."""
    rest = [m for m in stated if m is not figure and share_a_date(m, figure)]
    small, large = [m for m in rest if m.is_small], [m for m in rest if m.is_large]
    ratios = [m for m in rest if m.kind == RELATIVE]
    if figure.is_large:
        found = [large_of(s, r) for s in small for r in ratios if share_a_date(s, r)]
    elif figure.kind == RELATIVE:
        found = [relative_of(s, b) for s in small for b in large if share_a_date(s, b)]
    elif figure.kind == PRICE_EARNINGS:
        found = [small_of(r, b) for r in ratios for b in large if share_a_date(r, b)]
    else:
        found = []
    return [multiple for multiple in found if multiple is not None]
