"""What was published by a figure's own definition, for the dates its note admits.

What a note leaves open is open: a figure without a named index, earnings or treatment of
loss-makers may match any of them, and is contradicted only where each was published and none
matches.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.designs.quoted_multiples.comparisons import relative_difference
from analysis.designs.quoted_multiples.multiples import Multiple
from analysis.designs.quoted_multiples.published import Published
from analysis.designs.quoted_multiples.registered import (
    ABOUT,
    EXCLUDED,
    FORWARD,
    INCLUDED,
    LARGE,
    LARGE_INDICES,
    MEDIAN,
    NOT_SAID,
    PRICE_EARNINGS,
    SCREENED,
    SCREENED_INDICES,
    SMALL,
    SMALL_INDICES,
    TRAILING,
)

MATCHED, CONTRADICTED, UNPUBLISHED = "matched", "contradicted", "not published"

#: Differences in floating point are none.
_SLACK = 1e-9


@dataclass(frozen=True)
class Reading:
    """One definition that a note's words admit: index, earnings and treatment of loss-makers."""

    index: str
    earnings: str
    loss_makers: str

    def __str__(self) -> str:
        treatment = {INCLUDED: "with loss-makers", EXCLUDED: "without loss-makers"}
        return " ".join(
            filter(None, (self.earnings, self.index, treatment.get(self.loss_makers, "")))
        )


@dataclass(frozen=True)
class Standing:
    """One figure of a note among what was published.

    Attributes
    ----------
    multiple : Multiple
    prints : tuple of Published
        By the figure's definition, for an admissible date.
    missing : tuple of Reading
        Admitted definitions by which nothing was published for an admissible date.
    comparable : tuple of Published
        All published figures of its kind and side, any index, definition and month.
    ever : tuple of Published
        By the figure's definition, at any date.
    tolerance : float
    """

    multiple: Multiple
    prints: tuple[Published, ...]
    missing: tuple[Reading, ...]
    comparable: tuple[Published, ...]
    ever: tuple[Published, ...]
    tolerance: float

    @cached_property
    def status(self) -> str:
        """``"matched"``, ``"contradicted"`` or ``"not published"``."""
        if any(self._is_near(self.multiple.low, self.multiple.high, p) for p in self.prints):
            return MATCHED
        return UNPUBLISHED if self.missing else CONTRADICTED

    @cached_property
    def luck(self) -> float:
        """Share of comparable figures that would have matched in this one's place.

        Every index and month counts once, with the share of its figures that would have matched.
        """
        return self._share(self._matches)

    @cached_property
    def as_near(self) -> float:
        """Share of comparable figures that would have come as near to print, or nearer."""
        own = self._distance(self.multiple.low, self.multiple.high)
        return self._share(lambda low, high: self._distance(low, high) <= own + _SLACK)

    @cached_property
    def nearest(self) -> Published | None:
        """The print nearest in value."""
        return self._nearest(self.prints)

    @cached_property
    def nearest_ever(self) -> Published | None:
        """The figure of the same definition nearest in value at any date."""
        return self._nearest(self.ever)

    @property
    def difference(self) -> float | None:
        """``|a/b − 1|`` to the nearest print."""
        if not self.prints:
            return None
        return self._distance(self.multiple.low, self.multiple.high)

    @property
    def cells(self) -> int:
        """Indices and months among the comparable figures."""
        return len({p.cell for p in self.comparable})

    def _nearest(self, prints: Sequence[Published]) -> Published | None:
        own = self.multiple
        return min(
            prints,
            key=lambda p: relative_difference(own.low, own.high, p.low, p.high),
            default=None,
        )

    def _matches(self, low: float, high: float) -> bool:
        return any(self._is_near(low, high, p) for p in self.prints)

    def _is_near(self, low: float, high: float, print_: Published) -> bool:
        """Within printed rounding of a published figure, or what providers may leave."""
        share = max(self.tolerance, ABOUT if self.multiple.about else 0.0)
        half = self.multiple.last_digit / 2.0
        least, most = low - max(half, share * low), high + max(half, share * high)
        return bool(print_.low <= most + _SLACK and print_.high >= least - _SLACK)

    def _distance(self, low: float, high: float) -> float:
        return min(
            (relative_difference(low, high, p.low, p.high) for p in self.prints),
            default=float("inf"),
        )

    def _share(self, holds: Callable[[float, float], bool]) -> float:
        if not self.prints or not self.comparable:
            return 0.0
        half_width = (self.multiple.high - self.multiple.low) / 2.0
        rows = [
            (p.cell, float(holds(p.low - half_width, p.high + half_width))) for p in self.comparable
        ]
        table = pd.DataFrame(rows, columns=["cell", "holds"])
        return float(table.groupby("cell")["holds"].mean().mean())


