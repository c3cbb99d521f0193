"""The bank's own line, recovered from the pairs of starting P/E and forecast it published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.results import Refusal

BANK = "BofA"

#: Forecasts are printed in whole per cent: a line fits when no point is off by more than half.
ROUNDING = 0.005

#: Fewest pairs a line is drawn through.
FEWEST_PAIRS = 3

#: The pair of starting P/Es at which the bank printed 9% and 1%.
QUOTED = {"small": 15.8, "large": 21.5}

#: Fund that stands for each index where prices are given.
FUNDS = {"small": "IWM", "large": "IVV"}


@dataclass(frozen=True)
class BankLine:
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
    at_quoted : float
        What the line gives at the starting P/E quoted with the claim.
    """

    size: str
    intercept: float
    slope: float
    pairs: int
    forecasts: int
    largest_miss: float
    within_rounding: bool
    r_squared: float
    at_quoted: float

    def __str__(self) -> str:
        return (
            f"{self.size} caps: forecast = {self.intercept:.1%} {self.slope:+.2%} a turn of forward"
            f" P/E, through {self.pairs} pairs with {self.forecasts} different forecasts; largest"
            f" miss {self.largest_miss:.1%}; at {QUOTED[self.size]:g} it gives {self.at_quoted:.1%}"
        )


@dataclass(frozen=True)
class BankLines:
    """Both lines, the pairs behind them, and what they answer."""

    lines: Mapping[str, BankLine | Refusal]
    points: pd.DataFrame
    answers: pd.DataFrame


def fit_bank_lines(facts: Mapping[str, pd.DataFrame]) -> BankLines:
    """Fit a line for small and for large caps through what the bank published.

    Parameters
    ----------
    facts : mapping of str to DataFrame
        ``bank_forecasts`` and ``forward_pe``; large-cap starting P/Es often stand only in the
        latter and are matched by index and month.
    """
    points = published_pairs(facts)
    lines = {size: _fit(size, points[points["size"] == size]) for size in ("small", "large")}
    rows = [_answer(size, line) for size, line in lines.items()]
    fitted = [
        line.intercept + line.slope * pe if isinstance(line := lines[size], BankLine) else np.nan
        for size, pe in zip(points["size"], points["starting P/E"], strict=True)
    ]
    return BankLines(lines, points.assign(line=fitted), pd.DataFrame(rows))


def published_pairs(facts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Pairs of starting forward P/E and ten-year forecast, decimals a year.

    Returns
    -------
    DataFrame
        ``date, size, index, starting P/E, forecast, source``.
    """
    table = facts["bank_forecasts"]
    wanted = (
        (table["bank"] == BANK)
        & (table["metric"] == "forecast")
        & (table["qualifier"] == "exact")
        & (table["horizon_low"] == 10)
        & table["size"].isin(("small", "large"))
        & (table["superseded_by"].fillna("") == "")
    )
    rows = table[wanted].copy()
    starting = rows["starting_forward_pe"].astype(float)
    rows["starting"] = starting.fillna(_matched(rows, facts["forward_pe"]))
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


def _matched(rows: pd.DataFrame, multiples: pd.DataFrame) -> pd.Series:
    """Starting P/E of the same index and date in the bank's own series of multiples."""
    own = multiples[
        multiples["provider"].str.startswith(BANK)
        & (multiples["metric"] == "forward_pe")
        & (multiples["qualifier"] == "exact")
        & (multiples["superseded_by"].fillna("") == "")
    ]
    lookup = own.groupby(["index", "date"])["value_low"].first()
    keys = list(zip(rows["index"], rows["date"], strict=True))
    return pd.Series([lookup.get(key, np.nan) for key in keys], index=rows.index, dtype=float)


def _fit(size: str, points: pd.DataFrame) -> BankLine | Refusal:
    if len(points) < FEWEST_PAIRS or points["starting P/E"].nunique() < 2:
        return Refusal(
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
        r_squared=float(1.0 - (misses**2).sum() / total) if total > 0 else 1.0,
        at_quoted=float(intercept + slope * QUOTED[size]),
    )


def closest_miss(x: np.ndarray, y: np.ndarray) -> float:
    """Largest distance of the points from the straight line that makes it smallest.

    Parameters
    ----------
    x, y : ndarray, shape (points,)
        At least two different values of `x`.

    References
    ----------
    The Chebyshev line as a linear programme: least t with |y − a − b x| ≤ t at every point.
    """
    from scipy.optimize import linprog

    line = np.column_stack([np.ones(len(x)), x])
    arm = np.ones((len(x), 1))
    found = linprog(
        [0.0, 0.0, 1.0],
        A_ub=np.block([[line, -arm], [-line, -arm]]),
        b_ub=np.concatenate([y, -y]),
        bounds=[(None, None), (None, None), (0.0, None)],
    )
    return float(found.x[2])


def _answer(size: str, line: BankLine | Refusal) -> dict:
    fitted = isinstance(line, BankLine)
    rounding = "" if fitted and line.within_rounding else "rounding does not explain the misses"
    return {
        "caps": size,
        "pairs": line.pairs if fitted else 0,
        "different forecasts": line.forecasts if fitted else 0,
        "a turn of P/E": line.slope if fitted else np.nan,
        "largest miss": line.largest_miss if fitted else np.nan,
        "starting P/E of the claim": QUOTED[size],
        "line there": line.at_quoted if fitted else np.nan,
        "note": rounding if fitted else line.reason,
    }


def score_forecasts(points: pd.DataFrame, funds: pd.DataFrame | None) -> pd.DataFrame:
    """Annualised return so far of the fund that stands for each index, beside the forecast.

    Parameters
    ----------
    points : DataFrame
        As :func:`published_pairs`.
    funds : DataFrame or None
        Adjusted closes by day (total return; the bank forecasts price return, so the fund has the
        dividends on top).

    Returns
    -------
    DataFrame
        ``date, caps, forecast, so far, years, share run``; empty without prices. A forecast less
        than a year old is not scored: days say nothing about years.
    """
    columns = ["date", "caps", "forecast", "so far", "years", "share run"]
    if funds is None:
        return pd.DataFrame(columns=columns)
    rows = []
    for point in points.to_dict("records"):
        fund = FUNDS[point["size"]]
        start = pd.Timestamp(point["date"]) if len(point["date"]) == 10 else None
        if fund not in funds.columns or start is None:
            continue
        prices = funds[fund].dropna()
        before = prices.loc[:start]
        years = (prices.index[-1] - start).days / 365.25
        if before.empty or years < 1:
            continue
        growth = float(prices.iloc[-1] / before.iloc[-1])
        rows.append(
            {
                "date": point["date"],
                "caps": point["size"],
                "forecast": point["forecast"],
                "so far": growth ** (1.0 / years) - 1.0,
                "years": years,
                "share run": years / 10.0,
            }
        )
    return pd.DataFrame(rows, columns=columns)
