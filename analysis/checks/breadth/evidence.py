"""Evidence for the claims on breadth, dispersion and leading industries."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.checks.breadth.grids import (
    breadth_words,
    dispersion_ratio,
    dispersions,
    joined,
    joint_words,
    lead_frame,
    words,
)
from analysis.checks.breadth.measures import (
    CLAIMED_INDUSTRIES,
    INDUSTRY_WORDS,
    breadth_series,
    leg_returns,
)
from analysis.inference.power import minimum_detectable, more_events_needed
from analysis.inference.shifted_correlations import MedianCorrelation
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal, first_refusal

if TYPE_CHECKING:
    from analysis.checks.breadth.settings import Parameters
    from analysis.claims import Claim

#: A step of breadth that a sentence can speak of: ten points of a hundred.
STEP = 0.1


def spread_on_breadth(
    dataset: Dataset, parameters: Parameters, grid: pd.DataFrame, joint: MedianCorrelation
) -> Evidence | Refusal:
    """Claim breadth-helps-small: small gains more when more industries beat the market."""
    small = leg_returns(dataset, parameters.leg)
    by_industry = joined(small, breadth_series(dataset, "industries"))
    by_portfolio = joined(small, breadth_series(dataset, "size_value_portfolios"))
    for frame in (by_industry, by_portfolio):
        if isinstance(frame, Refusal):
            return frame
    lags = parameters.hac_lags
    slope, built_in = fit_slope(by_industry, lags=lags), fit_slope(by_portfolio, lags=lags)
    ahead = by_industry.assign(spread=by_industry["spread"].shift(-1)).dropna()
    later = fit_slope(ahead, lags=lags)
    refused = first_refusal(slope, built_in, later)
    if refused is not None:
        return refused
    return Evidence(
        claim="breadth-helps-small",
        **_headline(slope, "monthly return per unit of breadth (0 to 1)"),
        null="small minus large has the same mean whatever the share of industries ahead",
        finding=(
            f"With a share of the twelve industries ahead of the market {100 * STEP:.0f} points"
            f" higher, small less large returned {STEP * slope.slope:+.2%} in the month"
            f" (p {_p(slope.p_value)}). Counted over the size and value portfolios, which hold"
            f" small caps by construction, it was"
            f" {STEP * built_in.slope:+.2%} (p {_p(built_in.p_value)})."
        ),
        sensitivity=(
            f"{breadth_words(grid)} {joint_words(joint)} The link is within the month: against"
            f" small less large of the month after, the same step gives {STEP * later.slope:+.2%}"
            f" (p {_p(later.p_value)})."
        ),
        measures={
            "slope": slope.slope,
            "slope_p": slope.p_value,
            "slope_low": slope.low,
            "slope_high": slope.high,
            "portfolio_slope": built_in.slope,
            "portfolio_slope_p": built_in.p_value,
            "next_month_slope": later.slope,
        },
    )


def wider_dispersion(
    dataset: Dataset, claim: Claim, parameters: Parameters, grid: pd.DataFrame
) -> Evidence | Refusal:
    """Claim dispersion-wide: portfolios of small firms scatter more than those of large ones."""
    both = dispersions(dataset, claim, str(claim.primary["portfolios"]))
    ratio = dispersion_ratio(both, parameters.block_months, parameters.draws, parameters.seed)
    if isinstance(ratio, Refusal):
        return ratio
    error = ratio.standard_error
    return Evidence(
        claim="dispersion-wide",
        estimate=ratio.estimate,
        unit="dispersion of small over large",
        ci_low=ratio.ci_low,
        ci_high=ratio.ci_high,
        p_value=ratio.p_value,
        n=ratio.n,
        effective_n=ratio.effective_n,
        mde=minimum_detectable(error),
        more_needed=_more_years(ratio.estimate - 1.0, error, ratio.n),
        null="portfolios of small firms scatter as much as those of large firms (ratio of one)",
        sample_start=str(both.index[0]),
        sample_end=str(both.index[-1]),
        finding=(
            f"In the average month the six small portfolios stood {both['small'].mean():.2%} apart"
            f" and the six large ones {both['large'].mean():.2%} (standard deviation across"
            f" portfolios): {ratio.estimate:.2f} times as far, 95% interval {ratio.ci_low:.2f} to"
            f" {ratio.ci_high:.2f}. Small scattered more in"
            f" {(both['small'] > both['large']).mean():.0%} of months, where equal scatter would"
            " give about half."
        ),
        sensitivity=_ratio_words(grid),
        measures={
            "dispersion_ratio": ratio.estimate,
            "dispersion_low": ratio.ci_low,
            "dispersion_high": ratio.ci_high,
            "dispersion_p": ratio.p_value,
        },
    )


def leading_industries(
    dataset: Dataset,
    parameters: Parameters,
    table: pd.DataFrame,
    grid: pd.DataFrame,
    joint: MedianCorrelation,
) -> Evidence | Refusal:
    """Claim sectors-lead: finance, manufacturing and energy lead when small beats large."""
    frame = lead_frame(dataset, parameters.leg)
    fit = frame if isinstance(frame, Refusal) else fit_slope(frame, lags=parameters.hac_lags)
    refused = first_refusal(fit)
    if refused is not None:
        return refused
    own = table.set_index("code")["lead"]
    ahead = int((own[list(CLAIMED_INDUSTRIES)] > 0).sum())
    as_good = _share_of_triples(own)
    return Evidence(
        claim="sectors-lead",
        **_headline(fit, "decimal return a year", 12.0),
        null="the industries stand to the market in the same way whether small or large wins",
        finding=(
            f"In the {frame['driver'].mean():.0%} of months in which small beat large, finance,"
            f" manufacturing and energy together did {12 * fit.slope:+.1%} a year against the"
            f" market, compared with other months (p {_p(fit.p_value)}); {ahead} of the three were"
            f" ahead, and of all twelve industries {(own > 0).sum()}."
        ),
        sensitivity=(
            f"{as_good:.0%} of all sets of three industries lead at least as much; {words(grid)}"
            f" {joint_words(joint)} Industries of all sizes stand in for those among small caps."
        ),
        measures={
            "lead": 12.0 * fit.slope,
            "lead_p": fit.p_value,
            "lead_low": 12.0 * fit.low,
            "lead_high": 12.0 * fit.high,
            "industries_ahead": float(ahead),
            "sets_of_three_as_good": as_good,
        },
    )


def industry_table(dataset: Dataset, leg: str, lags: int) -> pd.DataFrame:
    """Lead of every industry in months in which small beats large.

    Returns
    -------
    DataFrame
        ``code, industry, lead, low, high, p, named``; decimal a year; empty where the data hold
        no industries or too few months.
    """
    rows = []
    for code, name in INDUSTRY_WORDS.items():
        frame = lead_frame(dataset, leg, (code,))
        fit = frame if isinstance(frame, Refusal) else fit_slope(frame, lags=lags)
        if fit:
            ends = {"lead": 12 * fit.slope, "low": 12 * fit.low, "high": 12 * fit.high}
            named = code in CLAIMED_INDUSTRIES
            rows.append({"code": code, "industry": name, **ends, "p": fit.p_value, "named": named})
    columns = ["code", "industry", "lead", "low", "high", "p", "named"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("lead", ascending=False, ignore_index=True)


def _share_of_triples(own: pd.Series) -> float:
    """Share of all sets of three industries whose mean lead is at least that of the named ones."""
    named = own[list(CLAIMED_INDUSTRIES)].mean()
    leads = np.array([np.mean(three) for three in itertools.combinations(own.to_numpy(), 3)])
    return float(np.mean(leads >= named - 1e-12))


def _ratio_words(grid: pd.DataFrame) -> str:
    known = grid[grid["reason"] == ""]
    if known.empty:
        return "No alternative of the grid has enough months."
    return (
        f"Over {len(known)} specifications ({len(grid) - len(known)} left out with a reason) the"
        f" ratio lies between {known['ratio'].min():.2f} and {known['ratio'].max():.2f};"
        f" {(known['low'] > 1).mean():.0%} of the intervals lie above one. Portfolios hide most of"
        " the scatter of single stocks."
    )


def _headline(fit: Slope, unit: str, scale: float = 1.0) -> dict[str, Any]:
    return {
        "estimate": scale * fit.slope,
        "unit": unit,
        "ci_low": scale * fit.low,
        "ci_high": scale * fit.high,
        "p_value": fit.p_value,
        "n": fit.n,
        "effective_n": float(fit.n),
        "mde": scale * fit.mde,
        "more_needed": fit.more_needed(),
        "sample_start": fit.first,
        "sample_end": fit.last,
    }


def _more_years(effect: float, error: float, months: int) -> str:
    if effect == 0:
        return ""
    years = months / 12.0
    needed = more_events_needed(effect, error * np.sqrt(years), int(years), unit="years")
    return f"{needed} to detect a ratio as far from one as the one found"


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"
