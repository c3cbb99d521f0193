"""How the events and the returns of an event study are called."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.designs.event_study.arguments import PORTFOLIOS, EventStudyArguments


@dataclass(frozen=True)
class EventWords:
    """How the events that count are called.

    Attributes
    ----------
    one, many, short : str
    null : str
        That their dates say nothing about the mean return.
    """

    one: str
    many: str
    short: str
    null: str


@dataclass(frozen=True)
class ReturnWords:
    """How the return after an event is told.

    Attributes
    ----------
    long : str
        The side that wins where it is above zero.
    won : str
        That it did.
    head, won_head : str
        Heads of its columns in a table of events.
    counted, goal : str
        What more of would be needed, and for what.
    """

    long: str
    won: str
    head: str
    won_head: str
    counted: str
    goal: str


EVENTS = {
    ("first_cuts", "any"): EventWords(
        "cut",
        "first cuts",
        "first cuts",
        "the dates of first cuts say nothing about small minus large",
    ),
    ("first_cuts", "recession"): EventWords(
        "cut",
        "recession-linked first cuts",
        "recession-linked cuts",
        "recession-linked cuts are followed by what follows any month",
    ),
    ("first_cuts", "no_recession"): EventWords(
        "cut",
        "first cuts without a recession",
        "soft landings",
        "soft landings are followed by what follows any month",
    ),
    ("troughs", "any"): EventWords(
        "trough", "troughs", "troughs", "troughs are followed by what follows any month"
    ),
}

#: What the events were followed by that a claim does not count.
OTHER = {"recession": "without a recession", "no_recession": "with a recession"}

SMALL_MINUS_LARGE = ReturnWords(
    "small",
    "small beat large",
    "return",
    "small won",
    "events",
    "to detect an effect of the size found",
)


def event_words(arguments: EventStudyArguments) -> EventWords:
    """How the events that count are called."""
    return EVENTS[arguments.events, arguments.followed_by]


def return_words(arguments: EventStudyArguments) -> ReturnWords:
    """How the return is told: small minus large, or a pair by its sides."""
    if arguments.leg is not None:
        return SMALL_MINUS_LARGE
    long, short = (PORTFOLIOS[str(side)] for side in (arguments.long, arguments.short))
    counted = event_words(arguments).many
    return ReturnWords(
        long, f"{long} led {short}", "lead", f"{long.split()[-1]} led", counted, "to detect it"
    )
