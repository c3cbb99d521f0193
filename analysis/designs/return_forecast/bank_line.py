"""A bank's own line, recovered from the pairs of starting P/E and forecast it published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.closest_line import closest_miss
from analysis.results import Result

SIZES = ("small", "large")

#: Forecasts are printed in whole per cent: a line fits when no point is off by more than half.
ROUNDING = 0.005

#: Fewest pairs a line is drawn through.
FEWEST_PAIRS = 3

#: Years forecast.
YEARS = 10

SCORES = ("date", "caps", "forecast", "so far", "years", "share run")


@dataclass(frozen=True)
class Quoted:
    """A bank's forecasts as they are quoted.

    Attributes
    ----------
    bank : str
        As the tables of facts name it.
    multiples : mapping of str to float
        By size: starting forward P/E at which the forecast was printed.
    funds : mapping of str to str
        By size: fund that stands for the index where prices are given.
    """

    bank: str
    multiples: Mapping[str, float]
    funds: Mapping[str, str]


@dataclass(frozen=True)
class BankLine(Result):
    """A straight line through the published pairs of one size.

    Attributes
    ----------
    size : str
    intercept, slope : float
        Forecast (decimal a year) = intercept + slope × starting forward P/E.
    pairs : int
    forecasts : int
        Different values among the forecasts: how rounded they are.
    largest_miss : float
        Largest distance of a published forecast from the line, decimal a year.
    within_rounding : bool
        Whether any straight line comes within half a per cent of every published forecast, so
        that rounding could explain what they differ by.
    r_squared : float
        Of the line through the published points; it says nothing about returns.
    quoted : float
        Starting P/E at which the claim's forecast was printed.
    """

    size: str
    intercept: float
    slope: float
    pairs: int
    forecasts: int
    largest_miss: float
    within_rounding: bool
    r_squared: float
    quoted: float

    @property
    def at_quoted(self) -> float:
        """What the line gives at the starting P/E quoted with the claim."""
        return self.intercept + self.slope * self.quoted

    def __str__(self) -> str:
        if self.refusal is not None:
            return str(self.refusal)
        return (
            f"{self.size} caps: forecast = {self.intercept:.1%} {self.slope:+.2%} a turn of forward"
            f" P/E, through {self.pairs} pairs with {self.forecasts} different forecasts; largest"
            f" miss {self.largest_miss:.1%}; at {self.quoted:g} it gives {self.at_quoted:.1%}"
        )


@dataclass(frozen=True)
class BankLines:
    """The line of each size, the pairs behind them, and what they answer.

    Attributes
    ----------
    lines : mapping of str to BankLine
        By size; too few pairs make a refused one.
    points : DataFrame
        As :func:`published_pairs`, with what the line gives at each (NaN without a line).
    answers : DataFrame
        One row a size: what the line gives at the starting P/E of the claim.
    """

    lines: Mapping[str, BankLine]
    points: pd.DataFrame
    answers: pd.DataFrame


def fit_bank_lines(facts: Mapping[str, pd.DataFrame], quoted: Quoted) -> BankLines:
    """Fit a line for small and for large caps through what a bank published.

    Parameters
    ----------
    facts : mapping of str to DataFrame
        ``bank_forecasts`` and ``forward_pe``; large-cap starting P/Es often stand only in the
        latter and are matched by index and month.
    quoted : Quoted
    """
    points, asked = published_pairs(facts, quoted.bank), quoted.multiples
    lines = {size: _fit(size, points[points["size"] == size], asked[size]) for size in SIZES}
    fitted = [
        lines[size].intercept + lines[size].slope * pe
        for size, pe in zip(points["size"], points["starting P/E"], strict=True)
    ]
    answers = pd.DataFrame([_answer(size, line, asked[size]) for size, line in lines.items()])
    return BankLines(lines, points.assign(line=np.array(fitted, dtype=float)), answers)


def published_pairs(facts: Mapping[str, pd.DataFrame], bank: str) -> pd.DataFrame:
    """Pairs of starting forward P/E and ten-year forecast, decimals a year.

    Returns
    -------
    DataFrame
        ``date, size, index, starting P/E, forecast, source``.
    """
    table = facts["bank_forecasts"]
    wanted = (
        (table["bank"] == bank)
        & (table["metric"] == "forecast")
        & (table["qualifier"] == "exact")
        & (table["horizon_low"] == YEARS)
        & table["size"].isin(SIZES)
        & (table["superseded_by"].fillna("") == "")
    )
    rows = table[wanted].copy()
    starting = rows["starting_forward_pe"].astype(float)
    rows["starting"] = starting.fillna(_matched(rows, facts["forward_pe"], bank))
    rows = rows.dropna(subset=["starting", "value_low"])
    return pd.DataFrame(
        {
            "date": rows["date"].astype(str),
            "size": rows["size"].astype(str),
            "index": rows["index"].astype(str),
            "starting P/E": rows["starting"],
            "forecast": rows["value_low"].astype(float) / 100.0,
            "source": rows["source_url"].astype(str),
        }
    ).sort_values("date", ignore_index=True)


def _matched(rows: pd.DataFrame, multiples: pd.DataFrame, bank: str) -> pd.Series:
    """Starting P/E of the same index and date in the bank's own series of multiples."""
    own = multiples[
        multiples["provider"].str.startswith(bank)
        & (multiples["metric"] == "forward_pe")
        & (multiples["qualifier"] == "exact")
        & (multiples["superseded_by"].fillna("") == "")
    ]
    lookup = own.groupby(["index", "date"])["value_low"].first()
    keys = list(zip(rows["index"], rows["date"], strict=True))
    return pd.Series([lookup.get(key, np.nan) for key in keys], index=rows.index, dtype=float)


