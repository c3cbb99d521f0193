"""Evidence for the claims on rates, credit, cuts, the dollar and the valuation gap."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from analysis.checks.rate_drivers import (
    cut_months,
    in_era,
    missing_columns,
    monthly_change,
    returns_of,
    sample_of,
)
from analysis.checks.rate_grids import JointTest, joint_words, table_words, too_few_cuts
from analysis.checks.rate_regressions import Slope, fit_slope
from analysis.panel import Dataset
from analysis.results import Evidence, Refusal

if TYPE_CHECKING:
    from analysis.checks.rate_sensitivity.settings import Parameters
    from analysis.claims import Claim

#: A regression on yearly changes needs this many years.
FEWEST_YEARS = 15

_POINT = 0.01

#: A driver and a rise of it as the finding words them, and the rise as a decimal rate.
_RISES = {
    "bill_rate": ("the bill rate", "one point", 0.01),
    "baa_aaa": ("the spread of BAA over AAA", "a tenth of a point", 0.001),
}

_TIMING = (
    "A month's bill is bought at the end of the month before, so its rate moved a month earlier;"
    " against the change over the month itself"
)


def slope_on_change(
    dataset: Dataset,
    claim: Claim,
    parameters: Parameters,
    driver: str,
    grid: pd.DataFrame,
    joint: JointTest | Refusal,
) -> Evidence | Refusal:
    """Claims rate-sensitive and credit-gate: small loses when the driver rises."""
    change, returns = monthly_change(dataset.monthly, driver), returns_of(dataset, parameters.leg)
    within, recent = str(claim.primary["era"]), str(claim.primary["recent"])
    whole = sample_of(returns, change, within=within)
    alone, beside, late = (
        fit_slope(frame, lags=parameters.hac_lags, market=market)
        for frame, market in ((whole, False), (whole, True), (whole.loc[recent:], False))
    )
    refused = _first_refusal(alone, beside, late)
    if refused is not None:
        return refused
    what, rise, scale = _RISES[driver]
    ahead = sample_of(returns, change.shift(-1), within=within)
    aligned = fit_slope(ahead, lags=parameters.hac_lags)
    timing = (
        f" {_TIMING} it came to {scale * aligned.slope:+.2%} (p {_p(aligned.p_value)})."
        if driver == "bill_rate" and isinstance(aligned, Slope)
        else ""
    )
    return Evidence(
        claim=claim.id,
        **_headline(alone, "monthly return per unit of rate"),
        null=f"small minus large does not move with {what}",
        finding=(
            f"In a month in which {what} rose by {rise}, small less large came to"
            f" {scale * alone.slope:+.2%} against a month without a change"
            f" (p {_p(alone.p_value)}); beside the market to {scale * beside.slope:+.2%}"
            f" (p {_p(beside.p_value)}), and since {recent[:4]} to {scale * late.slope:+.2%}"
            f" (p {_p(late.p_value)}).{timing}"
        ),
        sensitivity=f"{table_words(grid, -1)} {joint_words(joint)}",
        measures={
            "slope": alone.slope,
            "slope_p": alone.p_value,
            "slope_low": alone.low,
            "slope_high": alone.high,
            "slope_with_market": beside.slope,
            "slope_with_market_p": beside.p_value,
            "slope_recent": late.slope,
        },
    )


def cut_excess(
    dataset: Dataset,
    claim: Claim,
    parameters: Parameters,
    grid: pd.DataFrame,
    joint: JointTest | Refusal,
) -> Evidence | Refusal:
    """Claim floating-debt-benefit: small leads in months in which the short rate falls."""
    change = monthly_change(dataset.monthly, str(claim.primary["rate"]))
    returns, within = returns_of(dataset, parameters.leg), str(claim.primary["era"])
    falls = cut_months(change, parameters.fall_points / 100)
    frame = sample_of(returns, falls, within=within)
    refused = too_few_cuts(frame)
    if refused is not None:
        return refused
    alone = fit_slope(frame, lags=parameters.hac_lags)
    beside = fit_slope(frame, lags=parameters.hac_lags, market=True)
    refused = _first_refusal(alone, beside)
    if refused is not None:
        return refused
    ahead = fit_slope(sample_of(returns, falls.shift(-1), within=within), lags=parameters.hac_lags)
    timing = (
        f" {_TIMING} the difference was {12 * ahead.slope:+.1%} a year (p {_p(ahead.p_value)})."
        if isinstance(ahead, Slope)
        else ""
    )
    cuts = frame["driver"] == 1
    won, base = float((frame["spread"][cuts] > 0).mean()), float((frame["spread"] > 0).mean())
    return Evidence(
        claim=claim.id,
        **_headline(alone, "decimal return a year", 12.0),
        null="small minus large has the same mean in cut months and in others",
        finding=(
            f"In {int(cuts.sum())} months in which the bill rate fell by at least"
            f" {parameters.fall_points * 100:.0f} basis points, small less large ran at"
            f" {12 * alone.slope:+.1%} a year against all other months (p {_p(alone.p_value)});"
            f" small won {won:.0%} of them, base rate {base:.0%}. Beside the market the difference"
            f" was {12 * beside.slope:+.1%} a year.{timing}"
        ),
        sensitivity=f"{table_words(grid, 1)} {joint_words(joint)}",
        measures={
            "cut_excess": 12 * alone.slope,
            "cut_excess_p": alone.p_value,
            "cut_excess_low": 12 * alone.low,
            "cut_excess_high": 12 * alone.high,
            "cut_excess_with_market": 12 * beside.slope,
            "cut_win_rate": won,
            "base_rate": base,
        },
    )


def slope_on_dollar(
    dataset: Dataset, claim: Claim, parameters: Parameters, grid: pd.DataFrame
) -> Evidence | Refusal:
    """Claim dollar: the less the dollar rises, the better for small against large."""
    lacking = missing_columns(dataset.monthly, "dollar")
    if lacking:
        return _needs(
            dataset, "the trade-weighted dollar (column dollar), which no default source brings"
        )
    returns = returns_of(dataset, parameters.leg)
    frame = sample_of(returns, monthly_change(dataset.monthly, "dollar"))
    alone = fit_slope(frame, lags=parameters.hac_lags)
    if isinstance(alone, Refusal):
        return alone
    return Evidence(
        claim=claim.id,
        **_headline(alone, "monthly return per log point of the dollar"),
        null="small minus large does not move with the dollar",
        finding=(
            f"In a month in which the dollar rose by 1%, small less large came to"
            f" {_POINT * alone.slope:+.2%} against a month without a change"
            f" (p {_p(alone.p_value)})."
        ),
        sensitivity=table_words(grid, -1),
        measures={"slope": alone.slope, "slope_p": alone.p_value, "slope_low": alone.low},
    )


def gap_on_rate(dataset: Dataset, claim: Claim, changes: pd.DataFrame) -> Evidence | Refusal:
    """Claim debt-sensitivity-gap: small caps get cheaper as the policy rate rises.

    Parameters
    ----------
    dataset : Dataset
    claim : Claim
    changes : DataFrame
        As :func:`gap_changes` gives it.
    """
    lacking = missing_columns(dataset.monthly, "fed_funds")
    if dataset.valuation is None or lacking:
        what = "the federal funds rate" if lacking else "book-to-market by size"
        return _needs(dataset, what)
    rate, lags = str(claim.primary["rate"]), int(claim.primary["hac_lags"])
    fits = {basis: _gap_slope(changes, basis, rate, "full", lags) for basis in ("june", "december")}
    refused = _first_refusal(*fits.values())
    if refused is not None:
        return refused
    low = min(fits.values(), key=lambda fit: fit.slope)
    worst_p = max(fit.p_value for fit in fits.values())
    june, december = fits["june"], fits["december"]
    return Evidence(
        claim=claim.id,
        **{**_headline(low, "log points of the gap per unit of rate", periods=1)}
        | {"p_value": worst_p},
        null="the valuation gap does not move with the federal funds rate",
        finding=(
            f"Over {low.n} years, in a year in which the funds rate rose by one point the gap"
            f" moved by {_POINT * june.slope:+.3f} log points on June market values"
            f" (p {_p(june.p_value)}) and {_POINT * december.slope:+.3f} on December's"
            f" (p {_p(december.p_value)}), against a year without a change."
        ),
        sensitivity=_gap_words(changes, claim, lags),
        measures={
            "slope_lowest": low.slope,
            "slope_p_highest": worst_p,
            "slope_high_highest": max(fit.high for fit in fits.values()),
        },
    )


def gap_changes(dataset: Dataset, within: str = "from_1954") -> pd.DataFrame:
    """Change of the valuation gap and of rates from June to June.

    Returns
    -------
    DataFrame by June, columns ``june, december`` (log points) and the rates the data hold
    (decimal); empty where the data set has no gap or no funds rate.
    """
    names = [n for n in ("fed_funds", "gs10") if not missing_columns(dataset.monthly, n)]
    if dataset.valuation is None or "fed_funds" not in names:
        return pd.DataFrame(columns=["june", "december"])
    gaps = dataset.valuation[["gap_june", "gap_december"]].set_axis(["june", "december"], axis=1)
    gaps = gaps[gaps.index.month == 6]
    rates = dataset.monthly[names].reindex(gaps.index)
    levels = pd.concat([gaps, rates], axis=1)
    steps = levels.diff()
    yearly = pd.Series(levels.index.asi8, index=levels.index).diff() == 12
    return in_era(steps[yearly], within)


def _gap_slope(
    changes: pd.DataFrame, basis: str, rate: str, era: str, lags: int
) -> Slope | Refusal:
    if rate not in changes:
        return Refusal(f"the data set does not hold {rate}")
    frame = pd.DataFrame({"spread": changes[basis], "driver": changes[rate], "market": 0.0})
    return fit_slope(in_era(frame, era).dropna(), lags=lags, fewest=FEWEST_YEARS)


def _gap_words(changes: pd.DataFrame, claim: Claim, lags: int) -> str:
    grid = itertools.product(claim.grid["basis"], claim.grid["rate"], claim.grid["era"])
    fits = [_gap_slope(changes, basis, rate, era, lags) for basis, rate, era in grid]
    known = [fit for fit in fits if isinstance(fit, Slope)]
    wider = sum(fit.slope > 0 for fit in known)
    beyond = sum(fit.slope > 0 and fit.p_value < 0.05 for fit in known)
    return (
        f"Of {len(known)} specifications by basis, rate and era ({len(fits) - len(known)} left out)"
        f" {wider} have the gap widen as rates rise, {beyond} with p below 5%."
    )


def _headline(fit: Slope, unit: str, scale: float = 1.0, periods: int = 12) -> Mapping[str, object]:
    return {
        "estimate": scale * fit.slope,
        "unit": unit,
        "ci_low": scale * fit.low,
        "ci_high": scale * fit.high,
        "p_value": fit.p_value,
        "n": fit.n,
        "effective_n": float(fit.n),
        "mde": scale * fit.mde,
        "more_needed": fit.more_needed(periods),
        "sample_start": fit.first,
        "sample_end": fit.last,
    }


def _needs(dataset: Dataset, what: str) -> Refusal:
    if dataset.data == "bundled":
        return Refusal(f"needs the latest data: {what}", needs="latest")
    return Refusal(f"the data set does not hold {what}")


def _p(value: float) -> str:
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def _first_refusal(*results: object) -> Refusal | None:
    return next((result for result in results if isinstance(result, Refusal)), None)
