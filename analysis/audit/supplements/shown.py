"""Supplementary tables as a page shows them: six columns at most, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from analysis.audit.supplements.sentences import points
from analysis.audit.supplements.spreads import CENTRAL, SAME_MONTHS, words_of
from analysis.audit.supplements.studies import SHARE
from analysis.texts import in_prose


def studies(table: pd.DataFrame) -> pd.DataFrame:
    """Every published statement with its definition, and the same statistic here.

    Returns
    -------
    DataFrame
        ``study``, ``of``, ``published``, ``here``, ``95% interval``, ``what differs``, all texts.
    """
    rows = []
    for row in table.itertuples():
        number = _share if row.metric == SHARE else _in_points
        months = "" if pd.isna(row.horizon) else f", {abs(int(row.horizon))} months"
        side = " before" if pd.notna(row.horizon) and row.horizon < 0 else ""
        since = "" if pd.isna(row.since) else f", since {int(row.since)}"
        here = "" if pd.isna(row.found) else f"{number(row.found)} ({int(row.events)} cuts)"
        between = "" if pd.isna(row.low) else f"{number(row.low)} to {number(row.high)}"
        told = (
            *(f"{row.who}, {row.published}".rstrip(", "), f"{row.metric}{months}{side}{since}"),
            *(_published(row, number), here, between, f"{row.definition}: {row.comparison}"),
        )
        rows.append([in_prose(text) for text in told])
    heads = ["study", "of", "published", "here", "95% interval", "definition, and what differs"]
    return pd.DataFrame(rows, columns=heads)


def _published(row: Any, number: Callable[[float], str]) -> str:
    low, high, said = (
        getattr(row, name) for name in ("published_low", "published_high", "qualifier")
    )
    if pd.isna(low) and pd.isna(high):
        return str(said)
    if pd.isna(high):
        return f"more than {number(low)}"
    if low == high:
        return number(low)
    return f"{number(low)} to {number(high)}"


def _in_points(value: float) -> str:
    return f"{points(value)} points"


def _share(value: float) -> str:
    return f"{value:.0%}"


def exposures(table: pd.DataFrame) -> pd.DataFrame:
    """Correlation, beta and tracking error of each fund pair: six columns for reading."""
    return pd.DataFrame(
        {
            "pair": table["leg"].map(words_of),
            "against": table["against"].map(words_of),
            "months": table["months"].astype(int),
            "correlation": table["correlation"],
            "beta": table["beta"],
            "tracking error a year": table["tracking"],
        }
    )


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """The verdict of each central claim by leg, or why there is none."""
    heads = {CENTRAL: "SMB, all months", SAME_MONTHS: "SMB, months of the funds"}
    said = table["verdict"].where(table["verdict"].ne(""), "none: " + table["reason"])
    wide = table.assign(said=said).pivot(index="claim", columns="leg", values="said")
    wide = wide.reindex(index=table["claim"].unique(), columns=table["leg"].unique())
    return wide.rename(columns=lambda leg: heads.get(leg) or words_of(leg)).reset_index()


def policy(table: pd.DataFrame) -> pd.DataFrame:
    """Mean by kind of policy day: six columns for reading, decimals."""
    return pd.DataFrame(
        {
            "leg": table["leg"].map(words_of),
            "day": table["kind"],
            "days": table["days"].astype(int),
            "mean": table["mean"],
            "from": table["low"],
            "to": table["high"],
        }
    )


def costs(table: pd.DataFrame) -> pd.DataFrame:
    """Turnover, what is left before costs, and the cost at which nothing is: one row a rule."""
    once = table.drop_duplicates(["leg", "past"])
    return pd.DataFrame(
        {
            "pair": once["leg"].map(words_of),
            "from": once["first"],
            "months looked back": once["past"].astype(int),
            "portfolios traded a year": once["turnover"],
            "lead before costs": once["gross"],
            "cost that leaves nothing": once["break_even"],
        }
    )