def _fit(size: str, points: pd.DataFrame, quoted: float) -> BankLine:
    if len(points) < FEWEST_PAIRS or points["starting P/E"].nunique() < 2:
        return BankLine.refused(
            f"{len(points)} published pairs for {size} caps; {FEWEST_PAIRS} are needed for a line"
        )
    x, y = points["starting P/E"].to_numpy(), points["forecast"].to_numpy()
    slope, intercept = np.polyfit(x, y, 1)
    misses = y - (intercept + slope * x)
    total = ((y - y.mean()) ** 2).sum()
    return BankLine(
        size=size,
        intercept=float(intercept),
        slope=float(slope),
        pairs=len(points),
        forecasts=int(points["forecast"].nunique()),
        largest_miss=float(np.abs(misses).max()),
        within_rounding=closest_miss(x, y) <= ROUNDING + 1e-9,
        r_squared=float(1.0 - (misses**2).sum() / total) if np.ptp(y) > 0 else 1.0,
        quoted=quoted,
    )


def _answer(size: str, line: BankLine, quoted: float) -> dict[str, Any]:
    note = "" if line.within_rounding else "rounding does not explain the misses"
    return {
        "caps": size,
        "pairs": line.pairs,
        "different forecasts": line.forecasts,
        "a turn of P/E": line.slope,
        "largest miss": line.largest_miss,
        "starting P/E of the claim": quoted,
        "line there": line.at_quoted,
        "note": note if line.refusal is None else line.refusal.reason,
    }


def score_forecasts(
    points: pd.DataFrame, funds: pd.DataFrame | None, tickers: Mapping[str, str]
) -> pd.DataFrame:
    """Annualised return so far of the fund that stands for each index, beside the forecast.

    Parameters
    ----------
    points : DataFrame
        As :func:`published_pairs`.
    funds : DataFrame or None
        Adjusted closes by day (total return; the bank forecasts price return, so the fund has the
        dividends on top).
    tickers : mapping of str to str
        Fund that stands for each size.

    Returns
    -------
    DataFrame
        :data:`SCORES`; empty without prices. A forecast less than a year old is not scored: days
        say nothing about years.
    """
    if funds is None:
        return pd.DataFrame(columns=list(SCORES))
    rows = []
    for point in points.to_dict("records"):
        fund = tickers[point["size"]]
        start = pd.Timestamp(point["date"]) if len(point["date"]) == 10 else None
        if fund not in funds.columns or start is None:
            continue
        prices = funds[fund].dropna()
        before = prices.loc[:start]
        if before.empty:
            continue
        years = (prices.index[-1] - start).days / 365.25
        if years < 1:
            continue
        growth = float(prices.iloc[-1] / before.iloc[-1])
        so_far = growth ** (1.0 / years) - 1.0
        numbers = (point["date"], point["size"], point["forecast"], so_far, years, years / YEARS)
        rows.append(dict(zip(SCORES, numbers, strict=True)))
    return pd.DataFrame(rows, columns=list(SCORES))
