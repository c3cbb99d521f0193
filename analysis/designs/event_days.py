"""Whether small caps gain on large ones on days of bad trade news and lose on days of good."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from analysis.designs.grids import grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.signed_days import FEWEST, SignedDays, SignedReturns, signed_returns
from analysis.panel import Dataset
from analysis.results import Finding, Refusal, p_words

AXES = ("leg", "sessions", "market", "kind")

ESTIMATES = ("mean", "low", "high", "p", "events")

#: Signs of the kinds of news that count: tension rises, or eases. What a court says is neither.
SIGNS = {"announce": 1.0, "escalate": 1.0, "retreat": -1.0}

#: News that was known before.
NO_NEWS = ("takes effect", "scheduled")

#: News of these times meets the session after its day.
LATE = ("after close", "weekend")

#: Sets of random days.
DRAWS = 4999

MEASURES = {
    "signed_mean": "decimal return",
    "signed_p": "p-value",
    "signed_low": "decimal return",
    "signed_high": "decimal return",
    "events": "count",
}


class EventDaysArguments(Arguments):
    """Which news, whose return, over how many sessions."""

    table: Literal["tariff_events"] = Field(description="table of dated news")
    leg: Literal["smb", "iwm_spy"] = Field(description="daily small minus large")
    sessions: Annotated[int, Field(ge=1, le=10, description="sessions from the news on")]
    market: bool = Field(description="hold the market's return of the day still")
    kind: Literal["all", "rises", "retreats"] = Field(description="news that counts")


@dataclass(frozen=True)
class EventDays(Study):
    """The finding, and every event.

    Attributes
    ----------
    events : DataFrame
        ``session`` (day), ``what``, ``tension`` (rises or eases), ``return`` (decimal over the
        registered sessions, beyond the mean of all days).
    """

    events: pd.DataFrame = field(repr=False)

    @cached_property
    def by_kind(self) -> pd.DataFrame:
        """``tension, events, mean`` (decimal)."""
        grouped = self.events.groupby("tension")["return"]
        return grouped.agg(["size", "mean"]).reset_index().rename(columns={"size": "events"})


@design(arguments=EventDaysArguments, measures=MEASURES, axes=AXES, episodes=("signed_p",))
def event_days(
    dataset: Dataset, specification: Specification[EventDaysArguments], sampling: Sampling
) -> EventDays:
    """Test whether small minus large gains as tension rises and loses as it eases."""
    arguments = specification.arguments
    days = dataset.daily.index if dataset.daily is not None else pd.DatetimeIndex([])
    events = sessions_of(dataset.facts[arguments.table], days)
    own = {
        "leg": arguments.leg,
        "sessions": arguments.sessions,
        "market": arguments.market,
        "kind": arguments.kind,
    }
    chosen = list(specification.combinations(*AXES))
    every = [own, *chosen]
    series = [_series(dataset, events, one) for one in every]
    calendar = _calendar([one for one in series if isinstance(one, pd.Series)])
    ways: list[SignedDays] = []
    places: list[int | Refusal] = []
    for one, held in zip(every, series, strict=True):
        way = held if isinstance(held, Refusal) else _way(held.loc[calendar], events, one["kind"])
        places.append(way if isinstance(way, Refusal) else len(ways))
        if not isinstance(way, Refusal):
            ways.append(way)
    found = signed_returns(ways, DRAWS, sampling.seed)
    outcomes = (_outcome(place, found, ways) for place in places[1:])
    grid = grid_table(AXES, ESTIMATES, zip(chosen, outcomes, strict=True))
    first = series[0]
    shown = _shown(events, None if isinstance(first, Refusal) else first.loc[calendar])
    finding = _finding(places[0], found, ways, shown, arguments, bool(chosen))
    if finding.refusal is None:
        finding = replace(finding, without_one=_without_each(ways[0], calendar, sampling.seed))
    return EventDays(specification, finding, grid, shown)


def _without_each(
    way: SignedDays, days: pd.DatetimeIndex, seed: int
) -> dict[str, dict[str, float]]:
    """What decides without each of the events, by session; NaN where too few are left."""
    rest = [np.arange(len(way.places)) != place for place in range(len(way.places))]
    found = signed_returns(
        [SignedDays(way.values, way.places[kept], way.signs[kept]) for kept in rest], DRAWS, seed
    )
    return {
        f"{days[place]:%Y-%m-%d}": {
            "signed_p": np.nan if found.refusal is not None else found.p_of(number)
        }
        for number, place in enumerate(way.places)
    }


def sessions_of(table: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Session that each piece of news meets first: ``session, sign, what``, in time order.

    News after the close and at week-ends meets the next session; what was known before is left
    out, and so is a session on which tension both rose and eased. Several of one kind on one
    session are one event.
    """
    counted = table[table["kind"].isin(SIGNS) & ~table["timing"].isin(NO_NEWS)]
    rows = []
    for one in counted.itertuples():
        side = "right" if one.timing in LATE else "left"
        place = int(days.searchsorted(one.day, side=side))
        if 0 < place < len(days):
            rows.append((days[place], SIGNS[str(one.kind)], str(one.what)))
    frame = pd.DataFrame(rows, columns=["session", "sign", "what"])
    frame = frame.astype({"session": "datetime64[ns]", "sign": float})
    grouped = frame.groupby("session", sort=True)
    joined = pd.DataFrame(
        {
            "sign": grouped["sign"].mean(),
            "what": grouped["what"].agg("; ".join),
        }
    ).reset_index()
    return joined[joined["sign"].abs() == 1.0].reset_index(drop=True)


