"""Whether the valuation gap between small and large moves with a rate, from June to June."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from analysis.designs.arguments import EraName, HacLags
from analysis.designs.registry import Arguments, Sampling, Specification, Study, design
from analysis.designs.regressions import (
    Case,
    combinations,
    p_words,
    regression_table,
    slope_finding,
)
from analysis.inference.slopes import Slope, fit_slope
from analysis.panel import Dataset
from analysis.panel.drivers import DRIVERS, driver_level, missing_driver
from analysis.panel.eras import in_era
from analysis.results import Finding, Refusal, first_refusal

#: A regression on yearly changes needs this many years.
FEWEST_YEARS = 15

#: Market values of June or of the December before, as sentences have them.
BASES = {"june": "June market values", "december": "December's"}

_POINT = 0.01

_RATES = tuple(name for name, driver in DRIVERS.items() if driver.measured == "change")

MEASURES = {
    "slope_lowest": "log points of the gap per unit of rate",
    "slope_p_highest": "p-value",
    "slope_high_highest": "log points of the gap per unit of rate",
}


class GapExposureArguments(Arguments):
    """Which gap is set against which rate, over how long a change."""

    basis: Literal["june", "december", "both"] = Field(
        description="market values of June, of the December before, or the worse of the two"
    )
    driver: Annotated[
        Literal[_RATES],  # type: ignore[valid-type]
        Field(description=f"rate, one of {', '.join(_RATES)}"),
    ]
    era: EraName
    hac_lags: HacLags
    months: int = Field(ge=12, le=60, multiple_of=12, description="over which both change")


@dataclass(frozen=True)
class GapExposure(Study):
    """The finding, and the changes behind it.

    Attributes
    ----------
    changes : DataFrame
        By June, columns ``june, december`` (log points) and the rates of argument and grid that
        the data hold (decimal); empty where the data set has no gap or not the rate.
    """

    changes: pd.DataFrame = field(repr=False)


@design(arguments=GapExposureArguments, measures=MEASURES, axes=("basis", "driver", "era"))
def gap_exposure(
    dataset: Dataset, specification: Specification[GapExposureArguments], sampling: Sampling
) -> GapExposure:
    """Test whether small caps get cheaper against large ones as a rate rises."""
    arguments, axes = specification.arguments, specification.grid
    lags, basis, months = arguments.hac_lags, arguments.basis, arguments.months
    wanted = dict.fromkeys((arguments.driver, *map(str, axes.get("driver", ()))))
    changes = in_era(gap_changes(dataset, tuple(wanted), months), arguments.era)

    def fitted(sample: pd.DataFrame, market: bool = False) -> Slope:
        return fit_slope(sample, lags=lags, market=market, fewest=FEWEST_YEARS)

    grid = regression_table(list(axes), _cases(specification, changes), fitted)
    lacking = _missing(dataset, arguments.driver)
    if lacking is not None:
        refused = Finding.refused(lacking)
        return GapExposure(specification, refused, grid, changes)
    bases = tuple(BASES) if basis == "both" else (basis,)
    fits = {name: fitted(_sample(changes, name, arguments.driver)) for name in bases}
    refusal = first_refusal(*fits.values())
    finding = (
        _finding(specification, fits, grid) if refusal is None else Finding.refused(refusal.reason)
    )
    return GapExposure(specification, finding, grid, changes)


def gap_changes(dataset: Dataset, drivers: tuple[str, ...], months: int) -> pd.DataFrame:
    """Change of the valuation gap and of rates over some years, from June to June.

    Parameters
    ----------
    dataset : Dataset
    drivers : tuple of str
        Rates; those the data set does not hold are left out, and without the first there is
        nothing.
    months : int
        A multiple of twelve.

    Returns
    -------
    DataFrame by June
        ``june, december`` (log points) and the rates (decimal); a June whose earlier June is not
        held is left out.
    """
    held = [name for name in drivers if missing_driver(dataset, name) is None]
    if dataset.valuation is None or drivers[0] not in held:
        return pd.DataFrame(columns=list(BASES), index=pd.PeriodIndex([], freq="M"), dtype=float)
    gaps = dataset.valuation[[f"gap_{basis}" for basis in BASES]].set_axis(list(BASES), axis=1)
    gaps = gaps[gaps.index.month == 6]
    rates = {name: driver_level(dataset.monthly, name).reindex(gaps.index) for name in held}
    levels = gaps.assign(**rates)
    earlier = levels.reindex(levels.index - months).set_axis(levels.index)
    return (levels - earlier)[(levels.index - months).isin(levels.index)]


def _missing(dataset: Dataset, driver: str) -> Refusal | None:
    lacking = missing_driver(dataset, driver)
    if lacking is None and dataset.valuation is None:
        what = "book-to-market by size"
        if dataset.data == "bundled":
            return Refusal(f"needs the latest data: {what}", needs="latest")
        return Refusal(f"the data set does not hold {what}")
    return lacking


def _sample(changes: pd.DataFrame, basis: str, driver: str) -> pd.DataFrame:
    return changes[[basis, driver]].set_axis(["spread", "driver"], axis=1).dropna()


def _cases(specification: Specification[GapExposureArguments], changes: pd.DataFrame) -> list[Case]:
    """Every specification of the grid, with its sample or the reason why there is none."""
    cases = []
    for axes in combinations(specification.grid):
        one = specification.arguments.model_copy(update=axes)
        held = one.driver in changes
        sample = _sample(changes, one.basis, one.driver) if held else pd.DataFrame()
        reason = "" if held else f"the data set does not hold the {DRIVERS[one.driver].words}"
        cases.append(Case(axes, sample, one.era, False, reason))
    return cases


def _finding(
    specification: Specification[GapExposureArguments],
    fits: dict[str, Slope],
    grid: pd.DataFrame,
) -> Finding:
    """The finding, from one slope or the worse of two."""
    driver, months = DRIVERS[specification.arguments.driver], specification.arguments.months
    low = min(fits.values(), key=lambda fit: fit.slope)
    worst_p = max(fit.p_value for fit in fits.values())
    period = "a year" if months == 12 else f"{months // 12} years"
    moved = " and ".join(
        f"{_POINT * fit.slope:+.3f}{' log points' if not number else ''} on {BASES[basis]}"
        f" (p {p_words(fit.p_value)})"
        for number, (basis, fit) in enumerate(fits.items())
    )
    return slope_finding(
        low,
        unit="log points of the gap per unit of rate",
        periods=1,
        p_value=worst_p,
        null=f"the valuation gap does not move with the {driver.words}",
        finding=(
            f"Over {low.n} years, in {period} in which {driver.subject} rose by"
            f" {driver.step_words} the gap moved by {moved}, against {period} without a change."
        ),
        sensitivity=_grid_words(grid),
        measures={
            "slope_lowest": low.slope,
            "slope_p_highest": worst_p,
            "slope_high_highest": max(fit.high for fit in fits.values()),
        },
        grid=grid,
    )


def _grid_words(grid: pd.DataFrame) -> str:
    if grid.empty:
        return ""
    known = grid[grid["reason"] == ""]
    wider = known["slope"] > 0
    return (
        f"Of {len(known)} specifications by basis, rate and era ({len(grid) - len(known)} left out)"
        f" {wider.sum()} have the gap widen as rates rise, {(wider & (known['p'] < 0.05)).sum()}"
        " with p below 5%."
    )
