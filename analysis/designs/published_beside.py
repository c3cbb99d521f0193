"""A figure of a note beside what others published on the same quantity: a matter of record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.panel import Dataset
from analysis.results import Finding

#: The table of facts that is read; no row of it repeats a note that is judged.
FACTS = "published_figures"

#: Columns of the table that is shown.
COLUMNS = ["date", "of", "what", "window", "figure", "unit", "by", "agrees"]

MEASURES = {
    "published": "figures",
    "agreeing": "figures",
    "compared": "comparisons",
    "share_above": "share of comparisons",
}


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


class PublishedBesideArguments(Arguments):
    """Which figures are looked for, and what they are held against."""

    claimed: Group
    unit: str = Field(min_length=1, description="of the note's figure and of every other here")
    low: float | None = Field(default=None, description="lowest value the note's words admit")
    high: float | None = Field(default=None, description="highest value they admit")
    against: Group | None = Field(default=None, description="the other side of a comparison")
    bound: float | None = Field(default=None, description="a fixed other side")
    fewest: int = Field(default=1, ge=1, description="comparisons without which there is no answer")
    pair: Annotated[
        Literal["provider", "lowest"],
        Field(
            description="the other side's figure of the same publisher and date, or the lowest of"
            " all its figures"
        ),
    ] = "provider"

    @model_validator(mode="after")
    def _one_other_side(self) -> PublishedBesideArguments:
        if self.against is not None and self.bound is not None:
            raise ValueError("give either the other side's figures or a fixed bound")
        if (self.low is None) != (self.high is None):
            raise ValueError("give both ends of what the note's words admit, or neither")
        return self


@dataclass(frozen=True)
class PublishedBeside(Study):
    """The finding, and the figures of others.

    Attributes
    ----------
    beside : DataFrame
        :data:`COLUMNS`, oldest first, both sides; ``agrees`` is "yes", "no" or empty where the note
        gives no figure for that side.
    comparisons : DataFrame
        ``date, by, claimed, other, above``: each comparison that could be made.
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
    agrees = _agrees(claimed, arguments)
    compared = comparisons(claimed, other, arguments)
    beside = pd.concat([_shown(claimed, agrees), _shown(other, pd.Series("", other.index))])
    beside = beside.sort_values("date", kind="stable").reset_index(drop=True)
    finding = _finding(claimed, agrees, compared, arguments)
    return PublishedBeside(specification, finding, pd.DataFrame(), beside, compared)


def comparisons(
    claimed: pd.DataFrame, other: pd.DataFrame, arguments: PublishedBesideArguments
) -> pd.DataFrame:
    """Every figure of the claimed side that has another to be held against.

    Figures of which only one end is known count where that end decides.

    Returns
    -------
    DataFrame
        ``date, by, claimed, other`` (middles of ranges) and ``above``, whether the claimed side is
        the higher.
    """
    rows = []
    for one in claimed.itertuples():
        if arguments.bound is not None:
            sides = [(arguments.bound, arguments.bound)]
        elif other.empty:
            sides = []
        elif arguments.pair == "lowest":
            sides = [(other["low"].min(), other["low"].min())]
        else:
            same = other[other["provider"].eq(one.provider) & other["date"].eq(one.date)]
            sides = list(zip(same["low"], same["high"], strict=True))
        for low, high in sides:
            if one.low > high or one.high < low:
                rows.append(
                    {
                        "date": one.date,
                        "by": one.provider,
                        "claimed": _middle(one.low, one.high),
                        "other": _middle(low, high),
                        "above": bool(one.low > high),
                    }
                )
    return pd.DataFrame(rows, columns=["date", "by", "claimed", "other", "above"])


def _middle(low: float, high: float) -> float:
    ends = [end for end in (low, high) if np.isfinite(end)]
    return float(np.mean(ends))


def _agrees(claimed: pd.DataFrame, arguments: PublishedBesideArguments) -> pd.Series:
    if arguments.low is None:
        return pd.Series("", claimed.index)
    meets = (claimed["low"] <= arguments.high) & (claimed["high"] >= arguments.low)
    # a figure whose other end is open agrees with everything on that side, so it says nothing
    known = np.isfinite(claimed[["low", "high"]]).all(axis=1)
    return meets.map({True: "yes", False: "no"}).where(known | ~meets, "")


def _shown(rows: pd.DataFrame, agrees: pd.Series) -> pd.DataFrame:
    figures = [_figure(one) for one in rows.itertuples()]
    return pd.DataFrame(
        {
            "date": rows["date"],
            "of": rows["index"],
            "what": rows["metric"],
            "window": rows["window"],
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
    agrees: pd.Series,
    compared: pd.DataFrame,
    arguments: PublishedBesideArguments,
) -> Finding:
    if claimed.empty:
        return Finding.refused(
            f"no figure for {arguments.claimed.words} was found that anyone else published"
        )
    asked = arguments.against is not None or arguments.bound is not None
    if asked and len(compared) < arguments.fewest:
        return Finding.refused(
            f"only {_count(len(compared), 'comparison')} of published figures can be made;"
            f" {arguments.fewest} are needed"
        )
    yes = int((agrees == "yes").sum())
    above = float(compared["above"].mean()) if len(compared) else None
    ends = claimed[["low", "high"]].to_numpy()
    known = ends[np.isfinite(ends)]
    least, most = (f"{end:.3g}" for end in (known.min(), known.max()))
    reach = least if least == most else f"{least} to {most}"
    words = [
        f"Others published {_count(len(claimed), 'figure')} for {arguments.claimed.words}:"
        f" {reach} {arguments.unit}."
    ]
    if arguments.low is not None:
        named = "none agrees" if yes == 0 else f"{yes} agree" + ("s" if yes == 1 else "")
        words.append(f"With the note's figure {named}.")
    if above is not None:
        what = (
            f"{arguments.bound:g} {arguments.unit}"
            if arguments.against is None
            else arguments.against.words
        )
        many = int(compared["above"].sum())
        words.append(f"In {many} of {_count(len(compared), 'comparison')} they are above {what}.")
    dates = claimed["known_month"].astype(str)
    return Finding(
        estimate=above if above is not None else yes / len(claimed),
        unit="share of comparisons" if above is not None else "share of figures",
        null="none: what others published is a matter of record",
        n=len(claimed),
        effective_n=float(claimed["provider"].nunique()),
        sample_start=dates.min(),
        sample_end=dates.max(),
        finding=" ".join(words),
        measures={
            "published": float(len(claimed)),
            "agreeing": float(yes),
            "compared": float(len(compared)),
            "share_above": float("nan") if above is None else above,
        },
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
