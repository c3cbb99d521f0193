"""A figure of a note beside what others published on the same quantity: a matter of record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding, month_words
from analysis.texts import MONTH

#: The table of facts that is read; no row of it repeats a note that is judged.
FACTS = "published_figures"

#: Columns of the table that is shown.
COLUMNS = ["date", "of", "what", "window", "benchmark", "figure", "unit", "by", "agrees"]

MEASURES = {
    "published": "figures",
    "agreeing": "figures",
    "held_against": "figures",
    "mismatched": "figures of the note",
    "compared": "comparisons",
    "ties": "comparisons",
    "undecided": "comparisons",
    "share_as_claimed": "share of comparisons",
}

#: What is said of a figure of another date or window than the note's.
ELSEWHERE = "other date or window"

_YEAR = 365.25


class Group(BaseModel):
    """Rows of the table that speak of one quantity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field(min_length=3, description="the quantity in a sentence")
    topic: str
    metric: list[str] = Field(min_length=1)
    index: list[str] = Field(min_length=1, description="whose figure it is")
    window: list[str] = Field(default_factory=list, description="windows admitted; all by default")
    per: float = Field(default=1.0, gt=0, description="what a figure is divided by")

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Its rows, with ``low`` and ``high`` in the group's own unit."""
        kept = table[
            table["topic"].eq(self.topic)
            & table["metric"].isin(self.metric)
            & table["index"].isin(self.index)
        ]
        if self.window:
            kept = kept[kept["window"].isin(self.window)]
        low = (kept["value_low"] / self.per).fillna(-np.inf)
        high = (kept["value_high"] / self.per).fillna(np.inf)
        return kept.assign(low=low, high=high)[kept["qualifier"].ne("direction")]


class Stated(BaseModel):
    """A figure of the note, and where others may have published the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field(min_length=1, description="the figure with its unit, in a sentence")
    of: Literal["claimed", "against"] = "claimed"
    index: list[str] = Field(default_factory=list, description="whose; the group's by default")
    window: list[str] = Field(default_factory=list, description="windows that are like the note's")
    low: float = Field(description="lowest value within its printed rounding")
    high: float = Field(description="highest such value")

    @model_validator(mode="after")
    def _in_order(self) -> Stated:
        if self.high < self.low:
            raise ValueError(f"{self.words}: high {self.high:g} lies below low {self.low:g}")
        return self


class PublishedBesideArguments(Arguments):
    """Which figures are looked for, and what they are held against."""

    claimed: Group
    unit: str = Field(min_length=1, description="of every figure here")
    stated: list[Stated] = Field(default_factory=list, description="the note's own figures")
    first: str = Field(default="", pattern=f"({MONTH})?", description="first month they may be of")
    last: str = Field(default="", pattern=f"({MONTH})?", description="last month they may be of")
    against: Group | None = Field(default=None, description="the other side of a comparison")
    bound: float | None = Field(default=None, description="a fixed other side")
    side: Literal["above", "below"] = Field(
        default="above", description="on which side of the other the claim puts its figure"
    )
    benchmark: str = Field(
        default="", description="measure of the figures that are compared; any by default"
    )
    within_years: float = Field(
        default=0.0, ge=0, description="years by which the dates of two figures may differ"
    )
    fewest: int = Field(default=1, ge=0, description="comparisons without which there is no answer")
    pair: Annotated[
        Literal["provider", "lowest"],
        Field(
            description="the other side's figures of the same publisher, or the lowest of all its"
            " figures"
        ),
    ] = "provider"

    @model_validator(mode="after")
    def _one_other_side(self) -> PublishedBesideArguments:
        if self.against is not None and self.bound is not None:
            raise ValueError("give either the other side's figures or a fixed bound")
        if bool(self.stated) != bool(self.first and self.last) or self.last < self.first:
            raise ValueError("give the note's figures and the months they may be of, or neither")
        if self.against is None and any(one.of == "against" for one in self.stated):
            raise ValueError("a figure of the other side needs that side")
        return self


@dataclass(frozen=True)
class PublishedBeside(Study):
    """The finding, and the figures of others.

    Attributes
    ----------
    beside : DataFrame
        :data:`COLUMNS`, oldest first, both sides; ``agrees`` is "yes" or "no" for a figure of the
        note's own dates and window, :data:`ELSEWHERE` for another, and empty where the note gives
        no figure, or an open end leaves both possible.
    comparisons : DataFrame
        ``date, by, claimed, other, outcome``: each comparison that could be made.
    """

    beside: pd.DataFrame
    comparisons: pd.DataFrame


@design(arguments=PublishedBesideArguments, measures=MEASURES)
def published_beside(
    dataset: Dataset, specification: Specification[PublishedBesideArguments], sampling: Sampling
) -> PublishedBeside:
    """Set a note's figure beside those that others published."""
    arguments = specification.arguments
    table = dataset.facts[FACTS]
    claimed = arguments.claimed.rows(table)
    other = table.iloc[:0] if arguments.against is None else arguments.against.rows(table)
    sides = {"claimed": claimed, "against": other}
    matches = [_matches(one, sides[one.of], arguments) for one in arguments.stated]
    agrees = _agrees(pd.concat([claimed["date"], other["date"]]).index, matches)
    measured = claimed
    if arguments.benchmark:
        measured = claimed[claimed["benchmark"].eq(arguments.benchmark)]
    compared = comparisons(measured, other, arguments)
    beside = pd.concat([_shown(rows, agrees.loc[rows.index]) for rows in (claimed, other)])
    beside = beside.sort_values("date", kind="stable").reset_index(drop=True)
    finding = _finding(claimed, measured, compared, sides, matches, arguments)
    return PublishedBeside(specification, finding, pd.DataFrame(), beside, compared)


