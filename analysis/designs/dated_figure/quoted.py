"""A figure as a note prints it: of which holdings, which values it admits, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from analysis.designs.arguments import DayRange
from analysis.designs.dated_values import percent
from analysis.designs.registry import Arguments
from analysis.inference.date_matches import Band
from analysis.panel.portfolios import PORTFOLIOS

#: How far from its number a figure may lie that is said in words such as "nearly".
IN_WORDS = 0.05

#: A lead as a difference of gains, or as final wealth over final wealth less one.
Lead = Literal["difference", "ratio"]

#: A fund by its ticker, or a portfolio by its name in the panel.
Holding = Annotated[
    str,
    Field(
        pattern=rf"^([A-Z]{{1,6}}|{'|'.join(PORTFOLIOS)})$",
        description="a ticker, or a portfolio of the panel",
    ),
]

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


class Quoted(Arguments):
    """One number of a note: a gain, or a lead where `against` is given.

    ``printed`` admits half a unit of the last printed digit (`rounding`) either way, ``nearly``
    (about, roughly) five per cent of the number, ``more than`` as much above it and nothing below,
    ``ahead`` any lead above zero.
    """

    of: Holding
    against: Holding | None = None
    wording: Literal["printed", "nearly", "more than", "ahead"] = "printed"
    claimed: Annotated[float, Field(description="number of the note, decimal")] | None = None
    rounding: Annotated[float, Field(gt=0, description="half a unit of the last digit")] | None = (
        None
    )

    @model_validator(mode="after")
    def _says_what_is_claimed(self) -> Self:
        if (self.claimed is None) != (self.wording == "ahead"):
            raise ValueError("claimed belongs to every wording but 'ahead'")
        if (self.rounding is None) == (self.wording == "printed"):
            raise ValueError("rounding belongs to the wording 'printed' and to no other")
        if self.wording == "ahead" and self.against is None:
            raise ValueError("'ahead' needs against: ahead of what")
        return self

    @property
    def band(self) -> Band:
        """Values the figure admits."""
        if self.claimed is None:
            return Band(0.0, np.inf, open_below=True)
        within = IN_WORDS * abs(self.claimed) if self.rounding is None else self.rounding
        below = 0.0 if self.wording == "more than" else within
        return Band(self.claimed - below, self.claimed + within)

    @property
    def label(self) -> str:
        """What is measured, for tables and axes."""
        own = name_of(self.of)
        return own if self.against is None else f"{own} over {name_of(self.against)}"

    def values(
        self, logs: Mapping[str, Floats], lead: Lead, first: Positions, last: Positions
    ) -> Floats:
        """Its value between positions of a history, decimals.

        Parameters
        ----------
        logs : mapping of str to array
            Log values of each holding by position.
        lead : {"difference", "ratio"}
            How a lead is read.
        first, last : array of int
        """
        own = logs[self.of][last] - logs[self.of][first]
        if self.against is None:
            return np.asarray(np.expm1(own))
        other = logs[self.against][last] - logs[self.against][first]
        if lead == "ratio":
            return np.asarray(np.expm1(own - other))
        return np.asarray(np.expm1(own) - np.expm1(other))

    def off(self, values: Floats) -> Floats:
        """Distance of each value from the number; of a lead without one, from zero if below."""
        if self.claimed is None:
            return self.band.outside(values)
        return np.asarray(np.abs(values - self.claimed))

    def says(self, value: float, lead: Lead) -> str:
        """A value in a sentence: IWM gained 5.8%."""
        own = name_of(self.of)
        if self.against is None:
            return f"{own} {'gained' if value >= 0 else 'lost'} {percent(abs(value))}"
        other, more = name_of(self.against), "more" if value >= 0 else "less"
        if lead == "ratio":
            return f"{own} ended {percent(abs(value))} {more} wealthy than {other}"
        return f"{own} gained {abs(100 * value):.1f} points {more} than {other}"


class Record(Arguments):
    """A highest close ever on some day; of the price, so dividends are taken out."""

    of: Holding
    days: DayRange
    dividends: Annotated[float, Field(ge=0, lt=0.2, description="dividends a year, decimal")]


def name_of(holding: str) -> str:
    """A holding in words: the ticker, or what the portfolio is."""
    return f"the {PORTFOLIOS[holding].words}" if holding in PORTFOLIOS else holding
