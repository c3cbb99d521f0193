"""Whether some funds led others from a day to every day that a note's wording admits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from analysis.designs.arguments import Day
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable
from analysis.inference.windows import forward_sums
from analysis.panel import Dataset
from analysis.panel.events import troughs
from analysis.panel.fund_gains import Closes, fund_closes
from analysis.results import Finding

#: Small value, and the rest of small caps, whose recoveries are shown as context.
VALUE, REST = ("s1v5",), ("s1v1", "s1v3")

#: Months of a recovery that is shown.
RECOVERY = 12

#: Fewer earlier stretches give no base rate.
FEWEST_STRETCHES = 250

LEADS = ["day", "pair", "lead", "admitted"]

MEASURES = {
    "share_led": "share of pairs and days",
    "luck": "share of earlier stretches",
    "mean_lead": "decimal return",
}

#: The fund that is to lead, and the one it is held against: ``IWN/IWM``.
Pair = Annotated[str, Field(pattern=r"^[A-Z]{1,6}/[A-Z]{1,6}$")]


class DatedLeadArguments(Arguments):
    """The pairs of funds, the day they are counted from, and the last days that are admitted."""

    pairs: Annotated[list[Pair], Field(min_length=1, description="fund that leads/the other")]
    start: Day
    first_end: Annotated[Day, Field(description="first of the last days that are admitted")]
    last_end: Annotated[Day, Field(description="last of them")]

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if not self.start < self.first_end <= self.last_end:
            raise ValueError("start comes before first_end, and that not after last_end")
        if len(set(self.pairs)) < len(self.pairs):
            raise ValueError("pairs: one stands twice")
        return self


@dataclass(frozen=True)
class DatedLead(Study):
    """The finding, the leads by day and what small value did in recoveries.

    Attributes
    ----------
    leads : DataFrame
        ``day, pair, lead, admitted``: lead since the start by session, decimal, and whether the
        day is one the wording admits; empty where refused.
    recoveries : DataFrame
        ``trough`` (YYYY-MM), ``lead`` of small value over the rest of small caps in the twelve
        months after it (decimal), ``value led``: context, from the portfolios of the panel.
    usual_lead : float
        Mean lead of any twelve months; NaN without portfolios.
    """

    leads: pd.DataFrame = field(repr=False)
    recoveries: pd.DataFrame = field(repr=False)
    usual_lead: float

    @property
    def pairs(self) -> tuple[str, ...]:
        """Names of the pairs that are shown; none where refused."""
        return tuple(dict.fromkeys(self.leads["pair"]))

    @property
    def shown(self) -> pd.DataFrame:
        """Lead on each admitted day, one column a pair, or why there is none."""
        admitted = self.leads[self.leads["admitted"].astype(bool)]
        if admitted.empty:
            reason = "" if self.finding.refusal is None else self.finding.refusal.reason
            return pd.DataFrame({"no table": [reason]})
        table = admitted.pivot(index="day", columns="pair", values="lead")[list(self.pairs)]
        days = [f"{day.day} {day:%B %Y}" for day in table.index]
        return table.set_axis(days, axis=0).rename_axis(index="to", columns=None).reset_index()


@design(arguments=DatedLeadArguments, measures=MEASURES)
def dated_lead(
    dataset: Dataset, specification: Specification[DatedLeadArguments], sampling: Sampling
) -> DatedLead:
    """Count the pairs and days on which a fund led, and how often that happens anyway."""
    arguments = specification.arguments
    leads, finding = pd.DataFrame(columns=LEADS), _unseen(dataset, arguments)
    if finding is None:
        held = _closes(dataset, arguments)
        if held.refusal is not None:
            finding = Finding.refused(held.refusal)
        else:
            logs = pair_logs(held.prices, arguments.pairs)
            finding = _finding(logs, arguments)
            leads = leads if finding.refusal is not None else leads_by_day(logs, arguments)
    recoveries, usual = value_in_recoveries(dataset)
    nothing = pd.DataFrame(columns=["reason"])
    return DatedLead(specification, finding, nothing, leads, recoveries, usual)


def _unseen(dataset: Dataset, arguments: DatedLeadArguments) -> Finding | None:
    """A refusal where a run sees nothing of the days."""
    last = pd.Timestamp(arguments.last_end)
    if dataset.data != "latest" or dataset.as_of.end_time >= last:
        return None
    return Finding.refused(
        f"not yet made: the note speaks of {last:%B %Y}, and nothing after"
        f" {dataset.as_of:%B %Y} is seen"
    )


def _closes(dataset: Dataset, arguments: DatedLeadArguments) -> Closes:
    funds = [fund for pair in arguments.pairs for fund in pair.split("/")]
    return fund_closes(dataset, funds, arguments.last_end)


def pair_logs(prices: pd.DataFrame, pairs: list[str]) -> pd.DataFrame:
    """Log of one fund's close over the other's, one column a pair, on the days all funds have."""
    logs = np.log(prices.dropna())
    sides = {pair: pair.split("/") for pair in pairs}
    return pd.DataFrame({pair: logs[one] - logs[other] for pair, (one, other) in sides.items()})


def leads_by_day(logs: pd.DataFrame, arguments: DatedLeadArguments) -> pd.DataFrame:
    """Lead of each pair since the start, by session to the last day admitted."""
    origin = logs.loc[: arguments.start].iloc[-1]
    after = logs.loc[pd.Timestamp(arguments.start) + pd.Timedelta(days=1) : arguments.last_end]
    leads = np.expm1(after - origin).rename_axis("day")
    table = leads.reset_index().melt(id_vars="day", var_name="pair", value_name="lead")
    return table.assign(admitted=table["day"] >= pd.Timestamp(arguments.first_end))[LEADS]


def _finding(logs: pd.DataFrame, arguments: DatedLeadArguments) -> Finding:
    earlier = logs.loc[: arguments.start]
    if earlier.empty:
        return Finding.refused(f"no session of all funds up to {arguments.start}")
    leads = leads_by_day(logs, arguments)
    admitted = leads[leads["admitted"]]
    if admitted.empty:
        return Finding.refused(
            f"no session of all funds from {arguments.first_end} to {arguments.last_end}"
        )
    sessions = np.unique(leads.loc[leads["admitted"], "day"])
    first = len(np.unique(leads["day"])) - len(sessions) + 1
    luck, stretches, deviation = _base_rate(earlier, first, first + len(sessions) - 1)
    if stretches < FEWEST_STRETCHES:
        return Finding.refused(
            f"{stretches} earlier stretches of as many sessions; {FEWEST_STRETCHES} are needed"
        )
    led, last = float((admitted["lead"] > 0).mean()), admitted["day"].max()
    mean = float(admitted.loc[admitted["day"] == last, "lead"].mean())
    return Finding(
        estimate=mean,
        unit="decimal return, mean of the pairs to the last day",
        null="none: the lead is a matter of record; its luck takes the place of a p-value",
        n=len(admitted),
        effective_n=1.0,
        mde=minimum_detectable(deviation),
        sample_start=arguments.start[:7],
        sample_end=arguments.last_end[:7],
        finding=_sentence(admitted, arguments, led, luck, mean),
        sensitivity=_by_pair(admitted, last),
        measures={"share_led": led, "luck": luck, "mean_lead": mean},
        luck=luck,
    )


def _base_rate(earlier: pd.DataFrame, first: int, last: int) -> tuple[float, int, float]:
    """How often as many pairs led on as many days, from any earlier session.

    Returns
    -------
    share : float
        Of the earlier sessions after which every pair led from the `first` to the `last` session.
    stretches : int
        Those sessions.
    deviation : float
        Standard deviation of the mean lead of the pairs to the `last` session, decimal.
    """
    values = earlier.to_numpy()
    count = len(values) - last
    if count < 1:
        return np.nan, 0, np.nan
    led = np.ones(count, dtype=bool)
    for sessions in range(first, last + 1):
        led &= (values[sessions : sessions + count] > values[:count]).all(axis=1)
    means = np.expm1(values[last:] - values[:count]).mean(axis=1)
    return float(led.mean()), count, float(means.std(ddof=1)) if count > 1 else np.nan


def _sentence(
    admitted: pd.DataFrame, arguments: DatedLeadArguments, led: float, luck: float, mean: float
) -> str:
    days, start = admitted["day"].unique(), _day(arguments.start)
    pairs = len(arguments.pairs)
    head = f"From {start} to each of the {len(days)} sessions up to {_day(days.max())}"
    if led == 1:
        said = f"small value led in all {pairs} pairs of funds"
    elif led == 0:
        said = f"small value led in none of the {pairs} pairs of funds"
    else:
        count = int((admitted["lead"] > 0).sum())
        said = f"small value led in {count} of {len(admitted)} pairs and days"
    return (
        f"{head} {said}, by {_points(mean)} points in the mean on the last; of all earlier"
        f" stretches as long it led in every pair on every such day in {luck:.0%}."
    )


def _by_pair(admitted: pd.DataFrame, last: pd.Timestamp) -> str:
    rows = admitted[admitted["day"] == last]
    said = [
        f"{pair.replace('/', ' over ')} {_points(lead)} points"
        for pair, lead in zip(rows["pair"], rows["lead"], strict=True)
    ]
    return f"Lead to {_day(last)}: {', '.join(said)}."


def value_in_recoveries(dataset: Dataset) -> tuple[pd.DataFrame, float]:
    """Small value over the rest of small caps in the year after each trough, and in any year."""
    columns = ["trough", "lead", "value led"]
    if not {*VALUE, *REST} <= set(dataset.monthly.columns):
        return pd.DataFrame(columns=columns), np.nan
    monthly = dataset.monthly
    spread = (monthly[list(VALUE)].mean(axis=1) - monthly[list(REST)].mean(axis=1)).dropna()
    values = forward_sums(spread, RECOVERY)
    months = [month for month in troughs(dataset.facts["nber_cycles"]) if month in values.index]
    rows = [(str(month), values[month], "yes" if values[month] > 0 else "no") for month in months]
    usual = float(values.mean()) if len(values) else np.nan
    return pd.DataFrame(rows, columns=columns), usual


def _day(day: str | pd.Timestamp) -> str:
    moment = pd.Timestamp(day)
    return f"{moment.day} {moment:%B %Y}"


def _points(value: float) -> str:
    """Per cent points with two digits and a minus sign."""
    return f"{100 * value:.2g}".replace("-", "−")
