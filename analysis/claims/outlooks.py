"""Outlooks: what a note says will happen, from which day, until when, and on which condition.

An outlook has a state beside its verdict: it is not yet made, open until a day, resolved, or it
gives no direction, and then nothing that happens can prove it right or wrong.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from analysis.results import month_words, nearest
from analysis.texts import Address, OneLine

#: Funds that stand for what the notes speak of, by ticker.
FUNDS: dict[str, str] = {
    "BKLN": "bank loans",
    "HYG": "high-yield bonds",
    "IEF": "Treasuries of seven to ten years",
    "IJR": "small caps that earn money (S&P 600)",
    "IWM": "small caps (Russell 2000)",
    "IWN": "small-cap value (Russell 2000 Value)",
    "LQD": "investment-grade bonds",
    "QQQ": "the largest Nasdaq firms",
    "SPY": "large caps (S&P 500)",
    "VB": "small caps (CRSP)",
}


def _in_the_calendar(day: str) -> str:
    try:
        datetime.date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day} is no day of the calendar; correct it") from error
    return day


Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
    AfterValidator(_in_the_calendar),
]
Months = Annotated[int, Field(ge=1, le=120)]

NOT_YET_MADE = "not yet made"
NO_DIRECTION = "no direction given"
RESOLVED = "resolved"


class FirstDays(OneLine):
    """The days on which a note can have been published, the first and the last of them."""

    earliest: Day
    latest: Day

    @model_validator(mode="after")
    def _in_order(self) -> FirstDays:
        if self.latest < self.earliest:
            raise ValueError(f"the latest day, {self.latest}, lies before {self.earliest}")
        return self


class Recorded(OneLine):
    """A published figure that belongs to an outlook: what was expected, or what came."""

    what: str = Field(min_length=5)
    published: str = Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?$")
    period: str = Field(min_length=4)
    value: float
    unit: str = Field(min_length=2)
    status: Literal["expected", "realised"]
    source: Address


class Outlook(OneLine):
    """When an outlook begins and ends, what it speaks of, and what it hangs on.

    Attributes
    ----------
    first : FirstDays
        Every day the note can be of; one day where it is dated.
    horizons : tuple of int
        Months from the first day at which its outcome is looked at.
    until : str
        The day the last horizon of the latest first day ends, YYYY-MM-DD.
    legs : tuple of str
        Tickers of the funds it speaks of; empty where it speaks of none.
    benchmark : str
        Ticker, or words, of what the legs are held against.
    condition : str
        What the note made it depend on, in our words; empty where it is unconditional.
    direction : {"given", "none"}
        Whether the sentence says which way.
    facts : tuple of Recorded
    """

    first: FirstDays
    horizons: tuple[Months, ...] = Field(min_length=1)
    until: Day
    legs: tuple[str, ...] = ()
    benchmark: str = ""
    condition: str = ""
    direction: Literal["given", "none"] = "given"
    facts: tuple[Recorded, ...] = ()

    @field_validator("legs")
    @classmethod
    def _known_funds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for ticker in value:
            if ticker not in FUNDS:
                raise ValueError(f"unknown ticker {ticker!r}{nearest(ticker, FUNDS)}")
        return value

    @field_validator("horizons")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("the horizons stand in ascending order, each once")
        return value

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Outlook:
        if self.until <= self.first.latest:
            raise ValueError(
                f"the horizon, {self.until}, does not lie after the first day,"
                f" {self.first.latest}; correct until or first"
            )
        due = months_later(self.first.latest, self.horizons[-1])
        if self.until != due:
            raise ValueError(
                f"until is {self.until}, but {self.horizons[-1]} months after"
                f" {self.first.latest} is {due}"
            )
        return self

    def state(self, seen: str) -> str:
        """What has become of it by a day.

        Parameters
        ----------
        seen : str
            Last day that is seen, YYYY-MM-DD.

        Returns
        -------
        str
            ``"not yet made"``, ``"open until 20 January 2027"``, ``"resolved"`` or
            ``"no direction given"``.
        """
        if seen < self.first.earliest:
            return NOT_YET_MADE
        if self.direction == "none":
            return NO_DIRECTION
        return RESOLVED if seen >= self.until else f"open until {month_words(self.until)}"

    def open_until(self, seen: str) -> str | None:
        """The day from which it can be judged, where it is open on a day; None elsewhere.

        Parameters
        ----------
        seen : str
            Last day that is seen, YYYY-MM-DD.
        """
        told = self.direction == "given" and self.first.earliest <= seen < self.until
        return self.until if told else None


def months_later(day: str, months: int) -> str:
    """The same day of a later month, or that month's last.

    Examples
    --------
    >>> months_later("2026-03-31", 6)
    '2026-09-30'
    """
    year, month, number = map(int, day.split("-"))
    years, rest = divmod(month - 1 + months, 12)
    first = datetime.date(year + years, rest + 1, 1)
    following = datetime.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    last = (following - datetime.timedelta(days=1)).day
    return first.replace(day=min(number, last)).isoformat()
