"""What a claim registers for an event study."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from analysis.designs.arguments import (
    BasisName,
    EraName,
    HistoryMonths,
    Horizon,
    LegName,
    Month,
    Start,
    WidePercentile,
)
from analysis.designs.registry import Arguments
from analysis.panel.events import RULES

#: Date rules of each kind of event.
DATE_RULES = {"first_cuts": RULES, "troughs": ("trough", "announcement")}

DateRule = Literal["funds", "discount", "broad", "bank", "zigzag", "trough", "announcement"]

Months = Annotated[int, Field(ge=0, le=60)]


class EventStudyArguments(Arguments):
    """Small minus large after which events, and what it is held against."""

    leg: LegName
    events: Literal["first_cuts", "troughs"]
    date_rule: DateRule = Field(description="which date counts as the event")
    known_from: DateRule | None = Field(
        None, description="date from which the events were known, for its use in time"
    )
    followed_by: Literal["any", "recession", "no_recession"] = Field(
        "any", description="which events count: all, or those that a recession did (not) follow"
    )
    link: Months | Literal["all"] = Field(
        "all", description="months from the event within which a recession follows it"
    )
    wide_percentile: WidePercentile | None = Field(
        None, description="only events in a month before which the gap was wider than this share"
    )
    history_months: HistoryMonths | None = None
    basis: BasisName | None = None
    horizon: Horizon
    start: Start
    era: EraName
    sample_start: Month | None = Field(
        None, description="first month of the sample; the first of the series where not given"
    )
    strata_link: Months | None = Field(
        None, description="random dates of the same state: a recession within so many months"
    )
    fewest_events: Annotated[int, Field(ge=2, le=50, description="fewer are refused")]
    statistic: Literal["lead", "win_rate"] = Field(
        description="what is judged: the lead over other months, by ranks, or the share won"
    )
    claimed_lead: Annotated[
        float | None, Field(gt=0, lt=1, description="lead over the window that counts as claimed")
    ] = None
    claimed_rate: Annotated[
        float | None,
        Field(gt=0, lt=1, description="share of the events that is claimed to be won"),
    ] = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        for rule in (self.date_rule, self.known_from):
            if rule is not None and rule not in DATE_RULES[self.events]:
                known = ", ".join(DATE_RULES[self.events])
                raise ValueError(f"{rule!r} dates no {self.events}; one of {known}")
        if (self.link == "all") != (self.followed_by == "any"):
            raise ValueError("a link in months belongs to events that a recession did (not) follow")
        if self.events == "troughs" and self.followed_by != "any":
            raise ValueError("only first cuts are told apart by the recession that follows them")
        gap = (self.wide_percentile, self.history_months, self.basis)
        if None in gap and gap != (None, None, None):
            raise ValueError("wide_percentile, history_months and basis belong together")
        by_rate = self.statistic == "win_rate"
        if (self.claimed_rate is None) == by_rate or (self.claimed_lead is None) != by_rate:
            raise ValueError("a lead needs its claimed_lead, a win rate its claimed_rate, alone")
        return self


def as_known(arguments: EventStudyArguments) -> EventStudyArguments:
    """The same study on the events as a person could know them when the window began.

    Events are dated by the day they were known from, and no recession tells them apart that was
    still to come.
    """
    changes: dict[str, Any] = {"known_from": None}
    if arguments.known_from is not None:
        changes["date_rule"] = arguments.known_from
    if arguments.followed_by != "any":
        changes |= {"followed_by": "any", "link": "all"}
    return arguments.model_copy(update=changes)
