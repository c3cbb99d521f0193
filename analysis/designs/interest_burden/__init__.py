"""Whether a quoted interest burden lies inside the range of what has been published on debt."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from pydantic import Field

from analysis.designs.grids import grid_table
from analysis.designs.interest_burden.debt_structures import (
    debt_structures,
    repricing_by_duration,
)
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.inference.repricing import final_hit
from analysis.panel import Dataset
from analysis.results import Finding

__all__ = ["InterestBurden", "InterestBurdenArguments", "interest_burden", "repricing_by_duration"]

#: Inputs of the calculator among the metrics of the fact table, as a reader knows them.
INPUTS = {
    "floating_share": "share of debt at floating rates",
    "share_due_by_2029": "share of debt due by 2029",
    "debt_to_ebitda": "debt over earnings before interest, tax and depreciation",
}

#: Indices of the fact table that hold small caps.
SMALL = ("Russell 2000", "Russell 2000 ex-financials", "US small caps")

#: The claim's figure, a percentage of operating earnings.
QUOTED = "hit to operating earnings"

MEASURES = {
    "hit_lowest": "share of operating earnings",
    "hit_highest": "share of operating earnings",
    "range_covers": "share",
    "needed_leverage": "times operating earnings",
}


class InterestBurdenArguments(Arguments):
    """Lowest and highest published value of every input, and the horizon."""

    leverage_low: float = Field(gt=0, description="debt over yearly operating earnings, times")
    leverage_high: float = Field(gt=0, description="debt over yearly operating earnings, times")
    floating_low: float = Field(ge=0, le=1, description="share of debt at floating rates")
    floating_high: float = Field(ge=0, le=1, description="share of debt at floating rates")
    maturing_low: float = Field(ge=0, le=1, description="share of fixed debt due by the horizon")
    maturing_high: float = Field(ge=0, le=1, description="share of fixed debt due by the horizon")
    gap_low: float = Field(gt=0, le=0.2, description="new rate less old, decimal")
    gap_high: float = Field(gt=0, le=0.2, description="new rate less old, decimal")
    years: int = Field(ge=1, le=30, description="horizon, years")
    rounding: float = Field(
        ge=0, le=0.05, description="half of the last digit printed, share of operating earnings"
    )


@dataclass(frozen=True)
class InterestBurden(Study):
    """The finding, and what has been published.

    Attributes
    ----------
    quoted : float
        The claim's figure, a share of operating earnings.
    inputs : DataFrame
        What has been published, with a date: ``input, low, high, unit, provider, date``.
    """

    quoted: float
    inputs: pd.DataFrame = field(repr=False)

    @property
    def years(self) -> int:
        """Horizon, years."""
        return int(self.specification.arguments.years)

    def structures(self, per_step: float, maturing: float) -> pd.DataFrame:
        """Floating share the quoted figure asks for, by debt over operating earnings.

        Parameters
        ----------
        per_step : float
            What each 25 basis points take off, a share of operating earnings.
        maturing : float
            Share of fixed debt maturing within the horizon, evenly.
        """
        widest = float(self.specification.arguments.gap_high)
        return debt_structures(self.quoted, per_step, maturing, widest, self.years)


@design(
    arguments=InterestBurdenArguments,
    measures=MEASURES,
    axes=tuple(
        name for name in InterestBurdenArguments.model_fields if name not in ("years", "rounding")
    ),
)
def interest_burden(
    dataset: Dataset, specification: Specification[InterestBurdenArguments], sampling: Sampling
) -> InterestBurden:
    """Set a quoted burden against the burden at the lowest and at the highest inputs."""
    quoted = specification.figure(QUOTED) / 100
    inputs = published_inputs(dataset.facts["interest_burden"])
    grid = _grid(specification, quoted)
    return InterestBurden(
        specification, _finding(specification, quoted, inputs, grid), grid, quoted, inputs
    )


def published_inputs(facts: pd.DataFrame) -> pd.DataFrame:
    """What has been published, with a date, on small caps' debt.

    Parameters
    ----------
    facts : DataFrame
        The table ``interest_burden``, cut at the month seen.

    Returns
    -------
    DataFrame
        ``input, low, high, unit, provider, date``.
    """
    rows = facts[
        facts["metric"].isin(INPUTS)
        & facts["index"].isin(SMALL)
        & facts["known_month"].notna()
        & facts["value_low"].notna()
    ]
    return pd.DataFrame(
        {
            "input": rows["metric"].map(INPUTS),
            "low": rows["value_low"],
            "high": rows["value_high"],
            "unit": rows["unit"],
            "provider": rows["provider"],
            "date": rows["date"],
        }
    ).sort_values(["input", "date"], ignore_index=True)


def _finding(
    specification: Specification[InterestBurdenArguments],
    quoted: float,
    inputs: pd.DataFrame,
    grid: pd.DataFrame,
) -> Finding:
    arguments = specification.arguments
    low, middle, high = _hits(arguments)
    lacking = [words for words in INPUTS.values() if words not in set(inputs["input"])]
    if lacking:
        return Finding.refused(f"nothing was published by that month on {', '.join(lacking)}")
    covers, needed = range_covers(arguments), quoted / (high / arguments.leverage_high)
    inside = low <= quoted + arguments.rounding and high >= quoted - arguments.rounding
    return Finding(
        estimate=middle,
        unit="share of operating earnings, at the middle of every input",
        null="none: arithmetic over published inputs, not a sample",
        n=len(inputs),
        sample_start=str(inputs["date"].min())[:7],
        sample_end=str(inputs["date"].max())[:7],
        finding=(
            f"{quoted:.0%} {'is possible' if inside else 'is out of reach'}: what has been"
            f" published on small caps' debt gives a rise in yearly interest of {low:.0%} to"
            f" {high:.0%} of operating earnings after {arguments.years} years, {middle:.0%} in the"
            f" middle. That range holds {covers:.0%} of the figures that the highest debt and rates"
            " could give at all."
        ),
        sensitivity=(
            f"{quoted:.0%} asks for debt of {needed:.1f} times operating earnings at the highest"
            " other inputs. With lower upper ends of debt, floating share and rise of the rate,"
            f" {grid['inside'].sum()} of {len(grid)} ranges hold it."
        ),
        measures={
            "hit_lowest": low,
            "hit_highest": high,
            "range_covers": covers,
            "needed_leverage": needed,
        },
        luck=covers,
    )


def range_covers(arguments: InterestBurdenArguments) -> float:
    """Share of all plausible burdens that the registered inputs give.

    Plausible is what the highest debt at the highest rise of the rate can give, from none of it
    repricing to all of it.
    """
    low, _, high = _hits(arguments)
    return (high - low) / (arguments.leverage_high * arguments.gap_high)


def _hits(arguments: InterestBurdenArguments) -> tuple[float, float, float]:
    """Burden at the lowest, the middle and the highest inputs, shares of operating earnings."""
    low = (
        arguments.leverage_low,
        arguments.gap_low,
        arguments.floating_low,
        arguments.maturing_low,
    )
    high = (
        arguments.leverage_high,
        arguments.gap_high,
        arguments.floating_high,
        arguments.maturing_high,
    )
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    return final_hit(*low), final_hit(*middle), final_hit(*high)


def _grid(specification: Specification[InterestBurdenArguments], quoted: float) -> pd.DataFrame:
    """Range of the burden for every alternative end of an input.

    Returns
    -------
    DataFrame
        The axes, ``lowest, highest`` (shares of operating earnings), ``inside`` (the quoted figure
        lies between them), ``reason``.
    """
    rows = []
    for axes in specification.combinations(*specification.grid):
        low, _, high = _hits(specification.arguments.model_copy(update=axes))
        half = specification.arguments.rounding
        inside = low <= quoted + half and high >= quoted - half
        rows.append((axes, (low, high, inside)))
    return grid_table(list(specification.grid), ["lowest", "highest", "inside"], rows)