def comparisons(
    claimed: pd.DataFrame, other: pd.DataFrame, arguments: PublishedBesideArguments
) -> pd.DataFrame:
    """Every figure of the claimed side that has another to be held against.

    Returns
    -------
    DataFrame
        ``date, by, claimed, other`` (middles of ranges) and ``outcome``: "above" or "below", where
        the claimed side is; "tie" where both ends are known and neither side is clear of the other;
        "undecided" where an open end leaves both possible.
    """
    rows = []
    for one in claimed.itertuples():
        if arguments.bound is not None:
            sides = [(arguments.bound, arguments.bound)]
        elif other.empty:
            sides = []
        else:
            near = other[_years_between(one, other) <= arguments.within_years]
            if arguments.pair == "provider":
                near = near[near["provider"].eq(one.provider)]
            elif len(near):
                near = near.nsmallest(1, "low").assign(high=lambda held: held["low"])
            sides = list(zip(near["low"], near["high"], strict=True))
        for low, high in sides:
            rows.append(
                {
                    "date": one.date,
                    "by": one.provider,
                    "claimed": _middle(one.low, one.high),
                    "other": _middle(low, high),
                    "outcome": _outcome(one.low, one.high, low, high),
                }
            )
    return pd.DataFrame(rows, columns=["date", "by", "claimed", "other", "outcome"])


def _outcome(low: float, high: float, other_low: float, other_high: float) -> str:
    if low > other_high:
        return "above"
    if high < other_low:
        return "below"
    return "tie" if np.isfinite([low, high, other_low, other_high]).all() else "undecided"


def _years_between(one: object, others: pd.DataFrame) -> pd.Series:
    """Years that lie at least between a figure's date and each of some others'."""
    first, last = (pd.Timestamp(getattr(one, name)) for name in ("date_low", "date_high"))
    after = (pd.to_datetime(others["date_low"]) - last).dt.days
    before = (first - pd.to_datetime(others["date_high"])).dt.days
    return pd.concat([after, before], axis=1).max(axis=1).clip(lower=0) / _YEAR


def _middle(low: float, high: float) -> float:
    ends = [end for end in (low, high) if np.isfinite(end)]
    return float(np.mean(ends))


def _matches(stated: Stated, rows: pd.DataFrame, arguments: PublishedBesideArguments) -> pd.Series:
    """What each published figure of the same quantity says of one of the note's."""
    kept = rows[rows["index"].isin(stated.index)] if stated.index else rows
    meets = (kept["low"] <= stated.high) & (kept["high"] >= stated.low)
    # a figure whose other end is open agrees with everything on that side, so it says nothing
    known = np.isfinite(kept[["low", "high"]].astype(float)).all(axis=1)
    said = meets.map({True: "yes", False: "no"}).astype(object).where(known | ~meets, "")
    months = pd.PeriodIndex([arguments.first, arguments.last], freq="M")
    inside = pd.to_datetime(kept["date_low"]).le(months[1].end_time) & pd.to_datetime(
        kept["date_high"]
    ).ge(months[0].start_time)
    if stated.window:
        inside &= kept["window"].isin(stated.window)
    return said.where(inside, ELSEWHERE)


def _agrees(index: pd.Index, matches: list[pd.Series]) -> pd.Series:
    """Of each row what it says of the note's figure of its quantity; empty where there is none."""
    agrees = pd.Series("", index, dtype=object)
    for one in matches:
        agrees.update(one)
    return agrees


def _shown(rows: pd.DataFrame, agrees: pd.Series) -> pd.DataFrame:
    figures = [_figure(one) for one in rows.itertuples()]
    return pd.DataFrame(
        {
            "date": rows["date"],
            "of": rows["index"],
            "what": rows["metric"],
            "window": rows["window"],
            "benchmark": rows["benchmark"],
            "figure": pd.Series(figures, rows.index, dtype=str),
            "unit": rows["unit"],
            "by": rows["provider"],
            "agrees": agrees,
        }
    )[COLUMNS]


