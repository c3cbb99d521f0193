"""Grids and tables of the allocation chapter."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.checks.allocation.assets import ASSET_WORDS, asset_returns
from analysis.checks.allocation.evidence import FEWEST_RECENT, FEWEST_WINDOWS, held
from analysis.checks.allocation.portfolio_mix import MONTHS_A_YEAR, drawdowns, mix, sharpe
from analysis.checks.allocation.staged_entry import Entries, average_exposure, entries
from analysis.checks.eras import in_era
from analysis.claims import Claim
from analysis.panel import Dataset
from analysis.results import Refusal

if TYPE_CHECKING:
    from analysis.checks.allocation.settings import Parameters

#: Weights of the sleeve that the chart shows.
WEIGHTS = tuple(float(w) for w in np.round(np.arange(0.0, 1.01, 0.1), 1))

#: Percentiles of the windows' results that the chart shows.
PERCENTILES = tuple(range(1, 100, 2))


def sleeve_grid(dataset: Dataset, claim: Claim, rebalance_months: int) -> pd.DataFrame:
    """Sharpe and drawdown difference of every mix in the grid of the claim.

    Returns
    -------
    DataFrame
        ``core, sleeve, weight, cost, era, sharpe_difference, drawdown_change, months``; a
        specification without its series or with too few months is left out.
    """
    rows = []
    for core, sleeve in itertools.product(claim.grid["core"], claim.grid["sleeve"]):
        returns = asset_returns(dataset.monthly, core, sleeve)
        if isinstance(returns, Refusal):
            continue
        for weight, cost in itertools.product(claim.grid["sleeve_weight"], claim.grid["cost"]):
            mixed = mix(*_pair(returns, core, sleeve), weight, rebalance_months, cost)
            frame = returns.assign(mix=mixed.returns)
            named = {"core": core, "sleeve": sleeve, "weight": weight, "cost": cost}
            rows += [
                named | {"era": era} | _compare(in_era(frame, era), core)
                for era in claim.grid["era"]
                if len(in_era(frame, era)) >= FEWEST_RECENT
            ]
    numbers = ["sharpe_difference", "drawdown_change", "months"]
    return pd.DataFrame(rows, columns=["core", "sleeve", "weight", "cost", "era", *numbers])


def sleeve_words(grid: pd.DataFrame, claim: Claim) -> str:
    """What the grid of mixes says, in one sentence."""
    if grid.empty:
        return "No mix of the grid has its series."
    total = int(np.prod([len(values) for values in claim.grid.values()]))
    differences = grid["sharpe_difference"]
    recent = grid[grid["era"] == "from_1992"]["sharpe_difference"]
    late = f", since July 1992 in {(recent > 0).mean():.0%}" if len(recent) else ""
    return (
        f"Of {len(grid)} mixes ({total - len(grid)} left out for want of data) the Sharpe ratio"
        f" rises in {(differences > 0).mean():.0%}{late}; the median difference is"
        f" {differences.median():+.3f}, and the largest drawdown is deeper in"
        f" {(grid['drawdown_change'] > 0).mean():.0%}."
    )


def sharpe_by_weight(dataset: Dataset, claim: Claim, parameters: Parameters) -> pd.DataFrame:
    """Sharpe difference against the core alone by weight of the sleeve and era.

    Returns
    -------
    DataFrame
        ``weight, era, difference``; empty where the data lack core or sleeve.
    """
    columns = ["weight", "era", "difference"]
    core, sleeve = parameters.core, parameters.sleeve
    returns = asset_returns(dataset.monthly, core, sleeve)
    if isinstance(returns, Refusal):
        return pd.DataFrame(columns=columns)
    rows = []
    for weight in WEIGHTS:
        mixed = mix(
            *_pair(returns, core, sleeve), weight, parameters.rebalance_months, parameters.cost
        )
        frame = returns.assign(mix=mixed.returns)
        rows += [
            {"weight": weight, "era": era, "difference": _compare(part, core)["sharpe_difference"]}
            for era in claim.grid["era"]
            if len(part := in_era(frame, era)) >= FEWEST_RECENT
        ]
    return pd.DataFrame(rows, columns=columns)


def portfolio_table(dataset: Dataset, parameters: Parameters) -> pd.DataFrame:
    """Core, sleeve and mix side by side.

    Returns
    -------
    DataFrame
        ``portfolio, return`` (compounded, a year), ``volatility`` (a year), ``Sharpe`` (over
        bills), ``largest drawdown``, ``turnover`` a year, and the cost in basis points a year.
    """
    both = held(dataset, parameters)
    columns = ["portfolio", "return", "volatility", "Sharpe", "largest drawdown"]
    if isinstance(both, Refusal):
        return pd.DataFrame(columns=[*columns, "turnover", COST])
    returns, mixed = both
    words = {
        "core": f"core: {ASSET_WORDS[parameters.core]}",
        "sleeve": f"sleeve: {ASSET_WORDS[parameters.sleeve]}",
        "mix": f"{1 - parameters.sleeve_weight:.0%} core, {parameters.sleeve_weight:.0%} sleeve",
    }
    rows = [_portfolio(returns, name, label) for name, label in words.items()]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(turnover=[0.0, 0.0, mixed.turnover], **{COST: [0.0, 0.0, 1e4 * mixed.cost]})


def drawdown_paths(dataset: Dataset, parameters: Parameters) -> pd.DataFrame:
    """Deepest drawdown of each half-year, core and mix.

    Returns
    -------
    DataFrame
        ``month`` (first day of the half-year's last month), ``portfolio, drawdown`` (0 to −1).
    """
    both = held(dataset, parameters)
    if isinstance(both, Refusal):
        return pd.DataFrame(columns=["month", "portfolio", "drawdown"])
    returns = both[0]
    lost = pd.DataFrame(
        {name: -drawdowns(returns[name].to_numpy()) for name in ("core", "mix")},
        index=returns.index,
    )
    halves = lost.rolling(6).min().dropna()
    halves = halves[halves.index.month % 6 == 0].rename_axis("month").reset_index()
    long = halves.melt("month", var_name="portfolio", value_name="drawdown")
    return long.assign(month=long["month"].dt.to_timestamp())


def entry_grid(dataset: Dataset, claim: Claim) -> pd.DataFrame:
    """Mean and tail of staging for every specification of the claim.

    Returns
    -------
    DataFrame
        ``leg, stages, horizon, tail, era, mean_difference, tail_gain, tail_gain_over_constant,
        windows``; a specification without its series or with too few windows is left out.
    """
    rows = []
    grid = claim.grid
    for leg, era in itertools.product(grid["leg"], grid["era"]):
        returns = asset_returns(dataset.monthly, leg)
        if isinstance(returns, Refusal):
            continue
        part = in_era(returns, era)
        for stages, horizon in itertools.product(grid["stages"], grid["horizon"]):
            if len(part) < FEWEST_WINDOWS * horizon:
                continue
            found = entries(part[leg].to_numpy(), part["bill"].to_numpy(), stages, horizon)
            named = {"leg": leg, "stages": stages, "horizon": horizon, "era": era}
            rows += [named | _tails(found, tail) for tail in grid["tail"]]
    columns = ["leg", "stages", "horizon", "tail", "era", "mean_difference", "tail_gain"]
    return pd.DataFrame(rows, columns=[*columns, "tail_gain_over_constant", "windows"])


def entry_words(grid: pd.DataFrame, claim: Claim) -> str:
    """What the grid of entries says, in one sentence."""
    if grid.empty:
        return "No entry of the grid has its series and enough windows."
    total = int(np.prod([len(values) for values in claim.grid.values()]))
    over = grid["tail_gain_over_constant"]
    return (
        f"Of {len(grid)} specifications ({total - len(grid)} left out for want of data) staging"
        f" lifts the tail in {(grid['tail_gain'] > 0).mean():.0%}, by more than holding less does"
        f" in {(over > 0).mean():.0%} (median {over.median():+.1%}), and lowers the mean in"
        f" {(grid['mean_difference'] < 0).mean():.0%} (median"
        f" {grid['mean_difference'].median():+.1%})."
    )


def entry_quantiles(dataset: Dataset, parameters: Parameters) -> pd.DataFrame:
    """Quantiles of the windows' results, staged and constant, less those of the lump sum.

    Returns
    -------
    DataFrame
        ``percentile, entry, difference``; decimal return over the window.
    """
    found = _entries_of(dataset, parameters)
    if found is None:
        return pd.DataFrame(columns=["percentile", "entry", "difference"])
    shares = np.array(PERCENTILES) / 100.0
    lump = np.quantile(found.lump, shares)
    parts = [
        pd.DataFrame(
            {
                "percentile": PERCENTILES,
                "entry": label,
                "difference": np.quantile(results, shares) - lump,
            }
        )
        for label, results in ((STAGED, found.staged), (CONSTANT, found.constant))
    ]
    return pd.concat(parts, ignore_index=True)


def entry_table(dataset: Dataset, parameters: Parameters) -> pd.DataFrame:
    """The three ways to enter side by side.

    Returns
    -------
    DataFrame
        ``entry, exposure`` (mean), ``mean, lower tail, median, worst`` result of a window, and
        ``ahead of lump sum``, the share of windows.
    """
    columns = ["entry", "exposure", "mean", "lower tail", "median", "worst", "ahead of lump sum"]
    found = _entries_of(dataset, parameters)
    if found is None:
        return pd.DataFrame(columns=columns)
    exposure = average_exposure(parameters.stages, parameters.horizon)
    rows = [
        {
            "entry": label,
            "exposure": share,
            "mean": results.mean(),
            "lower tail": np.quantile(results, parameters.tail),
            "median": np.median(results),
            "worst": results.min(),
            "ahead of lump sum": np.nan if results is found.lump else (results > found.lump).mean(),
        }
        for label, share, results in (
            ("lump sum", 1.0, found.lump),
            (STAGED, exposure, found.staged),
            (CONSTANT, exposure, found.constant),
        )
    ]
    return pd.DataFrame(rows, columns=columns)


STAGED, CONSTANT = "in stages", "less throughout"
COST = "cost, basis points"


def _entries_of(dataset: Dataset, parameters: Parameters) -> Entries | None:
    returns = asset_returns(dataset.monthly, parameters.leg)
    if isinstance(returns, Refusal) or len(returns) < FEWEST_WINDOWS * parameters.horizon:
        return None
    small, bill = returns[parameters.leg].to_numpy(), returns["bill"].to_numpy()
    return entries(small, bill, parameters.stages, parameters.horizon)


def _tails(found: Entries, tail: float) -> dict[str, Any]:
    low = {name: np.quantile(getattr(found, name), tail) for name in ("staged", "lump", "constant")}
    return {
        "tail": tail,
        "mean_difference": (found.staged - found.lump).mean(),
        "tail_gain": low["staged"] - low["lump"],
        "tail_gain_over_constant": low["staged"] - low["constant"],
        "windows": len(found.lump),
    }


def _compare(frame: pd.DataFrame, core: str) -> dict[str, Any]:
    """The column ``mix`` against the core."""
    bill = frame["bill"].to_numpy()
    mixed, alone = frame["mix"].to_numpy(), frame[core].to_numpy()
    return {
        "sharpe_difference": sharpe(mixed, bill) - sharpe(alone, bill),
        "drawdown_change": drawdowns(mixed).max() - drawdowns(alone).max(),
        "months": len(frame),
    }


def _portfolio(returns: pd.DataFrame, name: str, label: str) -> dict[str, Any]:
    values, bill = returns[name].to_numpy(), returns["bill"].to_numpy()
    return {
        "portfolio": label,
        "return": np.expm1(MONTHS_A_YEAR * np.log1p(values).mean()),
        "volatility": np.sqrt(MONTHS_A_YEAR) * values.std(ddof=1),
        "Sharpe": sharpe(values, bill),
        "largest drawdown": drawdowns(values).max(),
    }


def _pair(returns: pd.DataFrame, core: str, sleeve: str) -> tuple[np.ndarray, np.ndarray]:
    return returns[core].to_numpy(), returns[sleeve].to_numpy()
