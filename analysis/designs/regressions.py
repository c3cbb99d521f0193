"""What the designs that regress small minus large on a driver share: samples, grids, words."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.registry import Specification
from analysis.inference.shifted_correlations import MedianCorrelation, Pair, median_correlation
from analysis.inference.slopes import FEWEST_MONTHS, Slope
from analysis.panel import LEGS, Dataset
from analysis.panel.drivers import by_quarter, missing_driver
from analysis.panel.eras import in_era
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.results import Finding, Refusal, first_refusal

#: The joint test leaves out what begins later than this many months into the sample.
LATEST_START = 24

#: Columns of a table of regressions, after those of the axes.
ESTIMATES = ("slope", "low", "high", "p", "n", "reason")

#: A small-minus-large return: a leg of the panel, or one fund less another.
ReturnName = Annotated[
    Literal[(*LEGS, "iwm_spy")],  # type: ignore[valid-type]
    Field(description=f"small minus large, one of {', '.join((*LEGS, 'iwm_spy'))}"),
]

#: Claimed sign of a slope or difference.
Sign = Annotated[Literal[-1, 1], Field(description="claimed sign: -1 or 1")]


@dataclass(frozen=True)
class Case:
    """One specification of a grid.

    Attributes
    ----------
    axes : mapping of str to value
        Of the claim's grid.
    sample : DataFrame
        ``spread, driver`` and, where controlled for, ``market``, in the claim's own era; empty
        where the data set does not hold them.
    era : str
        Part of the sample the specification looks at.
    market : bool
        Whether it controls for the market.
    reason : str
        Why there is no sample; empty where there is one.
    """

    axes: Mapping[str, Any]
    sample: pd.DataFrame = field(repr=False)
    era: str
    market: bool
    reason: str = ""


def combinations(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of a grid's alternatives, the last axis fastest; none without an axis."""
    if not grid:
        return []
    axes = list(grid)
    return [
        dict(zip(axes, values, strict=True))
        for values in itertools.product(*(grid[axis] for axis in axes))
    ]


def missing_of(dataset: Dataset, leg: str, *drivers: str | None) -> Refusal | None:
    """Why a data set lacks a leg or a driver; None where it has them all."""
    lacking = (missing_driver(dataset, name) for name in drivers if name is not None)
    return first_refusal(missing_leg(dataset, leg), *lacking)


def cases_of(
    dataset: Dataset,
    specification: Specification[Any],
    sample: Callable[[Any], pd.DataFrame],
) -> list[Case]:
    """Every specification of a grid, with its sample or the reason why there is none.

    Parameters
    ----------
    dataset : Dataset
    specification : Specification
        Of a design with the arguments ``leg, driver, era, market``.
    sample : callable
        Sample of some arguments in their era, called once where only era and market differ.
    """
    arguments = specification.arguments
    own = {"era": arguments.era, "market": arguments.market}
    cases, samples = [], {}
    for axes in combinations(specification.grid):
        one = arguments.model_copy(update=axes)
        key, lacking = one.model_copy(update=own), missing_of(dataset, one.leg, one.driver)
        if key not in samples:
            samples[key] = sample(key) if lacking is None else pd.DataFrame()
        reason = "" if lacking is None else lacking.reason
        cases.append(Case(axes, samples[key], one.era, bool(one.market), reason))
    return cases


def join_sample(
    dataset: Dataset,
    leg: str,
    driver: pd.Series,
    era: str,
    *,
    market: bool = False,
    quarterly: bool = False,
) -> pd.DataFrame:
    """Small minus large beside a driver, in the months, or quarters, that have both.

    Parameters
    ----------
    dataset : Dataset
    leg : str
        Small minus large, held by the data set.
    driver : Series by month
    era : str
    market : bool
        Add the market in excess of the bill.
    quarterly : bool
        Add the returns up over quarters; the driver is a survey by quarter.

    Returns
    -------
    DataFrame, columns ``spread, driver`` and, if asked for, ``market``
        Decimals, without NaN.
    """
    columns = {"spread": leg_returns(dataset, leg)}
    if market:
        columns["market"] = dataset.monthly["market_excess"]
    if quarterly:
        return by_quarter(in_era(pd.DataFrame(columns), era), driver)
    return in_era(pd.DataFrame({**columns, "driver": driver}), era).dropna()


