"""Core, sleeve and mix, month by month and side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.inference.drawdowns import drawdowns
from analysis.inference.rebalancing import rebalance
from analysis.inference.sharpe import MONTHS_A_YEAR, annual_sharpe
from analysis.panel.eras import in_era
from analysis.panel.portfolios import portfolio_returns

if TYPE_CHECKING:
    from analysis.designs.portfolio_mix import PortfolioMixArguments

#: Weights of the sleeve that the chart shows.
WEIGHTS = tuple(float(weight) for weight in np.round(np.arange(0.0, 1.01, 0.1), 1))

COST = "cost, basis points"


def hold(
    monthly: pd.DataFrame, core: str, sleeve: str, weight: float, months: int, cost: float
) -> pd.DataFrame:
    """Returns of core, sleeve, bill and their mix; arguments as the design registers them.

    Returns
    -------
    DataFrame
        ``core, sleeve, bill, mix`` (decimal a month) and ``traded`` (share of the portfolio); no
        months where the panel lacks a portfolio.
    """
    returns = portfolio_returns(monthly, {"core": core, "sleeve": sleeve}, "bill")
    pair = returns["core"].to_numpy(), returns["sleeve"].to_numpy()
    mix = rebalance(*pair, weight, months, cost)
    return returns.assign(mix=mix.returns, traded=mix.traded)


def compare(held: pd.DataFrame) -> dict[str, float]:
    """Sharpe ratio a year and largest drawdown of the mix, less those of the core."""
    sharpe = {name: annual_sharpe((held[name] - held["bill"]).to_numpy()) for name in _BOTH}
    deepest = {name: float(drawdowns(held[name]).max()) for name in _BOTH}
    return {
        "sharpe_difference": sharpe["mix"] - sharpe["core"],
        "drawdown_change": deepest["mix"] - deepest["core"],
    }


def portfolio_table(held: pd.DataFrame, words: Mapping[str, str], cost: float) -> pd.DataFrame:
    """Core, sleeve and mix side by side.

    Parameters
    ----------
    held : DataFrame
        Of :func:`hold`.
    words : mapping of str to str
        How ``core``, ``sleeve`` and ``mix`` are called.
    cost : float
        Share of the amount traded.

    Returns
    -------
    DataFrame
        ``portfolio, return`` (compounded, a year), ``volatility`` (a year), ``Sharpe`` (over
        bills), ``largest drawdown``, ``turnover`` a year, and the cost in basis points a year.
    """
    columns = ["portfolio", "return", "volatility", "Sharpe", "largest drawdown", "turnover", COST]
    rows = []
    for name, label in words.items() if len(held) else ():
        returns, turnover = held[name], held["traded"].mean() if name == "mix" else 0.0
        rows.append(
            (
                label,
                np.expm1(MONTHS_A_YEAR * np.log1p(returns).mean()),
                np.sqrt(MONTHS_A_YEAR) * returns.std(ddof=1),
                annual_sharpe((returns - held["bill"]).to_numpy()),
                drawdowns(returns).max(),
                MONTHS_A_YEAR * turnover,
                1e4 * cost * MONTHS_A_YEAR * turnover,
            )
        )
    return pd.DataFrame(rows, columns=columns)


def drawdown_paths(held: pd.DataFrame) -> pd.DataFrame:
    """Deepest drawdown of each half-year, core and mix.

    Returns
    -------
    DataFrame
        ``month`` (first day of the half-year's last month), ``portfolio, drawdown`` (0 to −1).
    """
    lost = pd.DataFrame({name: -drawdowns(held[name]) for name in _BOTH}, index=held.index)
    halves = lost.rolling(6).min().dropna()
    halves = halves[halves.index.month % 6 == 0].rename_axis("month").reset_index()
    long = halves.melt("month", var_name="portfolio", value_name="drawdown")
    return long.assign(month=long["month"].dt.to_timestamp())


def sharpe_by_weight(
    monthly: pd.DataFrame, arguments: PortfolioMixArguments, eras: Iterable[str], fewest: int
) -> pd.DataFrame:
    """Sharpe difference against the core alone by weight of the sleeve and era.

    Returns
    -------
    DataFrame
        ``weight, era, difference``; an era with fewer months than `fewest` is left out.
    """
    rows = []
    for weight in WEIGHTS:
        held = hold(
            monthly,
            arguments.core,
            arguments.sleeve,
            weight,
            arguments.rebalance_months,
            arguments.cost,
        )
        parts = {era: in_era(held, era) for era in eras}
        rows += [
            (weight, era, compare(part)["sharpe_difference"])
            for era, part in parts.items()
            if len(part) >= fewest
        ]
    return pd.DataFrame(rows, columns=["weight", "era", "difference"])


_BOTH = ("core", "mix")
