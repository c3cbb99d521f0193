"""Evidence for the claim that small caps are more volatile and react more to the economy."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.claims import Claim
from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.power import minimum_detectable
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

#: Ten years of months: fewer hold too few blocks of a year.
FEWEST_MONTHS = 120

ERA_BREAK = pd.Period("1981-01", "M")

_GROUPS = {"s1": ("s1v1", "s1v3", "s1v5"), "s5": ("s5v1", "s5v3", "s5v5")}


def higher_volatility(
    dataset: Dataset, claim: Claim, grid: pd.DataFrame, draws: int, seed: int
) -> Evidence | Refusal:
    """Claim higher-volatility: the ratio of volatilities and the difference of market betas."""
    primary = claim.primary
    frame = _pair(dataset, str(primary["small"]), str(primary["large"]))
    if len(frame) < FEWEST_MONTHS:
        return Refusal(f"{len(frame)} months of both portfolios; {FEWEST_MONTHS} are needed")
    settings = {"block_length": float(primary["block_months"]), "draws": draws, "seed": seed}
    ratio = paired_stationary_bootstrap(
        frame["small"], frame["large"], volatility_ratio, null_value=1.0, name="ratio", **settings
    )
    beta = paired_stationary_bootstrap(
        frame["small"] - frame["large"], frame["market"], market_beta, name="beta", **settings
    )
    if isinstance(ratio, Refusal) or isinstance(beta, Refusal):
        return ratio if isinstance(ratio, Refusal) else beta
    return _evidence(frame, ratio, beta, grid)


def volatility_ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Standard deviation of `first` over that of `second`, shapes (draws, T) to (draws,)."""
    return first.std(axis=1, ddof=1) / second.std(axis=1, ddof=1)


def market_beta(returns: np.ndarray, market: np.ndarray) -> np.ndarray:
    """OLS slope of `returns` on `market`, shapes (draws, T) to (draws,).

    The slope of a difference of two returns is the difference of their slopes.
    """
    away = market - market.mean(axis=1, keepdims=True)
    return (returns * away).sum(axis=1) / (away**2).sum(axis=1)


def volatility_grid(dataset: Dataset, grid: Mapping[str, tuple]) -> pd.DataFrame:
    """Ratio of volatilities and difference of betas of every pair and era the data hold.

    Returns
    -------
    DataFrame
        ``small, large, era, months, small volatility, large volatility`` (annualised), ``ratio,
        beta difference``.
    """
    rows = []
    for small, large in itertools.product(grid["small"], grid["large"]):
        frame = _pair(dataset, small, large)
        flags = {
            "full": np.full(len(frame), True),
            "to_1980": frame.index < ERA_BREAK,
            "from_1981": frame.index >= ERA_BREAK,
        }
        for era in grid["era"]:
            part = frame[flags[era]]
            if len(part) >= FEWEST_MONTHS:
                rows.append((small, large, era, len(part), *_moments(part)))
    columns = ["small", "large", "era", "months", "small volatility", "large volatility"]
    return pd.DataFrame(rows, columns=[*columns, "ratio", "beta difference"])


def _moments(frame: pd.DataFrame) -> tuple[float, float, float, float]:
    small, large, market = (frame[[name]].to_numpy().T for name in ("small", "large", "market"))
    yearly = np.sqrt(12)
    return (
        float(yearly * small.std(ddof=1)),
        float(yearly * large.std(ddof=1)),
        float(volatility_ratio(small, large)[0]),
        float(market_beta(small - large, market)[0]),
    )


def _pair(dataset: Dataset, small: str, large: str) -> pd.DataFrame:
    """``small``, ``large`` and the market's excess return, without NaN; empty without columns."""
    monthly = dataset.monthly
    columns = [list(_GROUPS.get(name, (name,))) for name in (small, large)]
    if not {name for names in columns for name in names} <= set(monthly.columns):
        return pd.DataFrame(columns=["small", "large", "market"], index=monthly.index[:0])
    sides = [monthly[names].mean(axis=1, skipna=False) for names in columns]
    frame = {"small": sides[0], "large": sides[1], "market": monthly["market_excess"]}
    return pd.DataFrame(frame).dropna()


def _evidence(
    frame: pd.DataFrame, ratio: PairedBootstrap, beta: PairedBootstrap, grid: pd.DataFrame
) -> Evidence:
    small, large, *_ = _moments(frame)
    return Evidence(
        claim="higher-volatility",
        estimate=ratio.estimate,
        unit="ratio of standard deviations",
        ci_low=ratio.ci_low,
        ci_high=ratio.ci_high,
        p_value=ratio.p_value,
        n=ratio.n,
        effective_n=ratio.effective_n,
        mde=minimum_detectable(ratio.standard_error),
        more_needed="none: the months there are tell the ratio from one"
        if ratio.p_value < 0.05
        else _more_years(ratio),
        null="small and large caps are equally volatile",
        sample_start=str(frame.index[0]),
        sample_end=str(frame.index[-1]),
        finding=(
            f"Small caps' monthly returns varied by {small:.0%} a year, large caps' by {large:.0%}:"
            f" {ratio.estimate:.2f} times as much (95% interval {ratio.ci_low:.2f} to"
            f" {ratio.ci_high:.2f}). Their market beta is higher by {beta.estimate:.2f} (95%"
            f" interval {beta.ci_low:.2f} to {beta.ci_high:.2f})."
        ),
        sensitivity=_grid_words(grid),
        measures={
            "volatility_ratio": ratio.estimate,
            "volatility_ratio_low": ratio.ci_low,
            "volatility_ratio_high": ratio.ci_high,
            "beta_difference": beta.estimate,
            "beta_difference_low": beta.ci_low,
            "beta_difference_high": beta.ci_high,
        },
    )


def _more_years(ratio: PairedBootstrap) -> str:
    """Years that would tell the ratio found from one: the error falls with their square root."""
    away = abs(ratio.estimate - 1.0)
    if away < 1e-6:
        return "the ratio found is one: no number of years tells it from one"
    years = ratio.n / 12 * (minimum_detectable(ratio.standard_error) / away) ** 2
    return f"{max(0.0, years - ratio.n / 12):.0f} more years to tell a ratio of this size from one"


def _grid_words(grid: pd.DataFrame) -> str:
    if grid.empty:
        return ""
    return (
        f"Over {len(grid)} pairs and eras the ratio runs from {grid['ratio'].min():.2f} to"
        f" {grid['ratio'].max():.2f}, the difference of betas from"
        f" {grid['beta difference'].min():+.2f} to {grid['beta difference'].max():+.2f}."
    )
