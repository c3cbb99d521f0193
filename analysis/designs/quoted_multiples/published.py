"""What was published about the same multiples, one provider and definition at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.designs.quoted_multiples.comparisons import relative_difference
from analysis.designs.quoted_multiples.multiples import (
    LARGE,
    LARGE_INDICES,
    RELATIVE,
    SMALL_INDICES,
    UNNAMED,
    USUAL,
    Multiple,
)

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Published:
    """One published figure beside a note's.

    Attributes
    ----------
    low, high : float
    month : Period
        The month of its date nearest to the note; a figure may be dated by a year.
    date : str
        Its date as published.
    provider, definition, measure, source : str
    difference : float
        ``|a/b − 1|`` of the note's figure to this one.
    months_apart : int
        Distance of the note's month from the published figure's.
    """

    low: float
    high: float
    month: pd.Period
    date: str
    provider: str
    definition: str
    measure: str
    source: str
    difference: float
    months_apart: int

    def __str__(self) -> str:
        ends = dict.fromkeys(f"{end:g}" for end in (self.low, self.high))
        known = self.definition.partition("; averages")[0]
        trailing = "trailing" in self.measure and not known.startswith("trailing")
        provider = "provider not named" if self.provider == "unstated" else self.provider
        return f"{' to '.join(ends)} ({provider}, {self.date}; {'trailing, ' * trailing}{known})"


def closed_figures(forward_pe: pd.DataFrame) -> pd.DataFrame:
    """Published figures with both ends, a date, and nothing that supersedes them.

    "Above 22" is no figure a multiple can be held against.

    Returns
    -------
    DataFrame
        With ``small_index`` (the side before "vs" of a relative figure), ``first_month`` and
        ``last_month`` added.
    """
    known = forward_pe[
        (forward_pe["superseded_by"] == "")
        & forward_pe[["value_low", "value_high", "date_low", "date_high"]].notna().all(axis=1)
    ]
    return known.assign(
        small_index=known["index"].where(
            known["index"].str.startswith("Small vs "),
            known["index"].str.replace(" vs .*", "", regex=True),
        ),
        first_month=known["date_low"].dt.to_period("M"),
        last_month=known["date_high"].dt.to_period("M"),
    )


def same_measure(
    multiple: Multiple, figures: pd.DataFrame, any_earnings: bool = False
) -> list[Published]:
    """Published figures for the same index and measure, at any date.

    Parameters
    ----------
    multiple : Multiple
    figures : DataFrame
        From :func:`closed_figures`.
    any_earnings : bool
        Take forward and trailing multiples alike.
    """
    chosen = figures[
        figures["metric"].isin(_metrics(multiple, any_earnings))
        & figures["small_index"].isin(_indices(multiple))
    ]
    return [_published(multiple, row) for row in chosen.itertuples(index=False)]


def in_reach(published: Sequence[Published], months: int) -> list[Published]:
    """Those dated within some months of the note."""
    return [figure for figure in published if figure.months_apart <= months]


def nearest(published: Sequence[Published]) -> Published | None:
    """The published figure nearest in value; of equals the nearest in time."""
    return min(published, key=lambda p: (p.difference, p.months_apart), default=None)


def likely_definition(
    multiple: Multiple, figures: pd.DataFrame, tolerance: float
) -> Published | None:
    """The published figure a note's may rest on: near in value, and of those nearest in time.

    Only figures whose definition is stated can explain anything. Those on the same earnings come
    first; on the other earnings only where those give nothing.
    """
    for any_earnings in (False, True):
        near = [
            p
            for p in same_measure(multiple, figures, any_earnings)
            if p.difference <= tolerance and p.definition != NOT_STATED
        ]
        if near:
            return min(near, key=lambda p: (p.months_apart, p.difference))
    return None


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
        & figures["small_index"].isin(SMALL_INDICES)
        & figures["precision"].isin(["day", "month"])
    ]
    definition = chosen["definition"].where(chosen["definition"] != "", NOT_STATED)
    rows = pd.DataFrame(
        {
            "day": chosen["date_high"].dt.strftime("%Y-%m-%d"),
            "value": (chosen["value_low"] + chosen["value_high"]) / 2.0,
            "index": chosen["small_index"],
            "provider": chosen["provider"].replace("unstated", "not named"),
            "definition": definition,
            "line": chosen["small_index"] + " · " + chosen["provider"] + " · " + definition,
        }
    )
    return rows.sort_values(["line", "day"], ignore_index=True)


def _metrics(multiple: Multiple, any_earnings: bool) -> tuple[str, ...]:
    if multiple.kind == USUAL:
        return ("longterm_average_relative", "longterm_median_relative")
    form = "relative_{}_pe" if multiple.kind == RELATIVE else "{}_pe"
    earnings = ("forward", "trailing") if any_earnings else (multiple.earnings,)
    return tuple(form.format(name) for name in earnings)


def _indices(multiple: Multiple) -> tuple[str, ...]:
    if multiple.is_large:
        return LARGE_INDICES if multiple.index == LARGE else (multiple.index,)
    return SMALL_INDICES if multiple.index == UNNAMED else (multiple.index,)


def _published(multiple: Multiple, row: Any) -> Published:
    month = min(max(multiple.month, row.first_month), row.last_month)
    return Published(
        low=row.value_low,
        high=row.value_high,
        month=month,
        date=row.date,
        provider=row.provider,
        definition=row.definition or NOT_STATED,
        measure=row.metric,
        source=row.source_url,
        difference=relative_difference(multiple.low, multiple.high, row.value_low, row.value_high),
        months_apart=abs((month - multiple.month).n),
    )
