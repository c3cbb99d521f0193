"""The grids of the breadth claims: every leg, measure and era, and all of them at once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks.breadth.measures import (
    BREADTH_WORDS,
    CLAIMED_INDUSTRIES,
    FUND_PAIRS,
    breadth_series,
    dispersion,
    industry_lead,
    leg_returns,
)
from analysis.checks.eras import in_era
from analysis.claims import Claim
from analysis.inference.bootstrap import PairedBootstrap, paired_stationary_bootstrap
from analysis.inference.shifted_correlations import MedianCorrelation, shift_correlations
from analysis.inference.slopes import FEWEST_MONTHS, fit_slope
from analysis.panel import Dataset, legs_of
from analysis.results import Refusal, first_refusal


def joined(spread: pd.Series | Refusal, driver: pd.Series | Refusal) -> pd.DataFrame | Refusal:
    """A return and what it is set against, as ``spread, driver``, in months that have both."""
    for part in (spread, driver):
        if isinstance(part, Refusal):
            return part
    return pd.concat([spread.rename("spread"), driver.rename("driver")], axis=1).dropna()


def lead_frame(
    dataset: Dataset, leg: str, industries: tuple[str, ...] = CLAIMED_INDUSTRIES
) -> pd.DataFrame | Refusal:
    """Industries less the market against an indicator of months in which small beats large."""
    small = leg_returns(dataset, leg)
    won = small if isinstance(small, Refusal) else (small > 0).astype(float)
    return joined(industry_lead(dataset.monthly, industries), won)


def breadth_table(dataset: Dataset, claim: Claim, lags: int) -> pd.DataFrame:
    """Slope of small minus large on breadth for every specification of the grid.

    Returns
    -------
    DataFrame
        ``leg, breadth, era, slope, p, months, reason``; the slope is a monthly return per unit of
        breadth, NaN with a `reason` where it cannot be had.
    """
    rows = []
    for leg, breadth in itertools.product(claim.grid["leg"], claim.grid["driver"]):
        frame = _breadth_frame(dataset, leg, breadth)
        for era in claim.grid["era"]:
            named = {"leg": leg, "breadth": BREADTH_WORDS[breadth], "era": era}
            rows.append(named | _row(frame, era, lags, 1.0))
    return pd.DataFrame(rows)


def lead_table(dataset: Dataset, claim: Claim, lags: int) -> pd.DataFrame:
    """Lead of the named industries, decimal a year, for every specification of the grid.

    Returns
    -------
    DataFrame
        ``leg, industries, era, slope, p, months, reason``.
    """
    rows = []
    for leg, named in itertools.product(claim.grid["leg"], claim.grid["industries"]):
        frame = _lead_frame(dataset, leg, named)
        for era in claim.grid["era"]:
            spec = {"leg": leg, "industries": named.replace("_", ", "), "era": era}
            rows.append(spec | _row(frame, era, lags, 12.0))
    return pd.DataFrame(rows)


def dispersion_table(
    dataset: Dataset, claim: Claim, block_months: int, draws: int, seed: int
) -> pd.DataFrame:
    """Ratio of mean dispersion, small over large, for every sort of portfolios and era.

    Returns
    -------
    DataFrame
        ``portfolios, era, small, large`` (mean monthly dispersion, decimal), ``ratio, low, high,
        p, months, reason``.
    """
    rows = []
    for portfolios, era in itertools.product(claim.grid["portfolios"], claim.grid["era"]):
        row: dict[str, Any] = {"portfolios": portfolios.replace("_", " "), "era": era}
        both = dispersions(dataset, claim, portfolios)
        part = both if isinstance(both, Refusal) else in_era(both, era)
        ratio = dispersion_ratio(part, block_months, draws, seed)
        rows.append(row | _ratio_row(part, ratio))
    columns = ["portfolios", "era", "small", "large", "ratio", "low", "high", "p", "months"]
    return pd.DataFrame(rows, columns=[*columns, "reason"])


def dispersions(dataset: Dataset, claim: Claim, portfolios: str) -> pd.DataFrame | Refusal:
    """Dispersion among small and among large portfolios: ``small, large``, decimal a month."""
    small, large = (
        dispersion(dataset.monthly, str(claim.primary[side]), portfolios)
        for side in ("small", "large")
    )
    for part in (small, large):
        if isinstance(part, Refusal):
            return part
    return pd.concat([small.rename("small"), large.rename("large")], axis=1).dropna()


def dispersion_ratio(
    both: pd.DataFrame | Refusal, block_months: int, draws: int, seed: int
) -> PairedBootstrap | Refusal:
    """Mean dispersion among small over that among large, with its paired bootstrap."""
    if isinstance(both, Refusal):
        return both
    if len(both) < FEWEST_MONTHS:
        return Refusal(f"only {len(both)} months in reach; {FEWEST_MONTHS} are needed")
    return paired_stationary_bootstrap(
        both["small"],
        both["large"],
        ratio_of_means,
        null_value=1.0,
        block_length=block_months,
        draws=draws,
        seed=seed,
        name="ratio of mean dispersions",
        unit="small over large",
    )


def ratio_of_means(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Ratio of the means of (draws, T) arrays; shape (draws,)."""
    return first.mean(axis=1) / second.mean(axis=1)


