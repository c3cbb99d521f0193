"""What a claim registers for an event study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from analysis.designs.arguments import EraName, Horizon, LegName, Month, Start
from analysis.designs.registry import Arguments
from analysis.panel import LEGS
from analysis.panel.events import RULES

#: How portfolios and funds of a pair are called; a mean of two has both names, joined.
PORTFOLIOS = {
    "s1v5": "small value",
    "s3v5": "mid-sized value",
    "s1v3": "small neutral",
    "s1v1": "small growth",
    "s1v1_s1v3": "the rest of small caps",
    "vbr": "VBR",
    "iwn": "IWN",
    "iwm": "IWM",
}

#: Date rules of each kind of event.
DATE_RULES = {"first_cuts": RULES, "troughs": ("trough", "announcement")}

if TYPE_CHECKING:
    PortfolioName = str
else:
    PortfolioName = Literal[tuple(PORTFOLIOS)]

DateRule = Literal["funds", "discount", "broad", "bank", "zigzag", "trough", "announcement"]

Months = Annotated[int, Field(ge=0, le=60)]


class EventStudyArguments(Arguments):
    """Whose return after which events, and what it is held against."""

    leg: LegName | None = Field(None, description=f"small minus large, one of {', '.join(LEGS)}")
    long: PortfolioName | None = Field(None, description="the side of a pair that is to lead")
    short: PortfolioName | None = Field(None, description="the other side of the pair")
    events: Literal["first_cuts", "troughs"]
    date_rule: DateRule = Field(description="which date counts as the event")
    known_from: DateRule | None = Field(
        None, description="date from which the events were known; judged beside the joint test"
    )
    followed_by: Literal["any", "recession", "no_recession"] = Field(
        "any", description="which events count: all, or those that a recession did (not) follow"
    )
    link: Months | Literal["all"] = Field(
        "all", description="months from the event within which a recession follows it"
    )
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
    statistic: Literal["mean", "win_rate"] = Field(description="what is held against the base")
    judged_by: Literal["grid", "primary"] = Field(
        description="the joint test of the grid, or the specification's own"
    )
    interval: Literal["circular_shifts", "student"] | None = Field(
        None, description="of a mean; a win rate has its exact binomial interval"
    )
    claimed_rate: Annotated[
        float, Field(gt=0, lt=1, description="share of the events that the claim says are won")
    ] = 0.5

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        sides = (self.long is not None) + (self.short is not None)
        if sides != (2 if self.leg is None else 0):
            raise ValueError("give a leg, or a pair of long and short, and not both")
        for rule in (self.date_rule, self.known_from):
            if rule is not None and rule not in DATE_RULES[self.events]:
                known = ", ".join(DATE_RULES[self.events])
                raise ValueError(f"{rule!r} dates no {self.events}; one of {known}")
        if (self.link == "all") != (self.followed_by == "any"):
            raise ValueError("a link in months belongs to events that a recession did (not) follow")
        if self.events == "troughs" and self.followed_by != "any":
            raise ValueError("only first cuts are told apart by the recession that follows them")
        if (self.interval is None) != (self.statistic == "win_rate"):
            raise ValueError("a mean needs its interval named, a win rate has its own")
        return self
