"""The grids of the rate, credit, cut and dollar claims: every alternative and a joint test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.checks.rate_drivers import (
    ERAS,
    cut_months,
    missing_columns,
    monthly_change,
    quarterly_sample,
    returns_of,
    sample_of,
)
from analysis.checks.rate_regressions import FEWEST_MONTHS, Slope, fit_slope
from analysis.claims import Claim
from analysis.panel import Dataset, legs_of
from analysis.results import Refusal

#: A survey by quarter needs ten years.
FEWEST_QUARTERS = 40

#: A regression on an indicator needs this many months on either side.
FEWEST_CUTS = 10

#: The joint test leaves out what begins later than this many months into the sample.
LATEST_START = 24

#: By claim, the key of its grid that names the driver.
DRIVER_KEYS = {
    "rate-sensitive": "rate",
    "credit-gate": "credit",
    "floating-debt-benefit": "rate",
    "dollar": "dollar",
}


@dataclass(frozen=True)
class JointTest:
    """All specifications of a claim at once, under circular shifts of the driver.

    Attributes
    ----------
    median : float
        Median over specifications of the correlation of the driver with small minus large.
    p_value : float
        Share of the shifts whose median lies at least as far to the claimed side.
    specifications, months : int
        What the test joins, on one calendar.
    """

    median: float
    p_value: float
    specifications: int
    months: int


def specifications(claim: Claim, dataset: Dataset) -> Iterator[dict[str, Any]]:
    """Every alternative of a claim's grid whose columns the data set holds."""
    key = DRIVER_KEYS[claim.id]
    drivers = claim.grid.get(key, (claim.primary[key],))
    legs = legs_of(dataset.monthly)
    grid = itertools.product(
        [leg for leg in claim.grid["leg"] if leg in legs],
        [name for name in drivers if not missing_columns(dataset.monthly, name)],
        claim.grid.get("fall", (None,)),
        claim.grid["era"],
        claim.grid["market"],
    )
    for leg, driver, fall, era, market in grid:
        yield {"leg": leg, "driver": driver, "fall": fall, "era": era, "market": market}


def slope_table(dataset: Dataset, claim: Claim, lags: int) -> pd.DataFrame:
    """Slope of every alternative of a grid.

    Returns
    -------
    DataFrame
        ``leg, driver, fall, era, market, slope, low, high, p, n, reason``; `reason` says why a
        row has no slope, `slope` is the return per unit of the driver; for falls, the yearly
        return of cut months less that of other months.
    """
    rows = []
    returns = _returns_by_leg(dataset, claim)
    for _, alike in itertools.groupby(specifications(claim, dataset), _without_market):
        specs = list(alike)
        frame = _frame(dataset.monthly, returns, claim, specs[0])
        rows += [{**spec, **_as_row(_fit_one(frame, spec, lags), spec)} for spec in specs]
    columns = ["leg", "driver", "fall", "era", "market"]
    return pd.DataFrame(rows, columns=[*columns, "slope", "low", "high", "p", "n", "reason"])


def table_words(table: pd.DataFrame, sign: int) -> str:
    """How many alternatives point the claimed way, and how many of them beyond chance."""
    known = table[table["reason"] == ""]
    if known.empty:
        return ""
    towards = sign * known["slope"] > 0
    beyond = towards & (known["p"] < 0.05)
    beside = known["market"].astype(bool)
    return (
        f"Of {len(known)} specifications ({len(table) - len(known)} left out with a reason)"
        f" {towards.mean():.0%} point the claimed way, {beyond.mean():.0%} with p below 5%;"
        f" beside the market it is {_share(towards, beside)} and {_share(beyond, beside)}."
    )


def joint_test(dataset: Dataset, claim: Claim, sign: int) -> JointTest | Refusal:
    """Median correlation over the grid against circular shifts of the driver.

    Every specification's small-minus-large return is freed of its mean and, where the grid says
    so, of the market; the driver's calendar is then turned by every number of months, all
    specifications by the same.

    Parameters
    ----------
    dataset : Dataset
    claim : Claim
    sign : {-1, 1}
        Claimed sign of the slope.

    Notes
    -----
    Correlations at all shifts come from one Fourier transform a specification. Surveys by quarter,
    and drivers or legs that begin more than :data:`LATEST_START` months into the sample, are not
    joined.
    """
    within = str(claim.primary["era"])
    specs = [s for s in specifications(claim, dataset) if s["driver"] != "lending_standards"]
    returns = _returns_by_leg(dataset, claim)
    frames = {
        (leg, driver): sample_of(
            returns[leg], monthly_change(dataset.monthly, driver), within=within
        )
        for leg, driver in dict.fromkeys((s["leg"], s["driver"]) for s in specs)
    }
    longest = max((len(frame) for frame in frames.values()), default=0)
    if longest < FEWEST_MONTHS:
        return Refusal(f"only {longest} months for the joint test; {FEWEST_MONTHS} are needed")
    start = min(frame.index[0] for frame in frames.values() if len(frame))
    used = {k: f for k, f in frames.items() if len(f) and f.index[0] <= start + LATEST_START}
    calendar = pd.period_range(
        max(frame.index[0] for frame in used.values()),
        min(frame.index[-1] for frame in used.values()),
        freq="M",
    )
    joined = {key: frame.loc[calendar[0] : calendar[-1]] for key, frame in used.items()}
    turned = [
        _shifted(joined[spec["leg"], spec["driver"]], spec)
        for spec in specs
        if (spec["leg"], spec["driver"]) in joined
    ]
    correlations = [values for values in turned if values is not None]
    if not correlations:
        return Refusal("no era of the grid is long enough for the joint test")
    medians = sign * np.median(np.array(correlations), axis=0)
    return JointTest(
        median=float(sign * medians[0]),
        p_value=float(np.mean(medians >= medians[0] - 1e-12)),
        specifications=len(correlations),
        months=len(calendar),
    )


