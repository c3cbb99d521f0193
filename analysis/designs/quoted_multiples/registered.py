"""What is registered of the multiples a claim quotes: figures, definitions, dates, allowances."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.claims.documents import DOCUMENT_ID
from analysis.designs.arguments import Day, Tolerance
from analysis.designs.registry import Arguments, Specification

PRICE_EARNINGS, RELATIVE, USUAL = "P/E", "relative P/E", "usual relative P/E"
SMALL, LARGE = "small caps", "large caps"
NOT_SAID = "not said"
FORWARD, TRAILING = "forward", "trailing"
INCLUDED, EXCLUDED, SCREENED = "included", "excluded", "screened"
MEDIAN = "median"

#: What a general word may stand for, besides itself.
SMALL_INDICES = ("Russell 2000", "S&P 600")
LARGE_INDICES = ("S&P 500", "Russell 1000")

#: S&P admits a firm to these only if it earns money: no choice of the provider's.
SCREENED_INDICES = frozenset({"S&P 500", "S&P 600"})

#: What words such as "about" and "near" leave around a figure.
ABOUT = 0.05

SmallName = Literal["Russell 2000", "S&P 600", "small caps"]
LargeName = Literal["S&P 500", "Russell 1000", "large caps"]
Value = Annotated[float, Field(gt=0, le=1000, description="times earnings, or a ratio")]


class PrintedMultiple(Arguments):
    """One multiple as a note prints it, with its definition as far as the note gives it.

    A discount d is a relative P/E of 1 − d.

    Attributes
    ----------
    kind : str
        ``"P/E"`` (times earnings), ``"relative P/E"`` (small over large) or ``"usual relative
        P/E"``.
    index : str
        The index, for relative multiples that of the small side; ``"small caps"`` and ``"large
        caps"`` where none is named.
    against : str or None
        Of a relative multiple, the large side.
    earnings : str
        ``"forward"``, ``"trailing"`` or ``"not said"``.
    loss_makers : str
        ``"included"``, ``"excluded"``, ``"screened"`` (by the index itself) or ``"not said"``.
    weighting : str
        ``"weighted"``, ``"median"`` or ``"not said"``.
    low, high : float
        Equal for a single figure.
    last_digit : float
        What the last printed digit counts: .1 for 18.1, 1 for 18.
    about : bool
        Whether a word such as "about" stands before it.
    """

    kind: Literal["P/E", "relative P/E", "usual relative P/E"]
    index: SmallName | LargeName
    against: LargeName | None = None
    earnings: Literal["forward", "trailing", "not said"]
    loss_makers: Literal["included", "excluded", "screened", "not said"]
    weighting: Literal["weighted", "median", "not said"]
    low: Value
    high: Value
    last_digit: Annotated[float, Field(gt=0, le=1, description="what the last digit counts")]
    about: bool = False

    @model_validator(mode="after")
    def _is_a_range(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) is above high ({self.high:g})")
        return self

    @model_validator(mode="after")
    def _has_two_sides_where_it_is_relative(self) -> Self:
        if (self.kind == PRICE_EARNINGS) == (self.against is not None):
            raise ValueError("against, the large side, belongs to a relative P/E and only there")
        if self.kind != PRICE_EARNINGS and self.index in (LARGE, *LARGE_INDICES):
            raise ValueError(f"index, the small side of a relative P/E, cannot be {self.index!r}")
        return self

    @model_validator(mode="after")
    def _is_screened_where_the_index_is(self) -> Self:
        named = self.index not in (SMALL, LARGE)
        if named and (self.index in SCREENED_INDICES) != (self.loss_makers == SCREENED):
            raise ValueError(
                f"loss_makers of the {self.index} cannot be {self.loss_makers!r}: the indices of"
                " S&P are screened by their owner, those of Russell are not"
            )
        return self


class QuotedMultiplesArguments(Arguments):
    """The multiples a claim quotes, the dates its words admit, and what providers may leave."""

    note: Annotated[str, Field(pattern=DOCUMENT_ID, description="the note that prints them")]
    first: Annotated[Day, Field(description="first day the note's words admit for the figures")]
    last: Annotated[Day, Field(description="last day they admit")]
    multiples: Annotated[list[PrintedMultiple], Field(min_length=1)]
    times_usual: Annotated[
        float | None, Field(gt=1, description="the discount is more than so many times the usual")
    ] = None
    tolerance: Annotated[
        Tolerance,
        Field(description="relative difference that providers of one definition may leave"),
    ]
    monthly_move: Annotated[
        float, Field(ge=0, le=1, description="how far a multiple may move in a month, relative")
    ]

    @model_validator(mode="after")
    def _dates_are_in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"first ({self.first}) is after last ({self.last})")
        return self


Quoting = Specification[QuotedMultiplesArguments]


def leeway(registered: PrintedMultiple, end: float) -> float:
    """What rounding, or a word such as "about", leaves around an end of a figure."""
    rounding = registered.last_digit / 2.0
    return max(rounding, ABOUT * end) if registered.about else rounding