def _series(dataset: Dataset, events: pd.DataFrame, one: dict[str, Any]) -> pd.Series | Refusal:
    """Return of the sessions from each day on, for the days from the first event to the last."""
    returns = _returns(dataset, one["leg"])
    if isinstance(returns, Refusal):
        return returns
    if len(events) < FEWEST:
        return Refusal(f"only {len(events)} events on sessions at hand; {FEWEST} are needed")
    span = returns.loc[events["session"].iloc[0] :].dropna()
    if one["market"] and len(span):
        market = dataset.daily["market"].reindex(span.index)  # type: ignore[index]
        slope = float(np.cov(span, market)[0, 1] / market.var())
        span = span - slope * market
    sums = span.rolling(one["sessions"]).sum().shift(1 - one["sessions"]).dropna()
    return sums.loc[: events["session"].iloc[-1]]


def _calendar(series: list[pd.Series]) -> pd.DatetimeIndex:
    """Days that all ways to look have."""
    held = [pd.DatetimeIndex(one.index) for one in series]
    days = held[0] if held else pd.DatetimeIndex([])
    for one in held[1:]:
        days = days.intersection(one)
    return days


def _way(values: pd.Series, events: pd.DataFrame, kind: str) -> SignedDays | Refusal:
    """The events of one kind among some days."""
    kept = events
    if kind != "all":
        kept = events[events["sign"] == (1.0 if kind == "rises" else -1.0)]
    places = values.index.get_indexer(pd.DatetimeIndex(kept["session"]))
    inside = places >= 0
    if inside.sum() < FEWEST:
        return Refusal(f"only {int(inside.sum())} events have their sessions; {FEWEST} are needed")
    return SignedDays(values.to_numpy(float), places[inside], kept["sign"].to_numpy(float)[inside])


def _returns(dataset: Dataset, leg: str) -> pd.Series | Refusal:
    if dataset.daily is None:
        return Refusal("needs the latest data: daily returns", needs="latest")
    if leg == "smb":
        return dataset.daily["smb"]
    if dataset.funds is None or not {"IWM", "SPY"} <= set(dataset.funds.columns):
        return Refusal("needs closes of IWM and SPY", needs="latest")
    moved = dataset.funds[["IWM", "SPY"]].dropna().pct_change(fill_method=None)
    spread: pd.Series = (moved["IWM"] - moved["SPY"]).reindex(dataset.daily.index)
    return spread


def _outcome(
    place: int | Refusal, found: SignedReturns, ways: list[SignedDays]
) -> tuple[float, float, float, float, int] | Refusal:
    if isinstance(place, Refusal):
        return place
    if found.refusal is not None:
        return found.refusal
    mean, half = float(found.means[place]), 1.96 * found.error_of(place)
    return mean, mean - half, mean + half, found.p_of(place), len(ways[place].places)


def _shown(events: pd.DataFrame, values: pd.Series | None) -> pd.DataFrame:
    beyond = pd.Series(dtype=float) if values is None else values - values.mean()
    return pd.DataFrame(
        {
            "session": events["session"].dt.strftime("%Y-%m-%d"),
            "what": events["what"],
            "tension": np.where(events["sign"] > 0, "rises", "eases"),
            "return": beyond.reindex(pd.DatetimeIndex(events["session"])).to_numpy(float),
        }
    )


def _finding(
    place: int | Refusal,
    found: SignedReturns,
    ways: list[SignedDays],
    shown: pd.DataFrame,
    arguments: EventDaysArguments,
    has_grid: bool,
) -> Finding:
    if isinstance(place, Refusal):
        return Finding.refused(place)
    outcome = _outcome(place, found, ways)
    if isinstance(outcome, Refusal):
        return Finding.refused(outcome)
    (mean, low, high, p_value, count), error = outcome, found.error_of(place)
    known = shown.dropna()
    means = known.groupby("tension")["return"].agg(["mean", "size"])
    parts = [
        f"{100 * float(row['mean']):+.2f} points on {int(row['size'])} sessions on which tension"
        f" {name}"
        for name, row in means.iterrows()
    ]
    return Finding(
        estimate=mean,
        unit=f"decimal return over {arguments.sessions} sessions, towards the claim",
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        n=count,
        effective_n=float(count),
        mde=minimum_detectable(error),
        more_needed=_more(mean, error, count),
        null="the days of news are like any other days",
        sample_start=str(known["session"].iloc[0])[:7],
        sample_end=str(known["session"].iloc[-1])[:7],
        finding=(
            f"Small minus large moved by {' and '.join(parts)}. Towards the claim that is"
            f" {100 * mean:+.2f} points an event (95% interval {100 * low:+.2f} to"
            f" {100 * high:+.2f}, p {p_words(p_value)})."
        ),
        measures={
            "signed_mean": mean,
            "signed_p": p_value,
            "signed_low": low,
            "signed_high": high,
            "events": count,
        },
        joint_p=found.joint_p if has_grid else None,
    )


def _more(mean: float, error: float, count: int) -> str:
    if mean == 0:
        return "no number of events would show it"
    needed = more_events_needed(mean, error * np.sqrt(count), count)
    return f"{needed} to detect a move of the size found"
