"""What was published about multiples, one provider and definition at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.designs.quoted_multiples.registered import PRICE_EARNINGS, RELATIVE, USUAL

#: What each published metric is, in the notes' kinds.
KINDS: Mapping[str, str] = {
    "forward_pe": PRICE_EARNINGS,
    "trailing_pe": PRICE_EARNINGS,
    "relative_forward_pe": RELATIVE,
    "relative_trailing_pe": RELATIVE,
    "relative_pe": RELATIVE,
    "longterm_average_relative": USUAL,
    "longterm_median_relative": USUAL,
    "usual_range_relative": USUAL,
}


@dataclass(frozen=True)
class Published:
    """One published figure.

    Attributes
    ----------
    low, high : float
    first, last : Timestamp
        Its day, or the days of the month, year or span it is dated by.
    precision : str
        ``"day"``, ``"month"``, ``"year"`` or ``"span"``.
    date, provider, definition, source : str
        As published; `definition` in words.
    kind : str
        In the notes' kinds.
    small_index, large_index : str
        The side or sides it measures; empty for the other.
    earnings, loss_makers, weighting : str
    """

    low: float
    high: float
    first: pd.Timestamp
    last: pd.Timestamp
    precision: str
    date: str
    provider: str
    definition: str
    source: str
    kind: str
    small_index: str
    large_index: str
    earnings: str
    loss_makers: str
    weighting: str

    @property
    def cell(self) -> tuple[str, str, str]:
        """Index or indices, and month."""
        return self.small_index, self.large_index, f"{self.last:%Y-%m}"

    def __str__(self) -> str:
        ends = dict.fromkeys(f"{end:g}" for end in (self.low, self.high))
        provider = "provider not named" if self.provider == "unstated" else self.provider
        return f"{' to '.join(ends)} ({provider}, {self.date})"


def closed_figures(forward_pe: pd.DataFrame) -> pd.DataFrame:
    """Published multiples with both ends, a date, and nothing that supersedes them.

    "Above 22" is no figure a multiple can be held against; what was worked out from others was not
    published.
    """
    return forward_pe[
        (forward_pe["superseded_by"] == "")
        & (forward_pe["qualifier"] != "derived")
        & forward_pe[["value_low", "value_high", "date_low", "date_high"]].notna().all(axis=1)
    ]


def published_multiples(figures: pd.DataFrame) -> tuple[Published, ...]:
    """The closed figures that are multiples of a small or a large side, or of both."""
    sides = figures[["small_index", "large_index"]].ne("").any(axis=1)
    chosen = figures[figures["metric"].isin(KINDS) & sides]
    return tuple(_published(row) for row in chosen.itertuples(index=False))


def history(figures: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Published figures of small-cap indices over time, each with the line it belongs to.

    Figures dated by no more than a year have no place on a time axis and are left out.

    Returns
    -------
    DataFrame
        ``day, value, index, provider, definition, line``; `line` joins figures of one index,
        provider and definition only.
    """
    chosen = figures[
        (figures["metric"] == metric)
        & figures["small_index"].ne("")
        & figures["precision"].isin(["day", "month"])
    ]
    rows = pd.DataFrame(
        {
            "day": chosen["date_high"].dt.strftime("%Y-%m-%d"),
            "value": (chosen["value_low"] + chosen["value_high"]) / 2.0,
            "index": chosen["small_index"],
            "provider": chosen["provider"].replace("unstated", "not named"),
            "definition": chosen["definition"],
            "line": chosen["index"] + " · " + chosen["provider"] + " · " + chosen["definition"],
        }
    )
    return rows.sort_values(["line", "day"], ignore_index=True)


def _published(row: Any) -> Published:
    return Published(
        low=row.value_low,
        high=row.value_high,
        first=row.date_low,
        last=row.date_high,
        precision=row.precision,
        date=row.date,
        provider=row.provider,
        definition=row.definition,
        source=row.source_url,
        kind=KINDS[row.metric],
        small_index=row.small_index,
        large_index=row.large_index,
        earnings=row.earnings,
        loss_makers=row.loss_makers,
        weighting=row.weighting,
    )