def joint_breadth(dataset: Dataset, claim: Claim) -> MedianCorrelation:
    """Every specification of the claim on breadth at once.

    Portfolio breadth is left out: by construction it holds small caps, so that it would make the
    joint test pass. Breadth from funds is too short to turn.
    """
    frames = {
        (leg, era): (_breadth_frame(dataset, leg, "industries"), era)
        for leg, era in itertools.product(claim.grid["leg"], claim.grid["era"])
        if leg not in FUND_PAIRS
    }
    return _joint(list(frames.values()))


def joint_lead(dataset: Dataset, claim: Claim) -> MedianCorrelation:
    """Every specification of the claim on leading industries at once."""
    grid = itertools.product(claim.grid["leg"], claim.grid["industries"], claim.grid["era"])
    return _joint([(_lead_frame(dataset, leg, named), era) for leg, named, era in grid])


def shift_medians(frames: list[tuple[pd.DataFrame, str]]) -> np.ndarray:
    """Median correlation over specifications when every driver is turned by 0, 1, … months.

    Parameters
    ----------
    frames : list of (DataFrame, era)
        ``spread`` and ``driver`` on one calendar of T months; all drivers turn together, each
        correlation is taken inside its era.

    Returns
    -------
    ndarray, shape (T,)
    """
    rows = []
    for frame, era in frames:
        inside = frame.index.isin(in_era(frame, era).index)
        spread, driver = frame["spread"].to_numpy(), frame["driver"].to_numpy()
        freed = np.where(inside, spread - spread[inside].mean(), 0.0)
        rows.append(shift_correlations(freed, driver, inside))
    return np.median(rows, axis=0)


def known_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The specifications that have a result, without the column of reasons."""
    return table[table["reason"] == ""].drop(columns="reason").reset_index(drop=True)


def words(table: pd.DataFrame) -> str:
    """How many specifications point the claimed way, and how many of them beyond chance."""
    known = table[table["reason"] == ""]
    if known.empty:
        return "no specification of the grid has its series and enough months."
    ahead = known["slope"] > 0
    beyond = ahead & (known["p"] < 0.05)
    return (
        f"of {len(known)} specifications ({len(table) - len(known)} left out with a reason)"
        f" {ahead.mean():.0%} point the claimed way, {beyond.mean():.0%} with p below 5%."
    )


def joint_words(joint: MedianCorrelation) -> str:
    """The joint test in one sentence."""
    if joint.refusal is not None:
        return f"No joint test: {joint.refusal.reason}."
    return (
        f"Joined over {joint.specifications} specifications, the median correlation is"
        f" {joint.median:+.2f}; turning the calendar does as well in {joint.p_value:.1%} of cases."
    )


def breadth_words(table: pd.DataFrame) -> str:
    """The same for each way to count breadth."""
    parts = [f"Breadth over {name}: {words(part)}" for name, part in table.groupby("breadth")]
    return " ".join(parts)


def _breadth_frame(dataset: Dataset, leg: str, breadth: str) -> pd.DataFrame | Refusal:
    missing = _missing_leg(dataset, leg)
    if missing is not None:
        return missing
    return joined(leg_returns(dataset, leg), breadth_series(dataset, breadth))


def _lead_frame(dataset: Dataset, leg: str, named: str) -> pd.DataFrame | Refusal:
    missing = _missing_leg(dataset, leg)
    return lead_frame(dataset, leg, tuple(named.split("_"))) if missing is None else missing


def _missing_leg(dataset: Dataset, leg: str) -> Refusal | None:
    if leg in FUND_PAIRS or leg in legs_of(dataset.monthly):
        return None
    return Refusal(f"the {dataset.data} data hold no leg {leg}")


def _row(frame: pd.DataFrame | Refusal, era: str, lags: int, scale: float) -> dict[str, Any]:
    fit = frame if isinstance(frame, Refusal) else fit_slope(in_era(frame, era), lags=lags)
    refused = first_refusal(fit)
    if refused is None:
        return {"slope": scale * fit.slope, "p": fit.p_value, "months": fit.n, "reason": ""}
    return {"slope": np.nan, "p": np.nan, "months": 0, "reason": refused.reason}


def _ratio_row(part: pd.DataFrame | Refusal, ratio: PairedBootstrap | Refusal) -> Mapping[str, Any]:
    if isinstance(ratio, Refusal):
        return {"months": 0, "reason": ratio.reason}
    return {
        "small": part["small"].mean(),
        "large": part["large"].mean(),
        "ratio": ratio.estimate,
        "low": ratio.ci_low,
        "high": ratio.ci_high,
        "p": ratio.p_value,
        "months": ratio.n,
        "reason": "",
    }


def _joint(frames: list[tuple[pd.DataFrame | Refusal, str]]) -> MedianCorrelation:
    known = [(f, era) for f, era in frames if not isinstance(f, Refusal) and len(f)]
    if not known:
        return MedianCorrelation.refused("no specification has the series it needs")
    calendar = pd.period_range(
        max(f.index[0] for f, _ in known), min(f.index[-1] for f, _ in known), freq="M"
    )
    shared = [(f.reindex(calendar), era) for f, era in known]
    used = [
        (f, era)
        for f, era in shared
        if len(in_era(f, era)) >= FEWEST_MONTHS and not f.isna().to_numpy().any()
    ]
    if not used:
        return MedianCorrelation.refused("no era of the grid is long enough for the joint test")
    medians = shift_medians(used)
    return MedianCorrelation(
        median=float(medians[0]),
        p_value=float(np.mean(medians >= medians[0] - 1e-12)),
        specifications=len(used),
        months=len(calendar),
    )
