"""How the events of an event study are called."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.designs.event_study.arguments import EventStudyArguments


@dataclass(frozen=True)
class EventWords:
    """How the events that count are called.

    Attributes
    ----------
    one, many : str
    known : str
        What of them a person could know when the window began, at the head of a sentence; empty
        where that was all there was to know.
    """

    one: str
    many: str
    known: str


EVENTS = {
    ("first_cuts", "any"): EventWords("cut", "first cuts", ""),
    ("first_cuts", "recession"): EventWords(
        "cut",
        "first cuts that a recession followed",
        "At the cut nobody knows whether a recession will follow: after all",
    ),
    ("first_cuts", "no_recession"): EventWords(
        "cut",
        "first cuts without a recession",
        "At the cut nobody knows whether a recession will follow: after all",
    ),
    ("troughs", "any"): EventWords(
        "trough",
        "ends of a recession",
        "The end of a recession is announced months later: from",
    ),
}

#: The events as they could be known, by their kind.
AS_KNOWN = {"first_cuts": "first cuts", "troughs": "announcements on"}

#: Added where only events with a wide gap before them count.
WIDE = " while the valuation gap was wide"


def event_words(arguments: EventStudyArguments) -> EventWords:
    """How the events that count are called."""
    words = EVENTS[arguments.events, arguments.followed_by]
    if arguments.wide_percentile is None:
        return words
    return EventWords(words.one, words.many + WIDE, words.known)
