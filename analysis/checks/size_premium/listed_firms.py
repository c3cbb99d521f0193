"""Evidence for the claim that listed small firms have become fewer and poorer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: Number of firms: the claim's groups first, then the unions of fifths nearest to them.
PAIRS = (("lo30", "hi30"), ("small", "big"))

#: Profitability by size is published for these groups only, the first nearest to the smallest 30%.
PROFIT_GROUPS = ("small", "lo20")

WORDS = {
    "lo30": "smallest 30%",
    "hi30": "largest 30%",
    "small": "two smallest fifths",
    "big": "two largest fifths",
    "lo20": "smallest fifth",
    "hi20": "largest fifth",
}


def structural_decline(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim structural-decline: fewer listed small firms, and poorer ones.

    The claim names Lo30 and Hi30. Where the panel holds no number of firms for them, the unions of
    fifths nearest to them in capitalisation stand in.
    """
    monthly, start = dataset.monthly, pd.Period(str(claim.primary["start"]), "M")
    pair = next((p for p in PAIRS if {f"firms_{name}" for name in p} <= set(monthly.columns)), None)
    if pair is None or "op_small" not in monthly.columns:
        return Refusal(
            "needs the latest data: number and profitability of firms by size", needs="latest"
        )
    if dataset.as_of <= start + 12:
        return Refusal(f"needs more than a year from {start}; the data seen end {dataset.as_of}")
    small, large = (log_change(monthly[f"firms_{name}"], start) for name in pair)
    counts, profit = monthly[f"firms_{pair[0]}"].dropna(), monthly["op_small"].dropna()
    before, now = value_near(profit, start), value_near(profit, dataset.as_of)
    return Evidence(
        claim="structural-decline",
        estimate=small,
        unit="log change of the number of small firms",
        n=int((firms_by_july(monthly)["july"] >= start.year).sum()),
        effective_n=1.0,
        null="the number of small firms has not changed",
        sample_start=str(start),
        sample_end=str(counts.index[-1]),
        finding=(
            f"Of the {WORDS[pair[0]]} by NYSE size there were {value_near(counts, start):,.0f}"
            f" listed in {start} and {counts.iloc[-1]:,.0f} in {counts.index[-1]}"
            f" ({np.expm1(small):+.0%}); of the {WORDS[pair[1]]} the number changed by"
            f" {np.expm1(large):+.0%}. Operating profits of the {WORDS['small']} went from"
            f" {before:.1%} to {now:.1%} of book equity."
        ),
        sensitivity=_other_groups(monthly, claim),
        measures={
            "small_firms_change": small,
            "relative_change": small - large,
            "profitability_change": now - before,
        },
    )


def value_near(series: pd.Series, month: pd.Period) -> float:
    """Value of the month nearest to `month`, the earlier of two; no NaN inside."""
    known = series.dropna()
    away = np.abs(known.index.year * 12 + known.index.month - month.year * 12 - month.month)
    return float(known.iloc[int(away.argmin())])


def log_change(series: pd.Series, start: pd.Period) -> float:
    """Log of the last value over that of the month nearest to `start`."""
    return float(np.log(series.dropna().iloc[-1] / value_near(series, start)))


def firms_by_july(monthly: pd.DataFrame) -> pd.DataFrame:
    """Number of firms by group of size each July, after the yearly sort.

    Returns
    -------
    DataFrame
        ``july`` (year) and a column of counts for each group held; empty without any.
    """
    held = [name for name in WORDS if f"firms_{name}" in monthly.columns]
    julys = monthly[monthly.index.month == 7]
    counts = {WORDS[name]: julys[f"firms_{name}"].to_numpy() for name in held}
    return pd.DataFrame({"july": julys.index.year.to_numpy(), **counts}).dropna()


def profitability_by_july(monthly: pd.DataFrame) -> pd.DataFrame:
    """Operating profits over book equity by group of size each July: ``july`` and groups."""
    held = [name for name in PROFIT_GROUPS if f"op_{name}" in monthly.columns]
    julys = monthly[monthly.index.month == 7]
    values = {WORDS[name]: julys[f"op_{name}"].to_numpy() for name in held}
    return pd.DataFrame({"july": julys.index.year.to_numpy(), **values}).dropna()


def _other_groups(monthly: pd.DataFrame, claim: Claim) -> str:
    words = []
    for start in claim.grid["start"]:
        first = pd.Period(str(start), "M")
        changes = [
            f"{WORDS[name]} {np.expm1(log_change(monthly[f'firms_{name}'], first)):+.0%}"
            for name in WORDS
            if f"firms_{name}" in monthly.columns and first < monthly.index[-1]
        ]
        if changes:
            words.append(f"Number since {first}: {', '.join(changes)}.")
    profit = monthly["op_small"].dropna()
    first = pd.Period(str(claim.primary["start"]), "M")
    early, late = _median_of_five(profit, first), profit.iloc[-60:].median()
    words.append(
        "Years of hardly any book equity rule single values of profitability; medians over five"
        f" years around the first and up to the last go from {early:.1%} to {late:.1%}."
    )
    return " ".join(words)


def _median_of_five(series: pd.Series, month: pd.Period) -> float:
    return float(series.loc[month - 30 : month + 29].median())
