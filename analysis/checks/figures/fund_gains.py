"""Gains of funds between two days, for claims that give a gain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: A close older than this does not stand for a day: the series ends or has a hole.
STALE_DAYS = 7

_UNIT = "decimal return"


def calendar_gain(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim growth-2024-sp500: the gain of a calendar year, dividends included."""
    start, end = str(claim.primary["start"]), str(claim.primary["end"])
    funds = [str(claim.primary["fund"]), *(str(f) for f in claim.grid["fund"])]
    closes = fund_closes(dataset, funds, end)
    if isinstance(closes, Refusal):
        return closes
    gains = {fund: gain(closes[fund], start, end) for fund in dict.fromkeys(funds)}
    total = gains[funds[0]]
    others = ", ".join(f"{fund} {value:.1%}" for fund, value in gains.items())
    return _evidence(
        claim,
        total,
        (start, end),
        closes[funds[0]],
        finding=f"{funds[0]} gained {total:.1%} from {start} to {end}, dividends included.",
        sensitivity=f"By fund: {others}.",
        measures={"total_gain": total},
    )


def month_and_record(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim iwm-aug25: the gain of one month and a record close in another."""
    fund = str(claim.primary["fund"])
    month = pd.Period(str(claim.primary["gain_month"]), "M")
    record = pd.Period(str(claim.primary["record_month"]), "M")
    closes = fund_closes(dataset, [fund], str(record.end_time.date()))
    if isinstance(closes, Refusal):
        return closes
    series = closes[fund].dropna()
    before = str((month - 1).end_time.date())
    during = str(month.end_time.date())
    months = series.index.to_period("M")
    august = gain(series, before, during)
    excess = float(series[months == record].max() / series[months < record].max() - 1.0)
    stands = "a record" if excess > 0 else "no record"
    return _evidence(
        claim,
        august,
        (before, str(record.end_time.date())),
        series,
        finding=(
            f"{fund} gained {august:.1%} in {month}; its highest close of {record} lay"
            f" {excess:+.1%} from the highest of all sessions before that month, {stands}."
        ),
        sensitivity=(
            "Adjusted closes put dividends back, a little over one percent a year, so a record in"
            " them is easier to reach than one in the fund's price."
        ),
        measures={"august_gain": august, "record_excess": excess},
    )


def gain_from_low(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim rally-50: the gain from the lowest close of a month."""
    fund, end = str(claim.primary["fund"]), str(claim.primary["end"])
    closes = fund_closes(dataset, [fund], end)
    if isinstance(closes, Refusal):
        return closes
    pairs = rally_pairs(dataset, claim)
    low = _lowest_day(closes[fund], str(claim.primary["low_month"]))
    found = gain(closes[fund], low, end)
    return _evidence(
        claim,
        found,
        (low, end),
        closes[fund],
        finding=f"From its lowest close, {low}, to {end} {fund} gained {found:.1%}.",
        sensitivity=(
            f"Over {len(pairs)} pairs of days the gain runs from {pairs['gain'].min():.1%} to"
            f" {pairs['gain'].max():.1%}; {int(pairs['about half'].sum())} of them lie within"
            f" {float(claim.primary['tolerance']):.0%} of the figure."
        ),
        measures={"gain": found},
    )


def rally_pairs(dataset: Dataset, claim: Claim) -> pd.DataFrame:
    """The gain between every pair of days of the claim's grid.

    Returns
    -------
    DataFrame
        ``from, to, gain, about half``; empty without the data.
    """
    columns = ["from", "to", "gain", "about half"]
    fund = str(claim.primary["fund"])
    ends = [str(day) for day in claim.grid["end"]]
    closes = fund_closes(dataset, [fund], max(ends))
    if isinstance(closes, Refusal):
        return pd.DataFrame(columns=columns)
    low = _lowest_day(closes[fund], str(claim.primary["low_month"]))
    starts = [low if day == "low_close" else str(day) for day in claim.grid["start"]]
    claimed = next(float(f.value) for f in claim.figures) / 100.0
    rows = [(start, end, gain(closes[fund], start, end)) for start in starts for end in ends]
    table = pd.DataFrame(rows, columns=columns[:3])
    near = (table["gain"] - claimed).abs() <= float(claim.primary["tolerance"])
    return table.assign(**{"about half": near})


def year_to_date(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim ytd-8-2026: the gain since the year began, and the lead over a large-cap fund."""
    fund, peer = str(claim.primary["fund"]), str(claim.primary["peer"])
    start, end = str(claim.primary["start"]), str(claim.primary["end"])
    closes = fund_closes(dataset, [fund, peer], end)
    if isinstance(closes, Refusal):
        return closes
    found, other = gain(closes[fund], start, end), gain(closes[peer], start, end)
    last = closes[fund].dropna().index[-1]
    ends = [str(day) for day in claim.grid["end"] if pd.Timestamp(str(day)) <= last]
    around = ", ".join(f"{day} {gain(closes[fund], start, day):.1%}" for day in ends)
    return _evidence(
        claim,
        found,
        (start, end),
        closes[fund],
        finding=(
            f"From {start} to {end} {fund} gained {found:.1%} and {peer} {other:.1%}, a lead of"
            f" {found - other:+.1%}."
        ),
        sensitivity=f"By last day: {around}.",
        measures={"gain": found, "lead": found - other},
    )


def matching_pairs(dataset: Dataset, claim: Claim) -> Evidence | Refusal:
    """Claim since-2022-55-98: is there a pair of month ends that gives both gains?"""
    small, large = str(claim.primary["small"]), str(claim.primary["large"])
    first_end = pd.Period(str(claim.primary["end_from"]), "M")
    closes = fund_closes(dataset, [small, large], str(first_end.end_time.date()))
    if isinstance(closes, Refusal):
        return closes
    table = month_end_pairs(dataset, claim, closes)
    claimed = [float(figure.value) / 100.0 for figure in claim.figures]
    table["apart"] = pd.concat(
        [(table["small"] - claimed[0]).abs(), (table["large"] - claimed[1]).abs()], axis=1
    ).max(axis=1)
    best = table.loc[table["apart"].idxmin()]
    counts = {
        t: int((table["apart"] <= t).sum())
        for t in (float(claim.primary["tolerance"]), *(float(v) for v in claim.grid["tolerance"]))
    }
    matching = counts[float(claim.primary["tolerance"])]
    return _evidence(
        claim,
        best["small"],
        (str(table["from"].min()), str(table["to"].max())),
        closes[small],
        finding=(
            f"{matching} of {len(table)} pairs of month ends give both gains. Nearest come"
            f" {best['from']} to {best['to']}: {small} {best['small']:+.0%}, {large}"
            f" {best['large']:+.0%}, dividends included."
        ),
        sensitivity="; ".join(f"within {t:.0%}: {n} pairs" for t, n in counts.items()) + ".",
        measures={"pairs_matching": matching},
    )


def month_end_pairs(dataset: Dataset, claim: Claim, closes: pd.DataFrame) -> pd.DataFrame:
    """Gains of the two funds between month ends of the claim's two windows.

    Returns
    -------
    DataFrame
        ``from, to`` (YYYY-MM), ``small, large`` in decimals.
    """
    pair = [str(claim.primary["small"]), str(claim.primary["large"])]
    known = closes[pair].dropna()
    monthly = known.groupby(known.index.to_period("M")).last()
    starts = monthly.loc[str(claim.primary["start_from"]) : str(claim.primary["start_to"])]
    ends = monthly.loc[str(claim.primary["end_from"]) : dataset.as_of]
    gains = ends.to_numpy()[None, :, :] / starts.to_numpy()[:, None, :] - 1.0
    return pd.DataFrame(
        {
            "from": np.repeat(starts.index.astype(str), len(ends)),
            "to": np.tile(ends.index.astype(str), len(starts)),
            "small": gains[:, :, 0].ravel(),
            "large": gains[:, :, 1].ravel(),
        }
    )


def fund_closes(dataset: Dataset, funds: Sequence[str], end: str) -> pd.DataFrame | Refusal:
    """Adjusted closes that reach `end`, or why there are none.

    Parameters
    ----------
    dataset : Dataset
    funds : sequence of str
        Tickers.
    end : str
        Last day needed, YYYY-MM-DD.
    """
    if dataset.data != "latest" or dataset.funds is None:
        return Refusal(
            f"needs the latest data: adjusted closes of {', '.join(dict.fromkeys(funds))}",
            needs="latest",
        )
    missing = [fund for fund in funds if fund not in dataset.funds.columns]
    if missing:
        return Refusal(
            f"the snapshot holds no closes of {', '.join(dict.fromkeys(missing))}", needs="latest"
        )
    if dataset.as_of.end_time < pd.Timestamp(end):
        return Refusal(f"this run sees nothing after {dataset.as_of}; the claim needs {end}")
    closes = dataset.funds[list(dict.fromkeys(funds))]
    short = [fund for fund in closes if _is_stale(closes[fund].dropna(), end)]
    if short:
        return Refusal(f"the closes of {', '.join(short)} do not reach {end}", needs="latest")
    return closes


def gain(closes: pd.Series, start: str, end: str) -> float:
    """Gain from the last close on or before `start` to the last on or before `end`, decimal.

    >>> days = pd.to_datetime(["2024-01-02", "2024-01-05"])
    >>> gain(pd.Series([100.0, 110.0], index=days), "2024-01-03", "2024-01-07")
    0.1
    """
    known = closes.dropna()
    return round(float(known.loc[:end].iloc[-1] / known.loc[:start].iloc[-1] - 1.0), 12)


def _is_stale(known: pd.Series, end: str) -> bool:
    seen = known.loc[:end]
    return seen.empty or (pd.Timestamp(end) - seen.index[-1]).days > STALE_DAYS


def _lowest_day(closes: pd.Series, month: str) -> str:
    return str(closes.dropna().loc[month].idxmin().date())


def _evidence(
    claim: Claim,
    estimate: float,
    days: tuple[str, str],
    closes: pd.Series,
    finding: str,
    sensitivity: str,
    measures: dict[str, float | bool],
) -> Evidence:
    return Evidence(
        claim=claim.id,
        estimate=float(estimate),
        unit=_UNIT,
        null="none: the figure is a fact of record, held against the funds' closes",
        n=len(closes.dropna().loc[days[0] : days[1]]),
        sample_start=days[0][:7],
        sample_end=days[1][:7],
        finding=finding,
        sensitivity=sensitivity,
        measures=measures,
    )
