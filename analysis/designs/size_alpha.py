"""Whether size pays once the market and the junk among small firms are controlled for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import BlockMonths, EraName, HacLags, LegName
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.factor_alpha import FactorAlpha, factor_alpha
from analysis.inference.mean_grids import mean_grid
from analysis.inference.power import minimum_detectable, more_years_needed
from analysis.panel import Dataset, legs_of, small_minus_large
from analysis.panel.eras import in_era
from analysis.results import Finding, p_words

AXES = ("region", "leg", "controls", "era")

MEASURES = {
    "alpha": "decimal return a year",
    "alpha_p": "p-value",
    "alpha_low": "decimal return a year",
    "alpha_high": "decimal return a year",
    "raw_premium": "decimal return a year",
}

#: Factors held still, by the panel's names for the United States.
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "market": ("market_excess",),
    "market_profit": ("market_excess", "rmw"),
    "market_profit_value": ("market_excess", "rmw", "hml"),
}

CONTROL_WORDS = {
    "market": "the market",
    "market_profit": "the market and profitability",
    "market_profit_value": "the market, profitability and value",
}

REGION_WORDS = {"us": "the United States", "developed": "developed markets without the US"}


class SizeAlphaArguments(Arguments):
    """Where, by which leg, and what is held still."""

    region: Literal["us", "developed"] = Field(
        description="the United States, or developed markets without them, which have SMB alone"
    )
    leg: LegName
    controls: Annotated[
        Literal["market", "market_profit", "market_profit_value"],
        Field(description="factors held still"),
    ]
    era: EraName
    hac_lags: HacLags
    block_months: BlockMonths


@dataclass(frozen=True)
class SizeAlpha(Study):
    """The finding, and small minus large with and without what is held still.

    Attributes
    ----------
    alphas : mapping of str to FactorAlpha
        By controls, in the claim's region, leg and era.
    """

    alphas: Mapping[str, FactorAlpha] = field(repr=False)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """``held still``, ``alpha``, ``low``, ``high`` (decimal a year), ``p``, ``months``."""
        rows = [
            (CONTROL_WORDS[name], one.estimate, one.ci_low, one.ci_high, one.p_value, one.n)
            for name, one in self.alphas.items()
            if one.refusal is None
        ]
        return pd.DataFrame(rows, columns=["held still", "alpha", "low", "high", "p", "months"])


@design(arguments=SizeAlphaArguments, measures=MEASURES, axes=AXES)
def size_alpha(
    dataset: Dataset, specification: Specification[SizeAlphaArguments], sampling: Sampling
) -> SizeAlpha:
    """Test whether small minus large has an alpha beyond the market and profitability."""
    arguments = specification.arguments
    own = {"region": arguments.region, "leg": arguments.leg, "era": arguments.era}
    lags = arguments.hac_lags
    alphas = {name: alpha_of(dataset, {**own, "controls": name}, lags) for name in CONTROLS}
    choices, samples = [], []
    for one in specification.combinations(*AXES):
        found = alpha_of(dataset, one, lags)
        lacking = "" if found.refusal is None else found.refusal.reason
        choices.append({**one, "lacking": lacking})
        none = pd.Series(dtype=float, index=dataset.monthly.index[:0])
        samples.append(found.left if found.refusal is None else none)
    table = pd.DataFrame(choices, columns=[*AXES, "lacking"])
    grid = mean_grid(
        samples,
        table,
        block=arguments.block_months,
        draws=sampling.draws,
        seed=sampling.seed,
    )
    rows = grid.table
    rows["reason"] = rows["lacking"].where(rows["lacking"].ne(""), rows["reason"])
    rows = rows.drop(columns="lacking")
    finding = _finding(alphas[arguments.controls], arguments, grid if choices else None)
    return SizeAlpha(specification, finding, rows, alphas)


def alpha_of(dataset: Dataset, one: Mapping[str, Any], lags: int) -> FactorAlpha:
    """Alpha of one specification, or why it cannot be had.

    Parameters
    ----------
    dataset : Dataset
    one : mapping
        ``region``, ``leg``, ``controls`` and ``era``, as :class:`SizeAlphaArguments` has them.
    lags : int
        Newey–West lags, months.
    """
    monthly, region = dataset.monthly, one["region"]
    suffix = "" if region == "us" else f"_{region}"
    names = [f"{name}{suffix}" for name in CONTROLS[one["controls"]]]
    wanted = [*names, *([] if region == "us" else [f"smb{suffix}"])]
    if region != "us" and one["leg"] != "smb":
        return FactorAlpha.refused("outside the United States only SMB is at hand")
    if region == "us" and one["leg"] not in legs_of(monthly):
        return FactorAlpha.refused("the data set does not hold this leg")
    if not set(wanted) <= set(monthly.columns):
        return FactorAlpha.refused("needs the latest data: the factor RMW", needs="latest")
    spread = small_minus_large(monthly, one["leg"]) if region == "us" else monthly[f"smb{suffix}"]
    kept = in_era(monthly[names].assign(spread=spread), one["era"])
    return factor_alpha(kept["spread"], kept[names], lags)


def _finding(found: FactorAlpha, arguments: SizeAlphaArguments, grid: Any) -> Finding:
    if found.refusal is not None:
        return Finding.refused(found.refusal)
    needed = more_years_needed(found.estimate, found.error, found.n)
    return Finding(
        **found.headline(),
        mde=minimum_detectable(found.error),
        more_needed=f"{needed} to detect an alpha of the size found",
        null=f"size earns nothing beyond {CONTROL_WORDS[arguments.controls]}",
        sample_start=str(found.left.index[0]),
        sample_end=str(found.left.index[-1]),
        finding=(
            f"In {REGION_WORDS[arguments.region]} small minus large earned {found.raw:+.1%} a year,"
            f" and {found.estimate:+.1%} beyond {CONTROL_WORDS[arguments.controls]} (95% interval"
            f" {found.ci_low:+.1%} to {found.ci_high:+.1%}, p"
            f" {p_words(float(found.p_value or 0))})."
        ),
        sensitivity="" if grid is None else str(grid),
        joint_p=None if grid is None or grid.refusal is not None else grid.p_value,
        measures={
            "alpha": found.estimate,
            "alpha_p": float(found.p_value or 0.0),
            "alpha_low": found.ci_low,
            "alpha_high": found.ci_high,
            "raw_premium": found.raw,
        },
    )
