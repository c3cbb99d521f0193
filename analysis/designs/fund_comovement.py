"""Whether some funds gain on the large-cap fund in the months in which small caps do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.grids import Outcome, grid_table
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    ESTIMATES,
    JOINT_DRAWS,
    ReturnName,
    pair_of,
    slope_finding,
    slope_numbers,
)
from analysis.inference.joint_slopes import JointSlopes, joint_slopes
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.eras import in_era
from analysis.panel.fund_pairs import leg_returns, missing_leg
from analysis.panel.fund_returns import monthly_returns
from analysis.results import Finding, Refusal, first_refusal, p_words

AXES = ("leg", "market", "era")

MEASURES = {
    "smallest_slope": "return per unit of small minus large",
    "largest_p": "p-value",
    "lowest_high": "return per unit of small minus large",
}

#: A fund and the one it is held against: ``RSP/SPY``.
PairName = Annotated[str, Field(pattern=r"^[A-Z]{1,6}/[A-Z]{1,6}$")]


class FundComovementArguments(Arguments):
    """Which pairs of funds are set against which leg."""

    pairs: Annotated[list[PairName], Field(min_length=1, description="fund/the one it is against")]
    leg: ReturnName
    market: bool = Field(description="control for the market")
    era: EraName
    hac_lags: HacLags


@dataclass(frozen=True)
class FundComovement(Study):
    """The finding, and the slope of every pair.

    Attributes
    ----------
    slopes : mapping of str to Slope
        By pair.
    """

    slopes: Mapping[str, Slope] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """``pair, slope, low, high, p, months``: return per unit of small minus large."""
        rows = [
            (name, *slope_numbers(one)) for name, one in self.slopes.items() if one.refusal is None
        ]
        return pd.DataFrame(rows, columns=["pair", "slope", "low", "high", "p", "months"])


@design(arguments=FundComovementArguments, measures=MEASURES, axes=AXES)
def fund_comovement(
    dataset: Dataset, specification: Specification[FundComovementArguments], sampling: Sampling
) -> FundComovement:
    """Test whether every pair of funds moves with small minus large; the weakest decides."""
    arguments = specification.arguments
    lags, names = arguments.hac_lags, list(arguments.pairs)
    own = _samples(dataset, names, arguments.leg, arguments.era)
    lacking = own if isinstance(own, Refusal) else None
    slopes: dict[str, Slope] = {}
    if not isinstance(own, Refusal):
        slopes = {
            name: fit_slope(one, lags=lags, market=arguments.market) for name, one in own.items()
        }
    rows: list[tuple[dict[str, Any], Outcome]] = []
    pairs = []
    for one in specification.combinations(*AXES):
        samples = _samples(dataset, names, one["leg"], one["era"])
        if isinstance(samples, Refusal):
            rows.append((one, samples))
            continue
        fits = [fit_slope(part, lags=lags, market=one["market"]) for part in samples.values()]
        refused = first_refusal(*fits)
        if refused is not None:
            rows.append((one, refused))
            continue
        weakest = min(fits, key=lambda fit: fit.slope / fit.error)
        rows.append((one, slope_numbers(weakest)))
        pairs += [pair_of(part, one["market"]) for part in samples.values()]
    grid = grid_table(AXES, ESTIMATES, rows)
    joint = joint_slopes(pairs, JOINT_DRAWS, sampling.seed)
    return FundComovement(specification, _finding(slopes, lacking, joint), grid, slopes)


def _samples(
    dataset: Dataset, pairs: list[str], leg: str, era: str
) -> dict[str, pd.DataFrame] | Refusal:
    """Return of each pair beside small minus large and the market, in the months that have all."""
    funds = dict.fromkeys(name for pair in pairs for name in pair.split("/"))
    if dataset.funds is None or not set(funds) <= set(dataset.funds.columns):
        needs = "latest" if dataset.data == "bundled" else None
        return Refusal(f"needs closes of {', '.join(funds)}", needs=needs)
    missing = missing_leg(dataset, leg)
    if missing is not None:
        return missing
    returns = monthly_returns(dataset.funds[list(funds)]).loc[: dataset.as_of]
    driver, market = leg_returns(dataset, leg), dataset.monthly["market_excess"]
    made = {}
    for pair in pairs:
        first, second = pair.split("/")
        columns = {"spread": returns[first] - returns[second], "driver": driver, "market": market}
        made[pair] = in_era(pd.DataFrame(columns).dropna(), era)
    return made


def _finding(slopes: Mapping[str, Slope], lacking: Refusal | None, joint: JointSlopes) -> Finding:
    refused = first_refusal(lacking, *slopes.values())
    if refused is not None:
        return Finding.refused(refused)
    weakest = min(slopes, key=lambda name: slopes[name].slope / slopes[name].error)
    told = "; ".join(
        f"{name.replace('/', ' less ')} {one.slope:+.2f} points (p {p_words(one.p_value)})"
        for name, one in slopes.items()
    )
    largest_p = max(one.p_value for one in slopes.values())
    found = slope_finding(
        slopes[weakest],
        unit="return per unit of small minus large",
        null="some pair does not move with small minus large",
        finding=f"In a month in which small caps gained a point on large ones: {told}.",
        sensitivity="",
        measures={
            "smallest_slope": min(one.slope for one in slopes.values()),
            "largest_p": largest_p,
            "lowest_high": min(one.high for one in slopes.values()),
        },
        joint=joint,
    )
    return replace(found, p_value=largest_p)