def joint_words(joint: JointTest | Refusal) -> str:
    """The joint test in one sentence."""
    if isinstance(joint, Refusal):
        return f"No joint test: {joint.reason}."
    return (
        f"Joined over {joint.specifications} specifications, the median correlation is"
        f" {joint.median:+.2f}; turning the calendar does as well in {joint.p_value:.1%} of cases."
    )


def _without_market(spec: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value for key, value in spec.items() if key != "market")


def _returns_by_leg(dataset: Dataset, claim: Claim) -> dict[str, pd.DataFrame]:
    known = set(legs_of(dataset.monthly))
    return {leg: returns_of(dataset, leg) for leg in claim.grid["leg"] if leg in known}


def _frame(
    monthly: pd.DataFrame,
    returns: Mapping[str, pd.DataFrame],
    claim: Claim,
    spec: Mapping[str, Any],
) -> pd.DataFrame:
    chosen = returns[spec["leg"]]
    if spec["driver"] == "lending_standards":
        return quarterly_sample(chosen, monthly["lending_standards"], spec["era"])
    driver = monthly_change(monthly, spec["driver"])
    if spec["fall"] is not None:
        driver = cut_months(driver, spec["fall"])
    return sample_of(chosen, driver, spec["era"], str(claim.primary["era"]))


def _fit_one(frame: pd.DataFrame, spec: Mapping[str, Any], lags: int) -> Slope | Refusal:
    refused = None if spec["fall"] is None else too_few_cuts(frame)
    if refused is not None:
        return refused
    fewest = FEWEST_QUARTERS if spec["driver"] == "lending_standards" else FEWEST_MONTHS
    return fit_slope(frame, lags=lags, market=spec["market"], fewest=fewest)


def too_few_cuts(frame: pd.DataFrame) -> Refusal | None:
    """Refusal where a sample holds too few months with a cut, or without."""
    cuts = int(frame["driver"].sum())
    if min(cuts, len(frame) - cuts) < FEWEST_CUTS:
        return Refusal(
            f"{cuts} of {len(frame)} months had a cut; at least {FEWEST_CUTS} with and"
            f" {FEWEST_CUTS} without are needed"
        )
    return None


def _as_row(result: Slope | Refusal, spec: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(result, Refusal):
        return {"reason": result.reason}
    scale = 1.0 if spec["fall"] is None else 12.0
    return {
        "slope": scale * result.slope,
        "low": scale * result.low,
        "high": scale * result.high,
        "p": result.p_value,
        "n": result.n,
        "reason": "",
    }


def _share(flags: pd.Series, chosen: pd.Series) -> str:
    return f"{flags[chosen].mean():.0%}" if chosen.any() else "none"


def _shifted(frame: pd.DataFrame, spec: Mapping[str, Any]) -> np.ndarray | None:
    """Correlation of the freed spread with the driver at every circular shift."""
    inside = frame.index.slice_indexer(*ERAS[spec["era"]])
    era = np.zeros(len(frame), dtype=bool)
    era[inside] = True
    change = frame["driver"]
    driver = (change if spec["fall"] is None else cut_months(change, spec["fall"])).to_numpy()
    if era.sum() < FEWEST_MONTHS or np.ptp(driver[era]) == 0:
        return None
    columns = [np.ones(len(frame))] + ([frame["market"].to_numpy()] if spec["market"] else [])
    design = np.column_stack(columns)
    spread = frame["spread"].to_numpy()
    freed = np.zeros(len(frame))
    fitted = design[era] @ np.linalg.lstsq(design[era], spread[era], rcond=None)[0]
    freed[era] = spread[era] - fitted
    return shift_correlations(freed, driver, era)


def shift_correlations(freed: np.ndarray, driver: np.ndarray, era: np.ndarray) -> np.ndarray:
    """Correlation of `freed` with `driver` turned by 0, 1, … months, inside `era`.

    Parameters
    ----------
    freed : ndarray, shape (T,)
        Sums to zero inside `era`, zero outside.
    driver : ndarray, shape (T,)
    era : ndarray of bool, shape (T,)

    Returns
    -------
    ndarray, shape (T,)
        Zero where the turned driver does not move inside the era.
    """
    inside, count = era.astype(float), era.sum()
    products, sums, squares = (
        _correlate(weight, turned)
        for weight, turned in ((freed, driver), (inside, driver), (inside, driver**2))
    )
    spread = np.sqrt(np.maximum(squares - sums**2 / count, 0.0) * (freed @ freed))
    safe = np.where(spread > 1e-12, spread, 1.0)
    return np.where(spread > 1e-12, products / safe, 0.0)


def _correlate(weight: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """Σ_t weight_t · turned_{t−s} for every shift s, by the convolution theorem."""
    length = len(weight)
    return np.fft.irfft(np.fft.rfft(weight) * np.conj(np.fft.rfft(turned)), length)