def regression_table(
    axes: Sequence[str],
    cases: Sequence[Case],
    fit: Callable[[pd.DataFrame, bool], Slope],
    scale: float = 1.0,
) -> pd.DataFrame:
    """Slope of every specification of a grid.

    Parameters
    ----------
    axes : sequence of str
        Of the grid.
    cases : sequence of Case
    fit : callable
        Slope of a sample, controlling for the market or not.
    scale : float
        What slopes and intervals are multiplied by.

    Returns
    -------
    DataFrame
        The axes, then :data:`ESTIMATES`; `reason` says why a row has no slope.
    """
    rows = []
    for case in cases:
        row: dict[str, Any] = {**case.axes, "reason": case.reason}
        if not case.reason:
            found = fit(in_era(case.sample, case.era), case.market)
            row["reason"] = "" if found.refusal is None else found.refusal.reason
            if found:
                row |= {"slope": scale * found.slope, "p": found.p_value, "n": found.n}
                row |= {"low": scale * found.low, "high": scale * found.high}
        rows.append(row)
    return pd.DataFrame(rows, columns=[*axes, *ESTIMATES])


def joint_test(cases: Sequence[Case], sign: int) -> MedianCorrelation:
    """Median correlation over a grid against circular shifts of the driver.

    Surveys by quarter, and samples that begin more than :data:`LATEST_START` months after the
    first, are not joined.
    """
    monthly = [case for case in cases if not case.reason and case.sample.index.freqstr == "M"]
    longest = max((len(case.sample) for case in monthly), default=0)
    if longest < FEWEST_MONTHS:
        return MedianCorrelation.refused(
            f"only {longest} months for the joint test; {FEWEST_MONTHS} are needed"
        )
    held = [case for case in monthly if len(case.sample)]
    start = min(case.sample.index[0] for case in held)
    early = [case for case in held if case.sample.index[0] <= start + LATEST_START]
    calendar = pd.period_range(
        max(case.sample.index[0] for case in early),
        min(case.sample.index[-1] for case in early),
        freq="M",
    )
    pairs = []
    for case in early:
        sample = case.sample.reindex(calendar)
        if not sample.isna().to_numpy().any():
            inside = calendar.isin(in_era(sample, case.era).index)
            control = sample["market"].to_numpy() if case.market else None
            pairs.append(
                Pair(sample["spread"].to_numpy(), sample["driver"].to_numpy(), inside, control)
            )
    return median_correlation(pairs, sign, FEWEST_MONTHS)


def joint_words(joint: MedianCorrelation) -> str:
    """The joint test in one sentence."""
    if joint.refusal is not None:
        return f"No joint test: {joint.refusal.reason}."
    return (
        f"Joined over {joint.specifications} specifications, the median correlation is"
        f" {joint.median:+.2f}; turning the calendar does as well in {joint.p_value:.1%} of cases."
    )


def table_words(table: pd.DataFrame, sign: int) -> str:
    """How many specifications point the claimed way, and how many of them beyond chance."""
    known = table[table["reason"] == ""]
    if known.empty:
        return ""
    towards = sign * known["slope"] > 0
    beyond = towards & (known["p"] < 0.05)
    text = (
        f"of {len(known)} specifications ({len(table) - len(known)} left out with a reason)"
        f" {towards.mean():.0%} point the claimed way, {beyond.mean():.0%} with p below 5%"
    )
    if "market" in known:
        controlled = known["market"].astype(bool)
        text += (
            f"; beside the market it is {_share(towards, controlled)}"
            f" and {_share(beyond, controlled)}"
        )
    return f"{text}."


def first_upper(text: str) -> str:
    """A sentence with its first letter in upper case."""
    return f"{text[:1].upper()}{text[1:]}"


def p_words(value: float) -> str:
    """A p-value as a sentence gives it."""
    return "below 0.001" if value < 0.001 else f"{value:.3f}"


def slope_finding(
    slope: Slope,
    *,
    unit: str,
    null: str,
    finding: str,
    sensitivity: str,
    measures: Mapping[str, float | bool],
    scale: float = 1.0,
    periods: int = 12,
    p_value: float | None = None,
    grid: pd.DataFrame | None = None,
) -> Finding:
    """A finding whose headline is one slope.

    Parameters
    ----------
    slope : Slope
    unit, null, finding, sensitivity, measures
        As in :class:`analysis.results.Finding`.
    scale : float
        What the slope is multiplied by to have that unit.
    periods : int
        Observations a year.
    p_value : float, optional
        Other than the slope's own.
    grid : DataFrame, optional
        Its rows are counted, those with a reason as left out.
    """
    ran = None if grid is None else int(grid["reason"].eq("").sum())
    return Finding(
        estimate=scale * slope.slope,
        unit=unit,
        ci_low=scale * slope.low,
        ci_high=scale * slope.high,
        p_value=slope.p_value if p_value is None else p_value,
        n=slope.n,
        effective_n=float(slope.n),
        mde=scale * slope.mde,
        more_needed=slope.more_needed(periods),
        null=null,
        sample_start=slope.first,
        sample_end=slope.last,
        finding=finding,
        sensitivity=sensitivity,
        measures=measures,
        specifications=ran,
        left_out=None if grid is None or ran is None else len(grid) - ran,
    )


def _share(flags: pd.Series, chosen: pd.Series) -> str:
    return f"{flags[chosen].mean():.0%}" if chosen.any() else "none"