def standing_of(multiple: Multiple, published: Sequence[Published], tolerance: float) -> Standing:
    """Where a figure stands among what was published.

    Parameters
    ----------
    multiple : Multiple
        A figure a note states.
    published : sequence of Published
    tolerance : float
        Relative difference that providers of one definition may leave.
    """
    alike = [p for p in published if _is_of_kind(multiple, p)]
    ever = tuple(p for p in alike if has_definition(multiple, p))
    prints = tuple(p for p in ever if is_admissible(multiple, p))
    return Standing(
        multiple=multiple,
        prints=prints,
        missing=tuple(r for r in readings(multiple) if not any(_is_read(r, p) for p in prints)),
        comparable=tuple(
            p for p in alike if p.precision in ("day", "month") and p.weighting != MEDIAN
        ),
        ever=ever,
        tolerance=tolerance,
    )


def readings(multiple: Multiple) -> tuple[Reading, ...]:
    """Every definition that a figure's words admit.

    An index that is not named may be either of its side; the large side of a relative P/E is left
    out, for it hardly depends on the index.
    """
    found = itertools.product(
        _admitted_indices(multiple), _admitted_earnings(multiple), (INCLUDED, EXCLUDED, SCREENED)
    )
    return tuple(
        Reading(index, earnings, treatment)
        for index, earnings, treatment in found
        if (index in SCREENED_INDICES) == (treatment == SCREENED)
        and multiple.loss_makers in (NOT_SAID, treatment)
    )


def has_definition(multiple: Multiple, print_: Published) -> bool:
    """Whether a published figure of the same kind, side and earnings has a figure's definition.

    What the note does not say may be anything.
    """
    if multiple.loss_makers not in (NOT_SAID, print_.loss_makers):
        return False
    if (multiple.weighting == MEDIAN) != (print_.weighting == MEDIAN):
        return False
    own = print_.large_index if multiple.is_large else print_.small_index
    if own not in _admitted_indices(multiple):
        return False
    if multiple.against is None:
        return True
    large = LARGE_INDICES if multiple.against == LARGE else (multiple.against,)
    return print_.large_index in large


def is_admissible(multiple: Multiple, print_: Published) -> bool:
    """Whether a published figure is of a date that the note's words admit.

    One dated by its month counts where some day of it is admissible; one dated by a year or a
    longer span only where every day is.
    """
    if print_.precision == "month":
        return bool(print_.first <= multiple.last and multiple.first <= print_.last)
    return bool(multiple.first <= print_.first and print_.last <= multiple.last)


def _admitted_indices(multiple: Multiple) -> tuple[str, ...]:
    if multiple.index == SMALL:
        return SMALL_INDICES
    return LARGE_INDICES if multiple.index == LARGE else (multiple.index,)


def _admitted_earnings(multiple: Multiple) -> tuple[str, ...]:
    return (FORWARD, TRAILING) if multiple.earnings == NOT_SAID else (multiple.earnings,)


def _is_read(reading: Reading, print_: Published) -> bool:
    return reading.index in (print_.small_index, print_.large_index) and (
        (reading.earnings, reading.loss_makers) == (print_.earnings, print_.loss_makers)
    )


def _is_of_kind(multiple: Multiple, print_: Published) -> bool:
    """The same kind and side, on earnings that the note admits."""
    if print_.kind != multiple.kind or print_.earnings not in _admitted_earnings(multiple):
        return False
    if multiple.kind != PRICE_EARNINGS:
        return True
    return bool(print_.large_index if multiple.is_large else print_.small_index)