def _figure(row: object) -> str:
    low, high = row.value_low, row.value_high  # type: ignore[attr-defined]
    if np.isnan(low):
        return f"below {high:g}"
    if np.isnan(high):
        return f"above {low:g}"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _finding(
    claimed: pd.DataFrame,
    measured: pd.DataFrame,
    compared: pd.DataFrame,
    sides: Mapping[str, pd.DataFrame],
    matches: list[pd.Series],
    arguments: PublishedBesideArguments,
) -> Finding:
    if claimed.empty:
        return Finding.refused(
            f"no figure for {arguments.claimed.words} was found that anyone else published"
        )
    asked, side = arguments.against is not None or arguments.bound is not None, arguments.side
    if asked and measured.duplicated(["date", "window", "index", "provider"]).any():
        return Finding.refused(
            "one publisher gave two figures for one date and window; name the benchmark that counts"
        )
    outcomes = compared["outcome"]
    decided = compared[outcomes.ne("undecided")]
    if asked and len(decided) < arguments.fewest:
        return Finding.refused(
            f"only {_count(len(decided), 'comparison')} of published figures can be made;"
            f" {arguments.fewest} are needed"
        )
    share = float(decided["outcome"].eq(side).mean()) if len(decided) else None
    judged = [one[one.isin(["yes", "no"])] for one in matches]
    yes = sum(int(one.eq("yes").sum()) for one in judged)
    held = sum(map(len, judged))
    ends = claimed[["low", "high"]].to_numpy()
    known = ends[np.isfinite(ends)]
    least, most = (f"{end:.3g}" for end in (known.min(), known.max()))
    reach = least if least == most else f"{least} to {most}"
    words = [
        f"Others published {_count(len(claimed), 'figure')} for {arguments.claimed.words}:"
        f" {reach} {arguments.unit}."
    ]
    for stated, one in zip(arguments.stated, matches, strict=True):
        words.append(_match_words(stated, one, sides[stated.of].loc[one.index]))
    if asked:
        words.append(_comparison_words(decided, len(compared) - len(decided), arguments))
    if len(measured) < len(claimed):
        words.append(
            f"The other {len(claimed) - len(measured)} have another benchmark than the"
            f" {arguments.benchmark} and are only shown."
        )
    dates = claimed["known_month"].astype(str)
    return Finding(
        estimate=share if share is not None else yes / len(claimed),
        unit="share of comparisons" if share is not None else "share of figures",
        null="none: what others published is a matter of record",
        n=len(claimed),
        effective_n=float(claimed["provider"].nunique()),
        sample_start=dates.min(),
        sample_end=dates.max(),
        finding=" ".join(words),
        measures={
            "published": float(len(claimed)),
            "agreeing": float(yes),
            "held_against": float(held),
            "mismatched": float(sum(len(one) > 0 and not one.eq("yes").any() for one in judged)),
            "compared": float(len(decided)),
            "ties": float(decided["outcome"].eq("tie").sum()),
            "undecided": float(len(compared) - len(decided)),
            "share_as_claimed": float("nan") if share is None else share,
        },
    )


def _match_words(stated: Stated, said: pd.Series, rows: pd.DataFrame) -> str:
    """Whether anybody published one of the note's figures for its dates, in a sentence."""
    same = rows[said.eq("yes")]
    if len(same):
        return f"The note gives {stated.words}, which matches what {_sources(same)}."
    other = rows[said.eq("no")]
    if len(other):
        return f"The note gives {stated.words}, which does not match what {_sources(other)}."
    known = rows[np.isfinite(rows[["low", "high"]].astype(float)).all(axis=1)]
    words = f"The note gives {stated.words}; no figure of others for its dates and window was found"
    if known.empty:
        return f"{words}."
    newest = known.sort_values("date_high", kind="stable").tail(1)
    return f"{words}; the newest of other dates or windows is what {_sources(newest)}."


def _sources(rows: pd.DataFrame) -> str:
    """``ICE BofA published for 30 September 2023 (3.4 to 3.6 years)``, the figures joined."""
    told = [
        f"{one.provider} published for {_date_words(one.date)} ({_figure(one)} {one.unit})"
        for one in rows.itertuples()
    ]
    return " and ".join(told)


def _date_words(date: str) -> str:
    return month_words(date) if re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", date) else date


def _comparison_words(
    decided: pd.DataFrame, undecided: int, arguments: PublishedBesideArguments
) -> str:
    what = (
        f"{arguments.bound:g} {arguments.unit}"
        if arguments.against is None
        else arguments.against.words
    )
    left = (
        f" {_count(undecided, 'other')} cannot be decided, as one end is not given."
        if undecided
        else ""
    )
    if decided.empty:
        apart = _count_years(arguments.within_years)
        near = f"within {apart} of each other" if arguments.within_years else "the same"
        return f"None of them can be compared with {what}: no two are dated {near}.{left}"
    many = int(decided["outcome"].eq(arguments.side).sum())
    ties = int(decided["outcome"].eq("tie").sum())
    verb = "counts" if ties == 1 else "count"
    equal = f" {_count(ties, 'tie')} {verb} against the claim." if ties else ""
    return (
        f"In {many} of {_count(len(decided), 'comparison')} they are {arguments.side}"
        f" {what}.{equal}{left}"
    )


def _count_years(years: float) -> str:
    return f"{years:g} year" + ("" if years == 1 else "s")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
