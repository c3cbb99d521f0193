"""Which figures of the notes contradict each other, inside a note and between notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.designs.quoted_multiples.multiples import (
    PRICE_EARNINGS,
    RELATIVE,
    UNNAMED,
    Multiple,
    alike,
    of_note,
    product,
    quotient,
)

WITHIN, BETWEEN = "inside a note", "between notes"


@dataclass(frozen=True)
class Comparison:
    """Two figures for the same quantity.

    Attributes
    ----------
    figure, other : Multiple
    difference : float
        ``|a/b − 1|`` of the nearest ends, 0 where the ranges meet.
    where : str
        ``"inside a note"`` or ``"between notes"``.
    """

    figure: Multiple
    other: Multiple
    difference: float
    where: str


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


def compare(figure: Multiple, other: Multiple, where: str) -> Comparison:
    """Set one figure against another."""
    gap = relative_difference(figure.low, figure.high, other.low, other.high)
    return Comparison(figure, other, gap, where)


def compare_inside(note: Sequence[Multiple]) -> list[Comparison]:
    """Every figure a note prints against what the note's other figures say of the same quantity.

    Parameters
    ----------
    note : sequence of Multiple
        Everything one note prints.
    """
    printed = [multiple for multiple in note if multiple.printed]
    return [
        compare(figure, other, WITHIN)
        for figure in printed
        for other in (*_restatements(figure, printed), *_consequences(figure, printed))
    ]


def compare_between(claim: str, multiples: Sequence[Multiple]) -> list[Comparison]:
    """Every figure of a claim, printed or implied, against the other notes' for that quantity.

    Where one side names no small-cap index, it meets only the nearest of the other note's.

    Parameters
    ----------
    claim : str
    multiples : sequence of Multiple
        All notes, printed and implied.
    """
    own = [multiple for multiple in multiples if multiple.claim == claim]
    home = {multiple.note for multiple in own}
    others = dict.fromkeys(m.note for m in multiples if m.note not in home)
    return [
        compare(figure, other, BETWEEN)
        for note in others
        for figure in own
        for other in _counterparts(
            figure, of_note(multiples, note), of_note(multiples, figure.note)
        )
    ]


def largest(comparisons: Iterable[Comparison]) -> Comparison | None:
    """The comparison with the largest difference, None of none."""
    return max(comparisons, key=lambda c: c.difference, default=None)


def _restatements(figure: Multiple, printed: Sequence[Multiple]) -> list[Multiple]:
    """The same quantity, printed a second time in the note."""
    return [m for m in printed if m is not figure and _same_quantity(figure, m)]


def _consequences(figure: Multiple, printed: Sequence[Multiple]) -> list[Multiple]:
    """The same quantity, worked out from two other figures of the note."""
    rest = [m for m in printed if m is not figure and m.earnings == figure.earnings]
    small = [m for m in rest if m.is_small and (figure.is_large or alike(m.index, figure.index))]
    large = [m for m in rest if m.is_large]
    ratios = [
        m for m in rest if m.kind == RELATIVE and (figure.is_large or alike(m.index, figure.index))
    ]
    if figure.is_large:
        return [
            quotient(s, r, PRICE_EARNINGS, figure.index)
            for s in small
            for r in ratios
            if alike(s.index, r.index)
        ]
    if figure.kind == RELATIVE:
        return [quotient(s, b, RELATIVE, figure.index) for s in small for b in large]
    if figure.kind == PRICE_EARNINGS:
        return [product(r, b, figure.index) for r in ratios for b in large]
    return []


def _counterparts(
    figure: Multiple, others: Sequence[Multiple], home: Sequence[Multiple]
) -> list[Multiple]:
    same = [m for m in others if m.kind == figure.kind and m.earnings == figure.earnings]
    if figure.is_large:
        return [m for m in same if m.is_large]
    same = [m for m in same if not m.is_large]
    if figure.index == UNNAMED:
        return _nearest(figure, same)
    named = [m for m in same if m.index == figure.index]
    siblings = [
        m
        for m in home
        if m.kind == figure.kind and m.earnings == figure.earnings and not m.is_large
    ]
    unnamed = [m for m in same if m.index == UNNAMED and _nearest(m, siblings) == [figure]]
    return named + unnamed


def _nearest(figure: Multiple, others: Sequence[Multiple]) -> list[Multiple]:
    def distance(other: Multiple) -> float:
        return relative_difference(figure.low, figure.high, other.low, other.high)

    return [min(others, key=distance)] if others else []


def _same_quantity(one: Multiple, other: Multiple) -> bool:
    if (one.kind, one.earnings) != (other.kind, other.earnings) or one.is_large != other.is_large:
        return False
    return one.is_large or alike(one.index, other.index)
