"""Evidence for the claims on a sleeve of small caps and on entering in stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.checks.allocation.assets import ASSET_WORDS, asset_returns
from analysis.checks.allocation.portfolio_mix import MONTHS_A_YEAR, Mix, drawdowns, mix, sharpe
from analysis.checks.allocation.staged_entry import (
    average_exposure,
    entries,
    tail_gain_over_constant,
)
from analysis.checks.eras import in_era
from analysis.inference.bootstrap import paired_stationary_bootstrap
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.sharpe import sharpe_difference
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

if TYPE_CHECKING:
    from analysis.checks.allocation.settings import Parameters

#: Months that the latest era must hold for its own Sharpe ratios.
FEWEST_RECENT = 24

#: Windows side by side that a tail needs.
FEWEST_WINDOWS = 10

RECENT = "from_1992"


def held(dataset: Dataset, parameters: Parameters) -> tuple[pd.DataFrame, Mix] | Refusal:
    """Returns of core, sleeve, bill and ``mix``, decimal a month, and the mix behind the last."""
    returns = asset_returns(dataset.monthly, parameters.core, parameters.sleeve)
    if isinstance(returns, Refusal):
        return returns
    returns = returns.rename(columns={parameters.core: "core", parameters.sleeve: "sleeve"})
    mixed = mix(
        returns["core"].to_numpy(),
        returns["sleeve"].to_numpy(),
        parameters.sleeve_weight,
        parameters.rebalance_months,
        parameters.cost,
    )
    return returns.assign(mix=mixed.returns), mixed


def sleeve_in_core(dataset: Dataset, parameters: Parameters, words: str) -> Evidence | Refusal:
    """Claim barbell: a sleeve of good small caps betters a core of the largest companies.

    Parameters
    ----------
    dataset : Dataset
    parameters : Parameters
    words : str
        What the grid says.
    """
    both = held(dataset, parameters)
    if isinstance(both, Refusal):
        return both
    returns, mixed = both
    recent = in_era(returns, RECENT)
    if len(recent) < FEWEST_RECENT:
        return Refusal(
            f"only {len(recent)} months since July 1992; {FEWEST_RECENT} are needed for the"
            " difference in that era"
        )
    test = sharpe_difference(
        returns["mix"] - returns["bill"],
        returns["core"] - returns["bill"],
        draws=parameters.draws,
        seed=parameters.seed,
    )
    if isinstance(test, Refusal):
        return test
    scale = float(np.sqrt(MONTHS_A_YEAR))
    deepest = {n: float(drawdowns(returns[n].to_numpy()).max()) for n in ("core", "mix")}
    since = _sharpe(recent, "mix") - _sharpe(recent, "core")
    gain = float(MONTHS_A_YEAR * (returns["mix"] - returns["core"]).mean())
    error = scale * test.standard_error
    return Evidence(
        claim="barbell",
        estimate=scale * test.estimate,
        unit="Sharpe ratio a year",
        ci_low=scale * test.ci_low,
        ci_high=scale * test.ci_high,
        p_value=test.p_value,
        n=test.n,
        effective_n=test.effective_n,
        mde=minimum_detectable(error),
        more_needed=_years(scale * test.estimate, error, test.n),
        null="the mix and the core have the same Sharpe ratio",
        sample_start=str(returns.index[0]),
        sample_end=str(returns.index[-1]),
        finding=(
            f"{1 - parameters.sleeve_weight:.0%} {ASSET_WORDS[parameters.core]} and"
            f" {parameters.sleeve_weight:.0%} {ASSET_WORDS[parameters.sleeve]} had a Sharpe ratio"
            f" of {scale * test.first:.2f} against {scale * test.second:.2f} for the core alone"
            f" (difference {scale * test.estimate:+.3f}, p {_p(test.p_value)}) and"
            f" {gain:+.2%} a year after {mixed.cost:.3%} of costs on {mixed.turnover:.0%} turnover."
            f" The largest drawdown was {deepest['mix']:.0%} against {deepest['core']:.0%}; since"
            f" July 1992 the difference is {since:+.3f}."
        ),
        sensitivity=words,
        measures={
            "sharpe_difference": scale * test.estimate,
            "sharpe_p": test.p_value,
            "sharpe_difference_low": scale * test.ci_low,
            "sharpe_difference_high": scale * test.ci_high,
            "drawdown_change": deepest["mix"] - deepest["core"],
            "recent_difference": since,
            "turnover": mixed.turnover,
            "cost_a_year": mixed.cost,
            "mean_gain": gain,
        },
    )


def staging_against_holding_less(
    dataset: Dataset, parameters: Parameters, words: str
) -> Evidence | Refusal:
    """Claim staged-entry: small caps are better entered in stages.

    Parameters
    ----------
    dataset : Dataset
    parameters : Parameters
    words : str
        What the grid says.
    """
    stages, horizon, tail = parameters.stages, parameters.horizon, parameters.tail
    exposure = average_exposure(stages, horizon)
    returns = asset_returns(dataset.monthly, parameters.leg)
    if isinstance(returns, Refusal):
        return returns
    if len(returns) < FEWEST_WINDOWS * horizon:
        return Refusal(
            f"only {len(returns)} months; {FEWEST_WINDOWS} windows of {horizon} months side by"
            " side are needed for a tail"
        )
    small, bill = returns[parameters.leg], returns["bill"]
    found = entries(small.to_numpy(), bill.to_numpy(), stages, horizon)
    low = {
        name: float(np.quantile(getattr(found, name), tail))
        for name in ("staged", "lump", "constant")
    }
    test = paired_stationary_bootstrap(
        small,
        bill,
        lambda s, b: tail_gain_over_constant(s, b, stages, horizon, tail),
        block_length=parameters.block_months,
        draws=parameters.draws,
        seed=parameters.seed,
        name="tail of staging less tail of the constant mix",
        unit=f"decimal return over {horizon} months",
    )
    if isinstance(test, Refusal):
        return test
    price = float((found.staged - found.lump).mean())
    ahead, less = (float((x > found.lump).mean()) for x in (found.staged, found.constant))
    return Evidence(
        claim="staged-entry",
        estimate=test.estimate,
        unit=test.unit,
        ci_low=test.ci_low,
        ci_high=test.ci_high,
        p_value=test.p_value,
        n=len(found.lump),
        effective_n=len(returns) / horizon,
        mde=minimum_detectable(test.standard_error),
        more_needed=_years(test.estimate, test.standard_error, len(returns)),
        null="staging lifts the lower tail as much as holding less throughout",
        sample_start=str(returns.index[0]),
        sample_end=str(returns.index[-1]),
        finding=(
            f"The worst {tail:.0%} of {horizon}-month windows ended at {low['staged']:+.1%} or"
            f" lower with {stages} stages, {low['lump']:+.1%} at once and"
            f" {low['constant']:+.1%} with {exposure:.0%} held throughout: against holding less,"
            f" staging moved the tail by {test.estimate:+.1%} (p {_p(test.p_value)}). Against the"
            f" lump sum it moved the mean by {price:+.1%} and ended ahead in {ahead:.0%} of"
            f" windows, where holding less was ahead in {less:.0%}."
        ),
        sensitivity=words,
        measures={
            "mean_difference": price,
            "tail_gain": low["staged"] - low["lump"],
            "tail_gain_over_constant": test.estimate,
            "tail_p": test.p_value,
            "share_ahead": ahead,
            "base_rate": less,
        },
    )


def _sharpe(returns: pd.DataFrame, name: str) -> float:
    return sharpe(returns[name].to_numpy(), returns["bill"].to_numpy())


def _years(effect: float, error: float, months: int) -> str:
    if effect == 0:
        return ""
    years = months / MONTHS_A_YEAR
    needed = more_events_needed(effect, error * np.sqrt(years), int(years), unit="years")
    return f"{needed} to detect a difference of the size found"


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
